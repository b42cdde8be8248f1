"""Languages: ISO 639 codes and names of languages, and the tags of values, from `ontology/languages.csv`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from pyoxigraph import Literal

from publisher import resources
from publisher.mapping.terms import fold

LOC = "http://id.loc.gov/vocabulary/iso639-2/"
# Languages (ISO 639) that are written in another script than the Latin one
_OTHER_SCRIPTS = re.compile(
    r"(am|ar|as|be|bg|bn|bo|dv|dz|el|fa|gu|he|hi|hy|ja|ka|kk|km|kn|ko|ky|lo|mk|ml|mn|mr|my|ne|or|pa|ps|ru|sa|sd|si|sr"
    r"|ta|te|tg|th|ti|ug|uk|ur|yi|zh)\b",
    re.IGNORECASE,
)


@cache
def _codes() -> dict[str, str]:
    """ISO 639-2 code (the bibliographic one) by every code and name of a language; a code goes before a name."""
    rows = resources.table("ontology/languages.csv")
    found = {
        fold(name): row["code"] for row in rows for name in (*row["alternatives"].split("|"), row["label"]) if name
    }
    found |= {row[column]: row["code"] for column in ("alpha2", "terminology", "code") for row in rows if row[column]}
    return found


@lru_cache(10_000)
def find(text: str) -> str:
    """The IRI of the language that a code ("eng", "de-AT", "en_US") or a name means; "" where the table has none."""
    known = _codes()
    bare = text.strip().casefold()
    code = known.get(bare) or known.get(fold(bare))
    if code is None and len(bare) <= 20:  # a tag: its first part names the language (RFC 5646 2.2.1)
        first = bare.replace("_", "-").partition("-")[0]
        code = known.get(first) if len(first) in (2, 3) and tag(bare) else None
    return LOC + code if code else ""


def of_three_letters(code: str) -> str:
    """The code of ISO 639-3 for one of ISO 639-2, which has two for some languages: "deu" for "ger"."""
    return _terminology().get(code, code)


@cache
def _terminology() -> dict[str, str]:
    return {row["code"]: row["terminology"] for row in resources.table("ontology/languages.csv") if row["terminology"]}


def may_be_in(text: str, language: str) -> bool:
    """Whether the script of a text allows that it is in the language of a tag: no word of English is spelt with
    Cyrillic letters alone."""
    if text.isascii() or _OTHER_SCRIPTS.match(language):
        return True
    letters = [character for character in text if character.isalpha()]
    return not letters or any(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


@lru_cache(1_000)
def tag(text: str) -> str:
    """The language tag (BCP 47) that a source gives, "" where it is none."""
    given = text.strip().replace("_", "-")
    try:
        return Literal("", language=given).language or "" if given else ""
    except ValueError:
        return ""
