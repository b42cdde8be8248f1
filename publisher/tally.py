"""What is counted of everything that is published, kept up by each publish with what it adds and takes away.

Counted are the statements of descriptions; the reports of the validation are none. A COUNT over the store takes seconds
at a million records; these rows cost some microseconds a description. What the data set says of itself is not in them,
since it changes with them (`mapping.dataset.describe_with_itself`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.mapping.dataset import Facts
from publisher.namespaces import DCTERMS, OWL, RDF, SKOS

_TYPE = f"<{RDF.type}>"
_SPATIAL = f"<{DCTERMS.spatial}>"
_ISSUED = f"<{DCTERMS.issued}>"
_LINKS = {f"<{iri}>": iri for iri in (SKOS.exactMatch, SKOS.closeMatch, OWL.sameAs)}
_PLACES = 10


class Tally:
    """Counts by what is counted and the term: ("property", IRI), ("class", IRI), ("place", IRI), ("year", "2011"),
    ("link", "predicate target"), ("triples", ""), ("subjects", "")."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, lines: Iterable[str], sign: int = 1) -> None:
        """Counts the canonical lines of one description in, or out with sign -1."""
        counts, subjects = self.counts, set()
        number = 0
        for line in lines:
            subject, predicate, rest = line.split(" ", 2)
            subjects.add(subject)
            number += sign
            counts["property", predicate[1:-1]] += sign
            if predicate == _TYPE:
                counts["class", rest[1:-3]] += sign
            elif predicate == _SPATIAL and rest[0] == "<":
                counts["place", rest[1:-3]] += sign
            elif predicate == _ISSUED and rest[1:5].isdigit() and rest[5:6] == '"':
                counts["year", rest[1:5]] += sign
            elif predicate in _LINKS and rest[0] == "<" and (site := _site(rest[1:-3])):
                counts["link", f"{_LINKS[predicate]} {site}"] += sign
        counts["triples", ""] += number
        counts["subjects", ""] += sign * len(subjects)

    def save(self, catalog: Catalog) -> None:
        """Adds what was counted to the rows of the catalog."""
        catalog.db.executemany(
            "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
            ((*name, count) for name, count in self.counts.items() if count),
        )
        catalog.db.execute("DELETE FROM tally WHERE count = 0")

    @classmethod
    def of(cls, catalog: Catalog) -> Tally:
        """All that the catalog has counted."""
        tally = cls()
        tally.counts.update({(what, term): count for what, term, count in catalog.db.execute("SELECT * FROM tally")})
        return tally

    def facts(self) -> Facts:
        """The counts as the description of the data set says them, in the order of their terms."""

        def named(what: str) -> dict[str, int]:
            return {term: count for (kind, term), count in sorted(self.counts.items()) if kind == what and count > 0}

        places, years = named("place"), list(named("year"))
        return Facts(
            triples=self.counts["triples", ""],
            subjects=self.counts["subjects", ""],
            classes=named("class"),
            properties=named("property"),
            links={tuple(term.split(" ", 1)): count for term, count in named("link").items()},  # type: ignore[misc]
            places=sorted(places, key=lambda iri: (-places[iri], iri))[:_PLACES],
            years=(years[0], years[-1]) if years else None,
        )


def _site(iri: str) -> str:
    """The site that a link leads to: scheme and host."""
    try:
        parts = urlsplit(iri)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}/" if parts.netloc else ""


def examples(catalog: Catalog) -> list[str]:
    """The keys of the three resources that have been here longest."""
    query = "SELECT key FROM thing WHERE kind = 'resource' AND NOT withdrawn ORDER BY id LIMIT 3"
    return [key for (key,) in catalog.db.execute(query)]


def things(catalog: Catalog) -> int:
    """How many things are described, the data set not counted."""
    return catalog.count() - (1 if catalog.find(*DATASET) is not None else 0)
