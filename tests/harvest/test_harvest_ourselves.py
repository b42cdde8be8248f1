"""One of our servers harvests another of ours: the same records, changes and deletions, and the proof that it is so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from conftest import RECORDS, free_port, serving

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.cli import main
from publisher.crosswalks import own_record
from publisher.mapping import Mapping
from publisher.readers import own_record as reader
from publisher.record import Fault, Record
from publisher.settings import Settings
from publisher.view import of_entry

HERE = "https://lib.example/"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("PUBLISHER_BASE_URL", HERE)
    monkeypatch.setenv("PUBLISHER_HARVEST_PAUSE", "0")


@pytest.fixture
def there(tmp_path: Path, write_page: Callable[..., Path]) -> Iterator[Settings]:
    """Another publisher with three records, at a path of its own and with a code before its keys."""
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}/", DATA_DIR=tmp_path / "there")
    pipeline.load(settings, [write_page(*({"title": f"Report {n}", "number": str(n)} for n in (1, 2, 3)))])
    with serving(settings.DATA_DIR, port, BASE_URL=settings.BASE_URL, OAI_PAGE_SIZE="2"):
        yield settings


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def described(folder: Path, base: str) -> dict[tuple[str, str], list[str]]:
    """What is said of every thing, with one base for all sites."""
    catalog = Catalog(folder)
    try:
        return {
            entry.name: sorted(line.replace(base, HERE) for line in entry.lines if "#import>" not in line)
            for entry in catalog.entries()
            if entry.kind != "dataset"
        }
    finally:
        catalog.close()


def test_all_samples_arrive_as_they_are(server: str, published: Settings) -> None:
    result = run("harvest", "--verify", f"{server}/oai")
    assert f"{RECORDS} published" in result.output
    assert f"Complete: all {RECORDS} records" in result.output
    assert result.exit_code == 0
    assert described(Path("publisher-data"), HERE) == described(published.DATA_DIR, HERE)


def test_changes_and_deletions_follow_and_are_proved(
    there: Settings, write_page: Callable[..., Path], tmp_path: Path
) -> None:
    url = f"{there.BASE_URL}oai"
    assert "Complete: all 3 records" in run("harvest", "--verify", url).output
    data = tmp_path / "publisher-data"
    assert described(data, HERE) == described(there.DATA_DIR, there.base)
    pipeline.load(there, [write_page({"title": "Mended", "number": "2"}, {"title": "New", "number": "4"})])
    pipeline.withdraw(there, ["1"])
    result = run("harvest", "--verify", url)
    assert "2 published" in result.output
    assert "1 withdrawn" in result.output
    assert "Complete: all 3 records" in result.output
    assert result.exit_code == 0
    assert described(data, HERE) == described(there.DATA_DIR, there.base)
    assert run("verify").exit_code == 0


def test_what_is_missing_is_named(there: Settings, tmp_path: Path) -> None:
    url = f"{there.BASE_URL}oai"
    assert run("harvest", url).exit_code == 0
    ledger = next((tmp_path / "publisher-data" / "harvest").glob("*/ledger.sqlite"))
    with sqlite3.connect(ledger) as db:
        db.execute("DELETE FROM held WHERE identifier LIKE '%:1'")
        db.execute("UPDATE held SET datestamp = '2001-01-01T00:00:00Z' WHERE identifier LIKE '%:2'")
        db.execute("INSERT INTO held VALUES ('oai:localhost.invalid:9', '2001-01-01T00:00:00Z', 0)")
    db.close()
    # what changed since is asked for again, which would mend it; nothing did
    result = run("harvest", "--verify", "--since", "2999-01-01", url)
    assert "1 missing (oai:localhost.invalid:1), 1 stale (oai:localhost.invalid:2)" in result.output
    assert "1 too many (oai:localhost.invalid:9)" in result.output
    assert result.exit_code == 1
    assert "Complete" in run("harvest", "--full", "--verify", url).output


def test_a_record_is_read_back_as_it_is(published: Settings, tmp_path: Path) -> None:
    catalog, mapping = Catalog(published.DATA_DIR), Mapping(published)
    for entry in catalog.entries("resource"):
        version = of_entry(mapping, catalog, entry)
        path = tmp_path / "record.xml"
        path.write_bytes(own_record.write(version))
        assert reader.recognises(path.read_bytes())
        with path.open("rb") as stream:
            assert list(reader.read(stream, "record.xml")) == [version.record]
    catalog.close()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"source": 1}', '{"source": {"file": "x"}}', "no JSON"],
)
def test_what_is_no_record_is_a_fault(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(f'<record xmlns="https://lib.example/ontology#">{text}</record>')
    with path.open("rb") as stream:
        (fault,) = reader.read(stream, "x.xml")
    assert isinstance(fault, Fault)
    assert "no record of a publisher like this one" in fault.message


def test_a_value_of_another_type_is_a_fault(tmp_path: Path, published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    data = catalog.get("resource", "123404").data["record"]
    catalog.close()
    good = Record.from_json(data)
    for change in (
        {"title": [{"text": 5}]},
        {"withdrawn": "no"},
        {"creators": [{"heading": {"text": "A"}, "kind": "dog"}]},
    ):
        path = tmp_path / "x.xml"
        text = (
            orjson.dumps({**orjson.loads(orjson.dumps(good)), **change})
            .decode()
            .replace("&", "&amp;")
            .replace("<", "&lt;")
        )
        path.write_text(f'<record xmlns="https://lib.example/ontology#">{text}</record>', "utf-8")
        with path.open("rb") as stream:
            assert isinstance(next(iter(reader.read(stream, "x.xml"))), Fault), change
