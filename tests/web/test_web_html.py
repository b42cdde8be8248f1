"""Every kind of page is valid HTML by the Nu checker of the W3C's validator, in every language."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from every_page import BROKEN, PAGES
from flask.testing import FlaskClient

from publisher.web.languages import LANGUAGES

pytest_plugins = ["web_fixtures"]
CHECKER = ROOT / "tests/node_modules/vnu-jar/build/dist/vnu.jar"


@pytest.mark.skipif(
    not (shutil.which("java") and CHECKER.exists()),
    reason="needs java (default-jre-headless) and npm's vnu-jar",
)
def test_every_page_is_valid(client: FlaskClient, tmp_path: Path) -> None:
    names = {}
    for number, path in enumerate([*PAGES, *BROKEN]):
        for language in LANGUAGES:
            headers = {"Accept": "text/html", "Accept-Language": language}
            response = client.get(path, headers=headers)
            assert response.mimetype == "text/html", path
            assert (response.status_code == 200) == (path not in BROKEN), path
            file = tmp_path / f"{number}-{language}.html"
            file.write_bytes(response.data)
            names[file.name] = f"{path} ({language})"
    command = ["java", "-jar", str(CHECKER), "--errors-only", "--exit-zero-always", "--format", "json", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = json.loads(checked.stderr)["messages"]
    assert [
        (names[row["url"].rpartition("/")[2]], row.get("lastLine"), row["message"], row.get("extract")) for row in found
    ] == []
