"""The graphs of a release in Oxigraph's folder: taken in by pieces, and put in order when there are enough of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Store

from publisher.settings import Settings
from publisher.stores import embedded
from publisher.stores.embedded import EmbeddedStore


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmbeddedStore:
    """One whose pieces are small."""
    monkeypatch.setattr(embedded, "_FIRST", 1_000)
    monkeypatch.setattr(embedded, "_MOST", 1_000)
    return EmbeddedStore.of(Settings(DATA_DIR=tmp_path))


def publish(store: EmbeddedStore, release: int, graphs: range) -> int:
    """Adds graphs of five statements each; gives the number of files in which the release has its statements."""
    writer = store.writer(release - 1, release)
    for number in graphs:
        value = number * 7919 % 997
        lines = (f'<https://lib.example/{number}> <https://lib.example/p{p}> "{value}" .' for p in range(5))
        writer.put(f"https://lib.example/doc/{number}", "\n".join(lines))
    writer.close()
    assert len(Store.read_only(str(store.graph(release)))) == 5 * graphs.stop
    assert not (store.folder(release) / "pieces").exists()
    return len(files(store, release))


def files(store: EmbeddedStore, release: int) -> set[int]:
    return {path.stat().st_ino for path in store.graph(release).glob("*.sst")}


def test_pieces_are_put_in_order_when_they_are_many(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = publish(store, 1, range(2_000))
    few_more = publish(store, 2, range(2_000, 2_200))
    assert few_more > in_order
    first = files(store, 1)
    assert first & files(store, 2)  # what is old takes neither time nor disk
    # with these together it is more than an eighth
    assert publish(store, 3, range(2_200, 2_300)) <= in_order
    assert files(store, 1) == first  # whoever reads it goes on
    assert publish(store, 4, range(2_300, 2_500)) > in_order
    monkeypatch.setattr(embedded, "_LOOSE", 99.0)
    assert publish(store, 5, range(2_500, 4_500)) > in_order
