"""The commands as somebody types them: what they print, and their exit status."""

from __future__ import annotations

import gzip
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import orjson
import pyoxigraph
import pytest
import rdflib
from click.testing import CliRunner, Result
from conftest import DATA, RECORDS, ROOT, SEED
from jsonschema.validators import validator_for
from rdflib.compare import isomorphic

from publisher.cli import main

Write = Callable[..., Path]
SARIF = ROOT / "tests/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


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


def test_check_groups_its_report_by_record_and_says_what_to_do(run: Callable[..., Result], write_page: Write) -> None:
    page = write_page({"title": "One", "number": "1"}, {"title": "", "number": "2", "author": "Transcrime"})
    lines = run("check", page).output.splitlines()
    assert lines[0] == f"{page}, record 2 (2), refused"
    assert sorted(line.split(":")[0] for line in lines[1:3]) == ["  violation", "  warning"]
    assert "Write the title as it stands on the title page" in "".join(lines[1:3])
    assert lines[-1] == "2 read, 1 fit to publish, 0 with warnings, 1 refused"


def test_check_writes_annotations_of_github(run: Callable[..., Result], write_page: Write) -> None:
    """Workflow commands: properties and message are escaped, so that no value ends them."""
    page = write_page({"title": "", "number": "2", "author": "100%: a, b"}, name="a, b.txt")
    lines = run("check", "--report-format", "github", page).output.splitlines()
    assert all(
        re.fullmatch(r"::(error|warning|notice) file=[^,]+,title=[^,:]+(,line=\d+)?::[^\r\n]+", line) for line in lines
    )
    (title,) = [line for line in lines if "::A record needs exactly one title." in line]
    assert title.startswith(f"::error file={str(page).replace(',', '%2C')},title=Title (2),line=")
    assert any("100%25" in line for line in lines)


def test_check_writes_sarif(run: Callable[..., Result], write_page: Write) -> None:
    """SARIF 2.1.0: what section 3 requires of a log, a run, a result and a location, and that references hold."""
    page = write_page({"title": "", "number": "2", "author": "Transcrime"}, name="ä b.txt")
    log = orjson.loads(run("check", "--report-format", "sarif", page).output)
    assert log["version"] == "2.1.0"
    (sarif_run,) = log["runs"]
    driver = sarif_run["tool"]["driver"]
    assert driver["name"] == "publisher"
    assert {result["level"] for result in sarif_run["results"]} <= {"error", "warning", "note"}
    for result in sarif_run["results"]:
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert unquote(physical["artifactLocation"]["uri"]) == str(page)
        assert " " not in physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] >= 1
    (rule,) = [rule for rule in driver["rules"] if rule["id"] == "shapes#title"]
    assert rule["defaultConfiguration"]["level"] == "error"
    assert rule["helpUri"].endswith("/shapes#title")
    assert rule["shortDescription"]["text"].startswith("A record has a title")


@pytest.mark.skipif(not SARIF.is_file(), reason="npm has not put its packages into tests/node_modules")
def test_sarif_keeps_its_schema(run: Callable[..., Result], write_page: Write, tmp_path: Path) -> None:
    """The JSON Schema of SARIF 2.1.0, which the package of Microsoft's matchers for Jest carries."""
    schema = orjson.loads(SARIF.read_bytes())
    validator = validator_for(schema)(schema, format_checker=validator_for(schema).FORMAT_CHECKER)
    (tmp_path / "lines.jsonl").write_text('{"title": "", "shelf_number": "5"}\n{"title"\n', "utf-8")
    page = write_page({"title": "", "number": "2"}, {"title": "Good", "number": "3"}, name="ä b.txt")
    for paths in ((page, tmp_path / "lines.jsonl"), (DATA,)):
        log = orjson.loads(run("check", "--report-format", "sarif", *paths).output)
        assert log["runs"][0]["results"]
        assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["results"][0]["level"] = "violation"
    assert list(validator.iter_errors(log))


def test_check_in_another_language(run: Callable[..., Result], write_page: Write, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "german.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <http://127.0.0.1:8000/shapes#title> sh:message "Ein Eintrag braucht einen Titel."@de .""",
        "utf-8",
    )
    (tmp_path / "publisher.toml").write_text('SHAPES_DIR = "rules"\n', "utf-8")
    page = write_page({"title": "", "number": "2"})
    assert "Ein Eintrag braucht einen Titel." in run("check", "--language", "de", page).output
    assert "A record needs exactly one title." in run("check", page).output


def test_a_broken_rule_of_the_library_is_told(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "own.ttl").write_text("nonsense", "utf-8")
    (tmp_path / "publisher.toml").write_text('SHAPES_DIR = "broken"\n', "utf-8")
    result = run("check", SEED)
    assert result.exit_code == 2
    assert "own.ttl: this file of rules is not Turtle" in result.output


def test_accept_publishes_a_refused_record(run: Callable[..., Result], write_page: Write) -> None:
    page = write_page({"title": "One", "number": "1"}, {"title": "", "number": "2"})
    assert run("load", page).exit_code == 1
    assert run("accept", "2").exit_code == 2  # --why is missing
    assert run("accept", "2", "--why", " ").exit_code == 2
    result = run("accept", "7", "--why", "Because.")
    assert (result.exit_code, "There is no record 7 in quarantine" in result.output) == (2, True)
    result = run("accept", "2", "--why", "It has none.", "--who", "Ann")
    assert result.exit_code == 0
    assert "2 is published as it is. Release 2 is current." in result.output
    assert run("load", page).exit_code == 0
    assert "as the catalog says" in run("verify").output


def test_a_path_that_is_not_there_is_bad_use(run: Callable[..., Result]) -> None:
    for command in ("load", "check", "map"):
        result = run(command, "nothing.txt")
        assert result.exit_code == 2 and "'nothing.txt' does not exist" in result.output


def test_a_file_name_that_is_no_utf_8_is_shown_by_its_bytes(run: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"B\xfccher.txt")).write_bytes(SEED.read_bytes())
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    (folder / "other.txt").write_bytes((DATA / "invented" / "probation.txt").read_bytes())
    result = run("load", folder)
    assert result.exit_code == 0 and "13 published" in result.output
    assert "Bücher" not in result.output
    source = run(
        "query", "SELECT ?o { ?s <http://www.w3.org/2000/01/rdf-schema#label> ?o FILTER(CONTAINS(?o, 'cher')) }"
    )
    assert r"B\xfccher.txt" in source.output


def test_nothing_of_a_file_or_its_name_commands_the_terminal(run: Callable[..., Result], tmp_path: Path) -> None:
    folder = tmp_path / "new\nline"
    folder.mkdir()
    lines = '{"shelf_number": "7", "title": "T", "countries": "\\u001b[31mUtopia"}'
    (folder / "lines\x1b[2J.jsonl").write_text(lines, "utf-8")
    (folder / "other\n.bin").write_bytes(bytes(100))
    for arguments in (
        ("check", folder),
        ("load", folder),
        ("releases",),
        ("status",),
        ("check", folder / "other\n.bin"),
    ):
        result = run(*arguments)
        assert "\x1b" not in result.output
        assert not any(line.startswith(("line", ".bin")) for line in result.output.splitlines())
    report = run("check", folder).output
    assert r"new\nline/lines\x1b[2J.jsonl:" in report
    assert r"\x1b[31mUtopia" in report
    assert r"skipped: " in report and r"other\n.bin: in no format" in report
    explained = run("map", folder, "--explain").stdout
    assert r"new\nline" in explained
    rdflib.Graph().parse(data=explained, format="turtle")


@pytest.mark.parametrize("output", ["--to nt", "--to jsonld", "--explain", "csv", "nt", "xml"])
def test_a_terminal_gets_codes_for_controls_and_a_pipe_every_byte(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    lines = '{"shelf_number": "7", "title": "A\\u009b31m B\\u2028 C\\u007f Ü"}'
    (tmp_path / "lines.jsonl").write_text(lines, "utf-8")
    if output.startswith("--"):
        arguments = ["map", *output.split(), "lines.jsonl"]
    else:
        run("load", "lines.jsonl")
        triple = "{ ?s <http://purl.org/dc/terms/title> ?t }"
        query = f"CONSTRUCT {triple} WHERE {triple}" if output == "nt" else f"SELECT ?t WHERE {triple}"
        arguments = ["query", "--output", output, query]
    piped = run(*arguments).stdout
    assert "A\x9b31m B\u2028 C" in piped
    reading, writing = pty.openpty()
    pieces: list[bytes] = []

    def gather() -> None:
        with suppress(OSError):  # how the end of a terminal is told
            while piece := os.read(reading, 1000):
                pieces.append(piece)

    reader = threading.Thread(target=gather)
    reader.start()
    with os.fdopen(writing, "w", encoding="utf-8") as terminal, monkeypatch.context() as here:
        here.setattr(sys, "stdout", terminal)
        with pytest.raises(SystemExit):
            main(arguments)
    reader.join()
    os.close(reading)
    shown = b"".join(pieces).decode()
    assert r"A\u009B31m B\u2028 C\u007F Ü" in shown
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028]", shown)
    if output == "--to nt":
        assert set(pyoxigraph.parse(shown, format=pyoxigraph.RdfFormat.N_TRIPLES)) == set(
            pyoxigraph.parse(piped, format=pyoxigraph.RdfFormat.N_TRIPLES)
        )


def test_the_labels_of_a_library_s_own_are_as_the_document_says(run: Callable[..., Result], tmp_path: Path) -> None:
    document = (ROOT / "docs" / "formats.md").read_text("utf-8")
    for name, form in (("labels.csv", "csv"), ("page.txt", "text")):
        (tmp_path / name).write_text(re.findall(rf"```{form}\n(.*?)```", document, re.S)[0], "utf-8")
    without = run("map", "page.txt")
    assert "Vries" not in without.stdout
    (tmp_path / "publisher.toml").write_text('PAGE_LABELS = "labels.csv"\n', "utf-8")
    triples = run("map", "page.txt").stdout
    for said in ('"Anna de Vries"', '"NL-77"', '"Preventie"', '"Wijken"', "project: P 12"):
        assert said in triples
    assert "0.0 % left over" in run("check", "page.txt").stdout
    (tmp_path / "publisher.toml").write_text('PAGE_LABELS = "other.csv"\n', "utf-8")
    absent = run("load", "page.txt")
    assert (absent.exit_code, "there is no file other.csv" in absent.output) == (2, True)
    (tmp_path / "other.csv").write_text("label,attribute\nTitel,name\n", "utf-8")
    wrong = run("load", "page.txt")
    assert (wrong.exit_code, "other.csv:2: " in wrong.output) == (2, True)


def test_a_damaged_packed_file_is_missed_in_a_folder(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "page.txt.gz").write_bytes(gzip.compress(SEED.read_bytes())[:60])
    for named in ((), ("--format", "result_page")):
        result = run("check", *named, tmp_path / "in")
        assert result.exit_code == 1
        assert "damaged" in result.output


def test_records_in_a_format_that_is_not_read_are_missed_in_a_folder(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "library.xml").write_text("<xml><records><record><rec-number>1</rec-number>", "utf-8")
    result = run("check", tmp_path / "in")
    assert result.exit_code == 1
    assert "EndNote" in result.output


def test_closed_streams_do_no_harm(run: Callable[..., Result], tmp_path: Path) -> None:
    shut = 'exec "$@" <&- >&- 2>&-'
    for arguments in (("map", SEED), ("--data-dir", "site", "load", SEED)):
        command = ["sh", "-c", shut, "sh", sys.executable, "-m", "publisher", *map(str, arguments)]
        assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    assert run("--data-dir", "site", "verify").exit_code == 0


def test_a_full_disk_is_told_in_a_sentence(run: Callable[..., Result], tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert run("--data-dir", site, "load", SEED).exit_code == 0
    most = (site / "catalog.sqlite").stat().st_size + 60_000
    limited = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most})); "
    limited += "from publisher.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", limited, "--data-dir", str(site), "load", str(DATA)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2 and "Traceback" not in result.stderr
    assert re.search(r"^Error: .*What was published before is as it was\.$", result.stderr, re.M)
    assert re.search("Resources: +1$", run("--data-dir", site, "status").output, re.M)
    assert run("--data-dir", site, "verify").exit_code == 0
