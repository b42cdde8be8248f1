"""Settings: one table of names, defaults and explanations; defaults < publisher.toml < environment PUBLISHER_*."""

from __future__ import annotations

import dataclasses
import difflib
import math
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from publisher.errors import SettingsError

PREFIX = "PUBLISHER_"
CONFIG = "CONFIG"  # PUBLISHER_CONFIG names the TOML file; it is no setting, since the file cannot name itself


def _row(default: Any, explanation: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"help": explanation, "secret": secret})


@dataclass(frozen=True)
class Settings:
    # ruff: noqa: RUF009 -- _row makes a dataclass field
    """Every setting there is; `load` reads the file and the environment. Nothing is read at import."""

    BASE_URL: str = _row("http://127.0.0.1:8000", "Public address of the site; every IRI we publish begins with it.")
    DATA_DIR: Path = _row(Path("publisher-data"), "Folder for everything the program writes.")
    TITLE: str = _row("Library records", "Name of the site, shown on every page and in every protocol.")
    DESCRIPTION: str = _row("", "What the data set is, for its description; empty: a general sentence.")
    PUBLISHER_NAME: str = _row("", "Who publishes the data; empty: not said.")
    LICENSE: str = _row(
        "http://creativecommons.org/publicdomain/zero/1.0/",
        "IRI of the licence of the data, stated in every representation; empty: none is stated.",
    )
    ADMIN_EMAIL: str = _row("admin@example.org", "Address for people who harvest or query, name@host.tld.")
    LANGUAGE: str = _row("en", "Language (BCP 47) in which the catalogue writes its keywords; empty: not said.")
    COLLECTION: str = _row(
        "", "Code put before a source's own record numbers, where there is no shelf number; empty: none."
    )
    PERSON_IDENTITY: str = _row(
        "heading",
        "When persons are one: heading (those of one heading) or record (none, for names that nobody controls).",
    )
    STORE: str = _row("embedded", "Where the graphs are kept: embedded, or the query URL of a SPARQL 1.1 store.")
    STORE_UPDATE_URL: str = _row("", "URL by which that store takes SPARQL updates; only publishing needs it.")
    STORE_GRAPH_URL: str = _row("", "Its URL for the Graph Store Protocol, for publishing without or beside updates.")
    STORE_QUADS_URL: str = _row(
        "", "Its URL to which N-Quads may be sent by POST, to be added; much quicker for the first publish."
    )
    STORE_USER: str = _row("", "Name under which we speak to that store; empty: without one.")
    STORE_PASSWORD: str = _row("", "The password that belongs to it.", secret=True)
    STORE_AUTH: str = _row("basic", "How name and password are sent: basic, or digest (Virtuoso).")
    STORE_TOKEN: str = _row("", "Bearer token, in place of name and password.", secret=True)
    STORE_TIMEOUT: float = _row(60.0, "Seconds after which a request that publishes or verifies is given up.")
    STORE_BATCH: int = _row(500, "Statements that one update or comparison holds; Virtuoso takes no more.")
    STORE_BEHIND: str = _row(
        "refuse", "Queries while the store is not yet at the current release: refuse (503) or answer (with a header)."
    )
    KEEP_RELEASES: int = _row(3, "How many releases are kept, the current one included; at least 1.")
    WORKERS: int = _row(0, "Processes that map and validate during a load; 0: one a processor.")
    BATCH_SIZE: int = _row(500, "Records validated together; more take more memory.")
    SHAPES_DIR: str = _row("", "Folder with rules (SHACL, *.ttl) of the library's own, beside ours; empty: none.")
    PAGE_LABELS: str = _row("", "Table (CSV) of labels of the library's own result pages, beside ours; empty: none.")
    REPORT_LANGUAGE: str = _row("en", "Language (BCP 47) of what the rules say, where they say it in that language.")
    HARVEST_PAUSE: float = _row(1.0, "Seconds between two requests to a library that we harvest.")
    HARVEST_TIMEOUT: float = _row(60.0, "Seconds after which a request to it is given up and tried again.")
    HARVEST_RETRIES: int = _row(5, "How often a request to it is tried again.")
    HOST: str = _row("127.0.0.1", "Address on which `publisher serve` listens.")
    PORT: int = _row(8000, "Port on which `publisher serve` listens.")
    WEB_WORKERS: int = _row(2, "Web server processes.")
    VALIDATION_RELEASES: int = _row(50, "How many releases the summary of the validation goes back.")
    PAGE_SIZE: int = _row(20, "Results on a page of a search or a list.")
    MAX_PAGE_SIZE: int = _row(100, "The most results that a client may ask for on one page.")
    SEARCH_EXPORT: int = _row(10_000, "The most records of a search that a client may take along as one file.")
    LINK_HEADER_BYTES: int = _row(
        2900,
        "The longest Link header; all links stand in the link set. nginx takes 4,096 bytes of headers if not told.",
    )
    SEARCH_RATE: int = _row(
        60, "Searches a minute that one client may make, in each web server process; more get 429. 0: no limit."
    )
    CACHE_SECONDS: int = _row(60, "How long a page may be kept by caches before it is asked for again.")
    CACHE_VERSION_SECONDS: int = _row(
        86400, "How long data of an old version may be kept by caches; they never change."
    )
    CITATION_STYLES: tuple[str, ...] = _row(
        ("apa", "chicago-author-date", "harvard-cite-them-right", "ieee", "modern-language-association", "nature"),
        "Citation styles offered on the page of a record and where another is not known, by their names in the "
        "repository of CSL; any other is to be had by ?style=NAME.",
    )
    ARCHIVE_URL: str = _row(
        "https://web.archive.org/web/{date}/{url}",
        "Where an archived copy of an address is found: {date} is the day on which the record's source was seen, as "
        "YYYYMMDD, {url} the address; empty: none is offered.",
    )
    PAGE_CACHE_BYTES: int = _row(64_000_000, "Memory for finished pages, in each web server process; 0: none is kept.")
    MAX_REQUEST_BYTES: int = _row(1_000_000, "Largest request body that is read.")
    REQUEST_BODIES: int = _row(8, "Request bodies that are read at once, in each web server process; more get 503.")
    DUMPS: tuple[str, ...] = _row(
        (), "Formats (nt nq ttl jsonl csv marcxml oai_dc) in which each publish dumps everything; `export` does, too."
    )
    CHANGES_LIMIT: int = _row(100_000, "The most changes in one answer of /changes?since=; the answer names the next.")
    OAI_PAGE_SIZE: int = _row(500, "Records in one answer to an OAI-PMH list request; at most 1000.")
    OAI_REQUESTS: int = _row(4, "OAI-PMH lists made at once, in each web server process; more get 503.")
    OAI_NAMESPACE: str = _row("", "Domain name in OAI-PMH identifiers (oai:NAME:KEY); empty: the host of BASE_URL.")
    OAI_SETS: tuple[str, ...] = _row(
        (), "Searches that are OAI-PMH sets: NAME?QUERY, the query as in the address of a search (young?q=juvenile)."
    )
    OAI_FRIENDS: tuple[str, ...] = _row((), "Base URLs of other OAI-PMH repositories that harvesters may like to know.")
    USE_DAYS: int = _row(400, "Days for which it is remembered how often what was asked for; 0: nothing is counted.")
    RECONCILE_BATCH: int = _row(500, "The most queries in one request to /reconcile, and the most values to look up.")
    SPARQL_TIMEOUT: float = _row(10.0, "Seconds after which a SPARQL query is ended.")
    SPARQL_MAX_ROWS: int = _row(100_000, "Rows (or triples) after which the result of a query is cut, and says so.")
    SPARQL_MAX_BYTES: int = _row(200_000_000, "Largest result of a query, in bytes.")
    SPARQL_MEMORY: int = _row(1024, "MiB of memory that one query may take.")
    SPARQL_MAX_LENGTH: int = _row(100_000, "Longest query, in characters.")
    SPARQL_MAX_DEPTH: int = _row(40, "Deepest nesting of groups and brackets in a query.")
    SPARQL_WORKERS: int = _row(2, "Queries that run at once, in each web server process.")
    SPARQL_QUEUE: int = _row(16, "Queries that wait for a worker, in each web server process; more get 503.")
    SPARQL_MAX_MATCHES: int = _row(10_000, "Records that one text search inside a query (pub:matches) may give.")
    SPARQL_EXAMPLES: str = _row("", "Folder with named queries of your own (*.rq); empty: only those that come along.")
    SPARQL_SERVICE: tuple[str, ...] = _row((), "Endpoints that a query may name in SERVICE; nothing else is fetched.")

    @property
    def base(self) -> str:
        """BASE_URL with exactly one slash at its end."""
        return self.BASE_URL.rstrip("/") + "/"


# what may be given for a setting of a type; int(1.5) would be 1, and str(1) hides a slip
ACCEPTED: dict[type, tuple[type, ...]] = {int: (int, str), float: (int, float, str), str: (str,)}
ROWS = {row.name: row for row in dataclasses.fields(Settings)}


def load(config: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings of this process: the TOML file (`config`, else PUBLISHER_CONFIG, else ./publisher.toml if it is
    there), then the environment, then `overrides`. Raises SettingsError naming the setting and where it was given."""
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    named = config or (Path(environ[PREFIX + CONFIG]) if environ.get(PREFIX + CONFIG) else None)
    path = named or Path("publisher.toml")
    if named is not None or path.is_file():
        for name, value in _read_toml(path).items():
            values[name] = _convert(name, value, str(path))
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and variable != PREFIX + CONFIG:
            name = variable.removeprefix(PREFIX)
            values[name] = _convert(name, text, f"the environment ({variable})")
    for name, value in overrides.items():
        if value is not None:
            values[name] = _convert(name, value, "the command line")
    settings = Settings(**values)
    _check(settings)
    return settings


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: the settings file cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: the settings file is not valid TOML: {error}.") from None


def _convert(name: str, value: Any, origin: str) -> Any:
    row = ROWS.get(name)
    if row is None:
        nearest = difflib.get_close_matches(name.upper(), ROWS, n=1, cutoff=0.0)
        raise SettingsError(f"{origin}: there is no setting {name}; the nearest is {nearest[0]}.")
    kind: Any = type(row.default)
    try:
        if kind is tuple:
            return tuple(value.split()) if isinstance(value, str) else tuple(str(item) for item in value)
        if isinstance(value, bool) or not isinstance(value, ACCEPTED.get(kind, (str, Path))):
            raise ValueError
        converted: Any = kind(value)
        if kind is float and not math.isfinite(converted):
            raise ValueError
        return converted
    except (TypeError, ValueError, OverflowError):
        wanted = {int: "a whole number", float: "a number", tuple: "a list"}.get(kind, "a text")
        given = "what is given" if row.metadata["secret"] else repr(value)
        raise SettingsError(f"{origin}: {name} must be {wanted}, not {given}.") from None


def _check(settings: Settings) -> None:
    parts = urlsplit(settings.BASE_URL)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"BASE_URL must be an http or https address without ? and #, not {settings.BASE_URL!r}.")
    if not re.fullmatch(r"[!-~]+", settings.BASE_URL) or re.search(r'[<>"{}|\\^`]', settings.BASE_URL):
        raise SettingsError(f"BASE_URL must be written in ASCII without spaces, not {settings.BASE_URL!r}.")
    if settings.LICENSE and (not urlsplit(settings.LICENSE).scheme or re.search(r'[\s<>"{}|\\^`]', settings.LICENSE)):
        raise SettingsError(f"LICENSE must be an IRI, not {settings.LICENSE!r}.")
    if not re.fullmatch(r"\S+@\S+\.\S+", settings.ADMIN_EMAIL):
        raise SettingsError(f"ADMIN_EMAIL must look like name@host.tld, not {settings.ADMIN_EMAIL!r}.")
    for name in ("LANGUAGE", "REPORT_LANGUAGE"):
        tag = getattr(settings, name)
        if not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", tag) and (tag or name == "REPORT_LANGUAGE"):
            raise SettingsError(f"{name} must be a language tag such as en, not {tag!r}.")
    if settings.SHAPES_DIR and not Path(settings.SHAPES_DIR).is_dir():
        raise SettingsError(f"SHAPES_DIR: there is no folder {settings.SHAPES_DIR}.")
    if settings.PAGE_LABELS and not Path(settings.PAGE_LABELS).is_file():
        raise SettingsError(f"PAGE_LABELS: there is no file {settings.PAGE_LABELS}.")
    if settings.PERSON_IDENTITY not in ("heading", "record"):
        raise SettingsError(f"PERSON_IDENTITY must be heading or record, not {settings.PERSON_IDENTITY!r}.")
    _check_store(settings)
    may_be_zero = {"WORKERS", "SEARCH_RATE", "CACHE_SECONDS", "PAGE_CACHE_BYTES", "SPARQL_QUEUE", "HARVEST_PAUSE"}
    may_be_zero |= {"HARVEST_RETRIES", "USE_DAYS"}
    for name, row in ROWS.items():
        if type(row.default) in (int, float):
            least = 0 if name in may_be_zero else 1 if type(row.default) is int else 0.1
            if getattr(settings, name) < least:
                raise SettingsError(f"{name} must be at least {least}, not {getattr(settings, name)}.")
    if settings.OAI_PAGE_SIZE > 1000:
        raise SettingsError(f"OAI_PAGE_SIZE must be at most 1000, not {settings.OAI_PAGE_SIZE}.")
    for entry in settings.OAI_SETS:
        if not re.fullmatch(r"[A-Za-z0-9_.!*'()-]+\?\S+", entry):
            raise SettingsError(
                f"OAI_SETS must have entries of the form NAME?QUERY, such as young?q=juvenile, not {entry!r}."
            )
    if settings.OAI_NAMESPACE and not re.fullmatch(
        r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)+", settings.OAI_NAMESPACE
    ):
        raise SettingsError(f"OAI_NAMESPACE must be a domain name, not {settings.OAI_NAMESPACE!r}.")
    if settings.PORT > 65535:
        raise SettingsError(f"PORT must be at most 65535, not {settings.PORT}.")


def _check_store(settings: Settings) -> None:
    """No message repeats a value here that could hold a password."""
    if settings.STORE != "embedded" and not settings.STORE.startswith(("http://", "https://")):
        raise SettingsError("STORE must be embedded, or the http(s) URL at which a store answers queries.")
    for name in ("STORE", "STORE_UPDATE_URL", "STORE_GRAPH_URL", "STORE_QUADS_URL"):
        url = getattr(settings, name)
        if url in ("", "embedded"):
            continue
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
            raise SettingsError(f"{name} must be an http or https address without #.")
        if parts.username is not None or parts.password is not None:
            raise SettingsError(
                f"{name} must not hold a name and password: they belong into STORE_USER, STORE_PASSWORD."
            )
        if not re.fullmatch(r"[!-~]+", url):
            raise SettingsError(f"{name} must be written in ASCII without spaces.")
    given = [name for name in ROWS if name.startswith("STORE_") and getattr(settings, name) != ROWS[name].default]
    if settings.STORE == "embedded" and given:
        raise SettingsError(
            f"{given[0]} is given, but STORE is embedded: STORE is the URL at which queries are answered."
        )
    if bool(settings.STORE_USER) != bool(settings.STORE_PASSWORD):
        raise SettingsError("STORE_USER and STORE_PASSWORD belong together; one of them is empty.")
    if settings.STORE_USER and settings.STORE_TOKEN:
        raise SettingsError("STORE_TOKEN stands in place of STORE_USER and STORE_PASSWORD; leave one of them out.")
    if ":" in settings.STORE_USER or not (settings.STORE_USER + settings.STORE_PASSWORD).isprintable():
        raise SettingsError(
            "STORE_USER must be without a colon, and neither it nor STORE_PASSWORD may hold a line break."
        )
    if not re.fullmatch(r"[!-~]*", settings.STORE_TOKEN):
        raise SettingsError("STORE_TOKEN must be in ASCII without spaces.")
    if settings.STORE_AUTH not in ("basic", "digest"):
        raise SettingsError(f"STORE_AUTH must be basic or digest, not {settings.STORE_AUTH!r}.")
    if settings.STORE_BEHIND not in ("refuse", "answer"):
        raise SettingsError(f"STORE_BEHIND must be refuse or answer, not {settings.STORE_BEHIND!r}.")
