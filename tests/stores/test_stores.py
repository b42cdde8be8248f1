"""Every row of STORES does the same: publishes, answers, is compared, mended, made anew, moved."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rdflib
from conftest import DATA, RECORDS, SEED
from pyoxigraph import Literal, NamedNode, Quad, Store

from publisher import pipeline, releases
from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.errors import MalformedQuery, QueryRefused, QueryTooLarge, SettingsError, StoreError
from publisher.items import MODULUS, Identifiers, digest_of
from publisher.query import Engine, limits
from publisher.settings import ROWS as ROWS_OF_SETTINGS
from publisher.settings import Settings, load
from publisher.stores import STORES, EmbeddedStore, RemoteStore, open_store

pytest_plugins = ["store_fixtures"]

Make = Callable[..., Settings]
Write = Callable[..., Path]
ROWS = ("embedded", "oxigraph", "graph-store", "virtuoso")
ONE = {"title": "One", "number": "1"}
TWO = {"title": "Two", "number": "2"}
RECORD, PLACE = ("resource", "123404"), ("place", "united-kingdom")
TITLES = "PREFIX dcterms: <http://purl.org/dc/terms/> SELECT ?title { ?record dcterms:title ?title FILTER(%s) }"


def changed(settings: Settings, **given: Any) -> Settings:
    return Settings(**({name: getattr(settings, name) for name in ROWS_OF_SETTINGS} | given))


def ask(settings: Settings, text: str, output: str = "csv", **limit: str | float) -> bytes:
    """What the endpoint of this site answers."""
    catalog = Catalog(settings.DATA_DIR)
    graph = open_store(settings).graph(catalog.current())
    catalog.close()
    with (
        Engine(limits(changed(settings, **limit))) as engine,
        engine.run(graph, text, output, base_iri=settings.base) as answer,
    ):
        return answer.body.read()


def titles(settings: Settings) -> list[str]:
    """The titles of the records of this site, in a store that may hold others."""
    ours = f'STRSTARTS(STR(?record), "{settings.base}id/resource/")'
    return sorted(row[0] for row in csv.reader(io.StringIO(ask(settings, TITLES % ours).decode())))[:-1]


def spoil(settings: Settings, *, gone: str, added_to: str, unknown: str) -> None:
    """Removes a graph, adds a statement to another, and adds one that nobody knows."""
    statement = f"<{settings.base}x> <{settings.base}x> 'x'"
    store = open_store(settings)
    if isinstance(store, EmbeddedStore):
        catalog = Catalog(settings.DATA_DIR)
        graphs = Store(str(store.graph(catalog.current())))
        catalog.close()
        graphs.remove_graph(NamedNode(gone))
        node = NamedNode(f"{settings.base}x")
        for graph in (added_to, unknown):
            graphs.add(Quad(node, node, Literal("x"), NamedNode(graph)))
    elif store.connection.update_url:
        added = f"GRAPH <{added_to}> {{ {statement} }} GRAPH <{unknown}> {{ {statement} }}"
        store.connection.update(f"DROP SILENT GRAPH <{gone}> ; INSERT DATA {{ {added} }}")
    else:
        line = f'<{settings.base}x> <{settings.base}x> "x" .'
        store.connection.put(gone, [])
        store.connection.put(added_to, [line])
        store.connection.put(unknown, [line])


@pytest.fixture(params=ROWS)
def settings(request: pytest.FixtureRequest, make_settings: Make) -> Settings:
    return make_settings(request.param)


def test_every_row_is_tested(make_settings: Make) -> None:
    assert {type(open_store(make_settings(row))) for row in ("embedded", "oxigraph")} == set(STORES.values())


class TestStore:
    def test_what_is_published_is_what_is_asked_for(self, settings: Settings) -> None:
        assert pipeline.load(settings, [DATA]).behind == ""
        assert releases.verify(settings) == []
        assert len(titles(settings)) == RECORDS
        assert pipeline.load(settings, [DATA]).release == 0

    def test_changes_withdrawals_and_rollbacks_reach_it(self, settings: Settings, write_page: Write) -> None:
        pipeline.load(settings, [write_page(ONE, TWO)])
        pipeline.load(settings, [write_page({**ONE, "title": "One, mended", "keywords": "Drugs"}, TWO)])
        assert titles(settings) == ["One, mended", "Two"]
        assert releases.verify(settings) == []
        pipeline.withdraw(settings, ["2"])
        assert titles(settings) == ["One, mended"]
        assert releases.verify(settings) == []
        assert pipeline.rollback(settings, 1) == 4
        assert titles(settings) == ["One", "Two"]
        assert releases.verify(settings) == []

    def test_results_are_alike_in_every_format(self, settings: Settings) -> None:
        pipeline.load(settings, [SEED])
        record = f"<{settings.base}id/resource/123404>"
        question = f"SELECT ?p ?o {{ {record} ?p ?o }}"
        rows = json.loads(ask(settings, question, "json"))["results"]["bindings"]
        assert len(rows) > 20
        assert any(row["o"]["type"] == "bnode" for row in rows)
        expected = rdflib.query.Result.parse(io.BytesIO(ask(settings, question, "xml")), format="xml")
        assert len(expected) == len(rows)
        for output in ("csv", "tsv"):
            assert ask(settings, question, output).count(b"\n") == len(rows) + 1
        assert json.loads(ask(settings, f"ASK {{ {record} ?p ?o }}", "json"))["boolean"] is True
        graphs = [
            rdflib.Graph().parse(data=ask(settings, f"CONSTRUCT WHERE {{ {record} ?p ?o }}", output), format=name)
            for output, name in (("turtle", "turtle"), ("nt", "nt"), ("rdfxml", "xml"), ("jsonld", "json-ld"))
        ]
        assert {len(graph) for graph in graphs} == {len(rows)}

    def test_the_dataset_of_a_query_can_be_named(self, settings: Settings) -> None:
        pipeline.load(settings, [SEED])
        document, place = (Addresses(settings.base).document(*name) for name in (RECORD, PLACE))
        graph = open_store(settings).graph(1)
        with (
            Engine(limits(settings)) as engine,
            engine.run(graph, "SELECT ?p { ?s ?p ?o }", "csv", default_graphs=[place]) as answer,
        ):
            found = answer.body.read()
        assert b"prefLabel" in found
        assert b"authorList" not in found
        named = ask(settings, f"SELECT ?p FROM <{document}> {{ ?s ?p ?o }}")
        assert b"authorList" in named
        relative = ask(settings, "SELECT ?p { <id/resource/123404> ?p ?o }")
        assert b"authorList" in relative

    def test_limits_hold_and_a_cut_is_told(self, settings: Settings) -> None:
        pipeline.load(settings, [SEED])
        cut = ask(settings, "SELECT * { ?s ?p ?o }", SPARQL_MAX_ROWS=10)
        assert cut.count(b"\r\n") == 11
        with pytest.raises(QueryTooLarge):
            ask(settings, "SELECT * { ?s ?p ?o }", SPARQL_MAX_BYTES=1000)

    def test_nothing_but_a_query_reaches_it(self, settings: Settings) -> None:
        pipeline.load(settings, [SEED])
        for text, kind in (
            ("DROP ALL", QueryRefused),
            ("LOAD <http://127.0.0.1/x>", QueryRefused),
            ("INSERT DATA { <x:a> <x:a> <x:a> }", QueryRefused),
            ("SELECT * { SERVICE <http://127.0.0.1/x> { ?s ?p ?o } }", QueryRefused),
            ('define get:soft "soft" SELECT * FROM <http://127.0.0.1/x> { ?s ?p ?o }', MalformedQuery),
            ("SELECT * { ?s ?p }", MalformedQuery),
            ("SELECT * { ?s ?p ?o } ; DROP ALL", MalformedQuery),
        ):
            with pytest.raises(kind):
                ask(settings, text)
        assert releases.verify(settings) == []

    def test_differences_are_told_and_mended(self, settings: Settings, write_page: Write) -> None:
        pipeline.load(settings, [write_page(ONE, TWO, {"title": "Three", "number": "3"})])
        document = Addresses(settings.base).document
        spoil(
            settings,
            gone=document("resource", "1"),
            added_to=document("resource", "2"),
            unknown=document("resource", "9"),
        )
        problems = releases.verify(settings)
        assert problems == [
            f"The graph {document('resource', '1')} is missing from the store.",
            f"The graph {document('resource', '2')} in the store differs from the catalog.",
            f"The store holds the graph {document('resource', '9')}, which the catalog does not know.",
        ]
        assert releases.repair(settings) == (problems, 3)
        assert releases.verify(settings) == []
        assert releases.repair(settings) == ([], 0)
        assert titles(settings) == ["One", "Three", "Two"]
        assert pipeline.load(settings, [write_page(ONE, TWO)]).release == 0

    def test_it_is_made_anew_from_the_catalog(self, settings: Settings, write_page: Write) -> None:
        pipeline.load(settings, [write_page(ONE, TWO)])
        document = Addresses(settings.base).document
        spoil(
            settings, gone=document("resource", "1"), added_to=document("resource", "2"), unknown=document("place", "x")
        )
        done: list[int] = []
        assert releases.rebuild(settings, done.append) == 2
        catalog = Catalog(settings.DATA_DIR)
        assert sum(done) == 2 * catalog.count()
        catalog.close()
        remote = isinstance(open_store(settings), RemoteStore)
        assert len(releases.verify(settings)) == remote  # which may hold what others have put there
        releases.repair(settings)
        assert releases.verify(settings) == []

    def test_everything_can_move_to_another_address(self, settings: Settings, write_page: Write) -> None:
        # all samples where that is quick
        paths = [DATA] if settings.STORE == "embedded" else [SEED, write_page(ONE, TWO)]
        count = pipeline.load(settings, paths).published
        pipeline.withdraw(settings, ["123404"])
        moved = changed(settings, BASE_URL=settings.BASE_URL.replace("https://", "http://new.") + "/catalogue")
        assert releases.rebase(moved) == 3
        self.check_items(moved)
        assert releases.verify(moved) == []
        assert len(titles(moved)) == count - 1
        store = open_store(settings)
        if isinstance(store, RemoteStore):
            assert store.number_of_graphs() == 0  # nothing is left under the old one
        # what the records say is what a load under the new address makes of them, so that it changes nothing
        again = pipeline.load(moved, paths)
        assert (again.published, again.unchanged) == (1, count - 1)
        assert releases.verify(moved) == []
        assert pipeline.rollback(moved, 1) == 0
        assert releases.rebase(moved) == 0
        self.check_items(moved)

    def check_items(self, settings: Settings) -> None:
        """What is harvested has its identifiers under this address, and the receipt says so."""
        catalog, identifiers = Catalog(settings.DATA_DIR), Identifiers(settings)
        counted = 0
        query = (
            "SELECT key, item.withdrawn, start, datestamp FROM item JOIN thing ON thing.id = item.thing "
            "JOIN release ON release.number = item.release"
        )
        for key, withdrawn, start, datestamp in catalog.db.execute(query):
            assert f"<identifier>{identifiers.of(key)}<".encode() in start
            counted += 0 if withdrawn else digest_of(identifiers.of(key), datestamp)
        (receipt,) = catalog.db.execute("SELECT digest FROM receipt WHERE item_set = 0 ORDER BY release DESC LIMIT 1")
        assert int.from_bytes(receipt[0]) == counted % MODULUS
        catalog.close()


REMOTE = ("oxigraph", "graph-store", "virtuoso")


@pytest.mark.parametrize("row", REMOTE)
def test_what_others_keep_in_a_store_is_left_alone(make_settings: Make, row: str) -> None:
    site, other = make_settings(row), make_settings(row)
    below = changed(site, BASE_URL=f"{site.BASE_URL}/below", DATA_DIR=site.DATA_DIR / "below")
    for settings in (site, other, below):
        pipeline.load(settings, [SEED])
    releases.rebuild(site)
    releases.repair(site)
    pipeline.withdraw(site, ["123404"])
    for settings in (site, other, below):
        assert releases.verify(settings) == []


def test_the_store_can_change(make_settings: Make, write_page: Write) -> None:
    embedded = make_settings("embedded")
    pipeline.load(embedded, [write_page(ONE, TWO)])
    remote = make_settings("oxigraph", BASE_URL=embedded.BASE_URL, DATA_DIR=embedded.DATA_DIR)
    with pytest.raises(Exception, match="have not been published to the store"):
        titles(remote)
    assert pipeline.load(remote, [write_page(ONE, TWO)]).release == 2
    assert releases.verify(remote) == []
    assert titles(remote) == ["One", "Two"]
    assert pipeline.withdraw(embedded, ["1"])[0] == 3
    assert releases.verify(embedded) == []
    assert titles(embedded) == ["Two"]


def test_a_backup_of_a_site_with_a_remote_store_fills_another_store(
    make_settings: Make, write_page: Write, tmp_path: Path
) -> None:
    settings = make_settings("oxigraph")
    pipeline.load(settings, [write_page(ONE, TWO)])
    assert releases.backup(settings, tmp_path / "copy") == 1
    copy = make_settings("embedded", BASE_URL=settings.BASE_URL, DATA_DIR=tmp_path / "copy")
    assert "cannot be read" in releases.verify(copy)[0]
    releases.repair(copy)
    assert releases.verify(copy) == []
    assert titles(copy) == ["One", "Two"]


def test_to_publish_a_url_to_write_to_is_needed(make_settings: Make) -> None:
    settings = make_settings("oxigraph", STORE_UPDATE_URL="")
    with pytest.raises(StoreError, match="set STORE_UPDATE_URL or STORE_GRAPH_URL"):
        pipeline.load(settings, [SEED])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"STORE": "remote"}, "STORE must be embedded, or"),
        ({"STORE": "http://me:secret@store/query"}, "STORE_USER, STORE_PASSWORD"),
        ({"STORE": "http://store/query", "STORE_UPDATE_URL": "ftp://store"}, "STORE_UPDATE_URL must be an http"),
        ({"STORE_UPDATE_URL": "http://store"}, "STORE is embedded"),
        ({"STORE": "http://store/query", "STORE_USER": "me"}, "belong together"),
        ({"STORE": "http://store/query", "STORE_USER": "me", "STORE_PASSWORD": "s", "STORE_TOKEN": "t"}, "leave one"),
        ({"STORE": "http://store/query", "STORE_TOKEN": "secret\nX-Evil: 1"}, "STORE_TOKEN must be"),
        ({"STORE": "http://store/query", "STORE_AUTH": "magic"}, "basic or digest"),
        ({"STORE": "http://store/query", "STORE_BEHIND": "perhaps"}, "refuse or answer"),
    ],
)
def test_settings_that_cannot_be_are_told(given: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as error:
        load(None, {}, **given)
    assert "secret" not in str(error.value)


def test_no_message_repeats_a_password(make_settings: Make, oxigraph_url: str) -> None:
    settings = make_settings(
        "oxigraph",
        STORE=f"{oxigraph_url}/nowhere?key=open",
        STORE_UPDATE_URL=f"{oxigraph_url}/nowhere?key=open",
        STORE_USER="me",
        STORE_PASSWORD="sesame",
    )
    said = pipeline.load(settings, [SEED]).behind
    assert f"{oxigraph_url}/nowhere refused with HTTP status 404" in said
    catalog = Catalog(settings.DATA_DIR)
    for text in (said, repr(settings), repr(open_store(settings).graph(1)), catalog.place()):
        assert "sesame" not in text
    assert "key=open" not in said + catalog.place()
    catalog.close()
    path = settings.DATA_DIR / "wrong.toml"
    path.write_text("STORE_PASSWORD = 12345")
    with pytest.raises(SettingsError) as error:
        load(path, {})
    assert "12345" not in str(error.value)
