"""The catalog: SQLite rows of what is published, was published and changed; what every door asks.

What is in its tables stands in `catalog.sql`. A publish writes all of it in one transaction
(`releases/publication.py`), so that a reader's transaction sees one release whole.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from publisher.errors import CatalogError, NotFound, Withdrawn
from publisher.mapping import Name
from publisher.message import Message
from publisher.packing import unpack, unpack_json

SCHEMA_VERSION = 2
SPAN = 100  # ids of things that a row of `block` counts together
_SCHEMA = Path(__file__).with_suffix(".sql")
_COLUMNS = """
SELECT thing.id, thing.kind, thing.key, version.label, version.sequence, version.release, version.created,
    version.modified, version.withdrawn, version.digest, version.graph, version.data, release.software,
    release.datestamp
"""
_ENTRY = f"""{_COLUMNS}
FROM thing JOIN version ON version.sequence = {{version}} JOIN release ON release.number = version.release
"""
# along the change log: CROSS JOIN keeps SQLite from reading all things, and sorting them, for each page
_LOG = f"""{_COLUMNS}
FROM version CROSS JOIN thing ON thing.id = version.thing AND thing.version = version.sequence
JOIN release ON release.number = version.release
"""


def initial(sort_key: str) -> str:
    """The letter under which a thing is listed: the first of its `sort_key`, "0" for any digit, "" if it has none."""
    first = sort_key[:1]
    return first if first.isalpha() else "0" if first.isdigit() else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one description. Times are UTC, ISO 8601 to the second; `sequence` is its place in the change log.

    `lines` are the canonical N-Triples of its content and provenance; what publishing adds is derived from the other
    columns by `Mapping.publication`. It is `modified` when its publish began, and was first `seen` when that ended.
    """

    id: int
    kind: str
    key: str
    label: str
    sequence: int
    release: int
    created: str
    modified: str
    withdrawn: bool
    digest: bytes
    graph: bytes
    packed: bytes
    software: str
    seen: str

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key

    @property
    def lines(self) -> list[str]:
        return unpack(self.graph)

    @property
    def data(self) -> dict[str, Any]:
        """What is known beside the graph: of a resource its `record`; of any other thing the `heading` on which it
        stands, its `agent_kind` and the `variants` of the heading."""
        return unpack_json(self.packed)


@dataclass(frozen=True, slots=True)
class Release:
    """One row of `release`: how many descriptions it created, changed and withdrew, and the resources it holds. It was
    `published` when the publish began; `datestamp` is when it became visible, as harvesters are told."""

    number: int
    published: str
    software: str
    reason: str
    created: int
    changed: int
    withdrawn: int
    resources: int
    datestamp: str


class _Connection(sqlite3.Connection):
    """Closed at the latest when nobody has it any more: a thread of the server, a command and a snapshot keep theirs to
    their own end."""

    def __del__(self) -> None:
        self.close()


class Catalog:
    """The catalog of one DATA_DIR, for one thread. Reading needs no lock; `releases` alone writes."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.path = folder / "catalog.sqlite"
        if not self.path.is_file() and not create:
            raise CatalogError(f"{folder}: nothing has been published here yet; run `publisher load` first.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.db = sqlite3.connect(
                self.path, isolation_level=None, timeout=5, check_same_thread=False, factory=_Connection
            )
            self.db.execute("PRAGMA page_size = 16384")  # of a new file: most rows hold some thousands of bytes
            self.db.execute("PRAGMA journal_mode = WAL")
            self.db.execute("PRAGMA synchronous = FULL")
            self._prepare()
            if not create:
                self.db.execute("PRAGMA query_only = ON")
        except (OSError, sqlite3.Error) as error:
            hint = "" if os.access(folder, os.W_OK) else "; who reads it, too, has to be able to write in its folder"
            raise CatalogError(f"{self.path}: the catalog cannot be opened ({error}){hint}.") from None

    def _prepare(self) -> None:
        found = self.db.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            tables = _SCHEMA.read_text("utf-8")
            self.db.executescript(f"BEGIN IMMEDIATE; {tables} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        elif found != SCHEMA_VERSION:
            raise CatalogError(
                f"{self.path}: the catalog has version {found}, this program reads version {SCHEMA_VERSION}; "
                "use the program that wrote it, or load the records into a new DATA_DIR."
            )

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def snapshot(self) -> Iterator[int]:
        """Reads inside see one release; gives its number (0: nothing is published)."""
        self.db.execute("BEGIN")
        try:
            yield self.current()
        finally:
            self.db.execute("ROLLBACK")

    # releases

    def current(self) -> int:
        """The number of the current release, 0 before the first."""
        row = self.db.execute("SELECT release FROM pointer").fetchone()
        return row[0] if row else 0

    def base(self) -> str:
        """The BASE_URL under which the current release was published, empty before the first."""
        row = self.db.execute("SELECT base FROM pointer").fetchone()
        return row[0] if row else ""

    def check_base(self, base: str) -> None:
        """Raises CatalogError if what is published has other IRIs than those below `base`."""
        published = self.base()
        if published and published != base:
            raise CatalogError(
                f"{self.path.parent} was published under {published}, but BASE_URL is {base}; set BASE_URL back, "
                "or run `publisher rebase` to publish everything anew under it."
            )

    def place(self) -> str:
        """The store that the current release was published to: `embedded` or a URL, empty before the first."""
        row = self.db.execute("SELECT place FROM pointer").fetchone()
        return row[0] if row else ""

    def waiting(self) -> int:
        """How many graphs a remote store has still to be given."""
        return int(self.db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def releases(self) -> list[Release]:
        """All releases, the newest first."""
        return [Release(*row) for row in self.db.execute("SELECT * FROM release ORDER BY number DESC")]

    # descriptions

    def find(self, kind: str, key: str) -> Entry | None:
        """The current version of a description, withdrawn ones included, or None."""
        row = self.db.execute(
            _ENTRY.format(version="thing.version") + "WHERE thing.kind = ? AND thing.key = ?", (kind, key)
        ).fetchone()
        return Entry(*row) if row else None

    def standing(self, kind: str, key: str) -> tuple[bytes, str] | None:
        """The digest of what is published of a thing, and since when it is; None if nothing is."""
        query = """
            SELECT digest, created FROM thing JOIN version ON version.sequence = thing.version
            WHERE kind = ? AND key = ? AND NOT thing.withdrawn"""
        row = self.db.execute(query, (kind, key)).fetchone()
        return (row[0], row[1]) if row else None

    def get(self, kind: str, key: str) -> Entry:
        """The current version of a description. Raises NotFound, or Withdrawn for one that was taken back."""
        entry = self.find(kind, key)
        if entry is None:
            raise NotFound(Message("There is no %(kind)s %(key)s here.", kind=kind, key=key))
        if entry.withdrawn:
            message = Message(
                "“%(key)s” was withdrawn on %(day)s.", key=key, day=date.fromisoformat(entry.modified[:10])
            )
            raise Withdrawn(message, entry.modified, entry.name, entry.label)
        return entry

    def moved(self, kind: str, key: str) -> str:
        """The key that a thing has now which had this one before; empty if it has not moved."""
        row = self.db.execute("SELECT new FROM move WHERE kind = ? AND old = ?", (kind, key)).fetchone()
        return row[0] if row else ""

    def version(self, sequence: int) -> Entry | None:
        """The version with this place in the change log, current or not."""
        query = _ENTRY.format(version=":sequence") + "WHERE thing.id = version.thing"
        row = self.db.execute(query, {"sequence": sequence}).fetchone()
        return Entry(*row) if row else None

    def as_of(self, thing: int, release: int) -> Entry | None:
        """The version of a thing that release `release` held, or None if it held none."""
        row = self.db.execute(
            _ENTRY.format(
                version="(SELECT max(sequence) FROM version WHERE version.thing = thing.id AND version.release <= ?)"
            )
            + "WHERE thing.id = ?",
            (release, thing),
        ).fetchone()
        return Entry(*row) if row else None

    def entries(self, kind: str | None = None, release: int | None = None) -> Iterator[Entry]:
        """Every description that is not withdrawn, or those of one kind, or those that one release changed; in the
        order of the change log, with bounded memory."""
        query = (
            _LOG
            + "WHERE version.sequence > :last AND NOT version.withdrawn AND (:kind IS NULL OR thing.kind = :kind)"
            + " ORDER BY version.sequence LIMIT 500"
        )
        last = 0
        if release is not None:
            first = self.db.execute("SELECT min(sequence) FROM version WHERE release = ?", (release,)).fetchone()[0]
            last = (first or 1) - 1
        while rows := self.db.execute(query, {"last": last, "kind": kind}).fetchall():
            yield from (entry for entry in (Entry(*row) for row in rows) if release in (None, entry.release))
            last = rows[-1][4]

    def by_ids(self, ids: Iterable[int]) -> dict[int, Entry]:
        """The current descriptions with these ids."""
        wanted = list(ids)
        query = _ENTRY.format(version="thing.version") + f"WHERE thing.id IN ({','.join('?' * len(wanted))})"
        return {row[0]: Entry(*row) for row in self.db.execute(query, wanted)}

    def names(self, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Name]:
        """What things are known by; those that are not there, or no longer, are left out."""
        query = "SELECT label, heading, agent_kind FROM thing WHERE kind = ? AND key = ? AND NOT withdrawn"
        found = ((name, self.db.execute(query, name).fetchone()) for name in names)
        return {name: Name(*row) for name, row in found if row}

    def count(self, kind: str | None = None) -> int:
        """How many descriptions there are, of a kind or in all."""
        query = "SELECT coalesce(sum(count), 0) FROM total WHERE :kind IS NULL OR kind = :kind"
        return int(self.db.execute(query, {"kind": kind}).fetchone()[0])

    def initials(self, kind: str) -> list[tuple[str, int]]:
        """The letters with which things of a kind begin, see `initial`, and how many begin so."""
        query = "SELECT initial, count FROM total WHERE kind = ? ORDER BY initial"
        return self.db.execute(query, (kind,)).fetchall()

    def in_order(
        self, kind: str, limit: int, after: tuple[str, int] = ("", 0), prefix: str = ""
    ) -> list[tuple[int, str, str, str]]:
        """(id, key, heading, sort key) of things of a kind in the order of their names: those that come after a sort
        key and id, and whose sort key begins with `prefix`."""
        query = """
            SELECT id, key, heading, sort_key FROM thing
            WHERE NOT withdrawn AND kind = ? AND (sort_key, id) > (?, ?) AND sort_key < ?
            ORDER BY sort_key, id LIMIT ?"""
        first = max(after, (prefix, 0))
        return self.db.execute(query, (kind, *first, prefix + "\U0010ffff", limit)).fetchall()

    def seen(self) -> str:
        """When the current release became visible, UTC; empty before the first."""
        row = self.db.execute("SELECT datestamp FROM release WHERE number = ?", (self.current(),)).fetchone()
        return row[0] if row else ""

    def latest(self) -> str:
        """When the current release was published, UTC; empty before the first."""
        row = self.db.execute("SELECT published FROM release WHERE number = ?", (self.current(),)).fetchone()
        return row[0] if row else ""
