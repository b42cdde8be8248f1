"""The change log as other libraries read it: every version of everything, in the order of its sequence.

A page is a range of PAGE sequence numbers, so that its address and, once it is full, its content stay for ever. A
release is published at one moment and later than the one before (`releases/publication.py`): who has read all changes
of some second has missed none, wherever a page ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from lxml import etree
from pyoxigraph import NamedNode

from publisher.addresses import Addresses, changes_path
from publisher.catalog import Catalog
from publisher.mapping import Mapping
from publisher.namespaces import DCTERMS, FOAF, SKOS
from publisher.view import published_lines

PAGE = 1000
FEED = 50  # entries of the Atom feed
ATOM = "{http://www.w3.org/2005/Atom}"
CONTEXTS = ["https://www.w3.org/ns/activitystreams", "https://emm-spec.org/1.0/context.json"]
CLASSES = {
    "resource": DCTERMS.BibliographicResource,
    "agent": FOAF.Agent,
    "concept": SKOS.Concept,
    "place": DCTERMS.Location,
}
WORDS = {"Create": "new", "Update": "changed", "Delete": "withdrawn"}
_CHANGE = """
SELECT version.sequence, thing.kind, thing.key, version.label, version.release, release.datestamp,
    version.withdrawn, version.digest, ntriples.length, ntriples.sha256, thing.withdrawn,
    (SELECT earlier.withdrawn FROM version AS earlier WHERE earlier.thing = version.thing
        AND earlier.sequence < version.sequence ORDER BY earlier.sequence DESC LIMIT 1)
FROM version JOIN thing ON thing.id = version.thing JOIN release ON release.number = version.release
LEFT JOIN ntriples USING (sequence)
WHERE version.sequence > :after AND version.sequence <= :until
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One version without what it says. `time` is when it became visible, the datestamp of its release, so that who has
    seen everything up to some time has missed nothing. `length` and `sha256` are those of its N-Triples; older versions
    of what was published anew as a whole (`rebase`, `verify --rebuild`) have none. `gone` tells whether the thing is
    withdrawn by now, `before` whether the version before it was a withdrawal (None: there was none)."""

    sequence: int
    kind: str
    key: str
    label: str
    release: int
    time: str
    withdrawn: bool
    digest: bytes
    length: int | None
    sha256: bytes | None
    gone: bool
    before: bool | None

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key

    @property
    def type(self) -> str:
        """What happened, in the words of ActivityStreams. What comes back after a withdrawal is created again."""
        if self.withdrawn:
            return "Delete"
        return "Update" if self.before == 0 else "Create"


def last(catalog: Catalog) -> int:
    """The sequence of the latest change, 0 before the first."""
    return int(catalog.db.execute("SELECT max(sequence) FROM version").fetchone()[0] or 0)


def pages(catalog: Catalog, size: int = 0) -> int:
    """How many pages there are, or ranges of `size` sequence numbers; the first one is there even if nothing was ever
    published."""
    return max(1, -(-last(catalog) // (size or PAGE)))


def span(catalog: Catalog, number: int, size: int) -> tuple[str, str]:
    """From when and until when the changes of such a range are; the last one is open."""
    until = _time(catalog, number * size) if number < pages(catalog, size) else ""
    return _time(catalog, (number - 1) * size), until


def _time(catalog: Catalog, sequence: int) -> str:
    """The time of the first change after a sequence; before the first one, that of now would say too much."""
    query = (
        "SELECT datestamp FROM version JOIN release ON number = version.release WHERE sequence > ? "
        "ORDER BY sequence LIMIT 1"
    )
    row = catalog.db.execute(query, (sequence,)).fetchone()
    return row[0] if row else "1970-01-01T00:00:00Z"


def changes(catalog: Catalog, after: int, until: int, kind: str = "") -> list[Change]:
    """The changes with sequences from after + 1 to `until`, of all kinds or of one."""
    query = _CHANGE + ("AND thing.kind = :kind " if kind else "") + "ORDER BY version.sequence"
    rows = catalog.db.execute(query, {"after": after, "until": until, "kind": kind})
    return [Change(*row) for row in rows]


def latest(catalog: Catalog, kind: str = "", count: int = FEED) -> list[Change]:
    """The latest changes, the newest first; those of one kind only if they are among the last PAGE * 10."""
    until = last(catalog)
    query = _CHANGE + ("AND thing.kind = :kind " if kind else "") + "ORDER BY version.sequence DESC LIMIT :count"
    rows = catalog.db.execute(query, {"after": until - PAGE * 10, "until": until, "kind": kind, "count": count})
    return [Change(*row) for row in rows]


def json_line(addresses: Addresses, change: Change) -> bytes:
    """One change as a line of JSON. `digest` is the SHA-256 of the content's canonical lines."""
    row: dict[str, Any] = {
        "sequence": change.sequence,
        "type": change.type,
        "time": change.time,
        "release": change.release,
        "kind": change.kind,
        "key": change.key,
        "id": addresses.thing(*change.name),
        "document": addresses.document(*change.name),
        "label": change.label,
    }
    if not change.withdrawn:
        row["digest"] = change.digest.hex()
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def collection(addresses: Addresses, catalog: Catalog, title: str, kind: str = "") -> dict[str, Any]:
    """The whole log as an OrderedCollection (Entity Metadata Management API 1.0, 3.1)."""
    found: dict[str, Any] = {
        "@context": CONTEXTS,
        "summary": f"Changes of {title}" + (f": {kind}" if kind else ""),
        "type": "OrderedCollection",
        "id": addresses.iri(changes_path(kind)),
        "url": addresses.iri("/dump/"),
        "first": _page(addresses, kind, 1),
        "last": _page(addresses, kind, pages(catalog)),
    }
    if not kind:
        counted = "SELECT total(created + changed + withdrawn) FROM release WHERE number <= ?"
        found["totalItems"] = int(catalog.db.execute(counted, (catalog.current(),)).fetchone()[0])
    return found


def collection_page(addresses: Addresses, catalog: Catalog, number: int, kind: str = "") -> dict[str, Any]:
    """One page as an OrderedCollectionPage, the oldest change first (Entity Metadata Management API 1.0, 3.2)."""
    items = [_activity(addresses, kind, number, change) for change in of_page(catalog, number, kind)]
    found: dict[str, Any] = {
        "@context": CONTEXTS,
        "type": "OrderedCollectionPage",
        "id": addresses.iri(changes_path(kind, number)),
        "partOf": {"type": "OrderedCollection", "id": addresses.iri(changes_path(kind))},
        "totalItems": len(items),
        "orderedItems": items,
    }
    if number > 1:
        found["prev"] = _page(addresses, kind, number - 1)
    if number < pages(catalog):
        found["next"] = _page(addresses, kind, number + 1)
    return found


def of_page(catalog: Catalog, number: int, kind: str = "") -> list[Change]:
    return changes(catalog, (number - 1) * PAGE, number * PAGE, kind)


def _page(addresses: Addresses, kind: str, number: int) -> dict[str, str]:
    return {"type": "OrderedCollectionPage", "id": addresses.iri(changes_path(kind, number))}


def activity_iri(addresses: Addresses, change: Change) -> str:
    """The IRI of a change: a fragment of the page that it stands on for ever."""
    return f"{addresses.iri(changes_path(page=-(-change.sequence // PAGE)))}#{change.sequence}"


def _activity(addresses: Addresses, kind: str, number: int, change: Change) -> dict[str, Any]:
    """One change (Entity Metadata Management API 1.0, 3.3)."""
    thing: dict[str, Any] = {"id": addresses.thing(*change.name)}
    if change.kind in CLASSES:
        thing["type"] = CLASSES[change.kind]
    thing["updated"] = change.time
    return {
        "id": activity_iri(addresses, change),
        "type": change.type,
        "summary": f"{change.kind} {WORDS[change.type]}: {change.label}",
        "published": change.time,
        "partOf": _page(addresses, kind, number),
        "object": thing,
    }


def atom(addresses: Addresses, catalog: Catalog, title: str, author: str, kind: str = "") -> bytes:
    """The latest changes as an Atom feed (RFC 4287), for people who want to hear of them."""
    feed = etree.Element(f"{ATOM}feed", nsmap={None: ATOM.strip("{}")})
    address = addresses.iri(changes_path(kind, extension="atom"))
    found = latest(catalog, kind)
    _say(feed, "id", address)
    _say(feed, "title", f"Changes of {title}")
    _say(feed, "updated", found[0].time if found else "1970-01-01T00:00:00Z")
    _say(etree.SubElement(feed, f"{ATOM}author"), "name", author)
    etree.SubElement(feed, f"{ATOM}link", rel="self", type="application/atom+xml", href=address)
    etree.SubElement(feed, f"{ATOM}link", rel="alternate", type="text/html", href=addresses.iri(changes_path(kind)))
    for change in found:
        entry = etree.SubElement(feed, f"{ATOM}entry")
        _say(entry, "id", activity_iri(addresses, change))
        _say(entry, "title", f"{change.label} ({WORDS[change.type]})")
        _say(entry, "updated", change.time)
        etree.SubElement(entry, f"{ATOM}category", term=change.type)
        etree.SubElement(entry, f"{ATOM}link", rel="alternate", href=addresses.document(*change.name))
        _say(entry, "summary", f"{change.kind} {change.key}: {WORDS[change.type]} in release {change.release}")
    return etree.tostring(feed, xml_declaration=True, encoding="utf-8")  # type: ignore[no-any-return]


def _say(parent: Any, name: str, text: str) -> None:
    etree.SubElement(parent, ATOM + name).text = text


def patch(mapping: Mapping, catalog: Catalog, change: Change) -> Iterator[str]:
    """One change as a transaction of RDF Patch (Apache Jena): the lines that it took from the named graph and those
    that it added. Applied in order to an empty store, all patches give what is published."""
    graph = NamedNode(mapping.addresses.document(*change.name))
    query = """
        SELECT max(sequence) FROM version
        WHERE sequence < :this AND thing = (SELECT thing FROM version WHERE sequence = :this)"""
    sequence = catalog.db.execute(query, {"this": change.sequence}).fetchone()[0]
    before, after = _lines(mapping, catalog, sequence), _lines(mapping, catalog, change.sequence)
    yield f"H id <{activity_iri(mapping.addresses, change)}> .\nTX .\n"
    yield from (f"D {line[:-2]} {graph} .\n" for line in sorted(before - after))
    yield from (f"A {line[:-2]} {graph} .\n" for line in sorted(after - before))
    yield "TC .\n"


def _lines(mapping: Mapping, catalog: Catalog, sequence: int | None) -> set[str]:
    entry = catalog.version(sequence) if sequence is not None else None
    return set(published_lines(mapping, entry)) if entry is not None and not entry.withdrawn else set()
