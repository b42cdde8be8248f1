"""The road of a record: what is published, refused and reported, and that batches and processes make no difference."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import DATA, RECORDS, SEED

from publisher import pipeline, releases
from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.settings import Settings

Write = Callable[..., Path]
ONE = {"title": "One", "number": "1"}
TWO = {"title": "Two", "number": "2"}


def messages(summary: pipeline.Summary, severity: str) -> list[str]:
    return [str(finding) for finding in summary.findings if finding.severity == severity]


def test_one_bad_and_two_good_records(settings: Settings, write_page: Write) -> None:
    page = write_page(ONE, {"title": "", "number": "7"}, TWO)
    summary = pipeline.load(settings, [page])
    assert (summary.read, summary.published, summary.refused) == (3, 2, 1)
    (message,) = messages(summary, "violation")
    assert message.startswith(f"{page}:")
    assert "Title: A record needs exactly one title." in message
    catalog = Catalog(settings.DATA_DIR)
    assert catalog.find("resource", "7") is None
    assert [entry.key for entry in catalog.entries("resource")] == ["1", "2"]


def test_the_place_of_a_violation_is_the_line_of_the_record(settings: Settings, write_page: Write) -> None:
    page = write_page(ONE, {"title": "Two", "number": ""})
    summary = pipeline.load(settings, [page])
    (message,) = messages(summary, "violation")
    line = int(message.removeprefix(f"{page}:").partition(":")[0])
    assert page.read_text("utf-8").splitlines()[line - 1].startswith("Author:")
    assert message.count(": Shelf Number: ") == 1


def test_a_refused_record_leaves_the_version_that_is_published(settings: Settings, write_page: Write) -> None:
    pipeline.load(settings, [write_page(ONE)])
    summary = pipeline.load(settings, [write_page({"title": "", "number": "1"})])
    assert (summary.refused, summary.release) == (1, 2)  # the quarantine is news
    assert Catalog(settings.DATA_DIR).get("resource", "1").label == "One"


def test_one_number_for_two_records_is_reported_with_both_places(settings: Settings, write_page: Write) -> None:
    first, second = write_page(ONE), write_page({"title": "Other", "number": "1"}, TWO, name="second.txt")
    summary = pipeline.load(settings, [first, second])
    assert (summary.published, summary.refused) == (2, 1)
    (message,) = messages(summary, "violation")
    assert str(second) in message
    assert f"{first.name}:5" in message
    assert Catalog(settings.DATA_DIR).get("resource", "1").label == "One"


def test_the_same_record_twice_in_one_run_is_one_record(settings: Settings, write_page: Write) -> None:
    summary = pipeline.load(settings, [write_page(ONE), write_page(ONE, TWO, name="second.txt")])
    assert (summary.read, summary.published, summary.unchanged, summary.refused) == (3, 2, 1, 0)


def test_a_folder_is_walked_and_what_is_no_record_file_is_listed(settings: Settings) -> None:
    summary = pipeline.load(settings, [DATA])
    assert summary.skipped == [str(DATA / "README.md")]
    assert summary.refused == 0
    assert summary.read == summary.published == RECORDS


def test_a_folder_is_read_with_its_links_and_without_what_is_hidden(
    settings: Settings, write_page: Write, tmp_path: Path
) -> None:
    (tmp_path / "in" / ".git").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    write_page(ONE, name="elsewhere/one.txt")
    for link, target in (
        ("far", "../elsewhere"),
        ("round", "."),
        ("nowhere", "gone"),
        ("self", "self"),
    ):
        (tmp_path / "in" / link).symlink_to(target)
    for hidden in (".git/config", ".page.txt.swp"):
        (tmp_path / "in" / hidden).write_text("Title: no\n")
    summary = pipeline.load(settings, [tmp_path / "in"])
    assert (summary.read, summary.published, summary.skipped) == (1, 1, [])
    assert not messages(summary, "violation")


def test_a_folder_that_cannot_be_entered_is_told(
    settings: Settings, write_page: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in" / "shut").mkdir(parents=True)
    write_page(ONE, name="in/one.txt")
    scandir = os.scandir

    def refuse(path: Any = ".") -> Any:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    summary = pipeline.load(settings, [tmp_path / "in"])
    (message,) = messages(summary, "violation")
    assert "shut: the folder cannot be read" in message
    assert (summary.published, summary.refused) == (1, 1)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "no format that we read"),
        ("empty.txt", b"", "empty"),
        ("letter.txt", b"Dear library,\n\nthank you for the report.\n", "not a result page"),
    ],
)
def test_a_file_that_holds_no_records_is_told(
    settings: Settings, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    summary = pipeline.load(settings, [path, SEED])
    (message,) = messages(summary, "violation")
    assert words in message
    assert str(path) in message
    assert (summary.published, summary.refused) == (1, 1)


def test_a_file_that_is_not_there_is_told(settings: Settings, tmp_path: Path) -> None:
    summary = pipeline.load(settings, [tmp_path / "absent.txt", SEED])
    (message,) = messages(summary, "violation")
    assert "absent.txt" in message
    assert summary.published == 1


def test_batches_and_processes_make_no_difference(settings: Settings, published: Settings) -> None:
    many = replace(settings, BATCH_SIZE=7, WORKERS=2)
    summary = pipeline.load(many, [DATA])
    assert summary.published == RECORDS
    assert releases.verify(many) == []

    def content(site: Settings) -> dict[tuple[str, str], bytes]:
        # the data set says when it was changed
        return {entry.name: entry.digest for entry in Catalog(site.DATA_DIR).entries() if entry.name != DATASET}

    assert content(many) == content(published)


def test_progress_adds_up_to_the_size_of_the_files(settings: Settings) -> None:
    sizes: list[int] = []
    pipeline.load(settings, [DATA / "invented", SEED], progress=sizes.append)
    files = [*(DATA / "invented").iterdir(), SEED]
    assert sum(sizes) == sum(path.stat().st_size for path in files)


def test_a_dry_run_publishes_nothing(settings: Settings) -> None:
    summary = pipeline.Summary()
    assert len(list(pipeline.judge(pipeline.check(settings, [SEED], summary), summary))) == 1
    assert not settings.DATA_DIR.exists()
