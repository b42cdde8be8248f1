"""The search index: words, phrases, prefixes, whole values, ranges, order, facets; no query syntax gets through."""

from __future__ import annotations

import pytest

from publisher.catalog import Catalog
from publisher.search import MOST, Index
from publisher.settings import Settings
from publisher.stores.embedded import EmbeddedStore


@pytest.fixture(scope="module")
def index(published: Settings) -> Index:
    catalog = Catalog(published.DATA_DIR)
    return Index(EmbeddedStore(published.DATA_DIR).folder(catalog.current()) / "search")


def keys(index: Index, published: Settings, asked: dict[str, str], sort: str = "") -> list[str]:
    catalog = Catalog(published.DATA_DIR)
    ids = index.search(asked, limit=100, sort=sort).ids
    entries = catalog.by_ids(ids)
    return [entries[thing].key for thing in ids]


@pytest.mark.parametrize(
    "asked",
    [
        {"author": "HMI probation"},
        {"author": "great britain", "title": "thematic"},
        {"title": '"putting the pieces together"'},
        {"title": "inspec* multi-agen*"},
        {"title": "multi-agency"},
        {"summary": "ViSOR"},
        {"details": '"Criminal Justice Joint Inspection"'},
        {"source": "November 19"},
        {"year": "2011", "country": "united kingdom", "keyword": "partnerships"},
        {"year": "2010-2012", "title": "mappa OR pieces".replace(" OR ", " ").replace("mappa ", "")},
        {"url": "mappa-thematic-report.pdf"},
        {"shelf_number": "123404"},
        {"keyword": '="Agency Collaboration (U.K.)"'},
        {"keyword": "agency collaboration (u.k.)"},
        {"q": "MAPPA individual’s"},
    ],
    ids=str,
)
def test_the_seed_is_found_by_every_field(index: Index, published: Settings, asked: dict[str, str]) -> None:
    assert "123404" in keys(index, published, asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"title": "probationary"},
        {"title": '"pieces putting"'},
        {"author": "mappa"},
        {"year": "1999"},
        {"year": "2012-2030"},
        {"keyword": '="Agency Collaboration"'},
        {"shelf_number": "12340"},
        {"title": "* OR *"},
        {"title": "title:pieces"},
        {"title": "?!"},
    ],
    ids=str,
)
def test_the_seed_is_not_found_by_what_it_does_not_say(
    index: Index, published: Settings, asked: dict[str, str]
) -> None:
    assert "123404" not in keys(index, published, asked)


def test_case_and_accents_do_not_count(index: Index) -> None:
    assert index.search({"author": "lindqvist asa"}).count == index.search({"author": "LINDQVIST Åsa"}).count > 0


def test_nothing_asked_finds_everything(index: Index, published: Settings) -> None:
    assert index.search({}).count == index.search({"q": "  "}).count == Catalog(published.DATA_DIR).count("resource")


def test_the_facets_count_what_their_values_find(index: Index) -> None:
    hits = index.search({"q": "probation"})
    assert set(hits.facets) == {"year", "country", "keyword", "author"}
    for name, rows in hits.facets.items():
        assert rows
        for text, count in rows:
            assert index.search({"q": "probation", name: f'="{text}"'}).count == count


def test_results_come_in_order(index: Index, published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    titles = [catalog.get("resource", key).label.casefold() for key in keys(index, published, {}, "title")]
    assert titles == sorted(titles)
    assert keys(index, published, {}, "year") != keys(index, published, {}, "-year")


def test_pages_end_at_the_most(index: Index) -> None:
    assert len(index.search({}, offset=50, limit=20).ids) <= 20
    for offset in (MOST, 10**12):
        assert index.search({}, offset=offset).ids == []


def test_hostile_input_is_only_text(index: Index) -> None:
    for text in ('"', '""', "\x00", "(((", "a" * 100_000, "AND OR NOT", "title:*", "[1 TO 2]", '="', "=" * 50):
        for name in ("q", "title", "year", "keyword"):
            index.search({name: text})


def test_records_of_other_formats_are_found_by_the_same_fields(index: Index, published: Settings) -> None:
    assert keys(index, published, {"shelf_number": "inv000001"}) == ["inv000001"]
    record = Catalog(published.DATA_DIR).get("resource", "300101").data["record"]
    publisher = record["publishers"][0]["heading"]["text"]
    assert not record["publication_statement"]
    assert keys(index, published, {"details": f'"{publisher}"', "shelf_number": "300101"}) == ["300101"]
