"""Findings: what is to be said of a record to the cataloguer who mends it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import orjson

from publisher.mapping.terms import slug
from publisher.record import FromJson, Severity

SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")  # the grave ones first


@dataclass(frozen=True, slots=True)
class Finding(FromJson):
    """One thing to say: where, of which field, what, of which value, and what to do.

    `shape` and `component` are the IRIs of the rule that says it; a note of the reader or the mapping has none. `focus`
    is the IRI of what breaks the rule, `path` the SPARQL path that leads from there to the value. IRIs of the site are
    relative to BASE_URL ("shapes#title"). `record` counts the records of a file from 1, for files that have no lines
    (line 0); `key` is that of the record.
    """

    severity: Severity
    field: str
    message: str
    file: str
    line: int
    value: str = ""
    shape: str = ""
    component: str = ""
    record: int = 0
    key: str = ""
    focus: str = ""
    path: str = ""
    repair: str = ""

    @property
    def place(self) -> str:
        """Where to look: "FILE:LINE", "FILE, record N", or the file."""
        return (
            f"{self.file}:{self.line}" if self.line else self.file + (f", record {self.record}" if self.record else "")
        )

    @property
    def rule(self) -> str:
        """What it is counted under: its shape; of what no shape says, the field that was noted."""
        return self.shape or f"validation#noted-{slug(self.field)}"

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: {self.advice}"

    @property
    def advice(self) -> str:
        """What is wrong, with which value, and what to do."""
        value = f'("{self.value}")' if self.value else ""
        return " ".join(filter(None, (self.message, value, self.repair)))


@dataclass
class Report:
    """What is to be said of one record; a violation keeps it out."""

    findings: list[Finding] = field(default_factory=list)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def refused(self) -> bool:
        return self.count("violation") > 0


def gravest(findings: Iterable[Finding]) -> Severity | None:
    """The gravest severity of some findings; None if there are none."""
    found = {finding.severity for finding in findings}
    return next((severity for severity in SEVERITIES if severity in found), None)


def said(findings: Iterable[Finding]) -> bytes:
    """SHA-256 over what findings say, wherever the record stood when they said it."""
    rows = [(item.severity, item.field, item.message, item.value, item.shape, item.repair) for item in findings]
    return hashlib.sha256(orjson.dumps(rows)).digest()


def by_record(findings: Iterable[Finding]) -> Iterable[tuple[Finding, list[Finding]]]:
    """The findings record by record, as they come; with each its first one, which names file and key."""

    def record(finding: Finding) -> Any:
        return (finding.file, finding.record) if finding.record else finding

    for _, group in groupby(findings, key=record):
        found = list(group)
        yield found[0], found
