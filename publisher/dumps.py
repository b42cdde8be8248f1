"""Dumps: everything that one release holds, in one packed file a format, with checksums.

A dump is written in one pass over the catalog, inside one transaction, so that all its files are of one release; it
appears whole, when its folder gets its name. The site's own stand in DATA_DIR/dumps, and the newest is served.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from publisher.addresses import DATASET, Addresses, dump_path
from publisher.catalog import Catalog
from publisher.errors import CatalogError, SettingsError
from publisher.formats import FORMATS
from publisher.mapping import Mapping
from publisher.mapping.dataset import Dump
from publisher.search import FIELDS, values
from publisher.settings import Settings
from publisher.view import Version, of_entry

MANIFEST, SUMS = "manifest.jsonld", "SHA256SUMS"
_KEPT = 2  # dumps of the site: the newest, and the one before, which somebody may be fetching
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
_DESCRIPTIONS = b'<?xml version="1.0" encoding="UTF-8"?>\n<records>\n'
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
            "Dublin Core (oai_dc)",
            "application/xml",
            "oai_dc.xml",
            _xml("oai_dc"),
            lambda _: _DESCRIPTIONS,
            b"</records>\n",
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


class _Output:
    """One file of a dump: packed while it is written, counted and digested."""

    def __init__(self, row: DumpFormat, folder: Path) -> None:
        self.row = row
        self.stream = (folder / row.file).open("wb")
        self.packer = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: with gzip's head and tail, and no time in it
        self.digest = hashlib.sha256()
        self.size = self.descriptions = 0

    def write(self, content: bytes) -> None:
        self._write(self.packer.compress(content))

    def _write(self, packed: bytes) -> None:
        self.stream.write(packed)
        self.digest.update(packed)
        self.size += len(packed)

    def close(self) -> None:
        self._write(self.packer.flush())
        self.stream.flush()
        os.fsync(self.stream.fileno())
        self.stream.close()


def write(
    settings: Settings, folder: Path, names: Sequence[str] = (), progress: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """Writes a dump of the current release into a folder, which must be new or empty, and gives its manifest. Without
    names all formats are written; `progress` is told how many descriptions were. Raises CatalogError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CatalogError(f"{folder} is not empty; name a new folder.")
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    mapping, catalog = Mapping(settings), Catalog(settings.DATA_DIR)
    try:
        partial.mkdir(parents=True)
        outputs = [_Output(row, partial) for row in chosen(names or list(BY_NAME))]
        with catalog.snapshot() as number, ExitStack() as open_files:
            if not number:
                raise CatalogError(
                    f"{settings.DATA_DIR}: nothing has been published here yet; there is nothing to dump."
                )
            for output in outputs:
                open_files.callback(output.stream.close)
                output.write(output.row.head(mapping))
            for entry in catalog.entries():
                version = of_entry(mapping, catalog, entry)
                for output in outputs:
                    if not output.row.kinds or entry.kind in output.row.kinds:
                        output.write(output.row.write(version))
                        output.descriptions += 1
                progress(1)
            for output in outputs:
                output.write(output.row.tail)
                output.close()
            manifest = _manifest(mapping.addresses, settings, catalog, number, outputs)
        sums = "".join(f"{output.digest.hexdigest()}  {output.row.file}\n" for output in outputs)
        (partial / SUMS).write_text(sums, "ascii")
        (partial / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.rename(folder)
    except OSError as error:
        raise CatalogError(f"{folder}: the dump cannot be written ({error.strerror}).") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        catalog.close()
    return manifest


_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "void": "http://rdfs.org/ns/void#",
    "id": "@id",
    "type": "@type",
    "title": "dcterms:title",
    "issued": {"@id": "dcterms:issued", "@type": "xsd:dateTime"},
    "license": {"@id": "dcterms:license", "@type": "@id"},
    "release": "owl:versionInfo",
    "distributions": "dcat:distribution",
    "downloadURL": {"@id": "dcat:downloadURL", "@type": "@id"},
    "accessURL": {"@id": "dcat:accessURL", "@type": "@id"},
    "mediaType": "dcat:mediaType",
    "byteSize": {"@id": "dcat:byteSize", "@type": "xsd:decimal"},
    "descriptions": {"@id": "void:entities", "@type": "xsd:integer"},
    "checksum": "spdx:checksum",
    "algorithm": {"@id": "spdx:algorithm", "@type": "@id"},
    "checksumValue": {"@id": "spdx:checksumValue", "@type": "xsd:hexBinary"},
}


def _manifest(
    addresses: Addresses, settings: Settings, catalog: Catalog, number: int, outputs: Sequence[_Output]
) -> dict[str, Any]:
    """What a dump holds, as JSON that is DCAT, too. `sequence` is where to go on in the change log."""
    files = [
        {
            "id": addresses.thing(*DATASET, fragment=f"dump-{output.row.name}"),
            "type": "dcat:Distribution",
            "title": output.row.title,
            "name": output.row.file,
            "accessURL": addresses.iri(dump_path()),
            "downloadURL": addresses.iri(dump_path(output.row.file)),
            "mediaType": {
                "id": f"https://www.iana.org/assignments/media-types/{output.row.media_type}",
                "type": "dcterms:MediaType",
            },
            "byteSize": str(output.size),
            "descriptions": str(output.descriptions),
            "checksum": {
                "type": "spdx:Checksum",
                "algorithm": "spdx:checksumAlgorithm_sha256",
                "checksumValue": output.digest.hexdigest(),
            },
            **({"license": settings.LICENSE} if settings.LICENSE else {}),
        }
        for output in outputs
    ]
    return {
        "@context": _CONTEXT,
        "id": addresses.thing(*DATASET),
        "type": "dcat:Dataset",
        "title": settings.TITLE,
        "release": str(number),
        "sequence": catalog.db.execute("SELECT max(sequence) FROM version").fetchone()[0],
        "issued": catalog.latest(),
        "distributions": files,
    }


# the dumps of the site


def folder(settings: Settings) -> Path | None:
    """The newest dump of the site, None if there is none."""
    place = settings.DATA_DIR / "dumps"
    found = sorted(path for path in place.iterdir() if path.name.isdigit()) if place.is_dir() else []
    return found[-1] if found else None


def manifest(settings: Settings) -> dict[str, Any]:
    """The manifest of the newest dump of the site, empty if there is none."""
    newest = folder(settings)
    try:
        loaded: dict[str, Any] = orjson.loads((newest / MANIFEST).read_bytes()) if newest is not None else {}
    except OSError:  # removed in this moment, so there is a newer one
        return manifest(settings)
    return loaded


def present(settings: Settings) -> list[str]:
    """The names of the formats that the site has dumps in, or is to have. Raises SettingsError for one unknown."""
    files = {row["name"] for row in manifest(settings).get("distributions", ())}
    to_be = chosen(settings.DUMPS)
    return [row.name for row in DUMPS if row.file in files or row in to_be]


def renew(settings: Settings, names: Sequence[str], progress: Callable[[int], None] = lambda done: None) -> Path:
    """Writes a dump of the current release in place of that of the site, and gives its folder."""
    place = settings.DATA_DIR / "dumps"
    target = place / datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
    write(settings, target, names, progress)
    for old in sorted(path for path in place.iterdir() if path.name.isdigit())[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return target
