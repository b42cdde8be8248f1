"""The Record of a row of a table."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from publisher.readers.csv_table.columns import PART
from publisher.record import Agent, Leftover, Note, Part, Record, Source, Value

AGENTS = frozenset(("creators", "contributors", "publishers", "degree_grantors"))
SEVERAL = frozenset(
    ("creators", "contributors", "subjects", "countries", "languages", "identifiers", "degree_grantors")
)
BEFORE_LINK = re.compile(r"(?<![\s;,])[\s;,]++(?=(?:https?|ftp)://)", re.I)
LISTED = re.compile(r"""\[\s*(['"]).*\1\s*\]""", re.S)  # ['Marx, Karl', 'Lindgren, Astrid'], as Python writes a list
LIST_ITEM = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")


class Draft:
    """The attributes of one record while the cells of its row are gone through."""

    def __init__(self, first: int, last: int, separator: str) -> None:
        self.first, self.last, self.separator = first, last, separator
        self.values: dict[str, list[Any]] = {}
        self.place: list[tuple[str, str, str]] = []  # label, volume or the like, text
        self.parts: list[Part] = []
        self.leftovers: list[Leftover] = []
        self.notes: list[Note] = []

    def note(self, message: str) -> None:
        self.notes.append(Note("record", message, self.first))

    def value(self, text: str, scheme: str = "") -> Value:
        return Value(text, self.first, self.last, scheme=scheme)

    def take(self, label: str, target: str, cell: str) -> None:
        name, _, detail = target.partition(".")
        if not target:
            self.leftovers.append(Leftover(label, self.value(cell)))
        elif name == "is_part_of" and detail in PART[4:]:
            self.place.append((label, detail, cell))
        else:
            for text in self.several(name, cell):
                self.add(name, detail, text)

    def add(self, name: str, detail: str, text: str) -> None:
        if name == "is_part_of":
            self.parts.append(Part(self.value(text), detail))  # type: ignore[arg-type]
            return
        item = Agent(self.value(text), role=detail) if name in AGENTS else self.value(text, detail)
        self.values.setdefault(name, []).append(item)

    def several(self, name: str, cell: str) -> list[str]:
        """The values of one cell."""
        if LISTED.fullmatch(cell) and name in SEVERAL:
            items = [single or double for single, double in LIST_ITEM.findall(cell)]
        elif name == "uri":
            items = BEFORE_LINK.split(cell)
            items = [item for text in items for item in text.split(self.separator)] if self.separator else items
        elif name in SEVERAL or (self.separator and name in ("is_part_of", "publishers", "types", "description")):
            items = cell.split(self.separator or ("|" if "|" in cell and ";" not in cell else ";"))
        else:
            return [cell]
        return [item.strip() for item in items if item.strip()]

    def record(self, source: Source) -> Record:
        parts = self.parts
        for label, detail, text in self.place:
            if parts and not getattr(parts[0], detail):
                parts[0] = replace(parts[0], **{detail: text})  # type: ignore[arg-type]
            elif detail == "issn" and not parts:
                self.add("identifiers", "issn", text)
            else:
                self.leftovers.append(Leftover(label, self.value(text)))
        values: dict[str, Any] = {name: tuple(items) for name, items in self.values.items()}
        return Record(
            source,
            is_part_of=tuple(parts),
            leftovers=tuple(self.leftovers),
            notes=tuple(self.notes),
            **values,
        )
