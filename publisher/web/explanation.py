"""The explanation of a negotiation: what was asked, how well each representation fits, which one is sent and why."""

from __future__ import annotations

import shlex
from typing import Any

import orjson
from flask import Response, render_template, request

from publisher.formats import HTML
from publisher.web.headers import add
from publisher.web.languages import N_
from publisher.web.negotiation import parse, parse_profiles
from publisher.web.representation import address
from publisher.web.resolution import Asked
from publisher.web.site import site


def explain(name: tuple[str, str], asked: Asked) -> Response:
    """The negotiation of one document as a page, or as JSON by `_explain=json`. `accept` and `accept_profile` in the
    address stand for the headers, so that others can be tried in a browser."""
    given = asked._replace(
        accept=request.args.get("accept", asked.accept),
        accept_profile=request.args.get("accept_profile", asked.accept_profile),
    )
    facts = _facts(name, given)
    wants_page = any(item.type == "text" and item.subtype == "html" for item in parse(asked.accept))
    if request.args["_explain"] == "json" or (request.args["_explain"] != "html" and not wants_page):
        response = Response(orjson.dumps(facts, option=orjson.OPT_INDENT_2), content_type="application/json")
    else:
        page = render_template("explanation.html", name=name, facts=facts)
        response = Response(page, content_type=f"{HTML}; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept, Accept-Profile"
    response.headers["X-Robots-Tag"] = "noindex"
    return add(response)


def _facts(name: tuple[str, str], asked: Asked) -> dict[str, Any]:
    resolver = site().resolver
    chosen = resolver.choose(name[0], asked)
    headers = {"Accept": asked.accept, "Accept-Profile": asked.accept_profile}
    query = {"_profile": asked.profile, "_mediatype": asked.media_type}
    document = site().addresses.document(*name)
    return {
        "document": document,
        "accept": {
            "given": asked.accept,
            "read_as": [
                {"type": str(item), "q": item.quality, "profile": " ".join(item.profiles)}
                for item in parse(asked.accept)
            ],
        },
        "accept_profile": {
            "given": asked.accept_profile,
            "read_as": [
                {"profile": profile, "q": weight, "known_as": resolver.tokens.get(profile, "")}
                for profile, weight in parse_profiles(asked.accept_profile)
            ],
        },
        "address": {key: text for key, text in query.items() if text},
        "offers": [
            {
                "type": score.media_type,
                "profile": score.format.profile,
                "q_of_type": score.by_media_type,
                "q_of_profile": score.by_profile,
                "score": round(score.total, 6),
                "chosen": chosen is not None and (score.format, score.media_type) == chosen,
                "url": address(name, score.format),
            }
            for score in resolver.scores(name[0], asked)
        ],
        "answer": f"200, {chosen[1]}" if chosen is not None else N_("406, nothing of this is acceptable"),
        "try": _curl(headers, document, query),
    }


def _curl(headers: dict[str, str], document: str, query: dict[str, str]) -> str:
    """The command that asks the same."""
    given = [f"-H {shlex.quote(f'{key}: {text}')}" for key, text in headers.items() if text]
    fields = [f"-G --data-urlencode {shlex.quote(f'{key}={text}')}" for key, text in query.items() if text]
    return " ".join(["curl -i", *given, *fields, shlex.quote(document)])
