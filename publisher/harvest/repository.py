"""Repository: asks another library's OAI-PMH server, politely, and gives its answers as they came."""

from __future__ import annotations

import dataclasses
import html
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import requests
from lxml import etree
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from publisher import __version__
from publisher.errors import PublisherError
from publisher.settings import Settings

OAI = "{http://www.openarchives.org/OAI/2.0/}"
LARGEST = 1 << 28  # bytes of one answer
LONGEST_WAIT = 600.0  # seconds between two tries, whoever asks for them
REDIRECTS = 5
BUSY = frozenset((429, 500, 502, 503, 504))
END = re.compile(rb"</(?:[\w.-]+:)?OAI-PMH\s*>(?:\s|<!--.{0,200}?-->)*\Z", re.S)
TOKEN = re.compile(rb"<(?:[\w.-]+:)?resumptionToken(?:\s[^<>]*)?(?:/>|>[^<>]*</)")
ENTITY = re.compile(rb"&(?:amp|lt|gt|quot|apos);")

Say = Callable[[str], None]


class HarvestError(PublisherError):
    """A harvest cannot go on. What was fetched is kept, and the same command goes on from there."""


class TokenExpired(Exception):
    """badResumptionToken: the list has to be asked for anew (3.5)."""


@dataclass(frozen=True)
class Answer:
    """The bytes of an answer as they came, and what they say."""

    content: bytes
    document: Any

    def text(self, path: str) -> str:
        """The text of the first element on the way that `path` names, at any depth; "" if there is none."""
        element = self.document.find(".//" + "/".join(OAI + name for name in path.split("/")))
        return "" if element is None else "".join(element.itertext()).strip()

    def identifiers(self) -> str:
        return " ".join(element.text or "" for element in self.document.iter(f"{OAI}identifier"))

    def size(self) -> str:
        token = self.document.find(f"{OAI}ListRecords/{OAI}resumptionToken")
        size = "" if token is None else token.get("completeListSize", "")
        count = sum(1 for _ in self.document.iter(f"{OAI}header"))
        return f": {count} records" + (f", of {size} in all." if size else ".")


class _Busy(Exception):
    """The answer may come if it is asked for again; `wait` is in seconds, None where the repository did not say."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


@dataclass
class Repository:
    """Asks one repository, with a pause between requests and patience for one that is busy (3.1.2.2)."""

    session: requests.Session
    url: str
    elsewhere: bool
    pause: float
    timeout: float
    retries: int
    say: Say
    last: float = dataclasses.field(default=0.0)

    def __str__(self) -> str:
        return without_password(self.url)

    def ask(self, **arguments: str) -> Answer:
        """The answer to a request. Raises TokenExpired, and HarvestError when patience is at its end."""
        for attempt in range(self.retries + 1):
            try:
                return self._checked(self._get(arguments), arguments)
            except (_Busy, requests.ConnectionError, requests.Timeout, HTTPError) as error:
                busy = error if isinstance(error, _Busy) else _Busy(f"the connection failed ({str(error)[:200]})")
                wait = self.pause * 2**attempt if busy.wait is None else busy.wait
                if attempt == self.retries or wait > LONGEST_WAIT:
                    later = f" It asks us to come again in {wait:.0f} seconds." if busy.wait else ""
                    raise HarvestError(
                        f"{self}: {busy}.{later} What was fetched is kept; the same command goes on from there."
                    ) from error
                self.say(f"{str(busy)[0].upper()}{str(busy)[1:]}; trying again in {wait:.0f} seconds.")
                time.sleep(wait)
            except requests.RequestException as error:
                raise HarvestError(f"{self} cannot be asked: {error}.") from None
        raise AssertionError  # the loop returns or raises

    def _get(self, arguments: dict[str, str]) -> tuple[requests.Response, bytes]:
        parts = urlsplit(self.url)
        query = urlencode(parse_qsl(parts.query, keep_blank_values=True) + list(arguments.items()))
        url = urlunsplit(parts._replace(query=query))
        for _ in range(REDIRECTS + 1):
            time.sleep(max(0.0, self.last + self.pause - time.monotonic()))
            try:
                with self.session.get(url, timeout=self.timeout, allow_redirects=False, stream=True) as response:
                    if not (response.is_redirect and "location" in response.headers):
                        return response, self._body(response)
                    url = self._target(url, response.headers["location"])
            finally:
                self.last = time.monotonic()
        raise HarvestError(f"{self} redirects without end.")

    def _target(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
        if new.scheme not in ("http", "https"):
            raise HarvestError(f"{without_password(url)} redirects to {target}, which is no web address.")
        same = old.hostname == new.hostname and (
            old.port == new.port or (old.scheme == "http" and new.scheme == "https" and not old.port and not new.port)
        )
        if not same and not self.elsewhere:
            raise HarvestError(
                f"{self} redirects to {new.scheme}://{new.netloc}; if that is where the "
                "repository is now, harvest that address."
            )
        return target

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        try:
            for chunk in response.iter_content(1 << 16):
                body += chunk
                if len(body) > LARGEST:
                    raise HarvestError(f"{self} sends an answer of more than {LARGEST} bytes.")
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise _Busy("the answer broke off") from error
        length = response.headers.get("content-length", "")
        if length.isdigit() and not response.headers.get("content-encoding") and len(body) < int(length):
            raise _Busy("the answer broke off")
        return bytes(body)

    def _checked(self, got: tuple[requests.Response, bytes], arguments: dict[str, str]) -> Answer:
        response, content = got
        status = response.status_code
        if status in BUSY:
            raise _Busy(f"the repository is busy (HTTP {status})", _wait_of(response))
        document = self._parse(content)
        if document is None or document.tag != f"{OAI}OAI-PMH":
            if status != 200:
                raise HarvestError(f"{self} answers with HTTP {status}; look whether the address is right.")
            if document is None and (b"OAI-PMH" in content[:4096] or not content.strip()):
                raise _Busy("the answer is cut or broken")
            raise HarvestError(f"{self} is no OAI-PMH repository; look whether the address is right.")
        for error in document.iterfind(f"{OAI}error"):
            code, words = error.get("code", ""), "".join(error.itertext()).strip()
            if code == "badResumptionToken" and "resumptionToken" in arguments:
                raise TokenExpired
            if code != "noRecordsMatch":
                raise HarvestError(f"{self} refuses {arguments.get('verb')} ({code}: {words}).")
        return Answer(content, document)

    def _parse(self, content: bytes) -> Any:
        """The document, or None. One that is whole but not well-formed is taken as far as it goes: asking again does
        not mend it, and its reader says what it lacks."""
        options = {"huge_tree": True, "resolve_entities": False, "no_network": True, "load_dtd": False}
        try:
            return etree.fromstring(content, etree.XMLParser(**options))
        except (etree.XMLSyntaxError, ValueError) as error:
            if not END.search(content[-4096:]):
                return None
            self.say(f"An answer is no good XML ({error}); what can be read of it is taken.")
            if b"resumptionToken" in content and not TOKEN.search(content):
                return None  # what is broken hides the way to the next page
            # after its first error libxml2 drops every "&amp;", which may stand in a token, but no "&#38;"
            mended = ENTITY.sub(lambda match: b"&#%d;" % ord(html.unescape(match[0].decode())), content)
            return etree.fromstring(mended, etree.XMLParser(recover=True, **options))


def _wait_of(response: requests.Response) -> float | None:
    """Seconds that the repository asks us to wait: a number or a date (RFC 9110 10.2.3)."""
    header = response.headers.get("retry-after")
    if header is None:
        return None
    try:
        return float(Retry().parse_retry_after(header))
    except (InvalidHeader, OverflowError):
        return None


def headers_of(settings: Settings) -> dict[str, str]:
    email = settings.ADMIN_EMAIL.encode("ascii", "replace").decode()
    return {
        "User-Agent": f"publisher/{__version__} (+{settings.BASE_URL}; mailto:{email})",
        "From": email,
        "Accept": "text/xml, application/xml",
        "Accept-Encoding": "gzip, deflate",
    }


def without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
