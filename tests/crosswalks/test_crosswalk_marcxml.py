"""MARCXML: well formed as MARC is, lint-free, and read back as the same work."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pymarc
import pytest
from crosswalk_fixtures import versions, written
from lxml import etree

from publisher.crosswalks import marcxml
from publisher.mapping import dates
from publisher.mapping.terms import slug
from publisher.readers import read
from publisher.record import Record, Value
from publisher.settings import Settings

SLIM = f"{{{marcxml.NAMESPACE}}}"
# the patterns of MARC21slim.xsd
LEADER = re.compile(r"[\d ]{5}[\dA-Za-z ][\dA-Za-z][\dA-Za-z ]{3}[2 ][2 ][\d ]{5}[\dA-Za-z ]{3}(4500|    )")
CONTROL = re.compile(r"00[1-9A-Za-z]")
TAG = re.compile(r"0[1-9A-Z][0-9A-Z]|0[1-9a-z][0-9a-z]|[1-9A-Z][0-9A-Z]{2}|[1-9a-z][0-9a-z]{2}")
SIGN = re.compile(r"[\da-z ]")
PUNCTUATION = ("Must end with . (period)", "should be preceded by", "final punctuation", "may be an article")
LINT = """
use MARC::Lint; use MARC::Batch; use MARC::File::XML (BinaryEncoding => "utf8", RecordFormat => "MARC21");
my $batch = MARC::Batch->new("XML", $ARGV[0]); my $lint = MARC::Lint->new; my $count = 0;
while (my $record = $batch->next) {
    $count++; $lint->check_record($record);
    print $record->field("001")->data, ": $_\\n" for $lint->warnings;
}
print "$count records\\n";
"""


def subfields(element: Any, tag: str, code: str) -> list[str]:
    return [
        subfield.text
        for field in element.findall(f"{SLIM}datafield")
        if field.get("tag") == tag
        for subfield in field.findall(f"{SLIM}subfield")
        if subfield.get("code") == code
    ]


def collection(settings: Settings, folder: Path) -> Path:
    root = etree.Element(f"{SLIM}collection", nsmap={None: marcxml.NAMESPACE})
    root.extend(written(settings, marcxml.write).values())
    path = folder / "records.xml"
    path.write_bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True))
    return path


def test_every_record_has_the_form_of_marc(published: Settings) -> None:
    for key, element in written(published, marcxml.write).items():
        names = [child.tag.removeprefix(SLIM) for child in element]
        assert names == sorted(names, key=["leader", "controlfield", "datafield"].index), key
        assert LEADER.fullmatch(element[0].text), key
        tags = [child.get("tag") for child in element[1:]]
        assert [tag[0] for tag in tags] == sorted(tag[0] for tag in tags)
        for child in element[1:]:
            if child.tag == f"{SLIM}controlfield":
                assert CONTROL.fullmatch(child.get("tag"))
                assert child.get("tag") != "008" or len(child.text) == 40, child.text
            else:
                assert TAG.fullmatch(child.get("tag"))
                assert SIGN.fullmatch(child.get("ind1"))
                assert SIGN.fullmatch(child.get("ind2"))
                assert len(child)
                assert all(len(part.get("code")) == 1 and part.text for part in child)


def test_pymarc_reads_every_record(published: Settings, tmp_path: Path) -> None:
    records = pymarc.parse_xml_to_array(str(collection(published, tmp_path)), strict=True)
    assert len(records) == 76
    for record in records:
        assert pymarc.Record(data=record.as_marc()).as_dict()["fields"] == record.as_dict()["fields"]


def test_lint_finds_nothing_in_what_is_made(published: Settings, tmp_path: Path) -> None:
    """MARC::Lint knows the fields, indicators and subfields of MARC 21. Records that were read as MARC are as they
    were. ISBD punctuation is not set where the record has another or none, and leader/18 claims none."""
    perl = shutil.which("perl") or "perl"
    modules = ["-MMARC::Lint", "-MMARC::File::XML"]
    if shutil.which(perl) is None or subprocess.run([perl, *modules, "-e1"], capture_output=True).returncode:
        pytest.skip("libmarc-lint-perl and libmarc-xml-perl are not installed")
    path = collection(published, tmp_path)
    result = subprocess.run([perl, "-e", LINT, str(path)], capture_output=True, text=True, check=True)
    *warnings, count = result.stdout.splitlines()
    assert count == "76 records"
    read_as_marc = {version.key for version in versions(published) if version.record.source.format in marcxml.READ_AS}
    made = [line for line in warnings if line.partition(":")[0] not in read_as_marc]
    assert [line for line in made if not any(rule in line for rule in PUNCTUATION)] == []


def test_what_was_read_from_marc_goes_out_as_it_was(published: Settings) -> None:
    records = written(published, marcxml.write)
    kept = 0
    for version in versions(published):
        if version.record.source.format in marcxml.READ_AS:
            source = next(etree.fromstring(version.record.source.text.encode()).iter(f"{SLIM}record"))
            before = [(part.get("code"), part.text) for part in source.iter(f"{SLIM}subfield")]
            after = [(part.get("code"), part.text) for part in records[version.key].iter(f"{SLIM}subfield")]
            assert set(before) <= set(after)
            assert len(after) == len(before) + 2  # our address, and that it is one
            kept += 1
    assert kept


def words(values: tuple[Value, ...]) -> list[list[str]]:
    return [value.text.split() for value in values]


def test_our_reader_takes_it_for_the_same_work(published: Settings, tmp_path: Path) -> None:
    back = {
        record.shelf_number[0].text if record.shelf_number else record.record_number[0].text: record
        for record in read(collection(published, tmp_path))
        if isinstance(record, Record)
    }
    for version in versions(published):
        before, after = version.record, back[version.key]
        assert [value.text for value in after.title[:1]] == [value.text for value in before.title[:1]], version.key
        if before.source.format in marcxml.READ_AS:
            continue
        keys = sorted(said.name[1] for said in version.view.thing.get("creators", ()) if said.name)
        assert sorted(slug(agent.heading.text) for agent in after.creators) == keys, version.key
        assert [value.text for value in after.subjects][: len(before.subjects)] == version.view.texts("subjects")
        assert words(after.abstract) == words(before.abstract)
        assert {value.text for value in after.uri} == {value.text for value in before.uri}


def test_a_report(published: Settings) -> None:
    element = written(published, marcxml.write)["123404"]
    assert subfields(element, "110", "a") == ["Great Britain."]
    assert subfields(element, "110", "b") == ["HMI Probation"]
    assert subfields(element, "245", "a") == ["Thematic Inspection Report:"]
    assert subfields(element, "264", "c") == ["2011"]
    assert subfields(element, "651", "a") == ["United Kingdom"]
    assert subfields(element, "650", "2") == ["local"] * 6
    assert subfields(element, "852", "j") == ["123404"]
    assert subfields(element, "024", "a") == ["https://lib.example/id/resource/123404"]
    times = {field.get("tag"): field.text for field in element.findall(f"{SLIM}controlfield")}
    assert times["001"] == "123404"
    assert re.fullmatch(r"20\d{12}\.0", times["005"])
    assert times["008"][:6] == times["005"][2:8]
    assert times["008"][6:11] == "s2011"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2011", "s2011    "),
        ("2011-05-03", "s2011    "),
        ("c1998", "s1998    "),
        ("[2004?]", "s2004    "),
        ("1998-2001", "m19982001"),
        ("1999-", "m19999999"),
        ("May-June 2011", "s2011    "),
        ("2009 or 2010", "q20092010"),
        ("between 1990 and 1995", "q19901995"),
        ("not after 1995", "nuuuuuuuu"),
        ("the 1990s", "nuuuuuuuu"),
        ("5758 [1997 or 1998]", "nuuuuuuuu"),
    ],
)
def test_no_year_is_guessed(given: str, expected: str) -> None:
    assert marcxml.years(dates.parse(given).value) == expected
