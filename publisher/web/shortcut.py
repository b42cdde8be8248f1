"""The shortcut: what is asked for most is answered before Flask is asked.

Most requests to a site of linked data are for the data, the page or the unchanged state of one record, for a page of a
harvest, or short queries, and Flask's own part is most of their cost. They are answered here with the same functions
that the views use; whatever else a request is or asks for, goes on to the views, errors too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from publisher import card
from publisher.addresses import PLAIN_DOCUMENT, beside
from publisher.errors import CatalogError
from publisher.formats import BY_EXTENSION
from publisher.ready import Look, look
from publisher.web import inquiry, oai
from publisher.web.conditions import coded
from publisher.web.descriptions import ready_page
from publisher.web.headers import STANDARD
from publisher.web.languages import preferred
from publisher.web.page_cache import Page
from publisher.web.representation import Choice, Head, cache_key, finish, head, whole
from publisher.web.resolution import Asked
from publisher.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_STANDARD = [*STANDARD.items()]


class Shortcut:
    """A WSGI application before that of Flask."""

    def __init__(self, site: Site, views: WSGIApplication, lists: oai.Lists) -> None:
        self.site = site
        self.views = views
        self.lists = lists

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            answer = self._answer(environ)
        except (CatalogError, sqlite3.Error):
            answer = None
        if answer is None:
            return self.views(environ, start_response)
        status, headers, body = answer
        start_response(status, headers + _STANDARD)
        return body

    def _answer(self, environ: WSGIEnvironment) -> tuple[str, inquiry.Headers, Iterable[bytes]] | None:
        if "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ:
            return None
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if method == "GET" and path == oai.PATH:
            page = oai.answer_get(self.lists, environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_ENCODING", ""))
            return ("200 OK", page[0], [page[1]]) if page is not None else None
        if method == "GET" and path == inquiry.PATH:
            return inquiry.answer_get(self.site, environ)
        named = PLAIN_DOCUMENT.fullmatch(path) if method in ("GET", "HEAD") else None
        if named is None or environ.get("QUERY_STRING") or "HTTP_ACCEPT_DATETIME" in environ:
            return None
        answer = self._document(environ, *named.groups())
        if answer is None:
            return None
        status, headers, body = answer
        return status, headers, [body] if method == "GET" else []

    def _document(
        self, environ: WSGIEnvironment, kind: str, key: str, extension: str | None
    ) -> tuple[str, list[tuple[str, str]], bytes] | None:
        site = self.site
        if extension:
            offer = BY_EXTENSION.get(extension)
            if offer is None or kind not in offer.kinds or look(site.catalog, kind, f"{key}.{extension}", ""):
                return None
            media_type, location = offer.media_type, ""
        else:
            asked = Asked(environ.get("HTTP_ACCEPT", ""), environ.get("HTTP_ACCEPT_PROFILE", ""))
            chosen = site.resolver.choose(kind, asked)
            if chosen is None:
                return None
            offer, media_type = chosen
            location = beside(key, offer.extension, offer.variant)
        is_page = offer.write is None
        found = look(site.catalog, kind, key, card.NAME if is_page else offer.name, page=is_page)
        if found is None or found.withdrawn or found.base != site.settings.base:
            return None
        language = preferred(environ.get("HTTP_ACCEPT_LANGUAGE", "")) if is_page else ""
        choice = Choice(offer, media_type, location, language)
        known = head(site, environ, found, choice)
        if known.not_modified:
            return "304 Not Modified", known.headers, b""
        if is_page:
            page = self._page(environ, (kind, key), found, language, known)
            return page and ("200 OK", whole(site, (kind, key), choice, known, *page), page.body)
        if found.body is None:
            return None
        body = coded(found.body, True, known.gzipped)
        return "200 OK", whole(site, (kind, key), choice, known, body), body

    def _page(
        self, environ: WSGIEnvironment, name: tuple[str, str], found: Look, language: str, known: Head
    ) -> Page | None:
        """The web page that this process has kept, or that can be made of what is kept ready."""
        key = cache_key(environ, known.tag)
        page = self.site.pages.get(key)
        if page is None:
            made = ready_page(self.site, language, name, found)
            page = finish(self.site, key, *made, known.gzipped) if made is not None else None
        return page
