"""How the site is used: daily counts of requests by door, operation, format and kind of client, and no word of persons.

Every server process counts in memory and adds its counts to DATA_DIR/use.sqlite from time to time; that is all that the
web side ever writes. No address, no text that was asked for and no name of a client that is not in CLIENTS is kept.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, XSD

from publisher.addresses import DATASET, Addresses
from publisher.namespaces import namespaces

FILE = "use.sqlite"
SECONDS = 10.0  # between two times that a process writes its counts
BUCKETS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)  # seconds that an answer took at most; above the last is no limit
_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (
    day TEXT NOT NULL, door TEXT NOT NULL, operation TEXT NOT NULL, format TEXT NOT NULL, client TEXT NOT NULL,
    status INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (day, door, operation, format, client, status)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latency (
    door TEXT NOT NULL, bucket INTEGER NOT NULL, count INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (door, bucket)) WITHOUT ROWID;
"""
_EPOCH = date(1970, 1, 1)
# what a User-Agent begins with or holds, in lower case -> what it counts as; the first that fits
CLIENTS = {
    "openrefine": "OpenRefine",
    "oaipmh-scythe": "oaipmh-scythe",
    "sickle": "Sickle",
    "oai-pmh": "OAI harvester",
    "oai": "OAI harvester",
    "harvest": "harvester",
    "catmandu": "Catmandu",
    "resync": "resync",
    "publisher/": "publisher",
    "zotero": "Zotero",
    "googlebot": "Google",
    "bingbot": "Bing",
    "bot": "robot",
    "crawl": "robot",
    "spider": "robot",
    "sparqlwrapper": "SPARQLWrapper",
    "rdflib": "rdflib",
    "jena": "Jena",
    "rdf4j": "RDF4J",
    "comunica": "Comunica",
    "python-requests": "python-requests",
    "python-urllib": "Python",
    "python": "Python",
    "java": "Java",
    "go-http": "Go",
    "curl": "curl",
    "wget": "wget",
    "libwww-perl": "Perl",
    "node": "Node.js",
    "mozilla": "browser",
}


@lru_cache(1000)
def client_of(user_agent: str) -> str:
    """The kind of client that a User-Agent names; one that is not known is a program like others."""
    text = user_agent.lower()
    return next((client for part, client in CLIENTS.items() if part in text), "program" if text else "unnamed")


@dataclass(frozen=True, slots=True)
class Request:
    """What is counted of a request: `operation` is the form of a query or the verb of a protocol, empty elsewhere."""

    door: str
    operation: str
    format: str
    client: str
    status: int


class Use:
    """The counts of one process, written to DATA_DIR by a thread of its own; safe for many threads."""

    def __init__(self, folder: Path, days: int) -> None:
        self.path, self.days = folder / FILE, days
        self._requests: Counter[tuple[int, Request]] = Counter()
        self._latency: dict[tuple[str, int], tuple[int, float]] = {}  # (door, bucket) -> answers and their seconds
        self._lock, self._end = threading.Lock(), threading.Event()
        self._writer: threading.Thread | None = None

    def count(self, request: Request, seconds: float) -> None:
        """Counts one request and how long its answer took."""
        bucket = next((number for number, limit in enumerate(BUCKETS) if seconds <= limit), len(BUCKETS))
        with self._lock:
            self._requests[int(time.time() // 86_400), request] += 1
            count, total = self._latency.get((request.door, bucket), (0, 0.0))
            self._latency[request.door, bucket] = count + 1, total + seconds
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while not self._end.wait(SECONDS):
            self.flush()

    def flush(self) -> None:
        """Adds what was counted to the file. Where that cannot be written the counts wait in memory."""
        with self._lock:
            requests, latency = self._requests, self._latency
            self._requests, self._latency = Counter(), {}
        if not requests:
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=5)) as db, db:
                db.executescript(_SCHEMA)
                db.executemany(
                    "INSERT INTO requests VALUES (?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                    (
                        (
                            (_EPOCH + timedelta(day)).isoformat(),
                            row.door,
                            row.operation,
                            row.format,
                            row.client,
                            row.status,
                            count,
                        )
                        for (day, row), count in requests.items()
                    ),
                )
                db.executemany(
                    "INSERT INTO latency VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                    "count = count + excluded.count, seconds = seconds + excluded.seconds",
                    ((*name, *counted) for name, counted in latency.items()),
                )
                oldest = datetime.now(UTC) - timedelta(days=self.days)
                db.execute("DELETE FROM requests WHERE day < ?", (oldest.strftime("%Y-%m-%d"),))
        except sqlite3.Error:
            with self._lock:
                self._requests.update(requests)
                for name, (more, seconds) in latency.items():
                    count, total = self._latency.get(name, (0, 0.0))
                    self._latency[name] = count + more, total + seconds

    def close(self) -> None:
        """Writes what there is, and ends."""
        self._end.set()
        self.flush()


@contextmanager
def _reading(folder: Path) -> Iterator[sqlite3.Connection | None]:
    """The counts for reading; None if nothing was ever counted."""
    path = folder / FILE
    if not path.is_file():
        yield None
        return
    with closing(sqlite3.connect(path, timeout=5)) as db:
        yield db


def totals(folder: Path) -> list[tuple[str, str, int, int]]:
    """All requests that are remembered: (door, format, status, count)."""
    query = "SELECT door, format, status, sum(count) FROM requests GROUP BY door, format, status"
    with _reading(folder) as db:
        return db.execute(query).fetchall() if db is not None else []


def latencies(folder: Path) -> dict[str, tuple[list[int], float]]:
    """How long answers took, by door: how many in each of BUCKETS and above, and the seconds of all together."""
    found: dict[str, tuple[list[int], float]] = {}
    with _reading(folder) as db:
        rows = db.execute("SELECT door, bucket, count, seconds FROM latency").fetchall() if db is not None else []
    for door, bucket, count, seconds in rows:
        counts, total = found.get(door, ([0] * (len(BUCKETS) + 1), 0.0))
        counts[bucket] += count
        found[door] = counts, total + seconds
    return found


COLUMNS = ("day", "door", "operation", "format", "client", "status", "requests")


def report(folder: Path, since: str = "", until: str = "9999") -> list[tuple[str, ...]]:
    """The rows of COLUMNS for the days from `since` to `until` (ISO 8601), the latest first."""
    query = "SELECT * FROM requests WHERE day BETWEEN ? AND ? ORDER BY day DESC, count DESC, door, format, client"
    with _reading(folder) as db:
        rows = db.execute(query, (since, until)).fetchall() if db is not None else []
    return [tuple(str(cell) for cell in row) for row in rows]


def as_csv(rows: list[tuple[str, ...]]) -> str:
    output = io.StringIO()
    csv.writer(output, lineterminator="\n").writerows([COLUMNS, *rows])
    return output.getvalue()


def as_turtle(rows: list[tuple[str, ...]], addresses: Addresses) -> str:
    """The rows as interaction counters of schema.org."""
    schema, graph = Namespace(namespaces()["schema"]), Graph()
    graph.bind("schema", schema)
    for row in rows:
        said = dict(zip(COLUMNS, row, strict=True))
        names = [said[name] for name in COLUMNS[:-1]]
        fragment = "use-" + "-".join("".join(c if c.isalnum() else "-" for c in name) for name in names)
        counter = URIRef(addresses.thing(*DATASET, fragment=fragment))
        graph.add((counter, RDF.type, schema.InteractionCounter))
        graph.add((counter, schema.startTime, Literal(said["day"], datatype=XSD.date)))
        graph.add((counter, schema.userInteractionCount, Literal(int(said["requests"]))))
        for name in ("door", "operation", "format", "client", "status"):
            if said[name]:
                part = URIRef(f"{counter}-{name}")
                graph.add((counter, schema.additionalProperty, part))
                graph.add((part, RDF.type, schema.PropertyValue))
                graph.add((part, schema.name, Literal(name)))
                graph.add((part, schema.value, Literal(said[name])))
    return graph.serialize(format="turtle")
