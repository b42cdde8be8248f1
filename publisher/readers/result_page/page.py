"""Result page: the records of a catalogue's result page, saved as text or as HTML, and what the page says around them.

A page is furniture (banner, search form, date and time, "Results for ...", "N results found"), then records. A record
is a block of fields; a field is a label, a colon, and all the lines down to the next label.

Where a record begins. The labels decide, by the order that the first record of the page gives them (before that, by
the order of the seed). A label that the record has already begins the next one once the record is closed: it has its
Shelf Number, its Keywords or whatever comes last on the page. So does a rule or a record's number before the label.
Where the record is not closed, or a label comes before its time though it is new (the record before had no Author),
the question stays open until a later label answers it. The same label twice in a row is one record with two values.

What is no label. Only known labels make fields. One within a summary that does not have the form of its field
("Year: 2011 was a turning point") is text, and so is one whose field comes again further down; where the record lacks
the field otherwise, a note says so. An unknown label counts where a field is complete, after a blank line ("ISBN: 1");
it becomes a Leftover. Within a summary it counts only with a short value that is no sentence, and among keywords
only after a blank line.

What the values are. Lines are joined by a space, paragraphs of a summary by a blank line, a broken URL by nothing.
Authors are split at ";" and at lines that look like headings; keywords at lines, ";" or "|", and at "," where all
stand on the label's own line (not within parentheses); countries at ";". "et al." leaves the heading for a Leftover.

What ends a page: a banner seen before, the search form's line, "Results for ...", "N results found". Pagers, rules and
copyright lines after the last field are furniture; any other line stays with the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from publisher.readers.result_page.labels import (
    COUNTER,
    FIELDS,
    FORM,
    HEAD,
    NAMES,
    ORDER,
    RESULTS_FOR,
    RULE,
    WHEN,
    Part,
    _found,
    announced_count,
    field_of,
    label_of,
    scheme_of,
)
from publisher.readers.result_page.record import Draft, has_form, settle, trim
from publisher.readers.text import decoding, markup
from publisher.readers.text.decoding import Damage, Line
from publisher.record import Fault, Note, Record, Source

# Other formats

XML = re.compile(r"<(?:\?xml\b|(?:\w{1,20}:)?(?:oai-pmh|record|collection|mods|modscollection|rdf|feed|rss)\b)", re.I)
OTHER = re.compile(
    r"\{\s*[\"}]|\[\s*[\[\]{\"]|\d{5}[acdnp][a-z][a-z ]|.*^(?:TY  ?- |[ \t]{0,9}@\w{3,20}\s{0,9}[{(])",
    re.I | re.M | re.S,
)
TAG = re.compile(r"<[^<>]{0,2000}>")


def recognises(head: bytes) -> bool:
    """Whether a file is a result page: three of the labels begin a line, or the page's furniture is there."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    html = markup.is_html(text)
    if OTHER.match(text) or (XML.match(text) and not html):
        return False
    labels = set()
    for line in (TAG.sub("\n", text) if html else text).split("\n"):
        labels.add(field_of(line))
        if len(labels - {""}) > 2 or (len(line) < 300 and (FORM.match(line) or announced_count(line) is not None)):
            return True
    return False


def content(text: str) -> str:
    """A record as read, without the labels of its fields."""
    lines = []
    for line in text.split("\n"):
        mark = ":" if label_of(line.partition(":")[0]) or scheme_of(line.partition(":")[0]) else "\t"
        head, _, rest = line.partition(mark)
        lines.append(rest if label_of(head) or scheme_of(head) else line)
    return "\n".join(lines)


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file in order, a Fault for what belongs to none. Text is read as it streams, HTML as a whole."""
    head = stream.read(HEAD)
    damage = Damage()
    lines: Iterable[Line]
    if markup.is_html(decoding.decode_head(head).lstrip("\ufeff \t\n")):
        lines = markup.html_lines(markup.html_text(head + stream.read(), damage), label_of, damage)
    else:
        lines = decoding.text_lines(decoding.chunks_of(stream, head), damage)
    yield from _File(name).read(lines)
    for line, sentence in damage.sentences(name):
        yield Fault(name, sentence, line, "", "warning")


@dataclass(slots=True)
class Page:
    """What a page says of itself, and how many of its records were read."""

    number: int
    form: bool = False
    term: str | None = None
    announced: int | None = None
    announced_line: int = 0
    date: str = ""
    time: str = ""
    read: int = 0
    echo: bool = False  # repeats what the page before says, as a page that gives its count at the foot too


class _File:
    """Reads one file: gathers its lines into a block, cuts the block where a record begins, makes the record."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.page = Page(1)
        self.position = 0
        self.labelled = False
        self.counted = False
        self.banners: set[str] = set()
        self.held: list[Fault] = []  # differences of pages that may be parts of one list
        self.held_read = 0
        self.held_list: tuple[str | None, int] = ("", 0)
        # The order of the page
        self.order = ORDER
        self.places = {name: place for place, name in enumerate(ORDER)}
        self.usual: frozenset[str] = frozenset()  # the fields of the record that it was learned from
        self.learned = False
        # The block
        self.lines: list[Line] = []
        self.parts: list[Part] = []
        self.had: set[str] = set()  # its fields, without the suspect ones
        self.suspects: set[str] = set()
        self.fork = 0  # index of the part that may begin another record; 0 if there is none
        self.had_since: set[str] = set()  # fields from the fork on

    def read(self, lines: Iterable[Line]) -> Iterator[Record | Fault]:
        some = False
        for line in lines:
            text = line[2]
            head, colon, rest = text.partition(":")
            known = ""
            if colon:
                known = FIELDS.get(head) or (label_of(head) if len(head) < 60 else "")
            elif text is not line[3] and "\t" in line[3]:
                head, _, rest = line[3].partition("\t")
                known = label_of(head)
            if known:
                yield from self.arrive(known, head.strip(), rest.strip(" \t\xa0*_"), line)
            elif not self.parts:
                if text and not text.isspace():
                    some = True
                    yield from self.furnish(line)
            elif text and len(text) < 300 and self.ends_page(text):
                yield from self.finish(next_page=True)
                yield from self.furnish(line)
            else:
                self.lines.append(line)
        yield from self.finish(at_end=True)
        yield from self.turn()
        yield from self.held
        if not self.position and not self.counted:
            yield self.refuse(some)

    def refuse(self, some: bool) -> Fault:
        if not some and not self.labelled:
            return Fault(self.name, f"{self.name}: the file is empty.")
        if self.labelled:
            return Fault(self.name, f"{self.name}: there is no record here: nothing follows any of the labels.")
        labels = ", ".join(f"{label}:" for label in list(NAMES.values())[:3])
        return Fault(self.name, f"{self.name}: this is not a result page: none of its lines begins with {labels} …")

    # Furniture

    def ends_page(self, text: str) -> bool:
        """Whether a line within a block ends the page. In a summary "12 results found" does so after a blank line."""
        if FORM.match(text):
            return True
        if announced_count(text) is None:
            return False
        above = self.lines[-1][2]
        return self.parts[-1].name == "subjects" or not above.strip() or bool(RESULTS_FOR.match(above))

    def furnish(self, line: Line) -> Iterator[Fault]:
        """Takes in a line that belongs to no record."""
        text = line[2].strip()
        if len(text) > 1000:
            return
        page = self.page
        if FORM.match(text):
            if page.read or page.form or page.announced is not None:
                yield from self.turn()
            self.page.form = True
            self.page.echo = False
        elif (count := announced_count(text)) is not None:
            if page.read or page.announced is not None:
                yield from self.turn(echo=count == page.announced, term=page.term if not page.read else None)
            self.counted = True
            self.page.announced, self.page.announced_line = count, line[0]
            match = _found(text)
            if match and match["term"] and self.page.term is None:
                self.page.term = match["term"]
        elif match := RESULTS_FOR.match(text):
            if page.read or page.announced is not None:
                yield from self.turn(echo=match[1].strip() == page.term)
            self.page.term = match[1].strip()
        elif match := WHEN.match(text):
            if page.read:
                yield from self.turn()
            if match[1].lower() == "date":
                self.page.date = self.page.date or match[2].strip()
            else:
                self.page.time = self.page.time or match[2].strip()
        elif len(text) < 200 and len(self.banners) < 200:
            self.banners.add(text.lower())

    def turn(self, echo: bool = False, term: str | None = None) -> Iterator[Fault]:
        """Ends a page: its count is compared with what was read of it."""
        page = self.page
        self.page = Page(page.number + 1, echo=echo, term=term)
        self.learned = False
        if page.announced is None or (page.echo and not page.read):
            return
        this_list = (page.term, page.announced)
        if this_list != self.held_list or not self.held:
            yield from self.held
            self.held, self.held_read, self.held_list = [], 0, this_list
        self.held_read += page.read
        if page.read != page.announced:
            self.held.append(self.difference(page, page.announced))
        if self.held_read == page.announced:
            self.held = []  # the list goes on over pages, and they are all here
        elif self.held_read > page.announced:
            yield from self.held
            self.held = []

    def difference(self, page: Page, announced: int) -> Fault:
        results = "1 result" if announced == 1 else f"{announced} results"
        records = "1 record was read" if page.read == 1 else f"{page.read or 'no'} records were read"
        if page.read > announced:
            why = "look whether one record was taken for two, or a second page follows without its count."
        elif self.cut_off:
            why = "the last record has no end, so the file seems to be cut off; save the page again."
        else:
            why = "look for a record without labels, or for further pages of the list that were not saved."
        message = f"{self.name}:{page.announced_line}: the page announces {results}, but {records}; {why}"
        return Fault(self.name, message, page.announced_line, "", "warning")

    # Where a record begins

    cut_off = False

    def arrive(self, name: str, label: str, rest: str, line: Line) -> Iterator[Record | Fault]:
        """Takes in a line that begins with a known label."""
        self.labelled = True
        part = Part(name, label, rest, 0)
        if self.parts:
            last = self.parts[-1]
            usual = self.places[name] == self.places[last.name] + 1 and not last.suspect
            if not usual or self.fork or name in self.had or last.name == "abstract":
                cut = self.boundary(part)
                if cut:
                    yield from self.close(cut)
        part.start = len(self.lines)
        self.lines.append(line)
        self.parts.append(part)
        if part.suspect:
            self.suspects.add(name)
        else:
            self.had.add(name)
            if self.fork:
                self.had_since.add(name)

    def boundary(self, part: Part) -> int:
        """The index of the part where another record begins now that `part` has come; 0 if none does."""
        name, last, here = part.name, self.parts[-1], len(self.parts)
        in_summary = last.name == "abstract" or last.suspect
        if in_summary and not has_form(part):
            part.suspect = part.prose = True
            return 0
        opens = name in ("creators", "title") or self.places[name] <= self.places[self.parts[0].name]
        if (name in self.had or (opens and self.is_closed())) and self.is_ruled():
            return here
        if name == last.name:
            return 0
        if (
            last.name == "subjects"
            and name in self.had
            and not opens
            and self.is_spaced()
            and self.lines[-1][2].strip()
        ):
            part.suspect = part.prose = True  # a keyword that looks like a label
            return 0
        if name in self.had:
            return self.again(part, opens, in_summary)
        if name in self.suspects:
            return 0
        if (
            not self.fork
            and self.is_closed()
            and self.is_ordered()
            and self.places[name] < self.places[self.parts[0].name]
        ):
            self.branch(name)
        elif in_summary:
            part.suspect = self.places[name] != self.places["abstract"] + 1
        return 0

    def again(self, part: Part, opens: bool, in_summary: bool) -> int:
        """The same question for a label that the block has already."""
        here = len(self.parts)
        if self.fork:
            if part.name not in self.had_since and self.places[part.name] > self.places[self.parts[-1].name]:
                return self.fork
            self.unite()
            return here
        if self.is_closed():
            return here
        if in_summary and self.is_spaced() and self.lines[-1][2].strip():
            part.suspect = True
        elif opens:
            self.branch(part.name)
        elif in_summary:
            part.suspect = True
        return 0

    def branch(self, name: str) -> None:
        if not self.learned:
            self.learn(self.parts)
            self.learned = False
        self.fork = len(self.parts)
        self.had_since = {name}

    def unite(self) -> None:
        """Answers the question of the fork with no: what came there belongs to the record before it."""
        part = self.parts[self.fork]
        part.suspect = part.suspect or self.parts[self.fork - 1].name == "abstract"
        self.fork = 0

    def is_closed(self) -> bool:
        """Whether the block has what a record of this page ends with."""
        first = self.parts[0].name
        middle = len(self.usual) // 2 if self.usual else 0
        usual = [name for name in self.order if name in self.usual]
        for name in ("shelf_number", "subjects", *usual[-1:]):
            if name in self.had and name != first and not (name in usual and usual.index(name) < middle):
                return True
        return bool(self.usual) and len(self.usual) > 1 and self.had >= self.usual

    def is_ordered(self) -> bool:
        places = [self.places[part.name] for part in self.parts if not part.suspect]
        return places == sorted(places)

    def is_ruled(self) -> bool:
        """Whether a rule or a record's number stands right above."""
        for line in reversed(self.lines[max(self.parts[-1].start + 1, len(self.lines) - 4) :]):
            text = line[2]
            if text.strip():
                return len(text) < 200 and bool(RULE.fullmatch(text) or COUNTER.fullmatch(text))
        return False

    def is_spaced(self) -> bool:
        """Whether blank lines stand between the fields of the block."""
        starts = [part.start for part in self.parts[1:] if not part.suspect]
        return bool(starts) and all(not self.lines[start - 1][2].strip() for start in starts)

    def learn(self, parts: list[Part]) -> None:
        """Takes the order of the labels from a record; a field that it lacks keeps its usual neighbour."""
        names = list(dict.fromkeys(part.name for part in parts if not part.suspect))
        if len(names) < 2:
            return
        self.usual, self.learned = frozenset(names), True
        if [self.places[name] for name in names] != sorted(self.places[name] for name in names):
            for before, name in zip(("", *ORDER), ORDER, strict=False):
                if name not in names:
                    names.insert(names.index(before) + 1 if before in names else 0, name)
            self.order = tuple(names)
            self.places = {name: place for place, name in enumerate(names)}

    # From a block to a record

    def close(self, cut: int) -> Iterator[Record | Fault]:
        """Makes a record of the parts before `cut`; the rest stays in the block."""
        parts, rest = self.parts[:cut], self.parts[cut:]
        start = rest[0].start if rest else len(self.lines)
        lines, self.lines = self.lines[:start], self.lines[start:]
        self.parts = []
        yield from self.make(lines, parts, False, False)
        for part in rest:
            part.start -= start
        self.parts = rest
        self.had = {part.name for part in rest if not part.suspect}
        self.suspects = {part.name for part in rest if part.suspect}
        self.fork = 0

    def finish(self, next_page: bool = False, at_end: bool = False) -> Iterator[Record | Fault]:
        """Makes a record, or two, of what is in the block; `next_page` says that the head of a page follows."""
        if self.fork and (self.had_since == {self.parts[self.fork].name} or self.ends_before_fork()):
            yield from self.close(self.fork)
        if self.fork:
            self.unite()
        if self.parts:
            parts, lines = self.parts, self.lines
            self.parts, self.lines, self.had, self.suspects, self.fork = [], [], set(), set(), 0
            yield from self.make(lines, parts, next_page, at_end)

    def ends_before_fork(self) -> bool:
        return any(part.name in ("shelf_number", "subjects") for part in self.parts[1 : self.fork])

    def make(self, lines: list[Line], parts: list[Part], next_page: bool, at_end: bool) -> Iterator[Record | Fault]:
        parts, notes = settle(lines, parts)
        end, strays, after = trim(lines, parts[-1], next_page, self.banners)
        draft = Draft(notes)
        draft.fill(lines, parts, end, strays)
        if (draft.values or draft.leftovers) and not (next_page and self.is_form(draft)):
            if not self.learned:
                self.learn(parts)
            if at_end:
                self.note_end(draft, parts)
            self.position += 1
            self.page.read += 1
            yield self.place(draft, lines)
        for line in after:
            yield from self.furnish(line)

    def is_form(self, draft: Draft) -> bool:
        """Whether this is a search form above the count: blank labels, with some text after the last of them."""
        fresh = not self.page.read and self.page.announced is None
        return fresh and len(draft.values) < 2 and draft.values.keys().isdisjoint(("title", "shelf_number"))

    def note_end(self, draft: Draft, parts: list[Part]) -> None:
        closed = {"shelf_number", "subjects"}
        expected = bool(self.page.announced) or bool(self.position and self.usual & closed)
        if expected and draft.values.keys().isdisjoint(closed):
            self.cut_off = True
            message = "The file ends here, within the record: it seems to be cut off. Save the page again."
            draft.notes.append(Note(parts[-1].name, message, draft.last_line))

    def place(self, draft: Draft, lines: list[Line]) -> Record:
        page = self.page
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
