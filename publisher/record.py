"""Record: what every reader gives and the mapping takes; plain values, each with the source lines it came from.

A reader keeps a source's own words to itself (MARC's 245 $a, a page's "Shelf Number:") and fills these attributes.
`ontology/context.jsonld` says which property each attribute becomes.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self


class FromJson:
    """Makes a dataclass out of what `orjson.loads` gives for it; the inverse of `orjson.dumps`."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        readers = _readers(cls)  # type: ignore[arg-type]  # a class is hashable
        return cls(
            **{
                name: value if value is None or (read := readers[name]) is None else read(value)
                for name, value in data.items()
            }
        )


Reader = Callable[[Any], Any]


@cache
def _readers(cls: Any) -> dict[str, Reader | None]:
    """What makes the value of each attribute, None where it is as JSON has it; looked up once, since most of the time
    of a page of results went into it."""
    return {name: _reader(hint) for name, hint in typing.get_type_hints(cls).items()}


def _reader(hint: Any) -> Reader | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return _reader(arguments[0])
    if origin is tuple:
        item = _reader(arguments[0])
        return tuple if item is None else lambda values: tuple([item(value) for value in values])
    if dataclasses.is_dataclass(hint):
        return hint.from_json  # type: ignore[union-attr,no-any-return]  # every dataclass of this module is a FromJson
    return None


@dataclass(frozen=True, slots=True)
class Value(FromJson):
    """One value as the source gives it. Lines count from 1 in the file as decoded, both ends included.

    `language` is a BCP 47 tag where the source says in which language the value is; `scheme` names the list that the
    value is from ("lcsh", "doi", "iso639-2b") and `iris` are the identifiers that the source itself gives for what the
    value names. All three are empty where the source is silent.
    """

    text: str
    first_line: int = 0
    last_line: int = 0
    language: str = ""
    scheme: str = ""
    iris: tuple[str, ...] = ()


AgentKind = Literal["person", "organisation", ""]


@dataclass(frozen=True, slots=True)
class Agent(FromJson):
    """A name in its catalogue form ("Smith, John A.", "Great Britain: HMI Probation").

    `kind` is "" where the source does not say whether it names a person or an organisation; `role` is a MARC relator
    code ("edt", "trl", "ths"), "" where the source gives none.
    """

    heading: Value
    kind: AgentKind = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Part(FromJson):
    """What a work is part of: a series, journal, book or proceedings, and its place in it, if the source says so."""

    title: Value
    kind: Literal["series", "journal", "book", "proceedings", ""] = ""
    number: str = ""
    volume: str = ""
    pages: str = ""
    issn: str = ""


@dataclass(frozen=True, slots=True)
class Leftover(FromJson):
    """A field that has no attribute here: kept as given and reported, never dropped."""

    label: str
    value: Value


Severity = Literal["violation", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Note(FromJson):
    """What a reader or the mapping has to say of a field to the cataloguer; the value itself stands."""

    field: str
    message: str
    first_line: int = 0
    severity: Severity = "warning"


@dataclass(frozen=True, slots=True)
class Fault(FromJson):
    """What a reader has to say of a place in a file that belongs to no record, or whose record cannot be read.

    A violation counts as a record refused, a warning does not.
    """

    file: str
    message: str
    first_line: int = 0
    field: str = ""
    severity: Severity = "violation"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.first_line}" if self.first_line else self.file


@dataclass(frozen=True, slots=True)
class Source(FromJson):
    """Where a record was read: the file, its lines, and what the page around it said, all as given.

    `announced` is the page's own count of results, `captured` its date and time (no zone is invented),
    `search_term` what it was the result of. `text` is the record as it was read, in `media_type`: the block of a page
    line for line, a MARC record as MARCXML. `identifier` is what a repository calls the record that it was
    harvested from, where that is not the number of the record.
    """

    file: str
    format: str
    position: int
    first_line: int
    last_line: int
    text: str
    page: int = 1
    page_count: int | None = None
    search_term: str = ""
    announced: int | None = None
    captured: str = ""
    media_type: str = "text/plain"
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Record(FromJson):
    """One catalogue record. Attributes are tuples in the order of the source, since a source may repeat any of them.

    `record_number` is the source's own identifier of the record, which is its key where there is no shelf number;
    `former_numbers` are those under which it was published before, and whose addresses lead to it from then on;
    `identifiers` are those of the work, with their schemes. `creators` are its authors in order, `contributors` have
    other roles. Parts of an imprint stand in `publication_statement` where the source gives it whole, else in
    `place_of_publication`, `publishers`, `issued` and `extent`.
    """

    source: Source
    shelf_number: tuple[Value, ...] = ()
    record_number: tuple[Value, ...] = ()
    former_numbers: tuple[Value, ...] = ()
    types: tuple[Value, ...] = ()
    title: tuple[Value, ...] = ()
    alternative: tuple[Value, ...] = ()
    creators: tuple[Agent, ...] = ()
    contributors: tuple[Agent, ...] = ()
    abstract: tuple[Value, ...] = ()
    table_of_contents: tuple[Value, ...] = ()
    description: tuple[Value, ...] = ()
    edition: tuple[Value, ...] = ()
    publication_statement: tuple[Value, ...] = ()
    place_of_publication: tuple[Value, ...] = ()
    publishers: tuple[Agent, ...] = ()
    issued: tuple[Value, ...] = ()
    extent: tuple[Value, ...] = ()
    is_part_of: tuple[Part, ...] = ()
    degree: tuple[Value, ...] = ()
    degree_grantors: tuple[Agent, ...] = ()
    languages: tuple[Value, ...] = ()
    identifiers: tuple[Value, ...] = ()
    source_statement: tuple[Value, ...] = ()
    countries: tuple[Value, ...] = ()
    temporal: tuple[Value, ...] = ()
    uri: tuple[Value, ...] = ()
    subjects: tuple[Value, ...] = ()
    rights: tuple[Value, ...] = ()
    withdrawn: bool = False
    leftovers: tuple[Leftover, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def place(self) -> str:
        """Where a cataloguer finds the record: "FILE:LINE", or "FILE, record N" where a file has no lines."""
        source = self.source
        return f"{source.file}:{source.first_line}" if source.first_line else f"{source.file}, record {source.position}"
