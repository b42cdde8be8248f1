"""The ledger of a harvest: what a repository has told us of each of its records, so that its receipt can be checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import orjson
import requests
from lxml import etree

from publisher.harvest.repository import OAI, HarvestError, Repository
from publisher.items import MODULUS, digest_of

_OPTIONS: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True, "recover": True}
_RECEIPT = "{http://purl.org/dc/elements/1.1/}relation"
SHOWN = 10  # identifiers of each kind


@dataclass(frozen=True)
class Proof:
    """What the receipt says beside what we have; the lists are empty where both agree."""

    count: int
    digest: str
    datestamp: str
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()
    holds: bool = True

    def __str__(self) -> str:
        if self.holds:
            return f"Complete: all {self.count} records of {self.datestamp}, digest {self.digest}."
        told = [
            f"{len(found)} {what} ({', '.join(found[:SHOWN])}{' …' if len(found) > SHOWN else ''})"
            for what, found in (("missing", self.missing), ("stale", self.stale), ("too many", self.surplus))
            if found
        ]
        return (
            f"Incomplete: the repository has {self.count} records; here are "
            f"{', '.join(told) or 'as many as it lists, but its receipt says otherwise'}. "
            "Harvest again, or everything with --full."
        )


class Ledger:
    """`ledger.sqlite` in the folder of a harvest."""

    def __init__(self, home: Path) -> None:
        self.db = sqlite3.connect(home / "ledger.sqlite", isolation_level=None)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS held (identifier TEXT PRIMARY KEY, datestamp TEXT NOT NULL, "
            "deleted INTEGER NOT NULL) WITHOUT ROWID"
        )

    def enter(self, pages: Iterable[Path], *, anew: bool) -> None:
        """Puts down what some pages tell, all or nothing; `anew` if they are a whole list."""
        self.db.execute("BEGIN")
        if anew:
            self.db.execute("DELETE FROM held")
        for page in pages:
            self.db.executemany("INSERT OR REPLACE INTO held VALUES (?, ?, ?)", _headers(page))
        self.db.execute("COMMIT")

    def held(self) -> Iterator[tuple[str, str]]:
        """(identifier, datestamp) of what is not deleted."""
        yield from self.db.execute("SELECT identifier, datestamp FROM held WHERE NOT deleted")

    def receipt(self) -> tuple[int, str]:
        """Count and digest as a repository would give them."""
        count = total = 0
        for identifier, datestamp in self.held():
            count += 1
            total += digest_of(identifier, datestamp)
        return count, f"{total % MODULUS:064x}"

    def prove(self, server: Repository, set_name: str, prefix: str) -> Proof:
        """Asks the repository for its receipt, and where that is another than ours for all its identifiers.

        Raises HarvestError if it gives no receipts."""
        given = _ask_receipt(server, set_name)
        proof = Proof(given["count"], given["digest"], given["datestamp"] or "")
        if self.receipt() == (proof.count, proof.digest):
            return proof
        there = dict(_listed(server, set_name, prefix))
        here = dict(self.held())
        return Proof(
            proof.count,
            proof.digest,
            proof.datestamp,
            tuple(sorted(there.keys() - here.keys())),
            tuple(sorted(name for name in there.keys() & here.keys() if there[name] != here[name])),
            tuple(sorted(here.keys() - there.keys())),
            holds=False,
        )

    def close(self) -> None:
        self.db.close()


def _headers(page: Path) -> Iterator[tuple[str, str, bool]]:
    for _, element in etree.iterparse(str(page), tag=f"{OAI}header", **_OPTIONS):
        identifier = (element.findtext(f"{OAI}identifier") or "").strip()
        if identifier:
            datestamp = (element.findtext(f"{OAI}datestamp") or "").strip()
            yield identifier, datestamp, element.get("status") == "deleted"
        element.clear()


def _ask_receipt(server: Repository, set_name: str) -> dict[str, Any]:
    """The receipt that stands beside the repository, whose Identify has to name it; no other address is asked."""
    identity = server.ask(verb="Identify")
    named = [element.text or "" for element in identity.document.iter(_RECEIPT)]
    if not any(urlsplit(text).path.endswith("/receipt") for text in named):
        raise HarvestError(f"{server} gives no receipts, so that nothing can be proved.")
    url = urljoin(server.url, "receipt") + (f"?{urlencode({'set': set_name})}" if set_name else "")
    try:
        answer = server.session.get(url, timeout=server.timeout, allow_redirects=False)
        found = orjson.loads(answer.content)
        if answer.status_code != 200 or not isinstance(found["count"], int) or not isinstance(found["digest"], str):
            raise ValueError(f"HTTP {answer.status_code}")
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise HarvestError(f"The receipt of {server} cannot be had ({error}).") from None
    return {"count": found["count"], "digest": found["digest"], "datestamp": found.get("datestamp")}


def _listed(server: Repository, set_name: str, prefix: str) -> Iterator[tuple[str, str]]:
    """(identifier, datestamp) of all that the repository has, without what it has deleted."""
    arguments = {"metadataPrefix": prefix} | ({"set": set_name} if set_name else {})
    while True:
        answer = server.ask(verb="ListIdentifiers", **arguments)
        for header in answer.document.iter(f"{OAI}header"):
            if header.get("status") != "deleted":
                yield (
                    (header.findtext(f"{OAI}identifier") or "").strip(),
                    (header.findtext(f"{OAI}datestamp") or "").strip(),
                )
        token = answer.text("ListIdentifiers/resumptionToken")
        if not token:
            return
        arguments = {"resumptionToken": token}
