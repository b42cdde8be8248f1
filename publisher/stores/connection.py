"""Speaks to a SPARQL 1.1 store: queries, updates, Graph Store Protocol, with credentials that no message repeats.

SPARQLWrapper makes the queries and updates and gives the answer as a stream; it opens a connection for each, which is
little beside what a batch of updates takes. The Graph Store Protocol, which it does not know, goes by requests.
"""

from __future__ import annotations

import http.client
import re
import urllib.error
from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import requests
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, parse_query_results
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth
from SPARQLWrapper import DIGEST, JSON, POST, POSTDIRECTLY, TURTLE, SPARQLExceptions, SPARQLWrapper

from publisher import __version__
from publisher.errors import StoreError
from publisher.settings import Settings

_AGENT = f"publisher/{__version__}"
_RESULTS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
}
_GRAPHS = {
    "text/plain": RdfFormat.N_TRIPLES,  # as it was before RDF 1.1
    "application/x-turtle": RdfFormat.TURTLE,
    "text/n3": RdfFormat.N3,
    "text/rdf+n3": RdfFormat.N3,
}
ACCEPT_RESULTS = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"
_VIRTUOSO_NODE = re.compile(rb'("type"\s*:\s*"bnode"\s*,\s*"value"\s*:\s*"|<bnode>)nodeID://')
_CHUNK = 65_536


class Refused(StoreError):
    """The store answered, with an error: `status` is that of HTTP, `said` the beginning of what it says."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status, self.said = status, said


@dataclass(frozen=True)
class Connection:
    """Where a store is and how it is spoken to."""

    query_url: str
    update_url: str
    graph_url: str
    quads_url: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    digest: bool
    timeout: float  # seconds in which the store has to send something

    @property
    def name(self) -> str:
        """The address of the store as messages tell it."""
        return shown(self.query_url)

    def query(
        self,
        text: str,
        *,
        graph: bool = False,
        timeout: float | None = None,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
    ) -> tuple[IO[bytes], str]:
        """What the store answers to a query, as a stream, and its media type; `graph`: to CONSTRUCT or DESCRIBE.
        Raises StoreError."""
        wrapper = self._wrapper(self.query_url, timeout)
        # set as they are: setQuery would look for the form of the query with a pattern that a comment can mislead
        wrapper.queryString, wrapper.queryType = text, "CONSTRUCT" if graph else "SELECT"
        wrapper.setReturnFormat(TURTLE if graph else JSON)
        wrapper.addCustomHttpHeader("Accept", ACCEPT_GRAPH if graph else ACCEPT_RESULTS)
        for name, values in (("default-graph-uri", default_graphs), ("named-graph-uri", named_graphs)):
            for value in values:
                wrapper.addParameter(name, value)
        response = self._send(wrapper, self.query_url)
        media_type = response.headers.get_content_type()
        if media_type == "text/html" or (media_type not in _RESULTS and not graph):
            raise StoreError(f"The store at {self.name} answered a query with {media_type}, which is no result.")
        return cast(IO[bytes], _Answer(response)), media_type

    def results(self, text: str, **options: Any) -> QuerySolutions | QueryBoolean:
        """The result of a SELECT or ASK, read as it comes. Raises StoreError; SyntaxError later, when it is garbage."""
        body, media_type = self.query(text, **options)
        try:
            return parse_query_results(body, format=_RESULTS[media_type])
        except (SyntaxError, OSError, http.client.HTTPException) as error:
            raise self.garbage(error) from None

    def update(self, text: str) -> None:
        """Carries out an update. Raises StoreError."""
        wrapper = self._wrapper(self.update_url)
        wrapper.queryString, wrapper.queryType = text, "INSERT"
        wrapper.setRequestMethod(POSTDIRECTLY)
        with self._send(wrapper, self.update_url) as response:
            response.read()

    def put(self, graph: str, lines: Sequence[str]) -> None:
        """Replaces a graph, or removes it if there are no lines (Graph Store Protocol 5.3, 5.4). Raises StoreError."""
        body = "".join(f"{line}\n" for line in lines).encode() if lines else None
        self._write("PUT" if lines else "DELETE", self.graph_url, "application/n-triples", body, graph)

    def add(self, quads: bytes) -> None:
        """Adds N-Quads, whatever is there already. Raises StoreError."""
        self._write("POST", self.quads_url, "application/n-quads", quads)

    def _write(self, method: str, url: str, media_type: str, body: bytes | None, graph: str = "") -> None:
        auth: AuthBase | None = None
        if self.user:
            basic = HTTPBasicAuth(self.user.encode(), self.password.encode())
            auth = HTTPDigestAuth(self.user, self.password) if self.digest else basic
        headers = {"User-Agent": _AGENT, "Content-Type": media_type}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            response = requests.request(
                method,
                url,
                params={"graph": graph} if graph else None,
                data=body,
                headers=headers,
                auth=auth,
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise StoreError(f"The store at {shown(url)} does not answer ({_reason(error)}).") from None
        if not response.ok and not (response.status_code == 404 and method == "DELETE"):
            raise _refused(url, response.status_code, response.content)

    def garbage(self, error: Exception) -> StoreError:
        return StoreError(f"The store at {self.name} answered what is no result of a query ({_reason(error)}).")

    def _wrapper(self, url: str, timeout: float | None = None) -> Any:
        address = urlsplit(url)
        wrapper: Any = SPARQLWrapper(urlunsplit(address._replace(query="")), agent=_AGENT)
        wrapper.setOnlyConneg(True)
        wrapper.setMethod(POST)
        wrapper.timeout = timeout or self.timeout  # setTimeout takes whole seconds only
        for name, value in parse_qsl(address.query, keep_blank_values=True):
            wrapper.addParameter(name, value)
        if self.token:
            wrapper.addCustomHttpHeader("Authorization", f"Bearer {self.token}")
        elif self.user:
            wrapper.setCredentials(self.user, self.password)
            if self.digest:
                wrapper.setCredentials(self.user, self.password, realm=self._realm(url))
                wrapper.setHTTPAuth(DIGEST)
        return wrapper

    def _realm(self, url: str) -> str:
        """The realm in which the store wants name and password; it is told with the refusal of a request without."""
        try:
            response = requests.get(url, timeout=self.timeout, allow_redirects=False)
        except requests.RequestException as error:
            raise StoreError(f"The store at {shown(url)} does not answer ({_reason(error)}).") from None
        found = re.search(
            r'\bDigest\b.*?\brealm="([^"]*)"', response.headers.get("WWW-Authenticate", ""), re.IGNORECASE
        )
        return found[1] if found else ""

    def _send(self, wrapper: Any, url: str) -> Any:
        try:
            return wrapper.query().response
        except SPARQLExceptions.SPARQLWrapperException as error:
            # it knows the answer only as it would be written in Python
            body = str(error).partition("Response:\n")[2]
            raise _refused(url, getattr(error.__context__, "code", 500), literal_eval(body) if body else b"") from None
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(url, error.code, error.read(1000)) from None
        except (OSError, http.client.HTTPException) as error:
            raise StoreError(f"The store at {shown(url)} does not answer ({_reason(error)}).") from None


def connect(settings: Settings) -> Connection:
    """The connection that the operator has set."""
    return Connection(
        settings.STORE,
        settings.STORE_UPDATE_URL,
        settings.STORE_GRAPH_URL,
        settings.STORE_QUADS_URL,
        settings.STORE_USER,
        settings.STORE_PASSWORD,
        settings.STORE_TOKEN,
        settings.STORE_AUTH == "digest",
        settings.STORE_TIMEOUT,
    )


def syntax(media_type: str) -> RdfFormat | None:
    """The syntax in which a graph is answered."""
    return _GRAPHS.get(media_type) or RdfFormat.from_media_type(media_type)


class _Answer:
    """The body of an answer, with the blank nodes of Virtuoso (nodeID://b10023) named as the formats want it."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.rest = b""  # read, but its end may be the beginning of such a name
        self.ready = b""

    def read(self, size: int = -1) -> bytes:
        while len(self.ready) < size or size < 0:
            piece = self.response.read(_CHUNK)
            if not piece and self.response.length:  # what http.client passes over
                raise http.client.IncompleteRead(b"", self.response.length)
            content = self.rest + piece
            # the value of a result begins at one of these, and such a name holds neither
            cut = max(content.rfind(b"{"), content.rfind(b"<")) if piece else len(content)
            if cut < 1 or len(content) - cut > _CHUNK:
                cut = len(content)
            self.ready += _VIRTUOSO_NODE.sub(rb"\1", content[:cut])
            self.rest = content[cut:]
            if not piece:
                break
        size = len(self.ready) if size < 0 else size
        found, self.ready = self.ready[:size], self.ready[size:]
        return found

    def close(self) -> None:
        self.response.close()


def _refused(url: str, status: int, body: bytes) -> Refused:
    said = " ".join(body.decode("utf-8", "replace").split())[:300] or "no reason"
    advice = " (look at STORE_USER, STORE_PASSWORD, STORE_TOKEN, STORE_AUTH)" if status in (401, 403) else ""
    return Refused(f"The store at {shown(url)} refused with HTTP status {status}{advice}: {said}", status, said)


def shown(url: str) -> str:
    """An address as messages tell it: what follows the path may be a key."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _reason(error: BaseException) -> str:
    """Why something failed, in few words and without addresses, which may hold keys."""
    cause = getattr(error, "reason", error)
    text = getattr(cause, "strerror", None) or type(cause).__name__
    return "no answer in time" if isinstance(cause, (TimeoutError, requests.Timeout)) else str(text)
