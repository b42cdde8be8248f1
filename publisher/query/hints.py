"""Hints at what makes a query slow here, and at the quick way to ask the same; read off the text, never a certainty.

Measured with Oxigraph 0.5 over 10,000 records: a path that ends in a constant 160 ms, begun from the constant 3 ms;
COUNT(*) over everything 160 ms; ORDER BY over all titles 380 ms, 42 ms without.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from publisher.message import Message
from publisher.query.text import QueryText, Token

SLOW = 0.5  # seconds from which on a query that ended gets its hints, too

_TEXT_FUNCTIONS = {"REGEX", "CONTAINS", "STRSTARTS", "STRENDS"}
# with one of these, patterns may hang together in ways that are not looked at here
_CONNECTING = {"UNION", "BIND", "VALUES", "SERVICE", "EXISTS", "IN", "SAMETERM", ";", ",", "[", "/", "|", "^"}
_FAR = 10_000  # rows that OFFSET passes over
HINTS = {
    "text-search": Message(
        "REGEX and CONTAINS read every value; pub:matches asks the search index instead: "
        '?record pub:matches "probation*".'
    ),
    "path-to-constant": Message(
        "A path with * or + that ends in a constant is tried from every other end; "
        "begin with the constant and go backwards: <x> ^skos:broader* ?concept, in a group before the rest."
    ),
    "open-path": Message(
        "A path with * or + between two variables is followed from everything that there is; "
        "name one end, or say in another statement what it is."
    ),
    "groups-of-everything": Message(
        "GROUP BY reads every row of its pattern before the first group is given; narrow the "
        "pattern. /browse counts authors, keywords, years and countries."
    ),
    "order-of-everything": Message(
        "ORDER BY sorts all rows before the first one is given, LIMIT or not; narrow the pattern, or sort what you got."
    ),
    "count-of-everything": Message("Counting every statement reads every statement; /dataset says how many there are."),
    "far-offset": Message(
        "OFFSET makes all the rows before it and throws them away; "
        "order by a value and go on behind the last one that you got: FILTER(?value > …)."
    ),
    "other-endpoint": Message("SERVICE waits for another endpoint, and for all of its answer; ask it for little."),
    "unbound-pattern": Message(
        "A pattern of three variables matches every statement; a property or a class narrows it."
    ),
    "unconnected-patterns": Message("Patterns that share no variable are combined each with each; connect them."),
}


def hints(query: QueryText) -> list[str]:
    """The names, among HINTS, of what may make this query slow."""
    tokens = query.tokens
    patterns = list(_triples(tokens))
    everything = [triple for triple in patterns if all(token.kind == "variable" for token in triple)]
    found = []
    outside = {token.text.upper() for token in tokens if token.depth == 0 and token.kind == "word"}
    if _text_search(tokens):
        found.append("text-search")
    paths = list(_paths(tokens))
    if any(tokens[place + 1].kind in ("iri", "name") for place in paths):
        found.append("path-to-constant")
    if any(_is_open(tokens, place) for place in paths):
        found.append("open-path")
    if "GROUP" in outside:
        found.append("groups-of-everything")
    elif "ORDER" in outside:
        found.append("order-of-everything")
    if _offset(tokens) >= _FAR:
        found.append("far-offset")
    if any(token.is_word("SERVICE") for token in tokens):
        found.append("other-endpoint")
    if everything:
        counted = any(token.is_word("COUNT") for token in tokens)
        found.append("count-of-everything" if counted and len(patterns) == 1 else "unbound-pattern")
    if not _connected_otherwise(tokens) and _unconnected(patterns):
        found.append("unconnected-patterns")
    return found


def _triples(tokens: list[Token]) -> Iterator[tuple[Token, Token, Token]]:
    """The statements of patterns that are written in full, subject, property and object of one token each."""
    terms = ("variable", "iri", "name", "string", "number")
    for place in range(1, len(tokens) - 3):
        before, subject, property_, object_ = tokens[place - 1 : place + 3]
        if (
            before.text in ("{", ".", "}")
            and subject.kind in terms
            and (property_.kind in terms or property_.text == "a")
            and object_.kind in terms
            and subject.depth > 0
            and before.depth <= subject.depth + 1
        ):
            yield subject, property_, object_


def _text_search(tokens: list[Token]) -> bool:
    """Whether a text is searched; STR(?x) is that of an IRI, mostly, which is in no index."""
    return any(
        token.kind == "word" and token.text.upper() in _TEXT_FUNCTIONS and not tokens[place + 2].is_word("STR")
        for place, token in enumerate(tokens[:-2])
    )


def _paths(tokens: list[Token]) -> Iterator[int]:
    """The places of * and + that make a path of any length."""
    for place, token in enumerate(tokens[:-2]):
        before = tokens[place - 1]
        # "?x + 1" has a variable before it, "SELECT *" and "COUNT(*)" a word or a bracket that opens
        if (
            token.text in ("*", "+")
            and (before.kind in ("iri", "name") or before.text in (")", "a"))
            and before.end == token.start
            and tokens[place + 1].text not in ("/", "|", ")", "^")
        ):
            yield place


def _is_open(tokens: list[Token], place: int) -> bool:
    """Whether a path stands between two variables of which no other statement tells anything."""
    depth = tokens[place].depth
    begin = next(
        (n + 1 for n in range(place, -1, -1) if tokens[n].text in ("{", ".", "}", ";") and tokens[n].depth <= depth), 0
    )
    ends = {tokens[begin].text, tokens[place + 1].text}
    others = [token.text for n, token in enumerate(tokens) if token.depth > 0 and not begin <= n <= place + 1]
    return all(end[:1] in "?$" for end in ends) and not ends.intersection(others)


def _offset(tokens: list[Token]) -> int:
    return max(
        (
            int(after.text[:9])
            for token, after in itertools.pairwise(tokens)
            if token.depth == 0 and token.is_word("OFFSET") and after.kind == "number"
        ),
        default=0,
    )


def _connected_otherwise(tokens: list[Token]) -> bool:
    """Whether something but a shared variable may connect two statements, such as FILTER(?a = ?b)."""
    open_brackets: list[str] = []
    for before, token in itertools.pairwise([Token("end", "", 0, 0), *tokens]):
        if token.text in ("{", "(", "["):
            open_brackets.append(token.text)
        elif token.text in ("}", ")", "]") and open_brackets:
            open_brackets.pop()
        argument = token.text == "," and open_brackets[-1:] == ["("]  # of a function, and no list of objects
        equal = token.text == "=" and before.text not in ("!", "<", ">")
        if equal or (token.text.upper() in _CONNECTING and not argument):
            return True
    return False


def _unconnected(patterns: list[tuple[Token, Token, Token]]) -> bool:
    """Whether one group has a statement that shares no variable with any other statement of the query."""
    names = [{token.text[1:] for token in triple if token.kind == "variable"} for triple in patterns]
    return len(names) > 1 and any(
        found and not any(found & other for n, other in enumerate(names) if n != place)
        for place, found in enumerate(names)
        if len(found) > 1
    )
