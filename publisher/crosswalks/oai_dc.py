"""oai_dc: unqualified Dublin Core, which OAI-PMH wants of everybody, with all that its fifteen elements can carry.

https://www.openarchives.org/OAI/2.0/oai_dc.xsd; plain texts, authors in their order, the address of the thing first.
Types and languages are in the lists that OpenAIRE's guidelines for literature repositories 3 and BASE want, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from publisher.crosswalks.elements import LANGUAGE, add, as_bytes, root
from publisher.crosswalks.types import semantics_of
from publisher.crosswalks.work import Work
from publisher.mapping import languages
from publisher.view import Said, Version

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
DC = "http://purl.org/dc/elements/1.1/"
URNS = {"isbn": "urn:isbn:", "issn": "urn:issn:", "oclc": "(OCoLC)", "pmid": "pmid:"}


def write(version: Version) -> bytes:
    view, work = version.view, Work(version)
    element = root(f"{{{NAMESPACE}}}dc", {"oai_dc": NAMESPACE, "dc": DC}, f"{NAMESPACE} {SCHEMA}")

    def say(name: str, *groups: Iterable[str | Said]) -> None:
        said: set[str] = set()
        for value in (value for group in groups for value in group):
            text = value if isinstance(value, str) else value.text
            if text and text not in said:
                said.add(text)
                language = {LANGUAGE: value.language} if isinstance(value, Said) else {}
                add(element, f"{{{DC}}}{name}", text, **language)

    def values(*attributes: str) -> list[Said]:
        return [said for attribute in attributes for said in view.thing.get(attribute, ())]

    say("title", values("title", "alternative"))
    say("creator", view.headings("creators") or view.texts("creators_as_given"))
    say("subject", values("subjects"))
    say("description", values("abstract", "table_of_contents", "description", "edition", "degree"))
    say("publisher", view.headings("publishers"))
    say("contributor", (party.said.heading for party in work.contributors))
    say("date", work.dates)
    say("type", work.class_labels, semantics_of(view), work.types, values("type_links"))
    say("format", values("extent"), work.media_types)
    numbers = (URNS.get(scheme, "") + text for scheme, text in work.numbers if scheme not in ("doi", "hdl"))
    say("identifier", (work.iri,), work.shelf_numbers, values("uri"), values("same_as"), numbers)
    say("source", view.document.get("source_statement", ()))
    say("language", map(languages.of_three_letters, work.languages), values("languages_as_given"))
    say("relation", values("citation") or values("is_part_of"), values("see_also"))
    say("coverage", values("countries", "coverage"))
    say("rights", work.rights())
    return as_bytes(element)
