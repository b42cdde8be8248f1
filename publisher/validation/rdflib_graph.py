"""Statements as an rdflib graph, in a store of our own that pySHACL reads quickest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as OxLiteral
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.store import Store
from rdflib.term import Node


def to_rdflib(statements: Iterable[Triple], graph: Graph) -> None:
    """Adds statements to an rdflib graph, which is what pySHACL reads quickest."""
    Copy(graph).add(statements)


class _Statements(Store):
    """The statements of one graph, which are added and read. It holds no more graphs, and says that it does, since that
    is what pySHACL asks for."""

    context_aware = True
    graph_aware = True

    def __init__(self) -> None:
        super().__init__()
        self.objects: dict[Any, dict[Any, dict[Any, None]]] = {}  # by subject and predicate
        self.subjects: dict[Any, dict[Any, list[Any]]] = {}  # by predicate and object
        self.size = 0
        self.graphs: tuple[Graph, ...] = ()  # the one that they are in

    def add(self, triple: Any, context: Any, quoted: bool = False) -> None:
        subject, predicate, target = triple
        said = self.objects.get(subject)
        if said is None:
            said = self.objects[subject] = {}
        targets = said.get(predicate)
        if targets is None:
            targets = said[predicate] = {}
        elif target in targets:
            return
        targets[target] = None
        self.size += 1
        named = self.subjects.get(predicate)
        if named is None:
            named = self.subjects[predicate] = {}
        subjects = named.get(target)
        if subjects is None:
            named[target] = [subject]
        else:
            subjects.append(subject)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        subject, predicate, target = triple_pattern
        if subject is not None:
            said = self.objects.get(subject, {})
            for name in said if predicate is None else (predicate,):
                targets = said.get(name, {})
                if target is None:
                    yield from (((subject, name, value), self.graphs) for value in targets)
                elif target in targets:
                    yield (subject, name, target), self.graphs
        else:
            for name in self.subjects if predicate is None else (predicate,):
                named = self.subjects.get(name, {})
                for value in named if target is None else (target,):
                    yield from (((found, name, value), self.graphs) for found in named.get(value, ()))

    def __len__(self, context: Any = None) -> int:
        return self.size


class Batch(Graph):
    """A graph to be judged. What pySHACL asks most, the values of a property and who has one, is answered at once."""

    def __init__(self) -> None:
        self.statements = _Statements()
        super().__init__(store=self.statements, bind_namespaces="none")
        self.statements.graphs = (self,)

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        if subject is None or not isinstance(predicate, URIRef):
            return super().objects(subject, predicate, unique)
        return iter(self.statements.objects.get(subject, {}).get(predicate, ()))

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:  # noqa: A002 -- rdflib's
        if object is None or not isinstance(predicate, URIRef):
            return super().subjects(predicate, object, unique)
        return iter(self.statements.subjects.get(predicate, {}).get(object, ()))


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
