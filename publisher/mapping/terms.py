"""The mapping as data: which property and datatype each attribute becomes, as `ontology/context.jsonld` says it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from pyoxigraph import Literal, NamedNode

from publisher import namespaces, resources
from publisher.errors import ResourceMissing

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
LONGEST_KEY = 200  # characters of a URI's last segment; more than a heading has, and less than servers refuse
_NOT_XML = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Term:
    """One attribute of the context: its property, and the datatype of its values where the context names one."""

    name: str
    property: NamedNode
    datatype: NamedNode | None


class Context:
    """The terms of `ontology/context.jsonld` for a site; every one is checked against its pinned vocabulary."""

    def __init__(self, base: str) -> None:
        self.text = resources.text("ontology/context.jsonld", base)
        try:
            self.document: dict[str, Any] = orjson.loads(self.text)
            entries: dict[str, Any] = self.document["@context"]
        except (orjson.JSONDecodeError, KeyError) as error:
            raise ResourceMissing(f"ontology/context.jsonld is not a JSON-LD context: {error}.") from None
        self.prefixes = {
            name: value for name, value in entries.items() if isinstance(value, str) and value.endswith(("/", "#"))
        }
        own = resources.text("ontology/publisher.ttl")
        self.terms: dict[str, Term] = {}
        for name, value in entries.items():
            if name.startswith("@") or name in self.prefixes or value in ("@id", "@type"):
                continue
            entry = {"@id": value} if isinstance(value, str) else value
            kind = entry.get("@type")
            iri = self.expand(entry["@id"], own)
            datatype = NamedNode(self.expand(kind, own)) if kind not in (None, "@id") else None
            self.terms[name] = Term(name, NamedNode(iri), datatype)
        self.names = {term.property.value: name for name, term in self.terms.items()}
        self.order = {iri: place for place, iri in enumerate(self.names)}

    def __getitem__(self, name: str) -> Term:
        try:
            return self.terms[name]
        except KeyError:
            raise ResourceMissing(f"ontology/context.jsonld says nothing of {name!r}.") from None

    def expand(self, compact: str, own: str) -> str:
        """The IRI of "prefix:term". Raises ResourceMissing for a term that its vocabulary does not have."""
        prefix, _, term = compact.partition(":")
        if prefix not in self.prefixes:
            raise ResourceMissing(f"ontology/context.jsonld: {compact} has no known prefix.")
        known = f"\npub:{term} " in own if prefix == namespaces.OWN_PREFIX else term in namespaces.terms(prefix)
        if not known:
            raise ResourceMissing(f"ontology/context.jsonld: {compact} is not a term of its vocabulary.")
        return self.prefixes[prefix] + term


def node(iri: str) -> NamedNode | None:
    """The IRI as a node, or None where the text is no absolute IRI (RFC 3987)."""
    if not _IRI.fullmatch(iri):
        return None
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def link(text: str) -> NamedNode | None:
    """The IRI of a web address, or None for what must not become a link (`javascript:`, spaces, brackets …)."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https", "ftp") or not parts.hostname or re.search(r"[\[\]\s]", text):
        return None
    return node(text)


def clean(text: str) -> str:
    """The text without the characters that XML 1.0 2.2 forbids, since every graph has to travel as RDF/XML, too;
    readers report them."""
    return text if text.isprintable() else _NOT_XML.sub("", text)  # what can be printed is allowed


def literal(text: str, datatype: NamedNode | None = None, language: str = "") -> Literal:
    """A literal of the cleaned text; `language` is used only where there is no datatype."""
    text = clean(text)
    if datatype is not None:
        return Literal(text, datatype=datatype)
    return Literal(text, language=language) if language else Literal(text)


def fold(text: str) -> str:
    """A name as it is compared: compatibility form, no case, no accents, letters and digits only, no leading "the"."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    words = _words(plain.replace(".", "").replace("'", "").replace("’", ""))
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def slug(text: str) -> str:
    """A name as the key of a URI: letters and digits of any script in lower case, all else one hyphen.

    Accents and vowel signs stay, since "Muller" and "Müller" are two headings; case, spacing, punctuation and
    characters that nobody sees do not tell two apart. A key longer than LONGEST_KEY is cut and ends with a digest.
    """
    key = "-".join(_words(unicodedata.normalize("NFC", text).casefold()))
    if len(key) > LONGEST_KEY:
        key = f"{key[: LONGEST_KEY - 17]}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return key


def _words(text: str) -> list[str]:
    """The runs of letters, digits and the marks that belong to them (Unicode categories L, N and M after either)."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    characters: list[str] = []
    inside = False
    for character in text:
        category = unicodedata.category(character)
        if category == "Cf":  # direction marks, soft hyphens, joiners
            continue
        inside = category[0] in "LN" or (inside and category[0] == "M")
        characters.append(character if inside else " ")
    return "".join(characters).split()
