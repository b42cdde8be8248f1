"""The elements of one MARCXML record, and what OAI-PMH puts around it."""

from __future__ import annotations

from typing import Any

from lxml import etree

from publisher.readers.marc.fields import Field, clean
from publisher.record import Value


def is_marc(element: Any) -> bool:
    """Whether a record has MARC's own children; those of OAI-PMH and SRU are called record, too."""
    return next(element.iterchildren("{*}leader", "{*}controlfield", "{*}datafield"), None) is not None


def fields_of(element: Any, offset: int) -> tuple[str, list[Field]]:
    """The leader and the fields; `offset` is what to add to a line of the parser."""
    leader, fields = "", []
    for child in element.iterchildren("{*}leader", "{*}controlfield", "{*}datafield"):
        kind = etree.QName(child).localname
        line = offset + child.sourceline
        tag = (child.get("tag") or "").strip()
        tag = tag.zfill(3) if tag.isdigit() else tag
        if kind == "leader":
            leader = clean("".join(child.itertext()).strip("\r\n\t"))
        elif kind == "controlfield":
            fields.append(Field(tag, data=clean("".join(child.itertext()).strip("\r\n\t")), line=line))
        else:
            subfields = [
                (subfield.get("code") or "", clean(" ".join("".join(subfield.itertext()).split())))
                for subfield in child.iterchildren("{*}subfield")
            ]
            if text := " ".join((child.text or "").split()):
                subfields.insert(0, ("", text))
            fields.append(Field(tag, child.get("ind1") or " ", child.get("ind2") or " ", subfields, line=line))
    return leader, fields


def header_of(outer: Any, line: int) -> list[tuple[str, Value]]:
    """What OAI-PMH says of a record: identifier, datestamp and sets (OAI-PMH 2.0, 2.5)."""
    if outer is None:
        return []
    return [
        (f"OAI-PMH {etree.QName(child).localname}", Value(text, line, line))
        for child in outer.iterfind("{*}header/*")
        if isinstance(child.tag, str) and (text := (child.text or "").strip())
    ]
