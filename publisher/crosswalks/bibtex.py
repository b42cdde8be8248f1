"""BibTeX: one entry of a resource, in UTF-8, with the fields of biblatex where BibTeX has none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from publisher.crosswalks.csl_json import Item, item
from publisher.crosswalks.types import types_of
from publisher.crosswalks.work import Work
from publisher.view import Version

# field -> variable of CSL
FIELDS = {
    "title": "title",
    "shorttitle": "title-short",
    "journal": "container-title",
    "series": "collection-title",
    "volume": "volume",
    "number": "number",
    "edition": "edition",
    "address": "publisher-place",
    "pages": "page",
    "pagetotal": "number-of-pages",
    "type": "genre",
    "isbn": "ISBN",
    "issn": "ISSN",
    "language": "language",
    "keywords": "keyword",
    "abstract": "abstract",
    "doi": "DOI",
    "url": "URL",
}
VERBATIM = ("doi", "url", "urldate")  # of which LaTeX packages take every character as it is
PUBLISHERS = {"techreport": "institution", "phdthesis": "school", "mastersthesis": "school", "manual": "organization"}
_SPECIAL = re.compile(r"[\\{}&%$#_~^]")
_ESCAPED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def write(version: Version) -> bytes:
    cited = item(version)
    kind = types_of(version.view)["bibtex"]
    if kind == "phdthesis" and "master" in cited.get("genre", "").casefold():
        kind = "mastersthesis"
    key = re.sub(r"[^A-Za-z0-9:.+/-]+", "-", version.key) or "record"
    lines = [f"  {name} = {{{text if name in VERBATIM else escape(text)}}}" for name, text in _fields(cited, kind)]
    names = [f"  {name} = {{{text}}}" for name, text in _names(cited)]
    note = f"  note = {{{escape(Work(version).shelf_numbers[0])}}}" if Work(version).shelf_numbers else ""
    return ",\n".join([f"@{kind}{{{key}", *names, *lines, *filter(None, [note])]).encode() + b"\n}\n"


def escape(text: str) -> str:
    """A text as LaTeX takes it."""
    return _SPECIAL.sub(lambda match: _ESCAPED.get(match[0], f"\\{match[0]}"), " ".join(text.split()))


def _names(cited: Item) -> Iterator[tuple[str, str]]:
    """Persons as "Family, Given"; what has no such parts in braces, so that no program takes it apart."""
    for name in ("author", "editor", "translator"):
        if name in cited:
            yield (
                name,
                " and ".join(
                    f"{{{escape(each['literal'])}}}"
                    if "literal" in each
                    else ", ".join(escape(each[part]) for part in ("family", "suffix", "given") if part in each)
                    for each in cited[name]
                ),
            )


def _fields(cited: Item, kind: str) -> Iterator[tuple[str, str]]:
    for field, variable in FIELDS.items():
        name = "booktitle" if field == "journal" and kind in ("incollection", "inproceedings") else field
        text = cited.get(variable) or (
            cited.get("issue") or cited.get("collection-number") if field == "number" else ""
        )
        if text:
            yield name, text.replace("–", "--") if field == "pages" else text
    if "publisher" in cited:
        yield PUBLISHERS.get(kind, "publisher"), cited["publisher"]
    parts = cited.get("issued", {}).get("date-parts")
    if parts:
        yield "year", str(parts[0][0])
        if len(parts[0]) > 1 or len(parts) > 1:
            yield "date", "/".join("-".join(f"{number:02}" for number in each) for each in parts)
    elif "issued" in cited:
        yield "year", cited["issued"]["literal"]
    if "date-parts" in cited.get("accessed", {}):
        yield "urldate", "-".join(f"{number:02}" for number in cited["accessed"]["date-parts"][0])
