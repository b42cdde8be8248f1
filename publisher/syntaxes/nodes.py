"""Canonical lines by subject: which blank nodes can stand inside of what names them, and which of them are lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache

import orjson

from publisher.mapping import Mapping
from publisher.mapping.terms import Context
from publisher.namespaces import RDF, XSD

FIRST, REST, NIL, TYPE = f"<{RDF.first}>", f"<{RDF.rest}>", f"<{RDF.nil}>", f"<{RDF.type}>"
# local names that Turtle and JSON-LD take as they are; others are written out
_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# of an IRI that could be taken for a prefix and a name
_SCHEME = re.compile(r"<([^:/>]*):(?!//)")

Properties = dict[str, list[str]]


class Nodes:
    """The statements of some canonical lines as texts: subject -> predicate -> objects, all in N-Triples form.

    `inside` are the blank nodes that one statement names, and that lead back to a subject of their own: they can be
    written where they are named. All others are `subjects`: IRIs in their order, then blank nodes.
    """

    def __init__(self, mapping: Mapping, lines: Iterable[str]) -> None:
        self.mapping = mapping
        self.lines = list(lines)
        self.properties: dict[str, Properties] = {}
        named_by: dict[str, list[str]] = {}
        for line in self.lines:
            subject, predicate, value = line[:-2].split(" ", 2)
            self.properties.setdefault(subject, {}).setdefault(predicate, []).append(value)
            if value.startswith("_:"):
                named_by.setdefault(value, []).append(subject)
        parents = {node: by[0] for node, by in named_by.items() if len(by) == 1}
        self.inside: set[str] = set()
        for node in list(parents):
            path: dict[str, None] = {}
            while node in parents and node not in self.inside and node not in path:
                path[node] = None
                node = parents[node]
            if node in path:  # a ring of blank nodes: one of them has to stand by itself
                del parents[node], path[node]
            self.inside.update(path)
        things = f"<{mapping.addresses.things}"
        own = [subject for subject in self.properties if subject not in self.inside]
        # things stand before the documents about them
        self.subjects = sorted(
            own, key=lambda subject: (subject[0] == "_", not subject.startswith(things), subject[:-1])
        )

    @cached_property
    def schemes(self) -> set[str]:
        """What stands before the first colon of the IRIs in which no slashes follow."""
        return set(_SCHEME.findall("\n".join(self.lines)))

    def items(self, node: str) -> list[str] | None:
        """The members of the list that begins with a node, or None where it is no list that brackets can hold."""
        found: list[str] = []
        while node != NIL:
            properties = self.properties.get(node, {})
            first, rest = properties.get(FIRST, ()), properties.get(REST, ())
            if node not in self.inside or len(properties) != 2 or len(first) != 1 or len(rest) != 1:
                return None
            found.append(first[0])
            node = rest[0]
        return found


def literal(term: str) -> tuple[str, str, str]:
    """Text, language and datatype of a literal in N-Triples form."""
    end = term.rindex('"') + 1  # neither a language tag nor a datatype has one
    # N-Triples escapes \\' and \UXXXXXXXX, but its canonical form has none of those that JSON has not
    text, rest = orjson.loads(term[:end]), term[end:]
    return (text, rest[1:], RDF.langString) if rest.startswith("@") else (text, "", rest[3:-1] or XSD.string)


class Prefixes:
    """Writes IRIs short by the prefixes of the context, but some, and remembers which of them it needed."""

    def __init__(self, context: Context, without: Collection[str] = ()) -> None:
        self.namespaces = {iri: prefix for prefix, iri in context.prefixes.items() if prefix not in without}
        self.used: dict[str, str] = {}

    def short(self, iri: str) -> str:
        """ "prefix:name" for an IRI, or the empty text if it cannot be written so."""
        namespace, name = _split(iri)
        prefix = self.namespaces.get(namespace)
        if prefix is None or not name:
            return ""
        self.used[prefix] = namespace
        return f"{prefix}:{name}"


@lru_cache(10_000)  # most are terms, which are few
def _split(iri: str) -> tuple[str, str]:
    """The namespace and the local name of an IRI; no name, if it is one that would have to be escaped."""
    cut = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:cut], iri[cut:] if _LOCAL.fullmatch(iri, cut) else ""


def in_order(context: Context, properties: Properties) -> list[str]:
    """The predicates: the class first, then the terms of the context in its order, then others by their IRIs."""
    order, last = context.order, len(context.order)
    return sorted(properties, key=lambda name: (name != TYPE, order.get(name[1:-1], last), name))
