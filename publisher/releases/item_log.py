"""The items of a release: rows of what changed at the end of the lists, memberships, and the receipts of all sets."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from publisher.items import ALL, MODULUS, NAMED, PARENTS, Identifiers, digest_of, key_of, parents, spec
from publisher.search import Index, Question
from publisher.settings import Settings

_BATCH = 500
_REMEMBERED = 50_000  # sets whose ids and changes are kept in memory
_HEADER_END = b"</header>"


@dataclass
class _Change:
    """What a set's receipt changes by, and its list."""

    items: int = 0
    withdrawn: int = 0
    digest: int = 0
    listed: int = 0


class ItemLog:
    """Keeps the items of a release in the making; inside the transaction of the publish."""

    def __init__(self, db: sqlite3.Connection, settings: Settings, release: int) -> None:
        self.db, self.settings, self.release = db, settings, release
        self.identifiers = Identifiers(settings)
        self.ids: dict[str, int] = {}
        self.datestamps: dict[int, str] = {}
        self.changes: dict[int, _Change] = {}
        self.recounting = False

    def put(self, thing: int, key: str, sequence: int, sets: Iterable[tuple[str, str]]) -> None:
        """A resource that is new or changed, in place of its older row."""
        self.forget(thing, key)
        named = dict(sets)
        wider = {wide for leaf in named for wide in parents(leaf)}
        ids = sorted(self._set(name, named.get(name) or PARENTS[name]) for name in (*wider, *named))
        leaves = "".join(f"<setSpec>{leaf}</setSpec>" for leaf in sorted(named))
        self._insert(sequence, thing, key, False, ids, leaves.encode() + _HEADER_END)

    def withdraw(self, thing: int, key: str, sequence: int) -> None:
        """A resource that is taken back stays in its sets, so that whoever harvests one of them is told."""
        row = self.db.execute("SELECT sets, end FROM item WHERE thing = ?", (thing,)).fetchone()
        sets, end = row or ("", b"</datestamp>" + _HEADER_END)
        self.forget(thing, key)
        ids = list(map(int, sets.split()))
        self._insert(sequence, thing, key, True, ids, end.removeprefix(b"</datestamp>"))

    def _insert(self, sequence: int, thing: int, key: str, withdrawn: bool, ids: list[int], end: bytes) -> None:
        status = ' status="deleted"' if withdrawn else ""
        start = f"<header{status}><identifier>{escape(self.identifiers.of(key))}</identifier><datestamp>"
        whole = (start.encode(), b"</datestamp>" + end)
        self.db.execute(
            "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sequence, thing, self.release, withdrawn, " ".join(map(str, ids)), *whole),
        )
        if withdrawn:
            self._keep_record(sequence, self.release, *whole)
        self._add_members(sequence, (ALL, *ids))

    def _add_members(self, sequence: int, ids: Iterable[int]) -> None:
        rows = [(number, sequence) for number in ids]
        self.db.executemany("INSERT INTO membership VALUES (?, ?)", rows)
        for number, _ in rows:
            self._change(number).listed += 1

    def forget(self, thing: int, key: str) -> None:
        """Takes away the row that a resource has, if it has one."""
        row = self.db.execute(
            "SELECT sequence, release, withdrawn, sets FROM item WHERE thing = ?", (thing,)
        ).fetchone()
        if row is None:
            return
        sequence, release, withdrawn, sets = row
        ids = (ALL, *map(int, sets.split()))
        self.db.execute("DELETE FROM item WHERE sequence = ?", (sequence,))
        self.db.execute("DELETE FROM item_dc WHERE sequence = ?", (sequence,))
        rows = [(number, sequence) for number in ids]
        self.db.executemany("DELETE FROM membership WHERE item_set = ? AND sequence = ?", rows)
        counted = 0
        if release != self.release:  # what this release itself put there is not counted before its end
            counted = 0 if withdrawn else digest_of(self.identifiers.of(key), self._datestamp(release))
        for number in ids:
            change = self._change(number)
            change.listed -= 1
            if release != self.release:
                change.items -= not withdrawn
                change.withdrawn -= withdrawn
                change.digest -= counted

    def move(self, before: Identifiers, thing: int, key: str) -> None:
        """Takes away the row that a resource had under another BASE_URL."""
        now, self.identifiers = self.identifiers, before
        self.forget(thing, key)
        self.identifiers = now

    def rename_withdrawn(self, before: Identifiers) -> None:
        """Says what is withdrawn by its identifier under the present BASE_URL; no receipt counts it."""
        query = "SELECT sequence, key, start FROM item JOIN thing ON thing.id = item.thing WHERE item.withdrawn"
        for sequence, key, start in self.db.execute(query):
            old, new = (escape(names.of(key)).encode() for names in (before, self.identifiers))
            for table, before_it in (("item", b""), ("item_dc", b"<record>")):
                row = (before_it + start.replace(old, new), sequence)
                self.db.execute(f"UPDATE {table} SET start = ? WHERE sequence = ?", row)

    def keep(self, thing: int, body: bytes) -> None:
        """Keeps the record of an item in Dublin Core, of which this is the `body`, as it is sent."""
        query = "SELECT sequence, release, start, end FROM item WHERE thing = ? AND NOT withdrawn"
        row = self.db.execute(query, (thing,)).fetchone()
        if row is not None:
            sequence, release, start, end = row
            self._keep_record(sequence, release, start, end, b"<metadata>%b</metadata>" % body)

    def _keep_record(self, sequence: int, release: int, start: bytes, end: bytes, metadata: bytes = b"") -> None:
        row = (sequence, release, b"<record>" + start, b"%b%b</record>" % (end, metadata))
        self.db.execute("INSERT OR REPLACE INTO item_dc VALUES (?, ?, ?, ?)", row)

    def _change_sets(self, sequence: int, ids: Iterable[int], end: bytes, new_end: bytes) -> None:
        """Writes the sets of an item anew, and with them the `end` of its header."""
        row = (" ".join(map(str, ids)), new_end, sequence)
        self.db.execute("UPDATE item SET sets = ?, end = ? WHERE sequence = ?", row)
        (whole,) = self.db.execute("SELECT end FROM item_dc WHERE sequence = ?", (sequence,)).fetchone()
        new_whole = new_end + whole.removeprefix(end)
        self.db.execute("UPDATE item_dc SET end = ? WHERE sequence = ?", (new_whole, sequence))

    def _datestamp(self, release: int) -> str:
        if release not in self.datestamps:
            row = self.db.execute("SELECT datestamp FROM release WHERE number = ?", (release,)).fetchone()
            self.datestamps[release] = row[0] if row else ""
        return self.datestamps[release]

    def _change(self, number: int) -> _Change:
        if len(self.changes) > _REMEMBERED and number not in self.changes:
            self._write_receipts()
        return self.changes.setdefault(number, _Change())

    def _set(self, name: str, title: str, query: str = "") -> int:
        """The id of a set, which is made if there is none of that spec."""
        if name not in self.ids:
            found = self.db.execute("SELECT id FROM item_set WHERE spec = ?", (name,)).fetchone()
            if found is None:
                cursor = self.db.execute(
                    "INSERT INTO item_set (spec, name, query, items) VALUES (?, ?, ?, 0)", (name, title, query)
                )
                found = (cursor.lastrowid,)
                self._name(name)
            if len(self.ids) >= _REMEMBERED:
                self.ids.clear()
            self.ids[name] = found[0]
        return self.ids[name]

    def rename(self, things: Iterable[int]) -> None:
        """Calls the sets of things as these are called now."""
        for thing in things:
            kind, key = self.db.execute("SELECT kind, key FROM thing WHERE id = ?", (thing,)).fetchone()
            for parent, named in NAMED.items():
                if named == kind:
                    self._name(spec(parent, key))

    def _name(self, name: str) -> None:
        """Calls a set as the thing that it is of, whatever the record calls that, if it is of one."""
        parent, of_one, _ = name.partition(":")
        kind = NAMED.get(parent) if of_one else None
        query = "UPDATE item_set SET name = label FROM thing WHERE spec = ? AND kind = ? AND key = ?"
        self.db.execute(query, (name, kind, key_of(name)))

    # the end of the publish

    def search(self, folder: Path) -> None:
        """Puts what changed into the sets that are searches (OAI_SETS), by the index in `folder`. A search that is new
        or another than before is a new set, and takes in all that it finds; one that is no more is taken away."""
        wanted = dict(entry.split("?", 1) for entry in self.settings.OAI_SETS)
        known = dict(self.db.execute("SELECT spec, query FROM item_set WHERE query <> ''").fetchall())
        for leaf in known.keys() - {spec("search", name) for name in wanted}:
            self._remove(leaf)
        if not wanted:
            return
        index, changed = Index(folder), self._changed()
        for name, query in wanted.items():
            leaf = spec("search", name)
            asked = Question(dict(parse_qsl(query)))
            if known.get(leaf) == query:
                for first in range(0, len(changed), _BATCH):
                    self._take_in(leaf, name, query, index.matching(asked, changed[first : first + _BATCH]))
            else:
                if leaf in known:
                    self._remove(leaf)
                self._take_in(leaf, name, query, index.matching(asked))

    def _changed(self) -> list[int]:
        rows = self.db.execute("SELECT thing FROM item WHERE release = ? AND NOT withdrawn", (self.release,))
        return [row[0] for row in rows]

    def _take_in(self, leaf: str, title: str, query: str, things: Iterable[int]) -> None:
        own, wide = self._set(leaf, title, query), self._set("search", PARENTS["search"])
        for thing in things:
            sequence, release, sets, end, key = self.db.execute(
                "SELECT sequence, release, sets, end, key FROM item JOIN thing ON thing.id = thing WHERE thing = ?",
                (thing,),
            ).fetchone()
            ids = list(map(int, sets.split()))
            added = [number for number in (own, wide) if number not in ids]
            leaf_mark = f"<setSpec>{leaf}</setSpec>".encode() + _HEADER_END
            self._change_sets(sequence, (*ids, *added), end, end.replace(_HEADER_END, leaf_mark))
            self._add_members(sequence, added)
            if release != self.release:
                counted = digest_of(self.identifiers.of(key), self._datestamp(release))
                for number in added:
                    self._change(number).items += 1
                    self._change(number).digest += counted

    def _remove(self, leaf: str) -> None:
        """Takes a set away, and with it what it was; its items stay."""
        number = self._set(leaf, "")
        mark = f"<setSpec>{leaf}</setSpec>".encode()
        members = self.db.execute("SELECT sequence FROM membership WHERE item_set = ?", (number,)).fetchall()
        for (sequence,) in members:
            sets, end = self.db.execute("SELECT sets, end FROM item WHERE sequence = ?", (sequence,)).fetchone()
            kept = (other for other in map(int, sets.split()) if other != number)
            self._change_sets(sequence, kept, end, end.replace(mark, b""))
        for table in ("membership", "receipt"):
            self.db.execute(f"DELETE FROM {table} WHERE item_set = ?", (number,))
        self.db.execute("DELETE FROM item_set WHERE id = ?", (number,))
        self.ids.pop(leaf, None)
        self.changes.pop(number, None)

    def settle(self, datestamp: str) -> None:
        """Writes the receipts of the sets that changed, now that it is known when the release becomes visible."""
        if self.recounting:
            self._count_anew()
            return
        query = (
            "SELECT sequence, key, item.withdrawn, sets FROM item JOIN thing ON thing.id = item.thing "
            "WHERE sequence > ? AND release = ? ORDER BY sequence LIMIT ?"
        )
        first = self.db.execute("SELECT min(sequence) FROM version WHERE release = ?", (self.release,)).fetchone()[0]
        last = (first or 1) - 1
        while rows := self.db.execute(query, (last, self.release, _BATCH)).fetchall():
            for last, key, withdrawn, sets in rows:  # noqa: B007 -- the last is where the next batch begins
                counted = 0 if withdrawn else digest_of(self.identifiers.of(key), datestamp)
                for number in (ALL, *map(int, sets.split())):
                    change = self._change(number)
                    change.items += not withdrawn
                    change.withdrawn += withdrawn
                    change.digest += counted
        self._write_receipts()

    def _write_receipts(self) -> None:
        """Writes what has changed since the last time."""
        for number, change in self.changes.items():
            self._write_receipt(number, change)
        self.changes.clear()

    def recount(self) -> None:
        """At the end the lists and receipts of all sets are made of the items, whatever they were."""
        self.recounting = True

    def _count_anew(self) -> None:
        self.db.execute("DELETE FROM membership")
        self.db.execute("DELETE FROM item_dc WHERE sequence NOT IN (SELECT sequence FROM item)")
        changes = {row[0]: _Change() for row in self.db.execute("SELECT id FROM item_set").fetchall()}
        query = (
            "SELECT sequence, release, key, item.withdrawn, sets FROM item JOIN thing ON id = thing ORDER BY sequence"
        )
        for sequence, release, key, withdrawn, sets in self.db.execute(query):
            ids = (ALL, *map(int, sets.split()))
            self.db.executemany("INSERT INTO membership VALUES (?, ?)", ((number, sequence) for number in ids))
            counted = 0 if withdrawn else digest_of(self.identifiers.of(key), self._datestamp(release))
            for number in ids:
                change = changes[number]
                change.items += not withdrawn
                change.withdrawn += withdrawn
                change.digest += counted
        for number, change in changes.items():
            row = (change.items, change.withdrawn, (change.digest % MODULUS).to_bytes(32))
            self.db.execute("INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)", (number, self.release, *row))
            listed = (change.items + change.withdrawn, number)
            self.db.execute("UPDATE item_set SET items = ? WHERE id = ?", listed)

    def _write_receipt(self, number: int, change: _Change) -> None:
        row = self.db.execute(
            "SELECT items, withdrawn, digest FROM receipt WHERE item_set = ? ORDER BY release DESC LIMIT 1", (number,)
        ).fetchone()
        items, withdrawn, digest = row or (0, 0, bytes(32))
        total = (int.from_bytes(digest) + change.digest) % MODULUS
        self.db.execute(
            "INSERT OR REPLACE INTO receipt VALUES (?, ?, ?, ?, ?)",
            (number, self.release, items + change.items, withdrawn + change.withdrawn, total.to_bytes(32)),
        )
        self.db.execute("UPDATE item_set SET items = items + ? WHERE id = ?", (change.listed, number))
