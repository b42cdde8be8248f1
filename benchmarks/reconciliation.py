"""Whether slips in a title keep its record from being found, and how fast that is.

    python benchmarks/reconciliation.py 10000 ../shared/data/nist-techpubs
    python benchmarks/reconciliation.py --site SITE

So many generated records are published into a temporary folder, and with them the files of real records that follow;
or those of a site are taken. The titles of 200 are then spoilt in the ways of TABLES and sent in one batch, as
OpenRefine sends them. Printed are how many find their record first, and the seconds of the batch by the clock and of
the processor; the ratio is to those of the titles as they are. -v shows which do not.
"""

from __future__ import annotations

import argparse
import random
import re
import string
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
from generate import main as generate

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.settings import Settings
from publisher.web import create_app

BATCH = 200
rng = random.Random(7)


def slip(title: str) -> str:
    """One letter left out, doubled, replaced or swapped with its neighbour, in one word in six, and in one at least."""
    words = title.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 3] or [0]
    for place in rng.sample(long, max(1, len(long) // 6)):
        word = words[place]
        at = rng.randrange(max(1, len(word) - 1))
        letter = rng.choice(string.ascii_lowercase)
        words[place] = rng.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at : at + 1] * 2 + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
            )
        )
    return " ".join(words)


def punctuation(title: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^\w\s]", " ", title)).strip()


def without_subtitle(title: str) -> str:
    return title.partition(":")[0].strip() if ":" in title else title


def other_subtitle(title: str) -> str:
    return f"{without_subtitle(title)}: a report" if ":" in title else f"{title}: final report"


TABLES: dict[str, Callable[[str], str]] = {
    "as it is": lambda title: title,
    "typing errors": slip,
    "capitals": str.upper,
    "lower case": str.lower,
    "punctuation": punctuation,
    "no subtitle": without_subtitle,
    "other subtitle": other_subtitle,
    "all at once": lambda title: slip(punctuation(other_subtitle(title)).lower()),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("real", type=Path, nargs="*", help="files or folders of real records")
    parser.add_argument("--site", type=Path, help="a folder in which records are published already")
    parser.add_argument("-v", "--verbose", action="store_true")
    given = parser.parse_args()
    if given.site:
        measure(Settings(DATA_DIR=given.site), verbose=given.verbose)
        return
    with tempfile.TemporaryDirectory() as folder:
        pages, settings = Path(folder) / "pages", Settings(DATA_DIR=Path(folder) / "site")
        if given.count:
            generate([str(given.count), "--out", str(pages)])
        pipeline.load(settings, [*([pages] if given.count else []), *given.real])
        measure(settings, verbose=given.verbose)


def measure(settings: Settings, *, verbose: bool) -> None:
    catalog = Catalog(settings.DATA_DIR)
    rows = catalog.db.execute("SELECT key, label FROM thing WHERE kind = 'resource' AND NOT withdrawn").fetchall()
    catalog.close()
    # a title that several records have is no question that could be answered
    titles = Counter(label.casefold() for _, label in rows)
    mains = Counter(without_subtitle(label).casefold() for _, label in rows)
    unique = [row for row in rows if titles[row[1].casefold()] == 1 == mains[without_subtitle(row[1]).casefold()]]
    sample = rng.sample(unique, min(BATCH, len(unique)))
    print(f"{len(rows)} records, {len(unique)} with a title of their own; {len(sample)} of these asked for")
    app = create_app(settings)
    client = app.test_client()
    plain = 0.0
    for name, spoil in TABLES.items():
        queries = {key: {"query": spoil(label), "type": "resource", "limit": 5} for key, label in sample}
        start, used = time.perf_counter(), time.process_time()
        answer = client.post("/reconcile", data={"queries": orjson.dumps(queries).decode()})
        seconds, used = time.perf_counter() - start, time.process_time() - used
        plain = plain or used
        results = orjson.loads(answer.data)
        first = sum(
            bool(results[key]["result"]) and results[key]["result"][0]["id"] == f"resource/{key}" for key in queries
        )
        row = f"{name:<16}{first / len(queries):>8.1%} first"
        print(f"{row} {seconds:>7.2f} s a batch, {used:>6.2f} s of processor {used / plain:>6.2f} x")
        if verbose:
            for key, query in queries.items():
                found = results[key]["result"]
                if not found or found[0]["id"] != f"resource/{key}":
                    print("   ", query["query"], "->", [(row["name"], row["score"]) for row in found[:2]])
    app.extensions["publisher"].engine.close()


if __name__ == "__main__":
    main()
