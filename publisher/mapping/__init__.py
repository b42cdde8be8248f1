"""Record -> descriptions: what each described thing's graph says, in the terms of `ontology/context.jsonld`.

The context says which property and datatype an attribute becomes; this module holds what a table cannot say: what is
derived from what, and how things are told apart. Every value is kept as given; what is derived is added to it.
No statement stands in two graphs: a record's graph names its agents, concepts and places and never describes them.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode, Triple

from publisher.addresses import Addresses
from publisher.mapping import describer
from publisher.mapping.decisions import Decisions
from publisher.mapping.description import TYPE, Described, Description, Name, Origin, digest, lines
from publisher.mapping.fields.keys import NO_NUMBER
from publisher.mapping.fields.source import ONLINE_RESOURCE
from publisher.mapping.fields.texts import MAPPED, MEDIA_TYPES
from publisher.mapping.terms import Context, literal
from publisher.mapping.things import Things
from publisher.namespaces import PROV
from publisher.record import Record
from publisher.settings import Settings

__all__ = [
    "GIVEN_BY_THE_SOURCE",
    "MAPPED",
    "MEDIA_TYPES",
    "NO_NUMBER",
    "ONLINE_RESOURCE",
    "Decisions",
    "Described",
    "Description",
    "Mapping",
    "Name",
    "Origin",
    "digest",
    "lines",
]

# links of the record's own, which may lead anywhere
GIVEN_BY_THE_SOURCE = frozenset(
    (  # noqa: SIM905
        "formats source_accessed_at same_as see_also type_links rights_links license exact_match close_match"
    ).split()
)


NOTHING_DECIDED = Decisions()


class Mapping:
    """The mapping for one site."""

    def __init__(self, settings: Settings, decisions: Decisions = NOTHING_DECIDED) -> None:
        self.settings = settings
        self.addresses = Addresses(settings.base)
        self.context = Context(settings.base)
        self.things = Things(settings, self.context, self.addresses, decisions)

    def describe(self, record: Record, *, explain: bool = False) -> Described:
        """The descriptions of a record. What could not be understood is kept as given and stands in the notes;
        `explain` keeps which field each statement comes from."""
        return describer.describe(self.things, record, explain=explain)

    def mentions(self, description: tuple[str, str], statements: Iterable[Triple]) -> set[tuple[str, str, str]]:
        """The other things that a graph names: (kind, key, attribute that names it)."""
        found = set()
        for statement in statements:
            target = statement.object
            if isinstance(target, NamedNode) and target.value.startswith(self.addresses.things):
                name = self.addresses.parse(target.value)
                attribute = self.context.names.get(statement.predicate.value)
                if name is not None and attribute and name != description and attribute not in GIVEN_BY_THE_SOURCE:
                    found.add((*name, attribute))
        return found

    def publication(
        self, description: tuple[str, str], created: str, modified: str, release: int, software: str
    ) -> list[Triple]:
        """What publishing adds to a document: when (UTC, ISO 8601), in which release, and by which software."""
        document = NamedNode(self.addresses.document(*description))
        run = NamedNode(f"{document.value}#import")
        times = {"created": created, "modified": modified, "imported_on": modified}
        return [
            *(
                Triple(document, self.context[name].property, literal(time, self.context[name].datatype))
                for name, time in times.items()
            ),
            Triple(document, self.context["generated_by"].property, run),
            Triple(run, TYPE, NamedNode(PROV.Activity)),
            Triple(run, self.context["label"].property, literal(f"{software}, release {release}")),
        ]
