"""Moments: by which time harvesters may take it that they have seen everything.

A publish fixes the datestamp of its release some moments before its transaction is done. Who harvests in between sees
the older state, and has to be told a time that is not later than that datestamp, or the next harvest would ask from too
late a time and miss the release (OAI-PMH 2.7.1). So the writer says in a file that it is about to commit.
Who harvests from a copy has seen what there was when it was made; a file in the copy says when.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FILE = "committing"
_COPIED = "copied"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """The time as the catalog keeps it: UTC, to the second (OAI-PMH's finest granularity)."""
    return datetime.now(UTC).strftime(_FORM)


def second_after(time: str) -> str:
    """The next second."""
    return (datetime.strptime(time, _FORM) + timedelta(seconds=1)).strftime(_FORM)


@contextmanager
def committing(folder: Path, datestamp: str) -> Iterator[None]:
    """What is committed inside has this datestamp. By the lock one knows that the writer was not killed."""
    path, part = folder / _FILE, folder / f".{_FILE}"
    with part.open("w", encoding="ascii") as stream:
        stream.write(datestamp)
        stream.flush()
        fcntl.flock(stream, fcntl.LOCK_EX)
        part.replace(path)
        (folder / _COPIED).unlink(missing_ok=True)  # from now on it is no copy
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def copied(folder: Path, time: str) -> None:
    """Says that the folder is a copy, made of what was seen until this time."""
    (folder / _COPIED).write_text(time, "ascii")


def seen_until(folder: Path) -> str:
    """The time to give for a state of the catalog that is read after this call, and not before."""
    time = now()
    with suppress(FileNotFoundError):
        time = min(time, (folder / _COPIED).read_text("ascii"))
    with suppress(FileNotFoundError), (folder / _FILE).open(encoding="ascii") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return min(time, stream.read())
    return time
