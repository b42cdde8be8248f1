"""Countries and keywords: what is a place of the table, what is not, and which keyword is narrower than which."""

from __future__ import annotations

import pytest
from mapping_fixtures import MAPPING, describe, notes, said

from publisher.mapping import places
from publisher.mapping.terms import fold, slug

UNKNOWN = 'The country "{}" is in no list of ours; it is published under this name, unlinked.'


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("United Kingdom", "united-kingdom"),
        ("united  kingdom", "united-kingdom"),
        ("U.K.", "united-kingdom"),
        ("UK", "united-kingdom"),
        ("Great Britain", "united-kingdom"),
        ("The Netherlands", "netherlands"),
        ("Cote d'Ivoire", "cote-d-ivoire"),
        ("Côte d’Ivoire", "cote-d-ivoire"),
        ("International", "international"),
        ("Europe", "europe"),
        ("U.S. Virgin Islands", "u-s-virgin-islands"),
        ("U S Virgin Islands", "u-s-virgin-islands"),
        ("Georgia (Republic)", "georgia-country"),
        ("Georgia", None),
        ("Korea", None),
        ("Ruritania", None),
        ("", None),
        ("👮", None),
    ],
)
def test_names(name: str, key: str | None) -> None:
    found = places.find(name)
    assert (found.key if found else None) == key


@pytest.mark.parametrize(
    ("given", "keys", "coverage", "noted"),
    [
        ("United Kingdom", ["united-kingdom"], [], []),
        ("U.K.", ["united-kingdom"], ["U.K."], []),
        ("France; Germany", ["france", "germany"], ["France; Germany"], []),
        ("France, Germany and Italy", ["france", "germany", "italy"], ["France, Germany and Italy"], []),
        ("France / Germany", ["france", "germany"], ["France / Germany"], []),
        ("Trinidad and Tobago", ["trinidad-and-tobago"], [], []),
        ("Bosnia & Herzegovina", ["bosnia-and-herzegovina"], ["Bosnia & Herzegovina"], []),
        ("Ruritania", ["ruritania"], [], [UNKNOWN.format("Ruritania")]),
        ("France, Ruritania", ["france-ruritania"], [], [UNKNOWN.format("France, Ruritania")]),
        ("العراق", ["العراق"], [], [UNKNOWN.format("العراق")]),
    ],
)
def test_countries(given: str, keys: list[str], coverage: list[str], noted: list[str]) -> None:
    described = describe(countries=given, subjects="Probation")
    resource = described.resource.statements
    named = [MAPPING.addresses.parse("https://lib.example/" + iri) for iri in said(resource, "countries")]
    assert named == [("place", key) for key in keys]
    assert said(resource, "coverage") == coverage
    assert notes(described, "countries") == noted


def test_a_name_of_two_places_is_not_decided() -> None:
    (note,) = notes(describe(countries="Georgia"), "countries")
    assert note.startswith('The country "Georgia" may be more than one place. Write "Georgia (Republic)"')
    described = describe(countries="Georgia")
    (place,) = [description for description in described.descriptions if description.key == "georgia"]
    assert said(place.statements, "exact_match") == said(place.statements, "broader") == []


def test_a_country_without_letters_is_left_over() -> None:
    described = describe(countries="👮")
    assert said(described.resource.statements, "leftovers") == ["Country: 👮"]
    assert said(described.resource.statements, "countries") == []


@pytest.mark.parametrize(
    ("keyword", "broader", "place"),
    [
        ("Probation", None, None),
        ("Probation (U.K.)", "probation", "united-kingdom"),
        ("Probation(U.K.)", "probation", "united-kingdom"),
        ("Probation (South Africa)", "probation", "south-africa"),
        ("Mercury (Planet)", None, None),
        ("Amnesty (Georgia)", None, None),
        ("(U.K.)", None, None),
        ("Probation ()", None, None),
        ("Probation (U.K.) and Parole", None, None),
        ("Probation (U.K.) (Canada)", "probation-u-k", "canada"),
        ("حقوق الإنسان", None, None),
    ],
)
def test_keywords(keyword: str, broader: str | None, place: str | None) -> None:
    described = describe(subjects=keyword)
    (concept,) = [item for item in described.descriptions if item.kind == "concept" and item.heading == keyword]
    assert said(concept.statements, "preferred_label") == [keyword]
    assert said(concept.statements, "broader") == ([f"id/concept/{broader}"] if broader else [])
    assert said(concept.statements, "countries") == ([f"id/place/{place}"] if place else [])
    assert said(concept.statements, "in_scheme") == ["keywords"]


def test_the_same_keyword_twice_is_one_and_one_without_letters_is_left_over() -> None:
    described = describe(subjects=["Probation", "PROBATION", "👮", "Probation"])
    assert set(said(described.resource.statements, "subjects")) == {"id/concept/probation"}
    assert [item.label for item in described.descriptions if item.kind == "concept"] == ["Probation"]
    assert said(described.resource.statements, "leftovers") == ["Keywords: PROBATION", "Keywords: 👮"]
    assert notes(described, "subjects") == ['The keyword "👮" has neither letters nor digits.']


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Agency Collaboration (U.K.)", "agency-collaboration-u-k"),
        ("  Drug   Courts -- Evaluation ", "drug-courts-evaluation"),
        ("Müller, Jörg", "müller-jörg"),
        ("Mu\u0308ller, Jo\u0308rg", "müller-jörg"),
        ("Straße", "strasse"),
        ("पुलिस", "पुलिस"),
        ("पालिस", "पालिस"),
        ("Pol\u00adice\u200f", "police"),
        ("図書館", "図書館"),
        ("👮\ufe0f", ""),
        ("\u0301", ""),
        ("...", ""),
        ("C++ & C#", "c-c"),
        ("1 ²", "1-²"),
    ],
)
def test_keys(text: str, key: str) -> None:
    assert slug(text) == key


def test_a_long_key_is_cut_and_stays_its_own() -> None:
    first, second = slug("word " * 1000 + "one"), slug("word " * 1000 + "two")
    assert len(first) == len(second) == 200
    assert first != second
    assert slug("x" * 200) == "x" * 200


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("The Netherlands", "netherlands"),
        ("The", "the"),
        ("U.S.A.", "usa"),
        ("Côte d’Ivoire", "cote divoire"),
        ("ＵＫ", "uk"),
        ("São Tomé & Príncipe", "sao tome principe"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
