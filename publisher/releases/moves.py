"""Moved keys: the address of a thing that has another key now leads there, and the change log says that it is gone."""

from __future__ import annotations

from publisher.errors import NotFound
from publisher.releases.publication import Publication

WORDS = {"resource": "record", "agent": "name", "concept": "keyword", "place": "place", "series": "series"}


def move(publication: Publication, kind: str, old: str, new: str) -> bool:
    """Withdraws a thing whose key is `new` now and lets its address lead there (301); False if that is so already.
    Raises NotFound if the new one is not published, or the old one never was."""
    word = WORDS[kind]
    present, former = publication.catalog.find(kind, new), publication.catalog.find(kind, old)
    if present is None or present.withdrawn:
        raise NotFound(f"There is no {word} {new} here; load it under its new number first.")
    if former is None:
        raise NotFound(f"There was never a {word} {old} here.")
    known = publication.catalog.moved(kind, old)
    if old == new or (former.withdrawn and known == new):
        return False
    publication.withdraw(kind, old)
    # what is published leads nowhere else, whatever it did before: so there is no circle
    publication.db.execute("DELETE FROM move WHERE kind = ? AND old = ?", (kind, new))
    publication.db.execute("INSERT OR REPLACE INTO move VALUES (?, ?, ?, ?)", (kind, old, new, publication.number))
    return True
