"""The web side: the only place that knows Flask. `create_app` puts a blueprint to each door."""

from __future__ import annotations

from flask import Flask, Response, g, request
from werkzeug.routing import PathConverter

from publisher.addresses import (
    asking_path,
    browse_path,
    changes_of_version_path,
    document_path,
    origins_path,
    query_path,
    report_path,
    search_path,
    version_path,
    versions_path,
)
from publisher.message import Message
from publisher.search import FIELDS
from publisher.settings import Settings
from publisher.web import (
    bodies,
    browse,
    changes,
    documents,
    dumps,
    editor,
    examples,
    failures,
    headers,
    home,
    languages,
    lists,
    mementos,
    metrics,
    oai,
    openapi,
    operations,
    origins,
    reconcile,
    search,
    sparql,
    suggestions,
    unapi,
    validation,
    vocabulary,
)
from publisher.web.conditions import is_refused
from publisher.web.shortcut import Shortcut
from publisher.web.site import Site, close_reading, here, in_language


class KeyConverter(PathConverter):
    """The key of a thing: anything; it may begin with a slash, too, since slashes of a key arrive decoded."""

    regex = ".+"
    part_isolating = False


def create_app(settings: Settings) -> Flask:
    """The WSGI application of one site."""
    app = Flask("publisher.web", static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = settings.MAX_REQUEST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = settings.MAX_REQUEST_BYTES
    app.url_map.merge_slashes = False
    app.url_map.converters["key"] = KeyConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    site = app.extensions["publisher"] = Site(settings, app.jinja_env)
    app.jinja_env.globals.update(
        site=site,
        settings=settings,
        here=here,
        in_language=in_language,
        asking_path=asking_path,
        browse_path=browse_path,
        origins_path=origins_path,
        document_path=document_path,
        versions_path=versions_path,
        version_path=version_path,
        changes_of_version_path=changes_of_version_path,
        query_path=query_path,
        report_path=report_path,
        search_path=search_path,
        fields=FIELDS,
    )
    for blueprint in (
        home.blueprint,
        search.blueprint,
        suggestions.blueprint,
        unapi.blueprint,
        browse.blueprint,
        origins.blueprint,
        mementos.blueprint,
        documents.blueprint,
        sparql.blueprint,
        editor.blueprint,
        examples.blueprint,
        vocabulary.blueprint,
        changes.blueprint,
        dumps.blueprint,
        validation.blueprint,
        lists.blueprint,
        oai.blueprint,
        reconcile.blueprint,
        openapi.blueprint,
        operations.blueprint,
        metrics.blueprint,
    ):
        app.register_blueprint(blueprint)
    languages.install(app)
    failures.register(app)
    app.before_request(_take_if_match)
    app.before_request(_readable)
    bodies.install(app, settings)
    app.teardown_appcontext(close_reading)
    app.after_request(headers.add)
    app.after_request(_as_known)  # before the headers are added
    # Flask's way to put one before it
    app.wsgi_app = Shortcut(site, app.wsgi_app, app.extensions["oai"])  # type: ignore[method-assign]
    metrics.install(app, settings)
    return app


def _take_if_match() -> None:
    """Keeps the header from werkzeug, which takes "*" for a tag, and lets it outweigh If-None-Match."""
    g.if_match = request.environ.pop("HTTP_IF_MATCH", None)


def _as_known(response: Response) -> Response:
    """The refusal of what is in another state than the client knows, in place of an answer that tells its state."""
    since = request.environ.get("HTTP_IF_UNMODIFIED_SINCE")
    if g.if_match is None and since is None:
        return response
    tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified", "")
    told = response.status_code in (200, 206, 304) and (tag or modified) and request.method in ("GET", "HEAD")
    if not told or not is_refused(g.if_match, since, tag or "", modified):
        return response
    response.close()
    return failures.fail(412, Message("This is in another state than the one that you asked for."))


def _readable() -> Response | None:
    """The refusal of a query string that cannot be read; each view would stumble over it."""
    if not request.query_string:
        return None
    try:
        request.args  # noqa: B018 -- read here for the first time, then kept
    except UnicodeDecodeError:
        return failures.fail(400, Message("The query string is not in UTF-8."))
    return None
