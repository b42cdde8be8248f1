"""Errors at the door, and what must never get through it: tracebacks, markup in records, other people's addresses."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rdflib import DCTERMS, Graph, URIRef

from publisher import pipeline
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

ERRORS = [
    ("GET", "/nothing", 404, "There is no page at this address."),
    ("GET", "/doc/resource/nothing", 404, "Record “nothing” is not in this catalogue."),
    ("GET", "/id/agent/nobody", 404, "Author or publisher “nobody” is not in this catalogue."),
    ("GET", "/doc/book/1", 404, "There is no page at this address."),
    ("GET", "/doc/dataset/dataset", 404, "There is no page at this address."),
    ("GET", "/dataset.pdf", 404, None),
    ("GET", "/doc/resource/123404.pdf", 404, None),
    ("GET", "/doc/concept/probation.txt", 404, None),
    ("GET", "/static/nothing.css", 404, "There is no page at this address."),
    ("GET", "/static/../__init__.py", 404, None),
    ("GET", "/static/%2e%2e/__init__.py", 404, None),
    ("POST", "/", 405, None),
    ("DELETE", "/doc/resource/123404", 405, None),
    ("PUT", "/search", 405, None),
    ("TRACE", "/", 405, None),
    ("FOO", "/search", 405, None),
]


@pytest.mark.parametrize(("method", "path", "status", "detail"), ERRORS)
def test_errors_are_negotiated(client: FlaskClient, method: str, path: str, status: int, detail: str | None) -> None:
    page = client.open(path, method=method, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert (detail or "<h1>") in page.text
    if status == 404:  # somebody who came by an old link wants the record all the same
        assert '<form class="search"' in page.text
    for accept in ("*/*", "application/json", "application/problem+json", "text/turtle", "image/png", "", "x"):
        problem = client.open(path, method=method, headers={"Accept": accept})
        assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
        found = json.loads(problem.data)
        assert (found["status"], found["type"]) == (status, "about:blank")
        assert found["detail"] == detail or detail is None
        assert problem.headers["Vary"] == "Accept, Accept-Language"
        assert "ETag" not in problem.headers
        assert problem.headers["Cache-Control"] == "no-cache"
        if status == 405:
            assert "GET" in problem.headers["Allow"]


def test_what_there_is_is_listed_in_each_form(client: FlaskClient) -> None:
    """A page, problem details, JSON-LD and plain text; whichever is asked for beside what there is not."""
    path = "/doc/resource/123404/versions"
    wanted = {"text/html", "application/link-format", "application/json"}
    rows = json.loads(client.get(path, headers={"Accept": "image/png"}).data)["alternatives"]
    assert {row["type"] for row in rows} == wanted
    select = {"query_string": {"query": "SELECT * { ?s ?p ?o } LIMIT 1"}}
    text = client.get("/sparql", headers={"Accept": "text/plain, image/png;q=0.9"}, **select)
    assert (text.status_code, text.content_type) == (406, "text/plain; charset=utf-8")
    assert text.text.startswith("406 Not Acceptable\n\nThere is no representation")
    assert {"application/sparql-results+json", "text/csv"} < set(text.text.split("\n"))
    linked = client.get("/sparql", headers={"Accept": "application/ld+json"}, **select)
    assert (linked.status_code, linked.mimetype) == (406, "application/ld+json")
    graph = Graph().parse(data=linked.data, format="json-ld", publicID="https://lib.example/sparql")
    assert (None, DCTERMS.hasFormat, URIRef("https://lib.example/sparql")) in graph
    assert {"application/sparql-results+json", "text/csv"} < {*map(str, graph.objects(None, DCTERMS["format"]))}
    plain = client.get("/changes", headers={"Accept": "text/plain"})
    assert (plain.status_code, plain.mimetype) == (406, "text/plain")
    assert (
        "\napplication/json  https://lib.example/changes.json\n" in plain.text or "https://lib.example/" in plain.text
    )
    nothing = client.get("/nothing", headers={"Accept": "text/plain"})
    assert nothing.text == "404 Not Found\n\nThere is no page at this address.\n"


def test_what_was_withdrawn_is_gone(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"}, {"title": "Other", "number": "2"})])
    client = make_app(settings).test_client()
    assert client.get("/doc/resource/1").status_code == 200
    pipeline.withdraw(settings, ["1"])
    for path in ("/id/resource/1", "/doc/resource/1", "/doc/resource/1.ttl"):
        page = client.get(path, headers=BROWSER)
        assert page.status_code == 410
        assert "was withdrawn on" in page.text
        assert client.get(path).mimetype == "application/problem+json"
    assert client.get("/doc/resource/2").status_code == 200
    assert "1 result found" in client.get("/search").text


def test_an_unforeseen_error_says_nothing_of_itself(
    published: Settings, make_app: Callable[[Settings], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(published)

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret")

    for headers in (BROWSER, {}):
        response = app.test_client().get("/broken", headers=headers)
        assert response.status_code == 500
        assert response.headers["Cache-Control"] == "no-store"
        assert "secret" not in response.text
        assert "Traceback" not in response.text
    assert "RuntimeError: secret" in caplog.text


def test_too_large_a_body(client: FlaskClient) -> None:
    response = client.post("/sparql", data=b"x" * 1_000_001, content_type="application/sparql-query", headers=BROWSER)
    assert (response.status_code, response.mimetype) == (413, "text/html")


# damage


@pytest.mark.parametrize("part", ["", "graph", "search"])
def test_a_release_that_cannot_be_read(
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    write_page: Callable[..., Path],
    caplog: pytest.LogCaptureFixture,
    part: str,
) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    shutil.rmtree(settings.DATA_DIR / "releases" / "000001" / part)
    client = make_app(settings).test_client()
    asked = {"graph": "/sparql?query=ASK%7B%7D"}.get(part, "/search?q=first")
    page = client.get(asked, headers=BROWSER)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "The records cannot be read just now." in page.text
    health = client.get("/health")
    assert health.status_code == 503
    assert "cannot be read" in health.json["detail"]
    assert str(settings.DATA_DIR) in caplog.text
    assert str(settings.DATA_DIR) not in page.text + health.text


def test_a_catalog_that_cannot_be_read(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    app = make_app(settings)
    for path in settings.DATA_DIR.glob("catalog.sqlite*"):
        path.write_bytes(b"no database at all" * 1000)
    for path in ("/", "/doc/resource/1", "/search?q=x", "/health"):
        response = app.test_client().get(path, headers=BROWSER)
        assert response.status_code == 503, path
        assert "Traceback" not in response.text


def test_a_release_mended_is_served_again(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    from publisher import releases

    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    shutil.rmtree(settings.DATA_DIR / "releases" / "000001" / "search")
    client = make_app(settings).test_client()
    assert client.get("/health").status_code == 503
    releases.rebuild(settings)
    assert client.get("/health").json["status"] == "ok"
    assert "1 result found" in client.get("/search").text


# what comes in by records


HOSTILE = {
    "title": "<script>alert('title')</script> & \"quotes\" '{{7*7}}'",
    "number": "<img src=x onerror=alert(1)>",
    "author": '"><script>alert(2)</script>, Eve',
    "keywords": '<b onmouseover="alert(3)">\njavascript:alert(4)\n</pre></textarea><svg/onload=alert(5)>',
}


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x"])
def test_markup_in_a_record_is_text(
    settings: Settings, make_app: Callable[[Settings], Flask], tmp_path: Path, url: str
) -> None:
    from conftest import RECORD

    record = RECORD.format(**HOSTILE).replace(f"URL: http://www.example.org/{HOSTILE['number']}.pdf", f"URL: {url}")
    (tmp_path / "page.txt").write_text(f"1 results found\n\n{record}", "utf-8")
    assert pipeline.load(settings, [tmp_path / "page.txt"]).published == 1
    client = make_app(settings).test_client()
    document = f"/doc/resource/{quote(HOSTILE['number'], safe='')}"
    pages = {path: client.get(path, headers=BROWSER) for path in ("/", "/search", document)}
    pages |= {
        path: client.get(path, headers=BROWSER)
        for path in (
            "/" + href.removeprefix("../../")
            for href in re.findall(r'href="([^"]*doc/(?:ag|con)[^"]*)"', pages[document].text)
        )
    }
    assert len(pages) >= 6
    for path, page in pages.items():
        assert page.status_code == 200, path
        tags = re.findall(r"<[^>]*>", page.text)
        assert not [
            tag for tag in tags if re.match(r'<(script(?! src=| type="application/ld\+json")|img|svg|b)\b', tag)
        ], path
        assert not [tag for tag in tags if "javascript:" in re.split(" (?:value|content)=", tag)[0]], path
        assert not re.search(r'(?:href|src|action)="(?:javascript|data:text|vbscript)', page.text)
        assert "49" not in re.findall(r"<h1>.*</h1>", page.text)[0]
    assert "&lt;script&gt;alert(&#39;title&#39;)&lt;/script&gt;" in pages[document].text
    assert f">{url.replace('<', '&lt;').replace('>', '&gt;')}</dd>" in pages[document].text.replace("\n", "")


def test_security_headers(client: FlaskClient) -> None:
    for path in ("/", "/doc/resource/123404", "/doc/resource/123404.rdf", "/nothing", "/sparql?query=ASK%7B%7D"):
        headers = client.get(path, headers=BROWSER).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "http" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers


# fuzzing: whatever is asked, the answer is one of ours


def _ours(response) -> None:  # type: ignore[no-untyped-def]
    assert response.status_code < 500, response.text
    assert response.status_code in (200, 303, 304, 400, 403, 404, 405, 406, 410, 413, 415)
    assert "Traceback" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


SEGMENTS = st.one_of(
    st.sampled_from(["doc", "id", "resource", "concept", "dataset", "search", "static", "..", ".", "%2e%2e"]),
    st.sampled_from(
        ["123404", "probation", "united-kingdom", "123404.ttl", "dataset.nt", "%00", "a%2Fb", "", "~", ".ttl"]
    ),
    st.text(max_size=12).map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="")),
    st.binary(max_size=8).map(quote),
)
FUZZ = hypothesis_settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)


@FUZZ
@given(path=st.lists(SEGMENTS, max_size=6), accept=st.sampled_from(["*/*", "text/html", "text/turtle", "x", '";']))
def test_any_path(client: FlaskClient, path: list[str], accept: str) -> None:
    _ours(client.get("/" + "/".join(path).lstrip("/"), headers={"Accept": accept}))


@FUZZ
@given(
    name=st.sampled_from(
        ["q", "title", "year", "page", "sort", "after", "query", "format", "default-graph-uri", "update"]
    ),
    value=st.one_of(
        st.text(max_size=40), st.integers().map(str), st.sampled_from(['"', "*", "2001-1999", "a*", "SELECT *"])
    ),
    path=st.sampled_from(["/search", "/doc/concept/probation", "/sparql", "/", "/dataset", "/doc/resource/123404"]),
)
def test_any_query_string(client: FlaskClient, name: str, value: str, path: str) -> None:
    encoded = quote(value.encode("utf-8", "surrogatepass"), safe="")
    _ours(client.get(f"{path}?{name}={encoded}", headers=BROWSER))


@FUZZ
@given(query=st.binary(max_size=60), path=st.sampled_from(["/search", "/sparql", "/doc/place/japan"]))
def test_any_bytes_as_query_string(client: FlaskClient, query: bytes, path: str) -> None:
    _ours(client.get(path, environ_overrides={"QUERY_STRING": query.decode("latin-1")}))


@FUZZ
@given(
    body=st.binary(max_size=80),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/sparql-query",
            'application/sparql-query; charset="',
            "",
            "x/y",
        ]
    ),
)
def test_any_body(client: FlaskClient, body: bytes, content_type: str) -> None:
    _ours(client.post("/sparql", data=body, content_type=content_type))


@FUZZ
@given(value=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_any_header(client: FlaskClient, value: str) -> None:
    for name in ("Accept", "If-None-Match", "If-Modified-Since", "Host", "Range", "Content-Type", "Origin"):
        _ours(client.get("/doc/resource/123404", headers={name: value}))


def test_rows_of_the_catalog_that_cannot_be_unpacked(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    with sqlite3.connect(settings.DATA_DIR / "catalog.sqlite") as database:
        database.execute("UPDATE version SET graph = ?", (b"damaged",))
    database.close()
    response = make_app(settings).test_client().get("/doc/resource/1", headers=BROWSER)
    assert response.status_code == 500
    assert str(zlib.error.__name__) not in response.text
