"""What a reader sees is in the language of the page: whatever reads the same in two languages must be data, or a word
that both have."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT
from flask.testing import FlaskClient
from lxml import html
from pyoxigraph import Literal

from publisher import resources
from publisher.catalog import Catalog
from publisher.harvest import change_log
from publisher.namespaces import namespaces, terms
from publisher.reports.kept import ROWS, Kept
from publisher.view import triples
from publisher.web.languages import LANGUAGES

pytest_plugins = ["web_fixtures"]
OTHERS = [name for name in LANGUAGES if name != "en"]
# for machines, as somebody wrote it, or the same in every language
_AS_IT_IS = "code|pre|kbd|script|style|textarea|option|time|head/meta|*[@translate='no']|*[@class='citation']"
_READ_OUT = ("aria-label", "alt", "placeholder")
# names, and what was asked for
_ALIKE = """Turtle|JSON-LD|RDF/XML|N-Triples|TriG|N-Quads|JSON|CSV|TSV|XML|Atom|RIS|BibTeX|CSL-JSON|MODS|MARCXML|MARC 21
SHA-256|OAI-PMH|OpenAPI|OpenRefine|ResourceSync|SPARQL|Accept|Accept-Profile|Dublin Core|ActivityStreams 2.0|JSON Lines
RDF Patch|SKOS|BIBO|FOAF|PAV|JSON Schema|RFC 1918|DOI|ISBN|URL|Home Office|Reconciliation Service API|Reconcile
Add columns from reconciled values|Start reconciling|Add standard service|Library records|UTC
A librarian|It has none|SPARQL_MAX_BYTES
probaton|zzzz|"probation*" "title" 50|?record ?score|?record pub|https|HTTP""".replace("\n", "|").split("|")
# a URL, a file, a media type, a time, and who made a record
_NO_WORDS = re.compile(r"(//)?[^\s/]*[/.@]\S+|\d+ UTC|publisher [\d.]+|release \d+")


def pieces(page: bytes) -> Iterator[str]:
    """What a page shows or reads out, piece by piece."""
    tree = html.document_fromstring(page.decode())
    for element in tree.xpath("|".join(f"//{name}" for name in _AS_IT_IS.split("|"))):
        element.drop_tree()
    for mark in tree.xpath("//mark"):  # within a text
        mark.drop_tag()
    for element in tree.iter():
        if isinstance(element.tag, str):
            for text in (element.text, element.tail, *(element.get(name) for name in _READ_OUT)):
                for piece in re.split(r"[·–|:;,()]|\.$", " ".join((text or "").split())):
                    yield piece.strip(" .,…“”„")


Pages = list[tuple[FlaskClient, str]]


@pytest.fixture(scope="module")
def given(every_page: Pages) -> str:
    """Everything that the catalogues say, and the words of the vocabularies and of the tables that they use."""
    said = [*LANGUAGES.values(), *_ALIKE]
    for folder in {client.application.extensions["publisher"].settings.DATA_DIR for client, _ in every_page}:
        catalog = Catalog(folder)
        try:
            for entry in filter(None, map(catalog.version, range(1, change_log.last(catalog) + 1))):
                said += [entry.label, *entry.key.split("/")]
                said += [term.object.value for term in triples(entry.lines) if isinstance(term.object, Literal)]
            for kept in (Kept(*row) for row in catalog.db.execute(ROWS)):
                said += [
                    kept.title if kept.refused else "",
                    kept.reason,
                    kept.key,
                    *(finding.message for finding in kept.findings),
                ]
        finally:
            catalog.close()
    said += [row["title"] for row in resources.table("ontology/vocabularies/index.csv")]
    for prefix in namespaces():
        said += [label or term for term, label in terms(prefix).items()]
    return "\n".join(" ".join(text.split()) for text in said)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(every_page: Pages, given: str, language: str) -> None:
    with (ROOT / f"publisher/web/translations/{language}/LC_MESSAGES/messages.po").open("rb") as source:
        alike = {message.id for message in read_po(source, locale=language) if message.id == message.string}
    left = {}
    for client, path in every_page:
        english, other = (
            set(pieces(client.get(path, headers={"Accept": "text/html", "Accept-Language": name}).data))
            for name in ("en", language)
        )
        same = [
            text
            for text in sorted(english & other - alike)
            if re.search(r"[^\W\d]{2}", text) and not _NO_WORDS.fullmatch(text) and text not in given
        ]
        if same:
            left[path] = same
    assert left == {}
