"""How long each door of a site takes to answer first, and then: `python benchmarks/doors.py SITE`.

Each address is asked three times in a process of its own that has served nothing before: the first answer shows what a
process has to make first, the third what every request costs. The site, loaded before, stays as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

from publisher.catalog import Catalog
from publisher.harvest import change_log
from publisher.items import Items
from publisher.settings import Settings
from publisher.web import create_app


def addresses(catalog: Catalog) -> list[str]:
    """One of each kind, where there is a difference the first and the last, and of the sets the largest."""
    db = catalog.db
    last = change_log.last(catalog)
    (key,) = db.execute("SELECT key FROM thing WHERE kind = 'resource' ORDER BY id DESC LIMIT 1").fetchone()
    order = (
        "SELECT thing.kind, key FROM named JOIN thing ON id = thing WHERE thing.kind = ? ORDER BY count DESC LIMIT 1"
    )
    things = [found for kind in ("agent", "concept", "place") if (found := db.execute(order, (kind,)).fetchone())]
    sets = [""] + [
        row[0]
        for parent in ("type", "year", "country", "keyword")
        for row in db.execute(
            "SELECT spec FROM item_set WHERE spec LIKE ? ORDER BY items DESC LIMIT 1", (f"{parent}:%",)
        )
    ]
    harvest = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    since = Items(catalog).moment("")[1]
    blocks = max(1, last // 50_000)
    return [
        "/",
        "/browse",
        *(f"/browse/{facet}" for facet in ("titles", "authors", "keywords", "series", "countries", "years", "types")),
        "/browse/titles?begin=t",
        "/search?q=police",
        "/search?q=police&keyword=prison&country=canada",
        "/search?q=",
        "/search?q=&sort=title",
        "/search?q=police&sort=-year",
        "/search.json?q=police&sort=title",
        "/search.csv?q=netherwingham",
        "/search?q=polcie",
        "/suggest?q=pol&field=keyword",
        "/suggest?q=s&field=author",
        f"/doc/resource/{key}",
        f"/doc/resource/{key}.ttl",
        f"/doc/resource/{key}/validation",
        f"/doc/resource/{key}/versions",
        *(f"/doc/{kind}/{name}" for kind, name in things),
        "/dataset",
        "/dataset.ttl",
        "/.well-known/void",
        "/receipt",
        *(f"/receipt?set={spec}" for spec in sets[1:]),
        "/oai?verb=Identify",
        "/oai?verb=ListSets",
        "/oai?verb=ListSets&resumptionToken=2,ListSets,year",
        *(f"{harvest}&set={spec}" if spec else harvest for spec in sets),
        *(f"{harvest}&from={since}&set={spec}" if spec else f"{harvest}&from={since}" for spec in sets),
        f"/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&until={since}",
        "/changes",
        "/changes/1",
        f"/changes/{change_log.pages(catalog)}",
        "/changes/resource",
        "/changes/place",
        "/changes.atom",
        "/changes?since=0&limit=1000",
        f"/changes?since={last - 1000}",
        "/sitemap.xml",
        "/sitemap/1.xml",
        f"/sitemap/{blocks}.xml",
        "/.well-known/resourcesync",
        "/resourcesync/resourcelist.xml",
        f"/resourcesync/resourcelist-{blocks}.xml",
        "/resourcesync/resourcedump.xml",
        "/resourcesync/resourcedump-2.zip",
        "/resourcesync/changelist.xml",
        f"/resourcesync/changelist-{blocks}.xml",
        "/resourcesync/changedump.xml",
        "/resourcesync/changedump-2.zip",
        "/validation",
        "/validation.ttl",
        "/validation/quarantine",
        "/validation/records?rule=shapes%23creator",
        "/reconcile",
        "/reconcile?queries=" + json.dumps({"q": {"query": "polcie training in prisons", "limit": 5}}),
        "/reconcile/suggest/entity?prefix=pol",
        "/health",
        "/metrics",
        "/dump/",
        "/robots.txt",
        "/openapi.json",
        "/sparql/examples",
    ]


def asked(settings: Settings, address: str) -> str:
    """A row of the table, made in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        client = create_app(settings).test_client()
        times, status, size = [], 0, 0
        for _ in range(3):
            began = time.perf_counter()
            answer = client.get(address, headers={"Accept-Encoding": "gzip"})
            size, status = len(answer.get_data()), answer.status_code
            times.append(1000 * (time.perf_counter() - began))
        os.write(writer, f"| {address} | {times[0]:,.1f} | {times[2]:,.1f} | {size:,} | {status} |".encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        row = stream.read()
    os.waitpid(child, 0)
    return row or f"| {address} | failed |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="DATA_DIR of a site")
    parser.add_argument("--only", default="", help="only addresses that have this in them")
    options = parser.parse_args()
    catalog = Catalog(options.site)
    settings = Settings(BASE_URL=catalog.base(), DATA_DIR=options.site, USE_DAYS=0)
    chosen = [address for address in addresses(catalog) if options.only in address]
    catalog.close()
    print("| address | first, ms | third, ms | bytes | status |\n|---|---|---|---|---|")
    for address in chosen:
        print(asked(settings, address), flush=True)


if __name__ == "__main__":
    main()
