"""What harvesters are told is compared with what is published, and mended."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from publisher import pipeline, releases
from publisher.catalog import Catalog
from publisher.items import Items
from publisher.releases import headings, item_log
from publisher.settings import Settings

ONE = "(SELECT sequence FROM item JOIN thing ON id = thing WHERE key = '1')"
# what is done to the catalog -> words of what is told
DAMAGES = {
    "DELETE FROM item WHERE sequence = " + ONE: "not told of the resource 1",
    "DELETE FROM item_dc WHERE sequence = " + ONE: "not told of the resource 1",
    "UPDATE item_dc SET end = start WHERE sequence = " + ONE: "not told of the resource 1",
    "UPDATE item SET sets = '' WHERE sequence = " + ONE: "not told of the resource 1",
    "UPDATE item SET release = 7 WHERE sequence = " + ONE: "not told of the resource 1",
    "UPDATE item SET withdrawn = 0 WHERE thing = (SELECT id FROM thing WHERE key = '3')": "resource 3, which is not",
    "DELETE FROM membership WHERE item_set > 3 AND sequence = " + ONE: "The list or the receipt of the set",
    "INSERT INTO membership VALUES (1, 99)": "The list or the receipt of the set",
    "UPDATE item_set SET items = 9 WHERE id = 0": "The list or the receipt of everything",
    "UPDATE receipt SET digest = zeroblob(32)": "The list or the receipt of everything",
    "UPDATE receipt SET items = items - 1 WHERE item_set = 1": "The list or the receipt of the set",
}


@pytest.fixture
def settings(tmp_path: Path, write_page: Callable[..., Path]) -> Settings:
    """Two records, and one that was withdrawn."""
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path / "site")
    pipeline.load(
        settings, [write_page(*({"title": f"Record {number}", "number": str(number)} for number in (1, 2, 3)))]
    )
    pipeline.withdraw(settings, ["3"])
    return settings


@pytest.mark.parametrize(("damage", "words"), DAMAGES.items())
def test_what_harvesters_are_told_wrongly_is_seen_and_mended(settings: Settings, damage: str, words: str) -> None:
    with closing(Catalog(settings.DATA_DIR, create=True)) as catalog:
        assert catalog.db.execute(damage).rowcount > 0
    assert any(words in message for message in releases.verify(settings))
    messages, count = releases.repair(settings)
    assert messages
    assert count == len(messages)
    assert releases.verify(settings) == []
    with closing(Catalog(settings.DATA_DIR)) as catalog:
        items = Items(catalog)
        everything = items.find_set("")
        assert everything is not None
        count, last, more = items.part(everything, 0, None, 10)
        assert (count, more) == (3, False)
        records = items.records(everything, 0, last, count)
        assert records.count(b"<metadata>") == 2
        assert records.count(b'status="deleted"') == 1
        receipt = items.receipt(everything, catalog.current())
        assert (receipt.count, receipt.withdrawn) == (2, 1)


def test_a_publish_that_remembers_little_publishes_the_same(
    settings: Settings, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has forgotten it looks up: ids of sets, changes of receipts, and which headings are settled."""
    monkeypatch.setattr(item_log, "_REMEMBERED", 1)
    monkeypatch.setattr(headings, "_REMEMBERED", 1)
    for numbers in ((1, 2, 4), (2, 4, 5)):
        records = (
            {"title": f"Record {number}", "number": str(number), "year": "2011", "keywords": f"Courts; K{number}"}
            for number in numbers
        )
        pipeline.load(settings, [write_page(*records)])
    pipeline.withdraw(settings, ["4"])
    assert releases.verify(settings) == []
    with closing(Catalog(settings.DATA_DIR)) as catalog:
        items = Items(catalog)
        courts = items.find_set("keyword:courts")
        assert courts is not None
        assert courts.items == 4
        receipt = items.receipt(courts, catalog.current())
        assert (receipt.count, receipt.withdrawn) == (3, 1)
