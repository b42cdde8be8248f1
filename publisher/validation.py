"""Graphs -> reports: pySHACL judges every batch of descriptions against `shapes/` before anything is stored."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyshacl
from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as OxLiteral
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDF, RDFS, SH
from rdflib.term import Node

from publisher import resources
from publisher.mapping import Described, Description
from publisher.mapping.terms import Context
from publisher.record import Agent, Note, Part, Record, Severity, Value

SEVERITIES: dict[Node | None, Severity] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say to the cataloguer: where, of which field, what, and of which value. `shape` and `component` are
    the IRIs of the rule that says it; a note of the reader or the mapping has none. `record` counts the records of a
    file from 1, for files that have no lines (line 0)."""

    severity: Severity
    field: str
    message: str
    file: str
    line: int
    value: str = ""
    shape: str = ""
    component: str = ""
    record: int = 0

    @property
    def place(self) -> str:
        """Where to look: "FILE:LINE", "FILE, record N", or the file."""
        return (
            f"{self.file}:{self.line}" if self.line else self.file + (f", record {self.record}" if self.record else "")
        )

    def __str__(self) -> str:
        value = f' ("{self.value}")' if self.value else ""
        return f"{self.place}: {self.field}: {self.message}{value}"


@dataclass
class Report:
    """What is to be said of one record; a violation keeps it out."""

    findings: list[Finding] = field(default_factory=list)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def refused(self) -> bool:
        return self.count("violation") > 0


def to_rdflib(statements: Iterable[Triple], graph: Graph) -> None:
    """Adds statements to an rdflib graph, which is what pySHACL reads quickest."""
    _Copy(graph).add(statements)


class _Copy:
    """An rdflib graph in the making; each term is made once, since rdflib checks and parses all that it makes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: dict[NamedNode | BlankNode | OxLiteral | Triple, Node] = {}

    def add(self, statements: Iterable[Triple]) -> None:
        node, add = self.node, self.graph.add
        for statement in statements:
            add((node(statement.subject), node(statement.predicate), node(statement.object)))

    def add_apart(self, statements: Sequence[Triple], mark: str) -> set[Node]:
        """Adds statements about other subjects, whose names end with the mark; gives these."""
        apart: dict[NamedNode | BlankNode | OxLiteral | Triple, Node] = {
            subject: (BNode if isinstance(subject, BlankNode) else URIRef)(subject.value + mark)
            for subject in {statement.subject for statement in statements}
            if not isinstance(subject, Triple)
        }
        for statement in statements:
            subject, target = apart[statement.subject], apart.get(statement.object) or self.node(statement.object)
            self.graph.add((subject, self.node(statement.predicate), target))
        return set(apart.values())

    def node(self, term: NamedNode | BlankNode | OxLiteral | Triple) -> Node:
        found = self.nodes.get(term)
        if found is None:
            found = self.nodes[term] = _node(term)
        return found


def _node(term: NamedNode | BlankNode | OxLiteral | Triple) -> Node:
    if isinstance(term, NamedNode):
        return URIRef(term.value)
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if isinstance(term, OxLiteral):
        if term.language:
            return Literal(term.value, lang=term.language)
        plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
        return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value), normalize=False)
    raise TypeError(f"{term} is no RDF 1.1 term")


def report_graph(findings: Iterable[Finding], base: str = "") -> Graph:
    """The findings as a SHACL validation report (SHACL 3.6); the place in the source is the focus node's label. `base`
    is that of the site, whose ontology names the source of what no shape says."""
    graph = Graph()
    graph.bind("sh", SH)
    report = BNode()
    noted = f"{base}ontology#NoteConstraintComponent" if base else ""
    graph.add((report, RDF.type, SH.ValidationReport))
    for finding in findings:
        result, focus = BNode(), BNode()
        graph.add((report, SH.result, result))
        graph.add((result, RDF.type, SH.ValidationResult))
        graph.add((result, SH.resultSeverity, SH[finding.severity.capitalize()]))
        graph.add((result, SH.resultMessage, Literal(f"{finding.field}: {finding.message}", lang="en")))
        graph.add((result, SH.focusNode, focus))
        graph.add((focus, RDFS.label, Literal(finding.place)))
        if finding.value:
            graph.add((result, SH.value, Literal(finding.value)))
        if finding.shape:
            graph.add((result, SH.sourceShape, URIRef(finding.shape)))
        if finding.component or noted:
            graph.add((result, SH.sourceConstraintComponent, URIRef(finding.component or noted)))
    # SHACL 3.6.1.1: a graph conforms if there is nothing to say of it, be it only an information
    graph.add((report, SH.conforms, Literal((report, SH.result, None) not in graph)))
    return graph


class Validator:
    """The shapes of one site, read once."""

    def __init__(self, base: str) -> None:
        self.shapes = Graph()
        for path in sorted(resources.folder("shapes").glob("*.ttl")):
            self.shapes.parse(data=resources.text(f"shapes/{path.name}", base), format="turtle")
        self.judged = _flattened(self.shapes)
        self.context = Context(base)
        rows = resources.table("ontology/fields.csv")
        self.labels = {row["attribute"]: row["label"] for row in rows}
        self.attributes = {row["label"]: row["attribute"] for row in reversed(rows)}  # the first of a label

    def validate(self, batch: Sequence[Described]) -> list[Report]:
        """A report for each record of the batch, in order: what the reader and the mapping noted, then what the
        shapes say of its description and of those of the agents, concepts and places that it names."""
        reports = [Report([self._noted(item.record, note) for note in item.notes]) for item in batch]
        # some hundred thousand small objects are made and none is left over: the collector would only look through them
        collecting = gc.isenabled()
        gc.disable()
        try:
            for together in _rounds(batch):
                self._judge(batch, together, reports)
        finally:
            if collecting:
                gc.enable()
        for report in reports:
            report.findings.sort(key=lambda finding: (finding.line, finding.field, finding.message, finding.value))
        return reports

    def _judge(self, batch: Sequence[Described], together: Sequence[int], reports: list[Report]) -> None:
        """Adds to their reports what the shapes say of the records of the batch at these positions."""
        copy = _Copy(Graph())
        owners: dict[Node, list[int]] = defaultdict(list)
        subjects: dict[tuple[str, str], set[Node]] = {}
        for position in together:
            for description in batch[position].descriptions:
                statements = [*description.statements, *description.provenance]
                if description.name not in subjects:
                    copy.add(statements)
                    found = subjects[description.name] = {copy.node(statement.subject) for statement in statements}
                elif description.kind == "resource":  # two records with one number are judged each by itself
                    found = copy.add_apart(statements, f"~{position}")
                else:
                    found = subjects[description.name]
                for subject in found:
                    owners[subject].append(position)
        _, results, _ = pyshacl.validate(copy.graph, shacl_graph=self.judged, inplace=True, advanced=False)
        for result in results.subjects(SH.resultSeverity):
            self._tell(results, result, owners, batch, reports)

    def _noted(self, record: Record, note: Note) -> Finding:
        label = self.labels.get(note.field, note.field)
        source = record.source
        return Finding(note.severity, label, note.message, source.file, note.first_line, record=source.position)

    def _tell(
        self,
        results: Graph,
        result: Node,
        owners: dict[Node, list[int]],
        batch: Sequence[Described],
        reports: list[Report],
    ) -> None:
        focus = results.value(result, SH.focusNode)
        shape = results.value(result, SH.sourceShape)
        value = results.value(result, SH.value)
        path = results.value(result, SH.resultPath)
        attribute = self.context.names.get(str(path), "")
        message = str(self.shapes.value(shape, SH.message) or results.value(result, SH.resultMessage))
        label = str(self.shapes.value(shape, SH.name) or self.labels.get(attribute, attribute))
        component = str(results.value(result, SH.sourceConstraintComponent))
        severity = SEVERITIES.get(results.value(result, SH.resultSeverity), "violation")
        for position in owners.get(focus, ()) if focus is not None else ():
            record = batch[position].record
            text = str(value) if isinstance(value, Literal) else ""
            line = _line(record, (attribute, self.attributes.get(label, "")), text)
            reports[position].findings.append(
                Finding(
                    severity,
                    label,
                    message,
                    record.source.file,
                    line,
                    text[:200],
                    str(shape),
                    component,
                    record.source.position,
                )
            )


def _flattened(shapes: Graph) -> Graph:
    """The same rules with the targets of each node shape at its property shapes (SHACL 2.1.3 allows them at either), so
    that pySHACL judges a property of all records in one step; by way of sh:property it takes a step a record."""
    flat = Graph()
    for statement in shapes:
        flat.add(statement)
    for shape, rule in shapes.subject_objects(SH.property):
        for kind in (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf):
            for target in shapes.objects(shape, kind):
                flat.add((rule, kind, target))
        flat.remove((shape, SH.property, rule))
    return flat


def _rounds(batch: Sequence[Described]) -> list[list[int]]:
    """The positions of a batch, parted so that nothing that records name has two descriptions in one graph: two
    spellings of a heading would be judged as one."""
    rounds: list[tuple[dict[tuple[str, str], Description], list[int]]] = []
    for position, item in enumerate(batch):
        named = {description.name: description for description in item.descriptions[1:]}
        for described, positions in rounds:
            if all(_same(described.get(name), description) for name, description in named.items()):
                described.update(named)
                positions.append(position)
                break
        else:
            rounds.append((named, [position]))
    return [positions for _, positions in rounds]


def _same(earlier: Description | None, later: Description) -> bool:
    return earlier is None or earlier is later or earlier.statements == later.statements


def _line(record: Record, attributes: Sequence[str], text: str) -> int:
    """The source line of a value of the attributes: the one with this text, else the first, else the record's own. What
    is derived has no line, so the field that it comes from, by whose label the rule goes, stands in for it."""
    values = [item for attribute in attributes if attribute for item in getattr(record, attribute, ())]
    found = [
        item.heading if isinstance(item, Agent) else item.title if isinstance(item, Part) else item
        for item in values
        if isinstance(item, (Agent, Part, Value))
    ]
    exact = [value for value in found if value.text == text]
    return (exact or found)[0].first_line if found else record.source.first_line
