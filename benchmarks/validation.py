"""The whole load beside bare pySHACL, and what each rule costs: `python benchmarks/validation.py [COUNT]`.

pySHACL alone gets the same graphs ready in memory, in the batches of the load, on as many processes; the load reads the
pages, maps, validates, and publishes. Both are measured in turn, three times, and the medians compared, since a shared
machine is never quiet; beside the seconds by the clock stand those of the processors, which others disturb less.
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pyshacl
from rdflib import Graph
from rdflib.namespace import SH

from publisher.mapping import Mapping
from publisher.readers import read
from publisher.record import Record
from publisher.settings import Settings
from publisher.validation import Shapes, to_rdflib

ROUNDS = 3
RULE_RECORDS = 1000
_graphs: list[Graph] = []


def records_of(pages: Path) -> Iterable[Record]:
    for page in sorted(pages.iterdir()):
        yield from (item for item in read(page) if isinstance(item, Record))


def graph_of(mapping: Mapping, records: Iterable[Record]) -> Graph:
    graph = Graph()
    for record in records:
        for description in mapping.describe(record).descriptions:
            to_rdflib([*description.statements, *description.provenance], graph)
    return graph


def make_graphs(pages: Path, share: int, shares: int, batch: int) -> int:
    """Makes the graphs of one share of the batches in a worker process; they stay in its memory."""
    mapping = Mapping(Settings())
    records = list(records_of(pages))
    for number, first in enumerate(range(0, len(records), batch)):
        if number % shares == share:
            _graphs.append(graph_of(mapping, records[first : first + batch]))
    del records
    gc.collect()
    gc.freeze()  # else pySHACL would be slowed by the collector, which looks through graphs that wait for their turn
    return len(_graphs)


def judge_graphs(flattened: bool) -> float:
    """pySHACL alone over the graphs of this worker process, by the rules as published, or as we give them to it; gives
    its processor seconds."""
    shapes = Shapes(Settings().base)
    rules = shapes.judged if flattened else shapes.published
    gc.disable()  # as the load does
    start = time.process_time()
    for graph in _graphs:
        pyshacl.validate(graph, shacl_graph=rules, inplace=True, advanced=False)
    gc.enable()
    return time.process_time() - start


def whole_load(pages: Path, folder: Path, processes: int) -> float:
    """A load into a new folder, by the program itself in a process of its own; gives its processor seconds, those of
    its workers included."""
    arguments = ["--data-dir", str(folder), "load", "--workers", str(processes), str(pages)]
    command = [sys.executable, __file__, "--", sys.executable, "-m", "publisher", *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def run_counted(command: list[str]) -> None:
    """Runs a command and prints the processor seconds of it and of all that it starts. Its workers are no children of
    it, but of a process that outlives it: such orphans become ours (PR_SET_CHILD_SUBREAPER), and are waited for."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    subprocess.run(command, check=False, capture_output=True)
    with suppress(ChildProcessError):
        while True:
            os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(used.ru_utime + used.ru_stime)


def compare(pages: Path, folder: Path, count: int) -> None:
    """Prints the rates of pySHACL and of the load, and their ratios."""
    processes = os.cpu_count() or 1
    batch = Settings().BATCH_SIZE
    clock: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(processes)]
    for future in [pool.submit(make_graphs, pages, n, processes, batch) for n, pool in enumerate(pools)]:
        future.result()

    def judge(flattened: bool) -> float:
        return sum(answer.result() for answer in [pool.submit(judge_graphs, flattened) for pool in pools])

    for number in range(ROUNDS):
        works = {
            "pySHACL alone, rules as published": partial(judge, False),
            "pySHACL alone, rules as judged": partial(judge, True),
            "the whole load": partial(whole_load, pages, folder / f"site-{number}", processes),
        }
        for name, work in works.items():
            start = time.perf_counter()
            processor.setdefault(name, []).append(work())
            clock.setdefault(name, []).append(time.perf_counter() - start)
    for pool in pools:
        pool.shutdown()
    print(
        f"{count} records, {processes} processes, batches of {batch}{'seconds':>18}{'records/s':>12}{'processor':>12}"
    )
    ratios = []
    for name in clock:
        seconds, busy = statistics.median(clock[name]), statistics.median(processor[name])
        print(f"{name:<44}{seconds:>18.2f}{count / seconds:>12.0f}{busy:>12.2f}")
        ratios.append((seconds, busy))
    *alone, load = ratios
    for name, one in zip(("as published", "as we rearrange them for it"), alone, strict=True):
        print(
            f"the whole load reaches {one[0] / load[0]:.2f} of the rate of pySHACL alone with the rules {name} "
            f"({one[1] / load[1]:.2f} by processor seconds)"
        )


def cost_of_rules(pages: Path) -> None:
    """Prints what each rule takes of pySHACL's time on one batch, the dearest first."""
    settings = Settings()
    records = list(records_of(pages))[:RULE_RECORDS]
    graph = graph_of(Mapping(settings), records)
    shapes = Shapes(settings.base)

    def timed(rules: Graph) -> float:
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            pyshacl.validate(graph, shacl_graph=rules, inplace=True, advanced=False)
            times.append(time.perf_counter() - start)
        return min(times)

    gc.disable()
    everything, nothing = timed(shapes.judged), timed(Graph())
    targets = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf, SH.targetNode)
    costs = {}
    for rule in shapes.described():
        alone = Graph()
        for statement in shapes.judged:
            if statement[1] not in targets or str(statement[0]) == settings.base + rule.name:
                alone.add(statement)
        costs[rule.anchor] = timed(alone) - nothing
    print(f"\nwhat each rule takes, of {everything * 1000:.0f} ms for all of them on {len(records)} records")
    for name, cost in sorted(costs.items(), key=lambda row: -row[1]):
        print(f"{name:<44}{cost * 1000:>8.1f} ms {100 * cost / everything:>6.1f} %")


def main(count: int = 10_000) -> None:
    """Prints both tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generator = Path(__file__).with_name("generate.py")
        pages = folder / "pages"
        subprocess.run([sys.executable, generator, str(count), "--out", pages], check=True, stderr=subprocess.DEVNULL)
        compare(pages, folder, count)
        cost_of_rules(pages)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--"]:
        run_counted(sys.argv[2:])
    else:
        main(*(int(argument) for argument in sys.argv[1:2]))
