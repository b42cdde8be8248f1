"""Types: what other formats call the classes of our records, as `ontology/citation-types.csv` says it."""

from __future__ import annotations

from functools import cache

from publisher import resources
from publisher.namespaces import BIBO, namespaces
from publisher.view import View

SEMANTICS = "info:eu-repo/semantics/"
# the theses that OpenAIRE tells apart, by BIBO's degrees
_THESES = {"phd": "doctoralThesis", "ma": "masterThesis", "ms": "masterThesis"}


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
    """The names of a resource's class: `schema`, `csl`, `bibtex`, `ris`, `openurl`, `marcgt` (the MARC genre terms) and
    `openaire`, the last two empty where their lists have none. Of several classes one that says more than bibo:Document
    counts."""
    rows = _rows()
    found = [rows[iri] for iri in view.iris("type") if iri in rows]
    return next((row for row in found if row["class"] != "bibo:Document"), rows[BIBO.Document])


def semantics_of(view: View) -> list[str]:
    """What aggregators of repositories know the type by, as OpenAIRE's guidelines and BASE's rules want it; nothing
    where their list has no such type, or where the source has said one of it."""
    given = [*view.texts("types"), *view.iris("type_links")]
    degrees = [_THESES.get(iri.rpartition("/")[2], "") for iri in view.iris("degree_links")]
    name = types_of(view)["openaire"] or next(iter(degrees), "")
    return [SEMANTICS + name] if name and not any(text.startswith(SEMANTICS) for text in given) else []
