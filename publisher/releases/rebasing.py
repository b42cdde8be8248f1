"""Publishes everything anew under another BASE_URL: every IRI of ours changes, and harvesters hear of each record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode, Triple

from publisher.errors import CatalogError
from publisher.items import Identifiers
from publisher.mapping import GIVEN_BY_THE_SOURCE, Mapping, digest, lines
from publisher.packing import pack, unpack
from publisher.releases.contents import Contents
from publisher.releases.delivery import Progress, Sending, not_sending, not_told
from publisher.releases.publication import Publication
from publisher.settings import Settings
from publisher.stores import RemoteStore
from publisher.view import triples

_PAGE = 500  # versions rewritten together


def rebase(settings: Settings, progress: Progress = not_told, sending: Sending = not_sending) -> int:
    """Publishes everything under BASE_URL in place of the one under which it was published; gives the number of the
    release, 0 if that is the same. `progress` is told of each version in the catalog, each current description and each
    graph. Older versions are rewritten too, so that all of the catalog speaks of one site and can be rolled back to."""
    with Publication(
        settings, f"rebase to {settings.base}", moving=True, told=progress, sending=sending
    ) as publication:
        old = publication.catalog.base()
        if not old:
            raise CatalogError(f"{settings.DATA_DIR}: nothing has been published here yet; run `publisher load` first.")
        if old == settings.base:
            return publication.finish()
        publication.checkpoint = 0
        _Rebasing(publication, old).run(progress)
        return publication.finish()


class _Rebasing:
    def __init__(self, publication: Publication, old: str) -> None:
        self.publication = publication
        self.db = publication.db
        self.old, self.new = old, publication.settings.base
        self.context = publication.mapping.context
        before = replace(publication.settings, BASE_URL=old)
        self.identifiers_before = Identifiers(before)
        self.mapping_before = Mapping(before)

    def run(self, progress: Progress) -> None:
        if isinstance(self.publication.store, RemoteStore):  # what has the old names is to go
            before = Contents(self.mapping_before, self.publication.catalog)
            rows = ((graph, self.publication.number) for graph in before.ever())
            self.db.executemany("INSERT OR REPLACE INTO outbox VALUES (?, ?)", rows)
        for sequence, fresh, graph in self._versions():
            moved, content = self._move(graph, fresh)
            self.db.execute(
                "UPDATE version SET digest = ?, graph = ? WHERE sequence = ?", (digest(content), moved, sequence)
            )
            progress(1)
        self._publish(progress)
        self.publication.items.rename_withdrawn(self.identifiers_before)

    def _versions(self) -> Iterator[tuple[int, bytes, bytes]]:
        last = 0
        while rows := self.db.execute(
            "SELECT sequence, digest, graph FROM version "
            "WHERE sequence > ? AND NOT withdrawn ORDER BY sequence LIMIT ?",
            (last, _PAGE),
        ).fetchall():
            yield from rows
            last = rows[-1][0]

    def _publish(self, progress: Progress) -> None:
        """Every description that is not withdrawn is published again as it is now."""
        for entry in self.publication.catalog.entries():
            if entry.release == self.publication.number:
                return  # what follows was written here
            known_by = self.publication.catalog.names([entry.name])[entry.name]
            if entry.kind == "resource":
                self.publication.items.move(self.identifiers_before, entry.id, entry.key)
            self.publication.put_again(entry, known_by)
            progress(1)

    def _move(self, graph: bytes, fresh: bytes) -> tuple[bytes, list[str]]:
        """A graph as the catalog keeps it, moved; and its content, which is what has the digest `fresh` now."""
        kept = unpack(graph)
        content = kept[: _content(kept, fresh)]
        moved = lines(map(self._moved, triples(content)))
        provenance = lines(map(self._moved, triples(kept[len(content) :])))
        return pack([*moved, *provenance]), moved

    def _moved(self, statement: Triple) -> Triple:
        given = self.context.names.get(statement.predicate.value) in GIVEN_BY_THE_SOURCE
        return Triple(
            self._node(statement.subject),
            self._node(statement.predicate),
            statement.object if given else self._node(statement.object),
        )

    def _node(self, node: Any) -> Any:
        if isinstance(node, NamedNode) and node.value.startswith(self.old):
            return NamedNode(self.new + node.value.removeprefix(self.old))
        return node


def _content(kept: list[str], fresh: bytes) -> int:
    """How many of the lines, from the first, have the digest: those are the content, and what follows is provenance."""
    whole = hashlib.sha256()
    for number, line in enumerate(kept):
        whole.update((b"\n" if number else b"") + line.encode())
        if whole.digest() == fresh:
            return number + 1
    raise CatalogError("A description in the catalog does not have its own digest; restore the catalog from a backup.")
