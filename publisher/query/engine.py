"""Runs queries in processes that can be killed, since pyoxigraph can neither limit nor cancel one."""

from __future__ import annotations

import io
import os
import pickle
import signal
import socket
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from pyoxigraph import NamedNode

from publisher.errors import MalformedQuery, QueryTimeout, QueryTooLarge, QueueFull
from publisher.message import Message
from publisher.query.limits import Limits
from publisher.query.matches import Find
from publisher.query.preparation import prepare
from publisher.query.worker import Outcome, Task, serve

if TYPE_CHECKING:  # large, and preloaded into every worker if it were imported here
    from publisher.stores.remote import Remote

_GRACE = 2  # seconds beyond the limit, at which a worker ends itself, for what has gone wrong beyond that
_PIECE = 2**18  # bytes of a large result that are in memory at once
_AT_ONCE = 0.1  # seconds: a worker that is found dead before has died while it was idle


@dataclass
class Answer:
    """A whole result; a large one is a file that closing it frees. `truncated`: there were more than max_rows;
    `matches_cut`: a text search had more matches than max_matches."""

    body: BinaryIO
    length: int
    truncated: bool
    seconds: float
    matches_cut: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.body.close()

    def pieces(self) -> list[bytes] | Answer:
        """The bytes of a small result at once, which frees its reader; a large one piece by piece, for one who closes
        it then."""
        if self.length > _PIECE:
            return self
        with self:
            return [self.body.read()]

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.body.read(_PIECE), b"")


class _Died(Exception):
    """The worker of a query is gone; `seconds` after it was asked."""

    def __init__(self, exitcode: int | None, seconds: float) -> None:
        self.exitcode, self.seconds = exitcode, seconds


@dataclass
class _Process:
    """A worker as its askers see it."""

    process: BaseProcess
    connection: Connection
    memory: int | None = None  # the file, in memory, that the worker shares with us

    def ask(self, task: Task) -> Answer:
        """The result. Raises what the worker raised, TimeoutError, and _Died."""
        begin = time.monotonic()
        try:
            if self.memory is None:
                self.memory = recv_handle(self.connection)
            self.connection.send_bytes(pickle.dumps(task))
            found = pickle.loads(self.connection.recv_bytes())  # noqa: S301 -- from a process of ours
            if isinstance(found, Exception):
                raise found
            return self._answer(found)
        except BlockingIOError:
            raise TimeoutError from None
        except (EOFError, ConnectionError):
            self.end()
            raise _Died(self.process.exitcode, time.monotonic() - begin) from None

    def _answer(self, outcome: Outcome) -> Answer:
        body: BinaryIO
        if outcome.is_shared:
            body = io.BytesIO(os.pread(cast(int, self.memory), outcome.length, 0))
        else:
            body = os.fdopen(recv_handle(self.connection), "rb")
            body.seek(0)
        return Answer(body, outcome.length, outcome.truncated, outcome.seconds)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()
        if self.memory is not None:
            os.close(self.memory)
            self.memory = None


class Engine:
    """Runs queries, for any number of threads. Workers start when they are needed first and end with `close`.

    `terms` is the namespace of our own terms: of what a cut result links to.
    """

    def __init__(self, limits: Limits, terms: str = "") -> None:
        self.limits = limits
        self.terms = terms
        self._places = threading.BoundedSemaphore(limits.workers + limits.queue)
        self._free = threading.BoundedSemaphore(limits.workers)
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._busy: list[_Process] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self,
        graph: Path | Remote,
        text: str,
        output: str,
        *,
        base_iri: str | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        find: Find | None = None,
    ) -> Answer:
        """What the store in the folder `graph`, or a remote one, answers.

        As `output`, SELECT and ASK have json, xml, csv, tsv, and CONSTRUCT and DESCRIBE turtle, nt, rdfxml, jsonld;
        else ValueError. The default graph is the union of all graphs unless the query has FROM, or graphs are given:
        these replace FROM and FROM NAMED (SPARQL 1.1 Protocol 2.1.4). `find` answers text searches in the query.
        Raises QueryError, and CatalogError when there is no such store.
        """
        limits = self.limits
        place = str(graph) if isinstance(graph, Path) else _checked(graph)
        prepared = prepare(text, output, limits, self.terms, find)
        dataset = None
        if default_graphs or named_graphs:
            dataset = [_iri(graph) for graph in default_graphs], [_iri(graph) for graph in named_graphs]
        # With use_default_graph_as_union, pyoxigraph would not heed FROM.
        union = dataset is None and not prepared.query.has_from
        link = f"{self.terms}CutResult" if self.terms else ""
        # Oxigraph's CONSTRUCT gives each triple once; its DESCRIBE does not, and of other stores we do not know.
        repeats = prepared.query.form == "DESCRIBE" or not isinstance(graph, Path)
        task = Task(place, prepared.text, text, output, base_iri, dataset, union, prepared.capped, repeats, link)

        if not self._places.acquire(blocking=False):
            raise QueueFull(
                Message(
                    "%(running)s queries are under way and %(waiting)s are waiting: try again soon.",
                    running=limits.workers,
                    waiting=limits.queue,
                )
            )
        try:
            if not self._free.acquire(timeout=limits.timeout):
                raise QueueFull(
                    Message(
                        "No worker was free within %(seconds)s seconds: try again soon.", seconds=float(limits.timeout)
                    )
                )
            try:
                return replace(self._answer(task), matches_cut=prepared.matches_cut)
            finally:
                self._free.release()
        finally:
            self._places.release()

    def load(self) -> tuple[int, int]:
        """How many queries run, and how many wait."""
        places = self.limits.workers + self.limits.queue
        running = len(self._busy)
        return running, max(0, places - self._places._value - running)

    def warm(self) -> None:
        """Starts a worker, so that the first query need not wait half a second for it."""
        self._give_back(self._take(), kept=True)

    def close(self) -> None:
        """Ends all workers, and the queries under way with them."""
        with self._lock:
            self._closed = True
            for worker in self._busy:
                worker.process.kill()  # its asker sees the end of it
            while self._idle:
                self._idle.pop().end()

    def _answer(self, task: Task) -> Answer:
        try:
            try:
                return self._ask(task)
            except _Died as death:
                if self._closed or death.seconds > _AT_ONCE or death.exitcode != -signal.SIGKILL:
                    raise
                # Killed from outside while it was idle. A query changes nothing, so it is simply asked again.
                return self._ask(task)
        except _Died as death:
            if self._closed:
                raise QueueFull(Message("The server is being stopped.")) from None
            if death.exitcode == -signal.SIGALRM:
                raise QueryTimeout(self.limits.too_slow) from None
            raise QueryTooLarge(self.limits.too_much_memory) from None
        except TimeoutError:
            raise QueryTimeout(self.limits.too_slow) from None

    def _ask(self, task: Task) -> Answer:
        worker = self._take()
        kept = False
        try:
            answer = worker.ask(task)
            kept = True
            return answer
        except (_Died, TimeoutError):
            raise
        except Exception:  # of the query: the worker is as before
            kept = True
            raise
        finally:
            self._give_back(worker, kept)

    def _take(self) -> _Process:
        """A worker that nobody else uses: one that is idle, else a new one."""
        with self._lock:
            if self._closed:
                raise QueueFull(Message("The server is being stopped."))
            worker = self._idle.pop() if self._idle else self._start()
            self._busy.append(worker)
        return worker

    def _give_back(self, worker: _Process, kept: bool) -> None:
        with self._lock:
            self._busy.remove(worker)
            kept = kept and not self._closed
            if kept:
                self._idle.append(worker)
        if not kept:
            worker.end()

    def _start(self) -> _Process:
        # A server has many threads; a fork of it could inherit a lock that nobody will release.
        context = get_context("forkserver")
        context.set_forkserver_preload([serve.__module__])
        ours, theirs = context.Pipe()
        process = context.Process(target=serve, args=(theirs, self.limits), daemon=True, name="query")
        process.start()
        theirs.close()
        _end_waiting(ours, self.limits.timeout + _GRACE)
        return _Process(process, ours)


def _end_waiting(connection: Connection, seconds: float) -> None:
    """From now on, what is read from it raises BlockingIOError when nothing has come for so long. (`poll` makes a
    selector each time, which takes longer than a short query.)"""
    whole = int(seconds)
    with socket.socket(fileno=os.dup(connection.fileno())) as shared:
        time_value = struct.pack("ll", whole, int((seconds - whole) * 1e6))
        shared.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, time_value)


def _checked(remote: Remote) -> Remote:
    from publisher.query.remote import check_release

    check_release(remote)
    return remote


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError:
        raise MalformedQuery(Message("The graph %(name)s is not named by an absolute IRI.", name=repr(text))) from None
