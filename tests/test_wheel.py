"""The wheel holds everything that the program needs, and runs from an empty environment."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, SEED


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_code_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for top in ("publisher", "ontology", "shapes"):
        for path in (ROOT / top).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                inside = path.relative_to(ROOT).as_posix()
                assert (inside if top == "publisher" else f"publisher/{inside}") in names


def test_the_wheel_runs_from_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    install = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel],
        capture_output=True,
        text=True,
    )
    if install.returncode != 0:
        pytest.skip(f"the dependencies cannot be installed here: {install.stderr.strip().splitlines()[-1]}")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PUBLISHER_", "PYTHON"))}

    def run(*arguments: str) -> str:
        command = [environment / "bin" / "publisher", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout

    assert "1 published" in run("load", str(SEED))
    assert "Resources: 1" in run("status")
    assert run("query", "ASK { ?s a <http://purl.org/ontology/bibo/Report> }").strip() == "yes"
    code = "from publisher.settings import Settings; from publisher.web import create_app; create_app(Settings())"
    subprocess.run([python, "-c", code], cwd=tmp_path, env=clean, check=True)
