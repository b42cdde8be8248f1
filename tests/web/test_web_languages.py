"""The language of pages: chosen by address or header, kept in links, whole; what is extracted is what is translated."""

from __future__ import annotations

import re
import string
import tomllib
from html import unescape
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from conftest import ROOT
from every_page import FRAMED, PAGES
from flask import Flask
from flask.testing import FlaskClient

from publisher.web.languages import LANGUAGES, day, number

pytest_plugins = ["web_fixtures"]
OTHERS = [name for name in LANGUAGES if name != "en"]
TRANSLATIONS = ROOT / "publisher/web/translations"


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de", "de"),
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "fr,en;q=0.5,de;q=0.4", "en"),
        ("", "fr", "en"),
        ("", "de;q=0,en;q=0.1", "en"),
        ("", "*", "en"),
        ("", "nonsense;;;,,q=", "en"),
        ("lang=de", "en", "de"),
        ("lang=en", "de", "en"),
        ("lang=xx", "de", "de"),
        ("lang=../../etc", "", "en"),
    ],
)
def test_the_language_of_a_page(client: FlaskClient, query: str, accepted: str, language: str) -> None:
    for path in ("/", "/search", "/doc/resource/123404", "/nothing"):
        response = client.get(f"{path}?{query}", headers={"Accept": "text/html", "Accept-Language": accepted})
        assert f'<html lang="{language}">' in response.text
        assert response.headers["Content-Language"] == language
        assert "Accept-Language" in response.headers["Vary"]


def test_a_language_is_no_other_representation_of_data(client: FlaskClient) -> None:
    answers = [client.get("/doc/resource/123404.ttl", headers={"Accept-Language": name}) for name in LANGUAGES]
    assert len({answer.headers["ETag"] for answer in answers}) == len({answer.data for answer in answers}) == 1
    assert "Content-Language" not in answers[0].headers


def test_each_language_has_an_etag_of_its_own(client: FlaskClient) -> None:
    for path in [*PAGES, *FRAMED]:
        answers = {
            name: client.get(path, headers={"Accept": "text/html", "Accept-Language": name}) for name in LANGUAGES
        }
        for name, answer in answers.items():
            assert answer.headers["Content-Language"] == name, path
            assert "Accept-Language" in answer.headers["Vary"], path
        etags = [answer.headers["ETag"] for answer in answers.values() if "ETag" in answer.headers]
        assert len(set(etags)) == len(etags), path
        if etags:  # what is kept of one language is not taken for the other
            asked = {"Accept": "text/html", "If-None-Match": etags[0]}
            kept = client.get(path, headers={**asked, "Accept-Language": "en"})
            assert (kept.status_code, "Accept-Language" in kept.headers["Vary"]) == (304, True), path
            assert client.get(path, headers={**asked, "Accept-Language": OTHERS[0]}).status_code == 200, path


def test_an_error_is_in_the_language_of_who_asks_in_every_format(client: FlaskClient) -> None:
    for accept in ("text/html", "application/problem+json", "application/ld+json", "text/plain"):
        for name, words in (
            ("en", "There is no page at this address."),
            ("de", "Unter dieser Adresse gibt es keine Seite."),
        ):
            answer = client.get("/nothing", headers={"Accept": accept, "Accept-Language": name})
            assert (answer.status_code, answer.mimetype, answer.headers["Content-Language"]) == (404, accept, name)
            assert words in answer.text
            assert "Accept-Language" in answer.headers["Vary"]


def test_what_is_wrong_with_a_query_is_said_in_german(client: FlaskClient) -> None:
    for query, words in (
        ("SELECT * { ?s ?p", "Zeile 1, Spalte 17 der Abfrage: Die Abfrage endet, aber } fehlt noch."),
        ("SELECT * { ?s ex:p ?o }", "Das Präfix ex: ist nicht erklärt"),
        ("DELETE WHERE { ?s ?p ?o }", "nur zum Lesen"),
    ):
        answer = client.get("/sparql", query_string={"query": query}, headers={"Accept-Language": "de"})
        assert words in answer.json["detail"]


def test_no_cookie_is_set(client: FlaskClient) -> None:
    for path in ("/", "/?lang=de", "/search?q=probation&lang=de"):
        assert "Set-Cookie" not in client.get(path).headers


def test_a_page_can_be_had_in_the_other_language(client: FlaskClient) -> None:
    page = client.get("/search?q=probation&sort=year").text
    assert 'hreflang="de" lang="de" href="?q=probation&amp;sort=year&amp;lang=de"' in page
    german = client.get("/search?q=probation&sort=year&lang=de").text
    assert '<input type="hidden" name="lang" value="de">' in german
    assert "13 Ergebnisse gefunden" in german
    assert "älteste zuerst" in german


def test_a_query_is_the_same_in_the_other_language(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p ?o } LIMIT 1 #" + "x" * 1000
    for asked in (query, f"{query}{'x' * 4000}"):
        page = client.get("/sparql", query_string={"query": asked, "format": "html"})
        links = re.findall(r'hreflang="de" lang="de" href="([^"]*)"', page.text)
        assert links == [] if asked != query else client.get(f"/sparql{unescape(links[0])}").status_code == 200
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "text/html"})
    assert (answer.status_code, 'hreflang="de"' in answer.text) == (200, False)
    # a list of records has several parameters of one name
    listed = client.get("/search?record=123404&record=inv-prison-1").text
    assert 'href="?record=123404&amp;record=inv-prison-1&amp;lang=de"' in listed


def test_what_the_catalogue_says_keeps_its_language(client: FlaskClient) -> None:
    """WCAG 2.2, 3.1.2: a title in English on a German page says so."""
    german = client.get("/doc/resource/123404?lang=de").text
    assert re.search(r'<h1 lang="en">', german)
    assert "<dt>Verfasser</dt>" in german
    assert "lang=" not in re.findall(r"<h1[^>]*>", client.get("/doc/resource/123404").text)[0]


def test_numbers_and_days(app: Flask) -> None:
    for language, written, on in (("en", "12,345", "5 November 2011"), ("de", "12.345", "5. November 2011")):
        with app.test_request_context(f"/?lang={language}"):
            assert number(12345) == written
            assert day("2011-11-05T00:00:00Z") == day("2011-11-05") == on
            assert day("2011-11-05T13:07:00Z") == f"{on}, 13:07 UTC"
            assert day("no day") == "no day"


def extracted() -> Catalog:
    """The messages of code and templates, as `pybabel extract` finds them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    catalog = Catalog()
    found = extract_from_dir(
        ROOT,
        [(row["pattern"], row["method"]) for row in settings],
        {row["pattern"]: {key: row[key] for key in row if key not in ("pattern", "method")} for row in settings},
        directory_filter=lambda folder: Path(folder).name not in (".venv", "node_modules", ".git"),
    )
    for _, _, message, _, _ in found:
        catalog.add(message)
    return catalog


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str) -> None:
    with (TRANSLATIONS / language / "LC_MESSAGES/messages.po").open("rb") as source:
        translated = read_po(source, locale=language)
    wanted = {message.id for message in extracted() if message.id}
    assert len(wanted) > 200
    assert {message.id for message in translated if message.id} == wanted, "run pybabel extract and update"
    for message in translated:
        if message.id:
            ours = message.id if isinstance(message.id, tuple) else (message.id,)
            theirs = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(theirs), message.id
            assert not message.fuzzy
            for place, text in enumerate(theirs):
                assert marks(text) == marks(ours[min(place, len(ours) - 1)]), message.id


def marks(text: str) -> tuple[list[str], list[str]]:
    """The placeholders and the tags of a message; those of its translation are the same."""
    return sorted(re.findall(r"%(?:\(\w+\))?.", text)), sorted(re.findall(r"</?\w+", text))


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_left_in_english(client: FlaskClient, language: str) -> None:
    """The words of the frame of a page are all in its language."""
    english = {word for word in re.findall(r"\b\w+\b", "the these with what which every none found") if word}
    for path in ("/", "/search?q=probation", "/browse", "/browse/years", "/doc/concept/probation", "/nothing"):
        page = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}", headers={"Accept": "text/html"}).text
        body = re.sub(r'<(ol|ul|h1|dd|pre|dl)[^>]* lang="en".*?</\1>', "", page[page.index("<body") :], flags=re.DOTALL)
        words = re.sub(r"<[^>]*>", " ", body).translate(str.maketrans("", "", string.punctuation)).casefold().split()
        assert not english & set(words), (path, english & set(words))
