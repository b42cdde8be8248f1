"""The folder of a harvest: the pages of a list as they came, and what is remembered from one harvest to the next."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from publisher.harvest.repository import HarvestError, without_password
from publisher.record import FromJson
from publisher.settings import Settings

ARGUMENTS = frozenset(("verb", "metadataPrefix", "set", "from", "until", "resumptionToken", "identifier"))


@dataclass
class Run(FromJson):
    """A list that is being fetched, or was fetched and is not published yet."""

    folder: str
    since: str  # `since`, `until` and `full` are what the operator said; from `first` to `last` is what is asked for
    until: str
    full: bool
    first: str
    last: str
    prefix: str
    format: str
    response_date: str = ""
    pages: int = 0
    token: str = ""
    complete: bool = False


@dataclass
class State(FromJson):
    """What is remembered of a repository; `next` is the date from which the next harvest asks."""

    url: str
    next: str = ""
    run: Run | None = None


def base_of(url: str) -> str:
    """The base URL of a repository, of one of whose requests the operator may have given the address."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise HarvestError(f"{url} is no web address; write it with http:// or https://.")
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in ARGUMENTS]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


def home_of(settings: Settings, url: str, prefix: str, set_name: str) -> Path:
    """The folder of a harvest: the host for people, and a digest of what is asked for."""
    parts = urlsplit(url)
    name = re.sub(r"[^a-z0-9.-]+", "-", (parts.hostname or "").lower()).strip("-.")
    what = "\n".join((without_password(url), prefix, set_name))
    return settings.DATA_DIR / "harvest" / f"{name}-{hashlib.sha256(what.encode()).hexdigest()[:10]}"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarvestError(f"Another harvest of the same records is under way ({home}).") from None
        yield


def page_path(home: Path, run: Run, number: int) -> Path:
    return home / run.folder / f"{number:06}.xml"


def write(path: Path, content: bytes) -> None:
    """The file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def load(home: Path) -> State | None:
    try:
        return State.from_json(orjson.loads((home / "state.json").read_bytes()))
    except FileNotFoundError:
        return None
    except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
        raise HarvestError(
            f"{home / 'state.json'} is damaged; remove the folder {home} to harvest from the beginning."
        ) from None


def save(home: Path, state: State) -> None:
    write(home / "state.json", orjson.dumps(state, option=orjson.OPT_INDENT_2))


def forget(home: Path, kept: str) -> None:
    """Removes the pages of other harvests than the one that is kept."""
    for folder in home.iterdir():
        if folder.is_dir() and folder.name != kept:
            shutil.rmtree(folder)
