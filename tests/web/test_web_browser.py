"""The pages in a real browser: a walk through the site, without JavaScript, on a small screen, and with keys only."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from every_page import BROKEN, PAGES
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason="needs chromium and chromedriver (Debian: chromium-driver)"
)
QUIET = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"]
ALL = [*PAGES, *BROKEN]


@contextmanager
def browser(folder: Path, *arguments: str) -> Iterator[webdriver.Chrome]:
    """A browser with a profile of its own that remembers what it asked for and complained of."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*QUIET, f"--user-data-dir={folder}", *arguments):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with browser(tmp_path_factory.mktemp("chrome"), "--window-size=1280,900") as driver:
        yield driver


def follow(driver: webdriver.Chrome, act: Callable[[], Any]) -> None:
    """Does what leads to another page and waits until that page is there; a click returns before. The page that is left
    is marked, each time with another mark, since going back may bring a page with its old one."""
    mark = time.monotonic_ns()
    driver.execute_script("window.mark = arguments[0]", str(mark))
    act()
    arrived = "return window.mark !== arguments[0] && document.readyState === 'complete'"
    wait = WebDriverWait(driver, 20, ignored_exceptions=[WebDriverException])  # as long as there is no page at all
    wait.until(lambda waiting: waiting.execute_script(arrived, str(mark)))


def requested(driver: webdriver.Chrome) -> list[str]:
    """The addresses that the browser asked others for since it was last looked at; its own pages do not count."""
    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return [url for url in found if not url.startswith(("chrome:", "chrome-untrusted:", "data:", "about:"))]


def complaints(driver: webdriver.Chrome) -> list[Any]:
    return [entry for entry in driver.get_log("browser") if entry["level"] != "INFO"]


def test_a_walk_through_the_site(chrome: webdriver.Chrome, server: str) -> None:
    """Home, search, record, author, and back."""
    requested(chrome)
    chrome.get(f"{server}/")
    box = chrome.find_element(By.NAME, "q")
    follow(chrome, lambda: box.send_keys("agency collaboration", Keys.ENTER))
    assert "1 result found" in chrome.find_element(By.CSS_SELECTOR, "[role=status]").text
    assert chrome.find_element(By.NAME, "q").get_attribute("value") == "agency collaboration"
    follow(chrome, chrome.find_element(By.PARTIAL_LINK_TEXT, "Putting the Pieces Together").click)
    assert "Putting the Pieces Together" in chrome.find_element(By.TAG_NAME, "h1").text
    record = chrome.current_url
    assert record == f"{server}/doc/resource/123404"
    follow(chrome, chrome.find_element(By.LINK_TEXT, "Great Britain: HMI Probation").click)
    assert chrome.find_element(By.TAG_NAME, "h1").text == "HMI Probation"
    follow(chrome, chrome.find_element(By.PARTIAL_LINK_TEXT, "Putting the Pieces Together").click)
    assert chrome.current_url == record
    follow(chrome, chrome.back)
    follow(chrome, chrome.back)
    assert chrome.current_url == record
    follow(chrome, chrome.find_element(By.PARTIAL_LINK_TEXT, "/id/resource/123404").click)
    assert chrome.current_url == record
    assert [url for url in requested(chrome) if not url.startswith(server)] == []
    assert complaints(chrome) == []


def test_no_page_complains_or_asks_elsewhere(chrome: webdriver.Chrome, server: str) -> None:
    requested(chrome), complaints(chrome)
    for path in ALL:
        chrome.get(server + path)
        if path != "/sparql":  # where YASGUI brings its own
            assert chrome.execute_script("return document.styleSheets.length") == 1
        assert chrome.execute_script("return document.styleSheets[0].cssRules.length") > 50
        assert len(complaints(chrome)) == (path in BROKEN), path  # the browser notes an error status
    assert [url for url in requested(chrome) if not url.startswith(server)] == []


def test_the_fields_of_the_form(chrome: webdriver.Chrome, server: str) -> None:
    chrome.get(f"{server}/")
    chrome.find_element(By.ID, "f-shelf_number").send_keys("123404")
    follow(chrome, lambda: chrome.find_element(By.ID, "f-year").send_keys("2005-2015", Keys.ENTER))
    assert "1 result found" in chrome.find_element(By.CSS_SELECTOR, "[role=status]").text
    assert chrome.find_element(By.ID, "f-year").get_attribute("value") == "2005-2015"
    # the form is folded over results, which are what one wants to see, and open where there is something to change
    assert not chrome.find_element(By.ID, "f-year").is_displayed()
    chrome.get(f"{server}/search?year=1700")
    assert chrome.find_element(By.ID, "f-year").is_displayed()


def test_the_keyboard_is_enough(chrome: webdriver.Chrome, server: str) -> None:
    chrome.get(f"{server}/doc/resource/123404")
    seen = []
    for _ in range(12):
        chrome.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(chrome.switch_to.active_element.text)
        outline = chrome.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", seen
    assert seen[0] == "Skip to content"
    assert {"Search", "Open the document", "Great Britain: HMI Probation"} < set(seen)


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_screen(chrome: webdriver.Chrome, server: str, width: int) -> None:
    """WCAG 2.2, 1.4.10: no scrolling in two directions at 320 px."""
    metrics = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": width < 700}
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for path in ALL:
            chrome.get(server + path)
            chrome.execute_script("document.querySelectorAll('details').forEach(found => { found.open = true })")
            wide, screen = chrome.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
            assert wide <= width == screen, path
    finally:
        chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_targets_are_large_enough(chrome: webdriver.Chrome, server: str) -> None:
    """WCAG 2.2, 2.5.8: a button or field is 24 by 24 px at least; links in text are exempt."""
    for path in ALL:
        chrome.get(server + path)
        sizes = chrome.execute_script(
            "return [...document.querySelectorAll('button, input:not([type=hidden]), textarea, summary, nav a')]"
            ".filter(found => found.checkVisibility() && !found.closest('#editor'))"
            ".map(found => found.getBoundingClientRect()).map(box => Math.min(box.width, box.height))"
        )
        assert min(sizes) >= 24, path


def test_without_javascript(tmp_path: Path, server: str) -> None:
    with browser(tmp_path / "profile", "--blink-settings=scriptEnabled=false") as driver:
        driver.get(f"{server}/")
        follow(driver, lambda: driver.find_element(By.NAME, "q").send_keys("probation", Keys.ENTER))
        assert "results found" in driver.find_element(By.CSS_SELECTOR, "[role=status]").text
        follow(driver, driver.find_element(By.LINK_TEXT, "newest first").click)
        follow(driver, driver.find_element(By.CSS_SELECTOR, ".results h3 a").click)
        summary = driver.find_element(By.XPATH, "//summary[text()='About this description']")
        assert not driver.find_element(By.XPATH, "//dt[text()='First published']").is_displayed()
        summary.click()
        assert driver.find_element(By.XPATH, "//dt[text()='First published']").is_displayed()
        follow(driver, driver.find_element(By.CSS_SELECTOR, "dd a[href*=concept]").click)
        assert "Keyword" in driver.find_element(By.CSS_SELECTOR, ".kind").text


def test_dark_and_light_can_be_read(chrome: webdriver.Chrome, server: str) -> None:
    """WCAG 2.2, 1.4.3: text stands out from its ground by 4.5 to 1 at least."""
    for scheme in ("light", "dark"):
        features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
        for path in ("/", "/search?q=probation", "/doc/concept/probation"):
            chrome.get(server + path)
            for found in chrome.execute_script(COLOURS):
                assert contrast(found["ink"], found["paper"]) >= 4.5, (scheme, path, found)
    chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


COLOURS = """
return [...document.querySelectorAll('body, a, p, dt, dd, h1, button, summary, .byline, .summary, .kind, .hint, kbd')]
  .filter(found => found.checkVisibility() && found.textContent.trim()).map(found => {
    let ground = found
    while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement
    return {
      what: found.outerHTML.slice(0, 60),
      ink: getComputedStyle(found).color.match(/[0-9]+/g).map(Number),
      paper: getComputedStyle(ground).backgroundColor.match(/[0-9]+/g).map(Number),
    }
  })
"""


def contrast(first: list[int], second: list[int]) -> float:
    """The contrast ratio of two colours, by WCAG 2.2."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: list[int]) -> float:
    """Relative luminance, by WCAG 2.2."""
    parts = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour[:3]]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))
