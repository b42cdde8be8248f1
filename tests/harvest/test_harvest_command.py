"""`publisher harvest` from end to end: records in, changes in, deletions in, and nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from test_harvest_client import Asked, answers, of, page, record, serving

from publisher.catalog import Catalog
from publisher.cli import main
from publisher.errors import Withdrawn


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("PUBLISHER_HARVEST_PAUSE", "0")
    monkeypatch.setenv("PUBLISHER_HARVEST_RETRIES", "1")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_records_changes_and_deletions_arrive() -> None:
    pages: dict[str, Any] = {"": page(1, 2, token="more"), "more": page(3)}
    with serving(lambda asked: answers(asked, pages)) as repository:
        result = run("harvest", repository.url)
        assert "3 published, 0 unchanged" in result.output
        assert result.exit_code == 0
        pages[""] = of(f"<ListRecords>{record(2, deleted=True)}{record(3)}</ListRecords>", "2024-05-02T10:00:00Z")
        result = run("harvest", repository.url)
        assert "0 published, 1 unchanged, 1 withdrawn" in result.output
        assert repository.lists()[-1]["from"] == "2024-05-01T10:00:00Z"
        assert run("harvest", "--full", repository.url).exit_code == 0
    catalog = Catalog(Path("publisher-data"))
    assert sorted(entry.key for entry in catalog.entries("resource")) == ["oai:x.example:1", "oai:x.example:3"]
    with pytest.raises(Withdrawn):
        catalog.get("resource", "oai:x.example:2")
    assert [release.reason.split()[0] for release in catalog.releases()] == ["harvest", "harvest"]
    assert run("verify").exit_code == 0


def test_a_repository_that_does_not_answer_is_told() -> None:
    def broken(asked: Asked) -> str:
        return "<html>maintenance"

    with serving(broken) as repository:
        result = run("harvest", repository.url)
    assert result.exit_code == 2
    assert "Error:" in result.output
    assert not Path("publisher-data/catalog.sqlite").exists()
