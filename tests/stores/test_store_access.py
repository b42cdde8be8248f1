"""Stores that ask for a name and password, or for a token: real ones, behind nginx that lets nobody else in."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator

import pytest
import requests
from click.testing import CliRunner
from conftest import SEED, free_port, nginx, serving

from publisher import pipeline, releases
from publisher.cli import main
from publisher.settings import ROWS, Settings
from publisher.stores import open_store

pytest_plugins = ["store_fixtures"]

Make = Callable[..., Settings]
USER, PASSWORD, TOKEN = "librarian", "sésame 100 % open", "tok-8f3a.secret_sign"
CREDENTIALS = {
    "basic": {"STORE_USER": USER, "STORE_PASSWORD": PASSWORD},
    "bearer": {"STORE_TOKEN": TOKEN},
}
WRONG = {
    "basic": {"STORE_USER": USER, "STORE_PASSWORD": "guessed-wrongly"},
    "bearer": {"STORE_TOKEN": "guessed-wrongly"},
}
ENCODED = b64encode(f"{USER}:{PASSWORD}".encode()).decode()  # as basic authentication writes them
SECRETS = (PASSWORD, TOKEN, "guessed-wrongly", ENCODED)
GUARD = """
server {{
  listen 127.0.0.1:{port};
  client_max_body_size 0;
  location /basic/ {{
    auth_basic "store"; auth_basic_user_file {users};
    proxy_set_header Authorization ""; proxy_pass {store}/;
  }}
  location /bearer/ {{
    if ($http_authorization != "Bearer {token}") {{ return 401 "no\\n"; }}
    proxy_set_header Authorization ""; proxy_pass {store}/;
  }}
}}
"""


@pytest.fixture(scope="module")
def guarded(oxigraph_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """nginx before Oxigraph's server; gives its address."""
    folder, port = tmp_path_factory.mktemp("guard"), free_port()
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", "utf-8")
    configuration = GUARD.format(port=port, users=folder / "users", store=oxigraph_url, token=TOKEN)
    with nginx(folder, configuration, port) as address:
        yield address


def urls(guarded: str, way: str, writing: str) -> dict[str, str]:
    store = f"{guarded}/{way}"
    written = {"update": "STORE_UPDATE_URL", "store": "STORE_GRAPH_URL"}[writing]
    return {"STORE": f"{store}/query", written: f"{store}/{writing}", "STORE_QUADS_URL": f"{store}/store"}


@pytest.mark.parametrize("writing", ["update", "store"])
@pytest.mark.parametrize("way", CREDENTIALS)
def test_who_has_the_key_is_let_in(
    make_settings: Make, guarded: str, monkeypatch: pytest.MonkeyPatch, way: str, writing: str
) -> None:
    monkeypatch.setattr("publisher.releases.delivery._MANY", 1)  # so that N-Quads are sent, too
    settings = make_settings("oxigraph", **urls(guarded, way, writing), **CREDENTIALS[way])
    assert pipeline.load(settings, [SEED]).behind == ""
    pipeline.withdraw(settings, ["123404"])
    assert releases.verify(settings) == []
    open_store(settings).check(1)


def test_no_key_is_told_to_anybody(make_settings: Make, guarded: str) -> None:
    """Neither one that is let in nor one that is not: by no command, and by no answer or log of the server."""
    told: list[str] = []
    served = 0
    for way, given in (*CREDENTIALS.items(), *WRONG.items()):
        settings = make_settings("oxigraph", **urls(guarded, way, "update"), **given)
        names = [name for name, row in ROWS.items() if getattr(settings, name) != row.default]
        for command in (["settings"], ["load", str(SEED)], ["status"], ["verify"], ["query", "ASK {}"]):
            variables = {f"PUBLISHER_{name}": str(getattr(settings, name)) for name in names}
            told.append(CliRunner().invoke(main, command, env=variables).output)
            assert "Traceback" not in told[-1]
        if (way == "basic") != (
            given is CREDENTIALS[way]
        ):  # one server that is let in, and one that is not, are enough
            continue
        served += 1
        names = ["BASE_URL", "STORE", *given]
        with serving(settings.DATA_DIR, free_port(), **{name: str(getattr(settings, name)) for name in names}) as base:
            for path in ("/sparql?query=ASK%7B%7D", "/health", "/metrics", "/doc/resource/123404", "/sparql"):
                response = requests.get(base + path, headers={"Accept": "text/turtle, */*;q=0.1"}, timeout=20)
                told.append(f"{path} {response.status_code} {response.headers} {response.text}")
        told.append((settings.DATA_DIR / "server.log").read_text("utf-8"))
    everything = "\n".join(told)
    for secret in SECRETS:
        assert secret not in everything
    assert "HTTP status 401 (look at STORE_USER, STORE_PASSWORD, STORE_TOKEN, STORE_AUTH)" in everything
    assert "/sparql?query=ASK%7B%7D 200" in everything
    assert "/sparql?query=ASK%7B%7D 503" in everything  # and why is for the log
    assert everything.count("/doc/resource/123404 200") == served == 2
