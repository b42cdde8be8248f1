"""The imprint, "London: Criminal Justice Joint Inspection, 2011. 50p.", taken apart where it is plain what is what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from publisher.mapping import dates

# PLACE: PUBLISHER, DATE. REST -- the date is the first part after a comma that has the form of one
_DATE = (
    r"\[?(?:(?:c|ca|circa|cop|©)\.? ?)?(?:[A-Za-z]{3,9}\.? (?:\d{1,2}, )?)?\d{3}[\d?-]"
    r"(?:\s?[-–/]\s?\d{2,4})?\s?\??\]?|[1-9]\d{3} ?\[\d{4}\]|\[?n\.\s?d\b\.?\]?"
)
_STATEMENT = re.compile(rf"(?P<name>.+?), ?(?P<date>{_DATE})(?:[.;:,]\s*(?P<rest>.*)|\s*)", re.DOTALL | re.ASCII)
# what it is, before the place: "Unpublished dissertation: Tempe: Arizona State University, 2010"
_GENRE = re.compile(
    r"(?P<genre>(?:(?:unpublished|doctoral|ph\.? ?d\.?|master.?s|m\.? ?[as]\.?) ){0,3}(?:dissertation|thesis"
    r"|(?:working|discussion|research|conference|policy|occasional|briefing|staff) paper(?: series)?)"
    r"(?: \([^()]{1,40}\))?(?:,? (?:no\.?|number|\#) ?[\w-]{1,12})?)[.:;,] ",
    re.IGNORECASE,
)
_ABOUT = r"(?:\b(?:ca?|circa|approx|approximately|about)\.? ?)?"  # then no number says it all
_PAGES = r"(?:pages|pgs?|pp?)\b\.?"
_EXTENT = re.compile(
    rf"(?P<extent>{_ABOUT}(?:\[?[ivxlcdm]{{1,12}}\]?,? ?\+? ?)?(?:\[?\d{{1,6}}\]?, )?\[?\d{{1,6}}\]? ?"
    rf"(?:{_PAGES}|leaves\b)"
    r"|\d{1,4} ?(?:v|vols?|volumes)\b\.?|1 v\.? \(various pagings\)|var(?:ious)?\.? pag(?:ing|es|ings)\.?)",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_EXTENT = re.compile(rf"(\d+) ?{_PAGES}", re.IGNORECASE | re.ASCII)
_ONE_NUMBER = re.compile(
    rf"(?:1 online resource|1 electronic text|1 pdf)?\W{{0,5}}([1-9]\d{{0,4}})\]? ?{_PAGES}", re.IGNORECASE | re.ASCII
)
_MORE_PAGES = re.compile(r"\d[\])]? ?(?:p|l|v|leaves|plates|folded)\b|\b[ivxl]+ ?(?:p|l)\b", re.IGNORECASE | re.ASCII)
LONGEST_EXTENT = 500  # characters
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
_UNKNOWN = re.compile(
    r"s\.? ?l\.?|s\.? ?n\.?|n\.? ?p\.?|(?:place of publication|publisher) not identified|place unknown", re.IGNORECASE
)
_AUTHOR = re.compile(r"(?:the )?authors?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Imprint:
    """What an imprint says, part by part; empty where it does not say, or not plainly. `by_the_author` tells that
    "The Author" stands for the publisher, and `rest` is what no part took."""

    places: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    by_the_author: bool = False
    date: str = ""
    extent: str = ""
    number_of_pages: int | None = None
    rest: str = ""


def parse(statement: str) -> Imprint:
    """The parts of an imprint statement. The whole is kept as given elsewhere; this adds to it."""
    statement = " ".join(statement.split())
    genre = _GENRE.match(statement)
    if genre is not None:
        parts = parse(statement[genre.end() :])
        return replace(parts, rest="; ".join(filter(None, (genre["genre"], parts.rest))))
    match = _STATEMENT.fullmatch(statement)
    if match is None or dates.parse(match["date"]).kind == "unknown":
        extent, pages, rest = _extent(statement)
        return Imprint(extent=extent, number_of_pages=pages, rest=rest)
    places, publishers, unnamed = _names(match["name"])
    extent, pages, rest = _extent(match["rest"] or "")
    named = tuple(name for name in publishers if not _AUTHOR.fullmatch(name))
    return Imprint(
        places,
        named,
        len(named) < len(publishers),
        match["date"],
        extent,
        pages,
        "; ".join(part for part in (unnamed, rest) if part),
    )


def _names(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Places and publishers of "P: A; Q; R: B"; the third is text that is neither for sure (no colon at all)."""
    if ": " not in text and not text.endswith(":"):
        return (), (), text
    places: list[str] = []
    publishers: list[str] = []
    for segment in (part.strip() for part in text.split(";")):
        place, colon, publisher = (part.strip() for part in segment.partition(":"))
        if not colon and publishers:  # "London: A; B": a further name after a publisher is a publisher
            publishers.append(place)
            continue
        places.append(place)
        publishers.append(publisher)
    return _known(places), _known(publishers), ""


def _known(names: list[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(known, names)))


def pages(extent: str) -> int | None:
    """The number of pages in an extent that is given apart, where one number says it all: "50p.", "50", "1 online
    resource (50 pages) : illustrations", but not "vi, 213 p." nor "2 v."."""
    text = extent.strip()
    if re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII):
        return int(text)
    match = _ONE_NUMBER.match(text) if len(text) <= LONGEST_EXTENT else None
    return None if match is None or _MORE_PAGES.search(text, match.end()) else int(match[1])


def known(name: str) -> str:
    """A name without the brackets of what the cataloguer supplied (ISBD A.6), "" for "s.l." and "s.n."."""
    bare = _BRACKETED.sub(r"\1", name).strip(" ,[]")
    return "" if _UNKNOWN.fullmatch(bare) else bare


def _extent(text: str) -> tuple[str, int | None, str]:
    """The extent, the number of pages where one number says it all ("50p.", not "iv, 120p."), and what is left."""
    match = _EXTENT.search(text)
    if match is None:
        return "", None, text.strip(" .,;")
    extent = match["extent"].strip()
    plain = _PLAIN_EXTENT.fullmatch(extent)
    rest = (text[: match.start()].strip() + " " + text[match.end() :].strip(" ,;")).strip()
    return extent, int(plain[1]) if plain else None, rest.strip(".,; ") and rest
