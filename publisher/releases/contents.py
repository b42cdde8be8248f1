"""What each named graph is to hold, told by its name: the description of a thing, or the report on a record."""

from __future__ import annotations

from collections.abc import Iterator

from publisher import reports
from publisher.catalog import Catalog
from publisher.mapping import Mapping
from publisher.view import published_lines


class Contents:
    """Of one site, as its catalog says."""

    def __init__(self, mapping: Mapping, catalog: Catalog) -> None:
        self.mapping = mapping
        self.addresses = mapping.addresses
        self.catalog = catalog

    def lines(self, graph: str) -> list[str]:
        """The N-Triples of a graph; none if no store is to hold it."""
        key = self.addresses.reported(graph)
        if key is not None:
            entry = self.catalog.find("resource", key)
            published = entry is not None and not entry.withdrawn
            kept = reports.of_record(self.catalog.db, key)
            return reports.graph(self.addresses, key, published, kept) if published or kept else []
        name = self.addresses.parse(graph)
        entry = self.catalog.find(*name) if name else None
        if entry is None or entry.withdrawn or self.addresses.document(*entry.name) != graph:
            return []
        return published_lines(self.mapping, entry)

    def changed(self, release: int) -> Iterator[str]:
        """The names of the graphs that a release changed or withdrew."""
        query = "SELECT kind, key FROM version JOIN thing ON thing.id = version.thing WHERE release = ?"
        for kind, key in self.catalog.db.execute(query, (release,)):
            yield self.addresses.document(kind, key)
        for key in reports.changed(self.catalog.db, release):
            yield self.addresses.report(key)

    def ever(self) -> Iterator[str]:
        """The names of all graphs that there are or were."""
        for kind, key in self.catalog.db.execute("SELECT kind, key FROM thing"):
            yield self.addresses.document(kind, key)
            if kind == "resource":
                yield self.addresses.report(key)
        query = "SELECT DISTINCT key FROM report WHERE key NOT IN (SELECT key FROM thing WHERE kind = 'resource')"
        for (key,) in self.catalog.db.execute(query):
            yield self.addresses.report(key)
