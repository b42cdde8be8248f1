"""Descriptions: the pages of records and of what they name, each its frame and what its card says."""

from __future__ import annotations

from functools import cache, partial

import orjson
from flask import request
from jinja2 import Environment, Template
from markupsafe import Markup

from publisher import card as cards
from publisher.addresses import DATASET, origins_path, relative, report_path
from publisher.card import Card
from publisher.catalog import Catalog
from publisher.crosswalks import bibliography, csl_json, schema_org
from publisher.mentions import roles
from publisher.packing import gunzip
from publisher.ready import Look
from publisher.reports import of_record
from publisher.tally import Tally
from publisher.view import of_entry
from publisher.web.frames import Frame, frame
from publisher.web.languages import language, speaking
from publisher.web.links import elements
from publisher.web.mentions import by_role
from publisher.web.pages import KINDS, Reach, name_of_term, page, within
from publisher.web.site import Site, here, reading, site

Name = tuple[str, str]
_SHOWN_OF_IT = 160  # characters of a description, of which search engines show no more


def ready_page(site: Site, path: str, language: str, name: Name, found: Look) -> tuple[str, Card] | None:
    """The page at a path and its card, outside of any request: of a resource whose card is kept ready, that nothing
    names, and whose frame has been made; None of anything else."""
    catalog, frame = site.catalog, site.frames.get((name[0], language, ""))
    if frame is None or found.body is None:
        return None
    with catalog.snapshot() as release, speaking(language):
        if release != found.release or roles(catalog, found.thing):
            return None
        card = cards.read(gunzip(found.body))
        return _write(site, frame, name, card, lambda to: relative(path, to), _of_record(catalog, name[1])), card


def made_page(name: Name) -> tuple[str, Card]:
    """The page of any description for this request, and its card, made from its graph."""
    catalog = reading().catalog
    entry = catalog.get(*name)
    version = of_entry(site().mapping, catalog, entry)
    card = cards.read(cards.write(version))
    role, after = request.args.get("role", ""), request.args.get("after", 0, type=int)
    shown: dict[str, object] = {"roles": by_role(catalog, entry.id, role, after), "partial": bool(role)}
    if entry.kind == "resource":
        shown |= _of_record(catalog, entry.key)
        if style := request.args.get("style", ""):
            locale = bibliography.locale_of(asked) if (asked := request.args.get("locale", "")) else ""
            words = bibliography.locale_of(language(), bibliography.LOCALE)
            shown["citation"] = bibliography.markup(csl_json.item(version), style, locale, words)
    else:
        shown["within"] = within(name, entry.data.get("heading", '"'))
    if name == DATASET:
        shown["counts"] = {kind: catalog.count(kind) for kind in KINDS}
        shown |= {"facts": Tally.of(catalog).facts(), "name_of": partial(name_of_term, site())}
    return _write(site(), frame(entry.kind), name, card, here, shown), card


def _of_record(catalog: Catalog, key: str) -> dict[str, object]:
    """What the validation says of a record, which can change while it does not."""
    reports = of_record(catalog.db, key)
    own = next((report.data for report in reports if not report.refused), {})
    return {
        "remarks": len(own.get("findings", ())),
        "accepted": own.get("accepted"),
        "refused": any(report.refused for report in reports),
    }


@cache
def _template(environment: Environment, name: str) -> Template:
    template = environment.get_template(name)
    template.globals = {**template.globals}  # they are copied for each page, which takes long from Jinja's own mapping
    return template


def _write(site: Site, frame: Frame, name: Name, card: Card, reach: Reach, shown: dict[str, object]) -> str:
    """The HTML: the frame, filled with what is said of this one thing. `reach` refers to paths from this page."""
    kind, key = name
    content = _template(site.templates, "description.html").render(
        {
            "name": name,
            "table": _template(site.templates, "fields.html").module.table,  # type: ignore[attr-defined]
            "page": page(site, kind, card, reach),
            "openurl": card.openurl,
            "citation": card.citation,
            "source": card.source,
            "address": frame.address(key),
            "styles": frame.styles(key),
            "origins": reach(origins_path(key)),
            "report": reach(report_path(key)),
            **shown,
        }
    )
    head = ""
    if card.schema:
        schema = orjson.dumps(card.schema | schema_org.published_by(site.mapping)).decode()
        # nothing in it ends the element that it stands in
        data = Markup(schema.replace("<", "\\u003c"))  # noqa: S704
        links = elements(card.links, site.addresses, reach)
        head = _template(site.templates, "head.html").render({"tags": card.tags, "data": data, "links": links})
    return frame.page(key, card.title, _about(card), head, content)


def _about(card: Card) -> str:
    """What search engines show below the title of a resource: how its abstract begins, or how it is cited."""
    text = next((content for name, content in card.tags if name == "og:description"), card.citation)
    text = " ".join(text.split())
    if len(text) <= _SHOWN_OF_IT:
        return text
    blank = text.rfind(" ", _SHOWN_OF_IT // 2, _SHOWN_OF_IT)  # not every script has them
    return f"{text[: blank if blank > 0 else _SHOWN_OF_IT - 1]}…"
