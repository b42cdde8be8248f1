"""DUMPS: one row a format that everything can be dumped in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import orjson

from publisher.addresses import dump_path
from publisher.dumps import static_repository
from publisher.errors import SettingsError
from publisher.formats import FORMATS
from publisher.mapping import Mapping
from publisher.mapping.dataset import Dump
from publisher.search import FIELDS, values
from publisher.view import Version

_XML_DECLARATION = re.compile(rb"^<\?xml[^>]*\?>\s*")
_FORMATS = {row.name: row for row in FORMATS}


@dataclass(frozen=True, slots=True)
class DumpFormat:
    """One format: `head` and `tail` stand around what `write(version)` gives for each description of `kinds`; no kinds
    are all of them."""

    name: str
    title: str
    media_type: str
    extension: str
    write: Callable[[Version], bytes]
    head: Callable[[Mapping], bytes] = lambda _: b""
    tail: bytes = b""
    kinds: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"catalogue.{self.extension}.gz"

    @property
    def described(self) -> Dump:
        return Dump(self.name, self.title, self.media_type, dump_path(self.file))


def _n_triples(version: Version) -> bytes:
    return "".join(f"{line}\n" for line in version.lines).encode()


def _n_quads(version: Version) -> bytes:
    graph = version.mapping.addresses.document(*version.name)
    return "".join(f"{line[:-2]} <{graph}> .\n" for line in version.lines).encode()


def _prefixes(mapping: Mapping) -> bytes:
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in mapping.context.prefixes.items()).encode() + b"\n"


def _turtle(version: Version) -> bytes:
    lines = _written("turtle", version).split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b"@prefix ")).strip(b"\n") + b"\n\n"


def _json_ld(version: Version) -> bytes:
    document = orjson.loads(_written("json-ld", version))
    document["@context"] = version.mapping.addresses.iri("/context.jsonld")
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def _xml(name: str) -> Callable[[Version], bytes]:
    return lambda version: _XML_DECLARATION.sub(b"", _written(name, version)).rstrip() + b"\n"


def _written(name: str, version: Version) -> bytes:
    write = _FORMATS[name].write
    return write(version) if write is not None else b""


def _csv_head(_: Mapping) -> bytes:
    return _csv_row(["id", *FIELDS])


def _csv(version: Version) -> bytes:
    found = values(version.record)
    return _csv_row([version.mapping.addresses.thing(*version.name), *(" | ".join(found[name]) for name in FIELDS)])


def _csv_row(cells: Iterable[str]) -> bytes:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerow(cells)
    return output.getvalue().encode()


_COLLECTION = b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
DUMPS = tuple(
    row
    for row in (
        DumpFormat("nt", "N-Triples", "application/n-triples", "nt", _n_triples),
        DumpFormat("nq", "N-Quads, a named graph a description", "application/n-quads", "nq", _n_quads),
        DumpFormat("ttl", "Turtle", "text/turtle", "ttl", _turtle, _prefixes),
        DumpFormat("jsonl", "JSON-LD, a description a line", "application/ld+json", "jsonl", _json_ld),
        DumpFormat("csv", "Table of the records (CSV)", "text/csv", "csv", _csv, _csv_head, kinds=("resource",)),
        DumpFormat(
            "marcxml",
            "MARCXML",
            "application/marcxml+xml",
            "marcxml",
            _xml("marcxml"),
            lambda _: _COLLECTION,
            b"</collection>\n",
            ("resource",),
        ),
        DumpFormat(
            "oai_dc",
            "Dublin Core, an OAI static repository",
            "application/xml",
            static_repository.FILE,
            static_repository.write,
            static_repository.head,
            static_repository.TAIL,
            ("resource",),
        ),
    )
    if row.name not in ("marcxml", "oai_dc") or row.name in _FORMATS
)
BY_NAME = {row.name: row for row in DUMPS}


def chosen(names: Sequence[str]) -> list[DumpFormat]:
    """The formats with these names. Raises SettingsError for one that there is not."""
    for name in names:
        if name not in BY_NAME:
            raise SettingsError(f"There is no dump in the format {name}; there are {', '.join(BY_NAME)}.")
    return [row for row in DUMPS if row.name in names]
