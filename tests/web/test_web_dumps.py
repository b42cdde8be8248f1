"""Dumps: complete, of one release, verifiable, and fetched in parts."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from conftest import DATA
from flask import Flask
from flask.testing import FlaskClient
from pyoxigraph import CanonicalizationAlgorithm, Dataset, RdfFormat, parse
from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCAT, VOID

from publisher import dumps, pipeline
from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.cli import main
from publisher.mapping import Mapping
from publisher.settings import Settings
from publisher.view import published_lines

pytest_plugins = ["web_fixtures"]


@pytest.fixture(scope="module")
def dumped(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A site with dumps in all formats, made by the command."""
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path_factory.mktemp("dumped") / "site")
    pipeline.load(settings, [DATA])
    assert pipeline.announce_dumps(settings, list(dumps.BY_NAME)) == 2
    dumps.renew(settings, list(dumps.BY_NAME))
    return settings


@pytest.fixture
def dump_client(dumped: Settings, make_app: Callable[[Settings], Flask]) -> FlaskClient:
    return make_app(dumped).test_client()


def whole(settings: Settings, named: bool = False) -> list[str]:
    """The lines of all that is published, from the catalog; in named graphs or not."""
    mapping, catalog = Mapping(settings), Catalog(settings.DATA_DIR)
    found = []
    for entry in catalog.entries():
        graph = mapping.addresses.document(*entry.name)
        found += [f"{line[:-2]} <{graph}> ." if named else line for line in published_lines(mapping, entry)]
    catalog.close()
    return sorted(found)


def canonical(dataset: Dataset) -> Dataset:
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def unpacked(client: FlaskClient, name: str) -> bytes:
    response = client.get(f"/dump/{name}")
    assert response.status_code == 200
    assert response.content_type == "application/gzip"
    return gzip.decompress(response.data)


def test_a_dump_holds_every_statement(dump_client: FlaskClient, dumped: Settings) -> None:
    content = whole(dumped)
    assert sorted(unpacked(dump_client, "catalogue.nt.gz").decode().splitlines()) == content
    assert sorted(unpacked(dump_client, "catalogue.nq.gz").decode().splitlines()) == whole(dumped, named=True)
    turtle = canonical(Dataset(parse(unpacked(dump_client, "catalogue.ttl.gz"), format=RdfFormat.TURTLE)))
    assert turtle == canonical(Dataset(parse("\n".join(content).encode(), format=RdfFormat.N_TRIPLES)))


def test_a_folder_may_be_named_from_where_the_server_stands(
    dumped: Settings, make_app: Callable[[Settings], Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(dumped.DATA_DIR.parent)
    settings = dataclasses.replace(dumped, DATA_DIR=Path(dumped.DATA_DIR.name))
    assert make_app(settings).test_client().get("/dump/catalogue.nt.gz").status_code == 200


def test_each_line_of_json_ld_is_a_description(dump_client: FlaskClient, dumped: Settings) -> None:
    context = orjson.loads(dump_client.get("/context.jsonld").data)["@context"]
    rows = [orjson.loads(line) for line in unpacked(dump_client, "catalogue.jsonl.gz").splitlines()]
    graph, expected = Graph(), Graph()
    catalog, mapping = Catalog(dumped.DATA_DIR), Mapping(dumped)
    entries = list(catalog.entries())
    assert len(rows) == len(entries)
    for row, entry in list(zip(rows, entries, strict=True))[:40]:
        assert row["@context"] == "https://lib.example/context.jsonld"
        graph.parse(data=orjson.dumps({**row, "@context": context}), format="json-ld")
        expected.parse(data="\n".join(published_lines(mapping, entry)), format="nt")
    catalog.close()
    assert graph.isomorphic(expected)


def test_the_table_has_a_row_a_record(dump_client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(unpacked(dump_client, "catalogue.csv.gz").decode())))
    seed = next(row for row in rows if row["shelf_number"] == "123404")
    assert seed["id"] == "https://lib.example/id/resource/123404"
    assert "Agency Collaboration (U.K.) | Community Based Corrections" in seed["keyword"]
    assert len(rows) == 76


def test_checksums_are_those_of_the_files(dump_client: FlaskClient) -> None:
    sums = dump_client.get("/dump/SHA256SUMS").text.splitlines()
    manifest = dump_client.get("/dump/", headers={"Accept": "application/json"}).json
    assert manifest == dump_client.get("/dump/manifest.jsonld").json
    assert len(sums) == len(manifest["distributions"]) == len(dumps.DUMPS)
    for line, row in zip(sums, manifest["distributions"], strict=True):
        digest, name = line.split("  ")
        data = dump_client.get(f"/dump/{name}").data
        assert hashlib.sha256(data).hexdigest() == digest == row["checksum"]["checksumValue"]
        assert (row["name"], int(row["byteSize"])) == (name, len(data))
    rest = dump_client.get(f"/changes?since={manifest['sequence']}")
    assert rest.data == b""


def test_a_download_is_resumed(dump_client: FlaskClient) -> None:
    path = "/dump/catalogue.nt.gz"
    first = dump_client.get(path)
    part = dump_client.get(path, headers={"Range": "bytes=1000-1999", "If-Range": first.headers["ETag"]})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(first.data)}"
    assert part.data == first.data[1000:2000]
    assert part.headers["Repr-Digest"] == first.headers["Repr-Digest"]
    beyond = dump_client.get(path, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(first.data)}")
    for odd in ("lines=1-2", "bytes=0-1,4-5", "bytes=x", "bytes="):
        whole = dump_client.get(path, headers={"Range": odd})
        assert (whole.status_code, whole.data) == (200, first.data)
    stale = dump_client.get(path, headers={"Range": "bytes=1000-", "If-Range": '"older"'})
    assert (stale.status_code, stale.data) == (200, first.data)
    assert dump_client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_the_description_names_the_dumps_that_there_are(dump_client: FlaskClient) -> None:
    graph = Graph().parse(data=dump_client.get("/dataset.nt").data, format="nt")
    thing = URIRef("https://lib.example/dataset")
    addresses = {str(graph.value(part, DCAT.downloadURL)) for part in graph.objects(thing, DCAT.distribution)}
    assert addresses == {f"https://lib.example/dump/{row.file}" for row in dumps.DUMPS}
    assert {str(iri) for iri in graph.objects(thing, VOID.dataDump)} < addresses
    listing = Graph().parse(data=dump_client.get("/dump/", headers={"Accept": "text/turtle"}).data, format="turtle")
    assert set(listing.subjects(RDF.type, DCAT.Distribution)) == set(graph.subjects(RDF.type, DCAT.Distribution))
    for address in addresses:
        assert dump_client.head(address.removeprefix("https://lib.example")).status_code == 200


def test_only_dumps_are_served(dump_client: FlaskClient) -> None:
    for name in ("catalog.sqlite", "..%2F..%2Fcatalog.sqlite", "%2e%2e/catalog.sqlite", "none.gz"):
        assert dump_client.get(f"/dump/{name}").status_code == 404


def test_a_publish_makes_the_dumps_of_the_setting(
    settings: Settings, write_page: Callable[..., Path], make_app: Callable[[Settings], Flask]
) -> None:
    site = Settings(**{**vars(settings), "DUMPS": ("nq",)})
    pipeline.load(site, [write_page({"title": "First", "number": "1"})])
    client = make_app(site).test_client()
    assert b"/id/resource/1>" in unpacked(client, "catalogue.nq.gz")
    pipeline.load(site, [write_page({"title": "Second", "number": "2"})])
    pipeline.withdraw(site, ["1"])
    content = unpacked(client, "catalogue.nq.gz")
    assert b"/id/resource/2>" in content
    assert b"/id/resource/1>" not in content
    assert client.get("/dump/", headers={"Accept": "application/json"}).json["release"] == "3"
    assert len(list((settings.DATA_DIR / "dumps").iterdir())) == 2


def test_without_dumps_the_page_says_so(client: FlaskClient) -> None:
    page = client.get("/dump/", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "publisher export" in page.text
    assert client.get("/dump/catalogue.nt.gz").status_code == 404


def test_the_command_writes_into_a_folder(published: Settings, tmp_path: Path) -> None:
    environment = {"PUBLISHER_DATA_DIR": str(published.DATA_DIR), "PUBLISHER_BASE_URL": published.BASE_URL}

    def export(*arguments: str, **more: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["export", *arguments], env=environment | more)
        return result.exit_code, result.output

    code, output = export(str(tmp_path / "out"), "--format", "nt", "--format", "csv")
    assert code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "SHA256SUMS",
        "catalogue.csv.gz",
        "catalogue.nt.gz",
        "manifest.jsonld",
    ]
    assert "catalogue.nt.gz" in output
    code, output = export(str(tmp_path / "out"))
    assert (code, "is not empty" in output) == (2, True)
    code, output = export(PUBLISHER_DUMPS="nq parquet")
    assert (code, "There is no dump in the format parquet" in output) == (2, True)
    code, output = export(str(tmp_path / "none"), PUBLISHER_DATA_DIR=str(tmp_path / "empty"))
    assert (code, "nothing has been published here yet" in output) == (2, True)
    assert not (tmp_path / "none").exists()


def test_a_dump_does_not_depend_on_when_it_is_made(published: Settings, tmp_path: Path) -> None:
    first = dumps.write(published, tmp_path / "a", ["nq"])
    assert dumps.write(published, tmp_path / "b", ["nq"]) == first
    assert DATASET[0] in first["id"]
