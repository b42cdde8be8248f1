"""What a thing that records name is called, and where it leads: its first heading, the variants, links to elsewhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import NamedNode, Triple

from publisher.addresses import DATASET
from publisher.catalog import Entry
from publisher.mapping import Mapping, Name, lines
from publisher.mapping.terms import literal
from publisher.releases.prepared import Prepared

_REMEMBERED = 50_000  # descriptions


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be published of a thing: `content` are its lines, `data` is what the catalog keeps of its headings."""

    known_by: Name
    content: list[str]
    data: dict[str, Any]


class Headings:
    """Of one site. A thing is established by the first heading that names it: another heading with the same key becomes
    a variant (skos:altLabel) and is told in `collisions`: (kind, established heading, other heading)."""

    def __init__(self, mapping: Mapping, db: sqlite3.Connection, collisions: list[tuple[str, str, str]]) -> None:
        self.mapping = mapping
        self.db = db
        self.collisions = collisions
        self.settled: set[tuple[str, str, str, bytes]] = set()

    def has_settled(self, prepared: Prepared) -> bool:
        """Whether just this description was asked for before, and not too long ago."""
        fingerprint = (*prepared.name, prepared.heading, prepared.digest)
        if fingerprint in self.settled:
            return True
        if len(self.settled) >= _REMEMBERED:  # to settle one again costs time and changes nothing
            self.settled.clear()
        self.settled.add(fingerprint)
        return False

    def settle(self, prepared: Prepared, entry: Entry | None) -> Settled | None:
        """A description, joined with what is published of its thing already; None if it says nothing more."""
        established: dict[str, Any] = entry.data if entry is not None and not entry.withdrawn else {}
        data = established or {"heading": prepared.heading, "agent_kind": prepared.agent_kind, "variants": []}
        content, label = list(prepared.content), prepared.label
        if entry is not None and established:
            weaker = prepared.agent_kind in ("", data["agent_kind"]) and prepared.agent_kind != data["agent_kind"]
            contradicts = data["agent_kind"] and prepared.agent_kind and prepared.agent_kind != data["agent_kind"]
            if contradicts:
                self.collisions.append((prepared.kind, data["heading"], f"{prepared.heading} ({prepared.agent_kind})"))
            if weaker or contradicts:
                return None
            if prepared.heading != data["heading"]:
                if prepared.heading in data["variants"]:
                    return None
                self.collisions.append((prepared.kind, data["heading"], prepared.heading))
                data["variants"].append(prepared.heading)
                content, label = entry.lines, entry.label
            data["agent_kind"] = prepared.agent_kind or data["agent_kind"]
            content = sorted({*content, *lines(self._variants(prepared.name, data["variants"])), *self._matches(entry)})
        if accepted := self.links(prepared.name):
            content = sorted({*content, *accepted})
        return Settled(Name(label, data["heading"] or label, data["agent_kind"]), content, data)

    def _variants(self, name: tuple[str, str], variants: Iterable[str]) -> list[Triple]:
        thing = NamedNode(self.mapping.addresses.thing(*name))
        attribute = self.mapping.context["alternative_labels"].property
        return [Triple(thing, attribute, literal(variant)) for variant in variants]

    def _matches(self, entry: Entry) -> list[str]:
        """What earlier records said an agent, keyword or series to be elsewhere, and its lists: a later one that is
        silent of it takes nothing back. The matches of places are those of our own table, and the data set tells of
        the whole."""
        if entry.kind in ("place", DATASET[0]):
            return []
        terms = [self.mapping.context[name].property for name in ("exact_match", "close_match", "source_statement")]
        return [line for line in entry.lines if any(f"> {term} " in line for term in terms)]

    def links(self, name: tuple[str, str]) -> list[str]:
        """What somebody accepted a thing to be elsewhere (`authorities`)."""
        rows = self.db.execute("SELECT DISTINCT attribute, iri FROM link WHERE kind = ? AND key = ?", name).fetchall()
        return self.linked(name, rows) if rows else []

    def linked(self, name: tuple[str, str], rows: Iterable[tuple[str, str]]) -> list[str]:
        """Such links as lines: (attribute, IRI)."""
        thing, context = NamedNode(self.mapping.addresses.thing(*name)), self.mapping.context
        return lines(Triple(thing, context[attribute].property, NamedNode(iri)) for attribute, iri in rows)
