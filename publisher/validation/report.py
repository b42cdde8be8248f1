"""A SHACL validation report (SHACL 3.6) of findings, as statements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePath
from urllib.parse import urljoin

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    RdfFormat,
    Triple,
    parse,
)
from rdflib import RDF as RDFLIB
from rdflib import Graph
from rdflib.extras.shacl import build_shacl_path
from rdflib.namespace import SH as SHACL
from rdflib.plugins.sparql import prepareQuery

from publisher.namespaces import RDF, SH, XSD
from publisher.validation.finding import Finding

TYPE = NamedNode(RDF.type)
BOOLEAN, INTEGER = NamedNode(XSD.boolean), NamedNode(XSD.integer)
_SEVERITIES = {name.lower(): NamedNode(getattr(SH, name)) for name in ("Violation", "Warning", "Info")}
Subject = NamedNode | BlankNode


def statements(report: Subject, findings: Iterable[Finding], base: str) -> list[Triple]:
    """The report with this name. `base` is that of the site, by which the IRIs of findings are absolute; its ontology
    has the terms for what SHACL has none for: file and line of the source, and what to do. A report with an address is
    published, so it names the file and not the folders of our machine."""
    own = f"{base}ontology#"
    made: list[Triple] = [Triple(report, TYPE, NamedNode(SH.ValidationReport))]
    stem = hashlib.sha256(report.value.encode()).hexdigest()[:16]
    count = 0
    for count, finding in enumerate(findings, 1):
        result = _below(report, f"result-{count}")
        component = finding.component or f"{own}NoteConstraintComponent"
        said: list[tuple[str, NamedNode | BlankNode | Literal]] = [
            (RDF.type, NamedNode(SH.ValidationResult)),
            (SH.resultSeverity, _SEVERITIES[finding.severity]),
            (SH.resultMessage, Literal(f"{finding.field}: {finding.message}")),
            (SH.focusNode, NamedNode(urljoin(base, finding.focus)) if finding.focus else _below(report, "record")),
            (SH.sourceConstraintComponent, NamedNode(component)),
            (
                f"{own}sourceFile",
                Literal(finding.file if isinstance(report, BlankNode) else PurePath(finding.file).name),
            ),
        ]
        if finding.line:
            said.append((f"{own}sourceLine", Literal(str(finding.line), datatype=INTEGER)))
        if finding.value:
            said.append((SH.value, Literal(finding.value)))
        if finding.shape:
            said.append((SH.sourceShape, NamedNode(urljoin(base, finding.shape))))
        if finding.repair:
            said.append((f"{own}repair", Literal(finding.repair)))
        if finding.path:
            node, structure = _path(finding.path, f"p{stem}n{count}")
            said.append((SH.resultPath, node))
            made += structure
        made.append(Triple(report, NamedNode(SH.result), result))
        made += [Triple(result, NamedNode(predicate), value) for predicate, value in said]
    # SHACL 3.6.1.1: a graph conforms if there is nothing to say of it, be it only an information
    conforms = Literal("false" if count else "true", datatype=BOOLEAN)
    return [*made, Triple(report, NamedNode(SH.conforms), conforms)]


def _below(report: Subject, name: str) -> Subject:
    """Something of the report's own: a fragment of it, or a blank node where it is one."""
    if isinstance(report, BlankNode):
        return BlankNode(f"{report.value}{name}")
    return NamedNode(f"{report.value}{'-' if '#' in report.value else '#'}{name}")


def _path(path: str, stem: str) -> tuple[NamedNode | BlankNode, list[Triple]]:
    """A property path of SPARQL as SHACL 2.3.1 writes it: its node, and the statements that it takes. The labels of its
    blank nodes begin with the stem."""
    if path[1:-1].isascii() and ">" not in path[1:-1]:  # a property, as nearly all are
        return NamedNode(path[1:-1]), []
    root, structure = _structure(path)

    def own(term: NamedNode | BlankNode | Literal) -> NamedNode | BlankNode | Literal:
        return BlankNode(f"{stem}{term.value}") if isinstance(term, BlankNode) else term

    return BlankNode(f"{stem}{root}"), [
        Triple(own(line.subject), line.predicate, own(line.object))  # type: ignore[arg-type]
        for line in structure
    ]


@lru_cache(1000)
def _structure(path: str) -> tuple[str, list[Triple]]:
    """The label of the blank node of a path that is no mere property, and its statements; the same in every process."""
    graph = Graph()
    pattern = prepareQuery(f"SELECT * {{ ?s {path} ?o }}").algebra
    while pattern.name != "BGP":
        pattern = pattern.p
    root, _ = build_shacl_path(pattern.triples[0][1], graph)
    graph.add((root, RDFLIB.type, SHACL.PropertyShape))
    dataset = Dataset(parse(graph.serialize(format="nt").encode(), format=RdfFormat.N_TRIPLES))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted((Triple(quad.subject, quad.predicate, quad.object) for quad in dataset), key=str)
    (name,) = (line.subject.value for line in lines if line.predicate == TYPE)  # type: ignore[union-attr]
    return name, [line for line in lines if line.predicate != TYPE]
