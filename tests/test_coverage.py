"""Coverage: what of a source is in the description; on all samples and on the real exports nothing is missing."""

from __future__ import annotations

import dataclasses
from itertools import islice
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from conftest import DATA, ROOT, SEED

from publisher.cli import main
from publisher.coverage import Coverage, Measure
from publisher.errors import UnreadableSource
from publisher.mapping import Mapping
from publisher.readers import READERS, read, reader_for
from publisher.record import Record
from publisher.settings import Settings

SHARED = ROOT.parent / "shared" / "data"
MAPPING = Mapping(Settings(BASE_URL="https://lib.example"))
SAMPLES = sorted(path for path in DATA.rglob("*") if path.is_file() and path.suffix not in (".md", ".toml"))
FOLDERS = (  # noqa: SIM905
    "doj-datajson gpo-cgp gpo-criminal-justice lobid-rdf malformed marc-samples nist-techpubs nusl-greylit oai-pmh "
    "ris-bibtex"
).split()
# a type that is a sentence, and numbers that are addresses in a scheme of their own
KNOWN = {"baseline_tag_and_field_definitions.ris", "990149227870206441.xml"}


def records(path: Path) -> list[Record]:
    return [item for item in read(path, path.name) if isinstance(item, Record)]


def measured(record: Record) -> Coverage:
    return Measure(MAPPING).measure(MAPPING.describe(record))


def test_the_seed_is_mapped_whole() -> None:
    (seed,) = records(SEED)
    found = measured(seed)
    assert (found.kept, found.left, found.missing, found.words) == (0, 0, 0, [])
    # Author, Title, Summary, Details, Source, Year, Country, URL, Shelf Number, Keywords
    assert found.furniture == len("AuthorTitleSummaryDetailsSourceYearCountryURLShelfNumberKeywords")
    assert sum(found.counts.values()) == sum(map(str.isalnum, seed.source.text))


def test_what_has_no_term_counts_as_left_over(write_page) -> None:
    page = write_page({"title": "A", "number": "1"})
    page.write_text(page.read_text().replace("Keywords:", "Donor: Quintessa\n\nKeywords:"))
    (record,) = records(page)
    assert measured(record).left >= len("Quintessa")


def test_what_is_not_understood_counts_as_kept(write_page) -> None:
    page = write_page({"title": "A", "number": "1"})
    page.write_text(page.read_text().replace("Year: 2011", "Year: Michaelmas"))
    (record,) = records(page)
    assert measured(record).kept == len("Michaelmas")


@pytest.mark.parametrize("attribute", ["abstract", "creators", "source_statement", "subjects"])
def test_a_field_that_is_dropped_is_missing(attribute: str) -> None:
    (seed,) = records(SEED)
    found = measured(dataclasses.replace(seed, **{attribute: ()}))
    assert found.missing > 0 and found.words


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_nothing_of_the_samples_is_missing(path: Path) -> None:
    for record in records(path):
        if not record.withdrawn:
            found = measured(record)
            assert (record.place, found.words) == (record.place, [])
            assert found.mapped > found.left


def test_every_format_has_a_sample() -> None:
    # "record" is a page of this program itself
    assert {record.source.format for path in SAMPLES for record in records(path)} == set(READERS) - {"record"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_nothing_of_real_exports_is_missing(folder: str) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip("the data of other libraries is not here")
    measure = Measure(MAPPING)
    whole = Coverage()
    for path in sorted((SHARED / folder).rglob("*")):
        if not path.is_file() or path.suffix == ".md" or path.name in KNOWN:
            continue
        try:
            reader_for(path)
        except UnreadableSource:
            continue
        for record in islice((item for item in read(path, path.name) if isinstance(item, Record)), 150):
            found = measure.measure(MAPPING.describe(record))
            assert (record.place, found.words) == (record.place, [])
            whole += found
    assert whole.mapped > 0


def test_load_and_check_print_it(tmp_path: Path) -> None:
    run = CliRunner().invoke
    checked = run(main, ["check", str(SEED)])
    assert "Coverage of 6,432 letters and digits: 99.0 % mapped" in checked.output
    report = orjson.loads(run(main, ["check", "--report-format", "json", str(SEED)]).output)
    assert report["coverage"]["mapped"] > 6000 and report["coverage"]["missing"] == 0
    loaded = run(main, ["--data-dir", str(tmp_path / "site"), "load", str(SEED)])
    assert "Coverage of 6,432 " in loaded.output
