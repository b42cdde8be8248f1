"""A copy of the whole site as files that any web server can serve under the same addresses, in a BagIt bag (RFC 8493).

The pages are those that the site itself gives. In place of search and SPARQL, which need the program, is a page that
says so and a list of all records.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Flask, render_template

from publisher import __version__, dumps
from publisher.addresses import (
    browse_path,
    changes_path,
    document_path,
    dump_path,
    origins_path,
    report_path,
    resource_sync_package_path,
    resource_sync_path,
    sitemap_path,
)
from publisher.catalog import Catalog
from publisher.errors import CatalogError
from publisher.formats import HTML, formats_of
from publisher.harvest import change_log, event_stream, packages, sitemap
from publisher.settings import Settings
from publisher.view import of_entry
from publisher.web import create_app
from publisher.web.browse import THINGS, VALUES
from publisher.web.dumps import page_of
from publisher.web.links import LINKSETS, linkset_in
from publisher.web.site import Site

# a name is too long, or that of a folder here and of a file there
_NO_FILE = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
_LISTED = 500  # things on a page of a list
# what needs the program; and below these, whatever there is
_DYNAMIC = (  # noqa: SIM905
    "/search /unapi /sparql /reconcile /oai /receipt /validation /validation/quarantine /validation/records "
    "/sparql/examples"
).split()
_REPORTS = ("html", "ttl", "jsonld", "rdf", "nt")


class _Bag:
    """The folder: what is written into `data`, with its checksum, and what could not be."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.data.mkdir(parents=True)
        self.manifest = (folder / "manifest-sha256.txt").open("w", encoding="utf-8")
        self.size = self.count = 0
        self.left_out: list[str] = []

    def write(self, path: str, body: bytes) -> None:
        """Writes what stands at a path of the site; one that no file can have is left out."""
        parts = unquote(path).strip("/").split("/")
        target = self.data.joinpath(*parts)
        if any(part in ("", ".", "..") or "\0" in part for part in parts):
            self.left_out.append(path)
            return
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(body)
        except OSError as error:
            if error.errno not in _NO_FILE:
                raise
            self.left_out.append(path)
            return
        self.tell(target, hashlib.sha256(body).hexdigest(), len(body))

    def tell(self, target: Path, digest: str, size: int) -> None:
        """Puts a file that stands in `data` into the manifest."""
        name = "/".join(target.relative_to(self.folder).parts)
        name = name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")  # RFC 8493 2.1.3
        self.manifest.write(f"{digest}  {name}\n")
        self.size += size
        self.count += 1

    def close(self, title: str, description: str) -> None:
        """Writes what a bag has beside its payload."""
        self.manifest.close()
        tags = {
            "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": f"Bagging-Date: {datetime.now(UTC):%Y-%m-%d}\nBag-Software-Agent: publisher {__version__}\n"
            f"External-Description: {title}: {description}\nPayload-Oxum: {self.size}.{self.count}\n",
        }
        for name, text in tags.items():
            (self.folder / name).write_text(text, "utf-8")
        names = [*tags, "manifest-sha256.txt", "nginx.conf"]
        sums = (f"{hashlib.sha256((self.folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
        (self.folder / "tagmanifest-sha256.txt").write_text("".join(sums), "utf-8")


def write(
    settings: Settings, folder: Path, progress: Callable[[int], None] = lambda done: None
) -> tuple[int, list[str]]:
    """Writes the site into a folder, which must be new or empty; gives how many files, and the paths that no file can
    have. `progress` is told how many descriptions were written. Raises CatalogError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CatalogError(f"{folder} is not empty; name a new folder.")
    app = create_app(replace(settings, USE_DAYS=0))
    site: Site = app.extensions["publisher"]
    catalog = Catalog(settings.DATA_DIR)
    try:
        release = catalog.current()
        if not release:
            raise CatalogError(f"{settings.DATA_DIR}: nothing has been published here yet; there is nothing to copy.")
        bag = _Bag(folder)
        for path, name in _fixed(catalog):
            bag.write(name, _get(app, path))
        _write_lists(app, catalog, bag, release)
        for entry in catalog.entries():
            version = of_entry(site.mapping, catalog, entry)
            for row in formats_of(entry.kind):
                path = document_path(*entry.name, row.extension)
                page = document_path(*entry.name)  # whose links are those of an address without an extension
                bag.write(path, row.write(version) if row.write is not None else _get(app, page, HTML))
            links = site.links.linkset(version)
            for extension in LINKSETS:
                bag.write(document_path(*entry.name, extension), linkset_in(extension, links))
            if entry.kind == "resource":
                bag.write(f"{origins_path(entry.key)}.html", _get(app, origins_path(entry.key)))
                for extension in _REPORTS:
                    bag.write(report_path(entry.key, extension), _get(app, report_path(entry.key, extension)))
            progress(1)
        if catalog.current() != release:
            raise CatalogError(f"A release was published meanwhile; {folder} would be a mixture. Run it again.")
        manifest = dumps.write(settings, bag.data / "dump")
        for row in manifest["distributions"]:
            bag.tell(bag.data / "dump" / row["name"], row["checksum"]["checksumValue"], int(row["byteSize"]))
        for name in (dumps.SUMS, dumps.MANIFEST):
            body = (bag.data / "dump" / name).read_bytes()
            bag.tell(bag.data / "dump" / name, hashlib.sha256(body).hexdigest(), len(body))
        with app.test_request_context(dump_path()):
            bag.write("/dump/index.html", page_of(manifest).encode())
        (folder / "nginx.conf").write_text(_nginx(settings), "utf-8")
        bag.close(settings.TITLE, f"release {release}, published {catalog.latest()}")
    finally:
        catalog.close()
        site.engine.close()
    return bag.count, bag.left_out


def _get(app: Flask, path: str, accept: str = "*/*") -> bytes:
    response = app.test_client().get(path, headers={"Accept": accept}, buffered=True)
    if response.status_code != 200:
        raise CatalogError(f"{path} answers {response.status_code}; the copy would lack it.")
    return bytes(response.data)


def _fixed(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The paths beside the documents, each with that of its file."""
    yield "/", "/index.html"
    for path in ("/ontology", "/shapes"):
        yield path, f"{path}.html"
    for path in (
        "/context.jsonld",
        "/record.schema.json",
        "/openapi.json",
        "/opensearch.xml",
        "/robots.txt",
        sitemap_path(),
        resource_sync_path(),
    ):
        yield path, path
    for block in (blocks := sitemap.blocks(catalog)):
        yield sitemap_path(block.number), sitemap_path(block.number)
    for capability in ("capabilitylist", "resourcelist", "resourcedump", "changelist", "changedump"):
        yield resource_sync_path(capability), resource_sync_path(capability)
    for number in range(1, change_log.pages(catalog, sitemap.BLOCK) + 1):
        yield resource_sync_path("changelist", number), resource_sync_path("changelist", number)
    for block in blocks:
        yield resource_sync_path("resourcelist", block.number), resource_sync_path("resourcelist", block.number)
    held = [("resourcedump", block.number) for block in sitemap.blocks(catalog, packages.BLOCK)]
    held += [("changedump", number) for number in range(1, change_log.pages(catalog, packages.BLOCK) + 1)]
    for package in held:
        yield resource_sync_package_path(*package), resource_sync_package_path(*package)
    yield changes_path(), changes_path(extension="json")
    yield changes_path(extension="atom"), changes_path(extension="atom")
    for number in range(1, change_log.pages(catalog) + 1):
        yield changes_path(page=number), changes_path(page=number, extension="json")
    for path in event_stream.paths(catalog):
        yield path, f"{path}.trig"
    for file in files("publisher.web").joinpath("static").iterdir():
        if file.is_file():
            yield f"/static/{file.name}", f"/static/{file.name}"


def _write_lists(app: Flask, catalog: Catalog, bag: _Bag, release: int) -> None:
    """Pages that list everything of a kind, in place of what needs the program."""
    query = "SELECT key, label FROM thing WHERE kind = ? AND NOT withdrawn ORDER BY sort_key, id"
    lists = [(name, kind, str(label), -(-catalog.count(kind) // _LISTED)) for name, (kind, label, _) in THINGS.items()]
    for path in (browse_path(), *(browse_path(name) for name in (*THINGS, *VALUES)), *_DYNAMIC):
        with app.test_request_context(path):
            page = render_template("site_copy.html", lists=lists, release=release, browse_path=browse_path)
        bag.write(f"{path}.html", page.encode())
    for name, kind, label, count in lists:
        found = catalog.db.execute(query, (kind,))
        for number in range(1, count + 1):
            path = f"{browse_path(name)}/{number}"
            with app.test_request_context(path):
                page = render_template(
                    "site_copy_list.html",
                    kind=kind,
                    label=label,
                    rows=list(islice(found, _LISTED)),
                    number=number,
                    count=count,
                    path=browse_path(name),
                )
            bag.write(f"{path}.html", page.encode())


def _nginx(settings: Settings) -> str:
    """A server block of nginx for the copy."""
    text = (files("publisher.web") / "site_copy.conf").read_text("utf-8")
    return text.replace("SERVER_NAME", urlsplit(settings.base).hostname or "_")
