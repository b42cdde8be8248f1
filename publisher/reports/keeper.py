"""How a publish keeps reports: what goes into the quarantine, what leaves it, and the counts by rule."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from publisher.packing import pack_json
from publisher.record import Record
from publisher.reports.kept import ROWS, Kept
from publisher.validation import Finding, gravest, said

REFUSED, ACCEPTED = "refused", "accepted"  # beside the severities, what a record may be counted as
_WORDS = re.compile(r"\w+")


def pack_findings(findings: Iterable[Finding], **more: Any) -> bytes:
    return pack_json({"findings": [asdict(finding) for finding in findings], **more})


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
        query = ROWS + "WHERE report.key = ? AND refused AND (until IS NULL OR until = ?) AND data = ?"
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
            (ROWS + "WHERE until IS NULL AND since > ?", self._close),
            (ROWS + "WHERE since <= ?1 AND until > ?1", self._reopen),
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
        query = ROWS + "WHERE report.key = ? AND until IS NULL AND refused = ?"
        row = self.db.execute(query, (key, refused)).fetchone()
        return Kept(*row) if row else None

    def _same(self, key: str, record: Record | None) -> list[Kept]:
        """What earlier publishes put into the quarantine as this record: under its key, or read at its place and with
        more words in common than not, for a file of the same name may hold other records by now."""
        query = ROWS + "WHERE {} AND refused AND until IS NULL AND report.id NOT IN (SELECT report FROM seen)"
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
