"""JSON Lines: a Record as one JSON object a line, the form in which other programs hand records over.

The keys are the attributes of `record.Record`. A value is a text, or an object with `text`, `language`, `scheme` and
`iris`; one that is alone needs no list around it. `schema` describes the form as JSON Schema. An array of such objects
is read, too. `source` and the line numbers of values say where the exporter read them: the first is kept as a leftover,
and values get the lines of this file.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import json
import re
import types
import typing
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from publisher import resources
from publisher.readers.json import objects
from publisher.readers.json.objects import Block
from publisher.readers.text import characters, decoding
from publisher.record import Agent, Fault, Leftover, Note, Part, Record, Source, Value

HINTS: dict[Any, dict[str, Any]] = {
    kind: typing.get_type_hints(kind) for kind in (Record, Value, Agent, Part, Leftover, Note, Source)
}
ATTRIBUTES = tuple(name for name in HINTS[Record] if name != "source")
SHORT = {Agent: "heading", Part: "title"}  # the attribute that a text alone stands for; Value is written out below
LINES = ("first_line", "last_line")
KEY = re.compile(rf'"({"|".join(ATTRIBUTES)})"\s*:')
OTHER = re.compile(r'"@context"|"(?:dcat|schema|bibo):|"@graph"')
SURROGATE = re.compile("[\ud800-\udfff]")


def recognises(head: bytes) -> bool:
    """Whether a file is JSON whose keys are attributes of a Record, two of them at least."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    if not re.match(r'\{\s*"|\[\s*\{', text) or OTHER.search(text):
        return False
    return len(set(KEY.findall(text))) > 1


def content(text: str) -> str:
    """The values of an object as read, without their names and what tells of what kind they are."""
    found = texts_of("", json.loads(text))
    return "\n".join(
        value for label, value in found if not label.endswith((".kind", ".scheme", ".first_line", ".last_line"))
    )


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order, a Fault for each object that is none."""
    faults: list[Fault] = []
    position = 0
    for block in objects.blocks(characters.texts(stream, name, faults)):
        position += 1
        try:
            yield _Reading(name, position, block).record(objects.parse(block[2]))
        except objects.Broken as error:
            yield objects.fault(name, block, str(error))
        except Wrong as error:
            yield objects.fault(name, block, str(error), error.field)
    yield from faults
    if not position:
        yield Fault(name, f"{name}: there is no JSON object in this file.")


class Wrong(Exception):
    """A value of the wrong type; `field` is the attribute."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class _Reading:
    """Makes one Record out of one object."""

    def __init__(self, name: str, position: int, block: Block) -> None:
        self.first, self.last, text = block
        self.source = Source(name, "json_lines", position, self.first, self.last, text, media_type="application/json")
        self.field = ""
        self.leftovers: list[Leftover] = []
        self.notes: list[Note] = []

    def record(self, data: dict[str, Any]) -> Record:
        """Raises Wrong."""
        fields: dict[str, Any] = {}
        for name, value in data.items():
            self.field = name
            if name not in ATTRIBUTES:
                self.keep(name, value, Record)
            elif value is not None:
                fields[name] = self.made(HINTS[Record][name], value, name)
        fields["leftovers"] = fields.get("leftovers", ()) + tuple(self.leftovers)
        fields["notes"] = fields.get("notes", ()) + tuple(self.notes)
        return Record(self.source, **fields)

    def made(self, hint: Any, value: Any, at: str) -> Any:
        """The value as the type that the attribute has."""
        origin = typing.get_origin(hint)
        if origin is tuple:
            item = typing.get_args(hint)[0]
            values = value if isinstance(value, list) else [value]
            several = len(values) > 1
            made = [self.made(item, v, f"{at}[{i}]" if several else at) for i, v in enumerate(values) if v is not None]
            return tuple(one for one in made if one is not EMPTY)
        if origin is Literal:
            return self.one_of(typing.get_args(hint), value, at)
        if hint is Value:
            return self.value(value, at)
        if dataclasses.is_dataclass(hint):
            return self.built(typing.cast(Any, hint), value, at)
        if hint is bool:
            if not isinstance(value, bool):
                raise self.wrong(at, "true or false", value)
            return value
        if hint is int:
            if not isinstance(value, int) or isinstance(value, bool):
                raise self.wrong(at, "a whole number", value)
            return value
        return self.text(value, at)

    def text(self, value: Any, at: str) -> str:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            raise self.wrong(at, "a text", value)
        if not value.isascii() and SURROGATE.search(value):
            message = f"In {at} a character was lost before we got the file; look it up in the original."
            self.notes.append(Note(self.field, message, self.first))
            return SURROGATE.sub("\ufffd", value)
        return value

    def one_of(self, words: tuple[str, ...], value: Any, at: str) -> str:
        text = self.text(value, at)
        if text not in words:
            listed = ", ".join(json.dumps(word) for word in words)
            raise Wrong(self.field, f"{at} must be one of {listed}, not {json.dumps(text, ensure_ascii=False)}")
        return text

    def value(self, value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            text = self.text(value, at)
            return Value(text, self.first, self.last) if text.strip() else EMPTY
        fields = self.fields(Value, value, at, ("text",))
        if not fields["text"].strip():
            return EMPTY
        return Value(**fields | {"first_line": self.first, "last_line": self.last})

    def built(self, kind: Any, value: Any, at: str) -> Any:
        short = SHORT.get(kind)
        if short and (not isinstance(value, dict) or (short not in value and "text" in value)):
            value = {short: value}
        if not isinstance(value, dict):
            raise self.wrong(at, "an object", value)
        needed = needed_of(kind)
        fields = self.fields(kind, value, at, needed)
        if any(fields[name] is EMPTY for name in needed):
            return EMPTY
        if "first_line" in fields:
            fields["first_line"] = self.first
        return kind(**fields)

    def fields(self, kind: Any, value: dict[str, Any], at: str, needed: typing.Sequence[str]) -> dict[str, Any]:
        hints = HINTS[kind]
        for name in value.keys() - hints.keys():
            self.keep(f"{at}.{name}", value[name], kind)
        made = {
            name: self.made(hints[name], v, f"{at}.{name}")
            for name, v in value.items()
            if name in hints and v is not None
        }
        if missing := [name for name in needed if name not in made]:
            raise Wrong(self.field, f'{at} lacks "{missing[0]}"')
        return made

    def keep(self, at: str, value: Any, kind: Any) -> None:
        """What has no attribute becomes leftovers; a note names the attribute that was meant, perhaps."""
        name = at.rpartition(".")[2]
        for label, text in texts_of(at, value):
            text = SURROGATE.sub("\ufffd", text)
            self.leftovers.append(Leftover(label, Value(text, self.first, self.last)))
        if at == "source":
            return
        where = "A record" if kind is Record else f"{at.rpartition('.')[0]}"
        nearest = nearest_of(name, kind)
        hint = f"; the nearest is {nearest}" if nearest else ""
        self.notes.append(Note(name, f'{where} has no attribute "{name}"{hint}. It was kept as it is.', self.first))

    def wrong(self, at: str, wanted: str, value: Any) -> Wrong:
        words = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a number"}
        found = "nothing" if value is None else words.get(type(value), "a number")
        return Wrong(self.field, f"{at} must be {wanted}, not {found}")


EMPTY = object()  # a value that says nothing


def needed_of(kind: Any) -> list[str]:
    return [row.name for row in dataclasses.fields(kind) if row.default is dataclasses.MISSING]


def texts_of(label: str, value: Any) -> Iterator[tuple[str, str]]:
    """The values within a JSON value, each with the way to it."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(f"{label}.{name}", item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(label, item)
    elif isinstance(value, str):
        if value.strip():
            yield label, value
    elif value is not None:
        yield label, json.dumps(value)


def nearest_of(name: str, kind: Any = Record) -> str:
    """The attribute that a name comes nearest to, by its own name or by its label on a page; "" if none is near."""
    names = {attribute: attribute for attribute in HINTS[kind] if attribute not in LINES}
    if kind is Record:
        labels = {row["label"].lower(): row["attribute"] for row in resources.table("ontology/fields.csv")}
        names = {label: attribute for label, attribute in labels.items() if attribute in ATTRIBUTES} | names
    found = difflib.get_close_matches(name.lower().replace("-", "_"), names, n=1, cutoff=0.6)
    return names[found[0]] if found else ""


# The form, described


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one line, made from the dataclasses of `record.py`."""
    top = _object(Record, [])
    top["properties"]["source"] = {"type": "object", "description": "Where the exporter read the record."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record",
        **top,
        "minProperties": 1,
        "$defs": {kind.__name__: _definition(kind) for kind in (Value, Agent, Part, Leftover, Note)},
    }


def _definition(kind: Any) -> dict[str, Any]:
    full = _object(kind, needed_of(kind))
    if kind is Value:
        return {"anyOf": [{"type": ["string", "integer"]}, full]}
    if kind in SHORT:
        return {"anyOf": [{"$ref": "#/$defs/Value"}, full]}
    return full


def _object(kind: Any, needed: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "description": " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split()),
        "properties": {name: _schema(hint) for name, hint in HINTS[kind].items() if hint is not Source},
        "additionalProperties": False,
    }
    if needed:
        found["required"] = needed
    return found


def _schema(hint: Any) -> dict[str, Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        one = _schema(arguments[0])
        return {"anyOf": [one, {"type": "array", "items": one}]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is types.UnionType:
        return {"anyOf": [_schema(argument) for argument in arguments]}
    if dataclasses.is_dataclass(hint):
        return {"$ref": f"#/$defs/{typing.cast(Any, hint).__name__}"}
    return {bool: {"type": "boolean"}, int: {"type": "integer"}, types.NoneType: {"type": "null"}}.get(
        hint, {"type": ["string", "integer"]}
    )
