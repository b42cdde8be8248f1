"""What the site says of itself: the data set with its counts, dumps and services (VoID, DCAT-AP), the concept scheme of
its keywords and its profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from publisher.addresses import DATASET, Addresses
from publisher.mapping.description import Description, lines
from publisher.mapping.terms import literal, node, slug
from publisher.namespaces import XSD, namespaces, split
from publisher.settings import Settings

_VOCABULARIES = ("dcterms", "dc", "bibo", "foaf", "skos", "pav", "prov", "org", "rdau", "rel", "bf")
_LINKSETS = 30  # the most that are described, the largest ones
Object = NamedNode | BlankNode | Literal


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump as the description tells of it."""

    name: str
    title: str
    media_type: str
    path: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """Links that somebody accepted, all of one file: `who`, `how`, and when (UTC)."""

    name: str
    who: str
    how: str
    when: str
    links: int


@dataclass
class Facts:
    """What is counted of the descriptions, that of the data set included. `links` are by predicate and the site that
    they lead to, `places` the IRIs that records are most often about, `years` those of issue of the first and the last
    record; `examples` are keys of resources."""

    triples: int = 0
    subjects: int = 0
    things: int = 0
    release: int = 0
    issued: str = ""
    classes: dict[str, int] = field(default_factory=dict)
    properties: dict[str, int] = field(default_factory=dict)
    links: dict[tuple[str, str], int] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    years: tuple[str, str] | None = None
    examples: list[str] = field(default_factory=list)
    dumps: Sequence[Dump] = ()
    accepted: Sequence[Accepted] = ()


class _Saying:
    """A description in the making: `say(subject, "prefix:term", value …)`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.addresses = Addresses(settings.base)
        self.namespaces = namespaces()
        self.description = Description(*DATASET, label=settings.TITLE)
        self.thing = NamedNode(self.addresses.thing(*DATASET))

    def term(self, name: str) -> NamedNode:
        prefix, _, term = name.partition(":")
        return NamedNode(self.namespaces[prefix] + term)

    def part(self, fragment: str) -> NamedNode:
        """The IRI of a part of the description; a slug makes it safe."""
        return NamedNode(self.addresses.thing(*DATASET, fragment=fragment))

    def say(self, subject: NamedNode, predicate: str, *values: Object | None) -> None:
        iri = self.term(predicate)
        self.description.statements.extend(Triple(subject, iri, value) for value in values if value is not None)

    def number(self, subject: NamedNode, predicate: str, count: int) -> None:
        self.say(subject, predicate, Literal(str(count), datatype=NamedNode(XSD.integer)))


def describe(settings: Settings, facts: Facts) -> Description:
    """The description of the data set."""
    saying = _Saying(settings)
    for write in (_general, _counts, _accepted, _dumps, _services, _scheme_and_profile):
        write(saying, facts)
    return saying.description


def describe_with_itself(settings: Settings, count: Callable[[list[str]], Facts]) -> Description:
    """The description with its own statements counted, too: `count(lines)` gives the facts with those of some lines."""
    content: list[str] = []
    while True:  # a count may bring a property that was not there before; then once more, and there is nothing new
        description = describe(settings, count(content))
        again = lines(description.statements)
        if len(again) == len(content):
            return description
        content = again


def _general(to: _Saying, facts: Facts) -> None:
    settings, thing = to.settings, to.thing
    to.say(thing, "rdf:type", to.term("void:Dataset"), to.term("dcat:Dataset"))
    to.say(thing, "dcterms:title", literal(settings.TITLE))
    text = settings.DESCRIPTION or (
        "Records of a library catalogue as linked data, described with Dublin Core and BIBO, and with them their "
        "authors, publishers, keywords and places."
    )
    to.say(thing, "dcterms:description", literal(text))
    if settings.LICENSE and (licence := node(settings.LICENSE)) is not None:
        to.say(thing, "dcterms:license", licence)
        to.say(licence, "rdf:type", to.term("dcterms:LicenseDocument"))
    to.say(thing, "foaf:homepage", NamedNode(to.addresses.iri("/")))
    if facts.issued:
        to.say(thing, "dcterms:issued", Literal(facts.issued, datatype=NamedNode(XSD.dateTime)))
        to.say(thing, "owl:versionInfo", literal(str(facts.release)))
    if settings.PUBLISHER_NAME:
        owner = to.part("publisher")
        to.say(thing, "dcterms:publisher", owner)
        to.say(owner, "rdf:type", to.term("foaf:Agent"))
        to.say(owner, "foaf:name", literal(settings.PUBLISHER_NAME))
    contact = to.part("contact")
    to.say(thing, "dcat:contactPoint", contact)
    to.say(contact, "rdf:type", to.term("vcard:Kind"))
    to.say(contact, "vcard:fn", literal(settings.PUBLISHER_NAME or settings.TITLE))
    to.say(contact, "vcard:hasEmail", node(f"mailto:{settings.ADMIN_EMAIL}"))
    for iri in facts.places:
        to.say(thing, "dcterms:spatial", NamedNode(iri))
    if facts.years is not None:
        period = to.part("period")
        to.say(thing, "dcterms:temporal", period)
        to.say(period, "rdf:type", to.term("dcterms:PeriodOfTime"))
        for predicate, year in zip(("dcat:startDate", "dcat:endDate"), facts.years, strict=True):
            to.say(period, predicate, Literal(year, datatype=NamedNode(XSD.gYear)))


def _counts(to: _Saying, facts: Facts) -> None:
    thing = to.thing
    to.say(thing, "void:uriSpace", literal(to.addresses.things))
    to.say(thing, "void:vocabulary", *(NamedNode(to.namespaces[prefix]) for prefix in _VOCABULARIES))
    to.say(thing, "void:feature", *(NamedNode(f"http://www.w3.org/ns/formats/{name}") for name in _FEATURES))
    to.say(thing, "void:exampleResource", *(NamedNode(to.addresses.thing("resource", key)) for key in facts.examples))
    counts = {
        "void:triples": facts.triples,
        "void:entities": facts.things,
        "void:documents": facts.things,
        "void:distinctSubjects": facts.subjects,
        "void:classes": len(facts.classes),
        "void:properties": len(facts.properties),
    }
    for predicate, count in counts.items():
        to.number(thing, predicate, count)
    for iri, count in facts.classes.items():
        part = to.part(f"class-{_short(iri)}")
        to.say(thing, "void:classPartition", part)
        to.say(part, "void:class", NamedNode(iri))
        to.number(part, "void:entities", count)
    for iri, count in facts.properties.items():
        part = to.part(f"property-{_short(iri)}")
        to.say(thing, "void:propertyPartition", part)
        to.say(part, "void:property", NamedNode(iri))
        to.number(part, "void:triples", count)
    largest = sorted(facts.links.items(), key=lambda item: (-item[1], item[0]))[:_LINKSETS]
    for (predicate, target), count in largest:
        part = to.part(f"links-{_short(predicate)}-{slug(target)}")
        to.say(thing, "void:subset", part)
        to.say(part, "rdf:type", to.term("void:Linkset"))
        to.say(part, "void:linkPredicate", NamedNode(predicate))
        to.say(part, "void:subjectsTarget", thing)
        to.say(part, "void:objectsTarget", NamedNode(target))
        to.number(part, "void:triples", count)


def _accepted(to: _Saying, facts: Facts) -> None:
    for linkset in facts.accepted:
        part = to.part(f"accepted-{slug(linkset.name)}")
        to.say(to.thing, "void:subset", part)
        to.say(part, "rdf:type", to.term("void:Linkset"))
        to.say(part, "dcterms:title", literal(linkset.name))
        to.say(part, "dcterms:description", literal(linkset.how))
        to.say(part, "dc:creator", literal(linkset.who))
        to.say(part, "dcterms:created", Literal(linkset.when, datatype=NamedNode(XSD.dateTime)))
        to.say(part, "void:subjectsTarget", to.thing)
        to.number(part, "void:triples", linkset.links)


_FEATURES = ("Turtle", "JSON-LD", "RDF_XML", "N-Triples", "TriG")


def _short(iri: str) -> str:
    """A term as a fragment: "dcterms-title"."""
    return "-".join(split(iri) or ()) or slug(iri)


def _dumps(to: _Saying, facts: Facts) -> None:
    for dump in facts.dumps:
        part, address = to.part(f"dump-{dump.name}"), NamedNode(to.addresses.iri(dump.path))
        to.say(to.thing, "dcat:distribution", part)
        if dump.media_type in _RDF:
            to.say(to.thing, "void:dataDump", address)
        to.say(part, "rdf:type", to.term("dcat:Distribution"))
        to.say(part, "dcterms:title", literal(dump.title))
        to.say(part, "dcat:accessURL", NamedNode(to.addresses.iri("/dump/")))
        to.say(part, "dcat:downloadURL", address)
        media_type, packed = NamedNode(_MEDIA_TYPES + dump.media_type), NamedNode(_MEDIA_TYPES + "application/gzip")
        to.say(part, "dcat:mediaType", media_type)
        to.say(part, "dcat:compressFormat", packed)
        for iri in (media_type, packed):
            to.say(iri, "rdf:type", to.term("dcterms:MediaType"))
        to.say(part, "dcterms:license", node(to.settings.LICENSE) if to.settings.LICENSE else None)


_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_RDF = ("application/n-triples", "application/n-quads", "text/turtle", "application/ld+json")


def _services(to: _Saying, _: Facts) -> None:
    to.say(to.thing, "void:sparqlEndpoint", NamedNode(to.addresses.sparql))
    services = (
        ("sparql", "/sparql", "SPARQL 1.1 Protocol", "https://www.w3.org/TR/sparql11-protocol/"),
        ("oai", "/oai", "OAI-PMH 2.0", "http://www.openarchives.org/OAI/2.0/openarchivesprotocol.htm"),
        ("changes", "/changes", "Entity Metadata Management API 1.0", "https://emm-spec.org/1.0/"),
        ("ldes", "/changes/ldes", "Linked Data Event Streams 1.0", "https://w3id.org/ldes/specification"),
        ("resourcesync", "/.well-known/resourcesync", "ResourceSync 1.1", "http://www.openarchives.org/rs/1.1/"),
        (
            "reconcile",
            "/reconcile",
            "Reconciliation Service API 0.2",
            "https://reconciliation-api.github.io/specs/0.2/",
        ),
    )
    for name, path, title, standard in services:
        service, address = to.part(name), NamedNode(to.addresses.iri(path))
        to.say(service, "rdf:type", to.term("dcat:DataService"))
        to.say(service, "dcterms:title", literal(f"{to.settings.TITLE}: {title}"))
        to.say(service, "dcat:endpointURL", address)
        to.say(service, "dcat:endpointDescription", NamedNode(to.addresses.iri("/openapi.json")))
        to.say(service, "dcterms:conformsTo", NamedNode(standard))
        to.say(NamedNode(standard), "rdf:type", to.term("dcterms:Standard"))
        to.say(NamedNode(standard), "dcterms:title", literal(title))
        to.say(service, "dcat:servesDataset", to.thing)
        to.say(service, "dcterms:license", node(to.settings.LICENSE) if to.settings.LICENSE else None)


def _scheme_and_profile(to: _Saying, _: Facts) -> None:
    scheme, profile = NamedNode(to.addresses.keywords), NamedNode(to.addresses.profile)
    to.say(scheme, "rdf:type", to.term("skos:ConceptScheme"))
    to.say(scheme, "dcterms:title", literal(f"Keywords of {to.settings.TITLE}"))
    to.say(profile, "rdf:type", to.term("dcterms:Standard"))
    to.say(profile, "dcterms:title", literal("Reports described with Dublin Core and BIBO", language="en"))
    to.say(profile, "foaf:isPrimaryTopicOf", NamedNode(to.addresses.iri("/shapes")))
