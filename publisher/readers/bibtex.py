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
from dataclasses import dataclass, field, replace
from functools import cache
from typing import BinaryIO, Literal, get_args

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import DuplicateFieldKeyBlock, Entry, ImplicitComment, ParsingFailedBlock, String

from publisher import resources
from publisher.readers import decoding, latex
from publisher.readers.decoding import Damage, Line
from publisher.record import Agent, Fault, Leftover, Note, Part, Record, Source, Value

logging.getLogger("bibtexparser").addHandler(logging.NullHandler())  # its complaints become faults, not output

HEAD = 65_536  # bytes that decide on the encoding
LONGEST = 1 << 23  # characters of an entry; a longer one has lost its end

MEDIA_TYPE = "application/x-bibtex"

BLOCK = re.compile(r"\s*@\w*[ \t]*[{(]")  # where bibtexparser lets a block begin, even within a broken one
ENTRY = re.compile(
    r"^[ \t]{0,20}@(?!comment|preamble)\w{2,40}[ \t]{0,9}[{(]\s{0,99}[^\s{}(),=\"]{0,200}\s*[,=}]", re.I | re.M
)
LOST_ENTRY = re.compile(r"\s*\w{4,20}\s*\{[^\s{},]+,\s*")  # @ forgotten
PARENT = re.compile(r"\b(?:crossref|xdata)\s*=\s*[{\"]?\s*([^{}\",]+)", re.I)
KEY = re.compile(r"\s*@\w+[ \t]*[{(]\s*([^,\s]+)")
LEFT_OPEN = re.compile(r"[{}\"=]")
PIECE = re.compile(r"\\.|[{}\"#]", re.S)

Kind = Literal["series", "journal", "book", "proceedings", ""]

# What goes as it stands to an attribute that holds Values.
VALUES = {
    "abstract": "abstract",
    "addendum": "description",
    "address": "place_of_publication",
    "annotation": "description",
    "annote": "description",
    "city": "place_of_publication",
    "contents": "table_of_contents",
    "copyright": "rights",
    "description": "description",
    "edition": "edition",
    "howpublished": "description",
    "language": "languages",
    "license": "rights",
    "location": "place_of_publication",
    "note": "description",
    "numpages": "extent",
    "pagetotal": "extent",
    "rights": "rights",
    "shorttitle": "alternative",
    "title": "title",
    "url": "uri",
    "version": "edition",
}
IDENTIFIERS = {
    "doi": "doi",
    "isbn": "isbn",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "lccn": "lccn",
    "isrn": "isrn",
    "hdl": "hdl",
}
ROLES = {
    "editor": "edt",
    "translator": "trl",
    "annotator": "ann",
    "commentator": "cwt",
    "introduction": "win",
    "afterword": "aft",
    "editora": "",
    "editorb": "",
    "editorc": "",
}
VERBATIM = frozenset(
    ("doi", "eprint", "file", "hdl", "pdf", "url", "urldate", "crossref", "xdata", "xref", "related", "ids")
)
BODIES = frozenset(("institution", "organization", "school"))
THESES = frozenset(("phdthesis", "mastersthesis", "thesis", "bachelorsthesis", "masterthesis"))
REPORTS = frozenset(("techreport", "report"))
CONTAINERS: dict[str, Kind] = {
    "article": "journal",
    "inproceedings": "proceedings",
    "conference": "proceedings",
    "incollection": "book",
    "inbook": "book",
    "inreference": "book",
    "suppbook": "book",
    "suppcollection": "book",
}
INHERITED = frozenset(
    re.findall(
        r"\w+",
        "booktitle booksubtitle maintitle editor publisher organization institution address location year month date "
        "journal journaltitle series volume number issue edition issn",
    )
)

MONTHS = [calendar.month_abbr[month].lower() for month in range(1, 13)]
LINK = re.compile(r"(?:https?|ftp)://\S+", re.I)
FORM_OF_NAME = re.compile(r"\s*(?:family|given|prefix|suffix)\s*=")


def recognises(head: bytes) -> bool:
    """Whether a file is BibTeX: an entry begins a line of it, and it is no page that shows one."""
    text = decoding.decode_head(head).lstrip("\ufeff \t\n")
    return not text.startswith(("<", "{")) and ENTRY.search(text) is not None


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
class Content:
    """One field of an entry: its name in lower case, its lines, and its value with braces and macros as they are."""

    name: str
    first: int
    last: int
    raw: str
    text: str = ""

    def value(self, scheme: str = "") -> Value:
        return Value(self.text, self.first, self.last, scheme=scheme)


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


def pieces(value: str) -> list[str]:
    """What stands between the # of a value, outside braces and quotes."""
    if "#" not in value:
        return [value.strip()]
    found, start, depth, quoted = [], 0, 0, False
    for match in PIECE.finditer(value):
        mark = match[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif mark == '"' and not depth:
            quoted = not quoted
        elif mark == "#" and not depth and not quoted:
            found.append(value[start : match.start()].strip())
            start = match.end()
    return [*found, value[start:].strip()]


def is_enclosed(piece: str) -> bool:
    """Whether the brace or the quote that begins a piece is the one that its end closes."""
    if len(piece) < 2 or piece[0] + piece[-1] not in ("{}", '""'):
        return False
    inner = piece[1:-1]
    mark = '"' if piece[0] == '"' else "}"
    if mark not in inner:
        return True
    depth = 0
    for match in PIECE.finditer(inner):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0 or (match[0] == mark == '"' and not depth):
            return False
    return True


# Names


@cache
def _bodies() -> tuple[frozenset[str], frozenset[str]]:
    """Words that stand in the names of bodies, and names of places, folded."""
    words = frozenset(row["word"] for row in resources.table("ontology/organisation-words.csv"))
    places = frozenset(
        name.strip().casefold()
        for row in resources.table("ontology/places.csv")
        for name in [row["label"], *row["alternatives"].split("|")]
    )
    return words, places


def is_braced(name: str) -> bool:
    """Whether one pair of braces holds all of a name, and no mere accent ({\\"O}zg{\\"u}r)."""
    return name.startswith("{") and is_enclosed(name) and not (name.startswith("{\\") and " " not in name)


def heading(name: str) -> tuple[str, bool]:
    """The name of a person as a catalogue writes it, as far as BibTeX's rules tell; that of a body as it stands."""
    if FORM_OF_NAME.match(name):  # BibLaTeX: family=Beauvoir, given=Simone, prefix=de
        parts = {key.strip(): text.strip() for key, _, text in (item.partition("=") for item in name.split(","))}
        family = " ".join(filter(None, (parts.pop("prefix", ""), parts.pop("family", ""))))
        parts.pop("useprefix", None)
        order = [family, parts.pop("suffix", ""), parts.pop("given", "")]
        if not any(key for key in parts if not key.endswith("-i")):
            return latex.plain(", ".join(filter(None, order)))
    text, understood = latex.plain(name)
    if "," in text or " " not in text or not understood or _may_be_body(text):
        return text, understood
    return latex.plain(parse_single_name_into_parts(name, strict=False).merge_last_name_first)


def _may_be_body(text: str) -> bool:
    known, places = _bodies()
    words = re.findall(r"[^\W\d_]+", text)
    capitals = [len(word) > 2 and word.isupper() for word in words]
    return (
        any(word.casefold() in known for word in words)
        or text.casefold() in places
        or (any(capitals) and not all(capitals))
        or bool(re.search(r"[\d&:;/()]", text))
    )


# Records


@dataclass(slots=True)
class Draft:
    """The attributes of one record while the fields of its entry are gone through."""

    type: str
    contents: list[Content]
    notes: list[Note]
    values: dict[str, list[Value]] = field(default_factory=dict)
    agents: dict[str, list[Agent]] = field(default_factory=dict)
    leftovers: list[Leftover] = field(default_factory=list)

    def note(self, name: str, message: str, line: int, severity: Literal["warning", "info"] = "warning") -> None:
        self.notes.append(Note(name, message, line, severity))

    def inherit(self, parents: dict[str, list[Content]]) -> None:
        """Adds what the entry has from the one that its crossref or xdata names."""
        for reference in [content for content in self.contents if content.name in ("crossref", "xdata")]:
            for key in map(str.strip, latex.verbatim(reference.raw).split(",")):
                parent = parents.get(key.lower())
                if parent is None:
                    self.note("is_part_of", f'The entry refers to "{key}", which is not in this file.', reference.first)
                    continue
                had = {content.name for content in self.contents}
                given = [content for content in parent if content.name in INHERITED and content.name not in had]
                names = {content.name for content in parent}
                if reference.name == "crossref" and self.type in CONTAINERS and "booktitle" not in had | names:
                    given += [
                        replace(content, name=f"book{content.name}")
                        for content in parent
                        if content.name in ("title", "subtitle")
                    ]
                self.contents += given
                if given:
                    fields = ", ".join(dict.fromkeys(content.name for content in given))
                    message = f'Taken from the entry "{key}", to which this one refers: {fields}.'
                    self.note("record", message, reference.first, "info")

    def record(self, source: Source, key: str) -> Record:
        for content in self.contents:
            self.plain(content)
        self.contents = [content for content in self.contents if content.text]
        self.title()
        parts = self.parts()
        self.date()
        self.eprint()
        for content in self.contents:
            self.take(content)
        return Record(
            source,
            record_number=(Value(key, source.first_line, source.first_line),) if key else (),
            types=(
                Value(self.type, source.first_line, source.first_line, scheme="bibtex"),
                *self.values.pop("types", ()),
            ),
            is_part_of=tuple(parts),
            leftovers=tuple(sorted(self.leftovers, key=lambda leftover: leftover.value.first_line)),
            notes=tuple(self.notes),
            **{name: tuple(values) for name, values in (self.values | self.agents).items()},  # type: ignore[arg-type]
        )

    def plain(self, content: Content) -> None:
        if content.name in VERBATIM:
            content.text = latex.verbatim(content.raw)
        else:
            content.text, understood = latex.plain(content.raw)
            if not understood:
                self.note(
                    content.name, "The LaTeX of this field is not understood; it is kept as given.", content.first
                )
        content.text = decoding.SPACE.sub(" ", decoding.UNSEEN.sub("", content.text)).strip()

    def add(self, attribute: str, *values: Value) -> None:
        self.values.setdefault(attribute, []).extend(values)

    def leave(self, content: Content) -> None:
        self.leftovers.append(Leftover(f"BibTeX {content.name}", content.value()))

    def pop(self, *names: str) -> Content | None:
        """The first of these fields that the entry has, taken out of its contents."""
        for name in names:
            for content in self.contents:
                if content.name == name:
                    self.contents.remove(content)
                    return content
        return None

    def text(self, *names: str) -> str:
        content = self.pop(*names)
        return content.text if content else ""

    def texts(self, name: str) -> list[str]:
        return [content.text for content in self.contents if content.name == name]

    def take(self, content: Content) -> None:
        name, text = content.name, content.text
        if name == "author":
            self.people("creators", content)
        elif name in ROLES:
            self.people("contributors", content, ROLES[name])
        elif name in BODIES or name == "publisher":
            self.body(content)
        elif name in ("keywords", "keyword", "subject"):
            self.keywords(content)
        elif name == "isbn" and self.type in CONTAINERS:
            self.leave(content)  # the book's
        elif name in IDENTIFIERS:
            self.add("identifiers", content.value(IDENTIFIERS[name]))
        elif name == "issn":
            self.add("identifiers", content.value("issn"))
        elif name == "number" and self.type in REPORTS:
            self.add("identifiers", content.value("report-number"))
        elif name == "type":
            self.add("degree" if self.type in THESES else "types", content.value())
        elif name == "howpublished" and LINK.fullmatch(text):
            self.add("uri", content.value())
        elif name in ("langid", "hyphenation") and not any(other.name == "language" for other in self.contents):
            self.add("languages", content.value())
        elif name == "language":
            for language in text.split(" and "):
                self.add("languages", replace(content.value(), text=language.strip()))
        elif name in VALUES:
            self.add(VALUES[name], content.value())
        else:
            self.leave(content)

    def people(self, attribute: str, content: Content, role: str = "") -> None:
        for name in split_multiple_persons_names(content.raw):
            name = name.strip().strip(",").strip()
            if name.casefold() == "others":
                self.leftovers.append(Leftover(f"BibTeX {content.name}", replace(content.value(), text=name)))
                message = 'The record says "others": there are more than it names.'
                self.note(attribute, message, content.first)
                continue
            braced = is_braced(name)
            text, understood = latex.plain(name) if braced else heading(name)
            if not understood:
                self.note(attribute, f'The LaTeX of "{text}" is not understood; it is kept as given.', content.first)
            if text:
                agent = Agent(replace(content.value(), text=text), "organisation" if braced else "", role)
                self.agents.setdefault(attribute, []).append(agent)

    def body(self, content: Content) -> None:
        grants = content.name == "school" or (content.name == "institution" and self.type in THESES)
        agent = Agent(content.value(), "organisation" if content.name in BODIES else "")
        self.agents.setdefault("degree_grantors" if grants else "publishers", []).append(agent)

    def keywords(self, content: Content) -> None:
        """Keywords stand between ";" or ","; braces hold one together that has a comma of its own."""
        mark = ";" if ";" in content.raw else ","
        raw = re.sub(r"\{[^{}]*\}", lambda match: match[0].replace(mark, "\0"), content.raw)
        for piece in raw.split(mark):
            text, _ = latex.plain(piece.replace("\0", mark))
            if text:
                self.add("subjects", replace(content.value(), text=text))

    def title(self) -> None:
        """BibLaTeX's subtitle stands in a field of its own."""
        subtitle = self.pop("subtitle")
        for content in self.contents:
            if content.name == "title" and subtitle is not None:
                content.text = f"{content.text}: {subtitle.text}"
                return
        if subtitle is not None:
            self.contents.append(replace(subtitle, name="title"))

    def date(self) -> None:
        """The date, or year, month and day put together."""
        date, year, month, day = self.pop("date"), self.pop("year"), self.pop("month"), self.pop("day")
        if date is not None:
            self.add("issued", date.value())
            if year is not None and not date.text.startswith(year.text):
                self.add("issued", year.value())
        elif year is not None and month is not None:
            if month.text.isdigit() and year.text.isdigit():
                text = "-".join(text.zfill(2) for text in (year.text, month.text, day.text if day else "") if text)
            else:
                text = " ".join(text for text in (day.text if day else "", month.text, year.text) if text)
            first, last = min(year.first, month.first), max(year.last, month.last)
            self.add("issued", Value(text, first, last))
            return
        elif year is not None:
            self.add("issued", year.value())
        for content in (month, day):
            if content is not None:
                self.leave(content)

    def eprint(self) -> None:
        eprint = self.pop("eprint")
        if eprint is not None:
            scheme = self.pop("eprinttype", "archiveprefix")
            self.add("identifiers", eprint.value(scheme.text.lower() if scheme else "eprint"))

    # What the work is part of

    def parts(self) -> list[Part]:
        kind = CONTAINERS.get(self.type, "")
        whole = None
        for names, what in (
            (("journaltitle", "journal"), "journal"),
            (("booktitle",), kind or "book"),
            (("maintitle",), "book"),
        ):
            title = self.pop(*names) if whole is None else None
            if title is not None and title.text in self.texts("title"):
                continue  # a book says its title once more for the entries that refer to it
            if title is not None:
                subtitle = self.text(
                    {"journal": "journalsubtitle"}.get(names[-1], names[0].replace("title", "subtitle"))
                )
                text = f"{title.text}: {subtitle}" if subtitle else title.text
                whole = Part(replace(title.value(), text=text), what if what in get_args(Kind) else "")  # type: ignore[arg-type]
        series = None
        if whole is None or whole.kind != "journal":
            title = self.pop("series")
            series = Part(title.value(), "series") if title is not None else None
        if whole is not None:
            journal = whole.kind == "journal"
            number = self.text("number", "issue") if journal or series is None else ""
            volume = self.text("volume") if journal or series is None else ""
            pages = self.text("pages", "eid")
            issn = self.text("issn") if journal or series is None else ""
            whole = replace(whole, volume=volume, number=number, pages=pages, issn=issn)
        if series is not None:
            number = self.text("number") if self.type not in REPORTS else ""
            series = replace(series, number=number, volume=self.text("volume"), issn=self.text("issn"))
        if whole is None and self.type not in CONTAINERS and (pages_of := self.pop("pages")):
            self.add("extent", pages_of.value())
        return [part for part in (whole, series) if part is not None]
