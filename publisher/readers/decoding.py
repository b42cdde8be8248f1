"""Decoding: the bytes of a saved page, as text or as HTML, in whatever encoding, become its numbered lines."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from lxml import etree

# First line and last line in the file, the text to read, the text as decoded, and whether the two differ by
# characters that nobody sees. A plain tuple: a page has some thirty a record.
Line = tuple[int, int, str, str, bool]

CHUNK = 1 << 18  # bytes read at a time

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

BREAK = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
SPACE = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# A zero-width joiner between letters of a script that spells with it is no noise (Persian, Hindi).
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
    "|(?<![\u0600-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\U0010ffff])"
)
# Neither XML 1.0 (https://www.w3.org/TR/xml/#charsets) nor a reader has any use for these.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def _windows_1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("windows-1252")
    except UnicodeDecodeError:
        return chr(byte)


# What the error handler "surrogateescape" makes of a byte that is not UTF-8, to the character it is in Windows-1252.
ESCAPED = {0xDC00 + byte: _windows_1252(byte) for byte in range(0x80, 0x100)}
ESCAPE = re.compile("[\udc80-\udcff]")
UNDEFINED = re.compile("[\udc81\udc8d\udc8f\udc90\udc9d]")
WIDE = re.compile("[^\x00-\x7f\ud800-\udfff]")


@dataclass
class Damage:
    """What decoding has to say of a file, by the first line where it holds; 0 where it does not."""

    undefined: int = 0
    mixed: int = 0
    cut: int = 0
    wide: bool = field(default=False, repr=False)

    def sentences(self, name: str) -> Iterator[tuple[int, str]]:
        if self.undefined:
            yield (
                self.undefined,
                f"{name}:{self.undefined}: there are bytes here that no character of UTF-8 or Windows-1252 has; "
                "they were left out of the values. Save the page again as UTF-8.",
            )
        if self.mixed and self.wide:
            yield (
                self.mixed,
                f"{name}:{self.mixed}: the file mixes UTF-8 with Windows-1252, as which this line was read; "
                "check the accented letters.",
            )
        if self.cut:
            yield (
                self.cut,
                f"{name}:{self.cut}: the HTML is nested too deeply or is broken here; what follows may be missing. "
                "Save the page as text.",
            )


def encoding_of(head: bytes) -> tuple[str, int]:
    """The encoding of a text that begins with `head`, and the length of its byte order mark."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    sample = head[:4096]
    even, odd, half = sample[0::2].count(0), sample[1::2].count(0), len(sample) / 2
    if odd > 0.3 * half and even < odd / 4:
        return "utf-16-le", 0
    if even > 0.3 * half and odd < even / 4:
        return "utf-16-be", 0
    return "utf-8", 0


def decode_head(head: bytes) -> str:
    """The first characters of a file, good enough to tell what it is."""
    encoding, mark = encoding_of(head)
    text = head[mark:].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    return text.translate(ESCAPED).replace("\r\n", "\n").replace("\r", "\n")


def text_lines(chunks: Iterable[bytes], damage: Damage) -> Iterator[Line]:
    """The lines of a text, one chunk of it in memory at a time.

    UTF-8 unless a mark or NUL bytes say otherwise; a byte that is not UTF-8 is read as Windows-1252. CR, LF and CRLF
    end a line and are counted; a form feed and its kin end a line too, but have no number of their own.
    """
    for number, line in enumerate(_split(decode(chunks, damage)), 1):
        if line.isprintable():
            yield number, number, line, line, False
        else:
            yield from spread(number, number, line, damage)


def decode(chunks: Iterable[bytes], damage: Damage) -> Iterator[str]:
    decoder: io.IncrementalNewlineDecoder | None = None
    escapes = False
    for chunk in chunks:
        if decoder is None:
            encoding, mark = encoding_of(chunk)
            escapes = encoding == "utf-8"
            inner = codecs.getincrementaldecoder(encoding)("surrogateescape" if escapes else "replace")
            decoder = io.IncrementalNewlineDecoder(inner, translate=True)
            chunk = chunk[mark:]
        text = decoder.decode(chunk)
        if escapes and not damage.wide and not text.isascii():
            damage.wide = bool(WIDE.search(text))
        yield text
    if decoder is not None and (last := decoder.decode(b"", final=True)):
        # The file ends within a character: lost if the file is UTF-8 elsewhere, else a letter of Windows-1252.
        yield "\ufffd" if damage.wide and not damage.mixed and ESCAPE.match(last) else last


def _split(texts: Iterable[str]) -> Iterator[str]:
    begun: list[str] = []
    for text in texts:
        first, *rest = text.split("\n")
        begun.append(first)
        if rest:
            yield "".join(begun)
            begun = [rest.pop()]
            yield from rest
    if any(begun):
        yield "".join(begun)


def spread(first: int, last: int, line: str, damage: Damage) -> Iterator[Line]:
    """A line that holds more than plain characters, cleaned, and cut where something else than a newline ends it."""
    if ESCAPE.search(line):
        damage.mixed = damage.mixed or first
        if UNDEFINED.search(line):
            damage.undefined = damage.undefined or first
        line = line.translate(ESCAPED)
    for piece in BREAK.split(line):
        raw = ILLEGAL.sub("", piece)
        text = UNSEEN.sub("", raw)
        yield first, last, SPACE.sub(" ", text), raw, len(text) != len(piece)


# HTML

MARKUP = re.compile(r"^\s{0,99}<(?:!doctype\s{1,9}html|html|head|body)\b", re.I | re.M)
FRAGMENT = re.compile(
    r"\s*<(?:!--|/?(?:a|article|b|br|center|div|dl|font|form|h[1-6]|hr|i|li|main|meta|ol|p|pre|section|small|span|strong"
    r"|table|tbody|td|th|tr|ul)\b)",
    re.I,
)
CHARSET = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,30})""", re.I)
DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,30})""", re.I)
CHARSETS = re.compile(
    r"utf-?8|iso-?8859-\d+|windows-\d+|cp\d+|latin-?\d+|koi8-[ru]|macintosh|gb\w{3,5}|big5\w*|shift_jis|sjis|euc-\w+",
    re.I,
)
NARROW = re.compile(r"iso-?8859-1|latin-?1|windows-1252|cp1252|utf-?8", re.I)

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


def is_html(head: str) -> bool:
    """Whether a page is HTML. A text that only mentions a tag is none: as HTML it would lose its lines."""
    return bool(FRAGMENT.match(head) or MARKUP.search(head[:2048]))


def html_text(data: bytes, damage: Damage) -> str:
    """The markup of a page. A byte order mark comes first, then what the page declares, then UTF-8 and Windows-1252.

    A page that declares a Western encoding and yet is UTF-8 throughout was saved anew by a browser: it is UTF-8.
    """
    encoding, mark = encoding_of(data[:4096])
    data = data[mark:]
    declared = CHARSET.search(data, 0, 8192) or DECLARED.match(data)
    name = declared[1].decode("ascii", "replace") if declared else ""
    if encoding != "utf-8" or (not mark and CHARSETS.fullmatch(name) and not NARROW.fullmatch(name)):
        try:
            return data.decode(encoding if encoding != "utf-8" else name, "replace")
        except LookupError:
            pass
    return "".join(decode([data], damage))


def html_lines(markup: str, field_of: Callable[[str], str], damage: Damage) -> list[Line]:
    """The lines that a reader of the page sees, each with the lines of the file that it was read from.

    `field_of` gives the field that a text is the label of, or "". A label in a cell or in bold gets the line and the
    colon that its place on the page stands for. Scripts, controls and what is hidden are left out; so is a form, a
    navigation or a footer, unless there are records in it (some pages are one form from top to bottom).
    """
    # A zero-width space stands in for a character that the parser would stumble over or drop without a word.
    markup = ILLEGAL.sub("\u200b", markup.replace("\r\n", "\n").replace("\r", "\n").translate(ESCAPED))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, recover=True, no_network=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):  # recovery found nothing at all
        root = None
    fatal = [
        entry.line for entry in parser.error_log if entry.type_name in ("ERR_INTERNAL_ERROR", "ERR_RESOURCE_LIMIT")
    ]
    if fatal:
        damage.cut = fatal[0] or 1
    if root is None:
        return []
    page = _Page(field_of, damage)
    page.walk(root)
    return page.seen()


class _Page:
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


def chunks_of(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    """The stream in chunks, beginning with the head that was read from it already."""
    yield head
    while chunk := stream.read(CHUNK):
        yield chunk
