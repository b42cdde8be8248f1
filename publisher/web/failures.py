"""How an error looks at this door: a page for people, problem details (RFC 9457) for programs."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from http import HTTPStatus

import orjson
from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from publisher.addresses import versions_path
from publisher.errors import (
    CatalogError,
    MalformedQuery,
    NotFound,
    PublisherError,
    QueryError,
    QueryTimeout,
    QueryTooLarge,
    UnknownStyle,
    Withdrawn,
)
from publisher.formats import HTML, content_type
from publisher.message import Message
from publisher.namespaces import DCTERMS
from publisher.query import QueryText
from publisher.query.hints import HINTS, hints
from publisher.web.languages import N_, gettext, language, said
from publisher.web.negotiation import choose
from publisher.web.site import site

PROBLEM, JSON_LD, TEXT = "application/problem+json", "application/ld+json", "text/plain"
_KINDS = ((PROBLEM, "application/json"), (HTML,), (JSON_LD,), (TEXT,))
# what of a problem is said in JSON-LD: what it is about, and the formats that there are; relative to the address
_CONTEXT = {
    "title": DCTERMS.title,
    "detail": DCTERMS.description,
    "alternatives": {"@id": DCTERMS.hasFormat, "@context": {"type": DCTERMS.format, "url": "@id"}},
}
# the titles of errors, and what werkzeug says of them, for the translators
_SAID = (
    N_("Bad Request"),
    N_("Forbidden"),
    N_("Not Found"),
    N_("Method Not Allowed"),
    N_("Not Acceptable"),
    N_("Gone"),
    N_("Precondition Failed"),
    N_("Unsupported Media Type"),
    N_("Too Many Requests"),
    N_("Internal Server Error"),
    N_("Service Unavailable"),
    N_("Content Too Large"),
    N_("Request Entity Too Large"),
    N_("The method is not allowed for the requested URL."),
    N_("The data value transmitted exceeds the capacity limit."),
    N_("The browser (or proxy) sent a request that this server could not understand."),
)


# a format that there is: its media type, its path, and by what name people know it, if the type does not tell
Offer = tuple[str, str] | tuple[str, str, str]


class NotAcceptable(PublisherError):
    """None of the formats that there are is acceptable (RFC 9110 15.5.7); `fault` says what was asked for
    amiss."""

    def __init__(self, offers: Sequence[Offer], fault: PublisherError | None = None) -> None:
        general = Message("There is no representation in any of the formats that you accept.")
        super().__init__(fault.args[0] if fault is not None else general)
        self.offers = offers


def fail(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    offers: Sequence[Offer] | None = None,
    query: str = "",
    members: dict[str, object] | None = None,
) -> Response:
    """An error as the client can read it: a page, plain text or JSON-LD if it accepts one of these better than JSON,
    else problem details. `query` is the SPARQL that is at fault, for people to mend; `members` more of the problem's
    members (RFC 9457 3.2)."""
    title, detail = gettext(HTTPStatus(status).phrase), said(detail)
    chosen = choose(request.headers.get("Accept"), _KINDS)
    media_type = _KINDS[chosen[0]][0] if chosen is not None else PROBLEM
    if media_type == HTML:
        body = render_template(
            "error.html",
            status=status,
            title=title,
            detail=detail,
            offers=offers or [],
            query=query,
            asked={},
            **(members or {}),
        )
        response = Response(body, status, content_type=content_type(HTML))
    elif media_type == TEXT:
        base = site().addresses  # a text has no address that a reference could start from
        listed = [f"{name}  {base.iri(url.lstrip('./')) if url else ''}".rstrip() for name, url, *_ in offers or []]
        text = "\n".join([f"{status} {title}", "", detail, *(["", *listed] if listed else []), ""])
        response = Response(text, status, content_type=content_type(TEXT))
    else:
        problem: dict[str, object] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        problem |= members or {}
        if offers:
            problem["alternatives"] = [
                {"type": media_type, "url": url} | ({"title": title[0]} if title else {})
                for media_type, url, *title in offers
            ]
        if media_type == JSON_LD:
            problem = {"@context": _CONTEXT, **problem}
        response = Response(orjson.dumps(problem), status, content_type=media_type)
    response.headers.update(headers or {})
    response.headers.setdefault("Cache-Control", "no-store" if status >= 500 else "no-cache")
    response.headers["Content-Language"] = language()
    response.vary.update(["Accept", "Accept-Language"])
    return response


def register(app: Flask) -> None:
    """Gives every kind of error its answer."""

    @app.errorhandler(NotFound)
    def _(error: NotFound) -> Response:
        return fail(404, error.args[0])

    @app.errorhandler(Withdrawn)
    def _(error: Withdrawn) -> Response:
        """The tombstone: what it was, when it was taken back, and where it is still found as it was."""
        members: dict[str, object] = {"label": error.label, "withdrawn": error.modified}
        headers = {}
        if error.name is not None:
            path = versions_path(*error.name)
            members["versions"] = site().addresses.iri(path)
            headers["Link"] = f'<{members["versions"]}>; rel="timemap"; type="application/link-format"'
        return fail(410, error.args[0], headers, members=members)

    @app.errorhandler(UnknownStyle)
    def _(error: UnknownStyle) -> Response:
        return fail(400, error.args[0])

    @app.errorhandler(NotAcceptable)
    def _(error: NotAcceptable) -> Response:
        return fail(406, error.args[0], offers=error.offers)

    @app.errorhandler(QueryError)
    def _(error: QueryError) -> Response:
        retry = {"Retry-After": str(getattr(error, "retry_after", 10))} if error.status == 503 else None
        members: dict[str, object] = {}
        if isinstance(error, MalformedQuery) and error.line:
            members = {"line": error.line, "column": error.column, "pointer": error.pointer}
        if isinstance(error, QueryTimeout | QueryTooLarge) and (names := hints(QueryText(g.get("query", "")))):
            members["hints"] = [said(HINTS[name]) for name in names]
        return fail(error.status, error.args[0], retry, query=g.get("query", ""), members=members)

    @app.errorhandler(CatalogError)
    @app.errorhandler(sqlite3.Error)
    def _(error: Exception) -> Response:
        app.logger.error("%s", error)
        return fail(503, Message("The records cannot be read just now."), {"Retry-After": "10"})

    @app.errorhandler(HTTPException)
    def _(error: HTTPException) -> Response:
        status = error.code or 500
        kept = ("Allow", "Content-Range", "Location", "Retry-After")
        headers = {name: value for name, value in error.get_headers() if name in kept}
        if status < 400:
            return Response(status=status, headers=headers)
        detail = Message("There is no page at this address.") if status == 404 else error.description or ""
        return fail(status, detail, headers)

    @app.errorhandler(Exception)
    def _(error: Exception) -> Response:
        app.logger.exception("unforeseen: %s", error)
        return fail(500, Message("Something went wrong here; the people who run the site can see what in its log."))
