"""The endpoint when it is used badly: queries that would never end, and readers that never finish reading."""

from __future__ import annotations

import importlib.util
import json
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import ModuleType
from urllib.parse import quote

import pytest
from conftest import ROOT, free_port, serving

from publisher.settings import Settings

TIMEOUT = 0.4


def benchmark() -> ModuleType:
    """benchmarks/sparql_queries.py: what is tested here is timed there."""
    spec = importlib.util.spec_from_file_location("sparql_queries", ROOT / "benchmarks" / "sparql_queries.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCHMARK = benchmark()


@contextmanager
def silent() -> Iterator[str]:
    with BENCHMARK.slow_endpoint() as address:
        yield address


@pytest.fixture(scope="module")
def hasty(published: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server of one process and little patience, and an endpoint that it may ask and that never answers."""
    with silent() as slow, ExitStack() as stack:
        settings = {"SPARQL_TIMEOUT": str(TIMEOUT), "SPARQL_SERVICE": slow, "WEB_WORKERS": "1", "SPARQL_QUEUE": "1"}
        settings |= {"SPARQL_WORKERS": "1", "BASE_URL": published.BASE_URL, "SPARQL_MEMORY": "2000"}
        yield stack.enter_context(serving(published.DATA_DIR, free_port(), **settings)), slow


@pytest.mark.parametrize("number", range(len(BENCHMARK.HOSTILE)))
def test_a_query_that_would_not_end(hasty: tuple[str, str], number: int) -> None:
    base, slow = hasty
    query = BENCHMARK.PREFIXES + BENCHMARK.filled(BENCHMARK.HOSTILE[number], {"slow": slow})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{base}/sparql?query={quote(query)}", timeout=20)
    assert refused.value.code == 503
    problem = json.loads(refused.value.read())
    assert "SPARQL_TIMEOUT" in problem["detail"] or "SPARQL_MEMORY" in problem["detail"]
    with urllib.request.urlopen(f"{base}/sparql?query=ASK%7B%7D", timeout=20) as response:  # and it was no harm
        assert json.loads(response.read())["boolean"] is True


def test_readers_that_do_not_read_hold_nothing(hasty: tuple[str, str]) -> None:
    """More of them than the server has threads, each with a result of megabytes."""
    base, _ = hasty
    host, _, port = base.rpartition("/")[2].partition(":")
    query = quote("SELECT * { ?a ?b ?c }")
    with ExitStack() as stack:
        for _ in range(8):
            reader = stack.enter_context(socket.create_connection((host, int(port)), timeout=20))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert reader.recv(15) == b"HTTP/1.1 200 OK"
        for path in ("/sparql?query=ASK%7B%7D", "/doc/resource/123404"):
            with urllib.request.urlopen(base + path, timeout=5) as response:
                assert response.status == 200
