"""The doors of harvesters: OAI-PMH at /oai, and the receipts of what they ought to have."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import cast
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from isal import isal_zlib

from publisher import moments, resources
from publisher.addresses import relative
from publisher.catalog import Catalog
from publisher.errors import NotFound
from publisher.harvest.oai_pmh import Provider
from publisher.items import Items, wanted_time
from publisher.web.failures import fail
from publisher.web.site import Site, reading, site

blueprint = Blueprint("oai", __name__)
RETRY_AFTER = 5  # seconds
AHEAD = 8  # pages that are made before they are asked for, at most
AHEAD_SECONDS = 60.0  # after which nobody comes for one
PATH = "/oai"
STYLESHEET = relative(PATH, "/static/oai.css")
LISTS = ("ListRecords", "ListIdentifiers")
Arguments = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """An answer as it is sent, in the state of a release; `following` is the resumptionToken of the next page."""

    release: int
    body: bytes
    following: str


class Lists:
    """The lists of one process: how many are made at once, and the next page of each, made while its harvester reads
    the last one, so that it need not wait."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.places = threading.BoundedSemaphore(site.settings.OAI_REQUESTS)
        self.lock = threading.Lock()
        self.worker = ThreadPoolExecutor(1)
        self.ahead: dict[tuple[Arguments, bool], tuple[float, Future[Page]]] = {}

    def answer(self, catalog: Catalog, asked: Arguments, moment: str, *, packed: bool) -> bytes:
        """The answer to a request, in gzip's format if it is to be `packed`."""
        page = self._take((asked, packed), catalog.current())
        if page is None:
            page = self._make(catalog, asked, moment, packed=packed)
        if page.following:
            verb = next(value for name, value in asked if name == "verb")
            self._begin(((("resumptionToken", page.following), ("verb", verb)), packed))
        return page.body

    def _make(self, catalog: Catalog, asked: Arguments, moment: str, *, packed: bool) -> Page:
        provider = Provider(catalog, self.site.mapping, STYLESHEET)
        body = provider.answer(asked, moment)
        packed_body = bytes(isal_zlib.compress(body, 1, wbits=31)) if packed else body
        return Page(catalog.current(), packed_body, provider.following)

    def _take(self, key: tuple[Arguments, bool], release: int) -> Page | None:
        """The page that was made ahead, if it still tells what is published."""
        with self.lock:
            begun, future = self.ahead.pop(key, (0.0, None))
        if future is None or time.monotonic() - begun > AHEAD_SECONDS:
            return None
        page = future.result()
        return page if page.release == release else None

    def _begin(self, key: tuple[Arguments, bool]) -> None:
        with self.lock:
            if key in self.ahead:
                return
            while len(self.ahead) >= AHEAD:
                _, oldest = self.ahead.pop(next(iter(self.ahead)))
                oldest.cancel()
            self.ahead[key] = time.monotonic(), self.worker.submit(self._make_ahead, key)

    def _make_ahead(self, key: tuple[Arguments, bool]) -> Page:
        asked, packed = key
        moment = moments.seen_until(self.site.settings.DATA_DIR)
        with self.site.reading() as reading:
            return self._make(reading.catalog, asked, moment, packed=packed)


@blueprint.record
def _register(state: BlueprintSetupState) -> None:
    site = state.app.extensions["publisher"]
    state.app.extensions["oai"] = Lists(site)


@blueprint.route(PATH, methods=["GET", "POST"])
def oai() -> Response:
    """The answer to a request by GET, or by POST with a form (OAI-PMH 3.1.1)."""
    asked = tuple(sorted([*request.args.items(multi=True), *request.form.items(multi=True)]))
    lists = cast(Lists, current_app.extensions["oai"])
    packed = request.accept_encodings.quality("gzip") > 0
    body = answer(lists, asked, packed=packed)
    if body is None:
        return fail(503, "Too many lists are being made; come again.", {"Retry-After": str(RETRY_AFTER)})
    return Response(body, headers=headers_of(packed=packed))


def answer(lists: Lists, asked: Arguments, *, packed: bool) -> bytes | None:
    """The answer to a request; None if it is for a list and too many are being made."""
    is_list = any(name == "verb" and value in LISTS for name, value in asked)
    if is_list and not lists.places.acquire(blocking=False):
        return None
    try:
        moment = moments.seen_until(lists.site.settings.DATA_DIR)  # before the catalog is looked at
        with lists.site.reading() as reading:
            return lists.answer(reading.catalog, asked, moment, packed=packed)
    finally:
        if is_list:
            lists.places.release()


def headers_of(*, packed: bool) -> dict[str, str]:
    headers = {"Content-Type": "text/xml; charset=utf-8", "Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    return {**headers, "Content-Encoding": "gzip"} if packed else headers


def answer_get(lists: Lists, query: str, encodings: str) -> tuple[list[tuple[str, str]], bytes] | None:
    """Headers and body for a GET of PATH with these `query` and Accept-Encoding, without Flask; None where Flask has to
    see to it."""
    try:
        asked = tuple(sorted(parse_qsl(query, keep_blank_values=True, errors="strict")))
    except (UnicodeDecodeError, ValueError):
        return None
    packed = "gzip" in encodings
    body = answer(lists, asked, packed=packed) if ";q=0" not in encodings.replace(" ", "") else None
    if body is None:
        return None
    return [*headers_of(packed=packed).items(), ("Content-Length", str(len(body)))], body


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


@blueprint.get("/record.xsd")
def record_schema() -> Response:
    """The schema of the format `record`, with the site's own namespace."""
    return Response(resources.text("ontology/record.xsd", site().settings.base), content_type="application/xml")
