"""What is counted, by whom it can be read, and that no person is in it."""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from rdflib import RDF, Graph, Namespace

from publisher import pipeline, use
from publisher.cli import main
from publisher.settings import Settings
from publisher.use import Request, Use

pytest_plugins = ["web_fixtures"]
SCHEMA = Namespace("http://schema.org/")


@pytest.fixture
def counted(settings: Settings, write_page: Callable[..., Path], make_app: Callable[[Settings], Flask]) -> FlaskClient:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    return make_app(settings).test_client()


def metrics(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels."""
    response = client.get("/metrics")
    assert response.content_type == "text/plain; version=0.0.4"
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_prometheus_reads_what_is_counted(counted: FlaskClient) -> None:
    for _ in range(3):
        counted.get("/doc/resource/1.ttl")
    counted.get("/doc/resource/none", headers={"Accept": "application/json"})
    counted.get("/health")
    found = metrics(counted)
    assert found["publisher_requests_total", "documents", "text/turtle", "200"] == 3
    assert found["publisher_requests_total", "documents", "", "404"] == 1
    assert not any("operations" in name for name in found)
    assert found["publisher_release",] == 1
    assert found["publisher_descriptions", "resource"] == 1
    assert found["publisher_request_seconds_count", "documents"] == 4
    assert found["publisher_request_seconds_bucket", "documents", "+Inf"] == 4
    assert 0 < found["publisher_request_seconds_sum", "documents"] < 60
    assert found["publisher_sparql_queries", "running"] == found["publisher_sparql_queries", "waiting"] == 0
    counted.get("/doc/resource/1.ttl")
    assert metrics(counted)["publisher_requests_total", "documents", "text/turtle", "200"] == 4


def test_the_report_tells_operations_and_kinds_of_clients(counted: FlaskClient, settings: Settings) -> None:
    counted.get("/oai?verb=Identify", headers={"User-Agent": "Sickle/0.7 (jane@example.org)"})
    counted.get("/sparql?query=ASK{}", headers={"User-Agent": "JaneDoe/1.0"})
    counted.get("/search?q=Jane+Doe", headers={"User-Agent": "Mozilla/5.0 (X11; Linux)"})
    metrics(counted)
    environment = {"PUBLISHER_DATA_DIR": str(settings.DATA_DIR), "PUBLISHER_BASE_URL": settings.BASE_URL}
    output = CliRunner().invoke(main, ["use"], env=environment, catch_exceptions=False).output
    rows = {(row["door"], row["operation"], row["client"]): row for row in csv.DictReader(io.StringIO(output))}
    assert set(rows) == {("oai", "Identify", "Sickle"), ("sparql", "ASK", "program"), ("search", "", "browser")}
    assert all(row["requests"] == "1" for row in rows.values())
    turtle = CliRunner().invoke(main, ["use", "--format", "turtle"], env=environment).output
    graph = Graph().parse(data=turtle, format="turtle")
    assert len(set(graph.subjects(RDF.type, SCHEMA.InteractionCounter))) == 3
    assert CliRunner().invoke(main, ["use", "--until", "2020-01-01"], env=environment).output.count("\n") == 1
    kept = (settings.DATA_DIR / use.FILE).read_bytes().lower()
    assert b"jane" not in kept


def test_processes_add_their_counts(tmp_path: Path) -> None:
    asked = Request("search", "", "text/html", "browser", 200)
    processes = [Use(tmp_path, 30) for _ in range(4)]

    def work(process: Use) -> None:
        for _ in range(50):
            process.count(asked, 0.01)
            process.flush()

    threads = [threading.Thread(target=work, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process in processes:
        process.close()
    assert use.totals(tmp_path) == [("search", "text/html", 200, 200)]
    counts, seconds = use.latencies(tmp_path)["search"]
    assert sum(counts) == 200
    assert seconds == pytest.approx(2.0)


def test_counts_wait_where_they_cannot_be_written(tmp_path: Path) -> None:
    counts = Use(tmp_path / "none", 30)
    counts.count(Request("search", "", "text/html", "browser", 200), 0.01)
    counts.flush()
    assert use.totals(tmp_path / "none") == []
    (tmp_path / "none").mkdir()
    counts.close()
    assert use.totals(tmp_path / "none") == [("search", "text/html", 200, 1)]


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    counts = Use(tmp_path, 30)
    counts.count(Request("search", "", "text/html", "browser", 200), 0.01)
    counts.flush()
    db = sqlite3.connect(tmp_path / use.FILE)
    db.execute("UPDATE requests SET day = '2020-01-01'")
    db.commit()
    db.close()
    counts.count(Request("oai", "", "text/xml", "program", 200), 0.01)
    counts.close()
    assert [row[1] for row in use.report(tmp_path)] == ["oai"]


def test_nothing_is_counted_where_nothing_is_kept(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(Settings(**{**vars(settings), "USE_DAYS": 0})).test_client()
    client.get("/")
    metrics(client)
    assert not (settings.DATA_DIR / use.FILE).exists()


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", "Google"),
        ("Mozilla/5.0 (X11) Firefox/140", "browser"),
        ("curl/8", "curl"),
        ("OpenRefine 3.8", "OpenRefine"),
        ("Somebody's own thing", "program"),
        ("", "unnamed"),
    ],
)
def test_kinds_of_clients(user_agent: str, kind: str) -> None:
    assert use.client_of(user_agent) == kind
