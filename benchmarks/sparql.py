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
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
from sparql_queries import ALL, CSV, HOSTILE, JSON, LOOKUP, PREFIXES, QUERIES, TRIPLES, filled, slow_endpoint
from sparql_servers import Client, oxigraph, publisher, rdflib_endpoint

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.stores import EmbeddedStore

_LEAST_RUNS, _MOST_RUNS, _SECONDS = 7, 200, 6  # of each kind of query
_ROUNDS = 3  # of what takes longer
LIMIT = 2.0  # seconds, for the hostile queries
_MEMORY = 8 * 2**30  # bytes that Oxigraph's server may take for one of them


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
    """The twelve kinds of queries, one after another, each asked of both in turn, of the one first and of the other."""
    print(f"\n{'query':<36}{'oxigraph ms':>12}{'ours ms':>10}{'ratio':>8}{'ms more':>9}  target")
    for name, query, accept in QUERIES:
        text = filled(query, fill)
        times: dict[Client, list[float]] = {theirs: [], ours: []}
        sizes = set()
        begin = time.perf_counter()
        for number in range(_MOST_RUNS):
            if number >= _LEAST_RUNS and time.perf_counter() - begin > _SECONDS:
                break
            for client in (theirs, ours) if number % 2 else (ours, theirs):
                seconds, status, size = client.ask(f"{text}\n#{number}", accept)
                if status != 200:
                    raise RuntimeError(f"{name}: {status} from {client.port}")
                times[client].append(seconds * 1000)
                sizes.add(size)
        their, our = statistics.median(times[theirs]), statistics.median(times[ours])
        good = our / their <= 1.15 if their > 10 else our - their <= 1.5
        print(
            f"{name:<36}{their:>12.2f}{our:>10.2f}{our / their:>8.2f}{our - their:>9.2f}  "
            f"{'kept' if good else 'MISSED'}{'' if len(sizes) == 1 else f' (sizes {sorted(sizes)})'}"
        )


def lookups(port: int, path: str, base: str, keys: list[str], folder: Path, seconds: int = 5) -> float:
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


def rows_a_second(port: int, path: str) -> float:
    """Rows a second of a CSV of a million rows, or of as many as there are."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    begin = time.perf_counter()
    connection.request("GET", f"{path}?query={quote(ALL)}", headers={"Accept": CSV})
    response = connection.getresponse()
    lines = 0
    while chunk := response.read(1 << 20):
        lines += chunk.count(b"\r\n")
    connection.close()
    return (lines - 1) / (time.perf_counter() - begin)


def compare(name: str, measure: Callable[[int, str], float], theirs: int, ours: int, target: float) -> None:
    """Prints the medians of what is measured of both in turn."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        found[0].append(measure(theirs, "/query"))
        found[1].append(measure(ours, "/sparql"))
    their, our = statistics.median(found[0]), statistics.median(found[1])
    print(f"{name:<36}{their:>12,.0f}{our:>10,.0f}{our / their:>8.2f}{'':>9}  {target}")


def hostile(
    server: Callable[[], contextlib.AbstractContextManager[int]], path: str, slow: str
) -> list[tuple[str, float]]:
    """What becomes of each hostile query: the status or what broke, and the seconds. A server that has not ended one is
    started anew for the next, so that none pays for another."""
    found: list[tuple[str, float]] = []
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(server())
        for query in HOSTILE:
            client = Client(port, path, timeout=LIMIT + 8)
            begin = time.perf_counter()
            try:
                _, status, _ = client.ask(filled(query, {"slow": slow}), JSON if "CONSTRUCT" not in query else TRIPLES)
                found.append((str(status), time.perf_counter() - begin))
            except TimeoutError:
                found.append(("still running", time.perf_counter() - begin))
            except (OSError, http.client.HTTPException) as error:
                found.append((type(error).__name__, time.perf_counter() - begin))
            client.connection.close()
            if not found[-1][0].isdigit():
                stack.close()
                port = stack.enter_context(server())
    return found


def over_the_limit(data: Path, base: str, graph: Path, *, beside: bool) -> None:
    """Hostile queries with a limit of LIMIT seconds."""
    with slow_endpoint() as slow:
        servers = {"ours": (lambda: publisher(data, base, SPARQL_TIMEOUT=LIMIT, SPARQL_SERVICE=slow), "/sparql")}
        if beside:
            servers["oxigraph"] = (lambda: oxigraph(graph, "--timeout-s", f"{LIMIT:.0f}", memory=_MEMORY), "/query")
        results = {name: hostile(server, path, slow) for name, (server, path) in servers.items()}
    print(f"\n{f'hostile queries, limit {LIMIT:g} s':<72}" + "".join(f"{name:>23}" for name in results))
    for number, query in enumerate(HOSTILE):
        shown = "".join(f"{found[number][0]:>16}{found[number][1]:>7.2f}" for found in results.values())
        print(f"{filled(query, {'slow': 'slow'})[:70]:<72}{shown}")
    for name, found in results.items():
        ended = sum(status in ("503", "408", "504") and took <= LIMIT + 0.5 for status, took in found)
        print(f"{name}: {ended} of {len(found)} end within the limit + 0.5 s with an HTTP error")


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
    """Record pages while two hostile queries run all the time, and in turn on the idle server."""
    print(f"\n{'record pages':<36}{'median ms':>12}{'p99 ms':>10}")
    states = {"idle": 0, "with two hostile queries": 2}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in states}
    with publisher(data, base, SPARQL_TIMEOUT=2) as port:
        pages(port, keys, 2)
        for _ in range(_ROUNDS):
            for name, number in states.items():
                with tormented(port, HOSTILE[:number]):
                    times[name].append(pages(port, keys, 5))
    medians = {
        name: [statistics.median(column) for column in zip(*found, strict=True)] for name, found in times.items()
    }
    for name, (median, late) in medians.items():
        print(f"{name:<36}{median:>12.2f}{late:>10.2f}")
    idle, loaded = medians.values()
    print(f"{'ratio of p99 (target: at most 3)':<36}{'':>12}{loaded[1] / idle[1]:>10.2f}")


@contextlib.contextmanager
def tormented(port: int, queries: Sequence[str]) -> Iterator[None]:
    """These queries run all the time, each asked again when it was ended."""
    over = threading.Event()

    def torment(query: str) -> None:
        while not over.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                Client(port, "/sparql").ask(query, JSON)

    threads = [threading.Thread(target=torment, args=(query,)) for query in queries]
    for thread in threads:
        thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def some_triples(graph: Path, base: str, keys: list[str], file: Path) -> None:
    """The graphs of these records as N-Triples."""
    store = pyoxigraph.Store.read_only(str(graph))
    with file.open("wb") as target:
        for key in keys:
            name = pyoxigraph.NamedNode(f"{base}doc/resource/{key}")
            store.dump(target, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=name)


def beside_rdflib(data: Path, base: str, graph: Path, keys: list[str], folder: Path) -> None:
    """Lookups a second beside rdflib-endpoint, which holds the graphs of the records looked up alone: it would need
    minutes and gigabytes for all, and this flatters it."""
    file = folder / "some.nt"
    some_triples(graph, base, keys, file)
    try:
        with rdflib_endpoint(file) as port:
            theirs = lookups(port, "/", base, keys, folder)
    except RuntimeError as error:
        print(error)
        return
    with publisher(data, base) as port:
        ours = lookups(port, "/sparql", base, keys, folder)
    print(f"{'lookups beside rdflib-endpoint':<36}{theirs:>12,.0f}{ours:>10,.0f}{ours / theirs:>8.1f}{'':>9}  10")


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
        beside = bool(os.environ.get("OXIGRAPH") or shutil.which("oxigraph"))
        wide = {"SPARQL_MAX_ROWS": 10_000_000, "SPARQL_MAX_BYTES": 4_000_000_000, "SPARQL_TIMEOUT": 60}
        if beside:
            with publisher(data, base, **wide) as ours, oxigraph(graph) as theirs:
                kinds(Client(ours, "/sparql"), Client(theirs, "/query"), fill)
                compare("rows of CSV a second", rows_a_second, theirs, ours, 0.8)
                if shutil.which("wrk"):
                    lookup = partial(lookups, base=base, keys=keys, folder=folder)
                    compare("lookups a second, eight connections", lookup, theirs, ours, 0.15)
        if shutil.which("wrk") and (os.environ.get("RDFLIB_ENDPOINT") or shutil.which("rdflib-endpoint")):
            beside_rdflib(data, base, graph, keys, folder)
        over_the_limit(data, base, graph, beside=beside)
        pages_under_load(data, base, keys)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
