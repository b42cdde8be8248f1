"""Frames: what the pages of all things of a kind have in common in one language, made once and kept."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import render_template, request
from markupsafe import Markup, escape

from publisher.addresses import DATASET, document_path, segment, thing_path
from publisher.crosswalks.bibliography import title_of
from publisher.formats import formats_of
from publisher.web.languages import chosen, gettext, language
from publisher.web.links import KEY, elements
from publisher.web.pages import KINDS, query
from publisher.web.site import here, site

# stand for what differs from one page to the next; no encoding changes them
_QUERIED, _TITLE, _ABOUT, _HEAD, _CONTENT = (
    f"{name}~OF~THE~THING" for name in ("QUERIED", "TITLE", "ABOUT", "HEAD", "CONTENT")
)
_PLACES = re.compile(f"({'|'.join((KEY, _QUERIED, _TITLE, _ABOUT, _HEAD, _CONTENT))})")


class Frame:
    """A page without what it says of one thing; its parts are HTML with the places of what is to be put in."""

    def __init__(self, page: str, address: str, styles: str) -> None:
        self._page, self._address, self._styles = (_PLACES.split(part) for part in (page, address, styles))

    def page(self, key: str, title: str, about: str, head: str, content: str) -> str:
        """The whole page of the thing with a key; `about` is a sentence of it, `head` and `content` are HTML."""
        given = {_TITLE: str(escape(title)), _ABOUT: str(escape(about)), _HEAD: head, _CONTENT: content}
        return _fill(self._page, key, given)

    def address(self, key: str) -> Markup:
        """The part that says where a description is and in which formats."""
        return Markup(_fill(self._address, key))  # noqa: S704 -- a key is percent-encoded

    def styles(self, key: str) -> Markup:
        """The form that asks for the style of the citation."""
        return Markup(_fill(self._styles, key))  # noqa: S704


def _fill(parts: list[str], key: str, given: dict[str, str] | None = None) -> str:
    once = segment(key)
    filled = {KEY: once, _QUERIED: quote(once), **(given or {})}
    return "".join([filled.get(part, part) for part in parts])


def frame(kind: str) -> Frame:
    """The frame of a kind for this request. It is kept unless more than its language was asked for."""
    asked = (kind, language(), chosen())
    found = site().frames.get(asked)
    if found is None or request.args.keys() - {"lang"} or kind == DATASET[0]:
        found = _make(kind)
        if not request.args.keys() - {"lang"}:
            site().frames[asked] = found
    return found


def _make(kind: str) -> Frame:
    name = DATASET if kind == DATASET[0] else (kind, KEY)
    shared: dict[str, object] = {
        "kind": kind,
        "key": name[1],
        "thing": thing_path(*name),
        "signposts": elements(site().links.header(name, page=True), site().addresses, here),
        "query": query(site(), (kind, DATASET[1] if name == DATASET else _QUERIED)),
        "formats": [
            (gettext(offer.title), offer.media_type, here(document_path(*name, offer.extension)))
            for offer in formats_of(kind)
        ],
    }
    places = {"title": _TITLE, "description": _ABOUT, "head": _HEAD, "content": _CONTENT}
    return Frame(
        render_template("document.html", kind_name=gettext(KINDS[kind]), **shared, **places),
        render_template("address.html", **shared),
        _styles(shared) if kind == "resource" else "",
    )


def _styles(shared: dict[str, object]) -> str:
    chosen = request.args.get("style", "")
    offered = dict.fromkeys([*site().settings.CITATION_STYLES, *([chosen] if chosen else [])])
    return render_template("styles.html", style=chosen, titles={name: title_of(name) for name in offered}, **shared)
