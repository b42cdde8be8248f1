"""The site: what the views of one server process share, and the release that one request reads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from flask import current_app, g, request

from publisher import __version__
from publisher.addresses import Addresses, relative
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.mapping import Mapping
from publisher.names import Names
from publisher.profiles import profiles
from publisher.query import Engine, limits
from publisher.search import Index, Question
from publisher.search.index import Facets
from publisher.settings import Settings
from publisher.stores import open_store
from publisher.validation import Rule, Shapes
from publisher.web import languages
from publisher.web.links import Links
from publisher.web.page_cache import PageCache
from publisher.web.rate import Rate
from publisher.web.resolution import Resolver
from publisher.web.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

    from publisher.web.frames import Frame

_LATEST = 5  # records on the home page
_LONGEST_QUERY = 4000  # characters of an address that servers and proxies pass on


@dataclass(frozen=True, slots=True)
class Overview:
    """`latest` are the ids of the records added last; `facets` the values of each facet and their counts."""

    latest: list[int]
    facets: Facets


class Release:
    """One release opened for reading; it is not removed while this object lives."""

    def __init__(self, site: Site, number: int) -> None:
        self.number = number
        self._addresses = site.addresses
        self._held = ExitStack()
        self._held.enter_context(site.store.held(number))
        self.graph = site.store.graph(number)
        self.index = Index(site.store.folder(number) / "search")
        self.names = Names(site.store.folder(number) / "names")

    def find(self, field: str, words: str, most: int) -> list[tuple[str, float]]:
        """What a text search inside a query finds: the IRIs of records and their scores."""
        return [(self._thing(key), score) for key, score in self.index.matches(field, words, most)]

    def _thing(self, key: str) -> str:
        return self._addresses.thing("resource", key)

    @cached_property
    def overview(self) -> Overview:
        """The records added last, and the values in the whole of the release, counted once: all years and types, and
        the most frequent others."""
        everything = Question({})
        latest = self.index.search(everything, _LATEST, "-added").ids
        return Overview(latest, self.index.facets(everything, {"year": 5000, "type": 500, "keyword": 50}))

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

    def __init__(self, settings: Settings, templates: Environment) -> None:
        self.settings = settings
        self.templates = templates
        self.addresses = Addresses(settings.base)
        self.mapping = Mapping(settings)
        self.store = open_store(settings)
        self.engine = Engine(limits(settings), f"{self.addresses.ontology}#")
        self.resolver = Resolver(profiles(self.addresses))
        self.links = Links(settings, self.addresses)
        self.pages = PageCache(settings.PAGE_CACHE_BYTES)
        self.frames: dict[tuple[str, str, str], Frame] = {}  # of pages, by kind, language, and that of the address
        # what pages and representations are made by; part of every ETag, so that an upgrade or a new setting changes it
        self.fingerprint = hashlib.sha256(f"{__version__} {settings!r}".encode()).hexdigest()[:8]
        self.rate = Rate(settings.SEARCH_RATE)
        self._lock = threading.Lock()
        self._threads = threading.local()
        self._release: Release | None = None
        self._rules: dict[str, dict[str, Rule]] = {}
        self._words: dict[str, Words] = {}
        Catalog(settings.DATA_DIR, create=True).close()

    @cached_property
    def shapes(self) -> Shapes:
        """The rules that records are checked against."""
        return Shapes(self.settings.base, self.settings.SHAPES_DIR, self.settings.REPORT_LANGUAGE)

    def rules(self, language: str) -> dict[str, Rule]:
        """The rules in a language, by their names."""
        if language not in self._rules:
            self._rules[language] = {rule.name: rule for rule in self.shapes.described(language)}
        return self._rules[language]

    def words(self, language: str) -> Words:
        """The words of a language for what cards leave open."""
        if language not in self._words:
            self._words[language] = Words(self.settings, language)
        return self._words[language]

    @property
    def catalog(self) -> Catalog:
        """The catalog of this thread, outside of any transaction: one statement sees one release."""
        catalog: Catalog | None = getattr(self._threads, "catalog", None)
        if catalog is None:
            catalog = self._threads.catalog = Catalog(self.settings.DATA_DIR)
        return catalog

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Everything read inside belongs to one release."""
        catalog = self.catalog
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
                catalog.check_base(self.settings.base)
                self._release = Release(self, number)
            return self._release


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
    """A reference from the page of this request to a path of the site: right under any host and prefix, and in the
    language that was chosen."""
    # the slashes of a key arrive decoded, but count for nothing in the address that the client has
    key = str((request.view_args or {}).get("key", ""))
    sent = request.path.replace(key, key.replace("/", "%2F"), 1) if "/" in key else request.path
    sent = g.get("address", sent)
    chosen = languages.chosen()
    if chosen and not path.startswith("/static/"):
        path, hash_, fragment = path.partition("#")
        path += f"{'&' if '?' in path else '?'}lang={chosen}{hash_}{fragment}"
    return relative(sent, path)


def in_language(tag: str) -> str:
    """A reference to this page in another language; empty where none leads to it: it was sent by POST, or asks for more
    than an address holds."""
    arguments = [row for row in request.args.items(multi=True) if row[0] != "lang"]
    asked = urlencode([*arguments, ("lang", tag)], errors="replace")
    return f"?{asked}" if request.method != "POST" and len(asked) <= _LONGEST_QUERY else ""
