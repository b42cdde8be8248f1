"""The SPARQL endpoint: SPARQL 1.1 Protocol, queries only."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import orjson
from flask import Blueprint, Response, g, render_template, request
from pyoxigraph import RdfFormat, parse, serialize

from publisher.errors import MalformedQuery, QueryRefused
from publisher.formats import HTML
from publisher.namespaces import namespaces
from publisher.query import Answer, form
from publisher.web.failures import NotAcceptable, fail
from publisher.web.negotiation import choose
from publisher.web.site import here, reading, site

blueprint = Blueprint("sparql", __name__)

Kinds = tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]
# media types; the name of the format for the engine and in `format=`, "html" being made of another; and its other names
# there, which SPARQLWrapper sends
RESULTS = (
    (("application/sparql-results+json", "application/json"), "json", ()),
    (("application/sparql-results+xml", "application/xml", "text/xml"), "xml", ()),
    (("text/csv",), "csv", ()),
    (("text/tab-separated-values",), "tsv", ()),
    ((HTML,), "html", ()),
)
GRAPHS = (
    (("text/turtle", "application/x-turtle"), "turtle", ("ttl", "n3")),
    (("application/n-triples", "text/plain"), "nt", ("ntriples",)),
    (("application/rdf+xml", "application/xml", "text/xml"), "rdfxml", ("xml", "rdf", "rdf+xml")),
    (("application/ld+json", "application/json"), "jsonld", ("json", "json-ld")),
    ((HTML,), "html", ()),
)
_FOR_PEOPLE = {True: "turtle", False: "json"}  # what the page of a result is made of: a graph's, a table's
_SYNTAXES = (RdfFormat.TURTLE, RdfFormat.N_TRIPLES, RdfFormat.RDF_XML, RdfFormat.JSON_LD)  # of GRAPHS, HTML aside
_GRAPH_FORMATS = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")  # names in http://www.w3.org/ns/formats/
_CHUNK = 65_536
# a title and a query; the constant comes first, since a search from the other end takes thousands of times longer
EXAMPLES = (
    (
        "Records with a keyword",
        """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?record ?title WHERE {
  ?keyword skos:prefLabel "Probation"@en .
  ?record dcterms:subject ?keyword ; dcterms:title ?title .
} LIMIT 20
""",
    ),
    (
        "Who publishes most",
        """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
SELECT ?name (COUNT(?record) AS ?records) WHERE {
  ?record dcterms:publisher ?publisher .
  ?publisher foaf:name ?name .
} GROUP BY ?name ORDER BY DESC(?records) LIMIT 20
""",
    ),
    (
        "Records about a country, by year",
        """PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX bibo: <http://purl.org/ontology/bibo/>
SELECT ?year ?title ?pages WHERE {
  ?place skos:prefLabel "United Kingdom"@en .
  ?record dcterms:spatial ?place ; dcterms:title ?title ; dcterms:issued ?year .
  OPTIONAL { ?record bibo:numPages ?pages }
} ORDER BY ?year LIMIT 50
""",
    ),
)


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """A query is answered; without one, a browser gets the form and a program the service description."""
    arguments = _arguments()
    if isinstance(arguments, Response):
        return arguments
    if "update" in arguments:
        raise QueryRefused("This endpoint answers queries only; it takes no updates.")
    queries = arguments.get("query", [])
    if len(queries) > 1:
        raise MalformedQuery("A request has exactly one query, this one has several (SPARQL 1.1 Protocol 2.1).")
    if not queries or not queries[0].strip():
        if request.method == "POST" or queries:
            raise MalformedQuery("The request holds no query.")
        return _description()
    g.query = queries[0]  # for the page of an error
    return _answer(queries[0], arguments)


def _arguments() -> dict[str, list[str]] | Response:
    """The parameters of the request by GET, form or direct POST (SPARQL 1.1 Protocol 2.1), or the refusal."""
    arguments = request.args.to_dict(flat=False)
    if request.method != "POST":
        return arguments
    body = request.get_data(cache=False)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        return fail(415, "The body must be in UTF-8.")
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
            return fail(415, f"The body must be {wanted}, not {request.content_type or 'of no type'}.")
    except (UnicodeDecodeError, ValueError):
        return fail(400, "The body is not in UTF-8, or is no form.")
    for name, found in form_arguments.items():
        arguments[name] = [*arguments.get(name, []), *found]
    return arguments


def _answer(text: str, arguments: dict[str, list[str]]) -> Response:
    settings = site().settings
    if len(text) > settings.SPARQL_MAX_LENGTH:  # before it is looked at
        raise MalformedQuery(f"The query is longer than {settings.SPARQL_MAX_LENGTH:,} characters.")
    is_graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    media_type, output = _chosen(GRAPHS if is_graph else RESULTS, arguments)
    release = reading().release
    if release is None:
        return fail(503, "Nothing has been published here yet, so there is nothing to ask.", {"Retry-After": "60"})
    answer = site().engine.run(
        release.graph,
        text,
        _FOR_PEOPLE[is_graph] if output == "html" else output,
        base_iri=site().addresses.sparql,
        default_graphs=arguments.get("default-graph-uri", []),
        named_graphs=arguments.get("named-graph-uri", []),
    )
    if output == "html":
        with answer:
            body = answer.body.read()
        shown = {"turtle": body.decode()} if is_graph else {"result": orjson.loads(body)}
        page = render_template("results.html", query=text, truncated=answer.truncated, local=_local, **shown)
        response = Response(page, content_type=f"{HTML}; charset=utf-8")
    else:
        charset = "; charset=utf-8" if media_type.startswith("text/") else ""
        response = Response(_chunks(answer), content_type=media_type + charset)
        response.call_on_close(answer.close)
        response.content_length = answer.length
    if answer.truncated:
        response.headers["SPARQL-Truncated"] = f"rows={settings.SPARQL_MAX_ROWS}"
    response.headers["Cache-Control"] = f"public, max-age={settings.CACHE_SECONDS}"
    response.vary.add("Accept")
    return response


def _local(iri: str) -> str:
    """A link to what an IRI names: relative if it is ours, so that it is right under any host."""
    base = site().addresses.base
    return here("/" + iri.removeprefix(base)) if iri.startswith(base) else iri


def _chosen(kinds: Kinds, arguments: dict[str, list[str]]) -> tuple[str, str]:
    """The media type and format of the answer: by `format=`, else by Accept."""
    for asked in arguments.get("format", [])[:1]:
        for media_types, name, others in kinds:
            if asked in (name, *media_types, *others):
                return media_types[0], name
        names = ", ".join(name for _, name, _ in kinds)
        raise MalformedQuery(f"There is no format {asked!r} for this query; there are {names}.")
    chosen = choose(request.headers.get("Accept"), [media_types for media_types, *_ in kinds])
    if chosen is None:
        raise NotAcceptable([(media_types[0], "") for media_types, *_ in kinds])
    return chosen[1], kinds[chosen[0]][1]


def _chunks(answer: Answer) -> Iterator[bytes]:
    while chunk := answer.body.read(_CHUNK):
        yield chunk


def _description() -> Response:
    """The form, or the service description (SPARQL 1.1 Service Description 2)."""
    offers = [(HTML,), *(media_types for media_types, name, _ in GRAPHS if name != "html")]
    chosen = choose(request.headers.get("Accept"), offers)
    if chosen is None:
        raise NotAcceptable([(offer[0], "") for offer in offers])
    index, media_type = chosen
    if index == 0:
        response = Response(render_template("sparql.html", examples=EXAMPLES), content_type=f"{HTML}; charset=utf-8")
    else:
        statements = (quad.triple for quad in parse(_service().encode(), format=RdfFormat.TURTLE))
        body = serialize(statements, format=_SYNTAXES[index - 1], prefixes={"sd": namespaces()["sd"]}) or b""
        response = Response(body, content_type=media_type)
    response.vary.add("Accept")
    return response


def _service() -> str:
    """The service description in Turtle."""
    formats = "http://www.w3.org/ns/formats/"
    results = ", ".join(
        f"<{formats}{name}>"
        for name in (*(f"SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")), *_GRAPH_FORMATS)
    )
    return f"""
        @prefix sd: <{namespaces()["sd"]}> .
        @base <{site().addresses.sparql}> .
        <#service> a sd:Service ; sd:endpoint <> ;
            sd:supportedLanguage sd:SPARQL11Query ; sd:feature sd:UnionDefaultGraph ;
            sd:resultFormat {results} ;
            sd:defaultDataset <#dataset> .
        <#dataset> a sd:Dataset ; sd:defaultGraph <#default-graph> .
        <#default-graph> a sd:Graph .
        """
