"""Reconciliation for OpenRefine and its like: queries in batches, suggestions, previews, values."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.exceptions import BadRequest

from publisher.addresses import document_path, reconcile_path
from publisher.catalog import Entry
from publisher.errors import NotFound
from publisher.harvest import data_extension, reconciliation
from publisher.message import Message
from publisher.names import Names
from publisher.view import of_entry
from publisher.web.negotiation import choose
from publisher.web.pages import KINDS
from publisher.web.site import here, reading, site

blueprint = Blueprint("reconcile", __name__)
_SUGGESTED = 20
_EMBEDDABLE = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors *"


@blueprint.route("/reconcile", methods=["GET", "POST"])
def service() -> Response:
    """The manifest; with `queries` the candidates of each, with `extend` the values of properties."""
    if "queries" in request.values:
        return _json(_candidates(_object("queries")))
    if "extend" in request.values:
        return _json(_extension(_object("extend")))
    if "query" in request.values:  # a single one, as in version 0.1
        text = request.values["query"]
        given = _object("query") if text.startswith("{") else {"query": text}
        return _json(_candidates({"q": given})["q"])
    manifest = reconciliation.manifest(site().addresses, site().settings.TITLE)
    chosen = choose(request.headers.get("Accept"), [("application/json",), ("text/html",)])
    if chosen is not None and chosen[0] == 1:
        page = render_template("reconcile.html", address=site().addresses.iri(reconcile_path()))
        response = Response(page, content_type="text/html; charset=utf-8")
        response.vary.add("Accept")
        return response
    return _json(manifest)


@blueprint.get("/reconcile/suggest/entity")
def suggest_entity() -> Response:
    """Things whose names begin so."""
    kinds = [kind for kind in request.args.getlist("type") if kind in reconciliation.TYPES]
    cursor = max(0, min(request.args.get("cursor", 0, type=int), 1000))
    names = _names()
    prefix = request.args.get("prefix", "")[:500]
    found = (
        reconciliation.suggest_entities(reading().catalog, names, prefix, kinds, _SUGGESTED, cursor)
        if names is not None
        else []
    )
    return _json({"result": found})


@blueprint.get("/reconcile/suggest/property")
def suggest_property() -> Response:
    """Properties whose names hold these letters."""
    return _json({"result": data_extension.suggest_properties(request.args.get("prefix", "")[:100])})


@blueprint.get("/reconcile/suggest/type")
def suggest_type() -> Response:
    """Types whose names hold these letters."""
    return _json({"result": reconciliation.suggest_types(request.args.get("prefix", "")[:100])})


@blueprint.get("/reconcile/properties")
def properties() -> Response:
    """The properties that things of a type have."""
    limit = max(1, min(request.args.get("limit", 100, type=int), 100))
    return _json(data_extension.propose(request.args.get("type", "resource"), limit))


@blueprint.get("/reconcile/view")
def view() -> Response:
    """303 to the document about an entity."""
    entry = _entity()
    return redirect(here(document_path(*entry.name)), 303)  # type: ignore[return-value]


@blueprint.get("/reconcile/preview")
def preview() -> Response:
    """A small page about an entity, to be shown inside other pages."""
    response = Response(_preview(_entity()), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _EMBEDDABLE
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    return response


@blueprint.get("/reconcile/flyout")
def flyout() -> Response:
    """The same as a piece of HTML inside JSON."""
    entry = _entity()
    response = _json({"id": request.args["id"], "html": _preview(entry)})
    response.vary.add("Accept-Language")
    return response


def _object(name: str) -> dict[str, Any]:
    """The JSON object that an argument is."""
    try:
        found = orjson.loads(request.values[name])
    except orjson.JSONDecodeError as error:
        raise BadRequest(Message("%(name)s is not JSON: %(error)s.", name=name, error=str(error))) from None
    if not isinstance(found, dict):
        raise BadRequest(Message("%(name)s must be a JSON object.", name=name))
    return found


def _names() -> Names | None:
    release = reading().release
    return release.names if release is not None else None


def _candidates(batch: dict[str, Any]) -> dict[str, Any]:
    most = site().settings.RECONCILE_BATCH
    if len(batch) > most:
        raise BadRequest(
            Message("A batch has at most %(most)s queries; this one has %(count)s.", most=most, count=len(batch))
        )
    names, catalog = _names(), reading().catalog
    found = {}
    for name, given in batch.items():
        try:
            query = reconciliation.parse_query(given)
        except ValueError as error:
            raise BadRequest(Message("%(name)s: %(error)s", name=name, error=str(error))) from None
        found[name] = {"result": reconciliation.candidates(catalog, names, query) if names is not None else []}
    return found


def _extension(given: dict[str, Any]) -> dict[str, Any]:
    ids, rows = given.get("ids"), given.get("properties")
    if not isinstance(ids, list) or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadRequest(Message('extend must have lists "ids" and "properties".'))
    most = site().settings.RECONCILE_BATCH
    if len(ids) > most or len(rows) > most:
        raise BadRequest(Message("At most %(most)s ids and properties can be asked for at once.", most=most))
    wanted = [str(row.get("id", "")) for row in rows]
    return data_extension.extend(site().mapping, reading().catalog, [str(name) for name in ids], wanted)


def _entity() -> Entry:
    identifier = request.args.get("id", "")
    entry = reconciliation.find(reading().catalog, identifier)
    if entry is None:
        raise NotFound(Message("There is no entity “%(name)s” here.", name=identifier[:200]))
    return entry


def _preview(entry: Entry) -> str:
    found = of_entry(site().mapping, reading().catalog, entry).view
    labels = data_extension.labels()
    shown = [name for name in data_extension.PROPOSED[entry.kind] if name not in ("title", "name", "preferred_label")]
    rows = [(labels.get(name, name), found.headings(name)) for name in shown if name in found.thing]
    return render_template(
        "preview.html",
        entry=entry,
        type=KINDS[entry.kind],
        rows=rows,
        address=site().addresses.thing(*entry.name),
    )


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body), content_type="application/json")
