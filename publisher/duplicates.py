"""Duplicates: records that describe one work by all appearance. Both places are reported; they are never merged."""

from __future__ import annotations

import hashlib
import re

from pyoxigraph import Literal, NamedNode

from publisher.mapping import Described, Mapping
from publisher.mapping.terms import fold


def mark_of(mapping: Mapping, item: Described) -> bytes:
    """What two records of one work have alike: the title but for case, accents and punctuation, the year, a body or
    person responsible, and the place in a series or journal. Empty if one of the first three is not known, since
    "Annual Report" alone tells nothing."""
    names = mapping.context.names
    said: dict[str, list[str]] = {}
    for statement in item.resource.statements:
        target = statement.object
        if isinstance(target, Literal | NamedNode):
            said.setdefault(names.get(statement.predicate.value, ""), []).append(target.value)
    title = fold(said.get("title", [""])[0])
    year = re.sub(r"\D", "", min(said.get("issued", [""])))[:4]
    body = min(said.get("creators") or said.get("publishers") or [""])
    if not (title and year and body):
        return b""
    place = sorted(said.get("number", []) + said.get("volume", []) + said.get("edition", []))
    return hashlib.sha256("\n".join([title, year, body, *place]).encode()).digest()[:16]
