"""The change log through its doors: every change once, in order, for ever; and what its readers make of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import feedparser
import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse

from publisher import pipeline
from publisher.harvest import change_log
from publisher.settings import Settings
from publisher.stores import STORES
from publisher.stores.embedded import Graphs

pytest_plugins = ["web_fixtures"]
JSON = {"Accept": "application/json"}


@pytest.fixture
def changed(settings: Settings, write_page: Callable[..., Path], make_app: Callable[[Settings], Flask]) -> FlaskClient:
    """A site where records were published, changed, withdrawn and published again."""
    one, two = {"title": "First Report", "number": "1"}, {"title": "Second Report", "number": "2"}
    pipeline.load(settings, [write_page(one, two)])
    pipeline.load(settings, [write_page({**one, "title": "First Report, Revised"}, two)])
    pipeline.withdraw(settings, ["2"])
    pipeline.load(settings, [write_page(two)])
    return make_app(settings).test_client()


def lines(client: FlaskClient, path: str) -> tuple[list[dict[str, Any]], str]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "application/jsonl"
    _, _, following = response.headers["Link"].partition("https://lib.example")
    return [orjson.loads(line) for line in response.data.splitlines()], following.partition(">")[0]


def crawl(client: FlaskClient, kind: str = "") -> list[dict[str, Any]]:
    """All activities, as a reader of the profile collects them: from the last page back to the first."""
    entry = client.get("/changes" + (f"/{kind}" if kind else ""), headers=JSON).json
    assert entry["type"] == "OrderedCollection"
    found: list[dict[str, Any]] = []
    address, following = entry["last"]["id"], None
    while address:
        page = client.get(address.removeprefix("https://lib.example"), headers=JSON).json
        assert page["id"] == address
        assert page["partOf"]["id"] == entry["id"]
        assert page["totalItems"] == len(page["orderedItems"])
        assert page.get("next", {}).get("id") == following
        found = page["orderedItems"] + found
        address, following = page.get("prev", {}).get("id"), address
    assert following == entry["first"]["id"]
    return found


def test_what_happened_to_a_record_is_told_in_order(changed: FlaskClient) -> None:
    rows, following = lines(changed, "/changes?since=0")
    assert [row["type"] for row in rows if row["id"].endswith("/resource/1")] == ["Create", "Update"]
    assert [row["type"] for row in rows if row["id"].endswith("/resource/2")] == ["Create", "Delete", "Create"]
    sequences = [row["sequence"] for row in rows]
    assert sequences == sorted(set(sequences))
    assert all(("digest" in row) == (row["type"] != "Delete") for row in rows)
    assert lines(changed, following) == ([], following)


def test_releases_never_share_a_second(changed: FlaskClient) -> None:
    rows, _ = lines(changed, "/changes?since=0")
    times = {row["release"]: row["time"] for row in rows}
    assert len({(row["release"], row["time"]) for row in rows}) == len(times) == 4
    assert sorted(times.values()) == [times[release] for release in sorted(times)]
    assert len(set(times.values())) == 4


def test_a_reader_goes_on_from_any_place_by_the_link(changed: FlaskClient) -> None:
    whole, _ = lines(changed, "/changes?since=0")
    found, address = [], "/changes?since=0&limit=3"
    while True:
        rows, address = lines(changed, address)
        if not rows:
            break
        assert len(rows) <= 3
        found += rows
    assert found == whole
    assert lines(changed, f"/changes?since={whole[4]['sequence']}")[0] == whole[5:]
    assert lines(changed, "/changes/resource?since=0")[0] == [row for row in whole if row["kind"] == "resource"]


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=1&limit=0", "since=1&limit=many", "since=1e3"])
def test_a_bad_range_is_refused_in_words(client: FlaskClient, query: str) -> None:
    response = client.get(f"/changes?{query}")
    assert response.status_code == 400
    assert "must be" in response.json["detail"]


@pytest.mark.parametrize("kind", ["", "resource", "concept"])
def test_pages_hold_every_change_once(changed: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(change_log, "PAGE", 4)
    whole, _ = lines(changed, f"/changes{'/' + kind if kind else ''}?since=0")
    found = crawl(changed, kind)
    assert [(item["type"], item["object"]["id"], item["published"]) for item in found] == [
        (row["type"], row["id"], row["time"]) for row in whole
    ]
    if not kind:
        assert changed.get("/changes", headers=JSON).json["totalItems"] == len(whole)
    assert len({item["id"] for item in found}) == len(whole)


def test_a_full_page_stays_as_it_is(
    changed: FlaskClient, settings: Settings, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_log, "PAGE", 4)
    before = changed.get("/changes/1", headers=JSON)
    assert before.headers["Cache-Control"] == "public, max-age=86400"
    assert changed.get("/changes/1", headers={**JSON, "If-None-Match": before.headers["ETag"]}).status_code == 304
    pipeline.load(settings, [write_page({"title": "First Report, Revised Again", "number": "1"})])
    assert changed.get("/changes/1", headers=JSON).data == before.data
    assert changed.get("/changes/1000", headers=JSON).status_code == 404


def test_patches_make_the_published_graphs(changed: FlaskClient, settings: Settings) -> None:
    quads: set[str] = set()
    for line in changed.get("/changes.rdfp?since=0").text.splitlines():
        if line.startswith("A "):
            assert line[2:] not in quads
            quads.add(line[2:])
        elif line.startswith("D "):
            quads.remove(line[2:])
        else:
            assert line[:2] in ("H ", "TX", "TC")
    store = STORES["embedded"](settings.DATA_DIR)
    # a report is about a description and no part of it: it may change when only the rules do
    described = (
        quad for quad in Graphs(store.graph(4)).store if not str(quad.graph_name.value).endswith("/validation")
    )
    published = Dataset(described)
    replayed = Dataset(parse("\n".join(quads), format=RdfFormat.N_QUADS))
    for dataset in (published, replayed):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert published == replayed


def test_a_feed_reader_reads_the_feed(changed: FlaskClient) -> None:
    feed = feedparser.parse(changed.get("/changes.atom").data)
    assert not feed.bozo
    assert feed.version == "atom10"
    newest = next(entry for entry in feed.entries if entry.link.endswith("/doc/resource/2"))
    assert newest.title == "Second Report (new)"
    assert feed.feed.updated == feed.entries[0].updated


def test_people_get_a_page_and_programs_json(client: FlaskClient) -> None:
    assert client.get("/changes").content_type == "application/activity+json"
    assert client.get("/changes", headers={"Accept": "application/ld+json"}).content_type == "application/ld+json"
    for path in ("/changes", "/changes/1", "/changes/agent"):
        page = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert page.content_type.startswith("text/html")
        assert "doc/agent/" in page.text
    assert client.get("/changes", headers={"Accept": "image/png"}).status_code == 406


def test_nothing_published_is_an_empty_log(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    empty = make_app(settings).test_client()
    assert crawl(empty) == []
    assert lines(empty, "/changes?since=0") == ([], "/changes?since=0")
    assert feedparser.parse(empty.get("/changes.atom").data).entries == []
