"""Agents, concepts, places and series: what is said of one depends on what names it alone, so each is described once
and kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Triple

from publisher.addresses import DATASET, Addresses
from publisher.mapping import agents, languages, places
from publisher.mapping.decisions import Decisions
from publisher.mapping.description import TYPE, Description
from publisher.mapping.identifiers import issn_of
from publisher.mapping.terms import Context, clean, link, literal, node, slug
from publisher.namespaces import BIBO, DCTERMS, FOAF, SKOS
from publisher.record import AgentKind
from publisher.settings import Settings

KEPT = 50_000  # descriptions of each kind, some 2 kB each: a big catalogue's usual headings, whatever the load
LONGEST_QUALIFIED = 250  # characters: a base may be qualified in turn, and a longer text is no keyword
CLASSES = {
    "person": NamedNode(FOAF.Person),
    "organisation": NamedNode(FOAF.Organization),
    "": NamedNode(FOAF.Agent),
}
PARTS = {
    "series": NamedNode(BIBO.Series),
    "journal": NamedNode(BIBO.Journal),
    "book": NamedNode(BIBO.Book),
    "proceedings": NamedNode(BIBO.Proceedings),
    "": NamedNode(BIBO.Collection),
}
# headings of this list stand for the whole of a subdivided keyword, those of others for its first part, perhaps
WHOLE = tuple(f"{way}://id.{host}.org/fast/" for way in ("http", "https") for host in ("worldcat", "oclc"))


@dataclass(frozen=True, slots=True)
class Thing:
    """What a record names: its IRI, and the descriptions that say what it is: its own last, before it those of the
    things that it names in turn. They are shared, so nobody changes them."""

    iri: NamedNode
    descriptions: tuple[Description, ...]


class Things:
    """The things that the records of one site name."""

    def __init__(self, settings: Settings, context: Context, addresses: Addresses, decisions: Decisions) -> None:
        self.settings, self.context, self.addresses, self.decisions = settings, context, addresses, decisions
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
        self.series = lru_cache(KEPT)(self._series)

    def document(self, kind: str, key: str) -> list[Triple]:
        """What every document says of itself."""
        document = NamedNode(self.addresses.document(kind, key))
        topic = NamedNode(self.addresses.thing(kind, key))
        return [
            Triple(document, TYPE, NamedNode(FOAF.Document)),
            Triple(document, self.context["primary_topic"].property, topic),
            *(Triple(document, predicate, value) for predicate, value in self._of_every_document),
        ]

    def _agent(
        self, heading: str, kind: AgentKind, sure: bool = True, iris: tuple[str, ...] = (), record: str = ""
    ) -> Thing | None:
        """The agent that a heading names, and the bodies above it; None if it has neither letters nor digits. Unless
        the place where it stands makes it `sure`, a form like a person's does not decide what it is. `iris` are those
        that the source gives for it, `record` is the key of the record if a person is told apart by it."""
        name = agents.parse(heading, kind)
        if not sure and name.kind == "person":
            name = agents.AgentName(name.heading, "", name.heading)
        if not name.key:
            return None
        above = self.agent(self.decisions.heading(name.parents[-1]), "organisation") if name.parents else None
        key = slug(f"{heading} {record}") if record and name.kind == "person" else name.key
        making = _Making(self, Description("agent", key, clean(name.name), clean(name.heading), name.kind))
        making.type(CLASSES[name.kind])
        making.say("name", name.name)
        if name.heading != name.name:
            making.say("alternative_labels", name.heading)
        for variant in self.decisions.variants(heading):
            making.say("alternative_labels", variant)
        if name.family_name:
            making.say("family_name", name.family_name)
            making.say("given_name", name.given_name)
        making.match("exact_match", iris)
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

    def _concept(
        self, label: str, language: str = "", iris: tuple[str, ...] = (), lists: tuple[str, ...] = ()
    ) -> Thing | None:
        """A keyword as a concept. "X (P)" and "X--P" are narrower than "X" where P is a place, and concern it; "X--Y"
        is narrower than "X", but "Mercury (Planet)" is no narrower "Mercury". None if it has neither letters nor
        digits. `iris` are those that the source gives for it, `lists` the codes of the lists that it is from."""
        key = slug(label)
        if not key:
            return None
        if not language and languages.may_be_in(label, self.settings.LANGUAGE):
            language = self.settings.LANGUAGE
        making = _Making(self, Description("concept", key, clean(label), clean(label)))
        making.type(NamedNode(SKOS.Concept))
        making.say("preferred_label", label, language=language)
        making.say("in_scheme", NamedNode(self.addresses.keywords))
        for code in lists:
            making.say("source_statement", code)
        base, last, is_division = _narrowed(label)
        for iri in iris:
            making.match("exact_match" if not is_division or iri.startswith(WHOLE) else "close_match", (iri,))
        where = self.place(last) if places.find(last) is not None else None
        wider = self.concept(base, language) if base and (is_division or where is not None) else None
        return making.thing(broader=wider, countries=where if wider is not None else None)

    def _series(self, title: str, kind: str, issn: str, iris: tuple[str, ...] = (), language: str = "") -> Thing | None:
        """The series, journal, book or proceedings of a title; its ISSN, where it is right, tells it from others. None
        if there is neither an ISSN nor a letter or digit in the title."""
        number = issn_of(issn)
        key = number.casefold() or slug(title)
        if not key:
            return None
        name = title if clean(title).strip() else number
        making = _Making(self, Description("series", key, clean(name), clean(name)))
        making.type(PARTS.get(kind, PARTS[""]))
        making.say("title", name, language=language)
        if number:
            making.say("issn", number)
        making.match("exact_match", iris)
        return making.thing()


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

    def match(self, attribute: str, iris: Iterable[str]) -> None:
        """Links to what others say of the same, as far as these are IRIs of the web."""
        for iri in dict.fromkeys(iris):
            other = link(iri)
            if other is not None and not iri.startswith(self.things.addresses.base):
                self.say(attribute, other)

    def thing(self, **named: Thing | None) -> Thing:
        """The thing made, which names others by the attributes given."""
        before: dict[tuple[str, str], Description] = {}
        for attribute, other in named.items():
            if other is not None:
                self.say(attribute, other.iri)
                before.update((description.name, description) for description in other.descriptions)
        self.description.statements += self.things.document(*self.description.name)
        return Thing(self.iri, (*before.values(), self.description))


def _narrowed(label: str) -> tuple[str, str, bool]:
    """The base of a keyword, what narrows it, and whether that is a subdivision: "Base--Division", or else
    "Base (Qualifier)". The base is empty for any other form."""
    if len(label) > LONGEST_QUALIFIED:
        return "", "", False
    base, division, last = label.rpartition("--")
    if division and base.strip(" -") and last.strip():
        return base.strip(" -"), last.strip(), True
    if not label.endswith(")"):
        return "", "", False
    base, bracket, last = label[:-1].rpartition("(")
    return (base.strip(), last.strip(), False) if bracket and base.strip() and ")" not in last else ("", "", False)
