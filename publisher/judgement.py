"""Judgement: which of the records that were checked may be published, and what is to be said of them together."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import PurePath

from publisher.addresses import thing_path
from publisher.intake import Checked, Summary
from publisher.record import Severity, Value
from publisher.validation import Finding


def judge(
    items: Iterable[Checked], summary: Summary, accepted: Callable[[Checked], bool] = lambda item: False
) -> Iterator[tuple[Checked, bool]]:
    """Every record, and whether it may be published: one with a violation may not, unless somebody accepted it, nor
    may a second one with the number of an earlier one and other content: two records are never merged."""
    # a temporary file: a million keys need not be in memory
    with closing(sqlite3.connect("", isolation_level=None)) as seen:
        seen.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, digest BLOB, place TEXT) WITHOUT ROWID")
        seen.execute("CREATE TABLE work (mark BLOB PRIMARY KEY, key TEXT, place TEXT) WITHOUT ROWID")
        seen.execute("BEGIN")
        for item in items:
            record, report = item.record, item.report
            earlier = seen.execute("SELECT digest, place FROM seen WHERE key = ?", (item.resource.key,)).fetchone()
            if not record.withdrawn and earlier is not None and earlier[0] != item.resource.digest:
                report.findings.append(_collision(item, earlier[1]))
            summary.tell(report.findings)
            summary.coverage += item.coverage
            if item.coverage.words:
                summary.tell([_missing(item)])
            if item.mark and not report.refused:
                twin = seen.execute("SELECT key, place FROM work WHERE mark = ?", (item.mark,)).fetchone()
                if twin is None:
                    seen.execute("INSERT INTO work VALUES (?, ?, ?)", (item.mark, item.resource.key, record.place))
                elif twin[0] != item.resource.key:
                    summary.twins.add(frozenset((item.resource.key, twin[0])))
                    summary.tell([twin_of(item, *twin)])
            if report.refused and not accepted(item):
                summary.refused += 1
                yield item, False
                continue
            if earlier is None:
                seen.execute(
                    "INSERT INTO seen VALUES (?, ?, ?)", (item.resource.key, item.resource.digest, record.place)
                )
            summary.warned += report.count("warning") > 0
            yield item, True


def _missing(item: Checked) -> Finding:
    return _told(
        item,
        "warning",
        "record",
        f"Words of the record are nowhere in what is published of it: {', '.join(item.coverage.words)}.",
        "They stand in the record as read; tell those who look after this program.",
    )


def twin_of(item: Checked, key: str, place: str) -> Finding:
    """What is said of a record that may describe the same work as another one, of that key and place."""
    return _told(
        item,
        "warning",
        "Title",
        f"The record {key} at {place} has this title, year and body, too: both may describe one work.",
        "Both are published. See whether one is to be withdrawn, or to lead to the other (publisher move).",
        item.record.title[0],
    )


def _collision(item: Checked, place: str) -> Finding:
    numbers = item.record.shelf_number or item.record.record_number
    found = _told(
        item,
        "violation",
        "Shelf Number",
        f"The record at {PurePath(place).name} has this number, too, and says something else.",
        "See which of the two records the number belongs to, and give the other one its own.",
        numbers[0] if numbers else None,
    )
    focus = thing_path(*item.resource.name).removeprefix("/")
    return replace(found, value=item.resource.key, shape="shapes#identifierUnique", focus=focus)


def _told(
    item: Checked, severity: Severity, field: str, message: str, repair: str, value: Value | None = None
) -> Finding:
    """A finding at a value of the record, or at its first line."""
    source = item.record.source
    return Finding(
        severity,
        field,
        message,
        source.file,
        source.first_line if value is None else value.first_line,
        "" if value is None else value.text,
        record=source.position,
        key=item.resource.key,
        repair=repair,
    )
