"""Elements of XML as the crosswalks build them: with lxml, and of characters that XML 1.0 allows."""

from __future__ import annotations

from typing import Any

from lxml import etree

from publisher.mapping.terms import clean

XSI = "http://www.w3.org/2001/XMLSchema-instance"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def root(tag: str, namespaces: dict[str | None, str], locations: str) -> Any:
    """A root element; `locations` are pairs of namespace and schema."""
    return etree.Element(tag, {f"{{{XSI}}}schemaLocation": locations}, {**namespaces, "xsi": XSI})


def add(parent: Any, tag: str, text: str = "", /, **attributes: str) -> Any:
    """A new last child; attributes that are empty are left out."""
    child = etree.SubElement(parent, tag, {name: clean(value) for name, value in attributes.items() if value})
    if text:
        child.text = clean(text)
    return child


def as_bytes(element: Any) -> bytes:
    return bytes(etree.tostring(element, encoding="UTF-8", xml_declaration=False))
