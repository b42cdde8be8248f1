"""Whether harvesters are told what is published: items, their records, the lists of the sets, and the receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from publisher.catalog import Catalog, Entry
from publisher.items import ALL, MODULUS, Identifiers, digest_of, parents, sets_of
from publisher.mapping import Mapping
from publisher.view import of_entry

# sets that settings make, and not what is said of a record
_BY_SETTINGS = ("search", "collection")


class ItemComparison:
    """Compares what one catalog holds for harvesters with the descriptions in it, in bounded memory."""

    def __init__(self, mapping: Mapping, catalog: Catalog) -> None:
        self.mapping, self.catalog, self.db = mapping, catalog, catalog.db
        self.specs: dict[int, str] = dict(self.db.execute("SELECT id, spec FROM item_set").fetchall())

    def resources(self, page: Sequence[Entry]) -> Iterator[Entry]:
        """Those of some published descriptions that harvesters are told otherwise, or not at all."""
        marks = ",".join("?" * len(page))
        query = (
            "SELECT item.thing, item.sequence, item.release, sets, "
            "item_dc.start = CAST('<record>' || item.start AS BLOB) "
            "AND substr(item_dc.end, 1, length(item.end)) = item.end "
            f"FROM item LEFT JOIN item_dc USING (sequence) WHERE thing IN ({marks}) AND NOT withdrawn"
        )
        found = {row[0]: row[1:] for row in self.db.execute(query, [entry.id for entry in page])}
        for entry in page:
            if entry.kind == "resource":
                sequence, release, sets, whole = found.get(entry.id, (0, 0, "", 0))
                in_sets = {self.specs.get(int(number), "?") for number in sets.split()}
                same = (sequence, release) == (entry.sequence, entry.release) and whole and in_sets
                if not same or self._of_records(in_sets) != self._of_records(self._sets(entry)):
                    yield entry

    def _sets(self, entry: Entry) -> set[str]:
        leaves = [leaf for leaf, _ in sets_of(of_entry(self.mapping, self.catalog, entry))]
        return {*leaves, *(wide for leaf in leaves for wide in parents(leaf))}

    @staticmethod
    def _of_records(specs: set[str]) -> set[str]:
        return {spec for spec in specs if spec.partition(":")[0] not in _BY_SETTINGS}

    def surplus(self) -> Iterator[tuple[int, str]]:
        """(thing, key) of resources that are withdrawn, but not so for harvesters, and of items of no resource."""
        yield from self.db.execute(
            "SELECT id, key FROM thing LEFT JOIN item ON thing = id WHERE kind = 'resource' AND thing.withdrawn "
            "AND (item.sequence IS NOT version OR NOT item.withdrawn)"
        )
        yield from self.db.execute(
            "SELECT thing, ifnull(key, '?') FROM item LEFT JOIN thing ON id = thing "
            "WHERE kind IS NOT 'resource' OR (item.withdrawn AND NOT thing.withdrawn)"
        )

    def sets(self) -> Iterator[str]:
        """The specs of the sets ("" for that of everything) whose list or receipt is not what their items say."""
        listed, withdrawn, digests = Counter[int](), Counter[int](), Counter[int]()
        orphan = "SELECT 1 FROM item_dc WHERE sequence NOT IN (SELECT sequence FROM item)"
        wrong = set[int]() if self.db.execute(orphan).fetchone() is None else {ALL}
        identifiers = Identifiers(self.mapping.settings)
        query = (
            "SELECT sequence, key, item.withdrawn, sets, datestamp FROM item JOIN thing ON id = thing "
            "JOIN release ON number = item.release ORDER BY sequence"
        )
        for sequence, key, gone, sets, datestamp in self.db.execute(query):
            counted = 0 if gone else digest_of(identifiers.of(key), datestamp)
            for number in (ALL, *map(int, sets.split())):
                place = (number, sequence)
                is_member = "SELECT 1 FROM membership WHERE item_set = ? AND sequence = ?"
                if self.db.execute(is_member, place).fetchone() is None:
                    wrong.add(number)
                listed[number] += 1
                withdrawn[number] += gone
                digests[number] += counted
        lists = dict(self.db.execute("SELECT item_set, count(*) FROM membership GROUP BY item_set").fetchall())
        for number, items in self.db.execute("SELECT id, items FROM item_set").fetchall():
            row = self.db.execute(
                "SELECT items, withdrawn, digest FROM receipt WHERE item_set = ? ORDER BY release DESC LIMIT 1",
                (number,),
            ).fetchone() or (0, 0, bytes(32))
            live = listed[number] - withdrawn[number]
            receipt = (live, withdrawn[number], (digests[number] % MODULUS).to_bytes(32))
            if number in wrong or row != receipt or not listed[number] == items == lists.get(number, 0):
                yield self.specs.get(number, "?")
