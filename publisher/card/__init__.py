"""Card: what the page of a description shows and what depends on the description alone, in no language.

Like the card in the drawer, it has all that a reader is shown of one record. It is HTML already, with places for the
few words that are not the catalogue's own: labels, names of terms, days. The card of a resource is made when it is
published and kept ready, so that its page needs no graph; that of any other thing is made when its page is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson
from markupsafe import escape

from publisher.addresses import document_path, relative
from publisher.card.rows import Arranged, Part, Reach, Writer
from publisher.card.values import Shown, Values
from publisher.crosswalks import schema_org
from publisher.crosswalks.csl_json import in_words, item
from publisher.crosswalks.openurl import context_object
from publisher.crosswalks.page_tags import Tag, page_tags
from publisher.crosswalks.signposts import elements, own_links
from publisher.crosswalks.types import types_of
from publisher.view import Version

NAME = "card-2"  # by which cards are kept ready; another number where they hold something else than before
_SHOWN_OF_IT = 160  # characters of a description, of which search engines show no more


@dataclass
class Card:
    """All but `title`, `about`, `schema`, the links and the days is HTML, as a text or in parts. `rows`, `more` and
    `record` are its tables. The rest is of a resource only: the `ways` to its document; how it is cited in plain words,
    and an OpenURL; `about`, a sentence for search engines; `tags`, elements for the head of its page; its description
    in schema.org, in JSON (which the data set has, too); its own links as a Link header has them; the `contents` that
    it links to, and when its source was `accessed`, for archived copies of them; and the source: the text as it was
    read, its first and its last line."""

    title: str
    rows: list[Part]
    more: list[Part]
    record: list[Part]
    ways: list[Part] = field(default_factory=list)
    citation: str = ""
    openurl: str = ""
    about: str = ""
    tags: str = ""
    schema: str = ""
    links: str = ""
    contents: list[str] = field(default_factory=list)
    accessed: str = ""
    source: tuple[str, int, int] | None = None


def read(body: bytes) -> Card:
    """A card as `write` gives it."""
    return Card(**orjson.loads(body))


def write(version: Version, reach: Reach | None = None) -> bytes:
    """The card of a description as it is kept, for a page from which `reach` leads: that of the description itself, if
    it is not given."""
    shown = Shown(version)
    thing, record = shown.of_the_thing(), shown.of_the_record()
    rows = Arranged(version.kind, version.label, thing, record)
    accessed = _accessed(record)
    reach = reach or partial(relative, document_path(*version.name))
    writer = Writer(version.kind, reach, rows.texts, accessed)
    found: dict[str, Any] = {
        "title": version.label,
        "rows": writer.table(rows.rows, of_catalogue=True),
        "more": writer.table(rows.more, of_catalogue=True) if rows.more else [],
        "record": writer.table(rows.record, of_catalogue=False) if rows.record else [],
    }
    if version.kind == "resource":
        cited = item(version)
        tags, citation = page_tags(cited, version), in_words(cited)
        links, source = own_links(version), version.record.source
        found |= {
            "ways": writer.ways(),
            "citation": escape(citation),
            "openurl": escape(context_object(cited, types_of(version.view)["openurl"])),
            "about": _about(tags, citation),
            "tags": "".join(map(_meta, tags)) + elements(links, version.mapping.addresses, reach),
            "links": ", ".join(map(str, links)),
            "contents": [href for _, href, *_ in thing.get("formats", ())],
            "accessed": accessed,
            "source": (escape(source.text), source.first_line, source.last_line),
        }
    if version.kind in ("resource", "dataset"):  # search engines list data sets, too
        schema = orjson.dumps(schema_org.description(version)).decode()
        found["schema"] = schema.replace("<", "\\u003c")  # nothing in it ends the element that it stands in
    return orjson.dumps(found)


def _accessed(record: Values) -> str:
    """When the source of a record was seen, empty if that is not known."""
    return next((time for _, _, _, time in record.get("source_accessed_on", ())), "")


def _meta(tag: Tag) -> str:
    name, content = tag
    kind = "property" if name.startswith("og:") else "name"
    return f'<meta {kind}="{name}" content="{escape(content)}">\n'


def _about(tags: Sequence[Tag], citation: str) -> str:
    """What search engines show below the title of a resource: how its abstract begins, or how it is cited."""
    text = next((content for name, content in tags if name == "og:description"), citation)
    text = " ".join(text.split())
    if len(text) <= _SHOWN_OF_IT:
        return text
    blank = text.rfind(" ", _SHOWN_OF_IT // 2, _SHOWN_OF_IT)  # not every script has them
    return f"{text[: blank if blank > 0 else _SHOWN_OF_IT - 1]}…"
