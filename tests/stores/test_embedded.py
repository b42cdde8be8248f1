"""The graphs of a release in Oxigraph's folder: taken in by pieces, and in order at the end where all are new."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from publisher.stores import embedded
from publisher.stores.embedded import Writer


def write(path: Path, *, is_new: bool) -> tuple[int, int]:
    """How many files the graphs of 2,000 records make, and how many statements are in them."""
    path.parent.mkdir()
    writer = Writer(path, is_new=is_new)
    for number in range(2_000):
        value = number * 7919 % 997
        lines = (f'<https://lib.example/{number}> <https://lib.example/p{p}> "{value}" .' for p in range(5))
        writer.put(f"https://lib.example/doc/{number}", "\n".join(lines))
    writer.close()
    return len([*path.glob("*.sst")]), len(Store.read_only(str(path)))


def test_pieces_are_put_in_order_where_all_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_FIRST", 1_000)
    monkeypatch.setattr(embedded, "_MOST", 1_000)
    in_order, statements = write(tmp_path / "1" / "graph", is_new=True)
    as_taken_in, same_statements = write(tmp_path / "2" / "graph", is_new=False)
    assert statements == same_statements == 10_000
    assert in_order < as_taken_in  # 10 or so of 20 or more: Oxigraph itself joins some, when it finds time
    assert not [*tmp_path.glob("*/pieces")]
