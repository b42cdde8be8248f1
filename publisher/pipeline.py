"""The road of a record: read -> map -> validate -> publish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from publisher import dumps
from publisher.collector import collector_paused
from publisher.errors import CatalogError, NotFound, PublisherError, StoreBehind, UnreadableSource
from publisher.intake import Checked, Listener, Progress, Summary, check, check_batch, decided, records, shown
from publisher.judgement import judge, twin_of
from publisher.mapping import NO_NUMBER
from publisher.record import Record
from publisher.releases import Publication, move, put_work, restore
from publisher.releases.delivery import Sending, not_sending
from publisher.reports import of_record
from publisher.settings import Settings
from publisher.validation import Finding

__all__ = [
    "Checked",
    "Listener",
    "Progress",
    "Summary",
    "accept",
    "announce_dumps",
    "check",
    "check_batch",
    "decided",
    "judge",
    "load",
    "move_key",
    "publish",
    "records",
    "rollback",
    "withdraw",
]


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
    title = (reason or f"load {' '.join(shown(Path(path.name)) for path in paths)}")[:200]
    try:
        with collector_paused(), Publication(settings, title, sending=sending) as publication:
            summary.unread = publication.unread.keep
            items = check(settings, paths, summary, format_name, progress, publication.stamp)
            _load(publication, items, paths, summary)
    except StoreBehind as error:
        summary.behind = str(error)
    return summary


def _load(publication: Publication, items: Iterable[Checked], paths: Sequence[Path], summary: Summary) -> None:
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
            str(publication.settings.DATA_DIR),
            0,
        )
        for kind, established, other in dict.fromkeys(publication.collisions)
    )
    publication.unread.forget_missing(paths)
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
        twin = put_work(publication, item.resource.key, item.mark)
        if twin is not None and frozenset((item.resource.key, twin.key)) not in summary.twins:
            summary.tell([twin_of(item, twin.key, Record.from_json(twin.data["record"]).place)])
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
        (item,) = check_batch(settings, [kept.record], decided(settings), publication.stamp)
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
    """Takes records back, out of the quarantine, too; gives the release and the keys that name nothing. The name of a
    file takes out of the quarantine what could not be read of it."""
    with Publication(settings, f"withdraw {' '.join(keys)}") as publication:
        missing = []
        for key in keys:
            refused = kind == "resource" and publication.reports.release(key)
            refused = refused or publication.unread.forget(key)
            if not publication.withdraw(kind, key) and not refused:
                missing.append(key)
        return publication.finish(), missing


def rollback(settings: Settings, release: int) -> int:
    """Publishes what an earlier release held as a new release; 0 if that is what is published."""
    with Publication(settings, f"roll back to release {release}") as publication:
        if release not in {row.number for row in publication.catalog.releases() if row.number != publication.number}:
            raise UnreadableSource(f"There is no release {release}; `publisher releases` lists them.")
        restore(publication, release)
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
