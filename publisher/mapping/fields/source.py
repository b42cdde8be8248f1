"""Where a record comes from: what it says of its own source, and where it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Triple

from publisher.mapping import dates
from publisher.mapping.description import TYPE
from publisher.mapping.fields.draft import Draft
from publisher.mapping.terms import link, literal
from publisher.namespaces import PROV, XSD
from publisher.record import Value

ONLINE_RESOURCE = NamedNode("http://rdaregistry.info/termList/RDACarrierType/1018")
_ACCESSED = re.compile(r"(?i)\b(?:accessed|viewed|retrieved)\b(?: on)?:? *")
_DAY_OF_ACCESS = re.compile(
    r"(?P<date>[A-Za-z0-9,. /-]{6,40}?)(?: at| from|[:;.,]){0,4} *"
    r"(?:(?P<url>[A-Za-z]+://.*)|(?:via |through |www\.).*)?",
    re.DOTALL,
)


def source(draft: Draft) -> None:
    for value in draft.record.source_statement:
        draft.say_values("source_statement", [value], draft.document)
        if value.text.casefold().startswith(("internet resource", "online resource", "electronic resource")):
            draft.say("medium", ONLINE_RESOURCE)
        _accessed(draft, value)
    draft.resource.provenance = list(_provenance(draft))


def _accessed(draft: Draft, value: Value) -> None:
    """When and where the source was seen."""
    accessed = _ACCESSED.search(value.text)
    match = _DAY_OF_ACCESS.fullmatch(value.text, accessed.end()) if accessed else None
    date = dates.parse(match["date"]) if match else None
    if date is not None and date.kind == "date":
        # PAV: "if the time is unknown, 00:00:00Z"
        draft.say("source_accessed_on", f"{date.value}T00:00:00Z", draft.document)
        years = [year for year in (dates.parse(issued.text).year for issued in draft.record.issued) if year]
        if date.year is not None and years and date.year < min(years):
            draft.note(
                "source_statement", f"The source was seen in {date.year}, before the year of the record.", value, "info"
            )
    elif accessed:
        draft.note("source_statement", f'No day of access is understood in "{value.text}".', value)
    address = link(match["url"].strip().rstrip(".,;")) if match and match["url"] else None
    if address is not None:
        draft.say("source_accessed_at", address, draft.document)


def _provenance(draft: Draft) -> Iterator[Triple]:
    """Where the record was read. It is no part of the digest: the same record on another page is no change."""
    source = draft.record.source
    origin = NamedNode(draft.addresses.document("resource", draft.key, "txt"))
    place = f"lines {source.first_line}-{source.last_line}" if source.first_line else f"record {source.position}"
    lines_read = f"{PurePath(source.file).name}, {place}"
    yield Triple(draft.document, draft.context["imported_from"].property, origin)
    yield Triple(origin, TYPE, NamedNode(PROV.Entity))
    yield Triple(origin, draft.context["label"].property, literal(lines_read))
    for attribute, text in (("search_term", source.search_term), ("captured", source.captured)):
        if text:
            yield Triple(origin, draft.context[attribute].property, literal(text))
    if source.announced is not None:
        count = RdfLiteral(str(source.announced), datatype=NamedNode(XSD.integer))
        yield Triple(origin, draft.context["announced_count"].property, count)
