"""Dates as catalogues write them, and what becomes of the year of a record."""

from __future__ import annotations

import datetime

import pytest
from mapping_fixtures import describe, notes, said

from publisher.mapping import dates


@pytest.mark.parametrize(
    ("text", "kind", "value", "year"),
    [
        ("2011", "gYear", "2011", 2011),
        (" 2011. ", "gYear", "2011", 2011),
        ("[2004]", "gYear", "2004", 2004),
        ("1475", "gYear", "1475", 1475),
        ("2011-05", "gYearMonth", "2011-05", 2011),
        ("May 2011", "gYearMonth", "2011-05", 2011),
        ("Sept. 2011", "gYearMonth", "2011-09", 2011),
        ("2011 May", "gYearMonth", "2011-05", 2011),
        ("2011-11-19", "date", "2011-11-19", 2011),
        ("November 19, 2011", "date", "2011-11-19", 2011),
        ("19 November 2011", "date", "2011-11-19", 2011),
        ("19th November 2011", "date", "2011-11-19", 2011),
        ("February 29, 2012", "date", "2012-02-29", 2012),
        ("[2004?]", "edtf", "2004?", 2004),
        ("2004?", "edtf", "2004?", 2004),
        ("c. 2004", "edtf", "2004~", 2004),
        ("ca. 2004", "edtf", "2004~", 2004),
        ("circa 2004", "edtf", "2004~", 2004),
        ("c2004", "edtf", "2004~", 2004),
        ("©2004", "edtf", "2004~", 2004),
        ("c. 2004?", "edtf", "2004%", 2004),
        ("1998-2001", "edtf", "1998/2001", 1998),
        ("1998–2001", "edtf", "1998/2001", 1998),
        ("1998 to 2001", "edtf", "1998/2001", 1998),
        ("1998/2001", "edtf", "1998/2001", 1998),
        ("1998-99", "edtf", "1998/1999", 1998),
        ("1999-00", "edtf", "1999/2000", 1999),
        ("2010-11", "edtf", "2010/2011", 2010),  # November, or two years: both lie within
        ("2008-09", "edtf", "2008/2009", 2008),
        ("2008-07", "gYearMonth", "2008-07", 2008),
        ("199-", "edtf", "199X", 1990),
        ("199-?", "edtf", "199X?", 1990),
        ("2011-", "edtf", "2011/..", 2011),
        ("Spring 2011", "edtf", "2011-21", 2011),
        ("n.d.", "none", "", None),
        ("[n.d.]", "none", "", None),
        ("No date", "none", "", None),
        ("undated", "none", "", None),
        ("", "unknown", "", None),
        ("nineteen ninety-nine", "unknown", "", None),
        ("1066", "unknown", "", None),
        ("9999", "unknown", "", None),
        ("20111", "unknown", "", None),
        ("2011-13", "edtf", "2011/2013", 2011),
        ("2011-00", "unknown", "", None),
        ("2001-1998", "unknown", "", None),
        ("February 30, 2011", "unknown", "", None),
        ("Smarch 2011", "unknown", "", None),
        ("11/19/2011", "date", "2011-11-19", 2011),
        ("13/12/2011", "date", "2011-12-13", 2011),
        ("05/12/2011", "gYear", "2011", 2011),  # May or December
        ("05/05/2011", "date", "2011-05-05", 2011),
        ("13/13/2011", "unknown", "", None),
        ("00/12/2011", "unknown", "", None),
        ("20110519", "date", "2011-05-19", 2011),
        ("2011 May 19", "date", "2011-05-19", 2011),
        ("2004 [i.e. 2005]", "gYear", "2005", 2005),
        ("2009 or 2010", "edtf", "[2009,2010]", 2009),
        ("[2009 or 2010?]", "edtf", "[2009,2010]", 2009),
        ("2010 or 2009", "unknown", "", None),
        ("[between 1998 and 2001?]", "edtf", "[1998..2001]", 1998),
        ("not before 1998", "edtf", "[1998..]", 1998),
        ("not after 1990", "edtf", "[..1990]", None),
        ("before 1990", "edtf", "[..1989]", None),
        ("since 1998", "edtf", "1998/..", 1998),
        ("1998-present", "edtf", "1998/..", 1998),
        ("the 1990s", "edtf", "199X", 1990),
        ("199u", "edtf", "199X", 1990),
        ("19--?", "edtf", "19XX?", 1900),
        ("[19--?]", "edtf", "19XX?", 1900),
        ("199?", "edtf", "199X", 1990),
        ("1398 [2019]", "gYear", "2019", 2019),  # Solar Hijri
        ("1441 [2020]", "gYear", "2020", 2020),  # Hijri
        ("5779 [2019]", "gYear", "2019", 2019),
        ("2562 [2019]", "gYear", "2019", 2019),  # Buddhist
        ("5758 [1997 or 1998]", "unknown", "", None),
        ("1398 [2011]", "unknown", "", None),  # no calendar says so
        ("1998 [1999]", "unknown", "", None),
        ("1475 [1476]", "unknown", "", None),
        ("19uu", "edtf", "19XX", 1900),
        ("18th century", "edtf", "17XX", 1700),
        ("May-June 2011", "edtf", "2011-05/2011-06", 2011),
        ("June-May 2011", "unknown", "", None),
        ("2011.0", "gYear", "2011", 2011),
        ("2011//12/", "gYear", "2011", 2011),
        ("1979-1981, c1980", "edtf", "1979/1981", 1979),
        ("2009~", "edtf", "2009~", 2009),
        ("2011-06/2012-01", "edtf", "2011-06/2012-01", 2011),
        ("1999?/..", "edtf", "1999?/..", 1999),
        ("../2004", "edtf", "../2004", None),
        ("201X", "edtf", "201X", 2010),
        ("2012-03/2011-01", "unknown", "", None),
        ("2011-02-30/2012", "unknown", "", None),
        ("forthcoming", "none", "", None),
        ("In press.", "none", "", None),
        ("20١١", "unknown", "", None),
        ("２０１１", "unknown", "", None),
        ("2011" * 100_000, "unknown", "", None),
    ],
)
def test_dates(text: str, kind: str, value: str, year: int | None) -> None:
    assert dates.parse(text) == dates.Date(kind, value, year)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("issued", "details", "said_issued", "said_date", "noted"),
    [
        ("2011", "London: A, 2011. 50p.", ["2011"], [], []),
        ("[2004?]", "London: A, [2004?]. 50p.", ["2004?"], ["[2004?]"], []),
        ([], "London: A, 2011. 50p.", ["2011"], [], []),
        ([], "London: A, c2011. 50p.", ["2011~"], ["c2011"], []),
        (
            "2010",
            "London: A, 2011. 50p.",
            ["2010"],
            [],
            ['The year is given as "2010", but the details say "2011"; see which is right.'],
        ),
        ("n.d.", "London: A, n.d. 50p.", [], [], ['The record says that it has no date ("n.d.").']),
        (
            "the year after",
            "London: A. 50p.",
            [],
            ["the year after"],
            ['The year "the year after" is not understood; it is kept as given.'],
        ),
        ([], "London: A. 50p.", [], [], []),
        (["2010", "2011"], "London: A, 2011. 50p.", ["2010", "2011"], [], []),
    ],
)
def test_years(
    issued: str | list[str], details: str, said_issued: list[str], said_date: list[str], noted: list[str]
) -> None:
    described = describe(issued=issued, publication_statement=details)
    resource = described.resource.statements
    assert said(resource, "issued") == said_issued
    assert said(resource, "date") == said_date
    assert notes(described, "issued") == noted


def test_no_date_is_kept_in_its_words() -> None:
    assert said(describe(issued="n.d.").resource.statements, "leftovers") == ["Year: n.d."]


def test_a_year_to_come_is_noted() -> None:
    next_year = datetime.datetime.now(datetime.UTC).year + 1
    assert notes(describe(issued=str(next_year), publication_statement="A"), "issued") == []
    later = describe(issued=str(next_year + 2), publication_statement="A")
    assert notes(later, "issued") == [f'The year "{next_year + 2}" lies in the future.']
