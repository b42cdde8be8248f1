"""The road of a record: read -> map -> validate -> publish."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path, PurePath

from publisher import dumps
from publisher.addresses import thing_path
from publisher.catalog import Catalog
from publisher.collector import collect_rings, collector_paused
from publisher.coverage import Coverage, Measure
from publisher.duplicates import mark_of
from publisher.errors import CatalogError, NotFound, PublisherError, StoreBehind, UnreadableSource
from publisher.mapping import NO_NUMBER, Decisions, Described, Mapping
from publisher.mapping.fields.keys import former_keys
from publisher.readers import read, reader_for
from publisher.record import Fault, Record
from publisher.releases import Prepared, Publication, move, pack_data, prepare
from publisher.releases.delivery import Sending, not_sending
from publisher.reports import of_record, pack_findings
from publisher.settings import Settings
from publisher.validation import Finding, Report, Validator

Progress = Callable[[int], None]
Listener = Callable[[list[Finding]], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """A record with what the validation says of it, ready to be published: `resource` and what it names."""

    record: Record
    report: Report
    resource: Prepared
    others: tuple[Prepared, ...]
    data: bytes
    said: bytes  # the report, packed as the catalog keeps it
    coverage: Coverage
    former: tuple[str, ...]  # keys that the record had before
    mark: bytes  # what another record of the same work has, too


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
    moved: int = 0
    release: int = 0
    behind: str = ""  # why a remote store is not yet at this release
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    listener: Listener | None = None
    coverage: Coverage = field(default_factory=Coverage)
    twins: set[frozenset[str]] = field(default_factory=set)  # pairs of keys that were told to be of one work, perhaps

    def tell(self, findings: Iterable[Finding]) -> None:
        """Says what is found, record by record: to the listener, or else it is kept."""
        if self.listener is None:
            self.findings.extend(findings)
        elif told := list(findings):
            self.listener(told)


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
def _judges(settings: Settings, decisions: Decisions) -> tuple[Mapping, Validator]:
    """The mapping and the shapes of this process, read once."""
    return Mapping(settings, decisions), Validator(settings.base, settings.SHAPES_DIR, settings.REPORT_LANGUAGE)


def decided(settings: Settings) -> Decisions:
    """What was decided of the headings of the site."""
    try:
        catalog = Catalog(settings.DATA_DIR)
    except CatalogError:  # nothing is published yet
        return Decisions()
    rows = catalog.db.execute("SELECT heading, record, becomes FROM decision").fetchall()
    catalog.close()
    return Decisions.of(rows)


def check_batch(settings: Settings, batch: Sequence[Record], decisions: Decisions) -> list[Checked]:
    """Maps and validates some records; runs in a worker process."""
    collect_rings()  # of the batch before
    with collector_paused():
        return _check_batch(settings, batch, decisions)


def _check_batch(settings: Settings, batch: Sequence[Record], decisions: Decisions) -> list[Checked]:
    mapping, validator = _judges(settings, decisions)
    described = [mapping.describe(record) for record in batch]
    # of a record that its source has withdrawn only the key counts
    judged = iter(validator.validate([item for item in described if not item.record.withdrawn]))
    reports = [Report() if item.record.withdrawn else next(judged) for item in described]
    ready: dict[int, Prepared] = {}
    measure = Measure(mapping)
    return [_checked(mapping, item, report, ready, measure) for item, report in zip(described, reports, strict=True)]


def _checked(
    mapping: Mapping, item: Described, report: Report, ready: dict[int, Prepared], measure: Measure
) -> Checked:
    others = []
    for description in item.descriptions[1:]:
        identity = id(description)  # one thing has one description while a batch lasts; another says something else
        if identity not in ready:
            ready[identity] = prepare(mapping, item.descriptions, description)
        others.append(ready[identity])
    data = pack_data({"record": item.record})
    said = pack_findings(report.findings)
    resource = prepare(mapping, item.descriptions, item.resource, item.record)
    # what is named comes before what names it: the broader before the narrower, the whole before its part
    former = former_keys(item.record, mapping.settings.COLLECTION)
    mark = b"" if item.record.withdrawn else mark_of(mapping, item)
    return Checked(item.record, report, resource, tuple(others), data, said, measure.measure(item), former, mark)


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
    decisions = decided(settings)
    workers = settings.WORKERS or os.cpu_count() or 1
    first = list(islice(stream, settings.BATCH_SIZE))
    second = list(islice(stream, settings.BATCH_SIZE)) if len(first) == settings.BATCH_SIZE else []
    if not second or workers == 1:
        for batch in (first, second):
            if batch:
                yield from check_batch(settings, batch, decisions)
        while batch := list(islice(stream, settings.BATCH_SIZE)):
            yield from check_batch(settings, batch, decisions)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[list[Checked]]] = deque(
            pool.submit(check_batch, settings, batch, decisions) for batch in (first, second)
        )
        while waiting:
            while len(waiting) <= workers and (batch := list(islice(stream, settings.BATCH_SIZE))):
                waiting.append(pool.submit(check_batch, settings, batch, decisions))
            yield from waiting.popleft().result()


def judge(
    items: Iterable[Checked], summary: Summary, accepted: Callable[[Checked], bool] = lambda item: False
) -> Iterator[tuple[Checked, bool]]:
    """Every record, and whether it may be published: one with a violation may not, unless somebody accepted it, nor
    may a second one with the number of an earlier one and other content: two records are never merged."""
    seen = sqlite3.connect("", isolation_level=None)  # a temporary file: a million keys need not be in memory
    seen.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, digest BLOB, place TEXT) WITHOUT ROWID")
    seen.execute("CREATE TABLE work (mark BLOB PRIMARY KEY, key TEXT, place TEXT) WITHOUT ROWID")
    seen.execute("BEGIN")
    for item in items:
        record, report = item.record, item.report
        earlier = seen.execute("SELECT digest, place FROM seen WHERE key = ?", (item.resource.key,)).fetchone()
        if not record.withdrawn and earlier is not None and earlier[0] != item.resource.digest:
            numbers = record.shelf_number or record.record_number
            line = numbers[0].first_line if numbers else record.source.first_line
            report.findings.append(_collision(item, earlier[1], line))
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
                summary.tell([_twin(item, *twin)])
        if report.refused and not accepted(item):
            summary.refused += 1
            yield item, False
            continue
        if earlier is None:
            seen.execute("INSERT INTO seen VALUES (?, ?, ?)", (item.resource.key, item.resource.digest, record.place))
        summary.warned += report.count("warning") > 0
        yield item, True
    seen.close()


def _missing(item: Checked) -> Finding:
    return Finding(
        "warning",
        "record",
        f"Words of the record are nowhere in what is published of it: {', '.join(item.coverage.words)}.",
        item.record.source.file,
        item.record.source.first_line,
        record=item.record.source.position,
        key=item.resource.key,
        repair="They stand in the record as read; tell those who look after this program.",
    )


def _twin(item: Checked, key: str, place: str) -> Finding:
    return Finding(
        "warning",
        "Title",
        f"The record {key} at {place} has this title, year and body, too: both may describe one work.",
        item.record.source.file,
        item.record.title[0].first_line,
        item.record.title[0].text,
        record=item.record.source.position,
        key=item.resource.key,
        repair="Both are published. See whether one is to be withdrawn, or to lead to the other (publisher move).",
    )


def _collision(item: Checked, place: str, line: int) -> Finding:
    return Finding(
        "violation",
        "Shelf Number",
        f"The record at {PurePath(place).name} has this number, too, and says something else.",
        item.record.source.file,
        line,
        item.resource.key,
        "shapes#identifierUnique",
        record=item.record.source.position,
        key=item.resource.key,
        focus=thing_path(*item.resource.name).removeprefix("/"),
        repair="See which of the two records the number belongs to, and give the other one its own.",
    )


def load(
    settings: Settings,
    paths: Sequence[Path],
    format_name: str | None = None,
    progress: Progress | None = None,
    reason: str = "",
    listener: Listener | None = None,
    sending: Sending = not_sending,
) -> Summary:
    """Reads, maps, validates and publishes; all of it becomes visible at once, as one release. What is refused is kept
    in quarantine, and what is mended leaves it. `sending` is told of what a remote store is given."""
    summary = Summary(listener=listener)
    items = check(settings, paths, summary, format_name, progress)
    try:
        _load(settings, reason or f"load {' '.join(path.name for path in paths)}", items, summary, sending)
    except StoreBehind as error:
        summary.behind = str(error)
    return summary


def _load(settings: Settings, title: str, items: Iterable[Checked], summary: Summary, sending: Sending) -> None:
    with collector_paused(), Publication(settings, title[:200], sending=sending) as publication:
        former: dict[str, str] = {}
        for item, fit in judge(items, summary, lambda item: _accepted(publication, item)):
            if not fit:
                publication.reports.refuse(item.resource.key, item.record, item.report.findings)
            elif item.record.withdrawn:
                publication.reports.release(item.resource.key)
                summary.withdrawn += publication.withdraw_harvested(item.record, item.resource.key)
            else:
                unchanged = publish(publication, item, summary)
                summary.published += not unchanged
                summary.unchanged += unchanged
                former.update(dict.fromkeys(item.former, item.resource.key))
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
        _move(publication, former, summary)
        summary.release = publication.finish(always=summary.moved > 0)


def _move(publication: Publication, former: dict[str, str], summary: Summary) -> None:
    """Lets the addresses that records had before lead to them, as the records themselves say."""
    for old, new in former.items():
        known = publication.catalog.find("resource", old)
        if known is not None and known.release == publication.number and not known.withdrawn:
            message = f"The record {new} says that it was {old} before, which is the number of another record."
            summary.tell([Finding("warning", "Shelf Number", message, str(publication.settings.DATA_DIR), 0, key=new)])
        elif known is not None:
            summary.moved += move(publication, "resource", old, new)


def publish(publication: Publication, item: Checked, summary: Summary) -> bool:
    """Publishes a record and what it names; says whether it was published just so before."""
    for other in item.others:
        publication.put_other(other)
    unchanged = publication.put_resource(item.resource, item.data, item.record) == "unchanged"
    publication.reports.release(item.resource.key, item.record)
    publication.reports.publish(item.resource.key, item.record, item.report.findings, item.said, not unchanged)
    if not unchanged:
        twin = publication.put_work(item.resource.key, item.mark)
        if twin is not None and frozenset((item.resource.key, twin.key)) not in summary.twins:
            summary.tell([_twin(item, twin.key, Record.from_json(twin.data["record"]).place)])
    return unchanged


def _accepted(publication: Publication, item: Checked) -> bool:
    """Whether a record with violations is published just so, since somebody accepted it."""
    entry = publication.catalog.find(*item.resource.name)
    unchanged = entry is not None and not entry.withdrawn and entry.digest == item.resource.digest
    return unchanged and publication.reports.is_accepted(item.resource.key, item.report.findings)


def accept(settings: Settings, key: str, who: str, why: str, place: str = "") -> int:
    """Publishes a record of the quarantine in spite of its faults; gives the release. `place` tells two records of one
    key apart. Raises NotFound if there is none, PublisherError if there are two or it has no number for an address."""
    with Publication(settings, f"accept {key}"[:200]) as publication:
        found = [kept for kept in of_record(publication.db, key) if kept.refused]
        if place:
            found = [kept for kept in found if kept.record.place == place]
        if not found:
            raise NotFound(f"There is no record {key}{f' of {place}' if place else ''} in quarantine.")
        if len(found) > 1:
            places = " and ".join(kept.record.place for kept in found)
            raise PublisherError(f"{key} stands for the records at {places}; name one of them with --place.")
        (kept,) = found
        (item,) = check_batch(settings, [kept.record], decided(settings))
        if item.resource.key.startswith(NO_NUMBER):
            raise PublisherError(f"{key} has no number that could become its address; give it one and load it again.")
        if item.resource.key != key:
            raise PublisherError(f"{key} has the key {item.resource.key} by the present settings; load it again.")
        for other in item.others:
            publication.put_other(other)
        publication.put_resource(item.resource, item.data, item.record)
        publication.reports.accept(kept, who, publication.time, why)
        return publication.finish()


def move_key(settings: Settings, old: str, new: str, kind: str = "resource") -> int:
    """Lets the address of a thing lead to another, which it has become; gives the release, or 0 if it did so already.
    Raises NotFound."""
    with Publication(settings, f"move {old} to {new}"[:200]) as publication:
        return publication.finish(always=move(publication, kind, old, new))


def withdraw(settings: Settings, keys: Sequence[str], kind: str = "resource") -> tuple[int, list[str]]:
    """Takes records back, out of the quarantine, too; gives the release and the keys that name nothing."""
    with Publication(settings, f"withdraw {' '.join(keys)}") as publication:
        missing = []
        for key in keys:
            refused = kind == "resource" and publication.reports.release(key)
            if not publication.withdraw(kind, key) and not refused:
                missing.append(key)
        return publication.finish(), missing


def rollback(settings: Settings, release: int) -> int:
    """Publishes what an earlier release held as a new release; 0 if that is what is published."""
    with Publication(settings, f"roll back to release {release}") as publication:
        if release not in {row.number for row in publication.catalog.releases() if row.number != publication.number}:
            raise UnreadableSource(f"There is no release {release}; `publisher releases` lists them.")
        publication.restore(release)
        return publication.finish()


def announce_dumps(settings: Settings, names: Sequence[str]) -> int:
    """Publishes that the site has dumps in these formats, if its description does not say so; gives the release, or 0
    if it says so already. What the dumps hold is the release after that, so this comes first."""
    told = set(dumps.present(settings))
    if set(names) <= told:
        return 0
    with Publication(settings, "dumps") as publication:
        if not publication.previous:
            raise CatalogError(f"{settings.DATA_DIR}: nothing has been published here yet; there is nothing to dump.")
        publication.dumps = [name for name in dumps.BY_NAME if name in {*names, *told}]
        return publication.finish(always=True)
