"""OAI-PMH 2.0: what other libraries are answered who harvest us, each verb a function from arguments to XML.

https://www.openarchives.org/OAI/openarchivesprotocol.html; its sections are named below. Nothing is kept between two
requests: a resumption token says by itself where a list goes on, in sequences of the change log, and where it ends. So
it never expires, and a list ends however much is published meanwhile: what changes moves behind its end, and is told
by the next harvest, which asks from the time of this one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from publisher.catalog import Catalog
from publisher.crosswalks import own_record
from publisher.crosswalks.elements import XSI, add
from publisher.errors import CatalogError
from publisher.formats import FORMATS
from publisher.harvest.oai_description import describe_repository, describe_set
from publisher.harvest.oai_request import (
    PREFIXES,
    TOKEN_VERSION,
    BadArgument,
    BadResumptionToken,
    BadVerb,
    IdDoesNotExist,
    NoRecordsMatch,
    NoSetHierarchy,
    ProtocolError,
    Token,
    checked,
    format_of,
    set_token,
    times,
)
from publisher.items import DC, Identifiers, Item, Items, Set
from publisher.mapping import Mapping
from publisher.mapping.terms import clean
from publisher.ready import kept
from publisher.view import of_entry

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>\s*")


class Provider:
    """Answers for one catalog, inside a snapshot of it."""

    def __init__(self, catalog: Catalog, mapping: Mapping, stylesheet: str = "") -> None:
        self.catalog, self.mapping, self.stylesheet = catalog, mapping, stylesheet
        self.settings, self.addresses = mapping.settings, mapping.addresses
        self.identifiers = Identifiers(self.settings)
        self.following = ""  # the resumptionToken that was given last

    @cached_property
    def items(self) -> Items:
        return Items(self.catalog)

    def answer(self, arguments: Sequence[tuple[str, str]], time: str) -> bytes:
        """The response to a request (3.2); `time` is that up to which the catalog is known (`moments.seen_until`)."""
        repeated = dict[str, str]()
        try:
            repeated = checked(arguments)
            verb = repeated["verb"]
            pieces = self._verbs[verb](self, repeated)
            content = [f"<{verb}>".encode(), *pieces, f"</{verb}>".encode()]
        except ProtocolError as error:
            if isinstance(error, BadVerb | BadArgument):  # 3.2: then no arguments are repeated
                repeated = {}
            content = [f'<error code="{error.code}">{escape(clean(str(error)))}</error>'.encode()]
        return b"".join((self._start(repeated, time), *content, b"</OAI-PMH>"))

    def _start(self, repeated: dict[str, str], time: str) -> bytes:
        """All that stands before what was asked for; of the same few words each time, so that it is written out."""
        style = f'<?xml-stylesheet type="text/css" href="{self.stylesheet}"?>\n' if self.stylesheet else ""
        # an identifier that is no URI must not make the answer invalid
        uris = {"identifier": lambda value: quote(value, safe="%/:;?#[]@!$&'()*+,=~")}
        arguments = "".join(f" {name}={quoteattr(uris.get(name, str)(value))}" for name, value in repeated.items())
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n{style}'
            f'<OAI-PMH xmlns="{NAMESPACE}" xmlns:xsi="{XSI}" xsi:schemaLocation="{NAMESPACE} {SCHEMA}">'
            f"<responseDate>{time}</responseDate><request{arguments}>{escape(self.addresses.oai)}</request>"
        ).encode()

    # one function a verb (4): what stands in its element, in pieces

    def _identify(self, given: dict[str, str]) -> Iterable[bytes]:
        element = etree.Element(f"{{{NAMESPACE}}}Identify", nsmap={None: NAMESPACE})
        _say(element, "repositoryName", self.settings.TITLE)
        _say(element, "baseURL", self.addresses.oai)
        _say(element, "protocolVersion", "2.0")
        _say(element, "adminEmail", self.settings.ADMIN_EMAIL)
        _say(element, "earliestDatestamp", self.items.earliest() or "1970-01-01T00:00:00Z")
        _say(element, "deletedRecord", "persistent")
        _say(element, "granularity", "YYYY-MM-DDThh:mm:ssZ")
        _say(element, "compression", "gzip")
        everything = self._set("")
        example = self.items.headers(everything, 0, self.items.part(everything, 0, None, 1)[1])
        sample = re.search(rb"<identifier>([^<]*)", example)
        for description in describe_repository(self.mapping, self.identifiers, sample[1].decode() if sample else ""):
            _say(element, "description").append(description)
        return _inside(element)

    def _list_metadata_formats(self, given: dict[str, str]) -> Iterable[bytes]:
        if "identifier" in given:
            self._item(given["identifier"])  # every item has every format
        element = etree.Element(f"{{{NAMESPACE}}}ListMetadataFormats", nsmap={None: NAMESPACE})
        for prefix, (namespace, schema, _) in PREFIXES.items():
            row = _say(element, "metadataFormat")
            _say(row, "metadataPrefix", prefix)
            _say(row, "schema", schema or own_record.schema(self.mapping))
            _say(row, "metadataNamespace", namespace or own_record.namespace(self.mapping))
        return _inside(element)

    def _list_sets(self, given: dict[str, str]) -> Iterable[bytes]:
        after = set_token(given["resumptionToken"]) if "resumptionToken" in given else ""
        size = self.settings.OAI_PAGE_SIZE
        found = self.items.sets(after, size + 1)
        if not found and after:
            raise BadResumptionToken("There are no sets after this one any more.")
        if not found:
            raise NoSetHierarchy("Nothing is published here yet, so that there are no sets.")
        element = etree.Element(f"{{{NAMESPACE}}}ListSets", nsmap={None: NAMESPACE})
        for chosen in found[:size]:
            row = _say(element, "set")
            _say(row, "setSpec", chosen.spec)
            _say(row, "setName", chosen.name)
            _say(row, "setDescription").append(describe_set(chosen))
        if len(found) > size:
            _say(element, "resumptionToken", f"{TOKEN_VERSION},ListSets,{found[size - 1].spec}")
        elif after:
            _say(element, "resumptionToken")
        return _inside(element)

    def _get_record(self, given: dict[str, str]) -> Iterable[bytes]:
        item = self._item(given["identifier"])
        return [self._record(item, format_of(given["metadataPrefix"]))]

    def _list(self, given: dict[str, str]) -> Iterable[bytes]:
        chosen, token = self._place(given)
        limit, after = self.settings.OAI_PAGE_SIZE, token.after
        count, last, more = self.items.part(chosen, after, token.last, limit)
        if not count and token.cursor:
            # all that was still to come has changed since, and stands behind the end of the list; it is told now, for a
            # page with a token must not be followed by one without records
            after = token.last
            count, last, _ = self.items.part(chosen, after, None, limit)
        if not count:
            raise NoRecordsMatch("There are no records of this kind.")
        if token.verb == "ListIdentifiers":
            pieces = [self.items.headers(chosen, after, last)]
        elif (format_name := PREFIXES[token.prefix][2]) == DC:
            pieces = [self.items.records(chosen, after, last, count)]
        else:
            pieces = [self._record(item, format_name) for item in self.items.page(chosen, after, last)]
        if more or token.cursor:
            following = Token(token.verb, token.prefix, token.set, last, token.last, token.cursor + count, token.size)
            self.following = str(following) if more else ""
            sizes = f'completeListSize="{token.size}" cursor="{token.cursor}"'
            pieces.append(f"<resumptionToken {sizes}>{self.following}</resumptionToken>".encode())
        return pieces

    def _place(self, given: dict[str, str]) -> tuple[Set, Token]:
        """The set that is asked for, and where in it the list begins or goes on."""
        verb = given["verb"]
        if "resumptionToken" in given:
            token = Token.read(given["resumptionToken"], verb)
            found = self.items.find_set(token.set)
            if found is None:
                raise BadResumptionToken(f"There is no set {token.set} any more.")
            if token.last > self.items.span("", "")[1]:  # one machine of several, behind another
                raise CatalogError("The list was begun where a later release is; this copy is not there yet.")
            return found, token
        format_of(given["metadataPrefix"])
        chosen = self._set(given.get("set", ""))
        after, last = self.items.span(*times(given))
        size = self.items.count(chosen, after, last)
        return chosen, Token(verb, given["metadataPrefix"], chosen.spec, after, last, 0, size)

    def _set(self, spec: str) -> Set:
        found = self.items.find_set(spec)
        if found is None:
            raise NoRecordsMatch(f"There is no set {spec}; ListSets lists them.")
        return found

    def _item(self, identifier: str) -> Item:
        key = self.identifiers.key(identifier)
        item = self.items.find(key) if key else None
        if item is None:
            raise IdDoesNotExist("There is no item with this identifier here.")
        return item

    _verbs: ClassVar[dict[str, Callable[[Provider, dict[str, str]], Iterable[bytes]]]] = {
        "Identify": _identify,
        "ListMetadataFormats": _list_metadata_formats,
        "ListSets": _list_sets,
        "GetRecord": _get_record,
        "ListIdentifiers": _list,
        "ListRecords": _list,
    }

    # records as they are kept

    def _record(self, item: Item, format_name: str) -> bytes:
        header = b"".join((item.start, item.datestamp.encode(), item.end))
        if item.withdrawn:
            return b"<record>%b</record>" % header
        return b"<record>%b<metadata>%b</metadata></record>" % (header, self._made(item.thing, format_name))

    def _made(self, thing: int, format_name: str) -> bytes:
        """The metadata in a format that is kept packed, or made when it is asked for."""
        row = next(row for row in FORMATS if row.name == format_name)
        ready = kept(self.catalog, thing, format_name) if row.ready else None
        if ready is not None:
            return ready
        entry = self.catalog.by_ids([thing])[thing]
        body = row.write(of_entry(self.mapping, self.catalog, entry)) if row.write is not None else b""
        return _DECLARATION.sub(b"", body, count=1)


def _say(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
    return add(parent, f"{{{NAMESPACE}}}{name}", text, **attributes)


def _inside(element: Any) -> list[bytes]:
    """The children of an element of ours, without the namespace that stands around them anyway."""
    own = f' xmlns="{NAMESPACE}"'.encode()
    return [etree.tostring(child, encoding="UTF-8", xml_declaration=False).replace(own, b"", 1) for child in element]
