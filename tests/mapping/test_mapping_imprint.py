"""Imprints of the sample pages and of made ones: taken apart where it is plain, else left whole."""

from __future__ import annotations

import pytest
from mapping_fixtures import describe, notes, said, samples

from publisher.mapping.imprint import Imprint, parse


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "London: Criminal Justice Joint Inspection, 2011. 50p.",
            Imprint(("London",), ("Criminal Justice Joint Inspection",), False, "2011", "50p.", 50),
        ),
        (
            "Austin, TX: Harbor, 2009. 64p., app.",
            Imprint(("Austin, TX",), ("Harbor",), False, "2009", "64p.", 64, "app."),
        ),
        (
            "Rome; Lisbon: Forum, 2013. 204p.",
            Imprint(("Rome", "Lisbon"), ("Forum",), False, "2013", "204p.", 204),
        ),
        ("London: A; New York: B, 2001. 5p.", Imprint(("London", "New York"), ("A", "B"), False, "2001", "5p.", 5)),
        ("London: A; B, 2001.", Imprint(("London",), ("A", "B"), False, "2001")),
        (
            "Ottawa: CSC, Research, 2004. 2v.",
            Imprint(("Ottawa",), ("CSC, Research",), False, "2004", "2v."),
        ),
        ("Tehran: Centre, 1398 [2019]. 50p.", Imprint(("Tehran",), ("Centre",), False, "1398 [2019]", "50p.", 50)),
        ("Leeds: Centre, 1999. iv, 96p.", Imprint(("Leeds",), ("Centre",), False, "1999", "iv, 96p.")),
        ("Leeds: Centre, 1999. 50, [2] p.", Imprint(("Leeds",), ("Centre",), False, "1999", "50, [2] p.")),
        ("Leeds: Centre, 1999. ca. 50 p.", Imprint(("Leeds",), ("Centre",), False, "1999", "ca. 50 p.")),
        ("Leeds: Centre, 1999. [34] leaves", Imprint(("Leeds",), ("Centre",), False, "1999", "[34] leaves")),
        (
            "Leeds: Centre, 2014. 96p. (Research Report 45)",
            Imprint(("Leeds",), ("Centre",), False, "2014", "96p.", 96, "(Research Report 45)"),
        ),
        ("Leeds: Centre, 1999: 96p.", Imprint(("Leeds",), ("Centre",), False, "1999", "96p.", 96)),
        (
            "Unpublished dissertation: Tempe: Arizona State University, 2010. 250p.",
            Imprint(
                *(("Tempe",), ("Arizona State University",), False, "2010", "250p.", 250, "Unpublished dissertation"),
            ),
        ),
        (
            "Thesis (Ph.D.), Columbia: University of Missouri, 2011.",
            Imprint(("Columbia",), ("University of Missouri",), False, "2011", rest="Thesis (Ph.D.)"),
        ),
        (
            "Working Paper No. 34. Sydney: UNSW, 2007. 20p.",
            Imprint(("Sydney",), ("UNSW",), False, "2007", "20p.", 20, "Working Paper No. 34"),
        ),
        ("Working paper: London, 2003.", Imprint(date="2003", rest="Working paper; London")),
        (
            "York: Chair, 2003. 31p., Thesis",
            Imprint(("York",), ("Chair",), False, "2003", "31p.", 31, "Thesis"),
        ),
        ("[s.l.]: The Author, c2011. 26p.", Imprint((), (), True, "c2011", "26p.", 26)),
        ("[s.l.]: The Author, n.d. 26p.", Imprint((), (), True, "n.d", "26p.", 26)),
        ("[S.l. : s.n.], 2011.", Imprint((), (), False, "2011", rest="")),
        ("[London]: [Home Office], [2004]. 3 p.", Imprint(("London",), ("Home Office",), False, "[2004]", "3 p.", 3)),
        ("Geneva: Circle, [2004?]. 56p.", Imprint(("Geneva",), ("Circle",), False, "[2004?]", "56p.", 56)),
        ("Cape Town: Office, 1998-2001. 4v.", Imprint(("Cape Town",), ("Office",), False, "1998-2001", "4v.")),
        ("London: A, May 2011. 5 pages", Imprint(("London",), ("A",), False, "May 2011", "5 pages", 5)),
        ("London: A, May 10, 2011. 5 pages", Imprint(("London",), ("A",), False, "May 10, 2011", "5 pages", 5)),
        ("London: A, 2011, 5p.", Imprint(("London",), ("A",), False, "2011", "5p.", 5)),
        ("London: , 2011. 5p.", Imprint(("London",), (), False, "2011", "5p.", 5)),
        ("London, Home Office, 1999.", Imprint(date="1999", rest="London, Home Office")),
        ("2011. 50p.", Imprint(extent="50p.", number_of_pages=50, rest="2011.")),
        ("London: 2011", Imprint(rest="London: 2011")),
        ("London: Home Office", Imprint(rest="London: Home Office")),
        ("See the web page", Imprint(rest="See the web page")),
        ("", Imprint()),
    ],
)
def test_imprints(statement: str, expected: Imprint) -> None:
    assert parse(statement) == expected


def test_the_imprints_of_the_samples_name_place_publisher_and_date() -> None:
    statements = [value.text for record in samples() for value in record.publication_statement]
    assert len(statements) > 40
    plain = [parse(text) for text in statements]
    assert all(found.date for found in plain)
    assert all(found.publishers or found.by_the_author for found in plain)
    assert all(found.places or "[s.l.]" in text.lower() for text, found in zip(statements, plain, strict=True))


def test_what_is_not_taken_apart_is_kept_and_noted() -> None:
    described = describe(publication_statement="London: Home Office. A report in brown covers")
    resource = described.resource.statements
    assert said(resource, "publication_statement") == ["London: Home Office. A report in brown covers"]
    assert said(resource, "publishers") == said(resource, "place_of_publication") == []
    assert notes(described, "publication_statement") == [
        '"London: Home Office. A report in brown covers" in the details was not taken apart; it is kept as given.'
    ]
