"""Runs a query and gives its answer in the format that the client wants: for the endpoint and the named queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from typing import BinaryIO

import orjson
from flask import Response, g, render_template, request

from publisher.errors import MalformedQuery
from publisher.formats import HTML
from publisher.query import Answer, Limits, QueryText, form
from publisher.query.hints import HINTS, SLOW, hints
from publisher.query.service import told
from publisher.web.failures import NotAcceptable, fail
from publisher.web.languages import language
from publisher.web.negotiation import choose
from publisher.web.site import here, reading, site

Kinds = tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]
# media types; the name of the format for the engine and in `format=`, "html" being made of another; and its other names
# there, which SPARQLWrapper sends
RESULTS: Kinds = (
    (("application/sparql-results+json", "application/json"), "json", ()),
    (("application/sparql-results+xml", "application/xml", "text/xml"), "xml", ()),
    (("text/csv",), "csv", ()),
    (("text/tab-separated-values",), "tsv", ()),
    ((HTML,), "html", ()),
)
GRAPHS: Kinds = (
    (("text/turtle", "application/x-turtle"), "turtle", ("ttl", "n3")),
    (("application/n-triples", "text/plain"), "nt", ("ntriples",)),
    (("application/rdf+xml", "application/xml", "text/xml"), "rdfxml", ("xml", "rdf", "rdf+xml")),
    (("application/ld+json", "application/json"), "jsonld", ("json", "json-ld")),
    ((HTML,), "html", ()),
)
_FOR_PEOPLE = {True: "turtle", False: "json"}  # what the page of a result is made of: a graph's, a table's
_SHOWN = 1_000  # rows on a page; a browser is slow with more, and the other formats have them all
_CHUNK = 262_144
# what makes each answer another one, so that none may be called the same as the last
_CHANGING = {"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"}


def answer(
    text: str,
    arguments: dict[str, list[str]],
    *,
    people_first: bool = False,
    template: str = "results.html",
    **shown: object,
) -> Response:
    """What the current release answers. `people_first`: a page where the client has no wish."""
    g.query = text  # for the page of an error
    settings = site().settings
    if len(text) > settings.SPARQL_MAX_LENGTH:  # before it is looked at
        raise MalformedQuery(f"The query is longer than {settings.SPARQL_MAX_LENGTH:,} characters.")
    is_graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    kinds = GRAPHS if is_graph else RESULTS
    media_type, output = chosen(kinds[-1:] + kinds[:-1] if people_first else kinds, arguments)
    release = reading().release
    if release is None:
        return fail(503, "Nothing has been published here yet, so there is nothing to ask.", {"Retry-After": "60"})
    response = Response()
    waiting = reading().catalog.waiting()  # graphs that a remote store lacks of this release
    if waiting:
        response.headers["SPARQL-Store-Behind"] = f"graphs={waiting}"
    elif not any(word in text.upper() for word in _CHANGING):
        spoken = language() if output == "html" else ""
        asked = repr((text, output, media_type, spoken, request.full_path, arguments))
        digest = hashlib.sha256(asked.encode(errors="surrogatepass")).hexdigest()[:16]
        response.set_etag(f"r{release.number}-{digest}-{site().fingerprint}")
    response.headers["Cache-Control"] = f"public, max-age={settings.CACHE_SECONDS}"
    response.vary.add("Accept")
    if request.if_none_match and request.method in ("GET", "HEAD"):
        response.make_conditional(request)
        if response.status_code == 304:
            return response
    result = site().engine.run(
        release.graph,
        text,
        _FOR_PEOPLE[is_graph] if output == "html" else output,
        base_iri=site().addresses.sparql,
        default_graphs=arguments.get("default-graph-uri", []),
        named_graphs=arguments.get("named-graph-uri", []),
        find=release.find,
    )
    notes = _tell(response, result, text)
    if output == "html":
        response.set_data(render_template(template, query=text, notes=notes, local=_local, **_page(result), **shown))
        response.content_type = f"{HTML}; charset=utf-8"
    else:
        response.content_type = media_type + ("; charset=utf-8" if media_type.startswith("text/") else "")
        _stream(response, result)
    return response


def _tell(response: Response, result: Answer, text: str) -> list[str]:
    """Says in the headers what the client has to know of the result; gives it as sentences, too."""
    limits = site().engine.limits
    notes, cut = [], []
    if result.truncated:
        cut.append(f"rows={limits.max_rows}")
        notes.append(limits.cut)
    if result.matches_cut:
        cut.append(f"matches={limits.max_matches}")
        notes.append(
            f"A text search found more than {limits.max_matches:,} records (SPARQL_MAX_MATCHES); "
            "only the best of them were looked at."
        )
    if cut:
        response.headers["SPARQL-Truncated"] = ", ".join(cut)
    if result.seconds > SLOW and (names := hints(QueryText(text))):
        response.headers["SPARQL-Hints"] = ", ".join(names)
        notes += [HINTS[name] for name in names]
    return notes


def _page(result: Answer) -> dict[str, object]:
    with result:
        body = result.body.read()
    if body[:1] != b"{":
        return {"turtle": body.decode()}
    found = orjson.loads(body)
    rows = found.get("results", {}).get("bindings", [])
    return {"result": found, "rows": rows[:_SHOWN], "count": len(rows)}


def _stream(response: Response, result: Answer) -> None:
    """Small results in one piece, which frees the thread at once; large ones piece by piece, as the client reads."""
    if result.length <= _CHUNK:
        with result:
            response.set_data(result.body.read())
        return
    response.response = _chunks(result.body)
    response.call_on_close(result.close)
    response.content_length = result.length


def _chunks(body: BinaryIO) -> Iterator[bytes]:
    while chunk := body.read(_CHUNK):
        yield chunk


def _local(iri: str) -> str:
    """A link to what an IRI names: relative if it is ours, so that it is right under any host."""
    base = site().addresses.base
    return here("/" + iri.removeprefix(base)) if iri.startswith(base) else iri


def chosen(kinds: Kinds, arguments: dict[str, list[str]]) -> tuple[str, str]:
    """The media type and format of the answer: by `format=`, else by Accept."""
    for asked in arguments.get("format", [])[:1]:
        for media_types, name, others in kinds:
            if asked in (name, *media_types, *others):
                return media_types[0], name
        names = ", ".join(name for _, name, _ in kinds)
        raise MalformedQuery(f"There is no format {asked!r} for this query; there are {names}.")
    best = choose(request.headers.get("Accept"), [media_types for media_types, *_ in kinds])
    if best is None:
        raise NotAcceptable([(media_types[0], "") for media_types, *_ in kinds])
    return best[1], kinds[best[0]][1]


def tell_limits(response: Response) -> Response:
    """Every answer of the endpoint carries its limits; seconds, bytes, and numbers of things."""
    response.headers["SPARQL-Limits"] = _told(site().engine.limits)
    return response


@cache
def _told(limits: Limits) -> str:
    return ", ".join(f"{name}={number:.12g}" for name, number in told(limits).values())
