"""How a work was published: imprint, date, what it is part of, and the degree it was written for."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from publisher.mapping import agents, classes, dates, identifiers, imprint
from publisher.mapping.fields.draft import Draft
from publisher.mapping.fields.names import role
from publisher.mapping.terms import clean, fold
from publisher.mapping.things import Thing
from publisher.namespaces import EDTF, XSD
from publisher.record import AgentKind, Part, Value

DATATYPES = {
    "gYear": NamedNode(XSD.gYear),
    "gYearMonth": NamedNode(XSD.gYearMonth),
    "date": NamedNode(XSD.date),
    "edtf": NamedNode(EDTF.EDTF),
}
_PAGES = re.compile(r"(?:pp?\.? ?)?(\d{1,6}) ?[-\u2010-\u2015]{1,3} ?(\d{1,6})", re.ASCII)


def publication(draft: Draft) -> None:
    """The imprint as given and in its parts, which the record gives apart or the statement is taken apart for, and the
    date, which is that of the statement where the record gives no other."""
    record = draft.record
    apart = bool(record.place_of_publication or record.publishers)
    for place in record.place_of_publication:
        draft.read("place_of_publication", place)
        if clean(place.text).strip() and not imprint.known(clean(place.text)):
            draft.say("leftovers", f"Place: {place.text}")
        else:
            draft.say_values("place_of_publication", [place])
    date = ""
    for statement in record.publication_statement:
        draft.say_values("publication_statement", [statement])
        if not apart:
            date = date or _statement(draft, statement)
    _publishers(draft)
    for value in record.extent:
        draft.say_values("extent", [value])
        pages = imprint.pages(clean(value.text))
        if pages and len(record.extent) == 1:
            draft.say("number_of_pages", str(pages))
    _issued(draft, date)


def _publishers(draft: Draft) -> None:
    for agent in draft.record.publishers:
        draft.read("publishers", agent.heading)
        name = imprint.known(" ".join(clean(agent.heading.text).split()))
        publisher = _publisher(draft, name, agent.heading, agent.kind) if name else None
        if publisher is not None:
            draft.name("publishers", publisher)
            role(draft, agent, publisher)
        if publisher is None or publisher.descriptions[-1].heading != agent.heading.text:
            draft.say("leftovers", f"Publisher: {agent.heading.text}")


def _statement(draft: Draft, statement: Value) -> str:
    """Says what an imprint says that is given whole, and gives its date as written."""
    parts = imprint.parse(clean(statement.text))
    for place in dict.fromkeys(parts.places):
        draft.say("place_of_publication", place)
    if parts.by_the_author:
        for author in draft.authors:
            draft.name("publishers", author)
    for name in dict.fromkeys(parts.publishers):
        publisher = _publisher(draft, name, statement)
        if publisher is not None:
            draft.name("publishers", publisher)
    if parts.extent and not draft.record.extent:
        draft.say("extent", parts.extent)
        if parts.number_of_pages:
            draft.say("number_of_pages", str(parts.number_of_pages))
    if parts.rest:
        draft.note(
            "publication_statement",
            f'"{parts.rest}" in the details was not taken apart; it is kept as given.',
            statement,
            "info",
        )
    return parts.date


def _publisher(draft: Draft, name: str, statement: Value, kind: AgentKind = "") -> Thing | None:
    """The agent that an imprint names. "The Council" is the author that is a council, or nobody for sure; who has a
    name like a person's is an author of the record, or not decided."""
    generic = fold(name) if re.fullmatch(r"[Tt]he \w+", name) else ""
    if generic and agents.has_organisation_word(generic):
        meant = [author for author in draft.authors if generic in fold(author.descriptions[-1].heading).split()]
        if len(meant) == 1:
            return meant[0]
        attribute = "publishers" if draft.record.publishers else "publication_statement"
        draft.note(attribute, f'The details do not say which body "{name}" is.', statement, "info")
        return None
    same = next((author for author in draft.authors if author.descriptions[-1].heading == name), None)
    if same is not None:
        return same
    if kind:
        return draft.agent(name, kind)
    looks_like_a_person = agents.parse(name).kind == "person"
    return draft.agent(name, "", False) if looks_like_a_person else draft.agent(name, "organisation")


def _issued(draft: Draft, imprinted: str) -> None:
    issued = draft.record.issued
    years = {_date(draft, value.text, value, "issued") for value in issued}
    printed = dates.parse(imprinted) if imprinted else None
    if not issued and printed is not None and printed.value:
        _date(draft, imprinted, draft.record.publication_statement[0], "publication_statement")
    elif printed is not None and printed.year and years and printed.year not in years:
        given = ", ".join(value.text for value in issued)
        draft.note(
            "issued",
            f'The year is given as "{given}", but the details say "{imprinted}"; see which is right.',
            issued[0],
        )


def _date(draft: Draft, text: str, value: Value, field: str) -> int | None:
    draft.read(field, value)
    date = dates.parse(text)
    if date.kind == "unknown":
        draft.note("issued", f'The year "{text}" is not understood; it is kept as given.', value)
    elif date.kind == "none":
        draft.note("issued", f'The record says that it has no date ("{text}").', value)
        draft.say("leftovers", f"Year: {text}")
        return None
    else:
        draft.say("issued", RdfLiteral(date.value, datatype=DATATYPES[date.kind]))
    if date.value != text:  # the words themselves stay, whatever was made of them
        draft.say("date", text)
    if date.year is not None and date.year > datetime.now(UTC).year + 1:
        draft.note("issued", f'The year "{text}" lies in the future.', value)
    return date.year


def parts(draft: Draft) -> None:
    """What the work is part of, and its place there; where it is part of two things, a citation tells which number
    belongs to which."""
    for part in draft.record.is_part_of:
        title = part.title
        draft.read("is_part_of", title)
        language = draft.tag(title)
        whole = draft.things.series(title.text, part.kind, part.issn, title.iris, language)
        if whole is None:
            draft.note("is_part_of", f'The title "{title.text}" has neither letters nor digits.', title)
            draft.say("leftovers", f"Part of: {title.text}")
        else:
            draft.name("is_part_of", whole)
        if part.issn and not identifiers.issn_of(part.issn):
            draft.note("is_part_of", f'The ISSN "{part.issn}" is wrong; look it up in the work.', title)
            draft.say("identifiers", f"issn: {part.issn}")
        for attribute, text in (("number", part.number), ("volume", part.volume), ("pages", part.pages)):
            if clean(text).strip():
                draft.say(attribute, text)
        pages = _PAGES.fullmatch(part.pages.strip()) if len(part.pages) < 40 else None
        if pages and int(pages[1]) <= int(pages[2]):
            draft.say("page_start", pages[1])
            draft.say("page_end", pages[2])
        if len(draft.record.is_part_of) > 1 and (part.number or part.volume or part.pages):
            draft.say("citation", _citation(part))


def _citation(part: Part) -> str:
    """ "Title ; 45", "Title ; 12(3), 201-219": a part and its place there, as catalogues write a series."""
    number = f"{part.volume}({part.number})" if part.volume and part.number else part.volume or part.number
    return f"{part.title.text} ; {', '.join(filter(None, (number, part.pages)))}"


def degree(draft: Draft) -> None:
    for value in draft.record.degree:
        draft.say_values("degree", [value])
        known = classes.degree(value.text)
        if known is not None:
            draft.say("degree_links", known)
    for agent in draft.record.degree_grantors:
        draft.read("degree_grantors", agent.heading)
        grantor = draft.agent(agent.heading.text, agent.kind or "organisation")
        if grantor is None:
            draft.note("degree_grantors", f'"{agent.heading.text}" has neither letters nor digits.', agent.heading)
            draft.say("leftovers", f"Degree from: {agent.heading.text}")
            continue
        draft.name("degree_grantors", grantor)
        draft.name("issuers", grantor)
        if agent.role != "dgg":
            role(draft, agent, grantor)
