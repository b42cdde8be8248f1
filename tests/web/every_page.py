"""A page of every kind: those that the samples have, and those of a site on which something happened, for those who
look at all of them. A new kind of page belongs in here; a test of the templates says so."""

from pathlib import Path
from urllib.parse import urlencode

from conftest import RECORD

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.history import history
from publisher.settings import Settings

QUERY = "/sparql?format=html&query="
PAGES = [
    "/",
    "/search?q=probation",
    "/search?q=probaton",
    "/search?title=zzzz",
    "/search?size=5",
    "/browse",
    "/browse/keywords",
    "/browse/years",
    "/doc/resource/123404",
    "/doc/resource/123404?style=apa",
    "/doc/resource/123404?_profile=alt",
    "/doc/resource/123404?_explain",
    "/doc/resource/123404/source",
    "/doc/resource/123404/validation",
    "/doc/agent/great-britain",
    "/doc/concept/probation",
    "/doc/place/united-kingdom",
    "/doc/series/prison-studies-working-paper",
    "/dataset",
    "/sparql",
    "/sparql/examples",
    "/sparql/examples/words",
    f"{QUERY}SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%2030",
    f"{QUERY}DESCRIBE%20%3Chttps%3A%2F%2Flib.example%2Fid%2Fresource%2F123404%3E",
    "/ontology",
    "/shapes",
    "/validation",
    "/validation/quarantine",
    "/changes",
    "/changes/resource",
    "/dump/",
    "/validation/records?rule=shapes%23abstract",
    "/doc/resource/123404?_explain=html&accept=text/turtle;q=0.5,%20*/*;q=0.1&accept_profile=%3Chttp://schema.org/%3E",
    "/doc/resource/123404/versions",
    "/sparql/examples/shelf-number",
    "/search?record=123404",
    "/reconcile",
]
FRAMED = ["/reconcile/preview?id=resource/123404"]  # shown inside of the pages of others, and has its own style
# answered by an error
BROKEN = ["/nothing", f"{QUERY}SELECT%20%7B", "/doc/resource/none", "/doc/resource/123404?style=none"]
BROKEN.append("/doc/resource/123404?_mediatype=image/png")  # the list of what there is
FEW = 1000  # SPARQL_MAX_BYTES of the site of events, so that it has a page that says that it cannot answer now


def publish_events(settings: Settings, folder: Path) -> tuple[list[str], list[str]]:
    """Publishes what has versions, was withdrawn, refused, or accepted in spite of its faults; gives the pages of that
    and those that answer with an error."""

    def load(**titles: str) -> None:
        given = {"author": "Smith, Jane A.", "keywords": "Probation"}
        blocks = [RECORD.format(title=title, number=number[1:], **given) for number, title in titles.items()]
        (folder / "page.txt").write_text(f"{len(blocks)} results found\n\n" + "\n".join(blocks), "utf-8")
        pipeline.load(settings, [folder / "page.txt"])

    load(n1="First title", n2="Withdrawn", n3="", n4="")
    load(n1="Second title", n3="", n4="")
    pipeline.accept(settings, "4", "A librarian", "It has none")
    pipeline.withdraw(settings, ["2"])
    catalog = Catalog(settings.DATA_DIR)
    first, second = (each.sequence for each in history(catalog, "resource", "1"))
    broken = catalog.db.execute("SELECT rule FROM finding JOIN report ON id = report WHERE until IS NULL").fetchall()
    catalog.close()
    good = [
        "/doc/resource/1",
        "/doc/resource/1/versions",
        f"/doc/resource/1/versions/{first}",
        f"/doc/resource/1/versions/{second}/changes",
        "/doc/resource/3/validation",
        "/doc/resource/4",
        "/doc/resource/4/validation",
        "/validation",
        "/validation/quarantine",
        *sorted({f"/validation/records?{urlencode({'rule': rule})}" for (rule,) in broken})[:2],
        "/changes/resource",
    ]
    too_long = f"{QUERY}SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D"  # for FEW
    return good, ["/doc/resource/2", "/doc/resource/2/versions/999", too_long]
