"""Profiles, codings, link sets and explanations of a document; and the shortcut, which answers as the views do."""

from __future__ import annotations

import gzip
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urljoin

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic
from signposting import find_signposting_html, find_signposting_http
from signposting.linkset import find_signposting_linkset
from test_web_documents import EXAMPLES, links
from test_web_negotiation import CLIENTS
from werkzeug.test import EnvironBuilder

from publisher import pipeline
from publisher.addresses import document_path, thing_path
from publisher.formats import formats_of
from publisher.settings import Settings
from publisher.web.conditions import accepts_gzip
from publisher.web.links import within
from publisher.web.page_cache import Page, PageCache
from publisher.web.shortcut import Shortcut

pytest_plugins = ["web_fixtures"]
pytestmark = pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")
BASE = "https://lib.example"
SEED_PATH = "/doc/resource/123404"
SCHEMA = "http://schema.org/"
OURS = f"{BASE}/profile/report"


def profile_of(response: Any) -> str:
    """The profile that an answer names, the same in both of its headers."""
    linked = [target for target, given in links(response.headers["Link"]) if given["rel"] == "profile"]
    assert response.headers.get("Content-Profile") == (f"<{linked[0]}>" if linked else None)
    return linked[0] if linked else ""


# what is asked for -> (media type, profile) of the answer; None: 406
XML, JSON_LD = "application/xml", "application/ld+json"
DC, MODS = "http://www.openarchives.org/OAI/2.0/oai_dc/", "http://www.loc.gov/mods/v3"
TURTLE_OURS, TURTLE_SCHEMA = ("text/turtle", OURS), ("text/turtle", SCHEMA)
JSON_OURS, JSON_SCHEMA = (JSON_LD, OURS), (JSON_LD, SCHEMA)
PROFILES: dict[str, tuple[str | None, str, str, tuple[str, str] | None]] = {
    "none": ("text/turtle", "", "", TURTLE_OURS),
    "ours": ("text/turtle", f"<{OURS}>", "", TURTLE_OURS),
    "schema.org": ("text/turtle", f"<{SCHEMA}>", "", TURTLE_SCHEMA),
    "its other IRI": ("text/turtle", "<https://schema.org/>", "", TURTLE_SCHEMA),
    "any media type": (None, f"<{SCHEMA}>", "", JSON_SCHEMA),
    "a token": ("*/*", "schema", "", JSON_SCHEMA),
    "weights": (XML, f"<{SCHEMA}>;q=0.5, <{MODS}>;q=0.2, <{DC}>;q=0.9", "", (XML, DC)),
    "an unknown one": ("text/turtle", "<urn:x>", "", TURTLE_OURS),
    "unknown, then known": ("text/turtle", f"<urn:x>, <{SCHEMA}>;q=0.1", "", TURTLE_SCHEMA),
    "not ours": ("text/turtle", f"<{OURS}>;q=0", "", TURTLE_SCHEMA),
    "a page has none": ("text/html", f"<{SCHEMA}>", "", ("text/html", "")),
    "in Accept": (f'{JSON_LD};profile="{SCHEMA}"', "", "", JSON_SCHEMA),
    "unknown in Accept": (f'{JSON_LD};profile="http://www.w3.org/ns/json-ld#compacted"', "", "", JSON_OURS),
    "in Accept, weighed": (f'{JSON_LD};profile="{SCHEMA}";q=0.9, text/turtle;q=0.5', "", "", JSON_SCHEMA),
    "in Accept, less": (f'{JSON_LD};profile="{SCHEMA}";q=0.4, text/turtle;q=0.5', "", "", TURTLE_OURS),
    "in the address": ("text/turtle", "", "_profile=schema", TURTLE_SCHEMA),
    "in the address of a browser": ("text/html", "", "_profile=schema", JSON_SCHEMA),
    "an IRI in the address": (None, "", f"_profile={SCHEMA}", JSON_SCHEMA),
    "both in the address": ("text/html", "", "_profile=schema&_mediatype=text/turtle", TURTLE_SCHEMA),
    "a plus sign": (None, "", f"_mediatype={JSON_LD}", JSON_OURS),
    "a media type in the address": ("text/html", "", "_mediatype=text/turtle", TURTLE_OURS),
    "a media type that there is not": (None, "", "_mediatype=bogus", None),
    "an unknown one in the address": (None, "", "_profile=urn:x", None),
    "what there is not": (None, "", "_profile=marc21&_mediatype=text/turtle", None),
    "MARC": (None, "", "_profile=marc21", ("application/marcxml+xml", "http://www.loc.gov/MARC21/slim")),
    "nothing acceptable": ("image/png", f"<{SCHEMA}>", "", None),
    "rubbish": ("text/turtle", '<<,;q="x>>,,"', "", TURTLE_OURS),
    "a weight that is none": ("text/turtle", f"<{SCHEMA}>;q=x, <{OURS}>;q=0.1", "", TURTLE_OURS),
}


@pytest.mark.parametrize(("accept", "accept_profile", "query", "expected"), PROFILES.values(), ids=PROFILES)
def test_profiles(
    client: FlaskClient, accept: str | None, accept_profile: str, query: str, expected: tuple[str, str] | None
) -> None:
    given = {"Accept": accept, "Accept-Profile": accept_profile or None}
    headers = {name: text for name, text in given.items() if text is not None}
    response = client.get(f"{SEED_PATH}?{query}" if query else SEED_PATH, headers=headers)
    if expected is None:
        assert response.status_code == 406
        assert orjson.loads(response.data)["alternatives"]
    else:
        assert (response.status_code, response.mimetype, profile_of(response)) == (200, *expected)
        assert "Accept-Profile" in response.headers["Vary"]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_alternates_view_lists_all_profiles(client: FlaskClient, kind: str) -> None:
    path = document_path(kind, EXAMPLES[kind]) + "?_profile=alt"
    page, data = (
        client.get(path, headers={"Accept": "text/html"}),
        client.get(path, headers={"Accept": "application/json"}),
    )
    assert client.get(f"{path}&_mediatype=application/json").data == data.data
    rows = orjson.loads(data.data)["profiles"]
    assert [row["token"] for row in rows if row["default"]] == ["report"]
    for row in rows:
        assert row["profile"] in page.text
        for each in row["representations"]:
            response = client.get(each["url"].removeprefix(BASE))
            assert (response.mimetype, profile_of(response)) == (each["type"], row["profile"])
    found = links(data.headers["Link"])
    assert {given["token"]: given["anchor"] for _, given in found if "token" in given} == {
        row["token"]: row["profile"] for row in rows
    }
    assert len([given for _, given in found if "formats" in given]) == sum(len(row["representations"]) for row in rows)


def test_schema_org_is_one_graph_of_known_terms(client: FlaskClient, names: list[tuple[str, str]]) -> None:
    from publisher import namespaces

    known = namespaces.terms("schema")
    for name in names[:80] + [(kind, key) for kind, key in EXAMPLES.items()]:
        dataset = Dataset()
        dataset.parse(data=client.get(document_path(*name, "schema.jsonld")).data, format="json-ld")
        graph = Graph()
        for subject, predicate, value, _ in dataset.quads():
            graph.add((subject, predicate, value))
            for term in (predicate, value):
                if str(term).startswith("http://schema.org/"):
                    assert str(term).removeprefix("http://schema.org/") in known, term
        turtle = Graph().parse(data=client.get(document_path(*name, "schema.ttl")).data, format="turtle")
        assert len(graph) > 3
        assert isomorphic(graph, turtle), name


def test_schema_org_of_the_record(client: FlaskClient) -> None:
    found = orjson.loads(client.get(f"{SEED_PATH}.schema.jsonld").data)
    assert found["@type"] == "Report"
    assert found["name"].startswith("Thematic Inspection Report")
    assert found["author"]["@type"] == "Organization"
    assert found["datePublished"] == "2011"
    assert found["numberOfPages"] == 50
    assert {"@id": f"{BASE}/id/concept/probation", "@type": "DefinedTerm", "name": "Probation"} in found["about"]
    assert found["encoding"]["encodingFormat"] == "application/pdf"


def test_the_page_of_the_data_set_says_what_search_engines_list(client: FlaskClient) -> None:
    page = client.get("/dataset", headers={"Accept": "text/html"}).text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    found = orjson.loads(data)
    assert (found["@type"], found["name"], found["url"]) == ("Dataset", "Library records", {"@id": f"{BASE}/dataset"})
    assert 50 <= len(found["description"]) <= 5000  # what Google's documentation asks for
    assert found["license"]["@id"].startswith("http")
    assert found == orjson.loads(client.get("/dataset.schema.jsonld").data)


# codings


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("x-gzip", True),
        ("*", True),
        ("identity", False),
        ("br", False),
        ("gzip;q=0", False),
        ("GZIP;Q=0.5", True),
        ("gzip;q=0.5, identity", False),
        ("identity;q=0.5, gzip;q=0.5", True),
        ("*;q=0, gzip", True),
        ("gzip;q=0, *", False),
        ("gzip;q=x", False),
        (",,;q=1,", False),
    ],
)
def test_codings(header: str, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/n-triples", "application/marcxml+xml"])
def test_each_coding_is_a_representation_of_its_own(client: FlaskClient, accept: str) -> None:
    plain = client.get(SEED_PATH, headers={"Accept": accept})
    packed = client.get(SEED_PATH, headers={"Accept": accept, "Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    for response, coding in ((plain, "identity"), (packed, "gzip")):
        for tag, status in ((response.headers["ETag"], 304), ('"other"', 200)):
            headers = {"Accept": accept, "Accept-Encoding": coding, "If-None-Match": tag}
            assert client.get(SEED_PATH, headers=headers).status_code == status
    crossed = {"Accept": accept, "Accept-Encoding": "gzip", "If-None-Match": plain.headers["ETag"]}
    assert client.get(SEED_PATH, headers=crossed).status_code == 200


def test_a_range_is_passed_over(client: FlaskClient) -> None:
    """RFC 9110 14.2 lets a server ignore it; half a graph is of no use to anybody."""
    whole = client.get(f"{SEED_PATH}.ttl")
    part = client.get(f"{SEED_PATH}.ttl", headers={"Range": "bytes=0-9", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (200, whole.data)


# FAIR Signposting and link sets


def by_relation(header: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, given in links(header):
        for relation in given["rel"].split():
            found.setdefault(relation, []).append(target)
    return found


def test_signposting_of_the_page(client: FlaskClient) -> None:
    response = client.get(SEED_PATH, headers={"Accept": "text/html"})
    found = by_relation(response.headers["Link"])
    assert found["cite-as"] == [f"{BASE}/id/resource/123404"]
    assert found["type"] == ["https://schema.org/AboutPage", "https://schema.org/Report"]
    assert found["author"] == [f"{BASE}/id/agent/great-britain-hmi-probation"]
    assert found["license"] == ["http://creativecommons.org/publicdomain/zero/1.0/"]
    assert found["item"][0].endswith("mappa-thematic-report.pdf")
    assert f"{BASE}{SEED_PATH}.ttl" in found["describedby"]
    assert found["linkset"] == [f"{BASE}{SEED_PATH}.linkset.json", f"{BASE}{SEED_PATH}.linkset"]
    assert found["collection"] == [f"{BASE}/dataset"]
    data = by_relation(client.get(f"{SEED_PATH}.ttl").headers["Link"])
    assert data["describes"] == [f"{BASE}/id/resource/123404"]
    assert "author" not in data
    thing = client.get("/id/resource/123404")
    assert by_relation(thing.headers["Link"])["linkset"] == found["linkset"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_client_of_signposting_finds_the_same_everywhere(server: str) -> None:
    """PyPI's signposting, in the header, in the head of the page, and in the link sets."""
    page = f"{server}{SEED_PATH}"
    for kind, key in EXAMPLES.items():
        page = server + document_path(kind, key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of relations that it does not know
            asked = thing_path(kind, key)
            seen = [find_signposting_http(server + asked), find_signposting_html(server + asked)]
            seen += [find_signposting_linkset(f"{page}.{end}").for_context(page) for end in ("linkset.json", "linkset")]
        for found in seen:
            assert str(found.context) == page
            assert [str(link.target) for link in (found.citeAs, found.license)] == [
                server + thing_path(kind, key),
                "http://creativecommons.org/publicdomain/zero/1.0/",
            ]
            told = {(str(link.target), link.type) for link in found.describedBy}
            assert {(f"{page}.ttl", "text/turtle"), (f"{page}.jsonld", "application/ld+json")} <= told
            if kind == "resource":
                assert {str(link.target) for link in found.types} == {
                    "https://schema.org/AboutPage",
                    "https://schema.org/Report",
                }
                authors = [str(link.target) for link in found.authors]
                assert authors == [f"{server}/id/agent/great-britain-hmi-probation"]
                assert [(str(link.target)[-4:], link.type) for link in found.items] == [(".pdf", "application/pdf")]
        for found in seen[:2]:
            assert {str(link.target) for link in found.linksets} == {f"{page}.linkset.json", f"{page}.linkset"}
        models = [link.profiles for link in seen[2].describedBy if str(link.target) == f"{page}.schema.ttl"]
        assert [[*model] for model in models] == [["http://schema.org/"]]


def test_headers_fit_into_the_buffer_of_a_proxy(client: FlaskClient, names: list[tuple[str, str]]) -> None:
    """nginx answers 502 to more than 4,096 bytes, unless it is told to take more."""
    for kind, key in names[::9]:
        for path in (f"/id/{kind}/{key}", document_path(kind, key)):
            headers = client.get(path, headers={"Accept": "text/html"}).headers
            assert sum(len(name) + len(value) + 4 for name, value in headers) < 3900
            assert {"cite-as", "linkset", "license", "canonical"} <= by_relation(headers["Link"]).keys()


def test_a_header_is_cut_where_it_says_least() -> None:
    links = [f'<https://lib.example/{n}>; rel="{rel}"' for n, rel in enumerate(["alternate", "linkset", "author"] * 2)]
    whole = ", ".join(links)
    assert within(whole, len(whole)) == whole
    assert within(whole, len(whole) - 1) == ", ".join(link for link in links if "/3>" not in link)
    assert within(whole, 0) == ", ".join(link for link in links if "linkset" in link)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_link_sets_say_the_same(client: FlaskClient, kind: str) -> None:
    name = (kind, EXAMPLES[kind])
    data = client.get(document_path(*name, "linkset.json"))
    text = client.get(document_path(*name, "linkset"))
    assert (data.mimetype, text.mimetype) == ("application/linkset+json", "application/linkset")
    from_json = {
        (row["anchor"], relation, target["href"], target.get("type"))
        for row in orjson.loads(data.data)["linkset"]
        for relation, targets in row.items()
        if relation != "anchor"
        for target in targets
    }
    from_text = {
        (given["anchor"], relation, target, given.get("type"))
        for target, given in links(text.text.replace("\n", " "))
        for relation in given["rel"].split()
    }
    assert from_json == from_text
    page = BASE + document_path(*name)
    header = links(client.get(document_path(*name), headers={"Accept": "text/html"}).headers["Link"])
    expected = {
        (page, relation, target, given.get("type"))
        for target, given in header
        for relation in given["rel"].split()
        if relation != "linkset"
    }
    assert {row for row in from_json if row[0] == page} >= expected
    assert (f"{page}.ttl", "describes", page, "text/html") in from_json


def test_the_query_goes_on_from_the_thing(client: FlaskClient) -> None:
    response = client.get("/id/resource/123404?_profile=schema&x=%22%0A")
    assert urljoin("/id/resource/123404", response.headers["Location"]) == f"{SEED_PATH}?_profile=schema&x=%22%0A"


# explanations


def test_an_explanation_is_what_happens(client: FlaskClient) -> None:
    for accept in ("text/turtle;q=0.5, application/ld+json", "text/*, text/html;q=0", "image/png", ""):
        for wanted in ("", f"<{SCHEMA}>"):
            headers = {"Accept": accept, "Accept-Profile": wanted}
            found = orjson.loads(client.get(f"{SEED_PATH}?_explain=json", headers=headers).data)
            response = client.get(SEED_PATH, headers=headers)
            assert found["answer"].startswith(str(response.status_code))
            chosen = [offer for offer in found["offers"] if offer["chosen"]]
            assert [offer["type"] for offer in chosen] == ([response.mimetype] if response.status_code == 200 else [])
            assert found["accept"]["given"] == accept
            assert found["try"].endswith(BASE + SEED_PATH)


def test_an_explanation_is_a_page_for_a_browser(client: FlaskClient) -> None:
    page = client.get(f"{SEED_PATH}?_explain&accept=text/turtle;x=%3Cb%3E", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert "curl -i -H" in page.text
    assert "<b>" not in page.text
    assert re.search(r"text/turtle</a> <strong>\(chosen\)", page.text)
    assert client.get(f"{SEED_PATH}?_explain", headers={"Accept": "text/turtle"}).mimetype == "application/json"
    assert client.get("/doc/resource/none?_explain").status_code == 404


# the shortcut


class Both:
    """The shortcut of an application, and the views behind it."""

    def __init__(self, app: Flask) -> None:
        shortcut: Any = app.wsgi_app
        while not isinstance(shortcut, Shortcut):  # others stand before it
            shortcut = shortcut.inner
        self.shortcut, self.views = shortcut, shortcut.views

    def ask(self, application: Any, path: str, headers: dict[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
        seen: list[Any] = []
        environ = EnvironBuilder(path, headers=headers).get_environ()
        body = b"".join(_closing(application(environ, lambda status, fields, *_: seen.extend((status, fields)))))
        return seen[0].upper(), sorted(seen[1]), body

    def status(self, path: str, headers: dict[str, str]) -> int:
        """Of their one answer: every header and byte is the same."""
        answer = self.ask(self.shortcut, path, headers)
        assert answer == self.ask(self.views, path, headers), (path, headers)
        return int(answer[0][:3])


def test_the_shortcut_answers_as_the_views_do(app: Flask, names: list[tuple[str, str]]) -> None:
    """For each format, coding and condition of some things; twice, since pages are kept."""
    both = Both(app)
    chosen = [*names[:6], *EXAMPLES.items(), ("resource", "none"), ("agent", "none.ttl")]
    statuses = []
    accepts = ["text/html", "text/turtle", JSON_LD, "application/rdf+xml", "*/*", "image/png", "text/plain"]
    for kind, key in chosen:
        plain = document_path(kind, key)
        for accept in accepts:
            for coding in ("", "gzip"):
                headers = {"Accept": accept, "Accept-Encoding": coding}
                statuses += [both.status(plain, headers), both.status(plain, headers)]
                tag = dict(both.ask(both.views, plain, headers)[1]).get("ETag", '"x"')
                statuses.append(both.status(plain, {**headers, "If-None-Match": tag}))
                statuses.append(both.status(plain, {**headers, "If-Modified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}))
                statuses += [both.status(plain, {**headers, "If-Match": each}) for each in (tag, '"x"')]
        statuses += [both.status(document_path(kind, key, offer.extension), {}) for offer in formats_of(kind)]
    assert {200, 304, 404, 406, 412} <= set(statuses)


def _closing(body: Iterable[bytes]) -> Iterable[bytes]:
    yield from body
    if hasattr(body, "close"):
        body.close()


def test_the_shortcut_sees_a_new_release(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Any]
) -> None:
    client = make_app(settings).test_client()
    assert client.get("/doc/resource/1.ttl").status_code == 404
    one = {"title": "One", "number": "1"}
    pipeline.load(settings, [write_page(one)])
    for extension in ("ttl", "html"):
        assert b"One" in client.get(f"/doc/resource/1.{extension}").data
    pipeline.load(settings, [write_page({**one, "title": "Later"})])
    for extension in ("ttl", "html"):
        assert b"Later" in client.get(f"/doc/resource/1.{extension}").data
    pipeline.withdraw(settings, ["1"])
    for extension in ("ttl", "html"):
        assert client.get(f"/doc/resource/1.{extension}").status_code == 410


def test_pages_are_kept_within_their_memory() -> None:
    cache = PageCache(100)
    for number in range(20):
        cache.put((str(number), ""), Page(b"x" * 30, ""))
        cache.put(("0", ""), Page(b"y" * 30, "")) if number == 2 else None
        assert sum(len(page.body) for page in cache._pages.values()) == cache._held <= 100
    assert cache.get(("19", "")) == Page(b"x" * 30, "")
    assert cache.get(("1", "")) is None
    cache.put(("big", ""), Page(b"z" * 1000, ""))
    assert cache.get(("big", "")) is None
    assert cache._held == 0


# citations as text

BIBLIOGRAPHY = "text/x-bibliography"
APA, IEEE = "(2011).", "Criminal Justice Joint Inspection, London, 2011"
# Accept, query -> what the text has in it, and the query of its own address; None: 406
CITED: dict[str, tuple[str, str, tuple[str, str] | None]] = {
    "none of its own": (BIBLIOGRAPHY, "", (APA, "")),
    "a style": (f"{BIBLIOGRAPHY}; style=ieee", "", (IEEE, "style=ieee")),
    "as the resolvers of DOIs are asked": (
        f"{BIBLIOGRAPHY}; style=apa; locale=fr-FR",
        "",
        (APA, "style=apa&locale=fr-FR"),
    ),
    "in capitals": ('TEXT/X-Bibliography;STYLE="IEEE"', "", (IEEE, "style=ieee")),
    "a language": (f"{BIBLIOGRAPHY}; style=ieee; locale=de", "", ("2011. Zugegriffen", "style=ieee&locale=de-DE")),
    "a language of a country": (f"{BIBLIOGRAPHY};locale=de-LU", "", (APA, "locale=de-DE")),
    "another parameter": (f"{BIBLIOGRAPHY};charset=utf-8", "", (APA, "")),
    "the better of two": (f"{BIBLIOGRAPHY};style=apa;q=0.1, {BIBLIOGRAPHY};style=ieee;q=0.2", "", (IEEE, "style=ieee")),
    "unknown, then known": (f"{BIBLIOGRAPHY};style=none, {BIBLIOGRAPHY};style=ieee;q=0.2", "", (IEEE, "style=ieee")),
    "an unknown style": (f"{BIBLIOGRAPHY}; style=none", "", None),
    "an unknown language": (f"{BIBLIOGRAPHY}; locale=xx", "", None),
    "not this one": (f"{BIBLIOGRAPHY};q=0.1, {BIBLIOGRAPHY};style=ieee;q=0", "", (APA, "")),
    "in the address": ("text/html", f"_mediatype={BIBLIOGRAPHY}&style=ieee", (IEEE, "style=ieee")),
    "the address outweighs": (f"{BIBLIOGRAPHY}; style=apa", "style=ieee", (IEEE, "style=ieee")),
    "unknown in the address": (BIBLIOGRAPHY, "style=none", None),
}


@pytest.mark.parametrize(("accept", "query", "expected"), CITED.values(), ids=CITED)
def test_a_citation_as_text(app: Flask, accept: str, query: str, expected: tuple[str, str] | None) -> None:
    client, both = app.test_client(), Both(app)
    path = f"{SEED_PATH}?{query}" if query else SEED_PATH
    response = client.get(path, headers={"Accept": accept})
    assert both.status(path, {"Accept": accept}) == response.status_code
    if expected is None:
        assert (response.status_code, response.mimetype) == (406, "application/problem+json")
        assert any(f"“{name}”" in response.json["detail"] for name in ("none", "xx"))
        offered = {row["type"]: row["url"] for row in response.json["alternatives"]}
        assert client.get(urljoin(path, offered[f"{BIBLIOGRAPHY}; style=ieee"])).mimetype == BIBLIOGRAPHY
        return
    words, variant = expected
    assert (response.status_code, response.mimetype) == (200, BIBLIOGRAPHY)
    assert words in response.text
    assert response.text.count("\n") == 1 and response.text.endswith("\n")
    assert urlencode(sorted(response.mimetype_params.items())) == "&".join(
        sorted(["charset=utf-8", *filter(None, variant.split("&"))])
    )
    own = urljoin(SEED_PATH, response.headers["Content-Location"])
    assert own == f"{SEED_PATH}.citation.txt" + (f"?{variant}" if variant else "")
    by_address = client.get(own)
    assert (by_address.data, by_address.headers["ETag"]) == (response.data, response.headers["ETag"])
    for asked in (path, own):
        assert both.status(asked, {"Accept": accept, "If-None-Match": response.headers["ETag"]}) == 304
        assert both.status(asked, {"Accept": accept, "If-None-Match": '"x"'}) == 200


def test_each_style_and_language_has_its_own_tag(client: FlaskClient) -> None:
    asked = ("", "style=apa", "style=ieee", "style=ieee&locale=de", "locale=de", "style=nature-digest")
    answers = [client.get(f"{SEED_PATH}.citation.txt?{query}") for query in asked]
    assert len({answer.headers["ETag"] for answer in answers}) == len(asked)
    assert [answer.status_code for answer in answers] == [200] * len(asked)
    assert answers[0].data == answers[1].data
    assert client.get(f"{SEED_PATH}.citation.txt?style=none").status_code == 406
    assert client.get("/doc/resource/none.citation.txt?style=none").status_code == 404
    links_of = links(client.get(f"{SEED_PATH}.ttl").headers["Link"])
    assert (f"{BASE}{SEED_PATH}.citation.txt", BIBLIOGRAPHY) in [(to, given.get("type")) for to, given in links_of]


def test_a_version_is_cited_as_it_was(client: FlaskClient) -> None:
    versions = client.get(f"{SEED_PATH}/versions", headers={"Accept": "application/json"}).json["versions"]
    path = versions[0]["url"].removeprefix(BASE)
    accept = {"Accept": f"{BIBLIOGRAPHY};style=ieee"}
    response = client.get(path, headers=accept)
    assert IEEE in response.text
    assert client.get(urljoin(path, response.headers["Content-Location"])).data == response.data
    assert client.get(path, headers={"Accept": f"{BIBLIOGRAPHY};style=none"}).status_code == 406
    assert client.get(f"{path}.citation.txt?style=none").status_code == 400


# clients


@pytest.mark.parametrize(("accept", "expected"), CLIENTS.values(), ids=CLIENTS)
def test_each_client_gets_what_it_reads(client: FlaskClient, accept: str | None, expected: str) -> None:
    thing = client.get("/id/resource/123404", headers={"Accept": accept} if accept is not None else {})
    assert thing.status_code == 303
    path = urljoin("/id/resource/123404", thing.headers["Location"])
    response = client.get(path, headers={"Accept": accept} if accept is not None else {})
    assert (response.status_code, response.mimetype) == (200, expected)


def test_plain_text_is_n_triples(client: FlaskClient) -> None:
    """What rdflib asks for when it wants N-Triples (RDF 1.1 N-Triples, 5)."""
    response = client.get(SEED_PATH, headers={"Accept": "text/plain, */*;q=0.1"})
    assert response.content_type == "text/plain; charset=utf-8"
    assert len(Graph().parse(data=response.data, format="nt")) > 40
    assert client.get(f"{SEED_PATH}.txt").text.startswith("Author: ")


QUERIES = (
    "SELECT ?s ?o { ?s <http://purl.org/dc/terms/title> ?o } ORDER BY ?s ?o",
    "SELECT * { ?s ?p ?o } LIMIT 3000",  # of which the server sends piece after piece
    "ASK {}",
    "CONSTRUCT WHERE { ?s <http://purl.org/dc/terms/title> ?o }",
    "DESCRIBE <https://lib.example/id/place/japan>",
    "SELECT (STRLEN('ä') AS ?n) {}",
    "SELECT * {",
    "DROP ALL",
    "",
)


def test_the_shortcut_answers_queries_as_the_view_does(app: Flask) -> None:
    both = Both(app)
    statuses = []
    for text in QUERIES:
        for accept in (
            "*/*",
            "text/csv",
            "text/turtle, application/sparql-results+xml;q=0.5",
            "text/html",
            "image/png",
        ):
            path = f"/sparql?{urlencode({'query': text})}"
            statuses.append(both.status(path, {"Accept": accept}))
            tag = dict(both.ask(both.views, path, {"Accept": accept})[1]).get("ETag", '"x"')
            statuses.append(both.status(path, {"Accept": accept, "If-None-Match": f'"y", W/{tag}'}))
    more = (
        "&format=tsv",
        "&format=pdf",
        "&query=x",
        "&update=x",
        "&default-graph-uri=x:y",
        "&named-graph-uri=%20",
        "&x=%FF",
    )
    statuses += [both.status(f"/sparql?query=ASK%7B%7D{each}", {}) for each in more]
    assert {200, 304, 400, 403, 406} <= set(statuses)


def test_a_query_that_fails_is_run_once(published: Settings, make_app: Callable[[Settings], Flask]) -> None:
    app = make_app(replace(published, SPARQL_MAX_BYTES=1000))
    engine, asked = app.extensions["publisher"].engine, []
    run = engine.run
    engine.run = lambda *given, **options: asked.append(given[1]) or run(*given, **options)
    response = app.test_client().get("/sparql?query=SELECT*%7B%3Fs+%3Fp+%3Fo%7D")
    assert (response.status_code, asked) == (503, ["SELECT*{?s ?p ?o}"])
    assert "SPARQL_MAX_BYTES" in response.json["detail"]
