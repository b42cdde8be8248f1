"""Requests of OAI-PMH: verbs, arguments and resumption tokens, checked as the protocol has it (3.1, 3.5, 3.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.crosswalks import marcxml, mods, oai_dc, oai_dcterms
from publisher.errors import PublisherError
from publisher.items import DC, wanted_time

RDF = ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.openarchives.org/OAI/2.0/rdf.xsd")
# metadataPrefix -> namespace, schema, and the name of the format (3.4)
PREFIXES = {
    "oai_dc": (oai_dc.NAMESPACE, oai_dc.SCHEMA, DC),
    "oai_dcterms": (oai_dcterms.NAMESPACE, oai_dcterms.SCHEMA, "oai_dcterms"),
    "marcxml": (marcxml.NAMESPACE, marcxml.SCHEMA, "marcxml"),
    "mods": (mods.NAMESPACE, mods.SCHEMA, "mods"),
    "rdf": (*RDF, "rdf-xml"),
    "record": ("", "", "record"),  # namespace and schema are the site's own
}
_SELECTIVE = ("metadataPrefix", "from", "until", "set")
# verb -> the arguments that it must have, those that it may have, and whether it can be resumed (4)
VERBS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "Identify": ((), (), False),
    "ListMetadataFormats": ((), ("identifier",), False),
    "ListSets": ((), (), True),
    "GetRecord": (("identifier", "metadataPrefix"), (), False),
    "ListIdentifiers": (("metadataPrefix",), _SELECTIVE, True),
    "ListRecords": (("metadataPrefix",), _SELECTIVE, True),
}
_NAME = re.compile(r"[A-Za-z0-9_.!~*'()-]+")  # the forms that the schema gives to arguments
_SPEC = re.compile(r"[A-Za-z0-9_.!~*'()-]+(?::[A-Za-z0-9_.!~*'()-]+)*")
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TOKEN_VERSION = "1"  # noqa: S105 -- of the form of tokens; those of older forms go on being read


class ProtocolError(PublisherError):
    """An error of 3.6; its code is the name of the class."""

    @property
    def code(self) -> str:
        name = type(self).__name__
        return name[0].lower() + name[1:]


class BadArgument(ProtocolError): ...


class BadResumptionToken(ProtocolError): ...


class BadVerb(ProtocolError): ...


class CannotDisseminateFormat(ProtocolError): ...


class IdDoesNotExist(ProtocolError): ...


class NoRecordsMatch(ProtocolError): ...


class NoSetHierarchy(ProtocolError): ...


@dataclass(frozen=True, slots=True)
class Token:
    """Where a list goes on: after which sequence, up to which, and what it was told of its length."""

    verb: str
    prefix: str
    set: str
    after: int
    last: int
    cursor: int
    size: int

    def __str__(self) -> str:
        numbers = (self.after, self.last, self.cursor, self.size)
        return ",".join((TOKEN_VERSION, self.verb, self.prefix, self.set, *map(str, numbers)))

    @classmethod
    def read(cls, text: str, verb: str) -> Token:
        """Raises BadResumptionToken."""
        version, *parts = text.split(",")
        if version != TOKEN_VERSION or len(parts) != 7 or parts[0] != verb or parts[1] not in PREFIXES:
            raise BadResumptionToken("This is no resumptionToken that we gave for this verb.")
        if not all(re.fullmatch(r"\d{1,18}", number, re.ASCII) for number in parts[3:]):
            raise BadResumptionToken("This resumptionToken is damaged.")
        after, last, cursor, size = map(int, parts[3:])
        return cls(parts[0], parts[1], parts[2], after, last, cursor, size)


def checked(arguments: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The arguments of a request by name. Raises BadVerb or BadArgument (3.6)."""
    verbs = [value for name, value in arguments if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        asked = "there is none" if not verbs else "it is repeated" if len(verbs) > 1 else "this one is none of them"
        raise BadVerb(f"The verb must be one of {', '.join(VERBS)}; {asked}.")
    given = dict(arguments)
    required, optional, resumable = VERBS[verbs[0]]
    known = {"verb", *required, *optional, *(("resumptionToken",) if resumable else ())}
    for name, value in arguments:
        if name not in known:
            raise BadArgument(f"{verbs[0]} has no argument {name[:100]!r}.")
        if _NOT_XML.search(value) or not value:
            raise BadArgument(f"The argument {name} is empty, or has characters that XML forbids.")
    if len(given) != len(arguments):
        raise BadArgument("An argument is repeated.")
    if "resumptionToken" in given:
        if len(given) > 2:
            raise BadArgument("resumptionToken is an exclusive argument: no other may stand beside it.")
        return given
    for name in required:
        if name not in given:
            raise BadArgument(f"{verbs[0]} needs the argument {name}.")
    if not _NAME.fullmatch(given.get("metadataPrefix", "oai_dc")):
        raise BadArgument("This is no metadataPrefix; ListMetadataFormats lists them.")
    if not _SPEC.fullmatch(given.get("set", "all")):
        raise BadArgument("This is no setSpec; ListSets lists them.")
    times(given)
    return given


def times(given: dict[str, str]) -> tuple[str, str]:
    """`from` and `until` to the second, empty where they are not given (2.7.1, 3.3)."""
    since, until = given.get("from", ""), given.get("until", "")
    try:
        first = wanted_time(since, end=False) if since else ""
        last = wanted_time(until, end=True) if until else ""
    except ValueError:
        raise BadArgument("from and until must be a day, 2024-01-31, or a second, 2024-01-31T09:30:00Z.") from None
    if since and until and len(since) != len(until):
        raise BadArgument("from and until must have the same granularity.")
    if first and last and first > last:
        raise BadArgument("from must not be later than until.")
    return first, last


def format_of(prefix: str) -> str:
    """The name of the format of a metadataPrefix. Raises CannotDisseminateFormat."""
    if prefix not in PREFIXES:
        raise CannotDisseminateFormat(f"There are {', '.join(PREFIXES)} here.")
    return PREFIXES[prefix][2]


def set_token(text: str) -> str:
    version, _, rest = text.partition(",")
    verb, _, after = rest.partition(",")
    if version != TOKEN_VERSION or verb != "ListSets" or not _SPEC.fullmatch(after):
        raise BadResumptionToken("This is no resumptionToken that we gave for this verb.")
    return after
