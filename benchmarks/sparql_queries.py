"""The queries of the benchmark of the SPARQL endpoint; tests run the hostile ones, too."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

JSON, CSV, TRIPLES = "application/sparql-results+json", "text/csv", "application/n-triples"
PREFIXES = """PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
# (what a reader asks, query, media type); {key} and {base} are filled in
QUERIES = (
    (
        "lookup by shelf number",
        'SELECT ?r ?t { ?r dcterms:identifier "{key}" ; dcterms:title ?t }',
        JSON,
    ),
    (
        "records of a keyword",
        'SELECT ?r ?t { ?k skos:prefLabel "Probation"@en . ?r dcterms:subject ?k ; dcterms:title ?t }',
        JSON,
    ),
    (
        "count by year",
        "SELECT ?y (COUNT(?r) AS ?n) { ?r dcterms:issued ?y } GROUP BY ?y ORDER BY ?y",
        JSON,
    ),
    (
        "top keywords of a country",
        'SELECT ?k (COUNT(?r) AS ?n) { ?p skos:prefLabel "Canada"@en . ?r dcterms:spatial ?p ; dcterms:subject ?k } '
        "GROUP BY ?k ORDER BY DESC(?n) LIMIT 20",
        JSON,
    ),
    (
        "co-authors",
        "SELECT ?b (COUNT(?r) AS ?n) { ?r dcterms:creator ?a, ?b FILTER(?a != ?b) } "
        "GROUP BY ?b ORDER BY DESC(?n) LIMIT 9",
        JSON,
    ),
    ("regex on title", 'SELECT ?r { ?r dcterms:title ?t FILTER(REGEX(?t, "probation", "i")) }', JSON),
    (
        "optional abstract",
        'SELECT ?r ?a { ?k skos:prefLabel "Probation"@en . ?r dcterms:subject ?k OPTIONAL { ?r dcterms:abstract ?a } }',
        JSON,
    ),
    (
        "CONSTRUCT of a keyword's records",
        "CONSTRUCT { ?r dcterms:title ?t } "
        '{ ?k skos:prefLabel "Probation"@en . ?r dcterms:subject ?k ; dcterms:title ?t }',
        TRIPLES,
    ),
    ("DESCRIBE of a record", "DESCRIBE <{base}id/resource/{key}>", TRIPLES),
    ("order by date", "SELECT ?r ?y { ?r dcterms:issued ?y } ORDER BY DESC(?y) ?r LIMIT 20", JSON),
    ("substring of an abstract", 'SELECT ?r { ?r dcterms:abstract ?t FILTER(CONTAINS(?t, "recidivism")) }', JSON),
    ("broader path", "SELECT ?r { {broader} ^skos:broader* ?c . ?r dcterms:subject ?c }", JSON),
)
LOOKUP = "SELECT ?p ?o { <{base}id/resource/{key}> ?p ?o }"
ALL = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 1000000"
# each would run for minutes or fill the memory
HOSTILE = (
    "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c",
    "SELECT ?c (COUNT(?f) AS ?n) { ?a dcterms:title ?c . ?d dcterms:title ?f . ?g ?h ?i } GROUP BY ?c ORDER BY ?n",
    "SELECT (GROUP_CONCAT(?f) AS ?all) { ?a ?b ?c . ?d ?e ?f }",
    "SELECT * { ?a dcterms:title ?c . ?d ?e ?f . ?g ?h ?i "
    "FILTER(REGEX(CONCAT(?c, STR(?f), STR(?i)), '(a+)+b(c+)+d')) }",
    "SELECT * { ?a dcterms:abstract ?c . ?d ?e ?f . ?g ?h ?i FILTER(CONTAINS(STR(?f), CONCAT(?c, STR(?i)))) }",
    "SELECT * { ?a (!<x:x>)+ ?b . ?c (!<x:y>)+ ?d }",
    "SELECT (COUNT(*) AS ?n) { ?a (dcterms:subject/^dcterms:subject)+ ?b . ?c ?d ?e . ?f ?g ?h }",
    "SELECT (COUNT(*) AS ?n) { ?a (dcterms:creator|^dcterms:creator|dcterms:spatial|^dcterms:spatial)* ?b }",
    "SELECT DISTINCT ?c ?f { ?a ?b ?c . ?d ?e ?f }",
    "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STRLEN(CONCAT(STR(?b), STR(?d), STR(?f))) < 3) }",
    "SELECT * { ?a dcterms:issued ?y . ?b ?c ?z . ?d ?e ?f MINUS { ?a dcterms:issued ?z } } ORDER BY ?y ?z",
    "SELECT * { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f FILTER(STRLEN(STR(?f)) > STRLEN(STR(?c)) + 99999) } }",
    "SELECT (AVG(STRLEN(CONCAT(?t, ?u))) AS ?n) "
    "{ ?a dcterms:abstract ?t . ?b dcterms:abstract ?u . ?c ?d ?e . ?f ?g ?h }",
    "SELECT * { ?a ?b ?c OPTIONAL { ?d ?e ?f OPTIONAL { ?g ?h ?i } } } ORDER BY DESC(?i)",
    "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a = <x:x> || ?d = <x:x> || ?g = <x:x>) }",
    "CONSTRUCT { ?a ?e ?i } { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(CONCAT(STR(?a), STR(?f), STR(?i))) < 1) }",
    "SELECT (SAMPLE(?d) AS ?x) { ?a ?b ?c . ?c ?d ?e . ?f ?g ?h FILTER(STR(?h) > STR(?e)) } GROUP BY ?a ?f",
    "SELECT * { SERVICE <{slow}> { ?a ?b ?c } }",
    "SELECT * { ?a dcterms:title ?t SERVICE <{slow}> { ?a ?b ?c } ?d ?e ?f } ORDER BY ?f",
)


def filled(query: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        query = query.replace(f"{{{name}}}", value)
    return query


@contextlib.contextmanager
def slow_endpoint() -> Iterator[str]:
    """An endpoint that takes a request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listener.accept())

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/sparql"
