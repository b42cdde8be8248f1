"""The description of one record in the making: how a field says something, names a thing, or notes a doubt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral

from publisher.mapping import languages
from publisher.mapping.description import Description, Origin
from publisher.mapping.fields.keys import key_of, number_of
from publisher.mapping.fields.placeholders import without_placeholders
from publisher.mapping.terms import clean, link, literal, slug
from publisher.mapping.things import Thing, Things
from publisher.record import AgentKind, Note, Record, Severity, Value

Subject = NamedNode | BlankNode
Object = NamedNode | BlankNode | RdfLiteral

LABELS = {
    "creators": "Author",
    "contributors": "Contributor",
    "publishers": "Publisher",
    "degree_grantors": "Degree from",
    "is_part_of": "Published in",
    "countries": "Country",
    "subjects": "Keywords",
}


class Draft:
    """What is said of a record so far. `explain` keeps which field and value each statement came from."""

    def __init__(self, things: Things, record: Record, *, explain: bool = False) -> None:
        record = without_placeholders(record)
        self.record, self.things = record, things
        self.context, self.addresses = things.context, things.addresses
        self.notes = list(record.notes)
        self.others: dict[tuple[str, str], Description] = {}
        self.named: set[tuple[str, str]] = set()
        self.authors: list[Thing] = []
        self.number = number_of(record)
        self.key = key_of(record, self.number, things.settings.COLLECTION)
        self.blank = hashlib.sha256(self.key.encode()).hexdigest()[:16]  # the stem of its blank nodes' labels
        self.told_apart_by = self.key if things.settings.PERSON_IDENTITY == "record" else ""
        self.established = self._established()
        title = clean(record.title[0].text).strip() if record.title else ""
        self.resource = Description("resource", self.key, title or self.key)
        self.thing = NamedNode(self.addresses.thing("resource", self.key))
        self.document = NamedNode(self.addresses.document("resource", self.key))
        self.origin = Origin("")
        self.origins: dict[Triple, Origin] | None = {} if explain else None

    def _established(self) -> dict[str, tuple[AgentKind, tuple[str, ...]]]:
        """Kind and IRIs of the names for which the record gives any, wherever it names them; by key."""
        found: dict[str, tuple[AgentKind, tuple[str, ...]]] = {}
        record = self.record
        for group in (record.creators, record.contributors, record.publishers, record.degree_grantors):
            for agent in group:
                if agent.kind or agent.heading.iris:
                    key = slug(agent.heading.text)
                    kind, iris = found.get(key, (agent.kind, ()))
                    found[key] = kind or agent.kind, tuple(dict.fromkeys((*iris, *agent.heading.iris)))
        return found

    def read(self, attribute: str, value: Value | None = None) -> None:
        """Tells which field, and which value of it, the statements that follow come from."""
        if self.origins is not None:
            self.origin = Origin(attribute, value)

    def add(self, statement: Triple) -> None:
        self.resource.statements.append(statement)
        if self.origins is not None:
            self.origins.setdefault(statement, self.origin)

    def say(self, attribute: str, value: str | Object, subject: Subject | None = None, language: str = "") -> None:
        term = self.context[attribute]
        said = literal(value, term.datatype, language) if isinstance(value, str) else value
        self.add(Triple(self.thing if subject is None else subject, term.property, said))

    def say_values(
        self, attribute: str, values: Iterable[Value], subject: Subject | None = None, field: str = ""
    ) -> None:
        """Says values as they are given; `field` is the attribute of the record that they stand in, if another."""
        for value in values:
            self.read(field or attribute, value)
            if clean(value.text).strip():
                self.say(attribute, value.text, subject, self.tag(value))
                for iri in value.iris:  # what names the value elsewhere
                    self.link("see_also", iri)
            else:
                self.note(attribute, "Nothing is left of this but characters that cannot be published.", value)

    def tag(self, value: Value) -> str:
        """The language tag of a value; what the source gives instead of one stays."""
        if not value.language:
            return ""
        tag = languages.tag(value.language)
        if not tag:
            self.say("leftovers", f'Language of "{value.text[:60]}": {value.language}')
        return tag

    def link(self, attribute: str, iri: str) -> None:
        """Says an IRI that the source gives; one that is no web address stays a text."""
        target = link(iri)
        if target is not None:
            self.say(attribute, target)
        else:
            self.say("leftovers", f"IRI: {iri}")

    def note(self, attribute: str, message: str, value: Value, severity: Severity = "warning") -> None:
        self.notes.append(Note(attribute, message, value.first_line, severity))

    def name(self, attribute: str, thing: Thing) -> None:
        """Says that the record names a thing, which is described once however often the record names it."""
        self.say(attribute, thing.iri)
        *along, own = thing.descriptions
        if self.origins is not None:
            for description in thing.descriptions:
                document = NamedNode(self.addresses.document(*description.name))
                for statement in description.statements:
                    self.origins.setdefault(statement, Origin("") if statement.subject == document else self.origin)
        for description in along:
            self.others.setdefault(description.name, description)
        known = self.others.get(own.name)
        if known is None or own.name not in self.named:  # what came along says less than what the record names itself
            self.others[own.name] = own
            self.named.add(own.name)
        elif known.heading != own.heading:  # one name in two spellings
            self.say("leftovers", f"{LABELS.get(attribute, attribute)}: {own.heading}")

    def agent(self, heading: str, kind: AgentKind = "", sure: bool = True) -> Thing | None:
        """The agent that a heading names, as what the record says of it elsewhere."""
        iris: tuple[str, ...] = ()
        if self.established:
            known, iris = self.established.get(slug(heading), (kind, iris))
            kind = known or kind
        heading = self.things.decisions.heading(heading, self.key)
        return self.things.agent(heading, kind, sure, iris, self.told_apart_by)
