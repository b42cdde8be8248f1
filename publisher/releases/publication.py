"""A publish makes a release: everything that it changes becomes visible at one moment, or nothing does.

1 the graphs and the search index of the current release are checkpointed into the folder of the next,
2 what changed is replaced there, and the folder is never written again,
3 one SQLite transaction holds the changed rows, the change log and the pointer to the new release.

The transaction of step 3 is open from the start, so that two publishes cannot cross; a crash at any point leaves the
current release as it was, and a folder that the next publish removes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self, TextIO

from pyoxigraph import NamedNode, Triple

from publisher import dumps, reports
from publisher.addresses import DATASET
from publisher.catalog import Catalog, Entry, initial, pack
from publisher.errors import CatalogError, PublishInProgress
from publisher.formats import make_ready
from publisher.items import DC, sets_of
from publisher.mapping import Mapping, Name, digest, lines
from publisher.mapping.terms import fold, literal
from publisher.moments import committing, now
from publisher.names import NameWriter
from publisher.ready import gzip
from publisher.record import Record
from publisher.releases.contents import Contents
from publisher.releases.delivery import Progress, Sending, deliver, not_sending, not_told
from publisher.releases.item_log import ItemLog
from publisher.releases.prepared import Prepared, pack_data
from publisher.releases.self_description import prepare_dataset
from publisher.search import IndexWriter
from publisher.settings import Settings
from publisher.stores import EmbeddedStore, RemoteStore, open_store
from publisher.tally import Tally
from publisher.view import SOFTWARE, fill, of_entry, published_lines, triples

_COUNTED = 100_000  # counts that are kept in memory before they are written
Outcome = Literal["created", "changed", "unchanged"]
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def _second_after(time: str) -> str:
    return (datetime.strptime(time, _TIME) + timedelta(seconds=1)).strftime(_TIME)


def _sort_key(known_by: Name) -> str:
    return fold(known_by.heading)[:200]


@dataclass(frozen=True, slots=True)
class _Row:
    """The current version of a thing, as far as a publish has to know it."""

    known_by: Name
    id: int
    sequence: int
    release: int
    created: str
    withdrawn: bool
    digest: bytes


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
        self.time = max(now(), _second_after(published)) if published else now()
        self.store.tidy(self.previous, self.settings.KEEP_RELEASES)
        self.folder = self.store.folder(self.number)
        self.folder.mkdir(parents=True)
        self.replaced: set[str] = set()  # graphs of the predecessor that are changed or withdrawn
        self.loosened: set[int] = set()  # things that some description has ceased to name
        self.renamed: set[int] = set()  # things that have another label or heading than before
        self.unready: set[int] = set()  # things whose ready representations have to be made from the catalog
        self.named: Counter[tuple[int, str, str]] = Counter()  # what is to be added to the counts of `named`
        self.totals: Counter[tuple[str, str]] = Counter()  # and of `total`
        self.checkpoint = self.previous  # the release whose folder is built on; 0: none
        self.misnamed: set[int] = set()  # things that the index of names has to be given again
        self.mended: set[str] = set()  # graphs that are put again though nothing has changed
        # another store than before has to be given everything
        self.moved = self.catalog.place() != self.store.place
        self.index: IndexWriter | None = None
        self.said: set[tuple[str, str, str, bytes]] = set()
        self.items = ItemLog(self.db, self.settings, self.number)
        self.reports = reports.Keeper(self.db, self.number, self.previous)
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
            self.store.tidy(self.previous, self.settings.KEEP_RELEASES)
        self.catalog.close()

    # what changes

    def put_resource(self, prepared: Prepared, data: bytes, record: Record) -> Outcome:
        """Publishes a resource in place of its older version, if it differs."""
        row = self._row(prepared.name)
        if row is not None and not row.withdrawn and row.digest == prepared.digest:
            self._remember_origin(row.id, record)
            return "unchanged"
        known_by = Name(prepared.label, prepared.heading or prepared.label)
        thing, sequence, outcome = self._write(prepared.name, known_by, prepared.digest, prepared.graph, data)
        self._mentions(thing, prepared.kind, prepared.mentions)
        self._remember_origin(thing, record)
        self.items.put(thing, prepared.key, sequence, prepared.sets)
        self._keep_ready(thing, prepared)
        self.index_writer().put(thing, prepared.name[1], sequence, record)
        return outcome

    def put_work(self, key: str, mark: bytes) -> Entry | None:
        """Keeps what tells a work of which another record may be; gives a published record that has the same mark."""
        row = self._row(("resource", key))
        if row is None or not mark:
            self.db.execute("DELETE FROM work WHERE thing = ?", (row.id if row else 0,))
            return None
        self.db.execute("INSERT OR REPLACE INTO work VALUES (?, ?)", (row.id, mark))
        query = "SELECT id FROM work JOIN thing ON id = thing WHERE mark = ? AND id <> ? AND NOT withdrawn LIMIT 1"
        found = self.db.execute(query, (mark, row.id)).fetchone()
        return self.catalog.by_ids([found[0]])[found[0]] if found else None

    def put_other(self, prepared: Prepared) -> None:
        """Publishes an agent, concept, place or the data set. It is established by the first heading that names it:
        another heading with the same key becomes a variant (skos:altLabel) and is reported."""
        fingerprint = (*prepared.name, prepared.heading, prepared.digest)
        if fingerprint in self.said:
            return
        self.said.add(fingerprint)
        entry = self.catalog.find(*prepared.name)
        established: dict[str, Any] = entry.data if entry is not None and not entry.withdrawn else {}
        data = established or {"heading": prepared.heading, "agent_kind": prepared.agent_kind, "variants": []}
        content = list(prepared.content)
        label, changed = prepared.label, False
        if entry is not None and established:
            weaker = prepared.agent_kind in ("", data["agent_kind"]) and prepared.agent_kind != data["agent_kind"]
            contradicts = data["agent_kind"] and prepared.agent_kind and prepared.agent_kind != data["agent_kind"]
            if weaker or contradicts:
                if contradicts:
                    self.collisions.append(
                        (prepared.kind, data["heading"], f"{prepared.heading} ({prepared.agent_kind})")
                    )
                return
            if prepared.heading != data["heading"]:
                if prepared.heading in data["variants"]:
                    return
                self.collisions.append((prepared.kind, data["heading"], prepared.heading))
                data["variants"].append(prepared.heading)
                content, label, changed = entry.lines, entry.label, True
            data["agent_kind"] = prepared.agent_kind or data["agent_kind"]
            content = sorted({*content, *lines(self._variants(prepared.name, data["variants"])), *self._matches(entry)})
        if accepted := self._links(prepared.name):
            content = sorted({*content, *accepted})
        changed = changed or tuple(content) != prepared.content
        fresh = digest(content)
        if entry is not None and established and entry.digest == fresh:
            return
        known_by = Name(label, data["heading"] or label, data["agent_kind"])
        thing, _, _ = self._write(prepared.name, known_by, fresh, pack(content), pack_data(data))
        self._mentions(thing, prepared.kind, prepared.mentions)
        if changed:
            self.unready.add(thing)
        else:
            self._keep_ready(thing, prepared)

    def withdraw(self, kind: str, key: str) -> bool:
        """Takes a description back; False if there is none."""
        row = self._row((kind, key))
        if row is None or row.withdrawn:
            return False
        self._mentions(row.id, kind, ())
        if kind == "resource":
            self.reports.withdraw(key)
            self.index_writer().remove(row.id)
        older = self.db.execute(
            "SELECT 1 FROM version WHERE thing = ? AND sequence < ?", (row.id, row.sequence)
        ).fetchone()
        if row.release == self.number and older is None:  # it was never public, so it leaves no tombstone
            self.items.forget(row.id, key)
            self.db.execute("DELETE FROM ready WHERE thing = ?", (row.id,))
            self.db.execute("DELETE FROM version WHERE thing = ?", (row.id,))
            self.db.execute("DELETE FROM thing WHERE id = ?", (row.id,))
            self.unready.discard(row.id)
            self.totals[kind, initial(_sort_key(row.known_by))] -= 1
        else:
            thing, sequence, _ = self._write((kind, key), row.known_by, b"", pack([]), pack_data({}), withdrawn=True)
            if kind == "resource":
                self.items.withdraw(thing, key, sequence)
        return True

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

    def restore(self, release: int) -> None:
        """Publishes anew what release `release` held: a rollback that harvesters hear of."""
        changed = self.db.execute("SELECT DISTINCT thing FROM version WHERE release > ? ORDER BY thing", (release,))
        for (thing,) in changed.fetchall():
            now_entry = self.catalog.by_ids([thing])[thing]
            if now_entry.name == DATASET:
                continue  # it is described anew with each release
            then = self.catalog.as_of(thing, release)
            if then is None or then.withdrawn:
                if not now_entry.withdrawn:
                    self.withdraw(*now_entry.name)
            elif now_entry.withdrawn or now_entry.digest != then.digest:
                self._restore(then)
        self.reports.restore(release)

    def _restore(self, then: Entry) -> None:
        data = then.data
        known_by = Name(then.label, data.get("heading") or then.label, data.get("agent_kind", ""))
        thing, sequence = self.put_again(then.name, known_by, then.digest, then.graph, then.packed)
        self._mentions(thing, then.kind, self.mapping.mentions(then.name, triples(then.lines)))
        if then.kind == "resource":
            self.items.put(thing, then.key, sequence, sets_of(of_entry(self.mapping, self.catalog, then)))
            self.index_writer().put(thing, then.key, sequence, Record.from_json(data["record"]))

    def put_again(
        self, name: tuple[str, str], known_by: Name, fresh: bytes, graph: bytes, data: bytes
    ) -> tuple[int, int]:
        """Publishes a description once more as it is; gives the ids of the thing and of its version."""
        thing, sequence, _ = self._write(name, known_by, fresh, graph, data)
        self.unready.add(thing)
        return thing, sequence

    def mend(self, part: str, graph: str, thing: int) -> None:
        """Puts again what differs from the catalog without having changed: a "graph", or what the "index" or that of
        "names" holds or is kept "ready" of a thing."""
        entry = self.catalog.by_ids([thing]).get(thing)
        if part == "graph":
            self.replaced.add(graph)
            self.mended.add(graph)
        elif part == "ready":
            self.unready.add(thing)
        elif part == "names":
            self.misnamed.add(thing)
        elif entry is None or entry.withdrawn or entry.kind != "resource":
            self.index_writer().remove(thing)
        else:
            record = Record.from_json(entry.data["record"])
            self.index_writer().put(thing, entry.key, entry.sequence, record)

    # how it is written

    def _row(self, name: tuple[str, str]) -> _Row | None:
        found = self.db.execute(
            "SELECT thing.label, heading, agent_kind, thing.id, sequence, release, created, version.withdrawn, digest "
            "FROM thing JOIN version ON version.sequence = thing.version WHERE kind = ? AND key = ?",
            name,
        ).fetchone()
        if found is None:
            return None
        return _Row(Name(*found[:3]), *found[3:])

    def _write(
        self,
        name: tuple[str, str],
        known_by: Name,
        fresh: bytes,
        graph: bytes,
        data: bytes,
        withdrawn: bool = False,
    ) -> tuple[int, int, Outcome]:
        """Writes a version, one for each thing in a release; gives the ids of the thing and of the version."""
        row = self._row(name)
        replaces = row is not None and not row.withdrawn
        created = row.created if row is not None and (replaces or withdrawn) else self.time
        values = (known_by.label, created, self.time, withdrawn, fresh, graph, data)
        naming = (known_by.label, known_by.heading, known_by.agent_kind, _sort_key(known_by))
        if row is not None and not row.withdrawn:
            self.totals[name[0], initial(_sort_key(row.known_by))] -= 1
        if not withdrawn:
            self.totals[name[0], initial(naming[-1])] += 1
        if row is None:
            cursor = self.db.execute(
                "INSERT INTO thing (kind, key, label, heading, agent_kind, sort_key, version, withdrawn) "
                "VALUES (?, ?, ?, ?, ?, ?, 0, 0)",
                (*name, *naming),
            )
            thing = int(cursor.lastrowid or 0)
        else:
            thing = row.id
            self.db.execute("DELETE FROM ready WHERE thing = ?", (thing,))
            if row.known_by != known_by:
                self.renamed.add(thing)
        if row is not None and row.release == self.number:
            sequence = row.sequence
            self.db.execute(
                "UPDATE version SET label = ?, created = ?, modified = ?, withdrawn = ?, digest = ?, graph = ?, "
                "data = ? "
                "WHERE sequence = ?",
                (*values, sequence),
            )
        else:
            cursor = self.db.execute(
                "INSERT INTO version (thing, release, label, created, modified, withdrawn, digest, graph, data) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (thing, self.number, *values),
            )
            sequence = int(cursor.lastrowid or 0)
            if replaces and self.checkpoint:
                self.replaced.add(self.mapping.addresses.document(*name))
                if name[0] == "resource":
                    self.replaced.add(self.mapping.addresses.report(name[1]))
        self.db.execute(
            "UPDATE thing SET label = ?, heading = ?, agent_kind = ?, sort_key = ?, version = ?, withdrawn = ? "
            "WHERE id = ?",
            (*naming, sequence, withdrawn, thing),
        )
        return thing, sequence, "changed" if replaces else "created"

    def _mentions(self, thing: int, kind: str, mentions: Iterable[tuple[str, str, str]]) -> None:
        """Puts down what a description names, in place of what it named before."""
        before = self.db.execute("SELECT object, attribute FROM mention WHERE subject = ?", (thing,)).fetchall()
        if before:
            self.db.execute("DELETE FROM mention WHERE subject = ?", (thing,))
        after = set()
        for other_kind, key, attribute in mentions:
            row = self._row((other_kind, key))
            if row is None:
                raise CatalogError(f"{other_kind} {key} is named before it is described.")
            after.add((row.id, attribute))
        self.db.executemany("INSERT INTO mention VALUES (?, ?, ?, ?)", ((thing, *row, kind) for row in after))
        self.named.subtract((*row, kind) for row in before)
        self.named.update((*row, kind) for row in after)
        if len(self.named) > _COUNTED:
            self._count()
        self.loosened |= {other for other, _ in before} - {other for other, _ in after}

    def _count(self) -> None:
        """Writes what was counted since the last time."""
        for table, columns, counted in (
            ("named", ("thing", "attribute", "kind"), self.named),
            ("total", ("kind", "initial"), self.totals),
        ):
            rows = [(*row, number) for row, number in counted.items() if number]
            self.db.executemany(
                f"INSERT INTO {table} VALUES ({', '.join('?' * (len(columns) + 1))}) "
                f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET count = count + excluded.count",
                rows,
            )
            self.db.executemany(
                f"DELETE FROM {table} WHERE count = 0 AND {' AND '.join(f'{name} = ?' for name in columns)}",
                (row[:-1] for row in rows if row[-1] < 0),
            )
            counted.clear()

    def _keep_ready(self, thing: int, prepared: Prepared) -> None:
        """Keeps the representations that were made with the record, unless the catalog knows the things in them by
        other names: by headings that were established before."""
        if self.catalog.names(prepared.names) == prepared.names:
            created = self.db.execute(
                "SELECT created FROM thing JOIN version ON version.sequence = thing.version WHERE id = ?", (thing,)
            ).fetchone()[0]
            self._store_ready(thing, fill(prepared.ready, created, self.time, self.number))
        else:
            self.unready.add(thing)

    def _store_ready(self, thing: int, ready: dict[str, bytes]) -> None:
        self.unready.discard(thing)
        if DC in ready:
            self.items.keep(thing, ready[DC])
        rows = [(thing, name, gzip(body)) for name, body in ready.items() if name != DC]
        self.db.executemany("INSERT OR REPLACE INTO ready VALUES (?, ?, ?)", rows)

    def _make_ready(self) -> None:
        """Makes the representations anew of what names things that have other names now, and of what was not made with
        its record."""
        for thing in self.renamed:
            self.unready |= {
                row[0] for row in self.db.execute("SELECT subject FROM mention WHERE object = ?", (thing,))
            }
        for thing in sorted(self.unready):
            entry = self.catalog.by_ids([thing])[thing]
            if not entry.withdrawn:
                self._store_ready(thing, make_ready(of_entry(self.mapping, self.catalog, entry)))

    def _variants(self, name: tuple[str, str], variants: Iterable[str]) -> list[Triple]:
        thing = NamedNode(self.mapping.addresses.thing(*name))
        attribute = self.mapping.context["alternative_labels"].property
        return [Triple(thing, attribute, literal(variant)) for variant in variants]

    def _matches(self, entry: Entry) -> list[str]:
        """What earlier records said an agent, keyword or series to be elsewhere, and its lists: a later one that is
        silent of it takes nothing back. The matches of places are those of our own table, and the data set tells of
        the whole."""
        if entry.kind in ("place", DATASET[0]):
            return []
        terms = [self.mapping.context[name].property for name in ("exact_match", "close_match", "source_statement")]
        return [line for line in entry.lines if any(f"> {term} " in line for term in terms)]

    def _links(self, name: tuple[str, str]) -> list[str]:
        """What somebody accepted a thing to be elsewhere (`authorities`)."""
        rows = self.db.execute("SELECT DISTINCT attribute, iri FROM link WHERE kind = ? AND key = ?", name).fetchall()
        return self._linked(name, rows) if rows else []

    def _linked(self, name: tuple[str, str], rows: Iterable[tuple[str, str]]) -> list[str]:
        thing, context = NamedNode(self.mapping.addresses.thing(*name)), self.mapping.context
        return lines(Triple(thing, context[attribute].property, NamedNode(iri)) for attribute, iri in rows)

    def relink(self, name: tuple[str, str], gone: Iterable[tuple[str, str]]) -> None:
        """Writes the accepted links of a thing in its graph, without those that are taken back: (attribute, IRI)."""
        entry, row = self.catalog.find(*name), self._row(name)
        if entry is None or row is None or entry.withdrawn:
            return
        content = sorted({*entry.lines}.difference(self._linked(name, gone)).union(self._links(name)))
        if content != sorted(entry.lines):
            thing, _, _ = self._write(name, row.known_by, digest(content), pack(content), entry.packed)
            self.unready.add(thing)

    def index_writer(self) -> IndexWriter:
        """The search index of the release, opened when it is first needed."""
        if self.index is None:
            previous = self.store.folder(self.checkpoint) / "search" if self.checkpoint else None
            self.index = IndexWriter(previous, self.folder / "search")
        return self.index

    def _withdraw_orphans(self) -> None:
        """Things that no description names any more are withdrawn, and then those that only they named."""
        while self.loosened:
            thing = self.loosened.pop()
            kind, key, withdrawn = self.db.execute(
                "SELECT kind, key, withdrawn FROM thing WHERE id = ?", (thing,)
            ).fetchone()
            named = self.db.execute("SELECT 1 FROM mention WHERE object = ? LIMIT 1", (thing,)).fetchone()
            if kind != "resource" and not withdrawn and named is None:
                self.withdraw(kind, key)

    @property
    def whole(self) -> bool:
        """Whether the graphs are made anew from the catalog, and not from those of the predecessor."""
        return self.checkpoint == 0 or self.moved

    def _write_graphs(self, stream: TextIO | None) -> None:
        """Writes the graphs that an embedded store has to take in, and the names in them, counting the statements; the
        graph of the data set, which tells the counts, comes last."""
        everything = self.whole
        tally = Tally()
        previous = None if everything else self.store.folder(self.checkpoint) / "names"
        names = NameWriter(previous, self.folder / "names")
        if everything:
            self.db.execute("DELETE FROM tally")
        else:
            for entry in self._predecessors():
                tally.add(published_lines(self.mapping, entry), -1)
        for entry in self.catalog.entries(release=None if everything else self.number):
            if entry.name != DATASET:
                content = published_lines(self.mapping, entry)
                tally.add(content)
                names.put(entry)
                self._write_graph(stream, entry.name, content)
        tally.save(self.catalog)
        for (thing,) in self.db.execute("SELECT thing FROM version WHERE release = ? AND withdrawn", (self.number,)):
            names.remove(thing)
        for thing in self.misnamed:
            entry = self.catalog.by_ids([thing])[thing]
            if entry.withdrawn:
                names.remove(thing)
            else:
                names.put(entry)
        names.close()
        fetched = [row.described for row in dumps.chosen(self.dumps)]
        self.put_other(prepare_dataset(self.mapping, self.catalog, self.number, self.time, fetched))
        dataset = self.catalog.get(*DATASET)
        if everything or dataset.release == self.number:
            self._write_graph(stream, DATASET, published_lines(self.mapping, dataset))

    def _write_graph(self, stream: TextIO | None, name: tuple[str, str], content: Iterable[str]) -> None:
        self.told(1)
        if stream is not None:
            _write_quads(stream, self.mapping.addresses.document(*name), content)

    def _predecessors(self) -> Iterator[Entry]:
        """The versions that this release replaces or withdraws."""
        query = """
            SELECT (SELECT max(earlier.sequence) FROM version AS earlier
                WHERE earlier.thing = version.thing AND earlier.sequence < version.sequence)
            FROM version WHERE release = ?"""
        for (sequence,) in self.db.execute(query, (self.number,)):
            entry = self.catalog.version(sequence) if sequence is not None else None
            if entry is not None and not entry.withdrawn and entry.name != DATASET:
                yield entry

    def _build(self, store: EmbeddedStore) -> None:
        """The graphs of the release in an embedded store."""
        addresses = self.mapping.addresses
        changes = self.folder / "changes.nq"
        with changes.open("w", encoding="utf-8") as stream:
            self._write_graphs(stream)
            for graph, content in reports.graphs(self.db, addresses, None if self.whole else self.number):
                _write_quads(stream, graph, content)
            contents = Contents(self.mapping, self.catalog)
            for graph in sorted(self.mended.difference(contents.changed(self.number))):
                _write_quads(stream, graph, contents.lines(graph))
        self.replaced.update(addresses.report(key) for key in reports.replaced(self.db, self.number))
        store.build(
            0 if self.whole else self.checkpoint, self.number, () if self.whole else sorted(self.replaced), changes
        )
        changes.unlink()

    def _put_into_outbox(self) -> None:
        """Notes what a remote store has to be given."""
        contents = Contents(self.mapping, self.catalog)
        graphs = contents.ever() if self.whole else contents.changed(self.number)
        self.db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?)", ((graph, self.number) for graph in graphs))

    # the end

    def finish(self, *, always: bool = False) -> int:
        """Makes the release current and gives its number; 0 if nothing changed, and then there is no release."""
        self._withdraw_orphans()
        news = self.reports.settle()
        changed = self.db.execute("SELECT 1 FROM version WHERE release = ?", (self.number,)).fetchone()
        if not (always or news or changed or (self.previous and self.moved)):
            self._abandon()
            return 0
        self._make_ready()
        self._count()
        if isinstance(self.store, RemoteStore):
            self._write_graphs(None)
            self._put_into_outbox()
        else:
            self._build(self.store)
        self._count()
        self.index_writer().close()
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
        datestamp = max(now(), _second_after(before)) if before else now()
        with committing(self.settings.DATA_DIR, datestamp):
            self.db.execute("UPDATE release SET datestamp = ? WHERE number = ?", (datestamp, self.number))
            self.items.settle(datestamp)
            self.db.execute("COMMIT")


def _write_quads(stream: TextIO, graph: str, content: Iterable[str]) -> None:
    stream.writelines(f"{line[:-2]} <{graph}> .\n" for line in content)
