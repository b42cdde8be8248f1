"""Client: fetches the records of another library by OAI-PMH, one answer after the other, and keeps them as they came.

https://www.openarchives.org/OAI/openarchivesprotocol.html; its sections are named below. `fetch` brings a list into
`DATA_DIR/harvest/`, a reader makes records of its pages, and `done` remembers, after they were published, from when on
the next harvest asks. What was interrupted goes on with the page that is missing.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import requests

from publisher.harvest.folder import Run, State, alone, base_of, forget, home_of, load, page_path, save, write
from publisher.harvest.ledger import Ledger, Proof
from publisher.harvest.repository import (
    OAI,
    Answer,
    HarvestError,
    Repository,
    Say,
    TokenExpired,
    headers_of,
    without_password,
)
from publisher.settings import Settings

MARC = "http://www.loc.gov/MARC21/slim"
MARC_PREFIXES = ("marc21", "marcxml")
OWN = ("record", "/ontology#")  # a publisher like this one: prefix, and how the namespace ends

RESTARTS = 2  # how often a list is begun anew because its token is no longer known
DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")


@dataclass(frozen=True)
class Harvest:
    """What was fetched: the pages in order and the name of the reader for them."""

    home: Path
    pages: tuple[Path, ...]
    format: str


def fetch(
    settings: Settings,
    url: str,
    *,
    prefix: str = "",
    set_name: str = "",
    since: str = "",
    until: str = "",
    full: bool = False,
    elsewhere: bool = False,
    pause: float = 1.0,
    timeout: float = 60.0,
    retries: int = 5,
    say: Say = lambda sentence: None,
) -> Harvest:
    """Fetches what has changed in a repository since the last harvest, or since `since`, or all of it if `full`.

    Without a `prefix` the records of a publisher like this one are taken as they are, else MARC where it is offered,
    else oai_dc. Nothing but `url` is asked; a redirect to
    another host is refused unless `elsewhere`. `pause` and `timeout` are in seconds. Raises HarvestError.
    """
    for date in (since, until):
        if date and not DATE.fullmatch(date):
            raise HarvestError(f"{date!r} is no date; write 2024-01-31, or 2024-01-31T09:30:00Z.")
    url = base_of(url)
    home = home_of(settings, url, prefix, set_name)
    with alone(home), requests.Session() as session:
        session.headers.update(headers_of(settings))
        server = Repository(session, url, elsewhere, pause, timeout, retries, say)
        state = load(home) or State(without_password(url))
        run = state.run
        if run is None or (run.since, run.until, run.full) != (since, until, full):
            run = state.run = _begin(server, prefix, since, until, full, state.next)
            save(home, state)
        elif run.complete:
            say(f"{run.pages} pages were fetched before and not published; they are used now.")
        elif run.pages:
            say(f"Going on after page {run.pages}.")
        forget(home, run.folder)
        if not run.complete:
            _fetch_list(server, home, state, run, set_name)
    return Harvest(home, tuple(page_path(home, run, number) for number in range(1, run.pages + 1)), run.format)


def done(harvest: Harvest) -> None:
    """Remembers that the pages are published: the next harvest asks for what changed since their first answer.

    A harvest with `until`, or with `since` later than what is still to be asked for, does not move the date.
    """
    with alone(harvest.home):
        state = load(harvest.home)
        if state is None or state.run is None or not state.run.complete:
            return
        run = state.run
        with closing(Ledger(harvest.home)) as ledger:
            ledger.enter(harvest.pages, anew=not (run.first or run.last))
        if not run.until and not (run.since and state.next and run.since[:10] > state.next[:10]):
            state.next = run.response_date
        state.run = None
        save(harvest.home, state)
        forget(harvest.home, run.folder)


def prove(
    settings: Settings, url: str, prefix: str = "", set_name: str = "", say: Say = lambda sentence: None
) -> Proof:
    """What the receipt of a repository says of what was harvested from it. Raises HarvestError."""
    url = base_of(url)
    home = home_of(settings, url, prefix, set_name)
    with alone(home), requests.Session() as session:
        session.headers.update(headers_of(settings))
        pause, timeout, retries = settings.HARVEST_PAUSE, settings.HARVEST_TIMEOUT, settings.HARVEST_RETRIES
        repository = Repository(session, url, False, pause, timeout, retries, say)
        with closing(Ledger(home)) as ledger:
            return ledger.prove(repository, set_name, prefix or "oai_dc")


# The list


def _begin(server: Repository, prefix: str, since: str, until: str, full: bool, next_date: str) -> Run:
    """A new list, with what the repository says of itself (4.2, 4.4)."""
    identity = server.ask(verb="Identify")
    by_day = len(identity.text("granularity")) == len("YYYY-MM-DD")
    if identity.text("deletedRecord") == "no":
        server.say("This repository does not tell which records it has deleted; harvest it in full from time to time.")
    formats = dict(_formats(server))
    own = formats.get(OWN[0], "").endswith(OWN[1])
    if not prefix and own:
        prefix = OWN[0]
    elif not prefix:
        marc = [name for name, namespace in formats.items() if namespace == MARC or name in MARC_PREFIXES]
        prefix = marc[0] if marc else "oai_dc"
    elif formats and prefix not in formats:
        raise HarvestError(f"{server} does not offer {prefix}, but {', '.join(formats)}.")
    is_marc = formats.get(prefix) == MARC or prefix in MARC_PREFIXES
    reader = OWN[0] if own and prefix == OWN[0] else "marcxml" if is_marc else "oai_dc"
    first, last = since or ("" if full else next_date), until
    if by_day or len("YYYY-MM-DD") in (len(first), len(last)):  # one granularity for both (2.7.1)
        first, last = first[:10], last[:10]
    folder = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return Run(folder, since, until, full, first, last, prefix, reader)


def _formats(server: Repository) -> Iterator[tuple[str, str]]:
    answer = server.ask(verb="ListMetadataFormats")
    for element in answer.document.iter(f"{OAI}metadataFormat"):
        names = [(element.findtext(f"{OAI}{name}") or "").strip() for name in ("metadataPrefix", "metadataNamespace")]
        yield names[0], names[1]


def _fetch_list(server: Repository, home: Path, state: State, run: Run, set_name: str) -> None:
    """Fetches the pages that are missing (4.5, 3.5); the state is saved after each: none is fetched twice."""
    restarts = 0
    met: set[bytes] = set()
    while not run.complete:
        try:
            answer = server.ask(**_arguments(run, set_name))
        except TokenExpired:
            restarts += 1
            if restarts > RESTARTS:
                raise HarvestError(
                    f"{server} forgets its resumption tokens; ask for less with --since and --until."
                ) from None
            server.say("The repository no longer knows where we were; the list is fetched from its beginning.")
            run.pages, run.token, run.response_date = 0, "", ""
            save(home, state)
            met.clear()
            continue
        run.response_date = run.response_date or _date_of(answer)
        sent, run.token = run.token, answer.text("ListRecords/resumptionToken")
        if answer.document.find(f"{OAI}ListRecords") is not None:
            # a repository that does not heed its tokens hands out one page for ever
            digest = hashlib.sha256(f"{sent} {run.token} {answer.identifiers()}".encode()).digest()
            if digest in met:
                raise HarvestError(f"{server} sends page {run.pages} again and again; its operator has to mend that.")
            met.add(digest)
            write(page_path(home, run, run.pages + 1), answer.content)
            run.pages += 1
            server.say(f"Page {run.pages}{answer.size()}")
        run.complete = not run.token
        save(home, state)


def _arguments(run: Run, set_name: str) -> dict[str, str]:
    if run.token:  # an exclusive argument
        return {"verb": "ListRecords", "resumptionToken": run.token}
    given = {"metadataPrefix": run.prefix, "from": run.first, "until": run.last, "set": set_name}
    return {"verb": "ListRecords"} | {name: value for name, value in given.items() if value}


def _date_of(answer: Answer) -> str:
    """When the repository says that it answered; our own clock, a day back, where it does not say."""
    date = answer.text("responseDate")
    if DATE.fullmatch(date):
        return date
    return datetime.fromtimestamp(time.time() - 86_400, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
