"""Sitemaps (sitemaps.org 0.9): the addresses of all documents, block by block, with the time of their last change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from publisher.addresses import Addresses, sitemap_path
from publisher.catalog import SPAN, Catalog

BLOCK = 50_000  # addresses that a sitemap may have
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<{{}} xmlns="{NAMESPACE}"{{}}>\n'


@dataclass(frozen=True, slots=True)
class Block:
    """Some things, by a range of their ids: its number, from 1, and when the last change among them became visible,
    a withdrawal, too, since the list of them is another one then."""

    number: int
    modified: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One thing of a block: when the last change of its description became visible, and the length and SHA-256 of that
    as N-Triples."""

    kind: str
    key: str
    modified: str
    length: int | None
    sha256: bytes | None


def ids(catalog: Catalog, number: int, size: int) -> list[int]:
    """The ids of the things of a block that are not withdrawn."""
    query = "SELECT id FROM thing WHERE id BETWEEN ? AND ? AND NOT withdrawn ORDER BY id"
    return [row[0] for row in catalog.db.execute(query, ((number - 1) * size + 1, number * size))]


def blocks(catalog: Catalog, size: int = 0) -> list[Block]:
    """The blocks of so many ids, some hundreds, that hold something."""
    query = """
        SELECT wider, datestamp FROM (
            SELECT (number - 1) / ? + 1 AS wider, sum(things) AS held, max(release) AS latest FROM block GROUP BY wider)
        JOIN release ON number = latest WHERE held ORDER BY wider"""
    return [Block(*row) for row in catalog.db.execute(query, ((size or BLOCK) // SPAN,))]


def last_block(catalog: Catalog, size: int = 0) -> int:
    """The number of the last block that holds something, 0 if there is none."""
    found = catalog.db.execute("SELECT max(number) FROM block WHERE things").fetchone()[0] or 0
    return -(-int(found) * SPAN // (size or BLOCK))


def things(catalog: Catalog, number: int) -> Iterator[Listed]:
    """The things of a block that are not withdrawn, in the order of their ids."""
    query = """
        SELECT kind, key, datestamp, length, sha256 FROM thing JOIN version ON version.sequence = thing.version
        JOIN release ON number = version.release LEFT JOIN ntriples USING (sequence)
        WHERE thing.id BETWEEN ? AND ? AND NOT thing.withdrawn ORDER BY thing.id"""
    for row in catalog.db.execute(query, ((number - 1) * BLOCK + 1, number * BLOCK)):
        yield Listed(*row)


def index(addresses: Addresses, found: Iterable[Block]) -> bytes:
    """The sitemap index: one sitemap a block."""
    rows = (
        f"<sitemap><loc>{escape(addresses.iri(sitemap_path(block.number)))}</loc>"
        f"<lastmod>{block.modified}</lastmod></sitemap>\n"
        for block in found
    )
    return (HEAD.format("sitemapindex", "") + "".join(rows) + "</sitemapindex>\n").encode()


def sitemap(addresses: Addresses, listed: Iterable[Listed]) -> bytes:
    """The sitemap of one block: the documents, which crawlers get as pages."""
    rows = (
        f"<url><loc>{escape(addresses.document(thing.kind, thing.key))}</loc>"
        f"<lastmod>{thing.modified}</lastmod></url>\n"
        for thing in listed
    )
    return (HEAD.format("urlset", "") + "".join(rows) + "</urlset>\n").encode()


def element(name: str, **attributes: str) -> str:
    """An empty element of another namespace, such as `rs:md`."""
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value)
    return f"<{name}{given}/>"
