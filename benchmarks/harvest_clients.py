"""Whether real clients get everything: `python benchmarks/harvest_clients.py [COUNT]`.

sickle, oaipmh-scythe, Perl's HTTP::OAI and Catmandu harvest generated records to the end, then what changed after 1,000
updates and 100 withdrawals, then everything while records are loaded, and what that changed; what each holds is
compared with the receipt. At last the server is killed while a list is read, and another goes on with the same token.
Clients that are not installed are left out. `--site DIR` keeps the records for the next run, and changes them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harvest import HERE, free_port
from sample_site import publish

from publisher import pipeline
from publisher.settings import Settings

UPDATES, WITHDRAWALS = 1000, 100
FIRST_NUMBER = 200_000  # of the generated records


@dataclass
class Site:
    """A site of generated records, the server before it, and what the clients hold of it."""

    folder: Path
    count: int
    clients: dict[str, Any]
    digest: Any
    port: int = field(default_factory=free_port)
    failures: int = 0
    held: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "publisher", "--data-dir", str(self.folder), "serve", "--port", str(self.port)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as process:
            try:
                self.receipt()
                yield process
            finally:
                os.killpg(process.pid, signal.SIGKILL)

    def get(self, path: str) -> bytes:
        for attempt in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                    return bytes(answer.read())
            except OSError:
                if attempt == 599:
                    raise
                time.sleep(0.1)
        raise AssertionError

    def receipt(self) -> dict[str, Any]:
        return dict(json.loads(self.get("/receipt")))

    def fetch(self, round_name: str, since: str) -> None:
        for client, fetch in self.clients.items():
            start = time.perf_counter()
            try:
                found = fetch(f"http://127.0.0.1:{self.port}/oai", since)
            except BaseException as error:  # pytest's Skipped is no Exception
                print(f"  {client:<14}{round_name}: left out ({error})")
                self.failures += not type(error).__name__.startswith("Skipped")
                continue
            self.held[client] = self.held.get(client, {}) | found
            print(f"  {client:<14}{round_name}: {len(found):>9,} in {time.perf_counter() - start:>6.1f} s", flush=True)

    def compare(self) -> None:
        wanted = self.receipt()
        for client, store in self.held.items():
            live = sum(not deleted for _, deleted in store.values())
            agrees = (live, self.digest(store)) == (wanted["count"], wanted["digest"])
            self.failures += not agrees
            verdict = "as the receipt says" if agrees else f"but the receipt says {wanted['count']:,}"
            print(f"  {client:<14}holds {live:,}, {verdict}", flush=True)

    def updates(self, folder: Path, word: str) -> Path:
        """Pages with the first records, their titles mended."""
        pages = folder / word
        generator = [sys.executable, str(HERE.with_name("generate.py")), str(UPDATES), "--out", str(pages)]
        subprocess.run(generator, check=True, stderr=subprocess.DEVNULL)
        for page in pages.iterdir():
            page.write_text(re.sub(r"\nTitle: ", f"\nTitle: {word} ", page.read_text("utf-8")), "utf-8")
        return pages

    def follow(self, token: str, most: int) -> tuple[int, str]:
        """How many headers some pages of a list have, and the token after them."""
        found = 0
        for _ in range(most):
            asked = f"resumptionToken={quote(token)}" if token else "metadataPrefix=oai_dc"
            page = self.get(f"/oai?verb=ListIdentifiers&{asked}").decode()
            found += page.count("<identifier>")
            token = page.partition("<resumptionToken")[2].partition(">")[2].partition("<")[0]
            if not token:
                break
        return found, token


def now() -> str:
    time.sleep(1)  # what is there is older than this second
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--site", type=Path, help="folder for the published records, kept for the next run")
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "*"
    sys.path.insert(0, str(HERE.parent.parent / "tests" / "harvest"))
    sys.path.insert(0, str(HERE.parent.parent / "tests"))
    from oai_fixtures import digest  # type: ignore[import-not-found]  # of the tests
    from test_oai_clients import CLIENTS  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = Site(given.site or folder / "site", given.count, CLIENTS, digest)
        publish(site.folder, given.count)
        settings = Settings(DATA_DIR=site.folder)
        with site.served():
            number, before = site.receipt()["release"], now()
            site.fetch("in full", "")
            site.compare()
            print(f"{UPDATES:,} updates and {WITHDRAWALS} withdrawals")
            pipeline.load(settings, [site.updates(folder, f"Mended{number}")])
            first = FIRST_NUMBER + given.count - WITHDRAWALS * (number + 1) // 2
            pipeline.withdraw(settings, [str(first + place) for place in range(WITHDRAWALS)])
            site.fetch("since then", before)
            site.compare()
            print("while as many are loaded")
            before, pages = now(), site.updates(folder, f"Again{number}")
            load = [sys.executable, "-m", "publisher", "--data-dir", str(site.folder), "load", str(pages)]
            with subprocess.Popen(load, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as loading:
                site.held.clear()
                site.fetch("in full", "")
                loading.wait()
            site.fetch("since then", before)
            site.compare()
        print("the server is killed in the middle of a list")
        with site.served() as server:
            found, token = site.follow("", max(1, given.count // 1000))
            os.killpg(server.pid, signal.SIGKILL)
        with site.served():
            rest, _ = site.follow(token, given.count)
            wanted = site.receipt()
        whole = wanted["count"] + wanted["withdrawn"]
        site.failures += found + rest != whole
        print(f"  {found:,} before and {rest:,} after, of {whole:,}")
    return 1 if site.failures else 0


if __name__ == "__main__":
    sys.exit(main())
