"""Statements as an rdflib graph, which is what pySHACL reads quickest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as OxLiteral
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node


def to_rdflib(statements: Iterable[Triple], graph: Graph) -> None:
    """Adds statements to an rdflib graph, which is what pySHACL reads quickest."""
    Copy(graph).add(statements)


class Copy:
    """An rdflib graph in the making; each term is made once, since rdflib checks and parses all that it makes."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: dict[NamedNode | BlankNode | OxLiteral | Triple, Node] = {}

    def add(self, statements: Iterable[Triple]) -> None:
        # into the store at once: Graph.add looks again whether each term is one
        node, add, graph = self.node, self.graph.store.add, self.graph
        for statement in statements:
            add((node(statement.subject), node(statement.predicate), node(statement.object)), graph)

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
        return str.__new__(URIRef, term.value)  # pyoxigraph has looked already whether it is an IRI
    if isinstance(term, BlankNode):
        return BNode(term.value)
    if isinstance(term, OxLiteral):
        if term.language:
            return Literal(term.value, lang=term.language)
        plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
        return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value), normalize=False)
    raise TypeError(f"{term} is no RDF 1.1 term")
