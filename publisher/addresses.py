"""The URL space: the only place that builds a URL.

Paths are below BASE_URL and begin with a slash; IRIs are BASE_URL and a path. HTML uses `relative`, so that a page
works under any host, prefix or preview; RDF, headers and harvest doors use the IRIs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote, unquote, urlencode

KINDS = ("resource", "agent", "concept", "place", "series")
Argument = str | int | tuple[str, ...]  # of a query string; a tuple is given several times
DATASET = ("dataset", "dataset")  # the data set describes itself as one more thing, at a path of its own


REPORT_RULE = "/doc/resource/<key:key>/validation"  # as Flask writes a rule for paths

# the path of a document whose key is the same encoded and decoded, with what may be its extension
PLAIN_DOCUMENT = re.compile(rf"/doc/({'|'.join(KINDS)})/([A-Za-z0-9_~-]+)(?:\.([a-z]+))?")


@lru_cache(10_000)  # names come again and again
def segment(key: str) -> str:
    """A key as one segment of a path."""
    return quote(key, safe="")


def thing_path(kind: str, key: str) -> str:
    """`/id/{kind}/{key}`: what a description is about; answers 303."""
    return "/dataset" if (kind, key) == DATASET else f"/id/{kind}/{segment(key)}"


def document_path(kind: str, key: str, extension: str = "") -> str:
    """`/doc/{kind}/{key}`: the description, negotiated; with an extension, in one format."""
    suffix = f".{extension}" if extension else ""
    return ("/dataset" if (kind, key) == DATASET else f"/doc/{kind}/{segment(key)}") + suffix


def report_path(key: str, extension: str = "") -> str:
    """`/doc/resource/{key}/validation`: what the validation says of a record."""
    return document_path("resource", key) + "/validation" + (f".{extension}" if extension else "")


def quality_path(page: str = "", **arguments: str | int) -> str:
    """`/validation`: the summary of the whole set; its pages `quarantine` and `records`, with their arguments."""
    given = {name: value for name, value in arguments.items() if value not in ("", 0)}
    return "/validation" + (f"/{page}" if page else "") + (f"?{urlencode(given)}" if given else "")


def origins_path(key: str) -> str:
    """`/doc/resource/{key}/source`: which statement of a record comes from which line."""
    return f"{document_path('resource', key)}/source"


def beside(key: str, extension: str, asked: str = "") -> str:
    """A reference from a document to its representation in one format; `asked` is the query that tells which variant
    or language of it."""
    return f"{segment(key)}.{extension}" + (f"?{asked}" if asked else "")


def versions_path(kind: str, key: str) -> str:
    """`/doc/{kind}/{key}/versions`: how a description was."""
    return f"{document_path(kind, key)}/versions"


def version_path(kind: str, key: str, sequence: int, extension: str = "") -> str:
    """`/doc/{kind}/{key}/versions/{sequence}`: one version."""
    return f"{versions_path(kind, key)}/{sequence}" + (f".{extension}" if extension else "")


def changes_of_version_path(kind: str, key: str, sequence: int) -> str:
    """`/doc/{kind}/{key}/versions/{sequence}/changes`: what it added and took away."""
    return f"{version_path(kind, key, sequence)}/changes"


def search_path(**arguments: Argument) -> str:
    """`/search` with the arguments that are not empty."""
    return _asking("/search", arguments)


def results_path(extension: str, arguments: Mapping[str, Argument]) -> str:
    """`/search.{extension}`: the results of a search in one format."""
    return _asking(f"/search.{extension}", arguments)


def asking_path(query: str, **arguments: str | int) -> str:
    """`/sparql` with a query."""
    return _asking("/sparql", {"query": query, **arguments})


def browse_path(facet: str = "", **arguments: str | int) -> str:
    """`/browse/{facet}`: what there is of a kind, in order."""
    return _asking(f"/browse/{facet}" if facet else "/browse", arguments)


def _asking(path: str, arguments: Mapping[str, Argument]) -> str:
    given = {name: value for name, value in arguments.items() if value not in ("", 0, ())}
    return path + (f"?{urlencode(given, doseq=True)}" if given else "")


def changes_path(
    kind: str = "", page: int = 0, extension: str = "", arguments: dict[str, str | int] | None = None
) -> str:
    """`/changes`: the change log, of all kinds or of one; a page of it; or, with `since`, what came after."""
    path = "/".join(["/changes", *([kind] if kind else []), *([str(page)] if page else [])])
    return path + (f".{extension}" if extension else "") + (f"?{urlencode(arguments)}" if arguments else "")


def event_stream_path(node: int = 0, page: int = 0) -> str:
    """`/changes/ldes`: the change log as a Linked Data Event Stream; a node of its tree; a page of a node, from 1."""
    return "/".join(["/changes/ldes", *([str(node)] if node else []), *([str(page)] if page else [])])


def query_path(name: str = "") -> str:
    """`/sparql/examples/{name}`: a named query; without a name, the list of them."""
    return "/sparql/examples" + (f"/{name}" if name else "")


def dump_path(name: str = "") -> str:
    """`/dump/`: the list of the dumps, or one of its files."""
    return f"/dump/{name}"


def sitemap_path(number: int = 0) -> str:
    """`/sitemap.xml`: the index of the sitemaps, or one of them."""
    return f"/sitemap/{number}.xml" if number else "/sitemap.xml"


def resource_sync_path(capability: str = "", number: int = 0) -> str:
    """`/resourcesync/…`: a list of ResourceSync, or a part of it; the source description if no list is named."""
    part = f"-{number}" if number else ""
    return f"/resourcesync/{capability}{part}.xml" if capability else "/.well-known/resourcesync"


def resource_sync_package_path(dump: str, number: int) -> str:
    """`/resourcesync/{dump}-{number}.zip`: a file of a dump of ResourceSync."""
    return f"/resourcesync/{dump}-{number}.zip"


def reconcile_path() -> str:
    """`/reconcile`: the reconciliation service."""
    return "/reconcile"


def relative(current: str, path: str) -> str:
    """A reference from the page at path `current` to `path`, RFC 3986 5.2: right under any prefix."""
    depth = current.count("/") - 1
    return ("../" * depth + path.removeprefix("/")) or "./"


class Addresses:
    """The IRIs of one site."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/") + "/"

    def iri(self, path: str) -> str:
        """The public IRI of a path."""
        return self.base + path.removeprefix("/")

    def thing(self, kind: str, key: str, fragment: str = "") -> str:
        return self.iri(thing_path(kind, key)) + (f"#{fragment}" if fragment else "")

    def document(self, kind: str, key: str, extension: str = "") -> str:
        """The IRI of the document, which is the name of the graph that holds the description."""
        return self.iri(document_path(kind, key, extension))

    def report(self, key: str, extension: str = "") -> str:
        """The IRI of the report on a record, which is the name of the graph that holds it."""
        return self.iri(report_path(key, extension))

    def reported(self, iri: str) -> str | None:
        """The key of the record whose report has this IRI, or None for any other."""
        before, _, after = self.report("\0").partition("%00")
        key = iri.removeprefix(before).removesuffix(after)
        return unquote(key) if before + key + after == iri and key and "/" not in key else None

    def parse(self, iri: str) -> tuple[str, str] | None:
        """The (kind, key) of one of our things or documents, or None otherwise; a fragment counts as its thing."""
        if not iri.startswith(self.base):
            return None
        path = iri.removeprefix(self.base).partition("#")[0]
        if path == "dataset":
            return DATASET
        first, _, rest = path.partition("/")
        kind, _, key = rest.partition("/")
        return (kind, unquote(key)) if first in ("id", "doc") and kind in KINDS and key else None

    @property
    def things(self) -> str:
        """What the IRI of every thing begins with, but that of the data set."""
        return self.iri("/id/")

    @property
    def documents(self) -> str:
        """What the IRI of every document begins with, but that of the data set."""
        return self.iri("/doc/")

    @property
    def keywords(self) -> str:
        """The concept scheme of the catalogue's keywords."""
        return self.iri("/keywords")

    @property
    def profile(self) -> str:
        """The application profile that a record's document conforms to."""
        return self.iri("/profile/report")

    @property
    def ontology(self) -> str:
        return self.iri("/ontology")

    @property
    def sparql(self) -> str:
        return self.iri("/sparql")

    @property
    def oai(self) -> str:
        """The base URL of OAI-PMH."""
        return self.iri("/oai")

    def receipt(self) -> str:
        return self.iri("/receipt")
