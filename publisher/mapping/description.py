"""What the mapping gives: descriptions, each the content of one named graph, and their canonical lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from publisher.namespaces import RDF
from publisher.record import AgentKind, Note, Record, Value

TYPE = NamedNode(RDF.type)


@dataclass(frozen=True, slots=True)
class Name:
    """What a thing is known by: its label, and the form in which the catalogue writes it ("Smith, John A.")."""

    label: str
    heading: str
    agent_kind: str = ""


@dataclass
class Description:
    """One named graph: what is said of a thing and of the document about it.

    `statements` are the content, by whose digest a change is told; `provenance` says where the content was read.
    `label` is the thing's name, `heading` the form in which the source names it, on which its key stands.
    """

    kind: str
    key: str
    label: str
    heading: str = ""
    agent_kind: AgentKind = ""
    statements: list[Triple] = field(default_factory=list)
    provenance: list[Triple] = field(default_factory=list)

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key

    @property
    def known_by(self) -> Name:
        return Name(self.label, self.heading or self.label, self.agent_kind)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a statement comes from: an attribute of the record and the value in it; "" for what every document says."""

    attribute: str
    value: Value | None = None


@dataclass
class Described:
    """A record and what the mapping made of it: its own description first, then those of the things it names, which it
    shares with other records; the broader stand before the narrower, the whole before its part. `origins` are known
    where an explanation was asked for."""

    record: Record
    descriptions: list[Description]
    notes: list[Note]
    origins: dict[Triple, Origin] = field(default_factory=dict)

    @property
    def resource(self) -> Description:
        return self.descriptions[0]


def lines(statements: Iterable[Triple]) -> list[str]:
    """The canonical N-Triples lines of a graph, sorted, each once. Our blank nodes have labels that depend on the
    record alone, so that equal graphs have equal lines and no RDFC-1.0 pass is needed."""
    text = serialize(statements, format=RdfFormat.N_TRIPLES) or b""
    return sorted(set(text.decode().split("\n")) - {""})


def digest(content: Iterable[str]) -> bytes:
    """SHA-256 over canonical lines: the identity of a description's content."""
    return hashlib.sha256("\n".join(content).encode()).digest()
