"""CSL-JSON: the item of the Citation Style Language (schema csl-data 1.0), which citation managers read and from which
every other form of a citation is made."""

from __future__ import annotations

import re
from typing import Any

import orjson

from publisher.crosswalks.types import types_of
from publisher.crosswalks.work import Party, Work
from publisher.view import Version

Item = dict[str, Any]
# variable -> attribute of the context; the first value counts
TEXTS = {
    "title-short": "short_title",
    "abstract": "abstract",
    "edition": "edition",
    "publisher-place": "place_of_publication",
    "DOI": "doi",
    "PMID": "pmid",
    "number": "report_number",
    "call-number": "shelf_number",
    "volume": "volume",
    "page": "pages",
    "number-of-pages": "number_of_pages",
}
PERIODICAL = ("article-journal", "periodical")
_ABOUT = re.compile(r"(\d{4})[~?%]")
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T.*)?")


def write(version: Version) -> bytes:
    return orjson.dumps([item(version)], option=orjson.OPT_INDENT_2)


def item(version: Version) -> Item:
    """One resource; variables without a value are left out."""
    view, work = version.view, Work(version)
    types = types_of(view)
    found: Item = {"id": work.iri, "type": types["csl"], "title": view.first("title") or version.key}
    found |= {name: view.first(attribute) for name, attribute in TEXTS.items()}
    found["author"] = [_name(party) for party in work.creators] or [
        {"literal": text} for text in view.texts("creators_as_given")
    ]
    for code, name in (("edt", "editor"), ("trl", "translator")):
        found[name] = [_name(party) for party in work.contributors if code in party.roles]
    others = [party for party in work.contributors if not {"edt", "trl"} & {*party.roles}]
    found["contributor"] = [_name(party) for party in others]
    publishers = view.texts("publishers") or view.texts("degree_grantors")
    found["publisher"] = "; ".join(publishers)
    found["genre"] = view.first("degree") or ("" if types["csl"] not in ("report", "document") else view.first("types"))
    found["keyword"] = ", ".join(view.headings("subjects"))
    found["ISBN"] = " ".join(view.texts("isbn13") or view.texts("isbn10"))
    found["ISSN"] = view.first("issn")
    found["language"] = next(iter((*view.texts("languages_as_given"), *work.languages)), "")
    found["URL"] = next(iter((*view.iris("formats"), *view.texts("uri"))), "")
    found["issued"] = _date(next(iter(work.dates), ""), next(iter(view.texts("date")), ""))
    accessed = view.document.get("source_accessed_on", ())
    found["accessed"] = _date(accessed[0].text) if accessed and found["URL"] else {}
    for part in work.parts:
        is_host = part.kind in ("journal", "book", "proceedings") or (not part.kind and types["csl"] in PERIODICAL)
        names = ("container-title", "issue") if is_host else ("collection-title", "collection-number")
        values = {names[0]: part.title.text, names[1]: part.number, "volume": part.volume, "page": part.pages}
        found |= {name: text for name, text in values.items() if text and not found.get(name)}
        found["ISSN"] = found["ISSN"] or part.issn
    return {name: value for name, value in found.items() if value}


def in_words(cited: Item) -> str:
    """A citation as plain as it can be: who (when). What. Where: by whom. Address."""
    names = [inverted(name) for name in who(cited)]
    issued = cited.get("issued", {})
    year = str(issued["date-parts"][0][0]) if "date-parts" in issued else issued.get("literal", "n.d.")
    imprint = ": ".join(filter(None, (cited.get("publisher-place"), cited.get("publisher"))))
    host = " ".join(filter(None, (cited.get("container-title"), cited.get("volume"), cited.get("page"))))
    parts = [f"{'; '.join(names)} ({year})" if names else f"({year})", cited["title"], host, imprint]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part) + (f" {cited['URL']}" if "URL" in cited else "")


def inverted(name: dict[str, str]) -> str:
    """A name of an item as lists have it, "Smith, John A."."""
    parts = (name.get("family"), name.get("given"), name.get("suffix"))
    return name.get("literal") or ", ".join(filter(None, parts))


def who(cited: Item) -> list[dict[str, str]]:
    """The names under which an item is cited."""
    return cited.get("author") or cited.get("editor") or []


def _name(party: Party) -> dict[str, str]:
    """A person in two parts, all else as the catalogue writes it."""
    name = party.name
    if party.said.agent_kind == "person" and name.family_name:
        suffix = name.name.removeprefix(f"{name.given_name} {name.family_name}").strip()  # Jr.
        parts = {"family": name.family_name, "given": name.given_name, "suffix": suffix}
        return {part: text for part, text in parts.items() if text}
    return {"literal": party.said.heading}


def _date(text: str, given: str = "") -> dict[str, Any]:
    """A date or an interval in parts; what is no plain date, in the words of the source."""
    if not text:
        return {}
    if about := _ABOUT.fullmatch(text):
        return {"date-parts": [[int(about[1])]], "circa": True}
    matches = [_DATE.fullmatch(part) for part in text.split("/")]
    if len(matches) <= 2 and all(matches):
        return {"date-parts": [[int(part) for part in match.groups() if part] for match in matches if match]}
    return {"literal": given or text}
