"""What an XML element of Dublin Core says: its name, its text, its language and its scheme."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from publisher.record import Value

DUBLIN_CORE = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/", "http://purl.org/dc/terms/", "")
XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TAG = re.compile(r"[a-z]{2,8}(?:[-_][a-z0-9]{1,8})*", re.I)


def value_of(element: Any) -> Value:
    """The text of an element with its language, and its scheme where `xsi:type` names one."""
    text = text_of(element)
    given = element.get(f"{XML}lang", "")
    kind = element.get(f"{XSI}type", "").rpartition(":")[2].lower()
    first = element.sourceline
    breaks = sum((part.text or "").count("\n") for part in element.iter()) if "\n" in (element.text or "") else 0
    language = given.replace("_", "-") if TAG.fullmatch(given) else ""
    return Value(text, first, first + breaks, language, "" if kind == "string" else kind)


def text_of(element: Any) -> str:
    """All the text within an element: lines joined by a space, paragraphs by a blank line."""
    if element is None:
        return ""
    if len(element) == 0:
        return words(element.text)
    pieces = [element.text or ""]
    for part in element:
        if part.tag is etree.Entity:
            pieces.append(html.unescape(part.text))
        elif isinstance(part.tag, str):
            pieces.append(text_of(part))
        pieces.append(part.tail or "")
    return words("".join(pieces))


def words(text: str | None) -> str:
    if not text:
        return ""
    if "\n" not in text and "\r" not in text:
        return text.strip()
    parts = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n\n".join(" ".join(part.split()) for part in parts if part.strip())


def with_iri(value: Value) -> Value:
    return Value(value.text, value.first_line, value.last_line, value.language, value.scheme, (value.text,))


def name_of(tag: str) -> tuple[str, str]:
    """The namespace of an element or attribute, "" for none, and its name there; a prefix that was never declared
    belongs to neither."""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name.rpartition(":")[2]


def label_of(element: Any) -> str:
    namespace, name = name_of(element.tag)
    prefix = {DUBLIN_CORE[0]: "dc", DUBLIN_CORE[2]: "dcterms"}.get(namespace, element.prefix)
    return f"{prefix}:{name}" if prefix else name


def children(element: Any) -> Iterator[Any]:
    return (part for part in element if isinstance(part.tag, str))
