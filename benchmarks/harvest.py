"""How fast the records can be harvested: `python benchmarks/harvest.py [COUNT]`.

A raw HTTP client on one core follows the resumption tokens of `publisher serve` (one process) from the first page to
the last, in oai_dc at three page sizes; the same bytes come from nginx, and the same records from PyPI's `oai_repo` in
the same server. All are asked in turn, ROUNDS times, and the quickest round of each counts, since the machine may
have other work. How even a list is, the median times of a page in its first and in its last tenth tell, of all rounds.

Then sickle harvests, beside its own maximum: one page served from memory, over and over, by a bare application in the
same server, packed with gzip for who takes it, as ours is. What packing costs sickle is told by the same page plain.
nginx and `oai_repo` are left out where they are not installed. `--site DIR` keeps the records for the next run.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, quote

from isal import isal_zlib
from sample_site import publish

from publisher.ready import metadata_of

SIZES = (100, 500, 1000)
ROUNDS = 5
MOST_OF_OTHERS = 20_000  # records that are asked of oai_repo and of sickle; more take long and tell no more
FIRST = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
HERE = Path(__file__).resolve()
CORES = os.sched_getaffinity(0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[None]:
    """A server that answers at a port."""
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        os.sched_setaffinity(process.pid, CORES)  # it would have the one core of the client
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


@dataclass
class Run:
    """What a client got: pages, records, bytes, and the seconds after each page."""

    records: int = 0
    octets: int = 0
    pages: list[bytes] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    start: float = 0.0

    @property
    def rate(self) -> float:
        return self.records / (self.times[-1] - self.start)

    def seconds(self) -> list[float]:
        """Of each page; without the last, which may be short."""
        return [after - before for before, after in pairwise((self.start, *self.times))][:-1]


def evenness(runs: list[Run]) -> float:
    """How quick a page is in the last tenth of a list beside one in its first tenth."""
    tenth = max(1, len(runs[0].seconds()) // 10)
    first = median(second for run in runs for second in run.seconds()[:tenth])
    return first / median(second for run in runs for second in run.seconds()[-tenth:])


def fetch(port: int, paths: Iterator[str] | None = None, most: int = 0, keep: bool = False) -> Run:
    """Follows the tokens from the first page on, or asks for `paths`; the raw bytes are searched, not parsed."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    run = Run(start=time.perf_counter())
    path: str | None = next(paths) if paths is not None else FIRST
    while path is not None:
        connection.request("GET", path)
        body = connection.getresponse().read()
        run.times.append(time.perf_counter())
        run.counts.append(body.count(b"<record>"))
        run.records += run.counts[-1]
        run.octets += len(body)
        if keep:
            run.pages.append(body)
        if paths is not None:
            path = next(paths, None)
            continue
        token = body[body.rfind(b"<resumptionToken") :].partition(b">")[2].partition(b"<")[0].decode()
        done = not token or (most and run.records >= most)
        path = None if done else f"/oai?verb=ListRecords&resumptionToken={quote(token)}"
    connection.close()
    return run


def quickest(runs: list[Run]) -> Run:
    return max(runs, key=lambda run: run.rate)


# ---------------------------------------------------------------------------------------------- the others


def oai_repo_application() -> Callable[..., list[bytes]]:
    """A WSGI application of oai_repo over ready Dublin Core in SQLite: what it costs is its own XML."""
    import oai_repo
    from lxml import etree

    file, limit = os.environ["BENCHMARK_ITEMS"], int(os.environ["BENCHMARK_LIMIT"])

    class Data(oai_repo.DataInterface):  # type: ignore[misc]  # it has no types
        def __init__(self) -> None:
            self.limit = limit
            self.db = sqlite3.connect(file, check_same_thread=False)
            self.size = self.db.execute("SELECT count(*) FROM item").fetchone()[0]

        def get_identify(self) -> Any:
            found = oai_repo.Identify()
            found.repository_name, found.base_url = "Benchmark", "http://localhost.localdomain/oai"
            found.admin_email, found.deleted_record = ["a@example.org"], "no"
            found.granularity, found.earliest_datestamp = "YYYY-MM-DDThh:mm:ssZ", "2020-01-01T00:00:00Z"
            return found

        def is_valid_identifier(self, identifier: str) -> bool:
            return True

        def get_metadata_formats(self, identifier: str | None = None) -> list[Any]:
            namespace = "http://www.openarchives.org/OAI/2.0/oai_dc"
            return [oai_repo.MetadataFormat("oai_dc", f"{namespace}.xsd", f"{namespace}/")]

        def get_record_header(self, identifier: str) -> Any:
            header = oai_repo.RecordHeader()
            header.identifier, header.datestamp = identifier, "2026-01-01T00:00:00Z"
            return header

        def get_record_metadata(self, identifier: str, metadataprefix: str) -> Any:
            row = self.db.execute("SELECT body FROM item WHERE identifier = ?", (identifier,)).fetchone()
            return etree.fromstring(row[0])

        def get_record_abouts(self, identifier: str) -> list[Any]:
            return []

        def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> tuple[None, None, None]:
            return None, None, None

        def list_identifiers(
            self,
            metadataprefix: str,
            filter_from: Any = None,
            filter_until: Any = None,
            filter_set: Any = None,
            cursor: int = 0,
        ) -> tuple[list[str], int, None]:
            # by number, so that the place in the list costs nothing
            rows = self.db.execute("SELECT identifier FROM item WHERE number > ? LIMIT ?", (cursor, limit))
            return [row[0] for row in rows], self.size, None

    repository = oai_repo.OAIRepository(Data())

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = bytes(repository.process(dict(parse_qsl(environ["QUERY_STRING"]))))
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]

    return application


def memory_application() -> Callable[..., list[bytes]]:
    """One page from memory, with a token that leads to itself: the most that a client can take."""
    plain = Path(os.environ["BENCHMARK_PAGE"]).read_bytes()
    packed = isal_zlib.compress(plain, 1, wbits=31)
    packing = "BENCHMARK_PLAIN" not in os.environ

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        coded = packing and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        body = packed if coded else plain
        coding = [("Content-Encoding", "gzip")] if coded else []
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body))), *coding])
        return [body]

    return application


def granian(name: str, port: int) -> list[str]:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--workers", "1", "--no-access-log"]
    return [*command, "--port", str(port), "--log-level", "error", "--working-dir", str(HERE.parent), f"harvest:{name}"]


@contextmanager
def by_nginx(pages: list[bytes], folder: Path) -> Iterator[int | None]:
    """The same bytes as files, from nginx with one worker: its port."""
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        yield None
        return
    port, root = free_port(), folder / "nginx"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o755)
    folder.chmod(0o755)
    for number, page in enumerate(pages):
        (root / f"{number}.xml").write_bytes(page)
    temporary = "".join(f"{name}_temp_path {root};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (root / "conf").write_text(
        f"daemon off; worker_processes 1; pid {root}/pid; error_log /dev/null; events {{}} "
        f"http {{ access_log off; sendfile on; keepalive_requests 1000000; {temporary} "
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}"
    )
    with running([nginx, "-p", str(root), "-c", str(root / "conf")], port):
        yield port


@contextmanager
def by_oai_repo(site: Path, size: int, folder: Path) -> Iterator[int | None]:
    """The same Dublin Core by oai_repo, served as we are: its port."""
    if importlib.util.find_spec("oai_repo") is None:
        yield None
        return
    file = folder / "items.sqlite"
    if not file.exists():
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE item (number INTEGER PRIMARY KEY, identifier TEXT UNIQUE, body BLOB)")
            db.execute("ATTACH ? AS catalog", (str(site / "catalog.sqlite"),))
            rows = db.execute("SELECT sequence, end FROM catalog.item_dc ORDER BY sequence LIMIT ?", (MOST_OF_OTHERS,))
            items = [(f"oai:benchmark.example:{sequence}", metadata_of(end)) for sequence, end in rows]
            db.executemany("INSERT INTO item (identifier, body) VALUES (?, ?)", items)
    port = free_port()
    environment = {"BENCHMARK_ITEMS": str(file), "BENCHMARK_LIMIT": str(size)}
    with running(granian("oai_repo_application", port), port, **environment):
        yield port


def by_sickle(port: int, most: int) -> float:
    """Records a second that sickle reads."""
    from sickle import Sickle

    harvester = Sickle(f"http://127.0.0.1:{port}/oai")
    start = time.perf_counter()
    count = sum(1 for _ in islice(harvester.ListRecords(metadataPrefix="oai_dc"), most))
    return count / (time.perf_counter() - start)


# ----------------------------------------------------------------------------------------------------- ours


@contextmanager
def serving(site: Path, size: int) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "publisher", "--data-dir", str(site), "serve", "--port", str(port), "--workers=1"]
    with running(command, port, PUBLISHER_OAI_PAGE_SIZE=str(size)):
        yield port


def harvest(site: Path, size: int, folder: Path) -> None:
    """Prints what a raw client gets at a page size, from us and from the others."""
    with ExitStack() as servers:
        own = servers.enter_context(serving(site, size))
        pages = fetch(own, keep=True).pages
        nginx = servers.enter_context(by_nginx(pages, folder))
        oai_repo = servers.enter_context(by_oai_repo(site, size, folder))
        ours: list[Run] = []
        theirs: dict[str, list[Run]] = {"nginx": [], "oai_repo": []}
        for _ in range(ROUNDS):
            ours.append(fetch(own))
            if nginx is not None:
                theirs["nginx"].append(fetch(nginx, (f"/{number}.xml" for number in range(len(pages)))))
            if oai_repo is not None:
                theirs["oai_repo"].append(fetch(oai_repo, most=MOST_OF_OTHERS))
    best = quickest(ours)
    print(f"page size {size}: {best.records:,} records in {len(best.times):,} pages")
    print(f"  publisher   {best.rate:>10,.0f} records/s {best.octets / best.records:>7,.0f} bytes/record")
    print(f"  {'':<12}the last tenth at {evenness(ours):.2f} of the rate of the first")
    for name, runs in theirs.items():
        if not runs:
            print(f"  {name:<12} not installed")
            continue
        run = quickest(runs)
        beside = f"we reach {best.rate / run.rate:.2f} of it"
        print(f"  {name:<12}{run.rate:>10,.0f} records/s {run.octets / run.records:>7,.0f} bytes/record   {beside}")


def harvest_by_sickle(site: Path, count: int, folder: Path) -> None:
    """Prints what sickle gets from us, and from one page in memory."""
    page, most, memory, plain = folder / "page.xml", min(count, MOST_OF_OTHERS), free_port(), free_port()
    with ExitStack() as servers:
        own = servers.enter_context(serving(site, 500))
        page.write_bytes(fetch(own, keep=True, most=1).pages[0])
        servers.enter_context(running(granian("memory_application", memory), memory, BENCHMARK_PAGE=str(page)))
        environment = {"BENCHMARK_PAGE": str(page), "BENCHMARK_PLAIN": "1"}
        servers.enter_context(running(granian("memory_application", plain), plain, **environment))
        rounds = [[by_sickle(port, most) for port in (own, memory, plain)] for _ in range(ROUNDS)]
    rate, maximum, without = map(max, zip(*rounds, strict=True))
    print(f"sickle, page size 500: {rate:,.0f} records/s; {rate / maximum:.2f} of its maximum ({maximum:,.0f})")
    print(f"  {without:,.0f} if the page from memory is not packed")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--site", type=Path, help="folder for the published records, kept for the next run")
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "*"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = given.site or folder / "site"
        publish(site, given.count)
        os.sched_setaffinity(0, {max(CORES)})  # of the client
        for size in SIZES:
            harvest(site, size, folder)
        if importlib.util.find_spec("sickle") is not None:
            harvest_by_sickle(site, given.count, folder)


if __name__ == "__main__":
    main()
