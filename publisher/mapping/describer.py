"""One record on its way through the mapping: what each of its fields says, family by family.

What is kept as given and what is derived from it stand side by side; what cannot be understood is noted.
"""

from __future__ import annotations

from pyoxigraph import NamedNode

from publisher.mapping.description import Described
from publisher.mapping.fields import names, numbers, publication, source, texts, topics
from publisher.mapping.fields.draft import Draft
from publisher.mapping.things import Things
from publisher.record import Record

# in this order: an imprint may name the authors, and the first that names a thing describes it
FAMILIES = (
    numbers.numbers,
    numbers.former_numbers,
    numbers.identifiers_of_the_work,
    texts.titles,
    names.creators,
    texts.texts,
    publication.publication,
    names.contributors,
    publication.parts,
    publication.degree,
    texts.languages_of_the_work,
    topics.countries,
    texts.addresses,
    topics.subjects,
    texts.rights,
    numbers.items,
    texts.leftovers,
    texts.types,
    source.source,
)


def describe(things: Things, record: Record, *, explain: bool = False) -> Described:
    """The descriptions of a record; `explain` keeps where in it each statement comes from."""
    draft = Draft(things, record, explain=explain)
    for tell in FAMILIES:
        tell(draft)
    draft.read("")
    for statement in things.document("resource", draft.key):
        draft.add(statement)
    draft.say("conforms_to", NamedNode(draft.addresses.profile), draft.document)
    if draft.origins is not None:
        draft.origins |= dict.fromkeys(draft.resource.provenance, draft.origin)
    return Described(record, [draft.resource, *draft.others.values()], draft.notes, draft.origins or {})
