"""A publish makes a release: everything that it changes becomes visible at one moment, or nothing does.

1 the graphs and the search index of the current release are checkpointed into the folder of the next,
2 what changed is replaced there, and the folder is never written again,
3 one SQLite transaction holds the changed rows, the change log and the pointer to the new release.

The transaction of step 3 is open from the start, so that two publishes cannot cross; a crash at any point leaves the
current release as it was, and a folder that the next publish removes.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from publisher import dumps, reports
from publisher.catalog import Catalog, Entry
from publisher.errors import CatalogError, PublishInProgress
from publisher.items import sets_of
from publisher.mapping import Mapping, Name, digest
from publisher.moments import committing, now, second_after
from publisher.names import names_of_record
from publisher.packing import pack, pack_json
from publisher.record import Record
from publisher.releases.delivery import Progress, Sending, deliver, not_sending, not_told
from publisher.releases.graphs import Graphs
from publisher.releases.headings import Headings
from publisher.releases.item_log import ItemLog
from publisher.releases.prepared import Prepared, Stamp
from publisher.releases.representations import Representations
from publisher.releases.self_description import prepare_dataset
from publisher.releases.versions import Outcome, Row, Versions
from publisher.search import IndexWriter
from publisher.settings import Settings
from publisher.stores import open_store
from publisher.view import SOFTWARE, of_entry


@dataclass
class Publication:
    """A release in the making, as a context manager: leave it by an exception and nothing has happened."""

    settings: Settings
    reason: str
    collisions: list[tuple[str, str, str]] = field(default_factory=list)  # (kind, established heading, other heading)
    number: int = 0
    moving: bool = False  # from another BASE_URL
    told: Progress = not_told  # of what is written while the release is made
    sending: Sending = not_sending  # and of what a remote store is given after it
    current: bool = False  # nothing can be undone any more

    def __enter__(self) -> Self:
        self.dumps = dumps.present(self.settings)  # the formats that the description of the data set names
        self.mapping = Mapping(self.settings)
        self.catalog = Catalog(self.settings.DATA_DIR, create=True)
        self.store = open_store(self.settings)
        self.store.check_writable()
        self.db = self.catalog.db
        self.db.execute("PRAGMA busy_timeout = 0")
        self.db.execute("PRAGMA cache_size = -65536")  # KiB; with less, pages are written to the log again and again
        try:
            self.db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            self.catalog.close()
            raise PublishInProgress(
                f"Another process is publishing into {self.settings.DATA_DIR}; wait until it is done."
            ) from None

        self.previous = self.catalog.current()
        try:
            if not self.moving:
                self.catalog.check_base(self.settings.base)
        except CatalogError:
            self._abandon()
            raise
        last = self.db.execute("SELECT max(number) FROM release").fetchone()[0] or 0
        self.number = last + 1
        # later than the release before, so that who has read up to some second has read all of it
        published = self.db.execute("SELECT max(published) FROM release").fetchone()[0]
        self.time = max(now(), second_after(published)) if published else now()
        self.store.tidy(self.previous, self.settings.KEEP_RELEASES)
        self.folder = self.store.folder(self.number)
        self.folder.mkdir(parents=True)
        self.checkpoint = self.previous  # the release whose folder is built on; 0: none
        self.misnamed: set[int] = set()  # things that the index of names has to be given again
        self.mended: set[str] = set()  # graphs that are put again though nothing has changed
        # another store than before has to be given everything
        self.moved = self.catalog.place() != self.store.place
        self.index: IndexWriter | None = None
        self.graphs: Graphs | None = None
        self.items = ItemLog(self.db, self.settings, self.number)
        self.reports = reports.Keeper(self.db, self.number, self.previous)
        self.unread = reports.Unread(self.db, self.number)
        self.versions = Versions(self.db, self.number, self.time)
        self.headings = Headings(self.mapping, self.db, self.collisions)
        self.ready = Representations(self.mapping, self.catalog, self.items)
        # an interrupted publish leaves no row behind, but this row must be there for its versions to refer to
        self.db.execute(
            "INSERT INTO release VALUES (?, ?, ?, ?, 0, 0, 0, 0, '')", (self.number, self.time, SOFTWARE, self.reason)
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and not self.current:
            self._abandon()
        elif kind is None:
            deliver(self.settings, self.sending)

    def _abandon(self) -> None:
        with suppress(sqlite3.Error):  # what matters is that nothing is committed
            self.db.execute("ROLLBACK")
        if self.number:
            if self.index is not None:
                self.index.abandon()
                self.index = None
            if self.graphs is not None:
                self.graphs.abandon()
                self.graphs = None
            self.store.tidy(self.previous, self.settings.KEEP_RELEASES)
        self.catalog.close()

    @property
    def stamp(self) -> Stamp:
        return Stamp(self.number, self.time)

    # what changes

    def put_resource(self, prepared: Prepared, data: bytes, record: Record) -> Outcome:
        """Publishes a resource in place of its older version, if it differs."""
        row = self.versions.row(prepared.name)
        if row is not None and not row.withdrawn and row.digest == prepared.digest:
            self._remember_origin(row.id, record)
            return "unchanged"
        known_by = Name(prepared.label, prepared.heading or prepared.label)
        again = row is not None and self._take_back(row)
        thing, sequence, outcome = self.versions.write(prepared.name, known_by, prepared.digest, prepared.graph, data)
        self.versions.mention(thing, prepared.kind, prepared.mentions)
        self._remember_origin(thing, record)
        created = row.created if row is not None and outcome == "changed" else self.time
        sets = prepared.sets if prepared.ready is not None else self.sets(prepared.name)
        self.items.put(thing, prepared.key, sequence, sets)
        self.ready.keep(thing, prepared, created)
        self.index_writer().put(thing, prepared.key, sequence, record)
        if outcome == "created" and not again and prepared.created == created:
            names = names_of_record(prepared.label, record)
            self.graph_writer().put(thing, sequence, prepared.name, prepared.lines, names)
        return outcome

    def _take_back(self, row: Row) -> bool:
        """Whether this release has a version of a thing already, whose graph is then no more what it was."""
        if row.release == self.number and self.graphs is not None:
            self.graphs.take_back(row.id)
        return row.release == self.number

    def sets(self, name: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """The sets that a resource is in by what the catalog says of it: (spec, name)."""
        return sets_of(of_entry(self.mapping, self.catalog, self.catalog.get(*name)))

    def put_other(self, prepared: Prepared) -> None:
        """Publishes an agent, concept, place or the data set, as its headings are settled."""
        if self.headings.has_settled(prepared):
            return
        entry = self.catalog.find(*prepared.name)
        settled = self.headings.settle(prepared, entry)
        if settled is None:
            return
        fresh = digest(settled.content)
        if entry is not None and not entry.withdrawn and entry.digest == fresh:
            return
        graph, data = pack(settled.content), pack_json(settled.data)
        thing, _, _ = self.versions.write(prepared.name, settled.known_by, fresh, graph, data)
        self.versions.mention(thing, prepared.kind, prepared.mentions)

    def withdraw(self, kind: str, key: str) -> bool:
        """Takes a description back; False if there is none."""
        row = self.versions.row((kind, key))
        if row is None or row.withdrawn:
            return False
        self.versions.mention(row.id, kind, ())
        if kind == "resource":
            self._take_back(row)
            self.reports.withdraw(key)
            self.index_writer().remove(row.id)
        if self.versions.is_new(row):  # it leaves no tombstone
            self.items.forget(row.id, key)
            self.versions.forget(kind, row)
            self.ready.unready.discard(row.id)
        else:
            self.write_withdrawn(kind, key)
        return True

    def write_withdrawn(self, kind: str, key: str) -> None:
        row = self.versions.row((kind, key))
        known_by = row.known_by if row is not None else Name(key, key)
        graph, data = pack([]), pack_json({})
        thing, sequence, _ = self.versions.write((kind, key), known_by, b"", graph, data, withdrawn=True)
        if kind == "resource":
            self.items.withdraw(thing, key, sequence)

    def withdraw_harvested(self, record: Record, key: str) -> bool:
        """Takes back the resource of a record that was deleted where it was harvested: that of its identifier there,
        whatever key it has here, else that of its key."""
        row = self.db.execute(
            "SELECT key FROM origin JOIN thing ON id = thing WHERE identifier = ?", (record.source.identifier,)
        ).fetchone()
        return self.withdraw("resource", row[0] if row else key)

    def _remember_origin(self, thing: int, record: Record) -> None:
        if record.source.identifier:
            self.db.execute("INSERT OR REPLACE INTO origin VALUES (?, ?)", (record.source.identifier, thing))

    def put_again(self, entry: Entry, known_by: Name) -> None:
        """Publishes a description once more, as it is or was."""
        thing, sequence, _ = self.versions.write(entry.name, known_by, entry.digest, entry.graph, entry.packed)
        self.ready.unready.add(thing)
        if entry.kind == "resource":
            self.items.put(thing, entry.key, sequence, self.sets(entry.name))
            self.index_writer().put(thing, entry.key, sequence, Record.from_json(entry.data["record"]))

    def _tell_names(self) -> None:
        """Puts again what names a thing that is called otherwise now: it reads otherwise, too, and by its new version
        harvesters and caches are told (OAI-PMH 2.5: the datestamp is that of the last change of a record)."""
        query = "SELECT subject FROM mention WHERE object = ?"
        for (subject,) in sorted({row for thing in self.versions.renamed for row in self.db.execute(query, (thing,))}):
            entry = self.catalog.by_ids([subject])[subject]
            if entry.release == self.number:
                self.ready.unready.add(subject)
            else:
                self.put_again(entry, self.catalog.names([entry.name])[entry.name])

    def index_writer(self) -> IndexWriter:
        """The search index of the release, opened when it is first needed."""
        if self.index is None:
            previous = self.store.folder(self.checkpoint) / "search" if self.checkpoint else None
            self.index = IndexWriter(previous, self.folder / "search")
        return self.index

    def graph_writer(self) -> Graphs:
        """The graphs of the release, opened when they are first needed."""
        if self.graphs is None:
            base = 0 if self.moved else self.checkpoint
            self.graphs = Graphs(self.mapping, self.catalog, self.store, self.number, base, self.told)
        return self.graphs

    # the end

    def finish(self, *, always: bool = False) -> int:
        """Makes the release current and gives its number; 0 if nothing changed, and then there is no release."""
        for orphan in self.versions.orphans():
            self.withdraw(*orphan)
        news = self.reports.settle() or self.unread.changed()
        changed = self.db.execute("SELECT 1 FROM version WHERE release = ?", (self.number,)).fetchone()
        if not (always or news or changed or (self.previous and self.moved)):
            self._abandon()
            return 0
        self._tell_names()
        self.items.rename(self.versions.renamed)
        self.ready.make()
        self.versions.save_counts()
        graphs = self.graph_writer()
        graphs.write(self.misnamed)
        fetched = [row.described for row in dumps.chosen(self.dumps)]
        self.put_other(prepare_dataset(self.mapping, self.catalog, self.number, self.time, fetched))
        graphs.hand_over(self.mended)
        self.versions.save_counts()
        self.index_writer().close()
        graphs.close()
        self.items.search(self.folder / "search")
        self.db.execute(
            """UPDATE release SET
                created = (SELECT count(*) FROM version WHERE release = ?1 AND NOT withdrawn AND created = published),
                changed = (SELECT count(*) FROM version WHERE release = ?1 AND NOT withdrawn AND created <> published),
                withdrawn = (SELECT count(*) FROM version WHERE release = ?1 AND withdrawn),
                resources = ?2 WHERE number = ?1""",
            (self.number, self.catalog.count("resource")),
        )
        pointer = (self.number, self.settings.base, self.store.place)
        self.db.execute("INSERT OR REPLACE INTO pointer VALUES (1, ?, ?, ?)", pointer)
        self._commit()
        self.current = True
        self.store.tidy(self.number, self.settings.KEEP_RELEASES)
        self.catalog.close()
        if self.settings.DUMPS:
            dumps.renew(self.settings, self.settings.DUMPS)
        return self.number

    def _commit(self) -> None:
        """Makes the release visible, with the time at which it does so as its datestamp; no two have the same."""
        before = self.db.execute("SELECT max(datestamp) FROM release").fetchone()[0]
        datestamp = max(now(), second_after(before)) if before else now()
        with committing(self.settings.DATA_DIR, datestamp):
            self.db.execute("UPDATE release SET datestamp = ? WHERE number = ?", (datestamp, self.number))
            self.items.settle(datestamp)
            self.db.execute("COMMIT")
