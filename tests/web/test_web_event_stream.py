"""The Linked Data Event Stream: a client of others makes a copy of everything and keeps it up, deletions included."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, free_port, serving
from flask import Flask
from pyoxigraph import CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad, RdfFormat, parse

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.harvest import event_stream
from publisher.mapping import Mapping
from publisher.namespaces import namespaces, split
from publisher.settings import Settings
from publisher.view import published_lines

pytest_plugins = ["web_fixtures"]
BASE = "https://lib.example"
CLIENT = ROOT / "tests" / "node_modules" / "ldes-client"
NODE = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
AS, TREE, LDES = (namespaces()[prefix] for prefix in ("as", "tree", "ldes"))
Graphs = dict[str, str]  # the IRI of a thing -> its description in canonical form


def canonical(text: str) -> str:
    """What N-Triples or N-Quads say, whatever the names of blank nodes and graphs."""
    found = Dataset(Quad(quad.subject, quad.predicate, quad.object) for quad in parse(text, format=RdfFormat.N_QUADS))
    found.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return "\n".join(sorted(map(str, found)))


def published(settings: Settings) -> Graphs:
    catalog, mapping = Catalog(settings.DATA_DIR), Mapping(settings)
    graphs = {
        mapping.addresses.thing(*entry.name): canonical("\n".join(published_lines(mapping, entry)))
        for entry in catalog.entries()
    }
    catalog.close()
    return graphs


@contextmanager
def following(url: str, state: Path) -> Iterator[Iterator[dict[str, Any]]]:
    """The members of a stream as ldes-client emits them, now and whenever there is a new one."""
    command = [NODE or "", str(ROOT / "tests" / "web" / "event_stream.mjs"), url, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        patience = threading.Timer(60, process.kill)
        patience.start()
        try:
            yield map(json.loads, process.stdout)
        finally:
            process.kill()
            patience.cancel()


def take(members: Iterator[dict[str, Any]], copy: Graphs, count: int) -> list[str]:
    """Applies the next changes to a copy, which come in the order of their releases; gives their kinds."""
    kinds: list[str] = []
    for member in islice(members, count):
        kinds.append(member["type"].removeprefix(AS))
        if kinds[-1] == "Delete":
            assert not member["quads"]
            del copy[member["object"]]
        else:
            assert (member["object"] in copy) == (kinds[-1] == "Update")
            copy[member["object"]] = canonical(member["quads"])
    assert len(kinds) == count, "the client has ended"
    return kinds


def last(settings: Settings) -> int:
    catalog = Catalog(settings.DATA_DIR)
    found: int = catalog.db.execute("SELECT max(sequence) FROM version").fetchone()[0]
    catalog.close()
    return found


@pytest.mark.skipif(NODE is None or not CLIENT.is_dir(), reason="needs ldes-client (npm install in tests/)")
def test_another_client_makes_a_copy_and_keeps_it_up(tmp_path: Path, write_page: Callable[..., Path]) -> None:
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    pages = [{"title": f"Report {number}", "number": f"{number}", "keywords": f"K{number}"} for number in range(126)]
    pipeline.load(settings, [write_page(*pages)])
    assert last(settings) > event_stream.PAGE  # of one page, full, and one that is open
    copy: Graphs = {}
    with serving(settings.DATA_DIR, port) as base, following(f"{base}/changes/ldes", tmp_path / "state") as members:
        first = last(settings)
        assert set(take(members, copy, first)) == {"Create"}
        assert copy == published(settings)
        pipeline.load(settings, [write_page({**pages[3], "title": "Mended"}, {"title": "New", "number": "new"})])
        pipeline.withdraw(settings, ["7"])
        assert set(take(members, copy, last(settings) - first)) == {"Create", "Update", "Delete"}
    assert copy == published(settings)
    assert not any(iri.endswith(("/resource/7", "/concept/k7")) for iri in copy)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "PAGE", 4)
    monkeypatch.setattr(event_stream, "FAN", 3)


def test_the_tree_leads_to_every_change_once_and_what_is_full_stays(
    settings: Settings, write_page: Callable[..., Path], make_app: Callable[[Settings], Flask], small_pages: None
) -> None:
    pipeline.load(settings, [write_page(*({"title": f"Report {n}", "number": f"{n}"} for n in range(8)))])
    pipeline.load(settings, [write_page(*({"title": f"Mended {n}", "number": f"{n}"} for n in range(8)))])
    pipeline.withdraw(settings, ["3", "4"])
    client = make_app(settings).test_client()
    members, open_parts, waiting = [], [], ["/changes/ldes"]
    for path in waiting:
        response = client.get(path)
        assert (response.status_code, response.content_type) == (200, "application/trig")
        tag = response.headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        everything = parse(response.data, format=RdfFormat.TRIG)
        quads = [quad for quad in everything if quad.graph_name == DefaultGraph()]
        assert {quad.predicate.value for quad in quads if split(quad.predicate.value) is None} == set()
        here = {quad.predicate.value: quad.object for quad in quads if quad.subject == NamedNode(BASE + path)}
        full = here.get(f"{LDES}immutable") is not None
        assert full == ("immutable" in response.headers["Cache-Control"])
        open_parts += [] if full else [path]
        found = sorted({quad.object.value for quad in quads if quad.predicate.value == f"{TREE}node"})
        waiting += [iri.removeprefix(BASE) for iri in found]
        members += [quad.object.value for quad in quads if quad.predicate.value == f"{TREE}member"]
        bounds = {quad.object.value for quad in quads if quad.predicate.value == f"{TREE}value"}
        assert all(bound.endswith("Z") for bound in bounds)
    sequences = sorted(int(member.rpartition("#")[2]) for member in members)
    assert sequences == list(range(1, last(settings) + 1))
    assert len(waiting) == len(set(waiting)) > 8
    nodes = -(-last(settings) // 12)
    assert open_parts == ["/changes/ldes", f"/changes/ldes/{nodes}", waiting[-1]]
    for path in ("/changes/ldes/0", f"/changes/ldes/{nodes + 1}", "/changes/ldes/1/4", f"{waiting[-1]}9"):
        assert client.get(path).status_code == 404, path
    assert client.get("/changes/ldes", headers={"Accept": "text/turtle"}).status_code == 406


def test_texts_are_left_alone_when_blank_nodes_are_named_anew() -> None:
    lines = ['<a:a> <a:b> "see _:x ." .', '<a:a> <a:b> "_:x" .', '<a:a> <a:b> "to _:x."@en .']
    assert [event_stream._BLANK.sub("_:v1-", line) for line in lines] == lines
    assert event_stream._BLANK.sub("_:v1-", "_:x <a:b> _:y .") == "_:v1-x <a:b> _:v1-y ."
