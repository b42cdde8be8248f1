"""A MARC field as read, what becomes of its subfields, and the IRIs, roles and punctuation that they share."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cache
from typing import Any

from lxml import etree

from publisher import resources
from publisher.readers.text import xml_text
from publisher.readers.text.decoding import ILLEGAL
from publisher.record import Agent, Leftover, Part, Value

SLIM = "http://www.loc.gov/MARC21/slim"
UNSORTED = re.compile("[\x88\x89\x98\x9c]")  # the marks around an article that is not filed

# Forms of $0 and $1 that stand for one IRI each: (code)number
IRI = re.compile(r"(?:https?|urn|info):[^\x00-\x20<>\"{}|\\^`]+", re.I)
CODED = re.compile(r"\(([\w-]{2,12})\)\s*(\S[\S ]{0,60})")
IRIS = (
    ("orcid", r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", "https://orcid.org/"),
    ("viaf", r"(?:https?://viaf\.org/viaf/)?(\d{1,22})", "http://viaf.org/viaf/"),
    ("isni", r"(\d{15}[\dX])", "https://isni.org/isni/"),
    ("ror", r"(?:https?://ror\.org/)?(0[a-z0-9]{8})", "https://ror.org/"),
    ("wikidata", r"(Q\d{1,12})", "http://www.wikidata.org/entity/"),
    ("de-588", r"(1[012]?\d{7}[\dX]|[47]\d{6}-\d|[1-9]\d{0,7}-[\dX]|3\d{7}[\dX])", "https://d-nb.info/gnd/"),
    ("ocolc", r"fst0*(\d{1,9})", "http://id.worldcat.org/fast/"),
    ("dlc", r"(sh\d{8,10})", "http://id.loc.gov/authorities/subjects/"),
    ("dlc", r"(n[abors]?\d{8,10})", "http://id.loc.gov/authorities/names/"),
    ("dlc", r"(gf\d{8,10})", "http://id.loc.gov/authorities/genreForms/"),
    ("dnlm", r"(D\d{6,9}(?:Q\d{6,9})?)", "http://id.nlm.nih.gov/mesh/"),
    ("uri", rf"({IRI.pattern})", ""),
)
VALUE = re.compile(r'<(?:controlfield\b[^>]*|subfield code="([^"]*)")>([^<]*)<')  # as `as_xml` writes them
OCLC = re.compile(r"\(OCoLC\)\s*(?:oc[mn]|on)?0*(\d+)\s*", re.I)
RELATOR = re.compile(r"(?:https?://id\.loc\.gov/vocabulary/relators/)?([a-z]{3})")

# Punctuation that ISBD sets between elements stands at the end of the element before it.
BETWEEN = " \t\n/:;,="
FULL_STOP = re.compile(r"(?:(?<![.\w])(?P<word>\w{3,}|[a-z]{2})|[)\]\"”»?!])\.$")
ABBREVIATIONS = frozenset(
    (  # noqa: SIM905 -- two lines instead of forty
        "ass assoc assn ave bd bros ca co comm cong corp dept dist div dr ed eds esq etc gov govt inc intl jr ltd mfg "
        "natl no nr off op prof pt pub publ rept rev sect ser sess sr st suppl tech univ vol vs"
    ).split()
)


@dataclass(slots=True)
class Field:
    """One field as read: `data` of a control field (001-009), else `subfields` as (code, text) in order."""

    tag: str
    ind1: str = " "
    ind2: str = " "
    subfields: list[tuple[str, str]] = attribute(default_factory=list)
    data: str = ""
    line: int = 0
    taken: set[int] = attribute(default_factory=set)

    def pairs(self, codes: str) -> list[tuple[str, str]]:
        """These subfields in the order of the record; they are no leftovers any more."""
        found = []
        for index, (code, text) in enumerate(self.subfields):
            if len(code) == 1 and code in codes:
                self.taken.add(index)
                if text := " ".join(text.split()):  # XML keeps no runs of spaces, so the same record has none here
                    found.append((code, text))
        return found

    def take(self, codes: str) -> list[str]:
        return [text for _, text in self.pairs(codes)]

    def joined(self, codes: str) -> str:
        return " ".join(self.take(codes))

    def value(self, text: str, scheme: str = "", iris: tuple[str, ...] = ()) -> Value:
        return Value(text, self.line, self.line, "", scheme, iris)

    def iris(self) -> tuple[str, ...]:
        """The IRIs that $0 and $1 give or stand for; those that give none stay as leftovers."""
        found = []
        for index, (code, text) in enumerate(self.subfields):
            if code in ("0", "1") and (iri := iri_of(text)):
                self.taken.add(index)
                found.append(iri)
        return tuple(dict.fromkeys(found))

    def scheme(self) -> str:
        """The list that $2 names, "lcgft"."""
        return self.joined("2").strip(" .").lower()


@cache
def relators() -> dict[str, str]:
    """Relator terms as catalogues write them, to MARC relator codes."""
    return {row["term"]: row["code"] for row in resources.table("ontology/relators.csv")}


def relator_of(text: str) -> str:
    """The MARC relator code of a $4 (a code or its IRI) or of a term in $e, "" where it is not known."""
    text = " ".join(text.strip(" .,;:[]()").split())
    match = RELATOR.fullmatch(text)
    return match[1] if match else relators().get(text.lower(), "")


def iri_of(text: str) -> str:
    """The IRI of a $0 or $1, or "" where it is no well-formed one."""
    text = text.strip().rstrip(".")
    if IRI.fullmatch(text):
        return text
    if coded := CODED.fullmatch(text):
        number = coded[2].replace(" ", "")
        for code, form, start in IRIS:
            if code == coded[1].lower() and (match := re.fullmatch(form, number)):
                return start + match[1]
    return ""


def trim(text: str) -> str:
    """The text without the ISBD punctuation at its end; a full stop that belongs to an abbreviation stays."""
    text = text.strip().rstrip(BETWEEN)
    if text.endswith(".") and not text.endswith(".."):
        match = FULL_STOP.search(text)
        if match and (match["word"] or "").lower() not in ABBREVIATIONS:
            text = text[:-1].rstrip(BETWEEN)
    return text


def unbracketed(text: str) -> str:
    """A part of an imprint without the half of a pair of brackets that it shares with the next part."""
    if text.count("[") > text.count("]"):
        return text.removeprefix("[")
    return text.rstrip(".").removesuffix("]") if text.count("]") > text.count("[") else text


class Draft:
    """The values of a record while its fields are read."""

    def __init__(self, leader: str) -> None:
        self.kind = leader[6:8]
        self.values: dict[str, list[Any]] = {}
        self.leftovers: list[Leftover] = []
        self.main: list[Agent] = []
        self.traced: list[Part] = []
        self.untraced: list[tuple[Part, Field]] = []
        self.fixed = ""
        self.fixed_line = 0

    def add(self, name: str, *values: Any) -> None:
        self.values.setdefault(name, []).extend(values)

    def add_text(self, name: str, field: Field, text: str, scheme: str = "", iris: tuple[str, ...] = ()) -> None:
        if text:
            self.add(name, field.value(text, scheme, iris))

    def leave(self, field: Field, link: str = "") -> None:
        """Keeps what no rule took of a field."""
        if field.data:
            self.leftovers.append(Leftover(f"MARC {field.tag}", field.value(field.data)))
        for index, (code, text) in enumerate(field.subfields):
            if index not in field.taken and text.strip() and code not in ("6", "8"):
                label = f"MARC {field.tag}{link} ${code}".rstrip()
                self.leftovers.append(Leftover(label, field.value(" ".join(text.split()))))


def clean(text: str) -> str:
    """The text without the marks of filing, and without the characters that XML 1.0 does not allow."""
    return text if text.isprintable() else ILLEGAL.sub("", UNSORTED.sub("", text))


def as_xml(leader: str, fields: list[Field]) -> str:
    """A record as MARCXML, a line for each field and subfield."""
    root = etree.Element(f"{{{SLIM}}}record", nsmap={None: SLIM})
    etree.SubElement(root, f"{{{SLIM}}}leader").text = clean(leader)
    for field in fields:
        if field.subfields:
            ind1, ind2 = clean(field.ind1), clean(field.ind2)
            data = etree.SubElement(root, f"{{{SLIM}}}datafield", tag=field.tag, ind1=ind1, ind2=ind2)
            for code, text in field.subfields:
                etree.SubElement(data, f"{{{SLIM}}}subfield", code=clean(code)).text = text
        else:
            etree.SubElement(root, f"{{{SLIM}}}controlfield", tag=field.tag).text = field.data
    return str(etree.tostring(root, encoding="unicode", pretty_print=True))


def content(text: str) -> str:
    """A record as read, without its tags, codes and leader; numbers in $0 and $1 as the IRIs that they stand for."""
    if "<leader" not in text and "field" not in text:
        return xml_text.content(text)
    found = []
    for match in VALUE.finditer(text):
        value = html.unescape(match[2])
        if match[1] not in ("6", "8"):
            found.append((iri_of(value) or value) if match[1] in ("0", "1") else OCLC.sub(r"\1", value))
    return "\n".join(found)
