"""Harvests of what is published meanwhile: nothing is missed, every list ends, deletions arrive, receipts agree."""

from __future__ import annotations

import dataclasses
import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from lxml import etree
from oai_fixtures import Asks, asking, code, digest, headers, pages, texts, token_of

from publisher import moments, pipeline
from publisher.mapping import Described, Mapping
from publisher.record import Record
from publisher.settings import Settings
from publisher.web import create_app


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path / "site", OAI_PAGE_SIZE=2)


@pytest.fixture
def client(settings: Settings) -> Iterator[FlaskClient]:
    app = create_app(settings)
    yield app.test_client()
    app.extensions["publisher"].engine.close()


@pytest.fixture
def ask(client: FlaskClient) -> Asks:
    return asking(lambda url: client.get(url).data)


def records(*numbers: int, title: str = "Report") -> list[dict[str, str]]:
    return [{"title": f"{title} {number}", "number": str(number)} for number in numbers]


def names(*numbers: int) -> set[str]:
    return {f"oai:lib.example:{number}" for number in numbers}


def test_what_changes_and_what_is_withdrawn_is_told(
    settings: Settings, ask: Asks, write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page(*records(1, 2, 3, 4, 5))])
    store = headers(pages(ask, metadataPrefix="oai_dc"))
    assert store.keys() == names(1, 2, 3, 4, 5)
    since = max(store.values())[0]
    pipeline.load(settings, [write_page(*records(2, title="Mended"))])
    pipeline.withdraw(settings, ["4"])
    changed = headers(pages(ask, metadataPrefix="oai_dc", from_=since))
    news = {identifier: value for identifier, value in changed.items() if value != store.get(identifier)}
    assert news.keys() == names(2, 4)
    assert [deleted for _, deleted in news.values()] == [False, True]
    assert headers(pages(ask, metadataPrefix="oai_dc")) == store | news
    answer = ask("GetRecord", identifier="oai:lib.example:4", metadataPrefix="marcxml")
    assert code(answer) is None
    assert b'status="deleted"' in ask_bytes(answer)
    assert b"<metadata" not in ask_bytes(answer)
    # the set that it was in tells it, too
    assert headers(pages(ask, metadataPrefix="oai_dc", set="keyword:prisons"))["oai:lib.example:4"][1]
    pipeline.rollback(settings, 1)
    back = headers(pages(ask, metadataPrefix="oai_dc"))
    assert {identifier for identifier, (_, deleted) in back.items() if not deleted} == names(1, 2, 3, 4, 5)


def ask_bytes(answer: Any) -> bytes:
    return bytes(etree.tostring(answer))


def set_names(ask: Asks) -> dict[str, str]:
    """spec -> name of all sets."""
    answers = list(pages(ask, "ListSets"))
    specs, named = ([text for answer in answers for text in texts(answer, tag)] for tag in ("setSpec", "setName"))
    return dict(zip(specs, named, strict=True))


def test_a_set_is_called_as_the_thing_that_it_is_of(
    settings: Settings, ask: Asks, write_page: Callable[..., Path]
) -> None:
    """By the first heading of a keyword, not by that of the record that makes the set; keys with any characters."""
    one = {"title": "One", "number": "1", "keywords": "Probation (U.K.)\nKeyword"}
    pipeline.load(settings, [write_page(one, {"title": "Two", "number": "2", "keywords": "Straße~Œuvre: a/b"})])
    assert set_names(ask)["keyword:probation-u-k"] == "Probation (U.K.)"
    assert set_names(ask)["keyword"] == set_names(ask)["keyword:keyword"] == "Keyword"
    assert "Straße~Œuvre: a/b" in set_names(ask).values()
    pipeline.load(settings, [write_page({"title": "Three", "number": "3", "keywords": "PROBATION\nKEYWORD"})])
    assert set_names(ask)["keyword:probation"] == "Probation"
    pipeline.withdraw(settings, ["1", "3"])  # the keyword with them; what comes next names it
    pipeline.load(settings, [write_page({"title": "Four", "number": "4", "keywords": "probation (u.k.)"})])
    assert set_names(ask)["keyword:probation-u-k"] == "probation (u.k.)"
    assert set_names(ask)["keyword"] == "Keyword"


def test_a_harvest_under_constant_updating_ends_and_misses_nothing(
    settings: Settings, ask: Asks, write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page(*records(*range(1, 10)))])
    first = ask("ListRecords", metadataPrefix="oai_dc")
    start = texts(first, "responseDate")[0]
    store: dict[str, tuple[str, bool]] = {}
    answer, rounds = first, 0
    while True:
        assert code(answer) is None
        store |= headers(iter([answer]))
        token = token_of(answer)
        if token is None or not token.text:
            break
        rounds += 1
        # after every page something is mended, added and withdrawn
        pipeline.load(settings, [write_page(*records(9, 3, 100 + rounds, title=f"Round {rounds}"))])
        pipeline.withdraw(settings, [str(8 - rounds % 2)])
        answer = ask("ListRecords", resumptionToken=token.text)
    assert rounds <= 5
    store |= headers(pages(ask, metadataPrefix="oai_dc", from_=start))
    assert store == headers(pages(ask, metadataPrefix="oai_dc"))


def test_a_token_outlives_restarts_and_changes_of_what_it_promised(
    settings: Settings, ask: Asks, write_page: Callable[..., Path]
) -> None:
    """All that was still to come has changed, so it stands behind the end of the list; it is told all the same."""
    pipeline.load(settings, [write_page(*records(1, 2, 3))])
    token = token_of(ask("ListIdentifiers", metadataPrefix="oai_dc")).text
    pipeline.load(settings, [write_page(*records(3, title="Mended"))])
    again = create_app(settings)
    second = asking(lambda url: again.test_client().get(url).data)("ListIdentifiers", resumptionToken=token)
    assert texts(second, "identifier") == ["oai:lib.example:3"]
    assert not token_of(second).text
    assert texts(ask("ListIdentifiers", resumptionToken=token), "identifier") == ["oai:lib.example:3"]
    again.extensions["publisher"].engine.close()


def test_receipts_prove_what_a_harvester_has(
    settings: Settings, client: FlaskClient, ask: Asks, write_page: Callable[..., Path]
) -> None:
    moments_seen: list[tuple[str, dict[str, tuple[str, bool]]]] = []

    def look() -> None:
        found = headers(pages(ask, metadataPrefix="oai_dc"))
        moments_seen.append((max(found.values())[0], found))

    pipeline.load(settings, [write_page(*records(1, 2, 3))])
    look()
    pipeline.load(settings, [write_page(*records(2, 4, title="Mended"))])
    look()
    pipeline.withdraw(settings, ["1"])
    look()
    pipeline.rollback(settings, 1)
    look()
    assert len({time for time, _ in moments_seen}) == 4  # no two releases have one second
    for until, found in moments_seen:
        receipt: dict[str, Any] = client.get(f"/receipt?until={until}").json or {}
        live = [identifier for identifier, (_, deleted) in found.items() if not deleted]
        assert receipt["count"] == len(live)
        assert receipt["withdrawn"] == len(found) - len(live)
        assert receipt["digest"] == digest(found)
    now: dict[str, Any] = client.get("/receipt").json or {}
    assert (now["digest"], now["release"]) == (digest(moments_seen[-1][1]), 4)
    for chosen in ("keyword:prisons", "country", "year:2011"):
        receipt = client.get(f"/receipt?set={chosen}").json or {}
        assert receipt["digest"] == digest(headers(pages(ask, metadataPrefix="oai_dc", set=chosen)))
    before: dict[str, Any] = client.get("/receipt?until=2001-01-01").json or {}
    assert (before["count"], before["release"], before["digest"]) == (0, 0, "0" * 64)
    assert client.get("/receipt?set=no").status_code == 404
    assert client.get("/receipt?until=yesterday").status_code == 400


def test_the_time_of_an_answer_is_not_later_than_that_of_a_release_it_does_not_have(
    settings: Settings, ask: Asks, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the choice of a datestamp and the end of the transaction an answer tells the older state, and a time from
    which the next harvest finds the release."""
    pipeline.load(settings, [write_page(*records(1))])
    told: list[str] = []
    inside = moments.committing

    def slow(folder: Path, datestamp: str) -> Any:
        context = inside(folder, datestamp)

        class Slow:
            def __enter__(self) -> None:
                context.__enter__()
                monkeypatch.setattr(moments, "now", lambda: "2999-01-01T00:00:00Z")
                told.extend(texts(ask("ListIdentifiers", metadataPrefix="oai_dc"), "responseDate"))

            def __exit__(self, *error: Any) -> None:
                context.__exit__(*error)

        return Slow()

    monkeypatch.setattr("publisher.releases.publication.committing", slow)
    pipeline.load(settings, [write_page(*records(2))])
    datestamp = headers(pages(ask, metadataPrefix="oai_dc"))["oai:lib.example:2"][0]
    assert told == [datestamp]
    assert texts(ask("Identify"), "responseDate") == ["2999-01-01T00:00:00Z"]


def test_a_writer_that_was_killed_holds_no_time_back(tmp_path: Path) -> None:
    (tmp_path / "committing").write_text("2001-01-01T00:00:00Z")
    assert moments.seen_until(tmp_path) > "2020"
    with (tmp_path / "committing").open() as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert moments.seen_until(tmp_path) == "2001-01-01T00:00:00Z"


def test_all_doors_tell_the_time_at_which_a_change_became_visible(
    settings: Settings, client: FlaskClient, ask: Asks, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publish that takes an hour: who has seen everything up to some time within it must not miss it."""
    times = iter(("2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"))
    monkeypatch.setattr("publisher.releases.publication.now", lambda: next(times))
    pipeline.load(settings, [write_page(*records(1))])
    visible = "2026-01-01T11:00:00Z"
    assert headers(pages(ask, metadataPrefix="oai_dc"))["oai:lib.example:1"][0] == visible
    lines = [orjson.loads(line) for line in client.get("/changes?since=0").data.splitlines()]
    assert {line["time"] for line in lines} == {visible}
    activities: dict[str, Any] = client.get("/changes/1").json or {}
    assert {activity["published"] for activity in activities["orderedItems"]} == {visible}
    for door, tag in (
        ("/changes.atom", "updated"),
        ("/sitemap/1.xml", "lastmod"),
        ("/resourcesync/resourcelist.xml", "lastmod"),
        ("/resourcesync/changelist.xml", "lastmod"),
    ):
        answer = etree.fromstring(client.get(door).data)
        assert {element.text for element in answer.iter(f"{{*}}{tag}")} == {visible}, door


def test_a_record_reads_otherwise_when_a_thing_that_it_names_is_called_otherwise(
    settings: Settings, client: FlaskClient, ask: Asks, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harvesters are told by a new datestamp, caches by another ETag; what does not name it is as it was."""
    named = {"title": "One", "number": "1", "keywords": "Probation"}
    pipeline.load(settings, [write_page(named, {"title": "Two", "number": "2", "keywords": "Prisons"})])
    store = headers(pages(ask, metadataPrefix="oai_dc"))
    assert set_names(ask)["keyword:probation"] == "Probation"
    formats = ("bib", "ris", "dc.xml", "marcxml", "ttl")
    tags = {name: client.get(f"/doc/resource/1.{name}").headers["ETag"] for name in formats}
    describe = Mapping.describe

    def shouting(self: Mapping, record: Record) -> Described:
        described = describe(self, record)
        described.descriptions[1:] = [
            dataclasses.replace(each, label=each.label.upper(), statements=each.statements[1:])
            if each.key == "probation"
            else each
            for each in described.descriptions[1:]
        ]
        return described

    monkeypatch.setattr(Mapping, "describe", shouting)
    pipeline.load(settings, [write_page({"title": "Three", "number": "3", "keywords": "Probation"})])
    since = moments.second_after(store["oai:lib.example:1"][0])
    news = headers(pages(ask, metadataPrefix="oai_dc", from_=since))
    assert news.keys() == names(1, 3)
    assert news["oai:lib.example:1"] > store["oai:lib.example:1"]
    answer = ask_bytes(ask("GetRecord", identifier="oai:lib.example:1", metadataPrefix="oai_dc"))
    assert b"PROBATION" in answer
    for name, tag in tags.items():
        assert client.get(f"/doc/resource/1.{name}", headers={"If-None-Match": tag}).status_code == 200, name
    receipt = orjson.loads(client.get("/receipt").data)
    assert receipt["digest"] == digest(headers(pages(ask, metadataPrefix="oai_dc")))
    assert set_names(ask)["keyword:probation"] == "PROBATION"
    assert set_names(ask)["keyword:prisons"] == "Prisons"
