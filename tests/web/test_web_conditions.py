"""What a client wants only if it is in the state that the client knows (RFC 9110 13.1.1, 13.1.4)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytest_plugins = ["web_fixtures"]

RECORD = "/doc/resource/123404"
PATHS = [
    RECORD,
    *(f"{RECORD}.{end}" for end in ("html", "ttl", "jsonld", "rdf", "nt", "txt", "bib", "marcxml", "linkset.json")),
    f"{RECORD}/versions",
    "/dataset",
    "/search?q=probation",
    "/sparql?query=ASK%7B%7D",
    "/static/style.css",
]
EARLY, LATE = "Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 01 Jan 2050 00:00:00 GMT"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", PATHS)
def test_if_match(client: FlaskClient, path: str, method: str) -> None:
    tag = client.get(path).headers["ETag"]

    def status(**headers: str) -> int:
        return client.open(
            path, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()}
        ).status_code

    for tags in (tag, f'"x", {tag}', "*", " * "):
        assert status(If_Match=tags) == 200
    assert status(If_Match='"x"') == status(If_Match=f"W/{tag}") == 412  # it compares strongly
    assert status(If_Match='"x"', If_None_Match=tag) == status(If_Match='"x"', If_Unmodified_Since=LATE) == 412
    assert status(If_Match=tag, If_None_Match=tag) == status(If_Match="*", If_None_Match=tag) == 304


@pytest.mark.parametrize("path", [RECORD, f"{RECORD}.html", f"{RECORD}.ttl", "/static/style.css"])
def test_if_unmodified_since(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    def status(since: str, tag: str = "") -> int:
        more = {"If-Match": tag} if tag else {}
        return client.get(path, headers={"If-Unmodified-Since": since, **more}).status_code

    assert status(answer.headers["Last-Modified"]) == status(LATE) == status("yesterday") == 200
    assert status(EARLY) == 412
    assert status(EARLY, answer.headers["ETag"]) == 200  # which outweighs it


@pytest.mark.parametrize(
    ("accept", "words"), [("text/html", b"<html"), ("application/json", b'"status":412'), ("text/plain", b"412 ")]
)
def test_the_refusal_says_so_in_the_format_of_an_error(client: FlaskClient, accept: str, words: bytes) -> None:
    answer = client.get(f"{RECORD}.ttl", headers={"Accept": accept, "If-Match": '"x"'})
    assert (answer.status_code, words in answer.data) == (412, True)
    assert b"another state" in answer.data
    assert "ETag" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_is_not_there_is_not_there_in_any_state(client: FlaskClient) -> None:
    for tag in ("*", '"x"'):
        assert client.get("/doc/resource/none", headers={"If-Match": tag}).status_code == 404
    ask = {"query": "ASK{}"}
    assert client.post("/sparql", data=ask, headers={"If-Match": '"x"'}).status_code == 200
