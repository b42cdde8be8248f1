"""A description as it is stored and published: texts, made in worker processes, and no RDF objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from isal import isal_zlib

from publisher.catalog import PACKED, pack
from publisher.formats import make_ready
from publisher.items import sets_of
from publisher.mapping import Description, Mapping, Name, digest, lines
from publisher.record import AgentKind, Record
from publisher.view import of_description


@dataclass(frozen=True, slots=True)
class Prepared:
    """A description ready to be stored: made in a worker process, so it holds texts and no RDF objects. `ready` are its
    representations by the names of their formats, made with the `names` of the things that it names."""

    kind: str
    key: str
    label: str
    heading: str
    agent_kind: AgentKind
    content: tuple[str, ...]  # the canonical lines; of a resource none, since nothing is ever added to them
    graph: bytes  # content and provenance, packed as the catalog keeps them
    digest: bytes
    mentions: tuple[tuple[str, str, str], ...]  # (kind, key, attribute)
    names: dict[tuple[str, str], Name]
    ready: dict[str, bytes]
    sets: tuple[tuple[str, str], ...]  # for harvesters, (spec, name)

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key


def prepare(
    mapping: Mapping, descriptions: Sequence[Description], description: Description, record: Record | None = None
) -> Prepared:
    """One of some descriptions as texts; the others are those of the things that it names."""
    content = lines(description.statements)
    mentions = tuple(sorted(mapping.mentions(description.name, description.statements)))
    named = {(kind, key) for kind, key, _ in mentions}
    version = of_description(mapping, descriptions, description, record)
    return Prepared(
        description.kind,
        description.key,
        description.label,
        description.heading,
        description.agent_kind,
        () if description.kind == "resource" else tuple(content),
        pack([*content, *lines(description.provenance)]),
        digest(content),
        mentions,
        {other.name: other.known_by for other in descriptions if other.name in named},
        make_ready(version),
        sets_of(version) if description.kind == "resource" else (),
    )


def pack_data(data: dict[str, Any]) -> bytes:
    return bytes(isal_zlib.compress(orjson.dumps(data), PACKED))
