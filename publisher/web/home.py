"""The home page: the search form, counts, and what is here for people and machines."""

from __future__ import annotations

from flask import Blueprint, render_template

from publisher.addresses import document_path, search_path
from publisher.mapping import places
from publisher.mapping.terms import slug
from publisher.record import Record
from publisher.search import values
from publisher.web.browse import THINGS
from publisher.web.languages import gettext
from publisher.web.site import Overview, here, reading

blueprint = Blueprint("home", __name__)
_SHOWN = 12  # frequent values of a facet


@blueprint.get("/")
def home() -> str:
    """Home: the search form, counts, and what is here for people and machines."""
    catalog, release = reading().catalog, reading().release
    overview = release.overview if release is not None else Overview([], {})
    entries = catalog.by_ids(overview.latest)
    latest = [entries[thing] for thing in overview.latest if thing in entries]
    counts = [(name, gettext(heading), catalog.count(kind)) for name, (kind, heading, _) in THINGS.items()]
    facets = overview.facets
    years = sorted((text for text, _ in facets.get("year", ())), key=int, reverse=True)
    return render_template(
        "home.html",
        counts=[row for row in counts if row[2]],
        asked={},
        updated=catalog.latest(),
        latest=[(entry.label, here(document_path(*entry.name)), _byline(entry.data["record"])) for entry in latest],
        example=latest[0].key if latest else "",
        frequent=[
            (
                "keywords",
                gettext("Frequent keywords"),
                "keywords",
                [(text, here(document_path("concept", slug(text)))) for text, _ in facets.get("keyword", ())[:_SHOWN]],
            ),
            (
                "countries",
                gettext("Places"),
                "countries",
                [(text, here(document_path("place", _place(text)))) for text, _ in facets.get("country", ())[:_SHOWN]],
            ),
            ("years", gettext("Years"), "years", [(text, here(search_path(year=text))) for text in years[:_SHOWN]]),
        ],
    )


def _place(text: str) -> str:
    found = places.find(text)
    return found.key if found is not None else slug(text)


def _byline(record: dict[str, object]) -> list[str]:
    fields = values(Record.from_json(record))
    return [*fields["author"], *fields["year"]]
