"""Columns: what the headings of a table mean, by the file beside it and by the list of the usual ones."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from publisher import resources
from publisher.errors import UnreadableSource
from publisher.record import Record

OPTIONS = {
    "delimiter": str,
    "encoding": str,
    "skip_lines": int,
    "headings": list,
    "separator": str,
    "empty": list,
}
PART = ("series", "journal", "book", "proceedings", "volume", "number", "pages", "issn")
ATTRIBUTES = {item.name for item in fields(Record) if item.name not in ("source", "withdrawn", "leftovers", "notes")}

NOT_WORD = re.compile(r"[\W_]+")


def fold(heading: str) -> str:
    return NOT_WORD.sub(" ", heading).strip().casefold()


@cache
def known_headings() -> dict[str, str]:
    """What the usual headings mean: folded heading -> attribute."""
    return {fold(row["heading"]): row["attribute"] for row in resources.table("ontology/columns.csv")}


@dataclass
class Columns:
    """What the file beside the data says of its columns."""

    path: Path | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def option(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)


def columns_beside(data: Path) -> Columns:
    """The mapping that stands beside a file. Raises UnreadableSource for one that is wrong."""
    for path in (data.with_suffix(".toml"), data.with_name("columns.toml")):
        if path.is_file():
            return columns_of(path)
    return Columns()


def columns_of(path: Path) -> Columns:
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{path}: this file cannot be read: {error}.") from None
    columns, options = content.pop("columns", {}), content.pop("options", {})
    if content or not isinstance(columns, dict) or not isinstance(options, dict):
        raise UnreadableSource(f"{path}: write the columns below [columns], the options below [options], and no more.")
    for name, value in options.items():
        if name not in OPTIONS or not isinstance(value, OPTIONS[name]) or isinstance(value, bool):
            known = ", ".join(f"{option} ({kind.__name__})" for option, kind in OPTIONS.items())
            raise UnreadableSource(f"{path}: {name} = {value!r} is no option; the options are {known}.")
    for heading, target in columns.items():
        if not isinstance(target, str) or not is_target(target):
            raise UnreadableSource(
                f'{path}: "{heading}" = {target!r}: there is no such attribute; there are '
                f"{', '.join(sorted(ATTRIBUTES))}, with details as in identifiers.isbn, contributors.edt, "
                f'is_part_of.volume ({", ".join(PART)}), or "" to keep a column aside.'
            )
    if len(options.get("delimiter", ",")) != 1 or options.get("delimiter") in ('"', "\n", "\r"):
        raise UnreadableSource(f"{path}: delimiter must be one character, and no quote.")
    try:
        codecs.lookup(options.get("encoding", "utf-8"))
    except LookupError:
        raise UnreadableSource(f"{path}: there is no encoding {options['encoding']!r}.") from None
    return Columns(path, {fold(heading): target for heading, target in columns.items()}, options)


def is_target(target: str) -> bool:
    name, dot, detail = target.partition(".")
    if not target:
        return True
    if name == "is_part_of":
        return not dot or detail in PART
    return name in ATTRIBUTES and (not dot or bool(re.fullmatch(r"[\w-]+", detail)))
