"""Frames: what the pages of all things of a kind have in common in one language, made once and kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import cast
from urllib.parse import quote

import orjson
from flask import render_template, request
from jinja2 import Environment
from markupsafe import Markup, escape

from publisher.addresses import DATASET, document_path, origins_path, report_path, segment, thing_path
from publisher.crosswalks import schema_org
from publisher.crosswalks.bibliography import title_of
from publisher.crosswalks.signposts import elements
from publisher.formats import formats_of
from publisher.web.languages import chosen, gettext, language, speaking
from publisher.web.links import KEY
from publisher.web.pages import KINDS, query
from publisher.web.site import here, site

_PLACES = re.compile(r"(~[a-z]+~OF~THE~THING)")


def _place(name: str) -> str:
    """What stands for that which differs from one page to the next; no encoding changes it."""
    return f"~{name}~OF~THE~THING"


class Frame:
    """A page in a language without what it says of one thing. `page` is its HTML with the places of what is to be put
    in, `shared` are such parts of the content, which `describe` makes of values; `publication` is JSON: what is said of
    every description."""

    def __init__(
        self,
        language: str,
        page: str,
        shared: dict[str, Markup],
        describe: Callable[[Mapping[str, object]], str],
        publication: str,
    ) -> None:
        self.language = language
        self._page = _PLACES.split(page)
        self._shared = shared
        self._describe = describe
        self._contents: dict[tuple[str | int, ...], list[str]] = {}
        self.publication = publication

    def page(self, key: str, title: str, about: str, head: str, content: str) -> str:
        """The whole page of the thing with a key; `about` is a sentence of it, `head` and `content` are HTML."""
        given = {"title": str(escape(title)), "about": str(escape(about)), "head": head, "content": content}
        return _fill(self._page, key, given)

    def content(self, key: str, given: Mapping[str, str], shown: Mapping[str, object]) -> str:
        """What the page says: `given` is HTML by name, and `shown` what may be said of it besides. If that is no more
        than `remarks`, the number of those of the validation, all is put into what this frame keeps of pages that have
        the same parts."""
        remarks = cast(int, shown.get("remarks", 0))
        if any(value for name, value in shown.items() if name != "remarks"):
            html = {name: Markup(text) for name, text in given.items()}  # noqa: S704 -- it is HTML
            shared = {name: Markup(_fill(_PLACES.split(text), key)) for name, text in self._shared.items()}  # noqa: S704
            return self._written({**shared, **html, **shown})
        names = [name for name, text in given.items() if text]
        kept = self._contents.get((remarks, *names))
        if kept is None:
            places = {name: Markup(_place(name)) for name in names}  # noqa: S704
            kept = _PLACES.split(self._written({**self._shared, **places, "remarks": remarks}))
            self._contents[remarks, *names] = kept
        return _fill(kept, key, given)

    def _written(self, values: Mapping[str, object]) -> str:
        with speaking(self.language):  # there may be no request to tell
            return self._describe(values)


def _fill(parts: list[str], key: str, given: Mapping[str, str] | None = None) -> str:
    once = segment(key)
    filled = {KEY: once, _place("queried"): quote(once)}
    filled |= {_place(name): text for name, text in (given or {}).items()}
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
    known: dict[str, object] = {
        "kind": kind,
        "key": name[1],
        "thing": thing_path(*name),
        "signposts": Markup(elements(site().links.of_kind(kind, True), site().addresses, here)),  # noqa: S704
        "query": query(site(), (kind, DATASET[1] if name == DATASET else _place("queried"))),
        "formats": [
            (gettext(offer.title), offer.media_type, here(document_path(*name, offer.extension)))
            for offer in formats_of(kind)
        ],
    }
    places = {"title": _place("title"), "description": _place("about"), "head": _place("head")}
    page = render_template(
        "document.html", kind_name=gettext(KINDS[kind]), **known, **places, content=_place("content")
    )
    shared = {"address": Markup(render_template("address.html", **known))}  # noqa: S704 -- Jinja has escaped it
    if kind == "resource":
        shared["styles"] = Markup(_styles(known))  # noqa: S704
        shared |= {"origins": Markup(here(origins_path(KEY))), "report": Markup(here(report_path(KEY)))}  # noqa: S704
        shared["iri"] = Markup(escape(site().addresses.thing(*name)))  # noqa: S704
    publication = orjson.dumps(schema_org.published_by(site().mapping)).decode().replace("<", "\\u003c")
    return Frame(language(), page, shared, partial(_describe, site().templates), publication)


def _describe(templates: Environment, values: Mapping[str, object]) -> str:
    return templates.get_template("description.html").render(values)


def _styles(known: dict[str, object]) -> str:
    chosen = request.args.get("style", "")
    offered = dict.fromkeys([*site().settings.CITATION_STYLES, *([chosen] if chosen else [])])
    return render_template("styles.html", style=chosen, titles={name: title_of(name) for name in offered}, **known)
