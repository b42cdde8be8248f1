"""Which statement of a record comes from which field and line of what was read: nothing is said that is not there."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Blueprint, Response, render_template, request

from publisher.addresses import document_path
from publisher.mapping.explanation import written
from publisher.record import Record
from publisher.web.languages import gettext, language
from publisher.web.site import here, reading, site
from publisher.web.words import label

blueprint = Blueprint("origins", __name__)


@dataclass
class Row:
    """A value as the source has it, its lines there (0: the source has none), and the statements that come from it."""

    label: str
    text: str
    first: int
    last: int
    statements: list[str] = field(default_factory=list)


@blueprint.get("/doc/<any(resource):kind>/<key:key>/source")
def origins(kind: str, key: str) -> Response:
    """The lines of a record as it was read, and beside each field what it became."""
    entry = reading().catalog.get(kind, key)
    record = Record.from_json(entry.data["record"])
    html = render_template(
        "origins.html",
        entry=entry,
        rows=_rows(record),
        source=record.source,
        lines=list(enumerate(record.source.text.splitlines(), record.source.first_line or 1)),
        document=here(document_path(*entry.name)),
    )
    response = Response(html, headers={"Cache-Control": f"public, max-age={site().settings.CACHE_SECONDS}"})
    response.add_etag()
    response.make_conditional(request)
    return response


def _rows(record: Record) -> list[Row]:
    mapping = site().mapping
    prefixes = {iri: prefix for prefix, iri in mapping.context.prefixes.items()}
    rows: dict[object, Row] = {}
    for statement, origin in mapping.describe(record, explain=True).origins.items():
        value = origin.value
        if origin not in rows:
            rows[origin] = Row(
                label(origin.attribute, language()) if origin.attribute else gettext("Of every description"),
                value.text if value is not None else "",
                value.first_line if value is not None else 0,
                value.last_line if value is not None else 0,
            )
        rows[origin].statements.append(written(statement, site().addresses.base, prefixes))
    # in the order of the source; what has no line of its own comes after it
    return sorted(rows.values(), key=lambda row: (row.first == 0, row.first))
