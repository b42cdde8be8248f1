"""Descriptions: the pages of records and of what they name, each its frame and what its card says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import request

from publisher import card as cards
from publisher.addresses import DATASET, document_path
from publisher.card import Card
from publisher.catalog import Catalog
from publisher.crosswalks import bibliography, csl_json
from publisher.mentions import roles
from publisher.packing import gunzip
from publisher.ready import Look
from publisher.reports import of_record
from publisher.tally import Tally
from publisher.view import of_entry
from publisher.web.frames import Frame, frame
from publisher.web.languages import language
from publisher.web.mentions import by_role
from publisher.web.pages import KINDS, name_of_term, within
from publisher.web.site import Site, here, reading, site

Name = tuple[str, str]


def ready_page(site: Site, language: str, name: Name, found: Look) -> tuple[str, Card] | None:
    """The page in a language and its card, outside of any request: of a resource whose card is kept ready, that nothing
    names, and whose frame has been made; None of anything else."""
    catalog, frame = site.catalog, site.frames.get((name[0], language, ""))
    if frame is None or found.body is None:
        return None
    card = cards.read(gunzip(found.body))
    if found.plain:
        return _write(site, frame, name, card, {}), card
    with catalog.snapshot() as release:
        if release != found.release or roles(catalog, found.thing):
            return None
        return _write(site, frame, name, card, _of_record(catalog, name[1])), card


def made_page(name: Name) -> tuple[str, Card]:
    """The page of any description for this request, and its card, made from its graph."""
    catalog = reading().catalog
    entry = catalog.get(*name)
    version = of_entry(site().mapping, catalog, entry)
    card = cards.read(cards.write(version, here))
    role, after = request.args.get("role", ""), request.args.get("after", 0, type=int)
    citation = ""
    whole = document_path(*name) if role else ""
    shown: dict[str, object] = {"roles": by_role(catalog, entry.id, role, after), "partial": whole}
    if entry.kind == "resource":
        shown |= _of_record(catalog, entry.key)
        if style := request.args.get("style", ""):
            locale = bibliography.locale_of(asked) if (asked := request.args.get("locale", "")) else ""
            words = bibliography.locale_of(language(), bibliography.LOCALE)
            citation = bibliography.markup(csl_json.item(version), style, locale, words)
    else:
        shown["within"] = within(name, entry.data.get("heading", '"'))
    if name == DATASET:
        shown["counts"] = {kind: catalog.count(kind) for kind in KINDS}
        shown |= {"facts": Tally.of(catalog).facts(), "name_of": partial(name_of_term, site())}
    return _write(site(), frame(entry.kind), name, card, shown, citation), card


def _of_record(catalog: Catalog, key: str) -> dict[str, object]:
    """What the validation says of a record, which can change while it does not."""
    reports = of_record(catalog.db, key)
    own = next((report.data for report in reports if not report.refused), {})
    return {
        "remarks": len(own.get("findings", ())),
        "accepted": own.get("accepted"),
        "refused": any(report.refused for report in reports),
    }


def _write(site: Site, frame: Frame, name: Name, card: Card, shown: Mapping[str, object], citation: str = "") -> str:
    """The HTML: the frame, filled with what is said of this one thing."""
    words = site.words(frame.language)
    source, first, last = card.source or ("", 0, 0)
    given = {
        "ways": words.put(card.ways),
        "rows": words.put(card.rows),
        "more": words.put(card.more),
        "citation": citation or card.citation,
        "openurl": card.openurl,
        "source": source,
        "first": str(first or ""),
        "last": str(last or ""),
        "record": words.put(card.record),
    }
    head = card.tags
    if card.schema:
        schema = f"{card.schema[:-1]},{frame.publication[1:]}" if frame.publication != "{}" else card.schema
        head += f'<script type="application/ld+json">{schema}</script>\n'
    return frame.page(name[1], card.title, card.about, head, frame.content(name[1], given, shown))
