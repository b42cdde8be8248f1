"""unAPI as its specification and Zotero's translator go through it: page, list of formats, record."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
import rispy
from flask.testing import FlaskClient
from lxml import etree, html

pytest_plugins = ["web_fixtures"]
BASE = "https://lib.example"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
MODS = {"m": "http://www.loc.gov/mods/v3"}


def server_and_records(client: FlaskClient, path: str) -> tuple[str, list[str]]:
    """What a page names, as Zotero looks for it."""
    page = html.document_fromstring(client.get(path, headers=BROWSER).data.decode())
    (server,) = page.xpath("/html/head/link[@rel='unapi-server'][@type='application/xml']/@href")
    return urljoin(path, server), page.xpath("//abbr[@class='unapi-id']/@title")


def test_a_record_is_taken_whole(client: FlaskClient) -> None:
    server, records = server_and_records(client, "/doc/resource/123404")
    assert records == [f"{BASE}/id/resource/123404"]
    everything = client.get(server)
    assert (everything.status_code, everything.content_type) == (200, "application/xml")
    root = etree.fromstring(everything.data)
    assert (root.tag, root.attrib) == ("formats", {})
    offered = {row.get("name"): row.get("type") for row in root}
    assert offered["mods"] == "application/mods+xml"
    own = client.get(f"{server}?id={records[0]}")
    assert own.status_code == 300
    root = etree.fromstring(own.data)
    assert root.get("id") == records[0]
    assert {row.get("name"): row.get("type") for row in root} == offered
    for name, media_type in offered.items():
        answer = client.get(f"{server}?id={records[0]}&format={name}")
        assert answer.status_code == 302
        found = client.get(urljoin(server, answer.headers["Location"]))
        assert (found.status_code, found.mimetype) == (200, media_type)
    mods = etree.fromstring(client.get(f"{server}?id={records[0]}&format=mods", follow_redirects=True).data)
    assert mods.xpath("string(m:genre[@authority='marcgt'])", namespaces=MODS) == "technical report"
    assert mods.xpath("string(m:name[@type='corporate']/m:namePart[1])", namespaces=MODS).startswith("Great Britain")
    assert len(mods.xpath("m:subject/m:topic", namespaces=MODS)) > 3
    (ris,) = rispy.loads(client.get(f"{server}?id={records[0]}&format=ris", follow_redirects=True).text)
    assert ris["authors"] == ["Great Britain: HMI Probation"]


def test_each_result_can_be_taken(client: FlaskClient) -> None:
    server, records = server_and_records(client, "/search?q=probation&size=5")
    assert len(records) == 5
    for iri in records:
        assert client.get(f"{server}?id={iri}&format=ris", follow_redirects=True).data.startswith(b"TY  - ")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=https://lib.example/id/resource/none&format=ris", 404),
        ("id=https://lib.example/id/agent/great-britain&format=ris", 404),
        ("id=https://elsewhere.example/1", 404),
        ("id=https://lib.example/id/resource/123404%23%01", 300),
        ("id=https://lib.example/doc/resource/123404&format=pdf", 406),
        ("id=%00", 404),
    ],
)
def test_what_is_not_there_is_told(client: FlaskClient, query: str, status: int) -> None:
    assert client.get(f"/unapi?{query}").status_code == status
