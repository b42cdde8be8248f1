"""What of a record is searched, counted and put in order: the fields of the form and the index that holds them."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import tantivy

from publisher import namespaces
from publisher.errors import CatalogError
from publisher.mapping import dates, places
from publisher.mapping.classes import classes
from publisher.mapping.terms import clean, fold
from publisher.record import Record

# the fields of the form, in its order, with the labels that the catalogue's readers know; each is searched by itself,
# `q` searches them all
FIELDS = {
    "author": "Author",
    "title": "Title",
    "summary": "Summary",
    "details": "Details",
    "source": "Source",
    "year": "Year",
    "country": "Country",
    "url": "URL",
    "shelf_number": "Shelf Number",
    "keyword": "Keywords",
}
# what results can be narrowed by; the type has no field in the form
FACETS = {"type": "Type", "year": "Year", "country": "Country", "keyword": "Keywords", "author": "Author"}
SEARCHED = (*FIELDS, "type", "q")
_YEAR = 2**32  # a year and an id make one number, so that no two records have the same place in the order of years
_NO_YEAR = 2**20  # of a record without one, which comes last whatever the order
_RANKED = 7  # bytes of a title's place that a number holds


def facet_field(name: str) -> str:
    return f"{name}_facet"


def schema() -> Any:
    """Nothing but the key is stored: what a result shows is in the catalog."""
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("sequence", fast=True)
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    for name in SEARCHED:
        builder.add_text_field(name, tokenizer_name="folded")
    for name in FACETS:
        builder.add_text_field(facet_field(name), tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_integer_field("newest", fast=True)
    builder.add_integer_field("oldest", fast=True)
    builder.add_text_field("title_place", tokenizer_name="raw", fast=True, index_option="basic")
    builder.add_unsigned_field("title_rank", fast=True)
    return builder.build()


def analyzer() -> Any:
    """Words are runs of letters and digits; accents and case do not count."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


def normal(text: str) -> str:
    """The text in the form that is indexed and asked for: an accent is part of its letter (Unicode NFKC)."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def open_index(path: Path, *, create: bool = False) -> Any:
    if create:
        path.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(schema(), path=str(path), reuse=True)
    else:
        try:
            index = tantivy.Index.open(str(path))
        except ValueError as error:
            raise CatalogError(f"{path}: the search index cannot be opened ({error}).") from None
    index.register_tokenizer("folded", analyzer())
    return index


def values(record: Record) -> dict[str, list[str]]:
    """The values of a record under the names of the search form; what a source gives apart stands together there."""

    def texts(attribute: str) -> list[str]:
        return [value.text for value in getattr(record, attribute)]

    return {
        "author": [agent.heading.text for agent in record.creators],
        "title": texts("title"),
        "summary": texts("abstract"),
        "details": texts("publication_statement")
        or [*texts("place_of_publication"), *(agent.heading.text for agent in record.publishers), *texts("extent")],
        "source": texts("source_statement"),
        "year": texts("issued"),
        "country": texts("countries"),
        "url": texts("uri"),
        "shelf_number": texts("shelf_number") or texts("record_number"),
        "keyword": texts("subjects"),
    }


def year(record: Record) -> int | None:
    """The first year that the record gives."""
    return next((found for text in values(record)["year"] if (found := dates.parse(text).year) is not None), None)


def facets(record: Record) -> dict[str, list[str]]:
    """What a record counts under, by facet: its class as the vocabulary calls it, its year as a number, its places as
    our table calls them, and its keywords and authors as they are written."""
    found = values(record)
    known = [(name, places.find(name)) for text in found["country"] for name in places.split(text)]
    dated = year(record)
    return {
        "type": [_class_label(classes(record)[0].value)],
        "year": [str(dated)] if dated is not None else [],
        "country": list(dict.fromkeys(place.label if place is not None else clean(text) for text, place in known)),
        "keyword": list(dict.fromkeys(map(clean, found["keyword"]))),
        "author": list(dict.fromkeys(map(clean, found["author"]))),
    }


@cache
def _class_label(iri: str) -> str:
    prefix, term = namespaces.split(iri) or ("", iri)
    return (namespaces.terms(prefix)[term] or term) if prefix else iri


def order(thing: int, record: Record) -> dict[str, int | str]:
    """The places of a record in the orders of results, each one its own."""
    dated = year(record)
    place = title_place(thing, next(iter(values(record)["title"]), ""))
    return {
        "newest": (-_NO_YEAR if dated is None else dated) * _YEAR + thing,
        "oldest": (_NO_YEAR if dated is None else dated) * _YEAR + thing,
        "title_place": place,
        "title_rank": title_rank(place),
    }


def title_place(thing: int, title: str) -> str:
    return f"{fold(title)[:60]}\t{thing:08x}"  # a tab comes before all that is in a folded title


def title_rank(place: str) -> int:
    """The beginning of a title's place as a number, since the engine takes no range of texts."""
    return int.from_bytes(place.encode()[:_RANKED].ljust(_RANKED, b"\0"), "big")


def years(first: int, last: int) -> tuple[int, int]:
    """The range of `newest` that holds the records of some years."""
    return first * _YEAR, (last + 1) * _YEAR - 1
