"""A file of XML records cut after the end tag of each, so that a broken one costs itself and no other."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from publisher.readers.text import decoding
from publisher.readers.text.decoding import CHUNK

LONGEST = 16_000_000  # bytes up to the end of a record
END = re.compile(rb"</(?:[\w.-]{1,40}:)?record\s{0,9}>")
START = re.compile(rb"<(?:[\w.-]{1,40}:)?record(?=[\s/>])")


def utf8(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of the file; UTF-16 and UTF-32, in which no tag could be found, as UTF-8 without their declaration."""
    chunk = stream.read(CHUNK)
    encoding, mark = decoding.encoding_of(chunk[:4096])
    chunk = chunk[mark:]
    if encoding == "utf-8":
        while chunk:
            yield chunk
            chunk = stream.read(CHUNK)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = re.sub(r"^\s*<\?xml\b[^>]{0,200}\?>", "", decoder.decode(chunk))
    while chunk:
        yield text.encode("utf-8", "replace")
        chunk = stream.read(CHUNK)
        text = decoder.decode(chunk)


def pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The file cut after the end tag of every record; a piece longer than LONGEST is given as far as it goes."""
    held = b""
    for chunk in chunks:
        begin = max(0, len(held) - 60)
        held += chunk
        cut = 0
        for match in END.finditer(held, begin):
            yield held[cut : match.end()]
            cut = match.end()
        held = held[cut:]
        if len(held) > LONGEST:
            yield held
            held = b""
    yield held


def starts(piece: bytes) -> list[int]:
    """Where records begin, but for those within a comment."""
    found = (match.start() for match in START.finditer(piece))
    return [start for start in found if piece.rfind(b"<!--", 0, start) <= piece.rfind(b"-->", 0, start)]
