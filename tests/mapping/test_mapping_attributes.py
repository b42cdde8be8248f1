"""The attributes that other formats fill: keys, types, roles, parts, languages, identifiers, degrees, rights."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from mapping_fixtures import BASE, MAPPING, literals, notes, said
from mapping_fixtures import record as ordinary

from publisher import namespaces
from publisher.mapping import Described, Mapping, classes, identifiers, languages
from publisher.mapping.description import TYPE
from publisher.mapping.imprint import pages
from publisher.record import Agent, Part, Record, Value
from publisher.settings import Settings


def record(**fields: Any) -> Record:
    """An ordinary record with these attributes, as tuples."""
    return dataclasses.replace(ordinary(), **fields)


def describe(**fields: Any) -> Described:
    return MAPPING.describe(record(**fields))


def resource_says(attribute: str, **fields: Any) -> list[str]:
    return said(describe(**fields).resource.statements, attribute)


def related(described: Described, code: str) -> list[str]:
    """The agents in a role."""
    role = namespaces.namespaces()["rel"] + code
    return [
        statement.object.value.removeprefix(BASE)
        for statement in described.resource.statements
        if statement.predicate.value == role and hasattr(statement.object, "value")
    ]


# Keys


@pytest.mark.parametrize(
    ("collection", "shelf", "number", "key", "identifier"),
    [
        ("", "12", "", "12", "12"),
        ("", "12", "oai:a:1", "12", "12"),
        ("", "", "oai:a:1", "oai:a:1", "oai:a:1"),
        ("gpo", "", "0001", "gpo-0001", "0001"),
        ("gpo", "12", "0001", "12", "12"),
        ("gpo", " ", "0001", "gpo-0001", "0001"),
    ],
)
def test_the_key_is_the_shelf_number_else_the_number_of_the_record(
    collection: str, shelf: str, number: str, key: str, identifier: str
) -> None:
    mapping = Mapping(Settings(BASE_URL=BASE, COLLECTION=collection))
    given = record(
        shelf_number=(Value(shelf),) if shelf else (), record_number=(Value(number, scheme="a"),) if number else ()
    )
    described = mapping.describe(given)
    assert described.resource.key == key
    assert said(described.resource.statements, "shelf_number") == [identifier]
    both = shelf.strip() and number
    assert said(described.resource.statements, "identifiers") == ([f"a: {number}"] if both else [])
    assert bool(said(described.resource.statements, "items")) == bool(shelf.strip())


def test_each_shelf_number_has_its_copy() -> None:
    resource = describe(shelf_number=(Value("1"), Value("2"))).resource
    assert said(resource.statements, "items") == ["id/resource/1#item", "id/resource/1#item-2"]
    assert said(resource.statements, "value") == ["1", "2"]


def test_persons_may_be_told_apart_by_their_records() -> None:
    mapping = Mapping(Settings(BASE_URL=BASE, PERSON_IDENTITY="record"))
    first, second = (
        mapping.describe(record(shelf_number=(Value(number),), contributors=(Agent(Value("Home Office")),)))
        for number in ("1", "2")
    )
    assert said(first.resource.statements, "creators") == ["id/agent/smith-jane-a-1"]
    assert said(second.resource.statements, "creators") == ["id/agent/smith-jane-a-2"]
    assert said(first.resource.statements, "contributors") == said(second.resource.statements, "contributors")


# Types


@pytest.mark.parametrize(
    ("scheme", "text", "expected"),
    [
        ("ris", "RPRT", ["bibo:Report"]),
        ("ris", "GEN", ["bibo:Document"]),
        ("bibtex", "inproceedings", ["bibo:Article"]),
        ("marc-leader", "am", ["bibo:Book"]),
        ("marc-leader", "as", ["bibo:Periodical"]),
        ("marc-502", "Thesis (Ph. D.)--Invented University, 2001", ["bibo:Thesis"]),
        ("lcgft", "Legislative hearings", ["bibo:Hearing"]),
        ("", "Technical Report", ["bibo:Report"]),
        ("", "am", ["bibo:Document"]),  # a code means nothing outside of its list
        ("", "http://purl.org/coar/resource_type/c_6501", ["bibo:AcademicArticle"]),
        ("", "info:eu-repo/semantics/doctoralThesis", ["bibo:Thesis"]),
        ("", "http://purl.org/dc/dcmitype/Software", ["dctype:Software", "bibo:Document"]),
        ("dcat", "dcat:Dataset", ["dctype:Dataset", "bibo:Document"]),
        ("", "Working Paper", ["bibo:Document"]),
        ("", "Something else", ["bibo:Document"]),
    ],
)
def test_types(scheme: str, text: str, expected: list[str]) -> None:
    described = describe(types=(Value(text, scheme=scheme),))
    found = {
        s.object.value
        for s in described.resource.statements
        if s.predicate == TYPE and s.subject.value == BASE + "id/resource/123"
    }
    known = namespaces.namespaces()
    classes_ = {known[name.partition(":")[0]] + name.partition(":")[2] for name in expected}
    assert found == classes_ | {"http://purl.org/dc/terms/BibliographicResource"}
    assert said(described.resource.statements, "types") == [f"{scheme}: {text}" if scheme else text]


def test_what_says_more_of_the_type_decides() -> None:
    both = record(types=(Value("am", scheme="marc-leader"), Value("t", scheme="marc-008-contents")))
    assert [iri.value.rpartition("/")[2] for iri in classes.classes(both)] == ["Report"]


def test_the_iri_of_a_type_tells_it_and_is_linked() -> None:
    coar = "http://purl.org/coar/resource_type/c_93fc"
    found = record(types=(Value("zpráva", iris=(coar, "javascript:alert(1)")),))
    assert [iri.value.rpartition("/")[2] for iri in classes.classes(found)] == ["Report"]
    resource = MAPPING.describe(found).resource.statements
    assert said(resource, "type_links") == [coar]
    assert said(resource, "leftovers") == ["IRI: javascript:alert(1)"]


# Agents


def test_contributors_have_their_roles() -> None:
    described = describe(
        contributors=(
            Agent(Value("Holt, Brenda"), role="edt"),
            Agent(Value("Holt, Brenda"), role="trl"),
            Agent(Value("Home Office"), role="zzz"),
            Agent(Value("...")),
        )
    )
    resource = described.resource.statements
    assert said(resource, "contributors") == ["id/agent/holt-brenda", "id/agent/home-office"]
    assert said(resource, "editors") == said(resource, "translators") == ["id/agent/holt-brenda"]
    assert related(described, "edt") == related(described, "trl") == ["id/agent/holt-brenda"]
    assert said(resource, "leftovers") == ["Role of Home Office: zzz", "Name: ..."]
    assert len(notes(described, "contributors")) == 2


def test_a_creator_with_a_role_keeps_its_place() -> None:
    described = describe(creators=(Agent(Value("Holt, Brenda")), Agent(Value("Home Office"), role="aut")))
    assert said(described.resource.statements, "creators") == ["id/agent/holt-brenda", "id/agent/home-office"]
    assert related(described, "aut") == ["id/agent/home-office"]


def test_kind_and_iris_of_a_name_count_wherever_the_record_gives_them() -> None:
    viaf, orcid = "http://viaf.org/viaf/1", "https://orcid.org/0000-0000-0000-0000"
    described = describe(
        creators=(Agent(Value("Transcrime", iris=(viaf,))),),
        contributors=(
            Agent(Value("Transcrime", iris=(orcid, "javascript:alert(1)", BASE + "id/agent/x")), "organisation"),
        ),
    )
    (agent,) = [it for it in described.descriptions if it.key == "transcrime"]
    assert agent.agent_kind == "organisation"
    assert said(agent.statements, "exact_match") == [viaf, orcid]


def test_two_spellings_of_a_name_in_one_record_are_kept() -> None:
    described = describe(
        creators=(Agent(Value("United States. Congress")),), publishers=(Agent(Value("United States Congress")),)
    )
    assert said(described.resource.statements, "leftovers") == ["Publisher: United States Congress"]


# Imprint given in parts


def test_an_imprint_given_in_parts_is_not_taken_apart_once_more() -> None:
    resource = describe(
        place_of_publication=(Value("Leeds"),),
        publishers=(Agent(Value("[Harbour Press]")), Agent(Value("s.n."))),
        extent=(Value("1 online resource (36 pages)"),),
    ).resource.statements
    assert said(resource, "publication_statement") == ["London: Home Office, 2011. 50p."]
    assert said(resource, "place_of_publication") == ["Leeds"]
    assert said(resource, "publishers") == ["id/agent/harbour-press"]
    assert said(resource, "number_of_pages") == ["36"]
    assert said(resource, "leftovers") == ["Publisher: [Harbour Press]", "Publisher: s.n."]


@pytest.mark.parametrize(
    ("extent", "number"),
    [
        ("62", 62),
        ("126p.", 126),
        ("213 p. ; 28 cm", 213),
        ("1 online resource (36 pages) : illustrations", 36),
        ("vi, 213 p.", None),
        ("xii, [4], 213 p.", None),
        ("213 p., [8] p. of plates", None),
        ("2 v.", None),
        ("10-20", None),
        ("0", None),
        ("v. ; 28 cm", None),
        ("1" * 100_000, None),
    ],
)
def test_number_of_pages(extent: str, number: int | None) -> None:
    assert pages(extent) == number


# Parts


def test_what_a_record_is_part_of_is_described_once() -> None:
    part = Part(
        Value("Journal of Invention", iris=("http://example.org/j",)), "journal", "3", "12", "201-219", "20493630"
    )
    described = describe(is_part_of=(part,))
    resource = described.resource.statements
    assert said(resource, "is_part_of") == ["id/series/2049-3630"]
    values = {
        name: said(resource, name) for name in ("number", "volume", "pages", "page_start", "page_end", "citation")
    }
    assert values == {
        "number": ["3"],
        "volume": ["12"],
        "pages": ["201-219"],
        "page_start": ["201"],
        "page_end": ["219"],
        "citation": [],
    }
    (series,) = [it for it in described.descriptions if it.kind == "series"]
    assert said(series.statements, "title") == ["Journal of Invention"]
    assert said(series.statements, "issn") == ["2049-3630"]
    assert said(series.statements, "exact_match") == ["http://example.org/j"]
    assert ("series", "2049-3630", "is_part_of") in MAPPING.mentions(described.resource.name, resource)


def test_of_two_parts_a_citation_tells_which_number_is_whose() -> None:
    described = describe(
        is_part_of=(
            Part(Value("One"), "series", "45"),
            Part(Value("Two"), "journal", "3", "12", "5"),
            Part(Value("Three")),
        )
    )
    resource = described.resource.statements
    assert said(resource, "is_part_of") == ["id/series/one", "id/series/two", "id/series/three"]
    assert said(resource, "citation") == ["One ; 45", "Two ; 12(3), 5"]
    assert said(resource, "page_start") == []


def test_a_wrong_issn_is_no_key() -> None:
    described = describe(is_part_of=(Part(Value("One"), issn="2049-3631"), Part(Value("..."))))
    assert said(described.resource.statements, "is_part_of") == ["id/series/one"]
    assert said(described.resource.statements, "identifiers") == ["issn: 2049-3631"]
    assert said(described.resource.statements, "leftovers") == ["Part of: ..."]
    assert len(notes(described, "is_part_of")) == 2


# Languages


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("eng", "eng"),
        ("EN", "eng"),
        ("en_US", "eng"),
        ("de-AT", "ger"),
        ("deu", "ger"),
        ("ces", "cze"),
        ("English", "eng"),
        ("ngerman", "ger"),
        ("Čeština", "cze"),
        ("modern greek", "gre"),
        ("Klingon of the north", ""),
        ("xx", ""),
        ("en or fr", ""),
        ("", ""),
        ("e" * 100_000, ""),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert languages.find(text) == (languages.LOC + code if code else "")
    if text:
        described = describe(languages=(Value(text),))
        iris = said(described.resource.statements, "languages")
        assert iris == ([languages.LOC + code] if code else [])
        assert said(described.resource.statements, "languages_as_given") == ([] if text == code else [text])
        assert bool(notes(described, "languages")) == (not code)


def test_values_have_the_languages_that_the_source_gives() -> None:
    described = describe(
        title=(
            Value("Un: Deux", language="fr"),
            Value("Eins", language="no language!"),
            Value("Uno", language="es_MX"),
        ),
        subjects=(Value("Bail", language="de"),),
    )
    tags = {
        s.object.value: s.object.language
        for description in described.descriptions
        for s in description.statements
        if getattr(s.object, "value", "") in ("Un: Deux", "Eins", "Uno", "Bail")
    }
    assert tags == {"Un: Deux": "fr", "Eins": None, "Uno": "es-mx", "Bail": "de"}


# Identifiers


@pytest.mark.parametrize(
    ("scheme", "text", "expected", "iri", "is_wrong"),
    [
        ("doi", "10.5555/a.b", {"doi": "10.5555/a.b"}, "https://doi.org/10.5555/a.b", False),
        (
            "doi",
            "http://dx.doi.org/10.5555/a(b)",
            {"doi": "10.5555/a(b)", "identifiers": "http://dx.doi.org/10.5555/a(b)"},
            "https://doi.org/10.5555/a(b)",
            False,
        ),
        ("doi", "10.5555/<a>", {"doi": "10.5555/<a>"}, "https://doi.org/10.5555/%3Ca%3E", False),
        ("doi", "not yet", {"identifiers": "doi: not yet"}, "", True),
        ("isbn", "9781402894626", {"isbn13": "9781402894626"}, "", False),
        ("isbn", "1402894627", {"isbn13": "9781402894626", "isbn10": "1402894627"}, "", False),
        ("isbn", "978-1-4028-9462-6", {"isbn13": "9781402894626", "identifiers": "978-1-4028-9462-6"}, "", False),
        ("isbn", "9781402894627", {"identifiers": "isbn: 9781402894627"}, "", True),
        ("issn", "2049-3630", {"issn": "2049-3630"}, "", False),
        ("issn", "2049-3631", {"identifiers": "issn: 2049-3631"}, "", True),
        ("handle", "1721/77", {"handle": "1721/77"}, "https://hdl.handle.net/1721/77", False),
        ("urn", "urn:nbn:fi-fe1", {"identifiers": "urn:nbn:fi-fe1"}, "urn:nbn:fi-fe1", False),
        ("report-number", "NIST-1", {"report_number": "NIST-1"}, "", False),
        ("oclc", "417", {"oclc_number": "417"}, "", False),
        ("sudoc", "Y 4.J 89/1", {"identifiers": "sudoc: Y 4.J 89/1"}, "", False),
        ("", "B 77", {"identifiers": "B 77"}, "", False),
        ("doi", "1" * 100_000, {"identifiers": f"doi: {'1' * 100_000}"}, "", False),
    ],
)
def test_identifiers(scheme: str, text: str, expected: dict[str, str], iri: str, is_wrong: bool) -> None:
    found = identifiers.read(text, scheme)
    assert (dict(found.said), found.iri, bool(found.wrong)) == (expected, iri, is_wrong)
    described = describe(identifiers=(Value(text, scheme=scheme),))
    assert resource_says("same_as", identifiers=(Value(text, scheme=scheme),)) == ([iri] if iri else [])
    assert bool(notes(described, "identifiers")) == is_wrong


def test_an_address_of_a_doi_in_another_form_is_no_second_link() -> None:
    value = Value("10.5555/a", scheme="doi", iris=("http://dx.doi.org/10.5555/a", "http://example.org/a"))
    assert resource_says("same_as", identifiers=(value,)) == ["https://doi.org/10.5555/a", "http://example.org/a"]


# Keywords


def test_subdivided_keywords_are_narrower() -> None:
    lcsh, fast = "http://id.loc.gov/authorities/subjects/sh1", "http://id.worldcat.org/fast/2"
    described = describe(
        subjects=(
            Value("Prisons--Law and legislation--United States", scheme="lcsh", iris=(lcsh, fast)),
            Value("Prisons", scheme="fast", iris=("http://id.worldcat.org/fast/3",)),
        )
    )
    found = {it.key: it.statements for it in described.descriptions if it.kind == "concept"}
    assert list(found) == ["prisons", "prisons-law-and-legislation", "prisons-law-and-legislation-united-states"]
    whole = found["prisons-law-and-legislation-united-states"]
    assert said(whole, "broader") == ["id/concept/prisons-law-and-legislation"]
    assert said(whole, "countries") == ["id/place/united-states"]
    assert said(whole, "close_match") == [lcsh]
    assert said(whole, "exact_match") == [fast]
    assert said(found["prisons-law-and-legislation"], "broader") == ["id/concept/prisons"]
    assert said(found["prisons"], "exact_match") == ["http://id.worldcat.org/fast/3"]


@pytest.mark.parametrize("label", ["--", "Prisons--", "--Prisons", "A -- B", "a--" * 40_000])
def test_odd_subdivisions_do_no_harm(label: str) -> None:
    described = describe(subjects=(Value(label),))
    assert label in literals(described) | {it.heading for it in described.descriptions} or label == "--"


# Degrees, rights and the rest


@pytest.mark.parametrize(
    ("text", "individual"),
    [("Ph.D.", "phd"), ("PhD thesis", "phd"), ("Master of Arts", "ma"), ("M.Sc.", "ms"), ("Bc.", ""), ("Master", "")],
)
def test_degrees(text: str, individual: str) -> None:
    described = describe(degree=(Value(text),), degree_grantors=(Agent(Value("University of Invention")),))
    resource = described.resource.statements
    assert said(resource, "degree") == [text]
    assert [iri.rpartition("/")[2] for iri in said(resource, "degree_links")] == ([individual] if individual else [])
    assert said(resource, "degree_grantors") == said(resource, "issuers") == ["id/agent/university-of-invention"]


def test_rights_are_told_from_licences() -> None:
    cc, statement = "https://creativecommons.org/licenses/by/4.0/", "http://rightsstatements.org/vocab/InC/1.0/"
    resource = describe(rights=(Value("Some", iris=(cc, statement)), Value("None"))).resource.statements
    assert said(resource, "rights") == ["Some", "None"]
    assert (said(resource, "rights_links"), cc in said(resource, "license")) == ([statement], True)


def test_a_period_is_coverage_and_iris_of_values_are_linked() -> None:
    resource = describe(
        temporal=(Value("1990-2010"),), alternative=(Value("Another", iris=("http://example.org/t",)),)
    ).resource.statements
    assert said(resource, "coverage") == ["1990-2010"]
    assert said(resource, "see_also") == ["http://example.org/t"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2014-05-06T07:08:09Z", "2014-05-06"),
        ("2011-01-26T00:00:00", "2011-01-26"),
        ("2014//", "2014"),
        ("2014/05//", "2014-05"),
        ("2014/5/6/", "2014-05-06"),
        ("2020///nan", "2020"),
        ("2014//06", "2014"),  # RIS leaves the month out: the year is sure
        ("2009/10", "2009/2010"),
        ("2003, c2002", "2003"),
        ("[2013?]-2022", "2013?/2022"),
        ("2022-[2013?]", ""),
        ("2014-13-06T07:08:09Z", ""),
    ],
)
def test_dates_of_other_formats(text: str, value: str) -> None:
    resource = describe(issued=(Value(text),), publication_statement=()).resource.statements
    assert said(resource, "issued") == ([value] if value else [])
    assert said(resource, "date") == [text]
