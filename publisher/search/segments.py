"""An index in the making over the segments of its predecessor, whatever its documents are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import tantivy

_REMEMBERED = 20_000  # removals; tantivy keeps each in memory, some 1,300 bytes, until it is told to carry them out


class SegmentWriter:
    """The segments of the predecessor, hard-linked, and the changes; each document has its thing as `id`."""

    def __init__(self, previous: Path | None, path: Path, make: Callable[[], tantivy.Index], heap: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        # tantivy writes a segment once, and only its .json files again
        for file in previous.iterdir() if previous is not None else ():
            if file.suffix == ".json":
                shutil.copy2(file, path / file.name)
            elif file.suffix != ".lock":
                os.link(file, path / file.name)
        self.index = make()
        self.writer = self.index.writer(heap, num_threads=1)
        self.removals = 0

    def remove(self, thing: int) -> None:
        """Takes the document of a thing away, if it has one."""
        # by a query: a term given as a Python int is taken for a signed number and finds nothing
        self.writer.delete_documents_by_query(tantivy.Query.term_query(self.index.schema, "id", thing))
        self.removals += 1
        if self.removals >= _REMEMBERED:
            self.writer.commit()
            self.removals = 0

    def close(self) -> None:
        """Makes everything durable and lets go of the folder."""
        self.writer.commit()
        self.writer.wait_merging_threads()

    def abandon(self) -> None:
        """Gives up the folder, which its owner removes."""
        self.writer.rollback()
