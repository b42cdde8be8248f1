"""oai_dc and its qualified sister: valid, whole, and in the order of the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from crosswalk_fixtures import oai_dc_schema, versions, written

from publisher import pipeline
from publisher.crosswalks import oai_dc, oai_dcterms
from publisher.crosswalks.elements import XSI
from publisher.crosswalks.types import SEMANTICS
from publisher.settings import Settings

DC, DCTERMS = f"{{{oai_dc.DC}}}", f"{{{oai_dcterms.NAMESPACE}}}"


def texts(element: Any, name: str) -> list[str]:
    return [child.text for child in element.findall(name)]


def test_every_record_is_valid(published: Settings) -> None:
    schema = oai_dc_schema()
    records = written(published, oai_dc.write)
    for key, element in records.items():
        assert schema.validate(element), f"{key}: {schema.error_log}"
    assert len(records) == 76


def test_a_report_says_all_that_it_can(published: Settings) -> None:
    element = written(published, oai_dc.write)["123404"]
    found = {child.tag.removeprefix(DC): texts(element, child.tag) for child in element}
    source = found.pop("source")
    assert source[0].startswith("Internet Resource: Accessed November 19, 2011 at: http://www.justice.gov.uk/")
    assert found.pop("description")[0].startswith("This inspection of the of the Multi-Agency")
    pdf = found["identifier"].pop()
    assert pdf.endswith("/mappa-thematic-report.pdf")
    assert found == {
        "title": [
            "Thematic Inspection Report: Putting the Pieces Together An Inspection of Multi-Agency Public Protection "
            "Arrangements"
        ],
        "creator": ["Great Britain: HMI Probation"],
        "subject": [
            "Agency Collaboration (U.K.)",
            "Community Based Corrections",
            "Offender Supervision",
            "Partnerships",
            "Probation",
            "Risk Management",
        ],
        "publisher": ["Criminal Justice Joint Inspection"],
        "date": ["2011"],
        "type": ["Report", "info:eu-repo/semantics/report"],
        "format": ["50p.", "application/pdf"],
        "identifier": ["https://lib.example/id/resource/123404", "123404"],
        "coverage": ["United Kingdom"],
    }


def test_types_and_languages_are_in_the_lists_of_aggregators(settings: Settings, tmp_path: Path) -> None:
    """One type of OpenAIRE's list, if it has one; languages in ISO 639-3; what the source says stays."""
    records = {
        "article": ({"types": "journal article", "languages": ["ger", "fre"]}, "article"),
        "doctor": ({"types": "thesis", "degree": "PhD"}, "doctoralThesis"),
        "master": ({"types": "thesis", "degree": "MA"}, "masterThesis"),
        "thesis": ({"types": "thesis"}, ""),
        "given": ({"types": "info:eu-repo/semantics/bachelorThesis"}, "bachelorThesis"),
        "map": ({"types": "map"}, ""),
    }
    lines = [json.dumps({"title": key, "shelf_number": key, **record}) for key, (record, _) in records.items()]
    (tmp_path / "all.jsonl").write_text("\n".join(lines))
    pipeline.load(settings, [tmp_path / "all.jsonl"])
    found = written(settings, oai_dc.write)
    for key, (record, name) in records.items():
        types = texts(found[key], f"{DC}type")
        assert [text for text in types if text.startswith(SEMANTICS)] == ([SEMANTICS + name] if name else []), key
        assert record["types"] in types
    assert sorted(texts(found["article"], f"{DC}language")) == ["deu", "fra"]


def test_authors_stand_in_their_order(published: Settings) -> None:
    several = [version for version in versions(published) if len(version.record.creators) > 2]
    assert several
    for write, tag in ((oai_dc.write, f"{DC}creator"), (oai_dcterms.write, f"{DCTERMS}creator")):
        records = written(published, write)
        for version in several:
            assert texts(records[version.key], tag) == version.view.headings("creators")


def test_terms_say_what_a_value_is(published: Settings) -> None:
    element = written(published, oai_dcterms.write)["123404"]
    issued = element.find(f"{DCTERMS}issued")
    assert (issued.text, issued.get(f"{{{XSI}}}type")) == ("2011", "dcterms:W3CDTF")
    assert texts(element, f"{DCTERMS}spatial") == ["United Kingdom"]
    assert texts(element, f"{DCTERMS}extent") == ["50p."]
    assert texts(element, f"{DCTERMS}abstract")[0].startswith("This inspection")
    typed = {child.text for child in element if child.get(f"{{{XSI}}}type") == "dcterms:URI"}
    assert "https://lib.example/id/resource/123404" in typed


def test_no_value_of_these_fields_is_dropped(published: Settings) -> None:
    """Every title, summary, keyword, address and rights statement of every sample is in both."""
    plain, qualified = written(published, oai_dc.write), written(published, oai_dcterms.write)
    for version in versions(published):
        view = version.view
        fields = ("title", "alternative", "abstract", "description", "subjects", "uri", "rights", "extent", "types")
        wanted = {text for field in fields for text in view.texts(field)}
        for element in (plain[version.key], qualified[version.key]):
            assert wanted <= {child.text for child in element}, version.key
