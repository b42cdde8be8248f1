"""Data extension for reconciliation (Reconciliation Service API 0.2, 7): what we say of entities that were matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from publisher import resources
from publisher.catalog import Catalog
from publisher.harvest.reconciliation import TYPES, find, type_of
from publisher.mapping import Mapping as RecordMapping
from publisher.view import Said, of_entry

# what is proposed for a type, in this order
PROPOSED = {
    kind: tuple(names.split())
    for kind, names in {
        "resource": "title creators issued publishers subjects countries abstract uri shelf_number doi isbn13 issn "
        "is_part_of extent",
        "agent": "name alternative_labels sub_organization_of exact_match same_as",
        "concept": "preferred_label alternative_labels broader exact_match close_match",
        "place": "preferred_label alternative_labels broader exact_match close_match",
        "series": "title alternative issn",
    }.items()
}


def labels() -> dict[str, str]:
    """The attributes of the context and how readers know them."""
    return {row["attribute"]: row["label"] for row in resources.table("ontology/fields.csv")}


def propose(kind: str, limit: int) -> dict[str, Any]:
    """The properties that things of a type have (7.2)."""
    known = labels()
    rows = [{"id": name, "name": known.get(name, name)} for name in PROPOSED.get(kind, ())]
    return {"type": kind, "limit": limit, "properties": rows[:limit]}


def extend(mapping: RecordMapping, catalog: Catalog, ids: Sequence[str], properties: Sequence[str]) -> dict[str, Any]:
    """The values of some properties of some entities (7.3); those of an entity that there is not are empty."""
    known = labels()
    rows: dict[str, dict[str, list[dict[str, str]]]] = {}
    for identifier in ids:
        entry = find(catalog, identifier)
        view = of_entry(mapping, catalog, entry).view if entry is not None else None
        rows[identifier] = {
            name: [_value(said) for said in view.thing.get(name, ())] if view is not None else [] for name in properties
        }
    return {"meta": [_property(name, known) for name in properties], "rows": rows}


_KINDS_OF_VALUES: Mapping[str, str] = {
    "creators": "agent",
    "publishers": "agent",
    "subjects": "concept",
    "countries": "place",
    "is_part_of": "series",
}


def _property(name: str, known: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "name": known.get(name, name)}
    if name in _KINDS_OF_VALUES:
        found["type"] = type_of(_KINDS_OF_VALUES[name])
    return found


def _value(said: Said) -> dict[str, str]:
    if said.name is not None and said.name[0] in TYPES:
        return {"id": "/".join(said.name), "name": said.text}
    return {"str": said.text}


def suggest_properties(prefix: str) -> list[dict[str, str]]:
    """Properties whose names hold these letters (6.3)."""
    asked = prefix.casefold()
    return [
        {"id": name, "name": label} for name, label in labels().items() if asked in label.casefold() or asked in name
    ]
