"""The named graph of each report: what it says in SHACL, of which record, and whether that was published."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from pyoxigraph import Literal, NamedNode, Triple

from publisher.addresses import Addresses
from publisher.mapping import lines
from publisher.namespaces import PROV, RDF, XSD
from publisher.reports.kept import Kept, of_record
from publisher.validation import statements

_REPORTED = """
SELECT names.key, thing.id IS NOT NULL FROM ({names}) AS names
LEFT JOIN thing ON thing.kind = 'resource' AND thing.key = names.key AND NOT thing.withdrawn
"""
_ALL = (
    "SELECT key FROM thing WHERE kind = 'resource' AND NOT withdrawn "
    "UNION SELECT key FROM report WHERE refused AND until IS NULL"
)
_CHANGED = (
    "SELECT thing.key FROM version JOIN thing ON thing.id = version.thing "
    "WHERE version.release = :release AND thing.kind = 'resource' "
    "UNION SELECT key FROM report WHERE since = :release UNION SELECT key FROM report WHERE until = :release"
)


def graphs(db: sqlite3.Connection, addresses: Addresses, release: int | None = None) -> Iterator[tuple[str, list[str]]]:
    """The name of the graph of each report, and its canonical N-Triples lines; or only those that a release changed.
    A record that is published has one, be there nothing to say of it; so has one in quarantine."""
    query = _REPORTED.format(names=_ALL if release is None else _CHANGED)
    for key, published in db.execute(query, {} if release is None else {"release": release}):
        kept = of_record(db, key)
        if published or kept:
            yield addresses.report(key), graph(addresses, key, bool(published), kept)


def changed(db: sqlite3.Connection, release: int) -> Iterator[str]:
    """The keys whose reports a release changed or took away."""
    return (row[0] for row in db.execute(_CHANGED, {"release": release}))


def replaced(db: sqlite3.Connection, release: int) -> Iterator[str]:
    """The keys whose reports a release changed, as far as its predecessor had any."""
    query = """
        SELECT key FROM report WHERE until = ?1
        UNION SELECT key FROM report WHERE since = ?1 AND (
            EXISTS (SELECT 1 FROM report AS older
                    WHERE older.key = report.key AND older.until IS NULL AND older.since < ?1)
            OR EXISTS (SELECT 1 FROM thing JOIN version ON version.thing = thing.id
                       WHERE thing.kind = 'resource' AND thing.key = report.key AND version.release < ?1))"""
    return (row[0] for row in db.execute(query, (release,)))


def graph(addresses: Addresses, key: str, published: bool, kept: Iterable[Kept]) -> list[str]:
    """The reports on a record as canonical lines: that on what is published under its key has the name of the graph,
    those on what was refused have fragments of it."""
    name, own = addresses.report(key), f"{addresses.base}ontology#"
    document = NamedNode(addresses.document("resource", key))
    subject = NamedNode(PROV.wasDerivedFrom)
    open_rows = list(kept)
    made: list[Triple] = []
    if published and not any(not row.refused for row in open_rows):
        made += [*statements(NamedNode(name), [], addresses.base), Triple(NamedNode(name), subject, document)]
    refusals = 0
    for row in open_rows:
        refusals += row.refused
        report = NamedNode(f"{name}#refused-{refusals}" if row.refused else name)
        made += statements(report, row.findings, addresses.base)
        time = Literal(row.when, datatype=NamedNode(XSD.dateTime))
        made += [Triple(report, subject, document), Triple(report, NamedNode(PROV.generatedAtTime), time)]
        if row.refused:
            made.append(Triple(report, NamedNode(RDF.type), NamedNode(f"{own}Refusal")))
        if accepted := row.accepted:
            day = Literal(accepted["when"], datatype=NamedNode(XSD.dateTime))
            made += [
                Triple(report, NamedNode(f"{own}acceptedBy"), Literal(accepted["who"])),
                Triple(report, NamedNode(f"{own}acceptedOn"), day),
                Triple(report, NamedNode(f"{own}acceptedBecause"), Literal(accepted["why"])),
            ]
    return lines(made)
