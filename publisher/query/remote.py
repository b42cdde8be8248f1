"""Asks a remote store what an embedded one would be asked; the limits of the worker hold for it all the same.

The store is given nothing but a query that parses as SPARQL 1.1 here: no update, and no extension by which some stores
fetch from elsewhere. What it answers is parsed and written again, so that results are alike whatever the store.
"""

from __future__ import annotations

import http.client
import logging
import re
from collections.abc import Iterator, Sequence
from typing import IO, cast

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    Store,
    Triple,
    parse,
    parse_query_results,
)

from publisher.catalog import Catalog
from publisher.errors import QueryFailed, StoreError, StoreUnavailable
from publisher.message import Message
from publisher.query.text import QueryText
from publisher.stores.connection import Refused, syntax
from publisher.stores.remote import Remote

_log = logging.getLogger(__name__)
_BROKEN = (SyntaxError, ValueError, OSError, http.client.HTTPException)  # what reading an answer may end with
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*:")


def check_release(remote: Remote) -> None:
    """Raises StoreUnavailable while the store is not at the current release, if that is what the operator wants."""
    catalog = Catalog(remote.folder)
    try:
        place, waiting = catalog.place(), catalog.waiting()
    finally:
        catalog.close()
    if place == "embedded":
        raise StoreUnavailable(Message("The records have not been published to the store of this endpoint yet."))
    if waiting and remote.refuses_behind:
        raise StoreUnavailable(
            Message(
                "The store is being brought to the current release: %(waiting)s graphs are left. Try again soon.",
                waiting=waiting,
            )
        )


class RemoteGraphs:
    """Stands in for a pyoxigraph.Store, for queries."""

    def __init__(self, remote: Remote, timeout: float) -> None:
        self.connection = remote.connection
        self.timeout = timeout

    def query(
        self,
        text: str,
        *,
        base_iri: str | None,
        use_default_graph_as_union: bool,
        default_graph: Sequence[NamedNode] | None,
        named_graphs: Sequence[NamedNode] | None,
    ) -> RemoteSolutions | QueryBoolean | Iterator[Triple]:
        """As pyoxigraph's, but that the default graph is the store's own unless graphs are named. Raises SyntaxError,
        QueryFailed, StoreUnavailable."""
        form = Store().query(text, base_iri=base_iri)  # nothing is in there: this is to see whether the query parses
        if base_iri and any(each.kind == "iri" and not _ABSOLUTE.match(each.text) for each in QueryText(text).tokens):
            text = f"BASE <{base_iri}> {text}"
        graphs = {
            "default_graphs": [graph.value for graph in default_graph or ()],
            "named_graphs": [graph.value for graph in named_graphs or ()],
        }
        try:
            if isinstance(form, QueryTriples):
                return _triples(*self.connection.query(text, graph=True, timeout=self.timeout, **graphs))
            results = self.connection.results(text, timeout=self.timeout, **graphs)
            if isinstance(form, QueryBoolean) and isinstance(results, QuerySolutions):
                return _truth(results)
        except Refused as error:
            _log.error("%s", error)
            if error.status in (400, 501):
                raise QueryFailed(
                    Message("The store behind this endpoint refuses the query: %(said)s", said=error.said)
                ) from None
            raise _unavailable() from None
        except StoreError as error:
            _log.error("%s", error)
            raise _unavailable() from None
        return RemoteSolutions(results) if isinstance(results, QuerySolutions) else results


class RemoteSolutions:
    """The rows that a store answers, read as they are written again."""

    def __init__(self, results: QuerySolutions) -> None:
        self.results = results

    def serialize(self, output: IO[bytes], format: QueryResultsFormat) -> None:  # noqa: A002 -- as pyoxigraph's
        try:
            self.results.serialize(output, format)
        except SyntaxError as error:
            _log.error("The store answered what is no result of a query: %s", error)
            raise _unavailable() from None
        except (http.client.HTTPException, ConnectionError) as error:
            _log.error("The store broke off in the middle of an answer: %r", error)
            raise _unavailable() from None


def _truth(results: QuerySolutions) -> QueryBoolean:
    """Virtuoso answers ASK with a row that holds 0 or 1, or with none."""
    truth = any(value is not None and value.value in ("1", "true") for row in results for value in row)
    return cast(
        QueryBoolean,
        parse_query_results(
            b'{"head": {}, "boolean": %s}' % (b"true" if truth else b"false"), format=QueryResultsFormat.JSON
        ),
    )


def _triples(body: IO[bytes], media_type: str) -> Iterator[Triple]:
    form = syntax(media_type)
    if form is None:
        _log.error("The store answered a graph as %s, which we do not read.", media_type)
        raise _unavailable()
    try:
        for quad in parse(body, format=form):
            yield quad.triple
    except _BROKEN as error:
        _log.error("The store answered what is no graph: %r", error)
        raise _unavailable() from None


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable(
        Message(
            "The store behind this endpoint does not answer as it should just now; "
            "the pages and search go on without it."
        )
    )
