"""The SPARQL endpoint: the protocol by its own tests, every format of a result, real clients, and refusals."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from rdflib import Graph, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, RDF
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
BASE = "https://lib.example"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
JSON_RESULTS = "application/sparql-results+json"
ASK = "ASK { ?s ?p ?o }"
SELECT = """PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT ?t WHERE { <https://lib.example/id/resource/123404> dcterms:title ?t }"""
CONSTRUCT = "CONSTRUCT WHERE { <https://lib.example/id/place/united-kingdom> ?p ?o }"
TITLE = (
    "Thematic Inspection Report: Putting the Pieces Together "
    "An Inspection of Multi-Agency Public Protection Arrangements"
)


def get(client: FlaskClient, accept: str = "*/*", **parameters: str):  # type: ignore[no-untyped-def]
    return client.get("/sparql?" + urlencode(parameters), headers={"Accept": accept})


def post(client: FlaskClient, body: bytes | str, content_type: str | None, query: str = ""):  # type: ignore[no-untyped-def]
    return client.post("/sparql" + query, data=body, content_type=content_type, headers={"Accept": JSON_RESULTS})


# https://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/


def test_query_via_get(client: FlaskClient) -> None:
    response = get(client, query=ASK)
    assert (response.status_code, response.mimetype, response.json) == (
        200,
        JSON_RESULTS,
        {"head": {}, "boolean": True},
    )


def test_query_via_post_form(client: FlaskClient) -> None:
    assert post(client, urlencode({"query": ASK}), FORM).json["boolean"] is True
    assert post(client, urlencode({"query": ASK}), FORM + "; charset=utf-8").json["boolean"] is True


def test_query_via_post_direct(client: FlaskClient) -> None:
    assert post(client, ASK, QUERY).json["boolean"] is True
    assert post(client, ASK, QUERY + ";charset=UTF-8").json["boolean"] is True


REFUSED = {
    "no query": ("GET", "", None, None, 200),  # the service description
    "an empty query": ("GET", "?query=", None, None, 400),
    "two queries": ("GET", f"?query={quote(ASK)}&query={quote(ASK)}", None, None, 400),
    "two queries in a form": ("POST", "", FORM, f"query={quote(ASK)}&query={quote(ASK)}", 400),
    "a query in the address and one in the form": ("POST", f"?query={quote(ASK)}", FORM, f"query={quote(ASK)}", 400),
    "a query in the address and one as the body": ("POST", f"?query={quote(ASK)}", QUERY, ASK, 400),
    "a form without a query": ("POST", "", FORM, "q=1", 400),
    "an empty form": ("POST", "", FORM, "", 400),
    "an empty body": ("POST", "", QUERY, "", 400),
    "a body that is text": ("POST", "", "text/plain", ASK, 415),
    "a body that is JSON": ("POST", "", "application/json", "{}", 415),
    "a body without a type": ("POST", "", None, ASK, 415),
    "a form by another name": ("POST", "", "multipart/form-data; boundary=x", "--x--", 415),
    "a body in UTF-16": ("POST", "", QUERY + "; charset=UTF-16", ASK.encode("utf-16"), 415),
    "a form in UTF-16": ("POST", "", FORM + "; charset=UTF-16", b"query=ASK", 415),
    "a body that only says it is UTF-8": ("POST", "", QUERY, ASK.encode("utf-16"), 400),
    "a form that is no UTF-8": ("POST", "", FORM, b"query=%ff%fe", 400),
    "bad syntax": ("GET", "?query=ASK%20%7B", None, None, 400),
    "no form of query": ("GET", "?query=HELLO", None, None, 400),
    "an update as a query": ("GET", "?query=" + quote("DELETE WHERE { ?s ?p ?o }"), None, None, 403),
    "an update by GET": ("GET", "?update=" + quote("CLEAR ALL"), None, None, 403),
    "an update in a form": ("POST", "", FORM, "update=" + quote("CLEAR ALL"), 403),
    "an update as the body": ("POST", "", UPDATE, "CLEAR ALL", 403),
    "an update and a query": ("POST", "?query=" + quote(ASK), FORM, "update=x", 403),
    "two updates": ("POST", "", FORM, "update=x&update=y", 403),
    "PUT": ("PUT", "", QUERY, ASK, 405),
    "PATCH": ("PATCH", "", QUERY, ASK, 405),
    "DELETE": ("DELETE", "", None, None, 405),
    "a thousand and one fields": ("POST", "", FORM, "&".join(f"a{n}=1" for n in range(1001)), 400),
    "too large": ("POST", "", QUERY, "#" * 1_000_001, 413),
    "too large a form": ("POST", "", FORM, "query=" + "x" * 1_000_001, 413),
    "too long": ("POST", "", QUERY, "SELECT * {" + "?s ?p ?o ." * 20_000 + "}", 400),
    "too deep": ("POST", "", QUERY, "SELECT * " + "{" * 3000 + "}" * 3000, 400),
    "SERVICE": ("GET", "?query=" + quote("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"), None, None, 403),
    "a dataset of no IRIs": ("GET", f"?query={quote(ASK)}&default-graph-uri=not%20an%20iri", None, None, 400),
    "no such format": ("GET", f"?query={quote(ASK)}&format=pdf", None, None, 400),
}


@pytest.mark.parametrize(("method", "address", "content_type", "body", "status"), REFUSED.values(), ids=REFUSED)
def test_refusals(
    client: FlaskClient, method: str, address: str, content_type: str | None, body: str | bytes | None, status: int
) -> None:
    for accept in ("*/*", "text/html", JSON_RESULTS, "image/png"):
        response = client.open(
            "/sparql" + address, method=method, data=body, content_type=content_type, headers={"Accept": accept}
        )
        if status == 200:
            assert response.status_code == (406 if accept in (JSON_RESULTS, "image/png") else 200)
            continue
        assert "Traceback" not in response.text
        if accept == "image/png" and response.status_code == 406:  # nothing could be said in it, so nothing is asked
            continue
        assert response.status_code == status
        if accept == "text/html":
            assert response.mimetype == "text/html"
        else:
            assert response.mimetype == "application/problem+json"
            problem = json.loads(response.data)
            assert problem["status"] == status
            assert problem["detail"].endswith((".", "?"))


def test_methods_are_named(client: FlaskClient) -> None:
    assert set(client.put("/sparql").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


DATASETS = [
    (["{doc}place/united-kingdom"], [], 'ASK { ?s ?p "United Kingdom"@en }', True),
    (["{doc}place/japan"], [], 'ASK { ?s ?p "United Kingdom"@en }', False),
    (["{doc}place/japan", "{doc}place/united-kingdom"], [], 'ASK { ?s ?p "United Kingdom"@en }', True),
    ([], ["{doc}place/japan"], "ASK { GRAPH ?g { ?s ?p ?o } }", True),
    ([], ["{doc}place/japan"], "ASK { GRAPH <{doc}place/canada> { ?s ?p ?o } }", False),
    ([], ["{doc}place/japan"], "ASK { ?s ?p ?o }", False),
    (["{doc}place/japan"], ["{doc}place/canada"], "ASK { GRAPH <{doc}place/canada> { ?s ?p ?o } }", True),
    (["http://unknown.example/"], [], ASK, False),
    ([], ["http://unknown.example/"], "ASK { GRAPH ?g { ?s ?p ?o } }", False),
    (["{doc}place/japan"], [], 'ASK FROM <{doc}place/united-kingdom> { ?s ?p "United Kingdom"@en }', False),
]


@pytest.mark.parametrize(("default", "named", "query", "expected"), DATASETS)
def test_the_dataset_of_the_request(
    client: FlaskClient, default: list[str], named: list[str], query: str, expected: bool
) -> None:
    def full(text: str) -> str:
        return text.replace("{doc}", f"{BASE}/doc/")

    dataset = [("default-graph-uri", full(iri)) for iri in default] + [("named-graph-uri", full(iri)) for iri in named]
    with_query = urlencode([*dataset, ("query", full(query))])
    for response in (
        client.get("/sparql?" + with_query),
        post(client, with_query, FORM),
        post(client, full(query), QUERY, "?" + urlencode(dataset)),
        post(client, urlencode({"query": full(query)}), FORM, "?" + urlencode(dataset)),
    ):
        assert (response.status_code, response.json["boolean"]) == (200, expected)


# results


def test_json_results(client: FlaskClient) -> None:
    for accept in (JSON_RESULTS, "application/json", "*/*", "application/*"):
        response = get(client, accept, query=SELECT)
        assert response.json["results"]["bindings"] == [{"t": {"type": "literal", "value": TITLE}}]
        assert response.mimetype == (accept if "*" not in accept else JSON_RESULTS)
        assert response.headers["Vary"] == "Accept, Accept-Encoding"


def test_xml_results(client: FlaskClient) -> None:
    for accept in ("application/sparql-results+xml", "application/xml", "text/xml"):
        response = get(client, accept, query=SELECT)
        assert response.mimetype == accept
        names = {"s": "http://www.w3.org/2005/sparql-results#"}
        assert etree.fromstring(response.data).findtext(".//s:literal", namespaces=names) == TITLE


def test_csv_and_tsv_results(client: FlaskClient) -> None:
    response = get(client, "text/csv", query=SELECT)
    assert response.content_type == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(response.text))) == [["t"], [TITLE]]
    response = get(client, "text/tab-separated-values", query=SELECT)
    assert response.text.splitlines() == ["?t", f'"{TITLE}"']


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle", "text/turtle"),
        ("application/n-triples", "application/n-triples"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("*/*", "text/turtle"),
        ("application/json", "application/json"),
    ],
)
def test_graph_results(client: FlaskClient, accept: str, media_type: str) -> None:
    response = get(client, accept, query=CONSTRUCT)
    assert response.mimetype == media_type
    name = {"application/json": "json-ld", "application/ld+json": "json-ld", "application/rdf+xml": "xml"}
    graph = Graph().parse(data=response.data, format=name.get(media_type, media_type))
    expected = Graph().parse(data=get(client, "application/n-triples", query=CONSTRUCT).data, format="nt")
    assert len(graph) > 4
    assert isomorphic(graph, expected)


@pytest.mark.parametrize(
    ("query", "name", "media_type"),
    [
        (SELECT, "json", JSON_RESULTS),
        (SELECT, "xml", "application/sparql-results+xml"),
        (SELECT, "csv", "text/csv"),
        (SELECT, "tsv", "text/tab-separated-values"),
        (SELECT, "html", "text/html"),
        (SELECT, "application/json", JSON_RESULTS),
        (ASK, "json", JSON_RESULTS),
        (ASK, "xml", "application/sparql-results+xml"),
        (CONSTRUCT, "turtle", "text/turtle"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "rdfxml", "application/rdf+xml"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "html", "text/html"),
    ],
)
def test_format_outweighs_accept(client: FlaskClient, query: str, name: str, media_type: str) -> None:
    assert get(client, "text/plain", query=query, format=name).mimetype == media_type


def test_a_format_of_the_wrong_kind(client: FlaskClient) -> None:
    assert get(client, query=SELECT, format="turtle").status_code == 400
    assert get(client, query=CONSTRUCT, format="csv").status_code == 400
    assert get(client, "text/turtle", query=SELECT).status_code == 406
    assert get(client, "text/csv", query=CONSTRUCT).status_code == 406


def test_weights(client: FlaskClient) -> None:
    accept = "application/sparql-results+json;q=0.2, text/csv;q=0.8, */*;q=0.1"
    assert get(client, accept, query=SELECT).mimetype == "text/csv"
    assert get(client, "text/csv;q=0, */*", query=SELECT).mimetype == JSON_RESULTS


def test_a_cut_result_says_so(published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    import dataclasses

    client = make_app(dataclasses.replace(published, SPARQL_MAX_ROWS=7)).test_client()
    for accept in (JSON_RESULTS, "application/sparql-results+xml", "text/csv", "text/html"):
        response = get(client, accept, query="SELECT * { ?s ?p ?o }")
        assert response.headers["SPARQL-Truncated"] == "rows=7"
        if accept == JSON_RESULTS:
            assert len(response.json["results"]["bindings"]) == 7
            assert response.json["head"]["link"] == [BASE + "/ontology#CutResult"]
        if accept == "application/sparql-results+xml":
            assert f'<link href="{BASE}/ontology#CutResult"/></head>' in response.text
            assert "<!-- The result was cut after 7 rows" in response.text
        if accept == "text/html":
            assert "cut after 7 rows" in response.text
    for name, begin in (("turtle", "#"), ("nt", "#"), ("rdfxml", "<!--"), ("jsonld", None)):
        response = get(client, query="CONSTRUCT WHERE { ?s ?p ?o }", format=name)
        assert response.headers["SPARQL-Truncated"] == "rows=7"
        assert begin is None or response.text.splitlines()[-1].startswith(f"{begin} The result was cut after 7 rows")
    assert "SPARQL-Truncated" not in get(client, query="SELECT * { ?s ?p ?o } LIMIT 7").headers


# people


def test_a_browser_gets_the_form(client: FlaskClient) -> None:
    page = get(client, "text/html").text
    assert '<textarea id="query"' in page
    assert "Records with a keyword" in page
    assert "10 seconds" in page


def test_results_for_people(client: FlaskClient) -> None:
    query = """SELECT ?a ?b ?c {
        VALUES (?a ?b) { (<javascript:alert(1)> "<script>alert(2)</script>"@en) } OPTIONAL { ?a ?c ?b } }"""
    page = get(client, "text/html", query=query).text
    assert "<script>" not in page
    assert 'href="javascript' not in page
    assert '<td lang="en">&lt;script&gt;alert(2)&lt;/script&gt;</td><td></td>' in page
    ours = get(client, "text/html", query="SELECT ?s { VALUES ?s { <https://lib.example/id/resource/123404> } }").text
    assert '<a href="id/resource/123404">https://lib.example/id/resource/123404</a>' in ours
    assert "Yes" in get(client, "text/html", query=ASK).text
    assert "No<" in get(client, "text/html", query="ASK { <x:y> <x:y> <x:y> }").text
    assert "0 rows" in get(client, "text/html", query="SELECT * { <x:y> <x:y> ?z }").text
    assert "&lt;http://www.w3.org/2004/02/skos/core#" in get(client, "text/html", query=CONSTRUCT).text


def test_a_wrong_query_comes_back_to_be_mended(client: FlaskClient) -> None:
    page = get(client, "text/html", query="SELECT </textarea><b> {")
    assert page.status_code == 400
    assert "SELECT &lt;/textarea&gt;&lt;b&gt; {</textarea>" in page.text
    text = "SELECT * {\n  ?s ?p }"
    problem = get(client, JSON_RESULTS, query=text).json
    assert (problem["line"], problem["column"]) == (2, 9)
    assert problem["detail"].startswith("Line 2, column 9 of the query: “}” cannot stand here")
    assert problem["pointer"] == "  ?s ?p }\n        ^"
    page = client.post("/sparql", data={"query": text}, headers={"Accept": "text/html"}).text
    assert '<pre class="pointer">  ?s ?p }\n        ^</pre>' in page
    assert "SELECT * {\n  ?s ?p }</textarea>" in page


def test_the_service_description(client: FlaskClient) -> None:
    sd = "http://www.w3.org/ns/sparql-service-description#"
    expected = None
    for media_type, name in (
        ("text/turtle", "turtle"),
        ("application/rdf+xml", "xml"),
        ("application/ld+json", "json-ld"),
        ("application/n-triples", "nt"),
    ):
        response = get(client, media_type)
        assert response.mimetype == media_type
        graph = Graph().parse(data=response.data, format=name)
        (service,) = graph.subjects(RDF.type, URIRef(sd + "Service"))
        assert graph.value(service, URIRef(sd + "endpoint")) == URIRef(BASE + "/sparql")
        assert len(list(graph.objects(service, URIRef(sd + "resultFormat")))) == 8
        expected = expected or graph
        assert isomorphic(graph, expected)


# clients, through a real server


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # SPARQLWrapper makes one
@pytest.mark.parametrize(
    ("method", "request_method"), [("GET", "urlencoded"), ("POST", "urlencoded"), ("POST", "postdirectly")]
)
@pytest.mark.parametrize(
    ("query", "formats"),
    [(SELECT, (JSON, XML, CSV, TSV)), (ASK, (JSON, XML)), (CONSTRUCT, (TURTLE, N3, RDFXML, JSONLD))],
)
def test_sparqlwrapper(server: str, method: str, request_method: str, query: str, formats: tuple[str, ...]) -> None:
    for output in formats:
        wrapper = SPARQLWrapper(f"{server}/sparql")
        wrapper.setQuery(query.replace(BASE, server))
        wrapper.setMethod(method)
        wrapper.setRequestMethod(request_method)
        wrapper.setReturnFormat(output)
        result = wrapper.queryAndConvert()
        if output is JSON:
            assert result.get("boolean") or result["results"]["bindings"][0]["t"]["value"] == TITLE
        elif isinstance(result, Graph):
            assert len(result) > 4
        elif isinstance(result, bytes):
            assert (TITLE if query == SELECT else "United Kingdom") in result.decode()
        else:
            assert "boolean" in (text := result.toxml()) or TITLE in text


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
def test_sparqlwrapper_as_it_comes(server: str) -> None:
    """Without a format it asks for XML by every name that some endpoint knows."""
    for query in (SELECT, ASK, CONSTRUCT, "DESCRIBE <https://lib.example/id/place/japan>"):
        wrapper = SPARQLWrapper(f"{server}/sparql")
        wrapper.setQuery(query.replace(BASE, server))
        assert wrapper.queryAndConvert()


def test_sparqlwrapper_sees_a_bad_query(server: str) -> None:
    wrapper = SPARQLWrapper(f"{server}/sparql")
    wrapper.setQuery("SELECT * {")
    with pytest.raises(QueryBadFormed):
        wrapper.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_sparqlstore(server: str, method: str) -> None:
    graph = Graph(SPARQLStore(f"{server}/sparql", method=method))
    record = URIRef(f"{server}/id/resource/123404")
    assert [str(title) for title in graph.objects(record, DCTERMS.title)] == [TITLE]
    assert len(list(graph.objects(record, DCTERMS.subject))) == 6
    (row,) = graph.query(SELECT.replace(BASE, server))
    assert str(row[0]) == TITLE
    described = graph.query(f"DESCRIBE <{server}/id/place/united-kingdom>").graph
    assert described is not None
    assert len(described) > 4


def test_rdflib_reads_every_format_by_its_own_headers(server: str) -> None:
    expected = Graph().parse(f"{server}/id/concept/probation", format="turtle")
    assert len(expected) > 8
    for name in ("xml", "json-ld", None):
        assert isomorphic(Graph().parse(f"{server}/id/concept/probation", format=name), expected)
    with pytest.raises(HTTPError, match="404"):
        Graph().parse(f"{server}/id/concept/no-such-concept")


def test_the_example_in_the_page_runs_from_the_page(client: FlaskClient) -> None:
    page = get(client, "text/html").text
    for link in re.findall(r'href="(sparql\?query=[^"]+)"', page):
        assert client.get("/" + link, headers={"Accept": "text/html"}).status_code == 200
