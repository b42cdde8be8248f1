"""The pages that a process has made last, as long as they fit into a given amount of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple


class Page(NamedTuple):
    """A page in the coding in which it is sent, and what its Link header has more than that of others."""

    body: bytes
    links: str


class PageCache:
    """Pages by their addresses and ETags: a page that has changed has another ETag, so that none is stale."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._pages: OrderedDict[tuple[str, ...], Page] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: tuple[str, ...], page: Page) -> None:
        """Keeps a page, and forgets those that were not asked for the longest time."""
        with self._lock:
            self._held += _bytes(page) - _bytes(self._pages.pop(key, Page(b"", "")))
            self._pages[key] = page
            while self._held > self.size:
                self._held -= _bytes(self._pages.popitem(last=False)[1])


def _bytes(page: Page) -> int:
    return len(page.body) + len(page.links)
