"""Whether two graphs are the same, up to the labels of blank nodes (RDFC-1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Literal, Quad, RdfFormat, Triple, parse

from publisher.namespaces import XSD

_BOOLEANS = {"1": "true", "0": "false"}
_ONE_SPELLING: dict[str, Callable[[str], str]] = {
    str(XSD.boolean): lambda text: _BOOLEANS.get(text, text),
    str(XSD.decimal): lambda text: format(Decimal(text).normalize(), "f"),
    **dict.fromkeys((str(XSD.double), str(XSD.float)), lambda text: repr(float(text))),
    **dict.fromkeys(
        (str(kind) for kind in (XSD.integer, XSD.int, XSD.long, XSD.nonNegativeInteger, XSD.positiveInteger)),
        lambda text: str(int(text)),
    ),
}


def same(statements: Iterable[Triple], lines: Iterable[str], *, by_value: bool = False) -> bool:
    """Whether the statements are just these N-Triples lines. `by_value`: whatever the spelling of a number or a truth,
    since a store may keep the value only (Virtuoso gives "true" as "1")."""
    wanted = Dataset(parse("\n".join(lines).encode(), format=RdfFormat.N_TRIPLES))
    found = Dataset(Quad(each.subject, each.predicate, each.object) for each in statements)
    if len(found) != len(wanted):
        return False
    if by_value:
        found, wanted = _spelled(found), _spelled(wanted)
    for dataset in (found, wanted):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return found == wanted


def _spelled(dataset: Dataset) -> Dataset:
    return Dataset(
        Quad(quad.subject, quad.predicate, _spelling(quad.object) if isinstance(quad.object, Literal) else quad.object)
        for quad in dataset
    )


def _spelling(literal: Literal) -> Literal:
    spell = _ONE_SPELLING.get(literal.datatype.value)
    if spell is not None:
        with suppress(ValueError, InvalidOperation):
            return Literal(spell(literal.value), datatype=literal.datatype)
    return literal
