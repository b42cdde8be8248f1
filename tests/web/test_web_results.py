"""Results of a search for programs: each format is read back by its own reader; suggestions, OpenSearch, limits."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from pyoxigraph import RdfFormat, parse
from rdflib import Graph

from publisher import pipeline
from publisher.readers import read
from publisher.record import Record
from publisher.search import FIELDS, values
from publisher.settings import Settings
from publisher.web.rate import Rate
from publisher.web.results import result_formats

pytest_plugins = ["web_fixtures"]
ATOM = {"a": "http://www.w3.org/2005/Atom", "o": "http://a9.com/-/spec/opensearch/1.1/"}
ID = "https://lib.example/id/resource/"


def ids(client: FlaskClient, **asked: str) -> list[str]:
    """The IRIs that a search finds, by JSON, page after page."""
    found, url = [], "/search.json?" + urlencode(asked)
    while url:
        body = client.get(url).json
        assert body is not None
        found += [result["id"] for result in body["results"]]
        url = (body["next"] or "").removeprefix("https://lib.example")
    return found


def test_json_goes_on_to_the_end(client: FlaskClient) -> None:
    body = client.get("/search.json?q=probation&size=3").json
    assert body is not None
    assert (body["total"], body["start"], len(body["results"])) == (13, 0, 3)
    assert {"value": "Probation", "count": 7} in body["facets"]["keyword"]
    assert body["results"][0]["document"].startswith("https://lib.example/doc/resource/")
    found = ids(client, q="probation", size="3")
    assert len(found) == len(set(found)) == 13
    assert found == ids(client, q="probation", size="100")


def test_csv_can_be_read_again(client: FlaskClient, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is taken along as a table is what our own reader of tables understands."""
    response = client.get("/search.csv?q=probation&size=1000")
    assert response.content_type == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["Address"] for row in rows] == ids(client, q="probation")
    path = tmp_path_factory.mktemp("csv") / "records.csv"
    path.write_bytes(response.data)
    records = [item for item in read(path, "records.csv") if isinstance(item, Record)]
    assert len(records) == 13
    for row, record in zip(rows, records, strict=True):
        again = values(record)
        for name in ("title", "shelf_number", "year", "summary"):
            assert "; ".join(again[name]) == row[FIELDS[name]], name


def test_rdf_is_that_of_the_records(client: FlaskClient) -> None:
    turtle = client.get("/search.ttl?q=probation&size=1000")
    json_ld = client.get("/search?q=probation&size=1000", headers={"Accept": "application/ld+json"})
    assert (turtle.mimetype, json_ld.mimetype) == ("text/turtle", "application/ld+json")
    counts = []
    for body, syntax in ((turtle.data, RdfFormat.TURTLE), (json_ld.data, RdfFormat.JSON_LD)):
        found = [quad.triple for quad in parse(body, format=syntax)]
        counts.append(len(set(found)))
        assert {f"<{iri}>" for iri in ids(client, q="probation")} <= {str(triple.subject) for triple in found}
    assert counts[0] == counts[1]
    alone = Graph()
    for iri in ids(client, q="probation"):
        alone.parse(data=client.get(urlsplit(iri).path.replace("/id/", "/doc/") + ".nt").data, format="nt")
    assert len(alone) == counts[0]


def test_many_records_are_several_batches(client: FlaskClient) -> None:
    body = json.loads(client.get("/search.jsonld?size=1000").data)
    assert len(body) == 2
    assert len(list(parse(client.get("/search.ttl?size=1000").data, format=RdfFormat.TURTLE))) > 1000
    assert json.loads(client.get("/search.jsonld?q=zzzz").data) == []


def test_atom(client: FlaskClient) -> None:
    response = client.get("/search?q=probation&size=4", headers={"Accept": "application/atom+xml"})
    feed = etree.fromstring(response.data)
    assert feed.findtext("o:totalResults", namespaces=ATOM) == "13"
    entries = feed.findall("a:entry", ATOM)
    assert [entry.findtext("a:id", namespaces=ATOM) for entry in entries] == ids(client, q="probation")[:4]
    for entry in [feed, *entries]:  # RFC 4287 4.1: each has these
        for name in ("title", "id", "updated"):
            assert entry.findtext(f"a:{name}", namespaces=ATOM)
    (following,) = feed.xpath("a:link[@rel='next']/@href", namespaces=ATOM)
    assert f'<{following}>; rel="next"' in response.headers["Link"]
    second = etree.fromstring(client.get(following.removeprefix("https://lib.example")).data)
    assert second.findtext("o:startIndex", namespaces=ATOM) == "5"


@pytest.mark.parametrize("row", result_formats(), ids=lambda row: str(row.extension))
def test_every_format_by_extension_and_by_accept(client: FlaskClient, row: object) -> None:
    extension, media_type = row.extension, row.media_type  # type: ignore[attr-defined]
    by_extension = client.get(f"/search.{extension}?q=probation")
    negotiated = client.get("/search?q=probation", headers={"Accept": media_type})
    assert by_extension.data == negotiated.data != b""
    assert by_extension.content_type == negotiated.content_type
    assert "Accept" in negotiated.headers["Vary"]
    assert by_extension.headers["Search-Results"] == "total=13, start=0, here=13"
    again = client.get(f"/search.{extension}?q=probation", headers={"If-None-Match": by_extension.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(f"/search.{extension}").headers["Search-Results"].endswith("here=20")


def test_there_are_no_other_formats(client: FlaskClient) -> None:
    assert client.get("/search.xyz?q=a").status_code == 404
    response = client.get("/search?q=a", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "search.csv?q=a" in response.text


def test_a_page_is_as_long_as_the_settings_say(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., object]
) -> None:
    small = dataclasses.replace(settings, SEARCH_EXPORT=30, MAX_PAGE_SIZE=10)
    page = write_page(*({"title": f"No. {n}", "number": str(n)} for n in range(40)))
    pipeline.load(small, [page])  # type: ignore[list-item]
    client = make_app(small).test_client()
    assert client.get("/search.csv?size=1000").headers["Search-Results"] == "total=40, start=0, here=30"
    assert 'rel="next"' in client.get("/search.csv?size=1000").headers["Link"]
    assert client.get("/search.json?size=1000").headers["Search-Results"] == "total=40, start=0, here=10"
    assert len(ids(client, size="7")) == 40


# suggestions


def test_suggestions(client: FlaskClient) -> None:
    response = client.get("/suggest?q=PRÓB")
    assert response.mimetype == "application/x-suggestions+json"
    typed, found, kinds, addresses = response.json  # type: ignore[misc]
    assert typed == "PRÓB"
    assert found[0] == "Probation"
    assert len(found) == len(kinds) == len(addresses) <= 10
    for address in addresses:
        assert client.get(address.removeprefix("https://lib.example")).status_code == 200
    assert set(client.get("/suggest?q=g&field=author").json[2]) == {"author"}  # type: ignore[index]
    for typed in ("", " ", "zzzz", "%", "_", '"', "\0", "x" * 5000):
        assert client.get("/suggest?" + urlencode({"q": typed})).json[1] == []  # type: ignore[index]


def test_the_opensearch_description(client: FlaskClient) -> None:
    assert 'href="opensearch.xml"' in client.get("/").text
    root = etree.fromstring(client.get("/opensearch.xml").data)
    templates = {url.get("type"): url.get("template") for url in root.findall("o:Url", ATOM)}
    assert templates["text/html"] == "https://lib.example/search?q={searchTerms}&size={count?}"
    for media_type, template in templates.items():
        url = template.replace("{searchTerms}", "probation").replace("{count?}", "5")
        response = client.get(url.removeprefix("https://lib.example"))
        assert (response.status_code, response.mimetype) == (200, media_type)


# limits


def test_a_bucket_fills_again() -> None:
    rate = Rate(60)
    assert [rate.wait("a", 0.0) for _ in range(60)] == [0] * 60
    assert rate.wait("a", 0.0) == 2
    assert rate.wait("b", 0.0) == 0
    assert (rate.wait("a", 0.5), rate.wait("a", 1.1), rate.wait("a", 1.2)) == (1, 0, 1)
    assert [Rate(0).wait("a", 0.0) for _ in range(1000)] == [0] * 1000


def test_too_many_searches(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(dataclasses.replace(settings, SEARCH_RATE=3)).test_client()
    proxied = {"X-Forwarded-For": "192.0.2.1, 192.0.2.7"}
    answers = [client.get("/search?q=a", headers=proxied) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 21
    assert "3 searches a minute" in answers[-1].text
    assert client.get("/search").status_code == 200  # the form alone is no search
    # another client of the same proxy; what a client says of itself counts only from this machine
    assert client.get("/search?q=a", headers={"X-Forwarded-For": "192.0.2.8"}).status_code == 200
    direct = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.1"}}
    codes = [
        client.get("/search?q=a", headers={"X-Forwarded-For": f"10.0.0.{n}"}, **direct).status_code for n in range(4)
    ]
    assert codes == [200, 200, 200, 429]
