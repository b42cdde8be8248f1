"""The C library's allocator, told to give back to the system what is free."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Gives back the pages that hold nothing. glibc keeps those of each thread that ever was, for later: a load, which
    starts many threads for moments in which they take much, would grow with their number. Nothing on other systems."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
