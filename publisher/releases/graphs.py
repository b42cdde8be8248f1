"""The graphs of a release: what a store has to take in, what is counted of it, and the index of the names in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from publisher import reports
from publisher.addresses import DATASET
from publisher.catalog import Catalog, Entry
from publisher.mapping import Mapping
from publisher.names import NameWriter, names_of
from publisher.releases.contents import Contents
from publisher.releases.delivery import Progress
from publisher.stores import EmbeddedStore, RemoteStore
from publisher.tally import Tally
from publisher.view import published_lines

_PAGE = 500  # descriptions looked up together


def measures(lines: str) -> tuple[int, bytes]:
    """The length in bytes and the SHA-256 of a graph as N-Triples (`formats`)."""
    text = lines.encode() + b"\n"
    return len(text), hashlib.sha256(text).digest()


class Graphs:
    """Of release `release`, made from those of release `base`, or anew from the catalog if that is 0. `told` is told of
    each that is written. A thing that is new can be `put` as soon as the catalog has it; `write` writes the others."""

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
        self.release = release
        self.base = base
        self.told = told
        self.tally = Tally()
        self.writer = store.writer(base, release) if isinstance(store, EmbeddedStore) else None
        self.names = NameWriter(store.folder(base) / "names" if base else None, store.folder(release) / "names")
        self.taken_back: set[str] = set()  # graphs
        if not base:
            catalog.db.execute("DELETE FROM tally")
            catalog.db.execute("DELETE FROM ntriples")

    def put(self, thing: int, sequence: int, name: tuple[str, str], lines: str, names: Iterable[str]) -> None:
        """Writes the graph of a thing that no release before had, while others are still being read."""
        graph = self.addresses.document(*name)
        if graph in self.taken_back:  # first it has to be removed
            return
        self.tally.add(lines.split("\n"))
        self.names.put(thing, sequence, name[0], names)
        self._write(sequence, graph, lines)

    def take_back(self, thing: int) -> None:
        """Undoes a `put`, if there was one, since the thing is about to change again."""
        entry = self.catalog.by_ids([thing])[thing]
        if self.catalog.db.execute("DELETE FROM ntriples WHERE sequence = ?", (entry.sequence,)).rowcount:
            self.tally.add(published_lines(self.mapping, entry), -1)
            self.names.remove(thing)
            self.taken_back.add(self.addresses.document(*entry.name))

    def write(self, misnamed: Iterable[int]) -> None:
        """Writes the graphs of all other things, but that of the data set, which tells what is counted here; and the
        index of the names in them, which is given the `misnamed` again."""
        self._remove(self._replaced())
        for entry in self._unwritten():
            content = published_lines(self.mapping, entry)
            self.tally.add(content)
            self.names.put(entry.id, entry.sequence, entry.kind, names_of(entry))
            self._write(entry.sequence, self.addresses.document(*entry.name), "\n".join(content))
        self.tally.save(self.catalog)
        withdrawn = "SELECT thing FROM version WHERE release = ? AND withdrawn"
        for (thing,) in self.catalog.db.execute(withdrawn, (self.release,)):
            self.names.remove(thing)
        for thing in misnamed:
            entry = self.catalog.by_ids([thing])[thing]
            if entry.withdrawn:
                self.names.remove(thing)
            else:
                self.names.put(entry.id, entry.sequence, entry.kind, names_of(entry))

    def hand_over(self, mended: set[str]) -> None:
        """Gives an embedded store the graph of the data set, the reports, and the `mended`, which are put again though
        nothing has changed; notes what a remote store has to be given."""
        contents = Contents(self.mapping, self.catalog)
        dataset = self.catalog.get(*DATASET)
        own, content = self.addresses.document(*DATASET), "\n".join(published_lines(self.mapping, dataset))
        renewed = not self.base or dataset.release == self.release
        if self.writer is None:
            graphs = contents.changed(self.release) if self.base else contents.ever()
            rows = ((graph, self.release) for graph in graphs)
            self.catalog.db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?)", rows)
            if renewed:
                self._write(dataset.sequence, own, content)
            return
        self._remove(mended)
        self._remove(self.addresses.report(key) for key in reports.replaced(self.catalog.db, self.release))
        if renewed:
            self._remove([own])
            self._write(dataset.sequence, own, content)
        for graph, report in reports.graphs(self.catalog.db, self.addresses, self.release if self.base else None):
            self.writer.put(graph, "\n".join(report))
        for graph in sorted(mended.difference(contents.changed(self.release))) if mended else ():
            self.writer.put(graph, "\n".join(contents.lines(graph)))
        self.writer.start()

    def close(self) -> None:
        """Makes everything durable and lets go of the folders."""
        self.names.close()
        if self.writer is not None:
            self.writer.close()

    def abandon(self) -> None:
        """Gives up the folders, which their owner removes."""
        self.names.abandon()
        if self.writer is not None:
            self.writer.abandon()

    def _write(self, sequence: int, graph: str, lines: str) -> None:
        self.measure(sequence, lines)
        self.told(1)
        if self.writer is not None:
            self.writer.put(graph, lines)

    def measure(self, sequence: int, lines: str) -> None:
        """Keeps what a version is as N-Triples; whose row is there, of that the graph is written."""
        self.catalog.db.execute("INSERT OR REPLACE INTO ntriples VALUES (?, ?, ?)", (sequence, *measures(lines)))

    def _remove(self, graphs: Iterable[str]) -> None:
        if self.writer is not None:
            self.writer.remove(graphs)
        else:  # what is counted on the way is counted
            for _ in graphs:
                pass

    def _replaced(self) -> Iterator[str]:
        """The graphs of what this release replaces, withdraws or has taken back, which are counted out."""
        yield from sorted(self.taken_back)
        for entry in self._predecessors() if self.base else ():
            self.tally.add(published_lines(self.mapping, entry), -1)
            yield self.addresses.document(*entry.name)
            if entry.kind == "resource":
                yield self.addresses.report(entry.key)

    def _unwritten(self) -> Iterator[Entry]:
        """What is published and was not written yet; of a release that is made from another, what it changes."""
        query = """
            SELECT version.thing FROM version CROSS JOIN thing ON thing.version = version.sequence
                AND thing.id = version.thing
            WHERE version.sequence > ? AND version.release >= ? AND NOT version.withdrawn
                AND version.sequence NOT IN (SELECT sequence FROM ntriples)
            ORDER BY version.sequence LIMIT ?"""
        last, oldest = 0, self.release if self.base else 0
        if self.base:
            first = "SELECT min(sequence) FROM version WHERE release = ?"
            last = (self.catalog.db.execute(first, (self.release,)).fetchone()[0] or 1) - 1
        while ids := [row[0] for row in self.catalog.db.execute(query, (last, oldest, _PAGE))]:
            found = self.catalog.by_ids(ids)
            last = found[ids[-1]].sequence
            yield from (found[thing] for thing in ids if found[thing].name != DATASET)

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
