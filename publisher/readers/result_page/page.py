"""Result page: the records of a catalogue's result page, saved as text or as HTML, and what the page says around them.

A page is furniture (banner, search form, date and time, "Results for ...", "N results found"), then records. A record
is a block of fields; a field is a label, a colon, and all the lines down to the next label.

Where a record begins. The labels decide, by the order that the first record of the page gives them (before that, by
the order of the seed). A label that the record has already begins the next one once the record is closed: it has its
Shelf Number, its Keywords or whatever comes last on the page. So does a rule or a record's number before the label.
Where the record is not closed, or a label comes before its time though it is new (the record before had no Author),
the question stays open until a later label answers it. The same label twice in a row is one record with two values.

What is no label. Only known labels make fields; where those of a page have no colon, a line that is one and no more.
One within a summary that does not have the form of its field ("Year: 2011 was a turning point") is text, and so is one
whose field comes again further down; where the record lacks the field otherwise, a note says so. An unknown label
counts where a field is complete, after a blank line ("ISBN: 1"); it becomes a Leftover. Within a summary it counts
only with a short value that is no sentence, and among keywords only after a blank line.

What the values are. Lines are joined by a space, paragraphs of a summary by a blank line, a broken URL by nothing.
Authors are split at ";" and at lines that look like headings; keywords at lines, ";" or "|", and at "," where all
stand on the label's own line (not within parentheses); countries at ";". "et al." leaves the heading for a Leftover.

What ends a page: a banner seen before, the search form's line, "Results for ...", "N results found". Pagers, rules and
copyright lines after the last field are furniture; any other line stays with the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

from publisher.errors import UnreadableSource
from publisher.readers.result_page.block import Block
from publisher.readers.result_page.labels import (
    FORM,
    HEAD,
    NAMES,
    RESULTS_FOR,
    Labels,
    Part,
    announced_count,
    known_labels,
)
from publisher.readers.result_page.pages import Pages
from publisher.readers.result_page.record import Draft, settle, trim
from publisher.readers.text import decoding, mail, markup
from publisher.readers.text.decoding import Damage, Line
from publisher.record import Fault, Note, Record, Source

LARGEST = 1 << 26  # bytes of a page that is read as a whole

# Other formats

XML = re.compile(r"<(?:\?xml\b|(?:\w{1,20}:)?(?:oai-pmh|record|collection|mods|modscollection|rdf|feed|rss)\b)", re.I)
OTHER = re.compile(
    r"\{\s*[\"}]|\[\s*[\[\]{\"]|\d{5}[acdnp][a-z][a-z ]|.*^(?:TY  ?- |[ \t]{0,9}@\w{3,20}\s{0,9}[{(])",
    re.I | re.M | re.S,
)
TAG = re.compile(r"<[^<>]{0,2000}>")


def recognises(head: bytes, table: str = "") -> bool:
    """Whether a file is a result page: three of the labels begin a line, or the page's furniture is there. Here and
    below, `table` is that of the library's own labels."""
    labels = known_labels(table)
    text = decoding.decode_head(mail.body(head) if mail.is_mail(head) else head).lstrip("\ufeff \t\n")
    html = markup.is_html(text)
    if OTHER.match(text) or (XML.match(text) and not html):
        return False
    found = set()
    lines = (TAG.sub("\n", text) if html else text).split("\n")
    for line in lines:
        found.add(labels.field_of(line))
        if len(found - {""}) > 2 or (len(line) < 300 and (FORM.match(line) or announced_count(line) is not None)):
            return True
    return are_bare(labels, lines)


def are_bare(labels: Labels, lines: Iterable[str]) -> bool:
    """Whether the labels of a page stand alone on their lines, without a colon, and the values below them."""
    alone, marked = set(), set()
    for line in lines:
        if len(line) < 60:
            if name := labels.field_of(line):
                marked.add(name)
            elif name := labels.label_of(line.strip()):
                alone.add(name)
    return len(alone) > 3 and "title" in alone and len(marked) < 3


def is_quoted(labels: Labels, head: str) -> bool:
    """Whether the page was forwarded in a mail, so that a ">" stands before each of its lines."""
    return sum(line.startswith(">") and labels.field_of(line) != "" for line in head.split("\n")) > 2


def content(text: str, table: str = "") -> str:
    """A record as read, without the labels of its fields."""
    labels = known_labels(table)
    lines = []
    for line in text.split("\n"):
        before = line.partition(":")[0]
        mark = ":" if labels.label_of(before) or labels.scheme_of(before) else "\t"
        head, marked, rest = line.partition(mark)
        known = labels.label_of(head if marked else line.strip()) or (marked and labels.scheme_of(head))
        lines.append(rest if known else line)
    return "\n".join(lines)


def read(stream: BinaryIO, name: str, table: str = "") -> Iterator[Record | Fault]:
    """The records of a file in order, a Fault for what belongs to none. Text is read as it streams, HTML as a whole."""
    labels = known_labels(table)
    head = stream.read(HEAD)
    if mail.is_mail(head):
        stream = BytesIO(mail.body(_whole(head, stream, name)))
        head = stream.read(HEAD)
    damage = Damage()
    lines: Iterable[Line]
    if markup.is_html(decoding.decode_head(head).lstrip("\ufeff \t\n")):
        text = markup.html_text(_whole(head, stream, name), damage)
        lines = list(markup.html_lines(text, labels.label_of, damage))
        bare = are_bare(labels, (line[2] for line in lines))
    else:
        lines = decoding.text_lines(decoding.chunks_of(stream, head), damage)
        if is_quoted(labels, decoding.decode_head(head)):
            lines = decoding.unquoted(lines)
        bare = are_bare(labels, decoding.decode_head(head).split("\n"))
    yield from _File(name, labels, bare).read(lines)
    for line, sentence in damage.sentences(name):
        yield Fault(name, sentence, line, "", "warning")


def _whole(head: bytes, stream: BinaryIO, name: str) -> bytes:
    data = head + stream.read(LARGEST)
    if len(data) > LARGEST:
        raise UnreadableSource(
            f"{name}: a page that is HTML or a mail has {LARGEST:,} bytes at most, since it is read as a whole; save "
            "it in parts, or as text."
        )
    return data


class _File:
    """Reads one file: gathers its lines into a block, cuts the block where a record begins, makes the record. `bare`
    tells that its labels stand alone on their lines."""

    def __init__(self, name: str, labels: Labels, bare: bool) -> None:
        self.name, self.labels, self.bare = name, labels, bare
        self.block = Block()
        self.pages = Pages(name, self.block)
        self.position = 0
        self.labelled = False

    def read(self, lines: Iterable[Line]) -> Iterator[Record | Fault]:
        some = False
        label_of = self.labels.label_of
        for line in lines:
            text = line[2]
            head, colon, rest = text.partition(":")
            known = ""
            if colon:
                known = label_of(head)
            elif self.bare and len(text) < 60:
                head, rest = text.strip(), ""
                known = label_of(head)
            elif text is not line[3] and "\t" in line[3]:
                head, _, rest = line[3].partition("\t")
                known = label_of(head)
            if known:
                yield from self.arrive(known, head.strip(), rest.strip(" \t\xa0*_"), line)
            elif not self.block.parts:
                if text and not text.isspace():
                    some = True
                    yield from self.pages.furnish(line)
            elif text and len(text) < 300 and self.ends_page(text):
                yield from self.finish(next_page=True)
                yield from self.pages.furnish(line)
            else:
                self.block.append(line)
        yield from self.finish(at_end=True)
        yield from self.pages.turn()
        yield from self.pages.held
        if not self.position and not self.pages.counted:
            yield self.refuse(some)

    def refuse(self, some: bool) -> Fault:
        if not some and not self.labelled:
            return Fault(self.name, f"{self.name}: the file is empty.")
        if self.labelled:
            return Fault(self.name, f"{self.name}: there is no record here: nothing follows any of the labels.")
        labels = ", ".join(f"{label}:" for label in list(NAMES.values())[:3])
        return Fault(self.name, f"{self.name}: this is not a result page: none of its lines begins with {labels} …")

    def ends_page(self, text: str) -> bool:
        """Whether a line within a block ends the page. In a summary "12 results found" does so after a blank line."""
        if FORM.match(text):
            return True
        if announced_count(text) is None:
            return False
        above = self.block.lines[-1][2]
        return self.block.parts[-1].name == "subjects" or not above.strip() or bool(RESULTS_FOR.match(above))

    def arrive(self, name: str, label: str, rest: str, line: Line) -> Iterator[Record | Fault]:
        """Takes in a line that begins with a known label."""
        self.labelled = True
        part = Part(name, label, rest, 0)
        if cut := self.block.cut_before(part):
            yield from self.make(*self.block.take(cut), False, False)
        self.block.add(part, line)

    def finish(self, next_page: bool = False, at_end: bool = False) -> Iterator[Record | Fault]:
        """Makes a record, or two, of what is in the block; `next_page` says that the head of a page follows."""
        block = self.block
        if block.is_two():
            yield from self.make(*block.take(block.fork), False, False)
        if block.fork:
            block.unite()
        if block.parts:
            yield from self.make(*block.take(len(block.parts)), next_page, at_end)

    def make(self, lines: list[Line], parts: list[Part], next_page: bool, at_end: bool) -> Iterator[Record | Fault]:
        if sum(len(line[2]) for line in lines) > decoding.LONGEST:
            yield self.overlong(lines[0][0])
            return
        parts, notes = settle(lines, parts)
        end, strays, after = trim(lines, parts[-1], next_page, self.pages.banners)
        draft = Draft(notes, self.labels)
        draft.fill(lines, parts, end, strays)
        if (draft.values or draft.leftovers) and not (next_page and self.is_form(draft)):
            if not self.block.learned:
                self.block.learn(parts)
            if at_end:
                self.note_end(draft, parts)
            self.position += 1
            self.pages.page.read += 1
            yield self.place(draft, lines)
        for line in after:
            yield from self.pages.furnish(line)

    def overlong(self, number: int) -> Fault:
        message = f"{self.name}:{number}: the record has more than {decoding.LONGEST:,} characters; it was left out. "
        return Fault(self.name, message + "Save the page again.", number)

    def is_form(self, draft: Draft) -> bool:
        """Whether this is a search form above the count: blank labels, with some text after the last of them."""
        fresh = not self.pages.page.read and self.pages.page.announced is None
        return fresh and len(draft.values) < 2 and draft.values.keys().isdisjoint(("title", "shelf_number"))

    def note_end(self, draft: Draft, parts: list[Part]) -> None:
        closed = {"shelf_number", "subjects"}
        expected = bool(self.pages.page.announced) or bool(self.position and self.block.usual & closed)
        if expected and draft.values.keys().isdisjoint(closed):
            self.pages.cut_off = True
            message = "The file ends here, within the record: it seems to be cut off. Save the page again."
            draft.notes.append(Note(parts[-1].name, message, draft.last_line))

    def place(self, draft: Draft, lines: list[Line]) -> Record:
        page = self.pages.page
        source = Source(
            self.name,
            "result_page",
            self.position,
            lines[0][0],
            draft.last_line,
            draft.text,
            page.number,
            None,
            page.term or "",
            page.announced,
            " ".join(filter(None, (page.date, page.time))),
        )
        fields: dict[str, Any] = {name: tuple(values) for name, values in draft.values.items()}
        return Record(source, leftovers=tuple(draft.leftovers), notes=tuple(draft.notes), **fields)
