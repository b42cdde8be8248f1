"""The change log as a Linked Data Event Stream, https://w3id.org/ldes/specification 1.0, in TriG.

Every version is a member: an activity of the change log, and the description in a named graph of the same IRI; of a
withdrawal there is the activity only. A tree of two levels (https://w3id.org/tree/specification) leads to pages of PAGE
sequence numbers by the times of the changes in them. What is full stays as it is for ever, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from publisher.addresses import Addresses, event_stream_path
from publisher.catalog import Catalog
from publisher.harvest.change_log import activity_iri, changes, pages, span
from publisher.mapping import Mapping
from publisher.namespaces import AS, LDES, RDF, TREE, XSD
from publisher.view import published_lines

MEDIA_TYPE = "application/trig"
PAGE = 250  # sequence numbers of a page
FAN = 100  # pages that a node leads to
_BLANK = re.compile(r"^_:|(?<= )_:(?=\w+ \.$)")  # a subject or an object, and not in a text
_TIME = f"^^<{XSD.dateTime}>"


def root(addresses: Addresses, catalog: Catalog, seconds: int) -> bytes:
    """What the stream is, and the nodes of the tree; it changes each `seconds` at most."""
    stream, here = stream_iri(addresses), addresses.iri(event_stream_path())
    said = {
        RDF.type: f"<{LDES.EventStream}>",
        TREE.view: f"<{here}>",
        LDES.timestampPath: f"<{AS.published}>",
        LDES.versionOfPath: f"<{AS.object}>",
        LDES.versionCreateObject: f"<{AS.Create}>",
        LDES.versionUpdateObject: f"<{AS.Update}>",
        LDES.versionDeleteObject: f"<{AS.Delete}>",
        LDES.pollingInterval: f'"{seconds}"^^<{XSD.integer}>',
    }
    content = [f"<{stream}> <{predicate}> {value} ." for predicate, value in said.items()]
    last = pages(catalog, PAGE * FAN)
    children = ((event_stream_path(number), *span(catalog, number, PAGE * FAN)) for number in range(1, last + 1))
    return _text([*content, *_node(addresses, here, children, full=False)])


def node(addresses: Addresses, catalog: Catalog, number: int) -> bytes:
    """The pages below one node of the root."""
    last = min(number * FAN, pages(catalog, PAGE))
    children = ((_path_of(page), *span(catalog, page, PAGE)) for page in range((number - 1) * FAN + 1, last + 1))
    full = is_full(catalog, number * FAN)
    return _text(_node(addresses, addresses.iri(event_stream_path(number)), children, full=full))


def page(mapping: Mapping, catalog: Catalog, number: int) -> bytes:
    """The members of one page of all, the oldest first."""
    addresses, stream = mapping.addresses, stream_iri(mapping.addresses)
    here = addresses.iri(_path_of(number))
    found = _node(addresses, here, (), full=is_full(catalog, number))
    for change in changes(catalog, (number - 1) * PAGE, number * PAGE):
        member = activity_iri(addresses, change)
        found += [
            f"<{stream}> <{TREE.member}> <{member}> .",
            f"<{member}> <{RDF.type}> <{AS[change.type]}> .",
            f"<{member}> <{AS.object}> <{addresses.thing(*change.name)}> .",
            f'<{member}> <{AS.published}> "{change.time}"{_TIME} .',
        ]
        entry = None if change.withdrawn else catalog.version(change.sequence)
        if entry is not None:
            # versions of one description share labels, and each has to have blank nodes of its own
            lines = (_BLANK.sub(f"_:v{change.sequence}-", line) for line in published_lines(mapping, entry))
            found += [f"<{member}> {{", *lines, "}"]
    return _text(found)


def paths(catalog: Catalog) -> Iterator[str]:
    """The paths of the root, the nodes and the pages."""
    yield event_stream_path()
    for number in range(1, pages(catalog, PAGE * FAN) + 1):
        yield event_stream_path(number)
    for number in range(1, pages(catalog, PAGE) + 1):
        yield _path_of(number)


def _path_of(number: int) -> str:
    """The path of a page of all."""
    return event_stream_path((number - 1) // FAN + 1, (number - 1) % FAN + 1)


def is_full(catalog: Catalog, number: int) -> bool:
    """Whether nothing is added to a page of all any more."""
    return number < pages(catalog, PAGE)


def stream_iri(addresses: Addresses) -> str:
    return addresses.iri(event_stream_path()) + "#stream"


def _node(addresses: Addresses, here: str, children: Iterable[tuple[str, str, str]], *, full: bool) -> list[str]:
    """A node and its relations; `children` are the path, the earliest time and the latest, empty where it is open."""
    found = [f"<{here}> <{RDF.type}> <{TREE.Node}> ."]
    if full:
        found.append(f'<{here}> <{LDES.immutable}> "true"^^<{XSD.boolean}> .')
    for number, (path, start, until) in enumerate(children, 1):
        for name, kind, time in (
            ("from", TREE.GreaterThanOrEqualToRelation, start),
            ("until", TREE.LessThanOrEqualToRelation, until),
        ):
            if time:
                relation = f"_:{name}{number}"
                found += [
                    f"<{here}> <{TREE.relation}> {relation} .",
                    f"{relation} <{RDF.type}> <{kind}> .",
                    f"{relation} <{TREE.node}> <{addresses.iri(path)}> .",
                    f"{relation} <{TREE.path}> <{AS.published}> .",
                    f'{relation} <{TREE.value}> "{time}"{_TIME} .',
                ]
    return found


def _text(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()
