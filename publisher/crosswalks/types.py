"""Types: what other formats call the classes of our records, as `ontology/citation-types.csv` says it."""

from __future__ import annotations

from functools import cache

from publisher import resources
from publisher.namespaces import BIBO, namespaces
from publisher.view import View


@cache
def _rows() -> dict[str, dict[str, str]]:
    """IRI of a class -> its names, by format; in the order of the table."""
    known = namespaces()
    rows = {}
    for row in resources.table("ontology/citation-types.csv"):
        prefix, _, name = row["class"].partition(":")
        rows[known[prefix] + name] = row
    return rows


def types_of(view: View) -> dict[str, str]:
    """The names of a resource's class: `schema`, `csl`, `bibtex`, `ris`, `openurl` and `marcgt`
    (the MARC genre terms, empty where none fits). Of several classes one that says
    more than bibo:Document counts."""
    rows = _rows()
    found = [rows[iri] for iri in view.iris("type") if iri in rows]
    return next((row for row in found if row["class"] != "bibo:Document"), rows[BIBO.Document])
