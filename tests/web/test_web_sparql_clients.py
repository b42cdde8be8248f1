"""Clients of the endpoint, through real servers: rdflib's SERVICE, Comunica, SPARQLWrapper with pandas."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import DATA, ROOT, free_port, serving
from rdflib import Graph

from publisher import pipeline
from publisher.settings import Settings

COMUNICA = ROOT / "tests" / "node_modules" / "@comunica" / "query-sparql"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
needs_comunica = pytest.mark.skipif(
    NODE is None or not COMUNICA.is_dir(), reason="needs Comunica (npm install in tests/, as `sh run test` does)"
)
# each in a line of its own: rdflib takes what follows a second # in a line for a comment
P = """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


@pytest.fixture(scope="module")
def neighbour(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[str]:
    """A second library with one file of records, which lets its users ask the first one by SERVICE."""
    port = free_port()
    folder = tmp_path_factory.mktemp("neighbour") / "site"
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=folder)
    pipeline.load(settings, [DATA / "invented" / "probation.txt"])
    with serving(folder, port, SPARQL_SERVICE=f"{server}/sparql") as base:
        yield base


def titles(text: str) -> set[str]:
    return {row["t"]["value"] for row in json.loads(text)["results"]["bindings"]}


def comunica(query: str, *endpoints: str) -> str:
    command = [NODE or "", str(ROOT / "tests" / "web" / "comunica.mjs"), query, *endpoints]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_comunica
def test_comunica(server: str) -> None:
    pattern = '{ ?k skos:prefLabel "Probation"@en . ?r dcterms:subject ?k ; dcterms:title ?t }'
    found = titles(comunica(f"{P}SELECT ?t {pattern}", f"{server}/sparql"))
    by_rdflib = Graph().query(f"{P}SELECT ?t {{ SERVICE <{server}/sparql> {pattern} }}")
    assert found == {str(row[0]) for row in by_rdflib}  # type: ignore[index]
    assert len(found) > 1
    construct = P + "CONSTRUCT { ?s dcterms:title ?t } { ?s dcterms:title ?t ; dcterms:identifier '123404' }"
    assert len(Graph().parse(data=comunica(construct, f"{server}/sparql"), format="nt")) == 1


@needs_comunica
def test_comunica_across_two_libraries(server: str, neighbour: str) -> None:
    """Records of the one that have a keyword of the same name in the other."""
    query = P + (
        "SELECT DISTINCT ?t { ?ours skos:prefLabel ?name . ?r dcterms:subject ?ours ; dcterms:title ?t . "
        f"?theirs skos:prefLabel ?name FILTER(STRSTARTS(STR(?ours), '{server}/')) "
        f"FILTER(STRSTARTS(STR(?theirs), '{neighbour}/')) FILTER(?name = 'Probation'@en) }}"
    )
    found = titles(comunica(query, f"{server}/sparql", f"{neighbour}/sparql"))
    assert len(found) > 1


def test_rdflib_service(server: str) -> None:
    graph = Graph()
    rows = graph.query(
        P + f"SELECT ?t {{ SERVICE <{server}/sparql> {{ <{server}/id/resource/123404> dcterms:title ?t }} }}"
    )
    assert [str(row[0])[:30] for row in rows] == ["Thematic Inspection Report: Pu"]  # type: ignore[index]


def test_one_of_our_servers_asks_another(server: str, neighbour: str) -> None:
    """SERVICE to a listed endpoint, with records of both sides joined."""
    query = P + (
        "SELECT DISTINCT ?name { ?ours skos:prefLabel ?name . "
        f"SERVICE <{server}/sparql> {{ ?theirs skos:prefLabel ?name . ?r dcterms:subject ?theirs }} }}"
    )
    address = f"{neighbour}/sparql?{urlencode({'query': query, 'format': 'json'})}"
    with urllib.request.urlopen(address, timeout=20) as response:
        found = json.loads(response.read())["results"]["bindings"]
    assert "Probation" in {row["name"]["value"] for row in found}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # SPARQLWrapper makes one
def test_the_example_in_the_documents(server: str) -> None:
    pytest.importorskip("pandas")
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sparql.md").read_text("utf-8"), re.DOTALL)
    printed = io.StringIO()
    names: dict[str, object] = {}
    with contextlib.redirect_stdout(printed):
        exec(program.replace("http://127.0.0.1:8000", server), names)
    years = names["years"]
    assert list(years.columns) == ["year", "records"]  # type: ignore[attr-defined]
    assert years["records"].sum() > 50  # type: ignore[index]
    assert "records" in printed.getvalue()
