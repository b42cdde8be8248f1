"""Whether the graphs, the search index and what harvesters are told are what the catalog says of each thing; where not,
they are mended or made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from publisher import reports
from publisher.addresses import DATASET
from publisher.catalog import Catalog, Entry
from publisher.errors import CatalogError, StoreError
from publisher.formats import make_ready
from publisher.mapping import Mapping
from publisher.names import Names
from publisher.ready import kept
from publisher.record import Record
from publisher.releases.contents import Contents
from publisher.releases.delivery import Progress, Sending, deliver, enqueue, not_sending, not_told
from publisher.releases.graphs import measures
from publisher.releases.item_comparison import ItemComparison
from publisher.releases.publication import Publication
from publisher.releases.restoration import mend
from publisher.search import Index
from publisher.settings import Settings
from publisher.stores import EmbeddedStore, RemoteStore, open_store
from publisher.view import of_entry, published_lines

_PAGE = 500  # descriptions compared together
_LAST = 2**63 - 1  # larger than any sequence
_MOST = 10_000  # differences that are mended one by one; where more differs, everything is made anew


@dataclass(frozen=True, slots=True)
class Difference:
    """`message` says what differs, `part` where: the "graph" of a name, the search "index", the index of "names", what
    is kept "ready" of a thing, the "measures" of its N-Triples, the "item" that harvesters have of one, the "lists" of
    sets and their receipts, or the "whole" release, which cannot be read."""

    message: str
    part: str
    graph: str = ""
    thing: int = 0


def differences(settings: Settings, progress: Progress = not_told) -> Iterator[Difference]:
    """Compares the graphs and the search index of the current release with the catalog, in bounded memory. `progress`
    is told how many descriptions were compared since it was last told. Raises StoreError if a remote store is down."""
    catalog = Catalog(settings.DATA_DIR)
    store = open_store(settings)
    try:
        with catalog.snapshot() as number:
            if not number:
                return
            try:
                with store.held(number):
                    yield from _Comparison(settings, catalog, store, number).run(progress)
            except StoreError:
                raise
            except (OSError, CatalogError) as error:
                yield Difference(f"Release {number} cannot be read: {error}", "whole")
    finally:
        catalog.close()


def verify(settings: Settings, progress: Progress = not_told) -> list[str]:
    """What differs between the current release and the catalog, a sentence each."""
    return [difference.message for difference in differences(settings, progress)]


class _Comparison:
    def __init__(self, settings: Settings, catalog: Catalog, store: EmbeddedStore | RemoteStore, number: int) -> None:
        self.mapping = Mapping(settings)
        self.addresses = self.mapping.addresses
        self.catalog = catalog
        self.contents = Contents(self.mapping, catalog)
        self.graphs = store.graphs(number)
        self.items = ItemComparison(self.mapping, catalog)
        self.index = Index(store.folder(number) / "search")
        self.names = Names(store.folder(number) / "names")
        self.named = 0  # things of the catalog that the index of names holds
        self.present = 0  # graphs that are there and that the catalog knows
        self.last = 0  # sequence up to which the index was compared

    def run(self, progress: Progress) -> Iterator[Difference]:
        entries = self.catalog.entries()
        while page := list(islice(entries, _PAGE)):
            wanted = {self.addresses.document(*entry.name): published_lines(self.mapping, entry) for entry in page}
            yield from self._compare_graphs(wanted, "graph")
            yield from self._compare_ready(page)
            yield from self._compare_measures(page, wanted)
            yield from self._compare_index(page, page[-1].sequence)
            yield from self._compare_names(page)
            for entry in self.items.resources(page):
                message = f"Harvesters are not told of the resource {entry.key} as it is published."
                yield Difference(message, "item", thing=entry.id)
            progress(len(page))
        yield from self._compare_index([], _LAST)
        if more := len(self.names) - self.named:
            yield Difference(f"The index of names holds {more} things that the catalog does not know.", "whole")
        for thing, key in self.items.surplus():
            yield Difference(
                f"Harvesters are told of the resource {key}, which is not published so.", "item", thing=thing
            )
        for spec in self.items.sets():
            named = f"the set {spec}" if spec else "everything"
            yield Difference(f"The list or the receipt of {named} is not what its items say.", "lists")
        made = reports.graphs(self.catalog.db, self.addresses)
        while wanted := dict(islice(made, _PAGE)):
            yield from self._compare_graphs(wanted, "report")
        if self.graphs.number_of_graphs() != self.present:
            for name in self.graphs.names():
                if not self.contents.lines(name):
                    message = f"The store holds the graph {name}, which the catalog does not know."
                    yield Difference(message, "graph", name)

    def _compare_graphs(self, wanted: dict[str, list[str]], what: str) -> Iterator[Difference]:
        self.present += len(wanted)
        for graph, there in self.graphs.differing(wanted).items():
            self.present -= not there
            says = "in the store differs from the catalog" if there else "is missing from the store"
            yield Difference(f"The {what} {graph} {says}.", "graph", graph)

    def _compare_ready(self, page: list[Entry]) -> Iterator[Difference]:
        for entry in page:
            for name, body in make_ready(of_entry(self.mapping, self.catalog, entry)).items():
                if kept(self.catalog, entry.id, name) != body:
                    graph = self.addresses.document(*entry.name)
                    message = f"The {name} kept ready for {graph} is not what the catalog says."
                    yield Difference(message, "ready", thing=entry.id)

    def _compare_measures(self, page: list[Entry], wanted: dict[str, list[str]]) -> Iterator[Difference]:
        query = "SELECT length, sha256 FROM ntriples WHERE sequence = ?"
        for entry in page:
            graph = self.addresses.document(*entry.name)
            if self.catalog.db.execute(query, (entry.sequence,)).fetchone() != measures("\n".join(wanted[graph])):
                message = f"The length or hash kept for {graph} is not that of its N-Triples."
                yield Difference(message, "measures", thing=entry.id)

    def _compare_names(self, page: list[Entry]) -> Iterator[Difference]:
        held = self.names.sequences(entry.id for entry in page)
        self.named += len(held)
        for entry in page:
            if entry.name != DATASET and (entry.id, entry.sequence) not in held:
                message = f"The index of names does not hold {entry.kind} {entry.key} as it is published."
                yield Difference(message, "names", thing=entry.id)

    def _compare_index(self, page: list[Entry], last: int) -> Iterator[Difference]:
        held = self.index.sequences(self.last + 1, last)
        self.last = last
        for entry in page:
            if entry.kind == "resource" and (entry.id, entry.sequence) not in held:
                message = f"The search index does not hold {entry.kind} {entry.key} as it is published."
                yield Difference(message, "index", thing=entry.id)
            held.discard((entry.id, entry.sequence))
        for thing, version in sorted(held):
            yield Difference(f"The search index holds version {version}, which is not current.", "index", thing=thing)


def rebuild(settings: Settings, progress: Progress = not_told, sending: Sending = not_sending) -> int:
    """Makes the graphs and the search index anew from the catalog alone, as a new release; gives its number. `progress`
    is told twice of each description: when it is read, and when its graph is written."""
    with Publication(settings, "rebuilt from the catalog", told=progress, sending=sending) as publication:
        publication.checkpoint = 0
        for entry in publication.catalog.entries():
            publication.ready.unready.add(entry.id)
            if entry.kind == "resource":
                record = Record.from_json(entry.data["record"])
                publication.index_writer().put(entry.id, entry.key, entry.sequence, record)
            progress(1)
        return publication.finish(always=True)


def repair(settings: Settings, progress: Progress = not_told, sending: Sending = not_sending) -> tuple[list[str], int]:
    """Mends what differs from the catalog; gives what did, a sentence each and _MOST at most, and how many there were.

    In an embedded store that makes a release, since one is never written again. To a remote store what differs is sent,
    after what was left to be sent anyway.
    """
    deliver(settings, sending)
    with closing(sqlite3.connect("")) as found:  # a temporary file: there may be many
        found.execute("CREATE TABLE found (message TEXT, part TEXT, graph TEXT, thing INTEGER)")
        rows = ((each.message, each.part, each.graph, each.thing) for each in differences(settings, progress))
        found.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", rows)
        count = int(found.execute("SELECT count(*) FROM found").fetchone()[0])
        messages = [row[0] for row in found.execute("SELECT message FROM found LIMIT ?", (_MOST,))]
        _mend(settings, found, sending)
    return messages, count


def _mend(settings: Settings, found: sqlite3.Connection, sending: Sending) -> None:
    store = open_store(settings)
    if isinstance(store, RemoteStore):
        enqueue(settings, (row[0] for row in found.execute("SELECT graph FROM found WHERE part = 'graph'")))
        found.execute("DELETE FROM found WHERE part = 'graph'")
    count, whole = found.execute("SELECT count(*), ifnull(max(part = 'whole'), 0) FROM found").fetchone()
    if whole or count > _MOST:
        rebuild(settings, sending=sending)
    elif count:
        with Publication(settings, "repaired from the catalog", sending=sending) as publication:
            for row in found.execute("SELECT part, graph, thing FROM found"):
                mend(publication, *row)
            publication.finish(always=True)
    else:
        deliver(settings, sending)
