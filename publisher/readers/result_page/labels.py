"""The labels and the furniture of a result page: which line is which."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from pathlib import Path

from publisher import resources
from publisher.errors import SettingsError

HEAD = 65_536  # bytes that decide on the encoding, and on text or HTML

FORMER = "former_numbers"  # what a number is under which the record was published before
NAMES = {
    "creators": "Author",
    "title": "Title",
    "abstract": "Summary",
    "publication_statement": "Details",
    "source_statement": "Source",
    "issued": "Year",
    "countries": "Country",
    "uri": "URL",
    "shelf_number": "Shelf Number",
    "subjects": "Keywords",
}
ORDER = tuple(NAMES)
LONGEST = 40  # characters of a label
CHANGED = itemgetter(4)  # of a Line
SHORT = frozenset(("issued", "countries", "uri", "shelf_number", ""))  # "": after an unknown label

BEFORE_LABEL = re.compile(r"\s*(?:\d{1,5}[.)]\s+|[-*•·]\s+)?")
NO_LETTER = re.compile(r"[\W_]+")

# Furniture at the head of a page

FORM = re.compile(r"\s*transaction search form\b", re.I)
BANNER = re.compile(r"\s*centenn?ial celebration\s*", re.I)
RESULTS_FOR = re.compile(r"\s*(?:search )?results? for\b\s*:?(.*)", re.I)
WHEN = re.compile(r"\s*(date|time)\s*:(.*)", re.I)
FOUND = re.compile(
    r"[\W_]*(?:your search )?(?:has )?(?:(?:found|returned) )?(?P<count>\d[\d,.' ]{0,14}|no|zero|one) (?:matching )?"
    r"(?:results?|records?|items?|hits?|titles?|matches)(?: (?:was |were )?(?:found|returned))?"
    r"(?: for:? (?P<term>.{1,300}?))?[\W_]*"
    r"|[\W_]*(?:results?|records?|items?|hits?|titles?|matches) found ?: ?(?P<number>\d[\d,.' ]{0,14})[\W_]*",
    re.I,
)

# Furniture at its foot and between records

RULE = re.compile(r"\s*(?:[-=_*~#\u2010-\u2015\u2500\u2501\u2550]\s?){3,}\s*")
COUNTER = re.compile(r"\s*(?:(?:record|result|item|no\.?) )?[\[(#]?\d{1,5}[\])]?(?: of \d{1,7})?[.):]?\s*", re.I)
STEP = (
    r"(?:next|prev(?:ious)?|first|last)(?: (?:page|results|records|\d{1,4}))?"
    r"|(?:go |back |return )*to (?:the )?(?:top|search|results|home)\b(?: (?:of (?:the )?page|page|form|results))?"
    r"|top of (?:the )?page|new search|search again|print(?: this page)?|page \d{1,5}(?: of \d{1,5})?"
    r"|(?:showing |displaying |results |records )+\d{1,7} ?(?:-|–|to) ?\d{1,7}(?: of (?:about )?[\d,]{1,9})?"
    r"(?: results| records)?|\d{1,4}|\.{2,3}|…"
)
PAGER = re.compile(rf"[\W_]*(?>{STEP})(?:[\W_]++(?>{STEP}))*+[\W_]*", re.I)
MENU = (
    r"home|about(?: us)?|contact(?: us)?|help|log ?(?:in|out)|site ?map|privacy(?: policy)?|accessibility|search"
    r"|catalogu?e"
)
MENU_LINE = re.compile(rf"\W*(?:{MENU})(?:\s*[|·•]\s*(?:{MENU})\b)+\W*", re.I)
LONE = re.compile(r"\W*(?:print|\d{1,4}|first|last|\.{2,3}|…)\W*", re.I)  # among keywords it might be one
NOTICE = re.compile(r"[^©]{0,120}©|\s*copyright\s+(?:\(c\)|\d{4}|by\b)|.{0,80}\ball rights reserved\b", re.I)

# what browsers print above and below each sheet
PRINTED = re.compile(
    r"\s*(?:\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? \d{1,2}:\d\d(?: ?[AP]M)?(?:\s.*)?|(?:https?|file)://\S+\s+\d{1,4}/\d{1,4})\s*",
    re.I,
)


class Labels:
    """What the labels of pages mean: those of `ontology/labels.csv`, and after them those of the library's own table,
    which may give a label of ours another meaning. Raises SettingsError for a table that is wrong."""

    def __init__(self, table: str = "") -> None:
        self.fields: dict[str, str] = {}
        self.schemes: dict[str, str] = {}
        self.spelt: dict[str, str] = {}  # labels as the tables spell them: the quick way
        self.take(csv.DictReader(resources.text("ontology/labels.csv").splitlines()), "ontology/labels.csv")
        if table:
            try:
                with Path(table).open(encoding="utf-8-sig", newline="") as file:
                    self.take(csv.DictReader(file), table)
            except (OSError, ValueError, csv.Error) as error:
                raise SettingsError(f"PAGE_LABELS: {table} cannot be read ({error}).") from None
        self.spelt = {label: self.label_of(label) for label in self.spelt}

    def take(self, rows: csv.DictReader[str], name: str) -> None:
        if rows.fieldnames is None or not {"label", "attribute"} <= set(rows.fieldnames):
            raise SettingsError(f"PAGE_LABELS: {name}:1: the first line of the table must be label,attribute.")
        for row in rows:
            label, given = word_of(row["label"] or ""), (row["attribute"] or "").strip()
            if not label or len(label) > LONGEST:
                raise SettingsError(
                    f"PAGE_LABELS: {name}:{rows.line_num}: a label has letters, and {LONGEST} characters at most."
                )
            self.spelt[row["label"]] = ""
            attribute, _, scheme = given.partition(".")
            self.fields.pop(label, None)
            self.schemes.pop(label, None)
            if attribute in NAMES and not scheme:
                self.fields[label] = attribute
            elif attribute == FORMER or (attribute == "identifiers" and scheme):
                self.schemes[label] = scheme or FORMER
            else:
                raise SettingsError(
                    f'PAGE_LABELS: {name}:{rows.line_num}: "{given}" is nothing that a label can mean; there '
                    f"are {', '.join(NAMES)}, {FORMER}, and identifiers with a scheme, as in identifiers.isbn."
                )

    def label_of(self, text: str) -> str:
        """The attribute of Record that a text is the label of, whatever its case and spacing, else ""."""
        if known := self.spelt.get(text):
            return known
        if len(text) > LONGEST:
            return ""
        prefix = BEFORE_LABEL.match(text)
        word = word_of(text[prefix.end() :] if prefix else text)
        return self.fields.get(word) or self.fields.get(word.removesuffix("s"), "")

    def scheme_of(self, text: str) -> str:
        """The scheme of the identifiers that a text is the label of, else ""."""
        return self.schemes.get(word_of(text), "") if len(text) <= LONGEST else ""

    def field_of(self, line: str) -> str:
        """The field whose label begins a line: before a colon, or a tab as tables are copied out of a browser."""
        head, colon, _ = line.partition(":")
        if colon:
            return self.label_of(head)
        return self.label_of(line[:60].partition("\t")[0]) if "\t" in line[:60] else ""


@cache
def known_labels(table: str) -> Labels:
    """The labels of a table of the library's own ("": none) beside ours, read once in a process."""
    return Labels(table)


def word_of(label: str) -> str:
    """A label in lower case, without what stands between its letters; accents are kept."""
    return NO_LETTER.sub("", label if label.isascii() else unicodedata.normalize("NFC", label)).lower()


def announced_count(text: str) -> int | None:
    """N of "N results found"; None if the line says no such thing."""
    match = _found(text)
    if match is None:
        return None
    number = (match["count"] or match["number"]).strip().lower()
    digits = "".join(filter(str.isdecimal, number))
    return int(digits) if digits else int(number == "one")


def _found(text: str) -> re.Match[str] | None:
    lower = text.lower()
    if "found" not in lower and "returned" not in lower:
        return None
    return FOUND.fullmatch(" ".join(text.split()))


def is_foot(text: str) -> bool:
    """Whether a line is a pager, a rule, a record's number or a notice."""
    if len(text) > 300:
        return False
    return any(foot.fullmatch(text) for foot in (RULE, COUNTER, PAGER, MENU_LINE, PRINTED)) or bool(NOTICE.match(text))


@dataclass(slots=True)
class Part:
    """A label and the lines below it; `start` is the index of its line in the block."""

    name: str
    label: str
    rest: str  # what stands after the label on its line
    start: int
    suspect: bool = False  # stands within the summary and not where its field usually does
    prose: bool = False  # has not the form of its field
