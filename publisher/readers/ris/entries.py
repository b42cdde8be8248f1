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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import BinaryIO, Literal

import rispy
from rispy.config import LIST_TYPE_TAGS, TAG_KEY_MAPPING

from publisher.readers.ris.record import Content, Draft
from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage, Line
from publisher.record import Fault, Record, Source

HEAD = 65_536  # bytes that decide on the encoding
LONGEST = 1 << 24  # characters of a record; a longer one has lost its end

MEDIA_TYPE = "application/x-research-info-systems"

START = re.compile(r"TY( {1,3})- ?[A-Za-z]{0,12}\s*")
TAGGED = re.compile(r"([A-Z][A-Z0-9])( {1,3})-(?: (.*)|(\S.*)|$)")
TAG = re.compile(r"^\s*[A-Z][A-Z0-9]\s{1,3}-", re.M)
KNOWN_TAGS = frozenset(TAG_KEY_MAPPING) | {"BT", "CP", "CR", "CT", "ED", "J1", "LK", "U1", "U2", "U3", "U4", "U5"}
LISTS = frozenset(LIST_TYPE_TAGS) - {"N1"} | {"ED", "SN"}  # tags of which an untagged line is a further value


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


def content(text: str) -> str:
    """A record as read, without its tags."""
    return TAG.sub("", text)


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
            elif text and len(self.strays) < 1000 and len(text) <= decoding.LONGEST:
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
