"""What the README shows is so: its record, its triples, its commands, its addresses, its settings."""

from __future__ import annotations

import re
import tomllib
import urllib.request
from pathlib import Path

import pytest
import rdflib
from click.testing import CliRunner
from conftest import ROOT, SEED

from publisher import settings as settings_table
from publisher.cli import main
from publisher.mapping import Mapping
from publisher.mapping.terms import Context
from publisher.readers import read
from publisher.record import Record
from publisher.settings import Settings
from publisher.validation import to_rdflib

README = (ROOT / "README.md").read_text("utf-8")


def block(language: str, containing: str) -> str:
    for found in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL):
        if containing in found:
            return str(found)
    raise AssertionError(f"the README has no {language} block with {containing}")


def test_the_record_is_the_one_in_data() -> None:
    lines = SEED.read_text("utf-8").splitlines()
    for line in block("text", "Shelf Number").splitlines():
        assert line in lines or any(candidate.startswith(line.partition("…")[0]) for candidate in lines)


def test_the_triples_are_those_of_the_record() -> None:
    prefixes = "".join(
        f"@prefix {name}: <{iri}> .\n" for name, iri in Context("http://127.0.0.1:8000/").prefixes.items()
    )
    shown = rdflib.Graph().parse(data=prefixes + block("turtle", "dcterms:title"), format="turtle")
    (record,) = read(SEED)
    assert isinstance(record, Record)
    made = rdflib.Graph()
    to_rdflib(Mapping(Settings()).describe(record).resource.statements, made)
    assert len(shown) > 10
    assert set(shown) - set(made) == set()


def test_the_commands_are_there_and_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "one.txt").write_bytes(SEED.read_bytes())
    commands = re.findall(r"^\.venv/bin/publisher (.+?)(?:\s{2,}#.*)?$", README, re.MULTILINE)
    names = {command.split()[0] for command in commands}
    assert names >= {"check", "map", "load", "status", "releases", "rollback", "verify", "backup", "query"}
    commands.sort(key=lambda command: command.split()[0] == "rollback")  # there is a release 1 after the load
    for command in commands:
        arguments = [part.strip("'") for part in re.findall(r"'[^']*'|\S+", command)]
        result = CliRunner().invoke(main, arguments, catch_exceptions=False)
        assert result.exit_code == 0, f"{command}: {result.output}"
    # every command is in the README or in its own help
    assert set(main.commands) - names <= {"withdraw", "settings", "serve", "harvest", "accept", "move", "use", "rebase"}


def test_the_addresses_answer(server: str) -> None:
    addresses = set(re.findall(r"<(http://127\.0\.0\.1:8000/[^>]*)>", README))
    assert len(addresses) >= 7
    for address in addresses:
        with urllib.request.urlopen(address.replace("http://127.0.0.1:8000", server), timeout=20) as response:
            assert response.status == 200


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    shown = tomllib.loads(block("toml", "BASE_URL"))
    path = tmp_path / "publisher.toml"
    path.write_text(block("toml", "BASE_URL"), "utf-8")
    loaded = settings_table.load(path, environ={})
    for name, value in shown.items():
        assert str(getattr(loaded, name)) == value


def test_every_document_that_is_named_is_there() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).is_file(), path


DOCUMENTS = ["protocols", "sparql", "deployment", "mapping", "validation", "conformance"]


@pytest.mark.parametrize("name", [f"docs/{name}.md" for name in DOCUMENTS])
def test_settings_and_files_named_in_the_documents_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for setting in re.findall(r"`([A-Z]{2,}_[A-Z_]+)`", text):
        assert setting in settings_table.ROWS, setting
    for path in re.findall(r"`((?:ontology|shapes|tests|data|benchmarks)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
