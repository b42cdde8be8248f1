"""Types of documents and degrees: the class that a source's own words are evidence of, as tables in `ontology/` say."""

from __future__ import annotations

from functools import cache

from pyoxigraph import NamedNode

from publisher import namespaces, resources
from publisher.mapping.terms import clean, fold
from publisher.namespaces import BIBO
from publisher.record import Record

WORDS = ("title", "publication_statement")  # schemes of `ontology/types.csv` whose words stand anywhere in a field
# lists of types that are told by what their terms begin with
LISTS = {
    "http://purl.org/coar/resource_type/": "coar",
    "https://purl.org/coar/resource_type/": "coar",
    "http://purl.org/dc/dcmitype/": "dcmitype",
    "https://purl.org/dc/dcmitype/": "dcmitype",
    "info:eu-repo/semantics/": "openaire",
}
DOCUMENT = NamedNode(BIBO.Document)
BIBLIOGRAPHIC = DOCUMENT.value.removesuffix("Document")
LONGEST = 200  # characters of a term of a list; a longer text is a note

Rule = tuple[int, NamedNode]


@cache
def _rules() -> dict[tuple[str, str], Rule]:
    """(scheme, word) -> place in the table and class; the first place decides."""
    return {
        (row["scheme"], row["word"]): (place, _class(row["class"]))
        for place, row in enumerate(resources.table("ontology/types.csv"))
    }


@cache
def _coded() -> frozenset[str]:
    """The schemes whose words are codes, which mean nothing outside of them."""
    return frozenset(scheme for scheme, _ in _rules() if scheme)


@cache
def _degrees() -> dict[str, NamedNode]:
    return {row["word"]: _class(row["class"]) for row in resources.table("ontology/degrees.csv")}


def _class(compact: str) -> NamedNode:
    prefix, _, term = compact.partition(":")
    return NamedNode(namespaces.namespaces()[prefix] + term)


def classes(record: Record) -> list[NamedNode]:
    """The class of a record by evidence only, bibo:Document where nothing tells; a class of another vocabulary stands
    beside bibo:Document."""
    found = [rule for value in record.types for rule in _of_type(value.scheme, (value.text, *value.iris))]
    rules = _rules()
    for name in WORDS:
        for value in getattr(record, name):
            for word in fold(value.text).split():
                if (name, word) in rules:
                    found.append(rules[name, word])
    iri = min(found, key=lambda rule: rule[0])[1] if found else DOCUMENT
    return [iri] if iri.value.startswith(BIBLIOGRAPHIC) else [iri, DOCUMENT]


def _of_type(scheme: str, texts: tuple[str, ...]) -> list[Rule]:
    found = _of((scheme, "*")) if scheme else []
    for text in texts:
        if len(text) > LONGEST:
            continue
        known = next((name for start, name in LISTS.items() if text.startswith(start)), "")
        word = fold(clean(text.rpartition("/")[2] if known else text))
        found += _of((known or scheme if known or scheme in _coded() else "", word))
    return found


def _of(*keys: tuple[str, str]) -> list[Rule]:
    rules = _rules()
    return [rules[key] for key in keys if key in rules]


def degree(text: str) -> NamedNode | None:
    """BIBO's individual for a degree, or None where it has none or the words are not plain."""
    return _degrees().get(fold(text)) if len(text) <= LONGEST else None
