"""The graphs of a release: what a store has to take in, and the index of the names in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import TextIO

from publisher import reports
from publisher.addresses import DATASET
from publisher.catalog import Catalog, Entry
from publisher.mapping import Mapping
from publisher.names import NameWriter
from publisher.releases.contents import Contents
from publisher.releases.delivery import Progress
from publisher.stores import EmbeddedStore, RemoteStore
from publisher.tally import Tally
from publisher.view import published_lines


class Graphs:
    """Of release `release`, made from those of release `base`, or anew from the catalog if that is 0. `told` is told of
    each that is written."""

    def __init__(
        self,
        mapping: Mapping,
        catalog: Catalog,
        store: EmbeddedStore | RemoteStore,
        release: int,
        base: int,
        told: Progress,
    ) -> None:
        self.mapping = mapping
        self.addresses = mapping.addresses
        self.catalog = catalog
        self.store = store
        self.release = release
        self.base = base
        self.told = told
        self.changes = store.folder(release) / "changes.nq"  # what an embedded store takes in
        self.replaced: set[str] = set()  # graphs of `base` that are changed or withdrawn

    def write(self, misnamed: Iterable[int]) -> None:
        """Writes the graphs of things, but that of the data set, which tells what is counted here; and the index of the
        names in them, which is given the `misnamed` again."""
        tally = Tally()
        if not self.base:
            self.catalog.db.execute("DELETE FROM tally")
        else:
            for entry in self._predecessors():
                tally.add(published_lines(self.mapping, entry), -1)
                self.replaced.add(self.addresses.document(*entry.name))
                if entry.kind == "resource":
                    self.replaced.add(self.addresses.report(entry.key))
        folder = self.store.folder
        names = NameWriter(folder(self.base) / "names" if self.base else None, folder(self.release) / "names")
        embedded = isinstance(self.store, EmbeddedStore)
        with self.changes.open("w", encoding="utf-8") if embedded else nullcontext() as stream:
            for entry in self.catalog.entries(release=self.release if self.base else None):
                if entry.name != DATASET:
                    content = published_lines(self.mapping, entry)
                    tally.add(content)
                    names.put(entry)
                    self._write_thing(stream, entry.name, content)
        tally.save(self.catalog)
        withdrawn = "SELECT thing FROM version WHERE release = ? AND withdrawn"
        for (thing,) in self.catalog.db.execute(withdrawn, (self.release,)):
            names.remove(thing)
        for thing in misnamed:
            entry = self.catalog.by_ids([thing])[thing]
            if entry.withdrawn:
                names.remove(thing)
            else:
                names.put(entry)
        names.close()

    def hand_over(self, mended: set[str]) -> None:
        """Gives an embedded store the graphs of the release, with that of the data set, the reports, and the `mended`,
        which are put again though nothing has changed; notes what a remote store has to be given."""
        contents = Contents(self.mapping, self.catalog)
        if isinstance(self.store, RemoteStore):
            self._write_dataset(None)
            graphs = contents.changed(self.release) if self.base else contents.ever()
            rows = ((graph, self.release) for graph in graphs)
            self.catalog.db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?)", rows)
            return
        with self.changes.open("a", encoding="utf-8") as stream:
            self._write_dataset(stream)
            made = reports.graphs(self.catalog.db, self.addresses, self.release if self.base else None)
            for graph, content in made:
                _write_quads(stream, graph, content)
            for graph in sorted(mended.difference(contents.changed(self.release))):
                _write_quads(stream, graph, contents.lines(graph))
        self.replaced.update(mended)
        self.replaced.update(self.addresses.report(key) for key in reports.replaced(self.catalog.db, self.release))
        self.store.build(self.base, self.release, sorted(self.replaced) if self.base else (), self.changes)
        self.changes.unlink()

    def _write_dataset(self, stream: TextIO | None) -> None:
        dataset = self.catalog.get(*DATASET)
        if self.base and dataset.release == self.release:
            self.replaced.add(self.addresses.document(*DATASET))
        if not self.base or dataset.release == self.release:
            self._write_thing(stream, DATASET, published_lines(self.mapping, dataset))

    def _write_thing(self, stream: TextIO | None, name: tuple[str, str], content: Iterable[str]) -> None:
        self.told(1)
        if stream is not None:
            _write_quads(stream, self.addresses.document(*name), content)

    def _predecessors(self) -> Iterator[Entry]:
        """The versions that this release replaces or withdraws."""
        query = """
            SELECT (SELECT max(earlier.sequence) FROM version AS earlier
                WHERE earlier.thing = version.thing AND earlier.sequence < version.sequence)
            FROM version WHERE release = ?"""
        for (sequence,) in self.catalog.db.execute(query, (self.release,)):
            entry = self.catalog.version(sequence) if sequence is not None else None
            if entry is not None and not entry.withdrawn and entry.name != DATASET:
                yield entry


def _write_quads(stream: TextIO, graph: str, content: Iterable[str]) -> None:
    stream.writelines(f"{line[:-2]} <{graph}> .\n" for line in content)
