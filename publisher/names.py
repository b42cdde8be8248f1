"""The names of everything in an index of its own, so that a name with a slip in it still finds its thing.

The search index finds what has all words; here a thing is found by any of them, a word that nobody has is taken for a
slip of one that some thing has, and what is found is then compared as a whole string.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import tantivy
from rapidfuzz import fuzz

from publisher.catalog import Entry
from publisher.errors import CatalogError
from publisher.mapping.terms import fold
from publisher.record import Record
from publisher.search.segments import SegmentWriter

_HEAP = 32_000_000
_NEAR = 30  # things that are compared with a name as a whole
_LONGEST = 40  # words of a name that are looked up; the longest titles have more, and need no more
_GOOD = 0.8  # likeness below which a name is looked up once more, each word with its slips
_RARE = 6.0  # weight of a word with a slip; that of other words is between 0 and 15, the rarer the more
_SUBTITLE = re.compile(r" ?[:;=/] | [-–—]+ |\. ")


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("sequence", stored=True, indexed=False)
    builder.add_text_field("kind", tokenizer_name="raw")
    builder.add_text_field("name", tokenizer_name="whitespace")
    builder.add_bytes_field("forms", stored=True, indexed=False)
    return builder.build()


def forms(names: Iterable[str]) -> list[str]:
    """The names as they are compared, and the main titles among them, each once."""
    found: dict[str, None] = {}
    for name in names:
        found[fold(name)] = None
        found[fold(_main(name))] = None
    return [form for form in found if form]


def _main(name: str) -> str:
    """A title without its subtitle, if what stands before it is long enough to be one."""
    main = _SUBTITLE.split(name, maxsplit=1)[0]
    return main if len(main) >= 10 else name


def names_of_record(label: str, record: Record) -> list[str]:
    """The names that a record gives what it describes, the first one the `label`."""
    return [label, *(value.text for value in (*record.title, *record.alternative))]


def names_of(entry: Entry) -> list[str]:
    """The names that a description gives its thing, the first one its label."""
    data = entry.data
    if entry.kind == "resource":
        record = data["record"]  # as JSON, since making it a Record takes longer than all the rest
        return [entry.label, *(value["text"] for value in (*record["title"], *record["alternative"]))]
    return [entry.label, data.get("heading", ""), *data.get("variants", ())]


class NameWriter(SegmentWriter):
    """The index of a release in the making."""

    def __init__(self, previous: Path | None, path: Path) -> None:
        super().__init__(previous, path, lambda: tantivy.Index(_schema(), path=str(path), reuse=True), _HEAP)

    def put(self, thing: int, sequence: int, kind: str, names: Iterable[str]) -> None:
        """Adds the names of a description, or puts them in place of its older ones."""
        self.remove(thing)
        document = tantivy.Document()
        document.add_unsigned("id", thing)
        document.add_unsigned("sequence", sequence)
        document.add_text("kind", kind)
        found = forms(names)
        document.add_text("name", " ".join(dict.fromkeys(" ".join(found).split())))
        document.add_bytes("forms", "\n".join(found).encode())
        self.writer.add_document(document)


@dataclass(frozen=True, slots=True)
class Near:
    """A thing whose name is near to one that was asked for: its id, and how like the two are, from 0 to 1."""

    id: int
    likeness: float


class Names:
    """The index of one release, for reading; safe for many threads."""

    def __init__(self, path: Path) -> None:
        try:
            self.index = tantivy.Index.open(str(path))
        except ValueError as error:
            raise CatalogError(f"{path}: the index of names cannot be opened ({error}).") from None
        self.schema = self.index.schema
        self.searcher = self.index.searcher()

    def near(self, name: str, kinds: Sequence[str] = ()) -> list[Near]:
        """The things whose names are like this one, of all kinds or of some; the likest first."""
        asked = forms([name])
        if not asked:
            return []
        words = list(dict.fromkeys(asked[0].split()))[:_LONGEST]
        found = self._compare(asked, self._any(words, kinds, slips=False))
        if not found or found[0].likeness < _GOOD:
            more = self._compare(asked, self._any(words, kinds, slips=True))
            known = {near.id for near in found}
            found = sorted([*found, *(near for near in more if near.id not in known)], key=lambda near: -near.likeness)
        return found

    def beginning(self, prefix: str, kinds: Sequence[str], limit: int, offset: int = 0) -> list[int]:
        """The ids of things that have every word of a name, the last one as its beginning."""
        words = fold(prefix).split()[:_LONGEST]
        if not words:
            return []
        begun = tantivy.Query.regex_query(self.schema, "name", re.escape(words[-1]).replace("\\-", "-") + ".*")
        parts = [(tantivy.Occur.Must, self._word(word)) for word in words[:-1]]
        parts += [(tantivy.Occur.Must, begun), *self._of(kinds)]
        exact = [(tantivy.Occur.Should, self._word(words[-1]))]  # a whole word before a word that begins so
        result = self.searcher.search(tantivy.Query.boolean_query([*parts, *exact]), limit=limit, offset=offset)
        return [cast(int, self.searcher.doc(address).get_first("id")) for _, address in result.hits]

    def __len__(self) -> int:
        return int(self.searcher.num_docs)

    def sequences(self, things: Iterable[int]) -> set[tuple[int, int]]:
        """(id, sequence) of what the index holds of these things: what `publisher verify` compares with the catalog."""
        wanted = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "id", thing)) for thing in things]
        result = self.searcher.search(tantivy.Query.boolean_query(wanted), limit=2 * len(wanted) + 1)
        documents: list[Any] = [self.searcher.doc(address) for _, address in result.hits]
        return {(document.get_first("id"), document.get_first("sequence")) for document in documents}

    def _word(self, word: str) -> Any:
        return tantivy.Query.term_query(self.schema, "name", word)

    def _slip(self, word: str) -> Any:
        distance = 1 if len(word) < 8 else 2
        near = tantivy.Query.fuzzy_term_query(self.schema, "name", word, distance, True)
        return tantivy.Query.boost_query(near, _RARE)

    def _of(self, kinds: Sequence[str]) -> list[tuple[Any, Any]]:
        if not kinds:
            return []
        some = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "kind", kind)) for kind in kinds]
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.boolean_query(some), 0.0))]

    def _any(self, words: Sequence[str], kinds: Sequence[str], *, slips: bool) -> Iterator[tuple[int, list[str]]]:
        """The id and the forms of things that have most of the rarest of these words. A word that no thing has is
        looked up with a slip in it, and so is every word that is long enough with `slips`."""
        parts = []
        for word in words:
            known = self.searcher.doc_freq("name", word) > 0
            if known:
                parts.append((tantivy.Occur.Should, self._word(word)))
            if len(word) > 3 and (slips or not known):
                parts.append((tantivy.Occur.Should, self._slip(word)))
        if not parts:
            return
        query = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, tantivy.Query.boolean_query(parts)), *self._of(kinds)]
        )
        for _, address in self.searcher.search(query, limit=_NEAR).hits:
            document = self.searcher.doc(address)
            given: Any = document.get_first("forms")
            yield cast(int, document.get_first("id")), bytes(given).decode().split("\n")

    def _compare(self, asked: Sequence[str], found: Iterator[tuple[int, list[str]]]) -> list[Near]:
        compared = [Near(thing, max(likeness(asked, form) for form in given)) for thing, given in found]
        return sorted(compared, key=lambda near: -near.likeness)


def likeness(asked: Sequence[str], form: str) -> float:
    """How like a name is to one that was asked for, 0 to 1. `asked` is the whole of that and, if it has a subtitle,
    its main title. Order counts little, since "Smith, John" is John Smith; what is only part of the other counts less
    the shorter it is."""
    whole = asked[0]
    best = max(fuzz.ratio(whole, form), fuzz.token_sort_ratio(whole, form) * 0.99)
    if len(asked) > 1:
        best = max(best, fuzz.ratio(asked[1], form) * 0.97)
    if best < 90 and (shorter := min(len(whole), len(form))) >= 10:
        part = fuzz.token_set_ratio(whole, form)
        best = max(best, part * (0.7 + 0.25 * shorter / max(len(whole), len(form))))
    return float(best) / 100
