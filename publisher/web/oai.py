"""The doors of harvesters: OAI-PMH at /oai, and the receipts of what they ought to have."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import asdict, dataclass
from typing import cast
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from isal import isal_zlib

from publisher import moments, resources
from publisher.addresses import relative
from publisher.errors import CatalogError, NotFound
from publisher.harvest.oai_pmh import Provider
from publisher.items import Items, wanted_time
from publisher.message import Message
from publisher.web.failures import fail
from publisher.web.site import Site, reading, site

blueprint = Blueprint("oai", __name__)
RETRY_AFTER = 5  # seconds
AHEAD = 8  # pages that are made before they are asked for, at most
DEPTH = 4  # of them one after the other in the same list
AHEAD_SECONDS = 60.0  # after which nobody comes for one
PATH = "/oai"
STYLESHEET = relative(PATH, "/static/oai.css")
LISTS = ("ListRecords", "ListIdentifiers")
Arguments = tuple[tuple[str, str], ...]


Key = tuple[Arguments, bool]  # what is asked for, and whether the answer is to be packed


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as it is sent, in the state of a release; `following` is the resumptionToken of the next page."""

    release: int
    body: bytes
    verb: str
    following: str

    def next(self, *, packed: bool) -> Key:
        return (("resumptionToken", self.following), ("verb", self.verb)), packed


class Lists:
    """The lists of one process: how many are made at once, and the next pages of each, made while its harvester reads
    the last one, so that it need not wait."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.places = threading.BoundedSemaphore(site.settings.OAI_REQUESTS)
        self.changed = threading.Condition()  # of all that follows
        self.wanted: dict[Key, None] = {}  # the next pages of lists that were read from, the oldest wish first
        self.making: Key | None = None
        self.ahead: dict[Key, tuple[float, Page]] = {}  # when they were made
        self.worker: threading.Thread | None = None

    def answer(self, asked: Arguments, *, packed: bool) -> bytes | None:
        """The answer to a request, in gzip's format if it is to be `packed`; None if it is for a list and too many are
        being made."""
        page = self._take((asked, packed))
        if page is None or page.release != self.site.catalog.current():
            page = self._make_in_place((asked, packed))
        if page is not None and page.following:
            self._wish(page.next(packed=packed))
        return page.body if page is not None else None

    def _make_in_place(self, key: Key) -> Page | None:
        if not any(name == "verb" and value in LISTS for name, value in key[0]):
            return self._make(key)
        if not self.places.acquire(blocking=False):
            return None
        try:
            return self._make(key)
        finally:
            self.places.release()

    def _make(self, key: Key) -> Page:
        asked, packed = key
        moment = moments.seen_until(self.site.settings.DATA_DIR)  # before the catalog is looked at
        with self.site.reading() as reading:
            provider = Provider(reading.catalog, self.site.mapping, STYLESHEET)
            body = provider.answer(asked, moment)
            packed_body = bytes(isal_zlib.compress(body, 1, wbits=31)) if packed else body
            verb = next((value for name, value in asked if name == "verb"), "")
            return Page(reading.number, packed_body, verb, provider.following)

    def _take(self, key: Key) -> Page | None:
        """The page that was made ahead; it is waited for if it is being made."""
        with self.changed:
            self.wanted.pop(key, None)
            while self.making == key:
                self.changed.wait()
            made, page = self.ahead.pop(key, (0.0, None))
        return page if time.monotonic() - made < AHEAD_SECONDS else None

    def _wish(self, key: Key) -> None:
        """Has pages made from this one on, if there are less than two."""
        with self.changed:
            _, page = self.ahead.get(key, (0.0, None))
            if page is not None and (not page.following or page.next(packed=key[1]) in self.ahead):
                return
            if self.worker is None:  # only now, since a server may become several processes before
                self.worker = threading.Thread(target=self._work, daemon=True)
                self.worker.start()
            if len(self.wanted) < AHEAD:
                self.wanted[key] = None
                self.changed.notify_all()

    def _work(self) -> None:
        """Makes the pages that will be asked for next, some of each list: to be woken for each would take longer."""
        while True:
            with self.changed:
                while not self.wanted:
                    self.changed.wait()
                key = next(iter(self.wanted))
                del self.wanted[key]
            following = self._make_ahead(key)
            for _ in range(DEPTH - 1):
                following = self._make_ahead(following) if following is not None else None

    def _make_ahead(self, key: Key) -> Key | None:
        """Makes a page unless it is there; gives the one after it."""
        with self.changed:
            _, page = self.ahead.get(key, (0.0, None))
            if page is None:
                self.making = key
        if page is None:
            try:
                page = self._make(key)
            except (CatalogError, sqlite3.Error):  # told to who asks for it
                page = None
            with self.changed:
                self.making = None
                if page is not None:
                    while len(self.ahead) >= AHEAD:
                        del self.ahead[next(iter(self.ahead))]
                    self.ahead[key] = time.monotonic(), page
                self.changed.notify_all()
        return page.next(packed=key[1]) if page is not None and page.following else None


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
    body = lists.answer(asked, packed=packed)
    if body is None:
        return fail(503, Message("Too many lists are being made; come again."), {"Retry-After": str(RETRY_AFTER)})
    return Response(body, headers=headers_of(packed=packed))


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
    body = lists.answer(asked, packed=packed) if ";q=0" not in encodings.replace(" ", "") else None
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
        raise NotFound(Message("There is no set “%(name)s” here; OAI-PMH's ListSets lists them.", name=spec[:200]))
    try:
        until = wanted_time(asked, end=True) if asked else ""
    except ValueError:
        return fail(400, Message("until must be a day, 2024-01-31, or a second, 2024-01-31T09:30:00Z."))
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
