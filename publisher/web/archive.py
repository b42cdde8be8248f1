"""Archive: where there may be copies of what records point to, as it was on the day when their source was seen.

Nobody asks the archive whether it has one, so what it is named is the door that leads to the nearest copy: a time gate
of the address (RFC 7089 2.2), not a memento, which would have to exist and to have a time.
"""

from __future__ import annotations

from collections.abc import Iterable

from publisher.crosswalks.signposts import Link
from publisher.settings import Settings


def copy(settings: Settings, url: str, accessed: str) -> str:
    """Where the copy of an address may be that is nearest to a day (ISO 8601); empty if no archive is named or the day
    is not known."""
    if not accessed:
        return ""
    return settings.ARCHIVE_URL.replace("{date}", accessed[:10].replace("-", "")).replace("{url}", url)


def time_gates(settings: Settings, urls: Iterable[str], accessed: str) -> list[Link]:
    """Links from addresses to where their copies may be."""
    pairs = [(url, copy(settings, url, accessed)) for url in urls]
    return [Link(target, "timegate", anchor=url) for url, target in pairs if target]
