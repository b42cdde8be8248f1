"""What the tests of the readers share: what a reader gave, sorted, and the texts in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from publisher.record import Fault, Record


def parted(found: Iterable[Record | Fault]) -> tuple[list[Record], list[Fault]]:
    given = list(found)
    return [it for it in given if isinstance(it, Record)], [it for it in given if isinstance(it, Fault)]


def texts(record: Record, field: str) -> list[str]:
    return [getattr(value, "heading", value).text for value in getattr(record, field)]


def leftovers(record: Record) -> list[tuple[str, str]]:
    return [(it.label, it.value.text) for it in record.leftovers]


def all_text(item: object) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, tuple):
        for part in item:
            yield from all_text(part)
    elif dataclasses.is_dataclass(item):
        for field in dataclasses.fields(item):
            if field.name not in ("source", "notes", "label"):
                yield from all_text(getattr(item, field.name))
