"""What a record says in words of its own: titles, texts, languages, rights, addresses, types, and what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Triple

from publisher.mapping import classes, languages
from publisher.mapping.description import TYPE
from publisher.mapping.fields.draft import Draft
from publisher.mapping.terms import clean, link
from publisher.namespaces import DCTERMS
from publisher.record import Record, Value

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
EXTENSIONS = {
    "pdf": "application/pdf",
    "htm": "text/html",
    "html": "text/html",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
    "csv": "text/csv",
    "json": "application/json",
    "xml": "application/xml",
    "zip": "application/zip",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "epub": "application/epub+zip",
}
BIBLIOGRAPHIC_RESOURCE = NamedNode(DCTERMS.BibliographicResource)
LICENSES = re.compile(r"https?://(?:creativecommons\.org/(?:licenses|publicdomain)|opendatacommons\.org/licenses)/")

# the attributes of a Record that the mapping has words for; what a reader puts into another is kept as a leftover
MAPPED = frozenset(
    (  # noqa: SIM905
        "source shelf_number record_number former_numbers types title alternative creators contributors abstract "
        "table_of_contents description edition publication_statement place_of_publication publishers issued extent "
        "is_part_of degree degree_grantors languages identifiers source_statement countries temporal uri subjects "
        "rights withdrawn leftovers notes"
    ).split()
)
_UNMAPPED = [attribute.name for attribute in fields(Record) if attribute.name not in MAPPED]


def titles(draft: Draft) -> None:
    record = draft.record
    draft.say_values("title", record.title)
    if len(record.title) == 1:
        title = record.title[0]
        short, colon, rest = title.text.partition(": ")
        if colon and short.strip() and rest.strip():
            language = draft.tag(title)
            draft.say("short_title", short.strip(), language=language)
            draft.say("other_title", rest.strip(), language=language)
    draft.say_values("alternative", record.alternative)


def texts(draft: Draft) -> None:
    """Summary, contents, description, edition and period."""
    for attribute in ("abstract", "table_of_contents", "description", "edition"):
        draft.say_values(attribute, getattr(draft.record, attribute))
    draft.say_values("coverage", draft.record.temporal, field="temporal")


def languages_of_the_work(draft: Draft) -> None:
    said = set()
    for value in draft.record.languages:
        draft.read("languages", value)
        found = languages.find(value.text)
        if found and found not in said:
            said.add(found)
            draft.say("languages", NamedNode(found))
        elif not found and clean(value.text).strip():
            draft.note("languages", f'The language "{value.text}" is in no list of ours; it is kept as text.', value)
        if not found.endswith(f"/{value.text}"):  # the words themselves stay
            draft.say_values("languages_as_given", [value], field="languages")


def rights(draft: Draft) -> None:
    for value in draft.record.rights:
        draft.read("rights", value)
        if clean(value.text).strip():
            draft.say("rights", value.text, None, draft.tag(value))
        for iri in value.iris:
            draft.link("license" if LICENSES.match(iri) else "rights_links", iri)


def addresses(draft: Draft) -> None:
    for value in draft.record.uri:
        draft.say_values("uri", [value])
        if value is draft.number:
            draft.say("shelf_number", value.text)
        address = link(value.text.replace("&amp;", "&"))
        if address is None:
            continue
        if address.value != value.text:
            draft.note("uri", 'The URL has "&amp;", as HTML writes it, where the link has "&".', value, "info")
        draft.say("formats", address)
        extension = urlsplit(value.text).path.rpartition(".")[2].lower()
        if extension in EXTENSIONS:
            draft.say("media_type", NamedNode(MEDIA_TYPES + EXTENSIONS[extension]))


def leftovers(draft: Draft) -> None:
    """What has no property: kept word for word, with the label it came under."""
    left = [(leftover.label, leftover.value) for leftover in draft.record.leftovers]
    for name in _UNMAPPED:
        left += [(name, value) for value in values_of(getattr(draft.record, name))]
    for label, value in left:
        draft.read("leftovers", value)
        draft.say("leftovers", f"{label}: {value.text}" if label else value.text)


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


def types(draft: Draft) -> None:
    """The class by evidence, and the source's own words for the type, with the list that they are from."""
    draft.read(*(("types", draft.record.types[0]) if draft.record.types else ("type",)))
    for iri in (*classes.classes(draft.record), BIBLIOGRAPHIC_RESOURCE):
        draft.add(Triple(draft.thing, TYPE, iri))
    for value in draft.record.types:
        draft.read("types", value)
        if clean(value.text).strip():
            language = draft.tag(value)
            text = f"{value.scheme}: {value.text}" if value.scheme else value.text
            draft.say("types", text, language=language)
        for given in value.iris:
            draft.link("type_links", given)
