"""The dumps of everything: their list, as a page and as DCAT, and the files, which can be fetched in parts."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request, send_file
from rdflib import Graph

from publisher import dumps
from publisher.addresses import dump_path
from publisher.errors import NotFound
from publisher.message import Message
from publisher.web.failures import NotAcceptable
from publisher.web.languages import N_
from publisher.web.negotiation import choose
from publisher.web.site import here, site

blueprint = Blueprint("dumps", __name__)
# of dumps, for the translators
_TITLES = (
    N_("N-Quads, a named graph a description"),
    N_("JSON-LD, a description a line"),
    N_("Table of the records (CSV)"),
)
JSON_LD, TURTLE = "application/ld+json", "text/turtle"
_RANGE = re.compile(r"(?i)\s*bytes\s*=\s*(?:\d+\s*-\s*\d*|-\s*\d+)\s*", re.ASCII)  # one, which is all that is sent


@blueprint.get("/dump/")
def listing() -> Response:
    """The dumps that there are, with their sizes and checksums."""
    manifest = dumps.manifest(site().settings)
    chosen = choose(request.headers.get("Accept"), [("text/html",), (JSON_LD, "application/json"), (TURTLE,)])
    if chosen is None:
        raise NotAcceptable([(name, here(dump_path())) for name in ("text/html", JSON_LD, TURTLE)])
    if chosen[1] == "text/html":
        response = Response(page_of(manifest), content_type="text/html; charset=utf-8")
    elif chosen[1] == TURTLE:
        graph = Graph().parse(data=orjson.dumps(manifest), format="json-ld")
        response = Response(graph.serialize(format="turtle"), content_type=f"{TURTLE}; charset=utf-8")
    else:
        response = Response(orjson.dumps(manifest, option=orjson.OPT_INDENT_2), content_type=chosen[1])
    response.vary.add("Accept")
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    if chosen[1] != TURTLE:  # the labels of blank nodes are others each time
        response.add_etag()
        response.make_conditional(request)
    return response


@blueprint.get("/dump/<name>")
def file(name: str) -> Response:
    """One file of the newest dump, whole or the part that a `Range` header asks for (RFC 9110 14)."""
    settings = site().settings
    manifest, folder = dumps.manifest(settings), dumps.folder(settings)
    row = next((row for row in manifest.get("distributions", ()) if row["name"] == name), None)
    digest = row["checksum"]["checksumValue"] if row is not None else ""
    if folder is None or not (row is not None or (manifest and name in (dumps.MANIFEST, dumps.SUMS))):
        raise NotFound(
            Message(
                "There is no dump %(name)s here; %(path)s lists those that there are.",
                name=name[:100],
                path=dump_path(),
            )
        )
    if not _RANGE.fullmatch(request.headers.get("Range", "")):  # what is not understood is passed over (14.2)
        request.environ.pop("HTTP_RANGE", None)
    types = {dumps.MANIFEST: JSON_LD, dumps.SUMS: "text/plain; charset=utf-8"}
    try:
        response = send_file(
            (folder / name).absolute(),  # Flask would look for another below its own code
            mimetype=types.get(name, "application/gzip"),
            conditional=True,
            etag=digest or f"{manifest['release']}-{folder.name}",
            last_modified=datetime.fromisoformat(manifest["issued"]),
            max_age=settings.CACHE_SECONDS,
        )
    except FileNotFoundError:
        raise NotFound(Message("This dump was replaced just now; ask again.")) from None
    response.headers["Accept-Ranges"] = "bytes"
    if digest:  # of the whole file, whatever part is sent (RFC 9530 3)
        encoded = base64.b64encode(bytes.fromhex(digest)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{encoded}:"
    return response


def page_of(manifest: dict[str, Any]) -> str:
    """The page that lists the files of a dump."""
    rows = [
        {
            "name": row["name"],
            "title": row["title"],
            "href": here(dump_path(row["name"])),
            "size": int(row["byteSize"]),
            "descriptions": int(row["descriptions"]),
            "sha256": row["checksum"]["checksumValue"],
        }
        for row in manifest.get("distributions", ())
    ]
    others = [(name, here(dump_path(name))) for name in (dumps.SUMS, dumps.MANIFEST)]
    return render_template("dumps.html", manifest=manifest, rows=rows, others=others)
