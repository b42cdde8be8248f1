"""The counts that the data set tells are those of its graphs, whatever was published, changed and withdrawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pyshacl
import pytest
from conftest import DATA, ROOT
from pyoxigraph import RdfFormat, Store
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCAT, DCTERMS, SH, VOID

from publisher import pipeline, releases
from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.mapping import Mapping
from publisher.settings import Settings
from publisher.view import published_lines

THING = URIRef("https://lib.example/dataset")
SHAPES = ROOT.parent / "shared" / "data" / "shacl" / "dcat-ap"


def description(settings: Settings) -> Graph:
    catalog = Catalog(settings.DATA_DIR)
    content = published_lines(Mapping(settings), catalog.get(*DATASET))
    catalog.close()
    return Graph().parse(data="\n".join(content), format="nt")


def graphs(settings: Settings) -> Store:
    """Every description that is published, in a store of its own; reports of the validation are not counted."""
    store, mapping, catalog = Store(), Mapping(settings), Catalog(settings.DATA_DIR)
    for entry in catalog.entries():
        graph = mapping.addresses.document(*entry.name)
        quads = (f"{line[:-2]} <{graph}> ." for line in published_lines(mapping, entry))
        store.load("\n".join(quads).encode(), format=RdfFormat.N_QUADS)
    catalog.close()
    return store


def asked(settings: Settings, query: str) -> dict[str, int]:
    return {str(row[0].value): int(row[1].value) for row in graphs(settings).query(query)}  # type: ignore[union-attr]


def told(graph: Graph, partition: URIRef, term: URIRef, count: URIRef) -> dict[str, int]:
    return {
        str(graph.value(part, term)): int(str(graph.value(part, count))) for part in graph.objects(THING, partition)
    }


def check(settings: Settings) -> None:
    graph, store = description(settings), graphs(settings)
    everywhere = "{ GRAPH ?g { ?s ?p ?o } }"
    assert int(str(graph.value(THING, VOID.triples))) == len(store)
    (row,) = store.query(f"SELECT (COUNT(DISTINCT ?s) AS ?n) {everywhere}")
    assert str(graph.value(THING, VOID.distinctSubjects)) == row[0].value
    properties = asked(settings, f"SELECT ?p (COUNT(*) AS ?n) {everywhere} GROUP BY ?p")
    assert told(graph, VOID.propertyPartition, VOID.property, VOID.triples) == properties
    assert int(str(graph.value(THING, VOID.properties))) == len(properties)
    classes = asked(settings, "SELECT ?c (COUNT(*) AS ?n) { GRAPH ?g { ?s a ?c } } GROUP BY ?c")
    assert told(graph, VOID.classPartition, VOID["class"], VOID.entities) == classes
    assert int(str(graph.value(THING, VOID.entities))) == len(list(store.named_graphs()))


def test_the_counts_are_those_of_the_store(published: Settings) -> None:
    check(published)


def test_they_stay_so_through_changes_withdrawals_and_a_rebuild(
    settings: Settings, write_page: Callable[..., Path]
) -> None:
    one, two = {"title": "First", "number": "1"}, {"title": "Second", "number": "2", "keywords": "Courts"}
    pipeline.load(settings, [write_page(one, two), DATA / "record-page.txt"])
    check(settings)
    pipeline.load(settings, [write_page({**one, "author": "Doe, Ann", "keywords": "Prisons\nYouth"}, two)])
    check(settings)
    pipeline.withdraw(settings, ["2", "123404"])
    check(settings)
    pipeline.rollback(settings, 1)
    check(settings)
    releases.rebuild(settings)
    check(settings)


def test_an_unchanged_load_makes_no_description(settings: Settings, write_page: Callable[..., Path]) -> None:
    page = write_page({"title": "First", "number": "1"})
    assert pipeline.load(settings, [page]).release == 1
    assert pipeline.load(settings, [page]).release == 0


def test_nothing_is_kept_here_by_the_description_alone(settings: Settings, write_page: Callable[..., Path]) -> None:
    pipeline.load(settings, [write_page({"title": "First", "number": "1"}, {"title": "Second", "number": "2"})])
    pipeline.withdraw(settings, ["1", "2"])
    catalog = Catalog(settings.DATA_DIR)
    assert [entry.name for entry in catalog.entries()] == [DATASET]
    check(settings)


@pytest.mark.parametrize("path", ["2.1.1/dcat-ap_2.1.1_shacl_shapes.ttl", "3.0.1/shacl/dcat-ap-SHACL.ttl"])
def test_the_description_keeps_the_rules_of_dcat_ap(settings: Settings, path: str) -> None:
    """With all that a site can say of itself: who publishes, under which licence, dumps."""
    if not (SHAPES / path).is_file():
        pytest.skip("the shapes of DCAT-AP are not here")
    shapes = Graph().parse(SHAPES / path)
    for shape, _, rule in list(shapes.triples((None, SH.property, None))):
        if (rule, SH.path, None) in shapes:
            shapes.add((rule, RDF.type, SH.PropertyShape))
        else:  # two rules of 3.0.1 have no path, and no processor can apply them
            shapes.remove((shape, SH.property, rule))
    said = {"PUBLISHER_NAME": "Example Library", "LICENSE": "http://creativecommons.org/publicdomain/zero/1.0/"}
    full = dataclasses.replace(settings, DUMPS=("nt", "csv"), **said)
    pipeline.load(full, [DATA / "record-page.txt"])
    graph = description(full)
    assert (THING, RDF.type, DCAT.Dataset) in graph
    assert len(list(graph.objects(THING, DCAT.distribution))) == 2
    for place in list(graph.objects(THING, DCTERMS.spatial)):  # described in graphs of their own
        graph.add((place, RDF.type, DCTERMS.Location))
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes)
    assert conforms, text
