"""What the tests of the mapping share: records made of texts, the records of the samples, and readings of graphs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, Triple

from publisher import readers
from publisher.mapping import Described, Mapping
from publisher.record import Agent, Record, Source, Value
from publisher.settings import Settings

DATA = Path(__file__).parents[2] / "data"
BASE = "https://lib.example/"
MAPPING = Mapping(Settings(BASE_URL=BASE))


def record(**fields: str | list[str]) -> Record:
    """A record with these fields, each a text or a list of texts, on lines from 11; ordinary ones elsewhere."""
    given: dict[str, Any] = {
        "shelf_number": "123",
        "title": "A Study of Something",
        "creators": "Smith, Jane A.",
        "abstract": "What is said here is long enough to be a summary of a report.",
        "publication_statement": "London: Home Office, 2011. 50p.",
        "issued": "2011",
        "countries": "United Kingdom",
        "uri": "http://www.example.org/123.pdf",
        "subjects": "Probation",
    } | fields
    values: dict[str, Any] = {}
    line = 10
    for name, texts in given.items():
        line += 1
        found = [Value(text, line, line) for text in ([texts] if isinstance(texts, str) else texts)]
        values[name] = tuple(Agent(value) for value in found) if name == "creators" else tuple(found)
    text = "\n".join(str(texts) for texts in given.values())
    return Record(Source("page.txt", "result_page", 1, 10, 10 + len(given), text), **values)


def describe(**fields: str | list[str]) -> Described:
    return MAPPING.describe(record(**fields))


def samples() -> list[Record]:
    files = [DATA / "record-page.txt", *sorted((DATA / "invented").iterdir())]
    return [item for path in files for item in readers.read(path, path.name) if isinstance(item, Record)]


def said(statements: Iterable[Triple], attribute: str) -> list[str]:
    """The values of an attribute of the context, in order: texts, and IRIs below the base of the site."""
    predicate = MAPPING.context[attribute].property
    return [
        triple.object.value.removeprefix(BASE)
        for triple in statements
        if triple.predicate == predicate and hasattr(triple.object, "value")
    ]


def notes(described: Described, attribute: str) -> list[str]:
    return [note.message for note in described.notes if note.field == attribute]


def literals(described: Described) -> set[str]:
    """Every literal of every description of a record."""
    return {
        triple.object.value
        for description in described.descriptions
        for triple in (*description.statements, *description.provenance)
        if isinstance(triple.object, Literal)
    }
