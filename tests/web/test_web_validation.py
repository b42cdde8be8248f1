"""What the validation says, at its doors: a page of ten records with five kinds of faults, mended and accepted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import RECORD
from flask import Flask
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from publisher import pipeline
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
BASE = "https://lib.example"
SH = Namespace("http://www.w3.org/ns/shacl#")
DQV = Namespace("http://www.w3.org/ns/dqv#")
PUB = Namespace(f"{BASE}/ontology#")
SYNTAXES = {
    "text/turtle": ("turtle", "ttl"),
    "application/ld+json": ("json-ld", "jsonld"),
    "application/rdf+xml": ("xml", "rdf"),
    "application/n-triples": ("nt", "nt"),
}
FAULTS = {
    2: {"title": ""},  # no title
    4: {"number": ""},  # no number
    5: {"number": "..."},  # a number without letters and digits
    7: {"number": "1"},  # that of another record
    9: {"title": "\x07"},  # a title of which nothing can be published
}


def page(path: Path, faulty: bool = True) -> Path:
    blocks = []
    for number in range(1, 11):
        given = {
            "title": f"Report {number}",
            "number": str(number),
            "author": "Smith, Jane A.",
            "keywords": "Probation",
        }
        blocks.append(RECORD.format(**(given | (FAULTS.get(number, {}) if faulty else {}))))
    path.write_text("Results for tests\n\n10 results found\n\n" + "\n".join(blocks), "utf-8")
    return path


@pytest.fixture
def faulty(settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]) -> FlaskClient:
    summary = pipeline.load(settings, [page(tmp_path / "page.txt")])
    assert (summary.published, summary.refused) == (5, 5)
    return make_app(settings).test_client()


def test_ten_records_with_five_kinds_of_faults(faulty: FlaskClient, settings: Settings, tmp_path: Path) -> None:
    for number in (1, 3, 6, 8, 10):
        assert faulty.get(f"/doc/resource/{number}").status_code == 200
    assert faulty.get("/doc/resource/2").status_code == 404
    text = faulty.get("/validation/quarantine").text
    assert text.count('class="refused"') == 5
    for words in (
        "5 records were read and not published",
        "A record needs exactly one title",
        "A record needs a shelf number",
        "at least one letter or digit",
        "has this number, too, and says something else",
        "Number 1: <a",  # of which the first is published
        "page.txt, lines ",
        "Author: Smith, Jane A.",  # the source
    ):
        assert words in text, words
    assert str(tmp_path) not in text + faulty.get("/doc/resource/1/validation").text
    # what the summary says
    text = faulty.get("/validation").text
    assert "Of 5 published records 5 keep all rules" in text
    assert "5 records are in quarantine" in text
    assert text.count("<svg") == 3
    # mended and loaded again they leave
    pipeline.load(settings, [page(tmp_path / "page.txt", faulty=False)])
    assert "No record is held back" in faulty.get("/validation/quarantine").text
    for number in range(1, 11):
        assert faulty.get(f"/doc/resource/{number}").status_code == 200
    assert 'aria-label="records in quarantine, from release 1 to 2: 5, 0"' in faulty.get("/validation").text


def test_what_could_not_be_read_is_shown(
    settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    sources = tmp_path / "lines.jsonl"
    sources.write_text('{"title": "<One>", "shelf\n' * 3, "utf-8")
    pipeline.load(settings, [sources])
    client = make_app(replace(settings, PAGE_SIZE=2)).test_client()
    assert "3 places in the sources could not be read" in client.get("/validation").get_data(True)
    first = client.get("/validation/quarantine").get_data(True)
    assert "3 places in the sources, of which no record could be made." in first
    assert "<strong>lines.jsonl</strong>, line 2: <span>this is no JSON" in first
    assert str(tmp_path) not in first
    assert "line 3" not in first
    assert "line 3" in client.get("/validation/quarantine?unread=2").get_data(True)


def test_what_is_said_is_in_the_language_of_the_page(faulty: FlaskClient) -> None:
    text = faulty.get("/validation/quarantine", headers={"Accept-Language": "de"}).text
    for words in (
        "5 Titelaufnahmen wurden gelesen und nicht veröffentlicht",
        "Eine Titelaufnahme braucht genau einen Titel.",
        "in eckigen Klammern einen bilden.",  # what to do
        "Die Titelaufnahme in page.txt:",  # the place in the message, too
        "<em>Signatur</em>",
    ):
        assert words in text, words
    assert "A record needs" not in text
    text = faulty.get("/doc/resource/2/validation?lang=de", headers={"Accept": "text/html"}).text
    assert "Eine Titelaufnahme braucht genau einen Titel." in text
    assert "records?rule=shapes%23abstract&amp;lang=de" not in text


def test_reports_in_german_are_read_in_english(
    settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    settings = replace(settings, REPORT_LANGUAGE="de")
    pipeline.load(settings, [page(tmp_path / "page.txt")])
    client = make_app(settings).test_client()
    assert "Titel: Eine Titelaufnahme braucht genau einen Titel." in client.get("/doc/resource/2/validation.ttl").text
    text = client.get("/doc/resource/2/validation", headers={"Accept": "text/html"}).text
    assert "A record needs exactly one title." in text
    assert "<em>Title</em>" in text
    assert "Eine Titelaufnahme braucht" not in text


@pytest.mark.parametrize("key", ["2", "1", "3"])
def test_a_report_in_every_syntax(faulty: FlaskClient, key: str) -> None:
    """Of a refused record, of one that is published and refused, and of a good one."""
    path = f"/doc/resource/{key}/validation"
    graphs = []
    for media_type, (syntax, extension) in SYNTAXES.items():
        response = faulty.get(path, headers={"Accept": media_type})
        assert (response.status_code, response.mimetype, response.headers["Vary"]) == (200, media_type, "Accept")
        assert response.headers["Content-Location"].endswith(f"/validation.{extension}")
        graphs.append(Graph().parse(data=response.data, format=syntax))
        assert faulty.get(f"{path}.{extension}").data == response.data
        conditional = {"Accept": media_type, "If-None-Match": response.headers["ETag"]}
        assert faulty.get(path, headers=conditional).status_code == 304
        assert f'<{BASE}/doc/resource/{key}>; rel="describes"' in response.headers["Link"]
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])
    reports = set(graphs[0].subjects(RDF.type, SH.ValidationReport))
    assert len(reports) == (2 if key == "1" else 1)
    refusals = set(graphs[0].subjects(RDF.type, PUB.Refusal))
    assert len(refusals) == (0 if key == "3" else 1)
    for report in reports:
        assert graphs[0].value(report, SH.conforms) == Literal(report not in refusals)
    assert faulty.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_a_result_says_where_what_and_what_to_do(faulty: FlaskClient) -> None:
    graph = Graph().parse(data=faulty.get("/doc/resource/2/validation.ttl").data, format="turtle")
    (result,) = graph.subjects(SH.sourceShape, URIRef(f"{BASE}/shapes#title"))
    assert graph.value(result, SH.focusNode) == URIRef(f"{BASE}/id/resource/2")
    assert graph.value(result, SH.resultPath) == URIRef("http://purl.org/dc/terms/title")
    assert graph.value(result, SH.resultSeverity) == SH.Violation
    assert "Title: A record needs exactly one title." in str(graph.value(result, SH.resultMessage))
    assert str(graph.value(result, PUB.sourceFile)).endswith("page.txt")
    assert int(str(graph.value(result, PUB.sourceLine))) > 20


def test_the_report_is_linked(faulty: FlaskClient) -> None:
    response = faulty.get("/doc/resource/3")
    assert f'<{BASE}/doc/resource/3/validation>; rel="describedby"; profile="{SH}"' in response.headers["Link"]
    assert 'href="../../doc/resource/3/validation"' in response.text
    assert "This record keeps all rules" in response.text
    assert "Another version with this number was refused." in faulty.get("/doc/resource/1").text
    assert "validation" not in faulty.get("/doc/concept/probation").headers["Link"]


def test_links_of_reports_lead_somewhere(faulty: FlaskClient) -> None:
    import re
    from urllib.parse import urljoin

    for path in ("/validation", "/validation/quarantine", "/doc/resource/1/validation", "/doc/resource/2/validation"):
        text = faulty.get(path).text
        for href in set(re.findall(r'href="([^"#]+)', text)):
            if not href.startswith(("http", "mailto", "data")):
                target = urljoin(f"http://localhost{path}", href.replace("&amp;", "&")).removeprefix("http://localhost")
                assert faulty.get(target).status_code in (200, 303), (path, href)


def test_what_is_neither_published_nor_refused(faulty: FlaskClient, settings: Settings) -> None:
    assert faulty.get("/doc/resource/77/validation").status_code == 404
    pipeline.withdraw(settings, ["3"])
    assert faulty.get("/doc/resource/3/validation").status_code == 410
    assert faulty.get("/validation/records?rule=nonsense").status_code == 404


def test_an_accepted_record_says_so(faulty: FlaskClient, settings: Settings) -> None:
    pipeline.accept(settings, "9", "Ann", "The <bell> is its title.")
    for path in ("/doc/resource/9", "/doc/resource/9/validation"):
        assert "in spite of its faults by Ann on" in faulty.get(path).text
        assert "The &lt;bell&gt; is its title." in faulty.get(path).text
    graph = Graph().parse(data=faulty.get("/doc/resource/9/validation.ttl").data, format="turtle")
    assert graph.value(URIRef(f"{BASE}/doc/resource/9/validation"), PUB.acceptedBy) == Literal("Ann")
    assert "records published in spite of a violation" in faulty.get("/validation").text


def test_the_summary_as_table_and_in_dqv(faulty: FlaskClient) -> None:
    response = faulty.get("/validation", headers={"Accept": "text/csv"})
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert faulty.get("/validation.csv").data == response.data
    counts = {(row["rule"], row["severity"]): int(row["records"]) for row in rows}
    assert counts["shapes#title", "violation"] == 2
    assert counts["", "refused"] == 5
    graphs = [
        Graph().parse(data=faulty.get("/validation", headers={"Accept": media_type}).data, format=syntax)
        for media_type, (syntax, _) in SYNTAXES.items()
    ]
    assert all(isomorphic(graphs[0], other) for other in graphs[1:])
    graph = graphs[0]
    measurements = set(graph.subjects(RDF.type, DQV.QualityMeasurement))
    assert len(measurements) == len(rows)
    for measurement in measurements:
        metric = graph.value(measurement, DQV.isMeasurementOf)
        assert (metric, RDF.type, DQV.Metric) in graph
        assert graph.value(metric, DQV.inDimension) is not None
        assert graph.value(measurement, DQV.computedOn) == URIRef(f"{BASE}/dataset")
    assert sorted(int(str(graph.value(item, DQV.value))) for item in measurements) == sorted(counts.values())


def test_the_records_of_a_rule_page_by_page(
    settings: Settings, tmp_path: Path, make_app: Callable[[Settings], Flask]
) -> None:
    from dataclasses import replace

    small = replace(settings, PAGE_SIZE=2)
    pipeline.load(small, [page(tmp_path / "page.txt")])
    client = make_app(small).test_client()
    import re

    for path, count in (("/validation/quarantine", 5), ("/validation/records?rule=shapes%23title", 2)):
        seen: list[str] = []
        following = path
        while following:
            text = client.get(following).text
            seen += re.findall(r'href="[./]*(doc/resource/[^/"]+/validation)"', text)
            found = re.search(r'rel="next" href="([^"]+)"', text)
            following = "/validation/" + found[1].rpartition("/")[2].replace("&amp;", "&") if found else ""
        assert len(seen) == len(set(seen)) == count


def test_keys_with_slashes(
    settings: Settings, write_page: Callable[..., Path], make_app: Callable[[Settings], Flask]
) -> None:
    """Sent as %2F, they arrive decoded; a key may even end as the address of a report does."""
    keys = ("a/b", "a/b/validation", "c.ttl")
    pipeline.load(settings, [write_page(*({"title": f"Report {key}", "number": key} for key in keys))])
    client = make_app(settings).test_client()
    response = client.get("/doc/resource/c.ttl/validation")
    assert "Report c.ttl" in response.text
    response = client.get("/doc/resource/a%2Fb%2Fvalidation/validation")
    assert "Report a/b/validation" in response.text
    assert 'href="../../../static/style.css"' in response.text
    # the record of this key comes first
    assert "<h1>Report a/b/validation</h1>" in client.get("/doc/resource/a%2Fb%2Fvalidation").text
    assert client.get("/doc/resource/a%2Fb%2Fvalidation.ttl").mimetype == "text/turtle"
    pipeline.withdraw(settings, ["a/b/validation"])
    assert client.get("/doc/resource/a%2Fb%2Fvalidation").status_code == 410


def test_a_site_without_records(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(settings).test_client()
    assert "No records have been published here yet" in client.get("/validation").text
    assert client.get("/validation.ttl").status_code == 200
    assert "No record is held back" in client.get("/validation/quarantine").text
