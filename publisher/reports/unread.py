"""What could not be read, as the catalog keeps it: files, and places in them, of which no record could be made."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from publisher.record import Fault

_ROWS = """
SELECT unread.id, file, line, message, release.published, release.reason
FROM unread JOIN release ON release.number = unread.since
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file that could not be read; its line is 0 for the whole file. It stands here since the release that
    was published at `when` (UTC, ISO 8601) by what `reason` says."""

    id: int
    file: str
    line: int
    message: str
    when: str
    reason: str

    @property
    def file_name(self) -> str:
        """The file without its folders, which are our own affair."""
        return PurePath(self.file).name


class Unread:
    """Keeps such places in a release in the making, inside the transaction of the publish. Like reports they have an
    `until`, the first release that does not hold them any more."""

    def __init__(self, db: sqlite3.Connection, number: int) -> None:
        self.db, self.number = db, number

    def keep(self, file: str, faults: Iterable[Fault]) -> None:
        """Keeps what could not be read of a file, in place of what an earlier publish could not read of it."""
        found = {(fault.first_line, _said(fault)) for fault in faults}
        query = "SELECT id, line, message FROM unread WHERE file = ? AND until IS NULL"
        for row, *place in self.db.execute(query, (file,)).fetchall():
            if tuple(place) in found:
                found.remove((place[0], place[1]))
            else:
                self._close(row)
        rows = [(file, *place, self.number) for place in sorted(found)]
        self.db.executemany("INSERT INTO unread (file, line, message, since) VALUES (?, ?, ?, ?)", rows)

    def forget(self, name: str) -> int:
        """Takes out the places in the files of that name, with or without its folders; says how many."""
        return self._forget(lambda file: name in (file, PurePath(file).name))

    def _forget(self, gone: Callable[[str], bool]) -> int:
        rows = self.db.execute("SELECT id, file FROM unread WHERE until IS NULL").fetchall()
        closed = [row for row, file in rows if gone(file)]
        for row in closed:
            self._close(row)
        return len(closed)

    def forget_missing(self, folders: Iterable[Path]) -> None:
        """Takes out the places in files that are in these folders no more."""
        there = [folder for folder in folders if folder.is_dir()]
        self._forget(lambda file: any(map(Path(file).is_relative_to, there)) and not Path(file).exists())

    def restore(self, release: int) -> None:
        """Keeps again what release `release` held, and nothing else."""
        for (row,) in self.db.execute("SELECT id FROM unread WHERE until IS NULL AND since > ?", (release,)).fetchall():
            self._close(row)
        self.db.execute(
            "INSERT INTO unread (file, line, message, since) "
            "SELECT file, line, message, ?1 FROM unread WHERE since <= ?2 AND until > ?2 AND until < ?1",
            (self.number, release),
        )

    def changed(self) -> bool:
        """Whether the release differs in this from its predecessor."""
        query = "SELECT EXISTS (SELECT 1 FROM unread WHERE since = ?1 OR until = ?1)"
        return bool(self.db.execute(query, (self.number,)).fetchone()[0])

    def _close(self, row: int) -> None:
        # what was never public leaves no trace
        self.db.execute("DELETE FROM unread WHERE id = ? AND since = ?", (row, self.number))
        self.db.execute("UPDATE unread SET until = ? WHERE id = ?", (self.number, row))


def _said(fault: Fault) -> str:
    """What is wrong, without the place, and without the folders."""
    message = fault.message.removeprefix(f"{fault.place}: ").removeprefix(f"{fault.file}: ")
    return message.replace(fault.file, PurePath(fault.file).name)


def unread(db: sqlite3.Connection, limit: int, after: int = 0) -> list[Place]:
    """What could not be read, in the order in which it came; the page after the id `after`."""
    query = _ROWS + "WHERE until IS NULL AND unread.id > ? ORDER BY unread.id LIMIT ?"
    return [Place(*row) for row in db.execute(query, (after, limit))]


def count_unread(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM unread WHERE until IS NULL").fetchone()[0])
