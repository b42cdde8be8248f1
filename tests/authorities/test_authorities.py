"""Authorities: tables and vocabularies link, merge and split headings; what is ambiguous is told and left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher import pipeline, releases
from publisher.addresses import DATASET
from publisher.authorities import linking
from publisher.authorities.statements import read
from publisher.catalog import Catalog
from publisher.cli import main
from publisher.errors import NotFound, UnreadableSource
from publisher.settings import Settings

LCSH, FAST, ISNI = "http://id.loc.gov/authorities/subjects/", "http://id.worldcat.org/fast/", "https://isni.org/isni/"
Write = Callable[..., Path]


@pytest.fixture
def site(settings: Settings, write_page: Write) -> Settings:
    """Three records: one keyword that is a name, too, one name in two records."""
    pipeline.load(
        settings,
        [
            write_page(
                {"title": "One", "number": "1", "author": "Smith, John", "keywords": "Prisons\nProbation"},
                {"title": "Two", "number": "2", "author": "Smith, John", "keywords": "Prisons"},
                {"title": "Three", "number": "3", "author": "Home Office: Research Unit", "keywords": "Home Office"},
            )
        ],
    )
    return settings


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, header: str = "heading,kind,iri,relation,becomes,record", name: str = "links.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows, ""]), "utf-8")
        return path

    return write


def load(site: Settings, path: Path, **options: str) -> linking.Outcome:
    outcome = linking.load(site, path, "A. Librarian", "compared by hand", **options)
    assert releases.verify(site) == []
    return outcome


def said(site: Settings, kind: str, key: str, word: str) -> list[str]:
    """The objects of the statements of a thing whose predicate ends so."""
    lines = Catalog(site.DATA_DIR).get(kind, key).lines
    return sorted(
        line.split(" ", 2)[2].removesuffix(" .") for line in lines if line.split(" ", 2)[1].endswith(f"{word}>")
    )


def test_a_table_links_headings_of_every_kind(site: Settings, table: Callable[..., Path]) -> None:
    path = table(
        f"prisons,keyword,{LCSH}sh1,,,", f"Probation,,{FAST}2,close,,", f'"Smith, John",person,{ISNI}3,,,', "United Kingdom,,https://x.org/gb,,,"
    )  # fmt: skip
    outcome = load(site, path)
    assert (dict(outcome.linked), outcome.said) == ({"concept": 2, "agent": 1, "place": 1}, [])
    assert f"<{LCSH}sh1>" in said(site, "concept", "prisons", "exactMatch")
    assert said(site, "concept", "probation", "closeMatch") == [f"<{FAST}2>"]
    assert said(site, "agent", "smith-john", "exactMatch") == [f"<{ISNI}3>"]
    assert "<https://x.org/gb>" in said(site, "place", "united-kingdom", "exactMatch")
    again = load(site, path)
    assert (again.release, again.linked) == (0, outcome.linked)


def test_links_carry_who_when_and_how(site: Settings, table: Callable[..., Path]) -> None:
    load(site, table(f"Prisons,,{LCSH}sh1,,,"))
    lines = [line for line in Catalog(site.DATA_DIR).get(*DATASET).lines if "#accepted-links-csv>" in line]
    text = "\n".join(lines)
    for part in ("void#Linkset>", '"A. Librarian"', '"compared by hand"', "dc/terms/created>", 'void#triples> "1"'):
        assert part in text, part
    (linkset,) = linking.accepted(site)
    assert (linkset.name, linkset.links, linkset.when[:2]) == ("links.csv", 1, "20")


def test_links_stay_when_records_are_loaded_again_and_come_back(
    site: Settings, table: Callable[..., Path], write_page: Write
) -> None:
    load(site, table(f"Prisons,,{LCSH}sh1,,,"))
    pipeline.withdraw(site, ["1", "2"])
    assert Catalog(site.DATA_DIR).find("concept", "prisons").withdrawn  # type: ignore[union-attr]
    pipeline.load(site, [write_page({"title": "Four", "number": "4", "keywords": "PRISONS"}, name="four.txt")])
    pipeline.load(site, [write_page({"title": "Five", "number": "5", "keywords": "Prisons"}, name="five.txt")])
    assert said(site, "concept", "prisons", "exactMatch") == [f"<{LCSH}sh1>"]
    assert releases.verify(site) == []


def test_what_is_ambiguous_wrong_or_absent_is_told(site: Settings, table: Callable[..., Path]) -> None:
    path = table(
        f"Home Office,,{ISNI}1,,,",
        f"Prisons,,{LCSH}sh1,,,",
        f"Prisons,,{LCSH}sh2,,,",
        f"Nobody,,{ISNI}4,,,",
        "Probation,planet,https://x.org/1,,,",
        "Probation,,javascript:x,,,",
        "Probation,,,,,",
        ",,https://x.org/1,,,",
        "Probation,,https://x.org/1,near,,",
        "Probation,keyword,,,Prisons,",
    )
    outcome = load(site, path)
    assert (outcome.linked.total(), outcome.ambiguous, outcome.absent, outcome.wrong) == (0, 2, 1, 6)
    told = "\n".join(outcome.said)
    assert f'{path}:2: "Home Office" is a name and a keyword here; say which by its kind.' in told
    assert f"is {LCSH}sh1 and {LCSH}sh2; keep the right one." in told
    assert f'{path}:5: there is no heading "Nobody" here.' in told
    assert outcome.release == 2  # that the file was read, and of what nothing was accepted
    assert load(site, table(f"Home Office,organisation,{ISNI}1,,,")).linked == {"agent": 1}


def test_a_file_of_the_same_name_replaces_and_remove_takes_back(site: Settings, table: Callable[..., Path]) -> None:
    load(site, table(f"Prisons,,{LCSH}sh1,,,", f"Probation,,{LCSH}sh2,,,"))
    load(site, table(f"Prisons,,{LCSH}sh3,,,"))
    assert said(site, "concept", "prisons", "exactMatch") == [f"<{LCSH}sh3>"]
    assert said(site, "concept", "probation", "exactMatch") == []
    linking.remove(site, "links.csv")
    assert said(site, "concept", "prisons", "exactMatch") == []
    assert linking.accepted(site) == [] and releases.verify(site) == []
    with pytest.raises(NotFound, match=r"Nothing of links\.csv was accepted"):
        linking.remove(site, "links.csv")


@pytest.mark.parametrize("name", ["v.ttl", "v.nt", "v.rdf", "v.jsonld"])
def test_a_vocabulary_links_keywords_by_their_labels(site: Settings, tmp_path: Path, name: str) -> None:
    skos = "http://www.w3.org/2004/02/skos/core#"
    rows = [
        ("1", "prefLabel", "Prisons"),
        ("2", "altLabel", "prisons"),
        ("3", "prefLabel", "Parole"),
        ("4", "altLabel", "Probation"),
    ]
    rows += [("5", "altLabel", "PROBATION"), ("6", "prefLabel", "Smith, John")]
    path = tmp_path / name
    triples = "".join(f'<{LCSH}sh{n}> <{skos}{label}> "{text}" .\n' for n, label, text in rows)
    if name.endswith((".ttl", ".nt")):
        path.write_text(triples, "utf-8")
    else:
        from rdflib import Graph

        Graph().parse(data=triples, format="nt").serialize(path, format="xml" if name == "v.rdf" else "json-ld")
    outcome = load(site, path)
    assert dict(outcome.linked) == {"concept": 1}
    assert said(site, "concept", "prisons", "closeMatch") == [f"<{LCSH}sh1>"]  # not 2, which has another name itself
    assert outcome.ambiguous == 1 and f"{LCSH}sh4 and {LCSH}sh5" in outcome.said[0]
    assert dict(load(site, path, kind="agent", relation="exact_match").linked) == {"agent": 1}
    assert said(site, "agent", "smith-john", "exactMatch") == [f"<{LCSH}sh6>"]


def test_two_headings_become_one(site: Settings, table: Callable[..., Path], write_page: Write) -> None:
    outcome = load(
        site, table("Home Office,organisation,,,Ministry of the Interior,", '"Smith, John",,,,"Smith, John A.",')
    )
    assert (outcome.merged, outcome.split) == (2, 0)
    catalog = Catalog(site.DATA_DIR)
    assert catalog.moved("agent", "smith-john") == "smith-john-a"
    assert said(site, "resource", "1", "creator") == ["<https://lib.example/id/agent/smith-john-a>"]
    assert said(site, "resource", "2", "creator") == ["<https://lib.example/id/agent/smith-john-a>"]
    assert '"Smith, John"' in said(site, "agent", "smith-john-a", "altLabel")
    # a body below the merged one, and one in an imprint
    above = said(site, "agent", "home-office-research-unit", "subOrganizationOf")
    assert above == ["<https://lib.example/id/agent/ministry-of-the-interior>"]
    assert said(site, "resource", "3", "publisher") == above
    # a later load reads it so, too, in this process and in others
    new = [{"title": f"New {number}", "number": f"n{number}", "author": "Smith, John"} for number in range(4)]
    pipeline.load(replace(site, WORKERS=2, BATCH_SIZE=2), [write_page(*new, name="new.txt")])
    for number in range(4):
        assert said(site, "resource", f"n{number}", "creator") == ["<https://lib.example/id/agent/smith-john-a>"]
    linking.remove(site, "links.csv")
    assert said(site, "resource", "1", "creator") == ["<https://lib.example/id/agent/smith-john>"]
    assert releases.verify(site) == []


def test_one_heading_is_split_by_record(site: Settings, table: Callable[..., Path]) -> None:
    outcome = load(site, table('"Smith, John",,,,"Smith, John (economist)",2'))
    assert (outcome.merged, outcome.split) == (0, 1)
    assert said(site, "resource", "1", "creator") == ["<https://lib.example/id/agent/smith-john>"]
    assert said(site, "resource", "2", "creator") == ["<https://lib.example/id/agent/smith-john-economist>"]
    assert '"Smith, John"' in said(site, "agent", "smith-john-economist", "altLabel")
    assert not Catalog(site.DATA_DIR).moved("agent", "smith-john")


def test_two_files_must_not_decide_one_heading(site: Settings, table: Callable[..., Path]) -> None:
    load(site, table('"Smith, John",,,,"Smith, J.",'))
    with pytest.raises(UnreadableSource, match=r'other.csv: what "Smith, John" becomes is said by links.csv already'):
        linking.load(site, table('"Smith, John",,,,"Smith, X.",', name="other.csv"), "me", "so")
    assert len(linking.accepted(site)) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "Name,Link to it\nx,y\n", "a.csv:1: the columns must be named in the first line"),
        ("a.csv", "", "a.csv:1: the columns must be named"),
        ("a.ttl", "<x> <y", "a.ttl: the file cannot be read"),
        ("a.csv", "heading,iri\nPrisons,\xff\n", "a.csv: the file cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UnreadableSource, match=message):
        list(read(path))


def test_tables_of_spreadsheets(table: Callable[..., Path]) -> None:
    for delimiter in ("\t", ";", ","):
        path = table(delimiter.join(["Prisons", f"{LCSH}sh1"]), header="\ufeff" + delimiter.join(["Term", "URI"]))
        assert [(it.heading, it.iri, it.line) for it in read(path)] == [("Prisons", f"{LCSH}sh1", 2)]


def test_the_commands(site: Settings, table: Callable[..., Path]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        options = {"PUBLISHER_BASE_URL": site.BASE_URL, "PUBLISHER_DATA_DIR": str(site.DATA_DIR)}
        result = CliRunner().invoke(main, ["authorities", *arguments], env=options)
        return result.exit_code, result.output

    path = table(f"Prisons,,{LCSH}sh1,,,")
    assert run("load", str(path), "--dry-run") == (
        0,
        "1 links accepted (1 keyword), 0 ambiguous, 0 without a heading here\n",
    )
    assert linking.accepted(site) == []
    assert run("load", str(path), "--who", "Me")[1].endswith("Release 2 is current.\n")
    assert run("list")[1].startswith("links.csv: 1 links, reviewed table, Me, 20")
    assert run("remove", "links.csv") == (0, "Release 3 is current.\n")
    assert run("load", str(table(f"Home Office,,{ISNI}1,,,")))[0] == 1
