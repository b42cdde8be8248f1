"""MARC 21 and MARCXML: field by field, nothing lost over whole catalogues, damage of every kind, and bounded memory."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pymarc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from reader_fixtures import leftovers, parted

from publisher import resources
from publisher.readers.marc import fields, marc21, marcxml
from publisher.record import Agent, Fault, Part, Record, Value

SHARED = Path(__file__).parents[3] / "shared" / "data"
BINARY = (".mrc", ".dat", ".marc", ".usmarc")
SLIM = fields.SLIM
LEADER = "00000nam a2200000 i 4500"
FIXED = "110101s2011    enk      tm  f100 0 eng d"

needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared catalogues are not here ({SHARED})")


def read_marc(data: bytes) -> tuple[list[Record], list[Fault]]:
    return parted(marc21.read(io.BytesIO(data), "file.mrc"))


def read_xml(data: str | bytes) -> tuple[list[Record], list[Fault]]:
    return parted(marcxml.read(io.BytesIO(data.encode() if isinstance(data, str) else data), "file.xml"))


def xml(*fields: str, leader: str = LEADER) -> str:
    """A record of fields such as "245 10 $aTitle :$brest /$cauthor." and "001 12"."""
    made = [f"<leader>{leader}</leader>"] if leader else []
    for field in fields:
        tag, _, rest = field.partition(" ")
        if tag < "010":
            made.append(f'<controlfield tag="{tag}">{rest}</controlfield>')
            continue
        subfields = "".join(f'<subfield code="{part[0]}">{part[1:]}</subfield>' for part in rest[3:].split("$")[1:])
        made.append(f'<datafield tag="{tag}" ind1="{rest[0]}" ind2="{rest[1]}">{subfields}</datafield>')
    return "<record>" + "\n".join(made) + "</record>"


def collection(*records: str) -> str:
    return f'<collection xmlns="{SLIM}">\n' + "\n".join(records) + "\n</collection>\n"


def binary(*fields: str, leader: str = LEADER) -> bytes:
    record = pymarc.Record(leader=leader)
    for field in fields:
        tag, _, rest = field.partition(" ")
        if tag < "010":
            record.add_field(pymarc.Field(tag, data=rest))
        else:
            subfields = [pymarc.Subfield(part[0], part[1:]) for part in rest[3:].split("$")[1:]]
            record.add_field(pymarc.Field(tag, pymarc.Indicators(rest[0], rest[1]), subfields))
    return record.as_marc()


def one(*fields: str, leader: str = LEADER) -> Record:
    records, faults = read_xml(collection(xml(*fields, leader=leader)))
    assert (len(records), faults) == (1, [])
    return records[0]


def plain(value: Any) -> Any:
    """A value as a test writes it: the text, with what more is said of it behind."""
    if isinstance(value, Part):
        more = (value.kind, value.number, value.volume, value.pages, value.issn)
        return (value.title.text, *more)
    if isinstance(value, Agent):
        return (value.heading.text, value.kind, value.role, *value.heading.iris)
    return (value.text, value.scheme, *value.iris) if value.scheme or value.iris else value.text


def given_by(record: Record, name: str) -> list[Any]:
    return [plain(value) for value in getattr(record, name)]


# Field by field

PERSON, BODY = "person", "organisation"

CASES = [
    (["001 ocm12", "003 OCoLC"], "record_number", [("ocm12", "OCoLC")]),
    (
        ["245 10 $aPutting the pieces together :$ban inspection /$cHMI."],
        "title",
        ["Putting the pieces together : an inspection"],
    ),
    (["245 10 $aPutting it together /$cHMI Probation."], "description", ["HMI Probation"]),
    (["245 10 $aPrisons$h[electronic resource] :$ba study."], "title", ["Prisons : a study"]),
    (["245 10 $aPrisons$ba study"], "title", ["Prisons : a study"]),
    (["245 10 $aCrime$n2$pStatistics."], "title", ["Crime. 2, Statistics"]),
    (["245 10 $aCrime in the U.S."], "title", ["Crime in the U.S."]),
    (["245 10 $aPrisons by Smith, Inc."], "title", ["Prisons by Smith, Inc."]),
    (["245 10 $aAnd so on ..."], "title", ["And so on ..."]),
    (["240 10 $aWorks.$lEnglish", "246 3  $aPieces :$bone"], "alternative", ["Works. English", "Pieces : one"]),
    (["880 10 $6245-01/$aПрава /", "880 1  $6100-02$aИванов"], "alternative", ["Права"]),
    (["100 1  $aSmith, John A.,$d1950-$4aut"], "creators", [("Smith, John A., 1950-", PERSON, "aut")]),
    (["700 1  $aB, C.", "100 1  $aA, B."], "creators", [("A, B.", PERSON, ""), ("B, C.", PERSON, "")]),
    (["110 2  $aGreat Britain.$bHMI Probation."], "creators", [("Great Britain. HMI Probation", BODY, "")]),
    (["110 2  $aDeutschland$bBundestag"], "creators", [("Deutschland. Bundestag", BODY, "")]),
    (["100 1  $aLepa, M.$eVerfasser$4aut"], "creators", [("Lepa, M.", PERSON, "aut")]),
    (["111 2  $aMeeting$ePanel$jauthor"], "creators", [("Meeting. Panel", BODY, "aut")]),
    (["720 1  $aSmith, J.", "720    $aHome Office"], "creators", [("Smith, J.", PERSON, ""), ("Home Office", "", "")]),
    (["700 1  $aDoe, J.,$eeditor."], "contributors", [("Doe, J.", PERSON, "edt")]),
    (["700 1  $aDoe, J.$4http://id.loc.gov/vocabulary/relators/trl"], "contributors", [("Doe, J.", PERSON, "trl")]),
    (["700 1  $aDoe, J.,$eillustrator,$eauthor."], "creators", [("Doe, J.", PERSON, "aut")]),
    (["700 1  $aDoe, J.,$echief cook."], "contributors", [("Doe, J.", PERSON, "")]),
    (
        ["710 2  $aUniversity of X,$edegree granting institution."],
        "degree_grantors",
        [("University of X", BODY, "dgg")],
    ),
    (["700 12 $aDoe, J.$tOther work"], "creators", []),
    (
        ["700 1  $aDoe, J.$0(orcid)0000-0002-1825-0097$0(viaf)12$0(orcid)1$1http://x.org/a"],
        "creators",
        [("Doe, J.", PERSON, "", "https://orcid.org/0000-0002-1825-0097", "http://viaf.org/viaf/12", "http://x.org/a")],
    ),
    (["250    $a2nd ed. /$brevised."], "edition", ["2nd ed. / revised"]),
    (["260    $aLondon :$bHome Office,$c2011."], "publication_statement", ["London : Home Office, 2011."]),
    (["260    $aLondon :$bHome Office,$c2011."], "place_of_publication", ["London"]),
    (["264  1 $a[London] :$b[s.n.],$c[2011]"], "publishers", [("[s.n.]", "", "")]),
    (["260    $a[London :$bHome Office,$c2011]"], "place_of_publication", ["London"]),
    (["260    $a[London :$bHome Office,$c2011]"], "issued", ["2011"]),
    (["264  1 $aLondon", "264  4 $c©2010", f"008 {FIXED}"], "issued", ["2011"]),
    (["260    $cn.d.", f"008 {FIXED}"], "issued", ["n.d."]),
    (["008 110101m19992004xx                  eng d"], "issued", ["1999-2004"]),
    (["008 110101c19999999xx                  eng d"], "issued", ["1999-"]),
    (["008 110101q19901995xx                  eng d"], "issued", ["between 1990 and 1995"]),
    (["008 110101r20111950xx                  eng d"], "issued", ["2011"]),
    (["300    $aiv, 50 p. :$bill. ;$c24 cm."], "extent", ["iv, 50 p. : ill. ; 24 cm."]),
    (
        ["336    $atext$btxt$2rdacontent", "655  7 $aStatistics.$2lcgft", "655  0 $aMaps"],
        "types",
        [
            ("am", "marc-leader"),
            ("text", "rdacontent", "http://id.loc.gov/vocabulary/contentTypes/txt"),
            ("Statistics", "lcgft"),
            ("Maps", "lcsh"),
        ],
    ),
    (
        [f"008 {FIXED}"],
        "types",
        [("am", "marc-leader"), ("t", "marc-008-contents"), ("m", "marc-008-contents"), ("1", "marc-008-conference")],
    ),
    ([f"008 {FIXED}"], "languages", [("eng", "iso639-2b")]),
    (["041 1  $aengfre$hger"], "languages", [("eng", "iso639-2b"), ("fre", "iso639-2b")]),
    (["041 07 $aen$2iso639-1"], "languages", [("en", "iso639-1")]),
    (
        ["490 1  $aResearch study ;$v289", "830  0 $aHome Office research study ;$vno. 289."],
        "is_part_of",
        [("Home Office research study", "series", "no. 289", "", "", "")],
    ),
    (
        ["490 0  $aA ;$v5.$aB ;$v3$x1234-5679"],
        "is_part_of",
        [("A", "series", "5", "", "", ""), ("B", "series", "3", "", "", "1234-5679")],
    ),
    (
        ["773 0  $tCrime and justice$gVol. 3, no. 2, p. 5-10$x0192-3234"],
        "is_part_of",
        [("Crime and justice", "journal", "2", "3", "5-10", "0192-3234")],
    ),
    (["773 0  $tA book$gJan. 1999$z0123456789"], "is_part_of", [("A book", "book", "", "", "", "")]),
    (["502    $aThesis (Ph.D.)--X, 2003."], "description", ["Thesis (Ph.D.)--X, 2003."]),
    (["502    $bPh.D.$cUniversity of X$d2003"], "degree", ["Ph.D."]),
    (["502    $bPh.D.$cUniversity of X$d2003"], "degree_grantors", [("University of X", BODY, "dgg")]),
    (["505 0  $tOne --$tTwo"], "table_of_contents", ["One -- Two"]),
    (["520    $aA.", "520 3  $aB.", "520 1  $aA review."], "abstract", ["A.", "B."]),
    (
        ["506 0  $aOpen$2star", "540    $aCC BY$uhttps://x.org/by"],
        "rights",
        ["Open", ("CC BY", "", "https://x.org/by")],
    ),
    (
        ["650  0 $aPrisons$zUnited States.$0http://id.loc.gov/x", "650  7 $aPrisons.$2fast$0(OCoLC)fst01077200"],
        "subjects",
        [
            ("Prisons--United States", "lcsh", "http://id.loc.gov/x"),
            ("Prisons", "fast", "http://id.worldcat.org/fast/1077200"),
        ],
    ),
    (["651  4 $aEngland", "653    $aa$ab", "690    $aLocal"], "subjects", ["England", "a", "b", "Local"]),
    (["600 10 $aDoe, J.,$d1950-$xTrials"], "subjects", [("Doe, J., 1950---Trials", "lcsh")]),
    (["648  7 $a1900-1999$2fast"], "temporal", [("1900-1999", "fast")]),
    (
        ["856 40 $uhttp://x.org/a", "856 4  $uhttp://x.org/b", "856 42 $uhttp://x.org/c"],
        "uri",
        ["http://x.org/a", "http://x.org/b"],
    ),
    (
        [
            "010    $a  2011012345",
            "020    $a0786251301 (cased) :$c9.00",
            "020    $a9780786251308$qcased",
            "022    $a0192-3234",
            "024 7  $a10.1000/1$2doi",
            "027    $aR-1",
            "035    $a(OCoLC)ocm00012",
            "035    $a(DE-605)HT01",
            "086 0  $aJ 1.2:3",
            "088    $aNCJ 1",
        ],
        "identifiers",
        [
            ("2011012345", "lccn"),
            ("0786251301", "isbn"),
            ("9780786251308", "isbn"),
            ("0192-3234", "issn"),
            ("10.1000/1", "doi"),
            ("R-1", "report"),
            ("12", "oclc"),
            ("HT01", "DE-605"),
            ("J 1.2:3", "sudoc"),
            ("NCJ 1", "report"),
        ],
    ),
]


@pytest.mark.parametrize(("fields", "name", "expected"), CASES, ids=[f"{case[0][0]}-{case[1]}" for case in CASES])
def test_field(fields: list[str], name: str, expected: list[Any]) -> None:
    assert given_by(one(*fields), name) == expected


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        ("700 12 $aDoe, J.$tOther", [("MARC 700 $a", "Doe, J."), ("MARC 700 $t", "Other")]),
        ("700 1  $aDoe, J.,$echief cook.", [("MARC 700 $e", "chief cook.")]),
        ("700 1  $aDoe, J.$0(orcid)1", [("MARC 700 $0", "(orcid)1")]),
        ("020    $a0786251301 (cased)$z99", [("MARC 020 $a", "0786251301 (cased)"), ("MARC 020 $z", "99")]),
        ("856 42 $uhttp://x.org/c$3Related", [("MARC 856 $u", "http://x.org/c"), ("MARC 856 $3", "Related")]),
        ("880 1  $6100-02$aИванов", [("MARC 880 (100-02) $a", "Иванов")]),
        ("264  4 $c©2010", [("MARC 264 $c", "©2010")]),
        ("FMT    $aBK", [("MARC FMT $a", "BK")]),
        ("773 0  $tA$gJan. 1999", [("MARC 773 $g", "Jan. 1999")]),
        ("043    $an-us---", [("MARC 043 $a", "n-us---")]),
    ],
)
def test_what_has_no_attribute_is_kept(field: str, kept: list[tuple[str, str]]) -> None:
    assert leftovers(one(field)) == kept


def test_a_deleted_record_is_withdrawn() -> None:
    assert one("001 1", "245 00 $aGone", leftovers_of := "500    $aNote", leader="00000dam a2200000 i 4500").withdrawn
    assert not one("001 1", leftovers_of).withdrawn


def test_binary_and_xml_give_the_same_record() -> None:
    fields = [
        "001 12",
        f"008 {FIXED}",
        "245 10 $aDéjà vu :$bprisons",
        "700 1  $aDoe, J.",
        "776    $w(DLC)   9866",
        "999    $aкрай",
    ]
    (first,), faults = read_marc(binary(*fields))
    assert not faults
    second = one(*fields)
    assert contents(first) == contents(second)
    assert etree.fromstring(first.source.text).findtext(f"{{{SLIM}}}controlfield") == "12"
    assert first.source.media_type == second.source.media_type == "application/marcxml+xml"
    assert (first.source.first_line, first.source.position, second.source.first_line) == (0, 1, 2)


def contents(record: Record) -> dict[str, Any]:
    """A record without its source and the lines of its values."""
    kept = orjson.loads(orjson.dumps(record))
    del kept["source"]

    def bare(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: bare(it) for key, it in value.items() if key not in ("first_line", "last_line")}
        return [bare(it) for it in value] if isinstance(value, list) else value

    return bare(kept)


def test_relators_are_a_table_of_terms_and_codes() -> None:
    rows = resources.table("ontology/relators.csv")
    assert max(Counter(row["term"] for row in rows).values()) == 1
    for row in rows:
        assert row["term"] == row["term"].lower().strip(" .,;:[]()"), row
        assert re.fullmatch("[a-z]{3}", row["code"]), row
        assert fields.relator_of(row["term"].capitalize() + ".") in (row["code"], row["term"]), row


# Shapes of XML


def oai(*records: str) -> str:
    return (
        '<?xml version="1.0"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request verb="ListRecords" '
        'metadataPrefix="marc21"/>\n<ListRecords>\n' + "\n".join(records) + "\n</ListRecords></OAI-PMH>"
    )


def oai_record(number: int, content: str, status: str = "") -> str:
    metadata = f"<metadata>{content}</metadata>" if content else ""
    return (
        f"<record><header{status}><identifier>oai:x:{number}</identifier><datestamp>2020-01-0{number}</datestamp>"
        f"</header>{metadata}</record>"
    )


def slim(number: int) -> str:
    return xml(f"001 {number}", f"245 00 $aTitle {number}").replace("<record>", f'<record xmlns="{SLIM}">')


def prefixed(record: str) -> str:
    return re.sub(r"<(/?)", r"<\1m:", record).replace("<m:record>", f'<m:record xmlns:m="{SLIM}">')


SRU = (
    '<zs:searchRetrieveResponse xmlns:zs="http://docs.oasis-open.org/ns/search-ws/sruResponse"><zs:numberOfRecords>2'
    "</zs:numberOfRecords><zs:records>{}</zs:records></zs:searchRetrieveResponse>"
)
SRU_RECORD = "<zs:record><zs:recordPacking>xml</zs:recordPacking><zs:recordData>{}</zs:recordData></zs:record>"
R1, R2 = xml("001 1", "245 00 $aTitle 1"), xml("001 2", "245 00 $aTitle 2")
ESCAPED = [slim(n).replace("&", "&amp;").replace("<", "&lt;") for n in (1, 2)]


@pytest.mark.parametrize(
    "text",
    [
        R1 + "\n" + R2,
        collection(R1, R2),
        f"<collection>{R1}{R2}</collection>",
        f"<?xml version='1.0'?>\n<!-- <record/> -->\n<m:collection xmlns:m='{SLIM}'>"
        f"{prefixed(R1)}{prefixed(R2)}</m:collection>",
        oai(oai_record(1, slim(1)), oai_record(2, slim(2))),
        oai(oai_record(1, prefixed(R1)), oai_record(2, prefixed(R2))),
        SRU.format(SRU_RECORD.format(slim(1)) + SRU_RECORD.format(prefixed(R2))),
        SRU.format("".join(map(SRU_RECORD.format, ESCAPED))),
        collection(R1) + collection(R2),
    ],
    ids=["bare", "collection", "no-namespace", "prefix", "oai", "oai-prefix", "sru", "sru-text", "two-documents"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_every_wrapping_gives_the_records(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    records, faults = read_xml(data)
    assert [it.title[0].text for it in records] == ["Title 1", "Title 2"]
    assert [it.source.position for it in records] == [1, 2]
    assert [it for it in faults if it.severity == "violation"] == []
    assert marcxml.recognises(data)
    assert not marc21.recognises(data)


def test_oai_deleted_and_foreign_records() -> None:
    answer = oai(
        oai_record(1, slim(7)), oai_record(2, "", ' status="deleted"'), oai_record(3, "<dc><title>x</title></dc>")
    )
    records, faults = read_xml(answer)
    assert [given_by(it, "record_number") for it in records] == [["oai:x:1", "7"], ["oai:x:2"]]
    assert [it.withdrawn for it in records] == [False, True]
    assert records[1].source.media_type == "application/xml"
    assert ("OAI-PMH datestamp", "2020-01-02") in leftovers(records[1])
    assert [(it.first_line, "holds no MARC" in it.message) for it in faults] == [(8, True)]


@pytest.mark.parametrize(("code", "severity"), [("noRecordsMatch", "warning"), ("badArgument", "violation")])
def test_an_error_of_the_source_is_told(code: str, severity: str) -> None:
    answer = oai().replace("<ListRecords>\n\n</ListRecords>", f'<error code="{code}">Nothing there</error>')
    records, (fault,) = read_xml(answer)
    assert (records, fault.severity) == ([], severity)
    assert f"{code}: Nothing there" in fault.message


def test_lines_are_those_of_the_file() -> None:
    pretty = [xml(f"001 {n}", f"245 00 $aTitle {n}", "500    $aNote") for n in range(15_000)]
    text = collection(*pretty)
    lines = text.split("\n")
    assert len(lines) > marcxml.MANY_LINES
    records, faults = read_xml(text)
    assert (len(records), faults) == (15_000, [])
    for record in (records[0], records[12_499], records[12_500], records[-1]):
        title, note = record.title[0], record.description[0]
        assert lines[record.source.first_line - 1].startswith("<record>")
        assert lines[record.source.last_line - 1].endswith("</record>")
        assert f">{title.text}<" in lines[title.first_line - 1]
        assert note.first_line == title.first_line + 1


# Damage


@pytest.mark.parametrize(
    "bad",
    [
        "<datafield>",
        "AT&T",
        "a < b",
        "&nbsp;",
        "\x1b",
        "<a b=c>",
        "]]>",
        "&#27;",
        "<!-- -- -->",
        "<record>",
        "</record>",
    ],
)
@pytest.mark.parametrize("wrap", [collection, lambda *records: oai(*(oai_record(1, it) for it in records))])
def test_a_broken_record_costs_itself_alone(bad: str, wrap: Any) -> None:
    records, faults = read_xml(wrap(slim(1), slim(2).replace("Title 2", f"Title 2 {bad}"), slim(3), slim(4)))
    assert [it.title[0].text for it in records] == ["Title 1", "Title 3", "Title 4"]
    assert any(it.severity == "violation" for it in faults)
    assert all(3 <= it.first_line <= 12 for it in faults), faults


def test_bytes_that_are_not_utf8_refuse_an_xml_record() -> None:
    data = collection(R1, R2).encode().replace(b"Title 2", b"Caf\xe9 ")
    records, (fault,) = read_xml(data)
    assert len(records) == 1
    assert "not well-formed" in fault.message
    assert read_xml(b'<?xml version="1.0" encoding="iso-8859-1"?>' + data)[0][1].title[0].text == "Café"


def test_a_record_without_end_is_told_and_the_next_is_read() -> None:
    records, (fault,) = read_xml(collection(R1, R1.replace("</record>", ""), R2))
    assert [it.title[0].text for it in records] == ["Title 1", "Title 2"]
    assert "no end" in fault.message


@pytest.mark.parametrize("text", [collection(R1, R2), oai(oai_record(1, slim(1)), oai_record(2, slim(2)))])
def test_an_xml_file_cut_anywhere(text: str) -> None:
    for end in range(0, len(text) - 1, 7):
        records, faults = read_xml(text[:end])
        assert len(records) <= 2
        assert [it.title[0].text for it in records] == ["Title 1", "Title 2"][: len(records)]
        assert faults or text[:end].strip().endswith(">"), end


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret words")
    for system in (f'SYSTEM "{secret.as_uri()}"', '"secret words"'):
        text = f"<!DOCTYPE record [<!ENTITY x {system}>]>" + R1.replace("Title 1", "Title &x;")
        records, _ = read_xml(text)
        assert all("secret" not in it.source.text for it in records)


GOOD = [binary(f"001 {n}", f"245 00 $aTitle {n}", "500    $aNote") for n in range(4)]


def titles(records: list[Record]) -> list[str]:
    return [it.title[0].text for it in records]


def with_length(record: bytes, length: bytes) -> bytes:
    return length + record[5:]


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: with_length(it, b"00030"),
        lambda it: with_length(it, b"99999"),
        lambda it: with_length(it, b"abcde"),
        lambda it: it[:12] + b"00000" + it[17:],
        lambda it: it[:12] + b"f0037" + it[17:],
        lambda it: it.replace(b"245001", b"245009", 1),
        lambda it: it.replace(b"0000\x1e", b"9999\x1e", 1),
        lambda it: b"\r\n\0" + it + b"\n",
    ],
)
def test_wrong_lengths_and_places_are_overcome(damage: Any) -> None:
    records, faults = read_marc(GOOD[0] + damage(GOOD[1]) + GOOD[2])
    assert titles(records) == ["Title 0", "Title 1", "Title 2"]
    assert not faults


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda it: it[:-20] + b"\x1d", "fields in its directory"),
        (lambda it: it[:24] + b"x" + it[24:], "directory"),
        (lambda it: it[:24] + b"\x1e\x1d", "no fields"),
        (lambda it: it[:70], "cut off"),
        (lambda it: b"no record at all\x1d", "no fields"),
        (lambda it: it.replace(b"nam ", b"nz  "), "of an authority"),
        (lambda it: it.replace(b"245", b"200"), "UNIMARC"),
    ],
)
def test_a_broken_binary_record_costs_itself_alone(damage: Any, said: str) -> None:
    records, faults = read_marc(GOOD[0] + damage(GOOD[1]) + GOOD[2])
    assert titles(records) == ["Title 0", "Title 2"]
    assert said in " ".join(it.message for it in faults)
    assert "record 2" in faults[0].message
    assert [it.source.position for it in records] == [1, 3]


def test_a_binary_file_cut_anywhere() -> None:
    data = b"".join(GOOD)
    for end in range(len(data)):
        records, faults = read_marc(data[:end])
        assert titles(records) == [f"Title {n}" for n in range(len(records))]
        assert len(faults) == (end not in {sum(map(len, GOOD[: n + 1])) for n in range(4)})


def test_a_field_without_indicators_or_codes_loses_no_text() -> None:
    data = GOOD[1].replace(b"00\x1faTitle 1", b"Title \x1f\x80bc ")
    (record,), faults = read_marc(data)
    assert not faults
    assert any("Title" in text for _, text in leftovers(record))
    assert any("bc" in text for _, text in leftovers(record))


def test_huge_fields() -> None:
    words = "word " * 40_000
    data = binary("001 1", "245 00 $aTitle", "520    $aWORDS").replace(b"WORDS", words.encode())
    (record,), faults = read_marc(b"99999" + data[5:])  # the most that a leader can state
    assert not faults
    assert record.abstract[0].text == words.strip()
    assert read_xml(collection(xml("245 00 $aTitle", f"520    $a{words}")))[0][0].abstract[0].text == words.strip()
    endless = b"00000nam a2200000 i 4500" + b"x" * (marc21.LONGEST + marc21.CHUNK)
    records, (fault,) = read_marc(GOOD[0] + endless + b"\x1d" + GOOD[1])
    assert titles(records) == ["Title 0", "Title 1"]
    assert "no end" in fault.message


# Encodings

ANSEL = "00000nam  2200000 i 4500"


@pytest.mark.parametrize(
    ("marked", "raw", "text", "said"),
    [
        ("a", "Déjà vu".encode(), "Déjà vu", ""),
        (" ", b"D\xe2ej\xe1a vu", "Déjà vu", ""),
        (" ", "Déjà vu".encode(), "Déjà vu", "marked as MARC-8 but is UTF-8"),
        ("a", b"D\xe2ej\xe1a vu", "Déjà vu", "marked as UTF-8 but is MARC-8"),
        ("a", b"H\x1bb2\x1bsO", "H₂O", ""),
        (" ", b"H\x1bb2\x1bsO", "H₂O", ""),
        ("a", "\x98The\x9c end".encode(), "The end", ""),
        ("a", b"Caf\xe9 x", "Café x", "marked as UTF-8 but is Windows-1252"),
        (" ", b"na\xefve \x93x\x94", "naïve “x”", "marked as MARC-8 but is Windows-1252"),
        ("a", b"Caf\xff\xc3\xa9 x", "Caf�é x", "a character was lost"),
        (" ", b"a \x1b$1!0", "", "a character was lost"),
        ("a", b"A\x02B", "AB", "control characters"),
    ],
)
def test_encoding(marked: str, raw: bytes, text: str, said: str) -> None:
    made = binary("245 00 $aTITLE", leader=LEADER)
    data = made[:9] + marked.encode() + made[10:].replace(b"TITLE", raw)
    (record,), faults = read_marc(data)
    assert not faults
    if text:
        assert record.title[0].text == text
    messages = " ".join(it.message for it in record.notes if "lengths" not in it.message)
    assert said in messages
    assert bool(said) == bool(messages)


def test_another_code_page_is_refused() -> None:
    fields = [f"{tag}    $aTEXT" for tag in (500, 501, 504, 520)]
    made = binary("001 7", *fields, leader=ANSEL).replace(b"nam a", b"nam  ").replace(b"TEXT", "Право".encode("cp1251"))
    records, (fault,) = read_marc(made)
    assert not records
    assert "neither in UTF-8 nor in MARC-8" in fault.message
    assert "(001: 7)" in fault.message


# Whatever comes


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=4)), max_size=8))
@example([(0, b"\x1d\x1d")])
def test_no_damage_makes_a_reader_fail(changes: list[tuple[int, bytes]]) -> None:
    for data, read in ((b"".join(GOOD), read_marc), (oai(oai_record(1, slim(1)), slim(2)).encode(), read_xml)):
        for place, new in changes:
            place %= len(data)
            data = data[:place] + new + data[place + len(new) // 2 :]
        records, faults = read(data)
        assert all(it.message.startswith("file.") and it.file for it in faults)
        for record in records:
            etree.fromstring(record.source.text)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_a_reader_fail(data: bytes) -> None:
    read_marc(data)
    read_xml(data)
    marc21.recognises(data)
    marcxml.recognises(data)


@pytest.mark.parametrize("kind", ["binary", "xml", "one-line"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "many"
    note = "500    $a" + "words " * 30
    one_record = (
        binary("001 1", "245 00 $aTitle", note) if kind == "binary" else xml("001 1", "245 00 $aTitle", note).encode()
    )
    end = {"xml": b"\n", "one-line": b""}.get(kind, b"")
    with path.open("wb") as file:
        file.write(b"" if kind == "binary" else b"<collection>")
        for _ in range(10):
            file.write((one_record + end) * 1000)
        file.write(b"" if kind == "binary" else b"</collection>")
    reader = marc21 if kind == "binary" else marcxml
    count = 0
    tracemalloc.start()
    try:
        with path.open("rb") as stream:
            for it in reader.read(stream, "many"):
                assert isinstance(it, Record)
                count += 1
                if count == 2000:
                    tracemalloc.reset_peak()
                    early, _ = tracemalloc.get_traced_memory()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak - early < 1_500_000 < path.stat().st_size


def test_recognises_its_own_and_nothing_else() -> None:
    assert marc21.recognises(GOOD[0])
    assert marc21.recognises(b"\n" + GOOD[0])
    for text in (
        "",
        "12345",
        "Author: X\nTitle: Y\n",
        "TY  - RPRT\nER  - \n",
        '{"a": 1}',
        "12345 and so on, and more text",
    ):
        assert not marc21.recognises(text.encode())
        assert not marcxml.recognises(text.encode())
    formats = "<OAI-PMH><ListMetadataFormats><metadataFormat><metadataNamespace>http://www.loc.gov/MARC21/slim"
    assert not marcxml.recognises(formats.encode())
    assert not marcxml.recognises(b"<html><body>&lt;datafield tag='245'&gt;</body></html>")


# Whole catalogues


def shared_files() -> list[Path]:
    return sorted(path for path in SHARED.rglob("*") if path.is_file() and reader_of(path))


def reader_of(path: Path) -> Any:
    with path.open("rb") as stream:
        head = stream.read(65_536)
    return next((it for it in (marc21, marcxml) if it.recognises(head)), None)


def read_file(path: Path) -> tuple[list[Record], list[Fault]]:
    with path.open("rb") as stream:
        return parted(reader_of(path).read(stream, path.name))


@needs_data
def test_every_marc_file_is_recognised() -> None:
    for path in SHARED.rglob("*"):
        if path.suffix in BINARY:
            assert reader_of(path) is marc21, path
        elif path.suffix == ".xml" and re.search(rb"<(\w+:)?datafield\b", path.read_bytes()):
            assert reader_of(path) is marcxml, path
        elif path.is_file() and path.suffix not in (".xml", *BINARY):
            assert reader_of(path) is None, path


@needs_data
def test_the_shared_catalogues_are_read() -> None:
    count: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for path in shared_files():
        records, faults = read_file(path)
        count[path.relative_to(SHARED).parts[0]] += len(records)
        if faults:
            refused[path.name] += len(faults)
    assert count["gpo-cgp"] == 183 * 3 + 56 * 2 + 284 + 22 + 40 + 42
    assert count["gpo-criminal-justice"] == 427
    assert count["nusl-greylit"] == 16
    assert count["lobid-rdf"] == 15
    assert refused == {
        "bad_indicator.dat": 1,
        "bad_records.mrc": 3,
        "three-records-second-bad.xml": 1,
        "1251.dat": 6,
        "cp866_multirecord.marc": 2,
        "testunimarc.dat": 1,
        "badArgument.xml": 1,
        "cannotDisseminateFormat.xml": 1,
        "undefinedError.xml": 1,
    }


@needs_data
def test_the_same_records_in_three_encodings_are_the_same() -> None:
    folder = SHARED / "gpo-cgp" / "nbs"
    names = ("nbs_monograph_marc8.mrc", "nbs_monograph_utf8.mrc", "nbs_monograph.xml")
    marc8, utf8, from_xml = (read_file(folder / name)[0] for name in names)
    unlike = [n for n, (a, b) in enumerate(zip(marc8, utf8, strict=True), 1) if values(a) != values(b)]
    assert unlike == [25]  # an escape that MARC-8 does not know
    escapes = [25, 76, 77, 132]  # MARC-8's superscripts, which the XML has as they are or not at all
    unlike = [
        n for n, (a, b) in enumerate(zip(utf8, from_xml, strict=True), 1) if sorted(values(a)) != sorted(values(b))
    ]
    assert set(unlike) <= set(escapes)


WHITE = re.compile(r"\s+")


def bare(text: str) -> str:
    return WHITE.sub(" ", fields.clean(text)).strip(" /:;,=.[]")


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def values(record: Record) -> list[str]:
    kept = orjson.loads(orjson.dumps(record))
    del kept["source"], kept["notes"]
    return [WHITE.sub(" ", text) for text in strings(kept) if text]


def source_fields(path: Path) -> list[list[tuple[str, str, str]]]:
    """The (tag, code, text) of every record of a file, by pymarc or lxml alone."""
    records = []
    if path.suffix == ".xml":
        for record in etree.parse(path).iter("{*}record"):
            fields = [
                (field.get("tag"), part.get("code") or "", "".join(part.itertext()))
                for field in record.iterchildren("{*}controlfield", "{*}datafield")
                for part in (field.iterchildren("{*}subfield") if len(field) else [field])
            ]
            if fields:
                records.append(fields)
        return records
    for read in pymarc.MARCReader(path.read_bytes(), hide_utf8_warnings=True):
        assert read is not None
        records.append(
            [
                (field.tag, part.code, part.value)
                for field in read
                for part in (field.subfields or [pymarc.Subfield("", field.data or "")])
            ]
        )
    return records


def is_kept(tag: str, code: str, text: str, kept: list[str]) -> bool:
    """Whether a value is in a record: as it is, or as the IRI, code or number that it stands for."""
    wanted = bare(text)
    if not wanted or code in ("6", "8"):
        return True
    if any(wanted in it for it in kept):
        return True
    if code in ("e", "j", "4") and fields.relator_of(text) in kept:
        return True
    if code == "2":
        return wanted.lower() in kept
    if code in ("0", "1") and (iri := fields.iri_of(text)):
        return iri in kept
    if tag == "035" and code in ("a", "z"):  # the agency is that of 003, or the scheme
        number = re.sub(r"^\(.*?\)\s*", "", text.strip())
        return number in kept or re.sub("^(?:oc[mn]|on)?0*", "", number) in kept
    if tag == "041":
        return all(it in kept for it in re.findall("...", wanted))
    if tag == "773" and code == "g":
        return all(it in kept for it in re.findall(r"\d+", wanted))
    return tag in ("336", "338") and code == "b" and any(it.endswith(f"/{wanted}") for it in kept)


@needs_data
def test_no_value_of_any_catalogue_is_lost() -> None:
    count = 0
    # Those that pymarc or lxml alone cannot read as they are; what the reader makes of them is tested above.
    broken = {"malformed", "oai-pmh"}
    wrong = {"1251.dat", "cp866_multirecord.marc", "testunimarc.dat"}
    wrong |= {"marc8_accented_chars.marc", "utf8_without_leader_flag.dat"}
    escaped = {"nbs_monograph_marc8.mrc", "nbs_monograph_utf8.mrc"}
    for path in shared_files():
        if path.relative_to(SHARED).parts[0] in broken or path.name in wrong:
            continue
        records, _ = read_file(path)
        for record, found in zip(records, source_fields(path), strict=True):
            kept = [bare(it) for it in values(record)] + values(record)
            for tag, code, text in found:
                count += 1
                if path.name in escaped and "\x1b" in text:
                    continue
                assert is_kept(tag, code, text, kept), (path.name, record.source.position, tag, code, text)
    assert count > 100_000


@needs_data
def test_a_thesis_of_the_grey_literature() -> None:
    (record,), _ = read_file(SHARED / "nusl-greylit" / "10.xml")
    assert given_by(record, "degree") == ["Bc."]
    assert given_by(record, "degree_grantors") == [("Vysoká škola ekonomická v Praze", BODY, "dgg")]
    assert given_by(record, "languages") == [("cze", "iso639-2b")]
    assert [it.scheme for it in record.types] == ["marc-502"]
    first: Value = record.title[0]
    assert (first.text, first.first_line) == ("Vzory pro návrh uživatelského rozhraní", 15)


def test_xml_without_any_record_is_told() -> None:
    records, (fault,) = read_xml(
        '<mods xmlns="http://www.loc.gov/mods/v3"><titleInfo><title>T</title></titleInfo></mods>'
    )
    assert (records, fault.severity) == ([], "violation")
    assert "no MARC record in this file" in fault.message


@pytest.mark.parametrize("answer", ["<OAI-PMH><ListRecords/></OAI-PMH>", "<searchRetrieveResponse/>"])
def test_a_list_without_records_is_no_mistake(answer: str) -> None:
    records, (fault,) = read_xml(answer)
    assert (records, fault.severity) == ([], "info")
    assert "list" in fault.message
