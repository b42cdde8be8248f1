"""Things and the documents about them: 303 from one to the other, and negotiation over FORMATS."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, redirect, request

from publisher import addresses
from publisher.addresses import DATASET, beside, document_path, thing_path
from publisher.errors import UnknownStyle
from publisher.formats import BY_EXTENSION, Format, formats_of
from publisher.ready import look
from publisher.view import of_entry
from publisher.web import languages
from publisher.web.alternates import ALTERNATES, alternates
from publisher.web.explanation import explain
from publisher.web.failures import NotAcceptable, Offer
from publisher.web.links import LINKSETS, linkset_in, within
from publisher.web.representation import address, cached, find, represent
from publisher.web.resolution import Asked
from publisher.web.site import here, reading, site
from publisher.web.time_gate import travel

blueprint = Blueprint("documents", __name__)
_KIND = f"any({','.join(addresses.KINDS)})"


@blueprint.get(f"/id/<{_KIND}:kind>/<key:key>")
def thing(kind: str, key: str) -> Response:
    """303 to the document, which is negotiated there (Cool URIs for the Semantic Web, 4.2)."""
    find(kind, key, thing_path)
    asked = request.query_string.decode("latin-1")  # it is sent on as it came, percent-encoded
    response = redirect(here(document_path(kind, key)) + (f"?{asked}" if asked else ""), 303)
    response.headers["Link"] = within(site().links.header((kind, key)), site().settings.LINK_HEADER_BYTES)
    response.content_type = "text/plain; charset=utf-8"
    response.set_data(f"The description is at {site().addresses.document(kind, key)}\n")
    return cached(response)


@blueprint.get("/dataset", defaults={"kind": DATASET[0], "key": DATASET[1]})
@blueprint.get(f"/doc/<{_KIND}:kind>/<key:key>")
def document(kind: str, key: str) -> Response:
    """The description of a thing in the format and profile that the client likes best, or in that of the extension."""
    here_, environ = site(), request.environ
    if "HTTP_ACCEPT_DATETIME" in environ and (kind, key) != DATASET:
        return travel(kind, key)
    ending = ending_of(kind, key)
    if ending is not None and look(here_.catalog, kind, key, "") is None:  # the whole may be a key, and comes first
        key, offer = ending
        if isinstance(offer, str):
            return _linkset(kind, key, offer)
        try:
            offer = offer.varied(request.args)
        except UnknownStyle as error:
            find(kind, key)
            raise NotAcceptable(_offers((kind, key)), error) from None
        media_type, location = offer.media_type, ""
    else:
        asked = Asked(
            environ.get("HTTP_ACCEPT", ""),
            environ.get("HTTP_ACCEPT_PROFILE", ""),
            request.args.get("_profile", ""),
            request.args.get("_mediatype", ""),
            request.args.get("style", ""),
            request.args.get("locale", ""),
        )
        if asked.profile in ALTERNATES or "_explain" in request.args:
            find(kind, key)
            return explain((kind, key), asked) if "_explain" in request.args else alternates((kind, key), asked)
        chosen = here_.resolver.choose(kind, asked)
        if chosen is None:
            find(kind, key)
            raise NotAcceptable(_offers((kind, key)), here_.resolver.fault(kind, asked))
        offer, media_type = chosen
        # relative, as all of HTTP allows (RFC 9110 8.7), so that it is right under any host
        lang = f"lang={languages.chosen()}" if languages.chosen() else ""
        location = beside(key, offer.extension, "&".join(filter(None, (offer.variant, lang))))
    return represent((kind, key), offer, media_type, location)


@blueprint.get("/dataset.<extension>")
def dataset(extension: str) -> Response:
    """The description of the data set in one format."""
    return document(DATASET[0], f"{DATASET[1]}.{extension}")


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the description of the data set (VoID 7.2)."""
    return cached(redirect(here(document_path(*DATASET)), 303))


@blueprint.get("/profile/report")
def described_with_the_dataset() -> Response:
    """The profile is described in the same document as the data set."""
    return cached(redirect(here(document_path(*DATASET)), 303))


def _offers(name: tuple[str, str]) -> list[Offer]:
    """The media types that a description is to be had in and their addresses; of citations the styles that are offered
    on pages."""
    found: list[Offer] = []
    for row in formats_of(name[0]):
        for style in site().settings.CITATION_STYLES if "style" in row.parameters else ("",):
            with suppress(UnknownStyle):  # a setting may name what there is not
                variant = row.varied({"style": style})
                found.append((variant.media_type, address(name, variant), languages.gettext(row.title)))
    return found


def ending_of(kind: str, key: str) -> tuple[str, Format | str] | None:
    """What a key would be without its extension, and the format (or the kind of link set) that this names. The longest
    extension counts: "a.dc.xml" is the Dublin Core of "a"."""
    for dots in (2, 1):
        stem, *parts = key.rsplit(".", dots)
        extension = ".".join(parts)
        if stem and len(parts) == dots and extension in LINKSETS:
            return stem, extension
        named = BY_EXTENSION.get(extension)
        if stem and len(parts) == dots and named is not None and kind in named.kinds:
            return stem, named
    return None


def _linkset(kind: str, key: str, extension: str) -> Response:
    """The links of a description and of its formats (RFC 9264), for clients that read no Link headers."""
    version = of_entry(site().mapping, reading().catalog, find(kind, key))
    body = linkset_in(extension, site().links.linkset(version))
    response = Response(body, content_type=LINKSETS[extension])
    response.add_etag()
    response.make_conditional(request)
    return cached(response)
