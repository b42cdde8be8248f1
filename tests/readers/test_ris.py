"""RIS: the sample field by field, one small record a rule, habits of the programs that write it, damage."""

from __future__ import annotations

import io
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reader_fixtures import all_text, leftovers, parted, texts

from publisher import readers
from publisher.readers import ris
from publisher.record import Fault, Record

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "formats" / "sample.ris"


def read(text: str | bytes) -> tuple[list[Record], list[Fault]]:
    data = text if isinstance(text, bytes) else text.encode()
    return parted(ris.read(io.BytesIO(data), "refs.ris"))


def one(*lines: str, kind_of: str = "RPRT") -> Record:
    records, faults = read("\n".join([f"TY  - {kind_of}", *lines, "ER  - ", ""]))
    assert (len(records), faults) == (1, [])
    return records[0]


# The sample


def test_sample() -> None:
    records, faults = read(SAMPLE.read_bytes())
    assert faults == []
    assert [texts(record, "record_number") for record in records] == [
        ["CJL-2011-014"],
        ["CJL-2012-003"],
        ["CJL-2013-021"],
        ["CJL-2014-002"],
    ]
    assert all(record.notes == () and record.title for record in records)
    report, article, chapter, thesis = records
    assert report.abstract[0].text.endswith(
        "on the decision.\n\nIt recommends that contested applications be heard before noon."
    )
    assert (report.abstract[0].first_line, report.abstract[0].last_line) == (12, 15)
    assert [(it.text, it.scheme) for it in report.identifiers] == [("ICS-CPP-14", "report-number")]
    assert (report.is_part_of[0].kind, report.is_part_of[0].number) == ("series", "14")
    assert texts(report, "extent") == ["62"]
    journal = article.is_part_of[0]
    assert (journal.title.text, journal.kind) == ("Journal of Invented Criminology", "journal")
    assert (journal.volume, journal.number, journal.pages, journal.issn) == ("8", "2", "117-139", "2999-0017")
    assert texts(article, "subjects") == ["Burglary", "Police Patrol", "Crime Prevention"]
    assert [(agent.heading.text, agent.role) for agent in chapter.contributors] == [
        ("Ferreira, João", "edt"),
        ("Holt, Brenda", "edt"),
    ]
    assert leftovers(chapter) == [("RIS SN", "978-0-00-000000-2")]
    assert (texts(thesis, "degree_grantors"), texts(thesis, "degree")) == (
        ["Invented University of the North"],
        ["Ph.D. thesis"],
    )
    assert thesis.publishers == ()


def test_source() -> None:
    record = read(SAMPLE.read_bytes())[0][1]
    lines = SAMPLE.read_text("utf-8").split("\n")
    source = record.source
    assert (source.file, source.format, source.position, source.first_line) == ("refs.ris", "ris", 2, 24)
    assert source.text.split("\n") == lines[source.first_line - 1 : source.last_line]
    assert source.text.startswith("TY  - JOUR") and source.text.endswith("ER  - ")
    assert source.media_type == "application/x-research-info-systems"


def test_every_value_of_the_sample_is_kept() -> None:
    count = 0
    for record in read(SAMPLE.read_bytes())[0]:
        kept = "\n".join(all_text(record))
        for line in record.source.text.split("\n"):
            value = re.sub(r"^[A-Z][A-Z0-9]  - ?", "", line).strip()
            assert value in kept
            count += bool(value)
    assert count == 64


# One rule a test


@pytest.mark.parametrize("kind_of", ["RPRT", "GEN", "HEAR", "XYZ"])
def test_types_are_kept(kind_of: str) -> None:
    assert [(it.text, it.scheme) for it in one("TI  - A", kind_of=kind_of).types] == [(kind_of, "ris")]


@pytest.mark.parametrize(
    ("kind_of", "tag", "role"),
    [
        ("CHAP", "A2", "edt"),
        ("JOUR", "A2", "edt"),
        ("BOOK", "A2", ""),  # of the series
        ("RPRT", "A2", ""),
        ("BOOK", "A3", "edt"),
        ("CHAP", "A3", ""),
        ("THES", "A3", "ths"),
        ("BOOK", "A4", "trl"),
        ("RPRT", "A4", ""),  # a department
        ("RPRT", "ED", "edt"),
    ],
)
def test_roles(kind_of: str, tag: str, role: str) -> None:
    record = one(f"{tag}  - Holt, Brenda", kind_of=kind_of)
    assert [(it.heading.text, it.role, it.kind) for it in record.contributors] == [("Holt, Brenda", role, "")]


@pytest.mark.parametrize(
    ("kind_of", "value", "scheme"),
    [
        ("BOOK", "978-0-00-000000-2", "isbn"),
        ("BOOK", "0000000000", "isbn"),
        ("BOOK", "000000000X (pbk.)", "isbn"),
        ("JOUR", "2999-0017", "issn"),
        ("JOUR", "29990017", "issn"),
        ("RPRT", "NBS TN 1235", "report-number"),
        ("RPRT", "1235", "report-number"),
        ("BOOK", "see the cover", ""),
    ],
)
def test_serial_numbers_by_form(kind_of: str, value: str, scheme: str) -> None:
    assert [(it.text, it.scheme) for it in one(f"SN  - {value}", kind_of=kind_of).identifiers] == [(value, scheme)]


def test_the_same_under_two_tags_is_said_once() -> None:
    record = one("TI  - A", "T1  - A", "PY  - 2011", "Y1  - 2011", "DA  - 2011/05/01/", "AB  - x", "N2  - x")
    assert (texts(record, "title"), texts(record, "issued"), texts(record, "abstract")) == (
        ["A"],
        ["2011/05/01/"],  # which says the year, too
        ["x"],
    )


def test_braces_hold_the_name_of_a_body_together() -> None:
    record = one("TI  - A", "AU  - {Home Office}", "AU  - Doe, J.")
    assert [(agent.heading.text, agent.kind) for agent in record.creators] == [
        ("Home Office", "organisation"),
        ("Doe, J.", ""),
    ]


def test_second_value_of_a_tag_that_has_one_by_rights() -> None:
    record = one("TI  - A", "TI  - B", "DO  - 10.5555/1", "DO  - 10.5555/2")
    assert (texts(record, "title"), texts(record, "identifiers")) == (["A", "B"], ["10.5555/1", "10.5555/2"])


def test_titles_of_a_journal() -> None:
    record = one("TI  - A", "JO  - J. Inv.", "JF  - Journal", "T2  - Journal", "VL  - 3", kind_of="JOUR")
    assert [(part.title.text, part.volume) for part in record.is_part_of] == [("Journal", "3")]
    assert leftovers(record) == [("RIS JO", "J. Inv.")]


def test_place_in_nothing_is_kept_aside() -> None:
    record = one("TI  - A", "VL  - 3", "SP  - 1", "EP  - 2", kind_of="JOUR")
    assert leftovers(record) == [("RIS VL", "3"), ("RIS SP", "1"), ("RIS EP", "2")]


def test_chapter_in_a_series() -> None:
    parts = one("T2  - The Book", "T3  - The Series", "SP  - 5", "EP  - 9", kind_of="CHAP").is_part_of
    assert [(part.title.text, part.kind, part.pages) for part in parts] == [
        ("The Book", "book", "5-9"),
        ("The Series", "series", ""),
    ]


def test_addresses() -> None:
    record = one(
        "UR  - http://a.example/x;jsessionid=1; http://b.example/",
        "L1  - file:///home/me/a.pdf",
        "L1  - http://c.example/a.pdf",
        "LK  - http://d.example/",
    )
    assert texts(record, "uri") == [
        "http://a.example/x;jsessionid=1",
        "http://b.example/",
        "http://c.example/a.pdf",
        "http://d.example/",
    ]
    assert leftovers(record) == [("RIS L1", "file:///home/me/a.pdf")]


def test_numbers_of_the_record() -> None:
    assert texts(one("AN  - WOS:1", "ID  - 77", "TI  - A"), "record_number") == ["77", "WOS:1"]


def test_m3() -> None:
    assert [(it.text, it.scheme) for it in one("M3  - doi: 10.5555/1").identifiers] == [("doi: 10.5555/1", "doi")]
    assert texts(one("M3  - Technical report"), "types") == ["RPRT", "Technical report"]


def test_unknown_tags_are_left_over() -> None:
    record = one("TI  - A", "C1  - s 1", "XX  - what", "CN  - HV 1", "Y2  - 2021/01/24")
    assert leftovers(record) == [
        ("RIS C1", "s 1"),
        ("RIS XX", "what"),
        ("RIS CN", "HV 1"),
        ("RIS Y2", "2021/01/24"),
    ]


# Habits


def test_untagged_lines() -> None:
    record = one(
        "TI  - Bail", "in Rural Courts", "KW  - Bail", "Courts", "AU  - Holt, B.", "Vance, O.", "N1  - a", "", "b"
    )
    assert texts(record, "title") == ["Bail in Rural Courts"]
    assert texts(record, "subjects") == ["Bail", "Courts"]
    assert texts(record, "creators") == ["Holt, B.", "Vance, O."]
    assert texts(record, "description") == ["a\n\nb"]


@pytest.mark.parametrize(
    "text",
    [
        "TY - RPRT\nTI - A\nAU - B\nER -\n",
        "TY  -RPRT\nTI  -A\nAU  -B\nER  -",
        "\ufeffTY  - RPRT\r\nTI  - A\r\nAU  - B\r\nER  - \r\n",
        "TY\t- RPRT\nTI\t- A\nAU\t- B\nER\t- \n",
        "  TY  - RPRT\n  TI  - A\n  AU  - B\n  ER  - \n",
        "Provider: Somebody\nContent: text\n\nTY  - RPRT\nTI  - A\nAU  - B\nER  - \n",
    ],
    ids=["one space", "no space", "mark and CRLF", "tabs", "indented", "preamble"],
)
def test_ways_of_writing(text: str) -> None:
    records, faults = read(text)
    assert ris.recognises(text.encode())
    assert [(texts(it, "types"), texts(it, "title"), texts(it, "creators")) for it in records] == [
        (["RPRT"], ["A"], ["B"])
    ]
    assert [fault.severity for fault in faults] == (["info"] if "Provider" in text else [])


def test_a_word_before_a_hyphen_is_no_tag() -> None:
    assert texts(one("AB  - as the", "US - based study says"), "abstract") == ["as the US - based study says"]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    data = "TY  - RPRT\nAU  - Lindqvist, Åsa\nTI  - Café\nER  - \n".encode(encoding)
    assert ris.recognises(data)
    assert texts(read(data)[0][0], "creators") == ["Lindqvist, Åsa"]


# Damage


def test_end_of_a_record_is_missing() -> None:
    records, faults = read("TY  - RPRT\nTI  - A\nTY  - RPRT\nTI  - B\nAU  - Cut, O")
    assert [texts(record, "title") for record in records] == [["A"], ["B"]]
    assert faults == []
    assert [[note.message[:30] for note in record.notes] for record in records] == [
        ["The record has no ER at its en"],
        ["The file ends within the recor"],
    ]
    assert (records[0].source.last_line, records[1].source.first_line) == (2, 3)


def test_record_without_type() -> None:
    records, faults = read("\n\nT1  - Editorial\nAU  - Harrison, W\nER  - \n\nTY  - RPRT\nTI  - A\nER  -\n")
    assert [texts(record, "title") for record in records] == [["A"]]
    assert [(fault.first_line, fault.severity) for fault in faults] == [(3, "violation")]
    assert "TY  - GEN" in faults[0].message


def test_type_without_name() -> None:
    records, _ = read("TY  - \nTI  - A\nER  - \n")
    assert [(note.field, note.first_line) for note in records[0].notes] == [("types", 1)]


def test_empty_record() -> None:
    records, faults = read("TY  - RPRT\nER  - \nTY  - RPRT\nTI  - A\nER  - \n")
    assert (len(records), [fault.place for fault in faults]) == (1, ["refs.ris:1"])


@pytest.mark.parametrize("text", ["", "Once upon a time\nthere was a file.\n"])
def test_no_record(text: str) -> None:
    records, faults = read(text)
    assert records == [] and "no line begins with TY" in faults[-1].message


def test_record_without_end_is_not_gathered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ris.entries, "LONGEST", 1000)
    records, faults = read("TY  - RPRT\nTI  - A\n" + "word\n" * 1000 + "TY  - RPRT\nTI  - B\nER  - \n")
    assert [texts(record, "title") for record in records] == [["B"]]
    assert faults[0].first_line == 1 and "no end" in faults[0].message


@given(st.binary(max_size=300), st.integers(0, 600), st.integers(0, 60))
def test_whatever_happens_to_a_file(noise: bytes, start: int, length: int) -> None:
    data = SAMPLE.read_bytes()
    data = data[:start] + noise + data[start + length :]
    found: list[Any] = list(ris.read(io.BytesIO(data), "f"))
    assert found and all(isinstance(item, Record | Fault) for item in found)


def test_a_large_file_stays_out_of_memory() -> None:
    class Endless(io.RawIOBase):
        """Six thousand records, made while they are read."""

        def __init__(self) -> None:
            self.number = 0

        def read(self, size: int = -1) -> bytes:
            if self.number >= 6_000:
                return b""
            self.number += 100
            return b"".join(
                b"TY  - RPRT\nID  - %d\nTI  - Report\nAB  - %s\nER  - \n\n" % (number, b"word " * 400)
                for number in range(self.number - 100, self.number)
            )

    tracemalloc.start()
    try:
        count = sum(1 for _ in ris.read(Endless(), "f"))  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 6_000
    assert peak < 4_000_000  # the file has 12 MB


def test_recognises_nothing_else() -> None:
    for path in [*DATA.rglob("*.txt"), *DATA.rglob("*.html"), *DATA.rglob("*.csv"), *DATA.rglob("*.bib")]:
        assert not ris.recognises(path.read_bytes()[: readers.HEAD]), path
    assert ris.recognises(SAMPLE.read_bytes())
