"""JSON Lines: the exchange form of a Record, what is wrong in it, and its schema."""

from __future__ import annotations

import io
import json
import tracemalloc
from dataclasses import asdict
from typing import Any

import jsonschema
import pytest
from conftest import DATA

from publisher.readers.json import json_lines
from publisher.record import Agent, Fault, Part, Record, Value

SAMPLE = DATA / "formats" / "sample.jsonl"


def read(text: str | bytes) -> list[Record | Fault]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(json_lines.read(io.BytesIO(data), "f.jsonl"))


def one(text: str | bytes | dict[str, Any]) -> Record:
    (item,) = read(json.dumps(text) if isinstance(text, dict) else text)
    assert isinstance(item, Record), item
    return item


def fault(text: str | dict[str, Any]) -> Fault:
    (item,) = read(json.dumps(text) if isinstance(text, dict) else text)
    assert isinstance(item, Fault), item
    return item


def test_the_sample_is_four_good_records() -> None:
    records = read(SAMPLE.read_bytes())
    assert [record.record_number[0].text for record in records if isinstance(record, Record)] == [
        "INV-2001",
        "INV-2002",
        "INV-2003",
        "INV-2004",
    ]
    assert not any(record.notes or record.leftovers for record in records if isinstance(record, Record))
    assert json_lines.recognises(SAMPLE.read_bytes())


def test_the_sample_is_valid_by_the_schema() -> None:
    validator = jsonschema.Draft202012Validator(json_lines.schema())
    validator.check_schema(json_lines.schema())
    for line in SAMPLE.read_text("utf-8").splitlines():
        validator.validate(json.loads(line))


@pytest.mark.parametrize(
    "data",
    [
        {"titel": "x"},
        {"title": {"language": "en"}},
        {"title": True},
        {"title": [["x"]]},
        {"withdrawn": "yes"},
        {"creators": {"heading": "x", "kind": "robot"}},
        {"creators": {"kind": "person"}},
        {"leftovers": "x"},
        {},
    ],
    ids=str,
)
def test_the_schema_refuses_what_the_reader_reports(data: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(json_lines.schema()).validate(data)


def test_the_schema_has_every_attribute() -> None:
    properties = json_lines.schema()["properties"]
    assert set(properties) == set(Record.__dataclass_fields__)
    assert json.loads(json.dumps(json_lines.schema())) == json_lines.schema()


def test_values_are_texts_or_objects() -> None:
    record = one(
        {
            "title": "A title",
            "alternative": ["B", {"text": "C", "language": "fr", "scheme": "s", "iris": ["http://e.example/1"]}],
            "issued": 2011,
            "creators": ["Smith, Ann", {"text": "Doe, J.", "iris": "http://e.example/2"}],
            "contributors": {"heading": {"text": "HMI"}, "kind": "organisation", "role": "edt"},
            "is_part_of": ["Series", {"title": "Journal", "kind": "journal", "volume": 3}],
            "withdrawn": False,
            "abstract": None,
            "rights": "",
        }
    )
    assert record.title == (Value("A title", 1, 1),)
    assert record.alternative == (Value("B", 1, 1), Value("C", 1, 1, "fr", "s", ("http://e.example/1",)))
    assert record.issued == (Value("2011", 1, 1),)
    assert record.creators == (
        Agent(Value("Smith, Ann", 1, 1)),
        Agent(Value("Doe, J.", 1, 1, iris=("http://e.example/2",))),
    )
    assert record.contributors == (Agent(Value("HMI", 1, 1), "organisation", "edt"),)
    assert record.is_part_of == (Part(Value("Series", 1, 1)), Part(Value("Journal", 1, 1), "journal", volume="3"))
    assert record.abstract == record.rights == ()
    assert not record.notes


def test_what_a_record_is_written_as_is_read_as_the_same_record() -> None:
    record = one(SAMPLE.read_text("utf-8").splitlines()[0])
    data = asdict(record)
    source = data.pop("source")
    text = json.dumps(data)
    again = one(text)
    assert asdict(again) | {"source": source} == asdict(record)
    with_source = one(json.dumps(asdict(record)))
    assert not with_source.notes
    assert {left.label for left in with_source.leftovers} >= {"source.file", "source.format"}


def test_unknown_attributes_are_leftovers_with_a_hint() -> None:
    record = one({"title": {"text": "T", "lang": "en"}, "Author": "Smith", "titel": ["x", {"y": 1.5}], "zzz": True})
    assert [(left.label, left.value.text) for left in record.leftovers] == [
        ("title.lang", "en"),
        ("Author", "Smith"),
        ("titel", "x"),
        ("titel.y", "1.5"),
        ("zzz", "true"),
    ]
    messages = {note.field: note.message for note in record.notes}
    assert "nearest is language" in messages["lang"]
    assert "nearest is creators" in messages["Author"]
    assert "nearest is title" in messages["titel"]
    assert "nearest" not in messages["zzz"]


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ('{"title": 1.5}', "title", "title must be a text, not a number"),
        ('{"title": true}', "title", "not true or false"),
        ('{"title": ["a", ["b"]]}', "title", "title[1] must be a text, not a list"),
        ('{"title": "a", "creators": {"name": "x"}}', "creators", 'creators lacks "heading"'),
        ('{"creators": {"heading": "x", "kind": "robot"}}', "creators", 'must be one of "person"'),
        ('{"withdrawn": "yes"}', "withdrawn", "true or false"),
        ('{"notes": "x"}', "notes", "notes must be an object"),
        ('{"title": "a"', "", "no JSON"),
        ('{"title": "a", "title": "b"}', "", '"title" stands twice'),
        ('{"title": NaN}', "", "NaN"),
        ('{"title": ' + "[" * 100_000 + "}", "", "nested too deeply"),
        ('{"title": ' + "9" * 5000 + "}", "", "digits"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_is_said_with_line_and_field(text: str, field: str, words: str) -> None:
    good = '{"title": "good"}'
    items = read(f"{good}\n\n{text}\n{good}\n")
    assert [type(item) for item in items] == [Record, Fault, Record]
    found = items[1]
    assert isinstance(found, Fault)
    assert (found.first_line, found.field) == (3, field)
    assert words in found.message
    assert found.message.startswith("f.jsonl:3: ")


def test_a_line_that_is_no_object() -> None:
    items = read('{"title": "a"}\n[1, 2]\n"text"\n{"title": "b"}')
    assert [type(item) for item in items] == [Record, Fault, Fault, Record]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", "[1, 2]", "\ufeff"])
def test_a_file_without_objects(text: str) -> None:
    assert "no JSON object" in fault(text).message


ARRAYS = {
    "pretty": json.dumps([{"title": "A", "creators": [{"heading": "X ]}{["}]}, {"title": 'B\n\\"'}], indent=2),
    "compact": json.dumps([{"title": "A", "creators": [{"heading": "X ]}{["}]}, {"title": 'B\n\\"'}]),
    "lines": '[{"title": "A"},\n{"title": "B\\n\\\\\\""}]',
    "one after the other": '{\n "title": "A"\n}\n{\n "title": "B\\n\\\\\\""\n}',
}


@pytest.mark.parametrize("text", ARRAYS.values(), ids=ARRAYS)
@pytest.mark.parametrize("chunk", [1, 7, 1 << 18])
def test_arrays(text: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.readers.text.decoding.CHUNK", chunk)
    items = read(text)
    assert [item.title[0].text for item in items if isinstance(item, Record)] == ["A", 'B\n\\"']
    assert len(items) == 2


def test_lines_of_the_objects_of_an_array() -> None:
    items = read(ARRAYS["pretty"])
    lines = [(item.source.first_line, item.source.last_line) for item in items if isinstance(item, Record)]
    assert lines == [(2, 9), (10, 12)]


@pytest.mark.parametrize(
    "broken",
    ['{\n  "title": "x",\n }', '{\n  "title": "x\n }', '{\n  "title": {"text": "x"\n }', '{\n  "title": "x"'],
    ids=["comma", "quote", "brace", "end"],
)
def test_a_broken_object_in_an_array_leaves_the_others(broken: str) -> None:
    items = read(f'[\n {{\n  "title": "a"\n }},\n {broken},\n {{\n  "title": "b"\n }}\n]')
    assert [item.title[0].text for item in items if isinstance(item, Record)] == ["a", "b"]
    assert [item.first_line for item in items if isinstance(item, Fault)] == [5]


def test_what_stands_between_the_objects_is_reported() -> None:
    items = read('[{"title": "a"}}, "title": "lost", {"title": "b"}]')
    assert [type(item) for item in items] == [Record, Fault, Record]


def test_a_file_that_was_cut() -> None:
    items = read('{"title": "a"}\n{"title": "b')
    assert [type(item) for item in items] == [Record, Fault]
    items = read('[{"title": "a"}, {"title": "b')
    assert [type(item) for item in items] == [Record, Fault]


def test_encodings() -> None:
    line = '{"title": "Große Fälle", "issued": "2011"}'
    for encoding in ("utf-8-sig", "utf-16"):
        assert json_lines.recognises(line.encode(encoding))
        assert one(line.encode(encoding)).title[0].text == "Große Fälle"
    record, note = read(line.encode("windows-1252"))
    assert isinstance(record, Record)
    assert isinstance(note, Fault)
    assert record.title[0].text == "Große Fälle"
    assert note.severity == "warning"


def test_a_lone_surrogate_is_a_lost_character() -> None:
    record = one('{"title": "a\\ud800b", "x": "\\udfff"}')
    assert record.title[0].text == "a\ufffdb"
    assert record.leftovers[0].value.text == "\ufffd"
    assert record.notes[0].field == "title"


@pytest.mark.parametrize(
    ("head", "known"),
    [
        ('{"title": "x", "creators": []}', True),
        ('[\n  {"record_number": "1", "withdrawn": true}]', True),
        ('{"title": "x"}', False),
        ('{"@context": "x", "title": "x", "subjects": []}', False),
        ('{"a": 1, "b": 2}', False),
        ("Author: x\nTitle: y", False),
        ("title,creators\n", False),
    ],
)
def test_recognises(head: str, known: bool) -> None:
    assert json_lines.recognises(head.encode()) is known


@pytest.mark.parametrize("is_array", [False, True])
def test_memory_does_not_grow_with_the_file(is_array: bool) -> None:
    line = SAMPLE.read_bytes().splitlines()[0]

    class Long(io.RawIOBase):
        left = 3000

        def read(self, size: int = -1) -> bytes:
            if not self.left:
                return b""
            self.left -= 100
            start = b"[" if is_array and self.left == 2900 else b""
            return start + (line + (b"," if is_array else b"\n")) * 100

    tracemalloc.start()
    try:
        count = sum(isinstance(item, Record) for item in json_lines.read(Long(), "long"))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3000
    assert peak < 2_000_000
