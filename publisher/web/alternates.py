"""The alternates view: in which profiles and formats a description is to be had (Content Negotiation by Profile, 6.2).

`?_profile=alt` at the address of a document; a page, JSON, and all of it in the Link header.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import orjson
from flask import Response, render_template, request

from publisher.formats import HTML, Format, formats_of
from publisher.profiles import Profile
from publisher.web.failures import NotAcceptable
from publisher.web.headers import add
from publisher.web.languages import N_
from publisher.web.negotiation import choose
from publisher.web.representation import address
from publisher.web.resolution import Asked
from publisher.web.site import site

ALTERNATES = ("alt", "all", "http://www.w3.org/ns/dx/connegp/altr")  # names of this view, the first is its token
# titles of profiles and formats, for the translators
_TITLES = (
    N_("Dublin Core and BIBO"),
    N_("Dublin Core, fifteen elements"),
    N_("Dublin Core, terms"),
    N_("Web page"),
    N_("DC terms"),
    N_("Citation as text"),
    N_("Record as kept"),
    N_("Record as read"),
)
PROFILE = "http://www.w3.org/ns/dx/prof/Profile"


class Row(NamedTuple):
    """One profile and the formats that it comes in; the default is what is sent if none is asked for."""

    profile: Profile
    default: bool
    offers: list[Format]


def alternates(name: tuple[str, str], asked: Asked) -> Response:
    offers = formats_of(name[0])
    default = next(offer.profile for offer in offers if offer.profile)
    rows = [
        Row(profile, token == default, [offer for offer in offers if offer.profile == token])
        for token, profile in site().resolver.profiles.items()
        if any(offer.profile == token for offer in offers)
    ]
    accept = asked.media_type.replace(" ", "+") or asked.accept  # a plus sign in an address is a space
    chosen = choose(accept, [(HTML,), ("application/json", "application/ld+json")])
    if chosen is None:
        raise NotAcceptable([(HTML, ""), ("application/json", "")])
    if chosen[0] == 0:
        body = render_template("alternates.html", name=name, rows=rows, address=address)
        response = Response(body, content_type=f"{HTML}; charset=utf-8")
    else:
        response = Response(_json(name, rows), content_type="application/json")
    response.headers["Link"] = ", ".join(_links(name, rows))
    response.headers["Content-Profile"] = f"<{ALTERNATES[2]}>"
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.headers["Vary"] = "Accept"
    response.add_etag()
    response.make_conditional(request)
    return add(response)


def _json(name: tuple[str, str], rows: list[Row]) -> bytes:
    addresses = site().addresses
    profiles = [
        {
            "token": row.profile.token,
            "profile": row.profile.iri,
            "title": row.profile.title,
            "default": row.default,
            "representations": [
                {"type": offer.media_type, "title": offer.title, "url": addresses.document(*name, offer.extension)}
                for offer in row.offers
            ],
        }
        for row in rows
    ]
    document = {"resource": addresses.document(*name), "profiles": profiles}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _links(name: tuple[str, str], rows: list[Row]) -> Iterator[str]:
    """The profiles with their tokens, and each representation with its profile."""
    yield f'<{ALTERNATES[2]}>; rel="profile"'
    for row in rows:
        yield f'<{PROFILE}>; rel="type"; token="{row.profile.token}"; anchor="{row.profile.iri}"'
        for place, offer in enumerate(row.offers):
            relation = "canonical" if row.default and not place else "alternate"
            url = site().addresses.document(*name, offer.extension)
            yield f'<{url}>; rel="{relation}"; type="{offer.media_type}"; formats="{row.profile.iri}"'
