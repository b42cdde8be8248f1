"""Signposts: the typed links of one resource: what it is, who made it, and the content itself.

FAIR Signposting (https://signposting.org/FAIR/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import escape

from publisher.addresses import Addresses
from publisher.crosswalks.types import types_of
from publisher.mapping import MEDIA_TYPES
from publisher.namespaces import SCHEMA
from publisher.view import Version

MOST = 10  # of a kind in a header, which servers refuse if it is long
_SIGNPOSTS = {"cite-as", "describedby", "describes", "item", "type", "author", "license", "linkset", "collection"}


class Link(NamedTuple):
    """One link of a description: its relations, separated by blanks, and the media type and the profile of its
    target, if they are known; `anchor` is where the link starts if not from the document."""

    target: str
    relation: str
    media_type: str = ""
    profile: str = ""
    anchor: str = ""

    def __str__(self) -> str:
        """As a Link header has it (RFC 8288 3), in ASCII."""
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        profile = f'; profile="{self.profile}"' if self.profile else ""
        anchor = f'; anchor="{uri(self.anchor)}"' if self.anchor else ""
        return f'<{uri(self.target)}>; rel="{self.relation}"{kind}{profile}{anchor}'


def elements(links: Iterable[Link], addresses: Addresses, reach: Callable[[str], str]) -> str:
    """The signposts of a page as elements of its head, for programs that see no headers; a relation each, since some
    compare them as they stand. References to pages of the site are relative, but that by which a thing is cited. Links
    whose meaning is in a profile or an anchor are left out, of which an element cannot tell."""
    found = []
    for link in links:
        for relation in link.relation.split() if not (link.profile or link.anchor) else ():
            if relation in _SIGNPOSTS:
                target = uri(link.target)
                ours = target.startswith(addresses.base) and relation != "cite-as"
                href = reach("/" + target.removeprefix(addresses.base)) if ours else target
                kind = f' type="{link.media_type}"' if link.media_type else ""
                found.append(f'<link rel="{relation}"{kind} href="{escape(href)}">\n')
    return "".join(found)


def uri(iri: str) -> str:
    """An IRI as a URI (RFC 3987 3.1)."""
    return iri if iri.isascii() else quote(iri, safe="!#$%&'()*+,/:;=?@[]~")


def own_links(version: Version) -> list[Link]:
    """The links that only this resource has."""
    view = version.view
    media_types = [iri.removeprefix(MEDIA_TYPES) for iri in view.iris("media_type")]
    media_type = media_types[0] if len(media_types) == 1 else ""
    return [
        Link(_secure(SCHEMA.AboutPage), "type"),
        Link(_secure(getattr(SCHEMA, types_of(view)["schema"])), "type"),
        *(Link(iri, "author") for iri in view.iris("creators")[:MOST]),
        *(Link(iri, "item", media_type) for iri in view.iris("formats")),
    ]


def _secure(term: str) -> str:
    """A term of schema.org as the profile of FAIR Signposting writes it."""
    return term.replace("http://", "https://", 1)
