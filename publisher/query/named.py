"""Named queries: SPARQL files whose first lines say what they are for and which parameters they take.

    # title: Records with a keyword
    # description: What the catalogue lists under a keyword.
    # parameter: keyword label "Probation" The keyword, as the catalogue writes it
    # title@de: Titel mit einem Schlagwort
    # parameter@de: keyword Das Schlagwort, wie der Katalog es schreibt

A parameter is a variable of the patterns: a value takes its place as one RDF term, never as a piece of text. Its type
is `text`, `label` (a text in the language of the catalogue), `number`, `year` or `iri`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from publisher import resources
from publisher.errors import MalformedQuery, PublisherError, SettingsError
from publisher.message import Message
from publisher.namespaces import XSD
from publisher.query.text import Form, QueryText, edited
from publisher.settings import Settings

_HEADER = re.compile(r"#\s*(title|description|parameter)(?:@([A-Za-z]+(?:-[A-Za-z0-9]+)*))?:\s*(.*?)\s*")
_PARAMETER = re.compile(r'(\w+)\s+(\w+)\s+"([^"]*)"\s+(.+)')
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
OWN = "ontology/queries"


def _number(value: str, _: str) -> Literal:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", value):
        raise ValueError(Message("%(parameter)s=%(value)s: a number in figures, such as 50, is wanted."))
    return Literal(value, datatype=NamedNode(XSD.decimal if "." in value else XSD.integer))


def _year(value: str, _: str) -> Literal:
    if not re.fullmatch(r"[0-9]{4}", value):
        raise ValueError(Message("%(parameter)s=%(value)s: a year of four figures, such as 2011, is wanted."))
    return Literal(value, datatype=NamedNode(XSD.gYear))


def _iri(value: str, _: str) -> NamedNode:
    try:
        return NamedNode(value)
    except ValueError:
        raise ValueError(
            Message("%(parameter)s=%(value)s: an absolute IRI, such as http://example.org/, is wanted.")
        ) from None


# type of a parameter -> what makes a term of a value and the language of the catalogue; ValueError has the pattern of
# a message that says what is wanted
TYPES: dict[str, Callable[[str, str], Literal | NamedNode]] = {
    "text": lambda value, _: Literal(value),
    "label": lambda value, language: Literal(value, language=language) if language else Literal(value),
    "number": _number,
    "year": _year,
    "iri": _iri,
}


@dataclass(frozen=True)
class Parameter:
    name: str
    type: str
    default: str
    label: str


@dataclass(frozen=True)
class NamedQuery:
    """One file; its parameters in its order. `translations` are by language (lower case) and what they translate:
    title, description, or the label of ?name."""

    name: str
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    text: str
    form: Form
    translations: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def in_language(self, language: str) -> NamedQuery:
        """The same with its texts in a language, as far as it has them."""

        def said(what: str, otherwise: str) -> str:
            return self.translations.get((language.lower(), what), otherwise)

        return replace(
            self,
            title=said("title", self.title),
            description=said("description", self.description),
            parameters=tuple(replace(each, label=said(f"?{each.name}", each.label)) for each in self.parameters),
        )

    def bound(self, given: Mapping[str, str], language: str) -> str:
        """The query with a term in place of each parameter, its default where none is given. Raises MalformedQuery."""
        terms = {}
        for parameter in self.parameters:
            value = given.get(parameter.name, "").strip() or parameter.default
            try:
                terms[parameter.name] = str(TYPES[parameter.type](value, language))
            except ValueError as error:
                raise MalformedQuery(Message(str(error), parameter=parameter.name, value=value)) from None
        return edited(
            self.text,
            [
                (token.start, token.end, terms[token.text[1:]])
                for token in QueryText(self.text).tokens
                if token.kind == "variable" and token.text[1:] in terms
            ],
        )


def named_queries(settings: Settings) -> dict[str, NamedQuery]:
    """Ours and those of the folder SPARQL_EXAMPLES, by name; the operator's come first and replace ours of their name.
    Raises SettingsError for a file that is not fit to be one."""
    found = {}
    if settings.SPARQL_EXAMPLES:
        folder = Path(settings.SPARQL_EXAMPLES)
        if not folder.is_dir():
            raise SettingsError(f"SPARQL_EXAMPLES: {folder} is no folder.")
        for path in sorted(folder.glob("*.rq")):
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{path}: the query cannot be read ({error}).") from None
            found[path.stem] = read(path.stem, text, str(path))
    for path in sorted(resources.folder("ontology").joinpath("queries").glob("*.rq")):
        if path.stem not in found:
            found[path.stem] = read(path.stem, resources.text(f"{OWN}/{path.name}", settings.base), path.name)
    return found


def read(name: str, text: str, origin: str) -> NamedQuery:
    """The query of a file. Raises SettingsError naming it and the line."""
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{origin}: the name of a query has a-z, 0-9 and - only, since it stands in an address.")
    said = {"title": "", "description": ""}
    parameters = []
    translations = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _HEADER.fullmatch(line):
            kind, language, content = found.groups()
            if language:
                name_of, _, label = content.partition(" ")
                what, text_of = (f"?{name_of}", label.strip()) if kind == "parameter" else (kind, content)
                translations[language.lower(), what] = text_of
                continue
            if kind != "parameter":
                said[kind] = content
                continue
            row = _PARAMETER.fullmatch(content)
            if row is None or row[2] not in TYPES:
                raise SettingsError(
                    f"{origin}, line {number}: a parameter is written name, type ({', '.join(TYPES)}), default value "
                    'in quotes, label: # parameter: keyword label "Probation" The keyword.'
                )
            parameters.append(Parameter(*row.groups()))
    if not said["title"]:
        raise SettingsError(f"{origin}: the query has no line # title: ….")
    try:
        query = QueryText(text)
    except PublisherError as error:
        raise SettingsError(f"{origin}: {error}") from None
    for parameter in parameters:
        places = [t.depth for t in query.tokens if t.kind == "variable" and t.text[1:] == parameter.name]
        if not places or min(places) == 0:
            reason = "is given back by SELECT" if places else "stands nowhere in the query"
            raise SettingsError(
                f"{origin}: the parameter {parameter.name} {reason}; it belongs into the patterns only."
            )
    shown = text[query.tokens[0].start :].strip() + "\n"
    return NamedQuery(name, said["title"], said["description"], tuple(parameters), shown, query.form, translations)
