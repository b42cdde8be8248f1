"""unAPI 1.0 (http://unapi.info/specs/): the records of a page as bare files, which Zotero takes whole."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from lxml import etree

from publisher.addresses import document_path
from publisher.errors import NotFound
from publisher.formats import Format, formats_of
from publisher.message import Message
from publisher.web.failures import NotAcceptable
from publisher.web.pages import KINDS
from publisher.web.representation import address, cached, find
from publisher.web.site import here, site

blueprint = Blueprint("unapi", __name__)
KIND = "resource"
_OFFERED = ("mods", "ris", "bibtex", "oai_dc")  # by the names that clients know; Zotero makes of each MARC a book


@blueprint.get("/unapi")
def unapi() -> Response:
    """The list of formats; with an `id`, those of one record; with a `format`, too, 302 to the record in it."""
    iri, name = request.args.get("id", ""), request.args.get("format", "")
    offers = [row for row in formats_of(KIND) if row.name in _OFFERED]
    if not iri:
        return _listed(offers, "")
    key = _key(iri)
    if not name:
        return _listed(offers, site().addresses.thing(KIND, key))
    for row in offers:
        if row.name == name:
            return cached(redirect(here(document_path(KIND, key, row.extension)), 302))
    raise NotAcceptable([(row.media_type, address((KIND, key), row), row.name) for row in offers])


def _key(iri: str) -> str:
    """The key of the record with an IRI, which clients send with or without percent-encoding. Raises NotFound and
    Withdrawn."""
    named = site().addresses.parse(iri)
    if named is None or named[0] != KIND:
        raise NotFound(
            Message("%(kind)s “%(key)s” is not in this catalogue.", kind=Message(KINDS[KIND]), key=iri[:200])
        )
    return find(*named).key


def _listed(offers: list[Format], iri: str) -> Response:
    """Of one record, 300 Multiple Choices."""
    root = etree.Element("formats", {"id": iri} if iri else {})
    for row in offers:
        etree.SubElement(root, "format", name=row.name, type=row.media_type)
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return cached(Response(body, 300 if iri else 200, content_type="application/xml"))
