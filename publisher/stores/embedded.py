"""Graphs in an Oxigraph store of our own, one folder a release, never written again after the release is current."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Self, TextIO

import orjson
from pyoxigraph import NamedNode, RdfFormat, Store

from publisher.allocator import give_back
from publisher.errors import CatalogError
from publisher.settings import Settings
from publisher.stores.comparison import same
from publisher.stores.folders import ReleaseFolders

# statements taken in together: few at first, so that it begins soon, and never more than memory should hold
_FIRST, _MOST = 50_000, 400_000
_LOOSE = 1 / 8  # as large a part of the statements that are in order may be added before all are put in order again


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

    def writer(self, previous: int, number: int) -> Writer:
        """Makes the graphs of release `number`, of those of its predecessor (0: none). Raises CatalogError if these
        cannot be read."""
        target = self.graph(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        if previous:
            try:
                Store.read_only(str(self.graph(previous))).backup(str(target))  # hard links: milliseconds
            except OSError as error:
                raise CatalogError(
                    f"Release {previous} cannot be read ({error}); run `publisher verify --rebuild`."
                ) from None
            ordered = self._ordered(previous)
            if ordered.is_file():
                shutil.copy2(ordered, self._ordered(number))
        return Writer(target, self._ordered(number))

    def _ordered(self, number: int) -> Path:
        return self.folder(number) / "order.json"


class Writer:
    """The graphs of a release in the making. What is put is taken in piece by piece, while the next is being put, so
    that neither memory nor the wait at the end grows with it.

    Oxigraph has each piece in files of its own, and looks into all of them, which makes queries up to three times
    slower. So all statements are put in order at the end, whenever enough were added since the last time: it takes a
    thirtieth of the time that it took to load them. The file `ordered` tells how many are in order, and how many not.
    """

    def __init__(self, path: Path, ordered: Path) -> None:
        self.store = Store(str(path))
        self.ordered = ordered
        numbers: list[int] = orjson.loads(ordered.read_bytes()) if ordered.is_file() else [0, 0]
        self.in_order, self.loose = numbers
        self.pieces = path.with_name("pieces")
        self.pieces.mkdir()
        self.thread = ThreadPoolExecutor(1)
        self.loading: Future[None] | None = None
        self.number = 0  # of the piece
        self.stream = self._open()
        self.statements, self.most = 0, _FIRST

    def put(self, graph: str, lines: str) -> None:
        """Adds a graph, which is not there yet, of canonical N-Triples lines."""
        self.stream.write(f"{lines}\n".replace(" .\n", f" <{graph}> .\n"))
        self.statements += lines.count("\n") + 1
        if self.statements >= self.most:
            self.start()

    def remove(self, graphs: Iterable[str]) -> None:
        """Removes graphs that are there, or were put."""
        self._finish()
        for graph in graphs:
            self.store.remove_graph(NamedNode(graph))

    def start(self) -> None:
        """Begins to take in what was put."""
        if not self.statements:
            return
        self.stream.close()
        piece = Path(self.stream.name)
        self.loose += self.statements
        self._wait()
        self.loading = self.thread.submit(self._take_in, piece)
        self.number += 1
        self.stream = self._open()
        self.statements, self.most = 0, min(2 * self.most, _MOST)

    def close(self) -> None:
        """Takes in the rest, makes everything durable and lets go of the folder: nothing writes here again."""
        self._finish()
        if self.loose > max(_FIRST, _LOOSE * self.in_order):
            self.store.optimize()
            self.in_order, self.loose = len(self.store), 0
        self.store.flush()
        self.ordered.write_bytes(orjson.dumps((self.in_order, self.loose)))
        self._let_go()
        self.pieces.rmdir()

    def abandon(self) -> None:
        """Gives up the folder, which its owner removes."""
        with suppress(Exception):  # something has failed already
            self._wait()
        self._let_go()

    def _open(self) -> TextIO:
        return (self.pieces / f"{self.number}.nq").open("w", encoding="utf-8")

    def _take_in(self, piece: Path) -> None:
        self.store.bulk_load(path=str(piece), format=RdfFormat.N_QUADS)
        piece.unlink()
        give_back()

    def _wait(self) -> None:
        if self.loading is not None:
            self.loading.result()
            self.loading = None

    def _finish(self) -> None:
        self.start()
        self._wait()

    def _let_go(self) -> None:
        self.thread.shutdown()
        self.stream.close()
        Path(self.stream.name).unlink(missing_ok=True)
        del self.store


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
