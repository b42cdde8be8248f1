"""Runs a query and gives its answer in the format that the client wants: for the endpoint and the named queries."""

from __future__ import annotations

import orjson
from flask import Response, g, render_template, request

from publisher.formats import HTML
from publisher.message import Message
from publisher.query import Answer
from publisher.query.hints import HINTS
from publisher.web.failures import fail
from publisher.web.headers import Finished
from publisher.web.inquiry import FAILED, Inquiry, inquire, known, limits_told
from publisher.web.languages import language, said
from publisher.web.site import here, reading, site

_SHOWN = 1_000  # rows on a page; a browser is slow with more, and the other formats have them all


def answer(
    text: str,
    arguments: dict[str, list[str]],
    *,
    people_first: bool = False,
    template: str = "results.html",
    **shown: object,
) -> Response:
    """What the current release answers. `people_first`: a page where the client has no wish."""
    g.query = text  # for the page of an error
    if FAILED in request.environ:  # before this view was asked
        raise request.environ[FAILED]
    inquiry = inquire(site(), request.environ, text, arguments, people_first=people_first)
    release = reading().release
    if release is None:
        detail = Message("Nothing has been published here yet, so there is nothing to ask.")
        return fail(503, detail, {"Retry-After": "60"})
    headers = inquiry.head(site(), reading(), f"{language()} {request.full_path}" if inquiry.is_page else "")
    if known(request.environ, headers):
        return Finished(304, headers, b"")
    result = inquiry.run(site(), release)
    headers += inquiry.told(site().engine.limits, result)
    if not inquiry.is_page:
        of_content, body = inquiry.content(result)
        return Finished(200, headers + of_content, body)
    page = render_template(template, query=text, notes=_notes(inquiry, result), local=_local, **_page(result), **shown)
    return Response(page, headers=headers, content_type=f"{HTML}; charset=utf-8")


def _notes(inquiry: Inquiry, result: Answer) -> list[str]:
    """What a reader has to know of the result."""
    limits = site().engine.limits
    notes: list[Message] = [limits.cut] if result.truncated else []
    if result.matches_cut:
        notes.append(
            Message(
                "A text search found more than %(number)s records (SPARQL_MAX_MATCHES); "
                "only the best of them were looked at.",
                number=limits.max_matches,
            )
        )
    return [said(note) for note in (*notes, *(HINTS[name] for name in inquiry.hints(result)))]


def _page(result: Answer) -> dict[str, object]:
    with result:
        body = result.body.read()
    if body[:1] != b"{":
        return {"turtle": body.decode()}
    found = orjson.loads(body)
    rows = found.get("results", {}).get("bindings", [])
    return {"result": found, "rows": rows[:_SHOWN], "count": len(rows)}


def _local(iri: str) -> str:
    """A link to what an IRI names: relative if it is ours, so that it is right under any host."""
    base = site().addresses.base
    return here("/" + iri.removeprefix(base)) if iri.startswith(base) else iri


def tell_limits(response: Response) -> Response:
    """Every answer of the endpoint carries its limits."""
    response.headers.setdefault("SPARQL-Limits", limits_told(site().engine.limits))
    return response
