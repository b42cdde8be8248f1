"""The real server, as `publisher serve` starts it: several processes, a query that never ends, a publish, an end."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from conftest import free_port, serving

from publisher import pipeline
from publisher.settings import Settings

# 3 000 statements cubed: no store ends this by itself
CROSS_JOIN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TURTLE = {"Accept": "text/turtle"}


def fetch(
    url: str, headers: dict[str, str] | None = None, timeout: float = 30, data: bytes | None = None
) -> tuple[int, bytes]:
    """The status and body of an answer, whatever the status."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers or {}), timeout=timeout) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def descendants(parent: int) -> set[int]:
    """The processes below one, by /proc."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # one that ends meanwhile
            fields = path.read_text("utf-8", "replace").rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, above in parents.items() if above in found | {parent}} - found:
        found |= more
    return found


def alive(processes: set[int]) -> set[int]:
    """Those that run; a zombie does not."""
    running = set()
    for process in processes:
        with suppress(OSError):
            state = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
            running |= {process} if state != "Z" else set()
    return running


def test_what_a_client_sees(server: str) -> None:
    status, body = fetch(f"{server}/id/resource/123404", TURTLE)
    assert status == 200
    assert f"<{server}/id/resource/123404>".encode() in body or b"id/resource/123404" in body
    assert fetch(f"{server}/doc/resource/123404", {"Accept": "image/png"})[0] == 406
    assert json.loads(fetch(f"{server}/health")[1])["status"] == "ok"
    assert fetch(f"{server}/nothing", {"Accept": "text/html"})[0] == 404


def test_encoded_keys_reach_the_application(server: str) -> None:
    """A server decodes the path; keys must come through it as they went in."""
    for path in ("/doc/agent/%C5%8Dno-kenji", "/doc/agent/%c5%8dno-kenji", "/doc/agent/ōno-kenji"):
        assert fetch(server + quote(path, safe="/%"))[0] == 200
    for path in ("/doc/resource/a%2Fb", "/doc/resource/%2e%2e", "/doc/resource/%00", "/doc/resource/%ff", "//", "/%"):
        assert fetch(server + path)[0] in (200, 400, 404)


def test_head_and_conditional_requests(server: str) -> None:
    host = server.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("GET", "/doc/resource/123404.ttl")
    got = connection.getresponse()
    body = got.read()
    connection.request("HEAD", "/doc/resource/123404.ttl")
    headed = connection.getresponse()
    assert headed.read() == b""
    assert int(headed.headers["Content-Length"]) == len(body)
    assert headed.headers["ETag"] == got.headers["ETag"]
    connection.request("GET", "/doc/resource/123404.ttl", headers={"If-None-Match": got.headers["ETag"]})
    unchanged = connection.getresponse()
    assert (unchanged.status, unchanged.read()) == (304, b"")
    assert unchanged.headers["Cache-Control"] == got.headers["Cache-Control"]
    connection.close()


def test_every_process_gives_the_same_etag(server: str) -> None:
    """Each request on a connection of its own, so that all processes answer some."""
    found = set()
    for _ in range(30):
        with urllib.request.urlopen(f"{server}/doc/resource/123404.jsonld") as response:
            found.add(response.headers["ETag"])
    assert len(found) == 1


@pytest.mark.parametrize(
    "request_line",
    [b"GET / HTTP/1.1", b"GET /%zz HTTP/1.1", b"GET * HTTP/1.1", b"GET /search?q=\xff HTTP/1.1", b"nonsense"],
)
def test_odd_requests_do_no_harm(server: str, request_line: bytes) -> None:
    host, _, port = server.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(request_line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        with suppress(OSError):
            answer = connection.recv(65536)
            assert b"Traceback" not in answer
            assert b" 500 " not in answer
    assert fetch(f"{server}/robots.txt")[0] == 200


def test_large_headers_do_no_harm(server: str) -> None:
    for name in ("Accept", "If-None-Match", "X-Anything"):
        with suppress(OSError):  # the server may also hang up
            assert fetch(f"{server}/doc/resource/123404", {name: "text/html," * 5_000})[0] in (200, 304, 400, 431)
    assert fetch(f"{server}/robots.txt")[0] == 200


def test_bodies_that_never_come_keep_no_page_waiting(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [Path(__file__).parents[2] / "data" / "record-page.txt"])
    few = {"WEB_WORKERS": "1", "SPARQL_WORKERS": "1", "SPARQL_QUEUE": "1", "REQUEST_BODIES": "2"}
    begun = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    with serving(settings.DATA_DIR, port, **few) as base, ExitStack() as open_ones:
        said = []
        for length in (b"Content-Length: 90\r\n\r\nASK", b"Transfer-Encoding: chunked\r\n\r\n3\r\nASK\r\n") * 10:
            connection = open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=0.5))
            connection.sendall(begun + length)
            if len(said) < 3:
                with suppress(TimeoutError):
                    said.append(connection.recv(65536))
        assert fetch(f"{base}/doc/resource/123404")[0] == 200
        assert all(answer.startswith(b"HTTP/1.1 503") and b"retry-after: 10" in answer for answer in said)
        assert len(said) == 3
        open_ones.close()
        for _ in range(100):
            if fetch(f"{base}/sparql", data=b"query=ASK%7B%7D")[0] == 200:
                break
            time.sleep(0.1)
        assert fetch(f"{base}/sparql", data=b"query=ASK%7B%7D")[0] == 200


def test_a_query_that_never_ends_is_ended_and_disturbs_nobody(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [Path(__file__).parents[2] / "data"])
    with (
        serving(settings.DATA_DIR, port, SPARQL_TIMEOUT="1", WEB_WORKERS="1") as base,
        ThreadPoolExecutor(8) as threads,
    ):
        assert fetch(f"{base}/sparql?query=ASK%7B%7D")[0] == 200  # the workers have started
        url = f"{base}/sparql?" + urlencode({"query": CROSS_JOIN})
        for _ in range(3):  # a busy machine may delay one attempt
            begin = time.monotonic()
            endless = [threads.submit(fetch, url) for _ in range(2)]
            pages, slowest = 0, 0.0
            while not all(future.done() for future in endless):
                started = time.monotonic()
                assert fetch(f"{base}/doc/resource/123404")[0] == 200
                slowest = max(slowest, time.monotonic() - started)
                pages += 1
            took = time.monotonic() - begin
            for future in endless:
                status, body = future.result()
                assert status == 503
                assert "1 seconds" in json.loads(body)["detail"]
            assert took >= 1
            if took < 2 and slowest < 1:
                break
        assert took < 2
        assert slowest < 1
        assert pages > 5
        assert fetch(f"{base}/sparql?query=ASK%7B%7D")[0] == 200  # and others are asked after it


def test_a_full_queue_says_when_to_come_back(tmp_path: Path) -> None:
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [Path(__file__).parents[2] / "data"])
    limits = {"SPARQL_TIMEOUT": "2", "SPARQL_WORKERS": "1", "SPARQL_QUEUE": "0", "WEB_WORKERS": "1"}
    with serving(settings.DATA_DIR, port, **limits) as base, ThreadPoolExecutor(2) as threads:
        assert fetch(f"{base}/sparql?query=ASK%7B%7D")[0] == 200
        seen = set()
        for _ in range(10):  # whichever query comes first has the worker, and that may be the short one
            endless = threads.submit(fetch, f"{base}/sparql?" + urlencode({"query": CROSS_JOIN}))
            while not endless.done() and not seen:
                try:
                    urllib.request.urlopen(f"{base}/sparql?query=ASK%7B%7D", timeout=30).close()
                except urllib.error.HTTPError as error:
                    with error:
                        seen.add((error.code, error.headers["Retry-After"]))
            assert fetch(f"{base}/health")[0] == 200
            assert endless.result()[0] == 503
            if seen:
                break
        assert seen == {(503, "5")}


def test_requests_while_releases_are_published(tmp_path: Path, write_page: Callable[..., Path]) -> None:
    """Every answer comes from one release, and none fails, however often the release changes under it."""
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site", KEEP_RELEASES=1)

    def unmarked(body: bytes) -> bytes:
        """A page without the marks that show what was searched for."""
        return body.replace(b"<mark>", b"").replace(b"</mark>", b"")

    def publish(number: int) -> None:
        records = [{"title": f"Release {number}", "number": str(key)} for key in range(1, 6)]
        assert pipeline.load(settings, [write_page(*records)]).release == number

    publish(1)
    query = "PREFIX d: <http://purl.org/dc/terms/> SELECT DISTINCT ?t { ?r d:identifier ?i ; d:title ?t }"
    sparql = f"/sparql?format=csv&query={quote(query)}"
    paths = ("/search?q=release", sparql, "/doc/resource/3", "/doc/resource/3.ttl", "/doc/concept/probation", "/")
    with serving(settings.DATA_DIR, port, SEARCH_RATE="0") as base:
        stop = threading.Event()
        answers: list[tuple[str, int, bytes]] = []

        def ask(path: str) -> None:
            while not stop.is_set():
                status, body = fetch(base + path)
                answers.append((path, status, unmarked(body)))

        askers = [threading.Thread(target=ask, args=(path,)) for path in paths]
        for asker in askers:
            asker.start()
        try:
            for number in range(2, 12):
                publish(number)
        finally:
            stop.set()
            for asker in askers:
                asker.join()
        last = unmarked(fetch(base + "/search?q=release")[1])
    assert {status for _, status, _ in answers} == {200}
    seen = set()
    for path, _, body in answers:
        releases = set(re.findall(rb"Release (\d+)", body))
        assert len(releases) == 1 or path == "/", path
        seen |= releases
    assert len(seen) > 3
    assert b"Release 11" in last
    assert len(list((settings.DATA_DIR / "releases").iterdir())) <= 4  # those still read when the last was made


def start(data_dir: Path, port: int) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    environment["PUBLISHER_BASE_URL"] = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "publisher", "--data-dir", str(data_dir), "serve", "--port", str(port)]
    return subprocess.Popen(
        command, env=environment, cwd=data_dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "in a query"])
def test_the_server_ends_and_leaves_no_process(tmp_path: Path, signal_number: int, busy: bool) -> None:
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [Path(__file__).parents[2] / "data"])
    with start(settings.DATA_DIR, port) as process:
        for _ in range(200):
            with suppress(urllib.error.URLError, ConnectionError):
                fetch(f"http://127.0.0.1:{port}/sparql?query=ASK%7B%7D")
                break
            time.sleep(0.1)
        if busy:
            url = f"http://127.0.0.1:{port}/sparql?" + urlencode({"query": CROSS_JOIN})

            def ask() -> None:
                with suppress(OSError, http.client.HTTPException):
                    fetch(url)

            threading.Thread(target=ask, daemon=True).start()
            time.sleep(0.5)
        processes = descendants(process.pid)
        kept = [Path(f"/proc/{each}/environ").read_bytes().count(b"MALLOC_") for each in processes]
        assert 2 in kept  # the allocator of the server's own processes keeps what they free
        assert len(processes) >= 3  # two server processes and a query worker at least
        begin = time.monotonic()
        process.send_signal(signal_number)
        process.wait(20)
        while alive(processes) and time.monotonic() < begin + 10:
            time.sleep(0.05)
        assert time.monotonic() - begin < 10
        assert alive(processes) == set()
        output = process.stdout.read() if process.stdout else ""
        assert "Traceback" not in output, output


def refused(settings: Settings, port: int, base: str) -> str:
    """What `publisher serve` says when it does not start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    environment["PUBLISHER_BASE_URL"] = base
    command = [sys.executable, "-m", "publisher", "--data-dir", str(settings.DATA_DIR), "serve", "--port", str(port)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_port_that_is_taken(server: str, tmp_path: Path) -> None:
    port = int(server.rpartition(":")[2])
    assert f"127.0.0.1:{port} cannot be served" in refused(Settings(DATA_DIR=tmp_path / "site"), port, server)


def test_records_published_under_another_address(published: Settings) -> None:
    said = refused(published, free_port(), "https://elsewhere.example")
    assert "was published under https://lib.example/, but BASE_URL is https://elsewhere.example/" in said
