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


@dataclass(frozen=True, slots=True)
class Range:
    """One media range of an Accept header: "text/*" is ("text", "*"). `profiles` are the IRIs of its profile parameter
    (RFC 6906). Parameters other than these are left out, since a client that asks for text/turtle;charset=utf-8 wants
    Turtle."""

    type: str
    subtype: str
    quality: float
    profiles: tuple[str, ...] = ()

    def specificity(self, media_type: str) -> int:
        """How closely the range names a media type: 3 exactly, 2 by its type, 1 as anything, 0 not at all."""
        type_, _, subtype = media_type.partition("/")
        if (self.type, self.subtype) == (type_, subtype):
            return 3
        if (self.type, self.subtype) == (type_, "*"):
            return 2
        return 1 if (self.type, self.subtype) == ("*", "*") else 0


def parse(accept: str) -> list[Range]:
    """The ranges of an Accept header, MOST at most; what is no media range is passed over."""
    ranges = []
    for element in islice(_split(accept, ","), MOST):
        media_range, *parameters = _split(element, ";")
        type_, slash, subtype = media_range.strip().lower().partition("/")
        if media_range.strip() == "*":  # what java.net.URLConnection sends
            type_, slash, subtype = "*", "/", "*"
        if not slash or not type_ or not subtype:
            continue
        weight, profiles = 1.0, ""
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                weight = _weight(value.strip())
            elif name.strip().lower() == "profile":
                profiles = value.strip().strip('"')
        ranges.append(Range(type_, subtype, weight, tuple(profiles.split())))
    return ranges


def parse_profiles(accept_profile: str) -> list[tuple[str, float]]:
    """The IRIs (or tokens) and weights of an Accept-Profile header, MOST at most."""
    found = []
    for match in islice(_PROFILE.finditer(accept_profile), MOST):
        weight = _WEIGHT.search(match[3])
        found.append((match[1] or match[2], _weight(weight[1]) if weight else 1.0))
    return found


def parse_codings(accept_encoding: str) -> dict[str, float]:
    """The codings and weights of an Accept-Encoding header (RFC 9110 12.5.3), MOST at most."""
    found = {}
    for element in islice(_split(accept_encoding, ","), MOST):
        name = element.partition(";")[0].strip().lower()
        weight = _WEIGHT.search(element)
        found[name] = _weight(weight[1]) if weight else 1.0
    return found


def _split(text: str, separator: str) -> Iterator[str]:
    """The parts between separators that stand outside quoted strings."""
    start = 0
    for match in _QUOTED_OR_SEPARATOR.finditer(text):
        if match[0] == separator:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _weight(value: str) -> float:
    try:
        weight = float(value)
    except ValueError:
        return 0.0  # a weight that is none asks for nothing
    return min(weight, 1.0) if weight >= 0 else 0.0  # also for "nan", which compares with nothing


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
    prefer them where the client does not care. No Accept, or an empty one, accepts everything.
    """
    if not (accept or "").strip(" \t,"):  # an empty list has commas, too (RFC 9110 5.6.1)
        return 0, offers[0][0]
    ranges = parse(accept or "")
    candidates = [
        (quality(ranges, media_type), not position or is_named(ranges, media_type), -index, -position, media_type)
        for index, names in enumerate(offers)
        for position, media_type in enumerate(names)
    ]
    weight, _, index, _, media_type = max(candidates)
    return (-index, media_type) if weight > 0 else None
