"""Probable duplicates: told with both places, both published; what differs in year, body or volume is none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.cli import main
from publisher.settings import Settings

Write = Callable[..., Path]
ONE = {"title": "Prisons at Night: A Survey", "number": "1"}


def told(summary: pipeline.Summary) -> list[str]:
    return [str(finding) for finding in summary.findings if "may describe one work" in finding.message]


def changed(path: Path, old: str, new: str) -> Path:
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize(
    "title", ["Prisons at Night: A Survey", "Prisons at night. A survey", "PRISONS AT NIGHT - A SURVEY"]
)
def test_both_places_are_told_and_both_are_published(settings: Settings, write_page: Write, title: str) -> None:
    page = write_page(ONE, {"title": title, "number": "2"})
    summary = pipeline.load(settings, [page])
    (message,) = told(summary)
    assert "The record 1 at" in message and f"{page}:5" in message and message.startswith(f"{page}:")
    assert summary.published == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Year: 2011\n\nCountry: United Kingdom\n\nURL: http://www.example.org/2", "Year: 2012\n\nCountry: X\n\nURL: http://www.example.org/2"),
        ("Author: Doe, A.", "Author: Roe, B."),
    ],
)  # fmt: skip
def test_what_differs_in_year_or_body_is_no_duplicate(
    settings: Settings, write_page: Write, old: str, new: str
) -> None:
    page = write_page(ONE | {"author": "Doe, A."}, {**ONE, "number": "2", "author": "Doe, A."})
    text = page.read_text("utf-8")
    first, second = text.rsplit("Author:", 1)
    page.write_text(first + ("Author:" + second).replace(old, new), "utf-8")
    assert told(pipeline.load(settings, [page])) == []


def test_one_of_an_earlier_load_is_found(settings: Settings, write_page: Write) -> None:
    first = write_page(ONE, name="first.txt")
    pipeline.load(settings, [first])
    second = write_page({**ONE, "number": "2"}, name="second.txt")
    (message,) = told(pipeline.load(settings, [second]))
    assert f"The record 1 at {first}:" in message and message.startswith(str(second))
    assert told(pipeline.load(settings, [second])) == []  # unchanged


def test_a_record_that_was_withdrawn_or_corrected_is_no_duplicate_any_more(
    settings: Settings, write_page: Write
) -> None:
    pipeline.load(settings, [write_page(ONE, {"title": "Another", "number": "3"})])
    pipeline.load(settings, [write_page({**ONE, "title": "Prisons at Dusk"}, name="corrected.txt")])
    assert told(pipeline.load(settings, [write_page({**ONE, "number": "2"}, name="second.txt")])) == []
    pipeline.withdraw(settings, ["3"])
    assert told(pipeline.load(settings, [write_page({"title": "Another", "number": "4"}, name="third.txt")])) == []


def test_a_record_met_twice_is_no_duplicate_of_itself(settings: Settings, write_page: Write) -> None:
    assert told(pipeline.load(settings, [write_page(ONE, name="a.txt"), write_page(ONE, name="b.txt")])) == []


def test_check_tells_it_too(write_page: Write) -> None:
    result = CliRunner().invoke(main, ["check", str(write_page(ONE, {**ONE, "number": "2"}))])
    assert result.exit_code == 0
    assert "warning: " in result.output and "may describe one work" in result.output


def test_the_marks_are_those_of_what_is_published(settings: Settings, write_page: Write) -> None:
    pipeline.load(settings, [write_page(ONE, {**ONE, "number": "2"}, {"title": "Other", "number": "3"})])
    db = Catalog(settings.DATA_DIR).db
    assert db.execute("SELECT count(*), count(DISTINCT mark) FROM work").fetchone() == (3, 2)
