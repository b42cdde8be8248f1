"""What a reader typed, taken apart here and never handed to a query parser.

"a phrase", ="the whole value", prefix*, and words that must all be there, in any order; a year may be a range:
2001-2005, 2001-, -2005. Anything else is a character like others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tantivy

from publisher.search.fields import FACETS, SEARCHED, analyzer, facet_field, normal, years

_WORDS = re.compile(r'(=?)"([^"]*)"|(\S+)')
_YEARS = re.compile(r"\s*(\d{4})?\s*[-–]\s*(\d{4})?\s*", re.ASCII)
_WEIGHTS = {"title": 3.0, "keyword": 2.0, "author": 2.0}  # where a word counts more if it was asked for anywhere
FIRST_YEAR, LAST_YEAR = -9999, 9999


@dataclass(frozen=True, slots=True)
class Part:
    """One thing asked of a field: `kind` is "word", "phrase", "prefix", "whole", "years" or "nothing"."""

    field: str
    kind: str
    text: str
    words: tuple[str, ...] = ()
    range: tuple[int, int] = (0, 0)


@dataclass
class Question:
    """A search: what is asked of each field (the names of SEARCHED), in all records or in those with some keys.
    Everything asked for must be there."""

    asked: dict[str, str]
    keys: tuple[str, ...] = ()
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        words = analyzer()
        for name, text in self.asked.items():
            if name in SEARCHED and text.strip():
                found = list(_parts(words, name, normal(text)))
                # what holds neither letters nor digits finds nothing
                self.parts += found or [Part(name, "nothing", text)]

    @property
    def is_ranked(self) -> bool:
        """Whether some results are better than others."""
        return any(part.kind not in ("whole", "years") for part in self.parts)

    def query(self, schema: Any, near: frozenset[Part] = frozenset()) -> Any:
        """The query for the engine; the words in `near` may be misspelt."""
        queries = [_query(schema, part, near=part in near) for part in self.parts]
        if self.keys:
            queries.append(tantivy.Query.term_set_query(schema, "key", self.keys))
        if not queries:
            return tantivy.Query.all_query()
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _parts(words: Any, name: str, text: str) -> Iterator[Part]:
    if name == "year" and (match := _YEARS.fullmatch(text)) and (match[1] or match[2]):
        yield Part(name, "years", text, range=(int(match[1] or FIRST_YEAR), int(match[2] or LAST_YEAR)))
        return
    for exactly, phrase, word in _WORDS.findall(text):
        tokens = tuple(words.analyze(phrase or word))
        if exactly and phrase and name in FACETS:
            yield Part(name, "whole", phrase, tokens)
        elif tokens:
            kind = "prefix" if word.endswith("*") else "phrase" if len(tokens) > 1 else "word"
            yield Part(name, kind, phrase or word, tokens)


def _query(schema: Any, part: Part, *, near: bool) -> Any:
    query = tantivy.Query
    words: list[Any] = list(part.words)
    if part.kind == "nothing":
        return query.empty_query()
    if part.kind == "years":
        first, last = years(*part.range)
        if first > last:
            return query.empty_query()
        return query.const_score_query(query.range_query(schema, "newest", tantivy.FieldType.Integer, first, last), 1.0)
    if part.kind == "whole":
        return query.const_score_query(query.term_query(schema, facet_field(part.field), part.text), 1.0)
    if part.kind == "prefix":
        return query.phrase_prefix_query(schema, part.field, words)
    if near:
        return query.fuzzy_term_query(schema, part.field, words[0], distance=mistakes(words[0]))

    def found_in(name: str) -> Any:
        if len(words) > 1:
            return query.phrase_query(schema, name, words)
        return query.term_query(schema, name, words[0])

    if part.field != "q":
        return found_in(part.field)
    better = [(tantivy.Occur.Should, query.boost_query(found_in(name), weight)) for name, weight in _WEIGHTS.items()]
    return query.boolean_query([(tantivy.Occur.Must, found_in("q")), *better])


def mistakes(word: str) -> int:
    """In how many places a word may be misspelt and still be meant: the longer it is, the more."""
    return 0 if len(word) < 4 or any(letter.isdigit() for letter in word) else 1 if len(word) < 8 else 2
