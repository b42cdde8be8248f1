"""Intake: files -> records, mapped and validated in batches, ready to be published."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path

from publisher.catalog import Catalog
from publisher.collector import collect_rings, collector_paused
from publisher.coverage import Coverage, Measure
from publisher.duplicates import mark_of
from publisher.errors import CatalogError, DamagedFile, ForeignFormat, UnreadableSource
from publisher.mapping import Decisions, Described, Mapping
from publisher.mapping.fields.keys import former_keys
from publisher.packing import pack_json
from publisher.readers import Readers, read, reader_for, readers_with
from publisher.record import Fault, Record
from publisher.releases import Prepared, Stamp, prepare, prepare_resource
from publisher.reports import pack_findings
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
    unread: Callable[[str, list[Fault]], None] | None = None  # is told of each file what of it could not be read
    coverage: Coverage = field(default_factory=Coverage)
    twins: set[frozenset[str]] = field(default_factory=set)  # pairs of keys that were told to be of one work, perhaps

    def tell(self, findings: Iterable[Finding]) -> None:
        """Says what is found, record by record: to the listener, or else it is kept."""
        if self.listener is None:
            self.findings.extend(findings)
        elif told := list(findings):
            self.listener(told)


def shown(path: Path) -> str:
    """A path as a text: the bytes of a name that are no UTF-8 are written as such (\\xfc)."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def files(folder: Path) -> list[Path]:
    """What is to be read below a folder, in the order of names: its files, links followed, none that is hidden, and the
    folders that cannot be entered."""
    found: list[Path] = []
    closed: list[OSError] = []
    seen: set[str] = set()  # a link may lead back to a folder above it
    for top, folders, names in os.walk(folder, onerror=closed.append, followlinks=True):
        place = os.path.realpath(top)
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += (path for name in names if not name.startswith(".") and (path := Path(top, name)).is_file())
    return sorted([*found, *(Path(error.filename) for error in closed)])


def sources(
    paths: Sequence[Path], format_name: str | None, summary: Summary, readers: Readers
) -> Iterator[tuple[Path, str]]:
    """The files to read, each with the name by which reports call it. A folder is walked in the order of names;
    what is in no known format there is skipped and listed, while a file that was named itself is a fault, and so is one
    of records in a format that is known but not read, or that is packed and damaged."""
    for path in paths:
        if not path.is_dir():
            yield path, shown(path)
            continue
        for found in files(path):
            try:
                if found.is_file():
                    reader_for(found, format_name, readers)
            except (DamagedFile, ForeignFormat):
                pass  # its records are missing, so that it is reported
            except UnreadableSource:
                summary.skipped.append(shown(found))
                continue
            except OSError:
                pass  # it is read once more, and why it cannot be is reported
            yield found, shown(found)


def records(
    settings: Settings,
    paths: Sequence[Path],
    format_name: str | None,
    summary: Summary,
    progress: Progress | None = None,
) -> Iterator[Record]:
    """The records of the files; what a reader says of a file goes into the summary."""
    readers = readers_with(settings.PAGE_LABELS)
    for path, name in sources(paths, format_name, summary, readers):
        faults = []
        for item in read(path, name, format_name, readers):
            if isinstance(item, Record):
                summary.read += 1
                yield item
            else:
                summary.tell([_finding(item)])
                if item.severity == "violation":
                    summary.refused += 1
                    faults.append(item)
        if summary.unread is not None and path.is_file():
            summary.unread(name, faults)
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


def check_batch(
    settings: Settings, batch: Sequence[Record], decisions: Decisions, stamp: Stamp | None = None
) -> list[Checked]:
    """Maps and validates some records, and prepares them for release `stamp`, or for none, if nothing is to be
    published; runs in a worker process."""
    collect_rings()  # of the batch before
    with collector_paused():
        mapping, validator = _judges(settings, decisions)
        described = [mapping.describe(record) for record in batch]
        # of a record that its source has withdrawn only the key counts
        judged = iter(validator.validate([item for item in described if not item.record.withdrawn]))
        reports = [Report() if item.record.withdrawn else next(judged) for item in described]
        return list(_prepared(mapping, described, reports, stamp))


def _prepared(
    mapping: Mapping, described: Sequence[Described], reports: Sequence[Report], stamp: Stamp | None
) -> Iterator[Checked]:
    ready: dict[int, Prepared] = {}
    measure = Measure(mapping)
    with closing(Catalog(mapping.settings.DATA_DIR)) if stamp is not None else nullcontext() as catalog:
        for item, report in zip(described, reports, strict=True):
            record = item.record
            others = []
            for description in item.descriptions[1:] if stamp is not None else ():
                identity = id(description)  # one thing has one description while a batch lasts
                if identity not in ready:
                    ready[identity] = prepare(mapping, item.descriptions, description)
                others.append(ready[identity])
            if stamp is None or catalog is None or record.withdrawn:
                resource = prepare(mapping, item.descriptions, item.resource)
            else:
                resource = prepare_resource(mapping, item.descriptions, record, stamp, catalog)
            yield Checked(
                record,
                report,
                resource,
                tuple(others),  # what is named before what names it: the broader before the narrower
                pack_json({"record": record}),
                pack_findings(report.findings),
                measure.measure(item),
                former_keys(record, mapping.settings.COLLECTION),
                b"" if record.withdrawn else mark_of(mapping, item),
            )


def check(
    settings: Settings,
    paths: Sequence[Path],
    summary: Summary,
    format_name: str | None = None,
    progress: Progress | None = None,
    stamp: Stamp | None = None,
) -> Iterator[Checked]:
    """Every record of the files, mapped and validated, in order; batches go to worker processes when there are more
    than one, and only a few are under way at once, so that memory does not grow with the files."""
    stream = records(settings, paths, format_name, summary, progress)
    decisions = decided(settings)
    workers = settings.WORKERS or os.cpu_count() or 1
    batches = iter(lambda: list(islice(stream, settings.BATCH_SIZE)), [])
    first = next(batches, [])
    if len(first) < settings.BATCH_SIZE or workers == 1:
        while first:
            yield from check_batch(settings, first, decisions, stamp)
            first = next(batches, [])
        return
    with _pool(workers) as pool:
        waiting: deque[Future[list[Checked]]] = deque([pool.submit(check_batch, settings, first, decisions, stamp)])
        del first
        while waiting:
            while len(waiting) <= workers and (batch := next(batches, [])):
                waiting.append(pool.submit(check_batch, settings, batch, decisions, stamp))
            yield from waiting.popleft().result()


def _pool(workers: int) -> ProcessPoolExecutor:
    """Worker processes, forked from one that has loaded our modules: each by itself would take a second for it."""
    context = get_context("forkserver")
    context.set_forkserver_preload([name for name in sys.modules if name.partition(".")[0] == "publisher"])
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_begin_work)


def _begin_work() -> None:
    """Lets a worker collect between batches only, and end if the process that it works for is killed."""
    gc.disable()
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
