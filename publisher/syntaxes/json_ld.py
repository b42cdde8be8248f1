"""JSON-LD 1.1 (W3C, 2020), compact, by our context."""

from __future__ import annotations

import re
from typing import Any

import orjson

from publisher.namespaces import XSD
from publisher.syntaxes.nodes import TYPE, Nodes, Prefixes, Properties, in_order, literal

_EXACT = 2**53  # integers below are the same in every JSON parser (RFC 8259 6)
Json = Any  # what orjson writes


def json_ld(nodes: Nodes) -> bytes:
    """The graph as compact JSON-LD. The context is inside, cut to the terms in use, so that a reader needs no
    second request; `/context.jsonld` is the whole of it. Equal lines give equal bytes."""
    writer = _Writer(nodes)
    graph = [writer.node(subject) for subject in nodes.subjects]
    return orjson.dumps({"@context": writer.context(), "@graph": graph}, option=orjson.OPT_INDENT_2)


class _Writer:
    """Writes the nodes of one document. A property goes by the term of the context, or by its IRI if there is none; a
    value that is not of the term's type is written out, which no term changes (JSON-LD API 5.2)."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.known = nodes.mapping.context
        self.whole = self.known.document["@context"]
        self.prefixes = Prefixes(self.known, nodes.schemes & self.known.prefixes.keys())
        self.used: dict[str, int] = {}

    def context(self) -> Json:
        """The keywords, the prefixes and the terms that the document uses, in the order of the whole context."""
        terms = {name: self._definition(name) for name in sorted(self.used, key=self.used.__getitem__)}
        keywords = {name: value for name, value in self.whole.items() if name[0] == "@" or value in ("@id", "@type")}
        return {**keywords, **dict(sorted(self.prefixes.used.items())), **terms}

    def _definition(self, name: str) -> Json:
        value = self.whole[name]
        if isinstance(value, str):
            return self._compact(self._expand(value))
        return {
            key: part if part[0] == "@" or key == "@container" else self._compact(self._expand(part))
            for key, part in value.items()
        }

    def _expand(self, compact: str) -> str:
        prefix, _, name = compact.partition(":")
        return self.known.prefixes[prefix] + name

    def _compact(self, iri: str) -> str:
        return self.prefixes.short(iri) or iri

    def node(self, subject: str) -> Json:
        """A node that stands by itself."""
        name = subject if subject[0] == "_" else subject[1:-1]
        return {"id": name, **self._properties(self.nodes.properties[subject])}

    def _properties(self, properties: Properties) -> Json:
        written: dict[str, Json] = {}
        for name in in_order(self.known, properties):
            values = properties[name]
            if name == TYPE and all(value[0] != '"' and value not in self.nodes.inside for value in values):
                key, found = "type", [value if value[0] == "_" else self._compact(value[1:-1]) for value in values]
            else:
                key, found = self._property(name[1:-1], values)
            written[key] = found[0] if len(found) == 1 else found
        return written

    def _property(self, iri: str, values: list[str]) -> tuple[str, list[Json]]:
        name = self.known.names.get(iri, "")
        definition = self.whole.get(name, "")
        kind = None
        if isinstance(definition, dict):
            kind = definition.get("@type")
            kind = self._expand(kind) if kind not in (None, "@id") else kind
            if definition.get("@container") == "@list":  # then the term says that its value is one list
                items = self.nodes.items(values[0]) if len(values) == 1 else None
                if items is not None:
                    self.used[name] = self.known.order[iri]
                    return name, [[self._value(item, kind) for item in items]]
                name, kind = "", None
        if name:
            self.used[name] = self.known.order[iri]
        return name or self._compact(iri), [self._value(value, kind) for value in values]

    def _value(self, value: str, kind: str | None) -> Json:
        """One value, for a term whose strings are of this kind: "@id", the IRI of a datatype, or None for texts."""
        if value in self.nodes.inside:
            items = self.nodes.items(value)
            if items is not None:
                return {"@list": [self._value(item, kind) for item in items]}
            return self._properties(self.nodes.properties.get(value, {}))
        if value[0] != '"':
            iri = value if value[0] == "_" else value[1:-1]
            return iri if kind == "@id" else {"id": iri}
        text, language, datatype = literal(value)
        if language:
            return {"@value": text, "@language": language}
        if datatype == kind:
            number = int(text) if datatype == XSD.integer and re.fullmatch(r"-?[1-9][0-9]{0,15}|0", text) else None
            return number if number is not None and abs(number) < _EXACT else text
        if datatype == XSD.string:
            return text if kind is None else {"@value": text}
        return {"@value": text, "@type": self._compact(datatype)}
