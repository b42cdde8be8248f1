"""The harvest of another library: a real server on this machine that answers as repositories do, well and badly."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.sax.saxutils import escape

import pytest
from conftest import ROOT
from lxml import etree

from publisher import __version__
from publisher.harvest import client
from publisher.harvest import repository as repository_module
from publisher.harvest.client import Harvest, HarvestError, done, fetch
from publisher.harvest.repository import Answer
from publisher.readers.dublin_core import oai_dc
from publisher.record import Fault, Record
from publisher.settings import Settings

RECORDED = ROOT.parent / "shared" / "data" / "oai-pmh"
QUICK: dict[str, Any] = {"pause": 0.0, "timeout": 5.0, "retries": 2}

Asked = dict[str, str]


@dataclass
class Reply:
    """What the server says: a text or bytes, and what makes them other than usual."""

    body: str | bytes = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0  # bytes that are announced and not sent


@dataclass
class Repository:
    """A server and what it was asked; `answer` is what the test makes of a request."""

    url: str
    answer: Callable[[Asked], str | bytes | Reply]
    asked: list[Asked] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def lists(self) -> list[Asked]:
        return [asked for asked in self.asked if asked["verb"] == "ListRecords"]


def of(content: str, date: str = "2024-05-01T10:00:00Z") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{date}</responseDate><request>http://x.example/oai</request>{content}</OAI-PMH>"
    )


def error(code: str) -> str:
    return of(f'<error code="{code}">words</error>')


def identify(granularity: str = "YYYY-MM-DDThh:mm:ssZ", deleted: str = "persistent") -> str:
    return of(f"<Identify><deletedRecord>{deleted}</deletedRecord><granularity>{granularity}</granularity></Identify>")


def formats(**namespaces: str) -> str:
    rows = (
        f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><schema>x</schema>"
        f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat>"
        for name, namespace in namespaces.items()
    )
    return of(f"<ListMetadataFormats>{''.join(rows)}</ListMetadataFormats>")


DC = formats(oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/")


def record(number: int, deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    metadata = (
        '<metadata><dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:d="http://purl.org/dc/elements/1.1/">'
        f"<d:title>Title {number}</d:title></dc></metadata>"
    )
    return (
        f"<record><header{status}><identifier>oai:x.example:{number}</identifier></header>"
        f"{'' if deleted else metadata}</record>"
    )


def page(*numbers: int, token: str | None = "", date: str = "2024-05-01T10:00:00Z") -> str:
    end = "" if token is None else f"<resumptionToken>{escape(token)}</resumptionToken>"
    return of(f"<ListRecords>{''.join(record(number) for number in numbers)}{end}</ListRecords>", date)


def answers(asked: Asked, pages: dict[str, str | bytes | Reply]) -> str | bytes | Reply:
    """An honest repository: the page of each resumption token, "" for the first."""
    if asked["verb"] == "Identify":
        return identify()
    if asked["verb"] == "ListMetadataFormats":
        return DC
    return pages.get(asked.get("resumptionToken", ""), error("badResumptionToken"))


PAGES: dict[str, str | bytes | Reply] = {
    "": page(1, 2, token="t 2"),
    "t 2": page(3, 4, token="t/3&"),
    "t/3&": page(5),
}


@contextmanager
def serving(answer: Callable[[Asked], str | bytes | Reply]) -> Iterator[Repository]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            repository.asked.append(asked)
            repository.headers.append(dict(self.headers))
            given = repository.answer(asked)
            reply = given if isinstance(given, Reply) else Reply(given)
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + reply.cut))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    repository = Repository(f"http://127.0.0.1:{server.server_port}/oai", answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield repository
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.fixture
def repository() -> Iterator[Repository]:
    with serving(lambda asked: answers(asked, PAGES)) as found:
        yield found


def numbers(harvest: Harvest) -> list[str]:
    found = []
    for path in harvest.pages:
        with path.open("rb") as stream:
            for item in oai_dc.read(stream, path.name):
                if isinstance(item, Fault) and item.severity == "info":  # a page without records
                    continue
                assert isinstance(item, Record), item
                number = item.record_number[0].text.rpartition(":")[2] if item.record_number else "?"
                found.append(number + ("-" if item.withdrawn else ""))
    return found


def test_all_pages_are_kept_as_they_came(settings: Settings, repository: Repository) -> None:
    harvest = fetch(settings, repository.url, **QUICK)
    assert [path.read_text() for path in harvest.pages] == list(PAGES.values())
    assert numbers(harvest) == ["1", "2", "3", "4", "5"]
    assert harvest.format == "oai_dc"
    assert all(path.is_relative_to(settings.DATA_DIR / "harvest") for path in harvest.pages)
    assert repository.lists() == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc"},
        {"verb": "ListRecords", "resumptionToken": "t 2"},
        {"verb": "ListRecords", "resumptionToken": "t/3&"},
    ]


def test_we_say_who_we_are(settings: Settings, repository: Repository) -> None:
    fetch(settings, repository.url, **QUICK)
    for headers in repository.headers:
        assert headers["User-Agent"] == f"publisher/{__version__} (+https://lib.example; mailto:admin@example.org)"
        assert headers["From"] == "admin@example.org"
        assert "gzip" in headers["Accept-Encoding"]


@pytest.mark.parametrize("granularity", ["YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"])
def test_the_next_harvest_asks_for_what_has_changed(settings: Settings, granularity: str) -> None:
    day = granularity == "YYYY-MM-DD"
    dates = iter(("2024-05-01T10:00:00Z", "2024-06-01T10:00:00Z", "2024-07-01T10:00:00Z"))

    def answer(asked: Asked) -> str | bytes | Reply:
        if asked["verb"] == "Identify":
            return identify(granularity)
        return (
            answers(asked, {"": page(1, token="b", date=next(dates)), "b": page(2, date="2030-01-01T00:00:00Z")})
            if (asked["verb"] == "ListRecords" and "resumptionToken" not in asked)
            else answers(asked, {"b": page(2, date="2030-01-01T00:00:00Z")})
        )

    with serving(answer) as repository:
        done(fetch(settings, repository.url, **QUICK))
        harvest = fetch(settings, repository.url, **QUICK)
        done(harvest)
        assert [asked.get("from") for asked in repository.lists() if "resumptionToken" not in asked] == [
            None,
            "2024-05-01" if day else "2024-05-01T10:00:00Z",
        ]
        assert all(path.exists() for path in harvest.pages)
        assert len([path for path in harvest.home.iterdir() if path.is_dir()]) == 1
        done(fetch(settings, repository.url, full=True, **QUICK))
        assert "from" not in repository.lists()[-2]


def test_what_was_not_published_is_not_forgotten(settings: Settings, repository: Repository) -> None:
    first = fetch(settings, repository.url, **QUICK)
    asked = len(repository.asked)
    assert fetch(settings, repository.url, **QUICK) == first
    assert len(repository.asked) == asked
    done(first)
    done(first)
    repository.answer = lambda asked: error("noRecordsMatch") if asked["verb"] == "ListRecords" else answers(asked, {})
    harvest = fetch(settings, repository.url, **QUICK)
    assert harvest.pages == ()
    assert repository.lists()[-1]["from"] == "2024-05-01T10:00:00Z"


@pytest.mark.parametrize(
    ("since", "until", "following"),
    [
        ("2020-01-01", "", "2024-05-01T10:00:00Z"),
        ("2024-06-01", "", "2024-04-01T00:00:00Z"),
        ("", "2024-04-15", "2024-04-01T00:00:00Z"),
    ],
)
def test_dates_of_the_operator(settings: Settings, since: str, until: str, following: str) -> None:
    with serving(lambda asked: answers(asked, {"": page(1, date="2024-04-01T00:00:00Z")})) as repository:
        done(fetch(settings, repository.url, **QUICK))
        repository.answer = lambda asked: answers(asked, {"": page(2)})
        done(fetch(settings, repository.url, since=since, until=until, **QUICK))
        asked = repository.lists()[-1]
        assert asked["from"] == (since or "2024-04-01")
        assert asked.get("until", "") == until
        fetch(settings, repository.url, **QUICK)
        assert repository.lists()[-1]["from"] == following


def test_sets_and_prefixes_are_harvests_of_their_own(settings: Settings, repository: Repository) -> None:
    done(fetch(settings, repository.url, **QUICK))
    fetch(settings, repository.url + "?verb=Identify", set_name="theses", **QUICK)
    assert repository.lists()[3] == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "theses"}
    with pytest.raises(HarvestError, match="does not offer marc21, but oai_dc"):
        fetch(settings, repository.url, prefix="marc21", **QUICK)


@pytest.mark.parametrize(
    ("offered", "asked", "prefix", "reader"),
    [
        ({"oai_dc": "x", "m": "http://www.loc.gov/MARC21/slim"}, "", "m", "marcxml"),
        ({"oai_dc": "x", "marcxml": ""}, "", "marcxml", "marcxml"),
        ({"oai_dc": "x", "m": "http://www.loc.gov/MARC21/slim"}, "oai_dc", "oai_dc", "oai_dc"),
        ({"oai_dc": "x", "xoai": "y"}, "xoai", "xoai", "oai_dc"),
        ({}, "", "oai_dc", "oai_dc"),
    ],
)
def test_marc_is_taken_where_it_is_offered(
    settings: Settings, offered: dict[str, str], asked: str, prefix: str, reader: str
) -> None:
    pages = {"": page(1)}
    with serving(
        lambda a: formats(**offered) if a["verb"] == "ListMetadataFormats" else answers(a, dict(pages))
    ) as repository:
        harvest = fetch(settings, repository.url, prefix=asked, **QUICK)
        assert repository.lists()[0]["metadataPrefix"] == prefix
        assert harvest.format == reader


def test_deletions_come_through(settings: Settings) -> None:
    text = of(f"<ListRecords>{record(1)}{record(2, deleted=True)}</ListRecords>")
    with serving(lambda asked: answers(asked, {"": text})) as repository:
        assert numbers(fetch(settings, repository.url, **QUICK)) == ["1", "2-"]


def test_a_repository_that_keeps_no_deletions_is_told_of(settings: Settings) -> None:
    said: list[str] = []
    with serving(
        lambda asked: identify(deleted="no") if asked["verb"] == "Identify" else answers(asked, PAGES)
    ) as repository:
        fetch(settings, repository.url, say=said.append, **QUICK)
    assert any("deleted" in sentence for sentence in said)


# A repository that is busy, slow or broken


def failing(times: int, reply: Reply | str | bytes, pages: dict[str, Any] | None = None) -> Any:
    """Answers as `reply` says the first times that the second page is asked for."""
    left = [times]

    def answer(asked: Asked) -> str | bytes | Reply:
        if asked.get("resumptionToken") == "t 2" and left[0]:
            left[0] -= 1
            return reply
        return answers(asked, pages or PAGES)

    return answer


CUT = PAGES["t 2"]
assert isinstance(CUT, str)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("busy", 503, {"Retry-After": "0"}),
        Reply("busy", 503, {"Retry-After": formatdate(time.time() - 10, usegmt=True)}),
        Reply("busy", 503, {"Retry-After": "soon"}),
        Reply("busy", 429),
        Reply("oh", 502),
        Reply(CUT, cut=10),
        Reply(CUT[:300]),
        Reply(gzip.compress(CUT.encode())[:-20], headers={"Content-Encoding": "gzip"}),
        Reply(b""),
    ],
    ids=["503", "503 date", "503 words", "429", "502", "short", "cut", "gzip", "empty"],
)
def test_what_may_work_later_is_tried_again(settings: Settings, reply: Reply) -> None:
    said: list[str] = []
    with serving(failing(2, reply)) as repository:
        harvest = fetch(settings, repository.url, say=said.append, **QUICK)
        assert numbers(harvest) == ["1", "2", "3", "4", "5"]
        assert len(repository.lists()) == 5
    assert len([sentence for sentence in said if "trying again" in sentence]) == 2


def test_we_wait_as_long_as_we_are_asked_to(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with serving(failing(1, Reply("", 503, {"Retry-After": "7"}))) as repository:
        fetch(settings, repository.url, **QUICK)
    assert 7.0 in waits
    with (
        serving(failing(1, Reply("", 503, {"Retry-After": "7200"}))) as repository,
        pytest.raises(HarvestError, match="7200 seconds"),
    ):
        fetch(settings, repository.url, **QUICK)


def test_there_is_a_pause_between_requests(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with serving(lambda asked: answers(asked, PAGES)) as repository:
        fetch(settings, repository.url, pause=30.0, timeout=5.0, retries=0)
    assert len(waits) == 5
    assert all(20 < wait <= 30 for wait in waits[1:])


def test_a_crash_goes_on_with_the_missing_page(settings: Settings) -> None:
    with serving(failing(3, Reply("down", 500))) as repository:
        with pytest.raises(HarvestError, match=r"HTTP 500.*goes on from there"):
            fetch(settings, repository.url, **QUICK)
        asked = len(repository.asked)
        harvest = fetch(settings, repository.url, **QUICK)
        assert repository.asked[asked:] == [
            {"verb": "ListRecords", "resumptionToken": "t 2"},
            {"verb": "ListRecords", "resumptionToken": "t/3&"},
        ]
        assert numbers(harvest) == ["1", "2", "3", "4", "5"]


def test_a_crash_between_page_and_state(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = [0]
    save = client.save

    def dying(home: Path, state: Any) -> None:
        saves[0] += 1
        if saves[0] == 3:
            raise KeyboardInterrupt
        save(home, state)

    monkeypatch.setattr(client, "save", dying)
    with serving(lambda asked: answers(asked, PAGES)) as repository:
        with pytest.raises(KeyboardInterrupt):
            fetch(settings, repository.url, **QUICK)
        assert numbers(fetch(settings, repository.url, **QUICK)) == ["1", "2", "3", "4", "5"]
        assert [asked.get("resumptionToken") for asked in repository.lists()] == [None, "t 2", "t 2", "t/3&"]


def test_an_expired_token_begins_the_list_anew(settings: Settings) -> None:
    with serving(failing(1, error("badResumptionToken"))) as repository:
        harvest = fetch(settings, repository.url, **QUICK)
        assert numbers(harvest) == ["1", "2", "3", "4", "5"]
        assert [asked.get("resumptionToken") for asked in repository.lists()] == [None, "t 2", None, "t 2", "t/3&"]
    with (
        serving(lambda asked: answers(asked, {"": PAGES[""]})) as repository,
        pytest.raises(HarvestError, match="tokens"),
    ):
        fetch(settings, repository.url, **QUICK)


def test_a_list_begun_anew_may_be_shorter(settings: Settings) -> None:
    with serving(failing(3, Reply("", 500))) as repository:
        with pytest.raises(HarvestError):
            fetch(settings, repository.url, **QUICK)
        changed = {"": page(7)}
        repository.answer = lambda asked: answers(asked, dict(changed))
        assert numbers(fetch(settings, repository.url, **QUICK)) == ["7"]


@pytest.mark.parametrize(
    "pages",
    [
        {"": page(1, token="a"), "a": page(1, token="a")},
        {"": page(1, token="a"), "a": page(2, token="b"), "b": page(3, token="a")},
        {"": page(1, token="a"), "a": page(token="a")},
    ],
)
def test_a_list_without_end_is_ended(settings: Settings, pages: dict[str, Any]) -> None:
    with serving(lambda asked: answers(asked, pages)) as repository:
        with pytest.raises(HarvestError, match="again and again"):
            fetch(settings, repository.url, **QUICK)
        assert len(repository.asked) < 10


def test_empty_pages_and_one_token_for_all_are_no_loop(settings: Settings) -> None:
    given = iter([page(1, token="same"), page(2, token="same"), page(token="other"), page(token="last"), page(3)])
    with serving(lambda a: next(given) if a["verb"] == "ListRecords" else answers(a, {})) as repository:
        assert numbers(fetch(settings, repository.url, **QUICK)) == ["1", "2", "3"]


def test_gzip(settings: Settings) -> None:
    packed = {
        token: Reply(gzip.compress(str(text).encode()), headers={"Content-Encoding": "gzip"})
        for token, text in PAGES.items()
    }
    with serving(lambda asked: answers(asked, dict(packed))) as repository:
        harvest = fetch(settings, repository.url, **QUICK)
        assert [path.read_text() for path in harvest.pages] == list(PAGES.values())


def test_an_answer_without_end_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_module, "LARGEST", 100_000)
    bomb = Reply(gzip.compress(b" " * 10_000_000), headers={"Content-Encoding": "gzip"})
    with (
        serving(lambda asked: answers(asked, {"": bomb})) as repository,
        pytest.raises(HarvestError, match="more than 100000 bytes"),
    ):
        fetch(settings, repository.url, **QUICK)


def test_xml_that_is_whole_but_broken_is_taken_and_its_reader_says_so(settings: Settings) -> None:
    said: list[str] = []
    broken = str(PAGES["t 2"]).replace("Title 3", "Title & 3\x0b")
    with serving(lambda asked: answers(asked, PAGES | {"t 2": broken})) as repository:
        harvest = fetch(settings, repository.url, say=said.append, **QUICK)
    assert len(harvest.pages) == 3
    assert harvest.pages[1].read_text() == broken
    assert any("no good XML" in sentence for sentence in said)
    with harvest.pages[1].open("rb") as stream:
        items = list(oai_dc.read(stream, "page"))
    assert sum(isinstance(item, Record) for item in items) == 2
    assert any(isinstance(item, Fault) for item in items)


def test_broken_xml_that_hides_its_token_is_no_end_of_the_list(settings: Settings) -> None:
    broken = str(PAGES[""]).replace("<resumptionToken>", "<resumptionToken<")
    with (
        serving(lambda asked: answers(asked, PAGES | {"": broken})) as repository,
        pytest.raises(HarvestError, match="cut or broken"),
    ):
        fetch(settings, repository.url, **QUICK)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply("<html><body>Welcome</body></html>"), "no OAI-PMH repository"),
        (Reply("broken xml"), "no OAI-PMH repository"),
        (Reply("{}"), "no OAI-PMH repository"),
        (Reply("not here", 404), "HTTP 404"),
        (Reply("no", 403), "HTTP 403"),
        (Reply(error("badVerb"), 422), "badVerb: words"),
        (Reply(error("badArgument")), "badArgument: words"),
    ],
    ids=str,
)
def test_what_no_patience_mends_is_said_at_once(settings: Settings, reply: Reply, words: str) -> None:
    with serving(lambda asked: reply) as repository:
        with pytest.raises(HarvestError, match=words):
            fetch(settings, repository.url, **QUICK)
        assert len(repository.asked) == 1


def test_a_server_that_is_not_there(settings: Settings) -> None:
    with serving(lambda asked: "") as repository:
        pass
    with pytest.raises(HarvestError, match="connection failed"):
        fetch(settings, repository.url, **QUICK)


def test_a_server_that_does_not_answer(settings: Settings) -> None:
    ended = threading.Event()

    def answer(asked: Asked) -> str:
        ended.wait(10)
        return ""

    with serving(answer) as repository:
        try:
            with pytest.raises(HarvestError, match="timed out"):
                fetch(settings, repository.url, pause=0.0, timeout=0.2, retries=0)
        finally:
            ended.set()


def test_redirects(settings: Settings, repository: Repository) -> None:
    def answer(asked: Asked) -> Reply:
        query = urlencode(asked)
        return Reply("", 301, {"Location": f"{target}?{query}"})

    target = repository.url
    with serving(answer) as old:
        with pytest.raises(HarvestError, match=r"redirects to http://127\.0\.0\.1"):
            fetch(settings, old.url, **QUICK)
        assert repository.asked == []
        assert len(fetch(settings, old.url, elsewhere=True, **QUICK).pages) == 3
        old.answer = lambda asked: Reply("", 302, {"Location": "file:///etc/passwd"})
        with pytest.raises(HarvestError, match="no web address"):
            fetch(settings, old.url, set_name="b", elsewhere=True, **QUICK)
        old.answer = lambda asked: Reply("", 302, {"Location": "/oai"})
        with pytest.raises(HarvestError, match="without end"):
            fetch(settings, old.url, set_name="c", **QUICK)


def test_a_redirect_on_the_same_host_is_followed(settings: Settings) -> None:
    def answer(asked: Asked) -> str | bytes | Reply:
        if "moved" not in asked:
            query = urlencode(asked)
            return Reply("", 301, {"Location": f"/new/oai?moved=1&{query}"})
        return answers(asked, PAGES)

    with serving(answer) as repository:
        assert len(fetch(settings, repository.url, **QUICK).pages) == 3


@pytest.mark.parametrize("url", ["lib.example/oai", "ftp://lib.example/oai", "file:///etc/passwd", "", "http://"])
def test_addresses_that_are_none(settings: Settings, url: str) -> None:
    with pytest.raises(HarvestError, match="no web address"):
        fetch(settings, url, **QUICK)


@pytest.mark.parametrize("date", ["2024", "yesterday", "2024-01-01T00:00:00"])
def test_dates_that_are_none(settings: Settings, date: str) -> None:
    with pytest.raises(HarvestError, match="is no date"):
        fetch(settings, "http://lib.example/oai", since=date, **QUICK)


def test_one_at_a_time(settings: Settings, repository: Repository) -> None:
    inner: list[str] = []

    def answer(asked: Asked) -> str | bytes | Reply:
        if not inner:
            inner.append("")
            try:
                fetch(settings, repository.url, **QUICK)
            except HarvestError as error:
                inner.append(str(error))
        return answers(asked, PAGES)

    repository.answer = answer
    fetch(settings, repository.url, **QUICK)
    assert "under way" in inner[1]


def test_passwords_are_not_written_down(settings: Settings, repository: Repository) -> None:
    harvest = fetch(settings, repository.url.replace("://", "://me:secret@"), **QUICK)
    assert "Basic" in repository.headers[0]["Authorization"]
    assert "secret" not in (harvest.home / "state.json").read_text()
    assert "secret" not in str(harvest.home)


def test_a_damaged_state_is_said(settings: Settings, repository: Repository) -> None:
    harvest = fetch(settings, repository.url, **QUICK)
    for text in ('{"url": ', "[]", '{"address": "x"}'):
        (harvest.home / "state.json").write_text(text)
        with pytest.raises(HarvestError, match="damaged"):
            fetch(settings, repository.url, **QUICK)


# Recorded answers of real repositories

REPLAYED = {"calpoly": 208, "asu": 79, "digitalhoward": 181}


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of repositories are not beside the project")
@pytest.mark.parametrize("name", REPLAYED)
def test_recorded_lists(settings: Settings, name: str) -> None:
    texts = [path.read_bytes() for path in sorted(RECORDED.glob(f"scrapi/{name}-*.xml"))]
    tokens = [""]
    for text in texts[:-1]:
        tokens.append(Answer(text, etree.fromstring(text)).text("ListRecords/resumptionToken"))
    with serving(lambda asked: answers(asked, dict(zip(tokens, texts, strict=True)))) as repository:
        harvest = fetch(settings, repository.url, **QUICK)
        assert [path.read_bytes() for path in harvest.pages] == texts
        assert len(numbers(harvest)) == REPLAYED[name]


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of repositories are not beside the project")
def test_the_answers_of_sickle(settings: Settings) -> None:
    def answer(asked: Asked) -> bytes:
        names = {"Identify": "Identify.xml", "ListMetadataFormats": "ListMetadataFormats.xml"}
        name = names.get(asked["verb"]) or asked.get("resumptionToken", "ListRecords.xml")
        return (RECORDED / "sickle" / name).read_bytes()

    with serving(answer) as repository:
        harvest = fetch(settings, repository.url, **QUICK)
        assert len(harvest.pages) == 4
        assert len(numbers(harvest)) == 8
        done(harvest)
        fetch(settings, repository.url, **QUICK)
        assert repository.lists()[4]["from"] == "2013-02-27"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers of repositories are not beside the project")
def test_the_answers_of_mit(settings: Settings) -> None:
    names = iter(("list-records-include-deleted-01.xml", "harvest-list-method-no-records-01.xml"))
    texts = iter([(RECORDED / "mit" / name).read_bytes() for name in names])
    with serving(lambda asked: next(texts) if asked["verb"] == "ListRecords" else answers(asked, {})) as repository:
        harvest = fetch(settings, repository.url, **QUICK)
        assert numbers(harvest) == ["1721.1/112746-"]
        done(harvest)
        assert fetch(settings, repository.url, **QUICK).pages == ()
