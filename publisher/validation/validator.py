"""Graphs -> reports: pySHACL judges every batch of descriptions before anything is stored."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import pyshacl
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from publisher import resources
from publisher.addresses import Addresses
from publisher.collector import collector_paused
from publisher.errors import SettingsError
from publisher.mapping import Described, Description
from publisher.mapping.terms import Context
from publisher.record import Agent, Note, Part, Record, Value
from publisher.validation.finding import Finding, Report
from publisher.validation.rdflib_graph import Batch, Copy
from publisher.validation.shapes import PLACEHOLDER, SEVERITY_OF, Shapes

_IRI = re.compile("<([^>]*)>")
LONGEST_VALUE = 200  # characters of a value that are repeated to the cataloguer


class Validator:
    """Judges the descriptions of one site by its rules."""

    def __init__(self, base: str, folder: str = "", language: str = "en") -> None:
        self.shapes = Shapes(base, folder, language)
        self.context = Context(base)
        self.addresses = Addresses(base)
        rows = resources.table("ontology/fields.csv")
        self.labels = {row["attribute"]: row["label"] for row in rows}
        self.attributes = {row["label"]: row["attribute"] for row in reversed(rows)}  # the first of a label
        # the names of fields in the language of the reports, in which the rules have them
        self.names = {label: self.shapes.label(label, language) for label in self.attributes}
        self.attributes |= {name: self.attributes[label] for label, name in self.names.items()}

    def validate(self, batch: Sequence[Described]) -> list[Report]:
        """A report for each record of the batch, in order: what the reader and the mapping noted, then what the
        shapes say of its description and of those of the agents, concepts and places that it names."""
        reports = [Report([self._noted(item, note) for note in item.notes]) for item in batch]
        with collector_paused():
            for together in _rounds(batch):
                self._judge(batch, together, reports)
        for report in reports:
            report.findings.sort(key=lambda finding: (finding.line, finding.field, finding.message, finding.value))
        return reports

    def _judge(self, batch: Sequence[Described], together: Sequence[int], reports: list[Report]) -> None:
        """Adds to their reports what the shapes say of the records of the batch at these positions."""
        copy = Copy(Batch())
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
        try:
            _, results, text = pyshacl.validate(
                copy.graph, shacl_graph=self.shapes.judged, inplace=True, advanced=False
            )
        except Exception as error:  # pySHACL raises many kinds, and what rdflib and Python raise in a rule
            raise SettingsError(f"The rules cannot be applied: {' '.join(str(error).split())[:500]}") from error
        if not isinstance(results, Graph):
            raise SettingsError(f"The rules cannot be applied: {' '.join(text.split())[:500]}")
        for result in results.subjects(SH.resultSeverity):
            self._tell(copy.graph, results, result, owners, batch, reports)

    def _noted(self, item: Described, note: Note) -> Finding:
        label = self.labels.get(note.field, note.field)
        source = item.record.source
        return Finding(
            note.severity,
            label,
            note.message,
            source.file,
            note.first_line or source.first_line,
            record=source.position,
            key=item.resource.key,
            focus=self._thing(item),
        )

    def _name(self, attribute: str, other: str) -> str:
        """The name of a field in the language of the reports; the other one if it has none."""
        label = self.labels.get(attribute, other)
        return self.names.get(label, label)

    def _thing(self, item: Described) -> str:
        """The IRI of what a record describes, relative to BASE_URL."""
        return self.addresses.thing(*item.resource.name).removeprefix(self.addresses.base)

    def _tell(
        self,
        graph: Graph,
        results: Graph,
        result: Node,
        owners: dict[Node, list[int]],
        batch: Sequence[Described],
        reports: list[Report],
    ) -> None:
        focus = results.value(result, SH.focusNode)
        shapes = self.shapes
        shape = results.value(result, SH.sourceShape)
        naming: Iterable[Node] = [focus] if focus is not None else []
        if focus not in owners:
            # what is named and described nowhere, and a value that is judged by itself, is told to those who name it
            properties: list[Node | None] = [*shapes.published.objects(shape, SH.targetObjectsOf)] or [None]
            naming = [subject for predicate in properties for subject in graph.subjects(predicate, focus)]
        positions = sorted({position for subject in naming for position in owners.get(subject, ())})
        # a rule inside a rule has no name of its own, and goes by that of the rule around it
        rule = shapes.rules.get(shape) if shape is not None else None
        value = results.value(result, SH.value)
        path = rule.path if rule else f"<{results.value(result, SH.resultPath)}>"
        along = [name for iri in _IRI.findall(path) if (name := self.context.names.get(iri))]
        known = rule.message if rule and not PLACEHOLDER.search(rule.message) else ""  # pySHACL fills in what it has
        message = str(known or results.value(result, SH.resultMessage))
        given = str(rule.field or rule.of) if rule else ""
        label = given or (self._name(along[0], along[0]) if along else "")
        text = str(value) if isinstance(value, Literal) or (isinstance(value, URIRef) and value != focus) else ""
        for position in positions:
            item = batch[position]
            record = item.record
            line, attribute = _line(record, [*along, self.attributes.get(label, "")], text)
            reports[position].findings.append(
                Finding(
                    SEVERITY_OF.get(results.value(result, SH.resultSeverity), "violation"),
                    # of a rule on several fields that which has the value
                    self._name(attribute, label) if len(along) > 1 and attribute in along else label,
                    message,
                    record.source.file,
                    line,
                    text[:LONGEST_VALUE],
                    shapes.reference(shape),
                    str(results.value(result, SH.sourceConstraintComponent)),
                    record.source.position,
                    item.resource.key,
                    shapes.reference(focus).removesuffix(f"~{position}") or self._thing(item),
                    rule.path if rule else "",
                    str(rule.repair) if rule else "",
                )
            )


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


def _line(record: Record, attributes: Sequence[str], text: str) -> tuple[int, str]:
    """The source line of a value of the attributes, and the attribute that has it: the one with this text, else the
    first, else the record's own line and none. What is derived has no line, so the field that it comes from, by whose
    label the rule goes, stands in for it."""
    found = [
        (item.heading if isinstance(item, Agent) else item.title if isinstance(item, Part) else item, attribute)
        for attribute in attributes
        if attribute
        for item in getattr(record, attribute, ())
        if isinstance(item, (Agent, Part, Value))
    ]
    exact = [(value, attribute) for value, attribute in found if value.text == text]
    for value, attribute in exact or found:
        return value.first_line, attribute if exact else ""
    return record.source.first_line, ""
