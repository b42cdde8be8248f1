"""Words that a form made somebody write where there was nothing to say: "N/A" is no shelf number, place or address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from publisher.record import Leftover, Note, Record, Value

WORDS = frozenset(
    ("n/a", "n.a.", "na", "none", "null", "nil", "unknown", "not applicable", "not available", "not known")
)
LABELS = {"shelf_number": "Shelf Number", "countries": "Country", "uri": "URL", "subjects": "Keywords"}
OWN_MEANING = frozenset((("countries", "na"), ("subjects", "na"), ("subjects", "nil")))  # Namibia, sodium, a journal


def without_placeholders(record: Record) -> Record:
    """The record, with such words among its leftovers and a note on each."""
    found = list(_placeholders(record))
    if not found:
        return record
    kept: dict[str, Any] = {
        attribute: tuple(value for value in getattr(record, attribute) if (attribute, value) not in found)
        for attribute in LABELS
    }
    leftovers = [Leftover(LABELS[attribute], value) for attribute, value in found]
    notes = [
        Note(attribute, f'"{value.text}" is taken for a field that is empty; it is kept as given.', value.first_line)
        for attribute, value in found
    ]
    return replace(record, leftovers=(*record.leftovers, *leftovers), notes=(*record.notes, *notes), **kept)


def _placeholders(record: Record) -> Iterator[tuple[str, Value]]:
    for attribute in LABELS:
        for value in getattr(record, attribute):
            word = value.text.strip(" []()").casefold()
            if word in WORDS and (attribute, word) not in OWN_MEANING:
                yield attribute, value
