"""SPARQL 1.1 Protocol, Graph Store Protocol and Service Description: requests and what they must be answered.

The first table has the cases of the W3C's protocol tests (https://www.w3.org/2009/sparql/docs/tests/, "protocol"),
with graphs that are here; what would update is to be refused here, since nothing may be updated.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from gzip import decompress as gunzip
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import VOID

from publisher import namespaces
from publisher.addresses import Addresses
from publisher.query import limits
from publisher.query.service import FUNCTIONS, describe
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
FORM, QUERY, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
JSON = "application/sparql-results+json"
GRAPH_TYPES = ("application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json")
ONE, TWO, THREE = (f"https://lib.example/doc/place/{name}" for name in ("united-kingdom", "japan", "canada"))
FIRST = 'ASK { ?s ?p "United Kingdom"@en }'
BOTH = 'ASK { ?s ?p "United Kingdom"@en . ?t ?q "Japan"@en }'
IN_GRAPHS = f'ASK {{ GRAPH <{ONE}> {{ ?s ?p "United Kingdom"@en }} GRAPH <{TWO}> {{ ?t ?q "Japan"@en }} }}'
FULL = (
    f'ASK {{ ?t ?q "Japan"@en . GRAPH <{ONE}> {{ ?s ?p "United Kingdom"@en }} '
    f"FILTER NOT EXISTS {{ GRAPH <{THREE}> {{ ?a ?b ?c }} }} }}"
)
FROM = f'ASK FROM <{TWO}> {{ ?s ?p "United Kingdom"@en }}'
CHANGE = "INSERT DATA { <http://x/s> <http://x/p> 1 }"


class Case(NamedTuple):
    method: str
    address: str
    content_type: str | None
    body: str | bytes | None
    status: int  # 4: any of the 4xx
    says: bool | None = None  # the answer to ASK
    accept: str = JSON
    types: tuple[str, ...] = (JSON,)


def form(**fields: str | list[str]) -> str:
    return urlencode(fields, doseq=True)


def dataset(default: list[str], named: list[str]) -> dict[str, list[str]]:
    return {"default-graph-uri": default, "named-graph-uri": named}


REFUSED = 403
CASES = {
    "query_get": Case("GET", "?" + form(query="ASK {}"), None, None, 200, True),
    "query_post_form": Case("POST", "", FORM, form(query="ASK {}"), 200, True),
    "query_post_direct": Case("POST", "", QUERY, "ASK {}", 200, True),
    "query_dataset_default_graph": Case("POST", "?" + form(**dataset([ONE], [])), QUERY, FIRST, 200, True),
    "query_dataset_default_graphs_get": Case(
        "GET", "?" + form(query=BOTH, **dataset([ONE, TWO], [])), None, None, 200, True
    ),
    "query_dataset_default_graphs_post": Case("POST", "?" + form(**dataset([ONE, TWO], [])), QUERY, BOTH, 200, True),
    "query_dataset_named_graphs_get": Case(
        "GET", "?" + form(query=IN_GRAPHS, **dataset([], [ONE, TWO])), None, None, 200, True
    ),
    "query_dataset_named_graphs_post": Case("POST", "?" + form(**dataset([], [ONE, TWO])), QUERY, IN_GRAPHS, 200, True),
    "query_dataset_full": Case("POST", "?" + form(**dataset([TWO], [ONE])), QUERY, FULL, 200, True),
    "query_multiple_dataset": Case("POST", "?" + form(**dataset([ONE], [])), QUERY, FROM, 200, True),
    "query_content_type_select": Case(
        "POST",
        "",
        FORM,
        form(query="SELECT (1 AS ?value) {}"),
        200,
        None,
        f"{JSON}, text/csv;q=0.5",
        (JSON, "text/csv"),
    ),
    "query_content_type_ask": Case(
        "POST", "", FORM, form(query="ASK {}"), 200, True, "application/sparql-results+xml;q=0.5, " + JSON
    ),
    "query_content_type_describe": Case(
        "POST", "", FORM, form(query=f"DESCRIBE <{ONE}>"), 200, None, ", ".join(GRAPH_TYPES), GRAPH_TYPES
    ),
    "query_content_type_construct": Case(
        "POST", "", FORM, form(query="CONSTRUCT { <x:s> <x:p> 1 } {}"), 200, None, ", ".join(GRAPH_TYPES), GRAPH_TYPES
    ),
    "update_dataset_default_graph": Case("POST", "?" + form(**{"using-graph-uri": ONE}), UPDATE, CHANGE, REFUSED),
    "update_dataset_default_graphs": Case(
        "POST", "?" + form(**{"using-graph-uri": [ONE, TWO]}), UPDATE, CHANGE, REFUSED
    ),
    "update_dataset_named_graphs": Case(
        "POST", "?" + form(**{"using-named-graph-uri": [ONE, TWO]}), UPDATE, CHANGE, REFUSED
    ),
    "update_dataset_full": Case(
        "POST", "?" + form(**{"using-graph-uri": ONE, "using-named-graph-uri": TWO}), UPDATE, CHANGE, REFUSED
    ),
    "update_post_form": Case("POST", "", FORM, form(update=CHANGE), REFUSED),
    "update_post_direct": Case("POST", "", UPDATE, CHANGE, REFUSED),
    "update_base_uri": Case("POST", "", FORM, form(update="CLEAR GRAPH <#test>"), REFUSED),
    "bad_query_method": Case("PUT", "?" + form(query="ASK {}"), None, None, 405),
    "bad_multiple_queries": Case("GET", "?" + form(query=["ASK {}", "SELECT * {}"]), None, None, 400),
    "bad_query_wrong_media_type": Case("POST", "", "text/plain", "ASK {}", 415),
    "bad_query_missing_form_type": Case("POST", "", None, form(query="ASK {}"), 415),
    "bad_query_missing_direct_type": Case("POST", "", None, "ASK {}", 415),
    "bad_query_non_utf8": Case("POST", "", f"{QUERY}; charset=UTF-16", "ASK {}".encode("utf-16"), 415),
    "bad_query_syntax": Case("GET", "?" + form(query="ASK { } }"), None, None, 400),
    "bad_update_get": Case("GET", "?" + form(update="CLEAR ALL"), None, None, REFUSED),
    "bad_multiple_updates": Case("POST", "", FORM, form(update=["CLEAR NAMED", "CLEAR DEFAULT"]), REFUSED),
    "bad_update_wrong_media_type": Case("POST", "", "text/plain", "CLEAR NAMED", 415),
    "bad_update_missing_form_type": Case("POST", "", None, form(update="CLEAR NAMED"), 415),
    "bad_update_non_utf8": Case("POST", "", f"{UPDATE}; charset=UTF-16", "CLEAR NAMED".encode("utf-16"), 415),
    "bad_update_syntax": Case("POST", "", UPDATE, "CLEAR XYZ", REFUSED),
    "bad_update_dataset_conflict": Case(
        "POST", "", FORM, form(update=f"WITH <{ONE}> DELETE {{}} WHERE {{}}", **{"using-graph-uri": ONE}), REFUSED
    ),
}


MARK = b"\xef\xbb\xbf"
LONG = "ASK {} #" + "x" * 90_000
XML = "application/sparql-results+xml"
# What the standard leaves open, and what clients do all the same
CASES |= {
    "charset_quoted": Case("POST", "", f'{QUERY}; Charset="UTF-8"', "ASK {}", 200, True),
    "charset_latin": Case("POST", "", f"{QUERY}; charset=ISO-8859-1", "ASK {}", 415),
    "other_parameter": Case("POST", "", f"{QUERY}; version=1.1", "ASK {}", 200, True),
    "type_in_capitals": Case("POST", "", "Application/SPARQL-Query", "ASK {}", 200, True),
    "byte_order_mark_direct": Case("POST", "", QUERY, MARK + b"ASK {}", 200, True),
    "byte_order_mark_form": Case("POST", "", FORM, form(query="\ufeffASK {}"), 200, True),
    "byte_order_mark_get": Case("GET", "?" + form(query="\ufeffASK {}"), None, None, 200, True),
    "get_with_body": Case("GET", "?" + form(query="ASK {}"), QUERY, "SELECT * {}", 200, True),
    "unknown_parameters": Case("GET", "?" + form(query="ASK {}", timeout="5", debug="on", x=""), None, None, 200, True),
    "form_with_dataset_in_the_address": Case(
        "POST", "?" + form(**dataset([TWO], [])), FORM, form(query=FIRST), 200, False
    ),
    "dataset_in_both_places": Case(
        "POST", "?" + form(**dataset([TWO], [])), FORM, form(query=BOTH, **dataset([ONE], [])), 200, True
    ),
    "named_graphs_beat_from": Case(
        "GET",
        "?" + form(query=f"ASK FROM NAMED <{TWO}> {{ GRAPH <{TWO}> {{ ?s ?p ?o }} }}", **dataset([], [ONE])),
        None,
        None,
        200,
        False,
    ),
    "long_in_a_form": Case("POST", "", FORM, form(query=LONG), 200, True),
    "plus_is_a_space": Case("GET", "?query=ASK+{}", None, None, 200, True),
    "percent_without_figures": Case("GET", "?query=ASK{}%", None, None, 400),
    "percent_of_latin_1": Case("GET", "?query=ASK%7B?s%20?p%20'caf%E9'%7D", None, None, 400),
    "comment_only": Case("GET", "?query=%23x", None, None, 400),
    "format_empty": Case("GET", "?" + form(query="ASK {}", format=""), None, None, 200, True),
    "format_as_media_type": Case("GET", "?" + form(query="ASK {}", format=XML), None, None, 200, None, "*/*", (XML,)),
    "ask_as_csv": Case("GET", "?" + form(query="ASK {}"), None, None, 200, None, "text/csv", ("text/csv",)),
    "accept_of_jena": Case("GET", "?" + form(query="ASK {}"), None, None, 200, True, f"{JSON}, {XML};q=0.9, */*;q=0.1"),
    "accept_of_old_arq": Case("GET", "?" + form(query="ASK {}"), None, None, 200, None, XML, (XML,)),
    "accept_of_rdf4j": Case(
        "GET", "?" + form(query="ASK {}"), None, None, 200, None, f"text/boolean, {XML};q=0.8, {JSON};q=0.7", (XML,)
    ),
    "accept_of_graphdb": Case(
        "GET",
        "?" + form(query="SELECT (1 AS ?x) {}"),
        None,
        None,
        200,
        None,
        f"application/x-sparqlstar-results+json, application/x-binary-rdf-results-table;q=0.9, {JSON};q=0.8",
    ),
    "accept_of_comunica": Case(
        "GET",
        "?" + form(query="CONSTRUCT { <x:s> <x:p> 1 } {}"),
        None,
        None,
        200,
        None,
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,*/*;q=0.1",
        ("application/ld+json",),
    ),
    "accept_of_power_query": Case("GET", "?" + form(query="ASK {}"), None, None, 200, True, "*/*"),
    "accept_of_nothing": Case("GET", "?" + form(query="ASK {}"), None, None, 200, True, ""),
    "accept_unknown": Case("GET", "?" + form(query="ASK {}"), None, None, 406, None, "application/x-unknown"),
    "sparql_1_2": Case("GET", "?" + form(query="SELECT (TRIPLE(<x:a>, <x:b>, 1) AS ?t) {}"), None, None, 200),
    "sparql_1_2_graph": Case(
        "GET",
        "?" + form(query="CONSTRUCT { <x:a> <x:p> <<( <x:a> <x:b> 1 )>> } {}"),
        None,
        None,
        200,
        None,
        "text/turtle",
        ("text/turtle",),
    ),
    "sparql_1_2_without_a_form": Case(
        "GET",
        "?" + form(query="CONSTRUCT { <x:a> <x:p> <<( <x:a> <x:b> 1 )>> } {}", format="jsonld"),
        None,
        None,
        400,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_protocol(client: FlaskClient, name: str) -> None:
    case = CASES[name]
    response = client.open(
        "/sparql" + case.address,
        method=case.method,
        data=case.body,
        content_type=case.content_type,
        headers={"Accept": case.accept},
    )
    assert response.status_code == case.status
    if case.status != 405:  # which comes before this door
        assert response.headers["SPARQL-Limits"].startswith("timeout=10, rows=100000, bytes=200000000")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    if case.status == 200:
        assert response.mimetype in case.types
    else:
        assert response.mimetype == "application/problem+json"
        assert response.json["detail"].endswith(".")
    if case.says is not None:
        # of two descriptions of the dataset that of the protocol counts (2.1.4)
        assert response.json["boolean"] is case.says


def test_a_body_in_a_coding_is_refused(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"\x1f\x8b\x08", content_type=QUERY, headers={"Content-Encoding": "gzip"})
    assert (response.status_code, response.headers["Accept-Encoding"]) == (415, "identity")  # RFC 9110 15.5.16


def test_preflight(client: FlaskClient) -> None:
    """What a browser asks before a script of another origin may POST a query (WHATWG Fetch 3.2.2)."""
    for address in ("/sparql", "/sparql/examples/years", "/rdf-graph-store"):
        response = client.options(
            address,
            headers={
                "Origin": "https://elsewhere.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,x-requested-with",
            },
        )
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert ("POST" in response.headers["Access-Control-Allow-Methods"]) == (address == "/sparql")
        for name in ("Authorization", "Content-Type", "X-Requested-With"):
            assert name in response.headers["Access-Control-Allow-Headers"]
    exposed = client.get("/sparql").headers["Access-Control-Expose-Headers"]
    for name in ("SPARQL-Limits", "SPARQL-Truncated", "SPARQL-Hints", "Retry-After"):
        assert name in exposed


def test_head(client: FlaskClient) -> None:
    for address in ("/sparql", "/sparql?" + form(query="ASK {}"), f"/rdf-graph-store?graph={quote(ONE)}"):
        head = client.head(address, headers={"Accept": "text/turtle, */*;q=0.5"})
        get = client.get(address, headers={"Accept": "text/turtle, */*;q=0.5"})
        assert head.data == b""
        assert head.status_code == get.status_code == 200
        assert {n: v for n, v in head.headers if n != "Date"} == {n: v for n, v in get.headers if n != "Date"}


# SPARQL 1.1 Graph Store HTTP Protocol


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
def test_a_graph_by_its_name(client: FlaskClient, media_type: str) -> None:
    name = {"application/rdf+xml": "xml", "application/ld+json": "json-ld"}.get(media_type, media_type)
    response = client.get("/rdf-graph-store", query_string={"graph": ONE}, headers={"Accept": media_type})
    assert response.mimetype == media_type
    graph = Graph().parse(data=response.data, format=name)
    query = f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{ONE}> {{ ?s ?p ?o }} }}"
    asked = client.get("/sparql", query_string={"query": query}, headers={"Accept": "application/n-triples"})
    assert isomorphic(graph, Graph().parse(data=asked.data, format="nt"))
    directly = client.get(ONE.removeprefix("https://lib.example"), headers={"Accept": media_type})
    assert directly.data == response.data


def test_the_default_graph(client: FlaskClient, published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    response = client.get("/rdf-graph-store?default", headers={"Accept": "application/n-triples"})
    count = client.get("/sparql", query_string={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}).json
    assert str(len(response.text.splitlines())) == count["results"]["bindings"][0]["n"]["value"]
    small = make_app(replace(published, SPARQL_MAX_ROWS=5)).test_client()
    assert small.get("/rdf-graph-store?default").headers["SPARQL-Truncated"] == "rows=5"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("", 400),
        ("?graph=", 404),
        (f"?graph={quote(ONE)}&default", 400),
        (f"?graph={quote(ONE)}&graph={quote(TWO)}", 400),
        ("?graph=http://elsewhere.example/", 404),
        ("?graph=https://lib.example/id/place/japan", 404),  # the thing, not the document
        ("?graph=https://lib.example/doc/place/atlantis", 404),
    ],
)
def test_no_such_graph(client: FlaskClient, address: str, status: int) -> None:
    assert client.get("/rdf-graph-store" + address).status_code == status


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", [f"/rdf-graph-store?graph={quote(ONE)}", "/doc/place/japan"])
def test_nothing_is_written(client: FlaskClient, method: str, address: str) -> None:
    response = client.open(address, method=method, data="<x:s> <x:p> 1 .", content_type="text/turtle")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


# SPARQL 1.1 Service Description

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
PUB = Namespace("https://lib.example/ontology#")


def described(client: FlaskClient) -> Graph:
    return Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).data, format="turtle")


def test_the_description_is_whole(published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    settings = replace(published, SPARQL_TIMEOUT=2.5, SPARQL_SERVICE=("http://other.example/sparql",))
    graph = described(make_app(settings).test_client())
    service = URIRef("https://lib.example/sparql#service")
    assert (service, RDF.type, SD.Service) in graph
    assert (service, SD.endpoint, URIRef("https://lib.example/sparql")) in graph
    assert set(graph.objects(service, SD.feature)) == {SD.UnionDefaultGraph, SD.BasicFederatedQuery}
    assert (service, SD.propertyFeature, PUB.matches) in graph
    assert (service, SD.supportedLanguage, SD.SPARQL11Query) in graph
    assert len(list(graph.objects(service, SD.resultFormat))) == 8
    assert (service, RDFS.seeAlso, URIRef("https://lib.example/dataset")) in graph
    assert (None, RDFS.seeAlso, URIRef("https://lib.example/.well-known/void")) in graph
    assert (None, VOID.sparqlEndpoint, URIRef("https://lib.example/sparql")) in graph
    (dataset_,) = graph.objects(service, SD.defaultDataset)
    assert (graph.value(dataset_, SD.defaultGraph), RDF.type, SD.Graph) in graph
    assert graph.value(service, PUB.queryTimeout) == Literal("2.5", datatype=namespaces.XSD.decimal)
    assert graph.value(service, PUB.maxRows) == Literal(settings.SPARQL_MAX_ROWS)
    assert graph.value(service, PUB.maxMemory) == Literal(settings.SPARQL_MEMORY * 2**20)
    assert graph.value(service, PUB.serviceTarget) == URIRef("http://other.example/sparql")


def test_the_description_promises_no_federation_that_is_refused(client: FlaskClient) -> None:
    graph = described(client)
    assert set(graph.objects(None, SD.feature)) == {SD.UnionDefaultGraph}
    assert not list(graph.objects(None, PUB.serviceTarget))


def test_functions_that_are_told_are_there(client: FlaskClient) -> None:
    functions = list(described(client).objects(None, SD.extensionFunction))
    point = '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    called = " ".join(f"(<{function}>({point}, {point}) AS ?x{number})" for number, function in enumerate(functions))
    assert len(functions) > 40
    assert client.post("/sparql", data={"query": f"SELECT {called} {{}}"}).status_code == 200
    unknown = called.replace("distance", "no-such-function")
    assert client.post("/sparql", data={"query": f"SELECT {unknown} {{}}"}).status_code != 200


def test_of_a_remote_store_only_what_we_know_is_told(published: Settings) -> None:
    triples = describe(limits(published), Addresses(published.base), embedded=False)
    told = {str(triple.object.value) for triple in triples if hasattr(triple.object, "value")}
    assert not {str(SD.UnionDefaultGraph), FUNCTIONS[0]} & told
    assert str(PUB.matches) in told


@pytest.mark.parametrize("count", [40, 5000])
def test_results_are_compressed_for_who_takes_it(client: FlaskClient, count: int) -> None:
    """In one piece, and in many."""
    query = {"query": f"SELECT * {{ ?s ?p ?o }} LIMIT {count}"}
    plain = client.get("/sparql", query_string=query, headers={"Accept": "text/csv"})
    for method in (client.get, client.post):
        given = {"query_string": query} if method == client.get else {"data": query}
        packed = method("/sparql", headers={"Accept": "text/csv", "Accept-Encoding": "gzip"}, **given)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gunzip(packed.data) == plain.data
        assert len(packed.data) < len(plain.data) / 2
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert packed.headers["ETag"] != plain.headers["ETag"]
    small = client.get("/sparql?query=ASK%7B%7D", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers


def test_every_term_of_the_description_is_known(client: FlaskClient) -> None:
    own = {
        str(term)
        for term in Graph()
        .parse(data=client.get("/ontology", headers={"Accept": "text/turtle"}).data, format="turtle")
        .subjects(RDFS.isDefinedBy)
    }
    graph = described(client)
    used = set(graph.predicates()) | set(graph.objects(None, RDF.type))
    assert [term for term in used if str(term) not in own and namespaces.split(str(term)) is None] == []
    assert {str(term) for term in used if str(term).startswith(PUB)} <= own


# limits that were met


def test_a_slow_query_is_ended_with_hints(published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(replace(published, SPARQL_TIMEOUT=0.3, SPARQL_MEMORY=2000)).test_client()
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(?c, ?i)) }"
    response = client.get("/sparql", query_string={"query": query})
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    problem = json.loads(response.data)
    assert "0.3 seconds (SPARQL_TIMEOUT)" in problem["detail"]
    assert any("pub:matches" in hint for hint in problem["hints"])
    page = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"}).text
    assert "What makes a query quick here" in page
    assert "pub:matches" in page


def test_a_query_that_took_long_has_hints(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    query = {"query": "SELECT ?s ?t { ?s <http://purl.org/dc/terms/title> ?t } ORDER BY ?t"}
    assert "SPARQL-Hints" not in client.get("/sparql", query_string=query).headers
    monkeypatch.setattr("publisher.web.inquiry.SLOW", 0.0)  # whatever took any time
    assert client.get("/sparql", query_string=query).headers["SPARQL-Hints"] == "order-of-everything"
    page = client.get("/sparql", query_string=query, headers={"Accept": "text/html"}).text
    assert "ORDER BY sorts all rows" in page
    other = client.get("/sparql", query_string={"query": query["query"].partition("ORDER")[0]})
    assert "SPARQL-Hints" not in other.headers


def test_more_matches_than_may_be_given(published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(replace(published, SPARQL_MAX_MATCHES=3)).test_client()
    query = f'PREFIX pub: <{PUB}> SELECT * {{ ?r pub:matches "the" }}'
    response = client.get("/sparql", query_string={"query": query})
    assert response.headers["SPARQL-Truncated"] == "matches=3"
    assert len(response.json["results"]["bindings"]) == 3
    page = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"}).text
    assert "more than 3 records (SPARQL_MAX_MATCHES)" in page
