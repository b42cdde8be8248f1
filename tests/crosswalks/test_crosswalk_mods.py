"""MODS: valid, and names, dates and places are told apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crosswalk_fixtures import mods_schema, versions, written

from publisher import pipeline
from publisher.crosswalks import mods
from publisher.settings import Settings

MODS = f"{{{mods.NAMESPACE}}}"


def path(*names: str) -> str:
    return "/".join(MODS + name for name in names)


def texts(element: Any, *names: str) -> list[str]:
    return [child.text for child in element.findall(path(*names))]


def test_every_record_is_valid(published: Settings) -> None:
    schema = mods_schema()
    for key, element in written(published, mods.write).items():
        element.set("version", "3.4")  # the schema at hand; nothing newer than that is used
        assert schema.validate(element), f"{key}: {schema.error_log}"


def test_an_address_that_is_none_is_an_invalid_identifier(settings: Settings, tmp_path: Path) -> None:
    given = ["http://[::1", "http://example.org/a b[c].pdf", "http://example.org/a b.pdf"]
    record = {"title": "One", "shelf_number": "1", "uri": given, "rights": "http://[::1"}
    (tmp_path / "one.jsonl").write_text(json.dumps(record))
    pipeline.load(settings, [tmp_path / "one.jsonl"])
    element = written(settings, mods.write)["1"]
    element.set("version", "3.4")
    schema = mods_schema()
    assert schema.validate(element), schema.error_log
    invalid = [child.text for child in element.findall(path("identifier")) if child.get("invalid") == "yes"]
    assert (invalid, texts(element, "location", "url")) == (given[:2], given[2:])
    assert texts(element, "accessCondition") == ["http://[::1"]


def test_a_report(published: Settings) -> None:
    element = written(published, mods.write)["123404"]
    assert element.get("version") == "3.7"
    assert texts(element, "titleInfo", "title") == ["Thematic Inspection Report"]
    assert texts(element, "name", "namePart") == ["Great Britain", "HMI Probation"]
    assert element.find(path("name")).get("type") == "corporate"
    assert texts(element, "name", "displayForm") == ["Great Britain: HMI Probation"]
    assert texts(element, "name", "role", "roleTerm") == ["aut"]
    assert texts(element, "originInfo", "dateIssued") == ["2011"]
    assert texts(element, "originInfo", "place", "placeTerm") == ["London"]
    assert texts(element, "subject", "geographic") == ["United Kingdom"]
    assert texts(element, "location", "shelfLocator") == ["123404"]
    assert "https://lib.example/id/resource/123404" in texts(element, "identifier")
    assert texts(element, "recordInfo", "recordIdentifier") == ["123404"]


def test_persons_have_two_names_and_parts_their_place(published: Settings) -> None:
    records = written(published, mods.write)
    parts = 0
    for version in versions(published):
        element = records[version.key]
        for said, name in zip(version.view.thing.get("creators", ()), element.findall(path("name")), strict=False):
            kinds = [part.get("type") for part in name.findall(path("namePart"))]
            assert (kinds == ["family", "given"]) == (said.agent_kind == "person"), said
        titles = [part.title.text for part in version.record.is_part_of]
        assert texts(element, "relatedItem", "titleInfo", "title") == titles
        parts += len(titles)
    assert parts
