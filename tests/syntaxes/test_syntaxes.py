"""Turtle, TriG and JSON-LD by our writers are the graph that they were written from, whatever it holds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
)

from publisher.catalog import Catalog
from publisher.mapping import Mapping, lines
from publisher.mapping.terms import clean
from publisher.namespaces import RDF, XSD
from publisher.settings import Settings
from publisher.syntaxes.json_ld import json_ld
from publisher.syntaxes.nodes import Nodes
from publisher.syntaxes.turtle import trig, turtle
from publisher.view import of_entry

MAPPING = Mapping(Settings(BASE_URL="https://lib.example"))
GRAPH = "https://lib.example/doc/resource/1"
TITLE = NamedNode("http://purl.org/dc/terms/title")
WRITERS: dict[str, tuple[Callable[[list[str]], bytes], RdfFormat]] = {
    "turtle": (lambda content: turtle(Nodes(MAPPING, content)), RdfFormat.TURTLE),
    "trig": (lambda content: trig(Nodes(MAPPING, content), GRAPH), RdfFormat.TRIG),
    "json-ld": (lambda content: json_ld(Nodes(MAPPING, content)), RdfFormat.JSON_LD),
}


def canonical(text: bytes, syntax: RdfFormat) -> Dataset:
    dataset = Dataset(Quad(quad.subject, quad.predicate, quad.object) for quad in parse(text, format=syntax))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def check(content: list[str]) -> None:
    expected = canonical("\n".join(content).encode(), RdfFormat.N_TRIPLES)
    for name, (write, syntax) in WRITERS.items():
        assert canonical(write(content), syntax) == expected, name


T, D, B = "<https://lib.example/id/resource/1>", "<http://purl.org/dc/terms/{}>", "<http://purl.org/ontology/bibo/{}>"
F, R, N = f"<{RDF.first}>", f"<{RDF.rest}>", f"<{RDF.nil}>"
LIST = B.format("authorList")
ODD = {
    "a ring": [f"_:a {F} _:b .", f"_:b {F} _:a .", f"{T} {LIST} _:a ."],
    "a ring by itself": [f"_:a {F} _:b .", f"_:b {F} _:a ."],
    "a node that names itself": [f"_:a {F} _:a .", f"{T} {LIST} _:a ."],
    "a list": [f"_:a {F} <x:1> .", f"_:a {R} _:b .", f'_:b {F} "2" .', f"_:b {R} {N} .", f"{T} {LIST} _:a ."],
    "an empty list": [f"{T} {LIST} {N} ."],
    "a list of another property": [f"_:a {F} <x:1> .", f"_:a {R} {N} .", f"{T} {D.format('creator')} _:a ."],
    "a list in a list": [f"_:a {F} _:c .", f"_:a {R} {N} .", f"_:c {F} <x:1> .", f"_:c {R} {N} .", f"{T} {LIST} _:a ."],
    "two lists": [f"_:{n} {p} {o} ." for n in "ab" for p, o in ((F, "<x:1>"), (R, N))]
    + [f"{T} {LIST} _:a .", f"{T} {LIST} _:b ."],
    "a list with two heads": [f"_:a {F} <x:1> .", f"_:a {R} {N} .", f"{T} {LIST} _:a .", f"<x:1> {LIST} _:a ."],
    "a list without an end": [f"_:a {F} <x:1> .", f"{T} {LIST} _:a ."],
    "a list with a title": [
        f"_:a {F} <x:1> .",
        f"_:a {R} {N} .",
        f'_:a {D.format("title")} "x" .',
        f"{T} {LIST} _:a .",
    ],
    "a list with two firsts": [f"_:a {F} <x:1> .", f"_:a {F} <x:2> .", f"_:a {R} {N} .", f"{T} {LIST} _:a ."],
    "no list where the term has one": [f"{T} {LIST} <x:1> .", f'{T} {LIST} "text" .'],
    "a node of which nothing is said": [f"{T} {D.format('creator')} _:a ."],
    "a blank type": [f"{T} <{RDF.type}> _:a .", f'_:a {D.format("title")} "x" .'],
    "a text where the term has an IRI": [f'{T} {D.format("creator")} "x" .', f'{T} {D.format("creator")} "x"@en .'],
    "an IRI where the term has a text": [f"{T} {D.format('title')} <x:1> .", f"{T} {B.format('numPages')} <x:1> ."],
    "numbers": [
        f'{T} {B.format("numPages")} "{n}"^^<{XSD.integer}> .' for n in ("7", "007", "-0", "+5", "9" * 20, "x")
    ],
    "numbers elsewhere": [f'{T} {D.format("title")} "{n}"^^<{XSD.integer}> .' for n in ("7", "007", "seven", "")],
    "a text where the term has a number": [f'{T} {B.format("numPages")} "7" .', f'{T} {B.format("numPages")} "7"@en .'],
    "booleans": [f'{T} {D.format("title")} "{b}"^^<{XSD.boolean}> .' for b in ("true", "false", "1", "TRUE")],
    "an IRI that looks like a short one": [
        f"{T} {D.format('creator')} <dcterms:x> .",
        f"{T} {D.format('title')} <dc:y> .",
    ],
    "an IRI of a scheme of ours with slashes": [f"{T} {D.format('creator')} <dc://x> ."],
    "a name that Turtle would have to escape": [
        f"{T} {D.format('a.b')} <http://purl.org/dc/terms/> .",
        f"{T} {D.format('1')} <x:1> .",
    ],
    "a property without a term": [f'{T} <https://example.org/p> "x" .', f"{T} {D.format('audience')} <x:1> ."],
    "quotes and breaks": [
        f"{T} {D.format('title')} {text} ."
        for text in (
            r'"\"\"\""',
            r'"a\nb"',
            r'"a\\nb"',
            r'"\n\""',
            r'"a\r\nb\t\f\b"',
            r'"\\\n\\"',
            r'"\u0001\u007F"',
            '"@context"',
            '"🙂 é"',
        )
    ],
    "rdf:type as a value": [f"{T} {D.format('creator')} <{RDF.type}> .", f"{T} <{RDF.type}> <{RDF.type}> ."],
    "keywords as texts": [f'{T} {D.format("title")} "@id" .', f'{T} {D.format("title")} "_:a" .'],
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_graphs(content: list[str]) -> None:
    text = "\n".join(content).encode()
    check(lines(Triple(q.subject, q.predicate, q.object) for q in parse(text, format=RdfFormat.N_TRIPLES)))


iris = st.sampled_from(
    [
        NamedNode(iri[1:-1])
        for iri in (T, D.format("title"), LIST, f"<{RDF.nil}>", "<dcterms:x>", "<http://xmlns.com/foaf/0.1/>")
    ]
)
blanks = st.sampled_from([BlankNode(name) for name in "abc"])
literals = st.builds(
    lambda text, kind: (
        Literal(clean(text), language="en-gb") if kind == "en" else Literal(clean(text), datatype=NamedNode(kind))
    ),
    st.text(max_size=8),
    st.sampled_from(["en", XSD.string, XSD.integer, XSD.gYear, "https://example.org/type"]),
)
properties = st.sampled_from(
    [NamedNode(iri) for iri in (RDF.type, RDF.first, RDF.rest, LIST[1:-1], TITLE.value, B.format("numPages")[1:-1])]
    + [NamedNode(D.format("creator")[1:-1]), NamedNode("https://example.org/p")]
)


@hypothesis_settings(max_examples=150, deadline=None)
@given(st.lists(st.builds(Triple, iris | blanks, properties, iris | blanks | literals), max_size=12))
def test_any_graph(statements: list[Triple]) -> None:
    check(lines(statements))


def test_json_ld_is_what_pyld_reads_and_uses_our_terms(published: Settings) -> None:
    mapping, catalog = Mapping(published), Catalog(published.DATA_DIR)
    for entry in [*catalog.entries("resource")][:10]:
        version = of_entry(mapping, catalog, entry)
        document = orjson.loads(json_ld(version.nodes))
        read = jsonld.to_rdf(document, {"format": "application/n-quads"})
        assert canonical(read.encode(), RdfFormat.N_TRIPLES) == canonical(
            "\n".join(version.lines).encode(), RdfFormat.N_TRIPLES
        )
        thing = next(node for node in document["@graph"] if node["id"] == mapping.addresses.thing(*entry.name))
        assert thing["title"]
        assert not [key for key in thing if ":" in key and not key.startswith(("rel:", "http"))]
        assert set(document["@context"]) <= set(mapping.context.document["@context"])


def test_turtle_begins_with_the_thing_and_its_title(published: Settings) -> None:
    mapping, catalog = Mapping(published), Catalog(published.DATA_DIR)
    text = turtle(of_entry(mapping, catalog, catalog.get("resource", "123404")).nodes).decode()
    assert (
        "\n\n<https://lib.example/id/resource/123404> a dcterms:BibliographicResource ,\n        bibo:Report ;\n"
        in text
    )
    assert text.index("dcterms:title") < text.index("dcterms:creator") < text.index("bibo:numPages 50 ;")
    assert "bibo:authorList ( <https://lib.example/id/agent/great-britain-hmi-probation> ) ;" in text


def test_rapper_reads_the_same_graphs(published: Settings, tmp_path: Path) -> None:
    """A parser of another maker, over all the samples in one document a syntax."""
    if shutil.which("rapper") is None:
        pytest.skip("rapper (Debian's raptor2-utils) is not installed")
    catalog, mapping = Catalog(published.DATA_DIR), Mapping(published)
    content = sorted({line for entry in catalog.entries() for line in of_entry(mapping, catalog, entry).lines})
    expected = canonical("\n".join(content).encode(), RdfFormat.N_TRIPLES)
    for name in ("turtle", "trig"):
        path = tmp_path / f"all.{name}"
        path.write_bytes(WRITERS[name][0](content))
        run = subprocess.run(["rapper", "-q", "-i", name, "-o", "ntriples", str(path)], capture_output=True, check=True)
        assert not run.stderr
        assert canonical(run.stdout, RdfFormat.N_TRIPLES) == expected, name


NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
N3 = ROOT / "tests" / "node_modules" / "n3"
N3_SCRIPT = """
const { Parser, Writer } = require(process.argv[1]);
const text = require("fs").readFileSync(0, "utf8");
const writer = new Writer({ format: "N-Triples" });
for (const { subject, predicate, object } of new Parser({ format: process.argv[2] }).parse(text))
  writer.addQuad(subject, predicate, object);
writer.end((error, result) => process.stdout.write(result));
"""


@pytest.mark.skipif(NODE is None or not N3.is_dir(), reason="needs n3 (npm install in tests/, as `sh run test` does)")
@pytest.mark.parametrize(("name", "media_type"), [("turtle", "text/turtle"), ("trig", "application/trig")])
def test_n3_reads_the_same_graphs(published: Settings, name: str, media_type: str) -> None:
    catalog, mapping = Catalog(published.DATA_DIR), Mapping(published)
    content = sorted({line for entry in catalog.entries() for line in of_entry(mapping, catalog, entry).lines})
    command = [NODE or "", "-e", N3_SCRIPT, str(N3), media_type]
    run = subprocess.run(command, input=WRITERS[name][0](content), capture_output=True, check=True)
    expected = canonical("\n".join(content).encode(), RdfFormat.N_TRIPLES)
    assert canonical(run.stdout, RdfFormat.N_TRIPLES) == expected
