"""Which words of a text were asked for: what a page of results marks, and the part of a summary that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from publisher.search.fields import normal
from publisher.search.question import Part, Question, mistakes

_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
Pieces = list[tuple[str, bool]]  # a text in pieces, and whether each was asked for


class Highlighter:
    """Knows the words of a question, as the index does."""

    def __init__(self, analyzer: Any, question: Question, near: frozenset[Part] = frozenset()) -> None:
        self.analyzer = analyzer
        # a field's words are marked in that field, those asked for anywhere everywhere
        self.words: dict[str, set[str]] = {}
        self.beginnings: dict[str, list[str]] = {}
        self.near: dict[str, list[str]] = {}
        for part in question.parts:
            if part in near:
                self.near.setdefault(part.field, []).append(part.words[0])
            elif part.words and part.kind == "prefix":
                self.beginnings.setdefault(part.field, []).append(part.words[-1])
                self.words.setdefault(part.field, set()).update(part.words[:-1])
            else:
                self.words.setdefault(part.field, set()).update(part.words)

    def pieces(self, name: str, text: str) -> Pieces:
        """The whole of a text of a field."""
        found: Pieces = []
        end = 0
        for match in _WORD.finditer(text):
            if self._is_asked(name, match[0]):
                if match.start() > end:
                    found.append((text[end : match.start()], False))
                found.append((match[0], True))
                end = match.end()
        if end < len(text):
            found.append((text[end:], False))
        return found

    def snippet(self, name: str, text: str, length: int = 300) -> Pieces:
        """The part of a text, some `length` characters, that holds most of what was asked for; its beginning if it
        holds nothing. An ellipsis stands for what is left out."""
        if len(text) <= length:
            return self.pieces(name, text)
        places = [match.start() for match in _WORD.finditer(text) if self._is_asked(name, match[0])]
        best = max(places, key=lambda start: sum(start <= other < start + length for other in places), default=0)
        start = 0 if best < length // 2 else text.rfind(" ", 0, best - length // 5) + 1
        end = text.rfind(" ", start, start + length)
        end = start + length if end <= start else end
        found = self.pieces(name, text[start:end].rstrip(" ,;:.–-"))
        if start:
            found.insert(0, ("… ", False))
        if end < len(text):
            found.append((" …", False))
        return found

    def nearest(self, part: Part, texts: Iterable[tuple[str, str]]) -> str:
        """The word in some texts, (field, text), that a word without results is most like; empty if none is."""
        wanted = part.words[0]
        best, least = "", mistakes(wanted) + 1
        for name, text in texts:
            if part.field in ("q", name):
                for match in _WORD.finditer(text):
                    for word in self.analyzer.analyze(normal(match[0])):
                        if abs(len(word) - len(wanted)) < least and (far := distance(word, wanted)) < least:
                            best, least = match[0], far
        return best

    def _is_asked(self, name: str, word: str) -> bool:
        for token in self.analyzer.analyze(normal(word)):
            for field in (name, "q"):
                if token in self.words.get(field, ()):
                    return True
                if any(token.startswith(beginning) for beginning in self.beginnings.get(field, ())):
                    return True
                if any(_is_near(token, other) for other in self.near.get(field, ())):
                    return True
        return False


def _is_near(word: str, wanted: str) -> bool:
    most = mistakes(wanted)
    return abs(len(word) - len(wanted)) <= most and distance(word, wanted) <= most


def distance(first: str, second: str) -> int:
    """How many letters have to be put in, taken out, changed or swapped with their neighbour to make one word of the
    other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
