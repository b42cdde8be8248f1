"""The description of the data set for a release in the making, from what is counted and what there is to fetch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from publisher.addresses import DATASET
from publisher.catalog import Catalog
from publisher.mapping import Mapping, lines
from publisher.mapping.dataset import Accepted, Dump, Facts, describe_with_itself
from publisher.releases.prepared import Prepared, prepare
from publisher.tally import Tally, examples, things


def prepare_dataset(mapping: Mapping, catalog: Catalog, release: int, time: str, dumps: Sequence[Dump]) -> Prepared:
    """The description of the data set as release `release` will hold it; `time` is that of the release."""
    issued = catalog.db.execute("SELECT published FROM release ORDER BY number LIMIT 1").fetchone()[0]
    others, count, keys = Tally.of(catalog), things(catalog), examples(catalog)
    rows = catalog.db.execute("SELECT name, who, how, accepted, links FROM linkset WHERE links > 0 ORDER BY name")
    accepted = [Accepted(*row) for row in rows]
    added_by_publishing = lines(mapping.publication(DATASET, issued, time, release, ""))

    def facts(own: list[str]) -> Facts:
        tally = Tally()
        tally.counts.update(others.counts)
        tally.add([*own, *added_by_publishing])
        found = tally.facts()
        found.things, found.examples, found.dumps = count + 1, keys, dumps
        found.release, found.issued, found.accepted = release, issued, accepted
        return found

    description = describe_with_itself(mapping.settings, facts)
    # it names records and places as examples; that keeps none of them here
    return replace(prepare(mapping, [description], description), mentions=(), names={})
