"""How often a client may ask for what costs: a bucket of tokens for each, in this process."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

from flask import Request

_CLIENTS = 10_000  # that are remembered, those seen last; one that is forgotten begins anew


class Rate:
    """`per_minute` requests a minute on average, and as many at once after a pause; 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client -> (tokens, when that was)
        self._lock = threading.Lock()

    def wait(self, client: str, now: float | None = None) -> int:
        """Counts a request; gives the seconds until the client may ask again, 0 if it may now or is nobody."""
        if not self.per_minute or not client:
            return 0
        now = time.monotonic() if now is None else now
        with self._lock:
            tokens, before = self._left.pop(client, (float(self.per_minute), now))
            tokens = min(float(self.per_minute), tokens + (now - before) * self.per_minute / 60)
            is_free = tokens >= 1
            self._left[client] = (tokens - is_free, now)
            if len(self._left) > _CLIENTS:
                self._left.popitem(last=False)
        return 0 if is_free else int((1 - tokens) * 60 / self.per_minute) + 1


def client_of(request: Request) -> str:
    """The address of the client; behind a proxy on this machine, the one that the proxy says. Empty for programs of
    this machine, and for a proxy that does not say it: all the world would be one client."""
    address = request.remote_addr or ""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return forwarded if ipaddress.ip_address(address).is_loopback else address
    except ValueError:
        return address
