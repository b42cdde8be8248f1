"""What is done with a query before any store sees it: refused, or made one that stays within the limits."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.errors import MalformedQuery
from publisher.message import Message
from publisher.query.limits import Limits
from publisher.query.matches import Find, expand
from publisher.query.text import QueryText, edited, read

TABLES = ("json", "xml", "csv", "tsv")
GRAPHS = ("turtle", "nt", "rdfxml", "jsonld")


@dataclass(frozen=True)
class Prepared:
    """A query that may run. `text` is what runs; `capped`: it stops at one row more than may be given; `matches_cut`:
    a text search in it had more matches than may be given."""

    query: QueryText
    text: str
    capped: bool
    matches_cut: bool


def prepare(asked: str, output: str, limits: Limits, terms: str = "", find: Find | None = None) -> Prepared:
    """Raises MalformedQuery and QueryRefused; ValueError if the query has no such output. `terms` is the namespace of
    our own terms, `find` the search index."""
    if len(asked) > limits.max_length:
        raise MalformedQuery(
            Message("The query is longer than %(number)s characters (SPARQL_MAX_LENGTH).", number=limits.max_length)
        )
    query = read(asked)
    formats = TABLES if query.form in ("SELECT", "ASK") else GRAPHS
    if output not in formats:
        raise ValueError(f"{query.form} has the outputs {', '.join(formats)}, not {output}")
    if query.depth > limits.max_depth:
        raise MalformedQuery(
            Message("The query nests brackets deeper than %(number)s (SPARQL_MAX_DEPTH).", number=limits.max_depth)
        )
    query.check_service(limits.service_targets)
    edits = []
    cap = query.cap(limits.max_rows) if query.form == "SELECT" else None
    if cap is not None:
        edits.append(cap)
    matches_cut = False
    if find is not None:
        found = expand(query, terms, find, limits.max_matches)
        edits += found.edits
        matches_cut = found.truncated
    return Prepared(query, edited(asked, edits) if edits else asked, cap is not None, matches_cut)
