"""Named queries: each at an address of its own, with a form for its parameters and results that caches may keep."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, request

from publisher.errors import MalformedQuery, NotFound
from publisher.message import Message
from publisher.query.named import NamedQuery, named_queries
from publisher.web.answers import answer, tell_limits
from publisher.web.languages import language
from publisher.web.site import site

blueprint = Blueprint("examples", __name__)
blueprint.after_request(tell_limits)


def examples() -> dict[str, NamedQuery]:
    """All of them, in the language of the page; read when the server starts."""
    found: dict[str, NamedQuery] = current_app.extensions["named-queries"]
    return {name: query.in_language(language()) for name, query in found.items()}


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
        raise NotFound(Message("There is no query %(name)s here.", name=name[:100]))
    arguments = request.args.to_dict(flat=False)
    known = {parameter.name for parameter in found.parameters}
    if wrong := sorted(set(arguments) - known - {"format", "lang"}):
        given, there = wrong[0][:50], ", ".join(sorted(known))
        raise MalformedQuery(
            Message(
                "The query %(name)s has no parameter %(given)s; there are %(there)s.",
                name=name,
                given=given,
                there=there,
            )
            if known
            else Message("The query %(name)s has no parameter %(given)s; it takes none.", name=name, given=given)
        )
    values = {parameter.name: request.args.get(parameter.name, "") for parameter in found.parameters}
    text = found.bound(values, site().settings.LANGUAGE)
    if arguments.get("format") == ["rq"]:
        return Response(text, content_type="application/sparql-query; charset=utf-8")
    outputs = {key: arguments[key] for key in ("format",) if key in arguments}
    return answer(text, outputs, people_first=True, template="example.html", example=found, given=values)
