"""Reads of a SPARQL query, without parsing it, what has to be known before it may run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from publisher.errors import MalformedQuery, QueryRefused
from publisher.message import Message

Form = Literal["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]
Edit = tuple[int, int, str]  # what stands from here to there is replaced by this

_FORMS: dict[str, Form] = {form: form for form in get_args(Form)}
_UPDATES = {"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"}

# The standard's lexer takes the longest token, Oxigraph what its grammar allows at the place: it sees a string in
# FILTER(?a<'>') and reads SERVICEex:x as SERVICE ex:x. No SERVICE that Oxigraph sees may be hidden from us: a string,
# IRI or comment is never longer here than there (hence escapes exactly as in the grammar), and check_service refuses
# what may be read in two ways. \u counts in strings and IRIs only; elsewhere Oxigraph takes it for an error, and so do
# we: it cannot hide a keyword.
_HEX = "[0-9A-Fa-f]"
_CODEPOINT = rf"u(?![Dd][89A-Fa-f]){_HEX}{{4}}|U(?:0000(?![Dd][89A-Fa-f])|000[1-9A-Fa-f]|0010){_HEX}{{4}}"
_ESCAPE = rf"""\\(?:[tbnrf"'\\]|{_CODEPOINT})"""
_NAME_ESCAPE = r"""\\[_~.\-!$&'()*+,;=/?\#@%]"""
_TOKEN = re.compile(
    rf"""
      (?P<blank>[ \t\r\n]+|\#[^\r\n]*)
    | (?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|\\u{_HEX}{{4}}|\\U{_HEX}{{8}})*+>)
    | (?P<string>\"{{3}}(?:"{{0,2}}(?:[^"\\]|{_ESCAPE}))*+\"{{3}} | '''(?:'{{0,2}}(?:[^'\\]|{_ESCAPE}))*+'''
               | "(?:[^"\\\r\n]|{_ESCAPE})*+" | '(?:[^'\\\r\n]|{_ESCAPE})*+')
    | (?P<variable>[?$]\w+)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>(?:[^\W\d_][\w.\-]{{0,127}}|_)?:(?:(?:[\w:%]|{_NAME_ESCAPE})(?:[\w:%.\-]|{_NAME_ESCAPE})*)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<number>[0-9]+)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    depth: int  # how many { ( [ are open before it

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.upper() == word


def mistake(text: str, place: int, reason: str) -> MalformedQuery:
    """An error at a place in a query, with its line and a pointer below it."""
    ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", text[:place])]
    begin = ends[-1] if ends else 0
    column = place - begin
    shown = re.split(r"[\r\n]", text[begin:], maxsplit=1)[0].replace("\t", " ")
    skipped = max(0, column - 60) if len(shown) > 100 else 0  # of a long line, what stands around the place
    pointer = f"{shown[skipped : skipped + 100]}\n{' ' * (column - skipped)}^"
    message = Message(
        "Line %(line)s, column %(column)s of the query: %(reason)s",
        line=len(ends) + 1,
        column=column + 1,
        reason=reason,
    )
    return MalformedQuery(message, len(ends) + 1, column + 1, pointer)


def form(text: str) -> Form:
    """The form of a query, by its first word after the prologue. Raises MalformedQuery; QueryRefused for an update."""
    return read(text).form


@lru_cache(maxsize=4)
def read(text: str) -> QueryText:
    """The query of a text, read once by all who look at it in turn. Raises like `form`."""
    return QueryText(text)


class QueryText:
    """A query as text; its tokens are without blanks and comments. Raises MalformedQuery, QueryRefused like `form`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        depth = 0
        for match in _TOKEN.finditer(text):
            kind, piece = match.lastgroup or "", match[0]
            if kind == "other" and piece in "\"'\\":
                raise mistake(text, match.start(), Message("a string without an end, or a wrong escape."))
            if kind != "blank":
                self.tokens.append(Token(kind, piece, match.start(), depth))
            if kind == "other":
                depth += (piece in "{([") - (piece in "})]")
        words = (token.text.upper() for token in self.tokens if token.kind == "word")
        word = next((word for word in words if word not in ("BASE", "PREFIX", "VERSION")), "")
        if word in _UPDATES:
            raise QueryRefused(
                Message("This endpoint is read-only: it answers queries and makes no update (%(word)s).", word=word)
            )
        if word not in _FORMS:
            place = next((token.start for token in self.tokens if token.text.upper() == word), 0)
            raise mistake(text, place, Message("this is no SELECT, ASK, CONSTRUCT or DESCRIBE."))
        self.form = _FORMS[word]

    @property
    def depth(self) -> int:
        """How deep brackets of all kinds are nested."""
        return max(token.depth for token in self.tokens)

    @property
    def has_from(self) -> bool:
        """Whether the query describes its own dataset, by FROM or FROM NAMED."""
        return any(token.depth == 0 and token.is_word("FROM") for token in self.tokens)

    def check_service(self, allowed: Collection[str]) -> None:
        """Raises QueryRefused unless every SERVICE names one of these IRIs."""
        if "service" not in self.text.lower():
            return
        for token in self.tokens:
            # <ex:a#b> may be "less than ex:a" and a comment; with // after the colon it can only be an IRI.
            if token.kind == "iri" and re.search("['#]", token.text) and not re.match(r"<\w[\w+.-]*://", token.text):
                raise QueryRefused(
                    Message("A query with the word SERVICE must write %(text)s as an IRI with ://.", text=token.text)
                )
        prefixes = self.prefixes()
        for position, token in enumerate(self.tokens):
            if token.kind in ("word", "name") and "service" in token.text.lower():
                following = self.tokens[position + 1 : position + 4]
                if following and following[0].is_word("SILENT"):
                    del following[0]
                target = _service(token, following, prefixes)
                if target is not None and target not in allowed:
                    raise QueryRefused(
                        Message(
                            "This endpoint does not ask SERVICE %(target)s: only those that its operator lists.",
                            target=target,
                        )
                    )

    def prefixes(self) -> dict[str, str]:
        """The prefixes that the query declares, each with its colon, and what they stand for."""
        prefixes = {}
        for before, name, iri in zip([None, *self.tokens], self.tokens, self.tokens[1:], strict=False):
            if name.kind == "name" and iri.kind == "iri":
                if before and before.is_word("PREFIX"):
                    prefixes[name.text] = iri.text[1:-1]
                elif name.text.upper().startswith("PREFIX"):  # Oxigraph asks for no blank after PREFIX
                    prefixes[name.text[len("PREFIX") :]] = iri.text[1:-1]
        return prefixes

    def cap(self, rows: int) -> Edit | None:
        """What makes a SELECT stop one row after `rows`; None if it stops before that by itself."""
        before = self.tokens[-1].end
        for token, following in itertools.pairwise(self.tokens):
            if token.depth == 0 and token.is_word("LIMIT") and following.kind == "number":
                if int(following.text.lstrip("0")[:19] or "0") <= rows:
                    return None
                return following.start, following.end, str(rows + 1)
            if token.depth == 0 and token.is_word("VALUES"):
                before = token.start
        return before, before, f" LIMIT {rows + 1} "


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with pieces of it replaced, which must not overlap."""
    pieces, end = [], 0
    for start, stop, replacement in sorted(edits):
        pieces += [text[end:start], replacement]
        end = stop
    return "".join([*pieces, text[end:]])


def _service(token: Token, following: list[Token], prefixes: dict[str, str]) -> str | None:
    """What a token with "service" in it would ask, None if it asks nothing; `following` is without SILENT."""
    target = following[0] if following else token
    if token.kind == "name":
        # SERVICEex:x { is SERVICE ex:x {, and ex:SERVICE <x> { is ex: SERVICE <x> { where ex:SERVICE makes no IRI.
        reach = 2 if target.kind in ("iri", "variable", "name") else 1
        return f"after {token.text}" if any(each.text == "{" for each in following[:reach]) else None
    if not token.is_word("SERVICE"):
        return token.text
    if target.kind == "name":
        prefix, colon, local = target.text.partition(":")
        return prefixes.get(prefix + colon, prefix + colon) + local
    return target.text[1:-1] if target.kind == "iri" else target.text
