"""Graphs in a SPARQL 1.1 store of somebody's: they follow the catalog, and nothing else in that store is touched."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pyoxigraph import Literal, QueryBoolean, Triple

from publisher.addresses import DATASET, Addresses
from publisher.errors import StoreError
from publisher.settings import Settings
from publisher.stores.comparison import same
from publisher.stores.connection import Connection, connect, shown
from publisher.stores.folders import ReleaseFolders

CHECK_SECONDS = 2.0  # in which a store that is well answers a question about nothing
Change = tuple[str, list[str]]  # a graph and its lines; without lines it is to be removed
_QUADS = 50_000  # statements sent at once as N-Quads, some 10 MB
_PAGE = 1000  # names of graphs read at once; every store gives so many rows


@dataclass(frozen=True)
class Remote:
    """What a query engine has to know: where the catalog and the store are, and whether queries are refused while the
    store is not yet at the current release."""

    folder: Path
    connection: Connection
    refuses_behind: bool


class RemoteStore(ReleaseFolders):
    """The folders of the releases hold the search index; `releases/delivery.py` brings the store to the current one."""

    follows = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.DATA_DIR)
        self.connection = connect(settings)
        self.remote = Remote(settings.DATA_DIR, self.connection, settings.STORE_BEHIND == "refuse")
        self.addresses = Addresses(settings.base)
        self.batch = settings.STORE_BATCH

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings)

    @property
    def place(self) -> str:
        """How the catalog remembers to which store it published; empty where only queries are asked."""
        return shown(self.connection.update_url or self.connection.graph_url)

    def graph(self, number: int) -> Remote:
        """What a query engine asks: there are no releases in the store, only what it holds now."""
        return self.remote

    def check(self, number: int) -> None:
        """Raises StoreError unless the store answers at once."""
        self.connection.results("ASK {}", timeout=CHECK_SECONDS)

    def check_writable(self) -> None:
        if not self.place:
            raise StoreError(
                f"To publish to the store at {self.connection.name}, set STORE_UPDATE_URL or STORE_GRAPH_URL."
            )

    def send(self, changes: Sequence[Change], *, replacing: bool = True) -> None:
        """Puts graphs in place of their older versions; one without lines is removed. `replacing`: there may be older
        ones. Raises StoreError. All of it is one request, so that a store with transactions shows all of it or nothing;
        only by the Graph Store Protocol each graph is one."""
        if self.connection.quads_url and not replacing:
            quads = (f"{line[:-2]} <{name}> .\n" for name, lines in changes for line in lines)
            self.connection.add("".join(quads).encode())
        elif self.connection.update_url:
            self.connection.update(_update(changes, replacing=replacing))
        else:
            for name, lines in changes:
                self.connection.put(name, lines)

    def batches(self, changes: Sequence[Change], *, replacing: bool = True) -> Iterator[list[Change]]:
        """The changes in parts of about STORE_BATCH statements, or more where N-Quads are sent; a graph is never cut,
        since its blank nodes could not be told to be the same again."""
        most = _QUADS if self.connection.quads_url and not replacing else self.batch
        part: list[Change] = []
        size = 0
        for name, lines in changes:
            if part and size + len(lines) + 1 > most:
                yield part
                part, size = [], 0
            part.append((name, lines))
            size += len(lines) + 1
        if part:
            yield part

    # what the store holds

    def graphs(self, number: int) -> Self:
        """The graphs for a comparison with the catalog."""
        return self

    def differing(self, wanted: Mapping[str, list[str]]) -> dict[str, bool]:
        """Those of these graphs that do not hold just these lines, each with whether it is there at all."""
        differing: dict[str, bool] = {}
        for part in self.batches(list(wanted.items())):
            found: dict[str, list[Triple]] = {name: [] for name, _ in part}
            names = " ".join(f"<{name}>" for name in found)
            for row in self._rows(f"SELECT ?g ?s ?p ?o {{ VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }}"):
                found[row["g"].value].append(Triple(row["s"], row["p"], row["o"]))
            for name, lines in part:
                if not same(found[name], lines, by_value=True):
                    differing[name] = bool(found[name])
        return differing

    def number_of_graphs(self) -> int:
        """How many graphs of ours there are."""
        (row,) = self._rows(f"SELECT (COUNT(DISTINCT ?g) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} {self._ours()} }}")
        return int(row["n"].value)

    def names(self) -> Iterator[str]:
        """The names of our graphs, a page at a time."""
        last = ""
        while True:
            after = f"FILTER(STR(?g) > {Literal(last)})"
            page = [
                row["g"].value
                for row in self._rows(
                    f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} {self._ours()} {after} }} "
                    f"ORDER BY STR(?g) LIMIT {_PAGE}"
                )
            ]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def _ours(self) -> str:
        """A store may hold the graphs of others."""
        documents = Literal(self.addresses.documents)
        return f"FILTER(STRSTARTS(STR(?g), {documents}) || STR(?g) = {Literal(self.addresses.document(*DATASET))})"

    def _rows(self, text: str) -> Iterator[Mapping[str, Any]]:
        try:
            results = self.connection.results(text)
            if isinstance(results, QueryBoolean):
                raise SyntaxError
            yield from results
        except (SyntaxError, KeyError, OSError, http.client.HTTPException) as error:
            raise self.connection.garbage(error) from None


def _update(changes: Sequence[Change], *, replacing: bool) -> str:
    """N-Triples are SPARQL, too. INSERT WHERE {} and no INSERT DATA, in which Virtuoso takes no blank nodes."""
    drops = [f"DROP SILENT GRAPH <{name}>" for name, _ in changes] if replacing else []
    graphs = ["\n".join((f"GRAPH <{name}> {{", *lines, "}")) for name, lines in changes if lines]
    return " ;\n".join([*drops, *(["\n".join(("INSERT {", *graphs, "} WHERE {}"))] if graphs else [])])
