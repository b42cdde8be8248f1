"""The Record of a BibTeX entry: what each of its fields becomes, which depends on the type of the entry."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from bibtexparser.middlewares.names import split_multiple_persons_names

from publisher.readers.bibtex import latex
from publisher.readers.bibtex.fields import (
    BODIES,
    CONTAINERS,
    IDENTIFIERS,
    INHERITED,
    REPORTS,
    ROLES,
    THESES,
    VALUES,
    VERBATIM,
    Kind,
)
from publisher.readers.bibtex.names import heading, is_braced
from publisher.readers.text import decoding
from publisher.record import Agent, Leftover, Note, Part, Record, Source, Value

LINK = re.compile(r"(?:https?|ftp)://\S+", re.I)


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
