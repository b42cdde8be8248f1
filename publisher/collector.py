"""Python's garbage collector, kept from looking through what a batch makes while it is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Inside, nothing is collected: hundreds of thousands of small objects are made, which reference counts free, and
    the collector would look through them again and again (a sixth of the time of a load)."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def collect_rings() -> None:
    """Frees the rings that rdflib's graphs are. To be called when little is new: between two batches, not in one."""
    gc.collect(0)
