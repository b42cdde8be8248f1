"""What the SPARQL editor in the browser needs: YASGUI, which the build brings, and the terms that it completes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, request
from rdflib import RDF, RDFS, Graph

from publisher import resources
from publisher.namespaces import OWN_PREFIX, namespaces
from publisher.web.policy import POLICY
from publisher.web.site import site

blueprint = Blueprint("editor", __name__)
# YASGUI's code editor and tables write style attributes; nothing else of the policy is given up, on this page only
EDITOR_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")


def has_editor() -> bool:
    """Whether the build could bring YASGUI; without it, the page has its plain form only."""
    return (Path(current_app.static_folder or "") / "yasgui" / "yasgui.min.js").is_file()


@blueprint.get("/sparql/vocabulary.json")
def vocabulary() -> Response:
    """Prefixes, classes and properties of the vocabularies that are pinned here, and our own."""
    response = Response(_terms(site().settings.base), content_type="application/json")
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def _terms(base: str) -> bytes:
    own = Graph().parse(data=resources.text("ontology/publisher.ttl", base), format="turtle")
    spaces = namespaces()
    terms = [
        (spaces[prefix] + row["term"], row["type"])
        for prefix in spaces
        for row in resources.table(f"ontology/vocabularies/{prefix}.csv")
    ]
    return orjson.dumps(
        {
            "prefixes": {**spaces, OWN_PREFIX: f"{base}ontology#"},
            "classes": sorted(
                {*(iri for iri, type_ in terms if type_ == "Class"), *map(str, own.subjects(RDF.type, RDFS.Class))}
            ),
            "properties": sorted(
                {*(iri for iri, type_ in terms if type_ == "Property"), *map(str, own.subjects(RDF.type, RDF.Property))}
            ),
        }
    )
