"""Hints: query shapes that are slow get theirs, and others get none."""

from __future__ import annotations

import pytest

from publisher.query import QueryText
from publisher.query.hints import HINTS, hints
from publisher.query.named import named_queries
from publisher.settings import Settings

P = "PREFIX skos: <http://s/> PREFIX d: <http://d/> "


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('SELECT ?r { ?r d:title ?t FILTER(REGEX(?t, "a")) }', ["text-search"]),
        ('SELECT ?r { ?r d:title ?t FILTER(contains(lcase(?t), "a")) }', ["text-search"]),
        ("SELECT ?r { ?r d:subject ?c . ?c skos:broader* <http://x> }", ["path-to-constant"]),
        ("SELECT ?r { ?r d:subject ?c . ?c skos:broader+ skos:x }", ["path-to-constant"]),
        ("SELECT ?r { ?r d:subject/(skos:broader|skos:related)* skos:x }", ["path-to-constant"]),
        ("SELECT * { ?a skos:broader+ ?b }", ["open-path"]),
        ("SELECT * { ?a (d:x|^d:y)* ?b . ?c d:title ?t . ?d d:x ?c }", ["open-path"]),
        ("SELECT ?y (COUNT(?r) AS ?n) { ?r d:issued ?y } GROUP BY ?y ORDER BY ?y", ["groups-of-everything"]),
        ("SELECT ?r { ?r d:title ?t } LIMIT 10 OFFSET 200000", ["far-offset"]),
        ("SELECT * { SERVICE <http://x> { ?a d:x ?b } }", ["other-endpoint"]),
        ("SELECT * { ?a d:x ?b . ?c d:y ?e FILTER(?b != ?e) }", ["unconnected-patterns"]),
        ("SELECT * { ?a d:x ?b . ?c d:y ?e FILTER(STRLEN(CONCAT(?b, ?e)) < 9) }", ["unconnected-patterns"]),
        (
            'SELECT ?r { ?r d:title ?t . ?c skos:broader* <http://x> FILTER(REGEX(?t, "a")) } ORDER BY ?t',
            ["text-search", "path-to-constant", "order-of-everything"],
        ),
        ("SELECT ?r ?t { ?r d:title ?t } ORDER BY ?t", ["order-of-everything"]),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", ["count-of-everything"]),
        ("SELECT * { ?s ?p ?o }", ["unbound-pattern"]),
        ("SELECT * { ?a d:x ?b . ?c d:y ?e }", ["unconnected-patterns"]),
    ],
)
def test_slow_shapes(query: str, expected: list[str]) -> None:
    assert hints(QueryText(P + query)) == expected
    assert set(expected) <= set(HINTS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?r d:title ?t }",
        "SELECT (COUNT(*) AS ?n) { ?r d:title ?t }",
        "SELECT ?c { skos:x ^skos:broader* ?c . ?r d:subject ?c }",
        "SELECT (?a + 1 AS ?b) (?a * ?a AS ?c) { ?x d:pages ?a }",
        "SELECT * { ?a d:x ?b . ?b d:y ?e }",
        "SELECT * { ?a d:x ?b , ?c . ?c d:y ?e }",
        "SELECT * { ?r d:subject ?a . ?a skos:broader* ?b }",
        'SELECT * { ?r d:title ?t FILTER(STRSTARTS(STR(?r), "http://x/")) }',
        "SELECT ?r { ?r d:title ?t } LIMIT 10 OFFSET 20",
        "SELECT * { { ?a d:x ?b } UNION { ?c d:y ?e } }",
        "SELECT * { ?a d:x ?b ; d:z ?c . ?c d:y ?e }",
        "SELECT * { ?a d:x ?b . ?c d:y ?e FILTER(?b = ?e) }",
        "SELECT ?t { ?r d:title ?t { SELECT ?r { ?r d:x ?y } ORDER BY ?y LIMIT 3 } }",
        'SELECT ?t { ?r d:title "REGEX(" }',
        "SELECT ?s ?o { ?s d:p ?o ; d:q ?x . }",
    ],
)
def test_other_shapes(query: str) -> None:
    assert hints(QueryText(P + query)) == []


def test_our_own_queries_have_none_but_of_order_and_groups() -> None:
    for query in named_queries(Settings()).values():
        assert set(hints(QueryText(query.text))) <= {"order-of-everything", "groups-of-everything"}, query.name
