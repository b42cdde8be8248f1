"""Graphs in an Oxigraph store of our own, one folder a release, never written again after the release is current."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from pyoxigraph import NamedNode, RdfFormat, Store

from publisher.errors import CatalogError
from publisher.settings import Settings
from publisher.stores.comparison import same
from publisher.stores.folders import ReleaseFolders


class EmbeddedStore(ReleaseFolders):
    """The releases below DATA_DIR: `releases/000042/graph` holds the graphs of release 42."""

    follows = False  # the graphs of a release are there before it is current
    place = "embedded"

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.DATA_DIR)

    def graph(self, number: int) -> Path:
        """The folder to open with `Store.read_only`."""
        return self.folder(number) / "graph"

    def graphs(self, number: int) -> Graphs:
        """The graphs for a comparison with the catalog."""
        return Graphs(self.graph(number))

    def check(self, number: int) -> None:
        """Raises CatalogError unless the graphs can be read."""
        next(self.graphs(number).names(), None)

    def check_writable(self) -> None:
        """The folder is ours."""

    def build(self, previous: int, number: int, removed: Iterable[str], added: Path) -> None:
        """Makes the graphs of release `number`: a checkpoint of its predecessor (0: none), without the graphs named in
        `removed`, with the N-Quads of the file `added`. Raises CatalogError if the predecessor cannot be read."""
        target = self.graph(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        if previous:
            try:
                Store.read_only(str(self.graph(previous))).backup(str(target))  # hard links: milliseconds
            except OSError as error:
                raise CatalogError(
                    f"Release {previous} cannot be read ({error}); run `publisher verify --rebuild`."
                ) from None
        store = Store(str(target))
        for name in removed:
            store.remove_graph(NamedNode(name))
        if added.stat().st_size:
            store.bulk_load(path=str(added), format=RdfFormat.N_QUADS)
        store.flush()
        del store  # closes it: nothing writes here again


class Graphs:
    """The graphs of one release, for reading."""

    def __init__(self, path: Path) -> None:
        try:
            self.store = Store.read_only(str(path))
        except OSError as error:
            raise CatalogError(f"{path}: the graphs cannot be opened ({error}).") from None

    def names(self) -> Iterator[str]:
        for name in self.store.named_graphs():
            if isinstance(name, NamedNode):
                yield name.value

    def count(self) -> int:
        """How many statements there are."""
        return len(self.store)

    def number_of_graphs(self) -> int:
        return sum(1 for _ in self.names())

    def differing(self, wanted: Mapping[str, list[str]]) -> dict[str, bool]:
        """Those of these graphs that do not hold just these lines, each with whether it is there at all."""
        return {
            name: self.store.contains_named_graph(NamedNode(name))
            for name, lines in wanted.items()
            if not self.same(name, lines)
        }

    def same(self, name: str, lines: list[str]) -> bool:
        """Whether a graph holds just these N-Triples lines, up to the labels of blank nodes."""
        return same((quad.triple for quad in self.store.quads_for_pattern(None, None, None, NamedNode(name))), lines)
