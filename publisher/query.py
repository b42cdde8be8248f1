"""SPARQL in a worker that can be killed: a query gets no more time, memory, rows or bytes than the operator allows.

pyoxigraph can neither limit nor cancel a query, so each runs in a process of its own that opens the release read-only;
whatever a query does, at worst that process dies, and another takes its place.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import resource
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import pyoxigraph
from pebble import ProcessExpired, ProcessPool
from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store, Triple

from publisher.errors import (
    CatalogError,
    MalformedQuery,
    QueryFailed,
    QueryTimeout,
    QueryTooLarge,
    QueueFull,
)
from publisher.query_text import QueryText
from publisher.query_text import form as form  # for the doors, which know this module only
from publisher.settings import Settings


@dataclass(frozen=True)
class Limits:
    """What one query may take, and how many there may be; each is a setting of the operator.

    `timeout` is in seconds from when a worker takes the query, `max_rows` in rows or triples, `max_bytes` those of the
    result as written, `memory` bytes above what a fresh worker uses, `max_length` in characters, `max_depth` in nested
    brackets. Of what SERVICE may name, only the IRIs in `service_targets` are ever fetched.
    """

    timeout: float
    max_rows: int
    memory: int
    max_bytes: int
    max_length: int
    max_depth: int
    workers: int
    queue: int
    service_targets: tuple[str, ...] = ()

    @property
    def too_slow(self) -> str:
        return f"The query was ended after {self.timeout:g} seconds (SPARQL_TIMEOUT): ask for less at a time."

    @property
    def too_much_memory(self) -> str:
        size = f"{self.memory / 2**20:,.0f} MiB of memory (SPARQL_MEMORY)"
        return f"The query was ended when it needed more than {size}: ask for less at a time."


def limits(settings: Settings) -> Limits:
    """The limits that the operator has set."""
    return Limits(
        timeout=settings.SPARQL_TIMEOUT,
        max_rows=settings.SPARQL_MAX_ROWS,
        memory=settings.SPARQL_MEMORY * 2**20,
        max_bytes=settings.SPARQL_MAX_BYTES,
        max_length=settings.SPARQL_MAX_LENGTH,
        max_depth=settings.SPARQL_MAX_DEPTH,
        workers=settings.SPARQL_WORKERS,
        queue=settings.SPARQL_QUEUE,
        service_targets=settings.SPARQL_SERVICE,
    )


@dataclass
class Answer:
    """A whole result, at its beginning; closing it frees the disk. `truncated`: there were more than max_rows."""

    body: BinaryIO
    length: int
    truncated: bool
    seconds: float

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.body.close()


_SOLUTIONS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
_GRAPHS = {
    "turtle": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}


@dataclass(frozen=True)
class _Task:
    graph: str
    text: str
    output: str
    base_iri: str | None
    dataset: tuple[list[NamedNode], list[NamedNode]] | None  # default and named graphs, in place of the query's own
    union: bool  # of all graphs, as the default graph
    capped: bool  # at one row more than may be given
    file: str


Outcome = tuple[bool, float]  # whether the result was cut, and the seconds it took


class _Worker:
    """What a worker process keeps from one query to the next: the release it opened last."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.graph = ""
        self.store: Store | None = None
        self.fresh = 0  # bytes of memory with the first release open
        self.ceiling = 0  # and those that a query may reach

    def run(self, task: _Task) -> Outcome:
        begin = time.perf_counter()
        # The system itself ends this process at the limit, even when nobody is left to do it.
        signal.setitimer(signal.ITIMER_REAL, self.limits.timeout)
        try:
            store = self._open(task.graph)
            _limit_memory(self.ceiling)
            return self._write(store, task), time.perf_counter() - begin
        except (SyntaxError, UnicodeEncodeError) as error:
            raise MalformedQuery(f"The query does not parse: {error}.") from None
        except MemoryError:
            raise QueryTooLarge(self.limits.too_much_memory) from None
        except (OSError, RuntimeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno == errno.EFBIG:
                size = f"{self.limits.max_bytes:,} bytes (SPARQL_MAX_BYTES)"
                raise QueryTooLarge(f"The result is larger than {size}: ask for less at a time.") from None
            raise QueryFailed(f"The query failed: {error}.") from None
        finally:
            _limit_memory(None)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _open(self, graph: str) -> Store:
        if self.store is not None and graph == self.graph:  # a release is never written again
            return self.store
        before = _memory()
        try:
            self.store = Store.read_only(graph)
        except OSError as error:
            raise CatalogError(f"The release in {graph} cannot be opened ({error}): run `publisher verify`.") from None
        # Later releases find threads and caches in place: only what they add counts, lest the ceiling rise each time.
        opening = _memory() - before
        self.ceiling = (self.fresh or before) + opening + self.limits.memory
        self.fresh = self.fresh or before + opening
        self.graph = graph
        return self.store

    def _write(self, store: Store, task: _Task) -> bool:
        """Writes the result into the file of the task; whether it was cut."""
        default, named = task.dataset or (None, None)
        # Given a path, pyoxigraph would truncate the file, and ext4 sends what was truncated to the disk at once.
        with Path(task.file).open("r+b") as file:
            Path(task.file).unlink()  # the asker has it open, and nothing stays when both of us are killed
            results = store.query(
                task.text,
                base_iri=task.base_iri,
                use_default_graph_as_union=task.union,
                default_graph=default,  # type: ignore[arg-type]  # a list of NamedNode is one of the wider type to read
                named_graphs=named,  # type: ignore[arg-type]
            )
            if isinstance(results, QueryTriples):
                triples = _Triples(results, self.limits.max_rows)
                pyoxigraph.serialize(triples, file, _GRAPHS[task.output])
                return triples.truncated
            results.serialize(file, _SOLUTIONS[task.output])
            if isinstance(results, QueryBoolean) or not task.capped:
                return False
            _limit_memory(None)  # the query is over; what follows reads the result, which SPARQL_MAX_BYTES bounds
            return _cut(file, _ROWS[task.output], self.limits.max_rows)


def _memory() -> int:
    """Bytes of private writable memory: what RLIMIT_DATA limits. RLIMIT_AS would count what threads merely reserve."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()


def _limit_memory(size: int | None) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard if size is None else size, hard))


class _Triples:
    """The first `most` triples, each once: DESCRIBE repeats those that stand in several graphs."""

    def __init__(self, triples: QueryTriples, most: int) -> None:
        self.triples, self.most, self.truncated = triples, most, False

    def __iter__(self) -> Iterator[Triple]:
        seen: set[Triple] = set()
        for triple in self.triples:
            if triple in seen:
                continue
            if len(seen) == self.most:
                self.truncated = True
                return
            seen.add(triple)
            yield triple


class _Rows(NamedTuple):
    """How the rows of a written result are told apart, and how it ends when it is cut before one of them."""

    mark: bytes  # stands before every row but perhaps the first, and anywhere else
    start: re.Pattern[bytes]  # its group 1 stands before every row and nowhere else; strings are skipped
    closing: bytes


_ROWS = {
    "json": _Rows(b",{", re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|([,\[]\{)', re.DOTALL), b"]}}"),
    "xml": _Rows(b"<result>", re.compile(rb"(<result>)"), b"</results></sparql>"),
    "csv": _Rows(b"\r\n", re.compile(rb'"[^"]*+"|(\r\n)(?=.)', re.DOTALL), b"\r\n"),
    "tsv": _Rows(b"\n", re.compile(rb"(\n)(?=.)", re.DOTALL), b"\n"),
}


def _cut(file: BinaryIO, rows: _Rows, most: int) -> bool:
    """Cuts a written result after `most` rows; whether there were more."""
    file.seek(0)
    content = file.read()
    if content.count(rows.mark) < most:  # quick, and so with nearly every result
        return False
    starts = (match.start(1) for match in rows.start.finditer(content) if match[1])
    place = next(itertools.islice(starts, most, None), None)
    if place is None:
        return False
    file.truncate(place)
    file.seek(place)
    file.write(rows.closing)
    return True


_worker: _Worker


def _start(limits: Limits) -> None:
    """Makes this process a worker, one that dies at once when told to and leaves no core file."""
    global _worker
    _worker = _Worker(limits)
    # pebble's own handler of SIGTERM would only come after the query.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["RUST_BACKTRACE"] = "0"  # one line in the log when memory runs out, not sixty
    # Python ignores SIGXFSZ, so that a write beyond this limit is an error and no signal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.max_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _run(task: _Task) -> Outcome:
    return _worker.run(task)


class Engine:
    """Runs queries, for any number of threads. Workers start with the first query and end with `close`."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._places = threading.BoundedSemaphore(limits.workers + limits.queue)
        self._free = threading.BoundedSemaphore(limits.workers)
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._running: set[Future[Outcome]] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        graph: Path,
        text: str,
        output: str,
        *,
        base_iri: str | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> Answer:
        """What the store in the folder `graph` answers.

        As `output`, SELECT and ASK have json, xml, csv, tsv, and CONSTRUCT and DESCRIBE turtle, nt, rdfxml, jsonld;
        else ValueError. The default graph is the union of all graphs unless the query has FROM, or graphs are given:
        these replace FROM and FROM NAMED (SPARQL 1.1 Protocol 2.1.4). Raises QueryError, and CatalogError when there
        is no such store.
        """
        limits = self.limits
        if len(text) > limits.max_length:
            raise MalformedQuery(f"The query is longer than {limits.max_length:,} characters (SPARQL_MAX_LENGTH).")
        query = QueryText(text)
        formats = _SOLUTIONS if query.form in ("SELECT", "ASK") else _GRAPHS
        if output not in formats:
            raise ValueError(f"{query.form} has the outputs {', '.join(formats)}, not {output}")
        if query.depth > limits.max_depth:
            raise MalformedQuery(f"The query nests brackets deeper than {limits.max_depth} (SPARQL_MAX_DEPTH).")
        query.check_service(limits.service_targets)
        dataset = None
        if default_graphs or named_graphs:
            dataset = [_iri(graph) for graph in default_graphs], [_iri(graph) for graph in named_graphs]
        # With use_default_graph_as_union, pyoxigraph would not heed FROM.
        union = dataset is None and not query.has_from
        capped = query.capped(limits.max_rows) if query.form == "SELECT" else None
        task = partial(_Task, str(graph), capped or text, output, base_iri, dataset, union, capped is not None)

        if not self._places.acquire(blocking=False):
            raise QueueFull(f"{limits.workers} queries are under way and {limits.queue} are waiting: try again soon.")
        try:
            if not self._free.acquire(timeout=limits.timeout):
                raise QueueFull(f"No worker was free within {limits.timeout:g} seconds: try again soon.")
            try:
                return self._answer(task)
            finally:
                self._free.release()
        finally:
            self._places.release()

    def close(self) -> None:
        """Ends all workers, and the queries under way with them."""
        with self._lock:
            self._closed = True
            for future in self._running:
                future.cancel()
            self._stop()

    def _answer(self, task: partial[_Task]) -> Answer:
        try:
            try:
                return self._ask(task)
            except RuntimeError:
                # pebble gives the whole pool up when an idle worker is killed from outside. A query changes nothing,
                # so it is simply asked again.
                return self._ask(task)
        except (ProcessExpired, RuntimeError) as error:
            if getattr(error, "exitcode", None) == -signal.SIGALRM:
                raise QueryTimeout(self.limits.too_slow) from None
            raise QueryTooLarge(self.limits.too_much_memory) from None
        except TimeoutError:
            raise QueryTimeout(self.limits.too_slow) from None
        except CancelledError:
            raise QueueFull("The server is being stopped.") from None

    def _ask(self, task: partial[_Task]) -> Answer:
        descriptor, name = tempfile.mkstemp(prefix="publisher-query-")
        body = os.fdopen(descriptor, "rb")
        future: Future[Outcome] | None = None
        try:
            with self._lock:
                # A worker ends itself at the limit; these longer ones are for what has gone wrong beyond that.
                future = self._ready().schedule(_run, args=(task(name),), timeout=self.limits.timeout + 2)
                self._running.add(future)
            truncated, seconds = future.result(self.limits.timeout + 20)
            return Answer(body, os.fstat(descriptor).st_size, truncated, seconds)
        except BaseException:
            body.close()
            raise
        finally:
            Path(name).unlink(missing_ok=True)
            if future is not None:
                future.cancel()
                with self._lock:
                    self._running.discard(future)

    def _ready(self) -> ProcessPool:
        """The pool, made anew if it is broken."""
        if self._closed:
            raise CancelledError
        if self._pool is None or not self._pool.active:
            self._stop()
            # A server has many threads; a fork of it could inherit a lock that nobody will release.
            context = get_context("forkserver")
            context.set_forkserver_preload([__name__])
            self._pool = ProcessPool(self.limits.workers, initializer=_start, initargs=(self.limits,), context=context)
        return self._pool

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError:
        raise MalformedQuery(f"The graph {text!r} is not named by an absolute IRI.") from None
