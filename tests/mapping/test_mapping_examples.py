"""Source records beside the triples that they become: add NAME.<ext> and NAME.ttl to `tests/examples` for one more."""

from __future__ import annotations

from pathlib import Path

import pytest
from mapping_fixtures import MAPPING
from rdflib import Graph
from rdflib.compare import graph_diff, to_isomorphic

from publisher.mapping import lines
from publisher.readers import bibtex, csv_table, result_page, ris
from publisher.readers.dublin_core import oai_dc
from publisher.readers.json import json_lines
from publisher.readers.marc import marcxml
from publisher.record import Record
from publisher.validation import Validator

EXAMPLES = Path(__file__).parents[1] / "examples"
READ = {
    ".bib": bibtex.read,
    ".csv": csv_table.read,
    ".jsonl": json_lines.read,
    ".marcxml": marcxml.read,
    ".ris": ris.read,
    ".txt": result_page.read,
    ".xml": oai_dc.read,
}
PAIRS = sorted(path for path in EXAMPLES.iterdir() if path.suffix in READ)
VALIDATOR = Validator("https://lib.example/")


def only_record(path: Path) -> Record:
    with path.open("rb") as stream:
        (record,) = [item for item in READ[path.suffix](stream, path.name) if isinstance(item, Record)]
    return record


def test_there_are_examples() -> None:
    assert {path.suffix for path in PAIRS} >= {".bib", ".csv", ".jsonl", ".marcxml", ".ris", ".txt", ".xml"}
    assert len(PAIRS) >= 13


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name)
def test_a_record_becomes_its_triples(path: Path) -> None:
    found, expected = Graph(), Graph().parse(path.with_suffix(".ttl"))
    for description in MAPPING.describe(only_record(path)).descriptions:
        statements = [*description.statements, *description.provenance]
        if description.kind != "resource":  # the documents about agents and their like say the same of themselves
            document = MAPPING.addresses.document(*description.name)
            statements = [statement for statement in statements if str(statement.subject) != f"<{document}>"]
        found.parse(data="\n".join(lines(statements)), format="nt")
    _, only_expected, only_found = graph_diff(to_isomorphic(expected), to_isomorphic(found))
    assert (sorted(only_expected), sorted(only_found)) == ([], [])


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name)
def test_the_examples_are_fit_to_be_published(path: Path) -> None:
    (report,) = VALIDATOR.validate([MAPPING.describe(only_record(path))])
    assert not report.refused, report.findings
