"""Every format of every description in the samples is the same graph, and the bytes are the same each time."""

from __future__ import annotations

import pytest
import rdflib
import rdflib.compare
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, parse

from publisher.catalog import Catalog, Entry
from publisher.formats import BY_EXTENSION, FORMATS, formats_of
from publisher.mapping import Mapping
from publisher.settings import Settings
from publisher.view import of_entry

SYNTAX = {
    "ttl": RdfFormat.TURTLE,
    "jsonld": RdfFormat.JSON_LD,
    "rdf": RdfFormat.RDF_XML,
    "nt": RdfFormat.N_TRIPLES,
    "trig": RdfFormat.TRIG,
}


def canonical(text: bytes, syntax: RdfFormat) -> Dataset:
    dataset = Dataset(quad.__class__(quad.subject, quad.predicate, quad.object) for quad in parse(text, format=syntax))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def write(published: Settings, entry: Entry, extension: str) -> bytes:
    writer = BY_EXTENSION[extension].write
    assert writer is not None
    return writer(of_entry(Mapping(published), Catalog(published.DATA_DIR), entry))


@pytest.mark.parametrize("extension", [extension for extension in SYNTAX if extension != "nt"])
def test_all_formats_are_one_graph(published: Settings, extension: str) -> None:
    mapping = Mapping(published)
    writer = BY_EXTENSION[extension].write
    triples = BY_EXTENSION["nt"].write
    assert writer is not None
    assert triples is not None
    count = 0
    catalog = Catalog(published.DATA_DIR)
    for entry in catalog.entries():
        version = of_entry(mapping, catalog, entry)
        expected = canonical(triples(version), RdfFormat.N_TRIPLES)
        assert canonical(writer(version), SYNTAX[extension]) == expected, entry.name
        count += 1
    assert count > 300


def test_rdflib_reads_them_as_one_graph(published: Settings) -> None:
    entry = Catalog(published.DATA_DIR).get("resource", "123404")
    graphs = [
        rdflib.Graph().parse(data=write(published, entry, extension), format=name)
        for extension, name in (("nt", "nt"), ("ttl", "turtle"), ("jsonld", "json-ld"), ("rdf", "xml"))
    ]
    for graph in graphs[1:]:
        assert rdflib.compare.isomorphic(graph, graphs[0])


def test_trig_names_the_document(published: Settings) -> None:
    entry = Catalog(published.DATA_DIR).get("resource", "123404")
    names = {quad.graph_name for quad in parse(write(published, entry, "trig"), format=RdfFormat.TRIG)}
    assert names == {NamedNode("https://lib.example/doc/resource/123404")}


def test_authors_stay_in_order(published: Settings) -> None:
    """bibo:authorList is a list in Turtle and in JSON-LD, in the order of the record."""
    catalog = Catalog(published.DATA_DIR)
    entry = next(entry for entry in catalog.entries("resource") if len(entry.data["record"]["creators"]) > 2)
    graph = rdflib.Graph().parse(data=write(published, entry, "ttl"), format="turtle")
    bibo = rdflib.Namespace("http://purl.org/ontology/bibo/")
    members = list(graph.items(graph.value(None, bibo.authorList) or next(graph.objects(None, bibo.authorList))))
    names = [catalog.get("agent", str(member).rpartition("/")[2]).data["heading"] for member in members]
    assert names == [creator["heading"]["text"] for creator in entry.data["record"]["creators"]]


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.name)
def test_the_bytes_are_the_same_each_time(published: Settings, row: object) -> None:
    catalog = Catalog(published.DATA_DIR)
    entry = catalog.get("resource", "123404")
    writer = getattr(row, "write")  # noqa: B009 -- the parameter is typed for its id
    if writer is not None:
        first, second = (of_entry(Mapping(published), catalog, entry) for _ in range(2))
        assert writer(first) == writer(second)


def test_the_source_is_the_block_as_read(published: Settings) -> None:
    entry = Catalog(published.DATA_DIR).get("resource", "123404")
    text = write(published, entry, "txt").decode()
    assert text.startswith("Author: Great Britain: HMI Probation\n")
    assert text.rstrip().endswith("Risk Management")


def test_only_records_have_a_source() -> None:
    assert "source" in {row.name for row in formats_of("resource")}
    assert "source" not in {row.name for row in formats_of("agent")}
