"""The time gate: from a document to its version at a time, and the links between its versions (RFC 7089)."""

from __future__ import annotations

from datetime import UTC

from flask import Response, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_date

from publisher.addresses import version_path, versions_path
from publisher.history import Past, at, history
from publisher.message import Message
from publisher.web.conditions import last_modified
from publisher.web.representation import cached, find
from publisher.web.site import here, reading, site

LINK_FORMAT = "application/link-format"


def past_of(kind: str, key: str) -> list[Past]:
    """The versions of a description. Raises NotFound if there are none."""
    past = history(reading().catalog, kind, key)
    if not past:
        find(kind, key)  # in the words of that door, or at its new key
    return past


def travel(kind: str, key: str) -> Response:
    """302 to the version that was current at the Accept-Datetime of the request (RFC 7089 4.1.1)."""
    asked = request.headers["Accept-Datetime"]
    time = parse_date(asked)
    if time is None:
        raise BadRequest(
            Message(
                "Accept-Datetime is no date of HTTP, such as Tue, 15 Nov 1994 08:12:31 GMT: “%(asked)s”.",
                asked=asked[:100],
            )
        )
    past = past_of(kind, key)
    chosen = at(past, time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    response = redirect(here(version_path(kind, key, chosen.sequence)), 302)
    response.headers["Vary"] = "Accept-Datetime"
    response.headers["Link"] = time_links(kind, key, past)
    response.content_type = "text/plain; charset=utf-8"
    response.set_data(
        f"The version of that time is at {site().addresses.iri(version_path(kind, key, chosen.sequence))}\n"
    )
    return cached(response)


def time_links(kind: str, key: str, past: list[Past], sequence: int = 0, *, every: bool = False) -> str:
    """The links of a time gate, a memento or (every version) a time map."""
    public = site().addresses
    document, time_map = public.document(kind, key), public.iri(versions_path(kind, key))
    own = "self" if every else "timemap"
    links = [f'<{document}>; rel="original timegate"', f'<{time_map}>; rel="{own}"; type="{LINK_FORMAT}"']
    kept = [each for each in past if not each.withdrawn]
    current = next((place for place, each in enumerate(kept) if each.sequence == sequence), -9)
    for place, each in enumerate(kept):
        named = {"first": 0, "prev": current - 1, "next": current + 1, "last": len(kept) - 1}
        relations = [name for name, wanted in named.items() if wanted == place]
        if relations or every or place == current:
            iri = public.iri(version_path(kind, key, each.sequence))
            relation = " ".join([*relations, "memento"])
            links.append(f'<{iri}>; rel="{relation}"; datetime="{last_modified(each.modified)}"')
    return ", ".join(links)
