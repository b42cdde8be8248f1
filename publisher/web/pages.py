"""What the page of a description shows: its card in the order, under the names and in the language of its readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from publisher import namespaces, resources
from publisher.addresses import DATASET, document_path, search_path
from publisher.card import Card, Value, Values, external_label
from publisher.search import FIELDS
from publisher.web.archive import accessed, copy
from publisher.web.languages import N_, day, gettext, of_content, translated
from publisher.web.languages import language as spoken
from publisher.web.site import Site

KINDS = {
    "resource": N_("Record"),
    "agent": N_("Author or publisher"),
    "concept": N_("Keyword"),
    "place": N_("Place"),
    "dataset": N_("About the data"),
    "series": N_("Series, journal or book"),
}
# what others call the things that have pages here, and what is said of the data set, for the translators
_TERMS = (
    N_("Agent"),
    N_("Organization"),
    N_("Person"),
    N_("Concept"),
    N_("Location"),
    N_("Series"),
    N_("Collection"),
    N_("Classes"),
    N_("Distinct subjects"),
    N_("Number of documents"),
    N_("Number of entities"),
    N_("Number of properties"),
    N_("Number of triples"),
    N_("Example resource of dataset"),
    N_("Has a SPARQL endpoint at"),
    N_("URI space"),
    N_("Vocabulary"),
    N_("VersionInfo"),
    N_("Homepage"),
)
_FIELDS = {"agent": "author", "concept": "keyword", "place": "country"}  # of the search form, for their records
_OF_THE_RECORD = {"created", "modified", "imported_on", "generated_by"}  # though a data set is its own record
_DATASET, _KEYWORDS = document_path(*DATASET), "/keywords"
_LABELS = (N_("online resource"),)  # of what is elsewhere, for the translators; all others are in tables

Reach = Callable[[str], str]  # a path of the site -> a reference from the page that is made
# one value on a page: its text; where it leads, its language, its time (as HTML writes it) and the address of an
# archived copy, each empty where it has none
Shown = tuple[str, str, str, str, str]
Rows = list[tuple[str, list[Shown]]]


@dataclass
class Page:
    """`rows` are the fields that the catalogue's readers know, `more` what is derived from them, `record_rows` what
    is said of the record rather than of the thing; each row is a label and its values. `texts` are the addresses of
    the work itself, which readers want most and would have to look for below a long summary."""

    rows: Rows = field(default_factory=list)
    more: Rows = field(default_factory=list)
    record_rows: Rows = field(default_factory=list)
    texts: list[Shown] = field(default_factory=list)


def page(site: Site, kind: str, card: Card, reach: Reach) -> Page:
    """The page of a description, in the language that is spoken."""
    thing, record = dict(card.thing), dict(card.record)
    of_thing, of_record = _Shower(site, reach, of_content(site.settings.LANGUAGE)), _Shower(site, reach, "")
    if kind == "resource":
        if "source_statement" in record:
            thing["source_statement"] = thing.get("source_statement", []) + record.pop("source_statement")
        urls = thing.get("uri", ())
        linked = {href for _, href, _, _ in thing.get("formats", ())}
        if linked <= {text for text, *_ in urls}:
            thing.pop("formats", None)
        known = {name: of_thing.values(thing.pop(name)) for name in _known_fields() if name in thing}
        if urls:
            seen = accessed(card)
            known["uri"] = [_url(site, text, seen) if text in linked else (text, "", "", "", "") for text, *_ in urls]
        rows = [(label(name, of_thing.spoken), known[name]) for name in known]
        texts = [shown for shown in known.get("uri", ()) if shown[1]]
        return Page(rows, of_thing.rows(thing), of_record.rows(record), texts)
    for name in ("name", "preferred_label", "title"):  # the heading of the page
        if [text for text, *_ in thing.get(name, ())] == [card.title]:
            del thing[name]
    for name in _OF_THE_RECORD if kind == DATASET[0] else ():
        record[name] = thing.pop(name, [])
    if kind != "agent":
        record["type"] = thing.pop("type", [])
    return Page(of_thing.rows(thing), [], of_record.rows(record))


class _Shower:
    """Shows the values of one card; `language` is the `lang` of texts of the catalogue on this page."""

    def __init__(self, site: Site, reach: Reach, language: str) -> None:
        self.title = site.settings.TITLE
        self.reach = reach
        self.language = language
        self.spoken = spoken()

    def rows(self, values: Values) -> Rows:
        """The attributes that have a value, in the order of the catalogue's fields."""
        places = _places()
        names = sorted((name for name in values if values[name]), key=lambda name: places.get(name, len(places)))
        return [(label(name, self.spoken), self.values(values[name])) for name in names]

    def values(self, values: Iterable[Value]) -> list[Shown]:
        return [self._shown(*value) for value in values]

    def _shown(self, text: str, href: str, language: str, time: str) -> Shown:
        if time:
            return day(time), "", "", time, ""
        if not href:
            return text, "", of_content(language) if language else self.language, "", ""
        if href[0] != "/":
            text, language = named(text, href, self.spoken)
            return text, href, of_content(language), "", ""
        if href == _DATASET:
            text = self.title
        elif href == _KEYWORDS:
            text = gettext("Keywords of %s") % self.title
        return text, self.reach(href), self.language, "", ""


def named(text: str, href: str, language: str) -> tuple[str, str]:
    """The name of something elsewhere in a language, and the language that it is in: English where it is not
    translated, none where it is an address."""
    name = translated(text, language)
    return name, "" if name == href else language if name != text else "en"


def name_of_term(site: Site, iri: str) -> tuple[str, str]:
    """The name of a class or property, and its language: that of the field that it is, else of its vocabulary."""
    attribute = site.mapping.context.names.get(iri, "")
    if known := _labels().get(attribute):
        return translated(known, spoken()), spoken()
    return named(external_label(iri), iri, spoken())


def _url(site: Site, text: str, accessed: str) -> Shown:
    """A URL that the mapping found fit for a link. Beside it stands where an archive would have it: many of these
    addresses are dead."""
    return text, text, "", "", copy(site.settings, text, accessed)


def within(name: tuple[str, str], heading: str) -> str:
    """The path of a search in the records that name a thing; empty where none can be asked for."""
    return search_path(**{_FIELDS[name[0]]: f'="{heading}"'}) if name[0] in _FIELDS and '"' not in heading else ""


def query(site: Site, name: tuple[str, str]) -> str:
    """What a page says, in SPARQL: the graph of a record; of any other thing, the records that name it."""
    if name[0] in ("resource", "dataset"):
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{site.addresses.document(*name)}> {{ ?s ?p ?o }} }}\n"
    # each record once, in whatever order the engine finds them
    return f"""PREFIX bibo: <{namespaces.namespaces()["bibo"]}>
PREFIX dcterms: <{namespaces.namespaces()["dcterms"]}>
SELECT ?record ?role ?title WHERE {{
  ?record ?role <{site.addresses.thing(*name)}> .
  ?record a dcterms:BibliographicResource ; dcterms:title ?title .
}} LIMIT 1000
"""


@cache
def _labels() -> dict[str, str]:
    """Attribute -> label, in the order of the catalogue's fields."""
    return {row["attribute"]: row["label"] for row in resources.table("ontology/fields.csv")}


@cache
def _places() -> dict[str, int]:
    return {attribute: place for place, attribute in enumerate(_labels())}


@cache
def _known_fields() -> list[str]:
    """The attributes of the catalogue's own fields, in its order."""
    attributes = {label: attribute for attribute, label in reversed(_labels().items())}
    return [attributes[label] for label in FIELDS.values()]


@lru_cache(10_000)
def label(attribute: str, language: str) -> str:
    """What readers call an attribute in a language; a property that is none goes by its own name."""
    known = _labels().get(attribute) or external_label(attribute)
    return translated(known[:1].upper() + known[1:], language)
