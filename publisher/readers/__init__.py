"""READERS: one row a format. A new format is one module here, one row below and a sample in `data/`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from publisher.errors import DamagedFile, ForeignFormat, UnreadableSource
from publisher.readers import bibtex, csv_table, foreign, own_record, result_page, ris
from publisher.readers.dublin_core import oai_dc
from publisher.readers.json import data_json, json_lines
from publisher.readers.marc import fields, marc21, marcxml
from publisher.readers.text import xml_text
from publisher.record import Fault, Record

HEAD = 65_536  # bytes that are looked at to recognise a format


@dataclass(frozen=True)
class Reader:
    """`recognises(head)` tells from the first bytes whether a file is of this format; `read(stream, name)` gives its
    records in order, and a Fault for each place that cannot be read; it never raises for what a file holds.
    `content(text)` is a record as read without what belongs to the format: labels, tags, names of fields."""

    name: str
    extensions: tuple[str, ...]
    recognises: Callable[[bytes], bool]
    read: Callable[[BinaryIO, str], Iterator[Record | Fault]]
    content: Callable[[str], str]


Readers = dict[str, Reader]


def _result_page(labels: str) -> Reader:
    recognises, read = partial(result_page.recognises, table=labels), partial(result_page.read, table=labels)
    content = partial(result_page.content, table=labels)
    return Reader("result_page", (".txt", ".html", ".htm"), recognises, read, content)


READERS: Readers = {
    reader.name: reader
    for reader in (
        _result_page(""),
        Reader("marc", (".mrc", ".marc", ".usmarc", ".dat"), marc21.recognises, marc21.read, fields.content),
        Reader("record", (), own_record.recognises, own_record.read, own_record.content),
        Reader("marcxml", (".xml", ".marcxml"), marcxml.recognises, marcxml.read, fields.content),
        Reader("oai_dc", (".xml",), oai_dc.recognises, oai_dc.read, xml_text.content),
        Reader("data_json", (), data_json.recognises, data_json.read, data_json.content),
        Reader(
            "json_lines", (".jsonl", ".ndjson", ".json"), json_lines.recognises, json_lines.read, json_lines.content
        ),
        Reader("ris", (".ris",), ris.recognises, ris.read, ris.content),
        Reader("bibtex", (".bib", ".bibtex", ".biblatex"), bibtex.recognises, bibtex.read, bibtex.content),
        # last, since almost any text could be a table
        Reader("csv_table", (".csv", ".tsv"), csv_table.recognises, csv_table.read, csv_table.content),
    )
}


def readers_with(labels: str) -> Readers:
    """The readers, that of result pages with a table of the library's own labels (setting PAGE_LABELS; empty: none)."""
    return READERS | {"result_page": _result_page(labels)}


def unpacked(path: Path) -> BinaryIO:
    """The content of a file, that of one packed with gzip as it was before."""
    stream = path.open("rb")
    packed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if not packed:
        return stream
    stream.close()
    return cast(BinaryIO, gzip.open(path))


def reader_for(path: Path, name: str | None = None, readers: Readers = READERS) -> Reader:
    """The reader of a file: the one named, else by content, else by extension. Raises UnreadableSource."""
    if path.is_dir():
        raise UnreadableSource(f"{path}: the folder cannot be read; see who may enter it.")
    if path.exists() and not path.is_file():  # a pipe could be read only once, and its format is looked for first
        raise UnreadableSource(f"{path}: this is no file, but a pipe or a device; write what it gives into a file.")
    if name is not None and name not in readers:
        raise UnreadableSource(f"There is no format {name!r}; the formats are {', '.join(readers)}.")
    try:
        with unpacked(path) as stream:
            head = stream.read(HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DamagedFile(f"{path}: the packed file is damaged ({error}); get it again.") from None
    if head.startswith(foreign.ARCHIVE):  # its files may be stored as they are, and would look like a text
        raise UnreadableSource(f"{path}: this is a ZIP archive or an office file; unpack it, or save the table as CSV.")
    if sentence := foreign.told(head):  # whatever format is named, nothing of it would be understood
        raise ForeignFormat(f"{path}: {sentence}")
    if name is not None:
        return readers[name]
    for reader in readers.values():
        if reader.recognises(head):
            return reader
    suffix = Path(path.stem).suffix if path.suffix.lower() == ".gz" else path.suffix
    for reader in readers.values():
        if suffix.lower() in reader.extensions:
            return reader
    raise UnreadableSource(f"{path}: this is in no format that we read ({', '.join(readers)}); name one with --format.")


def read(
    path: Path, name: str | None = None, format_name: str | None = None, readers: Readers = READERS
) -> Iterator[Record | Fault]:
    """The records of one file in order, with Faults where there are none; `name` is how reports call the file."""
    label = name or str(path)
    try:
        reader = reader_for(path, format_name, readers)
        with unpacked(path) as stream:
            yield from reader.read(stream, label)
    except UnreadableSource as error:
        yield Fault(label, str(error))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Fault(label, f"{label}: the packed file is damaged ({error}); get it again. What follows is missing.")
    except OSError as error:
        yield Fault(label, f"{label}: the file cannot be read ({error.strerror}).")
