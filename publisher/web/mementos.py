"""Mementos: descriptions as they were, a list of them for each document, and what each version changed (RFC 7089)."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from publisher import addresses
from publisher import card as cards
from publisher.addresses import changes_of_version_path, version_path, versions_path
from publisher.catalog import Entry
from publisher.errors import NotFound, Withdrawn
from publisher.formats import BY_EXTENSION, HTML, content_type, formats_of
from publisher.history import Past, changes
from publisher.message import Message
from publisher.ready import look
from publisher.view import of_entry
from publisher.web.conditions import last_modified
from publisher.web.documents import document
from publisher.web.failures import NotAcceptable
from publisher.web.languages import language
from publisher.web.negotiation import choose
from publisher.web.representation import cached
from publisher.web.resolution import Asked
from publisher.web.site import here, reading, site
from publisher.web.time_gate import LINK_FORMAT, past_of, time_links

blueprint = Blueprint("mementos", __name__)
_KIND = f"any({','.join(addresses.KINDS)})"


@blueprint.get(f"/doc/<{_KIND}:kind>/<key:key>/versions")
def versions(kind: str, key: str) -> Response:
    """The versions of a description: a time map in link format, a page, or JSON."""
    if (whole := _whole(kind, f"{key}/versions")) is not None:
        return whole
    past = past_of(kind, key)
    chosen = choose(request.headers.get("Accept"), [(HTML,), (LINK_FORMAT, "text/plain"), ("application/json",)])
    if chosen is None:
        raise NotAcceptable(
            [(name, here(versions_path(kind, key))) for name in (HTML, LINK_FORMAT, "application/json")]
        )
    public = site().addresses
    if chosen[0] == 0:
        body: str | bytes = render_template("versions.html", name=(kind, key), past=past[::-1], label=past[-1].label)
    elif chosen[0] == 1:
        body = time_links(kind, key, past, every=True).replace(">, <", ">,\n<") + "\n"
    else:
        rows = [
            {
                "version": each.sequence,
                "release": each.release,
                "modified": each.modified,
                "withdrawn": each.withdrawn,
                "url": public.iri(version_path(kind, key, each.sequence)),
                "changes": public.iri(changes_of_version_path(kind, key, each.sequence)),
            }
            for each in past
        ]
        body = orjson.dumps({"document": public.document(kind, key), "versions": rows}, option=orjson.OPT_INDENT_2)
    response = Response(body, content_type=content_type(chosen[1]))
    response.headers["Vary"] = "Accept"
    response.add_etag()
    response.make_conditional(request)
    return cached(response)


@blueprint.get(f"/doc/<{_KIND}:kind>/<key:key>/versions/<number>")
def version(kind: str, key: str, number: str) -> Response:
    """A description as it was in one version, in any of its formats."""
    if (whole := _whole(kind, f"{key}/versions/{number}")) is not None:
        return whole
    digits, _, extension = number.partition(".")
    past, entry = _version(kind, key, digits)
    if entry.withdrawn:
        raise Withdrawn(Message("In this version “%(name)s” was withdrawn.", name=key[:200]), entry.modified)
    offer, media_type = BY_EXTENSION.get(extension), ""
    if extension and (offer is None or kind not in offer.kinds):
        raise NotFound(Message("There is no format “%(name)s” of this description.", name=extension[:20]))
    if offer is None:
        accept, profile = request.headers.get("Accept", ""), request.headers.get("Accept-Profile", "")
        asked = Asked(accept, profile, style=request.args.get("style", ""), locale=request.args.get("locale", ""))
        chosen = site().resolver.choose(kind, asked)
        if chosen is None:
            offers = [(each.media_type, each.extension) for each in formats_of(kind)]
            paths = [(name, here(version_path(kind, key, entry.sequence, end))) for name, end in offers]
            raise NotAcceptable(paths, site().resolver.fault(kind, asked))
        offer, media_type = chosen
    else:
        offer = offer.varied(request.args)
    seen = of_entry(site().mapping, reading().catalog, entry)
    body = offer.write(seen) if offer.write is not None else _html(entry, past)
    response = Response(body, content_type=content_type(media_type or offer.media_type))
    time = next(each.modified for each in past if each.sequence == entry.sequence)
    response.headers["Memento-Datetime"] = last_modified(time)
    response.headers["Link"] = time_links(kind, key, past, entry.sequence)
    seconds = site().settings.CACHE_SECONDS if offer.write is None else site().settings.CACHE_VERSION_SECONDS
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    if not extension:
        response.headers["Vary"] = "Accept, Accept-Profile"
        path = version_path(kind, key, entry.sequence, offer.extension)
        response.headers["Content-Location"] = here(path + (f"?{offer.variant}" if offer.variant else ""))
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get(f"/doc/<{_KIND}:kind>/<key:key>/versions/<number>/changes")
def changes_of_version(kind: str, key: str, number: str) -> Response:
    """The statements that a version added and took away, compared with the one before it or that of `since`."""
    if (whole := _whole(kind, f"{key}/versions/{number}/changes")) is not None:
        return whole
    past, entry = _version(kind, key, number)
    earlier = [each.sequence for each in past if each.sequence < entry.sequence]
    since: int | None = earlier[-1] if earlier else None
    if "since" in request.args:
        since = _version(kind, key, request.args["since"])[1].sequence
    added, removed = changes(reading().catalog, since, entry.sequence)
    chosen = choose(request.headers.get("Accept"), [(HTML,), ("text/plain",), ("application/json",)])
    if chosen is None:
        raise NotAcceptable([(name, here(request.path)) for name in (HTML, "text/plain", "application/json")])
    if chosen[0] == 0:
        facts = {"added": added, "removed": removed, "since": since, "entry": entry}
        body: str | bytes = render_template("changes_of_version.html", name=(kind, key), **facts)
    elif chosen[0] == 1:
        body = "".join(f"{sign} {line}\n" for sign, lines in (("-", removed), ("+", added)) for line in lines)
    else:
        body = orjson.dumps({"since": since, "version": entry.sequence, "added": added, "removed": removed})
    response = Response(body, content_type=content_type(chosen[1]))
    response.headers["Vary"] = "Accept"
    response.add_etag()
    response.make_conditional(request)
    return cached(response)


def _whole(kind: str, key: str) -> Response | None:
    """The document of a thing whose key ends like one of these addresses; it comes first."""
    return document(kind, key) if look(site().catalog, kind, key, "") is not None else None


def _version(kind: str, key: str, number: str) -> tuple[list[Past], Entry]:
    past = past_of(kind, key)
    if not number.isascii() or not number.isdigit() or int(number) not in {each.sequence for each in past}:
        raise NotFound(
            Message(
                "There is no version %(number)s of this description; its address with /versions lists them.",
                number=number[:20],
            )
        )
    entry = reading().catalog.version(int(number))
    if entry is None:
        raise NotFound(Message("There is no version %(number)s of this description.", number=str(number)))
    return past, entry


def _html(entry: Entry, past: list[Past]) -> str:
    card = cards.read(cards.write(of_entry(site().mapping, reading().catalog, entry), here))
    words = site().words(language())
    shown: dict[str, Any] = {"entry": entry, "rows": words.put(card.rows), "more": words.put(card.more), "past": past}
    return render_template("version.html", name=entry.name, **shown)
