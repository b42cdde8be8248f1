"""RIS: one record of a resource, as reference managers import it."""

from __future__ import annotations

from collections.abc import Iterator

from publisher.crosswalks.csl_json import Item, item
from publisher.crosswalks.types import types_of
from publisher.view import Version

# tag -> variable of CSL, in the order in which they are written
TAGS = {
    "TI": "title",
    "ST": "title-short",
    "ET": "edition",
    "VL": "volume",
    "IS": "issue",
    "M1": "number",
    "M3": "genre",
    "PB": "publisher",
    "CY": "publisher-place",
    "LA": "language",
    "DO": "DOI",
    "UR": "URL",
    "CN": "call-number",
    "AB": "abstract",
}
NAMES = {"AU": "author", "A2": "editor", "A4": "translator"}


def write(version: Version) -> bytes:
    cited = item(version)
    rows = [("TY", types_of(version.view)["ris"]), ("ID", version.key), *_rows(cited)]
    rows += [("KW", text) for text in version.view.headings("subjects")]
    lines = [f"{tag}  - {' '.join(text.split())}" for tag, text in rows]
    return "\r\n".join([*lines, "ER  - ", ""]).encode()


def _rows(cited: Item) -> Iterator[tuple[str, str]]:
    for tag, variable in NAMES.items():
        for name in cited.get(variable, ()):
            parts = (name.get("family"), name.get("given"), name.get("suffix"))
            yield tag, name.get("literal") or ", ".join(filter(None, parts))
    for tag, variable in TAGS.items():
        if variable in cited:
            yield tag, cited[variable]
    hosts = [cited[name] for name in ("container-title", "collection-title") if name in cited]
    yield from zip(("T2", "T3"), hosts, strict=False)
    if "collection-number" in cited and "issue" not in cited:
        yield "IS", cited["collection-number"]
    if "page" in cited:
        first, _, last = cited["page"].replace("–", "-").partition("-")
        yield "SP", first
        if last:
            yield "EP", last
    elif "number-of-pages" in cited:
        yield "SP", cited["number-of-pages"]
    for number in (*cited.get("ISBN", "").split(), *cited.get("ISSN", "").split()):
        yield "SN", number
    if "issued" in cited:
        dates = cited["issued"].get("date-parts", [])
        parts = dates[0] if dates else []
        years = dict.fromkeys(str(each[0]) for each in dates)
        yield "PY", "-".join(years) or cited["issued"]["literal"]
        if len(parts) > 1 and len(dates) == 1:
            yield "DA", "/".join(f"{number:02}" for number in parts)
    if "date-parts" in cited.get("accessed", {}):
        yield "Y2", "/".join(f"{number:02}" for number in cited["accessed"]["date-parts"][0])
