"""The versions of a release, one for each thing that it changes, with what each names and what is counted of them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from publisher.catalog import SPAN, initial
from publisher.errors import CatalogError
from publisher.mapping import Name
from publisher.mapping.terms import fold

_COUNTED = 100_000  # counts that are kept in memory before they are written
Outcome = Literal["created", "changed", "unchanged"]


def _block(thing: int) -> int:
    return (thing - 1) // SPAN + 1


def _sort_key(known_by: Name) -> str:
    return fold(known_by.heading)[:200]


@dataclass(frozen=True, slots=True)
class Row:
    """The current version of a thing, as far as a publish has to know it."""

    known_by: Name
    id: int
    sequence: int
    release: int
    created: str
    withdrawn: bool
    digest: bytes


class Versions:
    """Of release `release`, which is of the time `time`."""

    def __init__(self, db: sqlite3.Connection, release: int, time: str) -> None:
        self.db = db
        self.release = release
        self.time = time
        self.renamed: set[int] = set()  # things that have another label or heading than before
        self.loosened: set[int] = set()  # things that some description has ceased to name
        self.named: Counter[tuple[int, str, str]] = Counter()  # what is to be added to the counts of `named`
        self.totals: Counter[tuple[str, str]] = Counter()  # and of `total`
        self.blocks: Counter[int] = Counter()  # and of `block`, of each that has changed

    def row(self, name: tuple[str, str]) -> Row | None:
        """The current version of a thing, withdrawn or not."""
        found = self.db.execute(
            "SELECT thing.label, heading, agent_kind, thing.id, sequence, release, created, version.withdrawn, digest "
            "FROM thing JOIN version ON version.sequence = thing.version WHERE kind = ? AND key = ?",
            name,
        ).fetchone()
        if found is None:
            return None
        return Row(Name(*found[:3]), *found[3:])

    def write(
        self,
        name: tuple[str, str],
        known_by: Name,
        fresh: bytes,
        graph: bytes,
        data: bytes,
        withdrawn: bool = False,
    ) -> tuple[int, int, Outcome]:
        """Writes a version, one for each thing in a release; gives the ids of the thing and of the version."""
        row = self.row(name)
        replaces = row is not None and not row.withdrawn
        created = row.created if row is not None and (replaces or withdrawn) else self.time
        values = (known_by.label, created, self.time, withdrawn, fresh, graph, data)
        naming = (known_by.label, known_by.heading, known_by.agent_kind, _sort_key(known_by))
        if replaces and row is not None:
            self.totals[name[0], initial(_sort_key(row.known_by))] -= 1
        if not withdrawn:
            self.totals[name[0], initial(naming[-1])] += 1
        if row is None:
            cursor = self.db.execute(
                "INSERT INTO thing (kind, key, label, heading, agent_kind, sort_key, version, withdrawn) "
                "VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
                (*name, *naming),
            )
            thing = int(cursor.lastrowid or 0)
        else:
            thing = row.id
            self.db.execute("DELETE FROM ready WHERE thing = ?", (thing,))
            if row.known_by != known_by:
                self.renamed.add(thing)
        if row is not None and row.release == self.release:
            sequence = row.sequence
            self.db.execute(
                "UPDATE version SET label = ?, created = ?, modified = ?, withdrawn = ?, digest = ?, graph = ?, "
                "data = ? "
                "WHERE sequence = ?",
                (*values, sequence),
            )
        else:
            cursor = self.db.execute(
                "INSERT INTO version (thing, release, label, created, modified, withdrawn, digest, graph, data) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (thing, self.release, *values),
            )
            sequence = int(cursor.lastrowid or 0)
        self.db.execute(
            "UPDATE thing SET label = ?, heading = ?, agent_kind = ?, sort_key = ?, version = ?, withdrawn = ? "
            "WHERE id = ?",
            (*naming, sequence, withdrawn, thing),
        )
        self.blocks[_block(thing)] += (not withdrawn) - replaces
        return thing, sequence, "changed" if replaces else "created"

    def is_new(self, row: Row) -> bool:
        """Whether a thing was never public: this release brings its first version."""
        older = self.db.execute(
            "SELECT 1 FROM version WHERE thing = ? AND sequence < ?", (row.id, row.sequence)
        ).fetchone()
        return row.release == self.release and older is None

    def forget(self, kind: str, row: Row) -> None:
        """Removes a new thing as if it had never been."""
        self.db.execute("DELETE FROM ready WHERE thing = ?", (row.id,))
        self.db.execute("DELETE FROM version WHERE thing = ?", (row.id,))
        self.db.execute("DELETE FROM thing WHERE id = ?", (row.id,))
        self.totals[kind, initial(_sort_key(row.known_by))] -= 1
        self.blocks[_block(row.id)] -= 1

    def mention(self, thing: int, kind: str, mentions: Iterable[tuple[str, str, str]]) -> None:
        """Puts down what a description names, in place of what it named before."""
        before = self.db.execute("SELECT object, attribute FROM mention WHERE subject = ?", (thing,)).fetchall()
        if before:
            self.db.execute("DELETE FROM mention WHERE subject = ?", (thing,))
        after = set()
        for other_kind, key, attribute in mentions:
            # from the index alone; `row` would look into two tables for each of the ten or so that a record names
            row = self.db.execute("SELECT id FROM thing WHERE kind = ? AND key = ?", (other_kind, key)).fetchone()
            if row is None:
                raise CatalogError(f"{other_kind} {key} is named before it is described.")
            after.add((row[0], attribute))
        self.db.executemany("INSERT INTO mention VALUES (?, ?, ?, ?)", ((thing, *row, kind) for row in after))
        self.named.subtract((*row, kind) for row in before)
        self.named.update((*row, kind) for row in after)
        if len(self.named) > _COUNTED:
            self.save_counts()
        self.loosened |= {other for other, _ in before} - {other for other, _ in after}

    def orphans(self) -> Iterator[tuple[str, str]]:
        """Things that no description names any more, and then those that only they named: who asks for the next has
        withdrawn the one before."""
        while self.loosened:
            thing = self.loosened.pop()
            kind, key, withdrawn = self.db.execute(
                "SELECT kind, key, withdrawn FROM thing WHERE id = ?", (thing,)
            ).fetchone()
            named = self.db.execute("SELECT 1 FROM mention WHERE object = ? LIMIT 1", (thing,)).fetchone()
            if kind != "resource" and not withdrawn and named is None:
                yield kind, key

    def save_counts(self) -> None:
        """Writes what was counted since the last time."""
        for table, columns, counted in (
            ("named", ("thing", "attribute", "kind"), self.named),
            ("total", ("kind", "initial"), self.totals),
        ):
            rows = [(*row, number) for row, number in counted.items() if number]
            self.db.executemany(
                f"INSERT INTO {table} VALUES ({', '.join('?' * (len(columns) + 1))}) "
                f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET count = count + excluded.count",
                rows,
            )
            self.db.executemany(
                f"DELETE FROM {table} WHERE count = 0 AND {' AND '.join(f'{name} = ?' for name in columns)}",
                (row[:-1] for row in rows if row[-1] < 0),
            )
            counted.clear()
        self.db.executemany(
            "INSERT INTO block VALUES (?1, ?2, ?3) "
            "ON CONFLICT DO UPDATE SET things = things + excluded.things, release = excluded.release",
            [(number, change, self.release) for number, change in self.blocks.items()],
        )
        self.blocks.clear()
