"""Our own terms, shapes and JSON-LD context, so that whoever meets them can look them up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import orjson
from flask import Blueprint, Response, render_template, request
from rdflib import Graph
from rdflib.namespace import RDFS

from publisher import resources
from publisher.formats import FORMATS, content_type
from publisher.readers.json import json_lines
from publisher.validation import Rule, Shapes, Text, in_language, local_files, own_files
from publisher.web.failures import NotAcceptable
from publisher.web.languages import language
from publisher.web.negotiation import choose
from publisher.web.site import here, site

blueprint = Blueprint("vocabulary", __name__)
RDFLIB = {"turtle": "turtle", "json-ld": "json-ld", "rdf-xml": "xml", "n-triples": "nt"}  # its names of our formats
SYNTAXES = tuple(((row.media_type, *row.aliases), RDFLIB[row.name]) for row in FORMATS if row.name in RDFLIB)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context: which property each attribute is."""
    return _cached(Response(site().mapping.context.text, content_type="application/ld+json"))


@blueprint.get("/record.schema.json")
def record_schema() -> Response:
    """What a line of JSON Lines may say (JSON Schema 2020-12), for programs that hand records over."""
    schema = {"$id": site().addresses.iri(request.path), **json_lines.schema()}
    return _cached(Response(orjson.dumps(schema, option=orjson.OPT_INDENT_2), content_type="application/schema+json"))


@blueprint.get("/ontology")
def ontology() -> Response:
    """The terms of our own."""
    texts = [resources.text("ontology/publisher.ttl", site().settings.base)]
    return _negotiated(texts, lambda graph: render_template("ontology.html", terms=_terms(graph)))


@blueprint.get("/shapes")
def shapes() -> Response:
    """The rules of the program and of the library's own, as a page with examples, and as they are."""
    settings = site().settings
    texts = [resources.text(name, settings.base) for name in own_files()]
    texts += [path.read_text("utf-8") for path in local_files(settings.SHAPES_DIR)]

    def page(_: Graph) -> str:
        found = Shapes(settings.base, settings.SHAPES_DIR)
        classes: dict[Text, list[Rule]] = {}
        for rule in found.described(language()):
            classes.setdefault(rule.of, []).append(rule)
        return render_template(
            "shapes.html", classes=sorted(classes.items(), key=lambda row: -len(row[1])), version=found.version
        )

    return _negotiated(texts, page)


def _negotiated(texts: Sequence[str], page: Callable[[Graph], str]) -> Response:
    """What some texts in Turtle say, all together, in the format that the client likes best."""
    offers = [("text/html",), *(names for names, _ in SYNTAXES)]
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], here(request.path)) for offer in offers])
    index, media_type = chosen
    response = Response(content_type=content_type(media_type))
    # weak, since the labels of blank nodes are others in each process
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()[:16]
    response.set_etag(f"{digest}-{index or language()}-{site().fingerprint}", weak=True)
    response.vary.add("Accept")
    _cached(response)
    if response.status_code == 304:
        return response
    graph = Graph()
    for text in texts:
        graph.parse(data=text, format="turtle")
    response.set_data(graph.serialize(format=SYNTAXES[index - 1][1]) if index else page(graph))
    return response


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.add_etag()  # of its bytes, if it has none
    response.make_conditional(request)
    return response


def _terms(graph: Graph) -> list[dict[str, str]]:
    """The terms of the ontology: name, label and comment, in the language of the page."""
    return sorted(
        (
            {
                "iri": str(term),
                "name": str(term).rpartition("#")[2],
                "label": in_language(graph, term, RDFS.label, language()),
                "comment": in_language(graph, term, RDFS.comment, language()),
            }
            for term in graph.subjects(RDFS.isDefinedBy)
        ),
        key=lambda term: term["name"],
    )
