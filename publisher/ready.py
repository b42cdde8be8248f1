"""Representations that are kept ready: how they are kept, and the one look into the catalog that serves one."""

from __future__ import annotations

from typing import NamedTuple

from publisher.catalog import Catalog
from publisher.packing import gunzip

_LOOK = """
SELECT thing.id, version.sequence, own.datestamp, version.withdrawn,
    pointer.release, pointer.base, release.datestamp, ready.body, {plain}
FROM thing JOIN version ON version.sequence = thing.version JOIN release AS own ON own.number = version.release
JOIN pointer JOIN release ON release.number = pointer.release
LEFT JOIN ready ON ready.thing = thing.id AND ready.format = ?
WHERE thing.kind = ? AND thing.key = ?
"""
_LOOK_AT_DATA = _LOOK.format(plain=1)
_LOOK_AT_PAGE = _LOOK.format(
    plain="NOT EXISTS (SELECT 1 FROM named WHERE named.thing = thing.id) "
    "AND NOT EXISTS (SELECT 1 FROM report WHERE report.key = thing.key AND until IS NULL)"
)


class Look(NamedTuple):
    """The current version of a description, as far as a cache has to know it; the current release and the BASE_URL
    under which it was published; and a representation, in gzip's format, if it is kept ready. `modified` is when the
    version became visible, `published` when the release did: who asked during a publish has the older state. `plain` is
    whether all that its page shows is on its card: nothing names the thing, and the validation says nothing of it."""

    thing: int
    sequence: int
    modified: str
    withdrawn: int
    release: int
    base: str
    published: str
    body: bytes | None
    plain: int


def look(catalog: Catalog, kind: str, key: str, format_name: str, *, page: bool = False) -> Look | None:
    """All in one statement, which sees one release without a transaction; `plain` is known of a `page` only."""
    statement = _LOOK_AT_PAGE if page else _LOOK_AT_DATA
    row = catalog.db.execute(statement, (format_name, kind, key)).fetchone()
    return Look(*row) if row else None


def kept(catalog: Catalog, thing: int, format_name: str) -> bytes | None:
    """A representation of the current version that is kept ready, or None."""
    if format_name == "oai_dc":  # for harvesters it is kept as it is sent
        query = "SELECT item_dc.end FROM item_dc JOIN item USING (sequence) WHERE thing = ? AND NOT withdrawn"
        row = catalog.db.execute(query, (thing,)).fetchone()
        return metadata_of(row[0]) if row else None
    row = catalog.db.execute("SELECT body FROM ready WHERE thing = ? AND format = ?", (thing, format_name)).fetchone()
    return gunzip(row[0]) if row else None


def metadata_of(end: bytes) -> bytes:
    """The metadata in the end of a record as it is sent to harvesters."""
    return end.partition(b"<metadata>")[2].removesuffix(b"</metadata></record>")
