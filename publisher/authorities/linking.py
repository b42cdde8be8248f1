"""Linking: the statements of a file meet the headings that are published; what is sure is accepted, else reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from publisher import pipeline
from publisher.authorities.statements import Statement, read
from publisher.catalog import Catalog
from publisher.errors import NotFound, UnreadableSource
from publisher.mapping import Decisions, digest
from publisher.mapping.dataset import Accepted
from publisher.mapping.terms import slug
from publisher.packing import pack
from publisher.record import Record
from publisher.releases import Publication, move
from publisher.settings import Settings

MATCHED = ("concept", "agent", "place", "series")
WORDS = {"concept": "keyword", "agent": "name", "place": "place", "series": "series"}
Key = tuple[str, str]


@dataclass
class Outcome:
    """What became of the statements of a file: `said` are sentences on those that were not accepted."""

    linked: Counter[str] = field(default_factory=Counter)
    merged: int = 0
    split: int = 0
    absent: int = 0
    ambiguous: int = 0
    wrong: int = 0
    said: list[str] = field(default_factory=list)
    release: int = 0

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {WORDS[kind]}{'s' if count != 1 else ''}" for kind, count in self.linked.items())
        parts = [f"{self.linked.total()} links accepted" + (f" ({kinds})" if kinds else "")]
        parts += [f"{count} {what}" for what, count in (("merged", self.merged), ("split", self.split)) if count]
        parts += [f"{self.ambiguous} ambiguous", f"{self.absent} without a heading here"]
        return ", ".join(parts + ([f"{self.wrong} wrong"] if self.wrong else []))


def load(
    settings: Settings, path: Path, who: str, how: str, kind: str = "", relation: str = "", dry_run: bool = False
) -> Outcome:
    """Accepts what a file says of our headings, in place of what a file of that name said before. `kind` and `relation`
    hold for statements that have none: without them a vocabulary speaks of keywords, which it matches closely, and a
    table, which somebody has reviewed, of whatever has the heading, exactly. Raises UnreadableSource."""
    statements = list(_of_interest(settings, path, kind))
    is_table = any(statement.line for statement, _ in statements)
    outcome = Outcome()
    chosen = _sure(path, statements, relation or ("exact_match" if is_table else "close_match"), outcome)
    decisions = [it for it, _ in statements if it.becomes and not it.wrong]
    if dry_run:
        outcome.merged, outcome.split = sum(not it.record for it in decisions), sum(bool(it.record) for it in decisions)
        return outcome
    with Publication(settings, f"authorities {path.name}"[:200]) as publication:
        news = _accept(publication, path.name, who, how, chosen)
        news |= _decide(publication, path.name, decisions, outcome)
        outcome.release = publication.finish(always=news)
    return outcome


def remove(settings: Settings, name: str) -> int:
    """Takes back what the file of that name said, and gives the release. Raises NotFound."""
    with Publication(settings, f"authorities without {name}"[:200]) as publication:
        if publication.db.execute("SELECT 1 FROM linkset WHERE name = ?", (name,)).fetchone() is None:
            raise NotFound(f"Nothing of {name} was accepted here; `publisher authorities list` shows what was.")
        _accept(publication, name, "", "", {})
        _decide(publication, name, [], Outcome())
        publication.db.execute("DELETE FROM linkset WHERE name = ?", (name,))
        return publication.finish(always=True)


def accepted(settings: Settings) -> list[Accepted]:
    """The files of which something was accepted."""
    rows = Catalog(settings.DATA_DIR).db.execute("SELECT name, who, how, accepted, links FROM linkset ORDER BY name")
    return [Accepted(*row) for row in rows]


def _of_interest(settings: Settings, path: Path, kind: str) -> Iterator[tuple[Statement, list[Key]]]:
    """The statements on headings that are published, with the things of those headings; all rows of a table."""
    catalog = Catalog(settings.DATA_DIR)
    query = "SELECT kind, key FROM thing WHERE key = ? AND kind <> 'resource' AND NOT withdrawn"
    for statement in read(path):
        wanted = statement.kind or kind or ("" if statement.line else "concept")
        found = [
            name
            for name in catalog.db.execute(query, (slug(statement.heading),)).fetchall()
            if name[0] in MATCHED and wanted in ("", name[0])
        ]
        if found or statement.line:
            yield statement, found
    catalog.close()


def _sure(
    path: Path, statements: Iterable[tuple[Statement, list[Key]]], relation: str, outcome: Outcome
) -> dict[Key, set[tuple[str, str]]]:
    """The links that leave no doubt, by thing: (attribute, IRI)."""
    found: dict[Key, list[Statement]] = {}
    for statement, names in statements:
        place = f"{path}:{statement.line}: " if statement.line else f"{path}: "
        if statement.wrong:
            outcome.wrong += 1
            outcome.said.append(place + statement.wrong)
        elif statement.iri and not names:
            outcome.absent += 1
            outcome.said.append(f'{place}there is no heading "{statement.heading}" here.')
        elif statement.iri and len(names) > 1:
            outcome.ambiguous += 1
            kinds = " and a ".join(WORDS[kind] for kind, _ in sorted(names))
            outcome.said.append(f'{place}"{statement.heading}" is a {kinds} here; say which by its kind.')
        elif statement.iri:
            found.setdefault(names[0], []).append(statement)
    chosen: dict[Key, set[tuple[str, str]]] = {}
    for name, candidates in found.items():
        by_site: dict[str, list[Statement]] = {}
        for statement in candidates:
            by_site.setdefault("/".join(statement.iri.split("/")[:3]), []).append(statement)
        for several in by_site.values():
            preferred = [statement for statement in several if statement.preferred] or several
            if len({statement.iri for statement in preferred}) > 1:
                outcome.ambiguous += 1
                iris = " and ".join(sorted({statement.iri for statement in preferred}))
                place = f"{path}:{preferred[0].line}" if preferred[0].line else str(path)
                outcome.said.append(f'{place}: "{preferred[0].heading}" is {iris}; keep the right one.')
                continue
            outcome.linked[name[0]] += 1
            chosen.setdefault(name, set()).add((preferred[0].relation or relation, preferred[0].iri))
    return chosen


def _accept(publication: Publication, name: str, who: str, how: str, chosen: dict[Key, set[tuple[str, str]]]) -> bool:
    """Keeps the links, and writes those that are new, or taken back, in the graphs; says whether anything changed."""
    db = publication.db
    before: dict[Key, set[tuple[str, str]]] = {}
    query = "SELECT kind, key, attribute, iri FROM link WHERE linkset = ?"
    for kind, key, attribute, iri in db.execute(query, (name,)):
        before.setdefault((kind, key), set()).add((attribute, iri))
    count = sum(map(len, chosen.values()))
    known = db.execute("SELECT who, how, links FROM linkset WHERE name = ?", (name,)).fetchone()
    if before == chosen and known == (who, how, count):
        return False
    db.execute("INSERT OR REPLACE INTO linkset VALUES (?, ?, ?, ?, ?)", (name, who, how, publication.time, count))
    db.execute("DELETE FROM link WHERE linkset = ?", (name,))
    rows = ((*thing, *row, name) for thing, links in chosen.items() for row in links)
    db.executemany("INSERT INTO link VALUES (?, ?, ?, ?, ?)", rows)
    for thing in sorted(before.keys() | chosen.keys()):
        _relink(publication, thing, before.get(thing, set()) - chosen.get(thing, set()))
    return True


def _relink(publication: Publication, name: tuple[str, str], gone: Iterable[tuple[str, str]]) -> None:
    """Writes the accepted links of a thing in its graph, without those that are taken back: (attribute, IRI)."""
    entry, row = publication.catalog.find(*name), publication.versions.row(name)
    if entry is None or row is None or entry.withdrawn:
        return
    headings = publication.headings
    content = sorted({*entry.lines}.difference(headings.linked(name, gone)).union(headings.links(name)))
    if content != sorted(entry.lines):
        thing, _, _ = publication.versions.write(name, row.known_by, digest(content), pack(content), entry.packed)
        publication.ready.unready.add(thing)


def _decide(publication: Publication, name: str, decisions: list[Statement], outcome: Outcome) -> bool:
    """Keeps which headings become others, and maps the records anew that have them; says whether anything changed."""
    db = publication.db
    before = set(db.execute("SELECT heading, record, becomes FROM decision WHERE linkset = ?", (name,)))
    after = {(it.heading, it.record, it.becomes) for it in decisions}
    if before == after:
        return False
    db.execute("DELETE FROM decision WHERE linkset = ?", (name,))
    for row in sorted(after):
        other = db.execute("SELECT linkset FROM decision WHERE heading = ? AND record = ?", row[:2]).fetchone()
        if other is not None:
            raise UnreadableSource(f'{name}: what "{row[0]}" becomes is said by {other[0]} already.')
        db.execute("INSERT INTO decision VALUES (?, ?, ?, ?)", (*row, name))
    keys = {slug(heading) for heading, _, _ in before ^ after} | {slug(becomes) for _, _, becomes in before - after}
    _map_anew(publication, keys)
    for heading, record, becomes in sorted(after):
        outcome.split += bool(record)
        outcome.merged += not record
        old, new = (publication.catalog.find("agent", slug(name)) for name in (heading, becomes))
        if not record and old is not None and new is not None and not new.withdrawn:
            move(publication, "agent", old.key, new.key)
    return True


def _map_anew(publication: Publication, agents: set[str]) -> None:
    """Maps the records anew that name these agents, or bodies below them."""
    catalog = publication.catalog
    query = """
        SELECT DISTINCT naming.kind, naming.key, naming.id FROM mention JOIN thing AS named ON named.id = object
        JOIN thing AS naming ON naming.id = subject
        WHERE named.kind = 'agent' AND named.key = ? AND NOT naming.withdrawn"""
    found: set[int] = set()
    waiting, seen = sorted(agents), set(agents)
    while waiting:
        for kind, key, thing in catalog.db.execute(query, (waiting.pop(),)).fetchall():
            if kind == "resource":
                found.add(thing)
            elif key not in seen:
                seen.add(key)
                waiting.append(key)
    things = sorted(found)
    decisions = Decisions.of(catalog.db.execute("SELECT heading, record, becomes FROM decision"))
    for start in range(0, len(things), publication.settings.BATCH_SIZE):
        batch = catalog.by_ids(things[start : start + publication.settings.BATCH_SIZE])
        records = [Record.from_json(entry.data["record"]) for entry in batch.values()]
        for item in pipeline.check_batch(publication.settings, records, decisions, publication.stamp):
            pipeline.publish(publication, item, pipeline.Summary())
