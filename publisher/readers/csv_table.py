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
    separator = ";"                 # between the values of one cell
    empty = ["No data"]             # what stands in a cell for nothing

Without it the headings are looked up in `ontology/columns.csv`, and a fault of severity "info" says which column became
what. Columns that neither knows become leftovers. A file none of whose headings is known is refused, and so is a row
with more cells than there are headings, since its values may stand under the wrong ones.
"""

from __future__ import annotations

import codecs
import csv
import re
import tomllib
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from publisher import resources
from publisher.errors import UnreadableSource
from publisher.readers import decoding
from publisher.readers.decoding import Damage
from publisher.record import Agent, Fault, Leftover, Note, Part, Record, Severity, Source, Value

HEAD = 65_536  # bytes that decide on the encoding
SAMPLE = 200  # lines that decide on the delimiter and the headings
LONGEST = 1 << 23  # characters of a row; a longer one has lost a quote
LONGEST_ROW = 1_000  # lines

DELIMITERS = ",;\t|"
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
EMPTY = ("no data", "n/a", "#n/a", "null")
SEVERAL = frozenset(
    ("creators", "contributors", "subjects", "countries", "languages", "identifiers", "degree_grantors")
)

OPTIONS = {
    "delimiter": str,
    "encoding": str,
    "skip_lines": int,
    "headings": list,
    "separator": str,
    "empty": list,
}
PART = ("series", "journal", "book", "proceedings", "volume", "number", "pages", "issn")
ATTRIBUTES = {item.name for item in fields(Record) if item.name not in ("source", "withdrawn", "leftovers", "notes")}
AGENTS = frozenset(("creators", "contributors", "publishers", "degree_grantors"))

RULE = re.compile(r"[\s|:=_*-]*[-=_*]{3,}[\s|:=_*-]*")
HINT = re.compile(r"sep=(.)", re.I)
NOT_WORD = re.compile(r"[\W_]+")
BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
BEFORE_LINK = re.compile(r"(?<![\s;,])[\s;,]++(?=(?:https?|ftp)://)", re.I)
LISTED = re.compile(r"""\[\s*(['"]).*\1\s*\]""", re.S)  # ['Marx, Karl', 'Lindgren, Astrid'], as Python writes a list
LIST_ITEM = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")

Row = tuple[int, int, list[str]]  # first line, last line, cells


def fold(heading: str) -> str:
    return NOT_WORD.sub(" ", heading).strip().casefold()


@cache
def known_headings() -> dict[str, str]:
    """What the usual headings mean: folded heading -> attribute."""
    return {fold(row["heading"]): row["attribute"] for row in resources.table("ontology/columns.csv")}


@dataclass
class Columns:
    """What the file beside the data says of its columns."""

    path: Path | None = None
    attributes: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def option(self, name: str, default: Any) -> Any:
        return self.options.get(name, default)


def columns_beside(data: Path) -> Columns:
    """The mapping that stands beside a file. Raises UnreadableSource for one that is wrong."""
    for path in (data.with_suffix(".toml"), data.with_name("columns.toml")):
        if path.is_file():
            return columns_of(path)
    return Columns()


def columns_of(path: Path) -> Columns:
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise UnreadableSource(f"{path}: this file cannot be read: {error}.") from None
    columns, options = content.pop("columns", {}), content.pop("options", {})
    if content or not isinstance(columns, dict) or not isinstance(options, dict):
        raise UnreadableSource(f"{path}: write the columns below [columns], the options below [options], and no more.")
    for name, value in options.items():
        if name not in OPTIONS or not isinstance(value, OPTIONS[name]) or isinstance(value, bool):
            known = ", ".join(f"{option} ({kind.__name__})" for option, kind in OPTIONS.items())
            raise UnreadableSource(f"{path}: {name} = {value!r} is no option; the options are {known}.")
    for heading, target in columns.items():
        if not isinstance(target, str) or not is_target(target):
            raise UnreadableSource(
                f'{path}: "{heading}" = {target!r}: there is no such attribute; there are '
                f"{', '.join(sorted(ATTRIBUTES))}, with details as in identifiers.isbn, contributors.edt, "
                f'is_part_of.volume ({", ".join(PART)}), or "" to keep a column aside.'
            )
    if len(options.get("delimiter", ",")) != 1 or options.get("delimiter") in ('"', "\n", "\r"):
        raise UnreadableSource(f"{path}: delimiter must be one character, and no quote.")
    try:
        codecs.lookup(options.get("encoding", "utf-8"))
    except LookupError:
        raise UnreadableSource(f"{path}: there is no encoding {options['encoding']!r}.") from None
    return Columns(path, {fold(heading): target for heading, target in columns.items()}, options)


def is_target(target: str) -> bool:
    name, dot, detail = target.partition(".")
    if not target:
        return True
    if name == "is_part_of":
        return not dot or detail in PART
    return name in ATTRIBUTES and (not dot or bool(re.fullmatch(r"[\w-]+", detail)))


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


def numbered(chunks: Iterable[bytes], damage: Damage) -> Iterator[tuple[int, str]]:
    """The lines of the file, tabs as they are; what else ends a line for an eye (form feed) does not end a row."""
    for number, pieces in groupby(decoding.text_lines(chunks, damage), itemgetter(0)):
        yield number, " ".join([piece[3] for piece in pieces])


def clean(cell: str) -> str:
    """A cell without what nobody sees, its paragraphs apart."""
    if not cell.isprintable():
        cell = "\n".join(decoding.SPACE.sub(" ", decoding.UNSEEN.sub("", line)) for line in cell.split("\n"))
    return "\n\n".join(filter(None, (" ".join(paragraph.split()) for paragraph in BLANK_LINE.split(cell))))


# Rows


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
                yield (taken[0][0], taken[-1][0], cells), state
                source.begin()
            return
        except csv.Error:
            if not source.taken:
                return
            source.put_back()
            number, line = source.taken[0]
            mended = repaired(line, delimiter)
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


# Records


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


class Draft:
    """The attributes of one record while the cells of its row are gone through."""

    def __init__(self, first: int, last: int, separator: str) -> None:
        self.first, self.last, self.separator = first, last, separator
        self.values: dict[str, list[Any]] = {}
        self.place: list[tuple[str, str, str]] = []  # label, volume or the like, text
        self.parts: list[Part] = []
        self.leftovers: list[Leftover] = []
        self.notes: list[Note] = []

    def note(self, message: str) -> None:
        self.notes.append(Note("record", message, self.first))

    def value(self, text: str, scheme: str = "") -> Value:
        return Value(text, self.first, self.last, scheme=scheme)

    def take(self, label: str, target: str, cell: str) -> None:
        name, _, detail = target.partition(".")
        if not target:
            self.leftovers.append(Leftover(label, self.value(cell)))
        elif name == "is_part_of" and detail in PART[4:]:
            self.place.append((label, detail, cell))
        else:
            for text in self.several(name, cell):
                self.add(name, detail, text)

    def add(self, name: str, detail: str, text: str) -> None:
        if name == "is_part_of":
            self.parts.append(Part(self.value(text), detail))  # type: ignore[arg-type]
            return
        item = Agent(self.value(text), role=detail) if name in AGENTS else self.value(text, detail)
        self.values.setdefault(name, []).append(item)

    def several(self, name: str, cell: str) -> list[str]:
        """The values of one cell."""
        if LISTED.fullmatch(cell) and name in SEVERAL:
            items = [single or double for single, double in LIST_ITEM.findall(cell)]
        elif name == "uri":
            items = BEFORE_LINK.split(cell)
            items = [item for text in items for item in text.split(self.separator)] if self.separator else items
        elif name in SEVERAL or (self.separator and name in ("is_part_of", "publishers", "types", "description")):
            items = cell.split(self.separator or ";")
        else:
            return [cell]
        return [item.strip() for item in items if item.strip()]

    def record(self, source: Source) -> Record:
        parts = self.parts
        for label, detail, text in self.place:
            if parts and not getattr(parts[0], detail):
                parts[0] = replace(parts[0], **{detail: text})  # type: ignore[arg-type]
            elif detail == "issn" and not parts:
                self.add("identifiers", "issn", text)
            else:
                self.leftovers.append(Leftover(label, self.value(text)))
        values: dict[str, Any] = {name: tuple(items) for name, items in self.values.items()}
        return Record(
            source,
            is_part_of=tuple(parts),
            leftovers=tuple(self.leftovers),
            notes=tuple(self.notes),
            **values,
        )
