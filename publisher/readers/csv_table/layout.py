"""Layout: where the headings of a table stand, and what stands between its cells."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice

from publisher.readers.csv_table.columns import Columns, fold, known_headings
from publisher.readers.csv_table.rows import Row, clean, rows

SAMPLE = 200  # lines that decide on the delimiter and the headings
DELIMITERS = ",;\t|"
RULE = re.compile(r"[\s|:=_*-]*[-=_*]{3,}[\s|:=_*-]*")
HINT = re.compile(r"sep=(.)", re.I)


class Layout:
    """Where the headings stand, and what stands between the cells."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.delimiter = ""
        self.headings: list[str] = []
        self.heading_line = 0
        self.skipped: list[int] = []
        self.rows: list[Row] = []  # of the sample, without the headings
        self.width = 0  # cells that most of the rows have
        self.steady = False  # whether most of the rows fit under the headings
        self.framed = False

    def learn(self, lines: list[tuple[int, str]]) -> int:
        """Learns from the first lines; gives how many of them stand above the first row."""
        skip: int = self.columns.option("skip_lines", 0)
        above, lines = lines[:skip], lines[skip:]
        self.skipped = [number for number, line in above if line.strip()]
        start = 0
        while start < len(lines) and (not lines[start][1].strip() or RULE.fullmatch(lines[start][1])):
            start += 1
        if start < len(lines) and (hint := HINT.fullmatch(lines[start][1].strip())):
            self.delimiter, start = hint[1], start + 1
        given = self.columns.option("headings", [])
        if not given and self.markdown(lines[start : start + 2]):
            start += 2
        self.delimiter = self.columns.option("delimiter", "") or self.delimiter or self.sniff(lines[start:])
        found = [row for row, _ in islice(rows(lines[start:], self.delimiter), SAMPLE) if any(map(str.strip, row[2]))]
        found = found[:-1] if len(lines) >= SAMPLE and len(found) > 1 else found  # the sample may end within a row
        self.framed = self.delimiter == "|" and all(
            len(cells) > 2 and not cells[0].strip() and not cells[-1].strip() for _, _, cells in found
        )
        if given:
            self.headings = [str(heading) for heading in given]
        elif not self.headings and found:
            index = self.heading_row(found)
            self.skipped += [row[0] for row in found[:index]]
            self.heading_line = found[index][0]
            self.headings = [clean(cell) for cell in self.inner(found[index][2])]
            start = sum(number <= found[index][1] for number, _ in lines)
            found = found[index + 1 :]
        self.rows = [(first, last, self.inner(cells)) for first, last, cells in found]
        used = max((self.cells(row[2]) for row in self.rows), default=0)
        while self.headings and not self.headings[-1] and len(self.headings) > used:
            self.headings.pop()
        widths = Counter(self.cells(row[2]) for row in self.rows)
        self.width = widths.most_common(1)[0][0] if widths else len(self.headings)
        fitting = sum(times for cells, times in widths.items() if 1 < cells <= len(self.headings))
        self.steady = fitting * 2 > len(found)
        return skip + start

    def markdown(self, lines: list[tuple[int, str]]) -> bool:
        """Whether these are the two lines above a Markdown table, whose headings are then known."""
        if len(lines) < 2 or not lines[0][1].lstrip().startswith("|") or not re.fullmatch(r"[\s|:-]{5,}", lines[1][1]):
            return False
        self.headings = [cell.strip(" *_`") for cell in lines[0][1].strip().strip("|").split("|")]
        self.heading_line = lines[0][0]
        return True

    def sniff(self, lines: list[tuple[int, str]]) -> str:
        """The delimiter by which the most rows have as many cells as one another; headings that we know count most."""

        def score(delimiter: str) -> tuple[int, float, int]:
            found = [row[2] for row, _ in islice(rows(lines, delimiter), 60) if any(map(str.strip, row[2]))]
            widths = Counter(map(len, found))
            width, times = widths.most_common(1)[0] if widths else (1, 0)
            headings = max((sum(fold(cell) in known_headings() for cell in cells) for cells in found[:5]), default=0)
            return (headings if headings > 1 else 0), (times / len(found) if width > 1 else 0.0), width

        return max(DELIMITERS, key=score)

    def heading_row(self, found: list[Row]) -> int:
        """Which of the first rows names the columns: the one with the most headings that we or the cataloguer know."""
        known = known_headings().keys() | self.columns.attributes.keys()
        counts = [sum(fold(cell) in known for cell in row[2]) for row in found[:20]]
        if max(counts) > 0:
            return counts.index(max(counts))
        width = Counter(len(row[2]) for row in found).most_common(1)[0][0]
        return next(index for index, row in enumerate(found) if len(row[2]) == width)

    def inner(self, cells: list[str]) -> list[str]:
        """The cells of a row without what stands outside the bars that begin and end it, as in Markdown."""
        return cells[1:-1] if self.framed and len(cells) > 2 else cells

    @staticmethod
    def cells(cells: list[str]) -> int:
        """How many cells a row has, down to the last that is not empty."""
        count = len(cells)
        while count and not cells[count - 1].strip():
            count -= 1
        return count
