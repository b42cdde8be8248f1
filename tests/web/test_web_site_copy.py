"""The site as files: a valid bag, and served by nginx under the same addresses with no link that leads nowhere."""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import DATA, SEED, free_port, nginx
from flask import Flask
from lxml import html

from publisher import pipeline
from publisher.cli import main
from publisher.settings import Settings

pytest_plugins = ["web_fixtures"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path_factory.mktemp("copied") / "site")
    pipeline.load(settings, [SEED, DATA / "formats" / "sample.bib"])
    return settings


@pytest.fixture(scope="module")
def bag(site: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy") / "bag"
    environment = {"PUBLISHER_DATA_DIR": str(site.DATA_DIR), "PUBLISHER_BASE_URL": site.BASE_URL}
    result = CliRunner().invoke(main, ["export", str(folder), "--site"], env=environment)
    assert result.exit_code == 0, result.output
    assert "left out" not in result.output
    again = CliRunner().invoke(main, ["export", str(folder), "--site"], env=environment)
    assert (again.exit_code, "is not empty" in again.output) == (2, True)
    return folder


def test_the_bag_is_complete_and_right(bag: Path) -> None:
    """RFC 8493 3: every file of the payload in the manifest, with its checksum."""
    rows = [line.split("  ", 1) for line in (bag / "manifest-sha256.txt").read_text("utf-8").splitlines()]
    listed = {name.replace("%25", "%"): digest for digest, name in rows}
    found = {str(path.relative_to(bag)): path for path in (bag / "data").rglob("*") if path.is_file()}
    assert set(listed) == set(found)
    assert len(rows) == len(listed)
    for name, path in found.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]
    size = sum(path.stat().st_size for path in found.values())
    assert f"Payload-Oxum: {size}.{len(found)}\n" in (bag / "bag-info.txt").read_text("utf-8")
    for line in (bag / "tagmanifest-sha256.txt").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((bag / name).read_bytes()).hexdigest() == digest


@pytest.fixture(scope="module")
def copy(bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx with the configuration that comes with the copy; gives its address."""
    port = free_port()
    site = (bag / "nginx.conf").read_text("utf-8")
    site = site.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("root data;", f"root {bag / 'data'};")
    with nginx(tmp_path_factory.mktemp("nginx"), site, port) as address:
        yield address


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def fetch(address: str, accept: str = "text/html", follow: bool = True) -> tuple[int, dict[str, str], bytes]:
    opener = urllib.request.build_opener() if follow else urllib.request.build_opener(_Still)
    try:
        with opener.open(urllib.request.Request(address, headers={"Accept": accept}), timeout=10) as answer:
            return answer.status, {**answer.headers, "Address": answer.url}, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_no_link_leads_nowhere(copy: str, bag: Path) -> None:
    waiting, seen, broken = ["/"], {"/"}, []
    while waiting:
        path = waiting.pop()
        status, headers, body = fetch(copy + path)
        if status != 200:
            broken.append((path, status))
        if not headers.get("Content-Type", "").startswith("text/html"):
            continue
        for link in html.fromstring(body).xpath("//@href | //@src"):
            if not re.match(r"[a-z]+:", link):
                target = urllib.parse.urlsplit(urllib.parse.urljoin(headers["Address"], link)).path
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
    assert broken == []
    records = {f"/doc/resource/{path.stem}" for path in (bag / "data" / "doc" / "resource").glob("*.html")}
    assert len(records) == 6
    assert records <= seen


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_addresses_and_formats_are_those_of_the_site(
    copy: str, site: Settings, make_app: Callable[[Settings], Flask], accept: str, content_type: str
) -> None:
    status, headers, _ = fetch(f"{copy}/id/resource/123404", follow=False)
    assert (status, headers["Location"]) == (303, "/doc/resource/123404")
    status, headers, body = fetch(f"{copy}/id/resource/123404", accept)
    assert (status, headers["Content-Type"]) == (200, content_type)
    assert "Accept" in headers["Vary"]
    given = make_app(site).test_client().get("/doc/resource/123404", headers={"Accept": accept})
    assert body == given.data


def test_each_file_has_its_media_type(copy: str) -> None:
    for extension, content_type in (
        ("linkset.json", "application/linkset+json"),
        ("linkset", "application/linkset"),
        ("csl.json", "application/vnd.citationstyles.csl+json"),
        ("citation.txt", "text/x-bibliography; charset=utf-8"),
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
    ):
        status, headers, _ = fetch(f"{copy}/doc/resource/123404.{extension}")
        assert (status, headers["Content-Type"]) == (200, content_type)
        assert headers["Access-Control-Allow-Origin"] == "*"


def test_harvest_doors_are_there(copy: str) -> None:
    assert fetch(f"{copy}/.well-known/resourcesync")[0] == 200
    assert fetch(f"{copy}/.well-known/void", "text/turtle")[1]["Content-Type"].startswith("text/turtle")
    assert b"OrderedCollectionPage" in fetch(f"{copy}/changes/1")[2]
    for part in ("", "/1", "/1/1"):
        status, headers, _ = fetch(f"{copy}/changes/ldes{part}")
        assert (status, headers["Content-Type"]) == (200, "application/trig")
    for path in ("/sitemap.xml", "/sitemap/1.xml", "/changes.atom", "/dump/SHA256SUMS", "/dump/catalogue.nt.gz"):
        assert fetch(copy + path)[0] == 200
    for capability in ("resourcedump", "changedump"):
        assert fetch(f"{copy}/resourcesync/{capability}.xml")[0] == 200
        assert fetch(f"{copy}/resourcesync/{capability}-1.zip")[2].startswith(b"PK")
    assert fetch(f"{copy}/doc/resource/none")[0] == 404
