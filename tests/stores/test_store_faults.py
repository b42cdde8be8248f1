"""A remote store that fails in every way: nothing is lost, nothing is told wrongly, and the next command mends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import SEED
from flask.testing import FlaskClient

from publisher import pipeline, releases
from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.stores.connection import Connection, Refused
from publisher.web import create_app

if TYPE_CHECKING:
    from store_fixtures import Proxy

pytest_plugins = ["store_fixtures"]

Make = Callable[..., Settings]
Write = Callable[..., Path]
RECORDS = [{"title": f"Report {number}", "number": str(number)} for number in range(30)]
QUESTION = "/sparql?query=SELECT * { ?s ?p ?o } LIMIT 5"


@pytest.fixture
def settings(make_settings: Make, proxy: Proxy) -> Settings:
    """A site whose store stands behind the proxy."""
    return make_settings(
        "oxigraph",
        STORE=f"{proxy.url}/query",
        STORE_UPDATE_URL=f"{proxy.url}/update",
        STORE_TIMEOUT=1.0,
        STORE_BATCH=100,
        SPARQL_TIMEOUT=1.0,
    )


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(settings)
    yield app.test_client()
    app.extensions["publisher"].engine.close()


def waiting(settings: Settings) -> int:
    catalog = Catalog(settings.DATA_DIR)
    try:
        return catalog.waiting()
    finally:
        catalog.close()


@pytest.mark.parametrize("fault", ["error", "hang", "break", "lose"])
def test_a_publish_that_fails_midway_is_gone_on_with(
    settings: Settings, proxy: Proxy, write_page: Write, fault: str
) -> None:
    page = write_page(*RECORDS)
    proxy.fault, proxy.after = fault, 3
    summary = pipeline.load(settings, [page])
    assert (summary.published, summary.release) == (len(RECORDS), 1)
    left = waiting(settings)
    if fault == "break":  # of an answer without a body, so that nothing was lost
        assert (summary.behind, left) == ("", 0)
    else:
        assert f"Graphs left to be sent: {left}" in summary.behind
        assert proxy.url in summary.behind
        assert left > len(RECORDS) / 2 / 2
    proxy.fault = ""
    again = pipeline.load(settings, [page])
    assert (again.behind, again.release, waiting(settings)) == ("", 0, 0)
    assert releases.verify(settings) == []


def test_a_graph_that_the_store_refuses_holds_up_no_other(
    settings: Settings, proxy: Proxy, write_page: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = Connection.update
    document = Addresses(settings.base).document("resource", "7")

    def refuse(self: Connection, text: str) -> None:
        if f"GRAPH <{document}>" in text:
            raise Refused("The store at http://x refused with HTTP status 400: too odd", 400, "too odd")
        update(self, text)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "update", refuse)
        summary = pipeline.load(settings, [write_page(*RECORDS)])
    assert "doc/resource/7: " in summary.behind
    assert "too odd" in summary.behind
    assert waiting(settings) == 1
    assert releases.repair(settings) == ([], 0)
    assert (waiting(settings), releases.verify(settings)) == (0, [])


def test_a_store_that_refuses_everything_is_not_asked_for_each_graph(
    settings: Settings, proxy: Proxy, write_page: Write
) -> None:
    proxy.fault = "error"
    assert "HTTP status 500: it hurts" in pipeline.load(settings, [write_page(*RECORDS)]).behind
    assert proxy.requests < 10


def test_a_kill_while_it_sends_loses_nothing(settings: Settings, proxy: Proxy, write_page: Write) -> None:
    page = write_page(*RECORDS)
    names = ("BASE_URL", "DATA_DIR", "STORE", "STORE_UPDATE_URL", "STORE_BATCH", "WORKERS")
    environment = {**os.environ, **{f"PUBLISHER_{name}": str(getattr(settings, name)) for name in names}}
    reached, go = threading.Event(), threading.Event()

    def stop_at_the_third(number: int) -> None:
        if number == 3:
            reached.set()
            go.wait(20)

    proxy.on_request = stop_at_the_third
    command = [sys.executable, "-m", "publisher", "load", str(page)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGKILL)
    go.set()
    assert waiting(settings) > 0
    catalog = Catalog(settings.DATA_DIR)
    assert (catalog.current(), catalog.count("resource")) == (1, len(RECORDS))
    catalog.close()
    proxy.on_request = lambda number: None
    assert pipeline.load(settings, [page]).release == 0
    assert (waiting(settings), releases.verify(settings)) == (0, [])


@pytest.mark.parametrize(
    ("fault", "status"), [("error", 503), ("hang", 503), ("break", 503), ("garbage", 503), ("lose", 503)]
)
@pytest.mark.parametrize("query", ["SELECT * { ?s ?p ?o } LIMIT 50", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 50"])
def test_queries_get_a_503_while_pages_and_search_go_on(
    settings: Settings, proxy: Proxy, client: FlaskClient, fault: str, status: int, query: str
) -> None:
    pipeline.load(settings, [SEED])
    assert client.get("/sparql", query_string={"query": query}).status_code == 200
    proxy.fault = fault
    response = client.get("/sparql", query_string={"query": query})
    assert response.status_code == status
    assert int(response.headers["Retry-After"]) > 0
    assert proxy.url not in response.text  # where the store is concerns nobody
    assert client.get("/doc/resource/123404.ttl").status_code == 200
    assert client.get("/search?q=probation").status_code == 200
    if fault != "garbage":
        health = client.get("/health")
        assert (health.status_code, health.json["status"]) == (200, "degraded")
    proxy.fault = ""
    assert client.get("/sparql", query_string={"query": query}).status_code == 200
    assert client.get("/health").json["status"] == "ok"


def test_a_query_that_the_store_refuses_says_why(settings: Settings, proxy: Proxy, client: FlaskClient) -> None:
    pipeline.load(settings, [SEED])
    proxy.fault, proxy.status = "error", 400
    response = client.get(QUESTION)
    assert response.status_code == 500
    assert "it hurts" in response.text


def test_while_the_store_is_behind_queries_are_refused_or_told(
    settings: Settings, proxy: Proxy, client: FlaskClient, make_settings: Make, write_page: Write
) -> None:
    pipeline.load(settings, [write_page(*RECORDS)])
    proxy.fault = "error"
    pipeline.load(settings, [write_page({**RECORDS[0], "title": "Other"})])
    proxy.fault = ""
    response = client.get(QUESTION)
    assert response.status_code == 503
    assert "being brought to the current release" in response.text
    assert "not yet at this release" in client.get("/health").json["store"]
    app = create_app(
        make_settings("oxigraph", BASE_URL=settings.BASE_URL, DATA_DIR=settings.DATA_DIR, STORE_BEHIND="answer")
    )
    response = app.test_client().get(QUESTION)
    app.extensions["publisher"].engine.close()
    assert response.status_code == 200
    assert response.headers["SPARQL-Store-Behind"].startswith("graphs=")
    releases.deliver(settings)
    response = client.get(QUESTION)
    assert (response.status_code, response.headers.get("SPARQL-Store-Behind")) == (200, None)


# the first publish, to a store that takes N-Quads


@pytest.fixture
def first(make_settings: Make, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("publisher.releases.delivery._MANY", 50)  # of which the records below have more
    urls = {"STORE": "query", "STORE_UPDATE_URL": "update", "STORE_QUADS_URL": "store"}
    return make_settings("oxigraph", STORE_TIMEOUT=2.0, **{name: f"{proxy.url}/{at}" for name, at in urls.items()})


def test_a_first_publish_goes_in_large_pieces(first: Settings, proxy: Proxy, write_page: Write) -> None:
    pipeline.load(first, [write_page(*RECORDS)])
    assert 0 < proxy.paths.count("/store") < 5
    assert "/update" not in proxy.paths
    assert releases.verify(first) == []
    pipeline.load(first, [write_page({**RECORDS[0], "title": "Mended"}, *RECORDS[1:])])
    assert "/update" in proxy.paths  # by which a graph is replaced
    assert releases.verify(first) == []


@pytest.mark.parametrize("fault", ["error", "lose"])
def test_a_first_publish_that_fails_midway_doubles_nothing(
    first: Settings, proxy: Proxy, write_page: Write, fault: str
) -> None:
    """Sent again, a graph with blank nodes would stand there twice."""
    page = write_page(*RECORDS)
    proxy.fault, proxy.after = fault, 1  # the first is the question whether the store is empty
    assert pipeline.load(first, [page]).behind
    proxy.fault = ""
    assert pipeline.load(first, [page]).behind == ""
    assert releases.verify(first) == []


def test_a_store_that_takes_no_quads_gets_updates(first: Settings, proxy: Proxy, write_page: Write) -> None:
    settings = replace(first, STORE_QUADS_URL=f"{proxy.url}/nowhere")
    assert pipeline.load(settings, [write_page(*RECORDS)]).behind == ""
    assert {"/nowhere", "/update"} <= set(proxy.paths)
    assert releases.verify(settings) == []
