"""Moved keys: by command or as the record says; what is published keeps its address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.cli import main
from publisher.errors import NotFound
from publisher.settings import Settings

Write = Callable[..., Path]
OLD = {"title": "Prisons at Night", "number": "OLD 1"}
NEW = {"title": "Prisons at Night", "number": "NEW 1"}


def said(catalog: Catalog, key: str) -> tuple[bool, str]:
    entry = catalog.find("resource", key)
    assert entry is not None
    return entry.withdrawn, catalog.moved("resource", key)


def test_the_old_key_is_withdrawn_and_leads_to_the_new(moved: Settings) -> None:
    catalog = Catalog(moved.DATA_DIR)
    assert said(catalog, "OLD 1") == (True, "NEW 1")
    assert said(catalog, "NEW 1") == (False, "")
    assert catalog.releases()[0].withdrawn == 1
    assert pipeline.move_key(moved, "OLD 1", "NEW 1") == 0


def test_what_is_not_published_cannot_be_moved_to_or_from(settings: Settings, write_page: Write) -> None:
    pipeline.load(settings, [write_page(OLD)])
    with pytest.raises(NotFound, match="load it under its new number first"):
        pipeline.move_key(settings, "OLD 1", "NEW 1")
    with pytest.raises(NotFound, match="never a record ABC"):
        pipeline.move_key(settings, "ABC", "OLD 1")
    result = CliRunner().invoke(
        main,
        ["--data-dir", str(settings.DATA_DIR), "move", "OLD 1", "NEW 1"],
        env={"PUBLISHER_BASE_URL": settings.BASE_URL},
    )
    assert (result.exit_code, "load it under its new number first" in result.output) == (2, True)


def test_a_key_that_was_withdrawn_before_can_lead_somewhere(settings: Settings, write_page: Write) -> None:
    pipeline.load(settings, [write_page(OLD, NEW)])
    pipeline.withdraw(settings, ["OLD 1"])
    assert pipeline.move_key(settings, "OLD 1", "NEW 1") == 3
    assert said(Catalog(settings.DATA_DIR), "OLD 1") == (True, "NEW 1")


def test_a_record_that_names_its_former_number_moves_by_itself(settings: Settings, write_page: Write) -> None:
    pipeline.load(settings, [write_page(OLD)])
    page = write_page(NEW)
    page.write_text(page.read_text("utf-8").replace("Keywords:", "Former Shelf Number: OLD 1\n\nKeywords:"), "utf-8")
    summary = pipeline.load(settings, [page])
    assert (summary.published, summary.moved) == (1, 1)
    assert said(Catalog(settings.DATA_DIR), "OLD 1") == (True, "NEW 1")
    again = pipeline.load(settings, [page])
    assert (again.unchanged, again.moved, again.release) == (1, 0, 0)


def test_a_former_number_that_another_record_has_moves_nothing(settings: Settings, tmp_path: Path) -> None:
    lines = [
        {"shelf_number": "2", "title": "Two", "former_numbers": ["1", "0"]},
        {"shelf_number": "1", "title": "One"},
    ]
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    summary = pipeline.load(settings, [path])
    assert (summary.published, summary.moved) == (2, 0)
    assert "says that it was 1 before, which is the number of another record" in str(summary.findings[-1])


def test_marc_says_it_in_035_z(settings: Settings, tmp_path: Path) -> None:
    text = (
        '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 i 4500</leader>'
        '<controlfield tag="001">{}</controlfield><controlfield tag="003">InvLib</controlfield>{}'
        '<datafield tag="245" ind1="0" ind2="0"><subfield code="a">Prisons</subfield></datafield></record>'
    )
    path = tmp_path / "one.xml"
    path.write_text(text.format("a1", ""))
    pipeline.load(settings, [path])
    numbers = '<subfield code="z">(InvLib)a1</subfield><subfield code="z">(X)a1</subfield>'
    former = f'<datafield tag="035" ind1=" " ind2=" ">{numbers}</datafield>'
    path.write_text(text.format("b1", former))
    assert pipeline.load(settings, [path]).moved == 1
    assert said(Catalog(settings.DATA_DIR), "a1") == (True, "b1")
