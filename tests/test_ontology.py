"""Facts that must agree: context, vocabularies, tables, our own terms, the shapes, and what the samples become."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from pathlib import Path

import orjson
import pyshacl
import pytest
from conftest import DATA, ROOT
from pyoxigraph import NamedNode, Triple
from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.namespace import SH

from publisher import namespaces, readers, resources
from publisher.addresses import DATASET
from publisher.mapping import MAPPED, Mapping, dataset, languages, places
from publisher.mapping.terms import fold, slug
from publisher.record import Record
from publisher.settings import Settings
from publisher.validation import Shapes, to_rdflib
from publisher.web.languages import LANGUAGES

SITE = Settings(BASE_URL="https://lib.example", PUBLISHER_NAME="A Library")
MAPPING = Mapping(SITE)
FACTS = dataset.Facts(
    issued="2024-05-01T10:00:00Z",
    classes={"http://purl.org/ontology/bibo/Report": 1},
    properties={"http://purl.org/dc/terms/title": 1},
    links={("http://www.w3.org/2004/02/skos/core#exactMatch", "http://id.loc.gov/"): 1},
    places=["https://lib.example/id/place/united-kingdom"],
    years=("1999", "2024"),
    examples=["1"],
    dumps=[dataset.Dump("nq", "N-Quads", "application/n-quads", "/dump/catalogue.nq.gz")],
)
CONTEXT = orjson.loads((ROOT / "ontology" / "context.jsonld").read_bytes())["@context"]
OWN = Graph().parse(ROOT / "ontology" / "publisher.ttl")
OWN_BASE = "https://lib.example/ontology#"
SHAPES = Shapes(SITE.base).published
PLACES = resources.table("ontology/places.csv")


def emitted() -> list[Triple]:
    """Every statement that the samples and the data set are published with."""
    files = [DATA / "record-page.txt", *sorted((DATA / "invented").iterdir())]
    found = [*dataset.describe(SITE, FACTS).statements, *MAPPING.publication(DATASET, "t", "t", 1, "publisher")]
    for path in files:
        for record in readers.read(path, path.name):
            if isinstance(record, Record):
                for description in MAPPING.describe(record).descriptions:
                    found += [*description.statements, *description.provenance]
    return found


EMITTED = emitted()
CLASSES = {
    statement.object.value
    for statement in EMITTED
    if statement.predicate.value == str(RDF.type) and isinstance(statement.object, NamedNode)
}


def known(iri: str) -> bool:
    return namespaces.split(iri) is not None or (URIRef(iri), RDF.type, None) in OWN


@pytest.mark.parametrize("name", MAPPING.context.terms)
def test_every_term_of_the_context_is_in_its_vocabulary(name: str) -> None:
    term = MAPPING.context[name]
    assert known(term.property.value)
    assert term.datatype is None or known(term.datatype.value)


def test_prefixes_are_those_of_the_pinned_vocabularies() -> None:
    prefixes = {prefix: iri for prefix, iri in MAPPING.context.prefixes.items() if prefix != namespaces.OWN_PREFIX}
    assert prefixes.items() <= namespaces.namespaces().items()
    assert MAPPING.context.prefixes[namespaces.OWN_PREFIX] == OWN_BASE


def test_no_property_has_two_names() -> None:
    assert [
        name for name, count in Counter(t.property.value for t in MAPPING.context.terms.values()).items() if count > 1
    ] == []


@pytest.mark.parametrize("term", sorted(set(OWN.subjects(RDFS.isDefinedBy))), ids=lambda term: term.rpartition("#")[2])
def test_our_own_terms_are_explained_and_used(term: URIRef) -> None:
    assert term.startswith(OWN_BASE)
    for predicate in (RDFS.label, RDFS.comment):
        texts = {text.language: text for text in OWN.objects(term, predicate) if isinstance(text, Literal)}
        assert sorted(texts) == sorted(LANGUAGES)
        assert all(texts.values())
    assert list(OWN.objects(term, RDFS.isDefinedBy)) == [URIRef(OWN_BASE.rstrip("#"))]
    used = {entry.property.value for entry in MAPPING.context.terms.values()}
    # some terms are said by the endpoint and by reports, which no context is read for
    program = "".join(path.read_text("utf-8") for path in (ROOT / "publisher").rglob("*.py"))
    said = re.search(rf"\b{term.removeprefix(OWN_BASE)}\b", program) is not None
    assert str(term) in used or said or (term, RDF.type, SH.ConstraintComponent) in OWN


def test_every_term_of_ours_that_is_used_is_defined() -> None:
    used = {t.property.value for t in MAPPING.context.terms.values() if t.property.value.startswith(OWN_BASE)}
    assert used <= {str(term) for term in OWN.subjects(RDFS.isDefinedBy)}
    assert {str(s) for s in OWN.subjects() if str(s).startswith(OWN_BASE)} == {
        str(s) for s in OWN.subjects(RDFS.isDefinedBy)
    }


def test_every_attribute_of_the_context_has_a_label() -> None:
    rows = [row["attribute"] for row in resources.table("ontology/fields.csv")]
    assert [name for name, count in Counter(rows).items() if count > 1] == []
    # "label" is that of an origin, "generated_by" and its like are told by the page in other words
    assert set(MAPPING.context.terms) - set(rows) <= {"label", "in_dataset", "generated_by"}
    assert set(rows) - set(MAPPING.context.terms) <= {"type"}
    assert all(row["label"] for row in resources.table("ontology/fields.csv"))


def test_every_attribute_of_a_record_has_a_term_or_is_kept_as_a_leftover() -> None:
    # a number of the record is said as its shelf number or among the identifiers, a period as coverage
    special = {"source", "notes", "withdrawn", "record_number", "former_numbers", "temporal"}
    attributes = {attribute.name for attribute in dataclasses.fields(Record)}
    assert attributes >= MAPPED
    assert MAPPED - special <= set(MAPPING.context.terms)


TYPES = resources.table("ontology/types.csv")


def test_the_classes_of_the_table_stand_in_the_shapes() -> None:
    (listed,) = SHAPES.objects(URIRef("https://lib.example/shapes#type"), SH["in"])
    allowed = {str(item) for item in Collection(SHAPES, listed)}
    always = {"http://purl.org/dc/terms/BibliographicResource", "http://purl.org/ontology/bibo/Document"}
    expanded = {
        namespaces.namespaces()[prefix] + term
        for row in TYPES
        for prefix, _, term in (row["class"].partition(":"),)
        if term in namespaces.terms(prefix)
    }
    assert len(expanded) == len({row["class"] for row in TYPES})
    assert allowed == expanded | always
    assert all(known(iri) for iri in allowed)


def test_the_words_of_types_and_degrees_are_folded_and_none_stands_twice() -> None:
    for rows, column in ((TYPES, "scheme"), (resources.table("ontology/degrees.csv"), "class")):
        assert [row["word"] for row in rows if row["word"] not in ("*", fold(row["word"]))] == []
        pairs = [(row[column] if column == "scheme" else "", row["word"]) for row in rows]
        assert [pair for pair, count in Counter(pairs).items() if count > 1] == []
    for row in resources.table("ontology/degrees.csv"):
        assert known(namespaces.namespaces()["bibo"] + row["class"].removeprefix("bibo:"))


def test_the_schemes_of_identifiers_have_attributes() -> None:
    rows = resources.table("ontology/identifiers.csv")
    assert {row["attribute"] for row in rows} <= set(MAPPING.context.terms)
    assert [row["scheme"] for row in rows if row["scheme"] != row["scheme"].casefold()] == []


def test_the_codes_of_relators_are_in_the_list() -> None:
    assert {row["code"] for row in resources.table("ontology/relators.csv")} <= set(namespaces.terms("rel"))


def test_a_word_of_languages_means_one() -> None:
    rows = resources.table("ontology/languages.csv")
    assert len(rows) == len({row["code"] for row in rows}) > 480
    owner: dict[str, str] = {}
    for row in rows:
        assert languages.find(row["code"]) == languages.LOC + row["code"]
        for word in filter(None, (row["alpha2"], row["terminology"], *row["alternatives"].split("|"))):
            assert owner.setdefault(word.casefold(), row["code"]) == row["code"]
            assert languages.find(word) == languages.LOC + row["code"], word


def test_every_predicate_and_class_that_is_published_is_in_a_vocabulary() -> None:
    assert len(EMITTED) > 5000
    assert {s.predicate.value for s in EMITTED if not known(s.predicate.value)} == set()
    assert {iri for iri in CLASSES if not known(iri)} == set()
    datatypes = {s.object.datatype.value for s in EMITTED if hasattr(s.object, "datatype")}
    assert {iri for iri in datatypes if not known(iri)} == set()


def test_every_class_that_is_published_has_a_shape() -> None:
    targets = {str(target) for target in SHAPES.objects(None, SH.targetClass)}
    (listed,) = SHAPES.objects(URIRef("https://lib.example/shapes#type"), SH["in"])
    kinds = {str(item) for item in Collection(SHAPES, listed)}
    assert "http://purl.org/dc/terms/BibliographicResource" in targets
    (parts,) = SHAPES.objects(URIRef("https://lib.example/shapes#seriesType"), SH["in"])
    kinds |= {str(item) for item in Collection(SHAPES, parts)}
    # the parts of the data set's description are judged by DCAT-AP's shapes, see tests/test_dataset.py
    parts_of_it = {s.object.value for s in dataset.describe(SITE, FACTS).statements if isinstance(s.object, NamedNode)}
    assert CLASSES - targets - kinds <= parts_of_it
    assert {target for target in targets if not known(target)} == set()


def test_what_the_site_says_of_itself_keeps_its_own_rules() -> None:
    graph = Graph()
    to_rdflib(EMITTED, graph)
    ours = {str(s.subject) for s in dataset.describe(SITE, FACTS).statements}
    _, results, _ = pyshacl.validate(graph, shacl_graph=SHAPES)
    violations = list(results.subjects(SH.resultSeverity, SH.Violation))
    assert violations == []
    assert [r for r in results.objects(None, SH.focusNode) if str(r) in ours] == []


def test_the_shapes_are_sound() -> None:
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=SHAPES, meta_shacl=True)
    assert conforms, text


@pytest.mark.parametrize("shape", sorted(set(SHAPES.subjects(SH.path))), ids=lambda shape: shape.rpartition("#")[2])
def test_every_rule_has_a_name_a_message_and_a_severity(shape: URIRef) -> None:
    (severity,) = SHAPES.objects(shape, SH.severity)
    assert severity in (SH.Violation, SH.Warning, SH.Info)
    for predicate in (SH.name, SH.message):
        texts = [text for text in SHAPES.objects(shape, predicate) if isinstance(text, Literal)]
        assert sorted(str(text.language) for text in texts) == sorted(LANGUAGES)
        assert all(text.endswith(".") == (predicate == SH.message) for text in texts)
    assert list(SHAPES.subjects(SH.property, shape)), "no node shape has this rule"


@pytest.mark.parametrize("path", sorted((ROOT / "shapes").glob("*.ttl")), ids=lambda path: path.name)
def test_the_terms_of_the_shapes_are_in_their_vocabularies(path: Path) -> None:
    graph = Graph().parse(path)
    own = ("https://lib.example/shapes", OWN_BASE)
    used = {str(node) for triple in graph for node in triple if isinstance(node, URIRef)}
    assert {iri for iri in used if not known(iri) and not iri.startswith(own)} == set()


# Places


def test_keys_of_places_are_slugs_and_none_stands_twice() -> None:
    keys = [row["key"] for row in PLACES]
    assert len(set(keys)) == len(keys) > 200
    assert [key for key in keys if slug(key) != key] == []
    assert [row["label"] for row in PLACES if not row["label"] or places.find(row["label"]) is None] == []


def test_a_name_belongs_to_one_place() -> None:
    owner: dict[str, str] = {}
    ambiguous = {fold(row["name"]) for row in resources.table("ontology/places-ambiguous.csv")}
    for row in PLACES:
        for name in (row["label"], *filter(None, row["alternatives"].split("|"))):
            assert fold(name), name
            assert fold(name) not in ambiguous or fold(name) != fold(row["label"]), name
            assert owner.setdefault(fold(name), row["key"]) == row["key"], name
    # the key is a way to find a place, too, so it must not be another's name
    for key in {row["key"] for row in PLACES}:
        assert owner.get(fold(key), key) == key


def test_the_broader_places_exist_and_lead_to_an_end() -> None:
    broader = {row["key"]: row["broader"] for row in PLACES}
    for key in broader:
        steps, at = 0, key
        while broader[at]:
            at, steps = broader[at], steps + 1
            assert steps < 5, key


# ISO 3166-1 alpha-3 of countries, 3166-3 of former ones, 3166-2 of their parts
CODES = {
    "iso3166": r"[A-Z]{3,4}|[A-Z]{2}-[A-Z0-9]{1,3}",
    "eu": r"[A-Z0-9_]{3,9}",
    "loc": r"[a-z]{2,3}",
    "geonames": r"[1-9][0-9]{3,8}",
}


@pytest.mark.parametrize("column", CODES)
def test_codes_have_the_form_of_their_lists_and_none_stands_twice(column: str) -> None:
    found = [row[column] for row in PLACES if row[column]]
    assert [code for code in found if not re.fullmatch(CODES[column], code)] == []
    assert [code for code, count in Counter(found).items() if count > 1] == []
    assert len(found) > 150


def test_names_of_more_than_one_place_are_told_apart_by_the_advice() -> None:
    keys = {row["key"] for row in PLACES}
    for row in resources.table("ontology/places-ambiguous.csv"):
        several = row["keys"].split("|")
        assert len(several) > 1
        assert set(several) <= keys
        assert slug(row["name"]) not in keys  # the unlinked place of that name is none of the table
        assert places.find(row["name"]) is None
        advised = re.findall(r'"([^"]+)"', row["note"])
        assert {place.key for name in advised if (place := places.find(name)) is not None} >= set(several[:2])


def test_the_words_of_organisations_are_folded_and_sorted() -> None:
    rows = [row["word"] for row in resources.table("ontology/organisation-words.csv")]
    assert rows == sorted(set(rows))
    assert [word for word in rows if fold(word) != word] == []
