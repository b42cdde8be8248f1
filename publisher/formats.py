"""FORMATS: one row a representation of a description. A new one is a row here; pages, `Link` headers, negotiation and
406 lists follow by themselves."""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from urllib.parse import urlencode

from pyoxigraph import RdfFormat, parse, serialize

from publisher import card
from publisher.addresses import KINDS
from publisher.crosswalks import (
    bibliography,
    bibtex,
    csl_json,
    marcxml,
    mods,
    oai_dc,
    oai_dcterms,
    own_record,
    ris,
    schema_org,
)
from publisher.mapping import Described, Mapping, digest, lines
from publisher.profiles import DEFAULT
from publisher.syntaxes.json_ld import json_ld
from publisher.syntaxes.nodes import Nodes
from publisher.syntaxes.turtle import trig, turtle
from publisher.view import Version, triples

HTML = "text/html"
WORKS = ("resource",)  # library formats describe works, and nothing else
_XML = ("application/xml", "text/xml")
_TURTLE = ("application/x-turtle", "text/n3")  # the older name, and the language of which Turtle is a part


@dataclass(frozen=True, slots=True)
class Format:
    """`write(version)` gives the bytes; None for HTML, which the web side makes. `aliases` are media types that clients
    ask for and that mean the same; `kinds` the things that have this representation. What is asked for most is `ready`:
    made when a resource is published, and kept in the catalog."""

    name: str
    title: str
    media_type: str
    extension: str
    write: Callable[[Version], bytes] | None
    aliases: tuple[str, ...] = ()
    kinds: tuple[str, ...] = (*KINDS, "dataset")
    ready: bool = False
    profile: str = ""  # the data model, if it has one: a token of `profiles`
    negotiated: bool = True  # whether Accept can ask for it, or only its extension
    parameters: tuple[str, ...] = ()  # of its media type; by them it has variants
    variant: str = ""  # which of these it is, as the query of its address has them

    def varied(self, given: abc.Mapping[str, str]) -> Format:
        """The variant for the parameters of a media type or of an address, others than its own passed over. Raises
        UnknownStyle."""
        known = [(name, given[name]) for name in self.parameters if given.get(name)]
        return _varied(self, tuple(known)) if known else self

    @property
    def charset(self) -> bool:
        """Whether the media type has a charset parameter."""
        return self.media_type.startswith("text/")


_CHECKS: dict[str, Callable[[str], str]] = {"style": bibliography.style_of, "locale": bibliography.locale_of}


@lru_cache(1000)
def _varied(row: Format, given: tuple[tuple[str, str], ...]) -> Format:
    checked = {name: _CHECKS[name](text) for name, text in given}
    media_type = "; ".join([row.media_type, *(f"{name}={text}" for name, text in checked.items())])
    write = partial(bibliography.write, style=checked.get("style", ""), locale=checked.get("locale", ""))
    return replace(row, media_type=media_type, write=write, variant=urlencode(checked))


def content_type(media_type: str) -> str:
    """A media type as a header has it: all our texts are in UTF-8, and those of text/* have to say so."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def used_prefixes(mapping: Mapping, lines: Sequence[str]) -> dict[str, str]:
    """The prefixes of the context that some statement needs."""
    text = "\n".join(lines)
    return {prefix: iri for prefix, iri in mapping.context.prefixes.items() if f"<{iri}" in text}


def _turtle(version: Version) -> bytes:
    return turtle(version.nodes)


def _trig(version: Version) -> bytes:
    return trig(version.nodes, version.mapping.addresses.document(*version.name))


def _rdf_xml(version: Version) -> bytes:
    return write_graph(version.mapping, version.lines, "rdf-xml")


def _ntriples(version: Version) -> bytes:
    return write_graph(version.mapping, version.lines, "n-triples")


def _json_ld(version: Version) -> bytes:
    return json_ld(version.nodes)


def _source_text(version: Version) -> bytes:
    return version.record.source.text.encode()


def write_descriptions(mapping: Mapping, described: Iterable[Described], syntax: str) -> Iterator[bytes]:
    """The descriptions of records that need not be published, each once, piece by piece: "nt", "nquads", "turtle",
    "trig" or "jsonld". The line-based ones need no memory; the others come when all is read."""
    seen: set[tuple[tuple[str, str], bytes]] = set()
    everything: list[str] = []
    quads: list[str] = []
    for item in described:
        for description in item.descriptions:
            content = lines([*description.statements, *description.provenance])
            identity = (description.name, digest(content))
            if identity in seen:
                continue
            seen.add(identity)
            graph = mapping.addresses.document(*description.name)
            if syntax == "nt":
                yield from (f"{line}\n".encode() for line in content)
            elif syntax == "nquads":
                yield from (f"{line[:-2]} <{graph}> .\n".encode() for line in content)
            elif syntax == "trig":
                quads += [f"{line[:-2]} <{graph}> ." for line in content]
            else:
                everything += content
    if syntax == "trig":
        statements = parse("\n".join(quads).encode(), format=RdfFormat.N_QUADS)
        yield serialize(statements, format=RdfFormat.TRIG, prefixes=mapping.context.prefixes) or b""
    elif syntax == "turtle":
        yield turtle(Nodes(mapping, everything))
    elif syntax == "jsonld":
        yield json_ld(Nodes(mapping, everything)) + b"\n"


def write_graph(mapping: Mapping, lines: Sequence[str], name: str) -> bytes:
    """Canonical lines that are no description, such as a report, in the format of that name: "turtle", "json-ld",
    "rdf-xml" or "n-triples"."""
    if name == "turtle":
        return turtle(Nodes(mapping, lines))
    if name == "json-ld":
        return json_ld(Nodes(mapping, lines))
    if name == "rdf-xml":
        return serialize(triples(lines), format=RdfFormat.RDF_XML, prefixes=used_prefixes(mapping, lines)) or b""
    return "".join(f"{line}\n" for line in lines).encode()


FORMATS = (
    Format("html", "Web page", HTML, "html", None),
    Format("turtle", "Turtle", "text/turtle", "ttl", _turtle, _TURTLE, ready=True, profile=DEFAULT),
    Format(
        "json-ld",
        "JSON-LD",
        "application/ld+json",
        "jsonld",
        _json_ld,
        ("application/json",),
        ready=True,
        profile=DEFAULT,
    ),
    Format("rdf-xml", "RDF/XML", "application/rdf+xml", "rdf", _rdf_xml, _XML, profile=DEFAULT),
    # text/plain is the older name of N-Triples, by which some RDF libraries ask for it (RDF 1.1 N-Triples, 5)
    Format(
        *("n-triples", "N-Triples", "application/n-triples", "nt", _ntriples),
        ("text/ntriples", "text/plain"),
        profile=DEFAULT,
    ),
    Format("trig", "TriG", "application/trig", "trig", _trig, ("application/x-trig",), profile=DEFAULT),
    Format(
        *("schema-json-ld", "schema.org, JSON-LD", "application/ld+json", "schema.jsonld", schema_org.json_ld),
        ("application/json",),
        profile="schema",
    ),
    Format(
        *("schema-turtle", "schema.org, Turtle", "text/turtle", "schema.ttl", schema_org.as_turtle),
        _TURTLE,
        profile="schema",
    ),
    Format(
        *("oai_dc", "Dublin Core", "application/xml", "dc.xml", oai_dc.write), kinds=WORKS, ready=True, profile="oai_dc"
    ),
    Format(
        *("oai_dcterms", "DC terms", "application/xml", "dcterms.xml", oai_dcterms.write),
        kinds=WORKS,
        profile="dcterms",
    ),
    Format(
        *("marcxml", "MARC 21", "application/marcxml+xml", "marcxml", marcxml.write),
        kinds=WORKS,
        ready=True,
        profile="marc21",
    ),
    Format("mods", "MODS", "application/mods+xml", "mods.xml", mods.write, kinds=WORKS, profile="mods"),
    Format("bibtex", "BibTeX", "application/x-bibtex", "bib", bibtex.write, ("text/x-bibtex",), WORKS),
    Format("ris", "RIS", "application/x-research-info-systems", "ris", ris.write, kinds=WORKS),
    Format("csl-json", "CSL-JSON", "application/vnd.citationstyles.csl+json", "csl.json", csl_json.write, kinds=WORKS),
    Format(
        *("bibliography", "Citation as text", "text/x-bibliography", "citation.txt", bibliography.write),
        kinds=WORKS,
        parameters=("style", "locale"),
    ),
    Format(
        *("record", "Record as kept", "application/xml", "record.xml", own_record.write), kinds=WORKS, negotiated=False
    ),
    Format("source", "Record as read", "text/plain", "txt", _source_text, kinds=WORKS, negotiated=False),
)
BY_EXTENSION = {row.extension: row for row in FORMATS}


def formats_of(kind: str) -> tuple[Format, ...]:
    """The representations of a kind of thing, HTML first."""
    return tuple(row for row in FORMATS if kind in row.kinds)


def make_ready(version: Version) -> dict[str, bytes]:
    """The representations of a resource that are kept ready, by the names of their formats, and the card that its page
    is made of. Those of other things are short, and made when they are asked for."""
    if version.kind != "resource":
        return {}
    rows = [row for row in formats_of(version.kind) if row.ready and row.write is not None]
    return {row.name: row.write(version) for row in rows if row.write is not None} | {card.NAME: card.write(version)}
