"""How long a search takes, with its facets and pages, beside SQLite FTS5 over the same records: `python
benchmarks/search.py [COUNT]`.

Both indexes are built from the same generated records in this process and asked alone; milliseconds are the median of
some runs. FTS5 has no facets: they are counted by joins with a table of values, as one would write it.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from publisher.readers import read
from publisher.record import Record
from publisher.search import FACETS, FIELDS, Index, IndexWriter, Question, values
from publisher.search.fields import facets, order

RUNS = 9
MISSPELT = "probaton"


def records_of(pages: Path) -> Iterator[tuple[int, Record]]:
    found = (item for page in sorted(pages.iterdir()) for item in read(page) if isinstance(item, Record))
    return enumerate(found, 1)


def build_ours(pages: Path, folder: Path) -> Index:
    writer = IndexWriter(None, folder)
    for thing, record in records_of(pages):
        writer.put(thing, str(thing), 1, record)
    writer.close()
    return Index(folder)


def build_fts5(pages: Path, path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    tokenizer = "unicode61 remove_diacritics 2"
    db.execute(f"CREATE VIRTUAL TABLE record USING fts5 ({', '.join(FIELDS)}, content='', tokenize='{tokenizer}')")
    db.execute("CREATE TABLE value (facet TEXT, thing INTEGER, text TEXT)")
    db.execute("CREATE TABLE place (record INTEGER PRIMARY KEY, newest INTEGER)")
    db.execute("BEGIN")
    for thing, record in records_of(pages):
        found = values(record)
        cells = ["\n".join(found[name]) for name in FIELDS]
        db.execute(f"INSERT INTO record (rowid, {', '.join(FIELDS)}) VALUES (?{', ?' * len(FIELDS)})", (thing, *cells))
        rows = [(name, thing, text) for name, texts in facets(record).items() for text in texts]
        db.executemany("INSERT INTO value VALUES (?, ?, ?)", rows)
        db.execute("INSERT INTO place VALUES (?, ?)", (thing, order(thing, record)["newest"]))
    db.execute("CREATE INDEX value_of_thing ON value (thing, facet, text)")
    db.execute("CREATE INDEX place_in_order ON place (newest)")
    db.execute("COMMIT")
    return db


def milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def size(path: Path) -> float:
    """Megabytes."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*"))) / 1e6


def main(count: int = 10_000) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        generator = Path(__file__).with_name("generate.py")
        command = [sys.executable, str(generator), str(count), "--out", str(folder / "pages")]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        start = time.perf_counter()
        index = build_ours(folder / "pages", folder / "ours")
        ours = time.perf_counter() - start
        start = time.perf_counter()
        db = build_fts5(folder / "pages", folder / "fts5.sqlite")
        theirs = time.perf_counter() - start
        print(f"{count:,} records               ours     FTS5   FTS5/ours")
        print(f"{'build, s':<24}{ours:>8.1f}{theirs:>9.1f}{theirs / ours:>9.1f}")
        ours, theirs = size(folder / "ours"), size(folder / "fts5.sqlite")
        print(f"{'size, MB':<24}{ours:>8.1f}{theirs:>9.1f}{theirs / ours:>9.1f}")
        compare(index, db)


def compare(index: Index, db: sqlite3.Connection) -> None:
    """Asks both the same."""
    best = "SELECT rowid FROM record WHERE record MATCH ? ORDER BY rank LIMIT 20"
    number = "SELECT count(*) FROM record WHERE record MATCH ?"
    counts = """SELECT text, count(*) AS n FROM record JOIN value ON value.thing = record.rowid AND facet = ?
        WHERE record MATCH ? GROUP BY text ORDER BY n DESC LIMIT 10"""

    def asked(words: str, ours: Question) -> Iterator[tuple[str, Callable[[], object], Callable[[], object] | None]]:
        yield (
            "the best 20, and how many",
            lambda: index.search(ours),
            lambda: (db.execute(best, (words,)).fetchall(), db.execute(number, (words,)).fetchall()),
        )
        yield (
            f"{len(FACETS)} facets counted",
            lambda: index.facets(ours),
            lambda: [db.execute(counts, (facet, words)).fetchall() for facet in FACETS],
        )

    common, rare = "probation", "probation prisons youth"
    for title, words in (("a common word", common), ("three words", rare), ("a prefix", "proba*")):
        print(f"{title}: {index.search(Question({'q': words})).count:,} results")
        for what, ours, theirs in asked(words, Question({"q": words})):
            report(what, ours, theirs)
    print("all records")
    everything, half = Question({}), len(index) // 2
    cursor = None
    seen = 0
    while seen < half:  # as a reader would who goes on and on, in large steps
        page = index.search(everything, 1000, "-year", after=cursor)
        seen, cursor = seen + len(page.ids), page.after
    report("facets counted", lambda: index.facets(everything), None)
    newest = db.execute("SELECT newest FROM place ORDER BY newest DESC LIMIT 1 OFFSET ?", (half,)).fetchone()[0]
    after = "SELECT record FROM place WHERE newest < ? ORDER BY newest DESC LIMIT 20"
    report(
        "a page in the middle",
        lambda: index.search(everything, 20, "-year", after=cursor),
        lambda: db.execute(after, (newest,)).fetchall(),
    )
    report("by title, first page", lambda: index.search(everything, 20, "title"), None)
    question = Question({"q": MISSPELT})
    near = index.unknown(question)
    report(f"{MISSPELT}: words like it", lambda: index.search(question, near=near or frozenset(question.parts)), None)


def report(what: str, ours: Callable[[], object], theirs: Callable[[], object] | None) -> None:
    first = milliseconds(ours)
    second = milliseconds(theirs) if theirs is not None else None
    others = f"{second:>9.2f}{second / first:>9.1f}" if second is not None else ""
    print(f"  {what:<28}{first:>6.2f} ms{others}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
