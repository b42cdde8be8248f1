"""Records of another publisher like this one, value for value, as crosswalks/own_record.py writes them.

They stand in answers of OAI-PMH, or alone. They come from elsewhere, so that each is checked for its form before it is
taken for a Record.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO
from urllib.parse import unquote

import orjson
from lxml import etree

from publisher.readers import answers
from publisher.record import Fault, Record, Source, Value

FORMAT = "record"
# that the records may have been read from there
FORMATS = frozenset(
    ("result_page", "marc", "marcxml", "oai_dc", "data_json", "json_lines", "ris", "bibtex", "csv_table", FORMAT)
)
OAI = "{http://www.openarchives.org/OAI/2.0/}"
_OWN = re.compile(rb'<record xmlns="[^"<>]*/ontology#"')
_OPTIONS: dict[str, Any] = {"huge_tree": True, "resolve_entities": False, "no_network": True, "load_dtd": False}


def recognises(head: bytes) -> bool:
    return _OWN.search(head) is not None


def content(text: str) -> str:
    """All of it: a record that was taken back has no more than its identifier; the others are of the format that they
    were read from there."""
    return text


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    position, identifier, deleted = 0, "", False
    own: Any = None
    answered = listed = False
    tags = ("{*}record", f"{OAI}header", f"{OAI}error", f"{OAI}ListRecords")
    try:
        for _, element in etree.iterparse(stream, tag=tags, **_OPTIONS):
            line = element.sourceline or 0
            if element.tag == f"{OAI}ListRecords":
                listed = True
            elif element.tag == f"{OAI}error":
                answered = True
                yield answers.said(name, line, element.get("code", ""), " ".join((element.text or "").split()))
            elif element.tag == f"{OAI}header":
                identifier = (element.findtext(f"{OAI}identifier") or "").strip()
                deleted = element.get("status") == "deleted"
            elif element.tag != f"{OAI}record":
                own = element.text or ""
                if element.getparent() is None:
                    answered = True
                    yield _record(own, "", name, 1, line)
            else:
                position += 1
                if deleted:
                    yield _withdrawn(identifier, name, position, line)
                elif own is None:
                    yield Fault(name, f"{name}:{line}: {identifier}: this record is in another format.", line)
                else:
                    yield _record(own, identifier, name, position, line)
                own = None
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        yield Fault(name, f"{name}: this is no well-formed XML from here on ({error}).", error.lineno or 0)
        return
    if not position and not answered:
        sentence = "there is no record in this file; it stands alone, or in an answer of OAI-PMH."
        yield answers.empty(name, sentence, is_list=listed)


def _record(text: str, identifier: str, name: str, position: int, line: int) -> Record | Fault:
    try:
        record = Record.from_json(orjson.loads(text))
        _check(Record, record)
        if record.source.format not in FORMATS:
            raise ValueError(f"the format {record.source.format!r} is not known here")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = f"{identifier or f'record {position}'}: this is no record of a publisher like this one ({error})."
        return Fault(name, f"{name}:{line}: {what}", line)
    return replace(record, source=replace(record.source, identifier=identifier))


def _withdrawn(identifier: str, name: str, position: int, line: int) -> Record:
    """One that was taken back there; its key is the end of its identifier (items.py)."""
    source = Source(name, FORMAT, position, line, line, identifier, identifier=identifier)
    key = unquote(identifier.split(":", 2)[-1].rpartition("/")[2])
    return Record(source, shelf_number=(Value(key),), withdrawn=True)


def _check(hint: Any, value: Any) -> None:
    """Raises TypeError where a value is not of the type that the record has at its place."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        if value is not None:
            _check(arguments[0], value)
    elif origin is typing.Literal:
        if value not in arguments:
            raise TypeError(f"{value!r} is none of {arguments}")
    elif origin is tuple:
        if not isinstance(value, tuple):
            raise TypeError(f"{value!r} is no list")
        for item in value:
            _check(arguments[0], item)
    elif type(value) is not hint:
        raise TypeError(f"{value!r} is no {hint.__name__}")
    elif dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        for field in dataclasses.fields(hint):
            _check(hints[field.name], getattr(value, field.name))
