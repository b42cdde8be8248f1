"""Python's garbage collector, kept from looking through what a batch makes while it is made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Inside, nothing is collected: hundreds of thousands of small objects are made, which reference counts free, and
    the collector would look through them again and again (a sixth of the time of a load). At the end it looks once
    through what is new, for the rings that rdflib's graphs are."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect(0)
        if collecting:
            gc.enable()
