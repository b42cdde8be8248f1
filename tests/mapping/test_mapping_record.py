"""The seed against triples written by hand; nothing of any sample is lost; what is hostile does no harm."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapping_fixtures import BASE, DATA, MAPPING, describe, literals, notes, record, said, samples
from pyoxigraph import Literal, NamedNode
from rdflib import Graph
from rdflib.compare import graph_diff, to_isomorphic

from publisher import readers
from publisher.mapping import dataset, lines
from publisher.mapping.description import TYPE
from publisher.mapping.terms import clean
from publisher.record import Agent, Leftover, Record, Value

SAMPLES = samples()
EXAMPLE = Path(__file__).parents[1] / "examples" / "record-page.ttl"


def test_the_seed_becomes_the_graph_written_by_hand() -> None:
    (seed,) = [item for item in readers.read(DATA / "record-page.txt") if isinstance(item, Record)]
    described = MAPPING.describe(seed)
    found, expected = Graph(), Graph()
    for description in described.descriptions:
        found.parse(data="\n".join(lines([*description.statements, *description.provenance])), format="nt")
    summary = next(
        line.removeprefix("Summary: ")
        for line in (DATA / "record-page.txt").read_text("utf-8").split("\n")
        if line.startswith("Summary: ")
    )
    assert len(summary) > 5000
    expected.parse(data=EXAMPLE.read_text("utf-8").replace("SUMMARY", summary), format="turtle")
    # the documents about agents, keywords and places say the same of themselves, which is tested below
    for document in {s for s in found.subjects() if "/doc/" in str(s) and "/doc/resource/" not in str(s)}:
        found.remove((document, None, None))
    _, only_expected, only_found = graph_diff(to_isomorphic(expected), to_isomorphic(found))
    assert (sorted(only_expected), sorted(only_found)) == ([], [])
    assert described.notes == []


@pytest.mark.parametrize("item", SAMPLES, ids=lambda item: item.shelf_number[0].text)
def test_documents_describe_one_thing_and_no_statement_stands_twice(item: Record) -> None:
    described = MAPPING.describe(item)
    owner: dict[str, tuple[str, str]] = {}
    for description in described.descriptions:
        thing = BASE + f"id/{description.kind}/{quote(description.key)}"
        document = thing.replace("/id/", "/doc/")
        assert said(description.statements, "primary_topic") == [thing.removeprefix(BASE)]
        assert said(description.statements, "in_dataset") == ["dataset"]
        subjects = [s.subject.value for s in description.statements if isinstance(s.subject, NamedNode)]
        assert {subject.partition("#")[0] for subject in subjects} == {thing, document}
        for line in lines([*description.statements, *description.provenance]):
            assert owner.setdefault(line, description.name) == description.name


@pytest.mark.parametrize("item", SAMPLES, ids=lambda item: item.shelf_number[0].text)
def test_what_is_named_is_described_before(item: Record) -> None:
    described = MAPPING.describe(item)
    known: set[tuple[str, str]] = set()
    for description in [*described.descriptions[1:], described.resource]:
        assert {name[:2] for name in MAPPING.mentions(description.name, description.statements)} <= known
        known.add(description.name)


def texts(item: Record) -> list[str]:
    """The text of every value of every attribute."""
    found: list[str] = []
    for attribute in dataclasses.fields(item):
        values = getattr(item, attribute.name)
        if attribute.name in ("source", "notes") or not isinstance(values, tuple):
            continue
        for value in values:
            if isinstance(value, Value):
                found.append(value.text)
            elif isinstance(value, Agent):
                found.append(value.heading.text)
            else:
                parts = (getattr(value, part.name) for part in dataclasses.fields(value))
                found += [part.text for part in parts if isinstance(part, Value)]
    return found


def lost(item: Record) -> list[str]:
    kept = literals(MAPPING.describe(item))
    return [text for text in texts(item) if clean(text) not in kept and not any(k.endswith(f": {text}") for k in kept)]


@pytest.mark.parametrize("item", SAMPLES, ids=lambda item: item.shelf_number[0].text)
def test_every_character_of_every_field_is_kept(item: Record) -> None:
    assert texts(item)
    assert lost(item) == []


def test_an_attribute_without_a_property_is_kept_as_a_leftover() -> None:
    filled = {
        attribute.name: (Value(f"A value of {attribute.name}", 12),)
        for attribute in dataclasses.fields(Record)
        if attribute.type == "tuple[Value, ...]"
    }
    whole = dataclasses.replace(record(), **filled, leftovers=(Leftover("Colour", Value("red")),))
    assert len(filled) >= 8
    assert lost(whole) == []


def solid(text: str) -> str:
    return "".join(c for c in clean(text) if not c.isspace())


TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)


@settings(deadline=None, max_examples=200)
@given(st.fixed_dictionaries(dict.fromkeys(("title", "creators", "issued", "countries", "uri", "subjects"), TEXT)))
def test_any_text_is_kept_and_maps_to_sound_graphs(fields: dict[str, str]) -> None:
    item = record(**fields)
    kept = literals(MAPPING.describe(item))
    for text in texts(item):  # a heading's spaces become single ones
        assert any(solid(text) in solid(k) for k in kept), (text, kept)
    described = MAPPING.describe(item)
    again = MAPPING.describe(item)
    for description, second in zip(described.descriptions, again.descriptions, strict=True):
        assert lines(description.statements) == lines(second.statements)


LONG = {
    "words": "word " * 40_000,
    "commas": "Smith, " * 30_000,
    "brackets": "(" * 100_000 + ")" * 100_000,
    "qualifiers": "Probation" + " (U.K.)" * 30_000,
    "colons": "United States: " * 14_000,
    "stops": "United States. Congress. " * 8_000,
    "ands": "Smith, John and " * 13_000,
    "accessed": "accessed June 1, 2011 at " * 8_000,
    "accessed lines": "accessed aaaa bbbb cccc dddd \n" * 7_000,
    "semicolons": "London: A; " * 18_000,
    "years": "London: A, 2011, " * 12_000,
    "digits": "1" * 200_000,
    "roman": "ivxlcdm " * 25_000,
    "blanks": "a" + " " * 200_000 + "b",
    "marks": "e\u0301" * 100_000,
    "countries": "France, " * 25_000,
}


@pytest.mark.parametrize(
    "field",
    ["creators", "subjects", "countries", "publication_statement", "source_statement", "issued", "uri", "title"],
)
@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_two_hundred_thousand_characters_are_read_at_once(text: str, field: str) -> None:
    """Each ends in some hundredths of a second; a pattern that goes back over what it read would take minutes."""
    described = describe(**{field: text})
    for description in described.descriptions:
        assert len(description.key) <= 200
    assert described.resource.key == "123"


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("http://www.example.org/a.pdf", "application/pdf"),
        ("HTTPS://EXAMPLE.ORG/A.HTML", "text/html"),
        ("ftp://example.org/a", ""),
        ("http://example.org/ü/図書", ""),
        ("http://user@example.org:8080/a?b=c&d=%20#e", ""),
        ("http://example.org/" + "a" * 5000, ""),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,<script>alert(1)</script>", None),
        ("http://example.org/Food Work and Money.pdf", None),
        ("http://example.org/a[1].pdf", None),
        ("http://[::1]/a", None),
        ("http://[", None),
        ("http://", None),
        ("http:///a", None),
        ("http://?a", None),
        ("http://:80/", None),
        ("http://example.org/%zz", None),
        ("http://example.org/<b>", None),
        ("http://example.org:port/", None),
        ("http://a@b@c/", None),
        ("http://example.org/#a#b", None),
        ("mailto:a@example.org", None),
        ("www.example.org/a.pdf", None),
        ("http://example.org/a http://example.org/b", None),
        ("file:///etc/passwd", None),
    ],
)
def test_urls(text: str, link: str | None) -> None:
    resource = describe(uri=text).resource.statements
    assert said(resource, "uri") == [clean(text)]
    assert said(resource, "formats") == ([] if link is None else [text])
    expected = [f"https://www.iana.org/assignments/media-types/{link}"] if link else []
    assert said(resource, "media_type") == expected


def test_several_urls_and_several_titles_stay() -> None:
    resource = describe(uri=["http://example.org/a", "http://example.org/b"], title=["One", "Two: Three"]).resource
    assert said(resource.statements, "formats") == ["http://example.org/a", "http://example.org/b"]
    assert said(resource.statements, "title") == ["One", "Two: Three"]
    assert said(resource.statements, "short_title") == []
    assert resource.label == "One"


def test_a_link_into_our_own_site_names_nothing() -> None:
    """It leads where the source says, be there a description or not."""
    described = describe(uri=BASE + "id/resource/999")
    assert said(described.resource.statements, "formats") == ["id/resource/999"]
    assert ("resource", "999") not in MAPPING.mentions(described.resource.name, described.resource.statements)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        ("123404", "123404"),
        ("HV 6001/2", "HV%206001%2F2"),
        ("50%", "50%25"),
        ("Ü 3", "%C3%9C%203"),
        ("a?b#c", "a%3Fb%23c"),
        ("../../etc", "..%2F..%2Fetc"),
        (" 12\x00 3 ", "12%203"),
    ],
)
def test_shelf_numbers(number: str, path: str) -> None:
    described = describe(shelf_number=number)
    resource = described.resource
    assert said(resource.statements, "primary_topic") == [f"id/resource/{path}"]
    assert said(resource.statements, "shelf_number") == [clean(number)]
    assert MAPPING.addresses.parse(BASE + f"id/resource/{path}") == resource.name
    assert said(resource.statements, "items") == [f"id/resource/{path}#item"]


@pytest.mark.parametrize("number", [[], [""], ["\x01"]])
def test_without_a_shelf_number_there_is_a_key_of_its_own(number: list[str]) -> None:
    first, second = describe(shelf_number=number), describe(shelf_number=number, title="Another")
    assert first.resource.key.startswith("no-number-")
    assert first.resource.key != second.resource.key
    assert said(first.resource.statements, "shelf_number") == []


@pytest.mark.parametrize("field", ["title", "abstract", "publication_statement", "source_statement", "uri"])
def test_what_is_empty_after_cleaning_is_not_said(field: str) -> None:
    described = describe(**{field: "\x01\x02 "})
    assert said(described.resource.statements, field) == []
    assert notes(described, field) == ["Nothing is left of this but characters that cannot be published."]


def test_control_characters_are_left_out() -> None:
    described = describe(title="A\x07 Study\ufffe", subjects="Pro\x07bation", creators="Smith\x00, Jane")
    assert said(described.resource.statements, "title") == ["A Study"]
    assert described.resource.label == "A Study"
    for description in described.descriptions:
        assert description.label.isprintable()
        assert "\x07" not in "".join(lines(description.statements))


@pytest.mark.parametrize(
    ("title", "details", "expected"),
    [
        ("Annual Report", "London: A, 2011.", "Report"),
        ("Reporting Crime", "London: A, 2011.", "Document"),
        ("Crime", "Leeds: University, 2003. 318p., Thesis", "Thesis"),
        ("Proceedings of a Conference", "London: A, 2011.", "Proceedings"),
        ("A Handbook", "London: A, 2011.", "Manual"),
        ("Crime", "London: A, 2011. 20p. (Research Report 4)", "Report"),
    ],
)
def test_types(title: str, details: str, expected: str) -> None:
    resource = describe(title=title, publication_statement=details).resource.statements
    thing = BASE + "id/resource/123"
    found = {s.object.value for s in resource if s.predicate == TYPE and s.subject.value == thing}
    assert found == {"http://purl.org/dc/terms/BibliographicResource", f"http://purl.org/ontology/bibo/{expected}"}


SEEN = "http://www.example.org/a.pdf"


@pytest.mark.parametrize(
    ("text", "day", "address"),
    [
        (f"Internet Resource: Accessed November 19, 2011 at: {SEEN}", "2011-11-19", SEEN),
        (f"Internet Resource: Working Paper No. 12: Accessed August 30, 2016 at: {SEEN}", "2016-08-30", SEEN),
        (f"Internet Resource: Accessed 19 November 2011 at {SEEN}.", "2011-11-19", SEEN),
        (f"Accessed on 2011-11-19: {SEEN}", "2011-11-19", SEEN),
        ("Internet Resource: Accessed November 19, 2011", "2011-11-19", ""),
        ("Internet Resource: Accessed November 19, 2011 via SSRN", "2011-11-19", ""),
        ("Internet Resource: Accessed November 19, 2011 at: www.example.org/a.pdf", "2011-11-19", ""),
        (f"Internet Resource: Accessed November 31, 2011 at: {SEEN}", "", SEEN),
        (f"Internet Resource: Accessed some day at: {SEEN}", "", SEEN),
        ("Internet Resource: Accessed November 19, 2011 at: http://example.org/a b.pdf", "2011-11-19", ""),
        ("Internet Resource: Accessed November 19, 2011 at: javascript:alert(1)", "", ""),
        ("Book", "", ""),
    ],
)
def test_sources(text: str, day: str, address: str) -> None:
    described = describe(source_statement=text)
    resource = described.resource.statements
    assert said(resource, "source_statement") == [text]
    assert said(resource, "source_accessed_on") == ([f"{day}T00:00:00Z"] if day else [])
    assert said(resource, "source_accessed_at") == ([address] if address else [])
    assert bool(notes(described, "source_statement")) == (not day and "Accessed" in text)


def test_a_source_seen_before_its_year_is_noted() -> None:
    described = describe(source_statement=f"Internet Resource: Accessed May 1, 2010 at: {SEEN}", issued="2011")
    assert notes(described, "source_statement") == ["The source was seen in 2010, before the year of the record."]


def test_the_data_set_describes_itself() -> None:
    description = dataset.describe(MAPPING.settings, dataset.Facts())
    assert description.name == ("dataset", "dataset")
    assert len(lines(description.statements)) > 50


def test_a_language_that_is_no_tag_is_kept() -> None:
    plain = record()
    item = dataclasses.replace(plain, title=(dataclasses.replace(plain.title[0], language="not a tag"),))
    statements = MAPPING.describe(item).resource.statements
    assert said(statements, "leftovers") == ['Language of "A Study of Something": not a tag']
    assert said(statements, "title") == ["A Study of Something"]


def test_words_for_nothing_are_left_over() -> None:
    described = describe(shelf_number="N/A", countries=["n/a", "Kenya"], uri="None", subjects=["Unknown", "Police"])
    resource = described.resource.statements
    assert said(resource, "leftovers") == ["Shelf Number: N/A", "Country: n/a", "URL: None", "Keywords: Unknown"]
    assert said(resource, "countries") == ["id/place/kenya"] and said(resource, "uri") == []
    assert said(resource, "subjects") == ["id/concept/police"]
    assert notes(described, "shelf_number") == ['"N/A" is taken for a field that is empty; it is kept as given.']


@pytest.mark.parametrize(
    ("keyword", "language"),
    [
        ("Probation", "en"),
        ("Bewährung", "en"),
        ("Пробация", None),
        ("保護観察", None),
        ("DNA-анализ", "en"),
    ],
)
def test_a_keyword_in_another_script_has_no_language(keyword: str, language: str | None) -> None:
    concepts = [it for it in describe(subjects=keyword).descriptions if it.kind == "concept"]
    (label,) = [it.object for it in concepts[0].statements if it.predicate.value.endswith("prefLabel")]
    assert isinstance(label, Literal) and (label.value, label.language) == (keyword, language)


def test_an_address_as_html_writes_it_links_to_what_is_meant() -> None:
    described = describe(uri="http://example.org/x?a=1&amp;b=2")
    assert said(described.resource.statements, "uri") == ["http://example.org/x?a=1&amp;b=2"]
    assert said(described.resource.statements, "formats") == ["http://example.org/x?a=1&b=2"]


def test_no_place_of_publication_is_no_place() -> None:
    resource = describe(place_of_publication=["S.l.", "London"], publication_statement=[]).resource.statements
    assert said(resource, "place_of_publication") == ["London"]
    assert said(resource, "leftovers") == ["Place: S.l."]
