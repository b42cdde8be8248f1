"""data.json: the descriptions of data sets in the catalogue of a public body, DCAT-US 1.1.

https://resources.data.gov/resources/dcat-us/ names the fields. The file is an object with a list `dataset`, or that
list alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from publisher.readers.json import objects
from publisher.readers.json.json_lines import SURROGATE, texts_of
from publisher.readers.json.objects import Block
from publisher.readers.text import characters, decoding
from publisher.record import Agent, Fault, Leftover, Record, Source, Value

SCHEME = "data.json"  # of a data set's own identifier
DATASETS = re.compile(r'"dataset"\s*:\s*\[')
CATALOG = re.compile(r'"dcat:(?:Dataset|Catalog)"|project-open-data\.cio\.gov|resources\.data\.gov')
DOI = re.compile(r"https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+", re.I)

FIELDS = {
    "@type": "types",
    "title": "title",
    "description": "description",
    "keyword": "subjects",
    "theme": "subjects",
    "identifier": "record_number",
    "issued": "issued",
    "language": "languages",
    "spatial": "countries",
    "temporal": "temporal",
    "license": "rights",
    "rights": "rights",
    "landingPage": "uri",
    "distribution.accessURL": "uri",
    "distribution.downloadURL": "uri",
}
SCHEMES = {"@type": "dcat", "identifier": SCHEME, "theme": "theme"}
STRUCTURE = frozenset(("contactPoint.@type", "distribution.@type", "publisher.@type"))


def recognises(head: bytes) -> bool:
    """Whether a file is a catalogue of DCAT-US, or its list of data sets."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    return bool(re.match(r'\{\s*"|\[\s*\{', text) and CATALOG.search(text))


def content(text: str) -> str:
    """The values of a data set as read, without their names and the types of its parts."""
    found = texts_of("", json.loads(text))
    return "\n".join(value for label, value in found if label.removeprefix(".") not in STRUCTURE)


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The data sets of a catalogue in order, a Fault for each that cannot be read."""
    head = stream.read(decoding.CHUNK)
    begin = decoding.decode_head(head).lstrip("\ufeff \t\n")
    faults: list[Fault] = []
    texts = characters.texts(stream, name, faults, head)
    position = 0
    for block in objects.blocks(texts, DATASETS if begin.startswith("{") else None):
        position += 1
        try:
            yield dataset(name, position, block, objects.parse(block[2]))
        except objects.Broken as error:
            yield objects.fault(name, block, str(error))
    yield from faults
    if not position:
        yield Fault(name, f"{name}: there is no data set in this catalogue.")


def dataset(name: str, position: int, block: Block, data: dict[str, Any]) -> Record:
    """The record of one data set. The bodies above its publisher are leftovers: what they are to it, is not said."""
    first, last, text = block
    values: dict[str, list[Any]] = {}
    leftovers = []
    for label, given in texts_of("", data):
        label = label.removeprefix(".")
        given = SURROGATE.sub("\ufffd", given)
        value = Value(paragraphs(given), first, last, scheme=SCHEMES.get(label, ""))
        if label in FIELDS:
            values.setdefault(FIELDS[label], []).append(with_iri(value) if label == "license" else value)
            if FIELDS[label] == "uri" and DOI.fullmatch(given):
                values.setdefault("identifiers", []).append(Value(given, first, last, scheme="doi", iris=(given,)))
        elif label == "publisher.name" or label == "publisher":
            is_body = "organization" in str(_get(data, "publisher", "@type")).lower()
            values.setdefault("publishers", []).append(Agent(value, "organisation" if is_body else ""))
        elif label not in STRUCTURE:
            leftovers.append(Leftover(label, value))
    source = Source(name, "data_json", position, first, last, text, media_type="application/json")
    fields: dict[str, Any] = {attribute: tuple(given) for attribute, given in values.items()}
    return Record(source, leftovers=tuple(leftovers), **fields)


def _get(data: dict[str, Any], name: str, inner: str) -> Any:
    found = data.get(name)
    return found.get(inner) if isinstance(found, dict) else None


def with_iri(value: Value) -> Value:
    is_iri = re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", value.text)
    return Value(value.text, value.first_line, value.last_line, iris=(value.text,)) if is_iri else value


def paragraphs(text: str) -> str:
    """The text with its lines joined by a space, its paragraphs by a blank line."""
    if "\n" not in text and "\r" not in text:
        return text.strip()
    parts = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(" ".join(part.split()) for part in parts if part.strip())
