"""Decisions: which headings of persons and bodies a cataloguer reads as others, everywhere or in one record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from publisher.mapping.terms import slug


@dataclass(frozen=True)
class Decisions:
    """Rows of (heading, key of the one record or "" for all, the heading that it becomes)."""

    rows: frozenset[tuple[str, str, str]] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]]) -> Decisions:
        return cls(frozenset(rows))

    @cached_property
    def _becomes(self) -> dict[tuple[str, str], str]:
        return {(slug(heading), record): becomes for heading, record, becomes in self.rows}

    @cached_property
    def _variants(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, set[str]] = {}
        for heading, _, becomes in self.rows:
            found.setdefault(slug(becomes), set()).add(heading)
        return {key: tuple(sorted(headings)) for key, headings in found.items()}

    def heading(self, heading: str, record: str = "") -> str:
        """The heading that one is read as, in a record or in any."""
        if not self.rows:
            return heading
        key = slug(heading)
        return self._becomes.get((key, record)) or self._becomes.get((key, "")) or heading

    def variants(self, heading: str) -> tuple[str, ...]:
        """The headings that are read as this one."""
        return self._variants.get(slug(heading), ()) if self.rows else ()
