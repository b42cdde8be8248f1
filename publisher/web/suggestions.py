"""What a browser needs to search here from its own box: the OpenSearch description and suggestions."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, request
from lxml import etree

from publisher.addresses import document_path, results_path, search_path
from publisher.mapping.terms import fold
from publisher.mentions import times_named
from publisher.web.results import result_formats
from publisher.web.site import reading, site

blueprint = Blueprint("suggestions", __name__)
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_KINDS = {"concept": "keyword", "agent": "author", "resource": "title"}  # what is suggested, and the field it is for
_SHOWN = 10
_LOOKED_AT = 100  # of each kind, of which those named most are shown


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """The OpenSearch 1.1 description document."""
    settings, iri = site().settings, site().addresses.iri
    root = etree.Element(f"{{{_NAMESPACE}}}OpenSearchDescription", nsmap={None: _NAMESPACE})

    def add(name: str, text: str = "", **attributes: str) -> None:
        element = etree.SubElement(root, f"{{{_NAMESPACE}}}{name}", **attributes)
        element.text = text or None

    add("ShortName", settings.TITLE[:16])
    add("LongName", settings.TITLE[:48])
    add("Description", f"Search the records of {settings.TITLE}"[:1024])
    add("Contact", settings.ADMIN_EMAIL)
    add("InputEncoding", "UTF-8")
    add("OutputEncoding", "UTF-8")
    add("Url", type="text/html", template=f"{iri(search_path())}?q={{searchTerms}}&size={{count?}}")
    for row in result_formats():
        template = f"{iri(results_path(row.extension, {}))}?q={{searchTerms}}&size={{count?}}"
        add("Url", type=row.media_type, template=template)
    add(
        "Url",
        type="application/x-suggestions+json",
        rel="suggestions",
        template=f"{iri('/suggest')}?q={{searchTerms}}",
    )
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return _cached(Response(body, content_type="application/opensearchdescription+xml"))


@blueprint.get("/suggest")
def suggest() -> Response:
    """Keywords, authors and titles that begin with what is typed, in the form of OpenSearch Suggestions 1.1: the text,
    the completions, what they are, and their pages. `field` (keyword, author, title) asks for one of them."""
    typed = request.args.get("q", "")[:100]
    wanted = request.args.get("field", "")
    prefix = fold(typed)
    catalog = reading().catalog
    found: list[tuple[int, str, str, str]] = []
    for kind, name in _KINDS.items():
        if not prefix or wanted not in ("", name):
            continue
        rows = catalog.in_order(kind, _LOOKED_AT, prefix=prefix)
        times = times_named(catalog, [row[0] for row in rows])
        best = sorted(rows, key=lambda row: -times.get(row[0], 0))[:_SHOWN]
        found += [
            (times.get(thing, 0), heading, name, site().addresses.iri(document_path(kind, key)))
            for thing, key, heading, _ in best
        ]
    found = sorted(found, key=lambda row: -row[0])[:_SHOWN]
    body = [typed, [row[1] for row in found], [row[2] for row in found], [row[3] for row in found]]
    return _cached(Response(orjson.dumps(body), content_type="application/x-suggestions+json"))


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response
