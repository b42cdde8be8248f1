"""ResourceSync's dumps: descriptions in ZIP files, each with a manifest that tells lengths and hashes.

Sections 11.1 and 13.1 of ResourceSync 1.1 (ANSI/NISO Z39.99). A file of the resource dump holds the things of BLOCK
ids, one of the change dump the versions of BLOCK sequence numbers, so that it is made in a moment when it is asked for;
nothing is kept.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

from publisher.addresses import Addresses, resource_sync_package_path
from publisher.catalog import Catalog, Entry
from publisher.formats import write_graph
from publisher.harvest.change_log import pages, span
from publisher.harvest.resource_sync import (
    EXTENSION,
    MEDIA_TYPE,
    change_of,
    document_of,
    head_of,
    measured,
    resource_iri,
    told,
)
from publisher.harvest.sitemap import blocks, element, ids
from publisher.mapping import Mapping
from publisher.view import published_lines

BLOCK = 1000
MANIFEST = "manifest.xml"
_TYPE = "application/zip"


def resource_dump(addresses: Addresses, catalog: Catalog) -> bytes:
    """The files that hold all resources."""
    rows = [
        f"<url><loc>{addresses.iri(resource_sync_package_path('resourcedump', block.number))}</loc>"
        f"<lastmod>{block.modified}</lastmod>{element('rs:md', type=_TYPE)}</url>"
        for block in blocks(catalog, BLOCK)
    ]
    return document_of(head_of(addresses, "resourcedump", at=catalog.seen()), rows)


def change_dump(addresses: Addresses, catalog: Catalog) -> bytes:
    """The files that hold all changes since the beginning, the oldest first."""
    rows = []
    for number in range(1, pages(catalog, BLOCK) + 1):
        start, until = span(catalog, number, BLOCK)
        metadata = element("rs:md", type=_TYPE, **{"from": start}, until=until)
        rows.append(
            f"<url><loc>{addresses.iri(resource_sync_package_path('changedump', number))}</loc>"
            f"<lastmod>{until or catalog.seen()}</lastmod>{metadata}</url>"
        )
    return document_of(head_of(addresses, "changedump", start=span(catalog, 1, BLOCK)[0]), rows)


def resource_package(mapping: Mapping, catalog: Catalog, number: int) -> bytes:
    """One file of the resource dump: the descriptions of a block."""
    package = _Package(mapping)
    for _, entry in sorted(catalog.by_ids(ids(catalog, number, BLOCK)).items()):
        metadata = element("rs:md", type=MEDIA_TYPE, **package.put(entry, entry.id))
        package.rows.append(f"<url><loc>{resource_iri(mapping.addresses, *entry.name)}</loc>{metadata}</url>")
    return package.close(head_of(mapping.addresses, "resourcedump-manifest", at=catalog.seen()))


def change_package(mapping: Mapping, catalog: Catalog, number: int) -> bytes:
    """One file of the change dump: versions by their sequence numbers; of a deletion only the manifest tells."""
    package = _Package(mapping)
    for change in told(catalog, number, BLOCK):
        entry = None if change.withdrawn else catalog.version(change.sequence)
        held = package.put(entry, change.sequence) if entry is not None else {}
        package.rows.append(change_of(mapping.addresses, change, **held))
    start, until = span(catalog, number, BLOCK)
    return package.close(head_of(mapping.addresses, "changedump-manifest", start=start, until=until))


class _Package:
    """A ZIP file in the making, with the `rows` of its manifest."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.rows: list[str] = []
        self.packed = io.BytesIO()
        self.archive = zipfile.ZipFile(self.packed, "w", zipfile.ZIP_DEFLATED)

    def put(self, entry: Entry, number: int) -> dict[str, str]:
        """Puts a version in, in a file of this number; gives what the manifest tells of that."""
        body = write_graph(self.mapping, published_lines(self.mapping, entry), "n-triples")
        path = f"resources/{number}.{EXTENSION}"
        self.archive.writestr(_file(path, entry), body)
        return measured(len(body), hashlib.sha256(body).digest()) | {"path": f"/{path}"}

    def close(self, head: str) -> bytes:
        """The whole file."""
        self.archive.writestr(zipfile.ZipInfo(MANIFEST), document_of(head, self.rows), zipfile.ZIP_DEFLATED)
        self.archive.close()
        return self.packed.getvalue()


def _file(path: str, entry: Entry) -> zipfile.ZipInfo:
    """By the time of the description, so that the same descriptions make the same bytes."""
    info = zipfile.ZipInfo(path, datetime.fromisoformat(entry.modified).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
