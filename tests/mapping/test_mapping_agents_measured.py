"""How often the decision between person and organisation is right, by the headings of real MARC 21 records.

Field 100 or 700 says that a heading is a person's, 110 or 710 that it is a body's; the text alone must tell it here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.mapping import agents

SHARED = Path(__file__).parents[3] / "shared" / "data"
FILES = sorted(path for path in SHARED.rglob("*.mrc") if "malformed" not in path.parts)
FIELDS = {"100": ("person", "a"), "700": ("person", "a"), "110": ("organisation", "ab"), "710": ("organisation", "ab")}


def headings() -> Iterator[tuple[str, str]]:
    """The distinct headings of the files, each with what its field says that it is."""
    pymarc = pytest.importorskip("pymarc")
    for path in FILES:
        with path.open("rb") as stream:
            for record in pymarc.MARCReader(stream, to_unicode=True, permissive=True, hide_utf8_warnings=True):
                for tag, (kind, subfields) in FIELDS.items() if record is not None else ():
                    for field in record.get_fields(tag):
                        parts = (part.strip() for part in field.get_subfields(*subfields))
                        yield " ".join(parts).strip(" ,"), kind


@pytest.mark.skipif(not FILES, reason="the MARC files are not on this machine (../shared/data/**/*.mrc)")
def test_nearly_all_headings_are_decided_and_nearly_all_of_them_rightly() -> None:
    counts = Counter((kind, agents.parse(heading).kind) for heading, kind in set(headings()) if heading)
    total = counts.total()
    undecided = sum(number for (_, decision), number in counts.items() if not decision)
    wrong = sum(number for (kind, decision), number in counts.items() if decision and decision != kind)
    assert total > 500
    assert undecided / total <= 0.02
    assert wrong / (total - undecided) <= 0.01
