"""BibTeX, RIS and CSL-JSON of all samples, read again by programs of others and compared with the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import bibtexparser
import orjson
import pytest
import rispy
from lxml import html

from publisher import pipeline, readers, resources
from publisher.catalog import Catalog
from publisher.crosswalks import bibliography, bibtex, csl_json, ris
from publisher.crosswalks.openurl import context_object
from publisher.crosswalks.types import types_of
from publisher.crosswalks.work import Work
from publisher.errors import UnknownStyle
from publisher.mapping import Mapping
from publisher.namespaces import terms
from publisher.record import Record
from publisher.settings import Settings
from publisher.view import Version, of_entry


@pytest.fixture(scope="module")
def versions(published: Settings) -> Iterator[list[Version]]:
    catalog, mapping = Catalog(published.DATA_DIR), Mapping(published)
    yield [of_entry(mapping, catalog, entry) for entry in catalog.entries("resource")]
    catalog.close()


def flat(text: str) -> str:
    return " ".join(text.split())


def names(cited: csl_json.Item) -> list[str]:
    found = cited.get("author", [])
    return [name.get("literal") or ", ".join(filter(None, (name["family"], name.get("given")))) for name in found]


def test_csl_json_has_what_the_record_has(versions: list[Version]) -> None:
    rows = {row["csl"] for row in resources.table("ontology/citation-types.csv")}
    for version in versions:
        (cited,) = orjson.loads(csl_json.write(version))
        record = version.record
        assert cited["type"] in rows
        assert [flat(value.text) for value in record.title[:1]] in ([flat(cited["title"])], [])
        assert len(cited.get("author", ())) == len(version.view.iris("creators")) or not record.creators
        for name in ("issued", "accessed"):
            for parts in cited.get(name, {}).get("date-parts", ()):
                assert 1 <= len(parts) <= 3
                assert all(isinstance(number, int) for number in parts)
        assert not [value for value in cited.values() if value in ("", [], {})]
    seed = next(version for version in versions if version.key == "123404")
    cited = csl_json.item(seed)
    assert (cited["type"], cited["issued"], cited["publisher-place"]) == ("report", {"date-parts": [[2011]]}, "London")
    assert cited["author"] == [{"literal": "Great Britain: HMI Probation"}]
    assert cited["accessed"] == {"date-parts": [[2011, 11, 19]]}
    assert cited["URL"].endswith("mappa-thematic-report.pdf")


def unescaped(text: str) -> str:
    for sign, written in bibtex._ESCAPED.items():
        text = text.replace(written, sign)
    return re.sub(r"\\([{}&%$#_])", r"\1", text)


def test_bibtex_is_read_as_it_was_meant(versions: list[Version]) -> None:
    library = bibtexparser.parse_string("\n".join(bibtex.write(version).decode() for version in versions))
    assert not library.failed_blocks
    assert len(library.entries) == len(versions)
    for version, entry in zip(versions, library.entries, strict=True):
        cited = csl_json.item(version)
        fields = {field.key: field.value for field in entry.fields}
        assert unescaped(fields["title"]) == flat(cited["title"])
        if "author" in fields:
            found = re.split(r" and (?![^{]*\})", fields["author"])
            assert [unescaped(re.sub(r"^\{(.*)\}$", r"\1", name)) for name in found] == [flat(n) for n in names(cited)]
        if "URL" in cited:
            assert fields["url"] == cited["URL"]
        if "date-parts" in cited.get("issued", {}):
            assert fields["year"] == str(cited["issued"]["date-parts"][0][0])


def test_ris_is_read_as_it_was_meant(versions: list[Version]) -> None:
    for version in versions:
        (entry,) = rispy.loads(ris.write(version).decode())
        cited = csl_json.item(version)
        assert entry["title"] == flat(cited["title"])
        assert entry.get("authors", []) == [flat(name) for name in names(cited)]
        assert entry["type_of_reference"] == types_of(version.view)["ris"]
        assert sorted(entry.get("keywords", [])) == sorted(map(flat, version.view.headings("subjects")))
        if "date-parts" in cited.get("issued", {}):
            years = [str(parts[0]) for parts in cited["issued"]["date-parts"]]
            assert entry["year"] == "-".join(dict.fromkeys(years))


def test_our_own_readers_read_them(versions: list[Version], tmp_path: Path) -> None:
    for name, writer in (("all.bib", bibtex.write), ("all.ris", ris.write)):
        path = tmp_path / name
        path.write_bytes(b"\n".join(writer(version) for version in versions))
        found = [item for item in readers.read(path) if isinstance(item, Record)]
        assert len(found) == len(versions)
        for record, version in zip(found, versions, strict=True):
            assert flat(record.title[0].text) == flat(csl_json.item(version)["title"]), name


def test_every_type_of_the_table_is_known() -> None:
    for row in resources.table("ontology/citation-types.csv"):
        assert row["schema"] in terms("schema")
        assert row["ris"] in rispy.TYPE_OF_REFERENCE_MAPPING
    used = {row["class"] for row in resources.table("ontology/types.csv")}
    assert used <= {row["class"] for row in resources.table("ontology/citation-types.csv")}


def test_a_coins_is_an_openurl(versions: list[Version]) -> None:
    for version in versions:
        cited = csl_json.item(version)
        found = parse_qs(context_object(cited, types_of(version.view)["openurl"]), strict_parsing=True)
        assert found["ctx_ver"] == ["Z39.88-2004"]
        assert found["rft_val_fmt"][0].rpartition(":")[2] in ("journal", "book", "dissertation")
        titles = [found.get(f"rft.{key}", [""])[0] for key in ("btitle", "atitle", "jtitle", "title")]
        assert cited["title"] in titles


STYLES = ("apa", "chicago-author-date", "harvard-cite-them-right", "ieee", "modern-language-association", "nature")


@pytest.mark.parametrize("style", STYLES)
def test_styles(versions: list[Version], style: str) -> None:
    for version in versions[:: len(versions) // 8]:
        text = str(bibliography.markup(csl_json.item(version), style))
        assert len(text) > 20
        assert not re.sub(r"</?(i|b|sup|sub)>", "", text).count("<")
    seed = csl_json.item(next(version for version in versions if version.key == "123404"))
    assert "2011" in str(bibliography.markup(seed, style))
    assert "Great Britain: HMI Probation" in str(bibliography.markup(seed, style))
    assert not re.match(r"\W|\d", str(bibliography.markup(seed, style)))  # no number of a list


def test_no_value_becomes_a_tag(versions: list[Version]) -> None:
    title = '<script>x</script> <i>y</i> & "z" <b \ue001'
    cited = {**csl_json.item(versions[0]), "title": title, "URL": "http://x/?a&b<i>"}
    for style in ("ieee", "chicago-notes", "acta-orthopaedica-belgica"):
        text = str(bibliography.markup(cited, style))
        assert "<script" not in text
        assert not re.search("[\ue000-\ue020]", text)
        assert "&lt;script&gt;" in text.lower()
        shown = html.fragment_fromstring(text, create_parent=True)
        assert {element.tag for element in shown.iter()} <= {"div", "i", "b", "sup", "sub"}
    assert csl_json.in_words(cited).count("<script>") == 1  # plain text, escaped where it is shown


CITED = {
    "id": "x",
    "type": "report",
    "title": "On trial",
    "author": [{"family": "Smith", "given": "Jane"}, {"literal": "Home Office"}],
    "editor": [{"family": "Jones", "given": "Bo"}],
    "publisher": "HMSO",
    "publisher-place": "London",
    "URL": "http://x/y",
    "issued": {"date-parts": [[2011]]},
    "accessed": {"date-parts": [[2011, 11, 19]]},
}
# style, locale -> the citation as text
WRITTEN = {
    ("apa", ""): "Smith, J., & Home Office. (2011). On trial (B. Jones, ed.). HMSO. http://x/y",
    ("apa", "de-DE"): "Smith, J., & Home Office. (2011). On trial (B. Jones, Hrsg.). HMSO. http://x/y",
    # for footnotes, without a list
    ("chicago-notes", ""): "J. Smith and Home Office, On Trial, ed. B. Jones (HMSO, 2011), http://x/y.",
    # with numbers, which one alone has none of
    ("nature", ""): "Smith, J. & Home Office. On Trial. http://x/y (2011).",
    ("acta-scientiae-veterinariae", ""): "Smith J. & Home Office. 2011. On trial. London: HMSO.",
    # another name of nature
    ("nature-digest", ""): "Smith, J. & Home Office. On Trial. http://x/y (2011).",
}


@pytest.mark.parametrize(("style", "locale"), WRITTEN)
def test_a_citation_as_text(style: str, locale: str) -> None:
    assert bibliography.plain(CITED, style, locale) == WRITTEN[style, locale]
    assert html.fragment_fromstring(str(bibliography.markup(CITED, style, locale)), create_parent=True).text_content()


def test_words_of_styles_by_language() -> None:
    tags = ("de", "de-AT", "DE_at", "de-LU", "en", "en-GB", "pt", "eu", "zh-CN", "sr-Latn-RS", "fr-x-private")
    assert [bibliography.locale_of(tag) for tag in tags] == [
        *("de-DE", "de-AT", "de-AT", "de-DE", "en-US", "en-GB", "pt-PT", "eu", "zh-CN", "sr-Latn-RS", "fr-FR")
    ]
    for unknown in ("", "xx", "../de", "-"):
        with pytest.raises(UnknownStyle):
            bibliography.locale_of(unknown)
        assert bibliography.locale_of(unknown, "en-US") == "en-US"


def test_a_style_that_citeproc_stumbles_over_is_told() -> None:
    """There are some sixty of them among the 2,850 of the repository."""
    with pytest.raises(UnknownStyle, match="cannot be used"):
        bibliography.plain(CITED, "norma-portuguesa-405")
    assert bibliography.title_of("norma-portuguesa-405").startswith("Norma Portuguesa 405")
    assert bibliography.title_of("none") == "none"


def test_styles_are_known_by_the_names_that_they_had() -> None:
    assert [bibliography.style_of(name) for name in ("MLA", "vancouver", "apa")] == [
        *("modern-language-association", "nlm-citation-sequence", "apa")
    ]
    assert bibliography.plain(CITED, "mla") == bibliography.plain(CITED, "modern-language-association")
    with pytest.raises(UnknownStyle, match="no citation style “none”"):
        bibliography.style_of("none")


def test_dates_and_names_that_are_not_plain(tmp_path: Path) -> None:
    rows = [("1", "c2003"), ("2", "19--?"), ("3", "5758 [1997 or 1998]"), ("4", "1999-"), ("5", "5771 [2011]")]
    page = "\n".join(
        f'{{"shelf_number": "{key}", "title": "T", "creators": "King, Martin Luther, Jr.", "issued": "{date}"}}'
        for key, date in rows
    )
    (tmp_path / "a.jsonl").write_text(page)
    settings = Settings(BASE_URL="https://lib.example", DATA_DIR=tmp_path / "site")
    pipeline.load(settings, [tmp_path / "a.jsonl"])
    catalog, mapping = Catalog(settings.DATA_DIR), Mapping(settings)
    found = {entry.key: of_entry(mapping, catalog, entry) for entry in catalog.entries("resource")}
    assert [csl_json.item(found[key])["issued"] for key, _ in rows] == [
        {"date-parts": [[2003]], "circa": True},
        {"literal": "19--?"},
        {"literal": "5758 [1997 or 1998]"},
        {"literal": "1999-"},
        {"date-parts": [[2011]]},
    ]
    assert [Work(found[key]).year for key, _ in rows] == ["2003", "", "", "1999", "2011"]
    assert csl_json.item(found["1"])["author"] == [{"family": "King", "given": "Martin Luther", "suffix": "Jr."}]
    assert b"author = {King, Jr., Martin Luther}" in bibtex.write(found["1"])
    assert b"AU  - King, Martin Luther, Jr.\r\n" in ris.write(found["1"]) and b"PY  - 2003\r\n" in ris.write(found["1"])
    assert "King, M. L., Jr." in bibliography.markup(csl_json.item(found["1"]), "apa")
    catalog.close()
