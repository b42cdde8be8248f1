"""For each rule a record that keeps it and one that does not, with what is said; batches; the report as a graph."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyshacl
import pytest
from conftest import DATA
from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.namespace import SH

from publisher import readers
from publisher.mapping import Described, Description, Mapping
from publisher.record import Agent, Part, Record, Source, Value
from publisher.settings import Settings
from publisher.validation import Finding, Report, Validator, statements, to_rdflib
from publisher.validation.rdflib_graph import Batch, Copy

BASE = "https://lib.example/"
MAPPING = Mapping(Settings(BASE_URL=BASE))
VALIDATOR = Validator(BASE)
RULES = sorted(rule.anchor for rule in VALIDATOR.shapes.described())
SUMMARY = "What is said here is long enough to be a summary of a report."
# the lines on which the fields of an ordinary record stand
LINES = {
    "shelf_number": 11,
    "title": 12,
    "creators": 13,
    "abstract": 14,
    "publication_statement": 15,
    "source_statement": 16,
    "issued": 17,
    "countries": 18,
    "uri": 19,
    "subjects": 20,
}


def record(**fields: str | list[str]) -> Record:
    given: dict[str, Any] = {
        "shelf_number": "123",
        "title": "A Study of Something",
        "creators": "Great Britain: HMI Probation",
        "abstract": SUMMARY,
        "publication_statement": "London: Home Office, 2011. 50p.",
        "source_statement": "Internet Resource: Accessed November 19, 2011 at: http://www.example.org/123.pdf",
        "issued": "2011",
        "countries": "United Kingdom",
        "uri": "http://www.example.org/123.pdf",
        "subjects": "Probation (U.K.)",
    } | fields
    values: dict[str, Any] = {}
    for name, texts in given.items():
        found = [Value(text, LINES[name], LINES[name]) for text in ([texts] if isinstance(texts, str) else texts)]
        values[name] = tuple(Agent(value) for value in found) if name == "creators" else tuple(found)
    values["is_part_of"] = (Part(Value("Studies in Probation", 21, 21), "series", "4", issn="2049-3630"),)
    return Record(Source("page.txt", "result_page", 1, 10, 21, "\n".join(map(str, given.values()))), **values)


def judge(*records: Record) -> list[Report]:
    return VALIDATOR.validate([MAPPING.describe(item) for item in records])


def rule_of(finding: Finding) -> str:
    return finding.shape.rpartition("#")[2]


Spoil = Callable[[Described], None]
IDS = {name: MAPPING.context[name].property for name in MAPPING.context.terms}


def changed(kind: str, change: Callable[[Description], list[Triple]]) -> Spoil:
    """Changes the statements of the last description of a kind, which others share no more."""

    def spoil(described: Described) -> None:
        position = max(n for n, description in enumerate(described.descriptions) if description.kind == kind)
        described.descriptions[position] = replace(
            described.descriptions[position], statements=change(described.descriptions[position]), provenance=[]
        )

    return spoil


def saying(attribute: str, value: NamedNode | RdfLiteral) -> Spoil:
    """Adds a value to the resource."""

    def change(description: Description) -> list[Triple]:
        thing = next(s.subject for s in description.statements if s.predicate == IDS["title"])
        return [*description.statements, Triple(thing, IDS[attribute], value)]

    return changed("resource", change)


def without(kind: str, attribute: str) -> Spoil:
    return changed(kind, lambda it: [s for s in it.statements if s.predicate != IDS[attribute]])


def with_another(kind: str, attribute: str, value: NamedNode | RdfLiteral | BlankNode) -> Spoil:
    """Adds a value to each subject that has the attribute."""

    def change(description: Description) -> list[Triple]:
        subjects = {s.subject for s in description.statements if s.predicate == IDS[attribute]}
        assert subjects, attribute
        return [*description.statements, *(Triple(subject, IDS[attribute], value) for subject in subjects)]

    return changed(kind, change)


OTHER = NamedNode("https://lib.example/id/agent/nobody")
TEXT = RdfLiteral("text")
# rule -> what breaks it (fields of the record, or a change of what the mapping made), and what the finding says:
# severity, field, line, value
BROKEN: list[tuple[str, dict[str, Any] | Spoil, str, str, int, str]] = [
    ("identifier", {"shelf_number": []}, "violation", "Shelf Number", 10, ""),
    ("identifierCount", {"shelf_number": ["1", "2"]}, "warning", "Shelf Number", 11, ""),
    ("identifierForm", {"shelf_number": ".."}, "violation", "Shelf Number", 11, ".."),
    ("identifierForm", {"shelf_number": "1" * 201}, "violation", "Shelf Number", 11, "1" * 200),
    ("title", {"title": []}, "violation", "Title", 10, ""),
    ("title", {"title": "\x01"}, "violation", "Title", 12, ""),
    ("titleCount", {"title": ["One", "Two"]}, "warning", "Title", 12, ""),
    ("title", with_another("resource", "title", RdfLiteral(" ")), "violation", "Title", 12, " "),
    ("creator", {"creators": []}, "warning", "Author", 10, ""),
    ("authorList", with_another("resource", "creators", OTHER), "violation", "Author", 13, OTHER.value),
    (
        "authorList",
        without("resource", "author_list"),
        "violation",
        "Author",
        13,
        f"{BASE}id/agent/great-britain-hmi-probation",
    ),
    ("issued", {"issued": "then", "publication_statement": "London: A"}, "warning", "Year", 17, ""),
    ("issued", {"issued": ["2010", "2011"]}, "warning", "Year", 17, ""),
    ("issuedForm", with_another("resource", "issued", RdfLiteral("2011")), "violation", "Year", 17, "2011"),
    ("issuedRange", {"issued": "1475"}, "warning", "Year", 17, "1475"),
    ("publisher", {"publication_statement": "A book"}, "warning", "Details", 15, ""),
    ("abstract", {"abstract": []}, "info", "Summary", 10, ""),
    ("abstract", {"abstract": [SUMMARY, SUMMARY + "!"]}, "info", "Summary", 14, ""),
    ("abstractLength", {"abstract": "Short."}, "info", "Summary", 14, "Short."),
    ("uri", {"uri": "http://a b/"}, "warning", "URL", 19, "http://a b/"),
    ("uri", {"uri": "javascript:alert(1)"}, "warning", "URL", 19, "javascript:alert(1)"),
    ("subject", {"subjects": []}, "warning", "Keywords", 10, ""),
    ("spatial", {"countries": []}, "warning", "Country", 10, ""),
    ("numPages", with_another("resource", "number_of_pages", RdfLiteral(0)), "warning", "Details", 15, "0"),
    ("shelfMark", without("resource", "shelf_mark"), "violation", "Shelf Number", 11, ""),
    ("shelfMarkValue", without("resource", "value"), "violation", "Shelf Number", 11, ""),
    ("primaryTopic", without("resource", "primary_topic"), "violation", "About", 10, ""),
    ("inDataset", without("resource", "in_dataset"), "violation", "Part of data set", 10, ""),
    ("license", with_another("resource", "license", OTHER), "violation", "Licence", 10, ""),
    ("sourceAccessedOn", with_another("resource", "source_accessed_on", TEXT), "warning", "Source", 16, "text"),
    ("agentName", without("agent", "name"), "violation", "Name", 10, ""),
    ("agentName", with_another("agent", "name", TEXT), "violation", "Name", 10, ""),
    ("prefLabel", without("concept", "preferred_label"), "violation", "Name", 10, ""),
    (
        "prefLabel",
        with_another("concept", "preferred_label", RdfLiteral("Other", language="en")),
        "violation",
        "Name",
        10,
        "",
    ),
    ("broader", with_another("concept", "broader", OTHER), "violation", "Broader", 10, OTHER.value),
    ("contributor", saying("contributors", TEXT), "violation", "Contributor", 10, "text"),
    ("contributor", saying("editors", TEXT), "violation", "Contributor", 10, "text"),
    ("isPartOf", saying("is_part_of", TEXT), "violation", "Published in", 21, "text"),
    (
        "language",
        saying("languages", NamedNode("http://example.org/eng")),
        "violation",
        "Language",
        10,
        "http://example.org/eng",
    ),
    ("links", saying("same_as", NamedNode("javascript:alert(1)")), "violation", "URL", 19, "javascript:alert(1)"),
    ("links", saying("rights_links", TEXT), "violation", "URL", 19, "text"),
    (
        "degree",
        saying("degree_links", NamedNode("http://example.org/phd")),
        "violation",
        "Degree",
        10,
        "http://example.org/phd",
    ),
    ("isbn13", saying("isbn13", RdfLiteral("978")), "violation", "ISBN", 10, "978"),
    ("isbn10", saying("isbn10", RdfLiteral("X")), "violation", "ISBN", 10, "X"),
    ("issn", saying("issn", RdfLiteral("20493630")), "violation", "ISSN", 10, "20493630"),
    ("doi", saying("doi", RdfLiteral("doi:10.5555/a")), "violation", "DOI", 10, "doi:10.5555/a"),
    ("seriesTitle", without("series", "title"), "violation", "Published in", 12, ""),
    ("seriesType", changed("series", lambda it: it.statements[1:]), "violation", "Published in", 21, ""),
    ("seriesIssn", with_another("series", "issn", TEXT), "warning", "Published in", 21, ""),
    ("placeMatch", with_another("place", "exact_match", TEXT), "violation", "Same as", 10, "text"),
]


def type_of_another_vocabulary(described: Described) -> None:
    other = NamedNode("http://xmlns.com/foaf/0.1/Project")
    thing = next(s.subject for s in described.resource.statements if s.predicate == IDS["title"])
    described.resource.statements.append(Triple(thing, NamedNode(str(RDF.type)), other))


def a_body_that_is_not_described(described: Described) -> None:
    described.descriptions = [it for it in described.descriptions if it.key != "great-britain"]


def counted_in_words(described: Described) -> None:
    origin = described.resource.provenance[0].object
    assert isinstance(origin, NamedNode)
    described.resource.provenance.append(Triple(origin, IDS["announced_count"], RdfLiteral("two")))


def nameless_origin(described: Described) -> None:
    described.resource.provenance = [s for s in described.resource.provenance if s.predicate != IDS["label"]]


BROKEN += [
    ("type", type_of_another_vocabulary, "violation", "Type", 10, "http://xmlns.com/foaf/0.1/Project"),
    ("subOrganizationOf", a_body_that_is_not_described, "violation", "Part of", 10, f"{BASE}id/agent/great-britain"),
    ("announcedCount", counted_in_words, "warning", "Results announced", 10, "two"),
    ("originLabel", nameless_origin, "violation", "Read from", 10, ""),
]


def test_an_ordinary_record_has_nothing_to_be_said_of_it() -> None:
    (report,) = judge(record())
    assert report.findings == []
    assert not report.refused


def test_the_rules_that_are_broken_here_are_rules() -> None:
    """Each by the examples that it brings itself: test_shapes.py."""
    assert {row[0] for row in BROKEN} <= set(RULES)


@pytest.mark.parametrize(
    ("rule", "broken", "severity", "field", "line", "value"),
    BROKEN,
    ids=[f"{n}-{row[0]}" for n, row in enumerate(BROKEN)],
)
def test_rules(rule: str, broken: dict[str, Any] | Spoil, severity: str, field: str, line: int, value: str) -> None:
    described = MAPPING.describe(record(**broken) if isinstance(broken, dict) else record())
    if not isinstance(broken, dict):
        broken(described)
    (report,) = VALIDATOR.validate([described])
    found = [finding for finding in report.findings if rule_of(finding) == rule]
    assert found, report.findings
    message = str(VALIDATOR.shapes.published.value(URIRef(f"{BASE}shapes#{rule}"), SH.message))
    for finding in found:
        assert (finding.severity, finding.field, finding.message) == (severity, field, message)
        assert (finding.file, finding.line) == ("page.txt", line)
        assert finding.component.startswith(str(SH))
    assert value in [finding.value for finding in found]
    assert report.refused == (report.count("violation") > 0)


@pytest.mark.parametrize(
    "text",
    [
        "http://www.example.org/a.pdf",
        "HTTPS://EXAMPLE.ORG/A.PDF",
        "ftp://example.org/a",
        "http://example.org",
        "http://example.org/ü/図書",
        "http://user@example.org:8080/a?b=c/d?e&f=%20#g",
        "http://[::1]/a",
        "http://",
        "http:///a",
        "http://?a",
        "http://:80/",
        "http://@/",
        "http://example.org/%zz",
        "http://example.org/<b>",
        "http://example.org:port/",
        "http://a@b@c/",
        "http://example.org/#a#b",
        "http://example.org/a b",
        "http://example.org/a\u00a0b",
        "http://example.org/a[1]",
        "http://example.org/a|b",
        "http://example.org/`a`",
        "www.example.org",
        "javascript:alert(1)",
        "data:text/html,a",
        "mailto:a@example.org",
    ],
)
def test_an_address_is_linked_or_said_not_to_be(text: str) -> None:
    """The mapping decides what becomes a link, the rule says so to the cataloguer: both must draw the same line."""
    described = MAPPING.describe(record(uri=text))
    (report,) = VALIDATOR.validate([described])
    linked = any(statement.predicate == IDS["formats"] for statement in described.resource.statements)
    assert ("uri" in map(rule_of, report.findings)) == (not linked)


def test_notes_of_reader_and_mapping_come_under_the_name_of_the_field() -> None:
    (report,) = judge(record(issued="2010"))
    (finding,) = report.findings
    assert str(finding) == (
        'page.txt:17: Year: The year is given as "2010", but the details say "2011"; see which is right.'
    )
    assert (finding.shape, finding.component) == ("", "")


def test_findings_stand_in_the_order_of_the_lines() -> None:
    (report,) = judge(record(subjects=[], title=[], countries="Ruritania", uri="a b", issued="then"))
    lines = [finding.line for finding in report.findings]
    assert lines == sorted(lines)
    assert set(lines) == {10, 17, 18, 19}


# Batches


def test_what_is_wrong_with_a_shared_thing_is_told_to_each_record() -> None:
    described = [MAPPING.describe(record(shelf_number=str(number))) for number in (1, 2, 3)]
    shared = next(item for item in described[0].descriptions if item.key == "probation")
    nameless = replace(shared, statements=[s for s in shared.statements if s.predicate != IDS["preferred_label"]])
    for item in described[:2]:
        item.descriptions = [nameless if other is shared else other for other in item.descriptions]
    reports = VALIDATOR.validate(described)
    assert [[rule_of(finding) for finding in report.findings] for report in reports] == [
        ["prefLabel"],
        ["prefLabel"],
        [],
    ]


def test_two_records_with_one_number_are_judged_each_by_itself() -> None:
    reports = judge(record(), record(title="Another"), record(title=[]), record(title=["One", "Two"]), record())
    assert [[rule_of(finding) for finding in report.findings] for report in reports] == [
        [],
        [],
        ["title"],
        ["titleCount"],
        [],
    ]


def mixed() -> list[Record]:
    """Records of the samples, and faulty ones that share their numbers, authors and keywords in other spellings."""
    files = [DATA / "record-page.txt", DATA / "invented" / "prisons.txt", DATA / "invented" / "drug-courts.html"]
    found = [item for path in files for item in readers.read(path, path.name) if isinstance(item, Record)]
    found += [record(**broken) for _, broken, *_ in BROKEN if isinstance(broken, dict)]
    found += [
        record(subjects=["PROBATION", "Prisons"], creators="great britain: HMI PROBATION"),
        record(subjects="probation (u.k.)", creators="Home Office", countries="RURITANIA"),
        record(subjects="Probation.", countries="Ruritania", publication_statement="London: home office, 2011."),
        replace(record(shelf_number="7"), creators=(Agent(Value("Great Britain", 13), "person"),)),
        record(shelf_number="8", creators="Great Britain: HMI Probation"),
    ]
    return found


@pytest.mark.parametrize("seed", range(5))
def test_a_batch_gives_the_reports_that_its_records_get_alone(seed: int) -> None:
    records = mixed()
    alone = {id(item): judge(item)[0].findings for item in records}
    random.Random(seed).shuffle(records)
    size = random.Random(seed).choice((3, 7, len(records)))
    for start in range(0, len(records), size):
        batch = records[start : start + size]
        for item, report in zip(batch, judge(*batch), strict=True):
            assert report.findings == alone[id(item)]
    assert sum(map(len, alone.values())) > 30


def test_an_empty_batch_has_no_reports() -> None:
    assert VALIDATOR.validate([]) == []


def test_the_collector_runs_again_afterwards() -> None:
    judge(record())
    assert gc.isenabled()
    gc.disable()
    try:
        judge(record())
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_graph_that_is_judged_answers_what_one_of_rdflib_answers() -> None:
    judged, graph = Copy(Batch()), Copy(Graph())
    for item in mixed()[:20]:
        for description in MAPPING.describe(item).descriptions:
            for copy in (judged, graph):
                copy.add([*description.statements, *description.provenance])
    assert len(judged.graph) == len(graph.graph) > 500
    assert set(judged.graph) == set(graph.graph)
    for statement in random.Random(1).sample(sorted(graph.graph), 50):
        for kept in range(8):
            pattern = tuple(term if kept >> place & 1 else None for place, term in enumerate(statement))
            assert set(judged.graph.triples(pattern)) == set(graph.graph.triples(pattern))
        subject, predicate, target = statement
        assert set(judged.graph.objects(subject, predicate)) == set(graph.graph.objects(subject, predicate))
        assert set(judged.graph.subjects(predicate, target)) == set(graph.graph.subjects(predicate, target))
        assert (target, predicate, subject) not in judged.graph


def test_the_rules_as_judged_say_what_the_rules_as_published_say() -> None:
    """They are rearranged for speed; pySHACL finds the same by either."""
    graph = Graph()
    for item in mixed()[:20]:
        for description in MAPPING.describe(item).descriptions:
            to_rdflib([*description.statements, *description.provenance], graph)
    found = []
    for shapes in (VALIDATOR.shapes.published, VALIDATOR.shapes.judged):
        _, results, _ = pyshacl.validate(graph, shacl_graph=shapes)
        found.append(
            sorted(
                tuple(
                    str(results.value(result, term))
                    for term in (SH.focusNode, SH.sourceShape, SH.value, SH.resultSeverity)
                )
                for result in results.subjects(SH.resultSeverity)
            )
        )
    assert found[0] == found[1]
    assert found[0]


# The report as a graph


def test_the_report_is_a_validation_report() -> None:
    """SHACL 3.6: one value each of what a report and a result must have."""
    (report,) = judge(record(title=[], issued="2010", uri="a b"))
    assert len(report.findings) == 3
    graph = Graph()
    to_rdflib(statements(BlankNode("report"), report.findings, BASE), graph)
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert list(graph.objects(node, SH.conforms)) == [Literal(False)]
    results = list(graph.objects(node, SH.result))
    assert len(results) == 3
    for result in results:
        assert list(graph.objects(result, RDF.type)) == [SH.ValidationResult]
        for term in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.resultMessage):
            assert len(list(graph.objects(result, term))) == 1, term
        assert graph.value(result, SH.resultSeverity) in (SH.Violation, SH.Warning, SH.Info)
        assert isinstance(graph.value(result, SH.sourceConstraintComponent), URIRef)
    assert {str(line) for line in graph.objects(None, URIRef(f"{BASE}ontology#sourceLine"))} == {"10", "17", "19"}
    assert {str(name) for name in graph.objects(None, URIRef(f"{BASE}ontology#sourceFile"))} == {"page.txt"}
    assert {str(shape) for shape in graph.objects(None, SH.sourceShape)} == {f"{BASE}shapes#title", f"{BASE}shapes#uri"}
    assert URIRef(f"{BASE}ontology#NoteConstraintComponent") in set(graph.objects(None, SH.sourceConstraintComponent))
    assert Literal("a b") in set(graph.objects(None, SH.value))
    assert len(Graph().parse(data=graph.serialize(format="turtle"))) == len(graph)


@pytest.mark.parametrize(("fields", "conforms"), [({}, True), ({"abstract": "Short."}, False), ({"title": []}, False)])
def test_a_graph_conforms_only_if_nothing_is_said_of_it(fields: dict[str, Any], conforms: bool) -> None:
    """SHACL 3.6.1.1, as pySHACL has it, too: an information is a result like any other."""
    described = MAPPING.describe(record(**fields))
    (report,) = VALIDATOR.validate([described])
    graph = Graph()
    for description in described.descriptions:
        to_rdflib([*description.statements, *description.provenance], graph)
    assert pyshacl.validate(graph, shacl_graph=VALIDATOR.shapes.published)[0] == conforms
    made = statements(NamedNode(f"{BASE}report"), report.findings, BASE)
    assert [s.object.value for s in made if s.predicate.value == str(SH.conforms)] == [str(conforms).lower()]


def test_terms_are_copied_to_rdflib_as_they_are() -> None:
    subject, predicate = NamedNode("http://a/s"), NamedNode("http://a/p")
    xsd = "http://www.w3.org/2001/XMLSchema#"
    values: list[NamedNode | BlankNode | RdfLiteral] = [
        NamedNode("http://a/ü"),
        RdfLiteral('a\n"b" \\ é'),
        RdfLiteral("a", language="en"),
        RdfLiteral("007", datatype=NamedNode(xsd + "integer")),
        RdfLiteral("2011", datatype=NamedNode(xsd + "gYear")),
        RdfLiteral("2011?", datatype=NamedNode("http://id.loc.gov/datatypes/edtf/EDTF")),
        BlankNode("b1"),
    ]
    graph = Graph()
    to_rdflib([Triple(subject, predicate, value) for value in values], graph)
    found = {(str(o), str(getattr(o, "datatype", None)), getattr(o, "language", None)) for o in graph.objects()}
    assert found == {
        ("http://a/ü", "None", None),
        ('a\n"b" \\ é', "None", None),
        ("a", "None", "en"),
        ("007", xsd + "integer", None),
        ("2011", xsd + "gYear", None),
        ("2011?", "http://id.loc.gov/datatypes/edtf/EDTF", None),
        ("b1", "None", None),
    }
