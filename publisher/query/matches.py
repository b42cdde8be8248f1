"""Text search inside a query: `?record pub:matches "probation*"` is answered by the search index.

The statement is taken out, and the records that the index finds are put in its place as VALUES at the beginning of its
group, where they are joined with whatever else stands there.

    ?record pub:matches "probation*"                            all fields
    ?record pub:matches ("probation*" "title")                  one field of the search form
    (?record ?score) pub:matches ("probation*" "title" 50)      with the score, and at most the 50 best
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from pyoxigraph import Literal, RdfFormat, parse

from publisher.query.text import Edit, QueryText, Token, mistake
from publisher.search import FIELDS

MATCHES = "matches"  # the property's name among our own terms
# (field of the search form or "q", words, most) -> IRIs of records with their scores, the best first
Find = Callable[[str, str, int], list[tuple[str, float]]]
_ALL_FIELDS = "q"


@dataclass(frozen=True)
class Found:
    """What makes a query hold its matches, and whether some search had more of them than `most`."""

    edits: list[Edit]
    truncated: bool


def expand(query: QueryText, terms: str, find: Find, most: int) -> Found:
    """Answers the text searches of a query; `terms` is the namespace of our own terms. Raises MalformedQuery."""
    if MATCHES not in query.text:
        return Found([], False)
    edits: list[Edit] = []
    truncated = False
    prefixes = query.prefixes()
    for place, token in enumerate(query.tokens):
        if _iri(token, prefixes) == terms + MATCHES:
            statement = _Statement(query, place)
            if statement.elsewhere:
                continue
            asked = min(statement.most or most, most)
            hits = find(statement.field, statement.words, asked)
            truncated |= len(hits) == asked and asked != statement.most
            edits += statement.edits(hits)
    return Found(edits, truncated)


def _iri(token: Token, prefixes: dict[str, str]) -> str:
    if token.kind == "iri":
        return token.text[1:-1]
    prefix, colon, local = token.text.partition(":")
    return prefixes.get(prefix + colon, "") + local if token.kind == "name" else ""


class _Statement:
    """One statement with pub:matches; `place` is that of the property among the tokens."""

    def __init__(self, query: QueryText, place: int) -> None:
        self.text, self.tokens, self.place = query.text, query.tokens, place
        self.depth = self.tokens[place].depth
        self.field, self.most = _ALL_FIELDS, 0
        self.group = self._group()
        self.elsewhere = self._in_service()
        if self.elsewhere:  # SERVICE: for another endpoint to answer
            return
        self.after_semicolon = self._token(place - 1).text == ";"
        self.first, self.last, self.variables = self._subject()
        self.end = self._object()

    def edits(self, hits: list[tuple[str, float]]) -> list[Edit]:
        """Takes the statement out and puts the hits at the beginning of the group."""
        names = " ".join(self.variables)
        if len(self.variables) == 1:
            rows = " ".join(f"<{iri}>" for iri, _ in hits)
            values = f" VALUES {names} {{ {rows} }} "
        else:
            rows = " ".join(f"(<{iri}> {score:.4f})" for iri, score in hits)
            values = f" VALUES ({names}) {{ {rows} }} "
        group = self.tokens[self.group].end
        return [(group, group, values), *self._removal()]

    def _removal(self) -> list[Edit]:
        after = self.end
        while self._token(after).text == ";":
            after += 1
        follows = self._token(after).text
        subject = self.variables[0]
        if self.after_semicolon:
            # ?r a bibo:Report ; pub:matches "x" ; …: a list as subject is one for pub:matches alone
            removed = (self._token(self.place - 1).start, self._token(self.end - 1).end, "")
            list_ = (self._token(self.first).start, self._token(self.last).end, subject)
            return [removed, list_] if len(self.variables) > 1 else [removed]
        start = self._token(self.first).start
        if after > self.end and follows not in (".", "}"):
            return [(start, self._token(after - 1).end, f" {subject} ")]
        return [(start, self._token(after).end if follows == "." else self._token(after - 1).end, " ")]

    def _token(self, place: int) -> Token:
        return self.tokens[place] if 0 <= place < len(self.tokens) else Token("end", "", len(self.text), 0)

    def _group(self) -> int:
        """The bracket that opens the group."""
        for place in range(self.place, -1, -1):
            token = self.tokens[place]
            if token.depth == self.depth - 1 and token.text in ("{", "(", "["):
                before = [self._token(place - 1), self._token(place - 2)]
                template = before[0].is_word("CONSTRUCT")
                short = before[0].is_word("WHERE") and before[1].is_word("CONSTRUCT")
                if token.text != "{" or template or short:
                    break
                return place
        raise self._mistake(self.place, "pub:matches stands in the braces of WHERE only, and in no brackets.")

    def _in_service(self) -> bool:
        depth = self.depth
        for place in range(self.place, -1, -1):
            token = self.tokens[place]
            if token.text == "{" and token.depth < depth:
                depth = token.depth
                if any(self._token(place - back).is_word("SERVICE") for back in (1, 2, 3)):
                    return True
        return False

    def _subject(self) -> tuple[int, int, list[str]]:
        """The first and last token of the subject, and its variables: the record, perhaps the score."""
        first = self._begin() if self.after_semicolon else self.place - 1
        if not self.after_semicolon and self._token(first).text == ")":
            first -= 3
        if self._token(first).kind == "variable":
            return first, first, [self._token(first).text]
        inside = [self._token(first + n) for n in range(4)]
        if [token.text for token in (inside[0], inside[3])] == ["(", ")"]:
            names = [token.text for token in inside[1:3] if token.kind == "variable"]
            if len(set(names)) == 2:
                return first, first + 3, names
        raise self._mistake(
            self.place, "what stands before pub:matches must be ?record or (?record ?score), variables both."
        )

    def _begin(self) -> int:
        """Where the statement begins whose list of properties this one goes on with."""
        for place in range(self.place - 1, self.group, -1):
            token, before = self.tokens[place], self._token(place - 1)
            decimal = before.kind == "number" and before.end == token.start and self._token(place + 1).kind == "number"
            ends = (token.text == "." and not decimal and token.depth == self.depth) or (
                token.text == "}" and token.depth == self.depth + 1
            )
            if ends:
                return self._after_filters(place + 1)
        return self._after_filters(self.group + 1)

    def _after_filters(self, place: int) -> int:
        while self._token(place).is_word("FILTER") or self._token(place).is_word("BIND"):
            closing = (
                n
                for n in range(place, self.place)
                if self.tokens[n].text == ")" and self.tokens[n].depth == self.depth + 1
            )
            place = next(closing, self.place) + 1
        return place

    def _object(self) -> int:
        """Reads the words, the field and how many are wanted; gives the token after them."""
        place = self.place + 1
        if self._token(place).text != "(":
            self.words = self._string(place)
            after = place + 1
        else:
            self.words = self._string(place + 1)
            after = place + 2
            if self._token(after).kind == "string":
                self.field = self._string(after)
                if self.field not in FIELDS:
                    raise self._mistake(after, f"the fields are {', '.join(FIELDS)}.")
                after += 1
            if self._token(after).kind == "number":
                self.most = int(self._token(after).text[:9])
                after += 1
            if self._token(after).text != ")":
                raise self._mistake(after, 'pub:matches is followed by "words" or by ("words" "field" 50).')
            after += 1
        if self._token(after).kind == "language" or self._token(after).text in ("^", ","):
            raise self._mistake(after, "one search has one text, without language or datatype.")
        return after

    def _string(self, place: int) -> str:
        token = self._token(place)
        if token.kind != "string":
            raise self._mistake(place, 'pub:matches is followed by the words to search for, in quotes: "probation*".')
        # a string of SPARQL is one of Turtle, too
        (quad,) = parse(f"<x:s> <x:p> {token.text} .".encode(), format=RdfFormat.TURTLE)
        return cast(Literal, quad.object).value

    def _mistake(self, place: int, reason: str) -> Exception:
        return mistake(self.text, self._token(place).start, reason)
