"""Named queries on the web: every one that comes along works on the samples, as a page, CSV, JSON and text."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph

from publisher.query.named import named_queries
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
QUERIES = named_queries(Settings(BASE_URL="https://lib.example"))


@pytest.mark.parametrize("name", QUERIES)
def test_every_query_finds_something_in_the_samples(client: FlaskClient, name: str) -> None:
    page = client.get(f"/sparql/examples/{name}")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    links = {name: link for link, name in re.findall(r'href="([^"]*format=(\w+))"', page.text)}
    if QUERIES[name].form in ("CONSTRUCT", "DESCRIBE"):
        assert len(Graph().parse(data=followed(client, links["turtle"]).text, format="turtle")) > 5
        assert len(Graph().parse(data=followed(client, links["jsonld"]).text, format="json-ld")) > 5
    else:
        rows = list(csv.reader(io.StringIO(followed(client, links["csv"]).text)))
        found = followed(client, links["json"]).json["results"]["bindings"]
        assert len(found) == len(rows) - 1 > 0
    assert followed(client, links["rq"]).mimetype == "application/sparql-query"
    assert page.text.count("<label") == len(QUERIES[name].parameters) + 1
    listed = client.get("/sparql/examples").text
    assert QUERIES[name].title in html.unescape(listed)


def followed(client: FlaskClient, link: str):  # type: ignore[no-untyped-def]
    return client.get(urljoin("/sparql/examples/any", html.unescape(link)))


def test_a_parameter_is_a_value(client: FlaskClient) -> None:
    address = "/sparql/examples/keyword"
    found = client.get(address, query_string={"keyword": "Prisons", "format": "json"}).json["results"]["bindings"]
    assert found
    assert found != client.get(address, query_string={"format": "json"}).json["results"]["bindings"]
    nothing = client.get(address, query_string={"keyword": '"@en . ?x ?y ?z } #', "format": "json"})
    assert (nothing.status_code, nothing.json["results"]["bindings"]) == (200, [])
    assert 'value="&#34;&gt;&lt;b&gt;"' in client.get(address, query_string={"keyword": '"><b>'}).text
    for wrong in ({"keywrod": "x"}, {"format": "pdf"}):
        assert client.get(address, query_string=wrong).status_code == 400
    refused = client.get("/sparql/examples/year", query_string={"year": "last"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json["detail"]) == (
        400,
        "year=last: a year of four figures, such as 2011, is wanted.",
    )
    assert client.get("/sparql/examples/none").status_code == 404


def test_caches_may_keep_the_results(client: FlaskClient) -> None:
    first = client.get("/sparql/examples/years?format=csv")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get("/sparql/examples/years?format=csv", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/sparql/examples/years?format=json").headers["ETag"] != first.headers["ETag"]
    tags = {
        client.get("/sparql/examples/years", headers={"Accept-Language": tag}).headers["ETag"] for tag in ("en", "de")
    }
    assert len(tags) == 2
    assert "ETag" not in client.get("/sparql", query_string={"query": "SELECT (NOW() AS ?n) {}"}).headers


def test_the_operators_own(published: Settings, make_app: Callable[[Settings], Flask], tmp_path: Path) -> None:
    (tmp_path / "mine.rq").write_text("# title: Mine <b>\nSELECT ?s { ?s ?p ?o } LIMIT 1", "utf-8")
    client = make_app(replace(published, SPARQL_EXAMPLES=str(tmp_path))).test_client()
    assert "1 row<" in client.get("/sparql/examples/mine").text
    assert "Mine &lt;b&gt;" in client.get("/sparql").text
