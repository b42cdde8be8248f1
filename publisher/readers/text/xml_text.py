"""XML text: the bytes of an XML file in whatever encoding become UTF-8 that its parser does not stumble over."""

from __future__ import annotations

import codecs
import html
import html.entities
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from publisher.readers.text import characters, decoding
from publisher.record import Fault

TAG = re.compile(r"<[^>]*>")
DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")  # what it says of the encoding is true no longer
DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,30})""", re.I)
REFERENCE = re.compile(
    r"<!\[CDATA\[|\]\]>|&(?:(?P<name>[A-Za-z][A-Za-z0-9]{1,31});|(?!#\d{1,7};|#x[\da-f]{1,6};))", re.I
)
BEGUN = re.compile(r"(?:&#?\w{0,32}|<(?:!\[?\w{0,6})?|\]{1,2})\Z")
XML_NAMES = frozenset(("amp", "lt", "gt", "quot", "apos"))


def chunks(stream: BinaryIO, name: str, faults: list[Fault]) -> Iterator[bytes]:
    """The file as UTF-8, without its XML declaration; what is to be said of its characters is added to `faults`."""
    head = stream.read(decoding.CHUNK)
    declared = DECLARED.match(head)
    encoding = declared[1].decode() if declared else ""
    western = bool(decoding.NARROW.fullmatch(encoding)) and not encoding.lower().startswith("utf")
    texts = characters.texts(stream, name, [] if western else faults, head)  # it says what it is
    if decoding.CHARSETS.fullmatch(encoding) and not decoding.NARROW.fullmatch(encoding):
        with suppress(LookupError):
            codecs.lookup(encoding)
            texts = codecs.iterdecode(decoding.chunks_of(stream, head), encoding, "replace")
    mending = Mending()
    yield mending.mend(DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), next(texts, ""))).encode()
    for text in texts:
        yield mending.mend(text).encode()
    yield mending.held.encode()
    if mending.line:
        sentence = f"{name}:{mending.line}: there is an & here that is not written as XML wants it (&amp;); "
        faults.append(Fault(name, sentence + "it was read as it stands.", mending.line, "", "warning"))


class Mending:
    """Writes references to characters as numbers, also such as XML does not know, and a lone & as what it is.

    After the first error in a file libxml2 drops all references by name, even "&amp;", without a word.
    """

    def __init__(self) -> None:
        self.held = ""  # the end of a chunk, in which a reference may have begun
        self.verbatim = False  # within CDATA
        self.declares = False  # the file has entities of its own
        self.line = 0  # where the first lone & or unknown reference stands
        self.lines = 1
        self.text = ""

    def mend(self, text: str) -> str:
        text = self.held + text
        end = len(text)
        if begun := BEGUN.search(text, max(0, end - 40)):
            end = begun.start()
        self.text, self.held = text[:end], text[end:]
        self.declares = self.declares or "<!ENTITY" in self.text
        mended = self.text if self.declares else REFERENCE.sub(self.replaced, self.text)
        self.lines += self.text.count("\n")
        return mended

    def replaced(self, match: re.Match[str]) -> str:
        mark, name = match[0], match["name"]
        if mark in ("<![CDATA[", "]]>"):
            self.verbatim = mark == "<![CDATA["
        elif not self.verbatim:
            character = html.entities.html5.get(f"{name};") if name else None
            if character and name in XML_NAMES:
                return f"&#{ord(character)};"
            self.line = self.line or self.lines + self.text.count("\n", 0, match.start())
            return "".join(f"&#{ord(one)};" for one in character) if character else "&#38;" + mark[1:]
        return mark


def content(text: str) -> str:
    """The text within the elements of well-formed XML."""
    return html.unescape(TAG.sub(" ", text))
