"""A dump of one release, written in one pass over the catalog and inside one transaction; it appears whole, when its
folder gets its name."""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from publisher.addresses import DATASET, Addresses, dump_path
from publisher.catalog import Catalog
from publisher.dumps.formats import BY_NAME, DumpFormat, chosen
from publisher.errors import CatalogError
from publisher.mapping import Mapping
from publisher.settings import Settings
from publisher.view import of_entry

MANIFEST, SUMS = "manifest.jsonld", "SHA256SUMS"


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
