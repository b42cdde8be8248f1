"""The SPARQL endpoint beside `oxigraph serve` and rdflib-endpoint on the same data, for `[COUNT]` records.

Programs of the PyPI packages oxigraph and rdflib-endpoint are looked for on the PATH, or named by OXIGRAPH and
RDFLIB_ENDPOINT; wrk makes the load. What is missing is left out. Everything goes through HTTP, and requests to two
servers take turns, so that a machine that gets slower is slow for both. DATA names a folder to keep the data in.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
from sparql_queries import ALL, CSV, HOSTILE, JSON, LOOKUP, PREFIXES, QUERIES, TRIPLES, filled, slow_endpoint

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.stores import EmbeddedStore


class Client:
    """One connection to a server that is kept open."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, query: str, accept: str) -> tuple[float, int, int]:
        """Seconds, status and bytes of the answer to a query by GET."""
        return self.get(f"{self.path}?query={quote(PREFIXES + query)}", accept)

    def get(self, path: str, accept: str) -> tuple[float, int, int]:
        begin = time.perf_counter()
        self.connection.request("GET", path, headers={"Accept": accept, "Cache-Control": "no-cache"})
        response = self.connection.getresponse()
        size = 0
        while chunk := response.read(1 << 20):
            size += len(chunk)
        return time.perf_counter() - begin, response.status, size


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str | Path], port: int, environment: dict[str, str] | None = None) -> Iterator[None]:
    """A server, from when it answers on its port."""
    process = subprocess.Popen(
        command, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def publisher(data: Path, base: str, **settings: str | int | float) -> Iterator[int]:
    """`publisher serve` over the data; gives its port. Nothing is kept by caches, so that every query is run."""
    port = free_port()
    given = {f"PUBLISHER_{name}": str(value) for name, value in settings.items()} | {"PUBLISHER_BASE_URL": base}
    command = [sys.executable, "-m", "publisher", "--data-dir", str(data), "serve", "--port", str(port)]
    with running(command, port, given):
        for _ in range(8):  # each process once, so that its workers are there
            Client(port, "/sparql").ask("ASK {}", JSON)
        yield port


@contextlib.contextmanager
def oxigraph(graph: Path, *arguments: str) -> Iterator[int]:
    port = free_port()
    program = os.environ.get("OXIGRAPH") or shutil.which("oxigraph") or ""
    address = f"127.0.0.1:{port}"
    command = [program, "serve-read-only", "--location", str(graph), "--bind", address, "--union-default-graph"]
    with running([*command, *arguments], port):
        yield port


def made(count: int, folder: Path) -> tuple[Path, Path, str]:
    """The published data, a copy of its graphs, and its base; made if they are not there."""
    data, graph, base = folder / f"site-{count}", folder / f"graph-{count}", "http://127.0.0.1:8000/"
    if not data.is_dir():
        pages = folder / f"pages-{count}"
        generator = Path(__file__).with_name("generate.py")
        subprocess.run([sys.executable, generator, str(count), "--out", pages], check=True, stderr=subprocess.DEVNULL)
        pipeline.load(Settings(DATA_DIR=data), [pages])
        shutil.rmtree(pages)
    if not graph.is_dir():
        store = EmbeddedStore(data)
        pyoxigraph.Store.read_only(str(store.graph(Catalog(data).current()))).backup(str(graph))
    return data, graph, base


def kinds(ours: Client, theirs: Client, fill: dict[str, str]) -> None:
    """The twelve kinds of queries, one after another, each asked of both in turn."""
    print(f"\n{'query':<36}{'oxigraph ms':>12}{'ours ms':>10}{'ratio':>8}{'ms more':>9}  target")
    for name, query, accept in QUERIES:
        text = filled(query, fill)
        times: tuple[list[float], list[float]] = ([], [])
        sizes = set()
        begin = time.perf_counter()
        while len(times[0]) < 5 or (len(times[0]) < 40 and time.perf_counter() - begin < 4):
            for client, found in zip((theirs, ours), times, strict=True):
                seconds, status, size = client.ask(f"{text}\n#{len(times[0])}", accept)
                if status != 200:
                    raise RuntimeError(f"{name}: {status} from {client.port}")
                found.append(seconds * 1000)
                sizes.add(size)
        their, our = statistics.median(times[0]), statistics.median(times[1])
        good = our / their <= 1.15 if their > 10 else our - their <= 1.5
        print(
            f"{name:<36}{their:>12.2f}{our:>10.2f}{our / their:>8.2f}{our - their:>9.2f}  "
            f"{'kept' if good else 'MISSED'}{'' if len(sizes) == 1 else f' (sizes {sorted(sizes)})'}"
        )


def lookups(port: int, path: str, base: str, keys: list[str], folder: Path, seconds: int = 8) -> float:
    """Lookups a second that a server answers under load, by wrk with eight connections."""
    paths = [f"{path}?query={quote(filled(LOOKUP, {'base': base, 'key': key}))}" for key in keys]
    script = folder / "lookups.lua"
    listed = ",".join(f'"{each}"' for each in paths)
    script.write_text(
        f"local paths = {{{listed}}}\nlocal n = 0\n"
        f"request = function() n = n + 1\n"
        f'return wrk.format("GET", paths[n % #paths + 1], {{["Accept"] = "{JSON}"}}) end'
    )
    command = ["wrk", "-t1", "-c8", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in found:
        raise RuntimeError(found)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", found)
    return float(rate[1]) if rate else 0.0


def table(client: Client) -> float:
    """Rows a second of a CSV of a million rows, or of as many as there are."""
    client.ask(ALL, CSV)
    counts = []
    for _ in range(3):
        begin = time.perf_counter()
        client.connection.request("GET", f"{client.path}?query={quote(ALL)}", headers={"Accept": CSV})
        response = client.connection.getresponse()
        lines = 0
        while chunk := response.read(1 << 20):
            lines += chunk.count(b"\r\n")
        counts.append((lines - 1) / (time.perf_counter() - begin))
    return statistics.median(counts)


def over_the_limit(port: int, path: str, slow: str, limit: float) -> list[tuple[str, float]]:
    """What becomes of each hostile query: the status or what broke, and the seconds."""
    found = []
    for query in HOSTILE:
        client = Client(port, path)
        client.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=limit + 8)
        begin = time.perf_counter()
        try:
            _, status, _ = client.ask(filled(query, {"slow": slow}), JSON if "CONSTRUCT" not in query else TRIPLES)
            found.append((str(status), time.perf_counter() - begin))
        except TimeoutError:
            found.append(("still running", time.perf_counter() - begin))
        except (OSError, http.client.HTTPException) as error:
            found.append((type(error).__name__, time.perf_counter() - begin))
        client.connection.close()
    return found


def pages(port: int, keys: list[str], seconds: float = 8) -> tuple[float, float]:
    """Milliseconds that record pages take, median and p99, two readers at a time."""
    times: list[float] = []

    def read() -> None:
        client, end, number = Client(port, ""), time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            number += 1
            took, status, _ = client.get(f"/doc/resource/{keys[number % len(keys)]}", "text/html")
            if status != 200:
                raise RuntimeError(f"a page answered {status}")
            times.append(took * 1000)
            time.sleep(0.005)  # as a reader does, and so that this process leaves room

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    times.sort()
    return statistics.median(times), times[int(len(times) * 0.99)]


def pages_under_load(data: Path, base: str, keys: list[str]) -> None:
    """Record pages while two hostile queries run all the time, beside the same pages on an idle server."""
    print(f"\n{'record pages':<36}{'median ms':>12}{'p99 ms':>10}")
    with publisher(data, base, SPARQL_TIMEOUT=5) as port:
        pages(port, keys, 2)
        idle = pages(port, keys)
        over = threading.Event()

        def torment(query: str) -> None:
            while not over.is_set():
                with contextlib.suppress(OSError, http.client.HTTPException):
                    Client(port, "/sparql").ask(query, JSON)

        for query in HOSTILE[:2]:
            threading.Thread(target=torment, args=(query,), daemon=True).start()
        time.sleep(1)
        loaded = pages(port, keys)
        over.set()
        print(f"{'idle':<36}{idle[0]:>12.2f}{idle[1]:>10.2f}")
        print(f"{'with two hostile queries':<36}{loaded[0]:>12.2f}{loaded[1]:>10.2f}")
        print(f"{'ratio of p99 (target: at most 3)':<36}{'':>12}{loaded[1] / idle[1]:>10.2f}")


def rdflib_endpoint(graph: Path, folder: Path, base: str, keys: list[str]) -> float:
    """Lookups a second of rdflib-endpoint over the graphs of the records looked up alone, which flatters it."""
    program = os.environ.get("RDFLIB_ENDPOINT") or shutil.which("rdflib-endpoint")
    if program is None:
        return 0.0
    file = folder / "some.nt"
    store = pyoxigraph.Store.read_only(str(graph))
    with file.open("wb") as target:
        for key in keys:
            name = pyoxigraph.NamedNode(f"{base}doc/resource/{key}")
            store.dump(target, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=name)
    port = free_port()
    with running([program, "serve", "--port", str(port), str(file)], port):
        time.sleep(2)
        return lookups(port, "/", base, keys, folder)


def main(count: int = 10_000) -> None:
    """Prints the tables."""
    with contextlib.ExitStack() as stack:
        folder = Path(os.environ.get("DATA") or stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(exist_ok=True)
        data, graph, base = made(count, folder)
        store = pyoxigraph.Store.read_only(str(graph))
        top = "SELECT ?b (COUNT(*) AS ?n) { GRAPH ?g { ?c skos:broader ?b } } GROUP BY ?b ORDER BY DESC(?n) LIMIT 1"
        (row,) = store.query(PREFIXES + top)  # type: ignore[misc]
        keys = [str(200_000 + number) for number in range(0, count, max(1, count // 500))]
        fill = {"base": base, "key": keys[7], "broader": str(row["b"])}
        print(f"{count:,} records, {len(store):,} statements; {os.cpu_count()} processors")
        del store
        program = os.environ.get("OXIGRAPH") or shutil.which("oxigraph")
        wide = {"SPARQL_MAX_ROWS": 10_000_000, "SPARQL_MAX_BYTES": 4_000_000_000, "SPARQL_TIMEOUT": 60}
        if program:
            with publisher(data, base, **wide) as our_port, oxigraph(graph) as their_port:
                ours, theirs = Client(our_port, "/sparql"), Client(their_port, "/query")
                kinds(ours, theirs, fill)
                # connections of their own, since a server ends one that is idle while the other is asked for long
                their_rows = table(Client(their_port, "/query"))
                our_rows = table(Client(our_port, "/sparql"))
                print(f"\n{'under load':<36}{'oxigraph':>12}{'ours':>10}{'ratio':>8}  target")
                ratio = our_rows / their_rows
                print(f"{'rows of CSV a second':<36}{their_rows:>12,.0f}{our_rows:>10,.0f}{ratio:>8.2f}  0.8")
                if shutil.which("wrk"):
                    their_rate = lookups(their_port, "/query", base, keys, folder)
                    our_rate = lookups(our_port, "/sparql", base, keys, folder)
                    ratio = our_rate / their_rate
                    print(f"{'lookups a second':<36}{their_rate:>12,.0f}{our_rate:>10,.0f}{ratio:>8.2f}  0.15")
        if shutil.which("wrk") and (rate := rdflib_endpoint(graph, folder, base, keys)):
            with publisher(data, base) as our_port:
                our_rate = lookups(our_port, "/sparql", base, keys, folder)
            ratio = our_rate / rate
            print(f"{'lookups beside rdflib-endpoint':<36}{rate:>12,.0f}{our_rate:>10,.0f}{ratio:>8.1f}  10")
        limit = 2.0
        with slow_endpoint() as slow, contextlib.ExitStack() as servers:
            port = servers.enter_context(publisher(data, base, SPARQL_TIMEOUT=limit, SPARQL_SERVICE=slow))
            results = [over_the_limit(port, "/sparql", slow, limit)]
            if program:
                other = servers.enter_context(oxigraph(graph, "--timeout-s", f"{limit:.0f}"))
                results.append(over_the_limit(other, "/query", slow, limit))
            print(f"\nhostile queries, limit {limit:g} s: what ours answers, and after how many seconds; then oxigraph")
            for number, query in enumerate(HOSTILE):
                shown = "".join(f"{found[number][0]:>16}{found[number][1]:>7.2f}" for found in results)
                print(f"{filled(query, {'slow': 'slow'})[:70]:<72}{shown}")
            for name, found in zip(("ours", "oxigraph"), results, strict=False):
                ended = sum(status in ("503", "408", "504") and took <= limit + 0.5 for status, took in found)
                print(f"{name}: {ended} of {len(found)} end within the limit + 0.5 s with an HTTP error")
        pages_under_load(data, base, keys)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
