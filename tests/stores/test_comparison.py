"""Graphs are compared up to the labels of blank nodes and, in a store of somebody's, up to the spelling of values."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from publisher.stores.comparison import same

XSD = "http://www.w3.org/2001/XMLSchema#"


def statements(*lines: str) -> list[Triple]:
    return [quad.triple for quad in parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES)]


def line(value: str) -> str:
    return f"<x:s> <x:p> {value} ."


def test_labels_of_blank_nodes_do_not_count() -> None:
    wanted = ["<x:s> <x:p> _:a .", '_:a <x:q> "1" .', "<x:s> <x:p> _:b .", '_:b <x:q> "2" .']
    assert same(statements(*(each.replace("_:a", "_:z") for each in wanted)), wanted)
    assert not same(statements(*wanted[:3], '_:a <x:q> "2" .'), wanted)
    assert not same(statements(*wanted[:3]), wanted)


@pytest.mark.parametrize(
    ("written", "kept", "alike"),
    [
        (f'"true"^^<{XSD}boolean>', f'"1"^^<{XSD}boolean>', True),
        (f'"true"^^<{XSD}boolean>', f'"0"^^<{XSD}boolean>', False),
        (f'"007"^^<{XSD}integer>', f'"7"^^<{XSD}integer>', True),
        (f'"1.50"^^<{XSD}decimal>', f'"1.5"^^<{XSD}decimal>', True),
        (f'"1e3"^^<{XSD}double>', f'"1000.0"^^<{XSD}double>', True),
        (f'"none"^^<{XSD}integer>', f'"none"^^<{XSD}integer>', True),
        (f'"7"^^<{XSD}integer>', '"7"', False),
        (f'"2011"^^<{XSD}gYear>', f'"2012"^^<{XSD}gYear>', False),
        ('"colour"@en', '"Colour"@en', False),
    ],
)
def test_values_are_compared_whatever_their_spelling(written: str, kept: str, alike: bool) -> None:
    assert same(statements(line(kept)), [line(written)], by_value=True) == alike
    if written != kept:
        assert not same(statements(line(kept)), [line(written)])
