"""Signposts: the typed links of one resource: what it is, who made it, and the content itself.

FAIR Signposting (https://signposting.org/FAIR/).
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from publisher.crosswalks.types import types_of
from publisher.mapping import MEDIA_TYPES
from publisher.namespaces import SCHEMA
from publisher.view import Version

MOST = 10  # of a kind in a header, which servers refuse if it is long


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
