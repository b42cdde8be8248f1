"""Named queries: what a file may say, and values that stay values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from publisher.errors import MalformedQuery, SettingsError
from publisher.query.named import named_queries, read
from publisher.settings import Settings

FILE = """\
# title: A query
# description: What it is for.
# parameter: word text "it's" A word
# parameter: since year "2011" From this year on

# a comment of the query
PREFIX ex: <http://x/>
SELECT ?s { ?s ex:p ?word ; ex:year $since . FILTER(?words != ?word) }
"""


def test_a_file_is_read() -> None:
    query = read("a-query", FILE, "a-query.rq")
    assert (query.title, query.description, query.form) == ("A query", "What it is for.", "SELECT")
    assert [(p.name, p.type, p.default, p.label) for p in query.parameters] == [
        ("word", "text", "it's", "A word"),
        ("since", "year", "2011", "From this year on"),
    ]
    assert query.text.startswith("PREFIX ex:")


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("", '"it\'s"'),
        ("plain", '"plain"'),
        ('" } DROP ALL #', '"\\" } DROP ALL #"'),
        ("a\\\n\r\"'", '"a\\\\\\n\\r\\"\'"'),
        ("?s <x> é", '"?s <x> é"'),
    ],
)
def test_values_stay_values(value: str, term: str) -> None:
    text = read("q", FILE, "q.rq").bound({"word": value}, "en")
    year = '"2011"^^<http://www.w3.org/2001/XMLSchema#gYear>'
    assert f"?s ex:p {term} ; ex:year {year} . FILTER(?words != {term})" in text


@pytest.mark.parametrize(
    ("type_", "value", "term"),
    [
        ("label", "Probation", '"Probation"@en'),
        ("number", "50", '"50"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("number", "-1.5", '"-1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("iri", "http://a/b?c=d", "<http://a/b?c=d>"),
    ],
)
def test_types(type_: str, value: str, term: str) -> None:
    text = f'# title: t\n# parameter: v {type_} "{value}" V\nSELECT ?s {{ ?s ?p ?v }}'
    assert f"?s ?p {term} }}" in read("q", text, "q.rq").bound({}, "en")


@pytest.mark.parametrize(
    ("type_", "value"),
    [("number", "1; DROP"), ("year", "11"), ("iri", "a b> <c"), ("iri", "relative"), ("number", "٣")],
)
def test_values_of_the_wrong_type(type_: str, value: str) -> None:
    query = read("q", f'# title: t\n# parameter: v {type_} "1" V\nASK {{ ?s ?p ?v }}', "q.rq")
    with pytest.raises(MalformedQuery, match=r"^v=.*is wanted"):
        query.bound({"v": value}, "en")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a_b", FILE, "stands in an address"),
        ("q", "ASK {}", "no line # title"),
        ("q", "# title: t\nNONSENSE", "q.rq: Line 2, column 1"),
        ("q", "# title: t\nDELETE WHERE { ?s ?p ?o }", "read-only"),
        ("q", '# title: t\n# parameter: v word "x" V\nASK { ?s ?p ?v }', "line 2: .*text, label, number, year, iri"),
        ("q", '# title: t\n# parameter: v text "x"\nASK { ?s ?p ?v }', "line 2: "),
        ("q", '# title: t\n# parameter: v text "x" V\nASK { ?s ?p ?w }', "v stands nowhere"),
        ("q", '# title: t\n# parameter: v text "x" V\nSELECT ?v { ?s ?p ?v }', "v is given back by SELECT"),
    ],
)
def test_files_that_are_refused(name: str, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read(name, text, f"{name}.rq")


def test_the_operators_own_replace_ours(tmp_path: Path) -> None:
    ours = named_queries(Settings())
    assert len(ours) >= 12
    (tmp_path / "keyword.rq").write_text(FILE, "utf-8")
    (tmp_path / "other.rq").write_text(FILE, "utf-8")
    (tmp_path / "notes.txt").write_text("no query", "utf-8")
    both = named_queries(replace(Settings(), SPARQL_EXAMPLES=str(tmp_path)))
    assert list(both)[:2] == ["keyword", "other"]
    assert set(both) == {*ours, "other"}
    assert both["keyword"].title == "A query"
    with pytest.raises(SettingsError, match="is no folder"):
        named_queries(replace(Settings(), SPARQL_EXAMPLES=str(tmp_path / "none")))
    (tmp_path / "latin.rq").write_bytes(b"# title: \xe9")
    with pytest.raises(SettingsError, match=r"latin\.rq"):
        named_queries(replace(Settings(), SPARQL_EXAMPLES=str(tmp_path)))
