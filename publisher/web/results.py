"""The results of a search for programs: one row a format, written record by record."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from lxml import etree

from publisher import formats
from publisher.catalog import Entry
from publisher.mapping.terms import clean
from publisher.search import FIELDS, values
from publisher.syntaxes.json_ld import json_ld
from publisher.syntaxes.nodes import Nodes
from publisher.syntaxes.turtle import turtle
from publisher.view import Version
from publisher.web.site import Site

_ATOM = "http://www.w3.org/2005/Atom"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_BATCH = 50  # records that are in memory at once


@dataclass(frozen=True)
class Answer:
    """A page of results: how many there are in all, and the IRIs of this page, of the next (empty: none) and of the
    search in a browser."""

    site: Site
    title: str
    count: int
    start: int
    updated: str
    address: str
    following: str
    page: str
    facets: dict[str, list[tuple[str, int]]]


Item = tuple[Entry, Version]
Write = Callable[[Answer, Iterable[Item]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class ResultFormat:
    """`write` gives the bytes piece by piece; a `whole` one may be as long as SEARCH_EXPORT, others as a page."""

    title: str
    media_type: str
    extension: str
    write: Write
    aliases: tuple[str, ...] = ()
    charset: bool = False
    whole: bool = True


def _json(answer: Answer, items: Iterable[Item]) -> Iterator[bytes]:
    body: dict[str, Any] = {
        "total": answer.count,
        "start": answer.start,
        "url": answer.address,
        "next": answer.following or None,
        "results": [_fields(answer.site, *item) for item in items],
        "facets": {
            name: [{"value": text, "count": count} for text, count in rows] for name, rows in answer.facets.items()
        },
    }
    yield orjson.dumps(body, option=orjson.OPT_INDENT_2)


def _fields(site: Site, entry: Entry, version: Version) -> dict[str, Any]:
    addresses = site.addresses
    found = {name: texts for name, texts in values(version.record).items() if texts}
    return {"id": addresses.thing(*entry.name), "document": addresses.document(*entry.name), **found}


def _csv(answer: Answer, items: Iterable[Item]) -> Iterator[bytes]:
    """With the headings and the separator that our own reader of tables takes (RFC 4180)."""
    yield _line([*FIELDS.values(), "Address"])
    for entry, version in items:
        found = values(version.record)
        yield _line([*("; ".join(found[name]) for name in FIELDS), answer.site.addresses.thing(*entry.name)])


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _turtle(answer: Answer, items: Iterable[Item]) -> Iterator[bytes]:
    for lines in _batches(items):
        yield turtle(Nodes(answer.site.mapping, lines))


def _json_ld(answer: Answer, items: Iterable[Item]) -> Iterator[bytes]:
    """One document, or an array of them, each with its context (JSON-LD 1.1, 9)."""
    first = True
    for lines in _batches(items):
        yield (b"[" if first else b",\n") + json_ld(Nodes(answer.site.mapping, lines))
        first = False
    yield b"[]" if first else b"]"


def _batches(items: Iterable[Item]) -> Iterator[list[str]]:
    """The statements of some records at a time; a blank node of one is none of another's."""
    lines: list[str] = []
    for number, (entry, version) in enumerate(items, 1):
        lines += [line.replace("_:", f"_:v{entry.sequence}") if "_:" in line else line for line in version.lines]
        if number % _BATCH == 0:
            yield lines
            lines = []
    if lines:
        yield lines


def _atom(answer: Answer, items: Iterable[Item]) -> Iterator[bytes]:
    """Atom (RFC 4287) with the response elements of OpenSearch 1.1 and pages (RFC 5005, 3)."""
    site = answer.site
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM, "opensearch": _OPENSEARCH})

    def add(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
        element = etree.SubElement(parent, name if name.startswith("{") else f"{{{_ATOM}}}{name}", **attributes)
        element.text = text or None
        return element

    add(feed, "title", clean(answer.title))
    add(feed, "id", answer.address)
    add(feed, "updated", answer.updated or "1970-01-01T00:00:00Z")
    add(add(feed, "author"), "name", clean(site.settings.PUBLISHER_NAME or site.settings.TITLE))
    add(feed, "link", rel="self", type="application/atom+xml", href=answer.address)
    add(feed, "link", rel="alternate", type="text/html", href=answer.page)
    if answer.following:
        add(feed, "link", rel="next", type="application/atom+xml", href=answer.following)
    add(feed, f"{{{_OPENSEARCH}}}totalResults", str(answer.count))
    add(feed, f"{{{_OPENSEARCH}}}startIndex", str(answer.start + 1))
    for entry, version in items:
        found = values(version.record)
        element = add(feed, "entry")
        add(element, "title", clean(entry.label))
        add(element, "id", site.addresses.thing(*entry.name))
        add(element, "updated", entry.modified)
        add(element, "published", entry.created)
        add(element, "link", rel="alternate", href=site.addresses.document(*entry.name))
        for name in found["author"]:
            add(add(element, "author"), "name", clean(name))
        for term in found["keyword"]:
            add(element, "category", term=clean(term))
        for text in found["summary"][:1]:
            add(element, "summary", clean(text))
    yield etree.tostring(feed, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _one_by_one(name: str) -> Write:
    def write(_: Answer, items: Iterable[Item]) -> Iterator[bytes]:
        row = formats.BY_EXTENSION[name]
        for _entry, version in items:
            assert row.write is not None  # noqa: S101 -- only HTML has none
            yield row.write(version).rstrip(b"\r\n") + b"\n\n"

    return write


def result_formats() -> tuple[ResultFormat, ...]:
    """The formats of a result; a citation format of descriptions is one of results, too, each record by itself."""
    rows = [
        ResultFormat("JSON", "application/json", "json", _json, whole=False),
        ResultFormat("Atom", "application/atom+xml", "atom", _atom, ("application/xml", "text/xml"), whole=False),
        ResultFormat("CSV", "text/csv", "csv", _csv, charset=True),
        ResultFormat("Turtle", "text/turtle", "ttl", _turtle, ("application/x-turtle",), charset=True),
        ResultFormat("JSON-LD", "application/ld+json", "jsonld", _json_ld),
    ]
    for extension in ("ris", "bib"):
        row = formats.BY_EXTENSION.get(extension)
        if row is not None:
            rows.append(
                ResultFormat(row.title, row.media_type, extension, _one_by_one(extension), row.aliases, row.charset)
            )
    return tuple(rows)
