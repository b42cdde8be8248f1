"""Asks the current release from a shell or a script, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.query.engine import Answer, Engine
from publisher.query.limits import limits
from publisher.search import Index
from publisher.settings import Settings
from publisher.stores import open_store


@contextmanager
def ask(settings: Settings, text: str, output: str) -> Iterator[Answer]:
    """The answer to one query, within the limits of the settings. Raises QueryError and CatalogError."""
    addresses = Addresses(settings.base)
    catalog = Catalog(settings.DATA_DIR)
    number = catalog.current()
    catalog.close()
    if not number:
        raise CatalogError(f"{settings.DATA_DIR}: nothing has been published here yet; run `publisher load` first.")
    store = open_store(settings)

    def find(field: str, words: str, most: int) -> list[tuple[str, float]]:
        index = Index(store.folder(number) / "search")
        return [(addresses.thing("resource", key), score) for key, score in index.matches(field, words, most)]

    with (
        store.held(number),
        Engine(limits(settings), f"{addresses.ontology}#") as engine,
        engine.run(store.graph(number), text, output, base_iri=addresses.sparql, find=find) as answer,
    ):
        yield answer
