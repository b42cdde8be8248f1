"""Dublin Core: what becomes of the elements of a record, be it oai_dc, qualified Dublin Core or DSpace's xoai."""

from __future__ import annotations

import html
import re
from typing import Any

from lxml import etree
from stdnum import isbn, issn

from publisher.readers.dublin_core.xml import (
    DUBLIN_CORE,
    TAG,
    XML,
    XSI,
    children,
    label_of,
    name_of,
    value_of,
    with_iri,
    words,
)
from publisher.record import Agent, Leftover, Part, Value

OAI = "http://www.openarchives.org/OAI/2.0/"
XOAI = "http://www.lyncode.com/xoai"
MARC = "http://www.loc.gov/MARC21/slim"

# Names of elements and of DSpace's qualified fields, in lower case. What is not here is a leftover.
FIELDS = {
    "title": "title",
    "alternative": "alternative",
    "title.alternative": "alternative",
    "title.translated": "alternative",
    "creator": "creators",
    "contributor.author": "creators",
    "contributor": "contributors",
    "contributor.advisor": "contributors",
    "contributor.editor": "contributors",
    "contributor.illustrator": "contributors",
    "contributor.translator": "contributors",
    "subject": "subjects",
    "description": "description",
    "abstract": "abstract",
    "description.abstract": "abstract",
    "tableofcontents": "table_of_contents",
    "description.tableofcontents": "table_of_contents",
    "publisher": "publishers",
    "date": "issued",
    "issued": "issued",
    "date.issued": "issued",
    "type": "types",
    "format": "extent",
    "extent": "extent",
    "format.extent": "extent",
    "identifier": "identifiers",
    "source": "source_statement",
    "language": "languages",
    "language.iso": "languages",
    "ispartof": "is_part_of",
    "relation.ispartof": "is_part_of",
    "relation.ispartofseries": "is_part_of",
    "coverage": "countries",
    "coverage.spatial": "countries",
    "spatial": "countries",
    "coverage.temporal": "temporal",
    "temporal": "temporal",
    "rights": "rights",
    "rights.uri": "rights",
    "rights.license": "rights",
    "license": "rights",
    "accessrights": "rights",
    "thesis.degree.name": "degree",
    "thesis.degree.grantor": "degree_grantors",
}
ROLES = {
    "contributor.advisor": "ths",
    "contributor.editor": "edt",
    "contributor.illustrator": "ill",
    "contributor.translator": "trl",
}
AGENTS = frozenset(("creators", "contributors", "publishers", "degree_grantors"))
SCHEMED = frozenset(("subject", "identifier"))  # their unknown qualifiers name a list: dc.subject.lcsh

DOI = re.compile(r"(?:doi:\s*|(?P<iri>https?://(?:dx\.)?doi\.org/))?10\.\d{4,9}/\S+", re.I)
HANDLE = re.compile(r"(?:hdl:\s*|(?P<iri>https?://hdl\.handle\.net/))\S+/\S+", re.I)
ISBN = re.compile(r"(?P<said>urn:isbn:|isbn(?:[- ]?1[03])?\s*:?\s*)?(?P<number>[\d\u2010-\u2015 -]{9,17}[\dx])", re.I)
ISSN = re.compile(r"(?P<said>urn:issn:|[ep]?-?issn\s*:?\s*)?(?P<number>\d{4}[\u2010-\u2015-]?\d{3}[\dx])", re.I)
URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.I)
ADDRESS = re.compile(r"(?:https?|ftps?)://\S|www\.\S", re.I)
IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.I)
EXTENT = re.compile(r"\d\s*(?:p|pp|pg|pages?|leaves|s|sheets?|v|vols?|volumes?|minutes?|min|hours?)\b", re.I)
PERIOD = re.compile(
    r"(?:c\.|ca\.?|circa)?\s*\d{1,4}s?(?:-\d\d){0,2}(?:\s*(?:-|–|/|to)\s*\d{1,4}s?(?:-\d\d){0,2})?", re.I
)
NO_PLACE = re.compile(r"\d")


class Reading:
    """The values of one record while they are gathered."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.leftovers: list[Leftover] = []
        self.withdrawn = False

    def read(self, record: Any) -> None:
        """Raises ValueError with what is wrong with the record as a whole."""
        if name_of(record.tag)[1] != "record":
            self.payload(record)
            return
        found = False
        for part in children(record):
            name = name_of(part.tag)[1]
            if name == "header":
                self.header(part)
            elif name in ("metadata", "recordData"):
                for payload in children(part):
                    found = True
                    self.payload(payload)
                self.keep(name, Value(words(part.text), part.sourceline, part.sourceline))
            else:
                found = found or self.field(part)
        if not found and not self.withdrawn:
            raise ValueError("this record has no metadata and is not marked as deleted")

    def header(self, header: Any) -> None:
        self.withdrawn = header.get("status") == "deleted"
        for part in children(header):
            name = name_of(part.tag)[1]
            if name == "identifier":
                value = value_of(part)
                if value.text:
                    self.add("record_number", Value(value.text, value.first_line, value.last_line, scheme="oai"))
            else:
                self.keep(f"OAI {name}", value_of(part))

    def payload(self, element: Any) -> None:
        namespace, name = name_of(element.tag)
        if namespace == XOAI:
            self.xoai(element, [])
        elif name.endswith("dc") or namespace in DUBLIN_CORE:
            self.stray(element.text, element)
            for part in element:
                if isinstance(part.tag, str):
                    if not self.field(part):
                        self.keep(label_of(part), value_of(part))
                elif part.tag is etree.Entity:
                    self.stray(html.unescape(part.text), part)
                self.stray(part.tail, part)
        elif namespace == MARC:
            raise ValueError("this record is MARC; read the file with --format marcxml")
        else:
            raise ValueError(f"this reader does not know the metadata format {namespace or name}")

    def stray(self, text: str | None, element: Any) -> None:
        self.keep("text between fields", Value(words(text), element.sourceline, element.sourceline))

    def field(self, element: Any) -> bool:
        """Takes an element of Dublin Core; False if it is none that we know."""
        namespace, name = name_of(element.tag)
        if namespace not in DUBLIN_CORE:
            return False
        value = value_of(element)
        label = label_of(element)
        for attribute, given in element.attrib.items():
            if attribute == f"{XML}lang" and (TAG.fullmatch(given) or not given):
                continue
            if attribute != f"{XSI}type":
                self.keep(f"{label} @{name_of(attribute)[1]}", Value(given, value.first_line, value.last_line))
        return not value.text or self.place(name.lower(), label, value)

    def place(self, name: str, label: str, value: Value) -> bool:
        """Puts a value where the table says; False if the table does not know its name."""
        qualified = name
        if name not in FIELDS:
            name, _, qualifier = name.partition(".")
            if not qualifier or (name not in SCHEMED and name != "contributor"):
                return False
            if name == "contributor":
                self.keep(label, value)  # keeps the role, for which we have no code
            else:
                value = Value(value.text, value.first_line, value.last_line, value.language, qualifier, value.iris)
        attribute = FIELDS[name]
        if attribute in AGENTS:
            self.add(attribute, Agent(value, role=ROLES.get(qualified, "")))
        elif attribute == "identifiers":
            self.identify(value)
        elif attribute == "is_part_of":
            self.add(attribute, Part(value, "series" if name.endswith("series") else ""))
        elif name == "format" and not EXTENT.search(value.text):
            self.keep(label, value)
        elif name == "coverage" and PERIOD.fullmatch(value.text):
            self.add("temporal", value)
        elif name == "coverage" and NO_PLACE.search(value.text):
            self.keep(label, value)
        else:
            is_iri = attribute in ("rights", "types", "subjects") and ":/" in value.text and IRI.fullmatch(value.text)
            self.add(attribute, with_iri(value) if is_iri else value)
        return True

    def identify(self, value: Value) -> None:
        """Tells by its form what an identifier is; an address is one of the work's, too, where it is a DOI's."""
        text, scheme = value.text, value.scheme
        link = ADDRESS.match(text)
        if link:
            self.add("uri", value)
        if match := DOI.fullmatch(text) or HANDLE.fullmatch(text):
            scheme = "handle" if match.re is HANDLE else "doi"
        elif (match := ISBN.fullmatch(text)) and (match["said"] or isbn.is_valid(match["number"])):
            scheme = "isbn"
        elif (match := ISSN.fullmatch(text)) and (
            match["said"] or (not match["number"].isdigit() and issn.is_valid(match["number"]))
        ):
            scheme = "issn"
        elif URN.fullmatch(text):
            scheme = "urn"
        elif link:
            return
        is_iri = (
            scheme in ("doi", "handle", "urn") and ":" in text and (link or scheme == "urn") and IRI.fullmatch(text)
        )
        iris = (text,) if is_iri else value.iris
        self.add("identifiers", Value(text, value.first_line, value.last_line, value.language, scheme, iris))

    def xoai(self, element: Any, path: list[str]) -> None:
        """DSpace's own form: elements within elements, the innermost named by a language or "none"."""
        self.stray(element.text, element)
        for part in children(element):
            name = part.get("name", "")
            if name_of(part.tag)[1] == "element":
                self.xoai(part, [*path, name])
            else:
                self.xoai_field(part, path, name)
            self.stray(part.tail, part)

    def xoai_field(self, element: Any, path: list[str], name: str) -> None:
        value = value_of(element)
        if not value.text:
            return
        if name != "value" or len(path) < 2:
            self.keep(".".join([*path, name]), value)
            return
        *way, language = path
        if language not in ("none", "*"):
            if not TAG.fullmatch(language):
                way = path
            else:
                value = Value(value.text, value.first_line, value.last_line, language.replace("_", "-"), value.scheme)
        schema, *rest = way
        known = ".".join(rest if schema in ("dc", "dcterms") else way).lower()
        label = ".".join(way)
        if not self.place(known, label, value):
            self.keep(label, value)

    def add(self, attribute: str, value: Any) -> None:
        self.values.setdefault(attribute, []).append(value)

    def keep(self, label: str, value: Value) -> None:
        if value.text:
            self.leftovers.append(Leftover(label, value))
