"""Settings: defaults < file < environment < command line; what is wrong is said with its name and its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from publisher import settings
from publisher.errors import SettingsError
from publisher.settings import ROWS, Settings, load


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No publisher.toml of the folder in which the tests run is read."""
    monkeypatch.chdir(tmp_path)


def toml(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "site.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_each_place_overrides_the_one_before(tmp_path: Path) -> None:
    path = toml(tmp_path, 'TITLE = "file"\nPAGE_SIZE = 30\nPORT = 81\n')
    environ = {"PUBLISHER_PAGE_SIZE": "40", "PUBLISHER_PORT": "82", "HOME": "/", "PUBLISHERS": "x"}
    found = load(path, environ, PORT=83, HOST=None)
    assert (found.HOST, found.TITLE, found.PAGE_SIZE, found.PORT) == ("127.0.0.1", "file", 40, 83)
    assert load(None, {}) == Settings()


def test_the_file_is_the_one_named_else_that_of_the_environment_else_that_of_the_folder(tmp_path: Path) -> None:
    Path("publisher.toml").write_text('TITLE = "folder"')
    (tmp_path / "environment.toml").write_text('TITLE = "environment"')
    named = toml(tmp_path, 'TITLE = "named"')
    environ = {"PUBLISHER_CONFIG": str(tmp_path / "environment.toml")}
    assert load(None, {}).TITLE == "folder"
    assert load(None, environ).TITLE == "environment"
    assert load(named, environ).TITLE == "named"
    assert load(None, {"PUBLISHER_CONFIG": ""}).TITLE == "folder"


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("PORT", "8080", 8080),
        ("PORT", 8080, 8080),
        ("SPARQL_TIMEOUT", "2.5", 2.5),
        ("SPARQL_TIMEOUT", 3, 3.0),
        ("DATA_DIR", "a/b", Path("a/b")),
        ("SPARQL_SERVICE", "http://a/ http://b/", ("http://a/", "http://b/")),
        ("SPARQL_SERVICE", ["http://a/"], ("http://a/",)),
        ("TITLE", "Übung", "Übung"),
        ("LICENSE", "", ""),
        ("WORKERS", 0, 0),
    ],
)
def test_values_get_the_type_of_their_row(name: str, given: Any, expected: Any) -> None:
    found = getattr(load(None, {}, **{name: given}), name)
    assert (found, type(found)) == (expected, type(expected) if name != "DATA_DIR" else type(Path()))


@pytest.mark.parametrize(("name", "nearest"), [("TITEL", "TITLE"), ("PAGESIZE", "PAGE_SIZE"), ("title", "TITLE")])
def test_an_unknown_name_is_an_error_in_each_place_and_the_nearest_is_named(
    tmp_path: Path, name: str, nearest: str
) -> None:
    path = toml(tmp_path, f'{name} = "x"')
    said = f"there is no setting {name}; the nearest is {nearest}."
    for place, origin in (
        (lambda: load(path, {}), str(path)),
        (lambda: load(None, {f"PUBLISHER_{name}": "x"}), f"the environment (PUBLISHER_{name})"),
        (lambda: load(None, {}, **{name: "x"}), "the command line"),
    ):
        with pytest.raises(SettingsError) as error:
            place()
        assert str(error.value) == f"{origin}: {said}"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "many", "PORT must be a whole number, not 'many'."),
        ("PORT", True, "PORT must be a whole number, not True."),
        ("PORT", "1.5", "PORT must be a whole number, not '1.5'."),
        ("PORT", 1.5, "PORT must be a whole number, not 1.5."),
        ("SPARQL_TIMEOUT", "soon", "SPARQL_TIMEOUT must be a number, not 'soon'."),
        ("SPARQL_TIMEOUT", "nan", "SPARQL_TIMEOUT must be a number, not 'nan'."),
        ("SPARQL_TIMEOUT", "inf", "SPARQL_TIMEOUT must be a number, not 'inf'."),
        ("SPARQL_SERVICE", 5, "SPARQL_SERVICE must be a list, not 5."),
        ("TITLE", 5, "TITLE must be a text, not 5."),
        ("TITLE", ["a"], "TITLE must be a text, not ['a']."),
        ("DATA_DIR", 5, "DATA_DIR must be a text, not 5."),
    ],
)
def test_wrong_types(name: str, value: Any, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, {}, **{name: value})
    assert str(error.value) == f"the command line: {message}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASE_URL", "ftp://lib.example"),
        ("BASE_URL", "lib.example"),
        ("BASE_URL", "http://"),
        ("BASE_URL", "http://lib.example/?a"),
        ("BASE_URL", "http://lib.example/#a"),
        ("BASE_URL", "http://lib.example/a b"),
        ("BASE_URL", "http://bücherei.example"),
        ("BASE_URL", 'http://lib.example/"'),
        ("LICENSE", "free for all"),
        ("LICENSE", "http://a b/"),
        ("LICENSE", "http://a/<b>"),
        ("ADMIN_EMAIL", "admin"),
        ("ADMIN_EMAIL", "admin@localhost"),
        ("ADMIN_EMAIL", "a b@example.org"),
        ("LANGUAGE", "english language"),
        ("STORE", "elsewhere"),
        ("PORT", 0),
        ("PORT", 65536),
        ("PAGE_SIZE", 0),
        ("WORKERS", -1),
        ("KEEP_RELEASES", 0),
        ("SPARQL_TIMEOUT", 0),
        ("SPARQL_TIMEOUT", -1),
    ],
)
def test_impossible_values(name: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must "):
        load(None, {}, **{name: value})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"TITLE = ", "the settings file is not valid TOML"),
        (b"TITLE = '\xff'", "the settings file is not valid TOML"),
        (None, "the settings file cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, text: bytes | None, message: str) -> None:
    path = toml(tmp_path, text) if text is not None else tmp_path / "absent.toml"
    with pytest.raises(SettingsError, match=message) as error:
        load(path, {})
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.parametrize("given", ["https://lib.example", "https://lib.example/", "https://lib.example//"])
def test_the_base_ends_with_one_slash(given: str) -> None:
    assert load(None, {}, BASE_URL=given).base == "https://lib.example/"


def test_every_setting_is_explained_and_its_default_is_possible() -> None:
    for row in ROWS.values():
        assert row.name == row.name.upper()
        assert row.metadata["help"].endswith(".")
    settings._check(Settings())


def test_nothing_is_read_at_import(tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").write_text("this is no TOML")
    result = subprocess.run(
        [sys.executable, "-c", "import publisher.settings, publisher.pipeline, publisher.cli"],
        cwd=tmp_path,
        env={"PUBLISHER_NO_SUCH_SETTING": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, "")
