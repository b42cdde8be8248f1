"""The folders of the releases below DATA_DIR; every store has them, if only for the search index."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ReleaseFolders:
    """`releases/000042` is the folder of release 42."""

    def __init__(self, folder: Path) -> None:
        self.releases = folder / "releases"

    def folder(self, number: int) -> Path:
        return self.releases / f"{number:06}"

    def numbers(self) -> list[int]:
        """The releases that have a folder, in order."""
        if not self.releases.is_dir():
            return []
        return sorted(int(path.name) for path in self.releases.iterdir() if path.name.isdigit())

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
