"""Real clients harvest a real server to the end, while records change, and after the server was killed in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from conftest import ROOT, free_port, serving
from oai_fixtures import digest

from publisher import pipeline
from publisher.mapping import Described, Mapping
from publisher.moments import second_after
from publisher.record import Record
from publisher.settings import Settings

sickle = pytest.importorskip("sickle")
oaipmh_scythe = pytest.importorskip("oaipmh_scythe")

RECORDS = 250
Held = dict[str, tuple[str, bool]]  # what a harvester has: identifier -> datestamp and whether it is deleted
PERL_OAI = """
use HTTP::OAI; my ($url, $since) = @ARGV;
my $answer = HTTP::OAI::Harvester->new(baseURL => $url, resume => 1)->ListRecords(
    metadataPrefix => "oai_dc", $since ? (from => $since) : (), onRecord => sub {
        my $header = $_[0]->header;
        print join("\\t", $header->identifier, $header->datestamp, $header->is_deleted ? 1 : 0), "\\n";
    });
die $answer->message if $answer->is_error;
"""
PERL_CATMANDU = """
use Catmandu qw(importer); my ($url, $since) = @ARGV;
importer("OAI", url => $url, metadataPrefix => "oai_dc", $since ? (from => $since) : ())->each(sub {
    print join("\\t", $_[0]{_identifier}, $_[0]{_datestamp}, ($_[0]{_status} // "") eq "deleted" ? 1 : 0), "\\n";
});
"""


@pytest.fixture(autouse=True)
def _directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def by_sickle(url: str, since: str) -> Held:
    arguments = {"metadataPrefix": "oai_dc"} | ({"from": since} if since else {})
    try:
        headers = [record.header for record in sickle.Sickle(url).ListRecords(**arguments)]
    except sickle.oaiexceptions.NoRecordsMatch:
        return {}
    return {header.identifier: (header.datestamp, bool(header.deleted)) for header in headers}


def by_scythe(url: str, since: str) -> Held:
    with oaipmh_scythe.Scythe(url) as client:
        try:
            found = client.list_records(metadata_prefix="oai_dc", **({"from_": since} if since else {}))
            headers = [record.header for record in found]
        except oaipmh_scythe.exceptions.NoRecordsMatch:
            return {}
        return {header.identifier: (header.datestamp, bool(header.deleted)) for header in headers}


def by_perl(module: str, program: str) -> Callable[[str, str], Held]:
    def harvest(url: str, since: str) -> Held:
        perl = shutil.which("perl") or "perl"
        if shutil.which(perl) is None or subprocess.run([perl, f"-M{module}", "-e1"], capture_output=True).returncode:
            pytest.skip(f"Perl's {module} is not installed")
        result = subprocess.run([perl, "-e", program, url, since], capture_output=True, text=True, check=True)
        rows = [line.split("\t") for line in result.stdout.splitlines()]
        return {identifier: (datestamp, deleted == "1") for identifier, datestamp, deleted in rows}

    return harvest


CLIENTS = {
    "sickle": by_sickle,
    "oaipmh-scythe": by_scythe,
    "HTTP::OAI": by_perl("HTTP::OAI", PERL_OAI),
    "Catmandu": by_perl("Catmandu::Importer::OAI", PERL_CATMANDU),
}


@dataclass
class Site:
    base: str
    folder: Path
    pages: Path

    @property
    def oai(self) -> str:
        return f"{self.base}/oai"

    @property
    def settings(self) -> Settings:
        return Settings(BASE_URL=self.base, DATA_DIR=self.folder)

    def receipt(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base}/receipt") as answer:
            return dict(json.load(answer))

    def mend(self, first: int, last: int, word: str) -> None:
        """Publishes corrected titles of the records from one shelf number to another."""
        text = self.pages.read_text("utf-8")
        for number in range(first, last):
            before, mark, after = text.partition(f"\n\nShelf Number: {number}\n")
            head, title, rest = before.rpartition("\nTitle: ")
            text = f"{head}{title}{word} {rest}{mark}{after}"
        path = self.folder.parent / f"{word}.txt"
        path.write_text(text, "utf-8")
        pipeline.load(self.settings, [path])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server over generated records, in pages of forty."""
    folder = tmp_path_factory.mktemp("oai")
    generator = [sys.executable, str(ROOT / "benchmarks" / "generate.py"), str(RECORDS), "--out", str(folder / "pages")]
    subprocess.run(generator, check=True, capture_output=True)
    port = free_port()
    made = Site(f"http://127.0.0.1:{port}", folder / "site", next((folder / "pages").iterdir()))
    pipeline.load(made.settings, [made.pages])
    with serving(made.folder, port, OAI_PAGE_SIZE="40"):
        yield made


def test_clients_have_everything_and_can_prove_it(site: Site) -> None:
    """In full, then what was changed and withdrawn since; each then has what the receipt says."""
    before = site.receipt()
    assert before["count"] == RECORDS
    stores: dict[str, Held] = {}
    for name, harvest in CLIENTS.items():
        try:
            stores[name] = harvest(site.oai, "")
        except pytest.skip.Exception:
            continue
        assert len(stores[name]) == RECORDS, name
        assert digest(stores[name]) == before["digest"], name
    assert len(stores) >= 2
    site.mend(200_010, 200_030, "Mended")
    pipeline.withdraw(site.settings, [str(number) for number in range(200_100, 200_110)])
    after = site.receipt()
    assert (after["count"], after["withdrawn"]) == (RECORDS - 10, 10)
    for name, store in stores.items():
        news = CLIENTS[name](site.oai, before["datestamp"])
        store |= news
        assert sum(deleted for _, deleted in news.values()) == 10, name
        assert digest(store) == after["digest"], name


def test_a_harvest_while_a_load_is_running(site: Site) -> None:
    before = site.receipt()
    answers = sickle.Sickle(site.oai).ListRecords(metadataPrefix="oai_dc")
    store: Held = {}
    for number, record in enumerate(answers):
        if number in (50, 150):
            site.mend(200_020 + number, 200_040 + number, f"Round{number}")
        store[record.header.identifier] = record.header.datestamp, bool(record.header.deleted)
    assert site.receipt()["release"] == before["release"] + 2
    store |= by_sickle(site.oai, before["datestamp"])
    assert digest(store) == site.receipt()["digest"]


def test_a_harvest_goes_on_after_the_server_was_killed(site: Site, tmp_path: Path) -> None:
    """The same token is taken by another server over the same records."""
    port = free_port()
    with urllib.request.urlopen(f"{site.oai}?verb=ListIdentifiers&metadataPrefix=oai_dc") as answer:
        page = answer.read().decode()
    token = page.partition("<resumptionToken")[2].partition(">")[2].partition("<")[0]
    environment = {**os.environ, "PUBLISHER_BASE_URL": site.base, "PUBLISHER_OAI_PAGE_SIZE": "7"}
    command = [sys.executable, "-m", "publisher", "--data-dir", str(site.folder), "serve", "--port", str(port)]

    def ask(token: str) -> str:
        url = f"http://127.0.0.1:{port}/oai?verb=ListIdentifiers&resumptionToken={quote(token)}"
        for _ in range(300):
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    return str(answer.read().decode())
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server does not answer")

    found = page.count("<identifier>")
    for _ in range(2):  # the second server goes on where the first was killed
        with subprocess.Popen(command, env=environment, cwd=tmp_path, start_new_session=True) as process:
            page = ask(token)
            found += page.count("<identifier>")
            token = page.partition("<resumptionToken")[2].partition(">")[2].partition("<")[0]
            os.killpg(process.pid, signal.SIGKILL)
    assert found == 40 + 7 + 7
    rest = by_token(site.oai, token)
    assert found + rest == RECORDS


def by_token(url: str, token: str) -> int:
    found = 0
    while token:
        with urllib.request.urlopen(f"{url}?verb=ListIdentifiers&resumptionToken={quote(token)}") as answer:
            page = answer.read().decode()
        found += page.count("<identifier>")
        token = page.partition("<resumptionToken")[2].partition(">")[2].partition("<")[0]
    return found


def test_a_client_is_told_of_what_reads_otherwise(
    site: Site, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A keyword is called otherwise by a load of one record: the others that name it arrive anew, with the new name."""
    lighthouses = [{"title": title, "number": title, "keywords": "Lighthouses"} for title in ("A1", "A2")]
    pipeline.load(site.settings, [write_page(*lighthouses)])
    before, store = site.receipt(), by_sickle(site.oai, "")
    describe = Mapping.describe

    def shouting(self: Mapping, record: Record) -> Described:
        described = describe(self, record)
        described.descriptions[1:] = [
            replace(each, label="LIGHTHOUSES", statements=each.statements[1:]) if each.key == "lighthouses" else each
            for each in described.descriptions[1:]
        ]
        return described

    monkeypatch.setattr(Mapping, "describe", shouting)
    pipeline.load(site.settings, [write_page({"title": "A3", "number": "A3", "keywords": "Lighthouses"})])
    since = second_after(before["datestamp"])
    news = list(sickle.Sickle(site.oai).ListRecords(metadataPrefix="oai_dc", **{"from": since}))
    assert {record.metadata["title"][0] for record in news} == {"A1", "A2", "A3"}
    assert all("LIGHTHOUSES" in record.metadata["subject"] for record in news)
    assert {record.header.datestamp for record in news} == {site.receipt()["datestamp"]}
    names = {found.setSpec: found.setName for found in sickle.Sickle(site.oai).ListSets()}
    assert names["keyword:lighthouses"] == "LIGHTHOUSES"
    assert digest(store | by_sickle(site.oai, since)) == site.receipt()["digest"]
