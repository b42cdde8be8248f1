"""Page tags: what the head of a resource's page says to citation managers, Google Scholar and social networks."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.crosswalks.csl_json import Item, inverted, who
from publisher.crosswalks.types import types_of
from publisher.view import Version

Tag = tuple[str, str]  # the name of a meta element, and its content
_INSTITUTION = {"report": "technical_report_institution", "thesis": "dissertation_institution"}
_NUMBER = {"report": "technical_report_number"}


def page_tags(cited: Item, version: Version) -> list[Tag]:
    """All tags of a resource and its item of CSL, in their order."""
    address = version.mapping.addresses.document(*version.name)
    return [*_highwire(cited, version, address), *_dublin_core(cited, version), *_open_graph(cited, address)]


def _highwire(cited: Item, version: Version, address: str) -> Iterator[Tag]:
    """The tags of Highwire Press, which Google Scholar and Zotero read."""
    pairs = [("title", cited["title"])]
    pairs += [("author", inverted(name)) for name in who(cited)]
    parts = cited.get("issued", {}).get("date-parts", [[]])[0]
    pairs.append(("publication_date", "/".join(f"{number:02}" for number in parts)))
    pairs.append((_INSTITUTION.get(cited["type"], "publisher"), cited.get("publisher", "")))
    pairs.append((_NUMBER.get(cited["type"], "number"), cited.get("number", "")))
    pairs.append(("journal_title", cited.get("container-title", "")))
    pairs.append(("series_title", cited.get("collection-title", "")))
    pairs += [(name, cited.get(name, "")) for name in ("volume", "issue", "language")]
    first, _, last = cited.get("page", "").replace("–", "-").partition("-")
    pairs += [("firstpage", first), ("lastpage", last)]
    pairs += [(name, cited.get(name.upper(), "")) for name in ("isbn", "issn", "doi", "pmid")]
    pairs += [("keywords", text) for text in version.view.headings("subjects")]  # readers take one for one
    pairs.append(("abstract_html_url", address))
    if cited.get("URL", "").casefold().endswith(".pdf"):
        pairs.append(("pdf_url", cited["URL"]))
    yield from ((f"citation_{name}", text) for name, text in pairs if text)


def _dublin_core(cited: Item, version: Version) -> Iterator[Tag]:
    """Dublin Core in HTML (DC-HTML 2008); the page declares the two schemas."""
    view = version.view
    yield "DC.title", cited["title"]
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
        yield from ((name, text) for text in view.headings(attribute))
    yield "DC.type", types_of(view)["schema"]
    if "language" in cited:
        yield "DC.language", cited["language"]


def _open_graph(cited: Item, address: str) -> Iterator[Tag]:
    """What a link to the page looks like elsewhere (https://ogp.me); these are properties, not names, in HTML."""
    yield "og:title", cited["title"]
    yield "og:type", "book" if cited["type"] == "book" else "article"
    yield "og:url", address
    if "abstract" in cited:
        text = " ".join(cited["abstract"].split())
        yield "og:description", text if len(text) <= 300 else f"{text[:299].rstrip()}…"
