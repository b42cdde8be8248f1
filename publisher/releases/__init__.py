"""Releases: how what is published changes (`publication.py`), is compared and mended, and is copied."""

from publisher.releases.copies import backup
from publisher.releases.moves import move
from publisher.releases.prepared import Prepared, pack_data, prepare
from publisher.releases.publication import Publication
from publisher.releases.verification import rebuild, verify

__all__ = [
    "Prepared",
    "Publication",
    "backup",
    "move",
    "pack_data",
    "prepare",
    "rebuild",
    "verify",
]
