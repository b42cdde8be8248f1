"""What is no file of records is told apart before a reader sees it."""

import io
import os
import zipfile
from pathlib import Path

from publisher import readers
from publisher.record import Fault


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
