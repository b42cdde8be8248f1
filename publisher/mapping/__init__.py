"""Record -> descriptions: what each described thing's graph says, in the terms of `ontology/context.jsonld`.

The context says which property and datatype an attribute becomes; this module holds what a table cannot say: what is
derived from what, and how things are told apart. Every value is kept as given; what is derived is added to it.
No statement stands in two graphs: a record's graph names its agents, concepts and places and never describes them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral

from publisher import resources
from publisher.addresses import DATASET, Addresses
from publisher.mapping import agents, dates, imprint, places
from publisher.mapping.description import TYPE, Described, Description, digest, lines
from publisher.mapping.terms import Context, clean, fold, literal, node
from publisher.mapping.things import Thing, Things
from publisher.namespaces import BF, BIBO, DCTERMS, EDTF, FOAF, PROV, RDF, SKOS, XSD, namespaces
from publisher.record import Note, Record, Severity, Value
from publisher.settings import Settings

__all__ = ["MAPPED", "Described", "Description", "Mapping", "digest", "lines"]

Subject = NamedNode | BlankNode
Object = NamedNode | BlankNode | RdfLiteral

ONLINE_RESOURCE = NamedNode("http://rdaregistry.info/termList/RDACarrierType/1018")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
EXTENSIONS = {
    "pdf": "application/pdf",
    "htm": "text/html",
    "html": "text/html",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
}
NIL, FIRST, REST = NamedNode(RDF.nil), NamedNode(RDF.first), NamedNode(RDF.rest)
ITEM, SHELF_MARK = NamedNode(BF.Item), NamedNode(BF.ShelfMark)
BIBLIOGRAPHIC_RESOURCE, DOCUMENT = NamedNode(DCTERMS.BibliographicResource), NamedNode(BIBO.Document)
DATATYPES = {
    "gYear": NamedNode(XSD.gYear),
    "gYearMonth": NamedNode(XSD.gYearMonth),
    "date": NamedNode(XSD.date),
    "edtf": NamedNode(EDTF.EDTF),
}
_ACCESSED = re.compile(r"(?i)\b(?:accessed|viewed|retrieved)\b(?: on)?:? *")
_DAY_OF_ACCESS = re.compile(
    r"(?P<date>[A-Za-z0-9,. /-]{6,40}?)(?: at| from|[:;.,]){0,4} *(?P<url>[A-Za-z]+://.*)?", re.DOTALL
)
_GIVEN_BY_THE_SOURCE = {"formats", "source_accessed_at"}  # links of the record's own, which may lead anywhere


# the attributes of a Record that _Describer has words for; what a reader puts into another is kept as a leftover
MAPPED = frozenset(
    (  # noqa: SIM905
        "source shelf_number title creators abstract publication_statement source_statement issued countries uri "
        "subjects withdrawn leftovers notes"
    ).split()
)


def values_of(found: object) -> Iterator[Value]:
    """The values in an attribute of a Record, whatever holds them."""
    for item in found if isinstance(found, tuple) else ():
        if isinstance(item, Value):
            yield item
        else:
            for attribute in fields(item):
                inner = getattr(item, attribute.name)
                if isinstance(inner, Value):
                    yield inner
                elif isinstance(inner, str) and inner:
                    yield Value(inner)


class Mapping:
    """The mapping for one site."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.addresses = Addresses(settings.base)
        self.context = Context(settings.base)
        self.things = Things(settings, self.context, self.addresses)
        known = namespaces()
        self.types = [
            (row["field"], row["word"], NamedNode(known[prefix] + term))
            for row in resources.table("ontology/types.csv")
            for prefix, _, term in (row["class"].partition(":"),)
        ]

    def describe(self, record: Record) -> Described:
        """The descriptions of a record. What could not be understood is kept as given and stands in the notes."""
        return _Describer(self, record).run()

    def mentions(self, description: tuple[str, str], statements: Iterable[Triple]) -> dict[tuple[str, str], str]:
        """The other things that a graph names, each with the attribute that names it first."""
        found: dict[tuple[str, str], str] = {}
        for statement in statements:
            target = statement.object
            if isinstance(target, NamedNode) and target.value.startswith(self.addresses.things):
                name = self.addresses.parse(target.value)
                attribute = self.context.names.get(statement.predicate.value)
                if name is not None and attribute and name != description and attribute not in _GIVEN_BY_THE_SOURCE:
                    found.setdefault(name, attribute)
        return found

    def publication(
        self, description: tuple[str, str], created: str, modified: str, release: int, software: str
    ) -> list[Triple]:
        """What publishing adds to a document: when (UTC, ISO 8601), in which release, and by which software."""
        document = NamedNode(self.addresses.document(*description))
        run = NamedNode(f"{document.value}#import")
        times = {"created": created, "modified": modified, "imported_on": modified}
        return [
            *(
                Triple(document, self.context[name].property, literal(time, self.context[name].datatype))
                for name, time in times.items()
            ),
            Triple(document, self.context["generated_by"].property, run),
            Triple(run, TYPE, NamedNode(PROV.Activity)),
            Triple(run, self.context["label"].property, literal(f"{software}, release {release}")),
        ]

    def dataset(self) -> Description:
        """What the site says of itself: the data set, its concept scheme and its profile."""
        settings, addresses = self.settings, self.addresses
        known = namespaces()
        thing = NamedNode(addresses.thing(*DATASET))
        scheme, profile = NamedNode(addresses.keywords), NamedNode(addresses.profile)
        description = Description(*DATASET, label=settings.TITLE)

        def say(subject: NamedNode, predicate: str, *values: Object | None) -> None:
            prefix, _, term = predicate.partition(":")
            iri = NamedNode(known[prefix] + term)
            description.statements.extend(Triple(subject, iri, value) for value in values if value is not None)

        say(thing, "rdf:type", NamedNode(known["void"] + "Dataset"), NamedNode(known["dcat"] + "Dataset"))
        say(thing, "dcterms:title", literal(settings.TITLE))
        say(thing, "dcterms:license", node(settings.LICENSE))
        say(thing, "foaf:homepage", NamedNode(addresses.iri("/")))
        say(thing, "void:sparqlEndpoint", NamedNode(addresses.sparql))
        say(thing, "void:uriSpace", literal(addresses.things))
        for prefix in ("dcterms", "bibo", "foaf", "skos", "pav", "prov", "org", "rdau", "bf"):
            say(thing, "void:vocabulary", NamedNode(known[prefix]))
        if settings.PUBLISHER_NAME:
            owner = BlankNode("publisher")
            say(thing, "dcterms:publisher", owner)
            description.statements += [
                Triple(owner, TYPE, NamedNode(FOAF.Agent)),
                Triple(owner, NamedNode(FOAF.name), literal(settings.PUBLISHER_NAME)),
            ]
        say(scheme, "rdf:type", NamedNode(SKOS.ConceptScheme))
        say(scheme, "dcterms:title", literal(f"Keywords of {settings.TITLE}"))
        say(profile, "rdf:type", NamedNode(DCTERMS.Standard))
        say(profile, "dcterms:title", literal("Reports described with Dublin Core and BIBO", language="en"))
        say(profile, "foaf:isPrimaryTopicOf", NamedNode(addresses.iri("/shapes")))
        return description


class _Describer:
    """One record on its way through the mapping."""

    def __init__(self, mapping: Mapping, record: Record) -> None:
        self.mapping, self.record = mapping, record
        self.context, self.addresses, self.things = mapping.context, mapping.addresses, mapping.things
        self.notes = list(record.notes)
        self.others: dict[tuple[str, str], Description] = {}
        self.authors: list[Thing] = []
        shelf_number = clean(record.shelf_number[0].text).strip() if record.shelf_number else ""
        # a record without a key is described all the same, so that the validation can say everything at once; it is
        # never published under this one
        self.key = shelf_number or f"no-number-{hashlib.sha256(record.source.text.encode()).hexdigest()[:12]}"
        self.blank = hashlib.sha256(self.key.encode()).hexdigest()[:16]  # the stem of its blank nodes' labels
        title = clean(record.title[0].text).strip() if record.title else ""
        self.resource = Description("resource", self.key, title or self.key)
        self.thing = NamedNode(self.addresses.thing("resource", self.key))
        self.document = NamedNode(self.addresses.document("resource", self.key))

    def run(self) -> Described:
        self._titles()
        self._creators()
        self._values("abstract", self.record.abstract)
        issued = self._imprint()
        self._issued(issued)
        self._countries()
        self._urls()
        self._subjects()
        self._item()
        self._leftovers()
        self._types()
        self._source()
        self.resource.statements += self.things.document("resource", self.key)
        self._say("conforms_to", NamedNode(self.addresses.profile), self.document)
        return Described(self.record, [self.resource, *self.others.values()], self.notes)

    # what is said

    def _say(self, attribute: str, value: str | Object, subject: Subject | None = None) -> None:
        term = self.context[attribute]
        if isinstance(value, str):
            value = literal(value, term.datatype)
        self.resource.statements.append(Triple(subject or self.thing, term.property, value))

    def _values(self, attribute: str, values: Iterable[Value], subject: Subject | None = None) -> None:
        for value in values:
            if clean(value.text).strip():
                self._say(attribute, value.text, subject)
            else:
                self._note(attribute, "Nothing is left of this but characters that cannot be published.", value)

    def _note(self, attribute: str, message: str, value: Value, severity: Severity = "warning") -> None:
        self.notes.append(Note(attribute, message, value.first_line, severity))

    def _name(self, attribute: str, thing: Thing) -> None:
        """Says that the record names a thing, which is described once however often the record names it."""
        self._say(attribute, thing.iri)
        for description in thing.descriptions:
            self.others.setdefault(description.name, description)

    # field by field

    def _titles(self) -> None:
        self._values("title", self.record.title)
        if len(self.record.title) == 1:
            short, colon, rest = self.record.title[0].text.partition(": ")
            if colon and short.strip() and rest.strip():
                self._say("short_title", short.strip())
                self._say("other_title", rest.strip())

    def _creators(self) -> None:
        for agent in self.record.creators:
            heading = agent.heading.text
            headings = agents.split(heading) if not agent.kind else [heading]
            if len(headings) > 1:
                parts = " and ".join(f'"{part}"' for part in headings)
                self._note("creators", f'"{heading}" is read as two authors, {parts}.', agent.heading, "info")
                self._say("creators_as_given", heading)
            for one in headings:
                author = self.things.agent(one, agent.kind)
                if author is None:
                    self._note("creators", f'The author "{one}" has neither letters nor digits.', agent.heading)
                    self._say("leftovers", f"Author: {one}")
                    continue
                if not author.descriptions[-1].agent_kind:
                    self._note(
                        "creators",
                        f'It is not plain whether "{one}" names a person or an organisation; '
                        'write a person as "Family, Given".',
                        agent.heading,
                    )
                if all(author.iri != other.iri for other in self.authors):
                    self.authors.append(author)
                    self._name("creators", author)
        if self.authors:
            self._list("author_list", [author.iri for author in self.authors])

    def _list(self, attribute: str, members: list[NamedNode]) -> None:
        """An RDF collection (RDF 1.1 Semantics D.3) whose nodes are labelled by the record."""
        nodes = [BlankNode(f"r{self.blank}n{position}") for position in range(len(members))]
        ends: list[Subject] = [*nodes[1:], NIL]
        self._say(attribute, nodes[0])
        for current, member, rest in zip(nodes, members, ends, strict=True):
            self.resource.statements.append(Triple(current, FIRST, member))
            self.resource.statements.append(Triple(current, REST, rest))

    def _imprint(self) -> str:
        """Says what the imprint says, and gives its date as written."""
        date = ""
        for statement in self.record.publication_statement:
            self._values("publication_statement", [statement])
            parts = imprint.parse(clean(statement.text))
            for place in dict.fromkeys(parts.places):
                self._say("place_of_publication", place)
            if parts.by_the_author:
                for author in self.authors:
                    self._name("publishers", author)
            for name in dict.fromkeys(parts.publishers):
                publisher = self._publisher(name, statement)
                if publisher is not None:
                    self._name("publishers", publisher)
            if parts.extent:
                self._say("extent", parts.extent)
            if parts.number_of_pages:
                self._say("number_of_pages", str(parts.number_of_pages))
            if parts.rest:
                self._note(
                    "publication_statement",
                    f'"{parts.rest}" in the details was not taken apart; it is kept as given.',
                    statement,
                    "info",
                )
            date = date or parts.date
        return date

    def _publisher(self, name: str, statement: Value) -> Thing | None:
        """The agent that an imprint names. "The Council" is the author that is a council, or nobody for sure; who has a
        name like a person's is an author of the record, or not decided."""
        generic = fold(name) if re.fullmatch(r"[Tt]he \w+", name) else ""
        if generic and agents.has_organisation_word(generic):
            meant = [author for author in self.authors if generic in fold(author.descriptions[-1].heading).split()]
            if len(meant) == 1:
                return meant[0]
            self._note("publication_statement", f'The details do not say which body "{name}" is.', statement, "info")
            return None
        same = next((author for author in self.authors if author.descriptions[-1].heading == name), None)
        if same is not None:
            return same
        looks_like_a_person = agents.parse(name).kind == "person"
        return self.things.agent(name, "", False) if looks_like_a_person else self.things.agent(name, "organisation")

    def _issued(self, imprinted: str) -> None:
        years = {self._date(value.text, value) for value in self.record.issued}
        printed = dates.parse(imprinted) if imprinted else None
        if not self.record.issued and printed is not None and printed.value:
            self._date(imprinted, self.record.publication_statement[0])
        elif printed is not None and printed.year and years and printed.year not in years:
            given = ", ".join(value.text for value in self.record.issued)
            self._note(
                "issued",
                f'The year is given as "{given}", but the details say "{imprinted}"; see which is right.',
                self.record.issued[0],
            )

    def _date(self, text: str, value: Value) -> int | None:
        date = dates.parse(text)
        if date.kind == "unknown":
            self._note("issued", f'The year "{text}" is not understood; it is kept as given.', value)
        elif date.kind == "none":
            self._note("issued", f'The record says that it has no date ("{text}").', value)
            self._say("leftovers", f"Year: {text}")
            return None
        else:
            self._say("issued", RdfLiteral(date.value, datatype=DATATYPES[date.kind]))
        if date.value != text:  # the words themselves stay, whatever was made of them
            self._say("date", text)
        if date.year is not None and date.year > datetime.now(UTC).year + 1:
            self._note("issued", f'The year "{text}" lies in the future.', value)
        return date.year

    def _countries(self) -> None:
        for value in self.record.countries:
            names = places.split(value.text)
            found = [place for place in map(self.things.place, names) if place is not None]
            for name in names:
                if places.find(name) is None:
                    self._unknown_country(name, value)
            for place in found:
                self._name("countries", place)
            if not found:
                self._say("leftovers", f"Country: {value.text}")
            elif [place.descriptions[-1].label for place in found] != [value.text]:
                self._say("coverage", value.text)

    def _unknown_country(self, name: str, value: Value) -> None:
        advice = places.advice(name)
        self._note(
            "countries",
            f'The country "{name}" may be more than one place. {advice}'
            if advice
            else f'The country "{name}" is in no list of ours; it is published under this name, unlinked.',
            value,
        )

    def _urls(self) -> None:
        for value in self.record.uri:
            self._values("uri", [value])
            address = self._link(value.text)
            if address is None:
                continue
            self._say("formats", address)
            extension = urlsplit(value.text).path.rpartition(".")[2].lower()
            if extension in EXTENSIONS:
                self._say("media_type", NamedNode(MEDIA_TYPES + EXTENSIONS[extension]))

    @staticmethod
    def _link(text: str) -> NamedNode | None:
        """The IRI of a web address, or None for what must not become a link (`javascript:`, spaces, brackets …)."""
        try:
            parts = urlsplit(text)
        except ValueError:
            return None
        if parts.scheme.lower() not in ("http", "https", "ftp") or not parts.hostname or re.search(r"[\[\]\s]", text):
            return None
        return node(text)

    def _subjects(self) -> None:
        for value in self.record.subjects:
            concept = self.things.concept(value.text)
            if concept is None:
                self._note("subjects", f'The keyword "{value.text}" has neither letters nor digits.', value)
                self._say("leftovers", f"Keywords: {value.text}")
            else:
                self._name("subjects", concept)

    def _item(self) -> None:
        self._values("shelf_number", self.record.shelf_number)
        if self.record.shelf_number:
            item = NamedNode(self.addresses.thing("resource", self.key, "item"))
            mark = BlankNode(f"m{self.blank}n0")
            self._say("items", item)
            self.resource.statements.append(Triple(item, TYPE, ITEM))
            self._say("shelf_mark", mark, item)
            self.resource.statements.append(Triple(mark, TYPE, SHELF_MARK))
            self._say("value", self.record.shelf_number[0].text, mark)

    def _leftovers(self) -> None:
        """What has no property: kept word for word, with the label it came under."""
        left = [(leftover.label, leftover.value) for leftover in self.record.leftovers]
        for attribute in fields(self.record):
            if attribute.name not in MAPPED:
                found = getattr(self.record, attribute.name)
                left += [(attribute.name, value) for value in values_of(found)]
        for label, value in left:
            self._say("leftovers", f"{label}: {value.text}" if label else value.text)

    def _types(self) -> None:
        """BIBO's class by evidence only: the first rule of `ontology/types.csv` whose word stands in its field."""
        words = {
            name: set(fold(" ".join(value.text for value in getattr(self.record, name))).split())
            for name in ("title", "publication_statement")
        }
        found = next((iri for field, word, iri in self.mapping.types if word in words[field]), DOCUMENT)
        for iri in (found, BIBLIOGRAPHIC_RESOURCE):
            self.resource.statements.append(Triple(self.thing, TYPE, iri))

    def _source(self) -> None:
        for value in self.record.source_statement:
            self._values("source_statement", [value], self.document)
            if value.text.casefold().startswith(("internet resource", "online resource", "electronic resource")):
                self._say("medium", ONLINE_RESOURCE)
            accessed = _ACCESSED.search(value.text)
            match = _DAY_OF_ACCESS.fullmatch(value.text, accessed.end()) if accessed else None
            date = dates.parse(match["date"]) if match else None
            if date is not None and date.kind == "date":
                # PAV: "if the time is unknown, 00:00:00Z"
                self._say("source_accessed_on", f"{date.value}T00:00:00Z", self.document)
                years = [year for year in (dates.parse(issued.text).year for issued in self.record.issued) if year]
                if date.year is not None and years and date.year < min(years):
                    self._note(
                        "source_statement",
                        f"The source was seen in {date.year}, before the year of the record.",
                        value,
                        "info",
                    )
            elif accessed:
                self._note("source_statement", f'No day of access is understood in "{value.text}".', value)
            address = self._link(match["url"].strip().rstrip(".,;")) if match and match["url"] else None
            if address is not None:
                self._say("source_accessed_at", address, self.document)
        self.resource.provenance = list(self._provenance())

    def _provenance(self) -> Iterator[Triple]:
        """Where the record was read. It is no part of the digest: the same record on another page is no change."""
        source = self.record.source
        origin = NamedNode(self.addresses.document("resource", self.key, "txt"))
        lines_read = f"{PurePath(source.file).name}, lines {source.first_line}-{source.last_line}"
        yield Triple(self.document, self.context["imported_from"].property, origin)
        yield Triple(origin, TYPE, NamedNode(PROV.Entity))
        yield Triple(origin, self.context["label"].property, literal(lines_read))
        for attribute, text in (("search_term", source.search_term), ("captured", source.captured)):
            if text:
                yield Triple(origin, self.context[attribute].property, literal(text))
        if source.announced is not None:
            count = RdfLiteral(str(source.announced), datatype=NamedNode(XSD.integer))
            yield Triple(origin, self.context["announced_count"].property, count)
