"""What is no file of records is told apart before a reader sees it."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from publisher import readers
from publisher.errors import ForeignFormat
from publisher.record import Fault

DC = "http://purl.org/dc/elements/1.1/"
OAI = "http://www.openarchives.org/OAI/2.0/"


def test_an_archive_is_named_and_not_read_as_the_text_that_is_stored_in_it(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("page.txt", "Author: Smith, J.\nTitle: Inside\nYear: 1999\nShelf Number: 1\n")
    path = tmp_path / "page.zip"
    path.write_bytes(packed.getvalue())
    (fault,) = readers.read(path)
    assert isinstance(fault, Fault)
    assert "ZIP archive" in fault.message


def test_a_pipe_is_told_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe.txt"
    os.mkfifo(path)
    for format_name in (None, "ris"):
        (fault,) = readers.read(path, format_name=format_name)
        assert isinstance(fault, Fault)
        assert "pipe" in fault.message


@pytest.mark.parametrize("name", readers.READERS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "Author:\n\nTitle:\n",
        "title,author,year\n",
        "@comment{nothing}\n",
        "[]",
        f'<metadata xmlns:dc="{DC}"><dc:title>T</dc:title></metadata>',
        '<collection xmlns="http://www.loc.gov/MARC21/slim"/>',
        f'<OAI-PMH xmlns="{OAI}"><request verb="Identify"/><Identify/></OAI-PMH>',
        f'<OAI-PMH xmlns="{OAI}"><error code="badArgument">words</error></OAI-PMH>',
    ],
)
def test_a_file_of_which_nothing_is_published_is_a_violation(name: str, text: str) -> None:
    items = list(readers.READERS[name].read(io.BytesIO(text.encode()), "file"))
    refused = any(isinstance(item, Fault) and item.severity == "violation" for item in items)
    assert refused or not all(isinstance(item, Fault) for item in items)


@pytest.mark.parametrize("name", ["record", "marcxml", "oai_dc"])
def test_the_answer_of_a_repository_that_has_nothing_new_is_told(name: str) -> None:
    text = f'<OAI-PMH xmlns="{OAI}"><error code="noRecordsMatch">Nothing new</error></OAI-PMH>'
    (fault,) = readers.READERS[name].read(io.BytesIO(text.encode()), "file")
    assert isinstance(fault, Fault)
    assert ("noRecordsMatch: Nothing new" in fault.message, fault.severity) == (True, "warning")


CSL = '{"id": "1", "type": "report", "title": "T", "issued": {"date-parts": [[1999]]}, "publisher": "P"}'


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("a.xml", '<?xml version="1.0"?>\n<xml><records><record><rec-number>1</rec-number>', ("EndNote", "RIS")),
        ("a.json", f"[{CSL}]", ("CSL-JSON", "RIS")),
        ("a.json", CSL.replace('"issued": {"date-parts": [[1999]]}', '"author": [{"family": "A"}]'), ("CSL", "RIS")),
        ("a.xml", '<m:mods xmlns:m="http://www.loc.gov/mods/v3"><m:titleInfo/></m:mods>', ("MODS", "MARCXML")),
    ],
)
def test_formats_that_are_not_read_are_named(tmp_path: Path, file: str, text: str, words: tuple[str, ...]) -> None:
    path = tmp_path / file
    path.write_text(text, "utf-8")
    for named in (None, "json_lines", "oai_dc"):
        (fault,) = readers.read(path, format_name=named)
        assert isinstance(fault, Fault)
        assert fault.severity == "violation"
        assert all(word in fault.message for word in words)
    with pytest.raises(ForeignFormat):
        readers.reader_for(path)


def test_json_lines_with_objects_for_values_are_no_csl(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text('{"title": "T", "issued": {"text": "1999"}, "creators": [{"heading": "A, B."}]}', "utf-8")
    assert readers.reader_for(path).name == "json_lines"


def test_a_file_that_is_gone_when_it_is_read_is_no_pipe(tmp_path: Path) -> None:
    (fault,) = readers.read(tmp_path / "gone.ris")
    assert isinstance(fault, Fault)
    assert "No such file" in fault.message


@pytest.mark.parametrize("beginning", ["<!-- a -->", " \n", "<!--", '{"author": [', '"issued": '])
def test_what_a_file_begins_with_again_and_again_is_read_one_way_only(tmp_path: Path, beginning: str) -> None:
    """With ways back in the pattern, this ends in no time that anybody has."""
    path = tmp_path / "page.xml"
    path.write_text(beginning * 5000 + "<html></html>")
    assert all(isinstance(item, Fault) for item in readers.read(path))
