"""Conditions: what tells one state and coding of a representation from another, and whether a client has it already."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.http import http_date, parse_date, parse_etags

from publisher.formats import Format
from publisher.packing import gunzip, gzip
from publisher.web.negotiation import parse_codings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def etag(version: str, offer: Format, media_type: str, gzipped: bool) -> str:
    """A strong ETag: each representation has its own, in each coding and under each media type."""
    other = "" if media_type == offer.media_type else f"-{offer.aliases.index(media_type) + 1}"
    variant = f"?{offer.variant}" if offer.variant else ""
    return f'"{version}-{offer.extension}{other}{variant}{"-gz" if gzipped else ""}"'


@lru_cache(1024)
def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip may be sent, and is liked no less than no coding at all (RFC 9110 12.5.3)."""
    weights = parse_codings(accept_encoding)
    gzip_weight = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip_weight > 0 and gzip_weight >= weights.get("identity", 0.0)


@lru_cache(1024)
def last_modified(time: str) -> str:
    """A time of the catalog as HTTP writes it."""
    return http_date(datetime.fromisoformat(time))


def has_it(environ: WSGIEnvironment, tag: str, modified: str) -> bool:
    """Whether the client has this state of the representation already; If-None-Match outweighs If-Modified-Since
    (RFC 9110 13.2.2)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        return has_tag(tags, tag)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    date = parse_date(since) if since else None
    return date is not None and datetime.fromisoformat(modified) <= date


def has_tag(tags: str, tag: str) -> bool:
    """Whether an If-None-Match header names a tag (RFC 9110 13.1.2)."""
    return tags == tag or parse_etags(tags).contains_weak(tag.strip('"'))


def is_refused(tags: str | None, since: str | None, tag: str, modified: str) -> bool:
    """Whether the client wants an answer only if this is the state that it knows, and it is not: `tags` are those of
    If-Match, which compares strongly and outweighs `since`, which is If-Unmodified-Since (RFC 9110 13.1.1, 13.1.4,
    13.2.2). All are as HTTP writes them."""
    if tags is not None:
        return not parse_etags(tags.strip()).contains_raw(tag)
    known, date = parse_date(since), parse_date(modified)
    return known is not None and date is not None and date > known


def coded(body: bytes, is_gzipped: bool, wanted: bool) -> bytes:
    """The bytes of a representation with or without the coding gzip, as is wanted."""
    if is_gzipped == wanted:
        return body
    return gzip(body) if wanted else gunzip(body)
