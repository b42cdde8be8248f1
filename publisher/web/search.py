"""The search door: the catalogue's own form, and results for people and programs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context

from publisher.addresses import Argument, document_path, results_path, search_path
from publisher.catalog import Entry
from publisher.errors import NotFound
from publisher.formats import HTML
from publisher.mapping import agents
from publisher.mapping.terms import slug
from publisher.message import Message
from publisher.record import Record
from publisher.search import FACETS, FIELDS, Hits, Index, Question, values
from publisher.search.fields import SEARCHED
from publisher.search.highlight import Highlighter
from publisher.search.index import MOST, ORDERS, Cursor, Facets
from publisher.search.question import Part
from publisher.view import Version, of_entry
from publisher.web.failures import NotAcceptable, fail
from publisher.web.languages import N_, language
from publisher.web.negotiation import choose
from publisher.web.rate import client_of
from publisher.web.results import Answer, ResultFormat, result_formats
from publisher.web.site import here, reading, site

blueprint = Blueprint("search", __name__)
SORTS = {
    "": N_("relevance"),
    "-added": N_("latest added"),
    "-year": N_("newest first"),
    "year": N_("oldest first"),
    "title": N_("title"),
}
_LONGEST = 500  # characters that are read of what is typed into a field
_ALL_VALUES = 200  # of a facet that is shown whole


@dataclass
class Search:
    """One search as it was asked, and what the index says to it. `near` are words without results that stand for those
    like them."""

    asked: dict[str, str]
    sort: str
    size: int
    more: str
    index: Index | None
    question: Question
    hits: Hits
    near: frozenset[Part] = frozenset()

    @property
    def arguments(self) -> dict[str, Argument]:
        sized = self.size if self.size != site().settings.PAGE_SIZE else 0
        return {**self.asked, "record": self.question.keys, "sort": self.sort, "size": sized}

    def facets(self) -> Facets:
        if self.index is None or not self.hits.count:
            return {}
        return self.index.facets(self.question, {self.more: _ALL_VALUES}, self.near)


@blueprint.get("/search")
def search() -> Response:
    """A page of results in the format that the client likes best."""
    offers = result_formats()
    chosen = choose(request.headers.get("Accept"), [(HTML,), *((row.media_type, *row.aliases) for row in offers)])
    if chosen is None:
        arguments: dict[str, Argument] = {name: request.args.get(name, "") for name in SEARCHED}
        raise NotAcceptable([(row.media_type, here(results_path(row.extension, arguments))) for row in offers])
    index, media_type = chosen
    response = _answer(offers[index - 1] if index else None, media_type)
    response.vary.add("Accept")
    return response


@blueprint.get("/search.<extension>")
def search_in_one_format(extension: str) -> Response:
    """A page of results in the format of the extension."""
    if extension == "html":
        return _answer(None, HTML)
    row = next((row for row in result_formats() if row.extension == extension), None)
    if row is None:
        raise NotFound(Message("Results of a search have no format “%(name)s”.", name=extension[:20]))
    return _answer(row, row.media_type)


def _answer(row: ResultFormat | None, media_type: str) -> Response:
    settings, release = site().settings, reading().number
    wait = site().rate.wait(client_of(request)) if request.args else 0
    if wait:
        limit = Message(
            "This site answers %(rate)s searches a minute from one address. Please go on in %(wait)s s.",
            rate=settings.SEARCH_RATE,
            wait=wait,
        )
        return fail(429, limit, {"Retry-After": str(wait)})
    charset = "; charset=utf-8" if row is None or row.charset else ""
    response = Response(content_type=media_type + charset)
    response.headers["Cache-Control"] = f"public, max-age={settings.CACHE_SECONDS}"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    spoken = language() if row is None else ""
    said = (release, site().fingerprint, media_type, spoken, request.path, request.query_string)
    response.set_etag(hashlib.sha256(repr(said).encode()).hexdigest()[:16])
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    most = settings.SEARCH_EXPORT if row is not None and row.whole else settings.MAX_PAGE_SIZE
    found = _search(most)
    if row is None:
        response.set_data(_page(found))
    else:
        _fill(response, row, found)
    return response


def _search(most: int) -> Search:
    settings, arguments = site().settings, request.args
    asked = {name: text for name in SEARCHED if (text := arguments.get(name, "").strip()[:_LONGEST])}
    listed = tuple(key[:_LONGEST] for key in arguments.getlist("record")[: settings.MAX_PAGE_SIZE])
    question = Question(asked, listed)
    sort = arguments.get("sort", "")
    if sort not in SORTS or (not sort and not question.is_ranked):
        sort = "" if question.is_ranked else "-added"
    size = arguments.get("size", 0, type=int)
    size = min(size if size > 0 else settings.PAGE_SIZE, most)
    after, before = (Cursor.parse(arguments.get(name, ""), sort) for name in ("after", "before"))
    release = reading().release
    more = arguments.get("more", "")
    if release is None:
        return Search(asked, sort, size, more, None, question, Hits())
    index = release.index
    found = Search(asked, sort, size, more, index, question, index.search(question, size, sort, after, before))
    if not found.hits.count and (near := index.unknown(question)):
        found.near = near
        found.hits = index.search(question, size, sort, after, before, near)
    return found


# for programs


def _fill(response: Response, row: ResultFormat, found: Search) -> None:
    """Streams the results; the page after them is linked in the header, too (RFC 8288)."""
    addresses = site().addresses

    def address(**changes: Argument) -> str:
        return addresses.iri(results_path(row.extension, {**found.arguments, **changes}))

    hits = found.hits
    following = address(after=str(hits.after)) if hits.after else ""
    answer = Answer(
        site(),
        f"{site().settings.TITLE}: {', '.join(found.asked.values())}" if found.asked else site().settings.TITLE,
        hits.count,
        hits.start,
        reading().catalog.latest(),
        address(after=request.args.get("after", "")),
        following,
        addresses.iri(search_path(**found.arguments)),
        found.facets() if row.extension == "json" else {},
    )
    response.headers["Search-Results"] = f"total={hits.count}, start={hits.start}, here={len(hits.ids)}"
    if following:
        response.headers.add("Link", f'<{following}>; rel="next"')
    response.headers["Content-Disposition"] = f'inline; filename="records.{row.extension}"'
    response.headers.pop("Content-Length", None)  # that of an empty answer
    response.response = stream_with_context(row.write(answer, _items(hits.ids)))


def _items(ids: list[int]) -> Iterator[tuple[Entry, Version]]:
    catalog, mapping = reading().catalog, site().mapping
    waiting = iter(ids)
    while batch := list(islice(waiting, 100)):
        entries = catalog.by_ids(batch)
        yield from ((entries[thing], of_entry(mapping, catalog, entries[thing])) for thing in batch if thing in entries)


# for people


def _page(found: Search) -> str:
    hits, arguments = found.hits, found.arguments

    def link(**changes: Argument) -> str:
        return here(search_path(**{**arguments, **changes}))

    entries = reading().catalog.by_ids(hits.ids)
    marks = found.index.highlighter(found.question, found.near) if found.index is not None else None
    shown = [entries[thing] for thing in hits.ids if thing in entries]
    results = [_result(entry, marks) for entry in shown] if marks is not None else []
    export = min(hits.count, site().settings.SEARCH_EXPORT)
    return render_template(
        "search.html",
        asked=found.asked,
        names={**FIELDS, **FACETS, "q": N_("All fields")},
        without={name: link(**{name: ""}) for name in found.asked},
        listed=found.question.keys,
        without_list=link(record=()),
        sort=found.sort,
        sorts=[(value, label, link(sort=value)) for value, label in SORTS.items() if value or found.question.is_ranked],
        start=link(),
        count=hits.count,
        first=hits.start + 1,
        results=results,
        near=_meant(found, shown, marks) if found.near and marks is not None else [],
        facets={name: [_facet(found, name, *row) for row in rows] for name, rows in found.facets().items()},
        more={name: link(more=name) for name in FACETS if name != found.more},
        previous=link(before=str(hits.before)) if hits.before else "",
        following=link(after=str(hits.after)) if hits.after else "",
        most=MOST if hits.count > MOST and not hits.after and found.sort not in ORDERS else 0,
        by_year=link(sort="-year"),
        exports=[
            (row.title, row.media_type, here(results_path(row.extension, {**arguments, "size": export})))
            if row.whole
            else (row.title, row.media_type, here(results_path(row.extension, arguments)))
            for row in result_formats()
        ],
        exported=export,
    )


def _result(entry: Entry, marks: Highlighter) -> dict[str, Any]:
    """One result: the fields of the page it was read from with what was asked for marked, and the pages of what they
    name."""
    fields = values(Record.from_json(entry.data["record"]))
    keys = {("concept", text): slug(text) for text in fields["keyword"]}
    keys |= {("agent", text): agents.parse(text).key for text in fields["author"]}
    return {
        "path": here(document_path(*entry.name)),
        "key": entry.key,
        "title": marks.pieces("title", entry.label),
        "fields": {name: [(text, marks.pieces(name, text)) for text in texts] for name, texts in fields.items()},
        "summary": marks.snippet("summary", fields["summary"][0]) if fields["summary"] else [],
        "links": {text: here(document_path(kind, key)) for (kind, text), key in keys.items() if key},
    }


def _facet(found: Search, name: str, text: str, count: int) -> tuple[str, int, str, bool]:
    """One value of a facet, its count, the search that it narrows this one to, and whether it has done so already."""
    phrase = ('"' + text.replace('"', " ") + '"') if '"' in text else f'="{text}"'
    asked = found.asked.get(name, "")
    is_chosen = phrase in asked
    wanted = asked.replace(phrase, "").strip() if is_chosen else f"{asked} {phrase}".strip()
    return text, count, here(search_path(**{**found.arguments, name: wanted})), is_chosen


def _meant(found: Search, shown: list[Entry], marks: Highlighter) -> list[tuple[str, str, str]]:
    """For each word that no record has: itself, the word like it that is in a result, and the search with that."""
    texts = [
        (name, text)
        for entry in shown
        for name, found_texts in values(Record.from_json(entry.data["record"])).items()
        for text in found_texts
    ]
    meant = []
    corrected = dict(found.asked)
    for part in found.near:
        word = marks.nearest(part, texts)
        if word:
            corrected[part.field] = corrected[part.field].replace(part.text, word)
            meant.append((part.text, word))
    link = here(search_path(**{**found.arguments, **corrected}))
    return [(text, word, link) for text, word in meant]
