"""The history of a description: its versions in the catalog, and what each of them changed."""

from __future__ import annotations

from typing import NamedTuple

from publisher.catalog import Catalog

MOST = 1000  # versions that are listed, the latest ones


class Past(NamedTuple):
    """One version: its place in the change log, its release, when it became visible (UTC), and whether it says that
    the description was taken back."""

    sequence: int
    release: int
    modified: str
    withdrawn: bool
    label: str


def history(catalog: Catalog, kind: str, key: str) -> list[Past]:
    """The versions of a description, the oldest first; none, if it was never published."""
    query = """
        SELECT sequence, release, datestamp, version.withdrawn, version.label
        FROM version JOIN thing ON thing.id = version.thing JOIN release ON number = release
        WHERE kind = ? AND key = ? ORDER BY sequence DESC LIMIT ?"""
    rows = catalog.db.execute(query, (kind, key, MOST)).fetchall()
    return [
        Past(sequence, release, modified, bool(gone), label) for sequence, release, modified, gone, label in rows[::-1]
    ]


def at(past: list[Past], time: str) -> Past:
    """The version that was current at a time (UTC, ISO 8601); of an earlier time the first (RFC 7089 4.5.3)."""
    return next((each for each in reversed(past) if each.modified <= time), past[0])


def changes(catalog: Catalog, before: int | None, after: int) -> tuple[list[str], list[str]]:
    """The canonical lines that a version has and an earlier one has not, and the other way round."""
    older, newer = (catalog.version(sequence) if sequence else None for sequence in (before, after))
    old, new = (set(entry.lines) if entry is not None and not entry.withdrawn else set() for entry in (older, newer))
    return sorted(new - old), sorted(old - new)
