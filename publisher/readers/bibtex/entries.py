"""BibTeX and BibLaTeX: the entries of a .bib file; @string is expanded, crossref inherits, LaTeX becomes Unicode.

A name in braces ({Home Office}) is an organisation. Another name without a comma is a person's "First von Last" by
BibTeX's rules and is turned round as catalogues write it, unless a word of it says that it names a body or a place,
which people forget to put in braces ("Ministry of Justice"); its kind is not told in either case.

What a field is of depends on the entry: volume, number and pages belong to the journal, the book or the series that
it names. An entry with crossref has, where it lacks them itself, the fields of the entry above it, as BibTeX does it,
and a note says which. What has no attribute of its own becomes a leftover "BibTeX xyz".
"""

from __future__ import annotations

import calendar
import contextlib
import logging
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ImplicitComment, ParsingFailedBlock, String

from publisher.readers.bibtex import latex
from publisher.readers.bibtex.names import is_enclosed, pieces
from publisher.readers.bibtex.record import Content, Draft
from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage, Line
from publisher.record import Fault, Note, Record, Source

logging.getLogger("bibtexparser").addHandler(logging.NullHandler())  # its complaints become faults, not output

HEAD = 65_536  # bytes that decide on the encoding
LONGEST = 1 << 23  # characters of an entry; a longer one has lost its end

MEDIA_TYPE = "application/x-bibtex"

BLOCK = re.compile(r"\s*@\w*[ \t]*[{(]")  # where bibtexparser lets a block begin, even within a broken one
ENTRY = re.compile(
    r"^[ \t]{0,20}@(?!comment|preamble)\w{2,40}[ \t]{0,9}[{(]\s{0,99}[^\s{}(),=\"]{0,200}\s*[,=}]", re.I | re.M
)
LOST_ENTRY = re.compile(r"\s*\w{4,20}\s*\{[^\s{},]+,\s*")  # @ forgotten
BEGIN = re.compile(r"\s*@(\w+)[ \t]*[{(]")
AND = re.compile(r"\s(?:and|others)\b(?=\s)")  # between names
FIELD = re.compile(r"(?:^|(?<=[,{\n]))\s*[\w:.+-]+\s*=(?=\s*[\w{\"])|\b(?:family|given|prefix|suffix)\s*=", re.M)
STRING = re.compile(r"(?<=\n)\s*[a-zA-Z]\w*\s*(?=[,#}])|#\s*[a-zA-Z]\w*\s*(?=[,#}])")
PARENT = re.compile(r"\b(?:crossref|xdata)\s*=\s*[{\"]?\s*([^{}\",]+)", re.I)
KEY = re.compile(r"\s*@\w+[ \t]*[{(]\s*([^,\s]+)")
LEFT_OPEN = re.compile(r"[{}\"=]")

MONTHS = [calendar.month_abbr[month].lower() for month in range(1, 13)]


def recognises(head: bytes) -> bool:
    """Whether a file is BibTeX: an entry begins a line of it, and it is no page that shows one."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    return not text.startswith(("<", "{")) and ENTRY.search(text) is not None


def content(text: str) -> str:
    """An entry as read, without the names of its fields and of its strings, its LaTeX as characters."""
    values = STRING.sub(" ", FIELD.sub("\n", BEGIN.sub(r"\1 ", text, count=1)))
    return latex.plain(AND.sub(" ", " ".join(values.split())))[0]


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order, and a Fault for each block that is broken.

    A file with cross-references is gone through up to three times, since an entry may stand above or below those that
    refer to it.
    """
    with tempfile.SpooledTemporaryFile(decoding.CHUNK) as copy:
        if not stream.seekable():
            while chunk := stream.read(decoding.CHUNK):
                copy.write(chunk)
            copy.seek(0)
            stream = copy  # type: ignore[assignment]
        yield from _File(name, stream).read()


@dataclass(slots=True)
class Block:
    """The lines from one "@" that begins a line to the next."""

    lines: list[Line]
    cut: bool = False

    @property
    def text(self) -> str:
        return "\n".join(line[3] for line in self.lines)

    def number(self, offset: int | None) -> int:
        return self.lines[min(offset or 0, len(self.lines) - 1)][0]


def blocks(lines: Iterable[Line]) -> Iterator[Block]:
    block = Block([])
    size = 0
    for line in lines:
        if BLOCK.match(line[3]):
            if block.lines:
                yield block
            block, size = Block([]), 0
        elif not block.lines and not LOST_ENTRY.match(line[3]):
            continue  # a comment between the entries
        size += len(line[3]) + 1
        if size > LONGEST:
            block.cut = True
        else:
            block.lines.append(line)
    if block.lines:
        yield block


class Unseparated(Exception):
    """A value after which neither a comma nor # stands, but another value."""


class _File:
    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.stream = stream
        self.start = stream.tell()
        self.damage = Damage()
        self.position = 0
        self.strings = {month: month for month in MONTHS}
        self.parents: dict[str, list[Content]] = {}

    def blocks(self) -> Iterator[Block]:
        self.stream.seek(self.start)
        head = self.stream.read(HEAD)
        return blocks(decoding.text_lines(decoding.chunks_of(self.stream, head), self.damage))

    def read(self) -> Iterator[Record | Fault]:
        self.find_parents()
        self.damage = Damage()
        self.strings = {month: month for month in MONTHS}
        told = False
        for block in self.blocks():
            for item in self.read_block(block):
                told = True
                yield item
        if not told:
            yield Fault(self.name, f"{self.name}: there is no entry here: no line begins with @article{{ or the like.")
        for line, sentence in self.damage.sentences(self.name):
            yield Fault(self.name, sentence, line, "", "warning")

    def find_parents(self) -> None:
        """Reads the entries that others refer to."""
        wanted = {
            key.strip().lower()
            for block in self.blocks()
            for line in block.lines
            for match in PARENT.finditer(line[3])
            for key in match[1].split(",")
        }
        if not wanted:
            return
        for block in self.blocks():
            match = KEY.match(block.lines[0][3])
            is_string = block.lines[0][3].lstrip()[:7].lower() == "@string"
            if block.cut or not (is_string or (match and match[1].lower() in wanted)):
                continue
            for item in parse_string(block.text, parse_stack=[]).blocks:
                if isinstance(item, String):
                    self.define(item)
                entry = entry_of(item)
                if entry is not None:
                    with contextlib.suppress(Unseparated):  # it is reported where it stands
                        self.parents.setdefault(entry.key.lower(), self.contents(block, entry, []))

    def define(self, string: String) -> None:
        with contextlib.suppress(Unseparated):
            self.strings[string.key.lower()] = self.expand(string.value, [])

    def read_block(self, block: Block) -> Iterator[Record | Fault]:
        if block.cut:
            yield self.fault(block.lines[0][0], "the entry has no end; close its last brace.")
            return
        for item in parse_string(block.text, parse_stack=[]).blocks:
            first = block.number(item.start_line)
            entry = entry_of(item)
            if isinstance(item, String):
                self.define(item)
            elif entry is not None:
                yield from self.record(block, entry, first)
            elif isinstance(item, ParsingFailedBlock):
                yield self.fault(first, f"the entry cannot be read. {advice(item)}")
            elif isinstance(item, ImplicitComment) and LOST_ENTRY.match(item.comment):
                yield self.fault(first, "this looks like an entry whose @ is missing; it was not read.", "warning")

    def fault(self, line: int, message: str, severity: Literal["violation", "warning"] = "violation") -> Fault:
        return Fault(self.name, f"{self.name}:{line}: {message}", line, "", severity)

    def record(self, block: Block, entry: Entry, first: int) -> Iterator[Record | Fault]:
        notes: list[Note] = []
        try:
            contents = self.contents(block, entry, notes)
        except Unseparated as error:
            words = " ".join(str(error).split())[:80]
            yield self.fault(first, f'the entry "{entry.key}" cannot be read. A comma is missing in: {words}')
            return
        if not contents:
            yield self.fault(first, f'the entry "{entry.key}" is empty: it has no field.')
            return
        self.position += 1
        raw = (entry.raw or "").rstrip()
        last = block.number((entry.start_line or 0) + raw.count("\n"))
        source = Source(self.name, "bibtex", self.position, first, last, raw, media_type=MEDIA_TYPE)
        draft = Draft(entry.entry_type, contents, notes)
        draft.inherit(self.parents)
        if not entry.key:
            draft.note("record_number", "The entry has no key.", first)
        yield draft.record(source, entry.key)

    def contents(self, block: Block, entry: Entry, notes: list[Note]) -> list[Content]:
        contents = []
        for given in entry.fields:
            first = block.number(given.start_line)
            last = block.number((given.start_line or 0) + given.value.count("\n"))
            raw = self.expand(given.value, notes, first)
            if raw.strip(" \t\n{}"):
                contents.append(Content(given.key.lower(), first, last, raw))
        return contents

    def expand(self, value: str, notes: list[Note], line: int = 0) -> str:
        """The value without its outermost braces or quotes, its strings in place of their names, its pieces joined."""
        texts = []
        for piece in pieces(value):
            if is_enclosed(piece):
                texts.append(piece[1:-1])
            elif LEFT_OPEN.search(piece):
                raise Unseparated(piece)
            elif piece.isdigit() or piece.lower() in self.strings:
                texts.append(self.strings.get(piece.lower(), piece))
            else:
                texts.append(piece)
                if piece:
                    notes.append(Note("record", f'"{piece[:60]}" is in no braces and no @string defines it.', line))
        return "".join(texts)


def entry_of(item: object) -> Entry | None:
    if isinstance(item, DuplicateFieldKeyBlock):
        item = item.ignore_error_block
    return item if isinstance(item, Entry) else None


def advice(item: ParsingFailedBlock) -> str:
    reason = getattr(item.error, "abort_reason", "") or str(item.error)
    return f"{reason.strip().rstrip('.')}. Look for a brace, a quote or a comma that is missing there or just above."
