"""Signposts: the typed links of one resource: what it is, who made it, and the content itself.

FAIR Signposting (https://signposting.org/FAIR/).
"""

from __future__ import annotations

from typing import NamedTuple

from publisher.crosswalks.types import types_of
from publisher.mapping import MEDIA_TYPES
from publisher.namespaces import SCHEMA
from publisher.view import Version

MOST_AUTHORS = 10  # in a header, which servers refuse if it is long


class Link(NamedTuple):
    """One link of a description: its relations, separated by blanks, and the media type and the profile of its
    target, if they are known."""

    target: str
    relation: str
    media_type: str = ""
    profile: str = ""

    def __str__(self) -> str:
        kind = f'; type="{self.media_type}"' if self.media_type else ""
        profile = f'; profile="{self.profile}"' if self.profile else ""
        return f'<{self.target}>; rel="{self.relation}"{kind}{profile}'


def own_links(version: Version) -> list[Link]:
    """The links that only this resource has."""
    view = version.view
    media_types = [iri.removeprefix(MEDIA_TYPES) for iri in view.iris("media_type")]
    media_type = media_types[0] if len(media_types) == 1 else ""
    return [
        Link(SCHEMA.AboutPage, "type"),
        Link(getattr(SCHEMA, types_of(view)["schema"]), "type"),
        *(Link(iri, "author") for iri in view.iris("creators")[:MOST_AUTHORS]),
        *(Link(iri, "item", media_type) for iri in view.iris("formats")),
    ]
