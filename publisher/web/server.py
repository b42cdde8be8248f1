"""The production server: Granian, several processes of the WSGI application."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import fields

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from publisher import allocator
from publisher import settings as settings_table
from publisher.addresses import thing_path
from publisher.catalog import Catalog
from publisher.errors import SettingsError
from publisher.query.named import named_queries
from publisher.settings import PREFIX, Settings
from publisher.web import create_app

STOP_SECONDS = 5  # after which a process that does not end is killed


def application() -> Flask:
    """The application of one server process; its settings come by the environment."""
    app = create_app(settings_table.load())
    threading.Thread(target=app.extensions["publisher"].engine.warm, daemon=True).start()
    return app


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serves until it is told to stop. Raises SettingsError if the port is taken: Granian itself would share it with
    whoever has it, and each would answer half of the requests. Raises CatalogError if BASE_URL is not the one under
    which the records were published."""
    with socket.socket(socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST, settings.PORT))
        except OSError as error:
            raise SettingsError(
                f"{settings.HOST}:{settings.PORT} cannot be served ({error.strerror}); choose another with --port."
            ) from None
    named_queries(settings)  # a file that is wrong is told here, not by every process
    catalog = Catalog(settings.DATA_DIR, create=True)
    catalog.check_base(settings.base)
    example = next(catalog.entries("resource"), None)
    catalog.close()
    for row in fields(Settings):
        value = getattr(settings, row.name)
        os.environ[PREFIX + row.name] = " ".join(value) if isinstance(value, tuple) else str(value)
    allocator.keep(os.environ)
    base = f"http://{settings.HOST}:{settings.PORT}"
    say(f"{settings.TITLE}: {base}/ (public address: {settings.BASE_URL})")
    say(f"  search      {base}/search")
    if example is not None:
        say(f"  a record    {base}{thing_path(*example.name)}")
    say(f"  SPARQL      {base}/sparql")
    Granian(
        "publisher.web.server:application",
        address=settings.HOST,
        port=settings.PORT,
        interface=Interfaces.WSGI,
        workers=settings.WEB_WORKERS,
        # a thread that waits for a query or a body costs nothing; there must be others for the pages
        blocking_threads=settings.SPARQL_WORKERS + settings.SPARQL_QUEUE + settings.REQUEST_BODIES + 4,
        factory=True,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()
