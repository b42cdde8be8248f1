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
from typing import Any
from urllib.parse import quote

from lxml import etree

from publisher.catalog import Catalog
from publisher.crosswalks import own_record
from publisher.crosswalks.elements import XSI, add
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
from publisher.ready import kept
from publisher.view import of_entry

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
_DECLARATION = re.compile(rb"\s*<\?xml[^>]*\?>\s*")
_MARK = b"<records/>"  # stands for what is put in as it is kept


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
        root = etree.Element(f"{{{NAMESPACE}}}OAI-PMH", nsmap={None: NAMESPACE, "xsi": XSI})
        root.set(f"{{{XSI}}}schemaLocation", f"{NAMESPACE} {SCHEMA}")
        _say(root, "responseDate", time)
        request = _say(root, "request", self.addresses.oai)
        records: Iterable[bytes] = ()
        try:
            given = checked(arguments)
            for name, value in given.items():
                # an identifier that is no URI must not make the answer invalid
                request.set(name, quote(value, safe="%/:;?#[]@!$&'()*+,=~") if name == "identifier" else value)
            records = self._verb(given, root)
        except ProtocolError as error:
            if isinstance(error, BadVerb | BadArgument):  # 3.2: then no arguments are repeated
                request.attrib.clear()
            _say(root, "error", str(error), code=error.code)
        before, _, after = etree.tostring(root, encoding="UTF-8").partition(_MARK)
        style = f'<?xml-stylesheet type="text/css" href="{self.stylesheet}"?>\n' if self.stylesheet else ""
        prologue = f'<?xml version="1.0" encoding="UTF-8"?>\n{style}'.encode()
        return b"".join((prologue, before, *records, after))

    def _verb(self, given: dict[str, str], root: Any) -> Iterable[bytes]:
        verbs: dict[str, Callable[[dict[str, str], Any], Iterable[bytes]]] = {
            "Identify": self._identify,
            "ListMetadataFormats": self._list_metadata_formats,
            "ListSets": self._list_sets,
            "GetRecord": self._get_record,
            "ListIdentifiers": self._list,
            "ListRecords": self._list,
        }
        verb = given["verb"]
        return verbs[verb](given, etree.SubElement(root, f"{{{NAMESPACE}}}{verb}"))

    # one function a verb (4); an error takes the element away again

    def _identify(self, given: dict[str, str], element: Any) -> Iterable[bytes]:
        _say(element, "repositoryName", self.settings.TITLE)
        _say(element, "baseURL", self.addresses.oai)
        _say(element, "protocolVersion", "2.0")
        _say(element, "adminEmail", self.settings.ADMIN_EMAIL)
        _say(element, "earliestDatestamp", self.items.earliest() or "1970-01-01T00:00:00Z")
        _say(element, "deletedRecord", "persistent")
        _say(element, "granularity", "YYYY-MM-DDThh:mm:ssZ")
        _say(element, "compression", "gzip")
        example = next((item.start for item in self.items.page(self._set(""), 0, None, 1)), b"")
        sample = re.search(rb"<identifier>([^<]*)", example)
        for description in describe_repository(self.mapping, self.identifiers, sample[1].decode() if sample else ""):
            _say(element, "description").append(description)
        return ()

    def _list_metadata_formats(self, given: dict[str, str], element: Any) -> Iterable[bytes]:
        if "identifier" in given:
            _without(element, lambda: self._item(given["identifier"]))  # every item has every format
        for prefix, (namespace, schema, _) in PREFIXES.items():
            row = _say(element, "metadataFormat")
            _say(row, "metadataPrefix", prefix)
            _say(row, "schema", schema or own_record.schema(self.mapping))
            _say(row, "metadataNamespace", namespace or own_record.namespace(self.mapping))
        return ()

    def _list_sets(self, given: dict[str, str], element: Any) -> Iterable[bytes]:
        after = _without(element, lambda: set_token(given["resumptionToken"])) if "resumptionToken" in given else ""
        size = self.settings.OAI_PAGE_SIZE
        found = self.items.sets(after, size + 1)
        if not found:
            element.getparent().remove(element)
            if after:
                raise BadResumptionToken("There are no sets after this one any more.")
            raise NoSetHierarchy("Nothing is published here yet, so that there are no sets.")
        for chosen in found[:size]:
            row = _say(element, "set")
            _say(row, "setSpec", chosen.spec)
            _say(row, "setName", chosen.name)
            _say(row, "setDescription").append(describe_set(chosen))
        if len(found) > size:
            _say(element, "resumptionToken", f"{TOKEN_VERSION},ListSets,{found[size - 1].spec}")
        elif after:
            _say(element, "resumptionToken")
        return ()

    def _get_record(self, given: dict[str, str], element: Any) -> Iterable[bytes]:
        item = _without(element, lambda: self._item(given["identifier"]))
        format_name = _without(element, lambda: format_of(given["metadataPrefix"]))
        etree.SubElement(element, f"{{{NAMESPACE}}}records")
        return self._records([item], format_name)

    def _list(self, given: dict[str, str], element: Any) -> Iterable[bytes]:
        chosen, token = _without(element, lambda: self._place(given))
        limit = self.settings.OAI_PAGE_SIZE
        format_name = PREFIXES[token.prefix][2] if token.verb == "ListRecords" else ""
        found = self.items.page(chosen, token.after, token.last, limit + 1, format_name)
        more = len(found) > limit
        if not found and token.cursor:
            # all that was still to come has changed since, and stands behind the end of the list; it is told now, for a
            # page with a token must not be followed by one without records
            found = self.items.page(chosen, token.last, None, limit, format_name)
        if not found:
            element.getparent().remove(element)
            raise NoRecordsMatch("There are no records of this kind.")
        found = found[:limit]
        etree.SubElement(element, f"{{{NAMESPACE}}}records")
        if more or token.cursor:
            cursor = token.cursor + len(found)
            following = Token(token.verb, token.prefix, token.set, found[-1].sequence, token.last, cursor, token.size)
            self.following = str(following) if more else ""
            sizes = {"completeListSize": str(token.size), "cursor": str(token.cursor)}
            _say(element, "resumptionToken", self.following, **sizes)
        return self._records(found, format_name) if format_name else self._headers(found)

    def _place(self, given: dict[str, str]) -> tuple[Set, Token]:
        """The set that is asked for, and where in it the list begins or goes on."""
        verb = given["verb"]
        if "resumptionToken" in given:
            token = Token.read(given["resumptionToken"], verb)
            found = self.items.find_set(token.set)
            if found is None:
                raise BadResumptionToken(f"There is no set {token.set} any more.")
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

    # records as they are kept

    def _headers(self, items: Sequence[Item]) -> Iterable[bytes]:
        stamps = self._stamps(items)
        for item in items:
            yield from (item.start, stamps[item.release], item.end)

    def _records(self, items: Sequence[Item], format_name: str) -> Iterable[bytes]:
        stamps = self._stamps(items)
        for item in items:
            if item.withdrawn:
                yield from (b"<record>", item.start, stamps[item.release], item.end, b"</record>")
                continue
            body = item.body if item.body is not None and format_name == DC else self._made(item, format_name)
            yield from (b"<record>", item.start, stamps[item.release], item.end, b"<metadata>", body)
            yield b"</metadata></record>"

    def _stamps(self, items: Sequence[Item]) -> dict[int, bytes]:
        found = self.items.datestamps({item.release for item in items})
        return {release: datestamp.encode() for release, datestamp in found.items()}

    def _made(self, item: Item, format_name: str) -> bytes:
        """The metadata in a format that is kept packed, or made when it is asked for."""
        row = next(row for row in FORMATS if row.name == format_name)
        ready = kept(self.catalog, item.thing, format_name) if row.ready else None
        if ready is not None:
            return ready
        entry = self.catalog.by_ids([item.thing])[item.thing]
        body = row.write(of_entry(self.mapping, self.catalog, entry)) if row.write is not None else b""
        return _DECLARATION.sub(b"", body, count=1)


def _say(parent: Any, name: str, text: str = "", **attributes: str) -> Any:
    return add(parent, f"{{{NAMESPACE}}}{name}", text, **attributes)


def _without(element: Any, step: Callable[[], Any]) -> Any:
    """The result of a step; where that is an error, the element of the verb is taken away, for an answer has either."""
    try:
        return step()
    except ProtocolError:
        element.getparent().remove(element)
        raise
