"""What the site offers to programs, as OpenAPI 3.1: made from the routes themselves, so that none can be missing.

A view says in the first sentence of its doc string what it gives; the tables here say what a route cannot: the
parameters of the query, and the media types.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.routing import Rule

from publisher import __version__
from publisher.addresses import DATASET
from publisher.formats import FORMATS, formats_of
from publisher.search import FIELDS
from publisher.web.failures import PROBLEM
from publisher.web.site import site

blueprint = Blueprint("openapi", __name__)
HTML, JSON, XML, TEXT, CSV = "text/html", "application/json", "application/xml", "text/plain", "text/csv"
TURTLE, JSON_LD, RDF_XML, N_TRIPLES = (
    "text/turtle",
    "application/ld+json",
    "application/rdf+xml",
    "application/n-triples",
)
TRIG = "application/trig"
RDF = (TURTLE, JSON_LD, RDF_XML, N_TRIPLES)
ATOM, JSON_LINES, ACTIVITY, GZIP = (
    "application/atom+xml",
    "application/jsonl",
    "application/activity+json",
    "application/gzip",
)
RESULTS = ("application/sparql-results+json", "application/sparql-results+xml", CSV, "text/tab-separated-values")

# by endpoint: the media types of its answers; by default a page
ANSWERS: dict[str, tuple[str, ...]] = {
    "changes.collection": (ACTIVITY, JSON_LD, JSON, HTML, ATOM, JSON_LINES),
    "changes.collection_page": (ACTIVITY, JSON_LD, JSON, HTML),
    "changes.feed": (ATOM,),
    "changes.patches": ("application/rdf-patch",),
    "changes.stream": (TRIG,),
    "changes.stream_node": (TRIG,),
    "changes.stream_page": (TRIG,),
    "documents.document": (*(row.media_type for row in FORMATS), JSON),  # an explanation
    "documents.dataset": (*(row.media_type for row in formats_of(DATASET[0])), JSON),
    "dumps.file": (GZIP, JSON_LD, TEXT),
    "dumps.listing": (HTML, JSON_LD, JSON, TURTLE),
    "editor.vocabulary": (JSON,),
    "examples.example": (HTML, *RESULTS, *RDF),
    "lists.capability_list": (XML,),
    "lists.change_dump": (XML,),
    "lists.change_dump_part": ("application/zip",),
    "lists.change_list": (XML,),
    "lists.change_list_part": (XML,),
    "lists.index": (XML,),
    "lists.resource_dump": (XML,),
    "lists.resource_dump_part": ("application/zip",),
    "lists.resource_list": (XML,),
    "lists.resource_list_part": (XML,),
    "lists.sitemap": (XML,),
    "lists.source_description": (XML,),
    "metrics.metrics": (TEXT,),
    "mementos.changes_of_version": (HTML, TEXT, JSON),
    "mementos.version": tuple(row.media_type for row in FORMATS),
    "mementos.versions": (HTML, "application/link-format", TEXT, JSON),
    "oai.oai": ("text/xml",),
    "oai.receipt": (JSON,),
    "oai.record_schema": (XML,),
    "openapi.description": (JSON,),
    "operations.health": (JSON,),
    "operations.robots": (TEXT,),
    "reconcile.flyout": (JSON,),
    "reconcile.properties": (JSON,),
    "reconcile.service": (JSON, HTML),
    "reconcile.suggest_entity": (JSON,),
    "reconcile.suggest_property": (JSON,),
    "reconcile.suggest_type": (JSON,),
    "search.search": (HTML, JSON, CSV, ATOM, TURTLE, JSON_LD),
    "search.search_in_one_format": (JSON, CSV, ATOM, TURTLE, JSON_LD),
    "sparql.graph_store": RDF,
    "sparql.sparql": (HTML, *RESULTS, *RDF),
    "suggestions.description": ("application/opensearchdescription+xml",),
    "suggestions.suggest": ("application/x-suggestions+json", JSON),
    "unapi.unapi": (XML,),
    "validation.report": (HTML, *RDF),
    "validation.summary": (HTML, *RDF, CSV),
    "vocabulary.context": (JSON_LD,),
    "vocabulary.ontology": (HTML, *RDF),
    "vocabulary.record_schema": ("application/schema+json",),
    "vocabulary.shapes": (HTML, *RDF),
}
REDIRECTS = (
    "documents.thing",
    "documents.void",
    "documents.described_with_the_dataset",
    "browse.keywords",
    "reconcile.view",
)
_PAGING = {"after": "the place that the page comes after", "before": "the place that the page comes before"}
# by endpoint: the parameters of the query, or of the form of a POST; a whole number where a # follows the name, and
# then the least that it may be, if that is not 0
PARAMETERS: dict[str, dict[str, str]] = {
    "browse.browse": {**_PAGING, "begin": "letters with which the page begins"},
    "changes.collection": {"since#": "sequence number after which to begin: JSON Lines", "limit#1": "how many at most"},
    "changes.patches": {"since#": "sequence number after which to begin", "limit#1": "how many at most"},
    "documents.document": {
        "role": "only what names the thing in this role",
        "after#": "the place that the page comes after",
        "style": "the citation style of a page and of a citation as text, by its name in the repository of CSL",
        "locale": "the language of what a citation style says, such as de or en-GB",
        "_profile": "token or IRI of a profile, which outweighs Accept-Profile; alt lists them",
        "_mediatype": "a media type or an extension, which outweighs Accept",
        "_explain": "html, json or nothing: how the format is chosen, instead of the document",
        "accept": "of an explanation: the Accept header to explain",
        "accept_profile": "of an explanation: the Accept-Profile header to explain",
    },
    "examples.example": {"format": "csv, json, xml, tsv; of graphs turtle, nt, rdfxml, jsonld; rq is the query"},
    "mementos.changes_of_version": {"since": "the version to compare with; the one before it without it"},
    "oai.oai": {
        "verb": "Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords or GetRecord",
        "metadataPrefix": "the format",
        "identifier": "the OAI identifier of a record",
        "from": "first day or second",
        "until": "last day or second",
        "set": "the set",
        "resumptionToken": "where to go on",
    },
    "oai.receipt": {"set": "the set; everything without it", "until": "the moment; now without it"},
    "unapi.unapi": {"id": "IRI of a record; the list of formats without it", "format": "mods, ris, bibtex or oai_dc"},
    "reconcile.flyout": {"id": "an entity, such as resource/123404"},
    "reconcile.preview": {"id": "an entity, such as resource/123404"},
    "reconcile.properties": {"type": "the type", "limit#1": "how many at most"},
    "reconcile.service": {
        "queries": "a JSON object of queries",
        "query": "one query, as text or JSON",
        "extend": "a JSON object with ids and properties",
    },
    "reconcile.suggest_entity": {
        "prefix": "what was typed",
        "type": "only of this type",
        "cursor#": "how many to pass",
    },
    "reconcile.suggest_property": {"prefix": "what was typed"},
    "reconcile.suggest_type": {"prefix": "what was typed"},
    "reconcile.view": {"id": "an entity, such as resource/123404"},
    "search.search": {
        "q": "words in any field",
        **{name: f"words in the field {label}" for name, label in FIELDS.items()},
        "type": "the class of a record",
        "record": "the key of a record, again for each record of a list",
        "more": "a facet of which all values are shown",
        "sort": "year, -year, title or -added; by relevance without it",
        "size#1": "results on a page",
        **_PAGING,
    },
    "sparql.graph_store": {"graph": "the IRI of a graph", "default": "without a value: the default graph"},
    "sparql.sparql": {
        "query": "SPARQL 1.1; without it the service description, or the form",
        "default-graph-uri": "a graph of the default graph",
        "named-graph-uri": "a named graph",
        "format": "json, xml, csv, tsv, html; of graphs turtle, nt, rdfxml, jsonld, html",
    },
    "suggestions.suggest": {"q": "what was typed", "field": "the field"},
    "validation.quarantine": {"after#": "the place that the page comes after"},
    "validation.records": {"rule": "the IRI of the rule", "after#": "the place that the page comes after"},
}
PARAMETERS["search.search_in_one_format"] = PARAMETERS["search.search"]


@blueprint.get("/openapi.json")
def description() -> Response:
    """This description (OpenAPI 3.1)."""
    response = Response(orjson.dumps(describe(current_app)), content_type=JSON)
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


def describe(app: Flask) -> dict[str, Any]:
    """The description of everything that the application routes."""
    settings = site().settings
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for path, places in _paths(rule):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                paths.setdefault(path, {})[method.lower()] = _operation(app, rule, path, places, method)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.TITLE,
            "version": __version__,
            "description": "Every answer is open to scripts of any origin; errors are problem details (RFC 9457).",
            "contact": {"email": settings.ADMIN_EMAIL},
        },
        "servers": [{"url": settings.base.rstrip("/")}],
        "paths": paths,
        "components": {"responses": {"Problem": _PROBLEM}},
    }


_PROBLEM = {
    "description": "What is wrong, in words.",
    "content": {
        PROBLEM: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        },
        HTML: {},
    },
}
_PLACE = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>")


def _paths(rule: Rule) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The templated paths of a rule, with the parameters in them. A place with a few choices gives a path for each,
    since OpenAPI has no two templates that differ in the names of their parameters only."""
    places = list(_PLACE.finditer(rule.rule))
    choices = [place["choices"].split(",") if place["choices"] else [None] for place in places]
    for chosen in product(*choices):
        path, parameters = rule.rule, []
        for place, choice in zip(places, chosen, strict=True):
            path = path.replace(place[0], choice or f"{{{place['name']}}}", 1)
            if choice is None:
                schema = {"type": "integer", "minimum": 1} if place["kind"] == "int" else {"type": "string"}
                parameters.append({"name": place["name"], "in": "path", "required": True, "schema": schema})
        yield path, parameters


def _operation(app: Flask, rule: Rule, path: str, places: list[dict[str, Any]], method: str) -> dict[str, Any]:
    endpoint = rule.endpoint
    text = inspect.getdoc(app.view_functions[endpoint]) or ""
    if endpoint == "static":
        text = "A style sheet, script or image of the pages."
    given = [_parameter(name, meaning) for name, meaning in PARAMETERS.get(endpoint, {}).items()]
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()} {path}",
        "summary": re.split(r"(?<=[.:;])\s", " ".join(text.split()), maxsplit=1)[0],
        "tags": [endpoint.partition(".")[0]],
        "parameters": places + (given if method == "GET" else []),
        "responses": {"default": {"$ref": "#/components/responses/Problem"}},
    }
    if endpoint in REDIRECTS:
        operation["responses"]["303"] = {"description": "The address to go to, in Location."}
    else:
        content: dict[str, Any] = {media_type: {} for media_type in ANSWERS.get(endpoint, (HTML,))}
        answer = {"description": "The answer."} | ({"content": content} if endpoint != "static" else {})
        operation["responses"]["200"] = answer
    if method == "POST":
        properties = {row["name"]: row["schema"] for row in given}
        form = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": properties}}}
        query: dict[str, Any] = {"application/sparql-query": {"schema": {"type": "string"}}}
        operation["requestBody"] = {"content": form | (query if endpoint == "sparql.sparql" else {})}
    return operation


def _parameter(name: str, meaning: str) -> dict[str, Any]:
    name, is_number, least = name.partition("#")
    schema = {"type": "integer", "minimum": int(least or 0)} if is_number else {"type": "string"}
    return {"name": name, "in": "query", "description": meaning, "schema": schema}
