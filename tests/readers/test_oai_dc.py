"""oai_dc: Dublin Core alone and in answers of OAI-PMH, DSpace's xoai, and what may be wrong with either."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import ROOT
from lxml import etree

from publisher.readers.dublin_core import oai_dc
from publisher.record import Agent, Fault, Leftover, Part, Record, Value

SHARED = ROOT.parent / "shared" / "data"
NAMES = (
    'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def bare(fields: str) -> str:
    return f"<oai_dc:dc {NAMES}>{fields}</oai_dc:dc>"


def record_of(number: int, fields: str = "<dc:title>T</dc:title>") -> str:
    return (
        f"<record><header><identifier>oai:lib.example:{number}</identifier><datestamp>2020-01-0{number}</datestamp>"
        f"<setSpec>theses</setSpec></header>\n<metadata>{bare(fields)}</metadata></record>\n"
    )


def answer(*records: str, end: str = "<resumptionToken>more</resumptionToken></ListRecords></OAI-PMH>") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2020-01-09T00:00:00Z</responseDate>"
        '<request verb="ListRecords">http://lib.example/oai</request><ListRecords>\n' + "".join(records) + end
    )


def read(text: str | bytes) -> list[Record | Fault]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(oai_dc.read(io.BytesIO(data), "f.xml"))


def one(text: str | bytes) -> Record:
    (item,) = read(text)
    assert isinstance(item, Record), item
    return item


def texts(values: tuple[Any, ...]) -> list[str]:
    return [value.text for value in values]


def numbers(items: list[Record | Fault]) -> list[str]:
    return [item.record_number[0].text.rpartition(":")[2] for item in items if isinstance(item, Record)]


def left(record: Record) -> list[tuple[str, str]]:
    return [(leftover.label, leftover.value.text) for leftover in record.leftovers]


def test_every_element_of_dublin_core() -> None:
    record = one(
        bare(
            "<dc:title>A</dc:title><dc:title xml:lang='fr'>B</dc:title><dc:creator>Smith, J.</dc:creator>"
            "<dc:contributor>Doe, A.</dc:contributor><dc:subject xsi:type='dcterms:LCSH'>Prisons</dc:subject>"
            "<dc:description>D</dc:description><dc:publisher>P</dc:publisher><dc:date>2010</dc:date>"
            "<dc:type>Text</dc:type><dc:format>application/pdf</dc:format><dc:format>50 pages</dc:format>"
            "<dc:source>S</dc:source><dc:language>eng</dc:language><dc:relation>R</dc:relation>"
            "<dc:coverage>Ohio</dc:coverage><dc:coverage>1990-1995</dc:coverage><dc:coverage>MaxY: 3.1</dc:coverage>"
            "<dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights><dc:rights>open</dc:rights>"
            "<dc:audience>Police</dc:audience><dc:title>  </dc:title>"
        )
    )
    assert record.title == (Value("A", 1, 1), Value("B", 1, 1, "fr"))
    assert record.creators == (Agent(Value("Smith, J.", 1, 1)),)
    assert record.contributors == (Agent(Value("Doe, A.", 1, 1)),)
    assert record.subjects == (Value("Prisons", 1, 1, scheme="lcsh"),)
    assert texts(record.description) == ["D"]
    assert record.publishers[0].heading.text == "P"
    assert texts(record.issued) == ["2010"]
    assert texts(record.types) == ["Text"]
    assert texts(record.extent) == ["50 pages"]
    assert texts(record.source_statement) == ["S"]
    assert texts(record.languages) == ["eng"]
    assert texts(record.countries) == ["Ohio"]
    assert texts(record.temporal) == ["1990-1995"]
    assert record.rights[0].iris == ("https://creativecommons.org/licenses/by/4.0/",)
    assert record.rights[1].iris == ()
    assert left(record) == [
        ("dc:format", "application/pdf"),
        ("dc:relation", "R"),
        ("dc:coverage", "MaxY: 3.1"),
        ("dc:audience", "Police"),
    ]


def test_terms_of_dcterms() -> None:
    record = one(
        bare(
            "<dcterms:alternative>A</dcterms:alternative><dcterms:abstract>B</dcterms:abstract>"
            "<dcterms:tableOfContents>C</dcterms:tableOfContents><dcterms:issued>2001</dcterms:issued>"
            "<dcterms:extent>3 v.</dcterms:extent><dcterms:spatial>Peru</dcterms:spatial>"
            "<dcterms:temporal>1900</dcterms:temporal><dcterms:isPartOf>Series</dcterms:isPartOf>"
            "<dcterms:modified>2002</dcterms:modified>"
        )
    )
    assert [texts(getattr(record, name)) for name in ("alternative", "abstract", "table_of_contents", "issued")] == [
        ["A"],
        ["B"],
        ["C"],
        ["2001"],
    ]
    assert record.is_part_of == (Part(Value("Series", 1, 1)),)
    assert (texts(record.countries), texts(record.temporal), texts(record.extent)) == (["Peru"], ["1900"], ["3 v."])
    assert left(record) == [("dcterms:modified", "2002")]


@pytest.mark.parametrize(
    ("text", "scheme", "is_uri"),
    [
        ("https://doi.org/10.1234/abc", "doi", True),
        ("http://dx.doi.org/10.1234/abc", "doi", True),
        ("doi:10.1234/abc", "doi", False),
        ("DOI: 10.1234/abc", "doi", False),
        ("10.1234/abc", "doi", False),
        ("http://hdl.handle.net/2097/27637", "handle", True),
        ("hdl:2097/27637", "handle", False),
        ("978-1-4028-9462-6", "isbn", False),
        ("ISBN 1-4028-9462-7", "isbn", False),
        ("urn:isbn:9781402894626", "isbn", False),
        ("9781402894627", "", False),
        ("0317-8471", "issn", False),
        ("ISSN: 0317-8472", "issn", False),
        ("2014-2015", "", False),
        ("urn:nbn:de:1111-2004033116", "urn", False),
        ("Call Number: SM1551", "", False),
        ("Smith, J. (2010). A title. Journal, 3(2).", "", False),
    ],
)
def test_identifiers_are_told_apart_by_their_form(text: str, scheme: str, is_uri: bool) -> None:
    record = one(bare(f"<dc:identifier>{text}</dc:identifier>"))
    assert [(value.text, value.scheme) for value in record.identifiers] == [(text, scheme)]
    assert texts(record.uri) == ([text] if is_uri else [])


def test_addresses_are_uris() -> None:
    record = one(bare("<dc:identifier>http://lib.example/a b.pdf</dc:identifier>"))
    assert texts(record.uri) == ["http://lib.example/a b.pdf"]
    assert record.identifiers == ()
    record = one(bare("<dc:identifier>https://doi.org/10.1/x y</dc:identifier>"))
    assert record.identifiers == ()


def test_an_answer_to_listrecords() -> None:
    deleted = (
        '<record><header status="deleted"><identifier>oai:lib.example:2</identifier>'
        "<datestamp>2020-01-02</datestamp></header></record>"
    )
    text = answer(record_of(1), deleted, record_of(3))
    items = read(text)
    assert numbers(items) == ["1", "2", "3"]
    first, second, third = items
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert isinstance(third, Record)
    assert first.record_number[0].scheme == "oai"
    assert left(first) == [("OAI datestamp", "2020-01-01"), ("OAI setSpec", "theses")]
    assert (first.withdrawn, second.withdrawn, third.withdrawn) == (False, True, False)
    assert second.title == ()
    assert (first.source.position, first.source.first_line, first.source.last_line) == (1, 3, 4)
    assert (first.source.format, first.source.media_type) == ("oai_dc", "application/xml")
    again = etree.fromstring(first.source.text)
    assert again.findtext(".//{*}title") == "T"


@pytest.mark.parametrize(
    "names",
    [
        'xmlns:a="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:b="http://purl.org/dc/elements/1.1/"',
        'xmlns:a="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:b="http://purl.org/dc/terms/"',
    ],
)
def test_any_prefix_does(names: str) -> None:
    record = one(f"<a:dc {names}><b:title>T</b:title></a:dc>")
    assert texts(record.title) == ["T"]
    record = one('<dc xmlns="http://purl.org/dc/elements/1.1/"><title>T</title></dc>')
    assert texts(record.title) == ["T"]


def test_several_bare_records() -> None:
    items = read(f"<list>{bare('<dc:title>A</dc:title>')}{bare('<dc:title>B</dc:title>')}</list>")
    assert [texts(item.title) for item in items if isinstance(item, Record)] == [["A"], ["B"]]


def test_mixed_content_and_text_between_fields() -> None:
    record = one(
        bare(
            "<dc:title>The <i>great</i> <b>escape</b>\n  goes on</dc:title>(?s)"
            "<dc:description id='d1'>One.\n\n  Two &amp; <![CDATA[<three>]]>.</dc:description>"
            "<dc:publisher>Smith&nbsp;Ltd</dc:publisher><!-- not this -->"
        ).replace("&nbsp;", "&#160;")
    )
    assert texts(record.title) == ["The great escape goes on"]
    assert texts(record.description) == ["One.\n\nTwo & <three>."]
    assert record.publishers[0].heading.text == "Smith\xa0Ltd"
    assert left(record) == [("text between fields", "(?s)"), ("dc:description @id", "d1")]


def test_lines_of_values() -> None:
    record = one(bare("\n<dc:title>A</dc:title>\n<dc:description>B\nC</dc:description>"))
    assert (record.title[0].first_line, record.title[0].last_line) == (2, 2)
    assert (record.description[0].first_line, record.description[0].last_line) == (3, 4)
    record = one("\n" * 70_000 + bare("<dc:title>A</dc:title>"))
    assert record.source.first_line == 70_001


XOAI = """<record xmlns="http://www.openarchives.org/OAI/2.0/"><header><identifier>oai:d.example:1</identifier></header>
<metadata><metadata xmlns="http://www.lyncode.com/xoai">
<element name="dc">
 <element name="contributor"><element name="advisor"><element name="none"><field name="value">Doe, A.</field>
   <field name="authority">77</field></element></element>
  <element name="referee"><element name="none"><field name="value">Roe, B.</field></element></element></element>
 <element name="creator"><element name="none"><field name="value">Poe, C.</field></element></element>
 <element name="date"><element name="issued"><element name="none"><field name="value">2006</field></element></element>
  <element name="available"><element name="none"><field name="value">2018</field></element></element></element>
 <element name="description"><element name="abstract"><element name="cs_CZ"><field name="value">Text</field>
  </element></element><element name="provenance"><element name="en"><field name="value">Made</field></element></element>
 </element>
 <element name="subject"><element name="mesh"><element name="en"><field name="value">Crime</field></element></element>
  <element name="cs_CZ"><field name="value">Právo</field></element></element>
 <element name="title"><element name="cs_CZ"><field name="value">Titul</field></element>
  <element name="translated"><element name="en_US"><field name="value">Title</field></element></element></element>
 <element name="relation"><element name="ispartofseries"><element name="none"><field name="value">Papers; 7</field>
  </element></element></element>
</element>
<element name="thesis"><element name="degree"><element name="name"><element name="none"><field name="value">Bc.</field>
 </element></element></element></element>
<element name="bundles"><element name="bundle"><field name="name">ORIGINAL</field></element></element>
<element name="others"><field name="handle">1/2</field></element>
</metadata></metadata></record>"""


def test_xoai() -> None:
    record = one(XOAI)
    assert record.creators == (Agent(Value("Poe, C.", 7, 7)),)
    assert [(agent.heading.text, agent.role) for agent in record.contributors] == [("Doe, A.", "ths"), ("Roe, B.", "")]
    assert texts(record.issued) == ["2006"]
    assert [(value.text, value.language) for value in record.abstract] == [("Text", "cs-CZ")]
    assert [(value.text, value.language, value.scheme) for value in record.subjects] == [
        ("Crime", "en", "mesh"),
        ("Právo", "cs-CZ", ""),
    ]
    assert (texts(record.title), texts(record.alternative)) == (["Titul"], ["Title"])
    assert record.is_part_of[0].kind == "series"
    assert texts(record.degree) == ["Bc."]
    assert left(record) == [
        ("dc.contributor.advisor.none.authority", "77"),
        ("dc.contributor.referee", "Roe, B."),
        ("dc.date.available", "2018"),
        ("dc.description.provenance", "Made"),
        ("bundles.bundle.name", "ORIGINAL"),
        ("others.handle", "1/2"),
    ]


# Broken files


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="UTF-8"?>'])
def test_windows_1252_in_utf_8(declared: str) -> None:
    items = read((declared + bare("\n<dc:title>Größe</dc:title>")).encode("windows-1252"))
    assert [texts(item.title) for item in items if isinstance(item, Record)] == [["Größe"]]
    (fault,) = [item for item in items if isinstance(item, Fault)]
    assert (fault.first_line, fault.severity) == (2, "warning")


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-2", "windows-1252", "utf-8-sig"])
def test_declared_encodings(encoding: str) -> None:
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?>' + bare("<dc:title>Größe</dc:title>")
    assert oai_dc.recognises(text.encode(encoding))
    assert texts(one(text.encode(encoding)).title) == ["Größe"]


def test_what_is_broken_within_a_record_is_said() -> None:
    items = read(
        answer(
            record_of(1, "<dc:title>&nbsp;x \x0b</dc:title>"),
            record_of(2, "<dc:title>C</dc:tite>"),
            record_of(3, "<dc:title>D &lt;&amp;&gt; E</dc:title>"),
        )
    )
    assert numbers(items) == ["1", "2", "3"]
    assert [texts(item.title) for item in items if isinstance(item, Record)] == [["x"], ["C"], ["D <&> E"]]
    faults = [item for item in items if isinstance(item, Fault)]
    assert {item.severity for item in faults} == {"warning"}
    assert {4, 6} <= {item.first_line for item in faults}


@pytest.mark.parametrize("chunk", [1, 5, 64, 1 << 18])
@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("A & B", "A & B"),
        ("A &amp; B&lt;", "A & B<"),
        ("AT&T; &foo; &", "AT&T; &foo; &"),
        ("&eacute;t&eacute;&#233;&#xE9;&NotEqualTilde;", "étééé\u2242\u0338"),
        ("<![CDATA[a &amp; & b]]> & c", "a &amp; & b & c"),
        ("a ]] b ]&gt;", "a ]] b ]>"),
        ("http://x.example/?a=1&b=2&copy=3", "http://x.example/?a=1&b=2&copy=3"),
    ],
)
def test_references_to_characters(given: str, text: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.readers.text.decoding.CHUNK", chunk)
    items = read(bare(f"<dc:title>{given}</dc:title>"))
    assert [texts(item.title) for item in items if isinstance(item, Record)] == [[text]]
    assert len(items) == (1 if given in ("A &amp; B&lt;", "a ]] b ]&gt;") else 2)


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("<dc:title>T</dc:title></oai_dc:dc></metadata></record>", ["1", "2"]),
        ("<dc:title>T</dc:title>", ["1"]),
        ("<dc:title>T", ["1"]),
        ("<dc:ti", ["1"]),
        ("</record>\n<resumpt", ["1", "2"]),
    ],
)
def test_a_file_that_was_cut(cut: str, whole: list[str]) -> None:
    text = answer(record_of(1), record_of(2))
    items = read(text[: text.rindex(cut) + len(cut)])
    assert numbers(items) == whole
    faults = [item for item in items if isinstance(item, Fault)]
    (fault,) = [item for item in faults if item.severity == "violation"]
    assert "ends" in fault.message


def test_a_record_that_is_not_closed() -> None:
    items = read(answer(record_of(1), record_of(2).replace("</record>", ""), record_of(3)))
    assert numbers(items) == ["1", "3"]
    assert any("not closed" in item.message for item in items if isinstance(item, Fault))


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ("", "no metadata"),
        ('<r:record xmlns:r="http://www.loc.gov/MARC21/slim"/>', "MARC"),
        ('<mods xmlns="http://www.loc.gov/mods/v3"/>', "does not know"),
    ],
)
def test_a_record_without_dublin_core_is_left_out(metadata: str, words: str) -> None:
    other = f"<record><header><identifier>oai:x:9</identifier></header><metadata>{metadata}</metadata></record>"
    items = read(answer(record_of(1), other, record_of(2)))
    assert numbers(items) == ["1", "2"]
    (fault,) = [item for item in items if isinstance(item, Fault)]
    assert words in fault.message
    assert "oai:x:9" in fault.message


@pytest.mark.parametrize("text", ["", "broken xml", "<", "\x00\x01", "<a", "<a>", "<!DOCTYPE a [", "&", "<a/>"])
def test_no_xml_at_all(text: str) -> None:
    items = read(text)
    assert items
    assert all(isinstance(item, Fault) for item in items)


def test_errors_of_a_repository() -> None:
    error = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{}">words</error></OAI-PMH>'
    for code, severity in (("noRecordsMatch", "warning"), ("badArgument", "violation")):
        (fault,) = read(error.format(code))
        assert isinstance(fault, Fault)
        assert (f"{code}: words" in fault.message, fault.severity) == (True, severity)


def test_elements_below_anything_else_are_no_record() -> None:
    (fault,) = read('<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>T</dc:title></metadata>')
    assert isinstance(fault, Fault)
    assert ("no record in this file" in fault.message, fault.severity) == (True, "violation")


def test_entities_neither_expand_nor_fetch(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    text = f'<!DOCTYPE x [<!ENTITY e "boom"><!ENTITY f SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    record = one(text + bare("<dc:title>a&e;b&f;c</dc:title>"))
    assert record.title[0].text == "a&e;b&f;c"
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "boom"}">' for n in range(12))
    items = read(f"<!DOCTYPE x [{bomb}]>" + bare("<dc:title>a&e11;b</dc:title>"))
    assert all(isinstance(item, Fault) for item in items)
    assert any(
        "nothing was read" in item.message and item.severity == "violation" for item in items if isinstance(item, Fault)
    )


def test_a_huge_field() -> None:
    record = one(bare(f"<dc:description>{'word ' * 4_000_000}</dc:description>"))
    assert len(record.description[0].text) == 19_999_999


@pytest.mark.parametrize(
    ("head", "known"),
    [
        (answer(record_of(1)), True),
        (bare(""), True),
        (XOAI, True),
        ('<dc xmlns="http://purl.org/dc/elements/1.1/">', True),
        ('<record xmlns="http://www.loc.gov/MARC21/slim">', False),
        (answer('<metadata><record xmlns="http://www.loc.gov/MARC21/slim"/>'), False),
        ("<html><meta name='DC.title'></html>", False),
        ("<rdf:RDF xmlns:dc='http://purl.org/dc/elements/1.1/'>", False),
        ('{"title": "x"}', False),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_recognises(head: str, known: bool) -> None:
    assert oai_dc.recognises(head.encode()) is known


def test_memory_does_not_grow_with_the_file() -> None:
    begin, _, end = answer("|").encode().partition(b"|")
    record = record_of(1, "<dc:title>T</dc:title>" * 30).encode()

    class Long(io.RawIOBase):
        left = 500

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            return begin if self.left == 499 else record * 20 if self.left > 0 else end if self.left == 0 else b""

    process = psutil.Process()  # the tree is libxml2's, which tracemalloc does not see
    stream, most = Long(), 0
    for count, item in enumerate(oai_dc.read(stream, "long"), 1):  # type: ignore[arg-type]
        assert isinstance(item, Record)
        if count == 500:
            before = process.memory_info().rss
        if count % 500 == 0:
            most = max(most, process.memory_info().rss)
    assert count == 498 * 20
    assert most - before < 15_000_000


# Real answers

REAL = {path: path.relative_to(SHARED).as_posix() for path in sorted(SHARED.glob("oai-pmh/scrapi/*.xml"))}
REAL |= {path: path.name for path in sorted(SHARED.glob("nusl-greylit/20_*.xml"))}
REAL |= {
    path: path.name for path in sorted(SHARED.glob("oai-pmh/sickle/[GL]*Record*.xml")) if "Broken" not in path.name
}
REAL |= {path: path.name for path in sorted(SHARED.glob("oai-pmh/mit/list-records*.xml"))}


@pytest.mark.skipif(not REAL, reason="the recorded answers of repositories are not beside the project")
@pytest.mark.parametrize("path", list(REAL) or [Path()], ids=lambda path: REAL.get(path, "none"))
def test_nothing_of_a_real_answer_is_lost(path: Path) -> None:
    data = path.read_bytes()
    assert oai_dc.recognises(data[:65_536])
    items = read(data)
    given = list(
        etree.fromstring(data, etree.XMLParser(huge_tree=True)).iter("{http://www.openarchives.org/OAI/2.0/}record")
    )
    assert len(items) == len(given) > 0
    for item, element in zip(items, given, strict=True):
        assert isinstance(item, Record), item
        kept = "\n".join(" ".join(text.split()) for text in texts_of_record(item))
        for text in element.itertext():
            assert " ".join(text.split()) in kept, text


def texts_of_record(record: Record) -> list[str]:
    found = []
    for name in Record.__dataclass_fields__:
        items = getattr(record, name)
        for item in items if isinstance(items, tuple) else ():
            value = {Agent: "heading", Leftover: "value", Part: "title"}.get(type(item))
            found.append((getattr(item, value) if value else item).text)
    return found
