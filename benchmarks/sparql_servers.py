"""The servers that the benchmark of the SPARQL endpoint starts, and its client."""

from __future__ import annotations

import contextlib
import http.client
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from sparql_queries import JSON, PREFIXES

_START_SECONDS = 180  # that a server may take to read its data


class Client:
    """One connection to a server that is kept open."""

    def __init__(self, port: int, path: str, timeout: float = 120) -> None:
        self.port, self.path = port, path
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

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
def running(
    command: Sequence[str | Path],
    port: int,
    environment: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Iterator[None]:
    """A server, from when it answers on its port. Raises RuntimeError with the end of what it says if it does not."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, env=os.environ | (environment or {}), stdout=said, stderr=said, preexec_fn=before
        )
        try:
            end = time.monotonic() + _START_SECONDS
            while process.poll() is None and time.monotonic() < end:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            else:
                said.seek(0)
                raise RuntimeError(f"{command[0]} does not answer: {said.read()[-300:].decode(errors='replace')}")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
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
def oxigraph(graph: Path, *arguments: str, memory: int = 0) -> Iterator[int]:
    """`oxigraph serve-read-only`; gives its port. `memory`: bytes at which it may die, before the machine does."""
    port = free_port()
    program = os.environ.get("OXIGRAPH") or shutil.which("oxigraph") or ""
    address = f"127.0.0.1:{port}"
    command = [program, "serve-read-only", "--location", str(graph), "--bind", address, "--union-default-graph"]
    limit = (lambda: resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))) if memory else None
    with running([*command, *arguments], port, before=limit):
        yield port


@contextlib.contextmanager
def rdflib_endpoint(file: Path) -> Iterator[int]:
    """rdflib-endpoint over a file of N-Triples; gives its port."""
    port = free_port()
    program = os.environ.get("RDFLIB_ENDPOINT") or shutil.which("rdflib-endpoint") or ""
    with running([program, "serve", "--host", "127.0.0.1", "--port", str(port), str(file)], port):
        yield port
