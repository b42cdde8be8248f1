"""The Record of a RIS entry: what each of its tags becomes, which depends on the type of the entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from publisher.record import Agent, Leftover, Note, Part, Record, Source, Value

ARTICLES = frozenset(("ABST", "EJOUR", "INPR", "JFULL", "JOUR", "MGZN", "NEWS"))
CHAPTERS = frozenset(("CHAP", "DICT", "ECHAP", "ENCYC"))
PAPERS = frozenset(("CONF", "CPAPER"))

# What goes as it stands to an attribute that holds Values.
VALUES = {
    "AB": "abstract",
    "CY": "place_of_publication",
    "DA": "issued",
    "DO": "identifiers",
    "ET": "edition",
    "KW": "subjects",
    "LA": "languages",
    "LK": "uri",
    "M3": "types",
    "N1": "description",
    "N2": "abstract",
    "PP": "place_of_publication",
    "PY": "issued",
    "CR": "rights",
    "CT": "title",
    "ST": "alternative",
    "T1": "title",
    "TI": "title",
    "TT": "alternative",
    "UR": "uri",
    "Y1": "issued",
}
JOURNAL_TAGS = ("T2", "JF", "JO", "JA", "J2", "J1", "BT")  # the fullest form of its name first
# MARC has no relator for the editor of a series, the department or the performer: such a contributor has no role.
ROLES = {"ED": "edt", "A2": "", "A3": "", "A4": "trl"}

ISSN = re.compile(r"\d{4}-?\d{3}[\dXx]\b")
ISBN = re.compile(r"(?:97[89][- ]?)?(?:\d[- ]?){9}[\dXx]\b")
DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.I)
LINK = re.compile(r"(?:https?|ftp)://|www\.", re.I)
LINKS = re.compile(r"(?<!\s)\s*+;\s*+(?=(?:https?|ftp)://)", re.I)


@dataclass(slots=True)
class Content:
    """One value of a tag and the lines that it stands on."""

    tag: str
    first: int
    last: int
    text: str

    def value(self, scheme: str = "") -> Value:
        return Value(self.text, self.first, self.last, scheme=scheme)


class Draft:
    """The attributes of one record while its tags are gone through."""

    def __init__(self, contents: list[Content], first: int, doubt: str) -> None:
        self.type = next((content.text.upper() for content in contents if content.tag == "TY"), "")
        self.contents = contents
        self.values: dict[str, list[Value]] = {}
        self.said: set[tuple[str, str, str]] = set()
        self.agents: dict[str, list[Agent]] = {"creators": [], "contributors": [], "publishers": [], "grantors": []}
        self.leftovers: list[Leftover] = []
        self.notes: list[Note] = []
        if not self.type:
            self.note("types", "The record does not say of what type it is; write one after TY.", first)
        if doubt:
            self.note("record", f"{doubt}.", contents[-1].last)

    def note(self, name: str, message: str, line: int) -> None:
        self.notes.append(Note(name, message, line))

    def leave(self, content: Content) -> None:
        self.leftovers.append(Leftover(f"RIS {content.tag}", content.value()))

    def add(self, attribute: str, content: Content, scheme: str = "") -> None:
        """Adds a value, unless the record says the same under another tag too (TI and T1, PY and Y1, AB and N2)."""
        said = (attribute, content.text, scheme)
        if said not in self.said:
            self.said.add(said)
            self.values.setdefault(attribute, []).append(content.value(scheme))

    def agent(self, attribute: str, content: Content, role: str = "") -> None:
        text = content.text
        if text.startswith("{") and text.endswith("}"):  # what BibTeX calls a name in one piece
            self.agents[attribute].append(Agent(replace(content, text=text.strip("{} ")).value(), "organisation", role))
        else:
            self.agents[attribute].append(Agent(content.value(), role=role))

    def record(self, source: Source) -> Record:
        parts = self.parts()
        for content in self.contents:
            self.take(content)
        self.one_date()
        numbers = self.values.pop("record_number", []) + self.values.pop("accession_number", [])
        return Record(
            source,
            record_number=tuple(numbers),
            is_part_of=tuple(parts),
            creators=tuple(self.agents["creators"]),
            contributors=tuple(self.agents["contributors"]),
            publishers=tuple(self.agents["publishers"]),
            degree_grantors=tuple(self.agents["grantors"]),
            leftovers=tuple(sorted(self.leftovers, key=lambda leftover: leftover.value.first_line)),
            notes=tuple(self.notes),
            **{attribute: tuple(values) for attribute, values in self.values.items()},  # type: ignore[arg-type]
        )

    def take(self, content: Content) -> None:
        tag, text = content.tag, content.text
        if tag == "TY":
            self.add("types", content, "ris")
        elif tag in ("AU", "A1"):
            self.agent("creators", content)
        elif tag in ROLES:
            self.agent("contributors", content, self.role(tag))
        elif tag == "PB":
            self.agent("grantors" if self.type == "THES" else "publishers", content)
        elif tag == "ID":
            self.add("record_number", content)
        elif tag == "AN":
            self.add("accession_number", content)
        elif tag == "SN":
            self.serial(content)
        elif tag == "DO" or (tag == "M3" and DOI.fullmatch(text)):
            self.add("identifiers", content, "doi")
        elif tag == "M3" and self.type == "THES":
            self.add("degree", content)
        elif tag in ("UR", "LK"):
            for address in LINKS.split(text):
                self.add("uri", replace(content, text=address))
        elif tag in ("L1", "L2", "L4") and LINK.match(text):  # else the path of a file on somebody's disk
            self.add("uri", content)
        elif tag in VALUES:
            self.add(VALUES[tag], content)
        else:
            self.leave(content)

    def one_date(self) -> None:
        """A year says nothing more where the day of the same year stands in another tag (PY and DA of Zotero)."""
        if dates := self.values.get("issued"):
            texts = [value.text.strip("/ ") for value in dates]
            self.values["issued"] = [
                value
                for value, text in zip(dates, texts, strict=True)
                if not any(len(other) > len(text) and other.startswith(text) for other in texts)
            ]

    def role(self, tag: str) -> str:
        whole = self.type not in ARTICLES | CHAPTERS | PAPERS | {"GEN", "UNPB", "MANSCPT", ""}
        if tag == "A2":
            return "" if whole else "edt"
        if tag == "A3":
            return {"BOOK": "edt", "EBOOK": "edt", "THES": "ths", "MPCT": "pro", "VIDEO": "pro"}.get(self.type, "")
        if tag == "A4":
            return "" if self.type in {"CASE", "MPCT", "RPRT", "GOVDOC"} | PAPERS else "trl"
        return ROLES[tag]

    def serial(self, content: Content) -> None:
        """SN holds what identifies a thing of this type: ISSN, ISBN, the number of a report or a patent."""
        if ISBN.match(content.text) and not ISSN.fullmatch(content.text):
            if self.type in CHAPTERS | PAPERS:
                self.leave(content)  # the book's
            else:
                self.add("identifiers", content, "isbn")
        elif ISSN.match(content.text):
            self.add("identifiers", content, "issn")
        elif self.type in ("RPRT", "GOVDOC", "STAND"):
            self.add("identifiers", content, "report-number")
        else:
            self.add("identifiers", content)

    # What the work is part of

    def parts(self) -> list[Part]:
        """Takes out of the contents what names the whole and the place in it."""
        if self.type in ARTICLES:
            found = [self.part("journal", JOURNAL_TAGS)]
        elif self.type in CHAPTERS:
            found = [self.part("book", ("T2", "BT", "JF")), self.part("series", ("T3",))]
        elif self.type in PAPERS:
            found = [self.part("proceedings", ("C3", "BT", "T2", "JF", "JO")), self.part("series", ("T3",))]
        elif self.type in ("BOOK", "EBOOK", "EDBOOK", "RPRT", "GOVDOC", "COMP", "MAP", "PAMP", "SER", "STAND"):
            found = [self.part("series", ("T2", "T3"))]
        elif self.type == "THES":
            found = []
        else:
            found = [self.part("", ("T2", "JF", "JO")), self.part("", ("T3",))]
        parts = [part for part in found if part is not None]
        if parts:
            serial = parts[0].kind in ("journal", "series")
            issn = self.text("SN", ISSN.fullmatch) if serial else ""
            pages = self.pages() if parts[0].kind != "series" else None
            parts[0] = replace(
                parts[0], issn=issn, number=self.text("IS"), volume=self.text("VL"), pages=pages.text if pages else ""
            )
        if self.type not in ARTICLES | CHAPTERS | PAPERS and (pages := self.pages()):
            self.values["extent"] = [pages.value()]
        return parts

    def part(self, kind: Literal["series", "journal", "book", "proceedings", ""], tags: Iterable[str]) -> Part | None:
        for tag in tags:
            content = self.pop(tag)
            if content is None:
                continue
            self.contents = [  # the same name once more under another tag
                other for other in self.contents if other.tag not in JOURNAL_TAGS or other.text != content.text
            ]
            return Part(content.value(), kind)
        return None

    def pop(self, tag: str, test: Callable[[str], object] = bool) -> Content | None:
        for content in self.contents:
            if content.tag == tag and test(content.text):
                self.contents.remove(content)
                return content
        return None

    def text(self, tag: str, test: Callable[[str], object] = bool) -> str:
        content = self.pop(tag, test)
        return content.text if content else ""

    def pages(self) -> Content | None:
        """SP and EP as one; a book has no EP, and its number of pages in SP."""
        first, last = self.pop("SP"), self.pop("EP")
        if first is None or last is None:
            return first or last
        return replace(first, text=f"{first.text}-{last.text}", last=max(first.last, last.last))
