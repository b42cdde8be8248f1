"""Explanation: the statements of a record under the fields that they come from, with the lines of the source.

It is Turtle, one statement a line, and what explains it are comments, so that any program can read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from publisher import resources
from publisher.mapping.description import TYPE, Described, Origin
from publisher.mapping.terms import Context
from publisher.message import on_one_line
from publisher.namespaces import XSD

STRING = NamedNode(XSD.string)
SHOWN = 100  # characters of a value in a comment
_LOCAL = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)


@cache
def _labels() -> dict[str, str]:
    return {row["attribute"]: row["label"] for row in resources.table("ontology/fields.csv")}


def explain(base: str, context: Context, items: Iterable[Described]) -> Iterator[str]:
    """The lines of an explanation; of what several records name, the first one's statements are shown."""
    prefixes = {iri: prefix for prefix, iri in context.prefixes.items()}
    yield f"@base <{base}> ."
    for iri, prefix in prefixes.items():
        yield f"@prefix {prefix}: <{iri}> ."
    shown: set[Triple] = set()
    for item in items:
        yield f"\n# {on_one_line(item.record.place)}, {on_one_line(item.resource.key)}"
        by_origin: dict[Origin, list[Triple]] = {}
        for statement, origin in item.origins.items():
            if statement not in shown:
                by_origin.setdefault(origin, []).append(statement)
                if not isinstance(statement.subject, BlankNode):
                    shown.add(statement)
        for origin, statements in sorted(by_origin.items(), key=lambda group: not group[0].attribute):
            yield f"\n# {on_one_line(_field(origin))}"
            yield from (written(statement, base, prefixes) for statement in statements)


def _field(origin: Origin) -> str:
    """ "Author, line 8: "Smith, John A."", or what else the statements come from."""
    if not origin.attribute:
        return "of every description"
    label = _labels().get(origin.attribute, origin.attribute.replace("_", " ").capitalize())
    value = origin.value
    if value is None:
        return label
    first, last = value.first_line, value.last_line
    place = f", lines {first}-{last}" if last > first else f", line {first}" if first else ""
    text = " ".join(value.text.split())
    return f'{label}{place}: "{text[:SHOWN]}{"…" if len(text) > SHOWN else ""}"'


def written(statement: Triple, base: str, prefixes: dict[str, str]) -> str:
    """A statement in Turtle, with the prefixes that are given by their IRIs."""
    predicate = "a" if statement.predicate == TYPE else _term(statement.predicate, base, prefixes)
    return f"{_term(statement.subject, base, prefixes)} {predicate} {_term(statement.object, base, prefixes)} ."


def _term(term: object, base: str, prefixes: dict[str, str]) -> str:
    if isinstance(term, NamedNode):
        end = max(term.value.rfind("#"), term.value.rfind("/")) + 1
        prefix = prefixes.get(term.value[:end])
        local = term.value[end:]
        if prefix is not None and _LOCAL.fullmatch(local):
            return f"{prefix}:{local}"
        return f"<{term.value.removeprefix(base)}>"
    if isinstance(term, Literal) and not term.language and term.datatype != STRING:
        return f"{Literal(term.value)}^^{_term(term.datatype, base, prefixes)}"
    return str(term)
