"""The index of a release in the making."""

from __future__ import annotations

from pathlib import Path

import tantivy

from publisher.record import Record
from publisher.search.fields import facet_field, facets, normal, open_index, order, values
from publisher.search.segments import SegmentWriter

_HEAP = 64_000_000  # bytes for the writer; less makes more segments, more gains little


class IndexWriter(SegmentWriter):
    """The segments of the predecessor, hard-linked, and the changes."""

    def __init__(self, previous: Path | None, path: Path) -> None:
        super().__init__(previous, path, lambda: open_index(path, create=True), _HEAP)

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
