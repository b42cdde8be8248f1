"""Every kind of page as axe-core judges it: WCAG 2.2 AA and best practices, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import ROOT, free_port, serving
from every_page import BROKEN, FEW, FRAMED, PAGES, publish_events
from selenium import webdriver
from selenium.webdriver.common.by import By
from test_web_browser import browser, pytestmark

from publisher.settings import Settings

AXE = ROOT / "tests/node_modules/axe-core/axe.min.js"
pytestmark = [pytestmark, pytest.mark.skipif(not AXE.exists(), reason="needs npm's axe-core")]
JUDGE = """
const done = arguments[arguments.length - 1]
document.querySelectorAll('main > * details, main > details').forEach(found => { found.open = true })
axe.run(document, {resultTypes: ['violations']}).then(
  result => done(result.violations.map(rule => [rule.id, rule.help, rule.nodes.slice(0, 3).map(node => node.html)])))
"""


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("axe"), "--window-size=1280,900") as driver:
        driver.set_script_timeout(60)
        yield driver


@pytest.fixture(scope="module")
def addresses(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A page of every kind."""
    folder, port = tmp_path_factory.mktemp("events"), free_port()
    settings = Settings(BASE_URL=f"http://127.0.0.1:{port}", DATA_DIR=folder / "site")
    good, bad = publish_events(settings, folder)
    with serving(settings.DATA_DIR, port, SPARQL_MAX_BYTES=str(FEW)) as eventful:
        yield [*(server + path for path in (*PAGES, *FRAMED, *BROKEN)), *(eventful + path for path in (*good, *bad))]


@pytest.mark.parametrize(("scheme", "width", "language"), [("light", 1280, "en"), ("dark", 320, "de")])
def test_nothing_stands_in_the_way(
    chrome: webdriver.Chrome, addresses: list[str], scheme: str, width: int, language: str
) -> None:
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 700}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    judge = AXE.read_text("utf-8")
    found = {}
    for address in addresses:
        chrome.get(f"{address}{'&' if '?' in address else '?'}lang={language}")
        chrome.execute_script(judge)
        violations = chrome.execute_async_script(JUDGE)
        if violations:
            found[address] = violations
    assert found == {}


def test_what_is_typed_gets_suggestions(chrome: webdriver.Chrome, server: str) -> None:
    chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chrome.get(f"{server}/")
    box = chrome.find_element(By.ID, "q")
    box.send_keys("probat")
    listed = "return [...document.querySelectorAll('#suggestions-q option')].map(option => option.value)"
    for _ in range(50):
        if options := chrome.execute_script(listed):
            break
        chrome.execute_async_script("setTimeout(arguments[0], 100)")
    assert options[0] == "Probation"
    assert box.get_attribute("list") == "suggestions-q"
