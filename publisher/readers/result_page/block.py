"""A block: the lines that were gathered, their labels, and whether a label that comes begins another record."""

from __future__ import annotations

from publisher.readers.result_page.labels import COUNTER, ORDER, RULE, Part
from publisher.readers.result_page.record import has_form
from publisher.readers.text.decoding import LONGEST, Line


class Block:
    """The lines of one record, as far as it goes; of two, while it is open which fields belong to the second."""

    def __init__(self) -> None:
        # The order of the page
        self.order = ORDER
        self.places = {name: place for place, name in enumerate(ORDER)}
        self.usual: frozenset[str] = frozenset()  # the fields of the record that it was learned from
        self.learned = False
        # The block
        self.lines: list[Line] = []
        self.size = 0  # characters of its lines
        self.parts: list[Part] = []
        self.had: set[str] = set()  # its fields, without the suspect ones
        self.suspects: set[str] = set()
        self.fork = 0  # index of the part that may begin another record; 0 if there is none
        self.had_since: set[str] = set()  # fields from the fork on

    def cut_before(self, part: Part) -> int:
        """The index of the part where another record begins now that `part` comes; 0 if none does."""
        if not self.parts:
            return 0
        last = self.parts[-1]
        usual = self.places[part.name] == self.places[last.name] + 1 and not last.suspect
        asked = not usual or self.fork or part.name in self.had or last.name == "abstract"
        return self.boundary(part) if asked else 0

    def add(self, part: Part, line: Line) -> None:
        if self.size > LONGEST:
            self.had.add(part.name)  # by which the end of the record is still seen
            return
        part.start = len(self.lines)
        self.append(line)
        self.parts.append(part)
        if part.suspect:
            self.suspects.add(part.name)
        else:
            self.had.add(part.name)
            if self.fork:
                self.had_since.add(part.name)

    def append(self, line: Line) -> None:
        """Takes in a line, unless what is there is more than any record already, and will be refused."""
        if self.size <= LONGEST:
            self.lines.append(line)
            self.size += len(line[2])

    def take(self, cut: int) -> tuple[list[Line], list[Part]]:
        """The lines and parts before `cut`; the rest stays in the block."""
        parts, rest = self.parts[:cut], self.parts[cut:]
        start = rest[0].start if rest else len(self.lines)
        lines, self.lines = self.lines[:start], self.lines[start:]
        for part in rest:
            part.start -= start
        self.parts = rest
        self.size = sum(len(line[2]) for line in self.lines)
        self.had = {part.name for part in rest if not part.suspect}
        self.suspects = {part.name for part in rest if part.suspect}
        self.fork = 0
        return lines, parts

    def is_two(self) -> bool:
        """Whether what came since the fork is another record, now that the block is at its end."""
        return bool(self.fork) and (self.had_since == {self.parts[self.fork].name} or self.ends_before_fork())

    def ends_before_fork(self) -> bool:
        return any(part.name in ("shelf_number", "subjects") for part in self.parts[1 : self.fork])

    def boundary(self, part: Part) -> int:
        """The same for a part that is not the usual one here."""
        name, last, here = part.name, self.parts[-1], len(self.parts)
        in_summary = last.name == "abstract" or last.suspect
        if in_summary and not has_form(part):
            part.suspect = part.prose = True
            return 0
        opens = name in ("creators", "title") or self.places[name] <= self.places[self.parts[0].name]
        if (name in self.had or (opens and self.is_closed())) and self.is_ruled():
            return here
        if name == last.name:
            return 0
        if (
            last.name == "subjects"
            and name in self.had
            and not opens
            and self.is_spaced()
            and self.lines[-1][2].strip()
        ):
            part.suspect = part.prose = True  # a keyword that looks like a label
            return 0
        if name in self.had:
            return self.again(part, opens, in_summary)
        if name in self.suspects:
            return 0
        if (
            not self.fork
            and self.is_closed()
            and self.is_ordered()
            and self.places[name] < self.places[self.parts[0].name]
        ):
            self.branch(name)
        elif in_summary:
            part.suspect = self.places[name] != self.places["abstract"] + 1
        return 0

    def again(self, part: Part, opens: bool, in_summary: bool) -> int:
        """The same question for a label that the block has already."""
        here = len(self.parts)
        if self.fork:
            if part.name not in self.had_since and self.places[part.name] > self.places[self.parts[-1].name]:
                return self.fork
            self.unite()
            return here
        if self.is_closed():
            return here
        if in_summary and self.is_spaced() and self.lines[-1][2].strip():
            part.suspect = True
        elif opens:
            self.branch(part.name)
        elif in_summary:
            part.suspect = True
        return 0

    def branch(self, name: str) -> None:
        if not self.learned:
            self.learn(self.parts)
            self.learned = False
        self.fork = len(self.parts)
        self.had_since = {name}

    def unite(self) -> None:
        """Answers the question of the fork with no: what came there belongs to the record before it."""
        part = self.parts[self.fork]
        part.suspect = part.suspect or self.parts[self.fork - 1].name == "abstract"
        self.fork = 0

    def is_closed(self) -> bool:
        """Whether the block has what a record of this page ends with."""
        first = self.parts[0].name
        middle = len(self.usual) // 2 if self.usual else 0
        usual = [name for name in self.order if name in self.usual]
        for name in ("shelf_number", "subjects", *usual[-1:]):
            if name in self.had and name != first and not (name in usual and usual.index(name) < middle):
                return True
        return bool(self.usual) and len(self.usual) > 1 and self.had >= self.usual

    def is_ordered(self) -> bool:
        places = [self.places[part.name] for part in self.parts if not part.suspect]
        return places == sorted(places)

    def is_ruled(self) -> bool:
        """Whether a rule or a record's number stands right above."""
        for line in reversed(self.lines[max(self.parts[-1].start + 1, len(self.lines) - 4) :]):
            text = line[2]
            if text.strip():
                return len(text) < 200 and bool(RULE.fullmatch(text) or COUNTER.fullmatch(text))
        return False

    def is_spaced(self) -> bool:
        """Whether blank lines stand between the fields of the block."""
        starts = [part.start for part in self.parts[1:] if not part.suspect]
        return bool(starts) and all(not self.lines[start - 1][2].strip() for start in starts)

    def learn(self, parts: list[Part]) -> None:
        """Takes the order of the labels from a record; a field that it lacks keeps its usual neighbour."""
        names = list(dict.fromkeys(part.name for part in parts if not part.suspect))
        if len(names) < 2:
            return
        self.usual, self.learned = frozenset(names), True
        if [self.places[name] for name in names] != sorted(self.places[name] for name in names):
            for before, name in zip(("", *ORDER), ORDER, strict=False):
                if name not in names:
                    names.insert(names.index(before) + 1 if before in names else 0, name)
            self.order = tuple(names)
            self.places = {name: place for place, name in enumerate(names)}
