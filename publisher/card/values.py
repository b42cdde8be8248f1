"""The values that the page of a description shows, in the catalogue's own words, with the headings of what it names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from publisher import namespaces, resources
from publisher.addresses import document_path
from publisher.mapping import MEDIA_TYPES, ONLINE_RESOURCE
from publisher.namespaces import FOAF, RDF, RDFS, XSD
from publisher.syntaxes.nodes import Nodes, literal
from publisher.view import Said, Version

_SAID_OTHERWISE = {"author_list", "items", "shelf_mark", "value", "primary_topic", "label"}
# of the data set: shown as tables, or an address that the page leads to anyhow
_COUNTED = {
    namespaces.namespaces()[prefix] + term
    for prefix, terms in (
        ("void", ("classPartition", "propertyPartition", "subset", "feature")),
        ("dcat", ("distribution", "contactPoint")),
        ("dcterms", ("temporal",)),
    )
    for term in terms
}
_LEFT_OUT = _SAID_OTHERWISE | _COUNTED
_INHERENT = {"http://purl.org/dc/terms/BibliographicResource"}  # every resource is one
_NAMES = (f"<{RDFS.label}>", f"<{FOAF.name}>")
_TYPE = f"<{RDF.type}>"
_DATE_TIME = XSD.dateTime


# One value: its text; where it leads, a path below BASE_URL or an address elsewhere, of which the text is the label in
# English (or itself); its language; and its time as the graph has it, if it is one that is written as readers do.
Value = tuple[str, str, str, str]
Values = dict[str, list[Value]]


class Shown:
    """What is shown of one description, by attribute; a property that has none goes by its IRI."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.addresses = version.mapping.addresses
        self.nodes: Nodes = version.nodes
        self.document = self.addresses.document(*version.name)

    def of_the_thing(self) -> Values:
        return {
            attribute: values
            for attribute, said in self.version.view.thing.items()
            if attribute not in _LEFT_OUT and (values := self._values(said))
        }

    def of_the_record(self) -> Values:
        """Also what the graph says of the run that made the record and of the file that it was read from."""
        if self.addresses.thing(*self.version.name) == self.document:
            return {}
        found = {
            attribute: self._values(said)
            for attribute, said in self.version.view.document.items()
            if attribute not in _LEFT_OUT and attribute != "type"
        }
        names = self.version.mapping.context.names
        for subject, properties in self.nodes.properties.items():
            if subject.startswith(f"<{self.document}") and subject != f"<{self.document}>":
                for predicate, texts in properties.items():
                    attribute = names.get(predicate[1:-1], predicate[1:-1])
                    if attribute not in _LEFT_OUT and predicate != _TYPE:
                        found.setdefault(attribute, []).extend(self._values(map(_said, texts)))
        return found

    def _values(self, values: Iterable[Said]) -> list[Value]:
        return [self._value(said) for said in values if said.iri not in _INHERENT]

    def _value(self, said: Said) -> Value:
        iri = said.iri
        if not iri:
            if said.datatype == _DATE_TIME:
                return said.text, "", "", said.text
            return said.text, "", said.language, ""
        ours = "/" + iri.removeprefix(self.addresses.base) if iri.startswith(self.addresses.base) else ""
        if label := self._label(iri):
            return label, "" if "#" in iri else ours, "", ""
        if not ours:
            web = iri.startswith(("http://", "https://", "ftp://"))
            return (external_label(iri), iri, "", "") if web else (iri, "", "", "")
        if said.name and said.heading != iri:
            return said.heading, document_path(*said.name), "", ""
        return iri, ours, "", ""

    def _label(self, iri: str) -> str:
        """What is named in passing: the run that made the record, the file that it was read from, the publisher."""
        properties = self.nodes.properties.get(f"<{iri}>", {})
        return next((literal(value)[0] for name in _NAMES for value in properties.get(name, ())), "")


def _said(text: str) -> Said:
    """A term in N-Triples form as a value."""
    if text[0] != '"':
        return Said(text[1:-1], text[1:-1], text[1:-1])
    found, language, datatype = literal(text)
    return Said(found, found, language=language, datatype=datatype)


@cache
def _vocabularies() -> dict[str, str]:
    return {row["namespace"]: row["title"] for row in resources.table("ontology/vocabularies/index.csv")}


@lru_cache(10_000)
def external_label(iri: str) -> str:
    """The name of something of others, from our own copies of their vocabularies; the IRI where there is none."""
    if iri == ONLINE_RESOURCE.value:
        return "online resource"
    if iri.startswith(MEDIA_TYPES):
        return iri.removeprefix(MEDIA_TYPES)
    parts = namespaces.split(iri)
    if parts:
        return namespaces.terms(parts[0])[parts[1]] or parts[1]
    return _vocabularies().get(iri, iri)
