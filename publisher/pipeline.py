"""The road of a record: read -> map -> validate -> publish."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from publisher.errors import UnreadableSource
from publisher.mapping import Described, Mapping
from publisher.readers import read, reader_for
from publisher.record import Fault, Record
from publisher.releases import Prepared, Publication, pack_data, prepare
from publisher.settings import Settings
from publisher.validation import Finding, Report, Validator

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A record with what the validation says of it, ready to be published: `resource` and what it names."""

    record: Record
    report: Report
    resource: Prepared
    others: tuple[Prepared, ...]
    data: bytes


@dataclass
class Summary:
    """What became of the records of a run; `published` counts those that are new or changed, `withdrawn` those that
    their source has taken back."""

    read: int = 0
    published: int = 0
    unchanged: int = 0
    warned: int = 0
    refused: int = 0
    withdrawn: int = 0
    release: int = 0
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def tell(self, findings: Iterable[Finding]) -> None:
        self.findings.extend(findings)


def sources(paths: Sequence[Path], format_name: str | None, summary: Summary) -> Iterator[tuple[Path, str]]:
    """The files to read, each with the name by which reports call it. A folder is walked in the order of names;
    what is in no known format there is skipped and listed, while a file that was named itself is a fault."""
    for path in paths:
        if not path.is_dir():
            yield path, str(path)
            continue
        for found in sorted(p for p in path.rglob("*") if p.is_file() and not p.name.startswith(".")):
            try:
                reader_for(found, format_name)
            except (UnreadableSource, OSError):
                summary.skipped.append(str(found))
            else:
                yield found, str(found)


def records(
    paths: Sequence[Path], format_name: str | None, summary: Summary, progress: Progress | None = None
) -> Iterator[Record]:
    """The records of the files; what a reader says of a file goes into the summary."""
    for path, name in sources(paths, format_name, summary):
        for item in read(path, name, format_name):
            if isinstance(item, Record):
                summary.read += 1
                yield item
            else:
                summary.tell([_finding(item)])
                summary.refused += item.severity == "violation"
        if progress is not None:
            progress(path.stat().st_size if path.exists() else 0)


def _finding(fault: Fault) -> Finding:
    return Finding(fault.severity, fault.field or "file", fault.message, fault.file, fault.first_line)


@cache
def _judges(settings: Settings) -> tuple[Mapping, Validator]:
    """The mapping and the shapes of this process, read once."""
    return Mapping(settings), Validator(settings.base)


def check_batch(settings: Settings, batch: Sequence[Record]) -> list[Checked]:
    """Maps and validates some records; runs in a worker process."""
    mapping, validator = _judges(settings)
    described = [mapping.describe(record) for record in batch]
    # of a record that its source has withdrawn only the key counts
    judged = iter(validator.validate([item for item in described if not item.record.withdrawn]))
    reports = [Report() if item.record.withdrawn else next(judged) for item in described]
    ready: dict[int, Prepared] = {}
    return [_checked(mapping, item, report, ready) for item, report in zip(described, reports, strict=True)]


def _checked(mapping: Mapping, item: Described, report: Report, ready: dict[int, Prepared]) -> Checked:
    others = []
    for description in item.descriptions[1:]:
        identity = id(description)  # one thing has one description while a batch lasts; another says something else
        if identity not in ready:
            ready[identity] = prepare(mapping, item.descriptions, description)
        others.append(ready[identity])
    findings = [asdict(finding) for finding in report.findings]
    data = pack_data({"record": item.record, "findings": findings})
    resource = prepare(mapping, item.descriptions, item.resource, item.record)
    # what is named comes before what names it: the broader before the narrower, the whole before its part
    return Checked(item.record, report, resource, tuple(others), data)


def check(
    settings: Settings,
    paths: Sequence[Path],
    summary: Summary,
    format_name: str | None = None,
    progress: Progress | None = None,
) -> Iterator[Checked]:
    """Every record of the files, mapped and validated, in order; batches go to worker processes when there are more
    than one, and only a few are under way at once, so that memory does not grow with the files."""
    stream = records(paths, format_name, summary, progress)
    workers = settings.WORKERS or os.cpu_count() or 1
    first = list(islice(stream, settings.BATCH_SIZE))
    second = list(islice(stream, settings.BATCH_SIZE)) if len(first) == settings.BATCH_SIZE else []
    if not second or workers == 1:
        for batch in (first, second):
            if batch:
                yield from check_batch(settings, batch)
        while batch := list(islice(stream, settings.BATCH_SIZE)):
            yield from check_batch(settings, batch)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[list[Checked]]] = deque(pool.submit(check_batch, settings, b) for b in (first, second))
        while waiting:
            while len(waiting) <= workers and (batch := list(islice(stream, settings.BATCH_SIZE))):
                waiting.append(pool.submit(check_batch, settings, batch))
            yield from waiting.popleft().result()


def judge(items: Iterable[Checked], summary: Summary) -> Iterator[Checked]:
    """The records that may be published. Counts the others as refused, among them a second record with the number of
    an earlier one and other content: two records are never merged."""
    seen = sqlite3.connect("", isolation_level=None)  # a temporary file: a million keys need not be in memory
    seen.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, digest BLOB, place TEXT) WITHOUT ROWID")
    seen.execute("BEGIN")
    for item in items:
        record, report = item.record, item.report
        earlier = seen.execute("SELECT digest, place FROM seen WHERE key = ?", (item.resource.key,)).fetchone()
        numbers = record.shelf_number or record.record_number
        if numbers and not record.withdrawn and earlier is not None and earlier[0] != item.resource.digest:
            report.findings.append(
                Finding(
                    "violation",
                    "Shelf Number",
                    f"The record at {earlier[1]} has this number, too, and says something else; "
                    "one of the two numbers is wrong.",
                    record.source.file,
                    numbers[0].first_line,
                    item.resource.key,
                    record=record.source.position,
                )
            )
        summary.tell(report.findings)
        if report.refused:
            summary.refused += 1
            continue
        if earlier is None:
            seen.execute("INSERT INTO seen VALUES (?, ?, ?)", (item.resource.key, item.resource.digest, record.place))
        summary.warned += report.count("warning") > 0
        yield item
    seen.close()


def load(
    settings: Settings,
    paths: Sequence[Path],
    format_name: str | None = None,
    progress: Progress | None = None,
    reason: str = "",
) -> Summary:
    """Reads, maps, validates and publishes; all of it becomes visible at once, as one release."""
    summary = Summary()
    with Publication(settings, reason or f"load {' '.join(path.name for path in paths)}"[:200]) as publication:
        for item in judge(check(settings, paths, summary, format_name, progress), summary):
            if item.record.withdrawn:
                summary.withdrawn += publication.withdraw("resource", item.resource.key)
                continue
            for other in item.others:
                publication.put_other(other)
            outcome = publication.put_resource(item.resource, item.data, item.record)
            summary.published += outcome != "unchanged"
            summary.unchanged += outcome == "unchanged"
        summary.tell(
            Finding(
                "info",
                kind.capitalize(),
                f'"{other}" and "{established}" are one {kind} here, since they differ in case, spacing or '
                "punctuation only; the second is its name, the first is kept as another form.",
                str(settings.DATA_DIR),
                0,
            )
            for kind, established, other in publication.collisions
        )
        summary.release = publication.finish()
    return summary


def withdraw(settings: Settings, keys: Sequence[str], kind: str = "resource") -> tuple[int, list[str]]:
    """Takes records back; gives the release and the keys that name nothing published."""
    with Publication(settings, f"withdraw {' '.join(keys)}") as publication:
        missing = [key for key in keys if not publication.withdraw(kind, key)]
        return publication.finish(), missing


def rollback(settings: Settings, release: int) -> int:
    """Publishes what an earlier release held as a new release; 0 if that is what is published."""
    with Publication(settings, f"roll back to release {release}") as publication:
        if release not in {row.number for row in publication.catalog.releases() if row.number != publication.number}:
            raise UnreadableSource(f"There is no release {release}; `publisher releases` lists them.")
        publication.restore(release)
        return publication.finish()
