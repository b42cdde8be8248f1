"""The home page: the search form, counts, and what is here for people and machines."""

from __future__ import annotations

from flask import Blueprint, render_template

from publisher.addresses import KINDS, document_path, search_path
from publisher.mapping.terms import slug
from publisher.search import Hits
from publisher.web.site import reading

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> str:
    catalog, release = reading().catalog, reading().release
    counts = {kind: catalog.count(kind) for kind in KINDS}
    overview = release.overview if release is not None else Hits(0, [], {})
    example = next(iter(catalog.by_ids(overview.ids).values()), None)
    return render_template(
        "home.html",
        counts=counts,
        asked={},
        updated=catalog.latest(),
        example=example.key if example is not None else "",
        keywords=[(text, document_path("concept", slug(text))) for text, _ in overview.facets.get("keyword", ())],
        countries=[(text, search_path(country=f'"{text}"')) for text, _ in overview.facets.get("country", ())],
        years=[(text, search_path(year=f'"{text}"')) for text, _ in overview.facets.get("year", ())],
    )
