"""One process that runs queries, one after another, until it is told to end or has to be killed.

It opens the release read-only. Whatever a query does, at worst this process dies, and another takes its place.
"""

from __future__ import annotations

import errno
import os
import pickle
import resource
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

import pyoxigraph
from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Store, Triple

from publisher.errors import CatalogError, MalformedQuery, PublisherError, QueryFailed, QueryTooLarge
from publisher.message import Message
from publisher.query.cutting import Triples, cut
from publisher.query.limits import Limits
from publisher.query.mistakes import explain

if TYPE_CHECKING:  # what speaks to remote stores is large, and no worker of an embedded one needs it
    from publisher.query.remote import RemoteGraphs
    from publisher.stores.remote import Remote

SOLUTIONS = {
    "json": QueryResultsFormat.JSON,
    "xml": QueryResultsFormat.XML,
    "csv": QueryResultsFormat.CSV,
    "tsv": QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdfxml": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
SHARED = 2**20  # bytes of a result that stay in memory; a larger one is a file without a name
_NICE = 10  # pages come before queries: a process at 0 gets nine times the time of one at 10


@dataclass(frozen=True)
class Task:
    """One query. `text` is what runs, `asked` what was asked, for messages."""

    graph: str | Remote
    text: str
    asked: str
    output: str
    base_iri: str | None
    dataset: tuple[list[NamedNode], list[NamedNode]] | None  # default and named graphs, in place of the query's own
    union: bool  # of all graphs, as the default graph
    capped: bool  # at one row more than may be given
    repeats: bool  # triples that stand in several graphs
    link: str  # what a cut result links to


@dataclass(frozen=True)
class Outcome:
    """The result has so many bytes, in the memory that the worker shares with its asker, or in a file that follows.
    Whether it was cut, and the seconds it took."""

    length: int
    is_shared: bool
    truncated: bool
    seconds: float


class Written:
    """What a query writes: it stays in `memory` while it is small."""

    def __init__(self, memory: BinaryIO) -> None:
        memory.seek(0)
        memory.truncate()
        self.file: IO[bytes] = memory
        self.is_shared = True
        self.length = 0

    def write(self, piece: bytes) -> int:
        self.length += len(piece)
        if self.is_shared and self.length > SHARED:
            self._leave_memory()
        return self.file.write(piece)

    def flush(self) -> None:
        self.file.flush()

    def _leave_memory(self) -> None:
        memory, self.file, self.is_shared = self.file, tempfile.TemporaryFile(), False  # noqa: SIM115 -- see close
        memory.seek(0)
        shutil.copyfileobj(memory, self.file)
        memory.truncate(0)

    def close(self) -> None:
        if not self.is_shared:
            self.file.close()


def serve(connection: Connection, limits: Limits) -> None:
    """Answers tasks with outcomes or errors until the other end of the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal: the asker decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["RUST_BACKTRACE"] = "0"  # one line in the log when memory runs out, not sixty
    os.nice(_NICE)
    # Python ignores SIGXFSZ, so that a write beyond this limit is an error and no signal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.max_bytes, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    memory = os.fdopen(os.memfd_create("result"), "r+b")
    try:
        send_handle(connection, memory.fileno(), 0)
    except BrokenPipeError:  # the server ended while this process began
        return
    worker = Worker(limits, memory)
    while True:
        try:
            task = pickle.loads(connection.recv_bytes())  # noqa: S301 -- what `recv` does, but quicker
        except (EOFError, ConnectionResetError):  # the server has ended; reset, if it had not read all that was sent
            return
        try:
            written, outcome = worker.run(task)
        except PublisherError as error:
            connection.send_bytes(pickle.dumps(error))
            continue
        connection.send_bytes(pickle.dumps(outcome))
        if not outcome.is_shared:
            send_handle(connection, written.file.fileno(), 0)
        written.close()


class Worker:
    """What the process keeps from one query to the next: the release it opened last."""

    def __init__(self, limits: Limits, memory: BinaryIO) -> None:
        self.limits = limits
        self.memory = memory
        self.graph: str | Remote = ""
        self.store: Store | RemoteGraphs | None = None
        self.fresh = 0  # bytes of memory with the first release open
        self.ceiling = 0  # and those that a query may reach

    def run(self, task: Task) -> tuple[Written, Outcome]:
        """The result and what is to be known of it. Raises QueryError, CatalogError."""
        begin = time.perf_counter()
        # The system itself ends this process at the limit, even when nobody is left to do it.
        signal.setitimer(signal.ITIMER_REAL, self.limits.timeout)
        try:
            store = self._open(task.graph)
            _limit_memory(self.ceiling)
            with ExitStack() as stack:
                written = stack.enter_context(closing(Written(self.memory)))
                truncated = self._write(store, task, written)
                written.flush()
                length = written.file.seek(0, os.SEEK_END)
                stack.pop_all()
            return written, Outcome(length, written.is_shared, truncated, time.perf_counter() - begin)
        except (SyntaxError, UnicodeEncodeError) as error:
            raise explain(task.asked, str(error), task.base_iri) from None
        except MemoryError:
            raise QueryTooLarge(self.limits.too_much_memory) from None
        except (OSError, RuntimeError, ValueError) as error:
            if "RDF 1.2" in str(error):
                raise MalformedQuery(
                    Message(
                        "The result has triples in triples (RDF 1.2), which %(format)s has not.", format=task.output
                    )
                ) from None
            if isinstance(error, OSError) and error.errno == errno.EFBIG:
                raise QueryTooLarge(self.limits.too_many_bytes) from None
            raise QueryFailed(Message("The query failed: %(error)s.", error=str(error))) from None
        finally:
            _limit_memory(None)
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _open(self, graph: str | Remote) -> Store | RemoteGraphs:
        if self.store is not None and graph == self.graph:  # a release is never written again
            return self.store
        before = _memory()
        try:
            self.store = Store.read_only(graph) if isinstance(graph, str) else _remote(graph, self.limits)
        except OSError as error:
            raise CatalogError(f"The release in {graph} cannot be opened ({error}): run `publisher verify`.") from None
        # Later releases find threads and caches in place: only what they add counts, lest the ceiling rise each time.
        opening = _memory() - before
        self.ceiling = (self.fresh or before) + opening + self.limits.memory
        self.fresh = self.fresh or before + opening
        self.graph = graph
        return self.store

    def _write(self, store: Store | RemoteGraphs, task: Task, written: Written) -> bool:
        """Writes the result; whether it was cut."""
        default, named = task.dataset or (None, None)
        results = store.query(
            task.text,
            base_iri=task.base_iri,
            use_default_graph_as_union=task.union,
            default_graph=default,  # type: ignore[arg-type]  # a list of NamedNode is one of the wider type to read
            named_graphs=named,  # type: ignore[arg-type]
        )
        if task.output in GRAPHS:
            triples = Triples(cast(Iterator[Triple], results), self.limits.max_rows, repeated=task.repeats)
            pyoxigraph.serialize(triples, cast(IO[bytes], written), GRAPHS[task.output])
            written.write(triples.comment(task.output, self.limits.cut))
            return triples.truncated
        cast(QuerySolutions, results).serialize(cast(IO[bytes], written), SOLUTIONS[task.output])
        if isinstance(results, QueryBoolean) or not task.capped:
            return False
        _limit_memory(None)  # the query is over; what follows reads the result, which SPARQL_MAX_BYTES bounds
        return cut(written.file, task.output, self.limits.max_rows, self.limits.cut, task.link)


def _remote(graph: Remote, limits: Limits) -> RemoteGraphs:
    from publisher.query.remote import RemoteGraphs

    return RemoteGraphs(graph, limits.timeout)


def _memory() -> int:
    """Bytes of private writable memory: what RLIMIT_DATA limits. RLIMIT_AS would count what threads merely reserve."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()


def _limit_memory(size: int | None) -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard if size is None else size, hard))
