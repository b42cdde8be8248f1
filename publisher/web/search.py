"""The search door: the catalogue's own form, and results labelled as its readers know them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from publisher.addresses import document_path, search_path
from publisher.mapping import agents
from publisher.mapping.terms import slug
from publisher.record import Record
from publisher.search import FIELDS, MOST, Hits, values
from publisher.web.site import reading, site

blueprint = Blueprint("search", __name__)
SORTS = {"": "relevance", "-year": "newest first", "year": "oldest first", "title": "title"}


@blueprint.get("/search")
def search() -> Response:
    settings = site().settings
    asked = {name: text for name in (*FIELDS, "q") if (text := request.args.get(name, "").strip()[:500])}
    sort = request.args.get("sort", "")
    sort = sort if sort in SORTS else ""
    page = max(1, request.args.get("page", 1, type=int))
    size = min(settings.PAGE_SIZE, settings.MAX_PAGE_SIZE)
    page = min(page, max(1, MOST // size))
    here = reading()
    index = here.release.index if here.release is not None else None
    hits = index.search(asked, (page - 1) * size, size, sort) if index is not None else Hits(0, [], {})
    entries = here.catalog.by_ids(hits.ids)
    found = [_result(entries[thing].key, entries[thing].data["record"]) for thing in hits.ids if thing in entries]
    arguments: dict[str, str | int] = {**asked, "sort": sort}
    last = min(hits.count, MOST)
    html = render_template(
        "search.html",
        asked=asked,
        without={name: search_path(**{**arguments, name: ""}) for name in asked},
        sort=sort,
        sorts=[(value, label, search_path(**{**arguments, "sort": value})) for value, label in SORTS.items()],
        start=search_path(**arguments),
        count=hits.count,
        first=(page - 1) * size + 1,
        results=found,
        facets={name: [_facet(arguments, name, *row) for row in rows] for name, rows in hits.facets.items()},
        previous=search_path(**arguments, page=page - 1) if page > 1 else "",
        following=search_path(**arguments, page=page + 1) if page * size < last else "",
        most=MOST if hits.count > MOST and page * size >= MOST else 0,
    )
    return Response(html, headers={"Cache-Control": f"public, max-age={settings.CACHE_SECONDS}"})


def _result(key: str, record: dict[str, Any]) -> dict[str, Any]:
    """One result: the fields of the page it was read from, and the pages of what they name."""
    fields = values(Record.from_json(record))
    keys = {("concept", text): slug(text) for text in fields["keyword"]}
    keys |= {("agent", text): agents.parse(text).key for text in fields["author"]}
    links = {text: document_path(kind, key) for (kind, text), key in keys.items() if key}
    return {"path": document_path("resource", key), "fields": fields, "links": links}


def _facet(arguments: dict[str, str | int], name: str, text: str, count: int) -> tuple[str, int, str, bool]:
    """One value of a facet, its count, the search that it narrows this one to, and whether it has done so already."""
    phrase = ('"' + text.replace('"', " ") + '"') if '"' in text else f'="{text}"'
    asked = str(arguments.get(name, ""))
    if phrase in asked:
        return text, count, search_path(**{**arguments, name: asked.replace(phrase, "").strip()}), True
    return text, count, search_path(**{**arguments, name: f"{asked} {phrase}".strip()}), False
