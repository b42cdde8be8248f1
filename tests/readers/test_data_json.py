"""data.json: data sets of a DCAT-US catalogue; nothing that they say is lost."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from publisher.readers.json import data_json, json_lines
from publisher.record import Agent, Fault, Record, Value

JUSTICE = ROOT.parent / "shared" / "data" / "doj-datajson" / "justice-datasets.json"

DATASET: dict[str, Any] = {
    "@type": "dcat:Dataset",
    "accessLevel": "public",
    "contactPoint": {"@type": "vcard:Contact", "fn": "Ask Us", "hasEmail": "mailto:ask@jails.example"},
    "dataQuality": False,
    "description": "An invented survey\r\nof jails.\r\n\r\nSecond paragraph.",
    "distribution": [
        {"@type": "dcat:Distribution", "accessURL": "https://doi.org/10.5555/JAILS1.v1", "title": "The survey"},
        {"@type": "dcat:Distribution", "downloadURL": "https://jails.example/1.csv", "mediaType": "text/csv"},
    ],
    "identifier": "54",
    "isPartOf": "2586",
    "issued": "2011-05-11T11:32:42",
    "keyword": ["jails", "probation"],
    "language": ["eng"],
    "license": "http://www.usa.gov/publicdomain/label/1.0/",
    "publisher": {
        "@type": "org:Organization",
        "name": "Bureau of Invented Statistics",
        "subOrganizationOf": {"id": 22, "name": "Office of Invented Programs"},
    },
    "spatial": "United States",
    "temporal": "2003-10-01/2010-09-30",
    "title": "Survey of Jails, 2009",
}


def read(text: str) -> list[Record | Fault]:
    return list(data_json.read(io.BytesIO(text.encode()), "data.json"))


def records(text: str) -> list[Record]:
    found = [item for item in read(text) if isinstance(item, Record)]
    assert found
    return found


def test_every_field_of_a_data_set() -> None:
    (record,) = records(json.dumps([DATASET]))
    assert [value.text for value in record.title] == ["Survey of Jails, 2009"]
    assert record.record_number == (Value("54", 1, 1, scheme="data.json"),)
    assert record.types == (Value("dcat:Dataset", 1, 1, scheme="dcat"),)
    assert record.description[0].text == "An invented survey of jails.\n\nSecond paragraph."
    assert [value.text for value in record.subjects] == ["jails", "probation"]
    assert record.publishers == (Agent(Value("Bureau of Invented Statistics", 1, 1), "organisation"),)
    assert record.issued[0].text == "2011-05-11T11:32:42"
    assert record.languages[0].text == "eng"
    assert record.countries[0].text == "United States"
    assert record.temporal[0].text == "2003-10-01/2010-09-30"
    assert record.rights[0].iris == ("http://www.usa.gov/publicdomain/label/1.0/",)
    assert [value.text for value in record.uri] == ["https://doi.org/10.5555/JAILS1.v1", "https://jails.example/1.csv"]
    assert [(value.text, value.scheme) for value in record.identifiers] == [
        ("https://doi.org/10.5555/JAILS1.v1", "doi")
    ]
    assert {(left.label, left.value.text) for left in record.leftovers} == {
        ("accessLevel", "public"),
        ("contactPoint.fn", "Ask Us"),
        ("contactPoint.hasEmail", "mailto:ask@jails.example"),
        ("dataQuality", "false"),
        ("distribution.title", "The survey"),
        ("distribution.mediaType", "text/csv"),
        ("isPartOf", "2586"),
        ("publisher.subOrganizationOf.id", "22"),
        ("publisher.subOrganizationOf.name", "Office of Invented Programs"),
    }


@pytest.mark.parametrize("indent", [None, 1, 2])
def test_a_whole_catalogue(indent: int | None) -> None:
    catalogue = {
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [DATASET, DATASET | {"identifier": "55"}],
        "title": "after the list",
    }
    text = json.dumps(catalogue, indent=indent)
    assert data_json.recognises(text.encode())
    assert not json_lines.recognises(text.encode())
    found = read(text)
    assert [item.record_number[0].text for item in found if isinstance(item, Record)] == ["54", "55"]
    assert len(found) == 2
    if indent == 1:
        lines = text.splitlines()
        for item in found:
            assert isinstance(item, Record)
            assert lines[item.source.first_line - 1].strip() == "{"
            assert (
                item.source.text.splitlines()
                == [
                    line if at else line.strip()
                    for at, line in enumerate(lines[item.source.first_line - 1 : item.source.last_line])
                ]
                or lines[item.source.last_line - 1].strip() == "},"
            )


def test_a_broken_data_set_is_reported_and_the_next_one_read() -> None:
    good = json.dumps(DATASET, indent=1)
    broken = good.replace('"issued"', "issued")
    items = read(f"[\n{good},\n{broken},\n{good}\n]")
    assert [type(item) for item in items] == [Record, Fault, Record]
    fault = items[1]
    assert isinstance(fault, Fault)
    assert fault.first_line == 2 + good.count("\n") + 1


@pytest.mark.parametrize("text", ['{"dataset": []}', "[]", '{"conformsTo": "x"}', '{"dataset": [', ""])
def test_a_catalogue_without_data_sets(text: str) -> None:
    (fault,) = read(text)
    assert isinstance(fault, Fault)
    assert "no data set" in fault.message


def test_publishers_without_a_type_are_of_no_kind() -> None:
    (record,) = records(json.dumps([DATASET | {"publisher": {"name": "A. Person"}}]))
    assert record.publishers[0].kind == ""
    (record,) = records(json.dumps([DATASET | {"publisher": "A body"}]))
    assert record.publishers[0].heading.text == "A body"


@pytest.mark.skipif(not JUSTICE.exists(), reason="the Department of Justice's records are not beside the project")
def test_nothing_of_the_justice_records_is_lost() -> None:
    assert data_json.recognises(JUSTICE.read_bytes()[:65_536])
    with JUSTICE.open("rb") as stream:
        found = list(data_json.read(stream, "justice"))
    given = json.loads(Path(JUSTICE).read_bytes())
    assert len(found) == len(given) == 123
    for item, data in zip(found, given, strict=True):
        assert isinstance(item, Record)
        assert json.loads(item.source.text) == data
        kept = {" ".join(text.split()) for text in texts_of_record(item)}
        for label, text in json_lines.texts_of("", data):
            assert label.endswith("@type") or " ".join(text.split()) in kept, (label, text)


def texts_of_record(record: Record) -> list[str]:
    found = [left.value.text for left in record.leftovers]
    for name in Record.__dataclass_fields__:
        items = getattr(record, name)
        if isinstance(items, tuple):
            for item in items:
                if isinstance(item, Agent):
                    found.append(item.heading.text)
                elif isinstance(item, Value):
                    found.append(item.text)
    return found
