"""What the tests share: the samples, a site published from them, and a real server over it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from publisher import pipeline, releases
from publisher.settings import Settings

ROOT = Path(__file__).parent.parent
DATA = ROOT / "data"
SEED = DATA / "record-page.txt"
RECORDS = 76  # that data/ holds, all of them good


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests gets into them."""
    for name in [name for name in os.environ if name.startswith("PUBLISHER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A site of its own, with nothing published."""
    return Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path / "site")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A site that holds the samples; tests read it and change nothing."""
    folder = tmp_path_factory.mktemp("published") / "site"
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=folder, SEARCH_RATE=0)
    pipeline.load(settings, [DATA])
    return settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data_dir: Path, port: int, **settings: str) -> Iterator[str]:
    """A real server, `publisher serve`, over a folder; gives its base URL."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    environment |= {f"PUBLISHER_{name}": value for name, value in settings.items()}
    environment.setdefault("PUBLISHER_BASE_URL", f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "publisher", "--data-dir", str(data_dir), "serve", "--port", str(port)]
    log = data_dir / "server.log"
    with (
        log.open("w") as output,
        subprocess.Popen(command, env=environment, cwd=data_dir, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(300):
                if process.poll() is not None:
                    raise RuntimeError(f"the server ended: {log.read_text()}")
                try:
                    with urllib.request.urlopen(f"{base}/robots.txt", timeout=5):
                        break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            else:
                raise RuntimeError(f"the server does not answer: {log.read_text()}")
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


@contextmanager
def nginx(folder: Path, http: str, port: int) -> Iterator[str]:
    """nginx with what stands in its `http` block, until it is no longer needed; gives its address."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("there is no nginx here: apt-get install nginx-light")
    folder.mkdir(exist_ok=True)
    paths = " ".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} pid {folder}/pid; error_log {folder}/error.log;\n"
        "daemon off; worker_processes 1; events {}\n"
        f"http {{ access_log off; {paths}\n{http}\n}}\n"
    )
    with subprocess.Popen([program, "-e", f"{folder}/error.log", "-c", str(folder / "nginx.conf")]) as process:
        try:
            for _ in range(100):
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5):
                    break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server over the samples; gives its base URL, under which they are published."""
    port = free_port()
    folder = tmp_path_factory.mktemp("served") / "site"
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=folder)
    pipeline.load(settings, [DATA])
    with serving(folder, port, SPARQL_TIMEOUT="2", SEARCH_RATE="0") as base:
        yield base


RECORD = """\
Author: {author}

Title: {title}

Summary: What is said here is long enough to be a summary of a report on {title}.

Details: London: Home Office, 2011. 50p.

Source: Internet Resource: Accessed November 19, 2011 at: http://www.example.org/{number}.pdf

Year: 2011

Country: United Kingdom

URL: http://www.example.org/{number}.pdf

Shelf Number: {number}

Keywords:
{keywords}
"""


@pytest.fixture
def write_page(tmp_path: Path) -> Callable[..., Path]:
    """Writes a result page with these records (title, number, and what else differs) and gives its path."""

    def write(*records: dict[str, str], name: str = "page.txt") -> Path:
        blocks = [
            RECORD.format(**{"author": "Smith, Jane A.", "keywords": "Probation\nPrisons", **record})
            for record in records
        ]
        path = tmp_path / name
        path.write_text(f"Results for tests\n\n{len(records)} results found\n\n" + "\n".join(blocks), "utf-8")
        return path

    return write


@pytest.fixture
def moved(settings: Settings, write_page: Callable[..., Path]) -> Settings:
    """A record that had the number OLD 1 when it was published first, and has NEW 1 now."""
    for number in ("OLD 1", "NEW 1"):
        pipeline.load(settings, [write_page({"title": "Prisons at Night", "number": number})])
    assert pipeline.move_key(settings, "OLD 1", "NEW 1") == 3
    assert releases.verify(settings) == []
    return settings
