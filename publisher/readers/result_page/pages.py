"""The pages of a file: what each says of itself, and whether as many records were read as it announces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from publisher.readers.result_page.block import Block
from publisher.readers.result_page.labels import FORM, RESULTS_FOR, WHEN, _found, announced_count
from publisher.readers.text.decoding import Line
from publisher.record import Fault


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


class Pages:
    """Follows the furniture of a file; a new page may have its fields in another order, which the block learns anew."""

    def __init__(self, name: str, block: Block) -> None:
        self.name = name
        self.block = block
        self.page = Page(1)
        self.counted = False
        self.cut_off = False
        self.banners: set[str] = set()
        self.held: list[Fault] = []  # differences of pages that may be parts of one list
        self.held_read = 0
        self.held_list: tuple[str | None, int] = ("", 0)

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
        self.block.learned = False
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
