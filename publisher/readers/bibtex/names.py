"""The pieces of a BibTeX value, and the names among them as a catalogue writes them."""

from __future__ import annotations

import re
from functools import cache

from bibtexparser.middlewares.names import parse_single_name_into_parts

from publisher import resources
from publisher.readers.bibtex import latex

PIECE = re.compile(r"\\.|[{}\"#]", re.S)
FORM_OF_NAME = re.compile(r"\s*(?:family|given|prefix|suffix)\s*=")


def pieces(value: str) -> list[str]:
    """What stands between the # of a value, outside braces and quotes."""
    if "#" not in value:
        return [value.strip()]
    found, start, depth, quoted = [], 0, 0, False
    for match in PIECE.finditer(value):
        mark = match[0]
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth -= 1
        elif mark == '"' and not depth:
            quoted = not quoted
        elif mark == "#" and not depth and not quoted:
            found.append(value[start : match.start()].strip())
            start = match.end()
    return [*found, value[start:].strip()]


def is_enclosed(piece: str) -> bool:
    """Whether the brace or the quote that begins a piece is the one that its end closes."""
    if len(piece) < 2 or piece[0] + piece[-1] not in ("{}", '""'):
        return False
    inner = piece[1:-1]
    mark = '"' if piece[0] == '"' else "}"
    if mark not in inner:
        return True
    depth = 0
    for match in PIECE.finditer(inner):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth < 0 or (match[0] == mark == '"' and not depth):
            return False
    return True


@cache
def _bodies() -> tuple[frozenset[str], frozenset[str]]:
    """Words that stand in the names of bodies, and names of places, folded."""
    words = frozenset(row["word"] for row in resources.table("ontology/organisation-words.csv"))
    places = frozenset(
        name.strip().casefold()
        for row in resources.table("ontology/places.csv")
        for name in [row["label"], *row["alternatives"].split("|")]
    )
    return words, places


def is_braced(name: str) -> bool:
    """Whether one pair of braces holds all of a name, and no mere accent ({\\"O}zg{\\"u}r)."""
    return name.startswith("{") and is_enclosed(name) and not (name.startswith("{\\") and " " not in name)


def heading(name: str) -> tuple[str, bool]:
    """The name of a person as a catalogue writes it, as far as BibTeX's rules tell; that of a body as it stands."""
    if FORM_OF_NAME.match(name):  # BibLaTeX: family=Beauvoir, given=Simone, prefix=de
        parts = {key.strip(): text.strip() for key, _, text in (item.partition("=") for item in name.split(","))}
        family = " ".join(filter(None, (parts.pop("prefix", ""), parts.pop("family", ""))))
        parts.pop("useprefix", None)
        order = [family, parts.pop("suffix", ""), parts.pop("given", "")]
        if not any(key for key in parts if not key.endswith("-i")):
            return latex.plain(", ".join(filter(None, order)))
    text, understood = latex.plain(name)
    if "," in text or " " not in text or not understood or _may_be_body(text):
        return text, understood
    return latex.plain(parse_single_name_into_parts(name, strict=False).merge_last_name_first)


def _may_be_body(text: str) -> bool:
    known, places = _bodies()
    words = re.findall(r"[^\W\d_]+", text)
    capitals = [len(word) > 2 and word.isupper() for word in words]
    return (
        any(word.casefold() in known for word in words)
        or text.casefold() in places
        or (any(capitals) and not all(capitals))
        or bool(re.search(r"[\d&:;/()]", text))
    )
