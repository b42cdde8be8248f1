"""Rows: the cells of each row of a table, over as many lines as its quotes hold together."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage

LONGEST = 1 << 23  # characters of a row; a longer one has lost a quote
LONGEST_ROW = 1_000  # lines
TOO_LONG = f"it has more than {LONGEST:,} characters; look for a quote that is not closed, or a line without an end"
BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")

Row = tuple[int, int, list[str]]  # first line, last line, cells


def numbered(chunks: Iterable[bytes], damage: Damage) -> Iterator[tuple[int, str]]:
    """The lines of the file, tabs as they are; what else ends a line for an eye (form feed) does not end a row."""
    for number, pieces in groupby(decoding.text_lines(chunks, damage), itemgetter(0)):
        yield number, " ".join([piece[3] for piece in pieces])


def clean(cell: str) -> str:
    """A cell without what nobody sees, its paragraphs apart."""
    if not cell.isprintable():
        cell = "\n".join(decoding.SPACE.sub(" ", decoding.UNSEEN.sub("", line)) for line in cell.split("\n"))
    return "\n\n".join(filter(None, (" ".join(paragraph.split()) for paragraph in BLANK_LINE.split(cell))))


class Lines:
    """Lines that can be put back; gives no more than a row may have, so that a quote without an end ends somewhere."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        self.lines = iter(lines)
        self.back: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_ROW or self.size > LONGEST:
            raise StopIteration
        line = self.back.popleft() if self.back else next(self.lines)
        self.taken.append(line)
        self.size += len(line[1])
        return line[1] + "\n"

    def begin(self) -> None:
        self.taken, self.size = [], 0

    def put_back(self) -> None:
        """Keeps the first line of those taken; the others are read again."""
        self.back.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]


def rows(lines: Iterable[tuple[int, str]], delimiter: str, width: int = 0) -> Iterator[tuple[Row, str]]:
    """The rows, and what is wrong with each: "", "repaired" or a sentence, where the row cannot be relied on."""
    csv.field_size_limit(2 * LONGEST)  # of the whole process; its own is 131,072, less than some abstracts
    source = Lines(lines)
    while True:
        source.begin()
        reader = csv.reader(source, delimiter=delimiter, strict=True)
        state = ""
        try:
            for cells in reader:
                taken = source.taken
                if source.size > LONGEST:
                    yield (taken[0][0], taken[-1][0], [cell[:1000] for cell in cells]), TOO_LONG
                else:
                    yield (taken[0][0], taken[-1][0], cells), state
                source.begin()
            return
        except csv.Error:
            if not source.taken:
                return
            source.put_back()
            number, line = source.taken[0]
            mended = repaired(line, delimiter) if len(line) <= LONGEST else None
            if mended is None or (width and len(mended) > width):
                state = "a quote is opened that is not closed, or stands alone in a cell; double the quotes of the text"
                cells = next(csv.reader([line[:1000].replace('"', "")], delimiter=delimiter))
            else:
                state, cells = "repaired", mended
            yield (number, number, cells), state


def repaired(line: str, delimiter: str) -> list[str] | None:
    """The cells of a line whose text has quotes that are not doubled: one ends a cell only before a delimiter."""
    mark = re.escape(delimiter)
    cells, position = [], 0
    quoted = re.compile(rf'\s*"(.*?)"\s*(?={mark}|$)')
    bare = re.compile(rf"([^{mark}]*)")
    while True:
        match = quoted.match(line, position)
        if match is None:
            match = bare.match(line, position)
        if match is None or (match.re is bare and match[1].lstrip().startswith('"')):
            return None
        cells.append(match[1].replace('""', '"') if match.re is quoted else match[1])
        position = match.end()
        if position >= len(line):
            return cells
        position += 1
