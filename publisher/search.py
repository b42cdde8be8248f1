"""Full-text search: one tantivy index a release, with a field for each field of the search form.

What a reader types is taken apart here and never handed to a query parser: "a phrase", ="the whole value", prefix*, and
words that must all be there; anything else is a character like others. Accents and case do not count.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from publisher.errors import CatalogError
from publisher.mapping import dates
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
FACETS = ("year", "country", "keyword", "author")
_FACET_SUFFIX = "_facet"
_HEAP = 64_000_000  # bytes for the writer; less makes more segments, more gains little
_WORDS = re.compile(r'(=?)"([^"]*)"|(\S+)')
MOST = 10_000  # results that one can page through: the engine keeps all that come before a page


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("sequence", stored=True, indexed=True, fast=True)
    builder.add_text_field("key", stored=True, tokenizer_name="raw")
    for name in (*FIELDS, "q"):
        builder.add_text_field(name, tokenizer_name="folded")
    for name in FACETS:
        builder.add_text_field(name + _FACET_SUFFIX, tokenizer_name="raw", fast=True)
    builder.add_text_field("title_order", tokenizer_name="raw", fast=True)
    builder.add_unsigned_field("year_order", indexed=True, fast=True)
    return builder.build()


def _analyzer() -> Any:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


def _open(path: Path, *, create: bool = False) -> Any:
    if create:
        path.mkdir(parents=True, exist_ok=True)
        index = tantivy.Index(_schema(), path=str(path), reuse=True)
    else:
        try:
            index = tantivy.Index.open(str(path))
        except ValueError as error:
            raise CatalogError(f"{path}: the search index cannot be opened ({error}).") from None
    index.register_tokenizer("folded", _analyzer())
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


class IndexWriter:
    """The index of a release in the making: the segments of its predecessor, hard-linked, and the changes."""

    def __init__(self, previous: Path | None, path: Path) -> None:
        if previous is not None:
            _link(previous, path)
        self.index = _open(path, create=True)
        self.writer = self.index.writer(_HEAP, num_threads=1)

    def put(self, thing: int, key: str, sequence: int, record: Record) -> None:
        """Adds a resource, or puts it in place of its older version."""
        self.remove(thing)
        document = tantivy.Document()
        document.add_unsigned("id", thing)
        document.add_unsigned("sequence", sequence)
        document.add_text("key", key)
        found = values(record)
        for name, texts in found.items():
            for text in texts:
                document.add_text(name, text)
                document.add_text("q", text)
        for name in FACETS:
            for text in found[name]:
                document.add_text(name + _FACET_SUFFIX, text)
        document.add_text("title_order", " ".join(found["title"]).casefold()[:100])
        years = [year for text in found["year"] if (year := dates.parse(text).year)]
        document.add_unsigned("year_order", years[0] if years else 0)
        self.writer.add_document(document)

    def remove(self, thing: int) -> None:
        # by a query: a term given as a Python int is taken for a signed number and finds nothing
        self.writer.delete_documents_by_query(tantivy.Query.term_query(self.index.schema, "id", thing))

    def close(self) -> None:
        """Makes everything durable and lets go of the folder."""
        self.writer.commit()
        self.writer.wait_merging_threads()

    def abandon(self) -> None:
        """Gives up the folder, which its owner removes."""
        self.writer.rollback()


def _link(source: Path, target: Path) -> None:
    """Makes `target` an index of its own over the segments of `source`: tantivy writes a segment once, and only its
    .json files again."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.name.endswith(".lock"):
            continue
        if path.suffix == ".json":
            shutil.copy2(path, target / path.name)
        else:
            os.link(path, target / path.name)


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer to a search: how many there are, the ids of one page of them in order, and the facets."""

    count: int
    ids: list[int]
    facets: dict[str, list[tuple[str, int]]]


class Index:
    """The index of one release, for reading; safe for many threads."""

    def __init__(self, path: Path) -> None:
        self.index = _open(path)
        self.schema = self.index.schema
        self.searcher = self.index.searcher()
        self.analyzer = _analyzer()

    def search(self, asked: dict[str, str], offset: int = 0, limit: int = 20, sort: str = "") -> Hits:
        """The resources that have every word asked for in its field; all of them if nothing is asked.

        `asked` has the names of FIELDS or `q`; `sort` is "" (by relevance), "year", "-year" or "title". Nothing is
        found beyond the first MOST.
        """
        limit = max(0, min(limit, MOST - offset))
        if not limit:
            return Hits(0, [], {})
        parts = [self._part(name, text) for name, text in asked.items() if text.strip()]
        query = (
            tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts])
            if parts
            else tantivy.Query.all_query()
        )
        order = {"year": "year_order", "-year": "year_order", "title": "title_order"}.get(sort)
        direction = tantivy.Order.Desc if sort == "-year" else tantivy.Order.Asc
        result = (
            self.searcher.search(query, limit=limit, offset=offset, order_by_field=order, order=direction)
            if order
            else self.searcher.search(query, limit=limit, offset=offset)
        )
        ids = [self.searcher.doc(address).get_first("id") for _, address in result.hits]
        return Hits(result.count, ids, self._facets(query) if result.count else {})

    def matches(self, field: str, words: str, most: int) -> list[tuple[str, float]]:
        """The keys of the resources that have all words in a field ("q": in any), with their scores, the best first."""
        if most < 1:
            return []
        hits = self.searcher.search(self._part(field, words), limit=most).hits
        return [(self.searcher.doc(address).get_first("key"), score) for score, address in hits]

    def _facets(self, query: Any) -> dict[str, list[tuple[str, int]]]:
        wanted = {name: {"terms": {"field": name + _FACET_SUFFIX, "size": 10}} for name in FACETS}
        found = self.searcher.aggregate(query, wanted)
        return {name: [(bucket["key"], bucket["doc_count"]) for bucket in found[name]["buckets"]] for name in FACETS}

    def _part(self, name: str, text: str) -> Any:
        """The query for what was typed into one field; what holds neither letters nor digits finds nothing."""
        if name == "year" and (match := re.fullmatch(r"\s*(\d{4})\s*[-–]\s*(\d{4})\s*", text)):
            return tantivy.Query.range_query(
                self.schema, "year_order", tantivy.FieldType.Unsigned, int(match[1]), int(match[2])
            )
        queries = []
        for exactly, phrase, word in _WORDS.findall(text):
            tokens = self.analyzer.analyze(phrase or word)
            if not tokens:
                continue
            if exactly and name in FACETS:
                query = tantivy.Query.term_query(self.schema, name + _FACET_SUFFIX, phrase)
            elif word.endswith("*"):
                query = tantivy.Query.phrase_prefix_query(self.schema, name, tokens)
            elif len(tokens) > 1:
                query = tantivy.Query.phrase_query(self.schema, name, tokens)
            else:
                query = tantivy.Query.term_query(self.schema, name, tokens[0])
            queries.append((tantivy.Occur.Must, query))
        if not queries:
            return tantivy.Query.empty_query()
        return tantivy.Query.boolean_query(queries)

    def sequences(self) -> set[tuple[int, int]]:
        """(id, sequence) of everything in the index: what `publisher verify` compares with the catalog."""
        result = self.searcher.search(tantivy.Query.all_query(), limit=max(1, self.searcher.num_docs))
        documents = [self.searcher.doc(address) for _, address in result.hits]
        return {(document.get_first("id"), document.get_first("sequence")) for document in documents}
