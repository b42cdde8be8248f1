"""ResourceSync's resource dump: all descriptions in ZIP files, each with a manifest that tells lengths and hashes.

Section 10.2 of ResourceSync 1.1 (ANSI/NISO Z39.99). A file holds the things of BLOCK ids, so that it is made in a
moment when it is asked for; nothing is kept.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

from publisher.addresses import Addresses, resource_dump_path
from publisher.catalog import Catalog, Entry
from publisher.formats import BY_EXTENSION
from publisher.harvest.resource_sync import EXTENSION, MEDIA_TYPE, document_of, head_of, resource_iri
from publisher.harvest.sitemap import Block, element, ids
from publisher.mapping import Mapping
from publisher.view import of_entry

BLOCK = 1000
MANIFEST = "manifest.xml"


def resource_dump(addresses: Addresses, catalog: Catalog, blocks: list[Block]) -> bytes:
    """The files that hold all resources."""
    metadata = element("rs:md", type="application/zip")
    rows = [
        f"<url><loc>{addresses.iri(resource_dump_path(block.number))}</loc>"
        f"<lastmod>{block.modified}</lastmod>{metadata}</url>"
        for block in blocks
    ]
    return document_of(head_of(addresses, "resourcedump", at=catalog.seen()), rows)


def package(mapping: Mapping, catalog: Catalog, number: int) -> bytes:
    """One file: the descriptions of a block, and the manifest that says which of the files in it is which."""
    write = BY_EXTENSION[EXTENSION].write
    packed, rows = io.BytesIO(), []
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        found = catalog.by_ids(ids(catalog, number, BLOCK))
        for entry in sorted(found.values(), key=lambda entry: entry.id):
            body = write(of_entry(mapping, catalog, entry)) if write is not None else b""
            path = f"resources/{entry.id}.{EXTENSION}"
            archive.writestr(_file(path, entry), body)
            rows.append(_row(mapping.addresses, entry, path, body))
        head = head_of(mapping.addresses, "resourcedump-manifest", at=catalog.seen())
        archive.writestr(zipfile.ZipInfo(MANIFEST), document_of(head, rows), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _file(path: str, entry: Entry) -> zipfile.ZipInfo:
    """By the time of the description, so that the same descriptions make the same bytes."""
    info = zipfile.ZipInfo(path, datetime.fromisoformat(entry.modified).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _row(addresses: Addresses, entry: Entry, path: str, body: bytes) -> str:
    told = {"length": str(len(body)), "hash": f"sha-256:{hashlib.sha256(body).hexdigest()}", "path": f"/{path}"}
    metadata = element("rs:md", type=MEDIA_TYPE, **told)
    return f"<url><loc>{resource_iri(addresses, *entry.name)}</loc>{metadata}</url>"
