"""Sitemaps and ResourceSync: valid, complete, and enough for the client of others to keep a copy."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT, free_port, serving
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from resync.capability_list import CapabilityList
from resync.change_dump import ChangeDump
from resync.change_dump_manifest import ChangeDumpManifest
from resync.change_list import ChangeList
from resync.resource_dump import ResourceDump
from resync.resource_dump_manifest import ResourceDumpManifest
from resync.resource_list import ResourceList
from resync.source_description import SourceDescription

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.harvest import packages, resource_sync, sitemap
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]
SCHEMA = ROOT.parent / "shared" / "data" / "schemas" / "sitemap.xsd"
BASE = "https://lib.example"


def locations(client: FlaskClient, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "application/xml"
    document = etree.fromstring(response.data)
    return [loc.text or "" for loc in document.iter("{*}loc")]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sitemap, resource_sync):
        monkeypatch.setattr(module, "BLOCK", 100)


def test_sitemaps_name_every_document_once(
    client: FlaskClient, names: list[tuple[str, str]], app: Flask, small_blocks: None
) -> None:
    parts = locations(client, "/sitemap.xml")
    assert len(parts) == -(-len(names) // 100)
    found = [loc for part in parts for loc in locations(client, part.removeprefix(BASE))]
    addresses = app.extensions["publisher"].addresses
    assert sorted(found) == sorted(addresses.document(*name) for name in names)
    assert client.get(f"/sitemap/{len(parts) + 1}.xml").status_code == 404


def test_sitemaps_follow_what_comes_and_goes(tmp_path: Path, write_page: Callable[..., Path]) -> None:
    settings = Settings(BASE_URL=BASE, DATA_DIR=tmp_path / "site")
    records = [{"title": f"Record {number}", "number": str(number), "keywords": f"K{number}"} for number in range(150)]

    def held() -> dict[int, int]:
        """How many things are counted in each hundred, which is how many there are; the last release changed them."""
        with closing(Catalog(settings.DATA_DIR)) as catalog:
            counted = dict(catalog.db.execute("SELECT number, things FROM block WHERE things").fetchall())
            there = "SELECT (id - 1) / 100 + 1, count(*) FROM thing WHERE NOT withdrawn GROUP BY 1"
            assert counted == dict(catalog.db.execute(there).fetchall())
            assert [block.modified for block in sitemap.blocks(catalog)] == [catalog.seen()]
            assert sitemap.last_block(catalog, 100) == max(counted)
            return counted

    pipeline.load(settings, [write_page(*records)])
    assert list(held()) == [1, 2, 3, 4]
    pipeline.withdraw(settings, [record["number"] for record in records[50:]])
    assert sum(held().values()) == 104  # with the data set, an author and two bodies
    pipeline.load(settings, [write_page({**records[0], "title": "Another"}, records[60])])
    pipeline.load(settings, [write_page({"title": "New", "number": "new", "keywords": "K1; K2; K999"})])
    assert sum(held().values()) == 108


@pytest.mark.parametrize("path", ["/sitemap.xml", "/sitemap/1.xml"])
def test_sitemaps_are_valid_and_cacheable(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    etag = response.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    document = etree.fromstring(response.data)
    assert all(node.text.endswith("Z") for node in document.iter("{*}lastmod"))
    if path == "/sitemap/1.xml":  # the schema of the index is another one
        if not SCHEMA.is_file():
            pytest.skip("the schema of sitemaps is not here")
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(document)


def test_robots_are_told_the_way(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {BASE}/sitemap.xml\n" in text
    assert "Disallow: /search?\n" in text
    assert "Disallow: /*?role=\n" in text


def test_the_lists_lead_to_everything(client: FlaskClient, names: list[tuple[str, str]], small_blocks: None) -> None:
    source, capabilities = SourceDescription(), CapabilityList()
    source.parse(str_data=client.get("/.well-known/resourcesync").text)
    (listed,) = source.uris()
    capabilities.parse(str_data=client.get(listed.removeprefix(BASE)).text)
    resources: list[str] = []
    for part in locations(client, capabilities.capability_info("resourcelist").uri.removeprefix(BASE)):
        found = ResourceList()
        found.parse(str_data=client.get(part.removeprefix(BASE)).text)
        resources += found.uris()
    one = next(iter(found))
    body = client.get(one.uri.removeprefix(BASE)).data
    assert (len(body), hashlib.sha256(body).hexdigest()) == (one.length, one.sha256)
    assert len(resources) == len(set(resources)) == len(names)
    changed: list[str] = []
    for part in locations(client, capabilities.capability_info("changelist").uri.removeprefix(BASE)):
        changes = ChangeList()
        changes.parse(str_data=client.get(part.removeprefix(BASE)).text)
        assert all(change.change == "created" for change in changes)
        changed += changes.uris()
    assert sorted(changed) == sorted(resources)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.nt")}


def test_another_client_makes_a_copy_and_keeps_it_up(tmp_path: Path, write_page: Callable[..., Path]) -> None:
    """resync-sync: a baseline, then changes and deletions; by length and hash it finds that it has everything."""
    port = free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=tmp_path / "site")
    one, two = {"title": "First", "number": "1"}, {"title": "Second", "number": "2", "keywords": "Courts"}
    pipeline.load(settings, [write_page(one, two)])
    copy = tmp_path / "copy"
    with serving(settings.DATA_DIR, port) as base:

        def sync(*arguments: str) -> str:
            command = [sys.executable, "-W", "ignore", str(Path(sys.executable).with_name("resync-sync")), *arguments]
            result = subprocess.run(
                [*command, "--delete", "--noauth", "--verbose", base, str(copy)],
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert result.returncode == 0, result.stderr
            assert "Error" not in result.stderr, result.stderr
            return result.stderr

        # with --hash and --incremental resync 2.0.1 fails
        everything = ("--hash=sha-256", "--capabilitylist", f"{base}/resourcesync/capabilitylist.xml")
        sync("--baseline", *everything)
        before = files(copy)
        assert {"doc/resource/1.nt", "doc/resource/2.nt", "doc/concept/courts.nt", "dataset.nt"} <= before
        pipeline.load(settings, [write_page({**one, "title": "First, Revised"}, {"title": "Third", "number": "3"})])
        pipeline.withdraw(settings, ["2"])
        assert "NOT IN SYNC" in sync("--audit", *everything)
        sync("--incremental", "--changelist-uri", f"{base}/resourcesync/changelist.xml")
        assert "NOT" not in (found := sync("--audit", *everything))
        assert "IN SYNC" in found
    catalog = Catalog(settings.DATA_DIR)
    expected = {
        "dataset.nt" if entry.kind == "dataset" else f"doc/{entry.kind}/{entry.key}.nt" for entry in catalog.entries()
    }
    catalog.close()
    assert files(copy) == expected
    assert "doc/resource/2.nt" not in expected
    assert "First, Revised" in (copy / "doc" / "resource" / "1.nt").read_text("utf-8")


def test_the_dump_holds_what_the_addresses_give(client: FlaskClient, names: list[tuple[str, str]]) -> None:
    """As resync reads it: each file of the manifest is the resource that it says, by length, hash and content."""
    dump = ResourceDump()
    dump.parse(str_data=client.get("/resourcesync/resourcedump.xml").text)
    held: list[str] = []
    for package in dump.uris():
        answer = client.get(package.removeprefix(BASE))
        assert answer.content_type == "application/zip"
        assert answer.data == client.get(package.removeprefix(BASE)).data
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        manifest = ResourceDumpManifest()
        manifest.parse(str_data=archive.read("manifest.xml").decode())
        assert len(manifest) == len(archive.namelist()) - 1
        for resource in manifest:
            body = archive.read(resource.path.lstrip("/"))
            assert (len(body), hashlib.sha256(body).hexdigest()) == (int(resource.length), resource.sha256)
            held.append(resource.uri)
        last = resource
        assert archive.read(last.path.lstrip("/")) == client.get(last.uri.removeprefix(BASE)).data
    assert len(held) == len(set(held)) == len(names)
    assert client.get("/resourcesync/resourcedump-99.zip").status_code == 404


def test_the_change_dump_replayed_gives_what_is_published(
    settings: Settings,
    write_page: Callable[..., Path],
    make_app: Callable[[Settings], Flask],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As resync reads it: every file by the length and hash of its manifest, versions that were replaced, too."""
    monkeypatch.setattr(packages, "BLOCK", 6)
    one, two = {"title": "First", "number": "1"}, {"title": "Second", "number": "2", "keywords": "Courts"}
    pipeline.load(settings, [write_page(one, two)])
    pipeline.load(settings, [write_page({**one, "title": "First, Revised"})])
    pipeline.withdraw(settings, ["2"])
    client = make_app(settings).test_client()
    dump, copy, replaced = ChangeDump(), dict[str, bytes](), []
    dump.parse(str_data=client.get("/resourcesync/changedump.xml").text)
    assert len(dump) > 2
    for package in dump.uris():
        archive = zipfile.ZipFile(io.BytesIO(client.get(package.removeprefix(BASE)).data))
        manifest = ChangeDumpManifest()
        manifest.parse(str_data=archive.read("manifest.xml").decode())
        for change in manifest:
            if change.change == "deleted":
                assert copy.pop(change.uri, None) is None, "of what is gone only the deletion is told"
                continue
            body = archive.read(change.path.lstrip("/"))
            assert (len(body), hashlib.sha256(body).hexdigest()) == (change.length, change.sha256)
            replaced += [change.uri] if change.uri in copy else []
            assert (change.change == "updated") == (change.uri in copy)
            copy[change.uri] = body
    catalog = Catalog(settings.DATA_DIR)
    addresses = client.application.extensions["publisher"].addresses
    expected = {addresses.document(*entry.name, "nt") for entry in catalog.entries()}
    catalog.close()
    assert f"{BASE}/doc/resource/1.nt" in replaced
    assert {uri: client.get(uri.removeprefix(BASE)).data for uri in expected} == copy
    assert client.get(f"/resourcesync/changedump-{len(dump) + 1}.zip").status_code == 404
