"""STORES: where the graphs are kept. One module and one row a store."""

from __future__ import annotations

from publisher.settings import Settings
from publisher.stores.embedded import EmbeddedStore
from publisher.stores.remote import RemoteStore

__all__ = ["STORES", "EmbeddedStore", "RemoteStore", "open_store"]

STORES: dict[str, type[EmbeddedStore] | type[RemoteStore]] = {"embedded": EmbeddedStore, "remote": RemoteStore}


def open_store(settings: Settings) -> EmbeddedStore | RemoteStore:
    """The store that the operator has set."""
    return STORES["embedded" if settings.STORE == "embedded" else "remote"].of(settings)
