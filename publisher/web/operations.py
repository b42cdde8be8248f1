"""What those who run the site, and robots, ask for."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Response, current_app

from publisher.addresses import sitemap_path
from publisher.errors import CatalogError, StoreError
from publisher.message import Message
from publisher.web.failures import fail
from publisher.web.site import reading, site

blueprint = Blueprint("operations", __name__)
# facets and searches that narrow one another, queries, pages of who names a thing, harvest doors
ENDLESS = (  # noqa: SIM905
    "/search? /search. /suggest /unapi /sparql? /sparql/examples/*? /oai? /reconcile /changes? /dump/ /*?role= "
    "/*?style= /*?_explain /browse/*?"
).split()


@blueprint.get("/health")
def health() -> Response:
    """200 with the release that is served, if catalog, search index and embedded graphs can be read; else an error says
    why."""
    try:
        here = reading()
        body: dict[str, object] = {"status": "ok", "release": here.number, "published": here.catalog.latest()}
        if here.release is not None:
            # read here and by no worker, so that a server whose workers are all busy is no sick one
            body["records"] = len(here.release.index)
            body |= _state_of_store(here.number)
    except (CatalogError, OSError) as error:
        current_app.logger.error("%s", error)
        return fail(
            503, Message("The current release cannot be read; the log says why, and `publisher verify` what to do.")
        )
    return Response(orjson.dumps(body), content_type="application/json", headers={"Cache-Control": "no-store"})


def _state_of_store(number: int) -> dict[str, object]:
    """A remote store that is down or behind stops queries only, so the site stays in service and says `degraded`."""
    store, waiting = site().store, reading().catalog.waiting()
    try:
        store.check(number)
    except StoreError as error:
        current_app.logger.error("%s", error)
        return {"status": "degraded", "store": "does not answer"}
    if waiting:
        return {"status": "degraded", "store": f"is not yet at this release: {waiting} graphs are left to be sent"}
    return {"store": "ok"}


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Records may be crawled; searches, queries and the parts of lists, of which there is no end, may not."""
    prefix = urlsplit(site().settings.base).path.rstrip("/")
    lines = ["User-agent: *", *(f"Disallow: {prefix}{path}" for path in ENDLESS), ""]
    lines.append(f"Sitemap: {site().addresses.iri(sitemap_path())}")
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
