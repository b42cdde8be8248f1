"""Releases: how what is published changes, reaches a remote store, is compared and mended, moved and copied."""

from publisher.releases.copies import backup
from publisher.releases.delivery import deliver
from publisher.releases.moves import move
from publisher.releases.prepared import Prepared, Stamp, prepare, prepare_resource
from publisher.releases.publication import Publication
from publisher.releases.rebasing import rebase
from publisher.releases.restoration import restore
from publisher.releases.verification import differences, rebuild, repair, verify
from publisher.releases.works import put_work

__all__ = [
    "Prepared",
    "Publication",
    "Stamp",
    "backup",
    "deliver",
    "differences",
    "move",
    "prepare",
    "prepare_resource",
    "put_work",
    "rebase",
    "rebuild",
    "repair",
    "restore",
    "verify",
]
