"""Lists to browse: everything comes once and in order, counts are right, letters lead where they say."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.mapping.terms import fold
from publisher.settings import Settings
from publisher.web.browse import SHOWN, THINGS

pytest_plugins = ["web_fixtures"]
ITEM = re.compile(
    r'<li><a(?: rel="nofollow")? href="([^"]+)">([^<]+)</a>(?: <span class="number">\(([\d,]+)\)</span>)?</li>'
)


def rows(client: FlaskClient, path: str) -> list[tuple[str, str, int]]:
    """(address, text, count) of a list, page after page."""
    found = []
    while path:
        page = client.get(path).text
        lists = "".join(re.findall(r'<ul class="browse.*?</ul>', page, re.DOTALL))
        found += [
            (urljoin(path, html.unescape(href)), html.unescape(text), int(count.replace(",", "") or 0))
            for href, text, count in ITEM.findall(lists)
        ]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = urljoin(path, html.unescape(following[1])) if following else ""
    return found


@pytest.mark.parametrize("facet", THINGS)
def test_everything_comes_once_and_in_order(client: FlaskClient, published: Settings, facet: str) -> None:
    kind = THINGS[facet][0]
    catalog = Catalog(published.DATA_DIR)
    found = rows(client, f"/browse/{facet}")
    assert len({href for href, _, _ in found}) == len(found) == catalog.count(kind)
    names = [fold(text)[:200] for _, text, _ in found]
    assert names == sorted(names)


def test_the_counts_are_those_of_the_pages(client: FlaskClient) -> None:
    found = {text: (href, count) for href, text, count in rows(client, "/browse/keywords")}
    href, count = found["Probation"]
    assert count == 7
    assert f'Records with this keyword <span class="number">({count})</span>' in client.get(href).text


def test_a_letter_leads_to_its_first(client: FlaskClient) -> None:
    page = client.get("/browse/keywords").text
    letters = re.findall(r'<li><a href="([^"]+)"[^>]*>([^<]+)<span class="hidden"> \((\d+)\)', page)
    assert len(letters) > 10
    assert sum(int(count) for _, _, count in letters) == len(rows(client, "/browse/keywords"))
    for href, letter, count in letters:
        found = rows(client, urljoin("/browse/keywords", html.unescape(href)))
        assert fold(found[0][1])[0].upper() == letter[0] or letter == "0–9"
        assert fold(found[int(count) - 1][1])[0] == fold(found[0][1])[0] or letter == "0–9"


def test_a_list_begins_at_a_text(client: FlaskClient) -> None:
    assert rows(client, "/browse/keywords?begin=PRÓBATION")[0][1] == "Probation"
    for begin in ("", "zzzzzzz", "%", '"<b>', "\0", "x" * 1000):
        assert client.get("/browse/keywords", query_string={"begin": begin}).status_code == 200
    for after in ("x", "1", "1.", "-1.a", "9" * 40 + ".a", "1.\0"):
        assert client.get("/browse/keywords", query_string={"after": after}).status_code == 200


def test_years_and_types_lead_to_as_many_records_as_they_say(client: FlaskClient) -> None:
    for facet in ("years", "types"):
        found = rows(client, f"/browse/{facet}")
        assert found
        for href, _, count in found:
            assert f"{count} result{'s' if count > 1 else ''} found" in client.get(href).text
    years = [int(text) for _, text, _ in rows(client, "/browse/years")]
    assert years == sorted(years, reverse=True)


def test_a_long_list_has_pages(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    count = 2 * SHOWN + 5
    # many of one name: the order goes on inside of them
    page = write_page(*({"title": f"No. {n % 3}", "number": str(n)} for n in range(count)))
    pipeline.load(settings, [page])
    client = make_app(settings).test_client()
    found = rows(client, "/browse/titles")
    assert len(found) == len({href for href, _, _ in found}) == count
    assert 'aria-label="Pages"' in client.get("/browse/titles").text


def test_what_cannot_be_browsed(client: FlaskClient, settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    assert client.get("/browse/colours").status_code == 404
    empty = make_app(settings).test_client()
    for path in ("/browse", "/browse/keywords", "/browse/years"):
        assert "There is nothing here yet" in empty.get(path).text


def test_statements_stand_beside_their_lines(client: FlaskClient) -> None:
    page = client.get("/doc/resource/123404/source").text
    assert "dcterms:title" in page
    match = re.search(r'<a href="#l(\d+)">\1</a></td>\s*<th scope="row">Year', page)
    assert match
    assert re.search(rf'<span id="l{match[1]}"><span class="number">{match[1]}</span> Year: 2011', page)
    assert client.get("/doc/resource/none/source").status_code == 404


def test_the_scheme_of_keywords_is_a_list_for_people_and_data_for_programs(client: FlaskClient) -> None:
    for accept, target in (("text/html", "browse/keywords"), ("", "browse/keywords"), ("text/turtle", "dataset")):
        response = client.get("/keywords", headers={"Accept": accept})
        assert (response.status_code, response.headers["Location"]) == (303, target)
        assert response.headers["Vary"].startswith("Accept")
    turtle = client.get("/keywords", headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert "ConceptScheme" in turtle.text


def test_from_a_page_to_its_query_and_to_its_records(client: FlaskClient) -> None:
    for path, asked in (("/doc/concept/probation", "Probation"), ("/doc/agent/great-britain-hmi-probation", "Great")):
        page = client.get(path).text
        within = re.search(r'href="([^"]+search\?[^"]+)">Search in these records', page)
        assert within
        assert asked in within[1]
        count = re.search(r'(?:Author of|this keyword) <span class="number">\((\d+)\)</span></h2>', page)
        assert count
        assert f"{count[1]} result" in client.get(urljoin(path, html.unescape(within[1]))).text
        behind = re.search(r'href="([^"]+sparql\?query[^"]+)">The query behind this page', page)
        assert behind
        result = client.get(urljoin(path, html.unescape(behind[1])), headers={"Accept": "text/html"}).text
        assert f"{count[1]} row" in result
    record = client.get("/doc/resource/123404").text
    behind = re.search(r'href="([^"]+sparql\?query[^"]+)">The query behind this page', record)
    assert behind
    graph = client.get(
        urljoin("/doc/resource/x", html.unescape(behind[1])), headers={"Accept": "application/n-triples"}
    )
    whole = client.get("/doc/resource/123404.nt").data
    assert isomorphic(Graph().parse(data=graph.data, format="nt"), Graph().parse(data=whole, format="nt"))
