"""MARC 21 in its exchange format (ISO 2709), in UTF-8 or MARC-8, one record in memory at a time.

A record ends with its terminator, whatever length its leader states, and a field with its own: where lengths and
places in the directory are wrong, the terminators are right. https://www.loc.gov/marc/specifications/specrecstruc.html
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import Any, BinaryIO, cast

import pymarc
from pymarc import marc8_mapping
from pymarc.marc8 import MARC8ToUnicode, marc8_to_unicode

from publisher.readers import answers
from publisher.readers.marc import record as marc_record
from publisher.readers.marc.fields import UNSORTED, Field, as_xml, clean
from publisher.readers.text.decoding import CHUNK, ILLEGAL
from publisher.record import Fault, Note, Record, Source

LONGEST = 10_000_000  # bytes of a record: a hundred times what its leader can state
END_OF_RECORD, END_OF_FIELD, DELIMITER = b"\x1d", b"\x1e", b"\x1f"
BETWEEN = b"\r\n\t \0\x1a"  # what some programs write between records
LEADER = re.compile(rb"[\d ]{5}[\x20-\x7e]{5}(?:22|[\x20-\x7e]{2}[\d ]{5})[\x20-\x7e]{7}")
NEXT_LEADER = re.compile(rb"\d{5}(?=[a-z][\x20-\x7e]{4}22\d{5})")
TAG = re.compile(rb"[0-9A-Za-z]{3}")
WRONG_CODE = re.compile(rb"\x1f[^\x1e-\x7e]")
SCRIPT = re.compile("\x1b[bgp].*?\x1bs|\x1b.?", re.S)  # MARC-8's escapes for subscript, Greek and superscript
LOST = "\ufffd"
# an escape of MARC-8, a character of UTF-8, a word of another alphabet (Windows-1251)
NOT_WINDOWS = re.compile(rb"\x1b|[\xc2-\xf4][\x80-\xbf]|[\xc0-\xff]{3}")
UTF_8, MARC_8, WINDOWS = "UTF-8", "MARC-8", "Windows-1252"
LONE_MARK = re.compile(rb"[\xe0-\xfe](?![\xe0-\xfeA-Za-z\x80-\xdf])")  # in MARC-8 a mark stands before its letter


class Unreadable(Exception):
    """A record that cannot be taken apart; the message says why and what to do."""


def recognises(head: bytes) -> bool:
    """Whether a file begins with a record: a leader, then the marks that end and begin fields."""
    begun = head.removeprefix(b"\xef\xbb\xbf").lstrip(BETWEEN)
    return bool(LEADER.match(begun)) and END_OF_FIELD in begun and (DELIMITER in begun or END_OF_RECORD in begun)


def read(stream: BinaryIO, name: str) -> Iterator[Record | Fault]:
    """The records of a file; a Fault for one that cannot be read. They have numbers, the file has no lines."""
    position = 0
    for data in records(stream):
        for piece in apart(data):
            position += 1
            place = f"{name}: record {position}"
            if not piece.endswith(END_OF_RECORD):
                yield Fault(name, f"{place} {unended(piece)}")
                continue
            try:
                leader, fields, notes = take_apart(piece)
                yield marc_record.record(source(name, "marc", position, leader, fields), leader, fields, [], notes)
            except (Unreadable, marc_record.NotBibliographic) as error:
                number = re.search(rb"\x1e([\x21-\x7e]{1,40})\x1e", piece[:4000])
                known = f" (001: {number[1].decode('ascii')})" if number else ""
                yield Fault(name, f"{place}{known} {error}")
    if not position:
        yield answers.empty(name, "there is no record in this file.")


def source(
    name: str, format_name: str, position: int, leader: str, fields: list[Field], first: int = 0, last: int = 0
) -> Source:
    text = as_xml(leader, fields)
    return Source(name, format_name, position, first, last, text, media_type="application/marcxml+xml")


def unended(piece: bytes) -> str:
    if len(piece) >= LONGEST:
        return f"has no end within {LONGEST:,} bytes; it was left out. Export the file again."
    if NEXT_LEADER.match(piece):
        return "is cut off; it was left out. Get the file again."
    return "is no MARC record: it has neither a leader nor an end. Look whether the file is whole."


def records(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of each record with its terminator; what has none comes without."""
    held = b""
    dropping = False
    while chunk := stream.read(CHUNK):
        *whole, rest = chunk.split(END_OF_RECORD)
        for data in whole:
            if not dropping and (data := (held + data).lstrip(BETWEEN)):
                yield data + END_OF_RECORD
            held, dropping = b"", False
        if not dropping:
            held += rest
        if len(held) > LONGEST:
            yield held
            held, dropping = b"", True
    if held := held.strip(BETWEEN):
        yield held


def apart(data: bytes) -> list[bytes]:
    """A record, and before it what is left of one that was cut off: it begins where a leader's length fits the end."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data[:5].isdigit() and int(data[:5]) == len(data):
        return [data]
    for match in NEXT_LEADER.finditer(data, 1):
        if int(match[0]) == len(data) - match.start():
            return [data[: match.start()], data[match.start() :]]
    return [data]


def take_apart(data: bytes) -> tuple[str, list[Field], list[Note]]:
    """The leader and fields of a record, decoded. Raises Unreadable."""
    notes: list[Note] = []
    leader = data[:24].decode("ascii", "replace").replace(LOST, " ").ljust(24)
    if is_sound(data):
        raw = pymarc.Record(data, to_unicode=False).fields
    else:
        raw = rebuilt(data)
        message = (
            "The lengths, places or marks that the record states for its fields are wrong; look whether it is whole."
        )
        notes.append(Note("MARC leader", message))
    return leader, decoded(raw, leader[9] == "a", notes), notes


def is_sound(data: bytes) -> bool:
    """Whether the directory says of every field where it is, and the fields have indicators and codes."""
    base = data.find(END_OF_FIELD) + 1
    directory = data[24 : base - 1]
    if not directory or len(directory) % 12 or data[12:17] != b"%05d" % base or data[:5] != b"%05d" % len(data):
        return False
    if not directory.isalnum() or not directory.isascii() or WRONG_CODE.search(data, base - 1):
        return False
    for start in range(0, len(directory), 12):
        size, place = directory[start + 3 : start + 7], directory[start + 7 : start + 12]
        if not (size + place).isdigit():
            return False
        first = base + int(place)
        end = first + int(size)
        if data[first - 1 : first] != END_OF_FIELD or data.find(END_OF_FIELD, first) != end - 1:
            return False
        if not directory.startswith(b"00", start) and (
            data[first + 2 : first + 3] != DELIMITER or data[first + 1] > 0x7E
        ):
            return False
    return True


def rebuilt(data: bytes) -> list[Any]:
    """The fields by their terminators, with the tags of the directory in the order of the places it gives them."""
    base = data.find(END_OF_FIELD, 24) + 1
    entries = [data[start : start + 12] for start in range(24, base - 1, 12)]
    fields = data[base:].removesuffix(END_OF_RECORD).removesuffix(END_OF_FIELD).split(END_OF_FIELD)
    if not entries:
        raise Unreadable("has no fields; it was left out. Export it again.")
    if any(len(entry) != 12 or not TAG.match(entry) or not entry[3:].isdigit() for entry in entries):
        raise Unreadable("has a directory that is damaged; it was left out. Export it again.")
    if len(fields) != len(entries):
        raise Unreadable(
            f"has {len(entries)} fields in its directory and {len(fields)} in its text; it was left out. Export it "
            "again."
        )
    subfield: Any = pymarc.Subfield  # a RawField holds bytes, which its types do not say
    entries.sort(key=lambda entry: int(entry[7:]))
    found = []
    for entry, text in zip(entries, fields, strict=True):
        tag = entry[:3].decode("ascii")
        if tag < "010" and tag.isdigit():
            found.append(pymarc.RawField(tag, data=cast("str", text)))
            continue
        head, *parts = text.split(DELIMITER)
        coded = (part if 0x20 <= part[0] < 0x7F else DELIMITER + part for part in parts if part)
        subfields = [subfield(part[:1].decode("ascii").strip("\x1f"), part[1:]) for part in coded]
        if len(head) > 2:  # no indicators: text that no subfield code stands before
            subfields.insert(0, subfield("", head))
            head = b""
        marks = head.decode("latin-1").ljust(2)
        found.append(pymarc.RawField(tag, pymarc.Indicators(marks[0], marks[1]), subfields))
    return found


def decoded(raw: list[Any], marked_utf8: bool, notes: list[Note]) -> list[Field]:
    """The fields as text. Where the values contradict the encoding that the leader names, the values are right."""
    values = [field.data for field in raw if field.control_field]
    values += [subfield.value for field in raw for subfield in field.subfields]
    wide = [value for value in values if not value.isascii()]
    marked = UTF_8 if marked_utf8 else MARC_8
    encoding = encoding_of(wide, marked) if wide else marked
    if encoding != marked:
        message = (
            f"The record is marked as {marked} but is {encoding}, as which it was read; check the accented letters."
        )
        notes.append(Note("MARC leader", message))
    damaged: dict[str, str] = {}
    fields = []
    for field in raw:
        if field.control_field:
            fields.append(Field(field.tag, data=text_of(field.data, encoding, f"MARC {field.tag}", damaged)))
            continue
        subfields = [
            (code, text_of(value, encoding, f"MARC {field.tag} ${code}", damaged)) for code, value in field.subfields
        ]
        fields.append(Field(field.tag, field.indicator1, field.indicator2, subfields))
    lost = [label for label, what in damaged.items() if what == "lost"]
    if len(lost) > 2 and len(lost) * 2 > len(wide):
        raise Unreadable("is neither in UTF-8 nor in MARC-8; it was left out. Export it again as UTF-8.")
    for label, what in damaged.items():
        if what == "lost":
            message = "In {} a character was lost before we got the file; look it up in the original."
        else:
            message = "{} contained control characters, which were removed."
        notes.append(Note(label, message.format(label), severity="warning" if what == "lost" else "info"))
    return fields


def encoding_of(wide: list[bytes], marked: str) -> str:
    """The encoding of the values that are not ASCII: as the leader says, unless they contradict it."""
    valid = sum(map(is_utf8, wide))
    if valid == len(wide) or (marked == UTF_8 and valid):
        return UTF_8
    if not valid and not all(map(is_marc8, wide)) and all(map(is_windows_1252, wide)):
        return WINDOWS
    return MARC_8 if marked == MARC_8 or all(map(is_marc8, wide)) else UTF_8


def text_of(data: bytes, encoding: str, label: str, damaged: dict[str, str]) -> str:
    """The text of a value; `damaged` learns under its label what became of the value."""
    if data.isascii() and b"\x1b" not in data:
        text = data.decode("ascii")
    elif encoding == WINDOWS:
        text = data.decode("windows-1252", "replace")
    elif encoding == UTF_8:
        text = data.decode("utf-8", "replace")
        if "\x1b" in text:
            text = SCRIPT.sub(lambda match: unescaped(match[0]), text)
        if LOST in text:
            damaged[label] = "lost"
    else:
        text, whole = from_marc8(data)
        if not whole:
            damaged[label] = "lost"
    if text.isprintable():
        return text
    if ILLEGAL.search(UNSORTED.sub("", text)):
        damaged.setdefault(label, "cleaned")
    return clean(text)


def unescaped(text: str) -> str:
    """A subscript, superscript or Greek letter that a converter left in MARC-8; any other escape as it is."""
    return from_marc8(text.encode("ascii"))[0] if text.isascii() and len(text) > 3 else text


def from_marc8(data: bytes) -> tuple[str, bool]:
    """The text, and whether all of it could be read: pymarc sets a space for what it does not know."""
    try:
        with redirect_stderr(io.StringIO()):  # where pymarc tells of damage in three-byte characters, asked or not
            text: str = marc8_to_unicode(data, hide_utf8_warnings=True)
    except UnicodeDecodeError:
        return data.decode("ascii", "replace"), False
    return text, text.count(" ") <= data.count(b" ") and data[-1] < 0xE0


ANSEL = frozenset(marc8_mapping.CODESETS[MARC8ToUnicode.ansel]) | frozenset(marc8_mapping.ODD_MAP) | {0x88, 0x89}


def is_marc8(data: bytes) -> bool:
    return b"\x1b" in data or (all(byte < 0x80 or byte in ANSEL for byte in data) and not LONE_MARK.search(data))


def is_windows_1252(data: bytes) -> bool:
    """Whether it spells words with the letters and marks of Windows-1252, which no standard of MARC allows."""
    try:
        text = data.decode("windows-1252")
    except UnicodeDecodeError:
        return False
    return not NOT_WINDOWS.search(data) and all(
        c.isalpha() or c in "‘’“”–—…«»©®°§·\xa0" for c in text if not c.isascii()
    )


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
