"""Things and documents: 303, every representation the same graph, and the headers that caches and clients read."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import lxml.html
import pytest
from conftest import SEED
from flask import Flask, request
from flask.testing import FlaskClient
from rdflib import Dataset, Graph, URIRef
from rdflib.compare import isomorphic

from publisher import card, pipeline
from publisher.addresses import KINDS, PLAIN_DOCUMENT, document_path, thing_path
from publisher.catalog import Catalog
from publisher.formats import FORMATS, formats_of
from publisher.packing import gunzip
from publisher.settings import Settings
from publisher.stores import STORES
from publisher.stores.embedded import Graphs
from publisher.web import create_app
from publisher.web.languages import LANGUAGES

pytest_plugins = ["web_fixtures"]
# rdflib 7.6 warns of what its own Dataset.parse does
pytestmark = pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")
BASE = "https://lib.example"
STYLES = Settings.CITATION_STYLES
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
SEED_PATH = "/doc/resource/123404"
GRAPH_FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt", "trig": "trig"}
EXAMPLES = {
    "resource": "123404",
    "agent": "great-britain-hmi-probation",
    "concept": "agency-collaboration-u-k",
    "place": "united-kingdom",
    "series": "prison-studies-working-paper",
    "dataset": "dataset",
}


def read(data: bytes, extension: str, base: str) -> Graph:
    """What a client reads in a representation."""
    dataset = Dataset()
    dataset.parse(data=data, format=GRAPH_FORMATS[extension], publicID=base)
    graph = Graph()
    for subject, predicate, value, _ in dataset.quads():
        graph.add((subject, predicate, value))
    return graph


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_answers_303(client: FlaskClient, kind: str) -> None:
    path = thing_path(kind, EXAMPLES[kind])
    for accept in ("text/html", "text/turtle", "*/*", "image/png"):
        response = client.get(path, headers={"Accept": accept})
        assert response.status_code == 303
        # RFC 9110 10.2.2 allows a relative reference, which is right under any host and prefix
        assert urljoin(path, response.headers["Location"]) == document_path(kind, EXAMPLES[kind])
        assert not response.headers["Location"].startswith(("http", "/"))


def test_every_format_of_everything_is_one_graph(
    client: FlaskClient, names: list[tuple[str, str]], published: Settings
) -> None:
    graphs = Graphs(STORES["embedded"](published.DATA_DIR).graph(1))
    assert {kind for kind, _ in names} == {*KINDS, "dataset"}
    for name in names:
        iri = BASE + document_path(*name)
        stored = Graph().parse(data=_stored(graphs, iri), format="nt")
        assert len(stored) > 5
        for extension in GRAPH_FORMATS:
            path = document_path(*name, extension)
            response = client.get(path)
            assert response.status_code == 200, path
            assert isomorphic(read(response.data, extension, BASE + path), stored), path


def _stored(graphs: Graphs, name: str) -> bytes:
    from pyoxigraph import NamedNode, RdfFormat

    return graphs.store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(name)) or b""


@pytest.mark.parametrize(("kind", "key"), EXAMPLES.items())
def test_negotiation_and_extension_give_the_same_bytes(client: FlaskClient, kind: str, key: str) -> None:
    for offer in formats_of(kind):
        by_extension = client.get(document_path(kind, key, offer.extension))
        if not offer.negotiated or offer.media_type == "application/xml":  # which asks for RDF/XML
            assert by_extension.mimetype == offer.media_type
            continue
        profile = {"Accept-Profile": offer.profile} if offer.profile else {}
        negotiated = client.get(document_path(kind, key), headers={"Accept": offer.media_type, **profile})
        assert negotiated.status_code == by_extension.status_code == 200
        assert negotiated.mimetype == by_extension.mimetype == offer.media_type
        spoken = ", Accept-Language" if negotiated.mimetype == "text/html" else ""
        assert negotiated.headers["Vary"] == f"Accept, Accept-Profile, Accept-Datetime, Accept-Encoding{spoken}"
        assert by_extension.headers["Vary"] == f"Accept-Encoding{spoken}"
        location = urljoin(document_path(kind, key), negotiated.headers["Content-Location"])
        assert location == document_path(kind, key, offer.extension)
        if offer.write is not None:  # the links of a page depend on where it is
            assert negotiated.data == by_extension.data
        for alias in offer.aliases:
            aliased = client.get(document_path(kind, key), headers={"Accept": alias, **profile})
            assert (aliased.mimetype, aliased.data) == (alias, negotiated.data)


def test_the_graph_of_trig_is_the_document(client: FlaskClient) -> None:
    dataset = Dataset()
    dataset.parse(data=client.get(f"{SEED_PATH}.trig").data, format="trig")
    assert {graph.identifier for graph in dataset.graphs() if len(graph)} == {URIRef(BASE + SEED_PATH)}


def test_the_source_as_it_was_read(client: FlaskClient) -> None:
    response = client.get(f"{SEED_PATH}.txt")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.text.startswith("Author: Great Britain: HMI Probation")
    assert client.get("/doc/agent/great-britain.txt").status_code == 404


def test_no_accept_gets_html(client: FlaskClient) -> None:
    assert client.get(SEED_PATH).mimetype == "text/html"
    assert client.get(SEED_PATH, headers={"Accept": ""}).mimetype == "text/html"


def test_not_acceptable_names_what_there_is(client: FlaskClient) -> None:
    response = client.get(SEED_PATH, headers={"Accept": "image/png"})
    assert response.status_code == 406
    found = {(row["type"], urljoin(SEED_PATH, row["url"])) for row in json.loads(response.data)["alternatives"]}
    offered = [row.varied({"style": style}) for row in FORMATS for style in (STYLES if row.parameters else ("",))]
    assert found == {
        (row.media_type, f"{SEED_PATH}.{row.extension}" + (f"?{row.variant}" if row.variant else "")) for row in offered
    }
    assert response.headers["Vary"] == "Accept, Accept-Language"


# caching: RFC 9110 13, RFC 9111


def test_etags_tell_everything_apart(client: FlaskClient, names: list[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for kind, key in EXAMPLES.items():
        for offer in formats_of(kind):
            path = document_path(kind, key, offer.extension)
            etag = client.get(path).headers["ETag"]
            assert re.fullmatch(r'"[!#-~]+"', etag)
            assert seen.setdefault(f"{kind}{etag}", path) == path
    aliased = client.get(SEED_PATH, headers={"Accept": "application/json"}).headers["ETag"]
    assert aliased != client.get(SEED_PATH, headers={"Accept": "application/ld+json"}).headers["ETag"]


def test_etags_are_the_same_in_every_process(client: FlaskClient, published: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from publisher.settings import Settings\n"
        "from publisher.web import create_app\n"
        f"app = create_app(Settings(BASE_URL={published.BASE_URL!r}, DATA_DIR=Path(sys.argv[1]), SEARCH_RATE=0))\n"
        f"print([app.test_client().get({SEED_PATH!r} + '.' + e).headers['ETag'] for e in sys.argv[2:]])"
    )
    extensions = [row.extension for row in FORMATS]
    command = [sys.executable, "-c", script, str(published.DATA_DIR), *extensions]
    other = subprocess.run(command, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == str([client.get(f"{SEED_PATH}.{e}").headers["ETag"] for e in extensions])


def test_a_new_version_has_a_new_etag(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    client = make_app(settings).test_client()
    pipeline.load(settings, [write_page({"title": "First", "number": "1"}, {"title": "Other", "number": "2"})])
    paths = [f"/doc/resource/{key}.{row.extension}" for key in (1, 2) for row in FORMATS]
    before = {path: client.get(path).headers["ETag"] for path in paths}
    pipeline.load(settings, [write_page({"title": "Second", "number": "1"})])
    after = {path: client.get(path).headers["ETag"] for path in paths}
    assert all(before[path] != after[path] for path in paths if "/1." in path)
    # a page shows labels of other things, so it may change with any release; data may not
    assert all(before[path] == after[path] for path in paths if "/2." in path and not path.endswith("html"))
    stale = client.get(paths[1], headers={"If-None-Match": before[paths[1]]})
    assert stale.status_code == 200
    assert b"Second" in stale.data


KEPT = ("ETag", "Cache-Control", "Vary", "Content-Location", "Last-Modified")  # of the 200 (RFC 9110 15.4.5)


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/json"])
@pytest.mark.parametrize(
    "form", ["{0}", "W/{0}", '"x", {0}', '"a,b", W/"c" ,W/{0}', "*"], ids=["one", "weak", "several", "quoted", "any"]
)
def test_not_modified(client: FlaskClient, accept: str, form: str) -> None:
    full = client.get(SEED_PATH, headers={"Accept": accept})
    conditional = {"Accept": accept, "If-None-Match": form.format(full.headers["ETag"])}
    for method in ("GET", "HEAD"):
        response = client.open(SEED_PATH, method=method, headers=conditional)
        assert (response.status_code, response.data) == (304, b"")
        for name in KEPT:
            assert response.headers.getlist(name) == full.headers.getlist(name), name
        assert "Content-Type" not in response.headers
        assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/doc/resource/1", "/doc/resource/1.ttl", "/doc/resource/1.html"])
def test_who_asked_while_a_publish_was_under_way_is_told_of_it(
    tmp_path: Path, write_page: Callable[..., Path], path: str
) -> None:
    """A publish takes long; what was fetched after it began, and is asked for again by that time, has changed."""
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [write_page({"title": "One", "number": "1"})])
    catalog = Catalog(settings.DATA_DIR, create=True)
    catalog.db.execute("UPDATE version SET modified = '2024-01-31T09:00:00Z'")
    catalog.db.execute("UPDATE release SET published = '2024-01-31T09:00:00Z', datestamp = '2024-01-31T10:00:00Z'")
    catalog.close()
    client = create_app(settings).test_client()
    meanwhile = {"If-Modified-Since": "Wed, 31 Jan 2024 09:30:00 GMT"}
    answer = client.get(path, headers=meanwhile)
    assert answer.status_code == 200
    assert answer.headers["Last-Modified"] == "Wed, 31 Jan 2024 10:00:00 GMT"


def test_if_none_match_outweighs_if_modified_since(client: FlaskClient) -> None:
    full = client.get(f"{SEED_PATH}.ttl")
    since = {"If-Modified-Since": full.headers["Last-Modified"]}
    assert client.get(f"{SEED_PATH}.ttl", headers=since).status_code == 304
    assert client.get(f"{SEED_PATH}.ttl", headers={**since, "If-None-Match": '"other"'}).status_code == 200
    assert client.get(f"{SEED_PATH}.ttl", headers={"If-None-Match": '"other", "and more"'}).status_code == 200
    old = {"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}
    assert client.get(f"{SEED_PATH}.ttl", headers=old).status_code == 200
    assert client.get(f"{SEED_PATH}.ttl", headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_a_representation_is_not_taken_for_another(client: FlaskClient) -> None:
    turtle = client.get(SEED_PATH, headers={"Accept": "text/turtle"}).headers["ETag"]
    response = client.get(SEED_PATH, headers={"Accept": "application/ld+json", "If-None-Match": turtle})
    assert (response.status_code, response.mimetype) == (200, "application/ld+json")


PATHS = ["/", "/search?q=probation", SEED_PATH, f"{SEED_PATH}.ttl", "/id/resource/123404", "/dataset", "/sparql"]
PATHS += ["/ontology", "/shapes", "/context.jsonld", "/health", "/robots.txt", "/nothing", "/doc/resource/x"]
PATHS += ["/sparql?query=ASK%7B%7D", "/static/style.css"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "*/*"])
def test_head_has_the_headers_of_get(client: FlaskClient, path: str, accept: str) -> None:
    got = client.get(path, headers={"Accept": accept})
    headed = client.head(path, headers={"Accept": accept})
    assert (headed.status_code, headed.data) == (got.status_code, b"")
    without_date = [{name: value for name, value in found.headers if name != "Date"} for found in (got, headed)]
    assert without_date[0] == without_date[1]
    if path.startswith("/search") and accept == "text/turtle":  # it is streamed, and nobody knows how long it is
        assert "Content-Length" not in headed.headers
    else:
        assert int(headed.headers["Content-Length"]) == len(got.data)


@pytest.mark.parametrize("path", PATHS[:-1])
def test_options_and_cors(client: FlaskClient, path: str) -> None:
    response = client.options(path, headers={"Origin": "https://elsewhere.example"})
    if "nothing" in path:
        assert response.status_code == 404
        return
    allowed = {"GET", "HEAD", "OPTIONS"} | ({"POST"} if path.startswith("/sparql") else set())
    assert response.status_code == 200
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert set(response.headers["Access-Control-Allow-Methods"].split(", ")) == allowed
    assert "If-None-Match" in response.headers["Access-Control-Allow-Headers"]
    assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"
    assert "ETag" in client.get(path).headers["Access-Control-Expose-Headers"]


def links(header: str) -> list[tuple[str, dict[str, str]]]:
    """The links of a header, by the grammar of RFC 8288 3; fails where it is not followed to the end."""
    found = []
    position = 0
    link = re.compile(
        r"\s*<([^<>\s]*)>((?:\s*;\s*[\w!#$&+.^`|~-]+\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\",;]+))*)\s*(,|$)"
    )
    parameter = re.compile(r";\s*([\w-]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\",;]+))")
    while position < len(header):
        match = link.match(header, position)
        assert match, header[position:]
        found.append((match[1], {name: quoted or token for name, quoted, token in parameter.findall(match[2])}))
        position = match.end()
    return found


@pytest.mark.parametrize(("kind", "key"), EXAMPLES.items())
def test_links(client: FlaskClient, kind: str, key: str) -> None:
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    hostile |= {"Forwarded": "host=evil.example", "X-Forwarded-Prefix": "/evil", "X-Original-URL": "/evil"}
    for path in (document_path(kind, key), document_path(kind, key, "ttl")):
        plain, response = client.get(path), client.get(path, headers=hostile)
        found = links(",".join(response.headers.getlist("Link")))
        assert found == links(",".join(plain.headers.getlist("Link")))
        ours = [
            target
            for target, parameters in found
            if parameters["rel"] not in ("type", "item", "profile", "license") and "anchor" not in parameters
        ]
        assert all(target.startswith(BASE + "/") for target in ours)
        assert not [target for target, _ in found if "evil" in target]
        by_relation: dict[str, list[tuple[str, str | None]]] = {}
        for target, parameters in found:
            for relation in parameters["rel"].split():
                by_relation.setdefault(relation, []).append((target, parameters.get("type")))
        alternates = [(BASE + document_path(kind, key, row.extension), row.media_type) for row in formats_of(kind)]
        told = by_relation["alternate"]
        assert told == alternates[: len(told)]
        if len(told) < len(alternates):  # the last stand in the link set only
            assert len(response.headers["Link"]) > Settings.LINK_HEADER_BYTES - 100
        assert len(told) >= len(alternates) - 1
        assert by_relation["canonical"] == [(BASE + document_path(kind, key), None)]
        assert by_relation["describes"] == [(BASE + thing_path(kind, key), None)]
        assert by_relation["license"] == [("http://creativecommons.org/publicdomain/zero/1.0/", None)]
        assert b"evil" not in response.data
        for target, media_type in alternates:
            assert client.get(target.removeprefix(BASE)).mimetype == media_type


def test_no_header_and_no_body_carries_another_host(client: FlaskClient) -> None:
    for path in (*PATHS, f"{SEED_PATH}.jsonld"):
        for accept in ("text/html", "text/turtle", "*/*"):
            headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Accept": accept}
            response = client.get(path, headers=headers)
            assert "evil" not in str(response.headers)
            assert b"evil" not in response.data


@pytest.mark.parametrize("path", ["/profile/report"])
def test_the_scheme_and_the_profile_are_described_with_the_dataset(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 303
    assert urljoin(path, response.headers["Location"]) == "/dataset"
    graph = Graph().parse(data=client.get("/dataset.ttl").data, format="turtle")
    assert (URIRef(BASE + path), None, None) in graph


# the page of a record


def test_the_fields_stand_as_readers_know_them(client: FlaskClient) -> None:
    page = client.get(SEED_PATH, headers=BROWSER).text
    labels = re.findall(r"<dt>([^<]+)</dt>", page)
    assert labels[:10] == [
        *("Author", "Title", "Summary", "Details", "Source"),
        *("Year", "Country", "URL", "Shelf Number", "Keywords"),
    ]
    assert {"Publisher", "Number of pages", "Place of publication"} < set(labels[10:])
    assert page.index("<dt>Keywords</dt>") < page.index("<dt>Publisher</dt>") < page.index("<details>")
    assert page.index("<details>") < page.index("<dt>First published</dt>")
    assert ">Great Britain: HMI Probation</a>" in page
    shown = page[: page.index("<details>")]
    assert shown.count("mappa-thematic-report.pdf</a>") == 1
    for keyword in ("Agency Collaboration (U.K.)", "Risk Management"):
        assert f">{keyword}</a>" in page


def test_the_page_tells_machines_how_to_cite_it(client: FlaskClient) -> None:
    page = client.get(SEED_PATH, headers=BROWSER).text
    tags = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    for pair in (
        ("citation_technical_report_institution", "Criminal Justice Joint Inspection"),
        ("citation_author", "Great Britain: HMI Probation"),
        ("citation_publication_date", "2011"),
        ("DC.creator", "Great Britain: HMI Probation"),
        ("DCTERMS.issued", "2011"),
        ("og:type", "article"),
        ("og:url", BASE + SEED_PATH),
    ):
        assert pair in tags
    assert next(content for name, content in tags if name == "citation_pdf_url").endswith(".pdf")
    coins = re.search(r'<span class="Z3988" title="([^"]+)">', page)
    assert coins
    assert "rft.genre=report" in html.unescape(coins[1])
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert data
    assert json.loads(data[1]) == json.loads(client.get(f"{SEED_PATH}.schema.jsonld").data)
    assert "citation_title" not in client.get("/doc/agent/great-britain-hmi-probation", headers=BROWSER).text


def test_a_page_of_what_is_kept_ready_is_the_page_that_would_be_made(
    published: Settings, make_app: Callable[[Settings], Flask], names: list[tuple[str, str]]
) -> None:
    """In each language and coding; of every record that nothing names, and of what is no record."""
    app = make_app(replace(published, PAGE_CACHE_BYTES=0))
    client, site = app.test_client(), app.extensions["publisher"]
    asked = []
    app.before_request(lambda: asked.append(request.path))
    ready = 0
    records = [name for name in names if name[0] == "resource"]
    for name in [*records, *[name for name in names if name[0] != "resource"][::20]]:
        for language in LANGUAGES:
            headers = {**BROWSER, "Accept-Language": language}
            site.frames.clear()  # without them each page is made by the views
            made = client.get(document_path(*name), headers=headers)
            asked.clear()
            again = client.get(document_path(*name), headers=headers)
            assert again.status_code == 200
            assert (again.data, again.headers) == (made.data, made.headers)
            packed = client.get(document_path(*name), headers={**headers, "Accept-Encoding": "gzip"})
            assert gunzip(packed.data) == made.data
            ready += not asked
            plain = name[0] == "resource" and PLAIN_DOCUMENT.fullmatch(document_path(*name))
            assert asked == [] or not plain or b'<h2 id="named-1">' in made.data
    assert ready > 50


def test_a_card_that_is_damaged_is_made_anew(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"})])
    client = make_app(replace(settings, PAGE_CACHE_BYTES=0)).test_client()
    page = client.get("/doc/resource/1", headers=BROWSER)
    with sqlite3.connect(settings.DATA_DIR / "catalog.sqlite") as database:
        assert database.execute("UPDATE ready SET body = ? WHERE format = ?", (b"damaged", card.NAME)).rowcount == 1
    database.close()
    assert client.get("/doc/resource/1", headers=BROWSER).data == page.data


def test_a_text_is_shown_as_it_is(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    """It is no HTML, no place of a frame, no word and no pattern, in a page made by the views and of what is ready."""
    title = """~rows~OF~THE~THING ~key~OF~THE~THING <b>&amp; "it" 's</b> %(first)s {{ rows }} </script>"""
    pipeline.load(settings, [write_page({"title": title, "number": "1", "author": title, "keywords": title})])
    client = make_app(replace(settings, PAGE_CACHE_BYTES=0)).test_client()
    for _ in range(2):
        page = lxml.html.fromstring(client.get("/doc/resource/1", headers=BROWSER).text)
        shown = {element.text_content().strip() for element in page.iter("h1", "dd")}
        assert title in shown
        assert page.xpath("//b") == []
        assert json.loads(page.xpath("string(//script)"))["name"] == title


def test_a_citation_in_a_style(client: FlaskClient) -> None:
    page = client.get(SEED_PATH, headers=BROWSER).text
    assert '<p class="citation">Great Britain: HMI Probation (2011). Thematic Inspection Report' in page
    styled = client.get(f"{SEED_PATH}?style=ieee", headers=BROWSER).text
    assert '<option value="ieee" selected>' in styled
    assert "Criminal Justice Joint Inspection, London, 2011" in styled
    other = client.get(f"{SEED_PATH}?style=american-medical-association", headers=BROWSER)
    assert other.status_code == 200
    for style in ("none-such", "../../etc/passwd", "a" * 500, "%00"):
        refused = client.get(f"{SEED_PATH}?style={style}", headers=BROWSER)
        assert refused.status_code == 400
        assert "There is no citation style" in refused.text


def test_an_archived_copy_stands_beside_an_address(
    client: FlaskClient, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    url = "http://www.justice.gov.uk/downloads/publications/inspectorate-reports/hmiprob/mappa-thematic-report.pdf"
    page = client.get(SEED_PATH, headers=BROWSER).text
    assert f'(<a href="https://web.archive.org/web/20111119/{url}">archived copy</a>)' in page
    summary = page.index("<dt>Summary</dt>")  # a long one: who comes for the document finds it before that
    assert 0 < page.index(f'<a href="{url}">Open the document</a> (www.justice.gov.uk') < summary
    gate = f'<https://web.archive.org/web/20111119/{url}>; rel="timegate"; anchor="{url}"'
    assert gate in client.get(f"{SEED_PATH}.linkset").text
    rows = json.loads(client.get(f"{SEED_PATH}.linkset.json").data)["linkset"]
    of_url = next(row for row in rows if row["anchor"] == url)
    assert [each["href"] for each in of_url["timegate"]] == [f"https://web.archive.org/web/20111119/{url}"]
    pipeline.load(settings, [SEED])
    roomy = make_app(replace(settings, LINK_HEADER_BYTES=8000)).test_client()
    for _ in range(2):  # made by the views, then of what is kept ready
        assert gate in roomy.get(SEED_PATH, headers=BROWSER).headers["Link"]
    off = make_app(replace(settings, ARCHIVE_URL="")).test_client()
    assert "archived copy" not in off.get(SEED_PATH, headers=BROWSER).text
    assert "anchor" not in off.get(SEED_PATH, headers=BROWSER).headers["Link"]


def test_headers_are_ascii(settings: Settings, make_app: Callable[[Settings], Flask], tmp_path: Path) -> None:
    row = {"shelf_number": "1", "title": "T", "uri": "http://example.org/ü中.pdf"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row), "utf-8")
    pipeline.load(settings, [tmp_path / "a.jsonl"])
    client = make_app(settings).test_client()
    link = client.get("/doc/resource/1", headers=BROWSER).headers["Link"]
    assert '<http://example.org/%C3%BC%E4%B8%AD.pdf>; rel="item"' in link
    assert link.isascii()
    assert client.get("/doc/resource/1.linkset").data.isascii()
    assert client.get("/doc/resource/1.linkset.json").data.isascii()


@pytest.mark.parametrize(
    ("path", "headings"),
    [
        ("/doc/agent/great-britain", ["Parts of this body"]),
        ("/doc/agent/great-britain-hmi-probation", ["Author of"]),
        ("/doc/agent/criminal-justice-joint-inspection", ["Publisher of"]),
        ("/doc/concept/probation", ["Narrower keywords", "Records with this keyword"]),
        ("/doc/place/united-kingdom", ["Places in it", "Records about this place", "Keywords about this place"]),
    ],
)
def test_what_names_a_thing_stands_by_its_role(client: FlaskClient, path: str, headings: list[str]) -> None:
    page = client.get(path).text
    assert re.findall(r'<h2 id="named-\d">([^<]+) <span class="number">\(\d+\)</span></h2>', page) == headings
    if "Records with this keyword" in headings:
        assert re.search(r"Mwangi, Grace W\. · 2015", page)


def test_a_thing_named_by_many_has_pages(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    records = [{"title": f"Report {number}", "number": str(number)} for number in range(1, 121)]
    pipeline.load(settings, [write_page(*records)])
    client = make_app(settings).test_client()
    path, seen, pages = "/doc/concept/probation", [], 0
    url: str | None = path
    while url and pages < 9:
        page = client.get(url).text
        pages += 1
        seen += re.findall(r">(Report \d+)</a>", page)
        match = re.search(r'rel="next nofollow" href="([^"]+)"', page)
        url = urljoin(path, html.unescape(match[1])) if match else None
        assert '<span class="number">(120)</span>' in page
    assert (pages, len(seen), len(set(seen))) == (3, 120, 120)


@pytest.mark.parametrize("after", ["-1", "0", "x", "", "99999999999999999999999", "1e3", "%00"])
def test_an_odd_page_is_a_page(client: FlaskClient, after: str) -> None:
    assert client.get(f"/doc/concept/probation?after={after}").status_code == 200


# keys

KEYS = ["a/b", "a b", "50%", "50%2F", "Übung 3", "図書", "1.2.3", "a.ttl", "a.html", "x?y#z", "A&B;c=d,e+f", "~(1)'"]
KEYS += ["a//b", "/a", "a/", "1🙂"]


@pytest.fixture(scope="module")
def with_keys(
    tmp_path_factory: pytest.TempPathFactory, make_app: Callable[[Settings], Flask]
) -> tuple[FlaskClient, Settings]:
    """A site whose shelf numbers are all that a shelf number should not be."""
    from conftest import RECORD

    folder = tmp_path_factory.mktemp("keys")
    settings = Settings(BASE_URL=BASE, DATA_DIR=folder / "site")
    blocks = [
        RECORD.format(author="Smith, Jane A.", title=f"No. {number}", number=key, keywords="Probation")
        for number, key in enumerate([*KEYS, "a"])
    ]
    (folder / "page.txt").write_text(f"{len(blocks)} results found\n\n" + "\n".join(blocks), "utf-8")
    summary = pipeline.load(settings, [folder / "page.txt"])
    assert summary.published == len(blocks), summary.findings
    return make_app(settings).test_client(), settings


@pytest.mark.parametrize("key", KEYS)
def test_any_key_has_its_addresses(with_keys: tuple[FlaskClient, Settings], key: str) -> None:
    client, _ = with_keys
    number = KEYS.index(key)
    response = client.get(thing_path("resource", key))
    assert response.status_code == 303
    assert urljoin(thing_path("resource", key), response.headers["Location"]) == document_path("resource", key)
    page = client.get(document_path("resource", key))
    assert f"<h1>No. {number}</h1>" in page.text
    for extension in GRAPH_FORMATS:
        path = document_path("resource", key, extension)
        found = client.get(path)
        graph = read(found.data, extension, BASE + path)
        assert (URIRef(BASE + thing_path("resource", key)), None, None) in graph
    links(",".join(page.headers.getlist("Link")))


def test_a_key_that_ends_like_an_extension_keeps_its_address(with_keys: tuple[FlaskClient, Settings]) -> None:
    """The document's IRI names its graph, so it comes before another document's format."""
    client, _ = with_keys
    assert f"<h1>No. {KEYS.index('a.ttl')}</h1>" in client.get("/doc/resource/a.ttl").text
    assert client.get("/doc/resource/a.ttl.ttl").mimetype == "text/turtle"
    assert f"<h1>No. {len(KEYS)}</h1>" in client.get("/doc/resource/a").text
    assert client.get("/doc/resource/a.nt").mimetype == "application/n-triples"


def test_void_is_found_where_it_is_looked_for(client: FlaskClient) -> None:
    response = client.get("/.well-known/void")
    assert (response.status_code, response.headers["Location"]) == (303, "../dataset")
    page = client.get("/dataset", headers={"Accept": "text/html"}).text
    assert "http://purl.org/ontology/bibo/Report" in page
    assert "dataset#class" not in page
