"""Each rule both ways by its own examples, rules of the library's own, and what of damaged records no rule sees."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from conftest import DATA
from rdflib import Graph, URIRef
from rdflib.namespace import SH

from publisher import readers
from publisher.errors import SettingsError
from publisher.mapping import Mapping
from publisher.namespaces import namespaces
from publisher.pipeline import Summary, check, judge
from publisher.readers.result_page.labels import NAMES
from publisher.record import Agent, Record, Value
from publisher.settings import Settings
from publisher.validation import Finding, Rule, Shapes, Validator
from publisher.web.languages import LANGUAGES

BASE = "https://lib.example/"
SITE = Settings(BASE_URL=BASE)
MAPPING = Mapping(SITE)
VALIDATOR = Validator(BASE)
RULES = VALIDATOR.shapes.described()
# a record of which nothing is said; an example puts its own fields in the place of these
RECORD = {
    "Author": "Great Britain: HMI Probation",
    "Title": "A study of something else",
    "Summary": "What is said here is long enough to be a summary of a report.",
    "Details": "London: Home Office, 2011. 50p.",
    "Source": "Internet Resource: Accessed November 19, 2011 at: http://www.example.org/1.pdf",
    "Year": "2011",
    "Country": "United Kingdom",
    "URL": "http://www.example.org/1.pdf",
    "Shelf Number": "1",
    "Keywords": "Probation",
}


def is_of_a_page(example: str) -> bool:
    return example.partition(":")[0] in NAMES.values()


def page(example: str, folder: Path) -> Path:
    """A result page with one record that has the fields of an example."""
    given: list[tuple[str, str]] = []
    for line in example.splitlines():
        label, colon, text = line.partition(":")
        if colon and label in NAMES.values():
            given.append((label, text.strip()))
        else:
            given[-1] = (given[-1][0], f"{given[-1][1]}\n{line}".strip())
    labels = {label for label, _ in given}
    rows = [(label, text) for label, text in RECORD.items() if label not in labels]
    rows = given + rows
    rows.sort(key=lambda row: list(RECORD).index(row[0]))
    text = "".join(f"{label}:\n{text}\n\n" if label == "Keywords" else f"{label}: {text}\n\n" for label, text in rows)
    path = folder / "page.txt"
    path.write_text(f"Results for tests\n\n1 results found\n\n{text}", "utf-8")
    return path


def findings(example: str, folder: Path) -> list[Finding]:
    """What is said of an example: fields of a page, or a graph."""
    if is_of_a_page(example):
        (record,) = (item for item in readers.read(page(example, folder), "page.txt") if isinstance(item, Record))
        return VALIDATOR.validate([MAPPING.describe(record)])[0].findings
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces().items())
    text = f"@base <{BASE}> .\n@prefix pub: <{BASE}ontology#> .\n{prefixes}{example}"
    _, results, _ = pyshacl.validate(Graph().parse(data=text, format="turtle"), shacl_graph=VALIDATOR.shapes.published)
    shapes = [str(shape).removeprefix(BASE) for shape in results.objects(None, SH.sourceShape)]
    return [Finding("violation", "", "", "", 0, shape=shape) for shape in shapes]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.anchor)
def test_a_rule_by_its_own_examples(rule: Rule, tmp_path: Path) -> None:
    if rule.anchor == "identifierUnique":
        return  # of two records: below
    assert rule.name not in [finding.rule for finding in findings(rule.passes, tmp_path)]
    broken = [finding for finding in findings(rule.fails, tmp_path) if finding.rule == rule.name]
    assert broken
    if is_of_a_page(rule.fails):
        assert is_of_a_page(rule.passes)
        assert findings(rule.passes, tmp_path) == []  # it is a record of which nothing else is said, either
        for finding in broken:
            assert (finding.message, finding.repair, finding.severity) == (rule.message, rule.repair, rule.severity)
            assert finding.line > 0


def test_a_number_of_two_records(tmp_path: Path) -> None:
    (rule,) = (rule for rule in RULES if rule.anchor == "identifierUnique")
    one = page(rule.passes, tmp_path).rename(tmp_path / "one.txt")
    two = page(f"{rule.fails}\nTitle: Another", tmp_path)
    summary = Summary()
    assert [fit for _, fit in judge(check(SITE, [one, two], summary), summary)] == [True, False]
    (finding,) = summary.findings
    assert (finding.rule, finding.severity) == (rule.name, rule.severity)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.anchor)
def test_a_rule_is_documented(rule: Rule) -> None:
    for text in (rule.message, rule.description, rule.why, rule.repair):
        assert text.endswith(".")
        assert text[0].isupper() or text[0] in '"'
    assert rule.field
    assert rule.of
    assert rule.passes
    assert rule.fails
    assert rule.ours


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_a_rule_says_the_same_in_every_language(language: str) -> None:
    ours = {rule.name: rule for rule in VALIDATOR.shapes.described("en")}
    for rule in VALIDATOR.shapes.described(language):
        for name in ("of", "field", "message", "description", "why", "repair"):
            text, english = getattr(rule, name), getattr(ours[rule.name], name)
            assert (text.language, english.language) == (language, "en"), (rule.name, name)
            # placeholders, years and limits, and the mark at the end
            for pattern in (r"\{.*?\}", r"\d+", r"\.?$"):
                assert sorted(re.findall(pattern, text)) == sorted(re.findall(pattern, english)), (rule.name, name)
        assert (rule.passes, rule.fails) == (ours[rule.name].passes, ours[rule.name].fails)


def test_every_property_shape_is_a_rule_that_says_something() -> None:
    graph = VALIDATOR.shapes.published
    named = {str(shape) for shape in graph.subjects(SH.path) if isinstance(shape, URIRef)}
    assert {BASE + rule.name for rule in RULES} == named | {f"{BASE}shapes#issuedForm"}
    assert VALIDATOR.shapes.version
    assert len(RULES) > 50


def test_what_is_named_and_nowhere_described_is_told_to_who_names_it() -> None:
    described = MAPPING.describe(sample()[0])
    for kind, rule in (("agent", "agentName"), ("concept", "prefLabel"), ("place", "prefLabel")):
        item = replace(described, descriptions=[it for it in described.descriptions if it.kind != kind])
        (report,) = VALIDATOR.validate([item])
        assert f"shapes#{rule}" in [finding.rule for finding in report.findings]
        assert report.refused


# Rules of the library's own

LOCAL = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix own: <https://rules.example/> .
own:Record a sh:NodeShape ; sh:targetClass dcterms:BibliographicResource ; sh:property own:year .
own:year sh:path dcterms:issued ; sh:name "Year"@en , "Jahr"@de ; sh:pattern "^20" ; sh:severity sh:Warning ;
    sh:message "We collect this century only."@en , "Wir sammeln nur aus diesem Jahrhundert."@de .
"""


def write(folder: Path, text: str, name: str = "own.ttl") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder)


def test_a_file_in_the_folder_is_a_rule(tmp_path: Path) -> None:
    validator = Validator(BASE, write(tmp_path, LOCAL))
    old = replace(sample()[0], issued=(Value("1999", 9, 9),), publication_statement=())
    (report,) = validator.validate([MAPPING.describe(old)])
    (finding,) = [finding for finding in report.findings if "rules.example" in finding.rule]
    assert (finding.rule, finding.field, finding.line) == ("https://rules.example/year", "Year", 9)
    assert finding.message == "We collect this century only."
    assert "https://rules.example/year" in [rule.name for rule in validator.shapes.described()]


def test_messages_in_another_language(tmp_path: Path) -> None:
    """A translation of our own rules is a file in the folder, too."""
    translation = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix shapes: <https://lib.example/shapes#> .
    shapes:title sh:message "Ein Eintrag braucht einen Titel."@de ; sh:name "Titel"@de ."""
    write(tmp_path, LOCAL)
    validator = Validator(BASE, write(tmp_path, translation, "german.ttl"), "de-AT")
    untitled = replace(sample()[0], title=(), issued=(Value("1999", 9, 9),), publication_statement=())
    (report,) = validator.validate([MAPPING.describe(untitled)])
    said = {finding.rule: (finding.field, finding.message) for finding in report.findings}
    assert said["shapes#title"] == ("Titel", "Ein Eintrag braucht einen Titel.")
    assert said["https://rules.example/year"] == ("Jahr", "Wir sammeln nur aus diesem Jahrhundert.")
    # what is not translated is said in English
    assert {message for _, message in said.values() if message.startswith("The year is given")} == set()
    (plain,) = Validator(BASE, str(tmp_path)).validate([MAPPING.describe(untitled)])
    assert "A record needs exactly one title." in [finding.message for finding in plain.findings]


def test_what_is_said_in_german_is_said_of_the_same_line() -> None:
    """The name of a field leads to its line in the source, in whatever language it is."""
    bad = replace(sample()[0], issued=(Value("1475", 9, 9),), publication_statement=(Value("50 leaves", 7, 7),))
    (english,) = VALIDATOR.validate([MAPPING.describe(bad)])
    (german,) = Validator(BASE, language="de").validate([MAPPING.describe(bad)])

    def places(findings: list[Finding]) -> list[tuple[str, int, str]]:
        return sorted((finding.rule, finding.line, finding.value) for finding in findings)

    assert places(german.findings) == places(english.findings)
    said = {finding.rule: (finding.field, finding.message, finding.line) for finding in german.findings}
    assert said["shapes#issuedRange"] == (
        "Jahr",
        "Das Jahr liegt vor 1800 oder nach 2099; vielleicht ist es ein Tippfehler.",
        9,
    )
    assert said["shapes#publisher"][0] == "Erscheinungsvermerk"
    assert said["shapes#publisher"][2] == 7


def test_what_was_said_can_be_said_in_another_language() -> None:
    shapes = VALIDATOR.shapes
    said = shapes.translated(
        "shapes#identifierUnique", "The record at a/b.txt:7 has this number, too, and says something else.", "de"
    )
    assert said == "Die Titelaufnahme in a/b.txt:7 hat dieselbe Nummer und sagt etwas anderes."
    assert said is not None
    assert said.language == "de"
    assert shapes.translated("shapes#title", "Eine Titelaufnahme braucht genau einen Titel.", "en") == (
        "A record needs exactly one title."
    )
    assert shapes.translated("shapes#title", "What this rule said in an earlier version.", "de") is None
    assert shapes.translated("https://rules.example/none", "anything", "de") is None
    assert (shapes.label("Year", "de"), shapes.label("Jahr", "en"), shapes.label("other", "de")) == (
        "Jahr",
        "Year",
        "other",
    )


def test_shapes_that_cannot_be_taken_apart_are_judged_as_they_are(tmp_path: Path) -> None:
    """sh:closed looks at the rules of its shape, and a rule inside a rule has no target of its own."""
    text = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix own: <https://rules.example/> .
    @prefix dcterms: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix void: <http://rdfs.org/ns/void#> .
    own:Closed a sh:NodeShape ; sh:targetClass foaf:Document ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
        sh:property [ sh:path foaf:primaryTopic ] , [ sh:path dcterms:license ] , [ sh:path dcterms:conformsTo ] ;
        sh:message "No more than this." .
    own:Nested a sh:NodeShape ; sh:targetClass dcterms:BibliographicResource ;
        sh:property [ sh:path dcterms:creator ; sh:property [ sh:path foaf:name ; sh:maxLength 3 ;
            sh:message "Short names only." ] ] .
    """
    (report,) = Validator(BASE, write(tmp_path, text)).validate([MAPPING.describe(sample()[0])])
    said = Counter(finding.message for finding in report.findings)
    assert said["No more than this."] > 0
    assert said["Short names only."] == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("@prefix sh: <http://www.w3.org/ns/shacl#> . sh:a sh:b", "is not Turtle"),
        (LOCAL.replace('"^20"', '"^(20"'), "is no regular expression"),
        (LOCAL.replace("sh:path dcterms:issued ;", "sh:minCount 1 ;"), "is not SHACL"),
        (LOCAL.replace('sh:pattern "^20"', 'sh:minCount "one"'), "is not SHACL"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        Shapes(BASE, write(tmp_path, text))
    assert "own.ttl" in str(error.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no folder"):
        Shapes(BASE, str(tmp_path / "absent"))


# Damaged records


@cache
def sample() -> list[Record]:
    files = [DATA / "record-page.txt", *sorted((DATA / "invented").glob("*"))]
    return [item for path in files for item in readers.read(path, path.name) if isinstance(item, Record)]


def with_text(item: Value | Agent, text: str) -> Value | Agent:
    return (
        replace(item, heading=replace(item.heading, text=text)) if isinstance(item, Agent) else replace(item, text=text)
    )


def text_of(item: Value | Agent) -> str:
    return item.heading.text if isinstance(item, Agent) else item.text


Damage = Callable[[tuple[Value | Agent, ...]], tuple[Value | Agent, ...]]
DAMAGES: dict[str, Damage] = {
    "missing": lambda values: (),
    "doubled": lambda values: (*values, *(with_text(item, text_of(item) + " x") for item in values)),
    "marks": lambda values: tuple(with_text(item, "???") for item in values),
    "control": lambda values: tuple(with_text(item, "\x01") for item in values),
    "encoding": lambda values: tuple(with_text(item, text_of(item) + " Ã©") for item in values),
    "cut": lambda values: tuple(with_text(item, text_of(item)[:3]) for item in values),
}
ATTRIBUTES = (
    "shelf_number",
    "title",
    "creators",
    "abstract",
    "publication_statement",
    "source_statement",
    "issued",
    "countries",
    "uri",
    "subjects",
)
# what no rule sees, and why that is right
DECISIONS = {
    ("creators", "doubled"): "two authors may have names that are alike",
    ("issued", "missing"): "the year of the details stands in for it",
    ("shelf_number", "cut"): "a number may be short",
    ("shelf_number", "encoding"): "the library's numbers are its own affair, as long as they make an address",
    ("source_statement", "cut"): "the source is a text in free words, and only a day of access in it is read",
    ("source_statement", "doubled"): "a report may have been seen twice",
    ("source_statement", "encoding"): "as when it is cut",
    ("source_statement", "marks"): "as when it is cut",
    ("source_statement", "missing"): "not every report was found on the web",
    ("subjects", "cut"): "a keyword may be short",
    ("subjects", "doubled"): "any keyword may stand beside any other",
    ("title", "cut"): "a title may be short",
    ("uri", "missing"): "gray literature often has no address on the web",
    # of the one record of which this is said before it is damaged
    ("uri", "cut"): "the address was none before",
    ("uri", "encoding"): "the address was none before",
    ("uri", "marks"): "the address was none before",
}


def damaged() -> Iterator[tuple[str, str, Record, Record]]:
    for record in sample():
        for attribute in ATTRIBUTES:
            values = getattr(record, attribute)
            for name, damage in DAMAGES.items() if values else ():
                yield attribute, name, record, replace(record, **{attribute: damage(values)})


def test_what_of_a_damaged_record_no_rule_sees_is_decided() -> None:
    cases = list(damaged())
    before = dict(zip(map(id, sample()), VALIDATOR.validate([MAPPING.describe(it) for it in sample()]), strict=True))
    after = VALIDATOR.validate([MAPPING.describe(spoilt) for *_, spoilt in cases])
    missed: Counter[tuple[str, str]] = Counter()
    for (attribute, name, record, _), report in zip(cases, after, strict=True):
        known = Counter((finding.rule, finding.message) for finding in before[id(record)].findings)
        if not Counter((finding.rule, finding.message) for finding in report.findings) - known:
            missed[attribute, name] += 1
    assert set(missed) == set(DECISIONS), missed
    assert len(cases) > 2000
