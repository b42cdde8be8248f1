"""Every kind of page is valid HTML by the Nu checker of the W3C's validator, in every language."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT
from every_page import FRAMED
from flask.testing import FlaskClient
from lxml import html

from publisher.web.languages import LANGUAGES

pytest_plugins = ["web_fixtures"]
CHECKER = ROOT / "tests/node_modules/vnu-jar/build/dist/vnu.jar"


def test_every_template_is_looked_at(every_page: list[tuple[FlaskClient, str]]) -> None:
    """But for those of the static copy of the site, which has tests of its own."""
    used = {name for client, _ in every_page for _, name in client.application.jinja_env.cache}
    known = {path.name for path in (ROOT / "publisher/web/templates").glob("*.html")}
    assert {name for name in known - used if not name.startswith("site_copy")} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_what_it_is(every_page: list[tuple[FlaskClient, str]], language: str) -> None:
    """In a sentence of its own, cut at a word where it is long."""
    for client, path in every_page:
        page = client.get(path, headers={"Accept": "text/html", "Accept-Language": language}).data.decode()
        said = html.document_fromstring(page).xpath("//meta[@name='description']/@content")
        assert len(said) == (path not in FRAMED), path
        assert all(text and text == text.strip() and "~OF~THE~THING" not in text for text in said), path
        if path == "/doc/resource/123404":
            assert said[0].startswith("This inspection of the of the Multi-Agency")
            assert said[0].endswith(" and formed part of…")
            assert len(said[0]) <= 160


@pytest.mark.skipif(
    not (shutil.which("java") and CHECKER.exists()),
    reason="needs java (default-jre-headless) and npm's vnu-jar",
)
def test_every_page_is_valid(every_page: list[tuple[FlaskClient, str]], tmp_path: Path) -> None:
    names = {}
    for number, (client, path) in enumerate(every_page):
        for language in LANGUAGES:
            file = tmp_path / f"{number}-{language}.html"
            file.write_bytes(client.get(path, headers={"Accept": "text/html", "Accept-Language": language}).data)
            names[file.name] = f"{path} ({language})"
    command = ["java", "-jar", str(CHECKER), "--errors-only", "--exit-zero-always", "--format", "json", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    found = json.loads(checked.stderr)["messages"]
    assert [
        (names[row["url"].rpartition("/")[2]], row.get("lastLine"), row["message"], row.get("extract")) for row in found
    ] == []
