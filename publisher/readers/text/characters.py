"""Characters: the bytes of a file that has a syntax of its own (JSON, XML) become text, a chunk at a time.

Unlike `decoding.text_lines` it leaves lines and spaces alone: what they mean is the syntax's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage
from publisher.record import Fault


def texts(stream: BinaryIO, name: str, faults: list[Fault], head: bytes = b"") -> Iterator[str]:
    """The text of a file of which `head` was read already, lines ended by LF; what is to be said of its characters
    is added to `faults`.

    UTF-8 unless a mark or NUL bytes say otherwise; a byte that is not UTF-8 is read as Windows-1252. Control
    characters are left out.
    """
    damage = Damage(wide=True)  # a byte of Windows-1252 is worth a word here, since UTF-8 is the rule of the format
    line = 1
    removed = 0
    for text in decoding.decode(decoding.chunks_of(stream, head or stream.read(decoding.CHUNK)), damage):
        if bad := decoding.ESCAPE.search(text):
            at = line + text.count("\n", 0, bad.start())
            damage.mixed = damage.mixed or at
            if decoding.UNDEFINED.search(text):
                damage.undefined = damage.undefined or at
            text = text.translate(decoding.ESCAPED)
        if bad := decoding.ILLEGAL.search(text):
            removed = removed or line + text.count("\n", 0, bad.start())
            text = decoding.ILLEGAL.sub("", text)
        line += text.count("\n")
        yield text
    sentences = list(damage.sentences(name))
    if removed and removed != damage.undefined:
        sentences.append((removed, f"{name}:{removed}: there are control characters here, which were left out."))
    faults.extend(Fault(name, sentence, at, "", "warning") for at, sentence in sentences)
