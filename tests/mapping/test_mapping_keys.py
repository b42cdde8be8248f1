"""The key of a record: its own number, else an identifier that stays the same; never a place in a list."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mapping_fixtures import MAPPING, record, said

from publisher.mapping import Mapping
from publisher.record import Record, Value
from publisher.settings import Settings


def unnumbered(*identifiers: tuple[str, str], kind: str = "ris", uri: str = "") -> Record:
    plain = record(shelf_number=[], uri=[uri] if uri else [])
    values = tuple(Value(text, scheme=scheme) for text, scheme in identifiers)
    return replace(plain, source=replace(plain.source, format=kind), identifiers=values)


def key_of(item: Record, collection: str = "") -> str:
    mapping = Mapping(Settings(BASE_URL="https://lib.example", COLLECTION=collection)) if collection else MAPPING
    return mapping.describe(item).resource.key


@pytest.mark.parametrize(
    ("item", "key", "behind_a_code"),
    [
        (record(), "123", "123"),
        (replace(record(), record_number=(Value("r9"),)), "123", "123"),
        (replace(record(shelf_number=[]), record_number=(Value("r9"),)), "r9", "gpo-r9"),
        (unnumbered(("9781402894626", "isbn"), ("TR-7", "report-number"), ("10.1234/a", "doi")), "10.1234/a", None),
        (unnumbered(("9781402894626", "isbn"), ("TR-7", "report-number")), "TR-7", "gpo-TR-7"),
        (unnumbered(("9781402894626", "isbn")), "9781402894626", "9781402894626"),
        (unnumbered(("ISBN 0-306-40615-2", "isbn")), "9780306406157", "9780306406157"),
        (unnumbered(("https://doi.org/10.1234/a", "doi")), "10.1234/a", "10.1234/a"),
        (unnumbered(("0306406153", "isbn")), "0306406153", None),
        (unnumbered(uri="https://example.org/a b.pdf"), "no-number-", None),
        (unnumbered(uri="https://example.org/papers/7.pdf"), "example-org-papers-7-pdf", "example-org-papers-7-pdf"),
        (unnumbered(uri="https://example.org/7.pdf", kind="result_page"), "no-number-", None),
        (unnumbered(("x9", "sudoc")), "no-number-", None),
    ],
)
def test_key(item: Record, key: str, behind_a_code: str | None) -> None:
    assert key_of(item).startswith(key) and (key == "no-number-" or key_of(item) == key)
    if behind_a_code is not None:
        assert key_of(item, "gpo") == behind_a_code


@pytest.mark.parametrize("item", [unnumbered(("TR-7", "report-number")), unnumbered(uri="https://example.org/7.pdf")])
def test_what_makes_the_key_is_the_identifier(item: Record) -> None:
    (number, *more) = said(MAPPING.describe(item).resource.statements, "shelf_number")
    assert (number, more) == ((item.identifiers or item.uri)[0].text, [])
