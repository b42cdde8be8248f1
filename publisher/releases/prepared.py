"""A description as it is stored and published: texts, made in worker processes, and no RDF objects."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from pyoxigraph import RdfFormat, Triple, parse

from publisher.catalog import Entry, pack
from publisher.mapping import Description, Mapping, digest, lines
from publisher.record import AgentKind


@dataclass(frozen=True, slots=True)
class Prepared:
    """A description ready to be stored: made in a worker process, so it holds texts and no RDF objects."""

    kind: str
    key: str
    label: str
    heading: str
    agent_kind: AgentKind
    content: tuple[str, ...]
    graph: bytes  # content and provenance, packed as the catalog keeps them
    digest: bytes
    mentions: tuple[tuple[str, str, str], ...]  # (kind, key, attribute)

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key


def prepare(mapping: Mapping, description: Description) -> Prepared:
    """The description as texts."""
    content = lines(description.statements)
    return Prepared(
        description.kind,
        description.key,
        description.label,
        description.heading,
        description.agent_kind,
        tuple(content),
        pack([*content, *lines(description.provenance)]),
        digest(content),
        tuple(sorted(mapping.mentions(description.name, description.statements))),
    )


def pack_data(data: dict[str, Any]) -> bytes:
    return zlib.compress(orjson.dumps(data), 6)


def triples(content: Iterable[str]) -> list[Triple]:
    """Canonical lines as statements."""
    text = "\n".join(content).encode()
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in parse(text, format=RdfFormat.N_TRIPLES)]


def published_lines(mapping: Mapping, entry: Entry) -> list[str]:
    """The whole graph of a version as it is published: its content, its provenance, and what publishing added."""
    extra = mapping.publication(entry.name, entry.created, entry.modified, entry.release, entry.software)
    return sorted([*entry.lines, *lines(extra)])
