"""BibTeX's and BibLaTeX's fields and types of entries: what each is for us, where a table can say it."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["series", "journal", "book", "proceedings", ""]

# What goes as it stands to an attribute that holds Values.
VALUES = {
    "abstract": "abstract",
    "addendum": "description",
    "address": "place_of_publication",
    "annotation": "description",
    "annote": "description",
    "city": "place_of_publication",
    "contents": "table_of_contents",
    "copyright": "rights",
    "description": "description",
    "edition": "edition",
    "howpublished": "description",
    "language": "languages",
    "license": "rights",
    "location": "place_of_publication",
    "note": "description",
    "numpages": "extent",
    "pagetotal": "extent",
    "rights": "rights",
    "shorttitle": "alternative",
    "title": "title",
    "url": "uri",
    "version": "edition",
}
IDENTIFIERS = {
    "doi": "doi",
    "isbn": "isbn",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "lccn": "lccn",
    "isrn": "isrn",
    "hdl": "hdl",
}
ROLES = {
    "editor": "edt",
    "translator": "trl",
    "annotator": "ann",
    "commentator": "cwt",
    "introduction": "win",
    "afterword": "aft",
    "editora": "",
    "editorb": "",
    "editorc": "",
}
VERBATIM = frozenset(
    ("date", "doi", "eprint", "file", "hdl", "pdf", "url", "urldate", "crossref", "xdata", "xref", "related", "ids")
)
BODIES = frozenset(("institution", "organization", "school"))
THESES = frozenset(("phdthesis", "mastersthesis", "thesis", "bachelorsthesis", "masterthesis"))
REPORTS = frozenset(("techreport", "report"))
CONTAINERS: dict[str, Kind] = {
    "article": "journal",
    "inproceedings": "proceedings",
    "conference": "proceedings",
    "incollection": "book",
    "inbook": "book",
    "inreference": "book",
    "suppbook": "book",
    "suppcollection": "book",
}
INHERITED = frozenset(
    re.findall(
        r"\w+",
        "booktitle booksubtitle maintitle editor publisher organization institution address location year month date "
        "journal journaltitle series volume number issue edition issn",
    )
)
