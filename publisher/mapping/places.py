"""Countries and other places, from the reviewed table `ontology/places.csv`; a name of two places is not decided."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from publisher import resources
from publisher.mapping.terms import fold, slug

LOC = "http://id.loc.gov/vocabulary/countries/"
EU = "http://publications.europa.eu/resource/authority/country/"
GEONAMES = "https://sws.geonames.org/"
LONGEST_LIST = 1000  # characters of a field that is looked at for more than one name
_BETWEEN = re.compile(r"[,/&]| and ")


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the table: the IRIs that mean the same place, and the key of the wider one, if any."""

    key: str
    label: str
    broader: str = ""
    exact_matches: tuple[str, ...] = ()
    close_matches: tuple[str, ...] = ()


@cache
def by_key() -> dict[str, Place]:
    """Every place of the table by its key."""
    places = {}
    for row in resources.table("ontology/places.csv"):
        exact = tuple(prefix + row[name] for name, prefix in (("loc", LOC), ("eu", EU)) if row[name])
        close = (f"{GEONAMES}{row['geonames']}/",) if row["geonames"] else ()
        places[row["key"]] = Place(row["key"], row["label"], row["broader"], exact, close)
    return places


@cache
def _by_name() -> dict[str, Place]:
    ambiguous = set(_ambiguous())
    names = {}
    for row in resources.table("ontology/places.csv"):
        for name in (row["label"], *row["alternatives"].split("|")):
            if name and fold(name) not in ambiguous:
                names[fold(name)] = by_key()[row["key"]]
    return names


@cache
def _ambiguous() -> dict[str, str]:
    return {fold(row["name"]): row["note"] for row in resources.table("ontology/places-ambiguous.csv")}


def find(name: str) -> Place | None:
    """The place of a name in any of its forms, or None where the table has none or more than one."""
    folded = fold(name)
    if folded in _ambiguous():
        return None
    return _by_name().get(folded) or by_key().get(slug(name))  # one key is never two places, in the table and out of it


def split(text: str) -> list[str]:
    """The names in a country field. Semicolons part them; commas, "and", "&" and "/" do where each part is a place of
    the table, and the whole is not: "United States, Canada", but "Trinidad and Tobago"."""
    names: list[str] = []
    for name in filter(None, (part.strip() for part in text.split(";"))):
        parts = [part.strip() for part in _BETWEEN.split(name)] if len(name) <= LONGEST_LIST and not find(name) else []
        names += parts if len(parts) > 1 and all(part and find(part) for part in parts) else [name]
    return names


def advice(name: str) -> str:
    """What to write instead of a name that may mean two places; empty for any other."""
    return _ambiguous().get(fold(name), "")
