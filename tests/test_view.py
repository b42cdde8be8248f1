"""What a description says, by attribute; and the representations that are kept ready, which are those made anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from publisher import card, formats, packing, pipeline, ready, releases, view
from publisher.catalog import Catalog
from publisher.mapping import Mapping
from publisher.mapping.terms import slug
from publisher.settings import Settings


def test_a_view_has_the_names_of_things(published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    seen = view.of_entry(Mapping(published), catalog, catalog.get("resource", "123404")).view
    assert seen.texts("creators") == ["HMI Probation"]
    assert seen.headings("creators") == ["Great Britain: HMI Probation"]
    assert seen.thing["creators"][0].name == ("agent", "great-britain-hmi-probation")
    assert seen.thing["creators"][0].agent_kind == "organisation"
    assert "Probation" in seen.texts("subjects")
    assert seen.first("issued") == "2011"
    assert seen.thing["issued"][0].datatype.endswith("#gYear")
    assert "http://purl.org/ontology/bibo/Report" in seen.iris("type")
    assert seen.document["source_accessed_on"][0].text == "2011-11-19T00:00:00Z"


def test_authors_stand_in_their_order(published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    mapping = Mapping(published)
    several = [entry for entry in catalog.entries("resource") if len(entry.data["record"]["creators"]) > 1]
    assert several
    for entry in several:
        version = view.of_entry(mapping, catalog, entry)
        # the first spelling is the name of all
        assert [*map(slug, version.view.headings("creators"))] == [
            slug(a.heading.text) for a in version.record.creators
        ]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps one more representation ready, one that shows the names of things."""

    def headings(version: view.Version) -> bytes:
        seen = version.view
        return "\n".join([*version.lines, *seen.headings("creators"), *seen.texts("subjects")]).encode()

    row = formats.Format("headings", "Headings", "text/x-headings", "headings", headings, ready=True)
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, row))


def ready_and_made(settings: Settings) -> tuple[dict[tuple[str, str], bytes | None], dict[tuple[str, str], bytes]]:
    """What is kept ready, and what is made anew from the catalog."""
    catalog = Catalog(settings.DATA_DIR)
    mapping = Mapping(settings)
    kept, made = {}, {}
    for entry in catalog.entries("resource"):
        everything = formats.make_ready(view.of_entry(mapping, catalog, entry))
        assert {"turtle", "json-ld", card.NAME} < everything.keys()
        for name, body in everything.items():
            assert ready.kept(catalog, entry.id, name) == body, name
        kept[entry.name] = ready.kept(catalog, entry.id, "headings")
        made[entry.name] = everything["headings"]
    rows = catalog.db.execute("SELECT count(*) FROM ready WHERE format = 'headings'").fetchone()[0]
    assert rows == len(made)
    catalog.close()
    return kept, made


@pytest.mark.usefixtures("kept")
def test_what_is_kept_ready_is_what_would_be_made(settings: Settings, write_page: Callable[..., Path]) -> None:
    """Also after corrections, other spellings of a heading, a withdrawal and a rollback."""
    one, two = {"title": "One", "number": "1"}, {"title": "Two", "number": "2"}
    pipeline.load(settings, [write_page(one, two)])
    kept, made = ready_and_made(settings)
    assert kept == made
    assert b"Smith, Jane A." in made["resource", "1"]
    pipeline.load(settings, [write_page({**one, "title": "One, corrected", "author": "SMITH, Jane A."})])
    kept, made = ready_and_made(settings)
    assert kept == made
    pipeline.withdraw(settings, ["2"])
    assert ready_and_made(settings)[0] == ready_and_made(settings)[1]
    pipeline.rollback(settings, 1)
    kept, made = ready_and_made(settings)
    assert kept == made
    assert ("resource", "2") in made


@pytest.mark.usefixtures("kept")
def test_a_thing_with_another_name_is_renamed_where_it_is_named(
    settings: Settings, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The label of a keyword changes with the mapping; records that name it and are as before show the new one."""
    first = {"title": "One", "number": "1", "keywords": "Probation"}
    pipeline.load(settings, [write_page(first)])
    describe = Mapping.describe

    def shouting(self: Mapping, record: object) -> object:
        described = describe(self, record)  # type: ignore[arg-type]
        described.descriptions[1:] = [
            dataclasses.replace(
                each, label=each.label.upper(), statements=[*each.statements[1:], each.statements[0]][:-1]
            )
            if each.kind == "concept"
            else each
            for each in described.descriptions[1:]
        ]
        return described

    monkeypatch.setattr(Mapping, "describe", shouting)
    pipeline.load(settings, [write_page(first, {"title": "Two", "number": "2", "keywords": "Probation"})])
    kept, made = ready_and_made(settings)
    assert kept == made
    assert b"PROBATION" in made["resource", "1"]


def test_verify_sees_a_representation_that_is_stale_or_missing(
    settings: Settings, write_page: Callable[..., Path]
) -> None:
    pipeline.load(settings, [write_page({"title": "One", "number": "1"}, {"title": "Two", "number": "2"})])
    catalog = Catalog(settings.DATA_DIR, create=True)
    one, two = (catalog.get("resource", key).id for key in ("1", "2"))
    catalog.db.execute("UPDATE ready SET body = ? WHERE thing = ? AND format = 'turtle'", (packing.gzip(b"stale"), one))
    catalog.db.execute("DELETE FROM ready WHERE thing = ? AND format = 'json-ld'", (two,))
    catalog.db.execute(
        "UPDATE ntriples SET length = 7 WHERE sequence = (SELECT version FROM thing WHERE id = ?)", (two,)
    )
    catalog.close()
    assert releases.verify(settings) == [
        "The turtle kept ready for https://lib.example/doc/resource/1 is not what the catalog says.",
        "The json-ld kept ready for https://lib.example/doc/resource/2 is not what the catalog says.",
        "The length or hash kept for https://lib.example/doc/resource/2 is not that of its N-Triples.",
    ]
    releases.repair(settings)
    assert releases.verify(settings) == []
