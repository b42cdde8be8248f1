"""Agents, concepts and places: what is said of one depends on its name alone, so each is described once and kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Triple

from publisher.addresses import DATASET, Addresses
from publisher.mapping import agents, places
from publisher.mapping.description import TYPE, Description
from publisher.mapping.terms import Context, clean, literal, node, slug
from publisher.namespaces import DCTERMS, FOAF, SKOS
from publisher.record import AgentKind
from publisher.settings import Settings

KEPT = 50_000  # descriptions of each kind, some 2 kB each: a big catalogue's usual headings, whatever the load
LONGEST_QUALIFIED = 250  # characters: a base may be qualified in turn, and a longer text is no keyword
CLASSES = {
    "person": NamedNode(FOAF.Person),
    "organisation": NamedNode(FOAF.Organization),
    "": NamedNode(FOAF.Agent),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """What a record names: its IRI, and the descriptions that say what it is: its own last, before it those of the
    things that it names in turn. They are shared, so nobody changes them."""

    iri: NamedNode
    descriptions: tuple[Description, ...]


class Things:
    """The things that the records of one site name."""

    def __init__(self, settings: Settings, context: Context, addresses: Addresses) -> None:
        self.context, self.addresses, self.language = context, addresses, settings.LANGUAGE
        self._of_every_document = [
            (context[attribute].property, value)
            for attribute, value in (
                ("license", node(settings.LICENSE)),
                ("in_dataset", NamedNode(addresses.thing(*DATASET))),
            )
            if value is not None
        ]
        self.agent = lru_cache(KEPT)(self._agent)
        self.concept = lru_cache(KEPT)(self._concept)
        self.place = lru_cache(KEPT)(self._place)

    def document(self, kind: str, key: str) -> list[Triple]:
        """What every document says of itself."""
        document = NamedNode(self.addresses.document(kind, key))
        topic = NamedNode(self.addresses.thing(kind, key))
        return [
            Triple(document, TYPE, NamedNode(FOAF.Document)),
            Triple(document, self.context["primary_topic"].property, topic),
            *(Triple(document, predicate, value) for predicate, value in self._of_every_document),
        ]

    def _agent(self, heading: str, kind: AgentKind, sure: bool = True) -> Thing | None:
        """The agent that a heading names, and the bodies above it; None if it has neither letters nor digits. Unless
        the place where it stands makes it `sure`, a form like a person's does not decide what it is."""
        name = agents.parse(heading, kind)
        if not sure and name.kind == "person":
            name = agents.AgentName(name.heading, "", name.heading)
        if not name.key:
            return None
        above = self.agent(name.parents[-1], "organisation") if name.parents else None
        making = _Making(self, Description("agent", name.key, clean(name.name), clean(name.heading), name.kind))
        making.type(CLASSES[name.kind])
        making.say("name", name.name)
        if name.heading != name.name:
            making.say("alternative_labels", name.heading)
        if name.family_name:
            making.say("family_name", name.family_name)
            making.say("given_name", name.given_name)
        return making.thing(sub_organization_of=above)

    def _place(self, name: str) -> Thing | None:
        """The place of the table that a name means, else an unlinked one of that name; None if it has neither letters
        nor digits."""
        found = places.find(name)
        if found is not None:
            return self._of_table(found)
        if not slug(name):
            return None
        return self._of_table(places.Place(slug(name), clean(name)))

    def _of_table(self, place: places.Place) -> Thing:
        known = place.key in places.by_key()
        wider = self._of_table(places.by_key()[place.broader]) if place.broader else None
        making = _Making(self, Description("place", place.key, place.label, place.label))
        making.type(NamedNode(DCTERMS.Location), NamedNode(SKOS.Concept))
        making.say("preferred_label", place.label, language="en" if known else "")  # the table's labels are English
        for attribute, iris in (("exact_match", place.exact_matches), ("close_match", place.close_matches)):
            for iri in iris:
                making.say(attribute, NamedNode(iri))
        return making.thing(broader=wider)

    def _concept(self, label: str) -> Thing | None:
        """A keyword as a concept. "X (P)" is narrower than "X" where P is a place, and only then: "Mercury (Planet)"
        is no narrower "Mercury". None if it has neither letters nor digits."""
        key = slug(label)
        if not key:
            return None
        making = _Making(self, Description("concept", key, clean(label), clean(label)))
        making.type(NamedNode(SKOS.Concept))
        making.say("preferred_label", label, language=self.language)
        making.say("in_scheme", NamedNode(self.addresses.keywords))
        base, qualifier = _qualified(label)
        where = self.place(qualifier) if places.find(qualifier) is not None else None
        wider = self.concept(base) if where is not None else None
        return making.thing(broader=wider, countries=where if wider is not None else None)


class _Making:
    """A description in the making."""

    def __init__(self, things: Things, description: Description) -> None:
        self.things, self.description = things, description
        self.iri = NamedNode(things.addresses.thing(*description.name))

    def type(self, *classes: NamedNode) -> None:
        self.description.statements.extend(Triple(self.iri, TYPE, iri) for iri in classes)

    def say(self, attribute: str, value: str | NamedNode, language: str = "") -> None:
        spoken: NamedNode | RdfLiteral = literal(value, language=language) if isinstance(value, str) else value
        self.description.statements.append(Triple(self.iri, self.things.context[attribute].property, spoken))

    def thing(self, **named: Thing | None) -> Thing:
        """The thing made, which names others by the attributes given."""
        before: dict[tuple[str, str], Description] = {}
        for attribute, other in named.items():
            if other is not None:
                self.say(attribute, other.iri)
                before.update((description.name, description) for description in other.descriptions)
        self.description.statements += self.things.document(*self.description.name)
        return Thing(self.iri, (*before.values(), self.description))


def _qualified(label: str) -> tuple[str, str]:
    """The base and the qualifier of "Base (Qualifier)"; both empty for any other form."""
    if not label.endswith(")") or len(label) > LONGEST_QUALIFIED:
        return "", ""
    base, bracket, qualifier = label[:-1].rpartition("(")
    return (base.strip(), qualifier.strip()) if bracket and base.strip() and ")" not in qualifier else ("", "")
