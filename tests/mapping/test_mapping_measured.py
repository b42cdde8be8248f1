"""Real records of many libraries: none stops the mapping, nothing of any is lost, and almost all can be published."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from mapping_fixtures import MAPPING
from pyoxigraph import Literal, NamedNode

from publisher.mapping import Described
from publisher.mapping.terms import clean
from publisher.readers import bibtex, csv_table, ris
from publisher.readers.dublin_core import oai_dc
from publisher.readers.json import data_json, json_lines
from publisher.readers.marc import marc21, marcxml
from publisher.record import Agent, Leftover, Part, Record, Value
from publisher.validation import Validator

SHARED = Path(__file__).parents[3] / "shared" / "data"
MODULES = (marc21, marcxml, oai_dc, ris, bibtex, data_json, json_lines, csv_table)
FOLDERS = (
    "doj-datajson",
    "gpo-cgp",
    "gpo-criminal-justice",
    "lobid-rdf",
    "malformed",
    "marc-samples",
    "nist-techpubs",
    "nusl-greylit",
    "oai-pmh",
    "ris-bibtex",
)
# records made to break readers, and fragments without titles from the tests of reference managers
NOT_WELL_FORMED = {"malformed", "ris-bibtex"}


def records(folder: Path) -> Iterator[Record]:
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            head = stream.read(65_536)
            module = next((module for module in MODULES if module.recognises(head)), None)
            stream.seek(0)
            if module is not None:
                yield from (item for item in module.read(stream, path.name) if isinstance(item, Record))


def values(record: Record) -> Iterator[tuple[str, Value]]:
    """Every value of every attribute, with the attribute's name."""
    for attribute in dataclasses.fields(record):
        found = getattr(record, attribute.name)
        if attribute.name == "notes" or not isinstance(found, tuple):
            continue
        for item in found:
            if isinstance(item, Value):
                yield attribute.name, item
            elif isinstance(item, Agent):
                yield attribute.name, item.heading
            elif isinstance(item, Leftover):
                yield attribute.name, item.value
            elif isinstance(item, Part):
                yield attribute.name, item.title
                for text in (item.number, item.volume, item.pages, item.issn):
                    yield attribute.name, Value(text)


def lost(described: Described) -> list[tuple[str, str]]:
    texts, iris = set(), set()
    for description in described.descriptions:
        texts |= {description.label, description.heading}
        for statement in (*description.statements, *description.provenance):
            if isinstance(statement.object, Literal):
                texts.add(statement.object.value)
            elif isinstance(statement.object, NamedNode):
                iris.add(statement.object.value)
    kept = {" ".join(text.split()) for text in texts}
    kept |= {text.partition(": ")[2] for text in kept}  # "label: value", "scheme: value"
    kept |= {text.partition(": ")[2] for text in kept}  # of a label that has a colon itself
    issns = {text for text in kept if len(text) == 9}  # they are said in their printed form
    issns |= {text.lower() for text in issns}
    kept |= issns | {text.replace("-", "") for text in issns} | {f"{text[:-1]} {text[-1]}" for text in issns}
    kept |= {iri.rpartition("/")[2] for iri in iris if "/iso639-2/" in iri}
    missing = []
    for name, value in values(described.record):
        if " ".join(clean(value.text).split()) not in kept | {""}:
            missing.append((name, value.text))
        missing += [(name, iri) for iri in value.iris if iri not in iris and not any(iri in text for text in texts)]
    return missing


@pytest.mark.parametrize("name", FOLDERS)
def test_real_records(name: str) -> None:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the sample records of {name} are not here")
    validator = Validator("https://lib.example/")
    missing: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    count, batch = 0, []
    found = [record for record in records(folder) if not record.withdrawn]
    for position, record in enumerate(found):
        if not record.shelf_number and not record.record_number:  # it has no address; what else is said of it?
            record = dataclasses.replace(record, record_number=(Value(f"number-{position}"),))
        batch.append(MAPPING.describe(record))
        missing.update(lost(batch[-1]))
        count += 1
        if len(batch) == 1000 or count == len(found):
            for report in validator.validate(batch):
                said = [finding.message for finding in report.findings if finding.severity == "violation"]
                refused.update(said[:1])
            batch = []
    assert count
    assert missing.most_common(5) == []
    assert set(refused) <= {"A record needs exactly one title."}
    if name not in NOT_WELL_FORMED:
        assert refused.total() <= max(1, count / 100), refused
