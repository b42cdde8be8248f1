"""Brings a remote store to the current release: what the outbox of the catalog names is sent, and struck off there.

The outbox is written with the release, in its transaction. So whatever happens here, or to the store, the next publish
or `publisher verify --repair` knows what is left. Sending a graph again does no harm: it replaces what is there.
"""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from publisher.catalog import Catalog
from publisher.errors import PublishInProgress, StoreBehind, StoreError
from publisher.mapping import Mapping
from publisher.releases.contents import Contents
from publisher.settings import Settings
from publisher.stores import RemoteStore, open_store
from publisher.stores.connection import Refused
from publisher.stores.remote import Change

Progress = Callable[[int], None]  # is told how much was done since it was last told
Sending = Callable[[int, int], None]  # the same, and how much there is in all
_PAGE = 500  # graphs read, sent and struck off together
_MANY = 2000  # graphs from which on it is worth a look whether the store is empty; so many are added at once, if it is
_REFUSALS = 5  # graphs refused one after the other, after which the store is taken to refuse everything


def not_told(done: int) -> None:
    """For those who do not want to know."""


def not_sending(done: int, total: int) -> None:
    """For those who do not want to know."""


def deliver(settings: Settings, sending: Sending = not_sending) -> int:
    """Sends what is left to be sent to a remote store; gives the number of graphs. Raises StoreBehind if the store does
    not take them all; PublishInProgress if another process publishes, which then sends them."""
    store = open_store(settings)
    if not isinstance(store, RemoteStore):
        return 0
    catalog = Catalog(settings.DATA_DIR, create=True)
    try:
        if not catalog.waiting():
            return 0
        store.check_writable()
        with _alone(settings.DATA_DIR):
            return _Delivery(settings, catalog, store, sending).run()
    finally:
        catalog.close()


def enqueue(settings: Settings, graphs: Iterable[str]) -> None:
    """Notes the names of graphs that differ in a remote store."""
    catalog = Catalog(settings.DATA_DIR, create=True)
    try:
        number = catalog.current()
        with catalog.db:
            catalog.db.execute("BEGIN IMMEDIATE")
            rows = ((graph, number) for graph in graphs)
            catalog.db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?)", rows)
    except sqlite3.OperationalError:
        raise PublishInProgress("Another process is publishing; try again when it is done.") from None
    finally:
        catalog.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One delivery at a time: an older one could not put back what this one has sent."""
    with (folder / "delivery.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class _Delivery:
    def __init__(self, settings: Settings, catalog: Catalog, store: RemoteStore, sending: Sending) -> None:
        self.contents = Contents(Mapping(settings), catalog)
        self.catalog = catalog
        self.store = store
        self.sending = sending
        self.total = catalog.waiting()
        self.sent = 0
        self.is_first = False
        self.refusals: list[str] = []
        self.in_a_row = 0  # how many

    def run(self) -> int:
        last = ""
        try:
            # In a store without graphs of ours nothing has to be replaced, which some do slowly. When a request is
            # refused, nobody knows what the store has taken of it, so that from then on graphs are replaced.
            self.is_first = self.total >= _MANY and self.store.number_of_graphs() == 0
            while rows := self.catalog.db.execute(
                "SELECT graph, release FROM outbox WHERE graph > ? ORDER BY graph LIMIT ?",
                (last, _MANY if self.is_first else _PAGE),
            ).fetchall():
                last = rows[-1][0]
                self._send(dict(rows), [(graph, self.contents.lines(graph)) for graph, _ in rows])
        except StoreError as error:
            raise self._behind(str(error)) from None
        if self.refusals:
            raise self._behind(" ".join(self.refusals[:3]))
        return self.sent

    def _behind(self, why: str) -> StoreBehind:
        return StoreBehind(
            f"Release {self.catalog.current()} is current, but not yet in the store: {why} Graphs left to be sent: "
            f"{self.catalog.waiting()}; the next publish, or `publisher verify --repair`, goes on with them."
        )

    def _send(self, releases: dict[str, int], changes: list[Change]) -> None:
        """Sends a page; what the store has taken is struck off, even if the rest fails."""
        taken: list[str] = []
        try:
            if self.is_first:
                taken = [graph for graph, lines in changes if not lines]  # which are not there
                changes = [(graph, lines) for graph, lines in changes if lines]
                self.sending(len(taken), self.total)
            for part in self.store.batches(changes, replacing=not self.is_first):
                try:
                    self.store.send(part, replacing=not self.is_first)
                    self.in_a_row = 0
                    taken += [graph for graph, _ in part]
                except Refused:
                    self.is_first = False
                    self._send_each(part, taken)
                self.sending(len(part), self.total)
        finally:
            self._strike_off([(graph, releases[graph]) for graph in taken])

    def _send_each(self, part: list[Change], taken: list[str]) -> None:
        """Finds which of the graphs the store refuses, so that the others do not wait for them."""
        for graph, lines in part:
            try:
                self.store.send([(graph, lines)])
            except Refused as error:
                self.in_a_row += 1
                self.refusals.append(f"{graph}: {error}.")
                if self.in_a_row == _REFUSALS:
                    raise
            else:
                taken.append(graph)
                self.in_a_row = 0

    def _strike_off(self, sent: list[tuple[str, int]]) -> None:
        try:
            # a publish that came between has written a later release there, and that is still to be sent
            with self.catalog.db:
                self.catalog.db.execute("BEGIN IMMEDIATE")
                self.catalog.db.executemany("DELETE FROM outbox WHERE graph = ? AND release = ?", sent)
        except sqlite3.OperationalError:
            raise PublishInProgress("Another process is publishing; it sends what is left to be sent.") from None
        self.sent += len(sent)
