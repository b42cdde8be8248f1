"""Restoration: what an earlier release held, or what the catalog says, is put again."""

from __future__ import annotations

from publisher.addresses import DATASET
from publisher.catalog import Entry
from publisher.mapping import Name
from publisher.record import Record
from publisher.releases.publication import Publication
from publisher.view import published_lines, triples


def restore(publication: Publication, release: int) -> None:
    """Publishes anew what release `release` held: a rollback that harvesters hear of."""
    changed = publication.db.execute("SELECT DISTINCT thing FROM version WHERE release > ? ORDER BY thing", (release,))
    for (thing,) in changed.fetchall():
        now_entry = publication.catalog.by_ids([thing])[thing]
        if now_entry.name == DATASET:
            continue  # it is described anew with each release
        then = publication.catalog.as_of(thing, release)
        if then is None or then.withdrawn:
            if not now_entry.withdrawn:
                publication.withdraw(*now_entry.name)
        elif now_entry.withdrawn or now_entry.digest != then.digest:
            _put(publication, then)
    publication.reports.restore(release)
    publication.unread.restore(release)


def _put(publication: Publication, then: Entry) -> None:
    data = then.data
    known_by = Name(then.label, data.get("heading") or then.label, data.get("agent_kind", ""))
    publication.put_again(then, known_by)
    publication.versions.mention(then.id, then.kind, publication.mapping.mentions(then.name, triples(then.lines)))


def mend(publication: Publication, part: str, graph: str, thing: int) -> None:
    """Puts again what differs from the catalog without having changed: a "graph", or what the "index" or that of
    "names" holds or is kept "ready" of a thing, or the "measures" of its N-Triples. An "item" becomes a change, for
    harvesters have to be told; the "lists" of the sets are made of the items."""
    entry = publication.catalog.by_ids([thing]).get(thing)
    if part in ("item", "lists"):
        publication.items.recount()
    if part == "graph":
        publication.mended.add(graph)
    elif part == "ready":
        publication.ready.unready.add(thing)
    elif part == "measures" and entry is not None:
        lines = "\n".join(published_lines(publication.mapping, entry))
        publication.graph_writer().measure(entry.sequence, lines)
    elif part == "names":
        publication.misnamed.add(thing)
    elif part == "item" and entry is not None and entry.withdrawn:
        publication.write_withdrawn(*entry.name)
    elif part == "item" and entry is not None and entry.kind == "resource":
        _put(publication, entry)
    elif part == "item":
        publication.items.forget(thing, "")
    elif part == "index" and (entry is None or entry.withdrawn or entry.kind != "resource"):
        publication.index_writer().remove(thing)
    elif part == "index" and entry is not None:
        record = Record.from_json(entry.data["record"])
        publication.index_writer().put(thing, entry.key, entry.sequence, record)
