"""Bodies of requests: they are read before anything else, and only so many at once.

A client may send its body as slowly as it likes, and the server gives it no limit of time; whoever did so with enough
requests would leave no thread for the pages.
"""

from __future__ import annotations

import threading

from flask import Flask, Response, request

from publisher.message import Message
from publisher.settings import Settings
from publisher.web.failures import fail


def install(app: Flask, settings: Settings) -> None:
    free = threading.BoundedSemaphore(settings.REQUEST_BODIES)

    @app.before_request
    def _() -> Response | None:
        announced = request.content_length or "HTTP_TRANSFER_ENCODING" in request.environ
        if not announced or request.routing_exception is not None:
            return None
        if not free.acquire(blocking=False):
            return fail(503, Message("Too many requests are being read; come again."), {"Retry-After": "10"})
        try:
            request.get_data()
        finally:
            free.release()
        return None
