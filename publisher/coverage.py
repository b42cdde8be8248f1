"""Coverage: how much of what a source says is in the description of a record, and where.

It is measured from the ends: the words of the record as it was read, and the words of the graphs that it became. So it
tells, too, what a reader or the mapping would have dropped without a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from typing import Self
from urllib.parse import unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from publisher import resources
from publisher.mapping import Described, Mapping
from publisher.namespaces import namespaces
from publisher.readers import readers_with

# attributes that hold what could be kept as text only
AS_GIVEN = frozenset(("identifiers", "date", "languages_as_given", "coverage", "creators_as_given", "types"))
LEFT = "leftovers"
SHOWN = 10  # words of a record that are missing
_WORD = re.compile(r"\w+")
_BETWEEN = re.compile(r"\W+")
_RELATORS = namespaces()["rel"]
_UNSEEN = re.compile("\xad\\s*|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass
class Coverage:
    """Letters and digits of records: `mapped` to terms, `kept` as text since nothing more is understood, `left` over
    without a term, `furniture` (labels, tags), and `missing` from the description; `words` are some of the last."""

    mapped: int = 0
    kept: int = 0
    left: int = 0
    furniture: int = 0
    missing: int = 0
    words: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "mapped": self.mapped,
            "kept as given": self.kept,
            "left over": self.left,
            "furniture": self.furniture,
            "missing": self.missing,
        }

    def __iadd__(self, other: Self) -> Self:
        for name in ("mapped", "kept", "left", "furniture", "missing"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def __str__(self) -> str:
        """ "Coverage: 90.1 % mapped, 5.0 % kept as given …"; empty where nothing was measured."""
        total = sum(self.counts.values())
        if not total:
            return ""
        shares = (f"{100 * count / total:.1f} % {name}" for name, count in self.counts.items())
        return f"Coverage of {total:,} letters and digits: {', '.join(shares)}"


class Measure:
    """Measures the records of a batch; what several of them name is read once."""

    def __init__(self, mapping: Mapping) -> None:
        self.readers = readers_with(mapping.settings.PAGE_LABELS)
        self.names = {term.property: name for name, term in mapping.context.terms.items()}
        self.named: dict[int, frozenset[str]] = {}

    def measure(self, item: Described) -> Coverage:
        """What of a record is where in its description; nothing of one that its source has withdrawn."""
        if item.record.withdrawn:
            return Coverage()
        source = item.record.source
        content = _words(self.readers[source.format].content(source.text))
        found = Coverage(furniture=max(0, len(_BETWEEN.sub("", source.text)) - sum(map(len, content))))
        mapped, kept, left = self._said(item)
        everything = ""
        for word in content:
            size = len(word)
            if word in mapped:
                found.mapped += size
            elif word in kept:
                found.kept += size
            elif word in left:
                found.left += size
            else:  # a word that the reader put together, took apart, or wrote without its hyphen
                everything = everything or self._run_together(item)
                if word in everything:
                    found.mapped += size
                else:
                    found.missing += size
                    if len(found.words) < SHOWN:
                        found.words.append(word)
        return found

    def _said(self, item: Described) -> tuple[set[str], set[str], set[str]]:
        """The words of the graphs of a record: mapped, kept as given, left over."""
        said: dict[str, list[str]] = {"": [], "kept": [], "left": []}
        named: set[str] = set()
        for statement in (*item.resource.statements, *item.resource.provenance):
            attribute = self.names.get(statement.predicate, "")
            said["left" if attribute == LEFT else "kept" if attribute in AS_GIVEN else ""].append(_spoken(statement))
        for description in item.descriptions[1:]:
            identity = id(description)
            if identity not in self.named:
                self.named[identity] = frozenset(_words("\n".join(map(_spoken, description.statements))))
            named |= self.named[identity]
        mapped, kept, left = (set(_words("\n".join(texts))) for texts in said.values())
        return mapped | named, kept, left

    def _run_together(self, item: Described) -> str:
        """Every literal and IRI of the graphs of a record, its letters and digits without what stands between."""
        statements = (it for description in item.descriptions for it in description.statements)
        return "\n".join(
            "".join(_words(statement.object.value))
            for statement in statements
            if not isinstance(statement.object, BlankNode | Triple)
        )


def _spoken(statement: Triple) -> str:
    """What a statement says: its literal, or the IRI that it names, and the words for a relator."""
    target = statement.object
    if isinstance(target, Literal):
        return target.value
    if not isinstance(target, NamedNode):
        return ""
    words = unquote(target.value) if "%" in target.value else target.value
    predicate = statement.predicate.value
    role = _relators().get(predicate.removeprefix(_RELATORS), "") if predicate.startswith(_RELATORS) else ""
    return f"{words} {role}"


@cache
def _relators() -> dict[str, str]:
    """MARC relator codes -> the code and the words for it in catalogues."""
    found: dict[str, str] = {}
    for row in resources.table("ontology/relators.csv"):
        found[row["code"]] = f"{found.get(row['code'], row['code'])} {row['term']}"
    return found


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    return _WORD.findall(text.casefold())
