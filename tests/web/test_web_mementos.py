"""Descriptions as they were: time gate, time map, versions, what each changed, and the tombstone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from test_web_documents import links

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.history import at, history
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
BASE, DOCUMENT = "https://lib.example", "/doc/resource/1"
TIMES = ["2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z", "2022-01-01T00:00:00Z"]


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, make_app: Callable[[Settings], Flask]
) -> tuple[FlaskClient, list[int]]:
    """A record in two versions and withdrawn, at three times, another in one; and the places of the first."""
    from conftest import RECORD

    folder = tmp_path_factory.mktemp("versions")
    settings = Settings(BASE_URL=BASE, DATA_DIR=folder / "site")

    def load(*titles: str) -> None:
        page: Path = folder / "page.txt"
        blocks = [
            RECORD.format(author="Smith, Jane A.", title=title, number=str(number), keywords="Probation")
            for number, title in enumerate(titles, 1)
        ]
        page.write_text(f"{len(blocks)} results found\n\n" + "\n".join(blocks), "utf-8")
        assert pipeline.load(settings, [page]).release

    load("First title", "Other")
    load("Second title")
    pipeline.withdraw(settings, ["1"])
    catalog = Catalog(settings.DATA_DIR, create=True)
    sequences = [each.sequence for each in history(catalog, "resource", "1")]
    for sequence, time in zip(sequences, TIMES, strict=True):
        catalog.db.execute("UPDATE version SET modified = ? WHERE sequence = ?", (time, sequence))
        release = "(SELECT release FROM version WHERE sequence = ?)"
        catalog.db.execute(f"UPDATE release SET datestamp = ? WHERE number = {release}", (time, sequence))
    catalog.close()
    return make_app(settings).test_client(), sequences


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("Wed, 01 Jan 2020 00:00:00 GMT", 0),
        ("Thu, 31 Dec 2020 23:59:59 GMT", 0),
        ("Fri, 01 Jan 2021 00:00:00 GMT", 1),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 0),  # the first, if it is older than all
        ("Sat, 01 Jan 2050 00:00:00 GMT", 2),
    ],
)
def test_the_time_gate(site: tuple[FlaskClient, list[int]], asked: str, expected: int) -> None:
    client, sequences = site
    response = client.get(DOCUMENT, headers={"Accept-Datetime": asked})
    assert response.status_code == 302
    location = urljoin(DOCUMENT, response.headers["Location"])
    assert location == f"{DOCUMENT}/versions/{sequences[expected]}"
    assert response.headers["Vary"] == "Accept-Datetime"
    assert client.get(location).status_code == (410 if expected == 2 else 200)


def test_a_time_that_is_none(site: tuple[FlaskClient, list[int]]) -> None:
    assert site[0].get(DOCUMENT, headers={"Accept-Datetime": "yesterday"}).status_code == 400
    assert (
        site[0].get("/doc/resource/none", headers={"Accept-Datetime": "Wed, 01 Jan 2020 00:00:00 GMT"}).status_code
        == 404
    )
    current = site[0].get("/doc/resource/2", headers={"Accept": "text/turtle"})
    assert "Accept-Datetime" in current.headers["Vary"]
    assert (f"{BASE}/doc/resource/2", {"rel": "timegate"}) in links(current.headers["Link"])


def test_a_memento_is_what_was(site: tuple[FlaskClient, list[int]]) -> None:
    client, (first, second, gone) = site
    for extension in ("ttl", "jsonld", "html", "bib", "txt"):
        path = f"{DOCUMENT}/versions/{first}.{extension}"
        response = client.get(path)
        assert response.status_code == 200, path
        assert b"First title" in response.data
        assert b"Second title" not in response.data
        assert response.headers["Memento-Datetime"] == "Wed, 01 Jan 2020 00:00:00 GMT"
        again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304
    found = {
        given["rel"]: target for target, given in links(client.get(f"{DOCUMENT}/versions/{second}").headers["Link"])
    }
    assert found["original timegate"] == BASE + DOCUMENT
    assert found["timemap"] == f"{BASE}{DOCUMENT}/versions"
    assert found["first prev memento"] == f"{BASE}{DOCUMENT}/versions/{first}"
    assert found["last memento"] == f"{BASE}{DOCUMENT}/versions/{second}"
    assert client.get(f"{DOCUMENT}/versions/{gone}.ttl").status_code == 410
    for odd in ("0", "999999", "x", "-1", f"{first}.exe", "²"):
        assert client.get(f"{DOCUMENT}/versions/{odd}").status_code == 404


def test_the_time_map(site: tuple[FlaskClient, list[int]]) -> None:
    client, sequences = site
    path = f"{DOCUMENT}/versions"
    text = client.get(path, headers={"Accept": "application/link-format"})
    assert text.mimetype == "application/link-format"
    mementos = [(target, given) for target, given in links(text.text.replace("\n", " ")) if "datetime" in given]
    assert [target for target, _ in mementos] == [f"{BASE}{path}/{sequence}" for sequence in sequences[:2]]
    assert mementos[0][1]["datetime"] == "Wed, 01 Jan 2020 00:00:00 GMT"
    rows = orjson.loads(client.get(path, headers={"Accept": "application/json"}).data)["versions"]
    assert [(row["version"], row["withdrawn"]) for row in rows] == [*zip(sequences, (False, False, True), strict=True)]
    page = client.get(path, headers={"Accept": "text/html"}).text
    assert page.count("<time ") == 3


def test_what_a_version_changed(site: tuple[FlaskClient, list[int]]) -> None:
    client, (first, second, gone) = site
    found = orjson.loads(
        client.get(f"{DOCUMENT}/versions/{second}/changes", headers={"Accept": "application/json"}).data
    )
    assert found["since"] == first
    assert [line for line in found["added"] if '"Second title"' in line]
    assert [line for line in found["removed"] if '"First title"' in line]
    assert not [line for line in found["added"] if "numPages" in line]
    text = client.get(f"{DOCUMENT}/versions/{gone}/changes?since={first}", headers={"Accept": "text/plain"}).text
    assert text
    assert all(line.startswith("- ") for line in text.splitlines())
    assert "Second title" in client.get(f"{DOCUMENT}/versions/{second}/changes", headers={"Accept": "text/html"}).text
    whole = orjson.loads(
        client.get(f"{DOCUMENT}/versions/{first}/changes", headers={"Accept": "application/json"}).data
    )
    assert (whole["since"], whole["removed"]) == (None, [])


def test_the_tombstone(site: tuple[FlaskClient, list[int]]) -> None:
    client, _ = site
    page = client.get(DOCUMENT, headers={"Accept": "text/html"})
    assert page.status_code == 410
    assert "Second title" in page.text
    assert f'href="{"../../doc/resource/1/versions"}"' in page.text
    problem = orjson.loads(client.get(DOCUMENT, headers={"Accept": "text/turtle"}).data)
    assert problem["label"] == "Second title"
    assert problem["withdrawn"] == TIMES[2]
    assert problem["versions"] == f"{BASE}{DOCUMENT}/versions"


def test_a_key_that_looks_like_a_version(
    settings: Settings, make_app: Callable[[Settings], Flask], write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "Odd", "number": "1/versions"}, {"title": "One", "number": "1"})])
    client = make_app(settings).test_client()
    assert "Odd" in client.get("/doc/resource/1%2Fversions", follow_redirects=True).text


def test_the_version_of_a_time() -> None:
    from publisher.history import Past

    past = [Past(number, number, time, False, "") for number, time in enumerate(TIMES)]
    assert at(past, "2020-06-01T00:00:00Z").sequence == 0
    assert at(past, "1999-06-01T00:00:00Z").sequence == 0
    assert at(past, "2999-06-01T00:00:00Z").sequence == 2
