"""Dates as libraries write them: never dropped, never made more exact than they are (EDTF, ISO 8601-2:2019)."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["gYear", "gYearMonth", "date", "edtf", "none", "unknown"]

_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_YEAR = r"(1[4-9][0-9][0-9]|20[0-9][0-9])"
_TWO = r"([0-9][0-9])"
_MONTH = r"([A-Za-z]{3,9})\.?"
_DAY = r"([0-9]{1,2})(?:st|nd|rd|th)?"
_EDTF = r"(?:1[4-9]|20)[0-9X][0-9X](?:-(?:0[1-9]|1[0-2]|2[1-4])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?[?~%]?"
_NO_DATE = re.compile(
    r"(?i)n\.? ?d|no date|undated|s\.? ?d|date unknown|not dated|forthcoming|in press|to appear|in preparation"
)
LONGEST = 100  # characters; a longer text is no date


@dataclass(frozen=True, slots=True)
class Date:
    """`kind` is an XML Schema type, "edtf", "none" (the source says that it has none) or "unknown" (not understood).

    `year` is the first year that the date may mean, or None.
    """

    kind: Kind
    value: str = ""
    year: int | None = None


@lru_cache(10_000)
def parse(text: str) -> Date:
    """The date that a cataloguer's words say."""
    if len(text) > LONGEST:
        return Date("unknown")
    given = " ".join(text.split())
    given = given if given.endswith("/..") else given.rstrip(".,;")  # EDTF: the end is open
    bare = given.strip("[]() ")
    bare = bare if bare.endswith("/..") else bare.rstrip(".")
    if re.fullmatch(_NO_DATE, bare):
        return Date("none")
    # [2004] was supplied by the cataloguer and is certain (ISBD 0.4.2.9), [2004?] is not: the brackets say nothing here
    return _exact(bare) or _approximate(bare) or _one_of_several(bare) or _standard(bare) or Date("unknown")


def _exact(text: str) -> Date | None:
    if match := re.fullmatch(rf"{_YEAR}(?:[.,]0)?", text):  # a spreadsheet makes 2011.0 of a year
        return Date("gYear", match[1], int(match[1]))
    if match := re.fullmatch(rf"{_YEAR}-{_TWO}", text):
        following = (int(match[1]) + 1) % 100 == int(match[2])  # may be a month or two years: the wider is said
        return None if following else _month(int(match[1]), int(match[2]))
    if match := re.fullmatch(rf"{_MONTH},? {_YEAR}", text):
        return _month(int(match[2]), _MONTHS.get(match[1].casefold(), 0))
    if match := re.fullmatch(rf"{_YEAR},? {_MONTH}", text):
        return _month(int(match[1]), _MONTHS.get(match[2].casefold(), 0))
    if match := re.fullmatch(rf"{_YEAR}-{_TWO}-{_TWO}(?:T[0-9:.]{{4,20}}(?:Z|[+-][0-9:]{{4,6}})?)?", text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(rf"{_YEAR}, ?(?:c|cop\.? ?|©|copyright )\[?{_YEAR}", text):
        return Date("gYear", match[1], int(match[1]))  # the year of the copyright is another matter
    if match := re.fullmatch(rf"{_YEAR} ?[-–] ?{_YEAR}, ?(?:c|cop\.? ?|©|copyright )\[?{_YEAR}", text):
        return _approximate(f"{match[1]}-{match[2]}")
    if match := re.fullmatch(rf"{_YEAR} \[?i\. ?e\.,? {_YEAR}", text):
        return Date("gYear", match[2], int(match[2]))  # the first is a misprint (ISBD 0.8)
    if match := re.fullmatch(rf"([1-9][0-9]{{3}}) ?\[{_YEAR}", text):  # 1398 [2019]
        year = int(match[2])
        return Date("gYear", match[2], year) if _is_year_of_another_calendar(int(match[1]), year) else None
    if match := re.fullmatch(rf"{_YEAR}{_TWO}{_TWO}", text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if date := _slashed(text) or _in_any_order(text):
        return date
    if match := re.fullmatch(rf"{_MONTH} {_DAY},? {_YEAR}", text):
        return _day(int(match[3]), _MONTHS.get(match[1].casefold(), 0), int(match[2]))
    if match := re.fullmatch(rf"{_YEAR},? {_MONTH} {_DAY}", text):
        return _day(int(match[1]), _MONTHS.get(match[2].casefold(), 0), int(match[3]))
    if match := re.fullmatch(rf"{_DAY} {_MONTH},? {_YEAR}", text):
        return _day(int(match[3]), _MONTHS.get(match[2].casefold(), 0), int(match[1]))
    return None


def _is_year_of_another_calendar(other: int, year: int) -> bool:
    """Whether a Gregorian year, which a cataloguer adds in brackets (RDA 2.8.6.3), overlaps that year of another
    calendar: Solar Hijri, Hebrew, Buddhist, or Hijri, whose years are those of the moon."""
    begun = (other + 621, other - 3761, other - 543, int(other * 0.970224 + 621.57))
    return any(year in (first, first + 1) for first in begun)


def _slashed(text: str) -> Date | None:
    """RIS: YYYY/MM/DD/other, each part of it may be empty."""
    match = re.fullmatch(rf"{_YEAR}/([0-9]{{1,2}})?(?:/([0-9]{{1,2}})?(?:/.*)?)?", text)
    if match is None:
        return None
    if match[2] and match[3]:
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match[2]:  # 2011/12 may be two years, but 2011/12/ is a month
        return _month(int(match[1]), int(match[2])) if text.count("/") > 1 else None
    return Date("gYear", match[1], int(match[1]))


def _in_any_order(text: str) -> Date | None:
    """13/12/2011 is a day of December; of 05/12/2011 nobody can tell more than the year."""
    match = re.fullmatch(rf"([0-9]{{1,2}})([/.])([0-9]{{1,2}})\2{_YEAR}", text)
    if match is None:
        return None
    one, other, year = int(match[1]), int(match[3]), int(match[4])
    if one == other or max(one, other) > 12:
        return _day(year, min(one, other), max(one, other))
    return Date("gYear", match[4], year) if min(one, other) > 0 else None


def _month(year: int, month: int) -> Date | None:
    return Date("gYearMonth", f"{year}-{month:02}", year) if 1 <= month <= 12 else None


def _day(year: int, month: int, day: int) -> Date | None:
    if not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return Date("date", f"{year}-{month:02}-{day:02}", year)


def _standard(text: str) -> Date | None:
    """What is written in EDTF already, level 1 (BibLaTeX, repositories): 2009~, 2011-06/2012-01, 1999?/.., 201X."""
    if not re.fullmatch(rf"(?:{_EDTF})(?:/(?:(?:{_EDTF})|\.\.)?)?|(?:\.\.)?/(?:{_EDTF})", text):
        return None
    first, mark, last = text.partition("/")
    days = [part.rstrip("?~%").split("-") for part in (first, last) if part.count("-") == 2 and "X" not in part]
    if any(_day(*map(int, day)) is None for day in days) or (mark and "." not in text and first[:4] > last[:4] > ""):
        return None
    year = re.match(r"[0-9X]{4}", first.strip("."))
    return Date("edtf", text, int(year[0].replace("X", "0")) if year else None)


def _one_of_several(text: str) -> Date | None:
    """One of some years or of a span of them, as RDA 1.9.2 writes it: EDTF's sets (ISO 8601-2, level 2)."""
    if match := re.fullmatch(rf"(?i){_YEAR} or {_YEAR}\??", text):
        return Date("edtf", f"[{match[1]},{match[2]}]", int(match[1])) if match[1] < match[2] else None
    if match := re.fullmatch(rf"(?i)between {_YEAR}\?? and {_YEAR}\??", text):
        return Date("edtf", f"[{match[1]}..{match[2]}]", int(match[1])) if match[1] < match[2] else None
    if match := re.fullmatch(rf"(?i)not before {_YEAR}\??", text):
        return Date("edtf", f"[{match[1]}..]", int(match[1]))
    if match := re.fullmatch(rf"(?i)(not after|before) {_YEAR}\??", text):
        return Date("edtf", f"[..{int(match[2]) - (match[1].casefold() == 'before')}]")
    match = re.fullmatch(rf"{_MONTH} ?(?:-|–|/|and) ?{_MONTH},? {_YEAR}", text)
    if match:  # May-June 2011: an issue of both
        first, last = (_MONTHS.get(match[part].casefold(), 0) for part in (1, 2))
        if 0 < first < last:
            return Date("edtf", f"{match[3]}-{first:02}/{match[3]}-{last:02}", int(match[3]))
    return None


def _approximate(text: str) -> Date | None:
    if match := re.fullmatch(rf"(?i)(?:c|ca|circa|approx|approximately|about|©|cop|copyright)\.? ?{_YEAR}", text):
        return Date("edtf", match[1] + "~", int(match[1]))
    if match := re.fullmatch(rf"(?i)(?:c|ca|circa)?\.? ?{_YEAR} ?\?", text):
        return Date("edtf", match[1] + ("%" if text[0] in "cC" else "?"), int(match[1]))
    if match := re.fullmatch(rf"{_YEAR} ?(?:-|–|—|/|to) ?{_YEAR}", text):
        first, last = int(match[1]), int(match[2])
        return Date("edtf", f"{first}/{last}", first) if first < last else None
    if match := re.fullmatch(rf"{_YEAR} ?[-–/] ?{_TWO}", text):  # 1998-99; a month was recognised before
        first, last = int(match[1]), int(match[1]) // 100 * 100 + int(match[2])
        last += 100 * (match[2] == "00" and match[1].endswith("99"))
        return Date("edtf", f"{first}/{last}", first) if first < last else None
    match = re.fullmatch(rf"{_YEAR}(\?)?\]? ?[-–/] ?\[?{_YEAR}(\?)?", text)  # [2013?]-2022
    if match and int(match[1]) < int(match[3]):
        return Date("edtf", f"{match[1]}{match[2] or ''}/{match[3]}{match[4] or ''}", int(match[1]))
    if match := re.fullmatch(r"(?i)(?:the )?((?:1[4-9]|20)[0-9])(?:[-_?xu](\?)?|0s)", text):
        return Date("edtf", f"{match[1]}X{match[2] or ''}", int(match[1] + "0"))
    if match := re.fullmatch(r"(?i)(1[4-9]|20)(?:--|__|xx|uu)(\?)?", text):
        return Date("edtf", f"{match[1]}XX{match[2] or ''}", int(match[1] + "00"))
    if match := re.fullmatch(r"(?i)(?:the )?(1[5-9]|2[01])(?:th|st) century", text):
        century = int(match[1]) - 1
        return Date("edtf", f"{century}XX", century * 100)
    if match := re.fullmatch(rf"(?i)(?:since )?{_YEAR} ?(?:[-–—] ?(?:present|today)?)?", text):
        return Date("edtf", f"{match[1]}/..", int(match[1]))
    if match := re.fullmatch(rf"(?i)(spring|summer|autumn|fall|winter),? {_YEAR}", text):
        season = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}[match[1].casefold()]
        return Date("edtf", f"{match[2]}-{season}", int(match[2]))
    return None
