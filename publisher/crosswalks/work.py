"""Work: what a description says of a resource, gathered as library formats want it: who did what, numbers by scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from publisher import namespaces
from publisher.mapping import MEDIA_TYPES, ONLINE_RESOURCE, agents
from publisher.mapping.agents import AgentName
from publisher.record import Part
from publisher.view import Said, Version

RELATORS = namespaces.namespaces()["rel"]
BIBO = namespaces.namespaces()["bibo"]
LANGUAGES = "http://id.loc.gov/vocabulary/iso639-2/"
# attribute -> the scheme that its values are of, as MARC's list of standard identifier sources names it
SCHEMES = {
    "doi": "doi",
    "handle": "hdl",
    "isbn13": "isbn",
    "isbn10": "isbn",
    "issn": "issn",
    "oclc_number": "oclc",
    "lccn": "lccn",
    "pmid": "pmid",
    "coden": "coden",
    "sici": "sici",
    "upc": "upc",
    "ean": "ean",
    "report_number": "report",
    "identifiers": "",
}
_YEAR = re.compile(r"\d{4}(?=$|[-/?~%])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Party:
    """A person or body and what it did, in MARC relator codes ("aut" of an author)."""

    said: Said
    roles: tuple[str, ...]

    @property
    def name(self) -> AgentName:
        """The heading in its parts; the kind is the catalogue's."""
        kind = self.said.agent_kind
        return agents.parse(self.said.heading, "person" if kind == "person" else "organisation" if kind else "")

    @property
    def levels(self) -> list[str]:
        """The name of a body after those of the bodies above it, widest first, each without the one before."""
        steps = [*self.name.parents, self.said.heading]
        return [steps[0], *(after[len(before) :].strip(" .:") for before, after in pairwise(steps))]


@dataclass
class Work:
    """The values that need more than a look into the view."""

    version: Version

    @cached_property
    def iri(self) -> str:
        return self.version.mapping.addresses.thing(*self.version.name)

    @cached_property
    def creators(self) -> list[Party]:
        return [Party(said, ("aut", *self._roles.get(said.iri, ()))) for said in self._said("creators")]

    @cached_property
    def contributors(self) -> list[Party]:
        """Who has another part in the work than that of an author or a publisher."""
        known = {party.said.iri for party in self.creators}
        publishers = {said.iri for said in self._said("publishers")}
        found = {said.iri: said for said in self._said("contributors")}
        for attribute, values in self.version.view.thing.items():
            if attribute == "degree_grantors" or attribute.startswith(RELATORS):
                found |= {said.iri: said for said in values if said.iri not in publishers and said.iri not in found}
        return [Party(said, self._roles.get(iri, ())) for iri, said in found.items() if iri not in known]

    @cached_property
    def _roles(self) -> dict[str, tuple[str, ...]]:
        """What else than being its author an agent has to do with the work, by its IRI."""
        roles: dict[str, tuple[str, ...]] = {}
        for attribute, values in self.version.view.thing.items():
            code = "dgg" if attribute == "degree_grantors" else attribute.removeprefix(RELATORS)
            if code != attribute:
                for said in values:
                    if code not in roles.get(said.iri, ("aut",)):
                        roles[said.iri] = (*roles.get(said.iri, ()), code)
        return roles

    def _said(self, attribute: str) -> list[Said]:
        return self.version.view.thing.get(attribute, [])

    @cached_property
    def classes(self) -> list[str]:
        """The classes of the Bibliographic Ontology, by their local names."""
        iris = self.version.view.iris("type")
        return sorted(iri.removeprefix(BIBO) for iri in iris if iri.startswith(BIBO))

    @cached_property
    def types(self) -> list[str]:
        """The classes by their labels, then the types as the source gives them."""
        return list(dict.fromkeys((*self.class_labels, *self.version.view.texts("types"))))

    @cached_property
    def class_labels(self) -> list[str]:
        """The classes by their labels, "Report"."""
        return [namespaces.terms("bibo").get(name) or name for name in self.classes]

    @cached_property
    def shelf_numbers(self) -> list[str]:
        return self.version.view.texts("shelf_number")

    @cached_property
    def numbers(self) -> list[tuple[str, str]]:
        """(scheme, number) of the work's identifiers, addresses left out; the scheme is empty where it is not known."""
        pairs = [(scheme, text) for attribute, scheme in SCHEMES.items() for text in self.version.view.texts(attribute)]
        return list(dict.fromkeys(pairs))

    @cached_property
    def dates(self) -> list[str]:
        return self.version.view.texts("issued") or self.version.view.texts("date")

    @cached_property
    def year(self) -> str:
        return year_of(self.version.view.first("issued"))

    @cached_property
    def languages(self) -> list[str]:
        """ISO 639-2 codes."""
        return [iri.removeprefix(LANGUAGES) for iri in self.version.view.iris("languages")]

    @cached_property
    def media_types(self) -> list[str]:
        return [iri.removeprefix(MEDIA_TYPES) for iri in self.version.view.iris("media_type")]

    @cached_property
    def is_online(self) -> bool:
        return ONLINE_RESOURCE.value in self.version.view.iris("medium")

    @property
    def parts(self) -> tuple[Part, ...]:
        """What it is part of, as the record says it."""
        return self.version.record.is_part_of

    @cached_property
    def host_iris(self) -> dict[str, str]:
        """The IRI of what it is part of, by heading."""
        return {said.heading: said.iri for said in self._said("is_part_of")}

    @cached_property
    def pieces(self) -> tuple[str, str]:
        """The title in the two parts that the record sets apart with a colon; the second is empty if it has none."""
        titles = self.version.view.texts("title")
        title = titles[0] if titles else self.version.key
        short = self.version.view.first("short_title")
        return (short, title[len(short) :].lstrip(" :")) if short and title.startswith(short) else (title, "")

    def rights(self) -> Iterator[str]:
        for attribute in ("rights", "rights_links", "license"):
            yield from self.version.view.texts(attribute)


def year_of(issued: str) -> str:
    """Four digits: the year of a date in EDTF, or the first of a span; nothing where it is one of some that may be."""
    match = _YEAR.match(issued)
    return match[0] if match else ""
