"""RIS: the records of reference managers and of library exports, with the habits of EndNote, Zotero, JabRef and NIST.

A record begins with TY and ends with ER; each line between is a tag, two spaces, a hyphen and a value. A line without
a tag goes on with the value above: under KW, AU and the like as a further value, as EndNote writes them, else as its
next words. A record whose ER is missing ends where the next one begins.

What a tag means depends on the type (https://support.clarivate.com/Endnote/s/article/EndNote-RIS-Reference-Type-Specifications):
T2 is the journal of an article, the book of a chapter, the series of a report; A2 the editor of the first two and the
editor of that series. What has no attribute of its own becomes a leftover "RIS XX".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import BinaryIO, Literal

import rispy
from rispy.config import LIST_TYPE_TAGS, TAG_KEY_MAPPING

from publisher.readers import decoding
from publisher.readers.decoding import Damage, Line
from publisher.record import Agent, Fault, Leftover, Note, Part, Record, Source, Value

HEAD = 65_536  # bytes that decide on the encoding
LONGEST = 1 << 24  # characters of a record; a longer one has lost its end

MEDIA_TYPE = "application/x-research-info-systems"

START = re.compile(r"TY( {1,3})- ?[A-Za-z]{0,12}\s*")
TAGGED = re.compile(r"([A-Z][A-Z0-9])( {1,3})-(?: (.*)|(\S.*)|$)")
KNOWN_TAGS = frozenset(TAG_KEY_MAPPING) | {"BT", "CP", "CR", "CT", "ED", "J1", "LK", "U1", "U2", "U3", "U4", "U5"}
LISTS = frozenset(LIST_TYPE_TAGS) - {"N1"} | {"ED", "SN"}  # tags of which an untagged line is a further value

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


class Tags(dict[str, str]):
    """Each tag under its own name: which attribute it becomes depends on the type of the record."""

    def __missing__(self, tag: str) -> str:
        return tag


class Parser(rispy.RisParser):  # type: ignore[misc]  # rispy comes without types
    """Reads the lines of one record; the values of its tags come with their lines, all of them, in order."""

    def __init__(self) -> None:
        # A list tag keeps all its values; of other tags rispy keeps the first value and drops the second TI or DO.
        super().__init__(mapping=Tags(), list_tags=Every(), delimiter_tags_mapping={})
        self.number = 0

    def contents(self, lines: Iterable[tuple[int, str]]) -> list[Content]:
        found = [
            content
            for record in self.parse_lines(self.counted(lines))
            for values in record.values()
            for content in (values if isinstance(values, list) else [values])
        ]
        return joined(sorted(found, key=lambda content: content.first))

    def counted(self, lines: Iterable[tuple[int, str]]) -> Iterator[str]:
        for number, text in lines:
            self.number = number
            yield text

    def parse_line(self, line: str) -> tuple[str | None, Content]:
        tag, text = super().parse_line(line)
        return tag, Content(tag or "", self.number, self.number, text)


class Every(list[str]):
    def __contains__(self, tag: object) -> bool:
        return True


def tagged(line: str, gap: str) -> re.Match[str] | None:
    """A line that begins with a tag. A tag that we know may stand off from its hyphen as TY does, or by a tab."""
    match = TAGGED.match(line)
    if match is None or match[2] == "  ":
        return match
    return match if match[1] in KNOWN_TAGS and (match[2] == gap or gap == "\t") else None


def joined(contents: Iterable[Content]) -> list[Content]:
    """The values, each with the untagged lines below it; a blank line among these ends a paragraph."""
    whole: list[Content] = []
    texts: list[list[str]] = []
    blank = False
    for content in contents:
        if content.tag or not whole:
            whole.append(content)
            texts.append([content.text])
        elif not content.text:
            blank = True
            continue
        elif whole[-1].tag in LISTS:
            whole.append(replace(content, tag=whole[-1].tag))
            texts.append([content.text])
        else:
            texts[-1] += ["\n\n" if blank else " ", content.text]
            whole[-1].last = content.last
        blank = False
    for content, pieces in zip(whole, texts, strict=True):
        content.text = "".join(pieces).strip()
    return whole


def recognises(head: bytes) -> bool:
    """Whether a file is RIS: TY stands near its top, and a second tag in the line below."""
    lines = [line.strip(" \ufeff") for line in decoding.decode_head(head).replace("\t", " ").split("\n")]
    lines = list(filter(None, lines))[:30]
    if lines and lines[0].startswith("<"):
        return False
    return any(START.fullmatch(line) and TAGGED.match(below) for line, below in pairwise(lines))


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order, and a Fault for lines that belong to none."""
    damage = Damage()
    head = stream.read(HEAD)
    yield from _File(name).read(decoding.text_lines(decoding.chunks_of(stream, head), damage))
    for line, sentence in damage.sentences(name):
        yield Fault(name, sentence, line, "", "warning")


@dataclass
class _File:
    """Cuts a file into records, and tells of what stands between them."""

    name: str
    position: int = 0
    gap: str = "  "
    size: int = 0
    told: bool = False  # of lines without a record
    block: list[Line] = field(default_factory=list)  # the record that is open
    strays: list[Line] = field(default_factory=list)  # lines that belong to none

    def read(self, lines: Iterable[Line]) -> Iterator[Record | Fault]:
        for line in lines:
            text = line[2].strip()
            start = START.fullmatch(text)
            if start:
                yield from self.finish("The record has no ER at its end: the next one begins here")
                yield from self.stray()
                self.gap, self.block, self.size = start[1], [line], 0
            elif self.block:
                self.block.append(line)
                self.size += len(text)
                match = tagged(text, self.gap_of(line))
                if match and match[1] == "ER":
                    yield from self.finish()
                elif self.size > LONGEST:
                    yield self.fault(self.block[0][0], "the record has no end; put ER below its last field.")
                    self.block = []
            elif text and len(self.strays) < 1000:
                self.strays.append(line)
        yield from self.finish("The file ends within the record, before its ER; look whether it is whole")
        yield from self.stray()
        if not self.position and not self.told:
            yield self.fault(0, "there is no record here: no line begins with TY.")

    def gap_of(self, line: Line) -> str:
        return "\t" if "\t" in line[3][:6] else self.gap

    def fault(self, line: int, message: str, severity: Literal["violation", "warning", "info"] = "violation") -> Fault:
        place = f"{self.name}:{line}" if line else self.name
        return Fault(self.name, f"{place}: {message}", line, "", severity)

    def stray(self) -> Iterator[Fault]:
        """Lines outside of any record: one without its TY, or what an export puts above its records."""
        lines, self.strays = self.strays, []
        if not lines:
            return
        first = lines[0][0]
        fields = sum(tagged(line[2].strip(), self.gap) is not None for line in lines)
        if fields > 1:
            self.told = True
            yield self.fault(first, 'a record begins here without its type; put a line "TY  - GEN" above it.')
        elif fields == 0:
            words = lines[0][2].strip()[:60]
            yield self.fault(first, f'"{words}" belongs to no record and was not read.', "info")

    def finish(self, doubt: str = "") -> Iterator[Record | Fault]:
        block, self.block = self.block, []
        if not block:
            return
        while not block[-1][2].strip():
            block.pop()
        lines = []
        for line in block:
            text = line[2].strip()
            match = tagged(text, self.gap_of(line))
            lines.append((line[0], f"{match[1]}  - {match[3] or match[4] or ''}" if match else text))
        if doubt:
            lines.append((block[-1][0], "ER  - "))
        contents = [content for content in Parser().contents(lines) if content.text]
        if not any(content.tag != "TY" for content in contents):
            yield self.fault(block[0][0], "the record is empty: it has no field but its type.")
            return
        self.position += 1
        source = Source(
            self.name,
            "ris",
            self.position,
            block[0][0],
            block[-1][1],
            "\n".join(line[3].lstrip("\ufeff") for line in block),
            media_type=MEDIA_TYPE,
        )
        yield Draft(contents, block[0][0], doubt).record(source)


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
        self.agents[attribute].append(Agent(content.value(), role=role))

    def record(self, source: Source) -> Record:
        parts = self.parts()
        for content in self.contents:
            self.take(content)
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
