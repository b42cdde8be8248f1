"""The rules of MARC 21 for standard and system numbers (01X-08X)."""

from __future__ import annotations

import re
from collections.abc import Callable

from publisher.readers.marc.fields import BETWEEN, OCLC, Draft, Field

ISBN = re.compile(r"([\dXx][\dXx\-\u2010-\u2015 ]{8,20}[\dXx])(?:\s*[(:;,].*)?", re.S)
CONTROL_NUMBER = re.compile(r"\(([^()]{1,30})\)\s*(\S.*)", re.S)


def isbn(draft: Draft, field: Field) -> None:
    """020: the number; the words after it in old records, "(pbk.)", stay with the whole as a leftover."""
    for index, (code, text) in enumerate(field.subfields):
        if code == "a" and (match := ISBN.fullmatch(text.strip().rstrip(BETWEEN + "."))):
            draft.add_text("identifiers", field, match[1].strip(), "isbn")
            if match[1].strip() == text.strip().rstrip(BETWEEN + "."):
                field.taken.add(index)


def system_number(draft: Draft, field: Field) -> None:
    """035: (agency)number. OCLC's numbers without the letters and zeros before them, which are no part of them."""
    for text in field.take("a"):
        if match := OCLC.fullmatch(text):
            draft.add_text("identifiers", field, match[1], "oclc")
        elif match := CONTROL_NUMBER.fullmatch(text):
            draft.add_text("identifiers", field, match[2].strip(), match[1])
        else:
            draft.add_text("identifiers", field, text.strip())


def number(scheme: str) -> Callable[[Draft, Field], None]:
    """A rule for fields whose $a is a number in the scheme named."""

    def rule(draft: Draft, field: Field) -> None:
        for text in field.take("a"):
            draft.add_text("identifiers", field, text.strip().rstrip(BETWEEN), scheme)

    return rule


def standard_number(draft: Draft, field: Field) -> None:
    scheme = {"0": "isrc", "1": "upc", "2": "ismn", "3": "ean", "4": "sici"}.get(field.ind1, "")
    number(field.scheme() if field.ind1 == "7" else scheme)(draft, field)


def government_number(draft: Draft, field: Field) -> None:
    scheme = {" ": "sudoc", "#": "sudoc", "0": "sudoc", "1": "cacodoc"}.get(field.ind1, "")
    number(field.scheme() or scheme)(draft, field)
