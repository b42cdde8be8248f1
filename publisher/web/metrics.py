"""Counts what is answered, and tells it to Prometheus (text format 0.0.4)."""

from __future__ import annotations

import atexit
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, g, request

from publisher import use
from publisher.addresses import KINDS
from publisher.errors import QueryError
from publisher.query.text import form
from publisher.settings import Settings
from publisher.use import BUCKETS, Request, Use
from publisher.web import oai
from publisher.web.site import reading, site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("metrics", __name__)
_UNCOUNTED = ("metrics", "operations")  # what those who watch the site ask for
_VERBS = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord")
_VERB = re.compile(r"(?:^|&)verb=(\w+)")
_RECONCILE = ("queries", "query", "extend")
ASKED = "publisher.asked"  # in the environment of a request: its door and operation
Rows = Iterable[tuple[dict[str, str], float]]


def install(app: Flask, settings: Settings) -> None:
    """Counts every request, those that Flask never sees among them, unless USE_DAYS says that nothing is kept."""
    if not settings.USE_DAYS:
        return
    counts = app.extensions["publisher use"] = Use(settings.DATA_DIR, settings.USE_DAYS)
    atexit.register(counts.close)
    app.wsgi_app = _Counting(counts, app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to put one before it

    @app.before_request
    def _() -> None:
        door = request.blueprint or "static"
        request.environ[ASKED] = door, _operation(door)

    @app.after_request
    def _(response: Response) -> Response:
        # the endpoint reads its bodies itself, so that what was asked is known only now
        if request.blueprint == "sparql" and (text := g.get("query", "")):
            try:
                request.environ[ASKED] = "sparql", form(text)
            except QueryError:
                request.environ[ASKED] = "sparql", "malformed"
        return response


class _Counting:
    """A WSGI application around all others, which counts what they answer."""

    def __init__(self, counts: Use, inner: WSGIApplication) -> None:
        self.counts, self.inner = counts, inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        answered: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            answered.append((status, headers))
            return start_response(status, headers, *error)

        body = self.inner(environ, start)
        door, operation = environ.get(ASKED) or _asked_before_flask(environ)
        if answered and door not in _UNCOUNTED and environ["REQUEST_METHOD"] != "OPTIONS":
            status, headers = answered[-1]
            types = [value for name, value in headers if name.lower() == "content-type"] if status[:3] == "200" else []
            client = use.client_of(environ.get("HTTP_USER_AGENT", ""))
            format_name = types[0].partition(";")[0] if types else ""
            counted = Request(door, operation, format_name, client, int(status[:3]))
            self.counts.count(counted, time.perf_counter() - began)
        return body


def _asked_before_flask(environ: WSGIEnvironment) -> tuple[str, str]:
    """The door and operation of a request that the shortcut answered: a harvester's, or for a document."""
    if environ["PATH_INFO"] != oai.PATH:
        return "documents", ""
    asked = _VERB.search(environ.get("QUERY_STRING", ""))
    return "oai", asked[1] if asked and asked[1] in _VERBS else ""


def _operation(door: str) -> str:
    """What was asked of a door that does several things, in its own words."""
    if door == "oai":
        return verb if (verb := request.values.get("verb", "")) in _VERBS else ""
    if door == "reconcile":
        return next((name for name in _RECONCILE if name in request.values), "")
    return ""


@blueprint.get("/metrics")
def metrics() -> Response:
    """Requests, latencies, the release and what it holds, for Prometheus."""
    return Response("".join(_lines()), content_type="text/plain; version=0.0.4", headers={"Cache-Control": "no-store"})


def _lines() -> Iterator[str]:
    here, settings = reading(), site().settings
    if (counts := _counts()) is not None:
        counts.flush()
    yield from _metric("publisher_release", "gauge", "Number of the release that is served.", [({}, here.number)])
    published = datetime.fromisoformat(here.catalog.latest()).timestamp() if here.number else 0
    yield from _metric(
        "publisher_release_published_timestamp_seconds", "gauge", "When it was published.", [({}, published)]
    )
    held = [({"kind": kind}, float(here.catalog.count(kind))) for kind in KINDS]
    yield from _metric("publisher_descriptions", "gauge", "What is published.", held)
    engine = site().engine
    running, waiting = engine.load()
    queries = [({"state": "running"}, float(running)), ({"state": "waiting"}, float(waiting))]
    yield from _metric("publisher_sparql_queries", "gauge", "Queries in the process that answers.", queries)
    requests = [
        ({"door": door, "format": format_name, "status": str(status)}, float(count))
        for door, format_name, status, count in use.totals(settings.DATA_DIR)
    ]
    yield from _metric("publisher_requests_total", "counter", "Requests, as long as USE_DAYS remembers.", requests)
    yield from _latencies(use.latencies(settings.DATA_DIR))


def _counts() -> Use | None:
    found: Use | None = current_app.extensions.get("publisher use")
    return found


def _latencies(found: dict[str, tuple[list[int], float]]) -> Iterator[str]:
    name = "publisher_request_seconds"
    yield f"# HELP {name} Seconds until an answer began.\n# TYPE {name} histogram\n"
    for door, (counts, seconds) in sorted(found.items()):
        total = 0
        for limit, count in zip((*BUCKETS, "+Inf"), counts, strict=True):
            total += count
            yield f'{name}_bucket{{door="{door}",le="{limit}"}} {total}\n'
        yield f'{name}_sum{{door="{door}"}} {seconds}\n{name}_count{{door="{door}"}} {total}\n'


def _metric(name: str, kind: str, meaning: str, rows: Rows) -> Iterator[str]:
    yield f"# HELP {name} {meaning}\n# TYPE {name} {kind}\n"
    for labels, value in rows:
        text = ",".join(f'{label}="{_escaped(given)}"' for label, given in labels.items())
        number = int(value) if float(value).is_integer() else value
        yield f"{name}{{{text}}} {number}\n" if text else f"{name} {number}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
