"""The change log: pages of ActivityStreams, an Atom feed, lines of JSON and patches from any sequence on, and a tree of
TREE and LDES."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson
from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from publisher.addresses import KINDS, changes_path, event_stream_path
from publisher.catalog import Catalog
from publisher.errors import NotFound
from publisher.harvest import change_log, event_stream
from publisher.harvest.change_log import Change
from publisher.message import Message
from publisher.web.failures import NotAcceptable
from publisher.web.languages import N_
from publisher.web.negotiation import choose
from publisher.web.site import here, reading, site

blueprint = Blueprint("changes", __name__)
ACTIVITY = "application/activity+json"
JSON_LINES = "application/jsonl"
PATCH = "application/rdf-patch"
ATOM = "application/atom+xml"
_KIND = f"any({','.join(KINDS)})"
_WORDS = {"Create": N_("new"), "Update": N_("changed"), "Delete": N_("withdrawn")}
_NAMES = {
    "resource": N_("Record"),
    "agent": N_("Author or publisher"),
    "concept": N_("Keyword"),
    "place": N_("Place"),
    "series": N_("Series, journal or book"),
    "dataset": N_("About the data"),
}
_CHUNK = 1000  # changes that are read at once
_FULL_PAGE_SECONDS = 86_400  # a page with a successor never changes


@blueprint.get("/changes", defaults={"kind": ""})
@blueprint.get(f"/changes/<{_KIND}:kind>")
def collection(kind: str) -> Response:
    """The change log; with `since`, the changes after that sequence as lines of JSON."""
    if "since" in request.args:
        return since(kind)
    catalog = reading().catalog
    chosen = _negotiate(
        changes_path(kind), [(ACTIVITY, "application/ld+json", "application/json"), ("text/html",), (ATOM,)]
    )
    if chosen == "text/html":
        return _answer(_html(change_log.latest(catalog, kind), kind, 0), "text/html; charset=utf-8")
    if chosen == ATOM:
        return feed(kind)
    found = change_log.collection(site().addresses, catalog, site().settings.TITLE, kind)
    return _answer(orjson.dumps(found), chosen)


@blueprint.get("/changes/<int:page>", defaults={"kind": ""})
@blueprint.get(f"/changes/<{_KIND}:kind>/<int:page>")
def collection_page(kind: str, page: int) -> Response:
    """One page of the change log, the oldest change first."""
    catalog = reading().catalog
    pages = change_log.pages(catalog)
    if not 1 <= page <= pages:
        raise NotFound(
            Message("The change log has %(pages)s pages; there is no page %(page)s.", pages=pages, page=page)
        )
    chosen = _negotiate(
        changes_path(kind, page), [(ACTIVITY, "application/ld+json", "application/json"), ("text/html",)]
    )
    seconds = _FULL_PAGE_SECONDS if page < pages else site().settings.CACHE_SECONDS
    if chosen == "text/html":
        return _answer(_html(change_log.of_page(catalog, page, kind), kind, page), "text/html; charset=utf-8", seconds)
    return _answer(orjson.dumps(change_log.collection_page(site().addresses, catalog, page, kind)), chosen, seconds)


@blueprint.get("/changes.atom", defaults={"kind": ""})
@blueprint.get(f"/changes/<{_KIND}:kind>.atom")
def feed(kind: str) -> Response:
    """The latest changes as an Atom feed."""
    settings = site().settings
    author = settings.PUBLISHER_NAME or settings.TITLE
    return _answer(change_log.atom(site().addresses, reading().catalog, settings.TITLE, author, kind), ATOM)


def since(kind: str) -> Response:
    """The changes after a sequence as lines of JSON, the oldest first."""
    addresses = site().addresses

    def line(_: Catalog, change: Change) -> bytes:
        return change_log.json_line(addresses, change)

    return _stream(kind, JSON_LINES, "", line)


@blueprint.get("/changes.rdfp", defaults={"kind": ""})
@blueprint.get(f"/changes/<{_KIND}:kind>.rdfp")
def patches(kind: str) -> Response:
    """The changes after a sequence as RDF Patch, one transaction each, the oldest first."""
    mapping = site().mapping

    def transaction(catalog: Catalog, change: Change) -> bytes:
        return "".join(change_log.patch(mapping, catalog, change)).encode()

    return _stream(kind, PATCH, "rdfp", transaction)


@blueprint.get("/changes/ldes")
def stream() -> Response:
    """The change log as a Linked Data Event Stream: what it is, and the nodes of its tree."""
    catalog = reading().catalog
    seconds = site().settings.CACHE_SECONDS
    return _part_of_stream(lambda: event_stream.root(site().addresses, catalog, seconds), full=False)


@blueprint.get("/changes/ldes/<int:node>")
def stream_node(node: int) -> Response:
    """One node of the event stream: the pages below it."""
    catalog = reading().catalog
    _check(node, change_log.pages(catalog, event_stream.PAGE * event_stream.FAN))
    full = event_stream.is_full(catalog, node * event_stream.FAN)
    return _part_of_stream(lambda: event_stream.node(site().addresses, catalog, node), full=full)


@blueprint.get("/changes/ldes/<int:node>/<int:page>")
def stream_page(node: int, page: int) -> Response:
    """One page of the event stream: its changes with what they say, the oldest first."""
    catalog = reading().catalog
    number = (node - 1) * event_stream.FAN + page
    _check(number if node and 1 <= page <= event_stream.FAN else 0, change_log.pages(catalog, event_stream.PAGE))
    full = event_stream.is_full(catalog, number)
    return _part_of_stream(lambda: event_stream.page(site().mapping, catalog, number), full=full)


def _check(number: int, last: int) -> None:
    if not 1 <= number <= last:
        raise NotFound(Message("The event stream has no such part."))


def _part_of_stream(make: Callable[[], bytes], *, full: bool) -> Response:
    """An answer in TriG; nothing is made if the client has it."""
    _negotiate(event_stream_path(), [(event_stream.MEDIA_TYPE,)])
    response = Response(content_type=event_stream.MEDIA_TYPE)
    kept = f"max-age={_FULL_PAGE_SECONDS}, immutable" if full else f"max-age={site().settings.CACHE_SECONDS}"
    response.headers["Cache-Control"] = f"public, {kept}"
    response.vary.add("Accept")
    state = "full" if full else change_log.last(reading().catalog)
    response.set_etag(f"{state}-{site().fingerprint}")
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(make())
    return response


def _stream(kind: str, media_type: str, extension: str, write: Callable[[Catalog, Change], bytes]) -> Response:
    """What follows `since`, up to `limit` changes; `Link: rel="next"` names where to go on, now or whenever."""
    after, until = _range()
    arguments: dict[str, str | int] = {
        "since": until,
        **({"limit": request.args["limit"]} if "limit" in request.args else {}),
    }
    following = site().addresses.iri(changes_path(kind, 0, extension, arguments))

    folder = site().settings.DATA_DIR

    def body() -> Iterator[bytes]:
        # no transaction of this request, so that a slow client holds none open; what is in the log stays as it is
        catalog = Catalog(folder)
        try:
            for start in range(after, until, _CHUNK):
                found = change_log.changes(catalog, start, min(start + _CHUNK, until), kind)
                yield b"".join(write(catalog, change) for change in found)
        finally:
            catalog.close()

    response = Response(body(), content_type=media_type)
    response.headers["Link"] = f'<{following}>; rel="next"'
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.set_etag(f"{after}-{until}-{kind}-{site().fingerprint}")
    response.make_conditional(request)
    return response


def _range() -> tuple[int, int]:
    """The sequences asked for: those after the first number, up to the second."""
    most = site().settings.CHANGES_LIMIT
    since_, limit = request.args.get("since", "0"), request.args.get("limit", str(most))
    for name, text in (("since", since_), ("limit", limit)):
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise BadRequest(
                Message("%(name)s must be a whole number such as 0, not “%(text)s”.", name=name, text=text[:50])
            )
    if not int(limit):
        raise BadRequest(Message("limit must be at least 1."))
    last = change_log.last(reading().catalog)
    after = min(int(since_), last)
    return after, min(last, after + min(int(limit), most))


def _negotiate(path: str, offers: list[tuple[str, ...]]) -> str:
    """The media type that the client likes best. Programs that do not say get JSON, since the log is for them."""
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], here(path)) for offer in offers])
    return chosen[1]


def _html(found: list[Change], kind: str, page: int) -> str:
    return render_template(
        "changes.html",
        changes=found,
        kind=kind,
        kinds=KINDS,
        page=page,
        pages=change_log.pages(reading().catalog),
        words=_WORDS,
        names=_NAMES,
        changes_path=changes_path,
        event_stream_path=event_stream_path,
    )


def _answer(body: bytes | str, content_type: str, seconds: int | None = None) -> Response:
    response = Response(body, content_type=content_type)
    response.vary.add("Accept")
    kept = site().settings.CACHE_SECONDS if seconds is None else seconds
    response.headers["Cache-Control"] = f"public, max-age={kept}"
    response.add_etag()
    response.make_conditional(request)
    return response
