"""The description of the site for programs: valid, complete, and true of what is answered."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest
from conftest import ROOT
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from publisher.web import openapi

pytest_plugins = ["web_fixtures"]


@pytest.fixture(scope="module")
def described(app: Flask) -> dict[str, Any]:
    with app.test_request_context():
        return openapi.describe(app)


def test_the_description_is_valid(client: FlaskClient) -> None:
    response = client.get("/openapi.json")
    assert response.content_type == "application/json"
    assert [str(error) for error in OpenAPIV31SpecValidator(response.json).iter_errors()] == []
    assert response.json["servers"] == [{"url": "https://lib.example"}]


def test_every_route_is_described(app: Flask, described: dict[str, Any]) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(openapi.ANSWERS) | set(openapi.PARAMETERS) | set(openapi.REDIRECTS) <= endpoints
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["summary"], f"the view of {path} has no doc string"
    templates = [re.sub(r"{\w+}", "{}", path) for path in described["paths"]]
    assert len(set(templates)) == len(templates)
    assert "/doc/resource/{key}" in described["paths"]


def test_every_parameter_that_a_view_reads_is_described() -> None:
    told = {name.partition("#")[0] for table in openapi.PARAMETERS.values() for name in table}
    read = set()
    for path in (ROOT / "publisher" / "web").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            source = ast.unparse(node) if isinstance(node, ast.Call | ast.Subscript) else ""
            read |= set(re.findall(r"^request\.(?:args|values|form)(?:\.get|\.getlist)?[(\[]'([\w-]+)'", source))
    assert read - told == {"lang"}  # which every page has


def test_answers_are_of_the_types_that_are_told(client: FlaskClient, described: dict[str, Any]) -> None:
    keys = {"resource": "123404", "agent": "great-britain", "concept": "probation", "place": "united-kingdom"}
    places = {
        "page": "1",
        "node": "1",
        "number": "1",
        "name": "none",
        "facet": "authors",
        "extension": "ttl",
        "filename": "style.css",
    }
    answered = 0
    for path, operations in described["paths"].items():
        kind = next((kind for kind in keys if f"/{kind}/" in path), "")
        address = re.sub(r"{(\w+)}", lambda place: {**places, "key": keys.get(kind, "")}[place[1]], path)  # noqa: B023
        response = client.get(address)
        answers = operations["get"]["responses"]
        if response.status_code in (200, 303):
            answered += 1
            content = answers[str(response.status_code)].get("content")
            assert content is None or response.mimetype in content, path
        else:
            assert response.status_code in (400, 404), path
            assert response.mimetype == "application/problem+json", path
    assert answered > 40
