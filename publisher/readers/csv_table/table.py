"""CSV table: the rows of a spreadsheet or of a database export, comma, semicolon, tab or bar between the cells.

Which column is what is said by a small TOML file beside the data, of the same name or `columns.toml`:

    [columns]
    "Shelf No" = "shelf_number"
    "Author" = "creators"
    "ISBN" = "identifiers.isbn"     # or "contributors.edt", "is_part_of.series", "is_part_of.volume"
    "Remarks" = ""                  # kept aside

    [options]                       # each may be left out
    delimiter = ";"
    encoding = "windows-1252"
    skip_lines = 3                  # above the line of headings
    headings = ["Title", "Author"]  # where no line, or a wrong one, names the columns
    separator = ";"                 # between the values of one cell; ";" or "|" where none is said
    empty = ["No data"]             # what stands in a cell for nothing

Without it the headings are looked up in `ontology/columns.csv`, and a fault of severity "info" says which column became
what. Columns that neither knows become leftovers. A file none of whose headings is known is refused, and so is a row
with more cells than there are headings, since its values may stand under the wrong ones.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from publisher.errors import UnreadableSource
from publisher.readers.csv_table.columns import Columns, columns_beside, fold, known_headings
from publisher.readers.csv_table.layout import SAMPLE, Layout
from publisher.readers.csv_table.record import Draft
from publisher.readers.csv_table.rows import Row, clean, numbered, rows
from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage
from publisher.record import Fault, Record, Severity, Source

HEAD = 65_536  # bytes that decide on the encoding

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
HEADING = re.compile(r"^[^:]{1,80}: ")
EMPTY = ("no data", "n/a", "#n/a", "null")


def recognises(head: bytes) -> bool:
    """Whether a file is a table with headings that we know, a title among them; prose with commas is none."""
    text = decoding.decode_head(head)
    lines = text.split("\n")
    if len(head) >= HEAD:
        lines.pop()
    if text.lstrip("\ufeff \t\n").startswith(("<", "{", "[", "@")):
        return False
    table = Layout(Columns())
    table.learn([(number, line) for number, line in enumerate(lines[:SAMPLE], 1)])
    targets = [known_headings().get(fold(heading), "") for heading in table.headings]
    known = sum(map(bool, targets))
    return "title" in targets and known > 1 and known * 2 >= len(targets) and bool(table.rows) and table.steady


def content(text: str) -> str:
    """A row as read, without the headings of its cells and without cells that mean nothing."""
    return "\n".join(rest for rest in (HEADING.sub("", line) for line in text.split("\n")) if fold(rest) not in EMPTY)


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The rows of a file in order as records, and a Fault for each that cannot be one."""
    place = getattr(stream, "name", name)
    try:
        columns = columns_beside(Path(place if isinstance(place, str) else name))
    except UnreadableSource as error:
        yield Fault(name, str(error))
        return
    damage = Damage()
    head = stream.read(HEAD)
    chunks = decoding.chunks_of(stream, head)
    if encoding := columns.option("encoding", ""):
        chunks = (text.encode() for text in codecs.iterdecode(chunks, encoding, "replace"))
    yield from Table(name, columns).read(numbered(chunks, damage))
    for line, sentence in damage.sentences(name):
        yield Fault(name, sentence, line, "", "warning")


class Table:
    def __init__(self, name: str, columns: Columns) -> None:
        self.name = name
        self.columns = columns
        self.layout = Layout(columns)
        self.position = 0
        self.targets: list[str] = []
        self.labels: list[str] = []
        self.empty = frozenset(fold(text) for text in columns.option("empty", EMPTY))

    def fault(self, line: int, message: str, severity: Severity = "violation") -> Fault:
        place = f"{self.name}:{line}" if line else self.name
        return Fault(self.name, f"{place}: {message}", line, "", severity)

    def read(self, lines: Iterator[tuple[int, str]]) -> Iterator[Record | Fault]:
        sample = list(islice(lines, SAMPLE))
        if not any(line.strip() for _, line in sample):
            yield self.fault(0, "the file is empty.")
            return
        above = self.layout.learn(sample)
        faults = list(self.settle())
        yield from faults
        if any(fault.severity == "violation" for fault in faults):
            return

        def rest() -> Iterator[tuple[int, str]]:
            yield from sample[above:]
            yield from lines

        for row, state in rows(rest(), self.layout.delimiter, len(self.labels)):
            yield from self.read_row(row, state)
        if not self.position:
            yield self.fault(0, "there is no row below the headings.")

    def delimiters(self) -> str:
        return NAMES.get(self.layout.delimiter, repr(self.layout.delimiter))

    def advise(self) -> str:
        beside = self.columns.path or Path(self.name).with_suffix(".toml").name
        return (
            f'To say it otherwise write {beside} beside it: [columns], then lines such as "Shelf No" = "shelf_number".'
        )

    def settle(self) -> Iterator[Fault]:
        """Decides what each column becomes; says so, and says what is wrong with the headings."""
        layout, columns = self.layout, self.columns
        headings = layout.headings
        self.labels = [heading or f"column {number}" for number, heading in enumerate(headings, 1)]
        guessed = known_headings() if not columns.attributes else {}
        self.targets = [columns.attributes.get(fold(heading), guessed.get(fold(heading), "")) for heading in headings]
        if not any(self.targets):
            yield self.fault(
                layout.heading_line, f"none of the headings is known ({quoted(self.labels)}). {self.advise()}"
            )
            return
        wide = Counter(layout.cells(row[2]) for row in layout.rows)
        if layout.rows and sum(times for cells, times in wide.items() if cells > len(headings)) * 2 > len(layout.rows):
            example = layout.rows[0]
            yield self.fault(
                layout.heading_line,
                f"the headings are {len(headings)} ({quoted(self.labels)}), but most of the rows have {layout.width} "
                f"cells (line {example[0]}: {quoted(map(clean, example[2]))}); it is not sure which is which. "
                f"{self.advise()} Name all of the columns by headings = [...] below [options].",
            )
            return
        for heading, times in Counter(map(fold, headings)).items():
            if heading and times > 1:
                yield self.fault(
                    layout.heading_line, f'the heading "{heading}" stands over {times} columns.', "warning"
                )
        missing = columns.attributes.keys() - set(map(fold, headings))
        if missing:
            yield self.fault(
                layout.heading_line,
                f"{columns.path} names columns that are not here: {quoted(sorted(missing))}. The headings are "
                f"{quoted(self.labels)}.",
                "info" if columns.path and columns.path.name == "columns.toml" else "warning",
            )
        if layout.skipped:
            lines = ", ".join(map(str, layout.skipped[:10]))
            yield self.fault(layout.skipped[0], f"above the headings, lines that were not read: {lines}.", "info")
        if not columns.attributes:
            became = "; ".join(
                f'"{label}" is {target}' for label, target in zip(self.labels, self.targets, strict=True) if target
            )
            aside = [label for label, target in zip(self.labels, self.targets, strict=True) if not target]
            yield self.fault(
                layout.heading_line,
                f"read as a table with {self.delimiters()} between the cells: {became}."
                + (f" Kept aside: {quoted(aside)}." if aside else "")
                + f" {self.advise()}",
                "info",
            )

    def read_row(self, row: Row, state: str) -> Iterator[Record | Fault]:
        first, last, cells = row
        cells = [clean(cell) for cell in self.layout.inner(cells)]
        while len(cells) > len(self.labels) and not cells[-1]:
            cells.pop()
        if not any(cells) or [fold(cell) for cell in cells] == [fold(label) for label in self.labels]:
            return
        if state not in ("", "repaired"):
            yield self.fault(first, f"the row cannot be read: {state}.")
            return
        if len(cells) > len(self.labels):
            yield self.fault(
                first,
                f"the row has {len(cells)} cells under {len(self.labels)} headings; put quotes round a value that has "
                f"{self.delimiters()} in it.",
            )
            return
        self.position += 1
        given = [
            (label, target, cell) for label, target, cell in zip(self.labels, self.targets, cells, strict=False) if cell
        ]
        text = "\n".join(f"{label}: {cell}" for label, _, cell in given)
        draft = Draft(first, last, self.columns.option("separator", ""))
        if len(cells) < len(self.labels):
            draft.note(
                f"The row has {len(cells)} cells under {len(self.labels)} headings; see whether each is under its own."
            )
        if state == "repaired":
            draft.note("Quotes within a value are not doubled; look whether the values were taken apart rightly.")
        for label, target, cell in given:
            if fold(cell) not in self.empty:
                draft.take(label, target, cell)
        yield draft.record(Source(self.name, "csv_table", self.position, first, last, text))


def quoted(texts: Iterable[str]) -> str:
    return ", ".join(f'"{text[:60]}"' for text in texts)
