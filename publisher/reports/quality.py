"""The quality of the whole set, release by release: as counts, as CSV and in the Data Quality Vocabulary (W3C DQV)."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from publisher.addresses import DATASET, Addresses
from publisher.mapping import lines
from publisher.mapping.terms import slug
from publisher.namespaces import DCTERMS, DQV, PROV, RDF, SH, SKOS, XSD
from publisher.reports.kept import Measurement

# how a record stands by its gravest finding -> what is counted under that name
STANDINGS = {
    "refused": "Records in quarantine",
    "accepted": "Records published in spite of a violation",
    "warning": "Published records with a warning",
    "info": "Published records with no more than a remark",
}
# W3C's own list of dimensions for linked data (DQV, section 6)
_DIMENSIONS = {"refused": "consistency", "accepted": "consistency", "": "syntacticValidity"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the records of one release stand, each by its gravest finding. `records` are those that are published, which
    the refused are not."""

    release: int
    published: str
    records: int
    refused: int = 0
    accepted: int = 0
    warning: int = 0
    info: int = 0

    @property
    def clean(self) -> int:
        """The published records of which nothing is said."""
        return self.records - self.accepted - self.warning - self.info


def standings(db: sqlite3.Connection, first: int, last: int) -> list[Standing]:
    """How the records of each release from `first` to `last` stand, the newest first."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    query = "SELECT release, severity, records FROM measurement WHERE rule = '' AND release BETWEEN ? AND ?"
    for release, severity, records in db.execute(query, (first, last)):
        counts[release][severity] = records
    releases = db.execute(
        "SELECT number, published, resources FROM release WHERE number BETWEEN ? AND ? ORDER BY number DESC",
        (first, last),
    )
    return [Standing(number, time, records, **counts[number]) for number, time, records in releases]


def first_of(db: sqlite3.Connection, last: int, count: int) -> int:
    """The first of the last `count` releases up to `last`, whose numbers may have gaps."""
    query = "SELECT number FROM release WHERE number <= ? ORDER BY number DESC LIMIT 1 OFFSET ?"
    row = db.execute(query, (last, count - 1)).fetchone()
    return row[0] if row else 0


def table(measured: Iterable[Measurement]) -> str:
    """The measurements as CSV (RFC 4180) with a heading line."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["release", "published", "rule", "severity", "field", "records"])
    for row in measured:
        writer.writerow([row.release, row.published, row.rule, row.severity, row.field, row.records])
    return stream.getvalue()


def statements(addresses: Addresses, measured: Iterable[Measurement], title: str) -> list[str]:
    """The measurements in DQV as canonical lines: a metric for each rule, and a measurement of it for each release."""
    page = addresses.iri("/validation")
    whole = NamedNode(page)
    made = [
        Triple(whole, NamedNode(RDF.type), NamedNode(DQV.QualityMeasurementDataset)),
        Triple(whole, NamedNode(DCTERMS.title), Literal(f"Validation of {title}", language="en")),
    ]
    metrics: set[str] = set()
    for row in measured:
        name = f"{slug(row.rule) or 'records'}-{slug(f'{row.field} {row.severity}')}"
        metric = NamedNode(f"{page}#{name}")
        if name not in metrics:
            metrics.add(name)
            made += _metric(addresses, metric, row)
        measurement = NamedNode(f"{page}#release-{row.release}-{name}")
        said: list[tuple[str, NamedNode | Literal]] = [
            (RDF.type, NamedNode(DQV.QualityMeasurement)),
            (DQV.isMeasurementOf, metric),
            (DQV.computedOn, NamedNode(addresses.thing(*DATASET))),
            (DQV.value, Literal(str(row.records), datatype=NamedNode(XSD.integer))),
            (PROV.generatedAtTime, Literal(row.published, datatype=NamedNode(XSD.dateTime))),
            (DCTERMS.isPartOf, whole),
        ]
        made += [Triple(measurement, NamedNode(predicate), value) for predicate, value in said]
    return lines(made)


def _metric(addresses: Addresses, metric: NamedNode, row: Measurement) -> list[Triple]:
    definition = STANDINGS.get(row.severity, "") if not row.rule else f"Records with a finding of {row.field}"
    dimension = _DIMENSIONS.get(row.severity, _DIMENSIONS[""])
    said: list[tuple[str, NamedNode | Literal]] = [
        (RDF.type, NamedNode(DQV.Metric)),
        (SKOS.definition, Literal(definition, language="en")),
        (DQV.expectedDataType, NamedNode(XSD.integer)),
        (DQV.inDimension, NamedNode(f"http://www.w3.org/2016/05/ldqd#{dimension}")),
    ]
    if row.rule:
        said.append((DCTERMS.type, NamedNode(getattr(SH, row.severity.capitalize()))))
        shape = row.rule if ":" in row.rule.partition("#")[0] else addresses.iri(row.rule)
        if "#noted-" not in row.rule:
            said.append((DCTERMS.source, NamedNode(shape)))
    return [Triple(metric, NamedNode(predicate), value) for predicate, value in said]
