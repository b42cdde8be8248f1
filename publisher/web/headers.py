"""What every answer carries: open reading from any origin (WHATWG Fetch 3.2), and no room for injected content."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, request
from werkzeug.datastructures import Headers

from publisher.web.policy import POLICY

EXPOSED = (
    "ETag, Link, Location, Content-Location, Content-Profile, Memento-Datetime, Retry-After, SPARQL-Limits, "
    "SPARQL-Truncated, SPARQL-Hints, Search-Results, SPARQL-Store-Behind, Vary"
)
STANDARD = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": EXPOSED,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer-when-downgrade",
    "Content-Security-Policy": POLICY,  # XML is a page to a browser, too
}
_REQUESTED = (  # Authorization counts for nothing here, but some clients send it to every endpoint
    "Accept, Accept-Datetime, Accept-Profile, Authorization, Cache-Control, Content-Type, If-Match, "
    "If-Modified-Since, If-None-Match, If-Unmodified-Since, X-Requested-With"
)


class Finished(Response):
    """An answer with all of its headers, which are sent as they are."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: Iterable[bytes] | bytes) -> None:
        super().__init__(body, status, headers=[*headers, *STANDARD.items()])
        if status == 304:
            del self.headers["Content-Type"], self.headers["Content-Length"]  # which Flask puts where there is none

    def get_wsgi_headers(self, environ: object) -> Headers:
        return self.headers


def add(response: Response) -> Response:
    """Puts the headers on an answer that has them not yet."""
    if isinstance(response, Finished):
        return response
    if response.status_code == 308:  # to the home page of a site below a prefix; Flask would name the host asked for
        response.headers["Location"] = request.script_root.rpartition("/")[2] + "/"
    for name, value in STANDARD.items():
        response.headers.setdefault(name, value)
    if response.status_code == 200 and "Allow" in response.headers:  # the answer to OPTIONS
        response.headers["Access-Control-Allow-Methods"] = response.headers["Allow"]
        response.headers["Access-Control-Allow-Headers"] = _REQUESTED
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
