"""Dumps: everything that one release holds, in one packed file a format, with checksums."""

from publisher.dumps.formats import BY_NAME, DUMPS, chosen
from publisher.dumps.of_site import folder, manifest, present, renew
from publisher.dumps.writing import MANIFEST, SUMS, write

__all__ = ["BY_NAME", "DUMPS", "MANIFEST", "SUMS", "chosen", "folder", "manifest", "present", "renew", "write"]
