"""Resolution: which representation of a description a request asks for, by media type and by profile.

Media types go by RFC 9110 section 12.5.1, profiles by W3C Content Negotiation by Profile: an Accept-Profile header, a
profile parameter in Accept, or `_profile` and `_mediatype` in the address, which outweigh the headers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from publisher.errors import UnknownStyle
from publisher.formats import Format, formats_of
from publisher.profiles import Profile
from publisher.web.negotiation import ANYTHING, Range, is_named, parse, parse_profiles

_KEPT = (
    1000  # characters of the headers of a request whose choice is remembered; those of all known clients are shorter
)


class Asked(NamedTuple):
    """What a request says of the representation that it wants; all but the headers comes from its address."""

    accept: str = ""
    accept_profile: str = ""
    profile: str = ""
    media_type: str = ""
    style: str = ""
    locale: str = ""


class Score(NamedTuple):
    """How well a representation, called by one of its media types, fits what is asked: 0 is not at all."""

    format: Format
    media_type: str
    by_media_type: float
    by_profile: float
    by_name: bool = True  # and not by a wildcard that fits one of its other names

    @property
    def total(self) -> float:
        return self.by_media_type * self.by_profile


class Resolver:
    """Chooses for one site; the same question is answered from memory."""

    def __init__(self, profiles: dict[str, Profile]) -> None:
        self.profiles = profiles
        self.tokens = {
            name: token for token, profile in profiles.items() for name in (token, profile.iri, *profile.others)
        }
        self._remembered = lru_cache(4096)(self._choose)

    def choose(self, kind: str, asked: Asked) -> tuple[Format, str] | None:
        """The format, and the media type to call it by; None if nothing that there is will do."""
        if sum(map(len, asked)) > _KEPT:
            return self._choose(kind, asked)
        return self._remembered(kind, asked)

    def _choose(self, kind: str, asked: Asked) -> tuple[Format, str] | None:
        scores = self.scores(kind, asked)
        # of equals the first; scores stand in the order in which we prefer them where the client does not care
        best = max(scores, key=lambda score: (score.total, score.by_name), default=None)
        if best is None:
            return None
        if best.total <= 0:
            if asked.profile or asked.media_type:  # an address that names what it wants outweighs any header
                return best.format, best.media_type
            best = max(scores, key=lambda score: score.by_media_type)  # a profile is a wish
        return (best.format, best.media_type) if best.by_media_type > 0 else None

    def fault(self, kind: str, asked: Asked) -> UnknownStyle | None:
        """What is wrong with the parameters of a format that was asked for by its name."""
        for offer in formats_of(kind):
            for item in parse(asked.accept) if offer.parameters else ():
                if item.specificity(offer.media_type) == 3:
                    try:
                        _meant(offer, item, asked)
                    except UnknownStyle as error:
                        return error
        return None

    def scores(self, kind: str, asked: Asked) -> list[Score]:
        """All that the address leaves to choose from."""
        ranges = parse(asked.accept) or [ANYTHING]
        weights = self._weights(asked.accept_profile)
        wanted = [token.partition(";")[0].strip() for token in asked.profile.split(",") if token.strip()]
        tokens = [self.tokens[name] for name in wanted if name in self.tokens]
        media_type = asked.media_type.strip().lower().replace(" ", "+")  # a plus sign in an address is a space
        found = []
        for offer in formats_of(kind):
            if wanted and offer.profile not in tokens[:1]:
                continue
            for name in (offer.media_type, *offer.aliases):
                if media_type in (name, offer.extension) or (not media_type and (offer.negotiated or wanted)):
                    by_profile = weights.get(offer.profile, 0.0 if any(weights.values()) else 1.0)
                    by_name = name == offer.media_type or is_named(ranges, name)
                    for each, may_mean in _variants(offer, ranges, asked):
                        called = each.media_type if each.variant else name
                        found.append(Score(each, called, self._quality(may_mean, each, name), by_profile, by_name))
        return found

    def _weights(self, accept_profile: str) -> dict[str, float]:
        """The weights of our profiles in an Accept-Profile header; those that we do not know count for nothing."""
        asked = parse_profiles(accept_profile) if accept_profile else []
        return {self.tokens[name]: weight for name, weight in reversed(asked) if name in self.tokens}

    def _quality(self, ranges: Sequence[Range], offer: Format, media_type: str) -> float:
        """The weight of the range that names a representation most closely. One with a profile that we know names
        none of another profile, and is the closest; profiles that we do not know are passed over."""
        best = (0, 0.0)
        for item in ranges:
            closeness = item.specificity(media_type)
            known = [self.tokens[name] for name in item.profiles if name in self.tokens]
            if closeness and (not known or offer.profile in known):
                best = max(best, (closeness + bool(known), item.quality))
        return best[1]


def _variants(offer: Format, ranges: Sequence[Range], asked: Asked) -> Iterator[tuple[Format, Sequence[Range]]]:
    """A format as wildcards mean it and as each range does that names it, with the ranges that may mean this one."""
    if not offer.parameters:
        yield offer, ranges
        return
    meant = [(item, _varied(offer, item, asked)) for item in ranges if item.specificity(offer.media_type) == 3]
    others = [item for item in ranges if item.specificity(offer.media_type) < 3]
    for variant in dict.fromkeys([_varied(offer, ANYTHING, asked), *(found for _, found in meant)]):
        if variant is not None:
            yield variant, [*others, *(item for item, found in meant if found == variant)]


def _varied(offer: Format, item: Range, asked: Asked) -> Format | None:
    try:
        return _meant(offer, item, asked)
    except UnknownStyle:
        return None


def _meant(offer: Format, item: Range, asked: Asked) -> Format:
    """The variant that a range means; the address outweighs it. Raises UnknownStyle."""
    given = dict(item.parameters) | {name: text for name in offer.parameters if (text := getattr(asked, name))}
    return offer.varied(given)
