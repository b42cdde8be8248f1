"""The doors of harvesters: OAI-PMH at /oai, and the receipts of what they ought to have."""

from __future__ import annotations

import threading
import zlib
from dataclasses import asdict
from typing import cast

import orjson
from flask import Blueprint, Response, current_app, request

from publisher import moments
from publisher.errors import NotFound
from publisher.harvest.oai_pmh import Provider
from publisher.items import Items, wanted_time
from publisher.web.failures import fail
from publisher.web.site import here, reading, site

blueprint = Blueprint("oai", __name__)
RETRY_AFTER = 5  # seconds
_LISTS = ("ListRecords", "ListIdentifiers")


@blueprint.record
def _limit(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]  # Flask's setup state
    app.extensions["oai_lists"] = threading.BoundedSemaphore(app.extensions["publisher"].settings.OAI_REQUESTS)


@blueprint.route("/oai", methods=["GET", "POST"])
def oai() -> Response:
    """The answer to a request by GET, or by POST with a form (OAI-PMH 3.1.1)."""
    arguments = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if not any(name == "verb" and value in _LISTS for name, value in arguments):
        return _answer(arguments)
    places = cast(threading.BoundedSemaphore, current_app.extensions["oai_lists"])
    if not places.acquire(blocking=False):
        return fail(503, "Too many lists are being made; come again.", {"Retry-After": str(RETRY_AFTER)})
    try:
        return _answer(arguments)
    finally:
        places.release()


def _answer(arguments: list[tuple[str, str]]) -> Response:
    time = moments.seen_until(site().settings.DATA_DIR)  # before the catalog is looked at
    provider = Provider(reading().catalog, site().mapping, here("/static/oai.css"))
    body = provider.answer(arguments, time)
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    if request.accept_encodings.quality("gzip") > 0:
        body = zlib.compress(body, 1, wbits=31)  # its finest level gains a tenth and takes five times as long
        headers["Content-Encoding"] = "gzip"
    return Response(body, content_type="text/xml; charset=utf-8", headers=headers)


@blueprint.get("/receipt")
def receipt() -> Response:
    """What a set holds now or held at a time (`set`, `until`): count and digest, so that a harvester can prove that it
    has everything."""
    spec, asked = request.args.get("set", ""), request.args.get("until", "")
    items = Items(reading().catalog)
    chosen = items.find_set(spec)
    if chosen is None:
        raise NotFound(f"There is no set {spec[:200]!r} here; OAI-PMH's ListSets lists them.")
    try:
        until = wanted_time(asked, end=True) if asked else ""
    except ValueError:
        return fail(400, "until must be a day, 2024-01-31, or a second, 2024-01-31T09:30:00Z.")
    release, datestamp = items.moment(until)
    body = {
        "repository": site().addresses.oai,
        "set": chosen.spec,
        "until": until or None,
        "release": release,
        "datestamp": datestamp or None,
        **asdict(items.receipt(chosen, release)),
        "algorithm": "sum modulo 2^256 of SHA-256(identifier + space + datestamp) of the items that are not withdrawn",
    }
    return Response(
        orjson.dumps(body, option=orjson.OPT_INDENT_2),
        content_type="application/json",
        headers={"Cache-Control": "no-cache"},
    )
