"""The representations of a release that are kept ready: made with their record where they may be, else anew."""

from __future__ import annotations

from publisher.catalog import Catalog
from publisher.formats import make_ready
from publisher.items import DC
from publisher.mapping import Mapping
from publisher.releases.item_log import ItemLog
from publisher.releases.prepared import Prepared, pack_ready
from publisher.view import of_entry


class Representations:
    """Of one release; `items` keeps the one that harvesters are given."""

    def __init__(self, mapping: Mapping, catalog: Catalog, items: ItemLog) -> None:
        self.mapping = mapping
        self.catalog = catalog
        self.items = items
        self.unready: set[int] = set()  # things whose representations have to be made from the catalog

    def keep(self, thing: int, prepared: Prepared, created: str) -> None:
        """Keeps the representations that were made with the record, unless the catalog knows the things in them by
        other names: by headings that were established before. `created` is when the thing was first published."""
        fits = prepared.ready is not None and prepared.created == created
        if fits and self.catalog.names(prepared.names) == prepared.names:
            self._store(thing, prepared.ready or {})
        else:
            self.unready.add(thing)

    def _store(self, thing: int, ready: dict[str, bytes]) -> None:
        self.unready.discard(thing)
        if DC in ready:
            self.items.keep(thing, ready[DC])
        rows = [(thing, name, body) for name, body in ready.items() if name != DC]
        self.catalog.db.executemany("INSERT OR REPLACE INTO ready VALUES (?, ?, ?)", rows)

    def make(self) -> None:
        """Makes the representations anew of what was not made with its record."""
        for thing in sorted(self.unready):
            entry = self.catalog.by_ids([thing])[thing]
            if not entry.withdrawn:
                self._store(thing, pack_ready(make_ready(of_entry(self.mapping, self.catalog, entry))))
