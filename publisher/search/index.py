"""The index of one release, for reading: results in order, page after page, and what they can be narrowed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tantivy

from publisher.search.fields import FACETS, analyzer, facet_field, open_index, title_rank
from publisher.search.highlight import Highlighter
from publisher.search.question import Part, Question, mistakes

MOST = 10_000  # results by relevance that one can page through: the engine keeps all that come before a page
SHOWN = 10  # values of a facet
# order -> the field that holds it, and whether the greatest comes first; "" is by relevance
ORDERS = {
    "-year": ("newest", True),
    "year": ("oldest", False),
    "title": ("title_place", False),
    "-added": ("id", True),
}
Facets = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Between two results: `position` results come before it, and `value` is the place in the order of the one that is
    next to it, or its id where the order is by relevance. Text is "POSITION.VALUE"."""

    position: int
    value: str

    def __str__(self) -> str:
        return f"{self.position}.{self.value}"

    @classmethod
    def parse(cls, text: str, sort: str) -> Cursor | None:
        """The cursor that a text is, or None."""
        position, dot, value = text.partition(".")
        number = value.removeprefix("-")
        is_number = number.isascii() and number.isdecimal() and len(number) <= 18
        if not (dot and position.isascii() and position.isdecimal() and len(position) < 12):
            return None
        if not is_number and sort != "title":
            return None
        return cls(int(position), value)


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of the answer to a search: how many results there are in all, the ids of these in order, how many come
    before them, and the cursors of the pages before and after, if there are any."""

    count: int = 0
    ids: list[int] = field(default_factory=list)
    start: int = 0
    before: Cursor | None = None
    after: Cursor | None = None


class Index:
    """The index of one release; safe for many threads."""

    def __init__(self, path: Path) -> None:
        self.index = open_index(path)
        self.schema = self.index.schema
        self.searcher = self.index.searcher()
        self.analyzer = analyzer()

    def __len__(self) -> int:
        return int(self.searcher.num_docs)

    def search(
        self,
        question: Question,
        limit: int = 20,
        sort: str = "",
        after: Cursor | None = None,
        before: Cursor | None = None,
        near: frozenset[Part] = frozenset(),
    ) -> Hits:
        """The page of `limit` results after a cursor, or before one. `sort` is one of ORDERS, or "" by relevance,
        which ends after MOST results."""
        query = question.query(self.schema, near)
        if sort not in ORDERS:
            return self._by_relevance(query, limit, after or before, backwards=before is not None and after is None)
        return self._in_order(query, limit, sort, after, before)

    def _by_relevance(self, query: Any, limit: int, cursor: Cursor | None, *, backwards: bool) -> Hits:
        start = cursor.position if cursor is not None else 0
        if backwards:
            start = max(0, start - limit)
        first = max(0, start - limit)  # room to see where the last one shown has gone to in a new release
        wanted = min(start + 2 * limit, MOST) - first
        if wanted <= 0:
            return Hits(self._count(query), [], start)
        result = self.searcher.search(query, limit=wanted, offset=first)
        ids = self._ids(result.hits)
        if cursor is not None and int(cursor.value) in ids:
            place = ids.index(int(cursor.value))
            start = first + (max(0, place - limit) if backwards else place + 1)
        page = ids[start - first : start - first + limit]
        end = start + len(page)
        return Hits(
            result.count,
            page,
            start,
            Cursor(start, str(page[0])) if page and start else None,
            Cursor(end, str(page[-1])) if page and end < min(result.count, MOST) else None,
        )

    def _in_order(self, query: Any, limit: int, sort: str, after: Cursor | None, before: Cursor | None) -> Hits:
        name, greatest_first = ORDERS[sort]
        backwards = before is not None and after is None
        cursor = before if backwards else after
        falling = greatest_first != backwards
        part, skipped = query, 0
        if cursor is not None:
            part, skipped = self._beyond(query, name, cursor.value, falling=falling)
        order = tantivy.Order.Desc if falling else tantivy.Order.Asc
        wanted = limit + skipped + 1
        found = self.searcher.search(part, limit=wanted, order_by_field=name, order=order, count=False).hits
        hits = [hit for hit in found if cursor is None or self._is_beyond(hit[0], cursor.value, falling=falling)]
        has_more = len(hits) > limit
        hits = hits[:limit]
        count = self._count(query)
        if backwards and before is not None:
            hits.reverse()
            start = max(0, before.position - len(hits)) if has_more else 0
        else:
            start = after.position if after is not None else 0
        is_first = not has_more if backwards else after is None
        is_last = False if backwards else not has_more
        return Hits(
            count,
            self._ids(hits),
            start,
            Cursor(start, str(hits[0][0])) if hits and not is_first else None,
            Cursor(start + len(hits), str(hits[-1][0])) if hits and not is_last else None,
        )

    def _beyond(self, query: Any, name: str, value: str, *, falling: bool) -> tuple[Any, int]:
        """What of a query comes beyond a place in an order, and how many before it are in there still."""
        kind = tantivy.FieldType.Integer if name in ("newest", "oldest") else tantivy.FieldType.Unsigned
        of_titles = name == "title_place"
        place = title_rank(value) if of_titles else int(value)
        if kind == tantivy.FieldType.Unsigned and place < 0:
            return (tantivy.Query.empty_query(), 0) if falling else (query, 0)
        numbers = "title_rank" if of_titles else name
        lower, upper = (None, place) if falling else (place, None)

        def of(low: int | None, high: int | None, *, at: bool) -> Any:
            bounds = tantivy.Query.range_query(
                self.schema, numbers, kind, low, high, include_lower=at or low is None, include_upper=at or high is None
            )
            return tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, bounds)])

        # titles that begin alike have one rank
        return of(lower, upper, at=of_titles), self._count(of(place, place, at=True)) if of_titles else 0

    @staticmethod
    def _is_beyond(place: int | str, value: str, *, falling: bool) -> bool:
        if isinstance(place, str):
            return place < value if falling else place > value
        return place < int(value) if falling else place > int(value)

    def _count(self, query: Any) -> int:
        return int(self.searcher.search(query, limit=1).count)

    def _ids(self, hits: list[tuple[Any, Any]]) -> list[int]:
        return list(self.searcher.fast_field_values("id", [address for _, address in hits]))

    def facets(
        self, question: Question, sizes: dict[str, int] | None = None, near: frozenset[Part] = frozenset()
    ) -> Facets:
        """The most frequent values among the results and how many have them; of each facet SHOWN, or as many as
        `sizes` says."""
        wanted = {
            name: {"terms": {"field": facet_field(name), "size": (sizes or {}).get(name, SHOWN)}} for name in FACETS
        }
        found = self.searcher.aggregate(question.query(self.schema, near), wanted)
        return {name: [(bucket["key"], bucket["doc_count"]) for bucket in found[name]["buckets"]] for name in FACETS}

    def matches(self, field: str, words: str, most: int) -> list[tuple[str, float]]:
        """The keys of the resources that have all words in a field ("q": in any), with their scores, the best first."""
        if most < 1:
            return []
        parts = Question({field: words})
        query = parts.query(self.schema) if parts.parts else tantivy.Query.empty_query()
        hits = self.searcher.search(query, limit=most).hits
        return [(self.searcher.doc(address).get_first("key"), score) for score, address in hits]

    def unknown(self, question: Question) -> frozenset[Part]:
        """The words asked for that no record has, and that may be misspelt."""
        return frozenset(
            part
            for part in question.parts
            if part.kind == "word" and mistakes(part.words[0])
            if not self.searcher.doc_freq(part.field, part.words[0])
        )

    def highlighter(self, question: Question, near: frozenset[Part] = frozenset()) -> Highlighter:
        return Highlighter(self.analyzer, question, near)

    def matching(self, question: Question, among: Sequence[int] | None = None) -> list[int]:
        """The ids of all resources that have what is asked for, however many; those `among` some, if they are named."""
        query = question.query(self.schema)
        if among is not None:
            terms = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "id", thing)) for thing in among]
            any_of_them = tantivy.Query.boolean_query(terms)
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, any_of_them)])
        return sorted(self._ids(self.searcher.search(query, limit=max(1, len(self))).hits))

    def sequences(self, first: int, last: int) -> set[tuple[int, int]]:
        """(id, sequence) of what the index holds with a sequence from `first` to `last`: what `publisher verify`
        compares with the catalog."""
        query = tantivy.Query.range_query(self.schema, "sequence", tantivy.FieldType.Unsigned, first, last)
        result = self.searcher.search(query, limit=max(1, min(last - first + 1, len(self))), count=False)
        addresses = [address for _, address in result.hits]
        sequences = self.searcher.fast_field_values("sequence", addresses)
        return set(zip(self._ids(result.hits), sequences, strict=True))
