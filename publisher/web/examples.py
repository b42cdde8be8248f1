"""Named queries: each at an address of its own, with a form for its parameters and results that caches may keep."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from publisher.errors import MalformedQuery, NotFound
from publisher.query.named import NamedQuery, named_queries
from publisher.web.answers import answer, tell_limits
from publisher.web.site import site

blueprint = Blueprint("examples", __name__)
blueprint.after_request(tell_limits)


def examples() -> dict[str, NamedQuery]:
    """All of them; read when the server starts."""
    found: dict[str, NamedQuery] = current_app.extensions["named-queries"]
    return found


@blueprint.record_once
def _read(state: object) -> None:
    app = state.app  # type: ignore[attr-defined]
    app.extensions["named-queries"] = named_queries(app.extensions["publisher"].settings)


@blueprint.get("/sparql/examples")
def index() -> Response:
    """The named queries."""
    page = render_template("examples.html", examples=examples().values())
    return Response(page, headers={"Cache-Control": f"public, max-age={site().settings.CACHE_SECONDS}"})


@blueprint.get("/sparql/examples/<name>")
def example(name: str) -> Response:
    """The result with its form, or the result alone as CSV, JSON and so on, or (`format=rq`) the query."""
    found = examples().get(name)
    if found is None:
        raise NotFound(f"There is no query {name[:100]} here.")
    arguments = request.args.to_dict(flat=False)
    known = {parameter.name for parameter in found.parameters}
    if wrong := sorted(set(arguments) - known - {"format", "lang"}):
        there = f"there are {', '.join(sorted(known))}" if known else "it takes none"
        raise MalformedQuery(f"The query {name} has no parameter {wrong[0][:50]}; {there}.")
    given = {parameter.name: request.args.get(parameter.name, "") for parameter in found.parameters}
    text = found.bound(given, site().settings.LANGUAGE)
    if arguments.get("format") == ["rq"]:
        return Response(text, content_type="application/sparql-query; charset=utf-8")
    outputs = {key: arguments[key] for key in ("format",) if key in arguments}
    return answer(text, outputs, people_first=True, template="example.html", example=found, given=given)
