"""The rules, those of `shapes/` and those of the library's own: a graph to publish, to judge by and to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import urljoin

import pyshacl
from pyoxigraph import RdfFormat, Triple, parse
from pyshacl.errors import ReportableRuntimeError
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.extras.shacl import parse_shacl_path
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SH
from rdflib.term import Node

from publisher import resources
from publisher.errors import SettingsError
from publisher.record import Severity
from publisher.validation.finding import SEVERITIES
from publisher.validation.rdflib_graph import to_rdflib

SEVERITY_OF: dict[Node | None, Severity] = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
PLACEHOLDER = re.compile(r"\{\?(\w+)\}")  # SHACL 5.3.2
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)
# what a node shape may have beside its rules and still be taken apart; with sh:closed or sh:severity it may not
_ONLY = {*_TARGETS, RDF.type, SH.property, SH.name, SH.description, RDFS.label, RDFS.comment, RDFS.isDefinedBy}


class Text(str):
    """A text in the language of its `language` (BCP 47), which is empty where it does not say."""

    language = ""

    @classmethod
    def of(cls, content: str, language: str | None) -> Self:
        text = cls(content)
        text.language = language or ""
        return text


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, to be read: of a class of things, of what severity, what is said to who breaks it and what to do, why
    it is there, and an example that keeps it and one that does not. `name` is its IRI, relative to BASE_URL."""

    name: str
    of: Text
    severity: Severity
    field: Text
    message: Text
    description: Text
    why: Text
    repair: Text
    passes: str
    fails: str
    path: str
    ours: bool

    @property
    def said(self) -> Text:
        """The message, with … where each time something else stands."""
        return Text.of(PLACEHOLDER.sub("…", self.message), self.message.language)

    @property
    def anchor(self) -> str:
        return self.name.rpartition("#")[2] if self.ours else self.name


class Shapes:
    """The rules of one site, read once. `published` is what the files say, `judged` the same as pySHACL is quickest
    with, `language` (BCP 47) that in which they are said to who breaks them. Raises SettingsError naming the file of
    the library's own that is at fault."""

    def __init__(self, base: str, folder: str = "", language: str = "en") -> None:
        self.base, self.language = base, language
        self.published = Graph()
        for name in own_files():
            self.published.parse(data=resources.text(name, base), format="turtle")
        for path in local_files(folder):
            _add(self.published, path)
        self.judged = _flattened(self.published)
        for shape in set(self.judged.subjects(SH.message)):  # pySHACL would repeat all of them at each result
            message = in_language(self.published, shape, SH.message, language)
            self.judged.set((shape, SH.message, Literal(message, lang=message.language or None)))
        # rules of the library's own may stand at a node shape, which has no path
        self._shapes = {*self.published.subjects(SH.path), *self.published.subjects(RDF.type, SH.NodeShape)}
        self.rules = {shape: self._rule(shape, language) for shape in self._shapes}

    def reference(self, node: Node | None) -> str:
        """An IRI, relative to BASE_URL if it is of this site; "" for what has none."""
        return str(node).removeprefix(self.base) if isinstance(node, URIRef) else ""

    def described(self, language: str = "") -> list[Rule]:
        """The rules that say something, the grave ones first; in another language than that of the reports."""
        found = (self._rule(shape, language) for shape in self._shapes) if language else self.rules.values()
        rules = [rule for rule in found if rule.message and rule.name]
        return sorted(rules, key=lambda rule: (SEVERITIES.index(rule.severity), rule.of, rule.field, rule.name))

    @property
    def version(self) -> str:
        """That of our own rules."""
        return str(self.published.value(URIRef(f"{self.base}shapes"), OWL.versionInfo) or "")

    def translated(self, name: str, text: str, language: str) -> Text | None:
        """What a rule says to who breaks it, in another language; None if it does not say this text (any more). What
        stands in a text for {?place} stands in the other, too."""
        shape = URIRef(urljoin(self.base, name))
        for predicate in (SH.message, URIRef(f"{self.base}ontology#repair")):
            for known in self.published.objects(shape, predicate):
                parts = PLACEHOLDER.split(str(known))  # text, name, text, ...
                pattern = "".join(f"(?P<{part}>.*)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
                if found := re.fullmatch(pattern, text, re.DOTALL):
                    other = in_language(self.published, shape, predicate, language)
                    filled = str(other)
                    for place, value in found.groupdict().items():
                        filled = filled.replace(f"{{?{place}}}", value)
                    return Text.of(filled, other.language)
        return None

    def label(self, text: str, language: str) -> str:
        """The name of a field in another language, or in English, as the rules have it; itself where none has."""
        names = self._names.get(text, {})
        return names.get(language.partition("-")[0]) or names.get("en") or text

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        """The names of each field by language, under each of them."""
        found: dict[str, dict[str, str]] = {}
        for shape in set(self.published.subjects(SH.name)):
            names = {str(getattr(name, "language", None)): str(name) for name in self.published.objects(shape, SH.name)}
            for name in names.values():
                found.setdefault(name, {}).update(names)
        return found

    def _rule(self, shape: Node, language: str) -> Rule:
        own = f"{self.base}ontology#"
        graph = self.published
        parent = graph.value(None, SH.property, shape) or shape
        path = graph.value(shape, SH.path)

        def text(predicate: str) -> Text:
            return in_language(graph, shape, URIRef(predicate), language)

        return Rule(
            self.reference(shape),
            in_language(graph, parent, RDFS.label, language) or Text(self.reference(parent).rpartition("#")[2]),
            SEVERITY_OF.get(graph.value(shape, SH.severity), "violation"),
            text(SH.name),
            text(SH.message),
            text(SH.description),
            text(f"{own}why"),
            text(f"{own}repair"),
            text(f"{own}passes"),
            text(f"{own}fails"),
            _path(graph, path) if path is not None else "",
            str(shape).startswith(f"{self.base}shapes#"),
        )


def in_language(graph: Graph, subject: Node, predicate: URIRef, language: str) -> Text:
    """A text in the language wanted, else one in English, else any; empty if there is none."""
    found = {
        str(text.language or "").casefold(): text
        for text in sorted(graph.objects(subject, predicate), reverse=True)  # type: ignore[type-var]
        if isinstance(text, Literal)
    }
    wanted = language.casefold()
    for tag in (wanted, wanted.partition("-")[0], "en", "", *found):
        if tag in found:
            return Text.of(str(found[tag]), found[tag].language)
    return Text()


def own_files() -> list[str]:
    """The files of the program, as `resources.text` names them."""
    return sorted(f"shapes/{path.name}" for path in resources.folder("shapes").glob("*.ttl"))


def local_files(folder: str) -> Iterator[Path]:
    """The files of the library's own (setting SHAPES_DIR; empty: none), in the order of their names."""
    if folder:
        if not Path(folder).is_dir():
            raise SettingsError(f"SHAPES_DIR: there is no folder {folder}.")
        yield from sorted(Path(folder).glob("*.ttl"))


def _add(graph: Graph, path: Path) -> None:
    """Adds a file of the library's own. Its blank nodes are its own; its IRIs may add to our rules, as a translation
    does. Raises SettingsError for one that is no Turtle or no SHACL."""
    try:
        # read by pyoxigraph, which says where a mistake is
        quads = list(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=path.resolve().as_uri()))
    except OSError as error:
        raise SettingsError(f"{path}: this file of rules cannot be read ({error}).") from None
    except SyntaxError as error:
        raise SettingsError(f"{path}: this file of rules is not Turtle: {_sentence(error)}") from None
    added = Graph()
    to_rdflib((Triple(quad.subject, quad.predicate, quad.object) for quad in quads), added)
    for subject, predicate, target in added:
        if isinstance(target, Literal) and target.language:
            # a translation of the library's own takes the place of ours
            for known in list(graph.objects(subject, predicate)):
                if isinstance(known, Literal) and known.language == target.language:
                    graph.remove((subject, predicate, known))
    for statement in added:
        graph.add(statement)
    try:
        pyshacl.validate(Graph(), shacl_graph=added, meta_shacl=True)
    except ReportableRuntimeError as error:
        # pySHACL puts the report of an earlier check before that of this one
        messages = re.findall(r"Message: (.*)", str(error).rpartition("SHACL File does not validate")[2])
        raise SettingsError(
            f"{path}: this file of rules is not SHACL: {'; '.join(messages) or _sentence(error)}"
        ) from None
    for pattern in added.objects(None, SH.pattern):
        try:
            re.compile(str(pattern))
        except re.error as error:
            raise SettingsError(f"{path}: the sh:pattern {str(pattern)!r} is no regular expression: {error}.") from None


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _path(graph: Graph, path: Node) -> str:
    return str(parse_shacl_path(graph, path).n3())


def _flattened(shapes: Graph) -> Graph:
    """The same rules with the targets of each node shape at its property shapes (SHACL 2.1.3 allows them at either), so
    that pySHACL judges a property of all records in one step; by way of sh:property it takes a step a record. A node
    shape that says more than its targets and rules stays as it is, and so does one that others refer to."""
    flat = Graph()
    for statement in shapes:
        flat.add(statement)
    for shape in set(shapes.subjects(SH.property)):
        targets = [(kind, target) for kind in _TARGETS for target in shapes.objects(shape, kind)]
        plain = all(
            predicate in _ONLY or not str(predicate).startswith(str(SH)) for predicate in shapes.predicates(shape)
        )
        referred = any(predicate != DCTERMS.hasPart for predicate in shapes.predicates(None, shape))
        if not targets or not plain or referred or isinstance(shape, BNode):
            continue
        if {RDFS.Class, OWL.Class} & set(shapes.objects(shape, RDF.type)):  # its own class is its target, too
            continue
        for rule in shapes.objects(shape, SH.property):
            for kind, target in targets:
                flat.add((rule, kind, target))
            flat.remove((shape, SH.property, rule))
    for shape, refused in shapes.subject_objects(SH["not"]):
        _look_ahead(flat, shape, refused)
    return flat


def _look_ahead(flat: Graph, shape: Node, refused: Node) -> None:
    """Says `sh:not [ sh:pattern P ]` as a pattern that looks ahead for P. pySHACL takes a hundredth of the time for it;
    it is not published so, since the regular expressions of SHACL (XPath's) have no looking ahead."""
    inside = dict(flat.predicate_objects(refused))
    if not isinstance(refused, BNode) or not {SH.pattern} <= inside.keys() <= {SH.pattern, SH.flags}:
        return
    if (shape, SH.pattern, None) in flat or len(list(flat.objects(shape, SH["not"]))) > 1:
        return
    flat.set((shape, SH.pattern, Literal(f"^(?![\\s\\S]*(?:{inside[SH.pattern]}))")))
    if SH.flags in inside:
        flat.set((shape, SH.flags, inside[SH.flags]))
    flat.remove((shape, SH["not"], refused))
    flat.remove((refused, None, None))
