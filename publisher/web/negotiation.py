"""Content negotiation, RFC 9110 section 12.5.1: the best of what there is for what the client accepts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

MOST = 100  # ranges of a header that are looked at; the longest that clients send have some twenty
# a quoted string (RFC 9110 5.6.4), to its end or that of the header, or a separator outside of one
_QUOTED_OR_SEPARATOR = re.compile(r'"(?:[^"\\]|\\.)*+"?|[,;]', re.DOTALL)
_PROFILE = re.compile(r"(?:<([^<>]*)>|([^\s,;<>]+))([^,<]*)")
_WEIGHT = re.compile(r";\s*[qQ]\s*=\s*([^;\s]*)")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")  # more than RFC 9110 12.4.2 allows, since clients send q=.2


@dataclass(frozen=True, slots=True)
class Range:
    """One media range of an Accept header: "text/*" is ("text", "*"). `profiles` are the IRIs of its profile parameter
    (RFC 6906), `parameters` the names and values of all others, which count where a format has parameters of that name:
    a client that asks for text/turtle;charset=utf-8 wants Turtle."""

    type: str
    subtype: str
    quality: float
    profiles: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return "; ".join([f"{self.type}/{self.subtype}", *(f"{name}={text}" for name, text in self.parameters)])

    def specificity(self, media_type: str) -> int:
        """How closely the range names a media type: 3 exactly, 2 by its type, 1 as anything, 0 not at all."""
        type_, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (type_, subtype):
            return 3
        if (self.type, self.subtype) == (type_, "*"):
            return 2
        return 1 if (self.type, self.subtype) == ("*", "*") else 0


ANYTHING = Range("*", "*", 1.0)  # what is accepted where nothing is said that can be understood


def parse(accept: str) -> list[Range]:
    """The ranges of an Accept header, MOST at most. What is malformed is passed over, its weight, too: no client can
    have meant to be refused by it."""
    ranges = []
    for element in islice(_split(accept, ","), MOST):
        media_range, *given = _split(element, ";")
        name = media_range.strip().lower()
        type_, _, subtype = "*/*".partition("/") if name == "*" else name.partition("/")  # java.net.URLConnection's "*"
        if not (_TOKEN.fullmatch(type_) and _TOKEN.fullmatch(subtype)) or (type_ == "*" and subtype != "*"):
            continue
        parameters = {}
        for parameter in given:
            name, _, value = parameter.partition("=")
            parameters[name.strip().lower()] = _unquoted(value.strip())
        weight = _weight(parameters.pop("q", "1"))
        if weight is not None:
            profiles = parameters.pop("profile", "").split()
            ranges.append(Range(type_, subtype, weight, tuple(profiles), tuple(parameters.items())))
    return ranges


def parse_profiles(accept_profile: str) -> list[tuple[str, float]]:
    """The IRIs (or tokens) and weights of an Accept-Profile header, MOST at most."""
    found = []
    for match in islice(_PROFILE.finditer(accept_profile), MOST):
        weight = _weight_in(match[3])
        if weight is not None:
            found.append((match[1] or match[2], weight))
    return found


def parse_codings(accept_encoding: str) -> dict[str, float]:
    """The codings and weights of an Accept-Encoding header (RFC 9110 12.5.3), MOST at most."""
    found = {}
    for element in islice(_split(accept_encoding, ","), MOST):
        weight = _weight_in(element)
        if weight is not None:
            found[element.partition(";")[0].strip().lower()] = weight
    return found


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts between separators that stand outside quoted strings."""
    start = 0
    for match in _QUOTED_OR_SEPARATOR.finditer(text):
        if match[0] == separator:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _unquoted(value: str) -> str:
    """The text of a quoted string, and any other as it is."""
    return re.sub(r"\\(.)", r"\1", value[1:].removesuffix('"'), flags=re.DOTALL) if value[:1] == '"' else value


def _weight_in(element: str) -> float | None:
    found = _WEIGHT.search(element)
    return _weight(found[1]) if found else 1.0


def _weight(value: str) -> float | None:
    """The number of a weight, 1 at most; None for what is no number."""
    return min(float(value), 1.0) if _NUMBER.fullmatch(value) else None


def quality(ranges: Iterable[Range], media_type: str) -> float:
    """The weight of a media type: that of the most specific range that names it (RFC 9110 12.5.1); 0: none does."""
    best = max(ranges, key=lambda item: (item.specificity(media_type), item.quality), default=None)
    return best.quality if best is not None and best.specificity(media_type) else 0.0


def is_named(ranges: Iterable[Range], media_type: str) -> bool:
    """Whether a range names the media type itself. What is called by another name comes after its own name where only
    a wildcard fits: who asks for application/* gets JSON-LD, not application/x-turtle."""
    return any(item.specificity(media_type) > 2 for item in ranges)


def choose(accept: str | None, offers: Sequence[Sequence[str]]) -> tuple[int, str] | None:
    """The index of the best offer and the media type to call it by, or None if none is acceptable.

    Each offer is the media types that it may be called by, its own name first; offers stand in the order in which we
    prefer them where the client does not care. No Accept, or one in which there is no media range, accepts everything:
    what it means cannot be known, and RFC 9110 12.5.1 lets a server disregard it.
    """
    ranges = parse(accept or "") or [ANYTHING]
    candidates = [
        (quality(ranges, media_type), not position or is_named(ranges, media_type), -index, -position, media_type)
        for index, names in enumerate(offers)
        for position, media_type in enumerate(names)
    ]
    weight, _, index, _, media_type = max(candidates)
    return (-index, media_type) if weight > 0 else None
