"""Statements on headings: the rows of a reviewed table, and the labels of a vocabulary in RDF."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from publisher.errors import UnreadableSource
from publisher.mapping.terms import link
from publisher.namespaces import FOAF, RDFS, SKOS, namespaces

COLUMNS = {
    "heading": ("heading", "label", "name", "term"),
    "kind": ("kind", "type"),
    "iri": ("iri", "uri", "identifier", "link"),
    "relation": ("relation", "match"),
    "becomes": ("becomes", "merge into", "same as"),
    "record": ("record", "shelf number"),
}
KINDS = {
    "": "",
    "agent": "agent",
    "person": "agent",
    "organisation": "agent",
    "organization": "agent",
    "concept": "concept",
    "keyword": "concept",
    "subject": "concept",
    "place": "place",
    "country": "place",
    "series": "series",
}
RELATIONS = {"exact": "exact_match", "close": "close_match"}
SCHEMA_NAME = namespaces()["schema"] + "name"
PREFERRED = tuple(NamedNode(iri) for iri in (SKOS.prefLabel, FOAF.name, RDFS.label, SCHEMA_NAME))
OTHER = (NamedNode(SKOS.altLabel),)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one row or label says of a heading: that it is `iri` elsewhere, in the `relation` of the context; or that it
    `becomes` another heading, everywhere or in one `record`. `preferred` is a label by which the vocabulary calls a
    thing itself; `wrong` says why a row cannot be used."""

    heading: str
    line: int = 0
    kind: str = ""
    iri: str = ""
    relation: str = ""
    becomes: str = ""
    record: str = ""
    preferred: bool = True
    wrong: str = ""


def read(path: Path) -> Iterator[Statement]:
    """The statements of a file: CSV or TSV, else RDF by its extension. Raises UnreadableSource."""
    suffix = path.suffix.lower().removeprefix(".")
    syntax = RdfFormat.from_extension("rdf" if suffix == "xml" else suffix)
    try:
        if syntax is None:
            yield from _table(path)
        else:
            with path.open("rb") as stream:
                yield from _vocabulary(stream, syntax)
    except (OSError, UnicodeDecodeError, csv.Error, SyntaxError) as error:
        raise UnreadableSource(f"{path}: the file cannot be read ({error}).") from None


def _table(path: Path) -> Iterator[Statement]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
        delimiter = max("\t;,", key=first.count)
        names = [name.strip().casefold() for name in next(csv.reader([first], delimiter=delimiter), [])]
        places = {
            column: names.index(name) for column, known in COLUMNS.items() for name in reversed(known) if name in names
        }
        if "heading" not in places or not places.keys() & {"iri", "becomes"}:
            raise UnreadableSource(
                f'{path}:1: the columns must be named in the first line: "heading", and "iri" or "becomes"; '
                '"kind", "relation" and "record" may stand beside them.'
            )
        reader = csv.reader(stream, delimiter=delimiter)
        for cells in reader:
            row = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
            if any(row.values()):
                yield _checked(row, reader.line_num + 1)


def _checked(row: dict[str, str], line: int) -> Statement:
    kind, relation = row.get("kind", "").casefold(), row.get("relation", "").casefold().removesuffix("match").strip()
    wrong = ""
    if not row["heading"]:
        wrong = "the heading is missing."
    elif kind not in KINDS:
        wrong = f'there is no kind "{row["kind"]}"; there are {", ".join(filter(None, KINDS))}.'
    elif relation and relation not in RELATIONS:
        wrong = f'there is no relation "{row["relation"]}"; there are {", ".join(RELATIONS)}.'
    elif row.get("iri") and link(row["iri"]) is None:
        wrong = f'"{row["iri"]}" is no web address.'
    elif not row.get("iri") and not row.get("becomes"):
        wrong = "the row says neither what the heading is elsewhere nor what it becomes."
    elif row.get("becomes") and KINDS[kind] not in ("", "agent"):
        wrong = "only the headings of persons and organisations can become others."
    return Statement(
        row["heading"],
        line,
        KINDS.get(kind, ""),
        row.get("iri", ""),
        RELATIONS.get(relation, ""),
        row.get("becomes", ""),
        row.get("record", ""),
        wrong=wrong,
    )


def _vocabulary(stream: BinaryIO, syntax: RdfFormat) -> Iterator[Statement]:
    """A statement for each label, one at a time, so that a large vocabulary needs no memory."""
    for quad in parse(stream, format=syntax):
        named = quad.predicate in PREFERRED
        if (
            (named or quad.predicate in OTHER)
            and isinstance(quad.subject, NamedNode)
            and isinstance(quad.object, Literal)
            and link(quad.subject.value) is not None
        ):
            yield Statement(quad.object.value, iri=quad.subject.value, preferred=named)
