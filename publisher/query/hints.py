"""Hints at what makes a query slow here, and at the quick way to ask the same; read off the text, never a certainty.

Measured with Oxigraph 0.5 over 10,000 records: a path that ends in a constant 160 ms, begun from the constant 3 ms;
COUNT(*) over everything 160 ms; ORDER BY over all titles 380 ms, 42 ms without.
"""

from __future__ import annotations

from collections.abc import Iterator

from publisher.query.text import QueryText, Token

SLOW = 0.5  # seconds from which on a query that ended gets its hints, too

_TEXT_FUNCTIONS = {"REGEX", "CONTAINS", "STRSTARTS", "STRENDS"}
# with one of these, patterns may hang together in ways that are not looked at here
_CONNECTING = {"UNION", "FILTER", "BIND", "VALUES", "SERVICE", ";", ",", "[", "/", "|", "^"}
HINTS = {
    "text-search": "REGEX and CONTAINS read every value; pub:matches asks the search index instead: "
    '?record pub:matches "probation*".',
    "path-to-constant": "A path with * or + that ends in a constant is tried from every other end; "
    "begin with the constant and go backwards: <x> ^skos:broader* ?concept, in a group before the rest.",
    "order-of-everything": "ORDER BY sorts all rows before the first one is given, LIMIT or not; narrow the pattern, "
    "or sort what you got.",
    "count-of-everything": "Counting every statement reads every statement; /dataset says how many there are.",
    "unbound-pattern": "A pattern of three variables matches every statement; a property or a class narrows it.",
    "unconnected-patterns": "Patterns that share no variable are combined each with each; connect them.",
}


def hints(query: QueryText) -> list[str]:
    """The names, among HINTS, of what may make this query slow."""
    tokens = query.tokens
    patterns = list(_triples(tokens))
    everything = [triple for triple in patterns if all(token.kind == "variable" for token in triple)]
    found = []
    if any(token.kind == "word" and token.text.upper() in _TEXT_FUNCTIONS for token in tokens):
        found.append("text-search")
    if _path_to_constant(tokens):
        found.append("path-to-constant")
    if any(token.depth == 0 and token.is_word("ORDER") for token in tokens):
        found.append("order-of-everything")
    if everything:
        counted = any(token.is_word("COUNT") for token in tokens)
        found.append("count-of-everything" if counted and len(patterns) == 1 else "unbound-pattern")
    if not any(token.text.upper() in _CONNECTING for token in tokens) and _unconnected(patterns):
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


def _path_to_constant(tokens: list[Token]) -> bool:
    for place, token in enumerate(tokens[:-2]):
        before, after = tokens[place - 1], tokens[place + 1]
        is_path = token.text in ("*", "+") and (before.kind in ("iri", "name") or before.text in (")", "a"))
        # "?x + 1" has a variable before it, "SELECT *" and "COUNT(*)" a word or a bracket that opens
        if is_path and after.kind in ("iri", "name") and before.end == token.start:
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
