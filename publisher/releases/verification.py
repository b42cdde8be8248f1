"""Whether the graphs and the search index are what the catalog says, and how they are made anew from it."""

from __future__ import annotations

from collections.abc import Callable

from publisher import reports
from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.formats import make_ready
from publisher.mapping import Mapping
from publisher.names import Names
from publisher.ready import kept
from publisher.record import Record
from publisher.releases.publication import Publication
from publisher.search import Index
from publisher.settings import Settings
from publisher.stores import STORES
from publisher.stores.embedded import Graphs
from publisher.view import of_entry, published_lines


def rebuild(settings: Settings) -> int:
    """Makes the graphs and the search index anew from the catalog alone, as a new release; gives its number."""
    with Publication(settings, "rebuilt from the catalog") as publication:
        publication.checkpoint = 0
        for entry in publication.catalog.entries():
            publication.unready.add(entry.id)
            if entry.kind == "resource":
                record = Record.from_json(entry.data["record"])
                publication.index_writer().put(entry.id, entry.key, entry.sequence, record)
        return publication.finish(always=True)


def verify(settings: Settings, progress: Callable[[int], None] = lambda done: None) -> list[str]:
    """Compares the graphs and the search index of the current release with the catalog; a sentence a difference.
    `progress` is told how many descriptions were compared since it was last told."""
    mapping = Mapping(settings)
    catalog = Catalog(settings.DATA_DIR)
    store = STORES[settings.STORE](settings.DATA_DIR)
    problems = []
    with catalog.snapshot() as number:
        if not number:
            return []
        try:
            with store.held(number):
                graphs = Graphs(store.graph(number))
                index = Index(store.folder(number) / "search").sequences()
                named = Names(store.folder(number) / "names").sequences()
                names = set(graphs.names())
                for entry in catalog.entries():
                    progress(1)
                    graph = mapping.addresses.document(*entry.name)
                    if graph not in names:
                        problems.append(f"The graph {graph} is missing from the store.")
                    elif not graphs.same(graph, published_lines(mapping, entry)):
                        problems.append(f"The graph {graph} in the store differs from the catalog.")
                    names.discard(graph)
                    for name, body in make_ready(of_entry(mapping, catalog, entry)).items():
                        if kept(catalog, entry.id, name) != body:
                            problems.append(f"The {name} kept ready for {graph} is not what the catalog says.")
                    if entry.kind == "resource" and (entry.id, entry.sequence) not in index:
                        problems.append(f"The search index does not hold {entry.kind} {entry.key} as it is published.")
                    index.discard((entry.id, entry.sequence))
                    if entry.name != DATASET and (entry.id, entry.sequence) not in named:
                        problems.append(
                            f"The index of names does not hold {entry.kind} {entry.key} as it is published."
                        )
                    named.discard((entry.id, entry.sequence))
                for graph, content in reports.graphs(catalog.db, mapping.addresses):
                    if graph not in names:
                        problems.append(f"The report {graph} is missing from the store.")
                    elif not graphs.same(graph, content):
                        problems.append(f"The report {graph} in the store differs from the catalog.")
                    names.discard(graph)
        except (OSError, CatalogError) as error:
            return [f"Release {number} cannot be read: {error}"]
    problems += [f"The store holds the graph {name}, which the catalog does not know." for name in sorted(names)]
    problems += [f"The search index holds version {version}, which is not current." for _, version in sorted(index)]
    problems += [f"The index of names holds version {version}, which is not current." for _, version in sorted(named)]
    return problems
