"""STORES: where the graphs are kept. One module and one row a store."""

from publisher.stores.embedded import EmbeddedStore

STORES = {"embedded": EmbeddedStore}
