"""Reconciliation: which of our things the names of another library are (W3C Community Group, Reconciliation API 0.2).

An entity's id is "resource/123404": kind and key. A score is 100 for the very name; the features say what it is made
of, so that a client can weigh them otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from publisher import __version__
from publisher.addresses import DATASET, Addresses, reconcile_path
from publisher.catalog import Catalog, Entry
from publisher.mapping.terms import fold
from publisher.names import Names, Near

TYPES = {
    "resource": "Report or other publication",
    "agent": "Author or publisher",
    "concept": "Keyword",
    "place": "Place",
    "series": "Series or journal",
}
# properties that a query may give, under the names of the search form and those of the context -> the former
PROPERTIES = {
    "author": "author",
    "creators": "author",
    "body": "author",
    "year": "year",
    "issued": "year",
    "country": "country",
    "countries": "country",
    "keyword": "keyword",
    "subjects": "keyword",
    "url": "url",
    "uri": "url",
    "shelf_number": "shelf_number",
    "identifier": "shelf_number",
    "details": "details",
    "publisher": "publisher",
    "publishers": "publisher",
}
MOST = 20  # candidates of a query
_SURE = 90.0  # score from which a candidate may be the one
_APART = 5.0  # how much the second must stay behind for it to be
_SHARE = 0.3  # of the score that properties make, where some are given


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of one name: `properties` are (name of the search form, texts)."""

    text: str
    kinds: tuple[str, ...]
    limit: int
    properties: tuple[tuple[str, tuple[str, ...]], ...]


def manifest(addresses: Addresses, title: str) -> dict[str, Any]:
    """What there is here (4.3)."""
    door = addresses.iri(reconcile_path())

    def suggest(name: str, *, flyout: bool = False) -> dict[str, str]:
        found = {"service_url": door, "service_path": f"/suggest/{name}"}
        if flyout:
            found |= {"flyout_service_url": door, "flyout_service_path": "/flyout?id=${id}"}
        return found

    return {
        "versions": ["0.1", "0.2"],
        "name": title,
        "identifierSpace": addresses.things,
        "schemaSpace": addresses.iri("/context.jsonld"),
        "documentation": addresses.thing(*DATASET),
        "serviceVersion": __version__,
        "defaultTypes": [type_of(kind) for kind in TYPES],
        "view": {"url": f"{door}/view?id={{{{id}}}}"},
        "preview": {"url": f"{door}/preview?id={{{{id}}}}", "width": 430, "height": 260},
        "suggest": {"entity": suggest("entity", flyout=True), "property": suggest("property"), "type": suggest("type")},
        "extend": {"propose_properties": {"service_url": door, "service_path": "/properties"}, "property_settings": []},
    }


def type_of(kind: str) -> dict[str, str]:
    return {"id": kind, "name": TYPES[kind]}


def parse_query(given: Any) -> Query:
    """A query as a client sends it (5.1). Raises ValueError with a sentence."""
    if not isinstance(given, dict) or not isinstance(given.get("query", ""), str):
        raise ValueError('A query must be an object with a text "query".')
    kinds = given.get("type") or ()
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds) if isinstance(kinds, list) else ()
    limit = given.get("limit", MOST)
    if isinstance(limit, float) and limit.is_integer():  # to JSON both are numbers
        limit = int(limit)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise ValueError('"limit" must be a whole number, at least 1.')
    properties = given.get("properties") or []
    if not isinstance(properties, list) or not all(isinstance(row, dict) for row in properties):
        raise ValueError('"properties" must be a list of objects with "pid" and "v".')
    known = [
        (PROPERTIES[row["pid"]], _texts(row.get("v"))) for row in properties if str(row.get("pid", "")) in PROPERTIES
    ]
    return Query(
        given.get("query", "")[:1000],
        tuple(str(kind) for kind in kinds),
        min(limit, MOST),
        tuple((name, texts) for name, texts in known if texts),
    )


def _texts(given: Any) -> tuple[str, ...]:
    """The texts of a property's value: of a text, a number, an entity, or a list of them."""
    rows = given if isinstance(given, list) else [given]
    texts = (str(row.get("name") or row.get("id") or "") if isinstance(row, dict) else str(row or "") for row in rows)
    return tuple(text[:1000] for text in texts if text)


def candidates(catalog: Catalog, names: Names, query: Query) -> list[dict[str, Any]]:
    """The things that a query may mean, the likeliest first (5.2)."""
    if query.kinds and not any(kind in TYPES for kind in query.kinds):
        return []
    kinds = tuple(kind for kind in query.kinds if kind in TYPES)
    found = {near.id: near for near in names.near(query.text, kinds)}
    found |= {thing: Near(thing, 1.0) for thing in _by_number(catalog, query, kinds)}
    first = sorted(found.values(), key=lambda near: -near.likeness)[: MOST if query.properties else query.limit + 1]
    entries = catalog.by_ids(near.id for near in first)
    rows = [_candidate(entries[near.id], near, query) for near in first if near.id in entries]
    rows.sort(key=lambda row: -row["score"])
    if rows:
        second = rows[1]["score"] if len(rows) > 1 else 0.0
        rows[0]["match"] = rows[0]["score"] >= _SURE and rows[0]["score"] - second >= _APART
    return rows[: query.limit]


def _by_number(catalog: Catalog, query: Query, kinds: Sequence[str]) -> list[int]:
    """The record whose number the query is, or gives as a property."""
    if kinds and "resource" not in kinds:
        return []
    numbers = [
        query.text.strip(),
        *(text.strip() for name, texts in query.properties for text in texts if name == "shelf_number"),
    ]
    entries = (catalog.find("resource", number) for number in numbers if number)
    return [entry.id for entry in entries if entry is not None and not entry.withdrawn]


def _candidate(entry: Entry, near: Near, query: Query) -> dict[str, Any]:
    features = [{"id": "title" if entry.kind == "resource" else "name", "value": round(near.likeness, 4)}]
    score = near.likeness
    has = _properties(entry)
    if query.properties and has:
        likenesses = [(name, _likeness(name, texts, has[name])) for name, texts in query.properties]
        features += [
            {"id": "body" if name == "author" else name, "value": round(value, 4)} for name, value in likenesses
        ]
        score = (1 - _SHARE) * score + _SHARE * sum(value for _, value in likenesses) / len(likenesses)
    return {
        "id": f"{entry.kind}/{entry.key}",
        "name": entry.label,
        "description": describe(entry, has),
        "type": [type_of(entry.kind)],
        "score": round(score * 100, 2),
        "match": False,
        "features": features,
    }


def _properties(entry: Entry) -> dict[str, list[str]]:
    """The values of a record that a query may give; none of another thing. They are taken from its JSON, since a Record
    made of it takes longer than all the rest."""
    if entry.kind != "resource":
        return {}
    record = entry.data["record"]
    found = {name: [value["text"] for value in record[attribute]] for name, attribute in _VALUES.items()}
    agents = {"author": "creators", "publisher": "publishers"}
    return found | {name: [agent["heading"]["text"] for agent in record[kind]] for name, kind in agents.items()}


_VALUES = {
    "year": "issued",
    "country": "countries",
    "keyword": "subjects",
    "url": "uri",
    "shelf_number": "shelf_number",
    "details": "publication_statement",
}


def describe(entry: Entry, has: Mapping[str, list[str]] | None = None) -> str:
    """What tells a thing from others of its name: of a record its authors and year."""
    if entry.kind != "resource":
        heading = str(entry.data.get("heading", ""))
        return heading if heading and heading != entry.label else TYPES.get(entry.kind, "")
    found = has or _properties(entry)
    return ", ".join([*found["author"][:3], *found["year"]])


def _likeness(name: str, asked: Iterable[str], has: Sequence[str]) -> float:
    """How well the values of a record answer those that were given, 0 to 1: of each of these the likest counts."""
    if name == "year":
        years = {year for text in has for year in re.findall(r"\d{4}", text)}
        near = {str(int(year) + step) for year in years for step in (-1, 1)}
        given = [year for text in asked for year in re.findall(r"\d{4}", text)]
        return max((1.0 if year in years else 0.5 if year in near else 0.0 for year in given), default=0.0)
    if name in ("url", "shelf_number"):
        return float(any(text.strip() in has for text in asked))
    folded = [fold(text) for text in has]
    best = [max((fuzz.token_sort_ratio(fold(text), other) for other in folded), default=0.0) / 100 for text in asked]
    return sum(best) / len(best)


def suggest_entities(
    catalog: Catalog, names: Names, prefix: str, kinds: Sequence[str], limit: int, cursor: int
) -> list[dict[str, Any]]:
    """Things whose names have these words, the last one as a beginning (6.2)."""
    ids = names.beginning(prefix, kinds, limit, cursor)
    entries = catalog.by_ids(ids)
    return [
        {
            "id": f"{entry.kind}/{entry.key}",
            "name": entry.label,
            "description": describe(entry),
            "notable": [type_of(entry.kind)],
        }
        for thing in ids
        if (entry := entries.get(thing)) is not None
    ]


def suggest_types(prefix: str) -> list[dict[str, str]]:
    """Types whose names hold these letters (6.4)."""
    asked = prefix.casefold()
    return [type_of(kind) for kind, name in TYPES.items() if asked in name.casefold() or asked in kind]


def find(catalog: Catalog, identifier: str) -> Entry | None:
    """The entity with this id, or None."""
    kind, _, key = identifier.partition("/")
    entry = catalog.find(kind, key) if kind in TYPES else None
    return entry if entry is not None and not entry.withdrawn else None
