"""Lists of addresses for those who fetch one after the other: sitemaps for crawlers, ResourceSync for copies."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from publisher.errors import NotFound
from publisher.harvest import change_log, packages, resource_sync
from publisher.harvest import sitemap as sitemaps
from publisher.message import Message
from publisher.web.site import reading, site

blueprint = Blueprint("lists", __name__)


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """The sitemap index."""
    return _list(lambda: sitemaps.index(site().addresses, sitemaps.blocks(reading().catalog)))


@blueprint.get("/sitemap/<int:number>.xml")
def sitemap(number: int) -> Response:
    """One sitemap of up to 50,000 documents."""
    _check(number, sitemaps.last_block(reading().catalog))
    return _list(lambda: sitemaps.sitemap(site().addresses, sitemaps.things(reading().catalog, number)))


@blueprint.get("/.well-known/resourcesync")
def source_description() -> Response:
    """ResourceSync: the source description."""
    return _list(lambda: resource_sync.source_description(site().addresses))


@blueprint.get("/resourcesync/capabilitylist.xml")
def capability_list() -> Response:
    """ResourceSync: the capability list."""
    return _list(lambda: resource_sync.capability_list(site().addresses))


@blueprint.get("/resourcesync/resourcelist.xml")
def resource_list() -> Response:
    """ResourceSync: every description, or the index of the lists that hold them."""
    return _list(lambda: resource_sync.resource_list(site().addresses, reading().catalog))


@blueprint.get("/resourcesync/resourcelist-<int:number>.xml")
def resource_list_part(number: int) -> Response:
    """ResourceSync: one part of the resource list."""
    _check(number, sitemaps.last_block(reading().catalog))
    return _list(lambda: resource_sync.resource_list_part(site().addresses, reading().catalog, number))


@blueprint.get("/resourcesync/resourcedump.xml")
def resource_dump() -> Response:
    """ResourceSync: the files of the resource dump."""
    return _list(lambda: packages.resource_dump(site().addresses, reading().catalog))


@blueprint.get("/resourcesync/resourcedump-<int:number>.zip")
def resource_dump_part(number: int) -> Response:
    """ResourceSync: one file of the resource dump."""
    _check(number, sitemaps.last_block(reading().catalog, packages.BLOCK))
    return _list(lambda: packages.resource_package(site().mapping, reading().catalog, number), "application/zip")


@blueprint.get("/resourcesync/changelist.xml")
def change_list() -> Response:
    """ResourceSync: every change, or the index of the lists that hold them."""
    return _list(lambda: resource_sync.change_list(site().addresses, reading().catalog))


@blueprint.get("/resourcesync/changelist-<int:number>.xml")
def change_list_part(number: int) -> Response:
    """ResourceSync: one part of the change list."""
    _check(number, change_log.pages(reading().catalog, sitemaps.BLOCK))
    return _list(lambda: resource_sync.change_list_part(site().addresses, reading().catalog, number))


@blueprint.get("/resourcesync/changedump.xml")
def change_dump() -> Response:
    """ResourceSync: the files of the change dump."""
    return _list(lambda: packages.change_dump(site().addresses, reading().catalog))


@blueprint.get("/resourcesync/changedump-<int:number>.zip")
def change_dump_part(number: int) -> Response:
    """ResourceSync: one file of the change dump."""
    _check(number, change_log.pages(reading().catalog, packages.BLOCK))
    return _list(lambda: packages.change_package(site().mapping, reading().catalog, number), "application/zip")


def _check(number: int, last: int) -> None:
    if not 1 <= number <= last:
        raise NotFound(Message("There are %(last)s such lists; there is no list %(number)s.", last=last, number=number))


def _list(make: Callable[[], bytes], media_type: str = "application/xml") -> Response:
    """A list, which changes with the release and no sooner; nothing is made if the client has it."""
    response = Response(content_type=media_type)
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    response.set_etag(f"r{reading().number}-{site().fingerprint}")
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(make())
    return response
