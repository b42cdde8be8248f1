"""What the tests of the web side share: applications without a server, and what they publish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from every_page import BROKEN, FEW, FRAMED, PAGES, publish_events
from flask import Flask
from flask.testing import FlaskClient

from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.web import create_app


class _Client(FlaskClient):
    """Reads every answer to its end, as a server does, so that files and results are closed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture(scope="session")
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Makes the application of a site; its query workers end with the tests."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings))
        made[-1].test_client_class = _Client
        return made[-1]

    yield make
    for application in made:
        application.extensions["publisher"].engine.close()


@pytest.fixture(scope="session")
def app(published: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """The application over the samples."""
    return make_app(published)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def names(published: Settings) -> list[tuple[str, str]]:
    """The (kind, key) of everything that is published, the data set too."""
    catalog = Catalog(published.DATA_DIR)
    try:
        return [entry.name for entry in catalog.entries()]
    finally:
        catalog.close()


@pytest.fixture(scope="session")
def every_page(
    published: Settings, make_app: Callable[[Settings], Flask], tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[FlaskClient, str]]:
    """Each page and who can get it; those that answer by an error do, all others do not."""
    folder = tmp_path_factory.mktemp("events")
    eventful = Settings(BASE_URL=published.BASE_URL, DATA_DIR=folder / "site", SPARQL_MAX_BYTES=FEW)
    found = []
    for settings, (good, bad) in (
        (published, ([*PAGES, *FRAMED], BROKEN)),
        (eventful, publish_events(eventful, folder)),
    ):
        client = make_app(settings).test_client()
        for path in (*good, *bad):
            response = client.get(path, headers={"Accept": "text/html"})
            assert (response.mimetype, response.status_code == 200) == ("text/html", path in good), path
            found.append((client, path))
    return found
