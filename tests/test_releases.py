"""Releases: all or nothing, unchanged is unchanged, forward rollback, verify, rebuild, backup, SIGKILL at any point."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest
from conftest import DATA, RECORDS, SEED

from publisher import pipeline, readers, releases, view
from publisher.catalog import Catalog, initial
from publisher.errors import CatalogError, NotFound, PublishInProgress, UnreadableSource, Withdrawn
from publisher.mapping import Mapping
from publisher.record import Record
from publisher.releases import Publication
from publisher.search import Index, Question
from publisher.settings import Settings
from publisher.stores import embedded
from publisher.stores.embedded import EmbeddedStore, Graphs

Write = Callable[..., Path]
ONE = {"title": "One", "number": "1"}
TWO = {"title": "Two", "number": "2"}
OWN = "https://lib.example/ontology"


def load(settings: Settings, *paths: Path) -> pipeline.Summary:
    summary = pipeline.load(settings, list(paths))
    assert releases.verify(settings) == []
    assert counted(settings) == recounted(settings)
    return summary


def counted(settings: Settings) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """The counts that the catalog keeps."""
    db = Catalog(settings.DATA_DIR).db
    return set(db.execute("SELECT * FROM named")), set(db.execute("SELECT * FROM total"))


def recounted(settings: Settings) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """The same, counted from what is published."""
    db = Catalog(settings.DATA_DIR).db
    named = db.execute(
        "SELECT object, attribute, thing.kind, count(*) FROM mention JOIN thing ON thing.id = subject "
        "GROUP BY object, attribute, thing.kind"
    )
    things = db.execute("SELECT kind, sort_key FROM thing WHERE NOT withdrawn")
    totals = Counter((kind, initial(sort_key)) for kind, sort_key in things)
    return set(named), {(*name, count) for name, count in totals.items()}


def graph(settings: Settings, kind: str, key: str) -> list[str]:
    """The lines of a thing's graph, and a check that the store of the current release has just these."""
    catalog, mapping = Catalog(settings.DATA_DIR), Mapping(settings)
    entry = catalog.get(kind, key)
    lines = view.published_lines(mapping, entry)
    store = EmbeddedStore(settings.DATA_DIR)
    assert Graphs(store.graph(catalog.current())).same(mapping.addresses.document(kind, key), lines)
    catalog.close()
    return lines


def current(settings: Settings) -> int:
    catalog = Catalog(settings.DATA_DIR)
    number = catalog.current()
    catalog.close()
    return number


def found(settings: Settings, **asked: str) -> int:
    store = EmbeddedStore(settings.DATA_DIR)
    return Index(store.folder(current(settings)) / "search").search(Question(asked)).count


def test_the_same_records_again_make_no_release(settings: Settings) -> None:
    first = load(settings, DATA)
    assert (first.published, first.release) == (RECORDS, 1)
    second = load(settings, DATA)
    assert (second.published, second.unchanged, second.release) == (0, RECORDS, 0)
    assert current(settings) == 1
    assert EmbeddedStore(settings.DATA_DIR).numbers() == [1]


def test_the_same_record_from_another_page_is_unchanged(settings: Settings, tmp_path: Path) -> None:
    load(settings, SEED)
    other = tmp_path / "elsewhere.txt"
    other.write_text(
        SEED.read_text("utf-8").replace("Results for agency collaboration (u.k.)", "Results for mappa"), "utf-8"
    )
    assert load(settings, other).unchanged == 1


def test_a_changed_record_replaces_its_graph_and_nothing_else(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(ONE, TWO))
    untouched = graph(settings, "resource", "2")
    summary = load(settings, write_page({**ONE, "title": "One, mended"}, TWO))
    assert (summary.published, summary.unchanged, summary.release) == (1, 1, 2)
    assert any('"One, mended"' in line for line in graph(settings, "resource", "1"))
    assert not any('"One"' in line for line in graph(settings, "resource", "1"))
    assert graph(settings, "resource", "2") == untouched
    assert found(settings, title="mended") == 1
    assert found(settings) == 2


def test_things_that_nothing_names_any_more_are_withdrawn_with_what_only_they_named(
    settings: Settings, write_page: Write
) -> None:
    load(settings, write_page({**ONE, "author": "Canada: Correctional Service", "keywords": "Parole (Canada)"}, TWO))
    catalog = Catalog(settings.DATA_DIR)
    for kind, key in (("agent", "canada-correctional-service"), ("agent", "canada"), ("concept", "parole")):
        catalog.get(kind, key)
    load(settings, write_page({**ONE, "keywords": "Prisons"}, TWO))
    for kind, key in (
        ("agent", "canada-correctional-service"),
        ("agent", "canada"),
        ("concept", "parole-canada"),
        ("concept", "parole"),
        ("place", "canada"),
    ):
        with pytest.raises(Withdrawn):
            catalog.get(kind, key)
    catalog.get("agent", "smith-jane-a")
    load(settings, write_page({**ONE, "keywords": "Parole (Canada)"}, TWO))
    assert graph(settings, "concept", "parole-canada")


def test_a_withdrawn_record_leaves_a_tombstone_and_can_come_back(settings: Settings, write_page: Write) -> None:
    page = write_page(ONE, TWO)
    load(settings, page)
    release, missing = pipeline.withdraw(settings, ["1", "77"])
    assert counted(settings) == recounted(settings)
    assert (release, missing) == (2, ["77"])
    assert releases.verify(settings) == []
    catalog = Catalog(settings.DATA_DIR)
    with pytest.raises(Withdrawn):
        catalog.get("resource", "1")
    with pytest.raises(NotFound):
        catalog.get("resource", "77")
    assert found(settings) == 1
    assert load(settings, page).published == 1
    catalog.get("resource", "1")


def test_two_headings_with_one_key_keep_both_forms_and_are_reported(settings: Settings, write_page: Write) -> None:
    summary = load(settings, write_page({**ONE, "keywords": "Risk Management"}, {**TWO, "keywords": "RISK MANAGEMENT"}))
    lines = graph(settings, "concept", "risk-management")
    assert any('prefLabel> "Risk Management"@en' in line for line in lines)
    assert any('altLabel> "RISK MANAGEMENT"' in line for line in lines)
    assert [finding.message for finding in summary.findings if "RISK MANAGEMENT" in finding.message]
    again = load(settings, write_page({**ONE, "keywords": "Risk Management"}, {**TWO, "keywords": "RISK MANAGEMENT"}))
    assert again.release == 0


def test_an_agent_known_better_from_another_record_is_described_anew(settings: Settings, write_page: Write) -> None:
    load(settings, write_page({**ONE, "author": "Home Office Plc"}))
    load(settings, write_page({**ONE, "author": "Transcrime"}))
    assert any("foaf/0.1/Agent>" in line for line in graph(settings, "agent", "transcrime"))
    page = write_page({**ONE, "author": "Transcrime"}, TWO)
    page.write_text(page.read_text("utf-8").replace("London: Home Office, 2011", "Trento: Transcrime, 2011"), "utf-8")
    load(settings, page)
    lines = graph(settings, "agent", "transcrime")
    assert any("foaf/0.1/Organization>" in line for line in lines)
    assert not any("foaf/0.1/Agent>" in line for line in lines)


def test_rollback_goes_forward(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(ONE))
    before = Catalog(settings.DATA_DIR).get("resource", "1")
    load(settings, write_page({**ONE, "title": "Changed", "keywords": "Drugs"}, TWO))
    assert pipeline.rollback(settings, 1) == 3
    assert counted(settings) == recounted(settings)
    assert releases.verify(settings) == []
    catalog = Catalog(settings.DATA_DIR)
    after = catalog.get("resource", "1")
    assert (after.digest, after.lines, after.label) == (before.digest, before.lines, "One")
    assert after.sequence > before.sequence
    assert after.created == before.created
    with pytest.raises(Withdrawn):
        catalog.get("resource", "2")
    with pytest.raises(Withdrawn):
        catalog.get("concept", "drugs")
    assert found(settings, title="one") == 1
    assert pipeline.rollback(settings, 3) == 0
    with pytest.raises(UnreadableSource, match="no release 99"):
        pipeline.rollback(settings, 99)
    assert current(settings) == 3


def test_old_releases_are_removed_when_nobody_reads_them(settings: Settings, write_page: Write) -> None:
    store = EmbeddedStore(settings.DATA_DIR)
    load(settings, write_page(ONE))
    with store.held(1):
        for number in range(2, 7):
            load(settings, write_page({**ONE, "title": f"Version {number}"}))
        assert store.numbers() == [1, 4, 5, 6]
        assert Graphs(store.graph(1)).count()
    load(settings, write_page({**ONE, "title": "Version 7"}))
    assert store.numbers() == [5, 6, 7]


def test_verify_tells_what_differs_and_rebuild_mends_it(settings: Settings) -> None:
    load(settings, DATA)
    store = EmbeddedStore(settings.DATA_DIR)
    shutil.rmtree(store.graph(1))
    assert "cannot be read" in releases.verify(settings)[0]
    with pytest.raises(CatalogError, match="--rebuild"):
        pipeline.withdraw(settings, ["123404"])
    assert current(settings) == 1
    assert releases.rebuild(settings) == 2
    assert releases.verify(settings) == []
    assert found(settings, shelf_number="123404") == 1


def test_verify_sees_a_graph_that_is_missing_changed_or_too_many(settings: Settings, write_page: Write) -> None:
    from pyoxigraph import Literal, NamedNode, Quad, Store

    load(settings, write_page(ONE, TWO))
    store = Store(str(EmbeddedStore(settings.DATA_DIR).graph(1)))
    store.remove_graph(NamedNode("https://lib.example/doc/resource/1"))
    node = NamedNode("https://lib.example/x")
    store.add(Quad(node, node, Literal("x"), NamedNode("https://lib.example/doc/resource/2")))
    store.add(Quad(node, node, Literal("x"), NamedNode("https://lib.example/doc/resource/3")))
    del store
    problems = "\n".join(releases.verify(settings))
    for words in ("resource/1 is missing", "resource/2 in the store differs", "resource/3, which the catalog"):
        assert words in problems


def test_backup_can_be_served_as_it_is(settings: Settings, write_page: Write, tmp_path: Path) -> None:
    load(settings, write_page(ONE))
    target = tmp_path / "copy"
    assert releases.backup(settings, target) == 1
    load(settings, write_page({**ONE, "title": "Later"}))
    copy = Settings(BASE_URL=settings.BASE_URL, DATA_DIR=target)
    assert releases.verify(copy) == []
    assert Catalog(target).get("resource", "1").label == "One"
    assert load(copy, write_page({**ONE, "title": "Goes on"})).release == 2
    with pytest.raises(CatalogError, match="not empty"):
        releases.backup(settings, target)


def test_only_one_publishes_at_a_time(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(ONE))
    with releases.Publication(settings, "first") as publication:
        with pytest.raises(PublishInProgress):
            pipeline.load(settings, [write_page(TWO)])
        assert publication.finish() == 0
    assert load(settings, write_page(ONE, TWO)).release == 2


def test_another_base_url_is_told(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(ONE))
    moved = Settings(BASE_URL="https://elsewhere.example", DATA_DIR=settings.DATA_DIR)
    with pytest.raises(CatalogError, match=r"published under https://lib\.example/"):
        pipeline.load(moved, [write_page(ONE)])
    assert load(settings, write_page(ONE)).unchanged == 1


def test_an_error_in_the_midst_of_a_publish_changes_nothing(settings: Settings, write_page: Write) -> None:
    load(settings, write_page(ONE))
    with pytest.raises(RuntimeError), releases.Publication(settings, "broken") as publication:
        assert publication.withdraw("resource", "1")
        raise RuntimeError
    assert EmbeddedStore(settings.DATA_DIR).numbers() == [1]
    assert releases.verify(settings) == []
    Catalog(settings.DATA_DIR).get("resource", "1")


def test_a_record_can_come_go_and_come_again_while_one_release_is_made(
    settings: Settings, write_page: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The graphs of new records are taken in piece by piece while others are read; what was taken in can still go."""
    monkeypatch.setattr(embedded, "_FIRST", 50)
    monkeypatch.setattr(embedded, "_MOST", 60)
    page = write_page(ONE, TWO, *({"title": f"Report {number}", "number": str(number)} for number in range(3, 30)))
    records = [item for item in readers.read(page) if isinstance(item, Record)]
    with Publication(settings, "load") as publication:
        items = pipeline.check_batch(settings, records, pipeline.decided(settings), publication.stamp)
        for item in items:
            pipeline.publish(publication, item, pipeline.Summary())
        assert publication.withdraw("resource", "1")
        assert publication.withdraw("resource", "2")
        pipeline.publish(publication, items[0], pipeline.Summary())
        assert publication.finish() == 1
    assert releases.verify(settings) == []
    assert counted(settings) == recounted(settings)
    catalog = Catalog(settings.DATA_DIR)
    assert catalog.find("resource", "2") is None
    assert catalog.count("resource") == 28
    assert graph(settings, "resource", "1") == view.published_lines(Mapping(settings), catalog.get("resource", "1"))
    assert not (EmbeddedStore(settings.DATA_DIR).folder(1) / "pieces").exists()


def test_no_statement_stands_in_two_graphs(published: Settings) -> None:
    from pyoxigraph import Store

    store = Store.read_only(str(EmbeddedStore(published.DATA_DIR).graph(current(published))))
    seen: dict[str, str] = {}
    for quad in store:
        if not str(quad.subject).startswith("_:"):
            triple = f"{quad.subject} {quad.predicate} {quad.object}"
            assert triple not in seen, f"{triple} stands in {seen[triple]} and {quad.graph_name}"
            seen[triple] = str(quad.graph_name)


def test_every_iri_of_ours_is_described_somewhere(published: Settings) -> None:
    from pyoxigraph import NamedNode, Store

    store = Store.read_only(str(EmbeddedStore(published.DATA_DIR).graph(current(published))))
    subjects = {quad.subject.value for quad in store if isinstance(quad.subject, NamedNode)}
    objects = {quad.object.value for quad in store if isinstance(quad.object, NamedNode)}
    paths = ("", "sparql", "shapes", "oai", "changes", "changes/ldes", "reconcile", "openapi.json")
    doors = {f"https://lib.example/{path}" for path in (*paths, ".well-known/resourcesync")}
    rules = {iri for iri in objects if iri.partition("#")[0] in ("https://lib.example/shapes", OWN)}
    assert len(rules) > 3
    assert {iri for iri in objects if iri.startswith("https://lib.example/")} - subjects - doors - rules == set()


def test_a_kill_at_any_point_leaves_the_old_or_the_new_release_whole(
    settings: Settings, write_page: Write, tmp_path: Path
) -> None:
    """SIGKILL at moments spread over the whole of a publish of changed records, and then the next one."""
    base = [{"title": f"Report {number}", "number": str(number)} for number in range(40)]
    pipeline.load(settings, [write_page(*base)])
    old = Catalog(settings.DATA_DIR).current()
    changed = write_page(*({**row, "title": f"{row['title']} changed"} for row in base), name="changed.txt")

    context = get_context("forkserver")
    context.set_forkserver_preload(["publisher.pipeline"])

    def run(folder: Path, delay: float | None) -> tuple[bool, float]:
        site = Settings(BASE_URL="https://lib.example", DATA_DIR=folder, WORKERS=1)
        process = context.Process(target=pipeline.load, args=(site, [changed]))
        start = time.monotonic()
        process.start()
        if delay is not None:
            time.sleep(delay)
            process.kill()
        process.join()
        return process.exitcode == 0, time.monotonic() - start

    run(tmp_path / "first", None)  # from then on there is a process to fork from
    whole = tmp_path / "whole"
    shutil.copytree(settings.DATA_DIR, whole)
    done, seconds = run(whole, None)
    assert done
    outcomes = set()
    generator = random.Random(7)
    moments = [seconds * (part + generator.random()) / 16 for part in range(16)]
    # the last tenth is where the graphs are built and the pointer moves
    moments += [seconds * (0.85 + 0.2 * generator.random()) for _ in range(8)]
    for number, moment in enumerate(moments):
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(settings.DATA_DIR, folder)
        run(folder, moment)
        copy = Settings(BASE_URL="https://lib.example", DATA_DIR=folder)
        release = Catalog(folder).current()
        outcomes.add(release)
        assert release in (old, old + 1)
        assert releases.verify(copy) == []
        label = Catalog(folder).get("resource", "5").label
        assert label == ("Report 5" if release == old else "Report 5 changed")
        if number % 6 == 0:
            after = pipeline.load(copy, [changed])
            assert (after.published, after.unchanged) == ((40, 0) if release == old else (0, 40))
            assert releases.verify(copy) == []
            store = EmbeddedStore(folder)
            assert sorted(path.name for path in store.releases.iterdir()) == [f"{n:06}" for n in store.numbers()]
        shutil.rmtree(folder)
    assert old in outcomes
