"""Representation: a description as an answer, with the headers by which caches and clients know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, cast

from flask import Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from publisher.addresses import DATASET, document_path
from publisher.card import Card
from publisher.catalog import Entry
from publisher.crosswalks.signposts import MOST
from publisher.errors import CatalogError, NotFound, Withdrawn
from publisher.formats import Format, content_type
from publisher.message import Message
from publisher.packing import gzip
from publisher.ready import Look, look
from publisher.view import of_entry
from publisher.web.archive import time_gates
from publisher.web.conditions import accepts_gzip, coded, etag, has_it, last_modified
from publisher.web.descriptions import made_page
from publisher.web.headers import Finished
from publisher.web.languages import language
from publisher.web.links import within
from publisher.web.page_cache import Page
from publisher.web.pages import KINDS
from publisher.web.site import Site, here, reading, site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def find(kind: str, key: str, path: Callable[[str, str], str] = document_path) -> Entry:
    """The current description. Raises NotFound in the words of this door, and Withdrawn; a thing that has another key
    now is found at the path of that (RFC 9110 15.4.2)."""
    try:
        return reading().catalog.get(kind, key)
    except (NotFound, Withdrawn) as error:
        if moved := reading().catalog.moved(kind, key):
            abort(cached(redirect(here(path(kind, moved)), 301)))
        if isinstance(error, Withdrawn):
            raise
        if (kind, key) == DATASET:
            raise NotFound(Message("Nothing has been published here yet.")) from None
        raise NotFound(
            Message("%(kind)s “%(key)s” is not in this catalogue.", kind=Message(KINDS[kind]), key=key[:200])
        ) from None


def cached(response: BaseResponse) -> Response:
    """The answer with the time for which caches may keep it."""
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    return cast(Response, response)  # werkzeug's redirect gives Flask's own Response here


def address(name: tuple[str, str], offer: Format) -> str:
    """The reference to a representation from the page of this request."""
    return here(document_path(*name, offer.extension) + (f"?{offer.variant}" if offer.variant else ""))


class Choice(NamedTuple):
    """What is sent: a format by one of its media types, a page in a language. `location` is the address of what was
    negotiated, empty if the request named it itself."""

    format: Format
    media_type: str
    location: str = ""
    language: str = ""


class Head(NamedTuple):
    """What is known of an answer before its body: its headers, its ETag, whether it goes in gzip's coding, and whether
    the client has it already."""

    headers: list[tuple[str, str]]
    tag: str
    gzipped: bool
    not_modified: bool


def head(site: Site, environ: WSGIEnvironment, found: Look, choice: Choice) -> Head:
    """The headers of a 304, which are those of a 200, too (RFC 9110 15.4.5)."""
    gzipped = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    vary = "Accept, Accept-Profile, Accept-Datetime, Accept-Encoding" if choice.location else "Accept-Encoding"
    if choice.format.write is None:  # a page shows the labels of other things, so it changes with the release
        version, modified, vary = f"r{found.release}-{choice.language}", found.published, f"{vary}, Accept-Language"
    else:  # a graph changes with its version only
        version, modified = f"v{found.sequence}", found.modified
    tag = etag(f"{version}-{site.fingerprint}", choice.format, choice.media_type, gzipped)
    headers = [
        ("ETag", tag),
        ("Last-Modified", last_modified(modified)),
        ("Cache-Control", f"public, max-age={site.settings.CACHE_SECONDS}"),
        ("Vary", vary),
    ]
    if choice.location:
        headers.append(("Content-Location", choice.location))
    return Head(headers, tag, gzipped, has_it(environ, tag, modified))


def whole(
    site: Site, name: tuple[str, str], choice: Choice, head: Head, body: bytes, own_links: str = ""
) -> list[tuple[str, str]]:
    """The headers of a 200; `own_links` are those that only a page has."""
    is_page = choice.format.write is None
    links = site.links.header(name, page=is_page) + own_links
    headers = [*head.headers, ("Content-Type", content_type(choice.media_type)), ("Content-Length", str(len(body)))]
    if is_page:
        headers.append(("Content-Language", choice.language))
    if choice.format.profile:
        profile = site.resolver.profiles[choice.format.profile].iri
        links += f', <{profile}>; rel="profile"'
        headers.append(("Content-Profile", f"<{profile}>"))
    if head.gzipped:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Link", within(links, site.settings.LINK_HEADER_BYTES)))
    return headers


def represent(name: tuple[str, str], offer: Format, media_type: str, location: str = "") -> Response:
    """A representation; nothing is written if the client has it already (RFC 9110 13.1)."""
    here_ = site()
    found = look(here_.catalog, *name, offer.name)
    if found is None or found.withdrawn or found.base != here_.settings.base:
        find(*name, lambda kind, key: document_path(kind, key, "" if location else offer.extension))
        raise CatalogError("A release was published between two looks.")
    choice = Choice(offer, media_type, location, language())
    known = head(here_, request.environ, found, choice)
    if known.not_modified:
        return Finished(304, known.headers, b"")
    own_links = ""
    if offer.write is None:
        body, own_links = _page(name, known)
    elif found.body is not None:
        body = coded(found.body, True, known.gzipped)
    else:
        catalog = reading().catalog
        body = coded(offer.write(of_entry(here_.mapping, catalog, catalog.get(*name))), False, known.gzipped)
    return Finished(200, whole(here_, name, choice, known, body, own_links), body)


def cache_key(environ: WSGIEnvironment, tag: str) -> tuple[str, str]:
    """What a finished page is kept under: its links depend on where it is."""
    return environ["PATH_INFO"], tag


def finish(site: Site, key: tuple[str, str] | None, html: str, card: Card, gzipped: bool) -> Page:
    """A page as it is sent; it is kept under a key, if there is one."""
    body = html.encode()
    gates = time_gates(site.settings, card.contents[:MOST], card.accessed)
    links = [*([card.links] if card.links else []), *map(str, gates)]
    made = Page(gzip(body) if gzipped else body, "".join(f", {link}" for link in links))
    if key is not None:
        site.pages.put(key, made)
    return made


def _page(name: tuple[str, str], known: Head) -> Page:
    """The web page, made anew unless this process has it already. Lists that go on have a page for each part."""
    here_ = site()
    key = None if request.query_string else cache_key(request.environ, known.tag)
    kept = here_.pages.get(key) if key is not None else None
    return kept or finish(here_, key, *made_page(name), known.gzipped)
