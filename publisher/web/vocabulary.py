"""Our own terms, shapes and JSON-LD context, so that whoever meets them can look them up."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, render_template, request
from rdflib import Graph
from rdflib.namespace import RDFS, SH

from publisher import resources
from publisher.web.failures import NotAcceptable
from publisher.web.negotiation import choose
from publisher.web.site import here, site

blueprint = Blueprint("vocabulary", __name__)
SYNTAXES = (
    ("text/turtle", "turtle"),
    ("application/ld+json", "json-ld"),
    ("application/rdf+xml", "xml"),
    ("application/n-triples", "nt"),
)


@blueprint.get("/context.jsonld")
def context() -> Response:
    return _cached(Response(site().mapping.context.text, content_type="application/ld+json"))


@blueprint.get("/ontology")
def ontology() -> Response:
    graph = Graph().parse(data=resources.text("ontology/publisher.ttl", site().settings.base), format="turtle")
    return _negotiated(graph, lambda: render_template("ontology.html", terms=_terms(graph)))


@blueprint.get("/shapes")
def shapes() -> Response:
    graph = Graph()
    for path in sorted(resources.folder("shapes").glob("*.ttl")):
        graph.parse(data=resources.text(f"shapes/{path.name}", site().settings.base), format="turtle")
    return _negotiated(graph, lambda: render_template("shapes.html", rules=_rules(graph)))


def _negotiated(graph: Graph, page: Callable[[], str]) -> Response:
    offers = [("text/html",), *((media_type,) for media_type, _ in SYNTAXES)]
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], here(request.path)) for offer in offers])
    index, media_type = chosen
    body = graph.serialize(format=SYNTAXES[index - 1][1]) if index else page()
    response = _cached(Response(body, content_type=f"{media_type}; charset=utf-8" if index < 2 else media_type))
    response.vary.add("Accept")
    return response


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _terms(graph: Graph) -> list[dict[str, str]]:
    """The terms of the ontology: name, label and comment."""
    return sorted(
        (
            {
                "iri": str(term),
                "name": str(term).rpartition("#")[2],
                "label": str(graph.value(term, RDFS.label)),
                "comment": str(graph.value(term, RDFS.comment)),
            }
            for term in graph.subjects(RDFS.isDefinedBy)
        ),
        key=lambda term: term["name"],
    )


def _rules(graph: Graph) -> list[dict[str, str]]:
    """The rules, the grave ones first: name, field, severity and message."""
    severities = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
    order = list(severities.values())
    rules = [
        {
            "name": str(rule).rpartition("#")[2],
            "field": str(graph.value(rule, SH.name)),
            "severity": severities[graph.value(rule, SH.severity)],  # type: ignore[index]  # a test sees to it
            "message": str(graph.value(rule, SH.message)),
        }
        for rule in graph.subjects(SH.message)
    ]
    return sorted(rules, key=lambda rule: (order.index(rule["severity"]), rule["field"], rule["name"]))
