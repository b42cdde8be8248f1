"""Queries through the engine, against stores on disk: what comes back, what is refused, and what is ended."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyoxigraph as ox
import pytest

from publisher.errors import (
    CatalogError,
    MalformedQuery,
    QueryError,
    QueryRefused,
    QueryTimeout,
    QueryTooLarge,
    QueueFull,
)
from publisher.query import Engine, Limits, form
from publisher.query.text import QueryText, edited
from publisher.query.worker import SHARED

RDF = {
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
RECORDS = 400
LIMITS = Limits(
    timeout=20.0,
    max_rows=100_000,
    memory=300 * 2**20,
    max_bytes=50_000_000,
    max_length=50_000,
    max_depth=40,
    workers=2,
    queue=4,
)
CROSS_JOIN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BIG_ORDER = "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f DESC(?c) ?a"
MEMORY_BOMB = """SELECT ?x (GROUP_CONCAT(?f; separator=" ") AS ?all) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND(1 AS ?x) }
    GROUP BY ?x"""


def make_store(folder: Path, records: int, word: str = "title") -> Path:
    lines = []
    for number in range(records):
        thing, graph = f"<http://lib.example/id/{number}>", f"<http://lib.example/doc/{number}>"
        lines += [
            f'{thing} <http://lib.example/p/{field}> "{word} {field} of {number}" {graph} .' for field in range(6)
        ]
        lines.append(f"{thing} <http://lib.example/p/next> <http://lib.example/id/{number + 1}> {graph} .")
    store = ox.Store(str(folder))
    store.bulk_load("\n".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    store.load(
        """@prefix : <http://lib.example/> .
        :one { :a :says "in one" . :d :list ( "first" [ :says "second" ] ) } :two { :a :says "in two" . }
        :shared1 { :s :says "shared" } :shared2 { :s :says "shared" }""",
        format=ox.RdfFormat.TRIG,
    )
    store.flush()
    return folder


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("release") / "graph", RECORDS)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(LIMITS) as engine:
        yield engine


@pytest.fixture
def small() -> Iterator[Callable[..., Engine]]:
    """Makes engines with other limits, each closed in the end."""
    engines: list[Engine] = []

    def make(**limits: object) -> Engine:
        engines.append(Engine(replace(LIMITS, **limits)))  # type: ignore[arg-type]
        return engines[-1]

    yield make
    for engine in engines:
        engine.close()


def ask(engine: Engine, graph: Path, text: str, output: str = "csv", **more: object) -> str:
    with engine.run(graph, text, output, **more) as answer:  # type: ignore[arg-type]
        content = answer.body.read()
        assert len(content) == answer.length
    return content.decode()


def rows(engine: Engine, graph: Path, text: str, **more: object) -> list[list[str]]:
    content = ask(engine, graph, text, "csv", **more)
    return sorted(list(csv.reader(io.StringIO(content, newline="")))[1:])


def count(engine: Engine, graph: Path) -> str:
    return ask(engine, graph, "SELECT (COUNT(*) AS ?n) { ?s <http://lib.example/p/0> ?o }").split()[1]


def workers() -> set[int]:
    return {process.pid for process in multiprocessing.active_children() if process.pid}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


# ---- Results ----


@pytest.mark.parametrize("output", ["json", "xml", "tsv"])
def test_solutions_read_back(engine: Engine, graph: Path, output: str) -> None:
    text = ask(
        engine, graph, 'SELECT ?s ("a\\n\\"}},{\\t<&" AS ?x) { ?s <http://lib.example/p/0> "title 0 of 7" }', output
    )
    formats = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "tsv": ox.QueryResultsFormat.TSV}
    solutions = ox.parse_query_results(text.encode(), format=formats[output])
    assert isinstance(solutions, ox.QuerySolutions)
    (solution,) = solutions
    assert solution["s"] == ox.NamedNode("http://lib.example/id/7")
    assert solution["x"] == ox.Literal('a\n"}},{\t<&')


def test_csv(engine: Engine, graph: Path) -> None:
    assert rows(engine, graph, 'SELECT ("a\\n\\"b" AS ?x) (1 AS ?y) {}') == [['a\n"b', "1"]]


def test_ask_in_every_output(engine: Engine, graph: Path) -> None:
    assert json.loads(ask(engine, graph, "ASK {}", "json"))["boolean"] is True
    assert "<boolean>false</boolean>" in ask(engine, graph, "ASK { <http://a> ?p ?o }", "xml")
    assert ask(engine, graph, "ASK {}", "csv").strip() == ask(engine, graph, "ASK {}", "tsv").strip() == "true"


@pytest.mark.parametrize("output", RDF)
def test_graphs_read_back(engine: Engine, graph: Path, output: str) -> None:
    text = ask(engine, graph, "CONSTRUCT { ?s <http://b/p> ?o } { ?s <http://lib.example/says> ?o }", output)
    assert len(set(ox.parse(text, format=RDF[output]))) == 4


def test_describe_follows_blank_nodes(engine: Engine, graph: Path) -> None:
    text = ask(engine, graph, "DESCRIBE <http://lib.example/d>", "nt")
    assert len(text.splitlines()) == 6
    assert '"first"' in text and '"second"' in text


def test_describe_gives_a_triple_once(engine: Engine, graph: Path) -> None:
    assert len(ask(engine, graph, "DESCRIBE <http://lib.example/s>", "nt").splitlines()) == 1


@pytest.mark.parametrize(("text", "output"), [("ASK {}", "turtle"), ("DESCRIBE <http://a>", "json"), ("ASK {}", "pdf")])
def test_wrong_output(engine: Engine, graph: Path, text: str, output: str) -> None:
    with pytest.raises(ValueError, match="outputs"):
        engine.run(graph, text, output)


def test_base_iri(engine: Engine, graph: Path) -> None:
    assert rows(engine, graph, "SELECT ?o { <a> <says> ?o }", base_iri="http://lib.example/") == [
        ["in one"],
        ["in two"],
    ]


def test_no_file_stays(engine: Engine, graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ask(engine, graph, "ASK {}", "json")
    with pytest.raises(MalformedQuery):
        engine.run(graph, "ASK", "json")
    assert list(tmp_path.iterdir()) == []


# ---- The dataset ----

ONE, TWO, UNKNOWN = "http://lib.example/one", "http://lib.example/two", "http://lib.example/unknown"
SAYS = "{ <http://lib.example/a> <http://lib.example/says> ?o }"
IN_ONE, IN_TWO = ["in one"], ["in two"]


@pytest.mark.parametrize(
    ("clause", "default", "named", "in_default", "in_named"),
    [
        ("", [], [], [IN_ONE, IN_TWO], [IN_ONE, IN_TWO]),
        ("", [ONE], [], [IN_ONE], []),
        ("", [ONE, TWO], [], [IN_ONE, IN_TWO], []),
        ("", [], [ONE], [], [IN_ONE]),
        ("", [ONE], [TWO], [IN_ONE], [IN_TWO]),
        ("", [UNKNOWN], [], [], []),
        ("", [], [UNKNOWN], [], []),
        (f"FROM <{ONE}>", [], [], [IN_ONE], []),
        (f"from<{ONE}>FROM<{TWO}>", [], [], [IN_ONE, IN_TWO], []),
        (f"FROM NAMED <{ONE}>", [], [], [], [IN_ONE]),
        (f"FROM <{ONE}> FROM NAMED <{TWO}>", [], [], [IN_ONE], [IN_TWO]),
        (f"FROM <{ONE}>", [TWO], [], [IN_TWO], []),
        (f"FROM <{ONE}> FROM NAMED <{ONE}>", [], [TWO], [], [IN_TWO]),
        (f"FROM NAMED <{ONE}>", [TWO], [TWO], [IN_TWO], [IN_TWO]),
    ],
)
def test_dataset(
    engine: Engine, graph: Path, clause: str, default: list[str], named: list[str], in_default: object, in_named: object
) -> None:
    """SPARQL 1.1 Protocol 2.1.4: what the request names replaces what the query names."""
    for pattern, expected in ((SAYS, in_default), (f"{{ GRAPH ?g {SAYS} }}", in_named)):
        text = f"SELECT ?o {clause} {pattern}"
        assert rows(engine, graph, text, default_graphs=default, named_graphs=named) == expected


def test_dataset_of_a_description(engine: Engine, graph: Path) -> None:
    text = ask(engine, graph, f"DESCRIBE <http://lib.example/a> FROM <{ONE}>", "nt")
    assert text.split('"')[1::2] == ["in one"]


def test_dataset_must_be_absolute(engine: Engine, graph: Path) -> None:
    with pytest.raises(MalformedQuery, match="absolute"):
        engine.run(graph, "ASK {}", "json", default_graphs=["one"])


# ---- The form, and what is refused ----


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * {}", "SELECT"),
        ("select*{}", "SELECT"),
        ("BASE <http://a/> PREFIX ask: <http://select/> # CONSTRUCT\nDESCRIBE ask:x", "DESCRIBE"),
        ("PREFIX : <http://a/#>PREFIX insert: <http://b>\nASK{}", "ASK"),
        ('VERSION "1.2" CONSTRUCT WHERE {}', "CONSTRUCT"),
    ],
)
def test_form(text: str, expected: str) -> None:
    assert form(text) == expected


@pytest.mark.parametrize("text", ["", "# ASK", "PREFIX : <http://a>", "'ASK'", "<ASK>", "?ask", "FETCH {}"])
def test_no_form(text: str) -> None:
    with pytest.raises(MalformedQuery, match="SELECT, ASK, CONSTRUCT or DESCRIBE"):
        form(text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <http://a> <http://a> 1 }",
        "PREFIX a: <http://a> delete where { ?s ?p ?o }",
        "LOAD <http://127.0.0.1/>",
        "#\nDROP ALL",
        "WITH <http://g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_update_is_refused(engine: Engine, graph: Path, text: str) -> None:
    with pytest.raises(QueryRefused, match="read-only"):
        engine.run(graph, text, "json")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SELECT ?x { ?x ?y }", "Line 1, column 19 .*“}”"),
        ("SELECT ?x {\n\n ?x ?y }", "Line 3, column 8 "),
        ("SELECT ?x { BIND('a AS ?x) }\n", "Line 1, column 18 .*string without an end"),
        ("SELECT ?x {\nBIND('a\\q' AS ?x) }", "Line 2, column 6 "),
        ("\\u0041SK {}", "Line 1, column 1 "),
        ("HELLO", "Line 1, column 1 .*SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("SELECT * {} LIMIT 1 LIMIT 2", "Line 1, column 21 .*“LIMIT”"),
        ("ASK {} \udc80", "surrogates"),
        ("ASK { <a> <b> <c> }", "Line 1, column 7 .*no IRI"),
        ("SELECT *\r\n{ ?s ?p ?o }\r\nORDER BUY ?s", "Line 3, column 7 .*“BUY”"),
        ("SELECT *\n# a comment {\n{ ?s ?p ?o # another {\n", "Line 3, column 23 .*ends, but } is still to come"),
        ("SELECT ?x WHERE { ?s foo:bar ?x }", "Line 1, column 22 .*the prefix foo: is not declared"),
        ("SELECT (COUNT(?x AS ?n) { ?s ?p ?x }", "Line 1, column 18 .*“AS”"),
        ("SELECT * {\n ?s ?p ?o .\n FILTER(REGEX(?o, 'é') }", "Line 3, column 24 .*“}”"),
        ("SELECT ?a ?b { ?a ?p ?o } GROUP BY ?a", "GROUP BY leaves"),
        ("SELECT * { ?s ?p ?o } }", "Line 1, column 23 .*“}”"),
    ],
)
def test_malformed(engine: Engine, graph: Path, text: str, place: str) -> None:
    with pytest.raises(MalformedQuery, match=place):
        engine.run(graph, text, "json")


def test_unknown_function(engine: Engine, graph: Path) -> None:
    with pytest.raises(QueryError, match="http://f"):
        engine.run(graph, "SELECT (<http://f>(1) AS ?x) {}", "json")


@pytest.mark.parametrize("depth", [200, 3000])
@pytest.mark.parametrize("brackets", ["{}", "()", "[]"])
def test_deep_nesting(engine: Engine, graph: Path, depth: int, brackets: str) -> None:
    with pytest.raises(MalformedQuery, match="SPARQL_MAX_DEPTH"):
        engine.run(graph, "ASK { " + brackets[0] * depth + brackets[1] * depth + " }", "json")


def test_nesting_within_the_limit(engine: Engine, graph: Path) -> None:
    assert "true" in ask(engine, graph, "ASK " + "{" * 40 + "}" * 40, "json")
    assert "true" in ask(engine, graph, "ASK { FILTER('" + "{" * 99 + "' != '') } #" + "{" * 99, "json")


def test_long_query(engine: Engine, graph: Path) -> None:
    with pytest.raises(MalformedQuery, match="SPARQL_MAX_LENGTH"):
        engine.run(graph, "ASK {} #" + "x" * 50_000, "json")


# ---- SERVICE ----

Hits = list[str]


@pytest.fixture(scope="module")
def stranger() -> Iterator[tuple[str, Hits]]:
    """The address of a server that nobody may reach, and who did."""
    hits: Hits = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hits.append(self.path)
            content = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"fetched"}}]}}'
            self.send_response(200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", hits
        server.shutdown()
        thread.join()


# Oxigraph fetches for each of these; the test says so, should it ever read one of them otherwise.
SERVICES = [
    "SELECT * { SERVICE <HERE> { ?a ?b ?c } }",
    "SELECT * { service silent <HERE>{ ?a ?b ?c } }",
    "SELECT * { SERVICE\r\n#{\rSILENT # <\n<HERE> { ?a ?b ?c } }",
    "SELECT * {SERVICESILENT<HERE>{ ?a ?b ?c }}",
    "PREFIX ex: <HERE> SELECT * { SERVICE ex:x { ?a ?b ?c } }",
    "PREFIX ex: <HERE> SELECT * {SERVICEex:x{ ?a ?b ?c }}",
    "PREFIX : <HERE> SELECT * {SERVICE:x{ ?a ?b ?c }}",
    "PREFIX : <HERE> SELECT * {SERVICE SILENT:x { ?a ?b ?c }}",
    "SELECT * { FILTER NOT EXISTS { SERVICE <HERE> { ?a ?b ?c } } }",
    "SELECT * { FILTER(1<2)SERVICE <HERE> { ?a ?b ?c } }",
    "ASK { SERVICE <HERE> { ?a ?b ?c } }",
    "SELECT * { { SELECT * { SERVICE <HERE> { ?a ?b ?c } } } }",
    "SELECT * { #\rSERVICE <HERE> { ?a ?b ?c }\n}",
    "SELECT * { BIND('0' AS ?x) FILTER(?x<'>') SERVICE <HERE> { ?a ?b ?c } BIND('k' AS ?v) }",
    'PREFIX ex: <http://e/> SELECT * { FILTER(1<ex:b#x>"""\n) SERVICE <HERE> { ?a ?b ?c } }#"""',
    "SELECT * { VALUES ?x { '''a' } SERVICE <HERE> { ?a ?b ?c } } #\\q'''",
    "SELECT * { VALUES ?x { '''a' } SERVICE <HERE> { ?a ?b ?c } } #\\uD800'''",
    "SELECT * { VALUES ?x { '''a' } SERVICE <HERE> { ?a ?b ?c } } #\\U00110000'''",
    "PREFIX e: <http://e:1> SELECT * { ?s ?p e:SERVICE <HERE> { ?a ?b ?c } }",
    "PREFIX e: <http://e:1> SELECT * { ?s ?p e:.SERVICE <HERE> { ?a ?b ?c } }",
    "PREFIX e: <http://e/> SELECT * { BIND(e:a\\'b AS ?x) SERVICE <HERE> { ?a ?b ?c } BIND(e:a\\'b AS ?y) }",
    "PREFIX ok: <http://ok.example/> PREFIX ok: <HERE> SELECT * { SERVICE ok:sparql { ?a ?b ?c } }",
    "PREFIX ok: <http://ok.example/> PREFIXok: <HERE> SELECT * { SERVICE ok:sparql { ?a ?b ?c } }",
    "BASE <HERE> SELECT * { SERVICE <x> { ?a ?b ?c } }",
]


@pytest.mark.parametrize("text", SERVICES)
def test_service_is_refused(small: Callable[..., Engine], graph: Path, stranger: tuple[str, Hits], text: str) -> None:
    here, hits = stranger
    text = text.replace("HERE", here)
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("http://s"), ox.NamedNode("http://p"), ox.NamedNode("http://e:1")))
    hits.clear()
    results = store.query(text)
    assert not isinstance(results, ox.QueryTriples)
    results.serialize(format=ox.QueryResultsFormat.JSON)
    assert hits

    hits.clear()
    with pytest.raises((QueryRefused, MalformedQuery)):
        small(service_targets=("http://ok.example/sparql",)).run(graph, text, "json")
    assert not hits


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * { SERVICE <http://a.example/sparql> {} }", "http://a.example/sparql"),
        ("PREFIX : <http://a.example/> SELECT * { SERVICE :sparql {} }", "http://a.example/sparql"),
        ("SELECT * { VALUES ?x { <http://a> } SERVICE ?x {} }", r"\?x"),
        ("SELECT * { SERVICE <http://ok.example/spar\\u0071l> {} }", "SERVICE"),
        ("SELECT * { SERVICE", "SERVICE"),
    ],
)
def test_service_refusal_names_the_target(engine: Engine, graph: Path, text: str, named: str) -> None:
    with pytest.raises(QueryRefused, match=named):
        engine.run(graph, text, "json")


@pytest.mark.parametrize(
    "text", ["SELECT * { \\u0053ERVICE <http://a> {} }", "SELECT * { SERV\\u0049CE <http://a> {} }"]
)
def test_escapes_hide_no_service(engine: Engine, graph: Path, text: str) -> None:
    with pytest.raises(MalformedQuery):
        engine.run(graph, text, "json")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?service { ?service ?SERVICE 'SERVICE <http://a> {' }",
        'SELECT * { ?s ?p """ " SERVICE <http://a> { ""\\" """ }',
        "SELECT * { ?s ?p '''SERVICE ?x {''' # SERVICE <http://a> {}\n }",
        "SELECT * { ?s <http://a/SERVICE/?x> <http://b/#SERVICE> }",
        "PREFIX : <http://a/> PREFIX service: <http://b/#> SELECT * { :service service:SERVICE ?x . ?x :service :b }",
        "PREFIX ex: <http://a/> SELECT * { ?s ex:service ?o . { ?s ?p 'x'@en-service } OPTIONAL {} }",
        'SELECT * { ?s ?p "INSERT" . ?s ?load <http://drop> }',
        'SELECT * { ?s ?p "a\\u0022 SERVICE <http://a> {" }',
    ],
)
def test_words_that_are_no_keywords(engine: Engine, graph: Path, text: str) -> None:
    assert json.loads(ask(engine, graph, text, "json"))["results"]["bindings"] == []


def test_escapes_in_strings_and_iris(engine: Engine, graph: Path) -> None:
    text = 'SELECT ("a\\u0022\\u005C" AS ?x) (<http://a/\\u0042> AS ?y) {}'
    assert rows(engine, graph, text) == [['a"\\', "http://a/B"]]


def test_service_on_the_list(small: Callable[..., Engine], graph: Path, stranger: tuple[str, Hits]) -> None:
    here, hits = stranger
    engine = small(service_targets=(here + "sparql",))
    hits.clear()
    text = f"PREFIX s: <{here}> SELECT ?a {{ SERVICE SILENT s:sparql {{ ?a ?b ?c }} }}"
    assert rows(engine, graph, text) == [["fetched"]]
    assert rows(engine, graph, text.replace("SILENT s:sparql", f"<{here}sparql>")) == [["fetched"]]
    assert hits == ["/sparql", "/sparql"]
    with pytest.raises(QueryRefused):
        engine.run(graph, text.replace("s:sparql", "s:other"), "json")


# ---- Rows ----

FIVE = "VALUES ?x { 1 2 3 4 5 }"


@pytest.fixture(scope="module")
def three() -> Iterator[Engine]:
    with Engine(replace(LIMITS, max_rows=3)) as engine:
        yield engine


@pytest.mark.parametrize("output", ["json", "xml", "csv", "tsv"])
@pytest.mark.parametrize(
    ("text", "kept", "truncated"),
    [
        (f"SELECT ?x {{ {FIVE} }}", 3, True),
        (f"SELECT ?x {{ {FIVE} }} LIMIT 2", 2, False),
        (f"SELECT ?x {{ {FIVE} }} LIMIT 3", 3, False),
        (f"SELECT ?x {{ {FIVE} }} limit 4", 3, True),
        (f"SELECT ?x {{ {FIVE} }} LIMIT 00{'9' * 9000}", 3, True),
        (f"SELECT ?x {{ {FIVE} }} OFFSET 2", 3, False),
        (f"SELECT ?x {{ {FIVE} }} ORDER BY DESC(?x) OFFSET 1", 3, True),
        (f"SELECT ?x {{ {FIVE} }} ORDER BY DESC(?x) LIMIT 9 OFFSET 4 # LIMIT 1", 1, False),
        (f"SELECT ?x {{ {FIVE} }} OFFSET 1 LIMIT 9", 3, True),
        ("SELECT ?x {} VALUES ?x { 1 2 3 4 }", 3, True),
        ("SELECT ?x {} VALUES ?x { 1 2 3 }", 3, False),
        ("SELECT ?x {} LIMIT 9 VALUES ?x { 1 2 3 4 }", 3, True),
        ("SELECT ?x {} LIMIT 0 VALUES ?x { 1 2 3 4 }", 0, False),
        (f"SELECT ?x {{ {{ SELECT ?x {{ {FIVE} }} LIMIT 1 }} UNION {{ {FIVE} }} }}", 3, True),
        (f"SELECT ?x {{ {{ SELECT ?x {{ {FIVE} }} LIMIT 2 }} }} #", 2, False),
        (
            f"SELECT ?x (MAX(?y) AS ?z) {{ {FIVE} BIND('LIMIT 1' AS ?y) }} GROUP BY ?x HAVING (?x > 0) # }} LIMIT 1",
            3,
            True,
        ),
        (f"SELECT ?x {{ {FIVE} FILTER(?x > 9) }}", 0, False),
        ("SELECT ?z { {} UNION {} UNION {} UNION {} }", 3, True),
        ("SELECT ?z { {} UNION {} UNION {} }", 3, False),
        ("SELECT * { {} UNION {} UNION {} UNION {} }", 3, True),
        (
            'SELECT * { VALUES (?x ?y) { ("a\\n\\r\\n\\"},{" "}},{") ("," UNDEF) (UNDEF ",{}") (1 "<result>") } }',
            3,
            True,
        ),
        ('SELECT * { VALUES (?x ?y) { ("a\\n\\r\\n\\"},{" "}},{") ("[{" UNDEF) (UNDEF "\\\\") } }', 3, False),
        ("SELECT ?x { VALUES ?x { <<(<http://a> <http://b> '},{')>> 2 <<(<http://a> <http://b> 1)>> 4 } }", 3, True),
    ],
)
def test_rows_are_cut(three: Engine, graph: Path, text: str, kept: int, truncated: bool, output: str) -> None:
    with three.run(graph, text, output) as answer:
        content = answer.body.read()
        assert answer.length == len(content)
        assert answer.truncated is truncated
    if output == "csv":
        assert len(list(csv.reader(io.StringIO(content.decode(), newline="")))) == kept + 1
        return
    plain = ox.Store().query(text.replace("9" * 9000, "9"))
    formats = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "tsv": ox.QueryResultsFormat.TSV}
    solutions = ox.parse_query_results(content, format=formats[output])
    assert isinstance(plain, ox.QuerySolutions)
    assert isinstance(solutions, ox.QuerySolutions)
    found, expected = [list(solution) for solution in solutions], [list(solution) for solution in plain]
    assert len(found) == kept
    assert all(row in expected for row in found)


@pytest.mark.parametrize("output", ["turtle", "nt", "rdfxml", "jsonld"])
@pytest.mark.parametrize(("values", "truncated"), [("1 2 3 4", True), ("1 2 3", False), ("1 1 2 2 3 3", False)])
def test_triples_are_cut(three: Engine, graph: Path, output: str, values: str, truncated: bool) -> None:
    text = f"CONSTRUCT {{ <http://a> <http://b/p> ?x }} {{ VALUES ?x {{ {values} }} }}"
    with three.run(graph, text, output) as answer:
        assert len(list(ox.parse(answer.body.read(), format=RDF[output]))) == 3
        assert answer.truncated is truncated


def test_a_cap_keeps_lines() -> None:
    text = "SELECT *\n{ ?s ?p ?o } # all\n"
    cap = QueryText(text).cap(10)
    assert cap is not None
    assert edited(text, [cap]) == "SELECT *\n{ ?s ?p ?o } LIMIT 11  # all\n"


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("SELECT * { ?s ?p ?o }", "json"),
        ("SELECT * { ?s ?p ?o }", "csv"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", "turtle"),
    ],
)
def test_result_larger_than_allowed(small: Callable[..., Engine], graph: Path, text: str, output: str) -> None:
    engine = small(max_bytes=20_000)
    with pytest.raises(QueryTooLarge, match="SPARQL_MAX_BYTES"):
        engine.run(graph, text, output)
    assert count(engine, graph) == str(RECORDS)


def test_large_results_come_as_files_that_are_gone_when_closed(engine: Engine, graph: Path) -> None:
    def held() -> int:
        """How many files without a name this process has open."""
        opened = {path.name for path in Path("/proc/self/fd").iterdir()}
        links = [Path("/proc/self/fd") / name for name in opened]
        return sum(str(link.readlink()).endswith("(deleted)") for link in links if link.is_symlink())

    before = held()
    text = "SELECT * { ?a ?b ?c . ?d <http://lib.example/p/next> ?f } LIMIT 20000"
    for _ in range(3):
        with engine.run(graph, text, "json") as answer:
            content = answer.body.read()
            assert len(content) == answer.length > SHARED
            assert len(json.loads(content)["results"]["bindings"]) == 20_000
            assert held() == before + 1
    assert held() == before


# ---- Workers ----


def test_timeout_ends_the_query_and_no_other(small: Callable[..., Engine], graph: Path) -> None:
    before = workers()
    engine = small(timeout=1.0)
    count(engine, graph)
    ended = threading.Event()

    def quick() -> int:
        answers = 0
        while not ended.is_set():
            assert count(engine, graph) == str(RECORDS)
            answers += 1
        return answers

    with ThreadPoolExecutor(2) as others:
        answers = others.submit(quick)
        slow = others.submit(engine.run, graph, CROSS_JOIN, "json")
        begin = time.monotonic()
        try:
            wait_until(lambda: len(workers() - before) == 2)
            ours = workers() - before
            with pytest.raises(QueryTimeout, match=r"1 seconds \(SPARQL_TIMEOUT\)"):
                slow.result()
            seconds = time.monotonic() - begin
        finally:
            ended.set()
        assert answers.result() > 10
    assert 1 <= seconds < 2
    assert len([pid for pid in ours if not is_alive(pid)]) == 1
    assert count(engine, graph) == str(RECORDS)


@pytest.mark.parametrize("text", [BIG_ORDER, MEMORY_BOMB])
def test_memory_is_bounded(small: Callable[..., Engine], graph: Path, text: str) -> None:
    before = workers()
    engine = small(memory=100 * 2**20, workers=1)
    count(engine, graph)
    (pid,) = workers() - before
    fresh = peak = memory(pid)
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(engine.run, graph, text, "json")
        while not answer.done():
            peak = max(peak, memory(pid))
            time.sleep(0.01)
    with pytest.raises(QueryTooLarge, match="SPARQL_MEMORY"):
        answer.result()
    assert 10 * 2**20 < peak - fresh < 110 * 2**20
    assert not is_alive(pid)
    assert count(engine, graph) == str(RECORDS)


def test_memory_of_a_graph(small: Callable[..., Engine], graph: Path) -> None:
    """Triples are kept by Python, whose want of memory ends no process."""
    engine = small(memory=30 * 2**20, max_rows=10_000_000)
    with pytest.raises(QueryTooLarge, match="SPARQL_"):
        engine.run(graph, "CONSTRUCT { ?a <http://p> ?f } { ?a ?b ?c . ?d ?e ?f }", "nt")
    assert count(engine, graph) == str(RECORDS)


def memory(pid: int) -> int:
    """The bytes of RAM that a process holds; none if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def test_queue_full(small: Callable[..., Engine], graph: Path) -> None:
    engine = small(timeout=3.0, workers=1, queue=1)
    count(engine, graph)
    with ThreadPoolExecutor(2) as others:
        slow = others.submit(engine.run, graph, CROSS_JOIN, "json")
        wait_until(slow.running)
        time.sleep(0.3)
        waiting = others.submit(count, engine, graph)
        time.sleep(0.3)
        begin = time.monotonic()
        with pytest.raises(QueueFull, match="1 are waiting"):
            engine.run(graph, "ASK {}", "json")
        assert time.monotonic() - begin < 0.5
        with pytest.raises(QueryTimeout):
            slow.result()
        assert waiting.result() == str(RECORDS)


def test_no_endless_wait(small: Callable[..., Engine], graph: Path) -> None:
    engine = small(timeout=1.0, workers=1, queue=9)
    with ThreadPoolExecutor(4) as others:
        answers = [others.submit(engine.run, graph, CROSS_JOIN, "json") for _ in range(4)]
    errors = {type(answer.exception()) for answer in answers}
    assert errors == {QueryTimeout, QueueFull}


@pytest.mark.parametrize("busy", [False, True])
def test_worker_killed_from_outside(small: Callable[..., Engine], graph: Path, busy: bool) -> None:
    before = workers()
    engine = small(workers=1)
    count(engine, graph)
    (pid,) = workers() - before
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(engine.run, graph, CROSS_JOIN, "json") if busy else None
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        if answer:
            with pytest.raises(QueryTooLarge):
                answer.result()
    for _ in range(20):
        assert count(engine, graph) == str(RECORDS)
        time.sleep(0.02)


def test_new_release(engine: Engine, graph: Path, tmp_path: Path) -> None:
    newer = make_store(tmp_path / "newer", RECORDS + 1)
    for _ in range(3):
        assert count(engine, newer) == str(RECORDS + 1)
        assert count(engine, graph) == str(RECORDS)


def test_many_releases_do_not_use_the_memory_up(small: Callable[..., Engine], tmp_path: Path) -> None:
    engine = small(memory=60 * 2**20, workers=1)
    for number in range(6):
        release = make_store(tmp_path / str(number), RECORDS)
        assert len(ask(engine, release, "SELECT * { ?a ?b ?c } ORDER BY ?c", "json")) > 100_000
        with pytest.raises(QueryTooLarge):
            engine.run(release, MEMORY_BOMB, "json") if number == 5 else engine.run(release, BIG_ORDER, "json")


def test_no_release(engine: Engine, graph: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="nowhere"):
        engine.run(tmp_path / "nowhere", "ASK {}", "json")
    assert count(engine, graph) == str(RECORDS)


def test_many_threads(engine: Engine, graph: Path) -> None:
    def one(number: int) -> bool:
        while True:
            try:
                text = f"SELECT ?o {{ <http://lib.example/id/{number}> <http://lib.example/p/1> ?o }}"
                return rows(engine, graph, text) == [[f"title 1 of {number}"]]
            except QueueFull:
                time.sleep(0.01)

    with ThreadPoolExecutor(12) as threads:
        assert all(threads.map(one, range(RECORDS)))


def test_close_leaves_no_worker(graph: Path) -> None:
    before = workers()
    engine = Engine(LIMITS)
    assert workers() == before
    count(engine, graph)
    ours = workers() - before
    assert len(ours) == 1
    with ThreadPoolExecutor(1) as other:
        answer = other.submit(engine.run, graph, CROSS_JOIN, "json")
        time.sleep(0.5)
        engine.close()
        with pytest.raises(QueueFull, match="stopped"):
            answer.result(timeout=5)
    wait_until(lambda: not any(is_alive(pid) for pid in ours))
    with pytest.raises(QueueFull, match="stopped"):
        engine.run(graph, "ASK {}", "json")
    engine.close()


PROGRAM = """
import multiprocessing, sys
from dataclasses import replace
from pathlib import Path
from publisher.query import Engine
from tests.query.test_query import CROSS_JOIN, LIMITS, count, workers

def serve(graph):
    engine = Engine(replace(LIMITS, timeout=3.0))
    print(count(engine, Path(graph)), *workers(), flush=True)
    if sys.argv[2] == "die":
        engine.run(Path(graph), CROSS_JOIN, "json")
    engine.close()

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=serve, args=sys.argv[1:2])
    process.start()
    process.join()
"""


@pytest.mark.parametrize("end", ["close", "die"])
def test_engine_in_a_server_process(graph: Path, tmp_path: Path, end: str) -> None:
    """A server starts its workers by multiprocessing; if one is killed, its queries end at their limit or before."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, str(program), str(graph), end]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env={"PYTHONPATH": str(root)}) as run:
        assert run.stdout
        found, *pids = run.stdout.readline().split()
        assert found == str(RECORDS)
        assert len(pids) == 1
        if end == "die":
            time.sleep(0.5)
            (server,) = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()[-1:]
            os.kill(int(server), signal.SIGKILL)
            run.kill()
    wait_until(lambda: not any(is_alive(int(pid)) for pid in pids), seconds=15)
