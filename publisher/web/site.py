"""The site: what the views of one server process share, and the release that one request reads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from flask import current_app, g, request

from publisher import __version__, resources
from publisher.addresses import Addresses, relative
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.mapping import Mapping
from publisher.query import Engine, limits
from publisher.search import Hits, Index
from publisher.settings import Settings
from publisher.stores import STORES
from publisher.validation import Rule, Shapes

Kept = TypeVar("Kept")


class Release:
    """One release opened for reading; it is not removed while this object lives."""

    def __init__(self, site: Site, number: int) -> None:
        self.number = number
        self._addresses = site.addresses
        self._kept: dict[str, object] = {}
        self._held = ExitStack()
        self._held.enter_context(site.store.held(number))
        self.graph = site.store.graph(number)
        self.index = Index(site.store.folder(number) / "search")

    def find(self, field: str, words: str, most: int) -> list[tuple[str, float]]:
        """What a text search inside a query finds: the IRIs of records and their scores."""
        return [(self._thing(key), score) for key, score in self.index.matches(field, words, most)]

    def _thing(self, key: str) -> str:
        return self._addresses.thing("resource", key)

    @cached_property
    def overview(self) -> Hits:
        """Some record, and the most frequent values in the whole of the release, counted once."""
        return self.index.search({}, limit=1)

    def kept(self, name: str, make: Callable[[], Kept]) -> Kept:
        """What holds as long as this release and costs something to make: it is made when first asked for."""
        if name not in self._kept:
            self._kept[name] = make()
        return cast(Kept, self._kept[name])

    def __del__(self) -> None:
        self._held.close()


@dataclass(frozen=True)
class Reading:
    """What one request reads: the catalog inside one transaction, and the release it points to (None: none yet)."""

    catalog: Catalog
    release: Release | None

    @property
    def number(self) -> int:
        return self.release.number if self.release else 0


class Site:
    """Settings, mapping, query engine and the current release of one process; safe for many threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.addresses = Addresses(settings.base)
        self.mapping = Mapping(settings)
        self.store = STORES[settings.STORE](settings.DATA_DIR)
        self.engine = Engine(limits(settings), f"{self.addresses.ontology}#")
        self.labels = {row["attribute"]: row["label"] for row in resources.table("ontology/fields.csv")}
        # what pages and representations are made by; part of every ETag, so that an upgrade or a new setting changes it
        self.fingerprint = hashlib.sha256(f"{__version__} {settings!r}".encode()).hexdigest()[:8]
        self._lock = threading.Lock()
        self._threads = threading.local()
        self._release: Release | None = None
        Catalog(settings.DATA_DIR, create=True).close()

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """The rules that records are checked against, by their names."""
        settings = self.settings
        shapes = Shapes(settings.base, settings.SHAPES_DIR, settings.REPORT_LANGUAGE)
        return {rule.name: rule for rule in shapes.described()}

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Everything read inside belongs to one release."""
        catalog = getattr(self._threads, "catalog", None)
        if catalog is None:
            catalog = self._threads.catalog = Catalog(self.settings.DATA_DIR)
        for attempt in (1, 2, 3):
            with catalog.snapshot() as number:
                try:
                    release = self._open(catalog, number) if number else None
                except (OSError, CatalogError) as error:
                    # between the look at the pointer and the opening, a publish may have made and removed releases
                    if attempt == 3:
                        raise CatalogError(f"Release {number} cannot be opened ({error}).") from None
                    continue
                yield Reading(catalog, release)
                return

    def _open(self, catalog: Catalog, number: int) -> Release:
        with self._lock:
            if self._release is None or self._release.number != number:
                check_base(self.settings, catalog)
                self._release = Release(self, number)
            return self._release


def check_base(settings: Settings, catalog: Catalog) -> None:
    """Raises CatalogError if what is published has other IRIs than those of this site."""
    base = catalog.base()
    if base and base != settings.base:
        raise CatalogError(
            f"{settings.DATA_DIR} was published under {base}, but BASE_URL is {settings.base}; "
            "set BASE_URL back, or load the records into a new DATA_DIR."
        )


def site() -> Site:
    """The site of the application that answers."""
    return cast(Site, current_app.extensions["publisher"])


def reading() -> Reading:
    """What this request reads; opened at its first use, closed with the request."""
    if "reading" not in g:
        stack = ExitStack()
        g.reading = stack.enter_context(site().reading())
        g.reading_stack = stack
    return cast(Reading, g.reading)


def close_reading(_: BaseException | None = None) -> None:
    """Ends what `reading` began."""
    stack = g.pop("reading_stack", None)
    g.pop("reading", None)
    if stack is not None:
        stack.close()


def say_address(path: str) -> None:
    """Says at which path of the site this request has arrived, where its own path does not tell."""
    g.address = path


def here(path: str) -> str:
    """A reference from the page of this request to a path of the site: right under any host and prefix."""
    if "address" in g:
        return relative(g.address, path)
    # the slashes of a key arrive decoded, but count for nothing in the address that the client has
    first, *key = request.path.split("/", 3)[1:]
    sent = f"/{first}/{key[0]}/{key[1].replace('/', '%2F')}" if first in ("doc", "id") and len(key) == 2 else None
    return relative(sent or request.path, path)
