"""The index of a release in the making."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import tantivy

from publisher.record import Record
from publisher.search.fields import facet_field, facets, normal, open_index, order, values

_HEAP = 64_000_000  # bytes for the writer; less makes more segments, more gains little


class IndexWriter:
    """The segments of the predecessor, hard-linked, and the changes."""

    def __init__(self, previous: Path | None, path: Path) -> None:
        if previous is not None:
            _link(previous, path)
        self.index = open_index(path, create=True)
        self.writer = self.index.writer(_HEAP, num_threads=1)

    def put(self, thing: int, key: str, sequence: int, record: Record) -> None:
        """Adds a resource, or puts it in place of its older version."""
        self.remove(thing)
        document = tantivy.Document()
        document.add_unsigned("id", thing)
        document.add_unsigned("sequence", sequence)
        document.add_text("key", key)
        counted = facets(record)
        for name, texts in (values(record) | {"type": counted["type"]}).items():
            # a place is found by the name that it has here, too
            for text in dict.fromkeys(map(normal, [*texts, *(counted[name] if name == "country" else ())])):
                document.add_text(name, text)
                document.add_text("q", text)
        for name, texts in counted.items():
            for text in texts:
                document.add_text(facet_field(name), text)
        for name, place in order(thing, record).items():
            if isinstance(place, str):
                document.add_text(name, place)
            elif name == "title_rank":
                document.add_unsigned(name, place)
            else:
                document.add_integer(name, place)
        self.writer.add_document(document)

    def remove(self, thing: int) -> None:
        # by a query: a term given as a Python int is taken for a signed number and finds nothing
        self.writer.delete_documents_by_query(tantivy.Query.term_query(self.index.schema, "id", thing))

    def close(self) -> None:
        """Makes everything durable and lets go of the folder."""
        self.writer.commit()
        self.writer.wait_merging_threads()

    def abandon(self) -> None:
        """Gives up the folder, which its owner removes."""
        self.writer.rollback()


def _link(source: Path, target: Path) -> None:
    """Makes `target` an index of its own over the segments of `source`: tantivy writes a segment once, and only its
    .json files again."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.name.endswith(".lock"):
            continue
        if path.suffix == ".json":
            shutil.copy2(path, target / path.name)
        else:
            os.link(path, target / path.name)
