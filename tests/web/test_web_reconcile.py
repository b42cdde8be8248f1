"""Reconciliation: names with slips find their things, and every part of the API answers as it says."""

from __future__ import annotations

from typing import Any

import jsonschema
import orjson
import pytest
from flask.testing import FlaskClient

from publisher.harvest import data_extension
from publisher.names import forms, likeness

pytest_plugins = ["web_fixtures"]
TITLE = (
    "Thematic Inspection Report: Putting the Pieces Together "
    "An Inspection of Multi-Agency Public Protection Arrangements"
)


def ask(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    response = client.post("/reconcile", data={"queries": orjson.dumps({"q0": query}).decode()})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json["q0"]["result"]
    return found


@pytest.mark.parametrize(
    "spoilt",
    [
        TITLE,
        TITLE.upper(),
        TITLE.replace(":", " -").replace("-", " "),
        TITLE.replace("Inspection", "Inspecton").replace("Pieces", "Peices"),
        "Putting the Pieces Together: An Inspection of Multi Agency Public Protection Arrangements",
        "thematic inspction report: putting peices togther",
        TITLE + ": final report",
        "123404",
    ],
)
def test_a_spoilt_title_finds_its_record_first(client: FlaskClient, spoilt: str) -> None:
    found = ask(client, query=spoilt, type="resource")
    assert found[0]["id"] == "resource/123404"
    assert found[0]["name"] == TITLE
    assert found[0]["type"] == [{"id": "resource", "name": "Report or other publication"}]
    assert found == sorted(found, key=lambda row: -row["score"])
    assert all(0 <= row["score"] <= 100 for row in found)


@pytest.mark.parametrize(
    ("kind", "query", "identifier"),
    [
        ("agent", "HMI Probation (Great Britain)", "agent/great-britain-hmi-probation"),
        ("agent", "Criminal Justice Joint Inspectoin", "agent/criminal-justice-joint-inspection"),
        ("concept", "comunity based corrections", "concept/community-based-corrections"),
        ("place", "United Kingdon", "place/united-kingdom"),
    ],
)
def test_other_things_are_found_by_their_names(client: FlaskClient, kind: str, query: str, identifier: str) -> None:
    found = ask(client, query=query, type=kind)
    assert found[0]["id"] == identifier
    assert {row["type"][0]["id"] for row in found} == {kind}


def test_the_very_name_is_a_match_and_features_say_why(client: FlaskClient) -> None:
    properties = [{"pid": "year", "v": "2011"}, {"pid": "author", "v": "Great Britain: HMI Probation"}]
    best, *others = ask(client, query=TITLE, type="resource", properties=properties)
    assert best["match"] is True
    assert best["score"] == 100
    assert {row["id"]: row["value"] for row in best["features"]} == {"title": 1, "year": 1, "body": 1}
    assert not any(row["match"] for row in others)
    wrong = ask(client, query=TITLE, type="resource", properties=[{"pid": "year", "v": 1999}])[0]
    assert wrong["score"] < 80
    assert wrong["match"] is False
    number = ask(client, query="", properties=[{"pid": "shelf_number", "v": {"id": "123404"}}])
    assert number[0]["id"] == "resource/123404"


def test_batches_limits_and_types(client: FlaskClient) -> None:
    batch = {f"q{number}": {"query": "probation", "limit": 2} for number in range(5)}
    answer = client.get("/reconcile", query_string={"queries": orjson.dumps(batch).decode()}).json
    assert set(answer) == set(batch)
    assert all(len(row["result"]) == 2 for row in answer.values())
    assert ask(client, query="probation", type="fish") == []
    assert ask(client, query="!!!") == []
    assert {row["id"].partition("/")[0] for row in ask(client, query="probation", type=["concept", "agent"])} <= {
        "concept",
        "agent",
    }


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("queries", "{"),
        ("queries", "[]"),
        ("queries", '{"q": 1}'),
        ("queries", '{"q": {"query": "x", "limit": 0}}'),
        ("queries", '{"q": {"query": "x", "properties": [1]}}'),
        ("queries", orjson.dumps({str(number): {"query": "x"} for number in range(501)}).decode()),
        ("extend", "{}"),
        ("extend", '{"ids": 1, "properties": []}'),
        ("query", "{"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(client: FlaskClient, argument: str, value: str) -> None:
    response = client.post("/reconcile", data={argument: value})
    assert response.status_code == 400
    assert len(response.json["detail"]) > 10


def test_the_manifest_leads_to_every_service(client: FlaskClient) -> None:
    response = client.get("/reconcile")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    manifest = response.json
    assert "0.2" in manifest["versions"]
    assert {"name", "identifierSpace", "schemaSpace"} <= set(manifest)
    identifier = "resource/123404"
    assert client.get(_path(manifest["view"]["url"].replace("{{id}}", identifier))).status_code == 303
    preview = client.get(_path(manifest["preview"]["url"].replace("{{id}}", identifier)))
    assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]
    assert TITLE in preview.text
    for name, service in manifest["suggest"].items():
        answer = client.get(_path(service["service_url"] + service["service_path"]) + "?prefix=re")
        assert answer.json["result"], name
    flyout = manifest["suggest"]["entity"]
    html = client.get(_path(flyout["flyout_service_url"] + flyout["flyout_service_path"].replace("${id}", identifier)))
    assert TITLE in html.json["html"]
    proposed = manifest["extend"]["propose_properties"]
    assert client.get(_path(proposed["service_url"] + proposed["service_path"]) + "?type=agent").json["properties"]
    assert client.get("/reconcile/view?id=resource/none").status_code == 404
    page = client.get("/reconcile", headers={"Accept": "text/html,*/*;q=0.8"})
    assert "https://lib.example/reconcile" in page.text


def _path(address: str) -> str:
    assert address.startswith("https://lib.example/")
    return address.removeprefix("https://lib.example")


def test_a_beginning_suggests_things(client: FlaskClient) -> None:
    def suggest(prefix: str, **more: str) -> list[str]:
        answer = client.get("/reconcile/suggest/entity", query_string={"prefix": prefix, **more})
        return [row["id"] for row in answer.json["result"]]

    assert suggest("community bas", type="concept") == ["concept/community-based-corrections"]
    assert "concept/probation" in suggest("prob")
    assert "agent/great-britain-hmi-probation" in suggest("great brit")
    assert suggest("prob", cursor="1") == suggest("prob")[1:] + suggest("prob", cursor="20")[:1]
    assert suggest("") == suggest("zzzz") == suggest('") (') == []


def test_values_of_what_was_matched(client: FlaskClient) -> None:
    asked = {
        "ids": ["resource/123404", "agent/none"],
        "properties": [{"id": "creators"}, {"id": "issued"}, {"id": "x"}],
    }
    answer = client.post("/reconcile", data={"extend": orjson.dumps(asked).decode()}).json
    assert [row["id"] for row in answer["meta"]] == ["creators", "issued", "x"]
    assert answer["meta"][0]["name"] == "Author"
    assert answer["meta"][0]["type"]["id"] == "agent"
    row = answer["rows"]["resource/123404"]
    assert row["creators"] == [{"id": "agent/great-britain-hmi-probation", "name": "HMI Probation"}]
    assert (row["issued"], row["x"]) == ([{"str": "2011"}], [])
    assert answer["rows"]["agent/none"] == {"creators": [], "issued": [], "x": []}


def test_every_proposed_property_is_an_attribute_of_the_context() -> None:
    known = data_extension.labels()
    for names in data_extension.PROPOSED.values():
        assert set(names) <= set(known)


def test_likeness_takes_order_and_subtitles_for_little() -> None:
    assert likeness(forms(["Smith, John"]), "john smith") == pytest.approx(0.99)
    assert likeness(forms(["Prisons and their costs: a survey"]), "prisons and their costs") > 0.9
    assert likeness(forms(["Report"]), "report on the prisons of the county") < 0.5
    assert likeness(forms(["Annual report 2010"]), "annual report 2011") < 1


def an_object(required: str, optional: str = "", /, **others: dict[str, Any]) -> dict[str, Any]:
    """A schema: texts by their names, and members of other types."""
    texts = {name: {"type": "string"} for name in (*required.split(), *optional.split())}
    return {"type": "object", "properties": texts | others, "required": required.split()}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


# what the schemas of Reconciliation Service API 0.2 say of answers
TYPE = an_object("id name", "description")
TEMPLATE = {"type": "object", "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}}, "required": ["url"]}
SERVICE = an_object("service_url service_path", "flyout_service_url") | {
    "additionalProperties": {"pattern": r"\$\{id\}"}
}
FEATURE = an_object("id", value={"type": ["number", "boolean"]})
CANDIDATE = an_object(
    "id name",
    "description",
    score={"type": "number"},
    match={"type": "boolean"},
    type=several(an_object("id", "name")),
    features=several(FEATURE),
)
SCHEMAS = {
    "manifest": an_object(
        "name identifierSpace schemaSpace",
        "documentation serviceVersion logo",
        versions=several({"type": "string"}) | {"contains": {"const": "0.2"}},
        view=TEMPLATE,
        preview=TEMPLATE | {"required": ["url", "width", "height"]},
        suggest={"additionalProperties": SERVICE},
        defaultTypes=several(TYPE) | {"uniqueItems": True},
    ),
    "results": {"additionalProperties": an_object("", result=several(CANDIDATE)) | {"required": ["result"]}},
    "suggestions": an_object("", result=several(an_object("id name", "description"))) | {"required": ["result"]},
    "extension": an_object(
        "",
        meta=several(an_object("id name", type=an_object("id", "name"))),
        rows={
            "additionalProperties": {
                "additionalProperties": several(
                    {
                        "oneOf": [
                            an_object("id name", "description") | {"additionalProperties": False},
                            an_object("str") | {"additionalProperties": False},
                        ]
                    }
                )
            }
        },
    )
    | {"required": ["rows", "meta"]},
}


def check(name: str, answer: Any) -> None:
    jsonschema.validate(answer, SCHEMAS[name])


def test_answers_keep_the_schemas_of_the_api(client: FlaskClient, names: list[tuple[str, str]]) -> None:
    check("manifest", client.get("/reconcile").json)
    things = ["/".join(name) for name in names if name[0] != "dataset"]
    queries: dict[str, Any] = {f"q{n}": {"query": key.rpartition("/")[2]} for n, key in enumerate(things[:200])}
    queries["all"] = {
        "query": TITLE,
        "type": ["resource"],
        "type_strict": "any",
        "limit": 3.0,
        "properties": [
            {"pid": "year", "v": 2011},
            {"pid": "body", "v": [{"id": "agent/x", "name": "HMI Probation"}, "Probation", True]},
            {"pid": "no such", "v": "x"},
        ],
    }
    queries["properties alone"] = {"properties": [{"pid": "shelf_number", "v": "123404"}]}
    answer = client.post("/reconcile", data={"queries": orjson.dumps(queries).decode()}).json
    check("results", answer)
    assert answer.keys() == queries.keys()
    assert len(answer["all"]["result"]) == 3
    assert answer["properties alone"]["result"][0]["id"] == "resource/123404"
    for service in ("entity", "property", "type"):
        for prefix in ("", "a", "pro", "é", '"'):
            check("suggestions", client.get(f"/reconcile/suggest/{service}", query_string={"prefix": prefix}).json)
    properties = [{"id": name} for found in data_extension.PROPOSED.values() for name in found]
    asked = {"ids": [*things[:200], "resource/none"], "properties": properties}
    answer = client.post("/reconcile", data={"extend": orjson.dumps(asked).decode()}).json
    check("extension", answer)
    assert answer["rows"].keys() == {*asked["ids"]}
