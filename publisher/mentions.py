"""Mentions: which descriptions name a thing, in which role and how often."""

from __future__ import annotations

from collections.abc import Iterable

from publisher.catalog import Catalog


def times_named(catalog: Catalog, things: Iterable[int], kind: str = "resource") -> dict[int, int]:
    """How often each of some things is named by descriptions of a kind; one that names it twice counts twice."""
    wanted = list(things)
    query = f"""
        SELECT thing, sum(count) FROM named
        WHERE kind = ? AND thing IN ({",".join("?" * len(wanted))}) GROUP BY thing"""
    return dict(catalog.db.execute(query, (kind, *wanted)).fetchall())


def roles(catalog: Catalog, thing: int) -> list[tuple[str, str, int]]:
    """How a thing is named: (attribute, kind of what names it, how many)."""
    query = "SELECT attribute, kind, count FROM named WHERE thing = ?"
    return catalog.db.execute(query, (thing,)).fetchall()


def mentioned_by(
    catalog: Catalog, thing: int, attribute: str, kind: str, limit: int, after: int = 0
) -> list[tuple[str, str, str, int]]:
    """(kind, key, label, id) of what names a thing in one role, the latest first; the page after the id `after`."""
    query = """
        SELECT thing.kind, thing.key, thing.label, thing.id
        FROM mention JOIN thing ON thing.id = mention.subject
        WHERE mention.object = ? AND mention.attribute = ? AND mention.kind = ? AND (? = 0 OR mention.subject < ?)
        ORDER BY mention.subject DESC LIMIT ?"""
    return catalog.db.execute(query, (thing, attribute, kind, after, after, limit)).fetchall()
