"""What names a thing, by the role in which it does: the records of an author, the narrower keywords of a keyword."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from publisher.addresses import document_path
from publisher.catalog import Catalog
from publisher.record import Record
from publisher.search import values
from publisher.web.site import here

# (kind of what names, attribute by which) -> heading, in the order of the page
ROLES = {
    ("concept", "broader"): "Narrower keywords",
    ("place", "broader"): "Places in it",
    ("agent", "sub_organization_of"): "Parts of this body",
    ("resource", "creators"): "Author of",
    ("resource", "publishers"): "Publisher of",
    ("resource", "subjects"): "Records with this keyword",
    ("resource", "countries"): "Records about this place",
    ("concept", "countries"): "Keywords about this place",
}
OTHER = "Named by"

Mention = tuple[str, str, str, str, int]  # attribute, kind, key, label, id


@dataclass(frozen=True, slots=True)
class Naming:
    """One thing that names another; of a record also what tells it from others."""

    label: str
    href: str
    authors: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)


def by_role(catalog: Catalog, mentions: Iterable[Mention]) -> dict[str, list[Naming]]:
    """Heading -> what names the thing in that role."""
    rows = list(mentions)
    entries = catalog.by_ids(row[4] for row in rows if row[1] == "resource")
    found: dict[str, list[Naming]] = {heading: [] for heading in (*ROLES.values(), OTHER)}
    for attribute, kind, key, label, thing in rows:
        href = here(document_path(kind, key))
        if thing in entries:
            record = values(Record.from_json(entries[thing].data["record"]))
            naming = Naming(label, href, record["author"], record["year"])
        else:
            naming = Naming(label, href)
        found[ROLES.get((kind, attribute), OTHER)].append(naming)
    for heading in {heading for (kind, _), heading in ROLES.items() if kind != "resource"}:
        found[heading].sort(key=lambda naming: naming.label.casefold())
    return {heading: namings for heading, namings in found.items() if namings}
