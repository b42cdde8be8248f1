"""The dumps of the site itself: they stand in DATA_DIR/dumps, and the newest is served."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from publisher.dumps.formats import DUMPS, chosen
from publisher.dumps.writing import MANIFEST, write
from publisher.settings import Settings

_KEPT = 2  # the newest, and the one before, which somebody may be fetching


def folder(settings: Settings) -> Path | None:
    """The newest dump of the site, None if there is none."""
    place = settings.DATA_DIR / "dumps"
    found = sorted(path for path in place.iterdir() if path.name.isdigit()) if place.is_dir() else []
    return found[-1] if found else None


def manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the newest dump of the site, empty if there is none."""
    newest = folder(settings)
    try:
        loaded: dict[str, Any] = orjson.loads((newest / MANIFEST).read_bytes()) if newest is not None else {}
    except OSError:  # removed in this moment, so there is a newer one
        return manifest(settings)
    return loaded


def present(settings: Settings) -> list[str]:
    """The names of the formats that the site has dumps in, or is to have. Raises SettingsError for one unknown."""
    files = {row["name"] for row in manifest(settings).get("distributions", ())}
    to_be = chosen(settings.DUMPS)
    return [row.name for row in DUMPS if row.file in files or row in to_be]


def renew(settings: Settings, names: Sequence[str], progress: Callable[[int], None] = lambda done: None) -> Path:
    """Writes a dump of the current release in place of that of the site, and gives its folder."""
    place = settings.DATA_DIR / "dumps"
    target = place / datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    write(settings, target, names, progress)
    for old in sorted(path for path in place.iterdir() if path.name.isdigit())[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return target
