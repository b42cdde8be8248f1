"""The site as somebody walks through it: every link of every page leads somewhere, under any host and any prefix."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from publisher import pipeline
from publisher.addresses import document_path
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BASE = "https://lib.example"
VOID = {"meta", "link", "br", "input", "hr", "img", "wbr"}


class Page(HTMLParser):
    """The links of a page, its identifiers, and whether every element is closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.canonical: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert len(found) == len(attrs)
        assert not any(name.startswith("on") or name == "style" for name in found)
        assert tag not in ("style", "iframe", "base")
        assert tag != "script" or "src" in found or found.get("type") == "application/ld+json"
        if found.get("rel") == "cite-as":
            assert (found["href"] or "").startswith(BASE)
        elif found.get("rel") == "canonical":
            self.canonical.append(found["href"] or "")
        else:
            self.links += [value for name in ("href", "src", "action") if (value := found.get(name)) is not None]
        if found.get("id"):
            self.ids.append(found["id"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def crawl(client: Client, prefix: str, start: str = "/") -> dict[str, Page]:
    """Every page that can be reached by links from the start; fails for a link that leads nowhere."""
    pages: dict[str, Page] = {}
    anchors: list[tuple[str, str, str]] = []
    seen, waiting = {prefix + start}, [prefix + start]
    while waiting:
        url = waiting.pop()
        response: Response = client.get(url, headers=BROWSER, buffered=True)
        assert response.status_code == 200, url
        if response.mimetype != "text/html":
            continue
        page = pages[url] = Page(response.text)
        assert len(set(page.ids)) == len(page.ids), url
        for link in page.links:
            if urlsplit(link).scheme or link.startswith("//"):
                assert not urlsplit(link).hostname or urlsplit(link).hostname != urlsplit(BASE).hostname, (url, link)
                continue
            assert not link.startswith("/"), (url, link)
            target = urljoin(f"http://localhost{url}", link).removeprefix("http://localhost")
            target, _, fragment = target.partition("#")
            assert target.startswith(prefix + "/"), (url, link)
            if fragment:
                anchors.append((url, target, fragment))
            if target.startswith((f"{prefix}/id/", f"{prefix}/keywords", f"{prefix}/profile/")):
                moved = client.get(target)
                assert moved.status_code == 303, (url, link)
                target = urljoin(target, moved.headers["Location"])
            if target.partition("lang=")[2][:2] != start.partition("lang=")[2][:2]:
                continue  # the same page in another language
            # searches and queries have no end
            if target not in seen and not (re.search(r"/(search|sparql)[^/]*\?", target) and len(seen) > 1500):
                seen.add(target)
                waiting.append(target)
    for url, target, fragment in anchors:
        assert target not in pages or fragment in pages[target].ids, (url, target, fragment)
    return pages


def test_every_link_leads_somewhere(app: Flask, names: list[tuple[str, str]]) -> None:
    pages = crawl(Client(app, Response), "")
    # everything that is published can be found by following links
    assert {document_path(*name) for name in names} <= set(pages)
    assert {"/", "/search", "/sparql", "/ontology", "/shapes"} <= set(pages)
    for url, page in pages.items():
        path = url.split("?")[0]
        if path.startswith("/doc/") or path == "/dataset":
            assert page.canonical == [BASE + path.removesuffix(".html")]


def test_every_link_leads_somewhere_under_a_prefix(
    published: Settings, tmp_path_factory: pytest.TempPathFactory, make_app: Callable[[Settings], Flask]
) -> None:
    from conftest import RECORD

    folder = tmp_path_factory.mktemp("prefix")
    settings = Settings(BASE_URL=f"{BASE}/catalogue", DATA_DIR=folder / "site", SEARCH_RATE=0)
    blocks = [
        RECORD.format(author=author, title=f"No. {key}", number=key, keywords="Crime/Justice\nAC/DC (U.K.)\n50% of it")
        for key, author in {"a/b/c": "Smith, Jane A.", "1": "Body: a/b", "x y%": "Müller, Zoë"}.items()
    ]
    (folder / "page.txt").write_text(f"{len(blocks)} results found\n\n" + "\n".join(blocks), "utf-8")
    assert pipeline.load(settings, [folder / "page.txt"]).published == 3

    def nowhere(environ: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("404 Not Found", [("Content-Type", "text/plain")])
        return [b"outside"]

    client = Client(DispatcherMiddleware(nowhere, {"/catalogue": make_app(settings)}), Response)
    pages = crawl(client, "/catalogue")
    # a language that was chosen is that of every page that follows
    german = crawl(client, "/catalogue", "/?lang=de")
    assert len(german) > 20
    assert [url for url in german if "lang=de" not in url] == []
    assert f"/catalogue{document_path('resource', 'a/b/c')}" in pages
    assert pages["/catalogue/doc/resource/a%2Fb%2Fc"].canonical == [f"{BASE}/catalogue/doc/resource/a%2Fb%2Fc"]
    assert client.get("/catalogue").headers["Location"] == "catalogue/"
    assert client.get("/catalogue/id/resource/a%2Fb%2Fc").headers["Location"] == "../../doc/resource/a%2Fb%2Fc"
    assert "https://lib.example/catalogue/id/" in client.get("/catalogue/doc/resource/1.ttl").text


def test_an_error_page_has_links_that_lead_somewhere(app: Flask) -> None:
    client = Client(app, Response)
    missing = ("/nothing", "/doc/resource/x", "/a/b/c/d", "/a//b", "/doc//x", "/doc/resource/a%2Fb", "/search/")
    for path in (*missing, "//", "///search", "//doc/resource/123404"):  # leading slashes make no other path
        # as the path arrives; a client of ours would take what begins with // for a host
        response = client.get("/", headers=BROWSER, environ_overrides={"PATH_INFO": unquote(path)})
        assert response.status_code == (404 if path in missing else 200), path
        links = [link for link in Page(response.text).links if not urlsplit(link).scheme and link[0] not in "#?"]
        assert links
        for link in links:
            target = urljoin(f"http://localhost{path}", link)
            found = client.get(urlsplit(target).path, headers=BROWSER, buffered=True)
            assert found.status_code in (200, 303), (path, link)


def test_an_empty_site(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = Client(make_app(settings), Response)
    home = client.get("/", headers=BROWSER)
    assert home.status_code == 200
    assert "No records have been published here yet" in home.text
    search = client.get("/search?q=probation", headers=BROWSER)
    assert "0 results found" in search.text
    for path in ("/dataset", "/doc/resource/1", "/id/place/x"):
        assert client.get(path, headers=BROWSER).status_code == 404
    asked = client.get("/sparql?query=ASK%7B%7D")
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "60")
    assert "Nothing has been published" in asked.text
    assert client.get("/health").json == {"status": "ok", "release": 0, "published": ""}
    for path in ("/sparql", "/ontology", "/shapes", "/context.jsonld", "/robots.txt"):
        assert client.get(path).status_code == 200


def test_a_site_published_under_another_address_says_so(
    published: Settings, make_app: Callable[[Settings], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    moved = make_app(dataclasses.replace(published, BASE_URL="https://elsewhere.example"))
    response = moved.test_client().get("/doc/resource/123404.ttl")
    assert response.status_code == 503
    assert "was published under https://lib.example/" in caplog.text
