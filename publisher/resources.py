"""Finds the files that belong to the program (ontology/, shapes/): inside the package, else beside it in a checkout."""

from __future__ import annotations

import csv
from pathlib import Path

from publisher.errors import ResourceMissing

EXAMPLE_BASE = "https://lib.example/"  # stands in these files for BASE_URL, so that each is valid RDF or JSON by itself

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `ontology` or `shapes`. Raises ResourceMissing."""
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise ResourceMissing(f"The folder {name}/ is missing: install the program again.")


def text(path: str, base: str = EXAMPLE_BASE) -> str:
    """The text of a file such as "ontology/context.jsonld", the site's own base in place of the example's."""
    top, _, rest = path.partition("/")
    try:
        content = (folder(top) / rest).read_text("utf-8")
    except OSError as error:
        raise ResourceMissing(f"{path} cannot be read ({error.strerror}): install the program again.") from None
    return content if base == EXAMPLE_BASE else content.replace(EXAMPLE_BASE, base)


def table(path: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a heading line, cells stripped."""
    rows = csv.DictReader(text(path).splitlines())
    return [{name: (cell or "").strip() for name, cell in row.items()} for row in rows]
