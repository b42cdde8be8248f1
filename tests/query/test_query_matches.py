"""Text search inside a query: how the statement is read and taken out, and what the real index gives."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.errors import MalformedQuery
from publisher.query import Engine, QueryText, limits
from publisher.query.matches import Found, expand
from publisher.query.text import edited
from publisher.search import Index
from publisher.settings import Settings
from publisher.stores import STORES

TERMS = "https://lib.example/ontology#"
PREFIXES = f"PREFIX pub: <{TERMS}> PREFIX dcterms: <http://purl.org/dc/terms/> "
Asked = list[tuple[str, str, int]]


def expanded(text: str, hits: int = 2) -> tuple[str, Asked, Found]:
    """The query without its text searches, and what the index was asked."""
    asked: Asked = []

    def find(field: str, words: str, most: int) -> list[tuple[str, float]]:
        asked.append((field, words, most))
        return [(f"http://r/{n}", 2.5 - n) for n in range(min(hits, most))]

    found = expand(QueryText(PREFIXES + text), TERMS, find, 100)
    return edited(PREFIXES + text, found.edits).removeprefix(PREFIXES), asked, found


TWO = "VALUES ?r { <http://r/0> <http://r/1> }"
SCORED = "VALUES (?r ?s) { (<http://r/0> 2.5000) (<http://r/1> 1.5000) }"


@pytest.mark.parametrize(
    ("pattern", "becomes"),
    [
        ('?r pub:matches "a"', f"{TWO}"),
        ('?r pub:matches "a" .', f"{TWO}"),
        ('?r pub:matches "a" ; .', f"{TWO}"),
        ('?r pub:matches "a" . ?r dcterms:title ?t', f"{TWO} ?r dcterms:title ?t"),
        ('?r pub:matches "a" ; dcterms:title ?t .', f"{TWO} ?r dcterms:title ?t ."),
        ('?r a <x:R> ; pub:matches "a" ; dcterms:title ?t .', f"{TWO} ?r a <x:R> ; dcterms:title ?t ."),
        ('?r a <x:R> ; pub:matches "a"', f"{TWO} ?r a <x:R>"),
        ('?q <x:n> 1.5 . ?r <x:p> 2.5 ; pub:matches "a"', f"{TWO} ?q <x:n> 1.5 . ?r <x:p> 2.5"),
        ('?r dcterms:title ?t . ?r pub:matches "a" .', f"{TWO} ?r dcterms:title ?t ."),
        ('(?r ?s) pub:matches "a"', SCORED),
        ('(?r ?s) pub:matches "a" ; dcterms:title ?t', f"{SCORED} ?r dcterms:title ?t"),
        ('(?r ?s) dcterms:title ?t ; pub:matches "a"', f"{SCORED} ?r dcterms:title ?t"),
        (
            'FILTER(?x > 1) FILTER(1) ?r a <x:R> ; pub:matches "a"',
            f"{TWO} FILTER(?x > 1) FILTER(1) ?r a <x:R>",
        ),
        ('OPTIONAL { ?r pub:matches "a" }', f"OPTIONAL {{ {TWO} }}"),
        ('GRAPH ?g { ?g ?p ?o } ?r a <x:R> ; pub:matches "a"', f"{TWO} GRAPH ?g {{ ?g ?p ?o }} ?r a <x:R>"),
        ('?r pub:matches "a" FILTER(?r != <x:y>)', f"{TWO} FILTER(?r != <x:y>)"),
        (f'?r <{TERMS}matches> "a"', TWO),
        ('_:b <x:p> ?r . ?r pub:matches "a" . _:b <x:q> ?z', f"{TWO} _:b <x:p> ?r . _:b <x:q> ?z"),
        ('?r ?p "pub:matches"', '?r ?p "pub:matches"'),
        ('SERVICE <x:s> { ?r pub:matches "a" }', 'SERVICE <x:s> { ?r pub:matches "a" }'),
        ('?r <http://other.example/matches> "a"', '?r <http://other.example/matches> "a"'),
    ],
)
def test_the_statement_is_taken_out(pattern: str, becomes: str) -> None:
    text, _, _ = expanded(f"SELECT * {{ {pattern} }}")
    assert " ".join(text.split()) == " ".join(f"SELECT * {{ {becomes} }}".split())
    if "pub:" not in text:
        ox.Store().query(PREFIXES + text, base_iri="http://b/")  # it parses


def test_two_searches_of_one_record() -> None:
    text, asked, _ = expanded('SELECT * { ?r pub:matches "a" . ?r pub:matches ("b c" "title") }')
    assert sorted(asked) == [("q", "a", 100), ("title", "b c", 100)]
    assert text.count("VALUES ?r {") == 2
    ox.Store().query(PREFIXES + text)


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ('"a b*"', ("q", "a b*", 100)),
        ("'a \\u0022b\\u0022'", ("q", 'a "b"', 100)),
        ('"""a\nb"""', ("q", "a\nb", 100)),
        ('("a")', ("q", "a", 100)),
        ('("a" "keyword")', ("keyword", "a", 100)),
        ('("a" "title" 5)', ("title", "a", 5)),
        ('("a" 7)', ("q", "a", 7)),
        ('("a" 700)', ("q", "a", 100)),
    ],
)
def test_what_the_index_is_asked(given: str, asked: tuple[str, str, int]) -> None:
    assert expanded(f"SELECT * {{ ?r pub:matches {given} }}")[1] == [asked]


def test_a_search_with_more_matches_than_may_be_given() -> None:
    assert expanded('SELECT * { ?r pub:matches "a" }', hits=99)[2].truncated is False
    assert expanded('SELECT * { ?r pub:matches "a" }', hits=100)[2].truncated is True
    assert expanded('SELECT * { ?r pub:matches ("a" 50) }', hits=100)[2].truncated is False
    assert expanded('SELECT * { ?r pub:matches ("a" 500) }', hits=100)[2].truncated is True


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * { ?r pub:matches ?words }", "in quotes"),
        ("SELECT * { ?r pub:matches 5 }", "in quotes"),
        ('SELECT * { ?r pub:matches ("a" "colour") }', "the fields are author, title"),
        ('SELECT * { ?r pub:matches ("a" "title" 5 6) }', "is followed by"),
        ('SELECT * { ?r pub:matches "a"@en }', "without language"),
        ('SELECT * { ?r pub:matches "a"^^<x:y> }', "without language"),
        ('SELECT * { ?r pub:matches "a", "b" }', "one text"),
        ('SELECT * { <x:r> pub:matches "a" }', "variables"),
        ('SELECT * { (?r ?r) pub:matches "a" }', "variables"),
        ('SELECT * { ?x <x:p> [ pub:matches "a" ] }', "in no brackets"),
        ('CONSTRUCT { ?r pub:matches "a" } { ?r ?p ?o }', "braces of WHERE"),
        ('CONSTRUCT WHERE { ?r pub:matches "a" }', "braces of WHERE"),
    ],
)
def test_what_cannot_be_asked(query: str, reason: str) -> None:
    with pytest.raises(MalformedQuery, match=reason) as refused:
        expanded(query)
    assert refused.value.line == 1
    assert refused.value.column > len(PREFIXES)


@pytest.fixture(scope="module")
def answers(published: Settings) -> Iterator[tuple[Engine, dict[str, object]]]:
    store = STORES[published.STORE](published.DATA_DIR)
    number = Catalog(published.DATA_DIR).current()
    index, addresses = Index(store.folder(number) / "search"), Addresses(published.base)

    def find(field: str, words: str, most: int) -> list[tuple[str, float]]:
        return [(addresses.thing("resource", key), score) for key, score in index.matches(field, words, most)]

    with Engine(limits(published), TERMS) as engine:
        yield engine, {"graph": store.graph(number), "find": find, "output": "csv"}


def rows(answers: tuple[Engine, dict[str, object]], text: str) -> list[list[str]]:
    engine, given = answers
    with engine.run(text=PREFIXES + text, **given) as answer:  # type: ignore[arg-type]
        return list(csv.reader(io.StringIO(answer.body.read().decode(), newline="")))[1:]


def test_the_real_index(answers: tuple[Engine, dict[str, object]]) -> None:
    found = rows(answers, 'SELECT ?t { ?r pub:matches ("probation*" "title") ; dcterms:title ?t }')
    by_filter = rows(answers, 'SELECT ?t { ?r dcterms:title ?t FILTER(REGEX(?t, "\\\\bprobation", "i")) }')
    assert sorted(found) == sorted(by_filter)
    assert len(found) > 1
    (best, *others) = rows(
        answers,
        'SELECT ?r ?score { (?r ?score) pub:matches "inspection putting pieces together" } ORDER BY DESC(?score)',
    )
    assert best[0] == "https://lib.example/id/resource/123404"
    assert float(best[1]) > 1
    assert all(float(other[1]) <= float(best[1]) for other in others)
    assert rows(answers, 'SELECT ?r { ?r pub:matches "no such words anywhere" }') == []
    assert len(rows(answers, 'SELECT ?r { ?r pub:matches ("the" 3) }')) == 3


def test_a_mistake_elsewhere_is_shown_where_it_was_written(answers: tuple[Engine, dict[str, object]]) -> None:
    with pytest.raises(MalformedQuery) as refused:
        rows(answers, 'SELECT ?r {\n ?r pub:matches "the" ; dcterms:title . }')
    assert (refused.value.line, refused.value.column) == (2, 39)
