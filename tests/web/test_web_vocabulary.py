"""Our own terms, rules and context, and the page about the data: what somebody finds who looks up what we say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from conftest import RECORDS
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import OWL, RDFS, SH

from publisher import resources
from publisher.settings import Settings
from publisher.web.languages import LANGUAGES

pytest_plugins = ["web_fixtures"]
BASE = "https://lib.example"
SYNTAXES = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/rdf+xml": "xml",
    "application/n-triples": "nt",
    "text/plain": "nt",  # what rdflib asks for when it wants N-Triples
    "text/n3": "turtle",
}


@pytest.mark.parametrize("path", ["/ontology", "/shapes"])
def test_every_syntax_is_the_file_of_the_program(client: FlaskClient, path: str) -> None:
    names = {"/ontology": ["ontology/publisher.ttl"]}.get(path) or [
        f"shapes/{found.name}" for found in resources.folder("shapes").glob("*.ttl")
    ]
    expected = Graph()
    for name in names:
        expected.parse(data=resources.text(name, f"{BASE}/"), format="turtle")
    for media_type, syntax in SYNTAXES.items():
        response = client.get(path, headers={"Accept": media_type})
        assert (response.mimetype, response.headers["Vary"]) == (media_type, "Accept")
        assert isomorphic(Graph().parse(data=response.data, format=syntax), expected)
        unchanged = {"Accept": media_type, "If-None-Match": response.headers["ETag"]}
        assert client.get(path, headers=unchanged).status_code == 304
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406
    assert client.get(path).mimetype == "text/html"


def test_every_term_can_be_looked_up(client: FlaskClient) -> None:
    """A term's IRI, fragment and all, leads to its place in the page."""
    page = client.get("/ontology", headers={"Accept": "text/html"}).text
    graph = Graph().parse(data=client.get("/ontology", headers={"Accept": "text/turtle"}).data, format="turtle")
    terms = set(graph.subjects(RDFS.isDefinedBy, URIRef(f"{BASE}/ontology")))
    assert len(terms) > 3
    for term in terms:
        assert str(term).startswith(f"{BASE}/ontology#")
        assert f'id="{str(term).partition("#")[2]}"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_stands_in_the_page(client: FlaskClient, language: str) -> None:
    page = client.get("/shapes", headers={"Accept": "text/html", "Accept-Language": language}).text
    graph = Graph().parse(data=client.get("/shapes", headers={"Accept": "text/turtle"}).data, format="turtle")
    rules = set(graph.subjects(SH.message))
    anchors = re.findall('<article class="rule" id="([^"]+)"', page)
    assert sorted(anchors) == sorted(str(rule).rpartition("#")[2] for rule in rules)
    assert len(anchors) == len(set(anchors)) > 50
    for rule in rules:  # the rule, why, an example that passes and one that fails
        for term in ("why", "repair", "passes", "fails", None):
            predicate = URIRef(f"{BASE}/ontology#{term}") if term else SH.description
            (text,) = (text for text in graph.objects(rule, predicate) if text.language in (language, None))
            assert escape(text) in page
    assert str(graph.value(URIRef(f"{BASE}/shapes"), OWL.versionInfo)) in page


def test_rules_of_the_library_are_there_too(
    settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    (tmp_path / "own.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <https://rules.example/short> sh:path <http://purl.org/dc/terms/title> ;
        sh:targetClass <http://purl.org/dc/terms/BibliographicResource> ; sh:maxLength 9 ; sh:message "Short <b>." .""",
        "utf-8",
    )
    client = make_app(replace(settings, SHAPES_DIR=str(tmp_path))).test_client()
    assert "<q><span>Short &lt;b&gt;.</span></q>" in client.get("/shapes").text
    graph = Graph().parse(data=client.get("/shapes", headers={"Accept": "text/turtle"}).data, format="turtle")
    assert (URIRef("https://rules.example/short"), SH.maxLength, None) in graph


def test_the_context_is_the_one_in_use(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    context = json.loads(response.data)["@context"]
    assert context["pub"] == f"{BASE}/ontology#"
    used = json.loads(client.get("/doc/resource/123404.jsonld").data)["@context"]
    assert {name: context[name] for name in used} == used


def test_the_page_about_the_data(client: FlaskClient) -> None:
    page = client.get("/dataset", headers={"Accept": "text/html"}).text
    assert f"{RECORDS} records of a library catalogue" in page
    for text in ("DCMI Metadata Terms", "The Bibliographic Ontology", "creativecommons.org/publicdomain/zero"):
        assert text in page[: page.rindex("<details>")]
    assert re.search(r'<time datetime="[\dT:-]+Z">\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC</time>', page)
    assert "publisher 0" in page[page.rindex("<details>") :]


def test_the_schema_of_a_record_is_one_and_says_where_it_is(client: FlaskClient) -> None:
    response = client.get("/record.schema.json")
    assert response.mimetype == "application/schema+json"
    schema = json.loads(response.data)
    assert schema["$id"] == f"{BASE}/record.schema.json"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate({"shelf_number": "1", "title": "A", "former_numbers": ["0"]}, schema)
    assert client.get("/record.schema.json", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
