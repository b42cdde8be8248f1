"""schema.org: what a description says, as search engines and their tools read it; JSON-LD, and the same as Turtle.

The vocabulary is declared in the document itself, so that a reader needs no other; every node has an IRI.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from pyoxigraph import RdfFormat, Triple, parse

from publisher.crosswalks.types import types_of
from publisher.crosswalks.work import Party, Work
from publisher.mapping import Mapping, lines
from publisher.namespaces import SCHEMA, XSD, namespaces
from publisher.syntaxes.nodes import Nodes
from publisher.syntaxes.turtle import turtle
from publisher.view import Said, Version

Node = dict[str, Any]
VOCABULARY = namespaces()["schema"]
# what of a resource goes into which property as text; the attributes are those of the context
TEXTS = {
    "name": ("title",),
    "alternateName": ("short_title", "alternative"),
    "abstract": ("abstract",),
    "description": ("description",),
    "bookEdition": ("edition",),
    "isbn": ("isbn13", "isbn10"),
    "reportNumber": ("report_number",),
    "pagination": ("pages",),
    "pageStart": ("page_start",),
    "pageEnd": ("page_end",),
    "inSupportOf": ("degree",),
    "creditText": ("citation",),
    "identifier": ("shelf_number", "identifiers"),
    "usageInfo": ("rights",),
}
AGENTS = {"person": "Person", "organisation": "Organization"}
KINDS = {
    "agent": "Thing",
    "concept": "DefinedTerm",
    "place": "Place",
    "series": "CreativeWorkSeries",
    "dataset": "Dataset",
}
DATES = (XSD.gYear, XSD.gYearMonth, XSD.date)  # those that schema.org knows (ISO 8601)


def json_ld(version: Version) -> bytes:
    return orjson.dumps(document(version), option=orjson.OPT_INDENT_2)


def as_turtle(version: Version) -> bytes:
    quads = parse(json_ld(version), format=RdfFormat.JSON_LD)
    return turtle(Nodes(version.mapping, lines(Triple(q.subject, q.predicate, q.object) for q in quads)))


def document(version: Version) -> Node:
    """The description and who publishes it."""
    return description(version) | published_by(version.mapping)


def published_by(mapping: Mapping) -> Node:
    """What the settings say of every description."""
    found: Node = {}
    if mapping.settings.LICENSE:
        found["sdLicense"] = {"@id": mapping.settings.LICENSE}
    if name := mapping.settings.PUBLISHER_NAME:
        found["sdPublisher"] = {"@id": mapping.addresses.iri("/#publisher"), "@type": "Organization", "name": name}
    return found


def description(version: Version) -> Node:
    """What is said of the thing, with the document about it as its page."""
    addresses = version.mapping.addresses
    thing = _resource(version) if version.kind == "resource" else _other(version)
    page: Node = {"@id": addresses.document(*version.name), "@type": "WebPage"}
    for term, attribute in (("dateCreated", "created"), ("dateModified", "modified")):
        _put(page, term, [said.text for said in version.view.document.get(attribute, ())])
    return {"@context": {"@vocab": VOCABULARY}, **thing, "mainEntityOfPage": page}


def _resource(version: Version) -> Node:
    view, work = version.view, Work(version)
    node: Node = {"@id": work.iri, "@type": types_of(view)["schema"]}
    for name, attributes in TEXTS.items():
        _put(node, name, [_text(said) for attribute in attributes for said in view.thing.get(attribute, ())])
    _put(node, "author", [_agent(party.said, party) for party in work.creators] or view.texts("creators_as_given"))
    for code, name in (("edt", "editor"), ("trl", "translator"), ("", "contributor")):
        chosen = [party for party in work.contributors if code in party.roles or (not code and not _editing(party))]
        _put(node, name, [_agent(party.said, party) for party in chosen])
    _put(node, "publisher", [_agent(said) for said in view.thing.get("publishers", ())])
    _put(node, "sourceOrganization", [_agent(said) for said in view.thing.get("degree_grantors", ())])
    dated = [said.text for said in view.thing.get("issued", ()) if said.datatype in DATES]
    _put(node, "datePublished", dated or ([work.year] if work.year else []))
    _put(node, "numberOfPages", [int(text) for text in view.texts("number_of_pages") if text.isdigit()])
    _put(node, "inLanguage", list(dict.fromkeys([*work.languages, *view.texts("languages_as_given")])))
    _put(node, "about", [_named(said, "DefinedTerm") for said in view.thing.get("subjects", ())])
    _put(node, "spatialCoverage", [_named(said, "Place") for said in view.thing.get("countries", ())])
    _put(node, "isPartOf", [_named(said, "CreativeWork") for said in view.thing.get("is_part_of", ())])
    _put(node, "position", view.texts("number"))
    _put(node, "sameAs", [{"@id": iri} for iri in view.iris("same_as")])
    _put(node, "url", [{"@id": iri} for iri in view.iris("formats")])
    media = work.media_types if len(work.media_types) == 1 else []
    files = [{"@id": iri, "@type": "MediaObject", "contentUrl": {"@id": iri}} for iri in view.iris("formats")]
    _put(node, "encoding", [file | {"encodingFormat": text} for file in files for text in media])
    return node


def _editing(party: Party) -> bool:
    return "edt" in party.roles or "trl" in party.roles


def _other(version: Version) -> Node:
    view, mapping = version.view, version.mapping
    classes = {iri.rpartition("/")[2] for iri in view.iris("type")}
    kind = KINDS[version.kind]
    if version.kind == "agent":
        kind = "Person" if "Person" in classes else "Organization" if "Organization" in classes else kind
    node: Node = {"@id": mapping.addresses.thing(*version.name), "@type": kind}
    names = [said for name in ("name", "preferred_label", "title") for said in view.thing.get(name, ())]
    _put(node, "name", [_text(said) for said in names])
    _put(node, "alternateName", [_text(said) for said in view.thing.get("alternative_labels", ())])
    _put(node, "givenName", view.texts("given_name"))
    _put(node, "familyName", view.texts("family_name"))
    _put(
        node, "parentOrganization", [_named(said, "Organization") for said in view.thing.get("sub_organization_of", ())]
    )
    if version.kind == "concept":
        _put(node, "inDefinedTermSet", [{"@id": iri} for iri in view.iris("in_scheme")])
    if version.kind == "place":
        _put(node, "containedInPlace", [_named(said, "Place") for said in view.thing.get("broader", ())])
    _put(node, "sameAs", [{"@id": iri} for iri in (*view.iris("exact_match"), *view.iris("same_as"))])
    if version.kind == "dataset":
        _put(node, "license", [{"@id": iri} for iri in view.iris("license")])
        _put(node, "description", view.texts("description"))
        _put(node, "url", [{"@id": mapping.addresses.document(*version.name)}])
        name = mapping.settings.PUBLISHER_NAME
        _put(node, "creator", [{"@type": "Organization", "name": name}] if name else [])
    return node


def _put(node: Node, name: str, values: list[Any]) -> None:
    """One value as it is, several as a list, each once."""
    _term(name)
    distinct = [value for place, value in enumerate(values) if value not in values[:place]]
    if distinct:
        node[name] = distinct if len(distinct) > 1 else distinct[0]


@cache
def _term(name: str) -> str:
    """A term of the vocabulary; a misspelt one stops the program."""
    return SCHEMA.__getattr__(name)


def _text(said: Said) -> Any:
    return {"@value": said.text, "@language": said.language} if said.language else said.text


def _named(said: Said, kind: str) -> Any:
    """A thing of ours with its label, or the text where there is no thing."""
    return {"@id": said.iri, "@type": kind, "name": said.text} if said.iri else said.text


def _agent(said: Said, party: Party | None = None) -> Any:
    node = _named(said, AGENTS.get(said.agent_kind, "Organization"))
    if party is not None and said.agent_kind == "person" and said.iri:
        parts = {"givenName": party.name.given_name, "familyName": party.name.family_name}
        node |= {name: text for name, text in parts.items() if text}
    return node
