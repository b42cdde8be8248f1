"""Headings of persons and organisations, and what becomes of the authors and publishers of a record."""

from __future__ import annotations

import pytest
from mapping_fixtures import describe, notes, said

from publisher.mapping import agents

PERSON, BODY, UNSURE = "person", "organisation", ""


@pytest.mark.parametrize(
    ("heading", "kind", "name"),
    [
        ("Smith, John A.", PERSON, "John A. Smith"),
        ("Smith, J.", PERSON, "J. Smith"),
        ("SMITH, JOHN", PERSON, "JOHN SMITH"),
        ("Van der Meulen, Pieter", PERSON, "Pieter Van der Meulen"),
        ("de la Cruz, María", PERSON, "María de la Cruz"),
        ("O'Neill, Tip", PERSON, "Tip O'Neill"),
        ("D’Angelo, Ann", PERSON, "Ann D’Angelo"),
        ("'t Hooft, Gerard", PERSON, "Gerard 't Hooft"),
        ("al-Rashid, Omar", PERSON, "Omar al-Rashid"),
        ("St. Amant, Robert", PERSON, "Robert St. Amant"),
        ("Jean-Baptiste, Marie-Claire", PERSON, "Marie-Claire Jean-Baptiste"),
        ("Mun\u0303oz, Humberto", PERSON, "Humberto Mun\u0303oz"),
        ("Nguyễn, Văn A", PERSON, "Văn A Nguyễn"),
        ("王, 小明", PERSON, "小明 王"),
        ("कुमार, राजेश", PERSON, "राजेश कुमार"),
        ("سميث, جون", PERSON, "جون سميث"),
        ("Smith, John, 1950-", PERSON, "John Smith"),
        ("Smith, John, 1950-2001.", PERSON, "John Smith"),
        ("Smith, J. A. (John Albert)", PERSON, "J. A. Smith"),
        ("Smith, John, Jr.", PERSON, "John Smith Jr."),
        ("Smith Jr., John", PERSON, "John Smith Jr."),
        ("King, Martin Luther, Jr.", PERSON, "Martin Luther King Jr."),
        ("Ii, Naosuke", PERSON, "Naosuke Ii"),
        ("Conference on Probation (2nd : 2010 : Paris)", BODY, "Conference on Probation (2nd : 2010 : Paris)"),
        ("Smith, John (ed.)", PERSON, "John Smith"),
        ("Smith, John, ed.", PERSON, "John Smith"),
        ("Smith, John, editor", PERSON, "John Smith"),
        ("Smith, John (Editor)", PERSON, "John Smith"),
        ("House, Jane", PERSON, "Jane House"),
        ("Church, A. B.", PERSON, "A. B. Church"),
        ("Justice, Anne", PERSON, "Anne Justice"),
        ("Great Britain: HMI Probation", BODY, "HMI Probation"),
        ("United States. Congress. House", BODY, "House"),
        ("Canada: Correctional Service", BODY, "Correctional Service"),
        ("Ministry of Justice, Northern Division", BODY, "Ministry of Justice, Northern Division"),
        ("McGraw-Hill, Inc.", BODY, "McGraw-Hill, Inc."),
        ("Rand Corporation", BODY, "Rand Corporation"),
        ("Harbor Policy Institute", BODY, "Harbor Policy Institute"),
        ("Great Britain", BODY, "Great Britain"),
        ("UNODC", BODY, "UNODC"),
        ("RAND Europe", BODY, "RAND Europe"),
        ("Blue Campaign (U.S.)", BODY, "Blue Campaign (U.S.)"),
        ("U.S. Customs", BODY, "U.S. Customs"),
        ("Universität Zürich", BODY, "Universität Zürich"),
        ("John Smith", UNSURE, "John Smith"),
        ("SMITH JOHN", UNSURE, "SMITH JOHN"),
        ("John SMITH", UNSURE, "John SMITH"),
        ("Smith, John and Mary", UNSURE, "Smith, John and Mary"),
        ("Smith, John, et al.", UNSURE, "Smith, John, et al."),
        ("Smith, John et al.", UNSURE, "Smith, John et al."),
        ("et al.", UNSURE, "et al."),
        ("Smith, John, Jones, Mary", UNSURE, "Smith, John, Jones, Mary"),
        ("Smith, J. & Co.", UNSURE, "Smith, J. & Co."),
        ("Police, Hong Kong", UNSURE, "Police, Hong Kong"),
        ("smith, john", UNSURE, "smith, john"),
        ("Smith,", UNSURE, "Smith,"),
        (", John", UNSURE, ", John"),
        ("Smith, 12", UNSURE, "Smith, 12"),
        ("Smith, J / Jones", UNSURE, "Smith, J / Jones"),
        ("👮", UNSURE, "👮"),
        ("", UNSURE, ""),
        ("Smith, John " * 30, UNSURE, ("Smith, John " * 30).strip()),
    ],
)
def test_headings(heading: str, kind: str, name: str) -> None:
    found = agents.parse(heading)
    assert (found.kind, found.name) == (kind, name)
    assert (found.kind == PERSON) == bool(found.family_name) == bool(found.given_name)


@pytest.mark.parametrize(
    ("heading", "parents"),
    [
        ("Great Britain: HMI Probation", ["Great Britain"]),
        ("Great Britain: Home Office. Research Unit", ["Great Britain", "Great Britain: Home Office"]),
        (
            "United States. Congress. House. Committee on the Judiciary",
            ["United States", "United States. Congress", "United States. Congress. House"],
        ),
        ("Harbor Policy Institute: Crime Unit", ["Harbor Policy Institute"]),
        ("Rand Corporation", []),
        ("St. Louis County Police", []),
        ("U.S. Dept. of Justice", []),
        ("Smith, John: Office", []),
    ],
)
def test_bodies_stand_under_those_above_them(heading: str, parents: list[str]) -> None:
    assert list(agents.parse(heading).parents) == parents


@pytest.mark.parametrize(
    ("heading", "parts"),
    [
        ("Smith, John A. and Jones, Mary", ["Smith, John A.", "Jones, Mary"]),
        ("Smith, John A. & Jones, Mary", ["Smith, John A.", "Jones, Mary"]),
        ("Smith, John A., and Jones, Mary", ["Smith, John A.", "Jones, Mary"]),
        ("Smith, John and Mary", None),
        ("Smith, John and Jones, Mary and Brown, Ann", None),
        ("Ministry of Justice, Crime and Research, Unit", None),
        ("Trinidad and Tobago", None),
        ("Probation and Parole", None),
    ],
)
def test_two_persons_in_one_heading(heading: str, parts: list[str] | None) -> None:
    assert agents.split(heading) == (parts or [heading])


def test_two_persons_are_told_apart_and_the_heading_stays() -> None:
    described = describe(creators="Smith, John A. and Jones, Mary")
    resource = described.resource.statements
    assert said(resource, "creators") == ["id/agent/smith-john-a", "id/agent/jones-mary"]
    assert said(resource, "creators_as_given") == ["Smith, John A. and Jones, Mary"]
    assert [(note.field, note.severity, note.first_line) for note in described.notes] == [("creators", "info", 13)]


def test_an_undecided_author_is_reported() -> None:
    described = describe(creators="John Smith")
    assert notes(described, "creators") == [
        'It is not plain whether "John Smith" names a person or an organisation; write a person as "Family, Given".'
    ]
    agent = next(description for description in described.descriptions if description.key == "john-smith")
    assert "http://xmlns.com/foaf/0.1/Agent" in {statement.object.value for statement in agent.statements}


def test_the_role_stays_in_the_heading() -> None:
    described = describe(creators="Smith, John (ed.)")
    agent = next(description for description in described.descriptions if description.kind == "agent")
    assert said(agent.statements, "alternative_labels") == ["Smith, John (ed.)"]
    assert said(agent.statements, "name") == ["John Smith"]
    assert said(agent.statements, "family_name") == ["Smith"]


def test_the_order_of_authors_is_that_of_the_source_and_none_stands_twice() -> None:
    described = describe(creators=["Zulu, Ann", "Great Britain: HMI Probation", "Abbott, Bo", "Zulu, Ann", "👮"])
    expected = ["id/agent/zulu-ann", "id/agent/great-britain-hmi-probation", "id/agent/abbott-bo"]
    resource = described.resource.statements
    assert said(resource, "creators") == expected
    members = {s.subject.value: s.object.value for s in resource if s.predicate.value.endswith("#first")}
    following = {s.subject.value: s.object.value for s in resource if s.predicate.value.endswith("#rest")}
    (at,) = said(resource, "author_list")
    found = []
    while at in members:
        found.append(members[at].removeprefix("https://lib.example/"))
        at = following[at]
    assert found == expected
    assert said(resource, "leftovers") == ["Author: 👮"]
    assert notes(described, "creators") == ['The author "👮" has neither letters nor digits.']


@pytest.mark.parametrize(
    ("creators", "details", "publishers"),
    [
        ("Smith, Jane A.", "London: Home Office, 2011.", ["home-office"]),
        ("Smith, Jane A.", "[s.l.]: The Author, 2011.", ["smith-jane-a"]),
        ("Smith, Jane A.", "London: Smith, Jane A., 2011.", ["smith-jane-a"]),
        ("Texas Supervision Council", "El Paso, TX: The Council, 2020. 19p.", ["texas-supervision-council"]),
        ("Smith, Jane A.", "El Paso, TX: The Council, 2020. 19p.", []),
        (
            "Canada: Inspectorate of Prisons",
            "London: The Inspectorate, 2014.",
            ["canada-inspectorate-of-prisons"],
        ),
        ("Smith, Jane A.", "London: [s.n.], 2011.", []),
        ("Smith, Jane A.", "London: The Stationery Office, 2011.", ["the-stationery-office"]),
    ],
)
def test_publishers(creators: str, details: str, publishers: list[str]) -> None:
    resource = describe(creators=creators, publication_statement=details).resource.statements
    assert said(resource, "publishers") == [f"id/agent/{key}" for key in publishers]


def test_a_publisher_with_a_name_like_a_person_s_is_not_decided() -> None:
    described = describe(publication_statement="London: Carswell, Thomson, 2011.")
    (agent,) = [description for description in described.descriptions if description.key == "carswell-thomson"]
    assert (agent.agent_kind, said(agent.statements, "name")) == ("", ["Carswell, Thomson"])
    assert notes(described, "creators") == []


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["Smith, Jane A. et al."], ["smith-jane-a"]),
        (["Smith, Jane A.", "et al."], ["smith-jane-a"]),
        (["Smith, Jane A.", "[et al]"], ["smith-jane-a"]),
        (["Smith, Jane A., and 3 others"], ["smith-jane-a"]),
        (["others"], []),
    ],
)
def test_more_authors_than_are_named_are_told(given: list[str], names: list[str]) -> None:
    described = describe(creators=given)
    assert said(described.resource.statements, "creators") == [f"id/agent/{name}" for name in names]
    (message,) = notes(described, "creators")
    assert message.endswith("there are more authors than it gives.")
    assert said(described.resource.statements, "leftovers")[0].startswith("Author: ")


@pytest.mark.parametrize("heading", ["Metal", "Mothers", "Society of Others", "Et Alia Press"])
def test_names_that_only_look_like_more_authors(heading: str) -> None:
    assert len(said(describe(creators=[heading]).resource.statements, "creators")) == 1


def test_a_name_in_one_piece_is_spoken_without_its_dates() -> None:
    assert agents.parse("Madonna, 1958-", "person").name == "Madonna"
    assert agents.parse("1958-", "person").name == "1958-"
