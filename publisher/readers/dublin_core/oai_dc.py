"""oai_dc: Dublin Core in XML, as other libraries hand it out by OAI-PMH, and DSpace's xoai beside it.

Records may stand alone or within an answer to ListRecords or GetRecord; then their headers say which they are, and
which were deleted. `dublin_core.FIELDS` says what becomes of an element.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from lxml import etree

from publisher.readers import answers
from publisher.readers.dublin_core.elements import MARC, OAI, XOAI, Reading
from publisher.readers.dublin_core.xml import name_of, text_of
from publisher.readers.text import decoding, xml_text
from publisher.record import Fault, Record, Source

FATAL = frozenset(  # errors that end the parser's work, though it recovers from others
    ("ERR_RESOURCE_LIMIT", "ERR_INTERNAL_ERROR", "ERR_ENTITY_LOOP", "ERR_UNKNOWN_ENCODING", "ERR_UNSUPPORTED_ENCODING")
)

HEAD = re.compile(r"<(?:[\w.-]{1,40}:)?(?:OAI-PMH|dc|record|metadata|records|recordData|listRecords)\b", re.I)


def recognises(head: bytes) -> bool:
    """Whether a file is Dublin Core or xoai in XML, or an answer of OAI-PMH that carries no MARC."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    if not text.startswith("<") or MARC in text or not HEAD.search(text[:8192]):
        return False
    return OAI in text or XOAI in text or "http://purl.org/dc/" in text


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order, a Fault for each that cannot be read and for each place that is broken."""
    yield from _File(name).read(stream)


class _File:
    """Reads a file while it streams: a record is forgotten once it was given."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.position = 0
        self.open: list[Any] = []  # the records that are open; more than one where one is not closed
        self.broken: set[Any] = set()
        self.root: Any = None
        self.tag = b""  # of the records, as the file writes it
        self.verb = ""
        self.listed = False  # there is a list, if an empty one
        self.answered = False

    def read(self, stream: BinaryIO) -> Iterator[Record | Fault]:
        parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=[f"{{*}}{name}" for name in ("record", "dc", "metadata", "request", "error", "ListRecords")],
            recover=True,
            huge_tree=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        faults: list[Fault] = []
        errors, tail, within = 0, b"", False
        for chunk in xml_text.chunks(stream, self.name, faults):
            parser.feed(chunk)
            for event, element in parser.read_events():
                yield from self.meet(event, element)
            errors = yield from self.say_broken(parser, errors)
            text = tail + chunk
            begun, ended = text.rfind(b"<" + self.tag), text.rfind(b"</" + self.tag)
            within = begun > ended if max(begun, ended) >= 0 else within
            tail = text[-400:]
        with suppress(etree.XMLSyntaxError):  # nothing is in it at all
            self.root = parser.close()
        found = [item for event, element in parser.read_events() for item in self.meet(event, element)]
        if self.root is None:
            yield Fault(self.name, f"{self.name}: this is no XML; nothing was read.", 1)
        elif not re.search(rb"</" + re.escape(_written(self.root)) + rb"\s*>(?:\s|<!--.*?-->)*\Z", tail, re.S):
            # the parser closes what the file leaves open, and so the record that was cut looks like a whole one
            cut = found.pop() if within and found else None
            line = cut.source.first_line if isinstance(cut, Record) else 0
            what = (
                "the file ends within this record, which was left out" if cut else "the file ends before its XML does"
            )
            yield from found
            yield Fault(self.name, f"{self.name}:{line}: {what}. What follows is missing; get the file again.", line)
        else:
            yield from found
        yield from faults
        if self.root is not None and not self.position and not self.answered:
            sentence = f"there is no record in this file{self.verb}; each is an element of its own, such as oai_dc:dc."
            yield answers.empty(self.name, sentence, is_list=self.listed)

    def say_broken(self, parser: Any, known: int) -> Generator[Fault, None, int]:
        """Faults for what the parser has stumbled over since; gives the count of all."""
        entries = list(parser.feed_error_log)
        lines = set()
        for entry in entries[known:]:
            if entry.type_name not in ("ERR_TAG_NOT_FINISHED", "ERR_DOCUMENT_END") and entry.line not in lines:
                lines.add(entry.line)
                at = f"{self.name}:{entry.line}"
                if entry.type_name in FATAL:
                    sentence = f"{at}: nothing was read from here on ({entry.message})."
                    yield Fault(self.name, sentence, entry.line)
                else:
                    sentence = f"{at}: the XML is broken here ({entry.message}); look whether the record is whole."
                    yield Fault(self.name, sentence, entry.line, "", "warning")
        return len(entries)

    def meet(self, event: str, element: Any) -> Iterator[Record | Fault]:
        namespace, name = name_of(element.tag)
        if event == "start":
            if self.begins(name, namespace):
                self.tag = self.tag or _written(element)
                if self.open:
                    self.broken.add(self.open[-1])
                self.open.append(element)
            return
        if self.open and element is self.open[-1]:
            self.open.pop()
            self.position += 1
            if element in self.broken:
                self.broken.discard(element)
                yield self.fault(element, "this record is not closed before the next one begins")
            else:
                yield self.record(element)
            _forget(element)
        elif not self.open:
            self.listed = self.listed or name == "ListRecords"
            if name == "error" and namespace == OAI:
                self.answered = True
                yield answers.said(self.name, element.sourceline, element.get("code", ""), text_of(element))
            elif name == "request":
                self.verb = f" (it answers {element.get('verb')})" if element.get("verb") else ""

    def begins(self, name: str, namespace: str) -> bool:
        if name == "record" and namespace in (OAI, ""):
            return True
        return not self.open and (name == "dc" or (name == "metadata" and namespace == XOAI))

    def fault(self, element: Any, sentence: str) -> Fault:
        line = element.sourceline
        which = text_of(element.find(f"{{{OAI}}}header/{{{OAI}}}identifier"))
        subject = f"{self.name}:{line}: {which + ': ' if which else ''}{sentence}."
        return Fault(self.name, f"{subject} The record was left out.", line)

    def record(self, element: Any) -> Record | Fault:
        reading = Reading()
        try:
            reading.read(element)
        except ValueError as error:
            return self.fault(element, str(error))
        text: str = etree.tostring(element, encoding="unicode", with_tail=False)
        first = element.sourceline
        last = first + text.count("\n")
        source = Source(self.name, "oai_dc", self.position, first, last, text, media_type="application/xml")
        fields: dict[str, Any] = {name: tuple(values) for name, values in reading.values.items()}
        return Record(source, withdrawn=reading.withdrawn, leftovers=tuple(reading.leftovers), **fields)


def _written(element: Any) -> bytes:
    """The name of an element as its file writes it."""
    name = element.tag.rpartition("}")[2]
    return f"{element.prefix}:{name}".encode() if element.prefix else str(name).encode()


def _forget(element: Any) -> None:
    """Frees the element and what stands before it."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        del element.getparent()[0]
