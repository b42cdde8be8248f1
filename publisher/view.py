"""View: what a description says, by attribute and with the names of the things that it names.

Pages, citations and the formats of other libraries are made of it, whether the description is being published (by what
its record says of the things it names) or read from the catalog (by what the catalog says of them).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from publisher import __version__
from publisher.catalog import Catalog, Entry
from publisher.mapping import Description, Name, lines
from publisher.mapping import Mapping as RecordMapping
from publisher.namespaces import RDF
from publisher.record import Record
from publisher.syntaxes.nodes import Nodes

SOFTWARE = f"publisher {__version__}"


def triples(content: Iterable[str]) -> list[Triple]:
    """Canonical lines as statements."""
    text = "\n".join(content).encode()
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in parse(text, format=RdfFormat.N_TRIPLES)]


def published_lines(mapping: RecordMapping, entry: Entry) -> list[str]:
    """The whole graph of a version as it is published: its content, its provenance, and what publishing added."""
    extra = mapping.publication(entry.name, entry.created, entry.modified, entry.release, entry.software)
    return sorted([*entry.lines, *lines(extra)])


@dataclass(frozen=True, slots=True)
class Said:
    """One value: a literal (`text`, `language`, `datatype`) or an IRI (`iri`). If that names a thing of ours, `name` is
    its (kind, key), `text` its label and `heading` the form in which the catalogue writes it ("Smith, John A.");
    otherwise both are the literal's text or the IRI."""

    text: str
    heading: str
    iri: str = ""
    language: str = ""
    datatype: str = ""
    name: tuple[str, str] | None = None
    agent_kind: str = ""


Values = dict[str, list[Said]]


@dataclass
class View:
    """`thing` has what is said of the thing, `document` what is said of the document about it: attribute of the context
    -> values. Authors stand in their order. A class is a value of "type"; a property that is not in the context (MARC
    relators) goes by its IRI."""

    thing: Values = field(default_factory=dict)
    document: Values = field(default_factory=dict)

    def texts(self, attribute: str) -> list[str]:
        """The labels or texts of the thing's values."""
        return [said.text for said in self.thing.get(attribute, ())]

    def headings(self, attribute: str) -> list[str]:
        """The same, with agents as the catalogue writes them."""
        return [said.heading for said in self.thing.get(attribute, ())]

    def iris(self, attribute: str) -> list[str]:
        return [said.iri for said in self.thing.get(attribute, ()) if said.iri]

    def first(self, attribute: str) -> str:
        """The text of the first value, empty if there is none."""
        return next(iter(self.texts(attribute)), "")


@dataclass
class Version:
    """A description in one version, from which every representation is written. What is costly is made when first
    asked for: `names` are those of the things that it names, `record` is that of a resource. `seen` is when it became
    visible, empty before."""

    mapping: RecordMapping
    kind: str
    key: str
    label: str
    _lines: Callable[[], list[str]]
    _names: Callable[[Sequence[tuple[str, str]]], Mapping[tuple[str, str], Name]]
    _record: Callable[[], Record]
    seen: str = ""

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key

    @cached_property
    def lines(self) -> list[str]:
        """The canonical N-Triples lines of the whole graph, sorted."""
        return self._lines()

    @cached_property
    def triples(self) -> list[Triple]:
        return triples(self.lines)

    @cached_property
    def nodes(self) -> Nodes:
        """The same, by subject, as the writers of syntaxes read it."""
        return Nodes(self.mapping, self.lines)

    @cached_property
    def record(self) -> Record:
        return self._record()

    @cached_property
    def view(self) -> View:
        return self._view()

    def _view(self) -> View:
        addresses, attributes = self.mapping.addresses, self.mapping.context.names
        thing, document = addresses.thing(*self.name), addresses.document(*self.name)
        objects = {statement.object.value for statement in self.triples if isinstance(statement.object, NamedNode)}
        ours = {iri: name for iri in objects if (name := addresses.parse(iri)) is not None and "#" not in iri}
        names = self._names([name for iri, name in ours.items() if iri.startswith(addresses.things)])
        order = author_order(self.triples)
        view = View()
        for statement in sorted(self.triples, key=lambda each: order.get(each.object, 0)):
            subject, predicate = statement.subject, statement.predicate.value
            if isinstance(subject, NamedNode) and subject.value in (thing, document):
                values = view.thing if subject.value == thing else view.document
                attribute = "type" if predicate == RDF.type else attributes.get(predicate, predicate)
                if not isinstance(statement.object, BlankNode):
                    values.setdefault(attribute, []).append(_said(statement.object, ours, names))
        return view


def _said(
    term: NamedNode | BlankNode | Literal | Triple,
    ours: Mapping[str, tuple[str, str]],
    names: Mapping[tuple[str, str], Name],
) -> Said:
    if isinstance(term, Literal):
        return Said(term.value, term.value, language=term.language or "", datatype=term.datatype.value)
    iri = term.value if isinstance(term, NamedNode) else str(term)
    name = ours.get(iri)
    known = names.get(name) if name is not None else None
    if known is None:
        return Said(iri, iri, iri, name=name)
    return Said(known.label, known.heading, iri, name=name, agent_kind=known.agent_kind)


def author_order(statements: Iterable[Triple]) -> dict[object, int]:
    """The place of each author in bibo:authorList, from 1."""
    first, rest = {}, {}
    for statement in statements:
        if statement.predicate.value == RDF.first:
            first[statement.subject] = statement.object
        elif statement.predicate.value == RDF.rest:
            rest[statement.subject] = statement.object
    heads = first.keys() - set(rest.values())
    order: dict[object, int] = {}
    for node in heads:
        current: object = node
        while current in first:
            order.setdefault(first[current], len(order) + 1)  # type: ignore[index]  # it is there
            current = rest.get(current)  # type: ignore[call-overload]
    return order


def of_entry(mapping: RecordMapping, catalog: Catalog, entry: Entry) -> Version:
    """A version that the catalog holds."""
    return Version(
        mapping,
        *entry.name,
        entry.label,
        lambda: published_lines(mapping, entry),
        catalog.names,
        lambda: Record.from_json(entry.data["record"]),
        entry.seen,
    )


def of_description(
    mapping: RecordMapping,
    descriptions: Sequence[Description],
    description: Description,
    record: Record,
    lines: list[str],
) -> Version:
    """One of some descriptions that are being published; the others are those of the things that it names. `lines` are
    its whole graph."""
    return Version(
        mapping,
        *description.name,
        description.label,
        lambda: lines,
        lambda _: {other.name: other.known_by for other in descriptions},
        lambda: record,
    )


def marc_time(time: str) -> str:
    """A time as MARC 005 has it, "20260131093000.0"."""
    return re.sub(r"\D", "", time) + ".0"


def marc_day(time: str) -> str:
    """A day as MARC 008/00-05 has it, "260131"."""
    return re.sub(r"\D", "", time)[2:8]
