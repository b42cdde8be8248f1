"""Whether real clients get everything: `python benchmarks/harvest_clients.py [COUNT]`.

sickle, oaipmh-scythe, Perl's HTTP::OAI and Catmandu harvest generated records to the end, then what changed after 1,000
updates and 100 withdrawals; what each holds is compared with the receipt. Clients that are not installed are left out.
`--site DIR` keeps the records for the next run.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from harvest import HERE, free_port, running
from sample_site import publish

UPDATES, WITHDRAWALS = 1000, 100
FIRST_NUMBER = 200_000  # of the generated records


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--site", type=Path, help="folder for the published records, kept for the next run")
    given = parser.parse_args()
    os.environ["NO_PROXY"] = "*"
    sys.path.insert(0, str(HERE.parent.parent / "tests" / "harvest"))
    sys.path.insert(0, str(HERE.parent.parent / "tests"))
    from oai_fixtures import digest  # type: ignore[import-not-found]  # of the tests
    from test_oai_clients import CLIENTS  # type: ignore[import-not-found]

    from publisher import pipeline
    from publisher.settings import Settings

    failures = 0
    with tempfile.TemporaryDirectory() as name:
        site = given.site or Path(name) / "site"
        publish(site, given.count)
        settings, port = Settings(DATA_DIR=site), free_port()
        command = [sys.executable, "-m", "publisher", "--data-dir", str(site), "serve", "--port", str(port)]
        with running(command, port):

            def receipt() -> dict[str, Any]:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/receipt") as answer:
                    return dict(json.load(answer))

            def harvest(round_name: str, since: str, stores: dict[str, Any]) -> int:
                wanted, wrong = receipt(), 0
                for client, fetch in CLIENTS.items():
                    start = time.perf_counter()
                    try:
                        found = fetch(f"http://127.0.0.1:{port}/oai", since)
                    except BaseException as error:  # pytest's Skipped is no Exception
                        print(f"  {client:<14}{round_name}: left out ({error})")
                        continue
                    seconds = time.perf_counter() - start
                    store = stores.setdefault(client, {})
                    store |= found
                    live = sum(not deleted for _, deleted in store.values())
                    agrees = (live, digest(store)) == (wanted["count"], wanted["digest"])
                    wrong += not agrees
                    verdict = "as the receipt says" if agrees else f"but the receipt says {wanted['count']:,}"
                    what = f"{round_name}: {len(found):>9,} in {seconds:>6.1f} s"
                    print(f"  {client:<14}{what}, holds {live:,}, {verdict}")
                return wrong

            stores: dict[str, Any] = {}
            time.sleep(1)  # the records are older than this second
            before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            failures += harvest("in full", "", stores)
            number = receipt()["release"]
            pages = Path(name) / "updates"
            generator = [sys.executable, str(HERE.with_name("generate.py")), str(UPDATES), "--out", str(pages)]
            subprocess.run(generator, check=True, stderr=subprocess.DEVNULL)
            for page in pages.iterdir():
                page.write_text(re.sub(r"\nTitle: ", f"\nTitle: Mended {number}: ", page.read_text("utf-8")), "utf-8")
            pipeline.load(settings, [pages])
            first = FIRST_NUMBER + given.count - WITHDRAWALS * (number + 1) // 2
            pipeline.withdraw(settings, [str(first + place) for place in range(WITHDRAWALS)])
            failures += harvest("since then", before, stores)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
