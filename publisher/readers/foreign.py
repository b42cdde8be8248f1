"""Foreign formats: files of records that are not read, known by how they begin, and what to ask for in their place."""

from __future__ import annotations

import re

from publisher.readers.text import decoding

ARCHIVE = b"PK\x03\x04"
# possessive: of a file of many comments or blanks there is one way to read the beginning, and no other is tried
_BEGUN = r"(?>\s+|<\?xml\b[^>]*>|<!--.*?-->|<!DOCTYPE\b[^>]*>)*+"
_NAME = r'"(?:family|given|literal|suffix|(?:non-)?dropping-particle)"'
_FORMATS = (
    (
        re.compile(rf"{_BEGUN}<xml>\s*<records>\s*<record>", re.S),
        "this looks like EndNote's XML, which is not read; export RIS instead.",
    ),
    (
        re.compile(rf"{_BEGUN}<(?:[\w.-]{{1,40}}:)?mods(?:Collection)?\b", re.S),
        "this looks like MODS, which is not read; ask for MARCXML or Dublin Core instead.",
    ),
    (
        re.compile(
            r'\s*[\[{].*?(?:"issued"\s*:\s*\{\s*"(?:date-parts|raw|literal|season|circa)"'
            rf'|"(?:author|editor)"\s*:\s*\[\s*\{{\s*{_NAME})',
            re.S,
        ),
        "this looks like CSL-JSON, which is not read; export RIS or BibTeX instead.",
    ),
)


def told(head: bytes) -> str:
    """What to say of a file that begins so; "" if it is none of these."""
    text = decoding.decode_head(head).lstrip("\ufeff")
    return next((sentence for begin, sentence in _FORMATS if begin.match(text)), "")
