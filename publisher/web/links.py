"""Links: what a description is connected with (RFC 8288), for its Link header and as a link set (RFC 9264).

FAIR Signposting (https://signposting.org/FAIR/): a machine finds the thing, its formats, its licence and what belongs
to it without knowing this program.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import orjson

from publisher.addresses import DATASET, Addresses, segment, versions_path
from publisher.crosswalks.signposts import Link, own_links, uri
from publisher.formats import HTML, formats_of
from publisher.namespaces import namespaces
from publisher.profiles import profiles
from publisher.settings import Settings
from publisher.view import Version
from publisher.web.archive import time_gates

LINKSETS = {"linkset.json": "application/linkset+json", "linkset": "application/linkset"}  # by their extensions
_BETWEEN = re.compile(r", (?=<)")
KEY = "~key~OF~THE~THING"  # stands for what differs from one description to the next; no encoding changes it


class Links:
    """The links that every description of a kind has; the rest is that of the one description."""

    def __init__(self, settings: Settings, addresses: Addresses) -> None:
        self.settings = settings
        self.addresses = addresses
        self.profiles = profiles(addresses)
        self.of_kind = lru_cache(None)(self._of_kind)
        self._header = lru_cache(None)(lambda kind, page: ", ".join(map(str, self.of_kind(kind, page))))

    def header(self, name: tuple[str, str], *, page: bool = False) -> str:
        """The Link header of a document, or that of its web page, which is the landing page of the thing."""
        header: str = self._header(name[0], page)
        return header.replace(KEY, segment(name[1]))

    def _of_kind(self, kind: str, page: bool) -> list[Link]:
        addresses, name = self.addresses, DATASET if kind == DATASET[0] else (kind, KEY)
        document = addresses.document(*name)
        found = []
        for offer in formats_of(kind):
            # the metadata that a machine reads describe what the page shows people
            described = page and offer.media_type != HTML
            relation = "alternate describedby" if described else "alternate"
            found.append(Link(addresses.document(*name, offer.extension), relation, offer.media_type))
        for extension, media_type in LINKSETS.items():
            found.append(Link(addresses.document(*name, extension), "linkset", media_type))
        found.append(Link(document, "canonical"))
        # apart, since F-UJI takes two relations for one that it does not know
        found += [Link(addresses.thing(*name), "cite-as"), Link(addresses.thing(*name), "describes")]
        if name != DATASET:
            found.append(Link(addresses.iri(versions_path(*name)), "timemap", "application/link-format"))
            found.append(Link(document, "timegate"))
            found.append(Link(addresses.document(*DATASET), "collection"))
        if kind == "resource":  # what the validation says of this document (POWDER 4.1.4)
            found.append(Link(addresses.report(name[1]), "describedby", profile=namespaces()["sh"]))
        if self.settings.LICENSE:
            found.append(Link(self.settings.LICENSE, "license"))
        return found

    def linkset(self, version: Version) -> list[tuple[str, Link]]:
        """(context, link): all links of the page, those of each format back to it, and those of the content."""
        name, own = version.name, []
        if version.kind == "resource":
            accessed = next((said.text for said in version.view.document.get("source_accessed_on", ())), "")
            own = own_links(version) + time_gates(self.settings, version.view.iris("formats"), accessed)
        page = self.addresses.document(*name)
        models = {
            self.addresses.document(*name, offer.extension): self.profiles[offer.profile].iri
            for offer in formats_of(name[0])
            if offer.profile
        }
        common = []
        for link in self.of_kind(name[0], True):
            target = link.target.replace(KEY, segment(name[1]))
            # a header would be too long with them
            common.append(link._replace(target=target, profile=link.profile or models.get(target, "")))
        links = [*common, *own]
        found = [(link.anchor or page, link._replace(anchor="")) for link in links if link.relation != "linkset"]
        for link in links:
            if "describedby" in link.relation.split() and link.media_type:
                found.append((link.target, Link(page, "describes", HTML)))
            elif link.relation == "item":
                found.append((link.target, Link(page, "collection", HTML)))
        return found


def within(header: str, most: int) -> str:
    """A Link header of so many characters at most, since proxies refuse an answer whose headers are long. First go
    archived copies, then the formats that stand last in their list, then authors and contents; the link set has all."""
    if len(header) <= most:
        return header
    links = _BETWEEN.split(header)
    length = len(header)
    for sign in ("; anchor=", 'rel="alternate', 'rel="author', 'rel="item'):
        for link in [link for link in reversed(links) if sign in link]:
            if length <= most:
                break
            links.remove(link)
            length -= len(link) + 2
    return ", ".join(links)


def linkset_in(extension: str, links: Iterable[tuple[str, Link]]) -> bytes:
    """A link set in the form of an extension."""
    return _json(links) if extension.endswith("json") else _text(links)


def _json(links: Iterable[tuple[str, Link]]) -> bytes:
    """A link set in JSON (RFC 9264 4.2)."""
    contexts: dict[str, dict[str, list[dict[str, str]]]] = {}
    for context, link in links:
        known = {"href": uri(link.target), "type": link.media_type, "profile": link.profile}
        for relation in link.relation.split():
            targets = contexts.setdefault(uri(context), {}).setdefault(relation, [])
            targets.append({name: text for name, text in known.items() if text})
    rows = [{"anchor": context, **row} for context, row in contexts.items()]
    return orjson.dumps({"linkset": rows}, option=orjson.OPT_INDENT_2)


def _text(links: Iterable[tuple[str, Link]]) -> bytes:
    """A link set in the format of the Link header, a link a line (RFC 9264 4.1)."""
    return ",\n".join(f'{link}; anchor="{uri(context)}"' for context, link in links).encode() + b"\n"
