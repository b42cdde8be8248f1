"""BibTeX: the sample field by field, names, LaTeX, strings, cross-references, what entries are part of, damage."""

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
from publisher.readers import bibtex
from publisher.readers.bibtex import latex
from publisher.record import Fault, Record

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "formats" / "sample.bib"


def read(text: str | bytes) -> tuple[list[Record], list[Fault]]:
    data = text if isinstance(text, bytes) else text.encode()
    return parted(bibtex.read(io.BytesIO(data), "refs.bib"))


def one(fields: str, kind_of: str = "techreport") -> Record:
    records, faults = read(f"@{kind_of}{{key1,\n{fields}\n}}\n")
    assert (len(records), faults) == (1, [])
    return records[0]


def schemes(record: Record) -> list[tuple[str, str]]:
    return [(it.text, it.scheme) for it in record.identifiers]


# The sample


def test_sample() -> None:
    records, faults = read(SAMPLE.read_bytes())
    assert faults == []
    keys = ["marlowe2015", "brandt2016", "soerensen2017", "alternatives2017", "ferreira2018"]
    assert [texts(record, "record_number") for record in records] == [[key] for key in keys]
    report, article, chapter, book, thesis = records
    assert [(it.heading.text, it.kind) for it in report.creators] == [
        ("Marlowe, Edith R.", ""),
        ("Okonjo, Samuel", ""),
        ("Rural Courts Working Party", "organisation"),
    ]
    assert [(it.heading.text, it.kind) for it in report.publishers] == [
        ("Invented Institute for Court Studies", "organisation")
    ]
    assert texts(report, "title") == ["Remand in Harrowby: Three Years On"]
    assert texts(report, "subjects") == ["Remand", "Courts", "Bail, Conditional"]
    assert texts(report, "issued") == ["mar 2015"]
    assert texts(report, "uri") == ["http://www.example.org/research_reports/22.pdf"]
    assert "12% were" in texts(report, "abstract")[0]
    assert [(it.text, it.scheme) for it in report.types] == [("techreport", "bibtex"), ("Research Report", "")]
    assert schemes(report) == [("RR-22", "report-number")]
    journal = article.is_part_of[0]
    assert (journal.title.text, journal.kind) == ("Journal of Invented Criminology", "journal")
    assert (journal.volume, journal.number, journal.pages, journal.issn) == ("12", "1", "5–31", "2999-0017")
    assert leftovers(article) == [("BibTeX author", "others")]
    assert [note.field for note in article.notes] == ["creators"]
    assert texts(chapter, "creators") == ["Sørensen, Jörg", "García, Inés"]
    assert [(it.heading.text, it.role) for it in chapter.contributors] == [("Holt, Brenda", "edt")]
    assert [(part.title.text, part.kind, part.pages, part.volume) for part in chapter.is_part_of] == [
        ("Alternatives to Custody", "book", "40–58", ""),
        ("Penal Studies", "series", "", "6"),
    ]
    assert [note.severity for note in chapter.notes] == ["info"]
    assert "editor, booktitle, publisher, address, series, volume, year" in chapter.notes[0].message
    assert [(part.title.text, part.kind, part.volume) for part in book.is_part_of] == [("Penal Studies", "series", "6")]
    assert schemes(book) == [("978-0-00-000001-9", "isbn")]
    assert texts(thesis, "title") == ["Youth Panels: Volunteers, Victims and the Contract"]
    assert (texts(thesis, "degree"), texts(thesis, "degree_grantors"), thesis.publishers) == (
        ["phdthesis"],
        ["Invented University of the North"],
        (),
    )
    assert (texts(thesis, "issued"), texts(thesis, "extent"), texts(thesis, "languages")) == (
        ["2018-09"],
        ["312"],
        ["english"],
    )


def test_source() -> None:
    record = read(SAMPLE.read_bytes())[0][1]
    lines = SAMPLE.read_text("utf-8").split("\n")
    source = record.source
    assert (source.file, source.format, source.position) == ("refs.bib", "bibtex", 2)
    assert (source.first_line, source.last_line) == (20, 30)
    assert source.text.split("\n") == lines[19:30]
    assert source.media_type == "application/x-bibtex"
    assert (record.title[0].first_line, record.title[0].last_line) == (22, 22)


def test_every_word_of_the_sample_is_kept() -> None:
    count = 0
    for record in read(SAMPLE.read_bytes())[0]:
        kept = set(re.findall(r"\w+", "\n".join(all_text(record)).replace("_", " ")))
        for line in record.source.text.split("\n")[1:]:
            value = latex.plain(line.partition("=")[2].replace("_", " "))[0]
            words = set(re.findall(r"\w+", value)) - {"iics", "and"}
            assert words <= kept, line
            count += len(words)
    assert count == 130


# Names


@pytest.mark.parametrize(
    ("name", "heading", "kind"),
    [
        ("Edith R. Marlowe", "Marlowe, Edith R.", ""),
        ("Marlowe, Edith R.", "Marlowe, Edith R.", ""),
        ("Ludwig van der Berg", "van der Berg, Ludwig", ""),
        ("van der Berg, Ludwig", "van der Berg, Ludwig", ""),
        ("Marlowe, Jr., John", "Marlowe, Jr., John", ""),
        ("Madonna", "Madonna", ""),
        ("{Home Office}", "Home Office", "organisation"),
        ("{Barnes and Noble}", "Barnes and Noble", "organisation"),
        ("Ministry of Justice", "Ministry of Justice", ""),
        ("United Kingdom", "United Kingdom", ""),
        ("RAND Europe", "RAND Europe", ""),
        ('{\\"O}zg{\\"u}r Kaya', "Kaya, Özgür", ""),
        ("{\\'E}mile", "Émile", ""),
        ("{de Gaulle}, Charles", "de Gaulle, Charles", ""),
        ("family=Beauvoir, given=Simone, prefix=de, useprefix=false", "de Beauvoir, Simone", ""),
    ],
)
def test_names(name: str, heading: str, kind: str) -> None:
    record = one(f"author = {{{name}}}")
    assert [(it.heading.text, it.kind) for it in record.creators] == [(heading, kind)]


def test_names_wrapped() -> None:
    assert texts(one("author = {Edith Marlowe and\n  Samuel\n Okonjo}"), "creators") == [
        "Marlowe, Edith",
        "Okonjo, Samuel",
    ]


# LaTeX


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("Caf{\\'e} {\\ss} \\O re \\v{S} \\c{c} {\\'\\i}", "Café ß Øre Š ç í"),
        ("{{The}} {HMI} of {P}robation", "The HMI of Probation"),
        ("50% of Smith & Co, item #3", "50% of Smith & Co, item #3"),
        ("50\\% of Smith \\& Co, \\#3", "50% of Smith & Co, #3"),
        ("\\'e 50% of Smith & Co, #3", "é 50% of Smith & Co, #3"),
        ("costs $5 to $7 \\'e", "costs $5 to $7 é"),
        ("$\\alpha$ and x", "α and x"),
        ("5--31 --- ``so''", "5–31 — “so”"),
        ("J.~Smith", "J. Smith"),
        ("{\\em Vox} populi \\textbf{bold}", "Vox populi bold"),
        ("\\foo{bar} \\cite{key}", "\\foo bar \\cite{key}"),
        ("see \\url{http://a.example/~x_y%20z}", "see http://a.example/~x_y%20z"),
        ("see http://a.example/~x \\'e", "see http://a.example/~x é"),
        ("\\href{http://a.example/}{here}", "http://a.example/ here"),
        ("one\n\ntwo\nlines \\par three", "one\n\ntwo lines\n\nthree"),
    ],
)
def test_latex(given: str, text: str) -> None:
    assert latex.plain(given)[0] == text


@pytest.mark.parametrize("given", ["{" * 60 + "\\'e" + "}" * 60, "\\'e" * 100_000])
def test_latex_that_is_too_much(given: str) -> None:
    assert latex.plain(given)[1] is False
    record = one(f"title = {{{given}}}")
    assert texts(record, "title") == [given] and record.notes[0].field == "title"


# Fields


def test_strings_and_concatenation() -> None:
    records, faults = read(
        '@STRING(ho = "Home Office")\n@string{res = {Research } # {Study}}\n'
        "@book{a, title = ho # {: } # RES # { # 5}, publisher = nobody, year = 2011, month = 5 # {--} # jun }"
    )
    assert faults == []
    assert texts(records[0], "title") == ["Home Office: Research Study # 5"]
    assert texts(records[0], "publishers") == ["nobody"]
    assert texts(records[0], "issued") == ["5–jun 2011"]
    assert [note.message for note in records[0].notes] == ['"nobody" is in no braces and no @string defines it.']


@pytest.mark.parametrize(
    ("fields", "issued"),
    [
        ("year = 2011", ["2011"]),
        ("year = {2011}, month = {3}, day = {7}", ["2011-03-07"]),
        ("year = {2011}, month = {March}", ["March 2011"]),
        ("date = {2011-03/2011-05}, year = {2011}", ["2011-03/2011-05"]),
        ("date = {2011}, year = {2012}", ["2011", "2012"]),
        ("year = {n.d.}", ["n.d."]),
        ("date = {2009~}", ["2009~"]),  # BibLaTeX: approximate, and no space of TeX
    ],
)
def test_dates(fields: str, issued: list[str]) -> None:
    assert texts(one(fields), "issued") == issued


@pytest.mark.parametrize(
    ("kind_of", "fields", "parts"),
    [
        ("article", "journaltitle = {J}, issue = {2}", [("J", "journal", "", "2", "")]),
        ("inproceedings", "booktitle = {P}, volume = {1}", [("P", "proceedings", "1", "", "")]),
        (
            "incollection",
            "booktitle = {B}, booksubtitle = {S}, series = {T}, number = {7}, volume = {2}, pages = {1-2}",
            [("B: S", "book", "", "", "1-2"), ("T", "series", "2", "7", "")],
        ),
        ("book", "series = {T}, number = {7}, pages = {200}", [("T", "series", "", "7", "")]),
        ("book", "title = {A}, booktitle = {A}", []),
        ("misc", "journal = {J}", [("J", "journal", "", "", "")]),
    ],
)
def test_parts(kind_of: str, fields: str, parts: list[tuple[str, ...]]) -> None:
    found = one(fields, kind_of).is_part_of
    assert [(part.title.text, part.kind, part.volume, part.number, part.pages) for part in found] == parts


def test_identifiers() -> None:
    record = one(
        "doi = {10.5555/a\\_b}, eprint = {1106.5271}, archiveprefix = {arXiv}, isbn = {978-0-00-000001-9}", "book"
    )
    assert schemes(record) == [("1106.5271", "arxiv"), ("10.5555/a_b", "doi"), ("978-0-00-000001-9", "isbn")]
    assert leftovers(one("isbn = {1}", "incollection")) == [("BibTeX isbn", "1")]


def test_unknown_fields_are_left_over() -> None:
    record = one("title = {A}, file = {:C\\:/my_docs/a.pdf:PDF}, timestamp = {2011}, X-Note = {b}")
    assert leftovers(record) == [
        ("BibTeX file", ":C\\:/my_docs/a.pdf:PDF"),
        ("BibTeX timestamp", "2011"),
        ("BibTeX x-note", "b"),
    ]


def test_a_field_given_twice_is_kept_twice() -> None:
    assert texts(one("note = {a}, note = {b}"), "description") == ["a", "b"]


def test_keywords() -> None:
    assert texts(one("keywords = {Crime, organised; Police}"), "subjects") == ["Crime, organised", "Police"]


# Cross-references


def test_crossref_to_an_entry_above() -> None:
    records, _ = read(
        "@proceedings{P, title = {The Meeting}, year = 2011, publisher = {Press}}\n"
        "@inproceedings{a, title = {A}, year = 2012, crossref = {p}}\n"
    )
    paper = records[1]
    assert (texts(paper, "title"), texts(paper, "issued"), texts(paper, "publishers")) == (["A"], ["2012"], ["Press"])
    assert [(part.title.text, part.kind) for part in paper.is_part_of] == [("The Meeting", "proceedings")]
    assert paper.notes[0].message == 'Taken from the entry "p", to which this one refers: publisher, booktitle.'


def test_crossref_to_nothing() -> None:
    record = one("title = {A}, crossref = {nowhere}")
    assert [(note.severity, note.first_line) for note in record.notes] == [("warning", 2)]
    assert leftovers(record) == [("BibTeX crossref", "nowhere")]


def test_crossref_in_a_stream_that_cannot_go_back() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

    stream = Pipe(b"@incollection{a, crossref = {b}}\n@book{b, title = {B}}\n")
    found = [item for item in bibtex.read(stream, "f") if isinstance(item, Record)]
    assert found[0].is_part_of[0].title.text == "B"


# Damage


@pytest.mark.parametrize(
    "broken",
    [
        "@article{bad, title = {A {B}, year = 2011}",
        '@article{bad, title = "A, year = 2011}',
        "@article{bad, title = {A} year = 2011}",
        "@article{bad, title {A}}",
    ],
    ids=["brace", "quote", "comma", "equals"],
)
def test_a_broken_entry_is_reported_and_the_next_is_read(broken: str) -> None:
    records, faults = read(f"@book{{a, title = {{A}}}}\n{broken}\n@book{{b, title = {{B}}}}\n")
    assert [texts(record, "record_number") for record in records] == [["a"], ["b"]]
    assert [(fault.first_line, fault.severity) for fault in faults] == [(2, "violation")]
    assert "Look for a brace, a quote or a comma" in faults[0].message or "A comma is missing" in faults[0].message


def test_cut_file() -> None:
    data = SAMPLE.read_bytes()
    records, faults = read(data[: data.index(b"ferreira2018") + 60])
    assert (len(records), len(faults)) == (4, 1)
    assert faults[0].first_line == 51


def test_lost_at() -> None:
    records, faults = read("article{a,\n title = {A}\n}\n@book{b, title = {B}}\n")
    assert len(records) == 1
    assert [(fault.first_line, fault.severity) for fault in faults] == [(1, "warning")]


def test_entry_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibtex.entries, "LONGEST", 1000)
    records, faults = read("@book{a, title = {\n" + "word\n" * 1000 + "@book{b, title = {B}}\n")
    assert [texts(record, "title") for record in records] == [["B"]]
    assert faults[0].first_line == 1 and "no end" in faults[0].message


@pytest.mark.parametrize("text", ["", "Once upon a time me@example.org wrote {this}.\n"])
def test_no_entry(text: str) -> None:
    records, faults = read(text)
    assert records == [] and "no entry" in faults[0].message


def test_no_key_and_no_field() -> None:
    records, faults = read("@book{, title = {A}}\n@book{b}\n@comment{x}\n@preamble{{y}}\n")
    assert [note.message for note in records[0].notes] == ["The entry has no key."]
    assert [fault.first_line for fault in faults] == [2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "windows-1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    data = "@book{a,\r\n title = {Café Århus}\r\n}\r\n".encode(encoding)
    assert bibtex.recognises(data)
    assert texts(read(data)[0][0], "title") == ["Café Århus"]


@given(st.binary(max_size=200), st.integers(0, 2000), st.integers(0, 60))
def test_whatever_happens_to_a_file(noise: bytes, start: int, length: int) -> None:
    data = SAMPLE.read_bytes()
    data = data[:start] + noise + data[start + length :]
    found: list[Any] = list(bibtex.read(io.BytesIO(data), "f"))
    assert found and all(isinstance(item, Record | Fault) for item in found)


def test_a_large_file_stays_out_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.bib"
    with path.open("w") as stream:
        for number in range(3_000):
            stream.write(f"@book{{k{number},\n title = {{Report {number}}},\n abstract = {{{'word ' * 700}}}\n}}\n")
    tracemalloc.start()
    try:
        with path.open("rb") as source:
            count = sum(1 for _ in bibtex.read(source, "f"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 3_000
    assert peak < 4_000_000 < path.stat().st_size / 2


def test_recognises_nothing_else() -> None:
    for path in [*DATA.rglob("*.txt"), *DATA.rglob("*.html"), *DATA.rglob("*.csv"), *DATA.rglob("*.ris")]:
        assert not bibtex.recognises(path.read_bytes()[: readers.HEAD]), path
    assert bibtex.recognises(SAMPLE.read_bytes())
    assert not bibtex.recognises(b"Write to @someone{at} example, or see <a>\n")
