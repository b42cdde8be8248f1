"""The search form: its fields in any combination, what can be typed into them, pages, order and facets."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest
from conftest import RECORDS
from flask import Flask
from flask.testing import FlaskClient

from publisher import pipeline
from publisher.search import FIELDS
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
SEED = {
    "author": "HMI Probation",
    "title": "Putting the Pieces Together",
    "summary": "ViSOR",
    "details": "Criminal Justice Joint Inspection",
    "source": "Accessed November 19, 2011",
    "year": "2011",
    "country": "United Kingdom",
    "url": "mappa-thematic-report.pdf",
    "shelf_number": "123404",
    "keyword": "Agency Collaboration (U.K.)",
}


def found(client: FlaskClient, **asked: str) -> tuple[int, list[str]]:
    """What a search says it found, and the titles on its page."""
    response = client.get("/search?" + urlencode(asked))
    assert response.status_code == 200
    count = re.search(r'<h2 class="count">([\d,]+) results? found</h2>', response.text)
    assert count, response.text
    return int(count[1].replace(",", "")), titles_of(response.text)


def titles_of(page: str) -> list[str]:
    """The titles of the results on a page, without the marks of what was searched for."""
    titles = re.findall(r'<li>\s*<h3><a href="[^"]+">(.+?)</a></h3>', page)
    return [html.unescape(re.sub("</?mark>", "", title)) for title in titles]


def test_each_field_finds_the_record(client: FlaskClient) -> None:
    assert set(SEED) == set(FIELDS)
    for name, text in SEED.items():
        for typed in (text, text.upper(), f"  {text}  ", f'"{text}"'):
            count, titles = found(client, **{name: typed})
            assert count >= 1, (name, typed)
            assert any("Putting the Pieces Together" in title for title in titles), (name, typed)
        assert found(client, q=text)[0] >= found(client, **{name: text})[0]


def test_fields_narrow_each_other(client: FlaskClient) -> None:
    for first, second in itertools.combinations(SEED, 2):
        both = found(client, **{first: SEED[first], second: SEED[second]})
        assert 1 <= both[0] <= min(found(client, **{name: SEED[name]})[0] for name in (first, second))
        assert found(client, **{first: SEED[first], second: "zzzz"})[0] == 0
    assert found(client, **SEED, q="inspection") == (1, found(client, shelf_number="123404")[1])


def test_a_field_is_searched_by_itself(client: FlaskClient) -> None:
    assert found(client, author="Putting the Pieces Together")[0] == 0
    # the number CJL-2011-014 has the word, the year of the record from the page is no number
    assert found(client, shelf_number="2011") == (
        1,
        ["Bail Decisions in Three Rural Courts: A Study of Listing Practice"],
    )
    assert found(client, shelf_number="inspection")[0] == 0
    assert found(client, year="123404")[0] == 0


TYPED = {
    "words in any order": ("title", "together pieces", 1),
    "all words must be there": ("title", "together zzzz", 0),
    "a phrase": ("title", '"putting the pieces"', 1),
    "a phrase in another order": ("title", '"pieces the putting"', 0),
    "a phrase and a word": ("title", '"the pieces" multi', 1),
    "a quote without an end": ("title", '"putting the pieces', 1),
    "a prefix": ("title", "themat*", None),
    "a prefix of nothing": ("title", "qzx*", 0),
    "no prefix without a star": ("title", "themat", 0),
    "case": ("title", "PUTTING", 1),
    "an accent typed": ("author", "Ōno", 1),
    "an accent not typed": ("author", "ono kenji", 1),
    "several accents": ("author", "nguyen thi hoa", 1),
    "a hyphen": ("title", "multi-agency", 1),
    "a qualifier": ("keyword", "Agency Collaboration (U.K.)", 1),
    "a range of years": ("year", "2011-2011", None),
    "a range the wrong way round": ("year", "2011-2001", 0),
    "an impossible range": ("year", "0000-9999", None),
}


@pytest.mark.parametrize(("name", "typed", "count"), TYPED.values(), ids=TYPED)
def test_what_is_typed(client: FlaskClient, name: str, typed: str, count: int | None) -> None:
    got = found(client, **{name: typed})[0]
    assert got == count if count is not None else got > 1


HOSTILE = [
    '"',
    '""',
    '"""',
    "*",
    "**",
    "a*b*",
    "AND",
    "OR",
    "NOT x",
    "a AND b",
    "a OR b",
    "title:x",
    "(",
    ")",
    "(a",
    ":",
]
HOSTILE += [
    "\0",
    "\0probation",
    "'; DROP TABLE thing; --",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%00",
    "\\",
    "/",
    "~",
]
HOSTILE += [
    "-",
    "+",
    "^2",
    "[a TO z]",
    "a" * 5000,
    "é" * 5000,
    "\u202e\u0301",
    "🙂",
    "x " * 3000,
    "1" * 400,
    "٢٠١١-٢٠١٢",
]
HOSTILE += ["2011-", "-2011", "99999-99999", "\ud7ff\ue000\ufffe", "\r\nX-Injected: 1"]


@pytest.mark.parametrize("typed", HOSTILE, ids=[repr(text[:12]) for text in HOSTILE])
def test_hostile_input_is_text(client: FlaskClient, typed: str) -> None:
    everything = found(client)[0]
    for name in ("q", *FIELDS):
        response = client.get("/search?" + urlencode({name: typed}))
        assert response.status_code == 200
        count, _ = found(client, **{name: typed})
        assert count < everything or typed == "AND"  # a word like others, and every record has it somewhere
        assert "<script>" not in response.text
        assert "X-Injected" not in response.headers


def test_a_megabyte_is_cut(client: FlaskClient) -> None:
    response = client.get("/search?" + urlencode({"q": "probation " * 100_000}))
    assert response.status_code == 200
    assert len(response.data) < 200_000
    assert found(client, q="probation " * 100_000)[0] == found(client, q="probation")[0]


def test_bytes_that_are_no_utf_8(client: FlaskClient) -> None:
    assert client.get("/search?q=%ff%fe%80").status_code == 200
    assert client.get("/search?%ff=%fe&q").status_code == 200
    assert client.get("/search?q=a&q=b&q[]=c&=").status_code == 200


def test_a_field_that_is_given_twice_or_unknown(client: FlaskClient) -> None:
    assert client.get("/search?q=probation&q=zzz&colour=red").status_code == 200


def test_one_result_is_singular(client: FlaskClient) -> None:
    assert "1 result found" in client.get("/search?shelf_number=123404").text
    assert "0 results found" in client.get("/search?shelf_number=0").text
    assert f"{RECORDS} results found" in client.get("/search").text


def test_results_are_labelled_as_readers_know_them(client: FlaskClient) -> None:
    page = client.get("/search?shelf_number=123404").text
    labels = ["Author", "Details", "Year", "Country", "Shelf Number", "Keywords"]
    assert re.findall(r"<dt>([^<]+)</dt>", page) == labels
    keyword = re.search(r'href="([^"]+)">Agency Collaboration \(U\.K\.\)</a>', page)
    assert keyword
    assert client.get(urljoin("/search", keyword[1])).status_code == 200


# pages and order


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, make_app: Callable[[Settings], Flask]) -> FlaskClient:
    """90 records, of the years 1931 to 2020, in a site that shows twenty on a page."""
    from conftest import RECORD

    folder: Path = tmp_path_factory.mktemp("many")
    blocks = [
        RECORD.format(author="Smith, Jane A.", title=f"Report {n * 7 % 90:03}", number=str(n), keywords="Probation")
        .replace("2011. 50p.", f"{1930 + n}. 50p.")
        .replace("Year: 2011", f"Year: {1930 + n}")
        for n in range(1, 91)
    ]
    (folder / "page.txt").write_text("90 results found\n\n" + "\n".join(blocks), "utf-8")
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=folder / "site")
    assert pipeline.load(settings, [folder / "page.txt"]).published == 90
    return make_app(settings).test_client()


@pytest.mark.parametrize("sort", ["", "year", "-year", "title"])
def test_paging_shows_everything_once(many: FlaskClient, sort: str) -> None:
    seen, url, pages = [], f"/search?q=report&sort={sort}", 0
    while url:
        page = many.get(url).text
        seen += titles_of(page)
        assert f'<ol class="results" start="{20 * pages + 1}">' in page
        assert '"prev nofollow"' in page or pages == 0
        pages += 1
        following = re.search(r'rel="next nofollow" href="([^"]+)"', page)
        url = urljoin("/search", html.unescape(following[1])) if following else ""
    assert (pages, len(seen), len(set(seen))) == (5, 90, 90)
    years = {f"Report {n * 7 % 90:03}": n for n in range(1, 91)}
    if sort == "title":
        assert seen == sorted(seen)
    elif sort:
        assert [years[title] for title in seen] == sorted(years.values(), reverse=sort == "-year")


@pytest.mark.parametrize("after", ["90.1", "99999.99999999999", "10000.1"])
def test_a_page_beyond_the_last(many: FlaskClient, after: str) -> None:
    text = many.get(f"/search?q=report&after={after}").text
    assert "90 results found" in text
    assert "There are fewer pages than that" in text


@pytest.mark.parametrize("after", ["0", "-1", "x", "", "1.5.1", "٣.1", "%00", "9" * 30])
def test_an_odd_place_is_the_first(many: FlaskClient, after: str) -> None:
    text = many.get(f"/search?q=report&after={after}&before={after}").text
    assert '<ol class="results" start="1"' in text


def test_pages_of_another_size(many: FlaskClient) -> None:
    assert len(titles_of(many.get("/search?q=report&size=50").text)) == 50
    assert len(titles_of(many.get("/search?q=report&size=1000").text)) == 90  # fewer than the most of a page
    for size in ("0", "-5", "x"):
        assert len(titles_of(many.get(f"/search?q=report&size={size}").text)) == 20
    following = re.search(r'rel="next nofollow" href="([^"]+)"', many.get("/search?q=report&size=50").text)
    assert following
    assert "size=50" in following[1]


def test_an_unknown_order_is_relevance(many: FlaskClient) -> None:
    assert '<strong aria-current="true">relevance</strong>' in many.get("/search?q=report&sort=DROP").text


def test_a_range_of_years(many: FlaskClient) -> None:
    assert found(many, year="1940-1949")[0] == 10
    assert found(many, year="1940 – 1940")[0] == 1
    assert found(many, year="1949-1940")[0] == 0


# facets


def facet(page: str, text: str) -> tuple[int, str]:
    """The count and the link of a value in the column beside the results."""
    aside = page[page.index("<aside") :]
    number = r'<span class="number">\(([\d,]+)\)</span>'
    match = re.search(rf'href="([^"]+)">{re.escape(html.escape(text))}</a> {number}', aside)
    assert match, aside
    return int(match[2]), urljoin("/search", html.unescape(match[1]))


def test_a_facet_narrows_and_can_be_taken_back(client: FlaskClient) -> None:
    page = client.get("/search?q=probation&sort=year").text
    count, link = facet(page, "United Kingdom")
    narrowed = client.get(link).text
    assert f"{count} results found" in narrowed
    assert "sort=year" in link
    remove = re.search(r'<strong>United Kingdom</strong> <a rel="nofollow" href="([^"]+)">', narrowed)
    assert remove
    again = client.get(urljoin("/search", html.unescape(remove[1]))).text
    assert titles_of(again) == titles_of(page)


def test_a_facet_adds_to_what_was_typed_in_its_field(client: FlaskClient) -> None:
    page = client.get("/search?keyword=probation").text
    _, link = facet(page, "Offender Supervision")
    narrowed = client.get(link).text
    assert 1 <= int(re.search(r"(\d+) results? found", narrowed)[1]) <= 13  # type: ignore[index]
    assert "<strong>probation =&#34;Offender Supervision&#34;</strong>" in narrowed


def test_every_facet_leads_to_as_many_results_as_it_says(client: FlaskClient) -> None:
    page = client.get("/search?q=probation").text
    links = re.findall(r'<li><a rel="nofollow" href="([^"]+)">[^<]+</a> <span class="number">\((\d+)\)', page)
    assert len(links) > 20
    for link, count in links:
        text = client.get(urljoin("/search", html.unescape(link))).text
        assert re.findall(r"(\d+) results? found", text)[0] == count


def test_searches_are_not_for_robots(client: FlaskClient) -> None:
    response = client.get("/search?q=x")
    assert '<meta name="robots" content="noindex, nofollow">' in response.text
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Disallow: /search?" in client.get("/robots.txt").text


def test_what_is_searched_for_can_be_taken_back_field_by_field(client: FlaskClient) -> None:
    page = client.get("/search?q=probation&country=Japan").text
    links = re.findall(r"</strong> <a rel=\"nofollow\" href=\"([^\"]+)\">", page)
    left = {urljoin("/search", html.unescape(link)) for link in links}
    assert left == {"/search?q=probation", "/search?country=Japan"}


def test_the_form_keeps_what_was_typed(client: FlaskClient) -> None:
    page = client.get("/search?" + urlencode({"title": 'a "b" <c>', "sort": "year"})).text
    assert 'name="title" value="a &#34;b&#34; &lt;c&gt;"' in page
    assert '<input type="hidden" name="sort" value="year">' in page
    assert "<details open>" in page
    assert "<c>" not in page


# lists


def test_records_are_chosen_for_a_list(client: FlaskClient) -> None:
    """A list is an address: it can be kept, searched in, and taken along in every format."""
    page = client.get("/search?q=probation").text
    keys = re.findall(r'<input type="checkbox" name="record" value="([^"]+)" form="list">', page)
    assert len(keys) == 13
    address = urlencode({"record": [html.unescape(key) for key in keys[:3]]}, doseq=True)
    listed = client.get(f"/search?{address}").text
    assert "3 results found" in listed
    assert "In a list of 3 records" in listed
    assert listed.count(" checked> ") == 3
    assert client.get(f"/search.csv?{address}").headers["Search-Results"] == "total=3, start=0, here=3"
    assert re.search(r'href="search.csv\?record=[^"]+record=', listed)
    # the form and the facets stay inside of the list
    assert listed.count('<input type="hidden" name="record"') == 3
    one = client.get(f"/search?{address}&shelf_number={keys[0]}").text
    assert "1 result found" in one


def test_a_list_of_what_is_not_there(client: FlaskClient) -> None:
    for key in ("none", "", "\0", "x" * 10_000, "*"):
        assert "0 results found" in client.get("/search", query_string={"record": key}).text
    assert client.get("/search", query_string=[("record", str(n)) for n in range(1000)]).status_code == 200
