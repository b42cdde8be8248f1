"""The catalog: that what walks through it, page after page, takes as long for a page however much there is, and that
one of another shape is not read."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from publisher.catalog import SCHEMA_VERSION, Catalog
from publisher.errors import CatalogError
from publisher.settings import Settings


def test_a_page_of_the_change_log_is_read_without_looking_at_all_the_rest(published: Settings) -> None:
    with closing(Catalog(published.DATA_DIR)) as catalog:
        asked: list[str] = []
        catalog.db.set_trace_callback(asked.append)
        assert next(catalog.entries("resource")).kind == "resource"
        assert next(catalog.entries(release=1)).release == 1
        catalog.db.set_trace_callback(None)
        for query in asked:
            plan = [row[3] for row in catalog.db.execute(f"EXPLAIN QUERY PLAN {query}")]
            assert plan
            assert not [step for step in plan if step.startswith("SCAN") or "B-TREE" in step], query


def test_every_description_is_in_the_change_log_once(published: Settings) -> None:
    with closing(Catalog(published.DATA_DIR)) as catalog:
        entries = list(catalog.entries())
        assert [entry.sequence for entry in entries] == sorted(entry.sequence for entry in entries)
        assert len({entry.name for entry in entries}) == len(entries) == catalog.count()


def test_a_catalog_of_another_shape_is_told_by_its_version(settings: Settings) -> None:
    Catalog(settings.DATA_DIR, create=True).close()
    with closing(sqlite3.connect(settings.DATA_DIR / "catalog.sqlite")) as db:
        db.execute("PRAGMA user_version = 1")
    with pytest.raises(CatalogError, match=f"has version 1, this program reads version {SCHEMA_VERSION}; use the"):
        Catalog(settings.DATA_DIR)
