"""Turtle and TriG (W3C, 2014): properties in the order of the context, blank nodes and lists in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable

from publisher.namespaces import XSD
from publisher.syntaxes.nodes import TYPE, Nodes, Prefixes, Properties, in_order

_ESCAPE = re.compile(r"\\(.)")
_BARE = {  # literals that are written without quotes, by their datatypes
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.boolean: re.compile(r"true|false"),
}


def turtle(nodes: Nodes) -> bytes:
    """The graph as Turtle; equal lines give equal bytes."""
    writer = _Writer(nodes)
    body = "\n".join(writer.subjects(""))
    return f"{writer.directives()}\n{body}".encode()


def trig(nodes: Nodes, graph: str) -> bytes:
    """The same as the named graph `graph` of a TriG document."""
    writer = _Writer(nodes)
    body = "\n".join(writer.subjects("    "))
    return f"{writer.directives()}\n<{graph}> {{\n{body}}}\n".encode()


class _Writer:
    """Writes the nodes of one document."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.context = nodes.mapping.context
        self.prefixes = Prefixes(self.context)
        self.known: dict[str, str] = {}

    def directives(self) -> str:
        return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in sorted(self.prefixes.used.items()))

    def subjects(self, indent: str) -> Iterable[str]:
        """A block for each node that stands by itself."""
        for subject in self.nodes.subjects:
            written = self._properties(self.nodes.properties[subject], indent + "    ")
            yield f"{indent}{self._term(subject)} {written} .\n"

    def _properties(self, properties: Properties, indent: str) -> str:
        names = in_order(self.context, properties)
        return f" ;\n{indent}".join(
            [f"{'a' if name == TYPE else self._term(name)} {self._objects(properties[name], indent)}" for name in names]
        )

    def _objects(self, values: list[str], indent: str) -> str:
        if len(values) == 1:
            return self._object(values[0], indent + "    ")
        deeper = indent + "    "
        return f" ,\n{deeper}".join([self._object(value, deeper) for value in values])

    def _object(self, value: str, indent: str) -> str:
        if value not in self.nodes.inside:
            return self._term(value)
        items = self.nodes.items(value)
        if items is not None:
            return f"( {' '.join([self._object(item, indent) for item in items])} )"
        properties = self.nodes.properties.get(value)
        return f"[ {self._properties(properties, indent)} ]" if properties else "[]"

    def _term(self, term: str) -> str:
        written = self.known.get(term)
        if written is None:
            written = self.known[term] = self._write(term)
        return written

    def _write(self, term: str) -> str:
        if term[0] == "<":
            return self.prefixes.short(term[1:-1]) or term
        if term[0] == "_":
            return term
        end = term.rindex('"') + 1  # neither a language tag nor a datatype has one
        quoted, rest = term[:end], term[end:]
        if rest.startswith("^^"):
            datatype = rest[3:-1]
            bare = _BARE.get(datatype)
            if bare is not None and bare.fullmatch(quoted, 1, end - 1):
                return quoted[1:-1]
            rest = f"^^{self.prefixes.short(datatype) or rest[2:]}"
        if "\\n" in quoted:  # line breaks as such, in long quotes; all other escapes stay
            text = _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[0], quoted)
            quoted = f'""{text}""'
        return quoted + rest
