"""Lists of what there is, in order: authors, keywords, places, series and titles by letter, years and types."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from publisher.addresses import DATASET, browse_path, document_path, search_path
from publisher.errors import NotFound
from publisher.formats import HTML, formats_of
from publisher.mapping.terms import fold
from publisher.mentions import times_named
from publisher.message import Message
from publisher.web.languages import N_, gettext, of_content
from publisher.web.negotiation import choose
from publisher.web.site import here, reading, site

blueprint = Blueprint("browse", __name__)
# name -> kind of the things, heading, and the field of the form that they are a value of
THINGS = {
    "titles": ("resource", N_("Records"), "title"),
    "authors": ("agent", N_("Authors and publishers"), "author"),
    "keywords": ("concept", N_("Keywords"), "keyword"),
    "countries": ("place", N_("Places"), ""),
    "series": ("series", N_("Series, journals and books"), ""),
}
VALUES = {"years": ("year", N_("Years")), "types": ("type", N_("Types"))}
SHOWN = 100  # things on a page
_LETTERS = 100  # that are linked, those with most things; a text box leads anywhere

Row = tuple[str, str, int]  # text, address, how many records


@blueprint.get("/browse")
def overview() -> Response:
    """What there is to browse."""
    catalog, release = reading().catalog, reading().release
    counts = {name: catalog.count(kind) for name, (kind, _, _) in THINGS.items()}
    if release is not None:
        counts |= {name: len(release.overview.facets[facet]) for name, (facet, _) in VALUES.items()}
    rows = [(label, path, counts.get(name, 0)) for name, label, path in _facets()]
    return _page("", gettext("Browse"), [("", [row for row in rows if row[2]])])


@blueprint.get("/browse/<facet>")
def browse(facet: str) -> Response:
    """One list, or the page of it that comes after a place or begins at a text."""
    if facet in VALUES:
        return _values(facet)
    if facet not in THINGS:
        raise NotFound(Message("There is no list of “%(name)s” to browse here.", name=facet[:50]))
    kind, heading, field = THINGS[facet]
    catalog = reading().catalog
    begin = request.args.get("begin", "").strip()[:200]
    number, _, place = request.args.get("after", "").partition(".")
    is_cursor = number.isascii() and number.isdecimal() and len(number) < 18
    after = (place, int(number)) if is_cursor else (fold(begin), 0)
    rows = catalog.in_order(kind, SHOWN + 1, after)
    named = times_named(catalog, [row[0] for row in rows[:SHOWN]])
    following = f"{rows[SHOWN - 1][0]}.{rows[SHOWN - 1][3]}" if len(rows) > SHOWN else ""
    shown = [
        (text, here(document_path(kind, key)), named.get(thing, 0), place[:1])
        for thing, key, text, place in rows[:SHOWN]
    ]
    letters = sorted(sorted(catalog.initials(kind), key=lambda row: -row[1])[:_LETTERS])
    return _page(
        facet,
        gettext(heading),
        [(_letter(first), [row[:3] for row in group]) for first, group in groupby(shown, lambda row: _letter(row[3]))],
        field=field,
        introduction=_introduction(facet, catalog.count(kind)),
        letters=[(letter, count, here(browse_path(facet, begin=letter))) for letter, count in letters if letter],
        begin=begin,
        begins=is_cursor or bool(begin),
        following=here(browse_path(facet, after=following)) if following else "",
    )


@blueprint.get("/keywords")
def keywords() -> Response:
    """The concept scheme: 303 to the list of its concepts for people, for programs to the data set's document, which
    describes it."""
    offers = [(HTML,), *((row.media_type, *row.aliases) for row in formats_of(DATASET[0]) if row.media_type != HTML)]
    chosen = choose(request.headers.get("Accept"), offers)
    is_list = chosen is None or chosen[0] == 0
    response = redirect(here(browse_path("keywords") if is_list else document_path(*DATASET)), 303)
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.vary.add("Accept")
    return response  # type: ignore[return-value]  # werkzeug's redirect gives Flask's own Response here


def _letter(first: str) -> str:
    return "0–9" if first.isdigit() else first.upper()


def _introduction(facet: str, count: int) -> str:
    if facet != "keywords":
        return ""
    return gettext("The keywords of the catalogue are a concept scheme (SKOS); each has a page and an address.")


def _values(facet: str) -> Response:
    name, heading = VALUES[facet]
    release = reading().release
    found = release.overview.facets[name] if release is not None else []
    rows = [
        (
            gettext(text) if name == "type" else text,
            here(search_path(**{name: text if name == "year" else f'="{text}"'})),
            count,
        )
        for text, count in found
    ]
    if name == "type":
        return _page(facet, gettext(heading), [("", sorted(rows))] if rows else [])
    rows.sort(key=lambda row: int(row[0]), reverse=True)
    decades = [(f"{decade}0–{decade}9", list(group)) for decade, group in groupby(rows, lambda row: int(row[0]) // 10)]
    return _page(facet, gettext(heading), decades)


def _facets() -> list[tuple[str, str, str]]:
    rows = [(name, heading) for name, (_, heading, _) in THINGS.items()]
    rows += [(name, heading) for name, (_, heading) in VALUES.items()]
    return [(name, gettext(heading), here(browse_path(name))) for name, heading in rows]


def _page(facet: str, heading: str, groups: Iterable[tuple[str, list[Row]]], **more: Any) -> Response:
    settings = site().settings
    html = render_template(
        "browse.html",
        facet=facet,
        heading=heading,
        facets=_facets(),
        groups=[group for group in groups if group[1]],
        translated_content=of_content(settings.LANGUAGE) if facet in THINGS else "",
        **more,
    )
    response = Response(html, headers={"Cache-Control": f"public, max-age={settings.CACHE_SECONDS}"})
    response.add_etag()
    response.make_conditional(request)
    return response
