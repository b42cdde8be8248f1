"""ResourceSync 1.1 (ANSI/NISO Z39.99): what a copy is made of, and how it is kept up.

The resources are the descriptions as N-Triples. Lists longer than BLOCK are split (section 12 of the standard): the
resource list by the ids of things, the change list by sequence numbers.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from publisher.addresses import DATASET, Addresses, resource_sync_path
from publisher.catalog import Catalog
from publisher.harvest.change_log import Change, changes, pages, span
from publisher.harvest.sitemap import BLOCK, HEAD, blocks, element, things

EXTENSION, MEDIA_TYPE = "nt", "application/n-triples"
_VERBS = {"Create": "created", "Update": "updated", "Delete": "deleted"}
_NAMESPACE = ' xmlns:rs="http://www.openarchives.org/rs/terms/"'


def source_description(addresses: Addresses) -> bytes:
    """Where to begin (section 8): our one set of resources."""
    link = element("rs:ln", rel="describedby", href=addresses.thing(*DATASET))
    return document_of(link + element("rs:md", capability="description"), [_capability(addresses, "capabilitylist")])


def capability_list(addresses: Addresses) -> bytes:
    """What can be asked for (section 9)."""
    links = element("rs:ln", rel="describedby", href=addresses.thing(*DATASET))
    links += element("rs:ln", rel="up", href=addresses.iri(resource_sync_path()))
    rows = [_capability(addresses, name) for name in ("resourcelist", "resourcedump", "changelist", "changedump")]
    return document_of(links + element("rs:md", capability="capabilitylist"), rows)


def resource_list(addresses: Addresses, catalog: Catalog) -> bytes:
    """All resources (section 10.1), or the index of the lists that hold them."""
    found = blocks(catalog)
    if len(found) > 1:
        rows = [
            f"<sitemap><loc>{_list(addresses, 'resourcelist', block.number)}</loc>"
            f"<lastmod>{block.modified}</lastmod></sitemap>"
            for block in found
        ]
        return document_of(head_of(addresses, "resourcelist", at=catalog.seen()), rows, index=True)
    return resource_list_part(addresses, catalog, found[0].number if found else 1, part=False)


def resource_list_part(addresses: Addresses, catalog: Catalog, number: int, *, part: bool = True) -> bytes:
    """The resources of one block, as part of the list or as all of it."""
    rows = [
        f"<url><loc>{resource_iri(addresses, thing.kind, thing.key)}</loc><lastmod>{thing.modified}</lastmod>"
        f"{element('rs:md', **measured(thing.length, thing.sha256), type=MEDIA_TYPE)}</url>"
        for thing in things(catalog, number)
    ]
    return document_of(head_of(addresses, "resourcelist", at=catalog.seen(), part=part), rows)


def change_list(addresses: Addresses, catalog: Catalog) -> bytes:
    """All changes since the beginning (section 12.1), the oldest first, or the index of the lists that hold them."""
    count = pages(catalog, BLOCK)
    if count == 1:
        return change_list_part(addresses, catalog, 1, part=False)
    rows = []
    for number in range(1, count + 1):
        start, until = span(catalog, number, BLOCK)
        metadata = element("rs:md", capability="changelist", **{"from": start}, until=until)
        rows.append(f"<sitemap><loc>{_list(addresses, 'changelist', number)}</loc>{metadata}</sitemap>")
    return document_of(head_of(addresses, "changelist", start=span(catalog, 1, BLOCK)[0]), rows, index=True)


def change_list_part(addresses: Addresses, catalog: Catalog, number: int, *, part: bool = True) -> bytes:
    """The changes of one range of sequence numbers, as part of the list or as all of it."""
    start, until = span(catalog, number, BLOCK)
    rows = [change_of(addresses, change) for change in told(catalog, number, BLOCK)]
    return document_of(head_of(addresses, "changelist", part=part, start=start, until=until), rows)


def told(catalog: Catalog, number: int, size: int) -> list[Change]:
    """The changes of one of the ranges of `size` sequence numbers. Of what is gone only that: nobody can fetch it, and
    some clients take a creation and a deletion for nothing."""
    found = changes(catalog, (number - 1) * size, number * size)
    return [change for change in found if change.withdrawn or not change.gone]


def change_of(addresses: Addresses, change: Change, **told: str) -> str:
    """One change, with what else is told of it."""
    if not change.withdrawn:
        told = measured(change.length, change.sha256) | {"type": MEDIA_TYPE} | told
    metadata = element("rs:md", change=_VERBS[change.type], datetime=change.time, **told)
    return f"<url><loc>{resource_iri(addresses, *change.name)}</loc><lastmod>{change.time}</lastmod>{metadata}</url>"


def measured(length: int | None, sha256: bytes | None) -> dict[str, str]:
    """What is told of a file, as far as it is known: its length in bytes and its hash."""
    return {"length": str(length), "hash": f"sha-256:{sha256.hex()}"} if sha256 is not None else {}


def resource_iri(addresses: Addresses, kind: str, key: str) -> str:
    """The address of a description as a resource, as XML has it."""
    return escape(addresses.document(kind, key, EXTENSION))


def _list(addresses: Addresses, capability: str, number: int = 0) -> str:
    return escape(addresses.iri(resource_sync_path(capability, number)))


def _capability(addresses: Addresses, name: str) -> str:
    return f"<url><loc>{_list(addresses, name)}</loc>{element('rs:md', capability=name)}</url>"


def head_of(
    addresses: Addresses, capability: str, *, part: bool = False, at: str = "", start: str = "", until: str = ""
) -> str:
    """The links and the metadata that a list begins with."""
    links = element("rs:ln", rel="up", href=addresses.iri(resource_sync_path("capabilitylist")))
    if part:
        links += element("rs:ln", rel="index", href=addresses.iri(resource_sync_path(capability)))
    return links + element("rs:md", capability=capability, at=at, **{"from": start}, until=until)


def document_of(head: str, rows: list[str], *, index: bool = False) -> bytes:
    """A list, or the index of lists, with its head."""
    name = "sitemapindex" if index else "urlset"
    return (HEAD.format(name, _NAMESPACE) + head + "\n" + "\n".join(rows) + f"\n</{name}>\n").encode()
