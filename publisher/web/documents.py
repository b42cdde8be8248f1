"""Things and the documents about them: 303 from one to the other, and negotiation over FORMATS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.http import http_date, quote_etag

from publisher import addresses
from publisher.addresses import DATASET, document_path, thing_path
from publisher.catalog import Entry, gunzip
from publisher.errors import NotFound, Withdrawn
from publisher.formats import BY_EXTENSION, HTML, Format, formats_of
from publisher.namespaces import namespaces
from publisher.tally import Tally
from publisher.view import of_entry
from publisher.web.failures import NotAcceptable
from publisher.web.languages import language
from publisher.web.mentions import by_role
from publisher.web.negotiation import choose
from publisher.web.pages import KINDS, external_label, page
from publisher.web.site import here, reading, site

blueprint = Blueprint("documents", __name__)
_KIND = f"any({','.join(addresses.KINDS)})"


@blueprint.get(f"/id/<{_KIND}:kind>/<key:key>")
def thing(kind: str, key: str) -> Response:
    """303 to the document, which is negotiated there (Cool URIs for the Semantic Web, 4.2)."""
    find(kind, key, thing_path)
    response = redirect(here(document_path(kind, key)), 303)
    response.content_type = "text/plain; charset=utf-8"
    response.set_data(f"The description is at {site().addresses.document(kind, key)}\n")
    return _cached(response)  # type: ignore[arg-type]  # werkzeug's redirect gives Flask's own Response here


@blueprint.get("/dataset", defaults={"kind": DATASET[0], "key": DATASET[1]})
@blueprint.get(f"/doc/<{_KIND}:kind>/<key:key>")
def document(kind: str, key: str) -> Response:
    """The description of a thing in the format that the client likes best, or in that of the extension."""
    entry, named = _asked_for(kind, key)
    offers = formats_of(kind)
    if named is not None:
        return represent(entry, named, named.media_type, negotiated=False)
    names = [(offer.media_type, *offer.aliases) for offer in offers]
    chosen = choose(request.headers.get("Accept"), names)
    if chosen is None:
        alternatives = [(offer.media_type, _here(entry, offer)) for offer in offers]
        raise NotAcceptable(alternatives)
    index, media_type = chosen
    return represent(entry, offers[index], media_type, negotiated=True)


@blueprint.get("/dataset.<extension>")
def dataset(extension: str) -> Response:
    """The description of the data set in one format."""
    return document(DATASET[0], f"{DATASET[1]}.{extension}")


@blueprint.get("/.well-known/void")
def void() -> Response:
    """303 to the description of the data set (VoID 7.2)."""
    return _cached(redirect(here(document_path(*DATASET)), 303))  # type: ignore[arg-type]


@blueprint.get("/keywords")
@blueprint.get("/profile/report")
def described_with_the_dataset() -> Response:
    """The concept scheme and the profile are described in the same document as the data set."""
    return _cached(redirect(here(document_path(*DATASET)), 303))  # type: ignore[arg-type]


def _asked_for(kind: str, key: str) -> tuple[Entry, Format | None]:
    """The description and the format that a path names. A key may end like an extension, so the whole comes first."""
    # the longest extension counts: "a.dc.xml" is the Dublin Core of "a"
    endings = (extension for extension in sorted(BY_EXTENSION, key=len, reverse=True) if key.endswith(f".{extension}"))
    named = BY_EXTENSION.get(next(endings, ""))
    stem = key.removesuffix(f".{named.extension}") if named is not None else ""
    if not stem or named is None or kind not in named.kinds or reading().catalog.find(kind, key) is not None:
        return find(kind, key), None
    return find(kind, stem, lambda kind, key: document_path(kind, key, named.extension)), named


def find(kind: str, key: str, path: Callable[[str, str], str] = document_path) -> Entry:
    """The current description. Raises NotFound in the words of this door, and Withdrawn; a thing that has another key
    now is found at the path of that (RFC 9110 15.4.2)."""
    try:
        return reading().catalog.get(kind, key)
    except (NotFound, Withdrawn) as error:
        if moved := reading().catalog.moved(kind, key):
            abort(_cached(redirect(here(path(kind, moved)), 301)))  # type: ignore[arg-type]
        if isinstance(error, Withdrawn):
            raise
        if (kind, key) == DATASET:
            raise NotFound("Nothing has been published here yet.") from None
        raise NotFound(f"{KINDS[kind]} “{key[:200]}” is not in this catalogue.") from None


def _here(entry: Entry, offer: Format) -> str:
    return here(document_path(*entry.name, offer.extension))


def represent(entry: Entry, offer: Format, media_type: str, *, negotiated: bool) -> Response:
    """A representation with its headers; nothing is written if the client has it already (RFC 9110 13.1)."""
    release = reading().number
    # a page shows the labels of other things, so it changes with the release; the graph changes with its version only
    version = f"r{release}-{language()}" if offer.media_type == HTML else f"v{entry.sequence}"
    etag = f"{version}-{offer.extension}-{site().fingerprint}" + ("-a" if media_type != offer.media_type else "")
    modified = reading().catalog.latest() if offer.media_type == HTML else entry.modified
    response = Response(content_type=media_type + ("; charset=utf-8" if offer.charset else ""))
    response.headers["ETag"] = quote_etag(etag)
    response.headers["Last-Modified"] = http_date(datetime.strptime(modified, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
    response.headers["Link"] = _links(entry)
    if negotiated:
        response.vary.add("Accept")
        # relative, as all of HTTP allows (RFC 9110 8.7), so that it is right under any host
        response.headers["Content-Location"] = _here(entry, offer)
    if site().settings.LICENSE:
        response.headers.add("Link", f'<{site().settings.LICENSE}>; rel="license"')
    _cached(response)
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    if offer.write is None:
        response.set_data(_html(entry))
    else:
        catalog = reading().catalog
        ready = catalog.ready(entry.id, offer.name) if offer.ready else None
        response.set_data(gunzip(ready) if ready else offer.write(of_entry(site().mapping, catalog, entry)))
    return response


def _links(entry: Entry) -> str:
    """The formats, the canonical address and the thing described (RFC 8288), with public IRIs."""
    addresses = site().addresses
    links = [
        f'<{addresses.document(*entry.name, offer.extension)}>; rel="alternate"; type="{offer.media_type}"'
        for offer in formats_of(entry.kind)
    ]
    links.append(f'<{addresses.document(*entry.name)}>; rel="canonical"')
    links.append(f'<{addresses.thing(*entry.name)}>; rel="describes"')
    if entry.kind == "resource":  # what the validation says of this document (RFC 8288; POWDER 4.1.4)
        profile = namespaces()["sh"]
        links.append(f'<{addresses.report(entry.key)}>; rel="describedby"; profile="{profile}"')
    return ", ".join(links)


def _cached(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    return response


def _html(entry: Entry) -> str:
    catalog = reading().catalog
    role, after = request.args.get("role", ""), request.args.get("after", 0, type=int)
    return render_template(
        "document.html",
        entry=entry,
        page=page(site(), catalog, entry),
        formats=[(offer.title, offer.media_type, _here(entry, offer)) for offer in formats_of(entry.kind)],
        thing=thing_path(*entry.name),
        roles=by_role(catalog, entry.id, role, after),
        partial=bool(role),
        counts={kind: catalog.count(kind) for kind in KINDS} if entry.name == DATASET else {},
        facts=Tally.of(catalog).facts() if entry.name == DATASET else None,
        name_of=external_label,
    )
