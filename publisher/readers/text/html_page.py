"""A page as it is seen: the lines of an HTML tree, with the labels that its cells and bold words stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from lxml import etree

from publisher.readers.text.decoding import Damage, Line, spread

WORDS = re.compile(r"\w+")
DROPPED = frozenset(
    WORDS.findall(
        "audio button canvas datalist embed head iframe input link map meta noscript object option script select style "
        "svg template textarea title video"
    )
)
FURNITURE = frozenset(("aside", "footer", "form", "nav"))
BLOCKS = frozenset(
    WORDS.findall(
        "address article blockquote body caption center details dir div fieldset figure html legend li main menu ol "
        "section summary tbody td th dt dd tfoot thead tr ul"
    )
)
PARAGRAPHS = frozenset(("dl", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table"))
ROWS = frozenset(("tr", "dt"))
CELLS = frozenset(("td", "dd", "th"))
LABELS = frozenset(("b", "div", "dt", "em", "font", "i", "label", "span", "strong", "td", "th", "u"))
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
PREFORMATTED = re.compile(r"white-space\s*:\s*(?:pre|break)", re.I)
BLANKS = re.compile(r"[ \t\n\f]+")
ADDRESS = re.compile(r"(?:https?|ftp)://|www\.", re.I)
GENERIC = frozenset(  # of a link that says nothing
    WORDS.findall(
        "a at available click document download for full get here link of online open pdf read report see text the "
        "this to url view"
    )
)


class Page:
    """Writes the lines of a document while its tree is walked."""

    def __init__(self, field_of: Callable[[str], str], damage: Damage) -> None:
        self.field_of = field_of
        self.damage = damage
        self.lines: list[Line] = []
        self.parts: list[str] = []
        self.first = self.last = 0
        self.at = 1  # the line of the file: lxml's own count stops at 65,535
        self.preformatted = 0
        self.base = ""
        self.furniture: list[tuple[int, int]] = []

    def walk(self, root: Any) -> None:
        starts: list[tuple[int, int]] = []  # where the label, link or furniture that is open began
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        skipped: Any = None
        for event, element in walker:
            tag = element.tag
            if not isinstance(tag, str):
                self.at += (element.text or "").count("\n")
                self.add(element.tail)
                continue
            if event == "start":
                self.at = max(self.at, element.sourceline or 0)
                if skipped is None and self.is_hidden(tag, element):
                    skipped = element
                    walker.skip_subtree()
                    continue
                self.open(tag, element, starts)
                self.add(element.text)
            else:
                if element is skipped:
                    skipped = None
                    self.at = max(self.at, element.sourceline or 0)
                    self.at += sum(text.count("\n") for text in element.itertext(with_tail=False))
                    if tag == "hr":
                        self.end()
                else:
                    self.close(tag, element, starts)
                if element is not root:
                    self.add(element.tail)
        self.end()

    def is_hidden(self, tag: str, element: Any) -> bool:
        if tag in DROPPED:
            return True
        return element.get("hidden") is not None or bool(HIDDEN.search(element.get("style") or ""))

    def open(self, tag: str, element: Any, starts: list[tuple[int, int]]) -> None:
        if tag == "br":
            self.end(blank=True)
        elif tag == "hr":
            self.end()
            self.write("----")
            self.end()
        elif tag in FURNITURE or tag in PARAGRAPHS or tag in ROWS:
            self.gap()
        elif tag in BLOCKS and not (tag in CELLS and self.line().endswith(":")):
            self.end()
        if tag == "pre" or PREFORMATTED.search(element.get("style") or ""):
            self.preformatted += 1
        if tag in FURNITURE or tag in LABELS or tag == "a":
            starts.append((len(self.lines), 0 if tag in FURNITURE else len(self.parts)))

    def close(self, tag: str, element: Any, starts: list[tuple[int, int]]) -> None:
        if tag in FURNITURE:
            self.gap()
            self.furniture.append((starts.pop()[0], len(self.lines)))
        elif tag in LABELS or tag == "a":
            line, part = starts.pop()
            if line == len(self.lines):
                if tag == "a":
                    self.link(element, part)
                else:
                    self.label(tag, element, part)
        if tag in PARAGRAPHS:
            self.gap()
        elif tag in BLOCKS and not (tag in ("td", "th", "dt") and self.line().endswith(":")):
            self.end()
        if tag == "pre" or PREFORMATTED.search(element.get("style") or ""):
            self.preformatted -= 1

    def label(self, tag: str, element: Any, part: int) -> None:
        text = self.short(part)
        if not text:
            return
        known = self.field_of(text.rstrip(" \xa0:"))
        colon = text.endswith(":") or (element.tail or "").lstrip(" \n\t\xa0").startswith(":")
        before = any(map(str.strip, islice(self.parts, part)))
        if not colon and not before and self.is_label_cell(tag, element, bool(known)):
            self.parts.append(":")
            colon = True
        if not colon:
            return
        if before and known:
            parts, self.parts = self.parts[part:], self.parts[:part]
            self.end()
            self.parts, self.first, self.last = parts, self.at, self.at
        if not before or known:
            self.blank()

    def is_label_cell(self, tag: str, element: Any, known: bool) -> bool:
        beside = element.getnext()
        beside = beside.tag if beside is not None else ""
        if tag == "dt":
            return bool(beside == "dd")
        if tag == "th":
            return bool(beside == "td")
        if tag in ("td", "div", "span") and beside == tag and element.getprevious() is None:
            return known
        return (
            known and tag in ("b", "strong", "label", "span") and bool((element.tail or "").strip() or beside == "br")
        )

    def link(self, element: Any, part: int) -> None:
        """Under the label URL the address counts: a shown text that is none, or was cut short, gives way to it."""
        href = (element.get("href") or "").strip()
        text = self.short(part, 4000)
        if not href or href.startswith("#") or href.lower().startswith(("javascript:", "mailto:")) or text == href:
            return
        before = "".join(self.parts[:part]).strip(" \xa0") if part < 9 else ""
        if not before:
            before = next((line[2] for line in self.lines[:-9:-1] if line[2].strip()), "").strip()
        if not before.endswith(":") or self.field_of(before[:-1]) != "uri":
            return
        if ADDRESS.match(text) and not text.endswith(("...", "…")):
            return
        self.parts[part:] = [BLANKS.sub(" ", href)]
        self.last = self.at
        self.first = self.first or self.at
        if not ADDRESS.match(text) and not GENERIC.issuperset(WORDS.findall(text.lower())):
            self.end()
            self.blank()
            self.write(f"Link text: {text}")
            self.end()

    def short(self, part: int, limit: int = 60) -> str:
        """What was written since `part`, or "" if it is too much to be a label."""
        parts = self.parts[part:]
        if not 0 < len(parts) <= 12 or sum(map(len, parts)) > limit:
            return ""
        return BLANKS.sub(" ", "".join(parts)).strip(" \xa0")

    def line(self) -> str:
        """The end of the line that is being written."""
        return "".join(self.parts[-3:]).rstrip(" \xa0")

    def add(self, text: str | None) -> None:
        if not text:
            return
        if self.preformatted:
            first, *rest = text.split("\n")
            self.write(first)
            for line in rest:
                self.end(blank=True)
                self.at += 1
                self.write(line)
            return
        shown = text.lstrip(" \t\n\f")
        if not shown:
            self.at += text.count("\n")
            if self.parts:
                self.parts.append(" ")
            return
        self.at += text.count("\n", 0, len(text) - len(shown))
        if len(shown) < len(text):
            shown = " " + shown
        body = shown.rstrip("\n")
        self.first = self.first or self.at
        self.at += body.count("\n")
        self.last = self.at
        self.at += len(shown) - len(body)
        self.parts.append(BLANKS.sub(" ", shown))

    def write(self, text: str) -> None:
        if text:
            self.first = self.first or self.at
            self.last = self.at
            self.parts.append(text)

    def end(self, blank: bool = False) -> None:
        """Ends the line that is being written; `blank` says that an empty one counts."""
        text = "".join(self.parts)
        if not self.preformatted:
            text = BLANKS.sub(" ", text).strip(" ")
        if text.strip() or blank:
            first, last = self.first or self.at, self.last or self.at
            if text.isprintable():
                self.lines.append((first, last, text, text, False))
            else:
                self.lines.extend(spread(first, last, text, self.damage))
        self.parts.clear()
        self.first = self.last = 0

    def blank(self) -> None:
        if self.lines and self.lines[-1][2].strip():
            self.lines.append((self.at, self.at, "", "", False))

    def gap(self) -> None:
        self.end()
        self.blank()

    def seen(self) -> list[Line]:
        """The lines without the furniture that holds no records: less than three labels with a value."""
        filled = [0]
        for line in self.lines:
            label, colon, value = line[2].partition(":")
            filled.append(filled[-1] + bool(colon and value.strip() and len(label) < 40 and self.field_of(label)))
        hidden = [0] * (len(self.lines) + 1)
        for start, end in self.furniture:
            if filled[end] - filled[start] < 3:
                hidden[start] += 1
                hidden[end] -= 1
        depth, lines = 0, []
        for line, change in zip(self.lines, hidden, strict=False):
            depth += change
            if not depth:
                lines.append(line)
        return lines
