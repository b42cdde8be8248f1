"""A copy of everything that is published, made while everything runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from publisher import moments
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.settings import Settings
from publisher.stores import open_store


def backup(settings: Settings, target: Path) -> int:
    """Copies the catalog and the current release to a new folder, which is a DATA_DIR; gives the release's number.
    Everything may run meanwhile. Raises CatalogError if the folder is not empty."""
    if target.exists() and any(target.iterdir()):
        raise CatalogError(f"{target} is not empty; name a new folder.")
    catalog = Catalog(settings.DATA_DIR)
    store = open_store(settings)
    target.mkdir(parents=True, exist_ok=True)
    moment = moments.seen_until(settings.DATA_DIR)  # before the catalog is looked at
    with closing(sqlite3.connect(target / "catalog.sqlite")) as copy:
        while True:
            catalog.db.backup(copy)
            row = copy.execute("SELECT release FROM pointer").fetchone()
            number = int(row[0]) if row else 0
            if not number:
                break
            try:
                with store.held(number):  # once held it stays; before that a publish may have removed it
                    _copy_tree(store.folder(number), target / "releases" / f"{number:06}")
                break
            except FileNotFoundError:
                continue
    moments.copied(target, moment)
    catalog.close()
    return number


def _copy_tree(source: Path, target: Path) -> None:
    """Copies a release, which is never written again: by hard links where the file system can."""

    def link_or_copy(origin: str, destination: str) -> None:
        try:
            os.link(origin, destination)
        except OSError:
            shutil.copy2(origin, destination)

    shutil.copytree(source, target, copy_function=link_or_copy)
