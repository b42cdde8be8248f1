"""Each module imports only what stands above it on the road; each outside library has its one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "publisher"
ROAD = (  # noqa: SIM905
    "message errors packing collector allocator settings resources namespaces addresses profiles record readers "
    "mapping coverage duplicates validation stores catalog ready history mentions tally syntaxes view crosswalks "
    "search card formats items moments names dumps reports releases intake judgement pipeline authorities query "
    "harvest use web cli __main__"
).split()
ONLY_IN = {"flask": "web", "werkzeug": "web", "granian": "web", "click": "cli", "rich": "cli", "pyshacl": "validation"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def stage(path: Path) -> str:
    """The word of the road that a module belongs to; "" for the package itself."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_lead_upwards(path: Path) -> None:
    here = stage(path)
    assert not here or here in ROAD, f"{here} has no place on the road"
    for name in imports(path):
        top, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if top == "publisher" and other in ROAD:
            assert here, f"{path.name} imports {name}"
            assert ROAD.index(other) <= ROAD.index(here), f"{here} imports {other}, which stands below it"
        assert ONLY_IN.get(top, here) == here, f"{here} imports {top}, which has its place in {ONLY_IN.get(top)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_addresses_knows_where_things_are(path: Path) -> None:
    """No other module makes such a path; a rule for paths ("/id/<kind>/…") and a word of help are none."""
    if path.name != "addresses.py":
        made = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            # the path in a string of its own or at its start, as it is when a path is put together
            if re.match(r"/?(id|doc)/(?!<)", node.value)
        ]
        assert made == []
