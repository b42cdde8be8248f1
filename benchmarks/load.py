"""How long a load takes, step by step, beside bare pySHACL on the same graphs: `python benchmarks/load.py [COUNT]`.

Each step runs alone in this process over the same generated records; the whole load runs as `publisher load` does, in
worker processes. The ratio that counts is that of the whole load to pySHACL alone on as many processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pyshacl
from rdflib import Graph

from publisher import pipeline
from publisher.mapping import Mapping
from publisher.readers import read
from publisher.record import Record
from publisher.settings import Settings
from publisher.validation import Shapes, Validator, to_rdflib

Result = TypeVar("Result")
_graphs: list[Graph] = []
_shapes = Graph()


def timed(name: str, count: int, work: Callable[[], Result]) -> tuple[Result, float]:
    """Runs the work, prints its rate and gives its result and seconds."""
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    print(f"{name:<44}{seconds:>8.2f} s {count / seconds:>9.0f} records/s")
    return result, seconds


def make_graphs(pages: Path, share: int, shares: int, batch: int) -> int:
    """Makes the graphs of one share of the batches in a worker process; they stay in its memory."""
    settings = Settings()
    mapping = Mapping(settings)
    global _shapes
    _shapes = Shapes(settings.base).published
    records = [item for page in sorted(pages.iterdir()) for item in read(page) if isinstance(item, Record)]
    for number, first in enumerate(range(0, len(records), batch)):
        if number % shares == share:
            graph = Graph()
            for record in records[first : first + batch]:
                for description in mapping.describe(record).descriptions:
                    to_rdflib([*description.statements, *description.provenance], graph)
            _graphs.append(graph)
    return len(_graphs)


def judge_graphs(_: int) -> float:
    """pySHACL alone over the graphs of this worker process; gives its seconds."""
    start = time.perf_counter()
    for graph in _graphs:
        pyshacl.validate(graph, shacl_graph=_shapes, inplace=True, advanced=False)
    return time.perf_counter() - start


def main(count: int = 10_000) -> None:
    """Prints the table."""
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        generator = Path(__file__).with_name("generate.py")
        subprocess.run([sys.executable, generator, str(count), "--out", pages], check=True, stderr=subprocess.DEVNULL)
        settings = Settings(DATA_DIR=Path(folder) / "site", WORKERS=processes)
        mapping, validator = Mapping(settings), Validator(settings.base)
        records, _ = timed(
            "read, one process",
            count,
            lambda: [item for page in sorted(pages.iterdir()) for item in read(page) if isinstance(item, Record)],
        )
        sample = records[: min(count, 2000)]
        described, _ = timed("map, one process", len(sample), lambda: [mapping.describe(record) for record in sample])
        timed("map to rdflib and validate, one process", len(sample), lambda: validator.validate(described))
        pools = [ProcessPoolExecutor(1, mp_context=get_context("spawn")) for _ in range(processes)]
        for future in [
            pool.submit(make_graphs, pages, share, processes, settings.BATCH_SIZE) for share, pool in enumerate(pools)
        ]:
            future.result()

        def judge() -> None:
            for future in [pool.submit(judge_graphs, 0) for pool in pools]:
                future.result()

        _, bare = timed(f"pySHACL alone, {processes} processes", count, judge)
        for pool in pools:
            pool.shutdown()
        _, whole = timed(f"the whole load, {processes} workers", count, lambda: pipeline.load(settings, [pages]))
        timed("the same records again", count, lambda: pipeline.load(settings, [pages]))
        print(f"the whole load reaches {bare / whole:.2f} of the rate of pySHACL alone")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
