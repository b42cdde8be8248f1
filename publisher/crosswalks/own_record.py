"""record: a record as we keep it, value for value, so that another publisher who harvests it has it as we do.

The JSON of a `Record` in one element, whose namespace is that of our own terms; readers/own_record.py reads it.
"""

from __future__ import annotations

import re

import orjson

from publisher.crosswalks.elements import as_bytes, root
from publisher.mapping import Mapping
from publisher.view import Version

_NOT_XML = re.compile("[\x7f-\x9f\ufffe\uffff]")  # of what JSON leaves as it is


def namespace(mapping: Mapping) -> str:
    return f"{mapping.addresses.ontology}#"


def schema(mapping: Mapping) -> str:
    return mapping.addresses.iri("/record.xsd")


def write(version: Version) -> bytes:
    own = namespace(version.mapping)
    element = root(f"{{{own}}}record", {None: own}, f"{own} {schema(version.mapping)}")
    text = orjson.dumps(version.record).decode()
    element.text = _NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return as_bytes(element)
