"""Our own terms, shapes and JSON-LD context, so that whoever meets them can look them up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

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
    return _negotiated(["ontology/publisher.ttl"], lambda graph: render_template("ontology.html", terms=_terms(graph)))


@blueprint.get("/shapes")
def shapes() -> Response:
    names = sorted(f"shapes/{path.name}" for path in resources.folder("shapes").glob("*.ttl"))
    return _negotiated(names, lambda graph: render_template("shapes.html", rules=_rules(graph)))


def _negotiated(names: Iterable[str], page: Callable[[Graph], str]) -> Response:
    """What some Turtle files of the program say, all together, in the format that the client likes best."""
    offers = [("text/html",), *((media_type,) for media_type, _ in SYNTAXES)]
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], here(request.path)) for offer in offers])
    index, media_type = chosen
    texts = [resources.text(name, site().settings.base) for name in names]
    response = Response(content_type=f"{media_type}; charset=utf-8" if index < 2 else media_type)
    # weak, since the labels of blank nodes are others in each process
    digest = hashlib.sha256("".join(texts).encode()).hexdigest()[:16]
    response.set_etag(f"{digest}-{index}-{site().fingerprint}", weak=True)
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
