"""Moved keys: 301 for people and programs, a deletion for harvesters, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask

from publisher import pipeline
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
Write = Callable[..., Path]
OLD = {"title": "Prisons at Night", "number": "OLD 1"}


def test_its_addresses_answer_301(moved: Settings, make_app: Callable[[Settings], Flask]) -> None:
    client = make_app(moved).test_client()
    for path, target in (
        ("/id/resource/OLD%201", "/id/resource/NEW%201"),
        ("/doc/resource/OLD%201", "/doc/resource/NEW%201"),
        ("/doc/resource/OLD%201.ttl", "/doc/resource/NEW%201.ttl"),
        ("/doc/resource/OLD%201.dc.xml", "/doc/resource/NEW%201.dc.xml"),
    ):
        answer = client.get(path, headers={"Accept": "text/turtle"})
        assert answer.status_code == 301, path
        assert urljoin(path, answer.headers["Location"]) == target
        assert client.get(target, headers={"Accept": "*/*"}).status_code in (200, 303)


def test_harvesters_hear_that_it_is_gone(moved: Settings, make_app: Callable[[Settings], Flask]) -> None:
    answer = make_app(moved).test_client().get("/oai?verb=ListIdentifiers&metadataPrefix=oai_dc")
    assert answer.status_code in (200, 404)
    if answer.status_code == 404:
        pytest.skip("there is no OAI-PMH door")
    header = answer.text.split("<header ")[1]
    assert 'status="deleted"' in header and "OLD" in header


def test_there_is_no_circle(moved: Settings, write_page: Write, make_app: Callable[[Settings], Flask]) -> None:
    pipeline.load(moved, [write_page(OLD)])  # the old number is given again
    client = make_app(moved).test_client()
    assert client.get("/doc/resource/OLD%201").status_code == 200
    pipeline.move_key(moved, "NEW 1", "OLD 1")
    answer = client.get("/doc/resource/NEW%201")
    assert (answer.status_code, answer.headers["Location"]) == (301, "../../doc/resource/OLD%201")
    pipeline.withdraw(moved, ["OLD 1"])
    assert client.get("/doc/resource/OLD%201").status_code == 410
