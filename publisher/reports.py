"""What the validation says, as the catalog keeps it: a report on each record of which something is to be said.

`report` is append-only but for `until`, the first release that does not hold a row any more: so every release has its
reports and its quarantine. A row with `refused` is a record in quarantine, which is never published by being there; the
older version of it that is published stands, with its own row. `finding` says which open rows break a rule, and
`measurement` how many did in each release; its rows without a rule count each record once, by its gravest finding.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from pyoxigraph import Literal, NamedNode, Triple

from publisher.addresses import Addresses
from publisher.mapping import lines
from publisher.namespaces import PROV, RDF, XSD
from publisher.record import Record
from publisher.validation import Finding, gravest, said, statements

REFUSED, ACCEPTED = "refused", "accepted"  # beside the severities, what a record may be counted as
_WORDS = re.compile(r"\w+")
_ROWS = """
SELECT report.id, report.key, refused, since, release.published, release.reason, file, position, said, data
FROM report JOIN release ON release.number = report.since
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A report: on a published record, or on one in quarantine. `since` is the release that holds it first, published
    at `when` (UTC, ISO 8601) by what `reason` says; `file` and `position` say where the record was read."""

    id: int
    key: str
    refused: bool
    since: int
    when: str
    reason: str
    file: str
    position: int
    said: bytes
    packed: bytes

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = orjson.loads(zlib.decompress(self.packed))
        return loaded

    @property
    def findings(self) -> list[Finding]:
        return [Finding.from_json(finding) for finding in self.data["findings"]]

    @property
    def record(self) -> Record:
        """The record that was refused."""
        return Record.from_json(self.data["record"])

    @property
    def accepted(self) -> dict[str, Any]:
        """`who` published the record in spite of its faults, `when` and `why`; empty if nobody had to."""
        found: dict[str, Any] = self.data.get("accepted", {})
        return found


@dataclass(frozen=True, slots=True)
class Measurement:
    """How many records of a release break a rule; without a rule, how many have `severity` as their gravest finding
    (or are refused, or accepted)."""

    release: int
    published: str
    rule: str
    severity: str
    field: str
    records: int


def pack_findings(findings: Iterable[Finding], **more: Any) -> bytes:
    return zlib.compress(orjson.dumps({"findings": [asdict(finding) for finding in findings], **more}), 6)


def of_record(db: sqlite3.Connection, key: str) -> list[Kept]:
    """The reports that go by a key, that on the published record first."""
    query = _ROWS + "WHERE report.key = ? AND until IS NULL ORDER BY refused, report.id"
    return [Kept(*row) for row in db.execute(query, (key,))]


def quarantine(db: sqlite3.Connection, limit: int, after: int = 0) -> list[Kept]:
    """The records in quarantine, in the order in which they came; the page after the id `after`."""
    query = _ROWS + "WHERE refused AND until IS NULL AND report.id > ? ORDER BY report.id LIMIT ?"
    return [Kept(*row) for row in db.execute(query, (after, limit))]


def breaking(db: sqlite3.Connection, rule: str, limit: int, after: int = 0) -> list[Kept]:
    """The reports with a finding of a rule; the page after the id `after`."""
    query = (
        _ROWS.replace("FROM report", "FROM finding JOIN report ON report.id = finding.report")
        + "WHERE finding.rule = ? AND finding.report > ? ORDER BY finding.report LIMIT ?"
    )
    return [Kept(*row) for row in db.execute(query, (rule, after, limit))]


def measurements(db: sqlite3.Connection, first: int, last: int) -> list[Measurement]:
    """What was measured in the releases from `first` to `last`, the newest first, the commonest faults first."""
    query = """
        SELECT release.number, release.published, rule, severity, field, records
        FROM measurement JOIN release ON release.number = measurement.release
        WHERE release BETWEEN ? AND ? ORDER BY release DESC, records DESC, rule, severity, field"""
    return [Measurement(*row) for row in db.execute(query, (first, last))]


# the graphs

_REPORTED = """
SELECT names.key, thing.id IS NOT NULL FROM ({names}) AS names
LEFT JOIN thing ON thing.kind = 'resource' AND thing.key = names.key AND NOT thing.withdrawn
"""
_ALL = (
    "SELECT key FROM thing WHERE kind = 'resource' AND NOT withdrawn "
    "UNION SELECT key FROM report WHERE refused AND until IS NULL"
)
_CHANGED = (
    "SELECT thing.key FROM version JOIN thing ON thing.id = version.thing "
    "WHERE version.release = :release AND thing.kind = 'resource' "
    "UNION SELECT key FROM report WHERE since = :release UNION SELECT key FROM report WHERE until = :release"
)


def graphs(db: sqlite3.Connection, addresses: Addresses, release: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """The name of the graph of each report, and its canonical N-Triples lines; or only those that a release changed.
    A record that is published has one, be there nothing to say of it; so has one in quarantine."""
    query = _REPORTED.format(names=_ALL if release is None else _CHANGED)
    for key, published in db.execute(query, {} if release is None else {"release": release}):
        kept = of_record(db, key)
        if published or kept:
            yield addresses.report(key), graph(addresses, key, bool(published), kept)


def replaced(db: sqlite3.Connection, release: int) -> Iterator[str]:
    """The keys whose reports a release changed, as far as its predecessor had any."""
    query = """
        SELECT key FROM report WHERE until = ?1
        UNION SELECT key FROM report WHERE since = ?1 AND (
            EXISTS (SELECT 1 FROM report AS older
                    WHERE older.key = report.key AND older.until IS NULL AND older.since < ?1)
            OR EXISTS (SELECT 1 FROM thing JOIN version ON version.thing = thing.id
                       WHERE thing.kind = 'resource' AND thing.key = report.key AND version.release < ?1))"""
    return (row[0] for row in db.execute(query, (release,)))


def graph(addresses: Addresses, key: str, published: bool, kept: Iterable[Kept]) -> list[str]:
    """The reports on a record as canonical lines: that on what is published under its key has the name of the graph,
    those on what was refused have fragments of it."""
    name, own = addresses.report(key), f"{addresses.base}ontology#"
    document = NamedNode(addresses.document("resource", key))
    subject = NamedNode(PROV.wasDerivedFrom)
    open_rows = list(kept)
    made: list[Triple] = []
    if published and not any(not row.refused for row in open_rows):
        made += [*statements(NamedNode(name), [], addresses.base), Triple(NamedNode(name), subject, document)]
    refusals = 0
    for row in open_rows:
        refusals += row.refused
        report = NamedNode(f"{name}#refused-{refusals}" if row.refused else name)
        made += statements(report, row.findings, addresses.base)
        time = Literal(row.when, datatype=NamedNode(XSD.dateTime))
        made += [Triple(report, subject, document), Triple(report, NamedNode(PROV.generatedAtTime), time)]
        if row.refused:
            made.append(Triple(report, NamedNode(RDF.type), NamedNode(f"{own}Refusal")))
        if accepted := row.accepted:
            day = Literal(accepted["when"], datatype=NamedNode(XSD.dateTime))
            made += [
                Triple(report, NamedNode(f"{own}acceptedBy"), Literal(accepted["who"])),
                Triple(report, NamedNode(f"{own}acceptedOn"), day),
                Triple(report, NamedNode(f"{own}acceptedBecause"), Literal(accepted["why"])),
            ]
    return lines(made)


class Keeper:
    """Keeps the reports of a release in the making, inside the transaction of the publish."""

    def __init__(self, db: sqlite3.Connection, number: int, previous: int) -> None:
        self.db, self.number, self.previous = db, number, previous
        self.counts: Counter[tuple[str, str, str]] = Counter()  # (rule, severity, field) -> records more or fewer
        db.execute("CREATE TEMP TABLE IF NOT EXISTS seen (report INTEGER PRIMARY KEY)")
        db.execute("DELETE FROM seen")

    def publish(self, key: str, record: Record, findings: list[Finding], packed: bytes, changed: bool) -> None:
        """Keeps what is said of a record that is published. Where the record stands in its source may have moved; that
        is no news unless the record itself is `changed`."""
        source = record.source
        older = self._open(key, refused=False)
        if older is not None and findings:
            accepted = older.accepted if not changed else {}
            packed = pack_findings(findings, accepted=accepted) if accepted else packed
            if older.said == said(findings) and (not changed or older.packed == packed):
                return
        if older is not None:
            self._close(older)
        if findings:
            self._insert(key, False, source.file, source.position, said(findings), packed, findings)

    def accept(self, kept: Kept, who: str, when: str, why: str) -> None:
        """Keeps who published a record of the quarantine, when (UTC, ISO 8601) and why."""
        older = self._open(kept.key, refused=False)
        if older is not None:
            self._close(older)
        self._close(kept)
        findings = kept.findings
        packed = pack_findings(findings, accepted={"who": who, "when": when, "why": why})
        self._insert(kept.key, False, kept.file, kept.position, kept.said, packed, findings, ACCEPTED)

    def is_accepted(self, key: str, findings: Iterable[Finding]) -> bool:
        """Whether somebody accepted the published record with all the violations that are found."""
        older = self._open(key, refused=False)
        if older is None or not older.accepted:
            return False
        known = {finding.rule for finding in older.findings}
        return all(finding.rule in known for finding in findings if finding.severity == "violation")

    def withdraw(self, key: str) -> None:
        """The record is not published any more."""
        older = self._open(key, refused=False)
        if older is not None:
            self._close(older)

    def refuse(self, key: str, record: Record, findings: list[Finding]) -> None:
        """Puts a record into the quarantine, in place of what an earlier publish put there as the same record."""
        source = record.source
        packed = pack_findings(findings, record=record)
        query = _ROWS + "WHERE report.key = ? AND refused AND (until IS NULL OR until = ?) AND data = ?"
        again = self.db.execute(query, (key, self.number, packed)).fetchone()
        if again is not None:  # as it was, though a good record with its key may have come before it
            self._revive(Kept(*again))
            return
        for older in self._same(key, record):
            self._close(older)
        row = self._insert(key, True, source.file, source.position, said(findings), packed, findings)
        self.db.execute("INSERT INTO seen VALUES (?)", (row,))

    def release(self, key: str, record: Record | None = None) -> int:
        """Takes out of the quarantine what is there under a key, and what was read at the place of the record, if it is
        recognisably the same; gives how many. What this publish has put there stays."""
        found = self._same(key, record)
        for older in found:
            self._close(older)
        return len(found)

    def restore(self, release: int) -> None:
        """Keeps again what release `release` held, and nothing else."""
        for query, change in (
            (_ROWS + "WHERE until IS NULL AND since > ?", self._close),
            (_ROWS + "WHERE since <= ?1 AND until > ?1", self._reopen),
        ):
            for row in self.db.execute(query, (release,)).fetchall():
                change(Kept(*row))

    def settle(self) -> bool:
        """Writes the measurements of the release; says whether it differs from its predecessor."""
        self.db.execute(
            "INSERT INTO measurement SELECT ?, rule, severity, field, records FROM measurement WHERE release = ?",
            (self.number, self.previous),
        )
        self.db.executemany(
            "INSERT INTO measurement VALUES (?1, ?2, ?3, ?4, ?5) "
            "ON CONFLICT DO UPDATE SET records = records + excluded.records",
            [(self.number, *name, change) for name, change in self.counts.items() if change],
        )
        self.db.execute("DELETE FROM measurement WHERE release = ? AND records = 0", (self.number,))
        found = self.db.execute(
            "SELECT EXISTS (SELECT 1 FROM report WHERE since = ?1) OR EXISTS (SELECT 1 FROM report WHERE until = ?1)",
            (self.number,),
        ).fetchone()
        return bool(found[0])

    # how it is written

    def _open(self, key: str, *, refused: bool) -> Kept | None:
        query = _ROWS + "WHERE report.key = ? AND until IS NULL AND refused = ?"
        row = self.db.execute(query, (key, refused)).fetchone()
        return Kept(*row) if row else None

    def _same(self, key: str, record: Record | None) -> list[Kept]:
        """What earlier publishes put into the quarantine as this record: under its key, or read at its place and with
        more words in common than not, for a file of the same name may hold other records by now."""
        query = _ROWS + "WHERE {} AND refused AND until IS NULL AND report.id NOT IN (SELECT report FROM seen)"
        found = [Kept(*row) for row in self.db.execute(query.format("report.key = ?"), (key,))]
        if record is not None:
            place = (record.source.file, record.source.position)
            there = [Kept(*row) for row in self.db.execute(query.format("file = ? AND position = ?"), place)]
            found += [row for row in there if row.key != key and _alike(row.record, record)]
        return found

    def _insert(
        self,
        key: str,
        refused: bool,
        file: str,
        position: int,
        digest: bytes,
        packed: bytes,
        findings: list[Finding],
        counted: str = "",
    ) -> int:
        values = (key, refused, self.number, file, position, digest, packed)
        cursor = self.db.execute(
            "INSERT INTO report (key, refused, since, file, position, said, data) VALUES (?, ?, ?, ?, ?, ?, ?)", values
        )
        row = int(cursor.lastrowid or 0)
        self._count(row, findings, REFUSED if refused else counted or str(gravest(findings)), 1)
        return row

    def _close(self, kept: Kept) -> None:
        self._count(kept.id, kept.findings, _counted(kept), -1)
        if kept.since == self.number:  # it was never public
            self.db.execute("DELETE FROM report WHERE id = ?", (kept.id,))
        else:
            self.db.execute("UPDATE report SET until = ? WHERE id = ?", (self.number, kept.id))

    def _reopen(self, kept: Kept) -> None:
        counted = _counted(kept)
        self._insert(kept.key, kept.refused, kept.file, kept.position, kept.said, kept.packed, kept.findings, counted)

    def _revive(self, kept: Kept) -> None:
        closed = self.db.execute("UPDATE report SET until = NULL WHERE id = ? AND until IS NOT NULL", (kept.id,))
        if closed.rowcount:
            self._count(kept.id, kept.findings, REFUSED, 1)
        self.db.execute("INSERT OR IGNORE INTO seen VALUES (?)", (kept.id,))

    def _count(self, row: int, findings: Iterable[Finding], counted: str, change: int) -> None:
        broken = {(finding.rule, str(finding.severity), finding.field) for finding in findings}
        self.counts.update(dict.fromkeys(broken, change))
        self.counts["", counted, ""] += change
        rules = {(rule, row) for rule, _, _ in broken}
        if change > 0:
            self.db.executemany("INSERT INTO finding VALUES (?, ?)", rules)
        else:
            self.db.executemany("DELETE FROM finding WHERE rule = ? AND report = ?", rules)


def _counted(kept: Kept) -> str:
    return REFUSED if kept.refused else ACCEPTED if kept.accepted else str(gravest(kept.findings))


def _alike(one: Record, other: Record) -> bool:
    first, second = (set(_WORDS.findall(record.source.text)) for record in (one, other))
    return 2 * len(first & second) >= len(first | second)
