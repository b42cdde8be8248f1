"""The URL space: paths, IRIs and back, relative references."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.addresses import DATASET, KINDS, Addresses, document_path, relative, search_path, thing_path

BASE = "https://lib.example/sub/"
ADDRESSES = Addresses(BASE)


@pytest.mark.parametrize(
    ("kind", "key", "path"),
    [
        ("resource", "123404", "resource/123404"),
        ("resource", "HV 6001/2", "resource/HV%206001%2F2"),
        ("resource", "50%", "resource/50%25"),
        ("resource", "a?b#c", "resource/a%3Fb%23c"),
        ("resource", "../x", "resource/..%2Fx"),
        ("resource", "a.ttl", "resource/a.ttl"),
        ("agent", "müller", "agent/m%C3%BCller"),
        ("concept", "図書館", "concept/%E5%9B%B3%E6%9B%B8%E9%A4%A8"),
        ("place", "~a-b_c.d", "place/~a-b_c.d"),
    ],
)
def test_things_and_documents(kind: str, key: str, path: str) -> None:
    assert thing_path(kind, key) == f"/id/{path}"
    assert document_path(kind, key) == f"/doc/{path}"
    assert document_path(kind, key, "ttl") == f"/doc/{path}.ttl"
    assert ADDRESSES.thing(kind, key) == f"{BASE}id/{path}"
    assert ADDRESSES.thing(kind, key, "item") == f"{BASE}id/{path}#item"
    assert ADDRESSES.document(kind, key, "nt") == f"{BASE}doc/{path}.nt"
    for iri in (f"{BASE}id/{path}", f"{BASE}doc/{path}", f"{BASE}id/{path}#item"):
        assert ADDRESSES.parse(iri) == (kind, key)


def test_the_data_set_has_a_path_of_its_own() -> None:
    assert ADDRESSES.thing(*DATASET) == ADDRESSES.document(*DATASET) == BASE + "dataset"
    assert document_path(*DATASET, "ttl") == "/dataset.ttl"
    assert ADDRESSES.parse(BASE + "dataset") == DATASET


@given(st.sampled_from(KINDS), st.text(st.characters(blacklist_categories=("Cs",)), min_size=1))
def test_any_key_comes_back(kind: str, key: str) -> None:
    iri = ADDRESSES.thing(kind, key)
    assert iri.isascii()
    assert iri.count("/") == BASE.count("/") + 2
    assert ADDRESSES.parse(iri) == ADDRESSES.parse(ADDRESSES.document(kind, key)) == (kind, key)


@pytest.mark.parametrize(
    "iri",
    [
        BASE,
        BASE + "id/resource/",
        BASE + "id/resource",
        BASE + "id/thing/1",
        BASE + "keywords",
        "https://lib.example/id/resource/1",
        "https://lib.example.org/sub/id/resource/1",
        "id/resource/1",
        "dataset",
        "",
    ],
)
def test_what_is_none_of_ours(iri: str) -> None:
    assert ADDRESSES.parse(iri) is None


@pytest.mark.parametrize("base", ["https://lib.example/sub", "https://lib.example/sub/", "https://lib.example/sub//"])
def test_a_base_has_one_slash_at_its_end(base: str) -> None:
    addresses = Addresses(base)
    assert addresses.base == BASE
    assert (addresses.iri("/"), addresses.things) == (BASE, BASE + "id/")
    assert {addresses.keywords, addresses.profile, addresses.ontology, addresses.sparql} == {
        BASE + path for path in ("keywords", "profile/report", "ontology", "sparql")
    }


@pytest.mark.parametrize("prefix", ["", "/sub", "/a/b"])
@pytest.mark.parametrize("current", ["/", "/search", "/doc/resource/1", "/doc/resource/a%2Fb", "/browse/keywords"])
@pytest.mark.parametrize("path", ["/", "/search?q=a", "/static/style.css", "/doc/agent/smith-john", "/id/place/x%2Fy"])
def test_relative_references_lead_there_under_any_prefix(prefix: str, current: str, path: str) -> None:
    page = f"http://host.example{prefix}{current}"
    reference = relative(current, path)
    assert urljoin(page, reference) == f"http://host.example{prefix}{path}"
    assert not urlsplit(reference).netloc
    assert reference


def test_searches() -> None:
    assert search_path() == search_path(q="", page=0) == "/search"
    assert search_path(q="a&b c", page=2) == "/search?q=a%26b+c&page=2"
