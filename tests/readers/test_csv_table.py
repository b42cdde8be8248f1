"""CSV tables: the sample, columns guessed and told, the odd forms of real exports, rows that cannot be relied on."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_fixtures import leftovers, texts

from publisher import readers, resources
from publisher.readers import csv_table
from publisher.readers.csv_table import columns
from publisher.record import Fault, Record

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "formats" / "sample.csv"


def read(text: str | bytes, name: str = "list.csv") -> tuple[list[Record], list[Fault]]:
    data = text if isinstance(text, bytes) else text.encode()
    given = list(csv_table.read(io.BytesIO(data), name))
    return [it for it in given if isinstance(it, Record)], [it for it in given if isinstance(it, Fault)]


def told(folder: Path, text: str | bytes, toml: str, beside: str = "list.toml") -> tuple[list[Record], list[Fault]]:
    """What is read of a file that has a mapping beside it."""
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / beside).write_text(toml, "utf-8")
    with path.open("rb") as stream:
        given = list(csv_table.read(stream, "list.csv"))
    return [it for it in given if isinstance(it, Record)], [it for it in given if isinstance(it, Fault)]


def titles(records: list[Record]) -> list[str]:
    return [text for record in records for text in texts(record, "title")]


# The sample


def test_sample() -> None:
    records, faults = read(SAMPLE.read_bytes())
    assert [fault.severity for fault in faults] == ["info"]
    assert [texts(record, "shelf_number") for record in records] == [["300101"], ["300102"], ["300103"], ["300104"]]
    first, second, third, _ = records
    assert texts(first, "creators") == ["Adeyemi, Ruth", "Castellan, Piero"]
    assert texts(first, "subjects") == ["Community Policing", "Wardens", "Evaluation"]
    assert titles([second]) == ['The "Second Meeting": Families at Parole Hearings']
    assert texts(second, "creators") == ["Canada: Invented Parole Service"]
    assert texts(second, "abstract")[0].endswith("to be told.\n\nWith the text of the leaflet.")
    assert [(it.text, it.scheme) for it in third.identifiers] == [("978-0-00-000002-6", "isbn")]
    assert all((record.leftovers, record.notes) == ((), ()) for record in records)
    assert (second.source.first_line, second.source.last_line, second.source.position) == (3, 5, 2)
    assert second.source.text.startswith("Shelf Number: 300102\nAuthor: Canada: Invented Parole Service\nTitle: The")
    assert (second.source.format, second.source.media_type) == ("csv_table", "text/plain")
    assert third.title[0].first_line == 6


def test_every_value_of_the_sample_is_kept() -> None:
    records, _ = read(SAMPLE.read_bytes())
    rows = list(csv.DictReader(io.StringIO(SAMPLE.read_text("utf-8"), newline="")))
    count = 0
    for record, row in zip(records, rows, strict=True):
        kept = repr(dataclasses.replace(record, source=None))
        for cell in filter(None, row.values()):
            for piece in re.split(r"[;\n]+\s*", cell):
                assert repr(piece)[1:-1] in kept
                count += 1
    assert count == 53


def test_the_guess_is_told() -> None:
    _, faults = read("Shelf No,Title,Colour\n1,A,red\n")
    message = faults[0].message
    assert '"Shelf No" is shelf_number; "Title" is title' in message
    assert 'Kept aside: "Colour"' in message
    assert "list.toml" in message and "commas" in message
    assert faults[0].first_line == 1


def test_known_headings_lead_to_attributes() -> None:
    rows = resources.table("ontology/columns.csv")
    assert len({columns.fold(row["heading"]) for row in rows}) >= len(rows) - 6  # "Shelf No" and "Shelf No."
    assert all(row["attribute"] and columns.is_target(row["attribute"]) for row in rows)
    folded: dict[str, str] = {}
    for row in rows:
        assert folded.setdefault(columns.fold(row["heading"]), row["attribute"]) == row["attribute"]


def test_unknown_columns_are_left_over() -> None:
    records, _ = read("Title,Colour,\nA,red,x\n")
    assert leftovers(records[0]) == [("Colour", "red"), ("column 3", "x")]


def test_bars_round_a_row_are_no_cells() -> None:
    records, _ = read("|Title|Year|Pages|\n|A|2011||\n||2012|5p.|\n")
    assert [(titles([it]), texts(it, "issued")) for it in records] == [(["A"], ["2011"]), ([], ["2012"])]
    records, _ = read("Pages|Title|Year\n|A|\n5p.|B|2012\n")
    assert titles(records) == ["A", "B"]


# The file beside the data

TOML = """
[columns]
"Nr" = "shelf_number"
"Wer" = "creators"
"Was" = "title"
"Heft" = "is_part_of.number"
"In" = "is_part_of.journal"
"Hg." = "contributors.edt"
"ISBN" = "identifiers.isbn"
"Title" = ""

[options]
separator = "/"
"""


@pytest.mark.parametrize("name", ["list.toml", "columns.toml"])
def test_columns_are_told(tmp_path: Path, name: str) -> None:
    text = "Nr;Wer;Was;Heft;In;Hg.;ISBN;Title\n7;Holt, B./Vance, O.;A;3;J;Quist, A.;1;kept aside\n"
    records, faults = told(tmp_path, text, TOML, name)
    assert faults == []
    (record,) = records
    assert (texts(record, "shelf_number"), titles(records)) == (["7"], ["A"])
    assert texts(record, "creators") == ["Holt, B.", "Vance, O."]
    assert [(part.title.text, part.kind, part.number) for part in record.is_part_of] == [("J", "journal", "3")]
    assert [(it.heading.text, it.role) for it in record.contributors] == [("Quist, A.", "edt")]
    assert [(it.text, it.scheme) for it in record.identifiers] == [("1", "isbn")]
    assert leftovers(record) == [("Title", "kept aside")]


def test_options(tmp_path: Path) -> None:
    text = "Liste\n1\n2\n7^Caf\u00e9^-\n8^B^x\n".encode("cp850")
    toml = """
    [columns]
    "Nr" = "shelf_number"
    "Was" = "title"
    "Wer" = "creators"
    [options]
    delimiter = "^"
    encoding = "cp850"
    skip_lines = 3
    headings = ["Nr", "Was", "Wer"]
    empty = ["-"]
    """
    records, faults = told(tmp_path, text, toml)
    assert [fault.severity for fault in faults] == ["info"] and "lines that were not read: 1, 2, 3" in faults[0].message
    assert [(titles([it]), texts(it, "creators")) for it in records] == [(["Café"], []), (["B"], ["x"])]
    assert records[0].source.first_line == 4


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[columns]\n"Title" = "titel"', "no such attribute"),
        ('[columns]\n"Title" = "is_part_of.colour"', "no such attribute"),
        ('[columns]\n"Title" = 3', "no such attribute"),
        ('[options]\nskip_lines = "3"', "no option"),
        ("[options]\ncolour = 1", "no option"),
        ('[options]\ndelimiter = ",,"', "one character"),
        ('[options]\nencoding = "klingon"', "no encoding"),
        ('[column]\n"Title" = "title"', "below [columns]"),
        ("[columns", "cannot be read"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, toml: str, words: str) -> None:
    records, faults = told(tmp_path, "Title\nA\n", toml)
    assert records == [] and [fault.severity for fault in faults] == ["violation"]
    assert words in faults[0].message and "list.toml" in faults[0].message


def test_columns_that_are_not_there(tmp_path: Path) -> None:
    records, faults = told(tmp_path, "Title,Year\nA,2011\n", '[columns]\n"Title" = "title"\n"Shelf" = "shelf_number"\n')
    assert titles(records) == ["A"] and leftovers(records[0]) == [("Year", "2011")]
    assert [fault.severity for fault in faults] == ["warning"] and '"shelf"' in faults[0].message


# Forms of real exports


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    text = "\n".join(
        delimiter.join(row) for row in [("Title", "Year", "Pages"), ("A, B; C", "2011", "5p."), ("D", "1", "2")]
    )
    if delimiter in ",;":
        text = text.replace("A, B; C", '"A, B; C"')
    records, _ = read(text)
    assert titles(records) == ["A, B; C", "D"] and texts(records[0], "issued") == ["2011"]
    assert csv_table.recognises(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nTitle;Year\nA;2011\nB;2012\n",
        "Export of the catalogue, 1 May 2011\n\nTitle,Year\nA,2011\nB,2012\n",
        "----\n| *Title* | *Year* |\n|:---|:---|\n| A | 2011 |\n| B | 2012 |\n",
        "\ufeffTitle,Year\r\nA,2011\r\n,\r\n\r\nB,2012\r\n",
        'Title,Year\nA,2011\nTitle,Year\nB,2012\n"",""\n',
        "Title,Year,,\nA,2011,,\nB,2012,,\n",
        "Title\tYear\nA\t2011\n \t \nB\t2012",
    ],
    ids=["hint", "preamble", "Markdown", "mark and CRLF", "headings again", "empty columns", "tabs"],
)
def test_ways_of_writing(text: str) -> None:
    records, faults = read(text)
    assert [(titles([it]), texts(it, "issued")) for it in records] == [(["A"], ["2011"]), (["B"], ["2012"])]
    assert {fault.severity for fault in faults} == {"info"}
    assert all(record.notes == () for record in records)


GPO = """\
----
| *Title* | *CGP* | *Author* | *Date* | *SuDoc*
|:-----------------|:-----------------|:-----------------|:-----------------|:-----------------
"The "Bristol rule" on payment of costs.",101,https://a.example/F/?doc=101&base=1,"Shroff, K.",1996,LC 1:EN 3/10
""Cards" and "books" in the "north".",102,https://a.example/F/?doc=102&base=1,"No data",1971,LC 1:ID 2
"The spot "resolutions."",103,https://a.example/F/?doc=103&base=1,"Fisher, L.",2009,LC 1:M 57/13
"Comments on "human rights," Ch'i tai, no. 8",104,https://a.example/F/?doc=104&base=1,"Hsia, T.",1978,LC 1:H 88
"Plain.",105,https://a.example/F/?doc=105&base=1,"Hsia, T.",1979,LC 1:H 89
"""


def test_headings_that_are_not_those_of_the_rows_are_refused() -> None:
    records, faults = read(GPO)
    assert records == [] and [fault.severity for fault in faults] == ["violation"]
    assert "headings are 5" in faults[0].message and "6 cells" in faults[0].message
    assert "headings = [...]" in faults[0].message and faults[0].first_line == 2


def test_quotes_that_are_not_doubled(tmp_path: Path) -> None:
    toml = """
    [columns]
    Title = "title"
    CGP = "record_number"
    URL = "uri"
    Author = "creators"
    Date = "issued"
    SuDoc = "identifiers.sudoc"
    [options]
    skip_lines = 3
    headings = ["Title", "CGP", "URL", "Author", "Date", "SuDoc"]
    """
    records, faults = told(tmp_path, GPO, toml)
    assert [fault.severity for fault in faults] == ["info"]
    assert titles(records) == [
        'The "Bristol rule" on payment of costs.',
        '"Cards" and "books" in the "north".',
        'The spot "resolutions."',
        'Comments on "human rights," Ch\'i tai, no. 8',
        "Plain.",
    ]
    assert [texts(record, "record_number") for record in records] == [[str(number)] for number in range(101, 106)]
    assert [texts(record, "creators") for record in records][1] == []  # "No data"
    assert [len(record.notes) for record in records] == [1, 1, 1, 1, 0]
    assert [record.source.first_line for record in records] == [4, 5, 6, 7, 8]


def test_headings_twice() -> None:
    records, faults = read("Title,Author,Author\nA,Holt,Vance\n")
    assert texts(records[0], "creators") == ["Holt", "Vance"]
    assert [(fault.severity, "author" in fault.message.lower()) for fault in faults] == [
        ("warning", True),
        ("info", True),
    ]


def test_lists_as_programs_write_them() -> None:
    records, _ = read("Title,Authors,URL\nA,\"['Marx, K.', 'Lind, A.']\",http://a.example/ http://b.example/;c\n")
    assert texts(records[0], "creators") == ["Marx, K.", "Lind, A."]
    assert texts(records[0], "uri") == ["http://a.example/", "http://b.example/;c"]


def test_values_between_bars() -> None:
    records, _ = read("Title;Land;Schlagwörter\nA;Kenya;Police|Prisons\n")
    assert texts(records[0], "subjects") == ["Police", "Prisons"] and texts(records[0], "countries") == ["Kenya"]


def test_place_in_nothing() -> None:
    records, _ = read("Title,Volume,ISSN\nA,3,2999-0017\n")
    assert leftovers(records[0]) == [("Volume", "3")]
    assert [(it.text, it.scheme) for it in records[0].identifiers] == [("2999-0017", "issn")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows-1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    data = "Title\tYear\r\nCafé Århus\t2011\r\n".encode(encoding)
    assert csv_table.recognises(data)
    assert titles(read(data)[0]) == ["Café Århus"]


# Rows that cannot be relied on


def test_too_many_cells() -> None:
    records, faults = read("Title,Year\nA,2011\nB, with a comma,2012\nC,2013\n")
    assert titles(records) == ["A", "C"]
    assert [(fault.first_line, fault.severity) for fault in faults][1:] == [(3, "violation")]
    assert "3 cells under 2 headings" in faults[1].message


def test_too_few_cells() -> None:
    records, _ = read("Title,Year,Pages\nA,2011,5\nB\nC,2013,7\n")
    assert titles(records) == ["A", "B", "C"]
    assert [[note.first_line for note in record.notes] for record in records] == [[], [3], []]


def test_a_quote_without_end_costs_one_row() -> None:
    records, faults = read('Title,Year\nA,2011\n"B,2012\nC,2013\n"D, E",2014\n')
    assert titles(records) == ["A", "C", "D, E"]
    assert [fault.first_line for fault in faults if fault.severity == "violation"] == [3]


def test_cut_in_the_middle_of_a_value() -> None:
    data = SAMPLE.read_bytes()
    records, faults = read(data[: data.index(b"it saved")])
    assert (len(records), faults[-1].first_line, faults[-1].severity) == (3, 7, "violation")


def test_a_huge_cell() -> None:
    records, _ = read("Title,Year,Abstract\nA,2011," + "word " * 100_000 + "\n")
    assert len(texts(records[0], "abstract")[0]) == 499_999


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("Title,Year\n", "no row"),
        ("Colour,Size\nred,5\n", "none of the headings is known"),
        ("Once upon a time, there was a file.\nIt had two lines, no more.\n", "none of the headings is known"),
    ],
)
def test_no_table(text: str, words: str) -> None:
    records, faults = read(text)
    assert records == [] and words in faults[-1].message


@pytest.mark.parametrize(
    "text",
    [
        "Once upon a time, there was a file.\nIt had two lines, no more.\n",
        "Title, author and year are fields.\nTitle, author, year: these, and no more, are needed.\n",
        "Title: A\nAuthor: B, C\nYear: 2011\n",
        "Title\nA\nB\n",
        "Title,Year\n",
        '{"title": "A", "year": 2011}\n',
        "@book{a, title = {A}, year = 2011}\n",
        "Colour,Size\nred,5\n",
    ],
)
def test_does_not_recognise(text: str) -> None:
    assert not csv_table.recognises(text.encode())


def test_recognises_nothing_else() -> None:
    for path in [*DATA.rglob("*.txt"), *DATA.rglob("*.html"), *DATA.rglob("*.bib"), *DATA.rglob("*.ris")]:
        assert not csv_table.recognises(path.read_bytes()[: readers.HEAD]), path
    assert csv_table.recognises(SAMPLE.read_bytes())


@given(st.binary(max_size=200), st.integers(0, 1500), st.integers(0, 60))
def test_whatever_happens_to_a_file(noise: bytes, start: int, length: int) -> None:
    data = SAMPLE.read_bytes()
    data = data[:start] + noise + data[start + length :]
    found: list[Any] = list(csv_table.read(io.BytesIO(data), "f"))
    assert found and all(isinstance(item, Record | Fault) for item in found)


def test_a_large_file_stays_out_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as stream:
        stream.write("Shelf Number,Title,Summary\n")
        for number in range(3_000):
            stream.write(f"{number},Report {number},{'word ' * 400}\n")
    tracemalloc.start()
    try:
        with path.open("rb") as source:
            count = sum(1 for item in csv_table.read(source, "f") if isinstance(item, Record))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3_000
    assert peak < 3_000_000 < path.stat().st_size / 2


def test_a_row_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table.rows, "LONGEST", 1000)
    records, faults = read(f"Shelf Number,Title\n1,One\n2,{'x' * 2000}\n3,{chr(34)}{'x' * 2000}\n4,Four\n")
    assert titles(records) == ["One", "Four"]
    assert ["the row cannot be read" in fault.message for fault in faults if fault.severity == "violation"] == [
        True
    ] * 2
