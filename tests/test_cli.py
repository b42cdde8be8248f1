"""The commands as somebody types them: what they print, and their exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pyoxigraph
import pytest
import rdflib
from click.testing import CliRunner, Result
from conftest import DATA, RECORDS, SEED
from rdflib.compare import isomorphic

from publisher.cli import main

Write = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `publisher …` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object, given: str | None = None) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


COMMANDS = (
    "load",
    "check",
    "map",
    "serve",
    "query",
    "withdraw",
    "accept",
    "status",
    "releases",
    "rollback",
    "verify",
    "backup",
    "settings",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Callable[..., Result], command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Usage: main {command}" in result.output
    assert command in run("--help").output


def test_the_life_of_a_site(run: Callable[..., Result], write_page: Write, tmp_path: Path) -> None:
    result = run("load", DATA)
    assert result.exit_code == 0
    assert f"{RECORDS} published, 0 unchanged, 19 with warnings, 0 refused" in result.output.splitlines()
    assert "Release 1 is current." in result.output
    result = run("load", DATA)
    assert result.exit_code == 0
    assert f"0 published, {RECORDS} unchanged" in result.output
    assert "no new release" in result.output
    assert f"Resources: {RECORDS}" in run("status").output
    result = run("withdraw", "123404", "nonsense")
    assert result.exit_code == 1
    assert "1 withdrawn" in result.output
    assert "nonsense" in result.output
    result = run("rollback", 1)
    assert result.exit_code == 0
    assert "Release 3 is current." in result.output
    lines = run("releases").output.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["3*", "2", "1"]
    result = run("verify")
    assert result.exit_code == 0
    assert "as the catalog says" in result.output
    assert "Release 4 was made from the catalog" in run("verify", "--rebuild").output
    assert "Release 4 is in" in run("backup", tmp_path / "copy").output
    assert f"Resources: {RECORDS}" in run("--data-dir", tmp_path / "copy", "status").output


def test_a_refused_record_gives_exit_status_1(run: Callable[..., Result], write_page: Write) -> None:
    page = write_page({"title": "One", "number": "1"}, {"title": "", "number": "2"})
    for command in (("load", page), ("load", "--dry-run", page), ("check", page)):
        result = run(*command)
        assert result.exit_code == 1
        assert "A record needs exactly one title." in result.output
        assert "1 refused" in result.output


def test_check_reports_as_json_and_turtle(run: Callable[..., Result], write_page: Write) -> None:
    page = write_page({"title": "One", "number": "1"}, {"title": "", "number": "2"})
    report = orjson.loads(run("check", "--report-format", "json", page).output)
    assert (report["read"], report["passed"], report["refused"]) == (2, 1, 1)
    violation = next(finding for finding in report["findings"] if finding["severity"] == "violation")
    assert (violation["file"], violation["field"]) == (str(page), "Title")
    assert violation["line"] > 0
    graph = rdflib.Graph().parse(data=run("check", "--report-format", "turtle", page).output, format="turtle")
    sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
    (root,) = graph.subjects(rdflib.RDF.type, sh.ValidationReport)
    assert graph.value(root, sh.conforms) == rdflib.Literal(False)
    assert sh.Violation in set(graph.objects(None, sh.resultSeverity))


def test_map_prints_the_same_graph_in_every_syntax(run: Callable[..., Result]) -> None:
    graphs = {}
    for syntax, name in (("turtle", "turtle"), ("nt", "nt"), ("jsonld", "json-ld")):
        graphs[syntax] = rdflib.Graph().parse(data=run("map", "--to", syntax, SEED).stdout, format=name)
    assert len(graphs["nt"]) > 100
    assert isomorphic(graphs["nt"], graphs["turtle"])
    assert isomorphic(graphs["nt"], graphs["jsonld"])
    quads = [
        set(pyoxigraph.Dataset(pyoxigraph.parse(run("map", "--to", syntax, SEED).stdout.encode(), format=form)))
        for syntax, form in (("nquads", pyoxigraph.RdfFormat.N_QUADS), ("trig", pyoxigraph.RdfFormat.TRIG))
    ]
    assert len(quads[0]) == len(quads[1]) == len(graphs["nt"])
    assert len({quad.graph_name for quad in quads[0]}) == len({quad.graph_name for quad in quads[1]}) == 12


def test_query_prints_tables_and_formats(run: Callable[..., Result], tmp_path: Path) -> None:
    run("load", SEED)
    prefix = "PREFIX dcterms: <http://purl.org/dc/terms/>"
    question = prefix + ' SELECT ?title { ?record dcterms:identifier "123404" ; dcterms:title ?title }'
    assert "Thematic Inspection Report" in run("query", question).output
    (tmp_path / "question.rq").write_text(question)
    assert run("query", "question.rq", "--output", "csv").stdout.splitlines()[0] == "title"
    assert "dc/terms" in run("query", "DESCRIBE <http://127.0.0.1:8000/id/resource/123404>", "--output", "nt").stdout
    assert run("query", "ASK { ?s ?p ?o }").output.strip() == "yes"
    assert run("query", "question.rq", "--file", "out.csv").output == ""
    assert Path("out.csv").read_bytes().startswith(b"title\r\nThematic")
    assert run("query", "question.rq", "--file", "out", "--output", "table").exit_code == 2
    assert run("query", "-", given="ASK {}").output.strip() == "yes"
    result = run("query", "SELECT ?nonsense {")
    assert result.exit_code == 2
    assert "Error:" in result.output
    assert "\nSELECT ?nonsense {\n                  ^" in result.output
    assert run("query", question, "--output", "turtle").exit_code == 2
    result = run("query", "DELETE WHERE { ?s ?p ?o }")
    assert result.exit_code == 2
    assert "read-only" in result.output


def test_query_asks_named_queries_and_the_search_index(run: Callable[..., Result]) -> None:
    run("load", SEED)
    assert run("query", "years", "--output", "csv").stdout.splitlines() == ["year,records", "2011,1"]
    assert "Thematic" in run("query", "words", "-p", "words=thematic inspect*").output
    assert "Thematic" not in run("query", "words", "-p", "words=nothing of the sort").output
    for wrong in (("years", "-p", "x=1"), ("year", "-p", "year=soon"), ("ASK {}", "-p", "x=1")):
        assert run("query", *wrong).exit_code == 2


def test_wrong_use_is_told_with_exit_status_2(run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("load").exit_code == 2
    for command in ("status", "verify", "releases"):
        result = run(command)
        assert result.exit_code == 2
        assert "publisher load" in result.output
    monkeypatch.setenv("PUBLISHER_BASE_URI", "https://lib.example")
    result = run("settings")
    assert result.exit_code == 2
    assert "the nearest is BASE_URL" in result.output


def test_settings_are_listed_with_their_explanations(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").write_text('TITLE = "Gray literature"\n')
    output = run("settings").output
    assert "TITLE = Gray literature (default: Library records)" in output
    assert "SPARQL_TIMEOUT = 10.0" in output


def test_the_module_is_the_same_program() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
    command = [sys.executable, "-m", "publisher", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert result.stdout.startswith("publisher, version ")
