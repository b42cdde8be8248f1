"""MARCXML: MARC 21 bibliographic records, https://www.loc.gov/marc/bibliographic/.

A record that was read from MARC goes out as it was read, since nothing that we could make of it would hold as much; any
other is made of its description. Both name our address of the work in 024.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from publisher.crosswalks.elements import add, as_bytes, root
from publisher.crosswalks.work import Party, Work, year_of
from publisher.mapping import places
from publisher.record import Part
from publisher.view import Version, marc_day, marc_time

NAMESPACE = "http://www.loc.gov/MARC21/slim"
SCHEMA = "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
READ_AS = ("marc21", "marcxml")
NUMBERS = {"isbn": "020", "issn": "022", "coden": "030", "report": "088"}  # schemes that have a field of their own
KINDS_OF_NUMBER = {"upc": "1", "ean": "3", "sici": "4"}  # first indicator of 024
ARTICLES = ("AcademicArticle", "Article", "BookSection", "Chapter")
NO_TEXT = {"AudioDocument": "i", "AudioVisualDocument": "g", "Film": "g", "Image": "k", "Map": "e", "Slideshow": "g"}

_BREAK = re.compile(r"\s*[\n\r\t]\s*")  # MARC has no lines
_SPAN = re.compile(r"(\d{4})[-\d?~%]*/(?:(\d{4})[-\d?~%]*|\.\.)", re.ASCII)
_SOME = re.compile(r"\[(\d{4})(?:,|\.\.)(\d{4})\]", re.ASCII)

Subfields = tuple[tuple[str, str], ...]


def write(version: Version) -> bytes:
    if version.record.source.format in READ_AS and (given := _as_read(version)) is not None:
        return given
    return as_bytes(_Making(version).record())


def _as_read(version: Version) -> bytes | None:
    """The record that was read, or None where its text is no MARCXML record."""
    try:
        document = etree.fromstring(version.record.source.text.encode(), etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError:
        return None
    found = next(document.iter(f"{{{NAMESPACE}}}record"), None)
    if found is None:
        return None
    element = root(f"{{{NAMESPACE}}}record", {None: NAMESPACE}, f"{NAMESPACE} {SCHEMA}")
    for child in found.iterchildren(tag=etree.Element):
        child.tail = None
        for part in child.iterchildren(tag=etree.Element):
            part.tail = None
        if len(child):
            child.text = None
        if child.tag == f"{{{NAMESPACE}}}leader":
            leader = f"{child.text or '':<24}"[:24]
            child.text = f"{leader[:9]}a{leader[10:20]}4500"  # XML is Unicode, whatever the file was
        element.append(child)
    iri = Work(version).iri
    if all(subfield.text != iri for subfield in element.iter(f"{{{NAMESPACE}}}subfield")):
        _put(element, "024", "7 ", (("a", iri), ("2", "uri")))
    # fields stand in the order of their hundreds; the leader has no tag
    element[:] = sorted(element, key=lambda child: (child.get("tag") or "")[:1])
    return as_bytes(element)


def _put(element: Any, tag: str, indicators: str, subfields: Subfields) -> None:
    kept = [(code, _BREAK.sub(" ", text)) for code, text in subfields if text]
    if kept and kept[0][0] != "2":
        field = add(element, f"{{{NAMESPACE}}}datafield", tag=tag, ind1=indicators[0], ind2=indicators[1])
        for code, text in kept:
            add(field, f"{{{NAMESPACE}}}subfield", text, code=code)


class _Making:
    """A MARC record in the making, out of a description."""

    def __init__(self, version: Version) -> None:
        self.version, self.view, self.work = version, version.view, Work(version)
        self.element = root(f"{{{NAMESPACE}}}record", {None: NAMESPACE}, f"{NAMESPACE} {SCHEMA}")

    def put(self, tag: str, indicators: str, *subfields: tuple[str, str]) -> None:
        """One field; subfields without a text are left out, and a field without subfields."""
        _put(self.element, tag, indicators, subfields)

    def record(self) -> Any:
        add(self.element, f"{{{NAMESPACE}}}leader", self._leader())
        modified, created = (self.view.document[name][0].text for name in ("modified", "created"))
        fixed = self._fixed(marc_day(created))
        for tag, text in (
            ("001", self.version.key),
            ("005", marc_time(modified)),
            ("007", "cr |||||||||||" if self.work.is_online else ""),
            ("008", fixed),
        ):
            if text:
                add(self.element, f"{{{NAMESPACE}}}controlfield", text, tag=tag)
        self._numbers()
        self._titles()
        self._publication()
        self._parts()
        self._notes()
        self._subjects()
        self._others()
        self._copies()
        # as catalogues set them: the hundreds in order, and within them as they come
        self.element[:] = sorted(self.element, key=lambda field: _place(field.get("tag")))
        return self.element

    def _leader(self) -> str:
        kind = next((NO_TEXT[name] for name in self.work.classes if name in NO_TEXT), "a")
        level = "a" if any(name in ARTICLES for name in self.work.classes) else "m"
        return f"00000n{kind}{level} a2200000uu 4500"

    def _fixed(self, day: str) -> str:
        """008: what is not known has the fill character."""
        date = years(self.work.version.view.first("issued"))
        contents = "m   " if "Thesis" in self.work.classes else "||||"
        online = "o" if self.work.is_online else "|"
        language = self.work.languages[0] if len(self.work.languages) == 1 else "mul" if self.work.languages else "und"
        return f"{day}{date}xx ||||{'|'}{online}{contents}|||| |{'|'}{language:<3}||"

    def _numbers(self) -> None:
        self.put("024", "7 ", ("a", self.work.iri), ("2", "uri"))
        for scheme, text in self.work.numbers:
            if scheme == "lccn":
                self.put("010", "  ", ("a", text))
            elif scheme == "oclc":
                self.put("035", "  ", ("a", f"(OCoLC){text}"))
            elif scheme in NUMBERS:
                self.put(NUMBERS[scheme], "  ", ("a", text))
            elif scheme in KINDS_OF_NUMBER:
                self.put("024", f"{KINDS_OF_NUMBER[scheme]} ", ("a", text))
            elif scheme:
                self.put("024", "7 ", ("a", text), ("2", scheme))
            else:
                self.put("024", "8 ", ("a", text))
        if len(self.work.languages) > 1:
            self.put("041", "0 ", *(("a", code) for code in self.work.languages))

    def _titles(self) -> None:
        whole, rest = self.view.first("title") or self.version.key, self.work.pieces[1]
        title = whole.removesuffix(rest).rstrip() if rest else whole  # with the mark that stands between them
        has_main_entry = any(party.said.agent_kind for party in self.work.creators[:1])
        self.put("245", f"{int(has_main_entry)}{self._unfiled(title)}", ("a", title), ("b", rest))
        for text in (*self.view.texts("title")[1:], *self.view.texts("alternative")):
            self.put("246", "33", ("a", text))
        for text in self.view.texts("edition"):
            self.put("250", "  ", ("a", text))

    def _unfiled(self, title: str) -> int:
        """The characters of an article that the title is not filed by; only where it is one for sure."""
        first = title.partition(" ")[0]
        sure = first == "The" or (first in ("A", "An") and self.work.languages == ["eng"])
        return len(first) + 1 if sure and first != title else 0

    def _publication(self) -> None:
        self.put(
            "264",
            " 1",
            *(("a", text) for text in self.view.texts("place_of_publication")),
            *(("b", text) for text in self.view.texts("publishers")),
            *(("c", text) for text in self.work.dates),
        )
        for text in self.view.texts("extent"):
            self.put("300", "  ", ("a", text))
        if not any(name in NO_TEXT for name in self.work.classes):
            self.put("336", "  ", ("a", "text"), ("b", "txt"), ("2", "rdacontent"))
        if self.work.is_online:
            self.put("337", "  ", ("a", "computer"), ("b", "c"), ("2", "rdamedia"))
            self.put("338", "  ", ("a", "online resource"), ("b", "cr"), ("2", "rdacarrier"))
        for text in self.work.media_types:
            self.put("347", "  ", ("a", "text file"), ("b", text))

    def _parts(self) -> None:
        for part in self.work.parts:
            iri = self.work.host_iris.get(part.title.text, "")
            if part.kind in ("series", ""):
                self.put("490", "0 ", ("a", part.title.text), ("x", part.issn), ("v", _number(part)))
            else:
                pages = f"pages {part.pages}" if part.pages else ""
                place = ", ".join(filter(None, (_number(part), pages)))
                level = {"journal": "s", "book": "m", "proceedings": "m"}[part.kind]
                self.put(
                    "773",
                    "0 ",
                    ("7", f"nnn{level}"),
                    ("t", part.title.text),
                    ("x", part.issn),
                    ("g", place),
                    ("w", iri),
                )

    def _notes(self) -> None:
        view = self.view
        for text in view.texts("description"):
            self.put("500", "  ", ("a", text))
        for text in view.texts("publication_statement"):
            self.put("500", "  ", ("a", f"Publication statement as given: {text}"))
        for text in view.texts("creators_as_given"):
            self.put("500", "  ", ("a", f"Authors as given: {text}"))
        degrees = [("b", text) for text in view.texts("degree")]
        grantors = [("c", party.said.heading) for party in self.work.contributors if "dgg" in party.roles]
        if degrees:
            self.put("502", "  ", *degrees, *grantors)
        for text in view.texts("table_of_contents"):
            self.put("505", "0 ", ("a", text))
        for said in view.thing.get("abstract", ()):
            self.put("520", "3 ", ("a", said.text))
        for text in self.work.rights():
            self.put("540", "  ", ("u", text) if "://" in text and " " not in text else ("a", text))
        for text in view.texts("languages_as_given"):
            self.put("546", "  ", ("a", text))
        for said in view.document.get("source_statement", ()):
            self.put("588", "  ", ("a", said.text))
        for text in view.texts("leftovers"):
            self.put("887", "  ", ("a", text), ("2", "local"))

    def _subjects(self) -> None:
        for said in self.view.thing.get("subjects", ()):
            self.put("650", " 7", ("a", said.text), ("2", "local"), ("0", said.iri))
        for said in self.view.thing.get("countries", ()):
            self.put("651", " 7", ("a", said.text), ("2", "local"), ("0", said.iri))
        for text in self.view.texts("coverage"):
            self.put("653", " 5", ("a", text))
        for text in self.work.types:
            self.put("655", " 7", ("a", text), ("2", "local"))

    def _others(self) -> None:
        parties = [*self.work.creators, *self.work.contributors]
        for position, party in enumerate(parties):
            is_main = position == 0 and bool(self.work.creators) and bool(party.said.agent_kind)
            roles = [("4", code) for code in party.roles]
            iri = ("1", party.said.iri if party.said.name is not None else "")
            tag, indicators, names = _heading(party)
            if tag != "20":
                self.put(f"{1 if is_main else 7}{tag}", indicators, *names, *roles, iri)
            else:
                self.put("720", "  ", *names, *roles, iri)

    def _copies(self) -> None:
        for text in self.work.shelf_numbers:
            self.put("852", "8 ", ("j", text))
        types = self.work.media_types
        for text in self.view.texts("uri"):
            self.put("856", "40", ("u", text), ("q", types[0] if len(types) == 1 else ""))


def _heading(party: Party) -> tuple[str, str, list[tuple[str, str]]]:
    """The end of the tag, the indicators, and the name: inverted of a person, widest body first of a body."""
    name, heading = party.name, party.said.heading
    if party.said.agent_kind == "person":
        return "00", f"{int(name.family_name != '')} ", [("a", heading)]
    if party.said.agent_kind != "organisation":
        return "20", "  ", [("a", heading)]
    names = party.levels
    jurisdiction = len(names) > 1 and places.find(names[0]) is not None
    parts = [(code, f"{text}.") for code, text in zip("a" + "b" * len(names), names[:-1], strict=False)]
    return "10", "1 " if jurisdiction else "2 ", [*parts, ("b" if parts else "a", names[-1])]


def _number(part: Part) -> str:
    """ "vol. 12, no. 3", or the number alone."""
    volume = f"vol. {part.volume}" if part.volume else ""
    number = f"no. {part.number}" if part.number and volume else part.number
    return ", ".join(filter(None, (volume, number)))


def _place(tag: str | None) -> str:
    """The leader, the control fields and the numbers in order; notes and names by their hundreds."""
    return (tag or "")[: 3 if (tag or "0") < "1" else 1]


def years(issued: str) -> str:
    """008/06-14 of a date in EDTF: one year, a span (m), or the first and last of those that it may be (q)."""
    if span := _SPAN.fullmatch(issued):
        return f"m{span[1]}{span[2] or '9999'}" if span[1] != span[2] else f"s{span[1]}    "
    if some := _SOME.fullmatch(issued):
        return f"q{some[1]}{some[2]}"
    year = year_of(issued)
    return f"s{year}    " if year else "nuuuuuuuu"
