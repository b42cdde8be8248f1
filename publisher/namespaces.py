"""Closed namespaces, read from the pinned term lists in ontology/vocabularies: a misspelt term stops the program."""

from __future__ import annotations

from functools import cache

from publisher import resources
from publisher.errors import ResourceMissing

OWN_PREFIX = "pub"  # the terms of ontology/publisher.ttl


class Vocabulary:
    """The terms of one vocabulary: `DCTERMS.title` is the IRI; one that is not in its list raises ResourceMissing."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __getitem__(self, term: str) -> str:
        """The IRI of a term whose name is not known here."""
        return str(getattr(self, term))

    def __getattr__(self, term: str) -> str:
        if term.startswith("__"):  # what copy, pickle and inspect look for is no term
            raise AttributeError(term)
        if term not in terms(self.prefix):
            raise ResourceMissing(f"{self.prefix}:{term} is not in ontology/vocabularies/{self.prefix}.csv.")
        iri = namespaces()[self.prefix] + term
        self.__dict__[term] = iri  # found at once from then on
        return iri


@cache
def namespaces() -> dict[str, str]:
    """Prefix -> namespace IRI of every pinned vocabulary."""
    return {row["prefix"]: row["namespace"] for row in resources.table("ontology/vocabularies/index.csv")}


@cache
def terms(prefix: str) -> dict[str, str]:
    """Local name -> label of every term of a vocabulary."""
    return {row["term"]: row["label"] for row in resources.table(f"ontology/vocabularies/{prefix}.csv")}


def split(iri: str) -> tuple[str, str] | None:
    """The prefix and local name of a term of a pinned vocabulary, or None for an IRI of none of them."""
    for prefix, namespace in namespaces().items():
        if iri.startswith(namespace) and iri[len(namespace) :] in terms(prefix):
            return prefix, iri[len(namespace) :]
    return None


AS = Vocabulary("as")
BF = Vocabulary("bf")
BIBO = Vocabulary("bibo")
DCTERMS = Vocabulary("dcterms")
DQV = Vocabulary("dqv")
EDTF = Vocabulary("edtf")
FOAF = Vocabulary("foaf")
LDES = Vocabulary("ldes")
OWL = Vocabulary("owl")
PROV = Vocabulary("prov")
RDF = Vocabulary("rdf")
RDFS = Vocabulary("rdfs")
SCHEMA = Vocabulary("schema")
SH = Vocabulary("sh")
SKOS = Vocabulary("skos")
TREE = Vocabulary("tree")
XSD = Vocabulary("xsd")
