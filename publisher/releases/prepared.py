"""A description as it is stored and published: texts, made in worker processes, and no RDF objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from publisher.catalog import Catalog
from publisher.formats import make_ready
from publisher.items import DC, sets_of
from publisher.mapping import Description, Mapping, Name, digest, lines
from publisher.packing import gzip, pack
from publisher.record import AgentKind, Record
from publisher.view import SOFTWARE, of_description


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of a release before anything is written: its number, and its time (UTC, ISO 8601)."""

    release: int
    time: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A description ready to be stored: made in a worker process, so it holds texts and no RDF objects."""

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
    # of a resource that is new or changed, as the release will have it
    created: str = ""  # when it was first published, by which what follows was made
    lines: str = ""  # of its whole graph
    ready: dict[str, bytes] | None = None  # its representations by the names of their formats, as they are kept
    sets: tuple[tuple[str, str], ...] = ()  # for harvesters, (spec, name)

    @property
    def name(self) -> tuple[str, str]:
        return self.kind, self.key


def prepare(mapping: Mapping, descriptions: Sequence[Description], description: Description) -> Prepared:
    """One of some descriptions as texts; the others are those of the things that it names."""
    content = lines(description.statements)
    mentions = tuple(sorted(mapping.mentions(description.name, description.statements)))
    named = {(kind, key) for kind, key, _ in mentions}
    return Prepared(
        description.kind,
        description.key,
        description.label,
        description.heading,
        description.agent_kind,
        tuple(content),
        pack([*content, *lines(description.provenance)]),
        digest(content),
        mentions,
        {other.name: other.known_by for other in descriptions if other.name in named},
    )


def prepare_resource(
    mapping: Mapping, descriptions: Sequence[Description], record: Record, stamp: Stamp, catalog: Catalog
) -> Prepared:
    """The first of some descriptions as release `stamp` will have it, if the catalog does not have it just so."""
    prepared = prepare(mapping, descriptions, descriptions[0])
    known = catalog.standing(*prepared.name)
    created = stamp.time if known is None else known[1]
    if known is not None and known[0] == prepared.digest:
        return replace(prepared, content=())
    extra = lines(mapping.publication(prepared.name, created, stamp.time, stamp.release, SOFTWARE))
    published = sorted([*prepared.content, *lines(descriptions[0].provenance), *extra])
    version = of_description(mapping, descriptions, descriptions[0], record, published)
    return replace(
        prepared,
        content=(),
        created=created,
        lines="\n".join(published),
        ready=pack_ready(make_ready(version)),
        sets=sets_of(version),
    )


def pack_ready(made: dict[str, bytes]) -> dict[str, bytes]:
    """Representations as they are kept: that for harvesters as it is sent, the others in gzip's format."""
    return {name: body if name == DC else gzip(body) for name, body in made.items()}
