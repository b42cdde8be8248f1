"""OpenURL 1.0 (ANSI/NISO Z39.88): a resource as the keys and values of a COinS, which citation managers look for."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from publisher.crosswalks.csl_json import Item

FORMATS = {"article": "journal", "journal": "journal", "dissertation": "dissertation"}  # all else is a book
TITLES = {"article": "atitle", "journal": "jtitle", "dissertation": "title", "bookitem": "atitle"}
TEXTS = {
    "publisher": "pub",
    "publisher-place": "place",
    "edition": "edition",
    "volume": "volume",
    "issue": "issue",
    "page": "pages",
    "number-of-pages": "tpages",
    "collection-title": "series",
    "ISSN": "issn",
}


def context_object(cited: Item, genre: str) -> str:
    """The value of the title attribute of a COinS, of an item of CSL and the genre of OpenURL."""
    return urlencode([("ctx_ver", "Z39.88-2004"), *_pairs(cited, genre)])


def _pairs(cited: Item, genre: str) -> Iterator[tuple[str, str]]:
    metadata = FORMATS.get(genre, "book")
    yield "rft_val_fmt", f"info:ofi/fmt:kev:mtx:{metadata}"
    if metadata != "dissertation":
        yield "rft.genre", genre
    yield f"rft.{TITLES.get(genre, 'btitle')}", cited["title"]
    if "container-title" in cited and genre != "journal":
        yield "rft.jtitle" if metadata == "journal" else "rft.btitle", cited["container-title"]
    for place, name in enumerate(cited.get("author", ())):
        if "literal" in name:
            yield "rft.aucorp", name["literal"]
            continue
        if place == 0:
            yield "rft.aulast", name["family"]
            if "given" in name:
                yield "rft.aufirst", name["given"]
        yield "rft.au", ", ".join(filter(None, (name["family"], name.get("given"))))
    parts = cited.get("issued", {}).get("date-parts")
    if parts:
        yield "rft.date", "-".join(f"{number:02}" for number in parts[0])
    for variable, key in TEXTS.items():
        if variable in cited:
            yield f"rft.{key}", cited[variable]
    for number in cited.get("ISBN", "").split():
        yield "rft.isbn", number
    if "DOI" in cited:
        yield "rft_id", f"info:doi/{cited['DOI']}"
    if "PMID" in cited:
        yield "rft_id", f"info:pmid/{cited['PMID']}"
    if "URL" in cited:
        yield "rft_id", cited["URL"]
