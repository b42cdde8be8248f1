"""Several web machines from copies of one release, as docs/scaling.md tells: no reader sees an error or a mixture."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import ROOT, free_port, nginx, serving
from flask import Flask

from publisher import moments, pipeline, releases
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
TITLES = quote("SELECT ?t { ?r <http://purl.org/dc/terms/title> ?t FILTER(CONTAINS(STR(?r), '/id/')) }")
NUMBERS = [str(number) for number in range(400, 430)]
BALANCER = """
upstream machines {{ {machines} }}
server {{
  listen 127.0.0.1:{port};
  location / {{
    proxy_pass http://machines; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_next_upstream error timeout http_502 http_503 non_idempotent;
  }}
}}
"""


class Machine:
    """A web machine: a folder with what it serves, `current`, and a server that can be restarted."""

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base, self.port = folder, base, free_port()
        self.server = ExitStack()

    def install(self, copy: Path) -> None:
        """What docs/scaling.md does on each machine, in its own commands."""
        (script,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "scaling.md").read_text("utf-8"), re.DOTALL)
        commands = script.partition("# on each web machine\n")[2].replace("/srv/publisher", str(self.folder))
        before, stop, rest = commands.partition("systemctl stop publisher\n")
        after, start, _ = rest.partition("systemctl start publisher\n")
        assert stop
        assert start
        self.run(before.replace("writer:/srv/copy", str(copy)))
        self.server.close()
        self.run(after)
        self.server = ExitStack()
        self.server.enter_context(serving(self.folder / "current", self.port, BASE_URL=self.base, WEB_WORKERS="1"))

    def run(self, commands: str) -> None:
        done = subprocess.run(["sh", "-euc", commands], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[Machine]]:
    if shutil.which("rsync") is None:
        pytest.skip("there is no rsync here: apt-get install rsync")
    made = [Machine(tmp_path / name, "https://lib.example") for name in ("one", "two")]
    for machine in made:
        machine.folder.mkdir()
    yield made
    for machine in made:
        machine.server.close()


def test_a_release_reaches_all_machines_while_they_are_read(
    settings: Settings, machines: list[Machine], write_page: Callable[..., Path], tmp_path: Path
) -> None:
    def publish(word: str) -> Path:
        pipeline.load(settings, [write_page(*({"title": f"{word} {number}", "number": number} for number in NUMBERS))])
        copy = tmp_path / f"copy-{word}"
        releases.backup(settings, copy)
        return copy

    first = publish("Older")
    for machine in machines:
        machine.install(first)
    seen: list[set[str]] = []
    wrong: list[object] = []
    over = threading.Event()

    def read(address: str) -> None:
        paths = [f"/sparql?query={TITLES}", "/search.json?q=report&n=50", "/doc/resource/410.ttl", "/doc/resource/411"]
        while not over.is_set():
            for path in paths:
                try:
                    with urllib.request.urlopen(address + path, timeout=20) as response:
                        words = set(re.findall(r"(Older|Newer) 4\d\d", response.read().decode()))
                except OSError as error:
                    wrong.append((path, error))
                    continue
                if len(words) != 1:
                    wrong.append((path, words))
                seen.append(words)

    port = free_port()
    upstream = " ".join(f"server 127.0.0.1:{machine.port} max_fails=0;" for machine in machines)
    with nginx(tmp_path / "nginx", BALANCER.format(machines=upstream, port=port), port) as address:
        readers = [threading.Thread(target=read, args=(address,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            second = publish("Newer")
            for machine in machines:
                machine.install(second)
            count = len(seen)
            while len(seen) < count + 40 and not wrong:
                time.sleep(0.05)
        finally:
            over.set()
            for reader in readers:
                reader.join()
    assert wrong == []
    assert {"Older"} in seen
    assert seen[-12:] == [{"Newer"}] * 12


def test_a_harvester_of_a_copy_misses_nothing(
    settings: Settings, write_page: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told the time of the copy, so that its next harvest asks for what was published since that was made."""
    pipeline.load(settings, [write_page({"title": "One", "number": "1"})])
    made = moments.now()
    releases.backup(settings, tmp_path / "copy")
    monkeypatch.setattr(moments, "now", lambda: "2999-01-01T00:00:00Z")
    assert moments.seen_until(settings.DATA_DIR) == "2999-01-01T00:00:00Z"
    assert made <= moments.seen_until(tmp_path / "copy") < "2999"
    monkeypatch.undo()
    copy = replace(settings, DATA_DIR=tmp_path / "copy")
    pipeline.load(copy, [write_page({"title": "Two", "number": "2"})])
    monkeypatch.setattr(moments, "now", lambda: "2999-01-01T00:00:00Z")
    assert moments.seen_until(copy.DATA_DIR) == "2999-01-01T00:00:00Z"  # where records are loaded is no copy


def test_a_list_is_not_gone_on_with_on_a_machine_that_is_behind(
    settings: Settings, write_page: Callable[..., Path], tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    paged = replace(settings, OAI_PAGE_SIZE=2)
    pipeline.load(paged, [write_page(*({"title": f"Report {n}", "number": n} for n in NUMBERS[:4]))])
    releases.backup(paged, tmp_path / "copy")
    pipeline.load(paged, [write_page(*({"title": f"Report {n}", "number": n} for n in NUMBERS[:8]))])
    ahead = make_app(paged).test_client()
    behind = make_app(replace(paged, DATA_DIR=tmp_path / "copy")).test_client()
    page = ahead.get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc").text
    (token,) = re.findall(r"<resumptionToken[^>]*>([^<]+)<", page)
    asked = f"/oai?verb=ListIdentifiers&resumptionToken={quote(token)}"
    refused = behind.get(asked)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0
    assert ahead.get(asked).status_code == 200
    (token,) = re.findall(
        r"<resumptionToken[^>]*>([^<]+)<", behind.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").text
    )
    assert ahead.get(f"/oai?verb=ListRecords&resumptionToken={quote(token)}").status_code == 200
