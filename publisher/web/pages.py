"""What the page of a description shows: its statements in the order and under the names that readers know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from publisher import namespaces, resources
from publisher.addresses import DATASET, document_path, search_path
from publisher.catalog import Catalog, Entry
from publisher.mapping import MEDIA_TYPES, ONLINE_RESOURCE
from publisher.namespaces import FOAF, RDF, RDFS, XSD
from publisher.reports import Kept, of_record
from publisher.search import FIELDS
from publisher.view import published_lines, triples
from publisher.web.languages import N_, day, gettext
from publisher.web.site import Site, here

KINDS = {
    "resource": N_("Record"),
    "agent": N_("Author or publisher"),
    "concept": N_("Keyword"),
    "place": N_("Place"),
    "dataset": N_("About the data"),
    "series": N_("Series, journal or book"),
}
_FIELDS = {"agent": "author", "concept": "keyword", "place": "country"}  # of the search form, for their records
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
_OF_THE_RECORD = {"created", "modified", "imported_on", "generated_by"}  # though a data set is its own record
_INHERENT = {"http://purl.org/dc/terms/BibliographicResource"}  # every resource is one

Values = dict[str, list["Shown"]]
Rows = list[tuple[str, list["Shown"]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """One value on a page; `href`, `language`, `time` (as HTML writes it) and `archived`, the address of an archived
    copy, are empty where it has none."""

    text: str
    href: str = ""
    language: str = ""
    time: str = ""
    archived: str = ""


@dataclass
class Page:
    """`rows` are the fields that the catalogue's readers know, `more` what is derived from them, `record_rows` what
    is said of the record rather than of the thing; each row is a label and its values. `within` searches in the records
    that name the thing, `query` is what the page says in SPARQL."""

    title: str
    kind: str
    rows: Rows = field(default_factory=list)
    more: Rows = field(default_factory=list)
    record_rows: Rows = field(default_factory=list)
    reports: list[Kept] = field(default_factory=list)
    within: str = ""
    query: str = ""
    source: dict[str, Any] = field(default_factory=dict)


def page(site: Site, catalog: Catalog, entry: Entry) -> Page:
    """The page of a description."""
    statements = triples(published_lines(site.mapping, entry))
    values, record = _Reader(site, catalog, entry, statements).values()
    result = Page(entry.label, gettext(KINDS[entry.kind]))
    known = _known_fields(site)
    if entry.kind == "resource":
        values.setdefault("source_statement", []).extend(record.pop("source_statement", ()))
        accessed = [shown.time for shown in record.get("source_accessed_on", ())]
        _link_urls(values, site.settings.ARCHIVE_URL if accessed else "", accessed[0] if accessed else "")
        result.rows = _rows(site, {name: values.pop(name) for name in known if values.get(name)}, known)
        result.more = _rows(site, values)
        result.source = entry.data["record"]["source"]
        result.reports = of_record(catalog.db, entry.key)
    else:
        for name in ("name", "preferred_label", "title"):  # the heading of the page
            if [shown.text for shown in values.get(name, ())] == [entry.label]:
                del values[name]
        for name in _OF_THE_RECORD if entry.name == DATASET else ():
            record[name] = values.pop(name, [])
        if entry.kind != "agent":
            record["type"] = values.pop("type", [])
        result.rows = _rows(site, values)
    if entry.kind in _FIELDS and '"' not in (heading := entry.data["heading"]):
        result.within = search_path(**{_FIELDS[entry.kind]: f'="{heading}"'})
    result.query = _query(site, entry)
    result.record_rows = _rows(site, record)
    return result


def _query(site: Site, entry: Entry) -> str:
    """The graph of a record; of any other thing, the records that name it."""
    if entry.kind in ("resource", "dataset"):
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{site.addresses.document(*entry.name)}> {{ ?s ?p ?o }} }}\n"
    # each record once, in whatever order the engine finds them
    return f"""PREFIX bibo: <{namespaces.namespaces()["bibo"]}>
PREFIX dcterms: <{namespaces.namespaces()["dcterms"]}>
SELECT ?record ?role ?title WHERE {{
  ?record ?role <{site.addresses.thing(*entry.name)}> .
  ?record a dcterms:BibliographicResource ; dcterms:title ?title .
}} LIMIT 1000
"""


class _Reader:
    """Reads the statements of one description as values for people."""

    def __init__(self, site: Site, catalog: Catalog, entry: Entry, statements: list[Triple]) -> None:
        self.site, self.catalog = site, catalog
        self.thing, self.document = site.addresses.thing(*entry.name), site.addresses.document(*entry.name)
        order = _author_order(statements)
        self.statements = sorted(statements, key=lambda statement: order.get(statement.object, 0))
        # what is named in passing: the run that made the record, the file that it was read from, the publisher
        self.labels = {
            statement.subject: statement.object.value
            for statement in statements
            if statement.predicate.value in (RDFS.label, FOAF.name) and isinstance(statement.object, Literal)
        }

    def values(self) -> tuple[Values, Values]:
        """The values of the thing and those of the record about it, by attribute."""
        thing: Values = {}
        record: Values = {}
        for statement in self.statements:
            subject, predicate = statement.subject, statement.predicate.value
            if not isinstance(subject, NamedNode) or getattr(statement.object, "value", "") in _INHERENT:
                continue
            attribute = "type" if predicate == RDF.type else self.site.mapping.context.names.get(predicate, predicate)
            if attribute in _SAID_OTHERWISE or attribute in _COUNTED:
                continue
            if subject.value == self.thing:
                thing.setdefault(attribute, []).append(self._shown(statement))
            elif subject.value.startswith(self.document) and attribute != "type" and self.thing != self.document:
                record.setdefault(attribute, []).append(self._shown(statement))
        return thing, record

    def _shown(self, statement: Triple) -> Shown:
        term, addresses = statement.object, self.site.addresses
        if isinstance(term, Literal):
            if term.datatype.value == XSD.dateTime:
                return Shown(day(term.value), time=term.value)
            return Shown(term.value, language=term.language or "")
        iri = term.value if isinstance(term, NamedNode) else ""
        ours = here("/" + iri.removeprefix(addresses.base)) if iri.startswith(addresses.base) else ""
        if term in self.labels:
            return Shown(self.labels[term], "" if "#" in iri else ours)
        name = addresses.parse(iri)
        if name == DATASET:
            return Shown(self.site.settings.TITLE, here(document_path(*DATASET)))
        if name is not None and (label := self._label(name)):
            return Shown(label, here(document_path(*name)))
        if iri == addresses.keywords:
            return Shown(gettext("Keywords of %s") % self.site.settings.TITLE, ours)
        if ours:
            return Shown(iri, ours)
        return Shown(gettext(external_label(iri)), iri if iri.startswith(("http://", "https://", "ftp://")) else "")

    def _label(self, name: tuple[str, str]) -> str:
        """What readers know a thing by: an agent by its heading, "Smith, John"."""
        known = self.catalog.names([name]).get(name)
        return known.heading if known is not None else ""


def _known_fields(site: Site) -> list[str]:
    """The attributes of the catalogue's own fields, in its order."""
    attributes = {label: attribute for attribute, label in reversed(site.labels.items())}
    return [attributes[label] for label in FIELDS.values()]


def _link_urls(values: Values, archive: str, accessed: str) -> None:
    """A URL becomes a link if the mapping found it fit for one; then that link is no news. Beside it stands where an
    archive would have it as it was when the source was seen: many of these addresses are dead."""
    links = {shown.href for shown in values.get("formats", ())}
    urls = values.get("uri", [])
    archive = archive.replace("{date}", accessed[:10].replace("-", ""))
    values["uri"] = [
        Shown(shown.text, shown.text, archived=archive.replace("{url}", shown.text))
        if shown.text in links
        else Shown(shown.text)
        for shown in urls
    ]
    if links <= {shown.href for shown in values["uri"]}:
        values.pop("formats", None)


def _author_order(statements: Iterable[Triple]) -> dict[object, int]:
    """The place of each author in bibo:authorList, whose nodes are labelled in their order."""
    first = [
        statement
        for statement in statements
        if statement.predicate.value == RDF.first and isinstance(statement.subject, BlankNode)
    ]
    first.sort(key=lambda statement: int(str(statement.subject).rpartition("n")[2]))
    return {statement.object: position for position, statement in enumerate(first)}


def _rows(site: Site, values: Values, order: Iterable[str] = ()) -> Rows:
    positions = {attribute: position for position, attribute in enumerate(order or site.labels)}
    names = sorted((name for name in values if values[name]), key=lambda name: positions.get(name, len(positions)))
    return [(gettext(site.labels.get(name) or _capitalised(external_label(name))), values[name]) for name in names]


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _vocabularies() -> dict[str, str]:
    return {row["namespace"]: row["title"] for row in resources.table("ontology/vocabularies/index.csv")}


def external_label(iri: str) -> str:
    """The name of something of others, from our own copies of their vocabularies; the IRI where there is none."""
    if iri == ONLINE_RESOURCE.value:
        return N_("online resource")
    if iri.startswith(MEDIA_TYPES):
        return iri.removeprefix(MEDIA_TYPES)
    parts = namespaces.split(iri)
    if parts:
        return namespaces.terms(parts[0])[parts[1]] or parts[1]
    return _vocabularies().get(iri, iri)
