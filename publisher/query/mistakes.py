"""Says in plain words what is wrong with a query that does not parse, and where."""

from __future__ import annotations

import re

from pyoxigraph import Store

from publisher.errors import MalformedQuery, QueryError
from publisher.message import Message
from publisher.query.text import QueryText, Token, mistake

_PLACE = re.compile(r"error at \d+:(\d+): expected (.*)", re.DOTALL)
_CLOSING = {"{": "}", "(": ")", "[": "]"}
# Oxigraph's parser reads as many characters as a keyword has before it says that they are not that keyword, so the
# place that it names lies behind the mistake; with this much room after each token, it still lies before the next one.
_ROOM = " " * 20


def explain(text: str, message: str, base_iri: str | None = None) -> MalformedQuery:
    """The error of Oxigraph's parser, whose message lists whole character classes, in our words."""
    try:
        tokens = QueryText(text).tokens
        wide, starts = _widened(tokens)
        Store().query(wide, base_iri=base_iri)
    except SyntaxError as error:
        if found := _PLACE.match(str(error)):
            column = int(found[1]) - 1
            wrong = max((n for n, start in enumerate(starts) if start <= column < len(wide)), default=len(tokens))
            place = tokens[wrong].start if wrong < len(tokens) else len(text.rstrip())
            return mistake(text, place, _reason(tokens, wrong, found[2]))
        message = str(error)
    except (QueryError, UnicodeEncodeError):
        pass
    return MalformedQuery(Message("The query does not parse: %(message)s.", message=message))


def _widened(tokens: list[Token]) -> tuple[str, list[int]]:
    """The tokens in one line with room between them wherever there may be any, and where each starts there."""
    wide, starts, end = "", [], 0
    for token in tokens:
        if token.start > end or wide[-1:] in ("{", "}", "(", ")", ",") or token.text in ("{", "}"):
            wide += _ROOM
        starts.append(len(wide))
        wide += token.text
        end = token.end
    return wide + _ROOM, starts


def _reason(tokens: list[Token], wrong: int, expected: str) -> Message:
    if "a variable that is unbound" in expected:
        return Message(
            "SELECT names a variable that GROUP BY leaves without a value; group by it, too, or aggregate it."
        )
    if wrong == len(tokens):
        missing = _unclosed(tokens)
        if missing:
            return Message("the query ends, but %(missing)s is still to come.", missing=missing)
        return Message("the query ends too early.")
    shown = tokens[wrong].text[:40]
    if "Prefix not found" in expected:
        prefix = shown.partition(":")[0]
        return Message(
            "the prefix %(prefix)s: is not declared; "
            "a line PREFIX %(prefix)s: <…> at the beginning says what it means.",
            prefix=prefix,
        )
    if "IRI parsing failed" in expected:
        return Message("what stands in <…> here is no IRI.")
    if tokens[wrong].kind == "iri":
        return Message(
            "“%(shown)s” cannot stand here; perhaps it is no IRI, or something before it is missing or too much.",
            shown=shown,
        )
    return Message("“%(shown)s” cannot stand here; perhaps something before it is missing or too much.", shown=shown)


def _unclosed(tokens: list[Token]) -> str:
    """The bracket that would close the innermost open one, if any is open at the end."""
    brackets: list[str] = []
    for token in tokens:
        if token.text in _CLOSING:
            brackets.append(_CLOSING[token.text])
        elif brackets and token.text == brackets[-1]:
            brackets.pop()
    return brackets[-1] if brackets else ""
