"""The agents of a work: its authors in order, who else had a part in it, and their roles."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import BlankNode, NamedNode, Triple

from publisher.mapping import agents
from publisher.mapping.fields.draft import Draft, Subject
from publisher.mapping.things import Thing
from publisher.namespaces import RDF, namespaces, terms
from publisher.record import Agent

NIL, FIRST, REST = NamedNode(RDF.nil), NamedNode(RDF.first), NamedNode(RDF.rest)
ROLES = {"edt": "editors", "trl": "translators"}  # relators for which BIBO has a property of its own


def creators(draft: Draft) -> None:
    """The authors, each once, and the list of them in order."""
    for agent in draft.record.creators:
        for author in _agents(draft, "creators", agent):
            if all(author.iri != other.iri for other in draft.authors):
                draft.authors.append(author)
                draft.name("creators", author)
            role(draft, agent, author)
    if draft.authors:
        draft.read("creators")
        _list(draft, "author_list", [author.iri for author in draft.authors])


def contributors(draft: Draft) -> None:
    named: set[NamedNode] = set()
    for agent in draft.record.contributors:
        for contributor in _agents(draft, "contributors", agent):
            if contributor.iri not in named:
                named.add(contributor.iri)
                draft.name("contributors", contributor)
            role(draft, agent, contributor)
            if agent.role in ROLES:
                draft.name(ROLES[agent.role], contributor)


def _agents(draft: Draft, attribute: str, agent: Agent) -> Iterator[Thing]:
    """The agents that a heading names, one as a rule."""
    draft.read(attribute, agent.heading)
    heading = agent.heading.text
    label = "author" if attribute == "creators" else "name"
    if not agent.kind:
        heading, others = agents.without_others(heading)
        if others:
            draft.note(attribute, f'The record says "{others}": there are more {label}s than it gives.', agent.heading)
            draft.say("leftovers", f"{label.capitalize()}: {agent.heading.text}")
        if not heading:
            return
    headings = agents.split(heading) if not agent.kind else [heading]
    if len(headings) > 1:
        parts = " and ".join(f'"{part}"' for part in headings)
        draft.note(attribute, f'"{heading}" is read as two {label}s, {parts}.', agent.heading, "info")
        draft.say("creators_as_given", heading)
    for one in headings:
        thing = draft.agent(one, agent.kind)
        if thing is None:
            draft.note(attribute, f'The {label} "{one}" has neither letters nor digits.', agent.heading)
            draft.say("leftovers", f"{label.capitalize()}: {one}")
            continue
        if not thing.descriptions[-1].agent_kind:
            draft.note(
                attribute,
                f'It is not plain whether "{one}" names a person or an organisation; '
                'write a person as "Family, Given".',
                agent.heading,
            )
        yield thing


def role(draft: Draft, agent: Agent, thing: Thing) -> None:
    """Says the role of an agent by its MARC relator; another role stays as a text."""
    if not agent.role:
        return
    if agent.role in terms("rel"):
        draft.add(Triple(draft.thing, NamedNode(namespaces()["rel"] + agent.role), thing.iri))
    else:
        draft.note("contributors", f'"{agent.role}" is no MARC relator code; the role is kept as text.', agent.heading)
        draft.say("leftovers", f"Role of {agent.heading.text}: {agent.role}")


def _list(draft: Draft, attribute: str, members: list[NamedNode]) -> None:
    """An RDF collection (RDF 1.1 Semantics D.3) whose nodes are labelled by the record."""
    nodes = [BlankNode(f"r{draft.blank}n{position}") for position in range(len(members))]
    ends: list[Subject] = [*nodes[1:], NIL]
    draft.say(attribute, nodes[0])
    for current, member, rest in zip(nodes, members, ends, strict=True):
        draft.add(Triple(current, FIRST, member))
        draft.add(Triple(current, REST, rest))
