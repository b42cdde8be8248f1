"""A query as a client asks it of the endpoint, and the headers of its answer, without Flask: for the views, and for the
shortcut before them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from isal import isal_zlib

from publisher.errors import MalformedQuery, QueryError
from publisher.formats import HTML
from publisher.message import Message
from publisher.query import Answer, Limits, QueryText, form
from publisher.query.hints import SLOW, hints
from publisher.query.service import told
from publisher.web.conditions import accepts_gzip, has_tag
from publisher.web.failures import NotAcceptable
from publisher.web.metrics import ASKED
from publisher.web.negotiation import choose
from publisher.web.site import Reading, Release, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PATH = "/sparql"
BYTE_ORDER_MARK = "\ufeff"  # with which some editors on Windows begin a file
Headers = list[tuple[str, str]]
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
_WORTH = 1000  # bytes from which on a coding saves something
FAILED = "publisher.failed"  # in the environment of a request: the error with which its query has ended already
# what makes each answer another one, so that none may be called the same as the last
_CHANGING = {"NOW", "RAND", "UUID", "STRUUID", "BNODE", "SERVICE"}


class Packed:
    """A large result in gzip's coding, piece by piece."""

    def __init__(self, result: Answer) -> None:
        self.result = result

    def __iter__(self) -> Iterator[bytes]:
        packer = isal_zlib.compressobj(1, wbits=31)
        for piece in self.result:
            yield packer.compress(piece)
        yield packer.flush()

    def close(self) -> None:
        self.result.close()


@dataclass(frozen=True)
class Inquiry:
    """What is asked, in which dataset, and in which format the answer is wanted."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    form: str
    media_type: str
    output: str
    gzipped: bool = False

    @property
    def is_page(self) -> bool:
        return self.output == "html"

    def run(self, site: Site, release: Release) -> Answer:
        """What the release answers. Raises QueryError, CatalogError."""
        return site.engine.run(
            release.graph,
            self.text,
            _FOR_PEOPLE[self.form in ("CONSTRUCT", "DESCRIBE")] if self.is_page else self.output,
            base_iri=site.addresses.sparql,
            default_graphs=self.default_graphs,
            named_graphs=self.named_graphs,
            find=release.find,
        )

    def head(self, site: Site, reading: Reading, page: str = "") -> Headers:
        """The headers of a 304, which are those of a 200, too. `page` is what else a page depends on."""
        headers = [
            ("Cache-Control", f"public, max-age={site.settings.CACHE_SECONDS}"),
            ("Vary", "Accept, Accept-Language" if self.is_page else "Accept, Accept-Encoding"),
            ("SPARQL-Limits", limits_told(site.engine.limits)),
        ]
        waiting = reading.catalog.waiting()  # graphs that a remote store lacks of this release
        if waiting:
            headers.append(("SPARQL-Store-Behind", f"graphs={waiting}"))
        elif not any(word in self.text.upper() for word in _CHANGING):
            digest = hashlib.sha256(repr((self, page)).encode(errors="surrogatepass")).hexdigest()[:16]
            headers.append(("ETag", f'"r{reading.number}-{digest}-{site.fingerprint}"'))
        return headers

    def told(self, limits: Limits, result: Answer) -> Headers:
        """What a client has to know of the result."""
        cut = [f"rows={limits.max_rows}"] if result.truncated else []
        cut += [f"matches={limits.max_matches}"] if result.matches_cut else []
        slow = self.hints(result)
        return [
            *([("SPARQL-Truncated", ", ".join(cut))] if cut else []),
            *([("SPARQL-Hints", ", ".join(slow))] if slow else []),
        ]

    def content(self, result: Answer) -> tuple[Headers, Iterable[bytes]]:
        """Of a result that is no page: what is said of it, and its bytes, which the server closes."""
        charset = "; charset=utf-8" if self.media_type.startswith("text/") else ""
        headers = [("Content-Type", self.media_type + charset)]
        pieces: Iterable[bytes] = result.pieces()
        if not self.gzipped or result.length < _WORTH:
            return [*headers, ("Content-Length", str(result.length))], pieces
        headers.append(("Content-Encoding", "gzip"))
        if not isinstance(pieces, list):
            return headers, Packed(result)
        body = isal_zlib.compress(pieces[0], 1, wbits=31)
        return [*headers, ("Content-Length", str(len(body)))], [body]

    def hints(self, result: Answer) -> list[str]:
        """The names, among HINTS, of what made this query slow, if it was."""
        return hints(QueryText(self.text)) if result.seconds > SLOW else []


def inquire(
    site: Site,
    environ: WSGIEnvironment,
    text: str,
    arguments: Mapping[str, Sequence[str]],
    *,
    people_first: bool = False,
) -> Inquiry:
    """Reads the request. `people_first`: a page where the client has no wish. Raises QueryError, NotAcceptable."""
    most = site.settings.SPARQL_MAX_LENGTH
    if len(text) > most:  # before it is looked at
        raise MalformedQuery(
            Message("The query is longer than %(number)s characters (SPARQL_MAX_LENGTH).", number=most)
        )
    asked = form(text)
    kinds = GRAPHS if asked in ("CONSTRUCT", "DESCRIBE") else RESULTS
    media_type, output = _chosen(
        kinds[-1:] + kinds[:-1] if people_first else kinds, arguments, environ.get("HTTP_ACCEPT", "")
    )
    default, named = arguments.get("default-graph-uri", ()), arguments.get("named-graph-uri", ())
    gzipped = output != "html" and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return Inquiry(text, tuple(default), tuple(named), asked, media_type, output, gzipped)


def answer_get(site: Site, environ: WSGIEnvironment) -> tuple[str, Headers, Iterable[bytes]] | None:
    """Status, headers and body of the answer to a query by GET; None where Flask has to see to it. If the query has
    failed, the environment tells Flask how, so that it is not run again."""
    query_string = environ.get("QUERY_STRING", "")
    if not query_string.isascii():
        return None
    try:
        arguments = parse_qs(query_string, keep_blank_values=True, errors="strict", max_num_fields=100)
        queries = [text.removeprefix(BYTE_ORDER_MARK) for text in arguments.get("query", [])]
        if len(queries) != 1 or not queries[0].strip() or "update" in arguments:
            return None
        inquiry = inquire(site, environ, queries[0], arguments)
    except (ValueError, QueryError, NotAcceptable):
        return None
    with site.reading() as reading:
        release = reading.release
        if release is None or inquiry.is_page:
            return None
        headers = inquiry.head(site, reading)
    environ[ASKED] = "sparql", inquiry.form
    if known(environ, headers):
        return "304 Not Modified", headers, []
    try:
        result = inquiry.run(site, release)
    except QueryError as error:
        environ[FAILED] = error
        return None
    of_content, body = inquiry.content(result)
    return "200 OK", headers + inquiry.told(site.engine.limits, result) + of_content, body


def known(environ: WSGIEnvironment, headers: Headers) -> bool:
    """Whether the client has the answer with these headers already."""
    tags, tag = environ.get("HTTP_IF_NONE_MATCH"), dict(headers).get("ETag")
    return bool(tags and tag and environ["REQUEST_METHOD"] in ("GET", "HEAD") and has_tag(tags, tag))


def _chosen(kinds: Kinds, arguments: Mapping[str, Sequence[str]], accept: str) -> tuple[str, str]:
    """The media type and format of the answer: by `format=`, else by Accept."""
    for asked in [each for each in arguments.get("format", ()) if each][:1]:
        for media_types, name, others in kinds:
            if asked in (name, *media_types, *others):
                return media_types[0], name
        names = ", ".join(name for _, name, _ in kinds)
        raise MalformedQuery(
            Message("There is no format “%(name)s” for this query; there are %(names)s.", name=asked, names=names)
        )
    found = _negotiated(kinds, accept)
    if found is None:
        raise NotAcceptable([(media_types[0], "") for media_types, *_ in kinds])
    return found


@lru_cache(1024)
def _negotiated(kinds: Kinds, accept: str) -> tuple[str, str] | None:
    best = choose(accept, [media_types for media_types, *_ in kinds])
    return (best[1], kinds[best[0]][1]) if best is not None else None


@cache
def limits_told(limits: Limits) -> str:
    """The limits as the header SPARQL-Limits tells them: seconds, bytes, and numbers of things."""
    return ", ".join(f"{name}={number:.12g}" for name, number in told(limits).values())
