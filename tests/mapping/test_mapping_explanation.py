"""The explanation of a record's statements: Turtle that says the same, each statement under its field and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from mapping_fixtures import DATA, MAPPING, record
from pyoxigraph import RdfFormat, Triple, parse

from publisher import readers
from publisher.mapping.explanation import explain
from publisher.record import Record

FILES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.suffix not in (".md", ".toml"))


def explained(*records: Record) -> str:
    described = (MAPPING.describe(item, explain=True) for item in records)
    return "\n".join(explain(MAPPING.addresses.base, MAPPING.context, described))


def under(text: str, heading: str) -> list[str]:
    """The statements under the first comment that begins so."""
    block = next(block for block in text.split("\n\n") if block.startswith(f"# {heading}"))
    return block.split("\n")[1:]


def test_every_statement_stands_under_its_field_and_line() -> None:
    (seed,) = [item for item in readers.read(DATA / "record-page.txt", "page.txt") if isinstance(item, Record)]
    text = explained(seed)
    assert "# page.txt:13, 123404" in text
    assert '# Author, line 13: "Great Britain: HMI Probation"' in text
    year = under(text, 'Year, line 23: "2011"')
    assert year == ['<id/resource/123404> dcterms:issued "2011"^^xsd:gYear .']
    author = under(text, "Author, line 13")
    assert "<id/resource/123404> dcterms:creator <id/agent/great-britain-hmi-probation> ." in author
    assert '<id/agent/great-britain> foaf:name "Great Britain" .' in author
    details = under(text, "Details, line 19")
    assert '<id/resource/123404> bibo:numPages "50"^^xsd:integer .' in details
    assert "<doc/resource/123404> a foaf:Document ." in under(text, "of every description")


def test_a_date_that_the_details_give_comes_from_the_details() -> None:
    text = explained(record(issued=[]))
    assert any("dcterms:issued" in line for line in under(text, "Details, line 15"))


def test_a_value_cannot_end_its_comment() -> None:
    text = explained(record(title='A Study\n<x> <y> "z" .\rof Something'))
    assert '# Title, line 12: "A Study <x> <y> "z" . of Something"' in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_explanation_says_what_the_mapping_says(path: Path) -> None:
    records = [item for item in readers.read(path, path.name) if isinstance(item, Record)]
    plain: set[Triple] = set()
    for item in records:
        for description in MAPPING.describe(item).descriptions:
            plain |= {*description.statements, *description.provenance}
    text = explained(*records)
    found = {
        Triple(quad.subject, quad.predicate, quad.object)
        for quad in parse(text.encode(), format=RdfFormat.TURTLE, rename_blank_nodes=False)
    }
    assert found == plain
