"""Stores that the tests start for themselves, and a proxy before one of them that fails as it is told."""

from __future__ import annotations

import http.client
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from conftest import free_port

from publisher.settings import Settings

Stores = Callable[[str], dict[str, Any]]
_numbers = count(1)

VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
[SPARQL]
ResultSetMaxRows = 10000
"""


def oxigraph() -> str:
    """The server of Oxigraph: PyPI's package `oxigraph`, or any other on this machine."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.is_file() else shutil.which("oxigraph")
    if not found:
        pytest.skip("there is no oxigraph here: pip install oxigraph")
    return found


@contextmanager
def running(command: list[str], folder: Path, url: str) -> Iterator[None]:
    """A server, until it is no longer needed; ready when something answers at the URL."""
    with (
        (folder / "output.log").open("w") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT) as process,
    ):
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(url, timeout=5):
                        break
                except urllib.error.HTTPError as error:
                    error.close()
                    break
                except (urllib.error.URLError, ConnectionError):
                    assert process.poll() is None, (folder / "output.log").read_text()
                    time.sleep(0.1)
            yield
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def oxigraph_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    base = f"http://127.0.0.1:{free_port()}"
    command = [oxigraph(), "serve", "--bind", base[7:], "--union-default-graph"]  # in memory
    with running(command, tmp_path_factory.mktemp("oxigraph"), f"{base}/"):
        yield base


@pytest.fixture(scope="session")
def virtuoso_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = shutil.which("virtuoso-t")
    if not program:
        pytest.skip("there is no Virtuoso here: apt-get install virtuoso-opensource-7-bin")
    folder = tmp_path_factory.mktemp("virtuoso")
    port = free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(sql=free_port(), http=port))
    base = f"http://127.0.0.1:{port}"
    with running([program, "+foreground", "+configfile", "virtuoso.ini"], folder, f"{base}/sparql"):
        yield base


@pytest.fixture
def store_settings(request: pytest.FixtureRequest) -> Stores:
    """The settings of a row: embedded, oxigraph, graph-store (Oxigraph without updates), virtuoso."""

    def settings(row: str) -> dict[str, Any]:
        if row == "embedded":
            return {}
        if row == "virtuoso":
            base = request.getfixturevalue("virtuoso_url")
            return {
                "STORE": f"{base}/sparql",
                "STORE_UPDATE_URL": f"{base}/sparql-auth",
                "STORE_USER": "dba",
                "STORE_PASSWORD": "dba",
                "STORE_AUTH": "digest",
            }
        base = request.getfixturevalue("oxigraph_url")
        writing = (
            {"STORE_GRAPH_URL": f"{base}/store"} if row == "graph-store" else {"STORE_UPDATE_URL": f"{base}/update"}
        )
        return {"STORE": f"{base}/query", **writing}

    return settings


@pytest.fixture
def make_settings(tmp_path: Path, store_settings: Stores) -> Callable[..., Settings]:
    """A site of its own in one of the stores, which others share: BASE_URL keeps them apart."""

    def make(row: str, **others: Any) -> Settings:
        number = next(_numbers)
        given = {"BASE_URL": f"https://site{number}.example", "DATA_DIR": tmp_path / f"site{number}", "WORKERS": 1}
        return Settings(**(given | store_settings(row) | others))

    return make


@dataclass
class Proxy:
    """Stands before a store. `fault` is what befalls each request from number `after` on: "" (none), "error" (500),
    "hang" (no answer), "break" (dies within the answer), "garbage", "lose" (the store acts, the answer is lost)."""

    url: str
    fault: str = ""
    after: int = 0
    requests: int = 0
    status: int = 500
    paths: list[str] = field(default_factory=list)
    on_request: Callable[[int], None] = lambda number: None


@pytest.fixture
def proxy(oxigraph_url: str) -> Iterator[Proxy]:
    host = oxigraph_url.removeprefix("http://")
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.requests += 1
            state.paths.append(self.path.partition("?")[0])
            fault = state.fault if state.requests > state.after else ""
            state.on_request(state.requests)
            if fault == "hang":
                over.wait(30)
                return
            if fault in ("error", "garbage"):
                status, content = (state.status, b"it hurts") if fault == "error" else (200, b'{"head": {"vars": [}')
                media_type = "text/plain" if fault == "error" else "application/sparql-results+json"
            else:
                upstream = http.client.HTTPConnection(host)
                upstream.request("POST", self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                status, content = answer.status, answer.read()
                media_type = answer.getheader("Content-Type") or ""
                upstream.close()
            if fault == "lose":
                return
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            # between two lines, where what was sent looks whole
            half = content.rfind(b"\n", 0, len(content) // 2) + 1 or len(content) // 2
            self.wfile.write(content[:half] if fault == "break" else content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    over.set()
    server.shutdown()
    server.server_close()
    thread.join()
