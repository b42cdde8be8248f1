"""Items: the resources as harvesters see them: identifiers, sets, datestamps, and lists in the order of the change log.

`item` has one row for each resource, withdrawn ones included, at the sequence of its current version, so that a change
moves it to the end; `item_dc` has its record in Dublin Core as it is sent, around the datestamp, and `membership` the
same order for each set. A list is read by one walk along either, whatever was changed or withdrawn before. All items of
a release have one datestamp, `release.datestamp`, the time at which the release became visible; so a span of time is a
span of sequences, and is told by two look-ups.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from publisher.catalog import Catalog
from publisher.crosswalks.work import Work
from publisher.errors import CatalogError
from publisher.settings import Settings
from publisher.view import Version

ALL = 0  # the set of everything, which has no name
DC = "oai_dc"  # the format that is kept as it is sent
MODULUS = 1 << 256
_LAST = 1 << 62  # later than any sequence
_DOMAIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z][A-Za-z0-9-]*)+")  # oai-identifier.xsd
# names of the sets that hold others
PARENTS = {
    "type": "Type",
    "country": "Country",
    "year": "Year",
    "keyword": "Keyword",
    "series": "Series",
    "collection": "Collection",
    "search": "Search",
}
# the sets that are called as the things that they are of, and the kinds of those
NAMED = {"country": "place", "keyword": "concept", "series": "series"}


class Identifiers:
    """oai:NAMESPACE:KEY, https://www.openarchives.org/OAI/2.0/guidelines-oai-identifier.htm: the namespace is the host
    of BASE_URL (or OAI_NAMESPACE), and the path of BASE_URL, if it has one, stands before the key, whose own slashes
    are encoded."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.base)
        host = settings.OAI_NAMESPACE or parts.hostname or ""
        self.namespace = host if _DOMAIN.fullmatch(host) else "localhost.invalid"  # an address is no namespace
        self.start = f"oai:{self.namespace}:{parts.path.strip('/')}".rstrip("/") + (
            "/" if parts.path.strip("/") else ""
        )

    def of(self, key: str) -> str:
        return self.start + quote(key, safe="-_.!~*'();:@&=+$,")

    def key(self, identifier: str) -> str | None:
        """The key that an identifier of ours names, else None."""
        return unquote(identifier.removeprefix(self.start)) if identifier.startswith(self.start) else None


def spec(*names: str) -> str:
    """A setSpec, "country:united-kingdom": letters and digits as they are, most else as ~ and two hexadecimal digits
    for each byte of UTF-8."""
    return ":".join(quote(name, safe="-_.!*'()").replace("~", "%7E").replace("%", "~") for name in names)


def key_of(spec: str) -> str:
    """The last of the names that a setSpec is made of."""
    return unquote(spec.rpartition(":")[2].replace("~", "%"))


def sets_of(version: Version) -> tuple[tuple[str, str], ...]:
    """The sets that a resource is in by what is said of it: (spec, name); the wider sets are told by the specs."""
    work, view = Work(version), version.view
    found = {spec("type", name.lower()): label for name, label in zip(work.classes, work.types, strict=False)}
    if work.year:
        found[spec("year", work.year)] = work.year
    for attribute, parent in (("countries", "country"), ("subjects", "keyword"), ("is_part_of", "series")):
        found |= {spec(parent, said.name[1]): said.text for said in view.thing.get(attribute, ()) if said.name}
    collection = version.mapping.settings.COLLECTION
    if collection and version.key.startswith(f"{collection}-"):
        found[spec("collection", collection)] = collection
    return tuple(found.items())


def digest_of(identifier: str, datestamp: str) -> int:
    """What an item adds to the digest of a receipt: SHA-256 over its identifier, a space and its datestamp."""
    return int.from_bytes(hashlib.sha256(f"{identifier} {datestamp}".encode()).digest())


@dataclass(frozen=True, slots=True)
class Set:
    id: int
    spec: str
    name: str
    items: int  # withdrawn ones included, since lists tell them


class Item(NamedTuple):
    """One item; its header is `start`, `datestamp`, `end`."""

    sequence: int
    thing: int
    withdrawn: bool
    start: bytes
    datestamp: str
    end: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a set held at a moment: the count of its items, how many of them were withdrawn, and the sum modulo 2**256
    of the digests of those that were not, in hexadecimal digits."""

    count: int
    withdrawn: int
    digest: str


class Items:
    """The items of a catalog, for reading."""

    def __init__(self, catalog: Catalog) -> None:
        self.db = catalog.db

    # sets

    def find_set(self, spec: str) -> Set | None:
        """The set of that spec, "" for everything; None if there is none."""
        row = self.db.execute("SELECT id, spec, name, items FROM item_set WHERE spec = ?", (spec,)).fetchone()
        return Set(*row) if row else None

    def sets(self, after: str, limit: int) -> list[Set]:
        """The sets that have or had items, in the order of their specs; those that come after one."""
        query = "SELECT id, spec, name, items FROM item_set WHERE spec > ? AND items > 0 ORDER BY spec LIMIT ?"
        return [Set(*row) for row in self.db.execute(query, (after, limit))]

    # lists

    def span(self, since: str, until: str) -> tuple[int, int]:
        """The sequences (after, last] of what became visible from `since` to `until`, UTC to the second, both included;
        empty for no bound."""
        after = self._last("datestamp < ?", since) if since else 0
        return after, self._last("datestamp <= ?", until) if until else self._last("datestamp >= ?", "")

    def _last(self, condition: str, time: str) -> int:
        """The last sequence of the last release that a condition holds for; 0 if there is none."""
        release = self.db.execute(f"SELECT max(number) FROM release WHERE {condition}", (time,)).fetchone()[0]
        row = self.db.execute(
            "SELECT sequence FROM version WHERE release <= ? ORDER BY release DESC, sequence DESC LIMIT 1", (release,)
        ).fetchone()
        return row[0] if row else 0

    def count(self, chosen: Set, after: int, last: int) -> int:
        if after == 0 and last >= self.span("", "")[1]:
            return chosen.items
        query = "SELECT count(*) FROM membership WHERE item_set = ? AND sequence > ? AND sequence <= ?"
        return int(self.db.execute(query, (chosen.id, after, last)).fetchone()[0])

    def part(self, chosen: Set, after: int, last: int | None, limit: int) -> tuple[int, int, bool]:
        """How many items of a set come after a sequence and up to one (None: all), in the order of the change log and
        no more than `limit`; the sequence of the last of these; and whether there are more."""
        places = (
            "SELECT sequence FROM membership WHERE item_set = ?1 AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence"
        )
        bounds = (chosen.id, after, _LAST if last is None else last)
        count, end = self.db.execute(
            f"SELECT count(*), max(sequence) FROM ({places} LIMIT ?4)", (*bounds, limit)
        ).fetchone()
        more = count == limit and self.db.execute(f"{places} LIMIT 1", (chosen.id, end, bounds[-1])).fetchone()
        return count, end or 0, bool(more)

    def page(self, chosen: Set, after: int, last: int) -> list[Item]:
        """The items of a set, those after a sequence and up to one."""
        query = f"SELECT item.sequence, thing, item.withdrawn, start, datestamp, end {_list_of(chosen, 'item')}"
        return [Item(*row) for row in self.db.execute(query, (chosen.id, after, last))]

    def headers(self, chosen: Set, after: int, last: int) -> bytes:
        """The headers of these items as they are sent."""
        return self._joined("item", chosen, after, last)[1]

    def records(self, chosen: Set, after: int, last: int, count: int) -> bytes:
        """The records of these items in Dublin Core as they are sent. Raises CatalogError if they are not `count`."""
        found, joined = self._joined("item_dc", chosen, after, last)
        if found != count:
            raise CatalogError("Dublin Core of some records is missing; run `publisher verify --repair`.")
        return joined

    def _joined(self, table: str, chosen: Set, after: int, last: int) -> tuple[int, bytes]:
        """SQLite joins them: many pages a second are made, and meanwhile other threads can run."""
        # by the limit the order is kept
        inner = f"SELECT start || datestamp || end AS text {_list_of(chosen, table)} LIMIT -1"
        query = f"SELECT count(*), CAST(group_concat(text, '') AS BLOB) FROM ({inner})"
        count, joined = self.db.execute(query, (chosen.id, after, last)).fetchone()
        return count, joined or b""

    def find(self, key: str) -> Item | None:
        """The item of a resource, withdrawn or not."""
        row = self.db.execute(
            "SELECT item.sequence, item.thing, item.withdrawn, start, datestamp, end FROM thing "
            "JOIN item ON item.thing = thing.id JOIN release ON number = item.release "
            "WHERE kind = 'resource' AND key = ?",
            (key,),
        ).fetchone()
        return Item(*row) if row else None

    def earliest(self) -> str:
        """The datestamp before which nothing was published; empty if nothing is."""
        row = self.db.execute("SELECT datestamp FROM release ORDER BY number LIMIT 1").fetchone()
        return row[0] if row else ""

    # receipts

    def moment(self, until: str) -> tuple[int, str]:
        """The release that was current at a time (empty: now), and its datestamp; 0 before the first."""
        condition = "datestamp <= ?" if until else "datestamp >= ?"
        row = self.db.execute(
            f"SELECT number, datestamp FROM release WHERE {condition} ORDER BY number DESC LIMIT 1", (until,)
        ).fetchone()
        return (row[0], row[1]) if row else (0, "")

    def receipt(self, chosen: Set, release: int) -> Receipt:
        """What a set held in a release."""
        row = self.db.execute(
            "SELECT items, withdrawn, digest FROM receipt WHERE item_set = ? AND release <= ? "
            "ORDER BY release DESC LIMIT 1",
            (chosen.id, release),
        ).fetchone()
        return Receipt(row[0], row[1], row[2].hex()) if row else Receipt(0, 0, bytes(32).hex())


def _list_of(chosen: Set, table: str) -> str:
    """The part of a query that names the rows of a list, from `item` or `item_dc`: those of the set ?1 that come after
    ?2 and up to ?3, in order."""
    rows, column, of_set = f"membership JOIN {table} USING (sequence)", "membership.sequence", "item_set = ?1"
    if chosen.id == ALL:  # who all the members are need not be looked up
        rows, column, of_set = table, f"{table}.sequence", "?1 = 0"
    bounds = f"{column} > ?2 AND {column} <= ?3"
    return f"FROM {rows} JOIN release ON number = {table}.release WHERE {of_set} AND {bounds} ORDER BY {column}"


def parents(spec: str) -> Iterator[str]:
    """The specs of the sets around one, the widest first."""
    names = spec.split(":")
    return (":".join(names[:depth]) for depth in range(1, len(names)))


def wanted_time(text: str, *, end: bool) -> str:
    """A day or second (ISO 8601, UTC) as a second, the last of a day at its `end`; ValueError for anything else."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        text += "T23:59:59Z" if end else "T00:00:00Z"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII):
        raise ValueError(text)
    datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    return text
