"""The SPARQL editor: YASGUI in a real browser, on our page and on a page of another origin."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import ROOT
from flask.testing import FlaskClient
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from test_web_browser import CHROMIUM, DRIVER, browser, complaints, requested

from publisher import namespaces
from publisher.web.policy import POLICY

pytest_plugins = ["web_fixtures"]
YASGUI = ROOT / "publisher" / "web" / "static" / "yasgui"
needs_browser = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason="needs chromium and chromedriver (Debian: chromium-driver)"
)
needs_yasgui = pytest.mark.skipif(
    not (YASGUI / "yasgui.min.js").is_file(), reason="needs YASGUI, which the build could not bring from npm"
)


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("chrome"), "--window-size=1280,900") as driver:
        yield driver


def rows(driver: webdriver.Chrome) -> list[str]:
    """The rows that YASGUI shows, when it shows some."""
    found = WebDriverWait(driver, 20).until(
        lambda waiting: waiting.find_elements(By.CSS_SELECTOR, ".yasr_results tbody tr")
    )
    return [row.text for row in found]


@needs_browser
@needs_yasgui
def test_examples_run_in_the_editor(chrome: webdriver.Chrome, server: str) -> None:
    requested(chrome)
    chrome.get(f"{server}/sparql")
    assert not chrome.find_element(By.ID, "plain").is_displayed()
    chrome.find_element(By.LINK_TEXT, "Records with a keyword").click()
    assert f"{server}/id/resource/" in rows(chrome)[0]
    editor = chrome.find_element(By.CSS_SELECTOR, ".CodeMirror")
    assert '"Probation"@en' in editor.text
    chrome.execute_script("yasgui.getTab().setQuery('PREFIX dcte'); const e = yasgui.getTab().getYasqe(); e.focus()")
    chrome.execute_script("const e = yasgui.getTab().getYasqe(); e.setCursor(0, 11); e.autocomplete()")
    hint = WebDriverWait(chrome, 10).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".CodeMirror-hint"))
    assert hint[0].text == "dcterms: <http://purl.org/dc/terms/>"
    assert [url for url in requested(chrome) if not url.startswith((server, "blob:"))] == []
    assert complaints(chrome) == []


@needs_browser
@needs_yasgui
def test_a_shared_link_opens_its_query(chrome: webdriver.Chrome, server: str) -> None:
    chrome.get("about:blank")
    chrome.get(f"{server}/sparql#query={quote('SELECT ?shared { ?shared ?p ?o } LIMIT 1')}&endpoint={server}/sparql")
    WebDriverWait(chrome, 10).until(lambda d: "?shared" in d.find_element(By.CSS_SELECTOR, ".CodeMirror").text)


@needs_browser
def test_without_javascript_the_form_gives_a_table(server: str, tmp_path: Path) -> None:
    with browser(tmp_path / "profile", "--blink-settings=scriptEnabled=false") as driver:
        driver.get(f"{server}/sparql")
        assert driver.find_element(By.ID, "plain").is_displayed()
        driver.find_element(By.XPATH, "//button[text()='Run']").click()
        # as long as the next page is on its way
        wait = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])
        wait.until(lambda waiting: "rows" in waiting.find_element(By.CSS_SELECTOR, "[role=status]").text)
        driver.find_element(By.CSS_SELECTOR, "td a").click()
        wait.until(lambda waiting: waiting.current_url.startswith(f"{server}/doc/resource/"))


@needs_browser
@needs_yasgui
def test_yasgui_of_another_origin(chrome: webdriver.Chrome, server: str, tmp_path: Path) -> None:
    for name in ("yasgui.min.js", "yasgui.min.css"):
        (tmp_path / name).write_bytes((YASGUI / name).read_bytes())
    (tmp_path / "index.html").write_text(
        f"""<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">
        <link rel="stylesheet" href="yasgui.min.css">
        <div id="place"></div><script src="yasgui.min.js"></script><script>
        Yasgui.Yasqe.defaults.autocompleters = [];
        const yasgui = new Yasgui(document.getElementById("place"),
            {{requestConfig: {{endpoint: "{server}/sparql"}}, copyEndpointOnNewTab: true}});
        yasgui.getTab().setQuery("SELECT ?t {{ ?r <http://purl.org/dc/terms/title> ?t }} LIMIT 3");
        yasgui.getTab().query();</script>""",
        "utf-8",
    )
    handler = partial(_Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        try:
            complaints(chrome)
            chrome.get(f"http://127.0.0.1:{elsewhere.server_port}/")
            assert len(rows(chrome)) == 3
            assert complaints(chrome) == []
        finally:
            elsewhere.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def test_the_policy_is_wider_on_this_page_only(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"})
    assert page.headers["Content-Security-Policy"] == POLICY.replace(
        "style-src 'self'", "style-src 'self' 'unsafe-inline'"
    )
    for address in ("/", "/sparql?query=ASK%20%7B%7D", "/sparql/examples/years", "/static/sparql.js"):
        assert client.get(address).headers["Content-Security-Policy"] == POLICY


def test_the_terms_to_complete(client: FlaskClient) -> None:
    response = client.get("/sparql/vocabulary.json")
    found = response.json
    assert found["prefixes"] == {**namespaces.namespaces(), "pub": "https://lib.example/ontology#"}
    assert "http://purl.org/ontology/bibo/Report" in found["classes"]
    assert {"http://purl.org/dc/terms/title", "https://lib.example/ontology#matches"} <= set(found["properties"])
    again = client.get("/sparql/vocabulary.json", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
