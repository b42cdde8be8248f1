"""Works: by what a record may be told to describe the same work as another one."""

from __future__ import annotations

from publisher.catalog import Entry
from publisher.releases.publication import Publication


def put_work(publication: Publication, key: str, mark: bytes) -> Entry | None:
    """Keeps what tells a work of which another record may be; gives a published record that has the same mark."""
    row = publication.versions.row(("resource", key))
    if row is None or not mark:
        publication.db.execute("DELETE FROM work WHERE thing = ?", (row.id if row else 0,))
        return None
    publication.db.execute("INSERT OR REPLACE INTO work VALUES (?, ?)", (row.id, mark))
    query = "SELECT id FROM work JOIN thing ON id = thing WHERE mark = ? AND id <> ? AND NOT withdrawn LIMIT 1"
    found = publication.db.execute(query, (mark, row.id)).fetchone()
    return publication.catalog.by_ids([found[0]])[found[0]] if found else None
