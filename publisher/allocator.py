"""The C library's allocator, told when to give back to the system what is free."""

from __future__ import annotations

import ctypes
from collections.abc import MutableMapping

_KEPT = 8 * 2**20  # bytes; a page of a harvest has a few hundred thousand


def give_back() -> None:
    """Gives back the pages that hold nothing. glibc keeps those of each thread that ever was, for later: a load, which
    starts many threads for moments in which they take much, would grow with their number. Nothing on other systems."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def keep(environment: MutableMapping[str, str]) -> None:
    """Has the processes that get this environment keep what they free, up to 8 MiB for each arena, unless it says
    otherwise. By itself glibc gives back every large piece, and asks for it anew, page by page, for the next answer:
    that was a third of the time of a harvest. Nothing on other systems."""
    environment.setdefault("MALLOC_MMAP_THRESHOLD_", str(_KEPT))
    environment.setdefault("MALLOC_TRIM_THRESHOLD_", str(_KEPT))
