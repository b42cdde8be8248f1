"""Languages: ISO 639 codes and names of languages, and the tags of values, from `ontology/languages.csv`."""

from __future__ import annotations

from functools import cache, lru_cache

from pyoxigraph import Literal

from publisher import resources
from publisher.mapping.terms import fold

LOC = "http://id.loc.gov/vocabulary/iso639-2/"


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


@lru_cache(1_000)
def tag(text: str) -> str:
    """The language tag (BCP 47) that a source gives, "" where it is none."""
    given = text.strip().replace("_", "-")
    try:
        return Literal("", language=given).language or "" if given else ""
    except ValueError:
        return ""
