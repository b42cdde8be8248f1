"""Graphs in an Oxigraph store of our own, one folder a release, never written again after the release is current."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat, Store, parse

from publisher.errors import CatalogError


class EmbeddedStore:
    """The releases below DATA_DIR: `releases/000042/graph` holds the graphs of release 42."""

    def __init__(self, folder: Path) -> None:
        self.releases = folder / "releases"

    def folder(self, number: int) -> Path:
        return self.releases / f"{number:06}"

    def graph(self, number: int) -> Path:
        """The folder to open with `Store.read_only`."""
        return self.folder(number) / "graph"

    def numbers(self) -> list[int]:
        """The releases that have a folder, in order."""
        if not self.releases.is_dir():
            return []
        return sorted(int(path.name) for path in self.releases.iterdir() if path.name.isdigit())

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

    @contextmanager
    def held(self, number: int) -> Iterator[None]:
        """Keeps a release from being removed while somebody reads it; ends with the process, however that ends."""
        with (self.folder(number) / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield

    def remove(self, number: int) -> bool:
        """Removes the folder of a release unless somebody holds it; says whether it is gone."""
        folder = self.folder(number)
        if not folder.is_dir():
            return True
        with (folder / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            # renamed first, so that a removal that is interrupted leaves nothing that looks like a release
            gone = folder.with_name(f"{folder.name}.removed-{os.getpid()}")
            folder.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        return True

    def tidy(self, current: int, keep: int) -> None:
        """Removes what an interrupted publish left, and the releases beyond the `keep` newest that nobody reads."""
        if self.releases.is_dir():
            for path in self.releases.iterdir():
                if not path.name.isdigit() or int(path.name) > current:
                    shutil.rmtree(path, ignore_errors=True)
        for number in [number for number in self.numbers() if number <= current][:-keep]:
            self.remove(number)


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

    def same(self, name: str, lines: list[str]) -> bool:
        """Whether a graph holds just these N-Triples lines, up to the labels of blank nodes (RDFC-1.0)."""
        return _canonical(self.store.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(name)) or b"") == _canonical(
            "\n".join(lines).encode()
        )


def _canonical(text: bytes) -> Dataset:
    dataset = Dataset(parse(text, format=RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset
