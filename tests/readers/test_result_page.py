"""Result pages: the seed field by field, one small page a rule, encodings, HTML, damage of every kind."""

from __future__ import annotations

import io
import re
import time
import unicodedata
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_fixtures import leftovers, texts

from publisher import resources
from publisher.errors import SettingsError, UnreadableSource
from publisher.readers import result_page
from publisher.readers.result_page import block as blocks
from publisher.readers.result_page import labels
from publisher.readers.text import decoding
from publisher.readers.text.decoding import Damage
from publisher.record import Fault, Record

DATA = Path(__file__).parents[2] / "data"
SEED = DATA / "record-page.txt"
SAMPLES = [SEED, *sorted((DATA / "invented").glob("*.txt")), *sorted((DATA / "invented").glob("*.html"))]
FIELDS = list(labels.NAMES)


def read(page: str | bytes, name: str = "page.txt") -> tuple[list[Record], list[Fault]]:
    data = page if isinstance(page, bytes) else page.encode()
    given = list(result_page.read(io.BytesIO(data), name))
    return [it for it in given if isinstance(it, Record)], [it for it in given if isinstance(it, Fault)]


def one(page: str | bytes) -> Record:
    records, faults = read(page)
    assert (len(records), faults) == (1, [])
    return records[0]


def block(number: int = 1, **changes: str) -> str:
    """The fields of an ordinary record, some changed or (with "-") left out."""
    fields = {
        "Author": f"Smith, John {number}.",
        "Title": f"Report Number {number}",
        "Summary": "A study of something.",
        "Details": "London: The Office, 2011. 50p.",
        "Source": "Internet Resource",
        "Year": "2011",
        "Country": "United Kingdom",
        "URL": f"http://example.org/{number}.pdf",
        "Shelf_Number": f"12340{number}",
        "Keywords": "\nPolice\nPrisons",
    } | changes
    return "\n".join(f"{label.replace('_', ' ')}: {text}\n" for label, text in fields.items() if text != "-")


HEAD = """Centenial Celebration

Transaction Search Form: please type in any of the fields below.

Date: May 1, 2024 Wed

Time: 1:00 pm

Results for {}

{} results found

"""


def page(*blocks: str, count: int | None = None, term: str = "police") -> str:
    return HEAD.format(term, len(blocks) if count is None else count) + "\n".join(blocks)


# The seed


def test_seed() -> None:
    record = one(SEED.read_bytes())
    lines = SEED.read_text(encoding="utf-8").splitlines()
    expected = {
        "creators": ["Great Britain: HMI Probation"],
        "title": [lines[14].removeprefix("Title: ")],
        "abstract": [lines[16].removeprefix("Summary: ")],
        "publication_statement": ["London: Criminal Justice Joint Inspection, 2011. 50p."],
        "source_statement": [lines[20].removeprefix("Source: ")],
        "issued": ["2011"],
        "countries": ["United Kingdom"],
        "uri": [lines[26].removeprefix("URL: ")],
        "shelf_number": ["123404"],
        "subjects": lines[31:37],
    }
    assert {field: texts(record, field) for field in FIELDS} == expected
    assert len(lines[31:37]) == 6
    assert texts(record, "abstract")[0].endswith("to address these findings.")
    places = {field: [(v.first_line, v.last_line) for v in getattr(record, field)] for field in FIELDS[1:]}
    assert places == {
        "title": [(15, 15)],
        "abstract": [(17, 17)],
        "publication_statement": [(19, 19)],
        "source_statement": [(21, 21)],
        "issued": [(23, 23)],
        "countries": [(25, 25)],
        "uri": [(27, 27)],
        "shelf_number": [(29, 29)],
        "subjects": [(line, line) for line in range(32, 38)],
    }
    assert (record.creators[0].kind, record.creators[0].heading.first_line) == ("", 13)
    assert (record.leftovers, record.notes) == ((), ())
    source = record.source
    assert (source.file, source.format, source.position, source.page, source.page_count) == (
        "page.txt",
        "result_page",
        1,
        1,
        None,
    )
    assert (source.first_line, source.last_line, source.text) == (13, 37, "\n".join(lines[12:]))
    assert (source.search_term, source.announced) == ("agency collaboration (u.k.)", 1)
    assert source.captured == "April 30, 2024 Tue 2:45 am"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples(path: Path) -> None:
    data = path.read_bytes()
    records, faults = read(data, path.name)
    assert faults == []
    assert result_page.recognises(data[:65536])
    pages = {record.source.page: record.source.announced for record in records}
    assert len(records) == sum(filter(None, pages.values()))
    for record in records:
        assert texts(record, "title")
        assert texts(record, "shelf_number")
        assert (record.leftovers, record.notes) == ((), ())
        assert_whole(record)


# Where a record begins


@pytest.mark.parametrize(
    ("blocks", "titles"),
    [
        ([block(1), block(2), block(3)], 3),
        ([block(1), block(2, Author="-"), block(3)], 3),
        ([block(1, Author="-"), block(2), block(3, Author="-")], 3),
        ([block(1, Author="-", Title="-"), block(2)], 1),
        ([block(1, Keywords="-"), block(2, Keywords="-")], 2),
        ([block(1, Keywords="-", Shelf_Number="-"), block(2), block(3)], 3),
        ([block(1), block(2, Keywords="-", Shelf_Number="-", URL="-", Country="-"), block(3)], 3),
        ([block(1, Summary="-"), block(2, Summary="-", Details="-"), block(3)], 3),
        ([f"Author: A{n}\nTitle: T{n}\n" for n in range(4)], 4),
        ([f"Title: T{n}\nYear: 200{n}\n" for n in range(4)], 4),
        ([f"Shelf Number: {n}\nTitle: T{n}\nYear: 2000\nKeywords:\nA\nB\n" for n in range(4)], 4),
        ([f"Year: 2000\nTitle: T{n}\nAuthor: A{n}\n" for n in range(4)], 4),
        ([f"Keywords:\nA\nB\n\nShelf Number: {n}\nAuthor: A{n}\nTitle: T{n}\nYear: 2000\n" for n in range(4)], 4),
        ([f"Title: T{n}\nKeywords: A; B\nAuthor: A{n}\nShelf Number: {n}\nSummary: S{n}\n" for n in range(4)], 4),
        ([f"{n + 1}.\nAuthor: A{n}\nTitle: T{n}\n" for n in range(4)], 4),
        ([f"{n + 1}. Author: A{n}\nTitle: T{n}\n\n" for n in range(4)], 4),
        ([f"Record {n + 1} of 4\nTitle: T{n}\nAuthor: A{n}\n----------\n" for n in range(4)], 4),
        ([f"AUTHOR : A{n}\n title:T{n}\nShelf  number:{n}\n\tKEYWORDS :\nPolice\n" for n in range(4)], 4),
        ([f"Author\tA{n}\nTitle\tT{n}\nYear\t2011\nShelf Number\t{n}\n" for n in range(4)], 4),
        ([f"**Author:** A{n}\n**Title:** T{n}\n**Shelf No.:** {n}\n" for n in range(4)], 4),
    ],
)
def test_records_are_told_apart(blocks: list[str], titles: int) -> None:
    records, faults = read(page(*blocks))
    assert faults == []
    assert len(records) == len(blocks)
    assert sum(len(record.title) for record in records) == titles
    assert [record.source.position for record in records] == list(range(1, len(blocks) + 1))
    for record in records:
        assert_whole(record)
        assert max(len(getattr(record, field)) for field in FIELDS if field != "subjects") == 1
        numbers = {text[-1] for field in ("creators", "title") for text in texts(record, field)} - {"."}
        assert len(numbers) <= 1


def test_each_record_in_an_order_of_its_own() -> None:
    fields = block(1).split("\n\n")
    fields = [line.strip("\n") for line in re.split(r"\n(?=[A-Z][\w ]+:)", block(1))]
    orders = [fields, fields[::-1][1:] + fields[-1:], [*fields[3:], *fields[:3]], [fields[1], fields[0], *fields[2:]]]
    records, faults = read(page(*("\n".join(order) + "\n" for order in orders)))
    assert faults == []
    assert [sum(len(getattr(record, field)) for field in FIELDS) for record in records] == [11] * 4


def test_repeated_label_keeps_both_values() -> None:
    records, faults = read(
        page(block(1, Title="One\n\nTitle: Two"), block(2, Shelf_Number="1\n\nShelf Number: 2"), block(3))
    )
    assert faults == []
    assert texts(records[0], "title") == ["One", "Two"]
    assert texts(records[1], "shelf_number") == ["1", "2"]
    assert [len(getattr(records[2], field)) for field in FIELDS] == [1] * 9 + [2]


def test_page_without_furniture() -> None:
    records, faults = read(block(1) + "\n" + block(2))
    assert (len(records), faults) == (2, [])
    assert records[0].source.announced is None
    assert (records[0].source.search_term, records[0].source.captured) == ("", "")


# Labels and prose

SUMMARY = "The law changed.\n\n{}\n\nMore was to follow."


@pytest.mark.parametrize(
    "line",
    [
        "Year: 2011 was a turning point for the prisons of the country.",
        "Year: 2011",
        "Source: the police, who counted every call.",
        "Country: the village, that is.",
        "Country: England",
        "Conclusion: prisons are full.",
        "Keywords: prisons, police",
        "URL: the way to write an address on the net.",
        "Shelf Number: what a reader would never ask for.",
        "Title: a word of the law",
        "Author: the one who writes",
        "Results for women were mixed.",
        "Note: see below. It is long.",
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_line_of_a_summary_that_looks_like_a_label(line: str, wrapped: bool) -> None:
    summary = SUMMARY.format(line)
    if wrapped:
        summary = summary.replace("\n\n", "\n")
    records, faults = read(page(block(1), block(2, Summary=summary), block(3)))
    assert faults == []
    assert texts(records[1], "abstract") == [summary if not wrapped else summary.replace("\n", " ")]
    assert [len(getattr(records[1], field)) for field in FIELDS] == [1] * 9 + [2]
    assert records[1].leftovers == ()
    first, *rest = read(page(block(1, Summary=summary), block(2)))[0]
    assert texts(first, "abstract") == texts(records[1], "abstract")
    assert len(rest) == 1


def test_doubtful_label_stays_in_the_summary_and_is_noted() -> None:
    record = one(page(block(1, Summary="Much changed.\nYear: 2011 was a turning point.", Year="-")))
    assert texts(record, "abstract") == ["Much changed. Year: 2011 was a turning point."]
    assert record.issued == ()
    assert [(note.field, note.first_line, note.severity) for note in record.notes] == [("issued", 18, "warning")]
    assert "Year:" in record.notes[0].message


def test_missing_field_after_the_summary_is_no_doubt() -> None:
    record = one(page(block(1, Details="-", Source="-")))
    assert (texts(record, "issued"), record.notes) == (["2011"], ())
    assert texts(record, "abstract") == ["A study of something."]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Country": "UK\n\nFormat: A4\n\nNotes: on\npaper"}, [("Format", "A4"), ("Notes", "on paper")]),
        ({"Year": "2011\nFormat: A4"}, [("Format", "A4")]),
        ({"Summary": "A study.\n\nLanguage: English"}, [("Language", "English")]),
        ({"Keywords": "\nPolice\nPrisons\n\nNotes: on paper"}, [("Notes", "on paper")]),
        ({"Keywords": "\nPolice\nCrime: Europe"}, []),
        ({"Author": "\n\nGreat Britain: Home Office"}, []),
        ({"Summary": "A study.\n\nMethods: a survey of 400 people in three towns, and talks.\n\nResults: mixed."}, []),
        ({"URL": "http://example.org/a\nhttps://example.org/b"}, []),
    ],
)  # fmt: skip
def test_unknown_label(changes: dict[str, str], expected: list[tuple[str, str]]) -> None:
    record = one(page(block(1, **changes)))
    assert leftovers(record) == expected
    assert_whole(record)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Year": "2011\nISBN: 123"}, [("123", "isbn")]),
        ({"Country": "UK\n\ndoi: 10.1234/a\nReport No.: 7/11"}, [("10.1234/a", "doi"), ("7/11", "report-number")]),
        ({"Keywords": "\nPolice\n\nDOI: 10.1234/a\nDownload PDF"}, [("10.1234/a", "doi")]),
        ({"Summary": "A study of\nISBN: what it is."}, []),
        ({"URL": "http://example.org/a\ndoi:10.1234/a"}, []),
    ],
)  # fmt: skip
def test_identifiers_of_other_catalogues(changes: dict[str, str], expected: list[tuple[str, str]]) -> None:
    record = one(page(block(1, **changes)))
    assert [(it.text, it.scheme) for it in record.identifiers] == expected
    assert_whole(record)


# Values


@pytest.mark.parametrize(
    ("field", "changes", "expected"),
    [
        ("creators", {"Author": "Smith, J.; Doe, A.;"}, ["Smith, J.", "Doe, A."]),
        ("creators", {"Author": "Smith, J.\nDoe, Anne"}, ["Smith, J.", "Doe, Anne"]),
        ("creators", {"Author": "Smith, J.;\nDoe, Anne; Roe, R."}, ["Smith, J.", "Doe, Anne", "Roe, R."]),
        ("creators", {"Author": "O&#39;Brien, P&aacute;draig; Doe, A."}, ["O&#39;Brien, P&aacute;draig", "Doe, A."]),
        ("creators", {"Author": "Great Britain: Ministry\nof Justice"}, ["Great Britain: Ministry of Justice"]),
        ("creators", {"Author": "Bread and Roses and Others Trust"}, ["Bread and Roses and Others Trust"]),
        ("creators", {"Author": "Smith, J., et al."}, ["Smith, J."]),
        ("creators", {"Author": "Smith, J. and others"}, ["Smith, J."]),
        ("creators", {"Author": ""}, []),
        ("title", {"Title": "Prisons:\nA Survey"}, ["Prisons: A Survey"]),
        ("title", {"Title": "\nPrisons"}, ["Prisons"]),
        ("title", {"Title": "A  wide   gap"}, ["A  wide   gap"]),
        ("abstract", {"Summary": "One\nline.\n\nTwo\nlines."}, ["One line.\n\nTwo lines."]),
        ("abstract", {"Summary": "\n\nBelow."}, ["Below."]),
        ("countries", {"Country": "Kenya; Uganda"}, ["Kenya", "Uganda"]),
        ("countries", {"Country": "United\nKingdom"}, ["United Kingdom"]),
        ("uri", {"URL": "http://a.org/x y.pdf"}, ["http://a.org/x y.pdf"]),
        ("uri", {"URL": "http://a.org/x http://b.org/y"}, ["http://a.org/x", "http://b.org/y"]),
        ("uri", {"URL": "http://a.org/long/\npath.pdf"}, ["http://a.org/long/path.pdf"]),
        ("uri", {"URL": ""}, []),
        ("issued", {"Year": "n.d."}, ["n.d."]),
        ("issued", {"Year": "[2011?]"}, ["[2011?]"]),
        ("subjects", {"Keywords": "Police; Prisons ;Courts"}, ["Police", "Prisons", "Courts"]),
        ("subjects", {"Keywords": "Police | Prisons"}, ["Police", "Prisons"]),
        ("subjects", {"Keywords": "Police, Gangs (Gary, IN), Courts"}, ["Police", "Gangs (Gary, IN)", "Courts"]),
        ("subjects", {"Keywords": "\nPolice,\nPrisons,\nCourts"}, ["Police", "Prisons", "Courts"]),
        ("subjects", {"Keywords": "\nPolice\nSource: Crime\nPrisons"}, ["Police", "Source: Crime", "Prisons"]),
        ("subjects", {"Keywords": "Gangs (Chicago, Illinois)"}, ["Gangs (Chicago, Illinois)"]),
        ("subjects", {"Keywords": "\nCrime, Fear of\nPolice"}, ["Crime, Fear of", "Police"]),
        ("subjects", {"Keywords": "Police\nPrisons"}, ["Police", "Prisons"]),
        ("subjects", {"Keywords": "Police; Community\nPolicing; Courts"}, ["Police", "Community Policing", "Courts"]),
        ("subjects", {"Keywords": "\nPolice\n\nPrisons\n\n\nCourts"}, ["Police", "Prisons", "Courts"]),
        ("subjects", {"Keywords": "\n- Police\n- Prisons"}, ["Police", "Prisons"]),
        ("subjects", {"Keywords": "\nPolice\nThis line is a sentence."}, ["Police", "This line is a sentence."]),
        ("subjects", {"Keywords": "\nPolice\nhttp://example.org/x"}, ["Police", "http://example.org/x"]),
        ("subjects", {"Keywords": "\nPolice\nPrint\nPrisons"}, ["Police", "Print", "Prisons"]),
        ("subjects", {"Keywords": ""}, []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["first", "last"])
def test_values(field: str, changes: dict[str, str], expected: list[str], place: str) -> None:
    blocks = [block(1, **changes), block(2)] if place == "first" else [block(2), block(1, **changes)]
    records, faults = read(page(*blocks))
    assert (len(records), faults) == (2, [])
    record = records[0 if place == "first" else 1]
    assert texts(record, field) == expected
    assert_whole(record)


def test_others_are_kept_beside_the_authors() -> None:
    record = one(page(block(1, Author="Smith, J.; Doe, A. et al.")))
    assert texts(record, "creators") == ["Smith, J.", "Doe, A."]
    assert leftovers(record) == [("Author", "et al.")]
    assert [(note.field, note.first_line) for note in record.notes] == [("creators", 13)]


def test_other_labels() -> None:
    record = one("Authors: A\nTITLE: B\nabstract: C\nURLs: http://d\nShelf No.: 5\nSubjects: E; F\n")
    assert [texts(record, field) for field in ("creators", "abstract", "uri", "shelf_number", "subjects")] == [
        ["A"],
        ["C"],
        ["http://d"],
        ["5"],
        ["E", "F"],
    ]
    other = "Personal Author: A\nTitle: B\nImprint: London: C, 2011.\nPublication year: 2011\nCall No.: HV 5\n"
    record = one(f"{other}Web address: http://d\nSubject headings: E; F\n")
    assert [texts(record, field) for field in ("creators", "publication_statement", "issued", "uri")] == [
        ["A"],
        ["London: C, 2011."],
        ["2011"],
        ["http://d"],
    ]
    assert (texts(record, "shelf_number"), texts(record, "subjects")) == (["HV 5"], ["E", "F"])


def test_labels_alone_on_their_lines() -> None:
    pages = [re.sub(r"^(\w+(?: Number)?): ?", r"\1\n", block(1) + "\n" + block(2), flags=re.M)]
    pages.append("".join(f"<div>{line}</div>" for line in pages[0].split("\n") if line))
    for made in pages:
        assert result_page.recognises(made.encode())
        records, faults = read(made)
        assert faults == []
        assert [texts(record, "title") for record in records] == [["Report Number 1"], ["Report Number 2"]]
        assert [texts(record, "subjects") for record in records] == [["Police", "Prisons"]] * 2
        assert [texts(record, "shelf_number") for record in records] == [["123401"], ["123402"]]
    assert texts(one("Author: A\nTitle: B\nSummary: Before.\n\nTitle\n\nCountry\n\nAfter.\nYear: 2011"), "title") == [
        "B"
    ]


# Furniture


@pytest.mark.parametrize(
    "foot",
    [
        "\nNext >>",
        "\n[1] 2 3 Next >>",
        "\nPrevious | Next",
        "\nPage 1 of 3",
        "\nBack to top",
        "\nPrint",
        "\n© 2024 The Library",
        "\nCopyright © The Library. All rights reserved.",
        "-----------------",
        "\n===\n\nNext page\n\nCopyright 2024 The Library",
        "\nShowing 1 - 2 of 2 results",
        "\nResults for police",
        "\n2 results found",
        "\n4/30/24, 2:45 AM          Search Results\nhttp://lib.example.edu/search?q=police          1/3",
        "\n\n\n",
    ],
)
def test_foot_of_a_page_is_no_keyword(foot: str) -> None:
    records, faults = read(page(block(1), block(2) + foot))
    assert (len(records), faults) == (2, [])
    assert [texts(record, "subjects") for record in records] == [["Police", "Prisons"]] * 2
    assert records[1].leftovers == ()


def test_page_in_a_mail() -> None:
    given = page(block(1, Title="Zürich"), block(2))
    quoted = "Hello,\n\n" + "".join(f"> {line}".rstrip() + "\n" for line in given.split("\n"))
    mail = EmailMessage()
    mail["Subject"] = "Results"
    for encoding in ("quoted-printable", "base64"):
        mail.set_content(given, cte=encoding)
        records, _ = read(bytes(mail))
        assert [texts(record, "title") for record in records] == [["Zürich"], ["Report Number 2"]]
        assert result_page.recognises(bytes(mail))
    records, _ = read(quoted)
    assert [texts(record, "shelf_number") for record in records] == [["123401"], ["123402"]]
    assert [texts(record, "subjects") for record in records] == [["Police", "Prisons"]] * 2


@pytest.mark.parametrize("times", [1, 200])
@pytest.mark.parametrize("lines", ["Home | About us | Contact\nThe Library\n", "\nNext >>\nThe Library\n"])
def test_foot_of_many_lines(lines: str, times: int) -> None:
    record = one(page(block(1) + "\n" + lines * times))
    assert texts(record, "subjects") == ["Police", "Prisons"]
    assert leftovers(record) == [("below Keywords", "The Library")] * times


def test_words_below_the_foot_are_left_over() -> None:
    record = one(page(block(1) + "\nNext >>\n\nAsk at the desk.\n"))
    assert texts(record, "subjects") == ["Police", "Prisons"]
    assert leftovers(record) == [("below Keywords", "Ask at the desk.")]


@pytest.mark.parametrize(
    ("line", "announced"),
    [
        ("1 result found", 1),
        ("1 results found.", 1),
        ("1 Records Found", 1),
        ("Your search found 1 result", 1),
        ("Results found: 1", 1),
        ("1 result found for police", 1),
    ],
)
def test_count(line: str, announced: int) -> None:
    assert one(f"{line}\n\n{block()}").source.announced == announced


def test_large_count() -> None:
    records, faults = read(f"1,234 results found\n\n{block()}")
    assert records[0].source.announced == 1234
    assert [(fault.first_line, fault.severity) for fault in faults] == [(1, "warning")]
    assert read(f"{'9' * 5000} results found\n\n{block()}")[0][0].source.announced is None


@pytest.mark.parametrize("line", ["0 results found", "No results found", "no records found."])
def test_nothing_found(line: str) -> None:
    assert read(f"Results for zebras\n\n{line}\n") == ([], [])


def test_pages_of_one_file() -> None:
    text = page(block(1), block(2), term="police") + "\n" + page(block(3), term="prisons")
    text += "\n" + page(term="zebras") + "\n" + page(block(4), term="courts")
    records, faults = read(text)
    assert faults == []
    assert [(r.source.page, r.source.search_term, r.source.announced) for r in records] == [
        (1, "police", 2),
        (1, "police", 2),
        (2, "prisons", 1),
        (4, "courts", 1),
    ]
    assert {tuple(texts(record, "subjects")) for record in records} == {("Police", "Prisons")}


@pytest.mark.parametrize("cut", ["Transaction", "Date:", "Results for", "\\d+ results"])
def test_pages_with_less_of_a_head(cut: str) -> None:
    parts = [page(block(1), block(2), term="police"), page(block(3), term="prisons")]
    parts = [part[re.search(cut, part).start() :] for part in parts]
    records, faults = read("\n".join(parts))
    assert faults == []
    assert [record.source.page for record in records] == [1, 1, 2]
    assert [record.source.announced for record in records] == [2, 2, 1]


def test_search_form_above_the_results_is_no_record() -> None:
    form = "Author:\nTitle:\nYear:\nKeywords:\n[ Search ] [ Clear ]\n\n"
    text = page(block(1)).replace("Date:", form + "Date:")
    assert texts(one(text), "title") == ["Report Number 1"]


def test_announced_and_read_differ() -> None:
    records, faults = read(page(block(1), block(2), count=3))
    assert len(records) == 2
    assert [(fault.file, fault.first_line, fault.severity) for fault in faults] == [("page.txt", 11, "warning")]
    assert faults[0].message.startswith("page.txt:11: the page announces 3 results, but 2 records were read; ")
    _, faults = read(page(block(1), block(2), count=1) + "\n" + page(block(3), count=2))
    assert [fault.message[:70] for fault in faults] == [
        "page.txt:11: the page announces 1 result, but 2 records were read; loo",
        "page.txt:67: the page announces 2 results, but 1 record was read; look",
    ]


def test_list_over_several_pages() -> None:
    parts = [page(block(1), block(2), count=3), page(block(3), count=3)]
    records, faults = read("\n".join(parts))
    assert (len(records), faults) == (3, [])
    assert len(read("\n".join(parts[:1] * 2))[1]) == 2


def test_truncated_file() -> None:
    whole = page(block(1), block(2))
    records, faults = read(whole[: whole.rindex("Country")])
    assert len(records) == 2
    assert faults == []
    assert [note.first_line for note in records[1].notes] == [records[1].source.last_line]
    assert "cut off" in records[1].notes[0].message
    records, faults = read(page(block(1), block(2), count=5)[: whole.rindex("Country")])
    assert len(records) == 2
    assert "cut off" in faults[0].message


@pytest.mark.parametrize("end", range(0, 1200, 37))
def test_truncated_anywhere(end: int) -> None:
    records, _ = read(page(block(1), block(2))[:end])
    for record in records:
        assert_whole(record)


# No result page


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n \n",
        b"Dear reader,\nthis is a letter.\n",
        bytes(range(256)) * 20,
        b"\x00" * 5000,
        b"<html></html>",
        b"<!--",
    ],
)
def test_no_result_page(data: bytes) -> None:
    records, faults = read(data)
    assert records == []
    assert [fault.severity for fault in faults if fault.severity == "violation"] == ["violation"]
    assert faults[0].message.startswith("page.txt: ")


def test_sentences() -> None:
    assert read(b"")[1][0].message == "page.txt: the file is empty."
    assert read(b"Dear reader")[1][0].message.startswith(
        "page.txt: this is not a result page: none of its lines begins with Author:, Title:"
    )


RIS = "TY  - RPRT\nAU  - Smith\nTI  - x\nN2  - Author: a\nTitle: b\nYear: c\nER  - \n"
BIBTEX = "@techreport{a,\n abstract = {\nAuthor: a\nTitle: b\nYear: c\n}\n}\n"
OTHERS = [
    RIS,
    BIBTEX,
    "% a comment\n" + BIBTEX,
    "author,title,year\nSmith,Prisons,2011\n",
    '{"title": "x",\n"abstract": "\nAuthor: a\nTitle: b\nYear: c"}',
    '[{"title": "x"}]',
    '<?xml version="1.0"?>\n<collection xmlns="x"><record>Author: a\nTitle: b\nYear: c\n</record></collection>',
    "<OAI-PMH>\nAuthor: a\nTitle: b\nYear: c\n</OAI-PMH>",
    "00714cam a2200205 a 4500001001300000\x1e12345\x1f",
    "",
    "Title: only\nnothing more",
]


@pytest.mark.parametrize("text", OTHERS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_formats_are_not_recognised(text: str, encoding: str) -> None:
    assert not result_page.recognises(text.encode(encoding))


@pytest.mark.parametrize(
    "text",
    [
        block(),
        "5 results found\n",
        "Transaction Search Form: please",
        "<html><body><b>Author:</b> A<br><b>Title:</b> B<br><b>Year:</b> C",
        '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x">\n<html><p>5 results found</p>',
        "<p>Results for x</p><p>5 results found</p>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_result_pages_are_recognised(text: str, encoding: str) -> None:
    assert result_page.recognises(text.encode(encoding))


# Encodings and characters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(encoding: str, end: str) -> None:
    text = page(block(1, Author="Núñez, Zoë", Title="“Café” – costs in €"), block(2))
    records, faults = read(text.replace("\n", end).encode(encoding))
    assert faults == []
    assert (texts(records[0], "creators"), texts(records[0], "title")) == (["Núñez, Zoë"], ["“Café” – costs in €"])
    assert [record.source.first_line for record in records] == [13, 35]
    assert "\r" not in records[0].source.text
    assert [record.notes for record in records] == [(), ()]


def test_bytes_that_no_encoding_has() -> None:
    records, faults = read(b"Author: A\x81B\nTitle: C\x9dD caf\xe9\nShelf Number: 1\n")
    assert texts(records[0], "title") == ["CD café"]
    assert [(fault.first_line, fault.severity) for fault in faults] == [(1, "warning")]
    assert [note.field for note in records[0].notes] == ["creators", "title"]


def test_mixed_encodings() -> None:
    data = "Author: Núñez\nTitle: “A”\n".encode() + "Summary: naïve café\nShelf Number: 1\n".encode("cp1252")
    records, faults = read(data)
    assert texts(records[0], "creators") == ["Núñez"]
    assert texts(records[0], "abstract") == ["naïve café"]
    assert [fault.first_line for fault in faults] == [3]


def test_file_that_ends_within_a_character() -> None:
    records, faults = read("Author: Núñez\nTitle: Zoë".encode()[:-1])
    assert (texts(records[0], "title"), faults) == (["Zo\ufffd"], [])
    assert [note.field for note in records[0].notes] == ["title"]
    assert texts(read("Author: Smith\nTitle: Café".encode("cp1252"))[0][0], "title") == ["Café"]


def test_spaces_and_unseen_characters() -> None:
    text = page(
        block(1, Title="The\u00a0co\u00adoperation\u200b of\tpolice\x0b and\x07 courts\ufeff", Year="\u00a02011\u2003")
    )
    record = one(text.replace("Title:", "\ufeffTitle\u00a0:").replace("Country:", "\u00a0 Country\u00a0:\u00a0"))
    assert texts(record, "title") == ["The cooperation of police and courts"]
    assert (texts(record, "issued"), texts(record, "countries")) == (["2011"], ["United Kingdom"])
    assert [(note.field, note.first_line) for note in record.notes] == [("title", 15)]
    assert "contained control characters, which were removed" in record.notes[0].message
    assert "\x07" not in record.source.text
    assert "\u00a0" in record.source.text


def test_soft_hyphen_at_the_end_of_a_line() -> None:
    record = one(page(block(1, Summary="A study of coop\u00ad\neration.")))
    assert texts(record, "abstract") == ["A study of cooperation."]


def test_joiners_of_a_script_that_needs_them() -> None:
    record = one(page(block(1, Title="می\u200cخواهم a\u200cb")))
    assert texts(record, "title") == ["می\u200cخواهم ab"]


def test_lost_character() -> None:
    record = one(page(block(1, Title="Caf\ufffd")))
    assert texts(record, "title") == ["Caf\ufffd"]
    assert [(note.field, note.severity) for note in record.notes] == [("title", "warning")]


def test_form_feed_ends_a_line_and_has_no_number() -> None:
    records, _ = read(block(1) + "\x0c" + block(2))
    assert texts(records[0], "subjects") == ["Police", "Prisons"]
    assert records[1].source.first_line == block(1).count("\n") + 1


# HTML

HTML = """<html><head><meta charset="{charset}"><title>Title: none</title></head><body>
<form><p>Author: <input></p><p>Title: <input></p><p>Keywords: <select><option>Any</select></p></form>
<h2>Results for <b>police</b></h2><p>1 result found</p>
{record}
</body></html>"""

RECORDS = {
    "bold": """<p><b>Author:</b> Núñez, A.; Doe<br><b>Title:</b> Police &amp; Courts<br>
        <strong>Summary:</strong> One.<br><br>Two.<br><b>Year:</b> 2011<br><b>Shelf Number:</b> 5<br>
        <b>Keywords:</b><br>A<br>B</p>""",
    "colon outside": """<p><b>Author</b>: Núñez, A.; Doe<br><b>Title</b>: Police &amp; Courts<br>
        <b>Summary</b>: One.<br><br>Two.<br><b>Year</b>: 2011<br><b>Shelf Number</b>: 5<br><b>Keywords</b>: A; B</p>""",
    "paragraphs": """<p>Author: Núñez, A.; Doe<p>Title: Police &amp; Courts<p>Summary: One.<p>Two.
        <p>Year: 2011<p>Shelf Number: 5<p>Keywords:<br>A<br>B""",
    "table": """<table><tr><th>Author</th><td>Núñez, A.; Doe</td></tr>
        <tr><th>Title</th><td>Police &amp; Courts</td></tr>
        <tr><td>Summary</td><td><p>One.</p><p>Two.</p></td></tr>
        <tr><td>Year:</td> <td>2011</td><td>Shelf Number:</td> <td>5</td></tr>
        <tr><th>Keywords</th><td><ul><li>A</li><li>B</li></ul></td></tr></table>""",
    "divisions": """<div><div class=l>Author</div><div>Núñez, A.; Doe</div></div>
        <div><div class=l>Title</div><div>Police &amp; Courts</div></div>
        <div><div class=l>Summary</div><div>One.<p>Two.</p></div></div><div><span>Year</span><span>2011</span></div>
        <div><div class=l>Shelf Number</div><div>5</div></div><div><div>Keywords</div><div>A; B</div></div>""",
    "list": """<dl><dt>Author</dt><dd>Núñez, A.; Doe</dd><dt>Title</dt><dd>Police &amp; Courts</dd>
        <dt>Summary:</dt><dd>One.<p>Two.</dd><dt>Year</dt><dd>2011</dd><dt>Shelf Number</dt><dd>5</dd>
        <dt>Keywords</dt><dd>A</dd><dd>B</dd></dl>""",
    "spans": """<div><span class="label">Author:</span> <span>Núñez, A.;
        Doe</span></div><div><span class="label">Title:</span> Police
        &amp;
        Courts</div><div><span>Summary:</span> <div>One.<br><br>Two.</div></div>
        <div><span>Year:</span> 2011 &nbsp; <span>Shelf Number:</span>&nbsp;5</div>
        <div><span>Keywords:</span> <a href='x'>A</a>; <a href='y'>B</a></div>""",
    "pre": """<pre>
Author: Núñez, A.; Doe
Title: Police
 &amp; Courts

Summary: One.

Two.

Year: 2011
Shelf Number: 5
Keywords:
A
B
</pre>""",
    "one form": """<form action=x><table><tr><td><input type=checkbox><p><b>Author:</b> Núñez, A.; Doe</p>
        <p><b>Title:</b> Police &amp; Courts</p><p><b>Summary:</b> One.</p><p>Two.</p><p><b>Year:</b> 2011</p>
        <p><b>Shelf Number:</b> 5</p><p><b>Keywords:</b> A; B</p></table><button>Keywords: save</button></form>""",
    "noise": """<script>document.write('<p>Title: x</p>')</script><nav><p>Author: y</p></nav><!-- <p>Title: c</p> -->
        <p style='display: none'>Title: z</p>
        <p><b>Author:</b> Núñez, A.; Doe<p>Title: <i>Police</i> &amp; <em>Cou</em>rts
        <p>Summary: One.<p>Two.<p>Year: 2011<p>Shelf Number: 5<p>Keywords:<br>A<br>B
        <hr><p>Questions? &copy; The Library</p><footer>Contact us</footer>""",
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_html(record: str, charset: str) -> None:
    record = one(HTML.format(charset=charset, record=record).encode(charset))
    assert texts(record, "creators") == ["Núñez, A.", "Doe"]
    assert texts(record, "title") == ["Police & Courts"]
    assert texts(record, "abstract") == ["One.\n\nTwo."]
    assert texts(record, "issued") == ["2011"]
    assert texts(record, "shelf_number") == ["5"]
    assert texts(record, "subjects") == ["A", "B"]
    assert record.leftovers == ()
    assert (record.source.search_term, record.source.announced) == ("police", 1)


def test_html_saved_anew_as_utf_8() -> None:
    data = HTML.format(charset="iso-8859-1", record=RECORDS["bold"]).encode()
    assert texts(one(data), "creators")[0] == "Núñez, A."


def test_html_lines() -> None:
    data = "<html>\n<script>\n\n</script><!--\n\n-->\n<body>\n<p>Author: A\n B\n"
    data += "<p>Title:\n<b>\nC</b>\n<p>Shelf Number: 5\n"
    record = one(data)
    assert (record.source.first_line, record.source.last_line) == (8, 13)
    assert [(v.first_line, v.last_line) for v in (record.creators[0].heading, record.title[0])] == [(8, 9), (10, 12)]
    assert record.source.text == "Author: A B\n\nTitle: C\n\nShelf Number: 5"
    many = "<body>" + "<p>x\n" * 70_000 + "<p>Author: A<p>Title: B\n<p>Shelf Number: 5"
    record = one(many)
    assert (record.source.first_line, record.source.last_line) == (70_001, 70_002)


@pytest.mark.parametrize(
    ("link", "uri", "left"),
    [
        ('<a href="http://a.org/x">http://a.org/x</a>', "http://a.org/x", []),
        ('<a href="http://a.org/x">Click here</a>', "http://a.org/x", []),
        ('<a href="http://a.org/x">View full text (PDF)</a>', "http://a.org/x", []),
        ('<a href="http://a.org/x">Annual Report</a>', "http://a.org/x", [("Link text", "Annual Report")]),
        ('<a href="http://a.org/long/x">http://a.org/lo...</a>', "http://a.org/long/x", []),
        ('<a href="#">http://a.org/x</a>', "http://a.org/x", []),
        ("<br><a href='http://a.org/x'>link</a>", "http://a.org/x", []),
        ("http://a.org/x", "http://a.org/x", []),
    ],
)
def test_html_link(link: str, uri: str, left: list[tuple[str, str]]) -> None:
    record = one(f"<body><p><b>Title:</b> T</p><p><b>URL:</b> {link}</p><p><b>Shelf Number:</b> 5</p>")
    assert texts(record, "uri") == [uri]
    assert leftovers(record) == left
    assert texts(record, "shelf_number") == ["5"]


def test_html_nested_too_deeply() -> None:
    records, faults = read("<body><p>Author: A<p>Title: B" + "<div>" * 50_000 + "<p>Title: C")
    assert texts(records[0], "title") == ["B"]
    assert "nested" in faults[-1].message


def test_text_with_a_tag_in_it_stays_text() -> None:
    record = one(page(block(1, Title="The <i>Queen</i> and <html>", Summary="5 < 6 <b>bold</b>")))
    assert texts(record, "title") == ["The <i>Queen</i> and <html>"]


@pytest.mark.parametrize("filling", ["a" * 100, "Keywords: " + "c" * 50], ids=["text", "labels"])
def test_a_record_without_an_end_is_refused_and_takes_no_more_memory(
    monkeypatch: pytest.MonkeyPatch, filling: str
) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 5000)
    monkeypatch.setattr(decoding, "LONGEST", 5000)
    records, faults = read(block(1, Summary="\n".join([filling] * 200)) + block(2))
    assert [texts(record, "shelf_number") for record in records] == [["123402"]]
    assert "more than 5,000 characters; it was left out" in faults[0].message


def test_a_line_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST", 5000)
    monkeypatch.setattr(decoding, "CHUNK", 1000)
    data = page(block(1)).encode() + b"x" * 100_000
    lines = list(decoding.text_lines((data[at : at + 1000] for at in range(0, len(data), 1000)), damage := Damage()))
    assert max(len(line[2]) for line in lines) < 7000
    assert damage.long == data.count(b"\n") + 1
    assert "was cut there" in "".join(sentence for _, sentence in damage.sentences("x"))


def test_a_page_that_is_read_as_a_whole_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_page.page, "LARGEST", 5000)
    with pytest.raises(UnreadableSource, match="5,000 bytes at most"):
        read("<html><body>" + "<p>a</p>" * 10_000)


IN_OTHER_LANGUAGES = [
    ("Verfasserin", "Titel", "Zusammenfassung", "Erschienen", "Quelle", "Erscheinungsjahr", "Land", "Schlagwörter"),
    ("Auteur ", "Titre ", "Résumé ", "Détails ", "Source ", "Année ", "Pays ", "Mots-clés "),
    ("Autores", "Título", "Resumen", "Pie de imprenta", "Fuente", "Año de publicación", "País", "Palabras clave"),
]


@pytest.mark.parametrize("words", IN_OTHER_LANGUAGES, ids=["de", "fr", "es"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_labels_in_other_languages(words: tuple[str, ...], form: str) -> None:
    names = [name for name in labels.NAMES if name not in ("shelf_number", "uri")]
    lines = [f"{label}: {name}\n" for label, name in zip(words, names, strict=True)]
    text = unicodedata.normalize(form, "\n".join(lines))
    assert result_page.recognises(text.encode())
    record = one(text)
    assert [texts(record, name) for name in names] == [[name] for name in names]
    assert not leftovers(record)
    assert result_page.content(record.source.text).split() == names


def test_labels_of_the_library_s_own(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("label,attribute\nMade by,creators\nPlea,title\nCabinet,shelf_number\nAcc. No,identifiers.acc\n")
    text = "Made by: Smith, Jane\n\nPlea: Words\n\nCabinet: K 7\n\nAcc. no: 99\n"
    assert not result_page.recognises(text.encode())
    assert result_page.recognises(text.encode(), table=str(table))
    (record,) = result_page.read(io.BytesIO(text.encode()), "page.txt", table=str(table))
    assert isinstance(record, Record)
    assert [texts(record, name) for name in ("title", "shelf_number", "identifiers")] == [["Words"], ["K 7"], ["99"]]
    assert result_page.content(record.source.text, table=str(table)).split() == [
        "Smith,",
        "Jane",
        "Words",
        "K",
        "7",
        "99",
    ]


def test_a_label_of_the_library_s_own_wins(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("label,attribute\nSUBJECT,abstract\n")
    (record,) = result_page.read(io.BytesIO(b"Title: T\n\nSubject: Words\n"), "page.txt", table=str(table))
    assert isinstance(record, Record)
    assert (texts(record, "abstract"), texts(record, "subjects")) == (["Words"], [])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "labels.csv:1: the first line"),
        ("field,label\nA,title\n", "labels.csv:1: the first line"),
        ("label,attribute\nPlea,titel\n", 'labels.csv:2: "titel" is nothing that a label can mean'),
        ("label,attribute\nPlea\n", 'labels.csv:2: "" is nothing'),
        ("label,attribute\n...,title\n", "labels.csv:2: a label has letters"),
        ("label,attribute\nA,identifiers\n", "labels.csv:2: "),
        ("label,attribute\nM\xe4r,title\n", "cannot be read"),
    ],
)
def test_a_table_of_labels_that_is_wrong(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "labels.csv").write_bytes(table.encode("latin-1"))
    with pytest.raises(SettingsError, match=re.escape(said)):
        labels.Labels(str(tmp_path / "labels.csv"))


# Nothing vanishes, nothing breaks

ALL_LABELS = [row["label"] for row in resources.table("ontology/labels.csv")]
LABEL_WORDS = set(re.findall(r"\w+", " ".join([*ALL_LABELS, *(f"{label}s" for label in ALL_LABELS)]).lower()))


def assert_whole(record: Record) -> None:
    """Every word of the block is in a value or a leftover, or is a label or furniture."""
    given = [value for field in FIELDS for value in texts(record, field)]
    given += [f"{it.label} {it.value.text}" for it in record.leftovers] + texts(record, "identifiers")
    source = re.sub(r"(?m)^\s*\d+\. ", "", record.source.text)  # the number of a record before its label
    lines = (line for line in source.split("\n") if not labels.is_foot(line.strip()))
    words = Counter(re.findall(r"\w+", decoding.UNSEEN.sub("", " ".join(lines)).lower()))
    words -= Counter(re.findall(r"\w+", " ".join(given).lower()))
    joined = re.sub(r"\W", "", "".join(given).lower())
    lost = {word for word in words if word not in LABEL_WORDS and word not in joined}
    assert not lost
    lines_of = [getattr(record, field) for field in FIELDS[1:]]
    for value in (value for values in lines_of for value in values):
        assert record.source.first_line <= value.first_line <= value.last_line <= record.source.last_line


SEED_LINES = SEED.read_text(encoding="utf-8").splitlines()
LINE = st.one_of(
    st.sampled_from([line[:90] for line in SEED_LINES]),
    st.sampled_from(
        ["", " ", "Author:", "TITLE : x", "2.", "----", "Next >>", "Foo: bar", "Year: 2011", "\x0c", "Summary: a"]
    ),
    st.text(max_size=30),
)


@given(st.lists(LINE, max_size=60), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
@settings(max_examples=300, deadline=None)
def test_any_lines(lines: list[str], encoding: str) -> None:
    records, _ = read("\n".join(lines).encode(encoding, "replace"))
    for record in records:
        assert_whole(record)
        assert not decoding.ILLEGAL.search(record.source.text)


@given(st.permutations(SEED_LINES + SEED_LINES[12:]))
@settings(max_examples=100, deadline=None)
def test_seed_shuffled(lines: list[str]) -> None:
    for record in read("\n".join(lines))[0]:
        assert_whole(record)


@given(st.binary(max_size=2000))
@settings(max_examples=200, deadline=None)
def test_any_bytes(data: bytes) -> None:
    result_page.recognises(data)
    records, faults = read(data)
    assert records or faults


PIECE = st.sampled_from(
    [
        "<p>",
        "<b>",
        "</b>",
        "<br>",
        "<hr>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "<th>",
        "<dl>",
        "<dt>",
        "<dd>",
        "<form>",
        "</form>",
        "<a href=x>",
        "</a>",
        "<pre>",
        "</pre>",
        "<!--",
        "\n    -->",
        "<script>",
        "</script>",
        "<select>",
        "<li>",
        "<div hidden>",
        "<nav>",
        "&amp;",
        "&#0;",
        "&nbsp;",
        "Author",
        "Title:",
        ": x",
        "\n",
        "Shelf Number: 5",
        "Keywords",
        "\n    text",
        "é",
        "\x00",
    ]
)


@given(st.lists(PIECE, max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_markup(pieces: list[str]) -> None:
    data = ("<html>" + "".join(pieces)).encode()
    result_page.recognises(data)
    for record in read(data)[0]:
        assert_whole(record)
        assert not decoding.ILLEGAL.search(record.source.text)


# Streams and sizes


class Stream(io.RawIOBase):
    """Gives the same page again and again, and counts what was taken."""

    def __init__(self, page: bytes, times: int) -> None:
        self.page, self.times, self.taken = page, times, 0

    def read(self, size: int = -1) -> bytes:
        if self.times <= 0:
            return b""
        self.times -= 1
        self.taken += 1
        return self.page


def test_reads_as_it_streams() -> None:
    stream = Stream(page(block(1), block(2)).encode() + b"\n", 10_000)
    given = result_page.read(stream, "page.txt")
    for _ in range(10):
        assert isinstance(next(given), Record)
    assert stream.taken < 10
    assert sum(1 for _ in given) == 20_000 - 10


@pytest.mark.parametrize(
    "line",
    [
        "word ",
        "a:",
        "(,",
        "; ",
        "<b ",
        "&",
        "\u00ad",
        "\u00a0",
        "1 ",
        "next 1 ",
        "- ",
        "é",
        " ",
        "http://a ",
        "[",
        "et al ",
    ],
)
@pytest.mark.parametrize("field", ["Author", "Summary", "Keywords", "URL", "Year"])
def test_a_line_of_any_length(line: str, field: str) -> None:
    size = 200_000 // len(line)
    record = one(page(block(1, **{field: "x" + line * size}), count=1))
    assert record.title


@pytest.mark.parametrize("unit", ["A study: of prisons, ", "; ", "a\u00ad"])
def test_time_is_linear(unit: str) -> None:
    def seconds(size: int) -> float:
        text = page(block(1, Summary=unit * (size // len(unit))))
        started = time.perf_counter()
        assert one(text).abstract
        return time.perf_counter() - started

    assert seconds(4_000_000) < 3 * seconds(2_000_000) + 1
