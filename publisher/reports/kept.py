"""Reports that the catalog keeps, and the counts of them: what the doors ask."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from publisher.packing import unpack_json
from publisher.record import Record
from publisher.validation import Finding

ROWS = """
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
    def file_name(self) -> str:
        """The file without its folders, which are our own affair."""
        return PurePath(self.file).name

    @property
    def data(self) -> dict[str, Any]:
        return unpack_json(self.packed)

    @property
    def findings(self) -> list[Finding]:
        return [Finding.from_json(finding) for finding in self.data["findings"]]

    @property
    def record(self) -> Record:
        """The record that was refused."""
        return Record.from_json(self.data["record"])

    @property
    def title(self) -> str:
        """What the record that was refused is known by: its title, if it has one, or its key."""
        return next((value.text for value in self.record.title if value.text.strip()), self.key)

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


def of_record(db: sqlite3.Connection, key: str) -> list[Kept]:
    """The reports that go by a key, that on the published record first."""
    query = ROWS + "WHERE report.key = ? AND until IS NULL ORDER BY refused, report.id"
    return [Kept(*row) for row in db.execute(query, (key,))]


def quarantine(db: sqlite3.Connection, limit: int, after: int = 0) -> list[Kept]:
    """The records in quarantine, in the order in which they came; the page after the id `after`."""
    query = ROWS + "WHERE refused AND until IS NULL AND report.id > ? ORDER BY report.id LIMIT ?"
    return [Kept(*row) for row in db.execute(query, (after, limit))]


def breaking(db: sqlite3.Connection, rule: str, limit: int, after: int = 0) -> list[Kept]:
    """The reports with a finding of a rule; the page after the id `after`."""
    query = (
        ROWS.replace("FROM report", "FROM finding JOIN report ON report.id = finding.report")
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
