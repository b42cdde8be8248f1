"""oai_dcterms: qualified Dublin Core, each value in the term of DCMI Metadata Terms that says what it is.

DCMI leaves the element around the terms to the application; this is the one of DSpace, which harvesters know.
"""

from __future__ import annotations

from publisher.crosswalks.elements import LANGUAGE, XSI, add, as_bytes, root
from publisher.crosswalks.oai_dc import DC
from publisher.crosswalks.work import Work
from publisher.namespaces import DCTERMS, EDTF, XSD
from publisher.view import Said, Version

NAMESPACE = "http://purl.org/dc/terms/"
SCHEMA = "http://dublincore.org/schemas/xmls/qdc/2008/02/11/dcterms.xsd"
CONTAINER = "http://dspace.org/qualifieddc/"
TYPE = f"{{{XSI}}}type"
DATES = {XSD.gYear: "W3CDTF", XSD.gYearMonth: "W3CDTF", XSD.date: "W3CDTF", EDTF.EDTF: ""}
# term -> attributes of the context whose values it carries
TERMS = {
    DCTERMS.title: ("title",),
    DCTERMS.alternative: ("alternative",),
    DCTERMS.subject: ("subjects",),
    DCTERMS.abstract: ("abstract",),
    DCTERMS.tableOfContents: ("table_of_contents",),
    DCTERMS.description: ("description", "edition", "degree", "publication_statement"),
    DCTERMS.publisher: ("publishers",),
    DCTERMS.issued: ("issued", "date"),
    DCTERMS.extent: ("extent",),
    DCTERMS.medium: ("medium",),
    DCTERMS.isPartOf: ("is_part_of",),
    DCTERMS.bibliographicCitation: ("citation",),
    DCTERMS.spatial: ("countries",),
    DCTERMS.coverage: ("coverage",),
    DCTERMS.relation: ("see_also",),
    DCTERMS.rights: ("rights", "rights_links"),
    DCTERMS.license: ("license",),
}


def write(version: Version) -> bytes:
    view, work = version.view, Work(version)
    element = root(
        f"{{{CONTAINER}}}qualifieddc", {"qdc": CONTAINER, "dcterms": NAMESPACE, "dc": DC}, f"{NAMESPACE} {SCHEMA}"
    )
    said: set[tuple[str, str]] = set()

    def say(term: str, text: str, scheme: str = "", language: str = "") -> None:
        if text and (term, text) not in said:
            said.add((term, text))
            attributes = {TYPE: f"dcterms:{scheme}" if scheme else "", LANGUAGE: language}
            add(element, f"{{{NAMESPACE}}}{term.removeprefix(NAMESPACE)}", text, **attributes)

    def put(term: str, value: Said) -> None:
        is_link = value.iri and value.text == value.iri
        scheme = "URI" if is_link else DATES.get(value.datatype, "") if term == DCTERMS.issued else ""
        say(term, value.heading if value.agent_kind else value.text, scheme, value.language)

    for term, attributes in TERMS.items():
        for attribute in attributes:
            for value in view.thing.get(attribute, ()):
                put(term, value)
        if term == DCTERMS.alternative:
            for creator in view.headings("creators") or view.texts("creators_as_given"):
                say(DCTERMS.creator, creator)
    for party in work.contributors:
        say(DCTERMS.contributor, party.said.heading)
    for text in work.types:
        say(DCTERMS.type, text)
    for iri in view.iris("type_links"):
        say(DCTERMS.type, iri, "URI")
    for text in work.media_types:
        say(DCTERMS.format, text, "IMT")
    say(DCTERMS.identifier, work.iri, "URI")
    for text in work.shelf_numbers:
        say(DCTERMS.identifier, text)
    for value in (*view.thing.get("uri", ()), *view.thing.get("same_as", ())):
        say(DCTERMS.identifier, value.text, "URI")
    for scheme, text in work.numbers:
        say(DCTERMS.identifier, f"{scheme}:{text}" if scheme else text)
    for code in work.languages:
        say(DCTERMS.language, code, "ISO639-2")
    for text in view.texts("languages_as_given"):
        say(DCTERMS.language, text)
    for value in view.document.get("source_statement", ()):  # dcterms:source would say that it is derived from that
        add(element, f"{{{DC}}}source", value.text)
    return as_bytes(element)
