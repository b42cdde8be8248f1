"""The SPARQL endpoint: SPARQL 1.1 Protocol and Graph Store Protocol, reading only."""

from __future__ import annotations

from urllib.parse import parse_qs

from flask import Blueprint, Response, render_template, request
from pyoxigraph import RdfFormat, serialize

from publisher.errors import MalformedQuery, NotFound, QueryRefused
from publisher.formats import HTML, formats_of
from publisher.message import Message
from publisher.namespaces import OWN_PREFIX, namespaces
from publisher.query.service import describe
from publisher.web.answers import answer, tell_limits
from publisher.web.editor import EDITOR_POLICY, has_editor
from publisher.web.examples import examples
from publisher.web.failures import NotAcceptable, fail
from publisher.web.inquiry import BYTE_ORDER_MARK, GRAPHS, PATH
from publisher.web.negotiation import choose
from publisher.web.representation import address, represent
from publisher.web.site import site

blueprint = Blueprint("sparql", __name__)
blueprint.after_request(tell_limits)
_SYNTAXES = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD)  # of GRAPHS, HTML aside


@blueprint.route(PATH, methods=["GET", "POST"])
def sparql() -> Response:
    """A query is answered; without one, a browser gets the form and a program the service description."""
    arguments = _arguments()
    if isinstance(arguments, Response):
        return arguments
    if "update" in arguments:
        raise QueryRefused(Message("This endpoint answers queries only; it takes no updates."))
    queries = [text.removeprefix(BYTE_ORDER_MARK) for text in arguments.get("query", [])]
    if len(queries) > 1:
        raise MalformedQuery(
            Message("A request has exactly one query, this one has several (SPARQL 1.1 Protocol 2.1).")
        )
    if not queries or not queries[0].strip():
        if request.method == "POST" or queries:
            raise MalformedQuery(Message("The request holds no query."))
        return _description()
    return answer(queries[0], arguments)


def _arguments() -> dict[str, list[str]] | Response:
    """The parameters of the request by GET, form or direct POST (SPARQL 1.1 Protocol 2.1), or the refusal."""
    try:
        arguments = parse_qs(request.query_string.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        return fail(400, Message("The address is not in UTF-8, or its parameters cannot be told apart."))
    if request.method != "POST":
        return arguments
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return fail(415, Message("The body must be sent as it is, without a coding."), {"Accept-Encoding": "identity"})
    body = request.get_data(cache=False)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        return fail(415, Message("The body must be in UTF-8."))
    try:
        text = body.decode("utf-8")
        if request.mimetype == "application/x-www-form-urlencoded":
            form_arguments = parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
        elif request.mimetype == "application/sparql-query":
            form_arguments = {"query": [text]}
        elif request.mimetype == "application/sparql-update":
            form_arguments = {"update": [text]}
        else:
            wanted = "application/x-www-form-urlencoded or application/sparql-query"
            return fail(
                415,
                (
                    Message("The body must be %(wanted)s, not %(type)s.", wanted=wanted, type=request.content_type)
                    if request.content_type
                    else Message("The body must be %(wanted)s, and say so.", wanted=wanted)
                ),
            )
    except (UnicodeDecodeError, ValueError):
        return fail(400, Message("The body is not in UTF-8, or is no form."))
    for name, found in form_arguments.items():
        arguments[name] = [*arguments.get(name, []), *found]
    return arguments


def _description() -> Response:
    """The form, or the service description (SPARQL 1.1 Service Description 2)."""
    offers = [(HTML,), *(media_types for media_types, name, _ in GRAPHS if name != "html")]
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], "") for offer in offers])
    index, media_type = chosen
    if index == 0:
        page = render_template(
            "sparql.html", examples=examples().values(), limits=site().engine.limits, editor=has_editor()
        )
        response = Response(page, content_type=f"{HTML}; charset=utf-8")
        response.headers["Content-Security-Policy"] = EDITOR_POLICY
    else:
        prefixes = {prefix: namespaces()[prefix] for prefix in ("sd", "void", "rdfs", "xsd")}
        prefixes[OWN_PREFIX] = f"{site().addresses.ontology}#"
        embedded = not site().store.follows
        statements = describe(site().engine.limits, site().addresses, embedded=embedded)
        body = serialize(statements, format=_SYNTAXES[index - 1], prefixes=prefixes) or b""
        response = Response(body, content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.headers["Link"] = f'<{site().addresses.iri("/dataset")}>; rel="describedby"'
    response.vary.add("Accept")
    return response


@blueprint.get("/rdf-graph-store")
def graph_store() -> Response:
    """One graph, named indirectly (SPARQL 1.1 Graph Store HTTP Protocol 4.2, 5.2). Its own IRI, that of a document,
    names it directly."""
    named, default = request.args.getlist("graph"), "default" in request.args
    if len(named) + default != 1:
        raise MalformedQuery(Message("A graph is asked for by ?graph=IRI or by ?default, once."))
    if default:
        return answer("CONSTRUCT WHERE { ?s ?p ?o }", {})
    name = site().addresses.parse(named[0])
    if name is None or site().addresses.document(*name) != named[0]:
        raise NotFound(
            Message("There is no graph %(name)s here; the graphs have the addresses of documents.", name=named[0][:500])
        )
    offers = [offer for offer in formats_of(name[0]) if offer.name in ("turtle", "json-ld", "rdf-xml", "n-triples")]
    chosen = choose(request.headers.get("Accept"), [(offer.media_type, *offer.aliases) for offer in offers])
    if chosen is None:
        raise NotAcceptable([(offer.media_type, "") for offer in offers])
    offer = offers[chosen[0]]
    return represent(name, offer, chosen[1], address(name, offer))
