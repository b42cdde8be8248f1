"""What names a thing, by the role in which it does: the records of an author, the narrower keywords of a keyword."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from publisher.addresses import document_path
from publisher.catalog import Catalog
from publisher.mentions import mentioned_by, roles
from publisher.record import Record
from publisher.search import values
from publisher.web import languages
from publisher.web.languages import N_, gettext
from publisher.web.site import here

# (kind of what names, attribute by which) -> heading, in the order of the page
ROLES = {
    ("concept", "broader"): N_("Narrower keywords"),
    ("place", "broader"): N_("Places in it"),
    ("agent", "sub_organization_of"): N_("Parts of this body"),
    ("resource", "creators"): N_("Author of"),
    ("resource", "contributors"): N_("Contributor to"),
    ("resource", "publishers"): N_("Publisher of"),
    ("resource", "degree_grantors"): N_("Degrees granted for"),
    ("resource", "is_part_of"): N_("What is part of it"),
    ("resource", "subjects"): N_("Records with this keyword"),
    ("resource", "countries"): N_("Records about this place"),
    ("concept", "countries"): N_("Keywords about this place"),
}
OTHER = N_("Named by")
SHOWN = 50  # things that name a thing in one role, on one page
_LARGEST_ID = 2**63 - 1  # of an SQLite row


@dataclass(frozen=True, slots=True)
class Naming:
    """One thing that names another; of a record also what tells it from others."""

    label: str
    href: str
    authors: list[str] = field(default_factory=list)
    years: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Role:
    """All that name a thing in one role ("resource-creators"): how many, one page of them, and the query of the
    next page, if any."""

    name: str
    heading: str
    count: int
    namings: list[Naming]
    following: str


def by_role(catalog: Catalog, thing: int, role: str = "", after: int = 0) -> list[Role]:
    """What names a thing, role by role; only the page after the id `after` of one role, if a role is given."""
    after = min(max(after, 0), _LARGEST_ID)
    order = list(ROLES)
    found = []
    for attribute, kind, count in roles(catalog, thing):
        name = f"{kind}-{attribute}"
        if role in ("", name):
            rows = mentioned_by(catalog, thing, attribute, kind, SHOWN + 1, after if role else 0)
            following = _next(name, rows[SHOWN - 1][3]) if len(rows) > SHOWN else ""
            heading = ROLES.get((kind, attribute), OTHER)
            place = order.index((kind, attribute)) if (kind, attribute) in ROLES else len(order)
            found.append((place, Role(name, gettext(heading), count, _namings(catalog, rows[:SHOWN]), following)))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _next(role: str, after: int) -> str:
    chosen = languages.chosen()
    return urlencode({"role": role, "after": after, **({"lang": chosen} if chosen else {})})


def _namings(catalog: Catalog, rows: list[tuple[str, str, str, int]]) -> list[Naming]:
    entries = catalog.by_ids(row[3] for row in rows if row[0] == "resource")
    namings = []
    for kind, key, label, thing in rows:
        href = here(document_path(kind, key))
        fields = values(_byline(entries[thing].data["record"])) if thing in entries else {}
        namings.append(Naming(label, href, fields.get("author", []), fields.get("year", [])))
    if not entries:  # keywords, places and bodies by their names, records as they came
        namings.sort(key=lambda naming: naming.label.casefold())
    return namings


def _byline(record: dict[str, Any]) -> Record:
    """What of a record tells it from others; the rest would take most of the time of a page."""
    return Record.from_json({name: record[name] for name in ("source", "creators", "issued") if name in record})
