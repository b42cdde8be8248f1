"""Quarantine and reports: what goes in, leaves, or is accepted, and that store and catalog say the same of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import DATA
from pyoxigraph import NamedNode, Store

from publisher import pipeline, releases, reports
from publisher.catalog import Catalog
from publisher.errors import NotFound, PublisherError
from publisher.reports import Kept, Measurement
from publisher.settings import Settings
from publisher.stores.embedded import EmbeddedStore
from publisher.validation import Finding

Write = Callable[..., Path]
GOOD = {"title": "Good", "number": "1"}
UNTITLED = {"title": "", "number": "2"}
NUMBERLESS = {"title": "Numberless", "number": ""}
PREFIXES = "PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX pub: <https://lib.example/ontology#> "


def load(settings: Settings, *paths: Path) -> pipeline.Summary:
    summary = pipeline.load(settings, list(paths))
    assert releases.verify(settings) == []
    assert_counts(settings)
    return summary


def accept(settings: Settings, key: str, place: str = "") -> int:
    number = pipeline.accept(settings, key, "Ann", "It has none.", place)
    assert releases.verify(settings) == []
    assert_counts(settings)
    return number


def quarantine(settings: Settings) -> list[Kept]:
    catalog = Catalog(settings.DATA_DIR)
    found = reports.quarantine(catalog.db, 1000)
    catalog.close()
    return found


def kept(settings: Settings, key: str) -> list[Kept]:
    catalog = Catalog(settings.DATA_DIR)
    found = reports.of_record(catalog.db, key)
    catalog.close()
    return found


def measured(settings: Settings) -> list[Measurement]:
    catalog = Catalog(settings.DATA_DIR)
    found = reports.measurements(catalog.db, catalog.current(), catalog.current())
    catalog.close()
    return found


def counted(settings: Settings) -> dict[str, int]:
    return {row.severity: row.records for row in measured(settings) if not row.rule}


def assert_counts(settings: Settings) -> None:
    """What was counted on the way is what there is."""
    catalog = Catalog(settings.DATA_DIR)
    rows = catalog.db.execute("SELECT id, key FROM report WHERE until IS NULL").fetchall()
    broken = {
        (finding.rule, identity)
        for key in {key for _, key in rows}
        for row in reports.of_record(catalog.db, key)
        for identity in [row.id]
        for finding in row.findings
    }
    assert set(catalog.db.execute("SELECT rule, report FROM finding")) == broken
    catalog.close()
    assert sum(counted(settings).values()) == len(rows)
    for row in measured(settings):
        if row.rule:
            assert row.records <= sum(rule == row.rule for rule, _ in broken)


def ask(settings: Settings, query: str) -> list[list[str]]:
    catalog = Catalog(settings.DATA_DIR)
    store = Store.read_only(str(EmbeddedStore(settings.DATA_DIR).graph(catalog.current())))
    catalog.close()
    solutions = store.query(PREFIXES + query, use_default_graph_as_union=True)
    return sorted([term.value for term in solution] for solution in solutions)  # type: ignore[union-attr]


def published(settings: Settings) -> list[str]:
    catalog = Catalog(settings.DATA_DIR)
    found = [entry.key for entry in catalog.entries("resource")]
    catalog.close()
    return found


def test_a_refused_record_is_in_quarantine_with_its_source_and_its_reasons(
    settings: Settings, write_page: Write
) -> None:
    page = write_page(GOOD, UNTITLED)
    summary = load(settings, page)
    assert (summary.published, summary.refused, summary.release) == (1, 1, 1)
    (row,) = quarantine(settings)
    assert (row.key, row.file, row.position, row.since, row.reason) == ("2", str(page), 2, 1, "load page.txt")
    assert "Shelf Number: 2" in row.record.source.text
    (violation,) = [finding for finding in row.findings if finding.severity == "violation"]
    assert (violation.field, violation.shape, violation.key) == ("Title", "shapes#title", "2")
    assert counted(settings) == {"refused": 1}
    assert published(settings) == ["1"]


def test_a_load_that_only_changes_the_quarantine_is_a_release(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(GOOD))
    assert load(settings, write_page(UNTITLED)).release == 2
    assert load(settings, write_page(UNTITLED)).release == 0
    assert len(quarantine(settings)) == 1
    assert published(settings) == ["1"]


def test_a_mended_record_leaves_by_its_key(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(GOOD, UNTITLED))
    assert load(settings, write_page({"title": "Titled", "number": "2"}, name="other.txt")).release == 2
    assert quarantine(settings) == []
    assert published(settings) == ["1", "2"]
    assert counted(settings) == {}


def test_a_mended_record_leaves_by_its_place(settings: Settings, write_page: Write) -> None:
    """Its key has changed, since it had no number before; what stands before it has become longer."""
    load(settings, write_page(GOOD, NUMBERLESS))
    (row,) = quarantine(settings)
    assert row.key.startswith("no-number-")
    load(settings, write_page({**GOOD, "keywords": "One\nTwo\nThree"}, {**NUMBERLESS, "number": "3"}))
    assert quarantine(settings) == []
    assert published(settings) == ["1", "3"]


def test_another_record_at_the_same_place_lets_nothing_out(settings: Settings, write_page: Write) -> None:
    """A file of the same name may be another export."""
    load(settings, write_page({**NUMBERLESS, "author": "Home Office", "keywords": "Alpha"}))
    page = write_page(GOOD)
    page.write_text(
        "Results for b\n\n1 results found\n\nAuthor: Doe, John\n\nTitle: Quite different\n\nShelf Number: 9\n", "utf-8"
    )
    load(settings, page)
    assert len(quarantine(settings)) == 1


def test_a_refused_record_never_replaces_the_one_that_is_published(settings: Settings, write_page: Write) -> None:
    load(settings, write_page({"title": "Two", "number": "2"}))
    load(settings, write_page(UNTITLED))
    assert [row.refused for row in kept(settings, "2")] == [True]
    assert Catalog(settings.DATA_DIR).get("resource", "2").label == "Two"
    report = "https://lib.example/doc/resource/2/validation"
    assert ask(settings, "SELECT ?r { ?r a sh:ValidationReport }") == [[report], [f"{report}#refused-1"]]
    assert ask(settings, "SELECT ?r { ?r a sh:ValidationReport ; sh:conforms true }") == [[report]]
    assert ask(settings, "SELECT ?r { ?r a pub:Refusal }") == [[f"{report}#refused-1"]]
    load(settings, write_page({"title": "Two", "number": "2"}))
    assert quarantine(settings) == []
    assert ask(settings, "SELECT ?r { ?r a sh:ValidationReport }") == [[report]]


def test_still_faulty_it_stays_once(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(UNTITLED))
    load(settings, write_page({**UNTITLED, "author": "Doe, John"}))
    (row,) = quarantine(settings)
    assert row.since == 2
    assert "Doe, John" in row.record.source.text
    load(settings, write_page(GOOD, {**UNTITLED, "author": "Doe, John"}))  # moved
    (row,) = quarantine(settings)
    assert (row.since, row.position) == (3, 2)


def test_two_records_with_one_number_again_and_again(settings: Settings, write_page: Write) -> None:
    """The first is published, the second stands in quarantine; to load them again is no news."""
    page = write_page(GOOD, {"title": "Other", "number": "1"})
    assert load(settings, page).release == 1
    (row,) = quarantine(settings)
    (finding,) = [finding for finding in row.findings if finding.severity == "violation"]
    assert f"{page.name}:5" in finding.message
    assert "give the other one its own" in finding.repair
    assert load(settings, page).release == 0
    load(settings, write_page(GOOD, {"title": "Other", "number": "4"}))
    assert quarantine(settings) == []


def test_two_faulty_records_with_one_number_are_both_there(settings: Settings, write_page: Write) -> None:
    page = write_page(UNTITLED, {**UNTITLED, "author": "Doe, John"})
    load(settings, page)
    assert [row.position for row in quarantine(settings)] == [1, 2]
    assert load(settings, page).release == 0
    with pytest.raises(PublisherError, match=r"page\.txt:5 and .*page\.txt:\d+; name one of them with --place"):
        accept(settings, "2")
    second = quarantine(settings)[1].record.place
    accept(settings, "2", second)
    assert [row.position for row in quarantine(settings)] == [1]


def test_an_accepted_record_is_published_and_says_by_whom_and_why(settings: Settings, write_page: Write) -> None:
    page = write_page(GOOD, UNTITLED)
    load(settings, page)
    assert accept(settings, "2") == 2
    assert quarantine(settings) == []
    assert published(settings) == ["1", "2"]
    (row,) = kept(settings, "2")
    assert (row.accepted["who"], row.accepted["why"]) == ("Ann", "It has none.")
    assert not row.refused
    assert counted(settings) == {"accepted": 1}
    report = "https://lib.example/doc/resource/2/validation"
    query = "SELECT ?r ?who ?why { ?r pub:acceptedBy ?who ; pub:acceptedBecause ?why ; pub:acceptedOn ?when }"
    assert ask(settings, query) == [[report, "Ann", "It has none."]]
    # loaded again it is no news; with another fault it is refused, and the accepted one stands
    summary = load(settings, page)
    assert (summary.unchanged, summary.refused, summary.release) == (2, 0, 0)
    assert load(settings, write_page(GOOD, {**UNTITLED, "keywords": "Another"})).refused == 1
    assert len(quarantine(settings)) == 1
    assert [(row.refused, bool(row.accepted)) for row in kept(settings, "2")] == [(False, True), (True, False)]
    # mended it is as any other
    load(settings, write_page(GOOD, {"title": "Titled", "number": "2"}))
    assert kept(settings, "2") == []


def test_what_cannot_be_accepted(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(GOOD, NUMBERLESS))
    with pytest.raises(NotFound, match="no record 1 in quarantine"):
        accept(settings, "1")
    with pytest.raises(PublisherError, match="no number that could become its address"):
        accept(settings, quarantine(settings)[0].key)
    assert published(settings) == ["1"]


def test_withdraw_takes_out_of_the_quarantine(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(GOOD, UNTITLED))
    assert pipeline.withdraw(settings, ["1", "2", "3"]) == (2, ["3"])
    assert releases.verify(settings) == []
    assert quarantine(settings) == []
    assert ask(settings, "SELECT ?r { ?r a sh:ValidationReport }") == []


def test_a_rollback_brings_back_reports_and_quarantine(settings: Settings, write_page: Write) -> None:
    page = write_page({**GOOD, "title": "One"}, UNTITLED)
    load(settings, page)
    before = counted(settings), [row.key for row in quarantine(settings)]
    load(settings, write_page({"title": "Titled", "number": "2", "author": "Transcrime"}, NUMBERLESS))
    assert counted(settings) == {"refused": 1, "warning": 1}
    assert pipeline.rollback(settings, 1) == 3
    assert releases.verify(settings) == []
    assert_counts(settings)
    assert (counted(settings), [row.key for row in quarantine(settings)]) == before
    assert published(settings) == ["1"]


def unread(settings: Settings) -> list[tuple[str, int]]:
    with closing(Catalog(settings.DATA_DIR)) as catalog:
        assert reports.count_unread(catalog.db) == len(reports.unread(catalog.db, 100))
        return [(place.file_name, place.line) for place in reports.unread(catalog.db, 100)]


def test_what_cannot_be_read_is_kept_until_it_can_be(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    lines, table = folder / "lines.jsonl", folder / "table.csv"
    lines.write_text('{"title": "One", "shelf_number": "1"}\n{"title": "Two", "shelf\n[}\n', "utf-8")
    table.write_text("", "utf-8")
    assert load(settings, folder).refused == 3
    assert unread(settings) == [("lines.jsonl", 2), ("lines.jsonl", 3), ("table.csv", 0)]
    with closing(Catalog(settings.DATA_DIR)) as catalog:
        for place in reports.unread(catalog.db, 100):
            assert str(tmp_path) not in place.message
            assert not place.message.startswith(place.file_name)
    assert load(settings, folder).release == 0  # nothing is new
    lines.write_text('{"title": "One", "shelf_number": "1"}\n{"title": "Two", "shelf\n{"title": "Three"}\n', "utf-8")
    assert load(settings, lines).release == 2
    assert unread(settings) == [("lines.jsonl", 2), ("table.csv", 0)]
    table.unlink()
    assert load(settings, folder).release == 3
    assert unread(settings) == [("lines.jsonl", 2)]
    assert pipeline.withdraw(settings, ["lines.jsonl"]) == (4, [])
    assert unread(settings) == []
    assert pipeline.rollback(settings, 1) == 5
    assert unread(settings) == [("lines.jsonl", 2), ("lines.jsonl", 3), ("table.csv", 0)]
    assert pipeline.rollback(settings, 2) == 6
    assert unread(settings) == [("lines.jsonl", 2), ("table.csv", 0)]


def test_a_file_that_is_not_there_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    """Somebody mistook its name."""
    summary = load(settings, tmp_path / "absent.txt")
    assert (summary.refused, summary.release) == (1, 0)


def test_rebuilt_from_the_catalog_the_reports_are_the_same(settings: Settings, write_page: Write) -> None:
    load(settings, write_page({**GOOD, "author": "Transcrime"}, UNTITLED))
    query = "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER (isIRI(?s) && CONTAINS(STR(?g), '/validation')) }"
    before = ask(settings, query)
    releases.rebuild(settings)
    assert releases.verify(settings) == []
    assert len(before) > 20
    same = [row for row in before if "_" not in row[2]]
    assert [row for row in ask(settings, query) if row in same] == same


def test_verify_finds_a_report_that_is_missing(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(UNTITLED, GOOD))
    store = Store(str(EmbeddedStore(settings.DATA_DIR).graph(1)))
    for key in ("1", "2"):
        store.remove_graph(NamedNode(f"https://lib.example/doc/resource/{key}/validation"))
    store.flush()
    del store
    problems = releases.verify(settings)
    assert [problem for problem in problems if "The report" in problem and "missing" in problem] == problems
    assert len(problems) == 2


def test_new_rules_give_new_reports_of_unchanged_records(settings: Settings, write_page: Write, tmp_path: Path) -> None:
    """The record has no new version, which harvesters would have to fetch."""
    from dataclasses import replace

    page = write_page(GOOD)
    load(settings, page)
    sequence = Catalog(settings.DATA_DIR).get("resource", "1").sequence
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "local.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        <https://lib.example/rules#short> sh:targetClass dcterms:BibliographicResource ; sh:path dcterms:title ;
        sh:maxLength 2 ; sh:severity sh:Warning ; sh:name "Title" ; sh:message "Our titles are short." .""",
        "utf-8",
    )
    assert load(replace(settings, SHAPES_DIR=str(tmp_path / "rules")), page).release == 2
    assert Catalog(settings.DATA_DIR).get("resource", "1").sequence == sequence
    assert [finding.message for finding in kept(settings, "1")[0].findings] == ["Our titles are short."]
    assert load(settings, page).release == 3
    assert kept(settings, "1") == []


def test_sparql_tells_which_records_lack_a_publisher(settings: Settings) -> None:
    load(settings, DATA)
    query = """SELECT DISTINCT ?record {
        ?result sh:sourceShape <https://lib.example/shapes#publisher> ; sh:focusNode ?record }"""
    lacking = [row[0] for row in ask(settings, query)]
    catalog = Catalog(settings.DATA_DIR)
    terms = ("<http://purl.org/dc/terms/publisher>", "<http://purl.org/ontology/bibo/issuer>")
    expected = sorted(
        f"https://lib.example/id/resource/{entry.key}"
        for entry in catalog.entries("resource")
        if not any(f" {term} " in line for line in entry.lines for term in terms)
    )
    catalog.close()
    assert lacking == expected
    assert lacking
    # a result says where, what and what to do
    query = "SELECT ?o { ?s sh:sourceShape <https://lib.example/shapes#publisher> ; pub:sourceLine ?o }"
    assert len(ask(settings, query)) >= 1
    # the folders of our machine are nobody's affair
    assert not [name for (name,) in ask(settings, "SELECT DISTINCT ?o { ?s pub:sourceFile ?o }") if "/" in name]


def test_no_statement_stands_in_two_graphs(published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    store = Store.read_only(str(EmbeddedStore(published.DATA_DIR).graph(catalog.current())))
    catalog.close()
    statements = [(quad.subject, quad.predicate, quad.object) for quad in store]
    assert len(statements) == len(set(statements))


def test_a_finding_says_all_in_one_line() -> None:
    finding = Finding("warning", "Year", "No.", "a.txt", 3, "then", repair="Write it.")
    assert str(finding) == 'a.txt:3: Year: No. ("then") Write it.'
    assert Finding("warning", "Year", "No.", "a.mrc", 0, record=2).place == "a.mrc, record 2"
    assert finding.rule == "validation#noted-year"
