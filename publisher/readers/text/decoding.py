"""Decoding: the bytes of a text in whatever encoding become its numbered lines."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

# First line and last line in the file, the text to read, the text as decoded, and whether the two differ by
# characters that nobody sees. A plain tuple: a page has some thirty a record.
Line = tuple[int, int, str, str, bool]

CHUNK = 1 << 18  # bytes read at a time
LONGEST = 1 << 23  # characters of a line, or of a record on a page: none that is whole has that many

BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

QUOTED = re.compile(r"(?:> ?)+")
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

# the encodings that a page or an XML file may declare, and those of them that browsers mistake for one another
CHARSETS = re.compile(
    r"utf-?8|iso-?8859-\d+|windows-\d+|cp\d+|latin-?\d+|koi8-[ru]|macintosh|gb\w{3,5}|big5\w*|shift_jis|sjis|euc-\w+",
    re.I,
)
NARROW = re.compile(r"iso-?8859-1|latin-?1|windows-1252|cp1252|utf-?8", re.I)


@dataclass
class Damage:
    """What decoding has to say of a file, by the first line where it holds; 0 where it does not."""

    undefined: int = 0
    mixed: int = 0
    cut: int = 0
    long: int = 0
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
        if self.long:
            yield (
                self.long,
                f"{name}:{self.long}: this line has more than {LONGEST:,} characters; it was cut there, and the "
                "numbers of the lines below it are too high. See what became of the file.",
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
    for number, line in enumerate(_split(decode(chunks, damage), damage), 1):
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


def _split(texts: Iterable[str], damage: Damage) -> Iterator[str]:
    begun: list[str] = []
    size = number = 0
    for text in texts:
        first, *rest = text.split("\n")
        begun.append(first)
        size += len(first)
        if rest:
            yield "".join(begun)
            number += len(rest)
            begun = [rest.pop()]
            size = len(begun[0])
            yield from rest
        elif size > LONGEST:
            number += 1
            damage.long = damage.long or number
            yield "".join(begun)
            begun, size = [], 0
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


def unquoted(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines of a mail without the marks ("> ") of what is quoted in it."""
    for first, last, text, raw, changed in lines:
        mark = QUOTED.match(text)
        start = mark.end() if mark else 0
        yield first, last, text[start:], raw[start:], changed


def chunks_of(stream: BinaryIO, head: bytes) -> Iterator[bytes]:
    """The stream in chunks, beginning with the head that was read from it already."""
    yield head
    while chunk := stream.read(CHUNK):
        yield chunk
