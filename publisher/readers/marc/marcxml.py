"""MARCXML: one record, a collection, or records in an answer of OAI-PMH or SRU; in any namespace and with any prefix.

The file is fed to the parser up to the end of one record at a time, so that a record that is not well-formed costs
itself and no other: after an error a new parser gets what stood before the first record, and the next record.
https://www.loc.gov/standards/marcxml/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from publisher.readers import answers
from publisher.readers.marc import record as marc_record
from publisher.readers.marc.elements import fields_of, header_of, is_marc
from publisher.readers.marc.marc21 import source
from publisher.readers.marc.pieces import START, pieces, starts, utf8
from publisher.readers.text import decoding
from publisher.record import Fault, Record, Source

MANY_LINES = 50_000  # lines that one parser sees: libxml2 counts exactly up to 65,535
WRAPPED = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:OAI-PMH|searchRetrieveResponse)\b")
MARC = re.compile(
    r"<(?:[\w.-]{1,40}:)?(?:datafield|controlfield)\s[^<>]{0,200}?\btag\s*="
    r"|<(?:[\w.-]{1,40}:)?(?:collection|record)\b[^<>]{0,500}http://www\.loc\.gov/MARC21/slim"
    r"|<(?:[\w.-]{1,40}:)?OAI-PMH\b.{0,3000}?metadataPrefix=[\"'](?:marc|oai_marc)"
    r"|<(?:[\w.-]{1,40}:)?searchRetrieveResponse\b.{0,9000}?&lt;(?:\w{1,40}:)?controlfield\b",
    re.S | re.I,
)
XML = re.compile(r"\s*<(?:\?xml|!--|!DOCTYPE|(?:[\w.-]{1,40}:)?(?:collection|record|OAI-PMH|searchRetrieveResponse)\b)")
LISTS = ("ListRecords", "searchRetrieveResponse")
EVENTS = ("record", "error", "diagnostic", *LISTS)
OPTIONS = {"resolve_entities": False, "no_network": True, "load_dtd": False}


def recognises(head: bytes) -> bool:
    """Whether a file is XML with MARC fields in it, or an answer that was asked for them."""
    text = decoding.decode_head(head).lstrip("\ufeff")
    return bool(XML.match(text)) and bool(MARC.search(text))


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order; a Fault for one that cannot be read, for an error that a server answered, and
    for a file that is cut off."""
    file, nothing = _File(name), True
    for item in file.read(stream):
        nothing = False
        yield item
    if nothing:
        sentence = "there is no MARC record in this file; of XML only MARC and Dublin Core are read."
        yield answers.empty(name, sentence, is_list=file.listed)


class _Broken(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class _File:
    """What is known of a file while it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.line = 1  # where the next piece begins
        self.position = 0
        self.prologue: bytes | None = None
        self.wrapped = False
        self.listed = False  # a server's list has begun
        self.parser: Any = None
        self.opened: list[int] = []  # the lines on which the records that are open begin
        self.offset = 0  # what to add to a line of the parser
        self.lines = 0  # that this parser has seen

    def read(self, stream: BinaryIO) -> Iterator[Record | Fault]:
        waiting: bytes | None = None
        for piece in pieces(utf8(stream)):
            if waiting is not None:
                yield from self.take(waiting)
            waiting = piece
        yield from self.finish(waiting or b"")

    def take(self, piece: bytes) -> Iterator[Record | Fault]:
        """What one piece gives; it ends with a record, unless that is too long."""
        lines = piece.count(b"\n")
        if self.prologue is None:
            begun = starts(piece)
            self.prologue = piece[: begun[0]].lstrip() if begun else b""
            self.wrapped = bool(WRAPPED.search(self.prologue))
        try:
            yield from self.feed(piece, 0)
        except _Broken as error:
            yield from self.again(piece, error)
        self.line += lines

    def again(self, piece: bytes, error: _Broken) -> Iterator[Record | Fault]:
        """A piece at which the parser stumbled, from the first record that begins in it, then from the last one."""
        begun = starts(piece)
        for start in dict.fromkeys(begun[:1] if self.wrapped else begun[:1] + begun[-1:]):
            try:
                self.restart()
                found = list(self.feed(piece[start:], piece.count(b"\n", 0, start)))
            except _Broken as same:
                error = same
                continue
            yield self.fault(error, between=start == begun[0])
            yield from found
            return
        self.parser = None
        yield self.fault(error, between=not begun)

    def fault(self, error: _Broken, between: bool) -> Fault:
        if between:
            message = f"the XML between records is broken ({error}); look whether a record is missing here."
            return Fault(self.name, f"{self.name}:{error.line}: {message}", error.line, severity="warning")
        self.position += 1
        said = f"record {self.position} is not well-formed XML ({error})"
        message = f"{said}; it was left out. Mend it there, or export it again."
        return Fault(self.name, f"{self.name}:{error.line}: {message}", error.line)

    def restart(self) -> None:
        """A new parser that has seen what stands before the first record, and nothing else."""
        self.parser = etree.XMLPullParser(("start", "end"), tag=[f"{{*}}{name}" for name in EVENTS], **OPTIONS)
        self.opened = []
        self.lines = 0
        if self.prologue:
            try:
                self.parser.feed(self.prologue)
            except etree.XMLSyntaxError as error:
                raise _Broken(error.msg or "no XML", error.lineno or 1) from None
            for _ in self.parser.read_events():
                pass

    def feed(self, piece: bytes, below: int) -> Iterator[Record | Fault]:
        """What the parser finds in a piece that begins `below` lines below the place where we are. Raises _Broken."""
        if self.parser is None or (self.lines > MANY_LINES and not self.opened):
            begun = starts(piece)
            if not begun:
                self.parser = None  # the end of something that was left out
                return
            self.restart()
            below += piece.count(b"\n", 0, begun[0])
            piece = piece[begun[0] :]
        if not self.lines:
            self.offset = self.line + below - 1 - (self.prologue or b"").count(b"\n")
        self.lines += piece.count(b"\n") + 1
        ended = False
        try:
            self.parser.feed(piece)
            last = self.line + below + piece.count(b"\n")
            for event, element in self.parser.read_events():
                if event == "start":
                    self.open(element)
                    continue
                ended = True
                yield from self.close(element, last)
            if not ended:  # the parser waits for the end of something: it tells what
                self.parser.close()
                raise _Broken("a tag, a comment or an entity has no end", last)
        except etree.XMLSyntaxError as error:
            raise _Broken(reason(error), self.offset + (error.lineno or 1)) from None

    def open(self, element: Any) -> None:
        kind = etree.QName(element).localname
        self.listed = self.listed or kind in LISTS
        if kind != "record":
            return
        line = self.offset + element.sourceline
        outer = next(element.iterancestors("{*}record"), None)
        if outer is not None and is_marc(outer):
            raise _Broken("the record has no end", self.opened[-1])
        self.opened.append(line)

    def close(self, element: Any, last: int) -> Iterator[Record | Fault]:
        kind = etree.QName(element).localname
        if kind in LISTS:
            return
        if kind != "record":
            if not self.opened:
                words = " ".join(" ".join(element.itertext()).split())
                yield answers.said(self.name, self.offset + element.sourceline, element.get("code") or "", words)
            return
        first = self.opened.pop()
        if is_marc(element):
            yield self.record(element, first, last)
        elif not any(is_marc(inner) for inner in element.iter("{*}record") if inner is not element):
            yield from self.without_marc(element, first, last)
        if not self.opened:
            parent = element.getparent()
            if parent is None:
                self.parser, self.prologue = None, None  # another document may follow
                return
            element.clear()
            while element.getprevious() is not None:
                del parent[0]

    def record(self, element: Any, first: int, last: int) -> Record | Fault:
        self.position += 1
        header = header_of(next(element.iterancestors("{*}record"), None), first)
        leader, fields = fields_of(element, self.offset)
        origin = source(self.name, "marcxml", self.position, leader, fields, first, last)
        try:
            return marc_record.record(origin, leader, fields, header, [])
        except marc_record.NotBibliographic as error:
            return Fault(self.name, f"{self.name}:{first}: record {self.position} {error}", first)

    def without_marc(self, element: Any, first: int, last: int) -> Iterator[Record | Fault]:
        """A record of OAI-PMH or SRU that holds none of MARC: a deleted one, one packed as text, or something else."""
        packed = element.findtext("{*}recordData") or ""
        if packed.lstrip().startswith("<"):
            try:
                inner = etree.fromstring(packed.strip().encode(), etree.XMLParser(encoding="utf-8", **OPTIONS))
            except etree.XMLSyntaxError as error:
                raise _Broken(reason(error), first) from None
            if is_marc(inner):
                for child in inner.iter():
                    child.sourceline = first - self.offset
                yield self.record(inner, first, last)
                return
        self.position += 1
        header = element.find("{*}header")
        if header is not None and header.get("status") == "deleted":
            text = etree.tostring(header, encoding="unicode", with_tail=False)
            origin = Source(self.name, "marcxml", self.position, first, last, text, media_type="application/xml")
            yield marc_record.withdrawn(origin, header_of(element, first))
            return
        message = f"record {self.position} holds no MARC; it was left out. Ask the source for marcxml or marc21."
        yield Fault(self.name, f"{self.name}:{first}: {message}", first)

    def finish(self, piece: bytes) -> Iterator[Record | Fault]:
        """What stands behind the last record: the end of the file, or a record that has none."""
        fresh = False
        if self.parser is None and (self.prologue is None or START.search(piece)):
            if not piece.strip() and self.position:
                return
            fresh = True
        elif self.parser is None:
            return
        parser: Any = self.parser
        try:
            if fresh:
                self.restart()
                self.offset = self.line - 1 - (self.prologue or b"").count(b"\n")
                parser = self.parser
            parser.feed(piece)
            for event, element in parser.read_events():
                if event == "end":
                    yield from self.close(element, self.line + piece.count(b"\n"))
                else:
                    self.open(element)
            if self.parser is not None:
                self.parser.close()
        except (etree.XMLSyntaxError, _Broken) as error:
            line = error.line if isinstance(error, _Broken) else self.offset + (error.lineno or 1)
            if self.opened or START.search(piece):
                self.position += 1
                said = f"the file ends within record {self.position}, or that is broken"
                message = f"{said}; it was left out. Get the file again."
                yield Fault(self.name, f"{self.name}:{line}: {message}", line)
            else:
                message = (
                    f"the file is cut off or broken after record {self.position}; look whether records are missing."
                )
                severity = "warning" if self.position else "violation"
                yield Fault(self.name, f"{self.name}:{line}: {message}", line, severity=severity)  # type: ignore[arg-type]


def reason(error: etree.XMLSyntaxError) -> str:
    return re.sub(r",? line \d+.*", "", error.msg or "no XML").strip().rstrip(".")
