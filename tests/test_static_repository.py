"""What is dumped for other programs is loaded by our own."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT
from lxml import etree

from publisher import dumps, pipeline, readers
from publisher.dumps.static_repository import NAMESPACE, OAI
from publisher.record import Fault
from publisher.settings import Settings

RECORDS = 76


@pytest.mark.parametrize("name", ["oai_dc", "marcxml"])
def test_a_dump_is_loaded_as_it_is(published: Settings, tmp_path: Path, name: str) -> None:
    dumps.write(published, tmp_path / "dump", [name])
    (packed,) = (tmp_path / "dump").glob("*.gz")
    summary = pipeline.load(Settings(DATA_DIR=tmp_path / "site"), [packed])
    assert (summary.published, summary.refused) == (RECORDS, 0)


def test_dublin_core_is_a_static_repository(published: Settings, tmp_path: Path) -> None:
    """Of the schema the part that is OAI-PMH's own is here: its records stand in an answer as they are."""
    sys.path.insert(0, str(ROOT / "tests" / "harvest"))
    from oai_fixtures import assert_valid

    dumps.write(published, tmp_path / "dump", ["oai_dc"])
    root = etree.fromstring(gzip.decompress((tmp_path / "dump" / "catalogue.oai_dc.xml.gz").read_bytes()))
    names = [etree.QName(child).localname for child in root]
    assert (root.tag, names) == (f"{{{NAMESPACE}}}Repository", ["Identify", "ListMetadataFormats", "ListRecords"])
    assert root[2].get("metadataPrefix") == "oai_dc"
    assert len(root[2]) == RECORDS
    for part in root:
        answer = etree.fromstring(
            f'<OAI-PMH xmlns="{OAI}"><responseDate>2026-01-01T00:00:00Z</responseDate>'
            f"<request>https://lib.example/oai</request><{etree.QName(part).localname}/></OAI-PMH>"
        )
        answer[2].extend(part)
        assert_valid(answer)


def test_datestamps_are_the_days_on_which_changes_became_visible(
    settings: Settings, write_page: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A publish over midnight: who harvests on the second day, before it ends, must not miss it."""
    times = iter(("2026-01-01T23:50:00Z", "2026-01-02T00:10:00Z"))
    monkeypatch.setattr("publisher.releases.publication.now", lambda: next(times))
    pipeline.load(settings, [write_page({"title": "One", "number": "1"})])
    dumps.write(settings, settings.DATA_DIR / "copy", ["oai_dc"])
    text = gzip.decompress((settings.DATA_DIR / "copy" / "catalogue.oai_dc.xml.gz").read_bytes())
    assert b"<oai:datestamp>2026-01-02</oai:datestamp>" in text


def test_a_packed_file_that_is_cut_is_told(tmp_path: Path) -> None:
    path = tmp_path / "records.mrc.gz"
    path.write_bytes(gzip.compress(b"01000nam  2200000 a 4500" + bytes(1000))[:30])
    faults = [item for item in readers.read(path) if isinstance(item, Fault)]
    assert any("packed file is damaged" in fault.message for fault in faults)
