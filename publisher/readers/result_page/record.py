"""The fields of one record of a result page: which lines are whose value, and what the values are."""

from __future__ import annotations

import re
from typing import Any

from publisher.readers.result_page.labels import (
    BANNER,
    CHANGED,
    FORMER,
    LONE,
    NAMES,
    RESULTS_FOR,
    RULE,
    SHORT,
    WHEN,
    Labels,
    Part,
    announced_count,
    is_foot,
)
from publisher.readers.result_page.values import Text, headings, joined, keywords, paragraphs, split
from publisher.readers.text.decoding import Line
from publisher.record import Agent, Leftover, Note, Value

ET_AL = re.compile(r"[\s,;]*(\[?\bet\.? ?al\b\.?\]?|\band (?:\d{1,4} )?others\b\.?)$", re.I)
ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}:/|www\.|doi\b|10\.\d{4})\S", re.I)
NEXT_ADDRESS = re.compile(r"(?<![\s;,])[\s;,]++(?=(?:https?|ftp)://)", re.I)


BRIEF = SHORT - {"uri"} | {"creators"}  # fields that end where the label of an identifier begins a line


def has_form(part: Part) -> bool:
    """Whether what follows a label within a summary could be the value of its field."""
    rest = part.rest
    if part.name == "issued":
        return len(rest) <= 30 and rest.count(" ") < 3
    if part.name == "shelf_number":
        return len(rest) <= 40 and rest.count(" ") < 4
    if part.name == "countries":
        return len(rest) <= 80 and rest.count(" ") < 9 and not rest.endswith((".", "?", "!"))
    if part.name == "uri":
        return bool(ADDRESS.match(rest)) or rest.count(" ") < 3
    return True


def settle(lines: list[Line], parts: list[Part]) -> tuple[list[Part], list[Note]]:
    """The parts that are fields, now that the record is whole, and notes on those that may be or not."""
    spaced = sum(not lines[part.start - 1][2].strip() for part in parts[1:]) * 2 > len(parts) - 1
    last = {part.name: part.start for part in parts if not part.prose}
    sure = {part.name for part in parts if not part.suspect}
    notes: list[Note] = []
    kept: list[Part] = []
    for index, part in enumerate(parts):
        tight = spaced and index > 0 and bool(lines[part.start - 1][2].strip())
        if part.prose:
            text, doubt = True, part.name not in last
        elif part.suspect:
            later = last[part.name] > part.start
            text = later or part.name in sure or (tight and part.name not in SHORT)
            doubt = not later
        else:
            # Details comes after the summary by rights, but not in the middle of a paragraph if it comes again.
            twin = part.name == "abstract" or (index + 1 < len(parts) and parts[index + 1].name == part.name)
            text, doubt = tight and twin and parts[index - 1].name == "abstract", False
        if not text:
            kept.append(part)
        elif doubt:
            message = (
                f"{part.label}: begins a line of the summary and was kept there; look whether it is the "
                f"{NAMES[part.name]} of the record."
            )
            notes.append(Note(part.name, message, lines[part.start][0]))
    return kept, notes


def trim(lines: list[Line], last: Part, next_page: bool, banners: set[str]) -> tuple[int, list[Line], list[Line]]:
    """Where the last field ends, the lines below its furniture that are no furniture, and the head of the next page."""
    keywords = last.name == "subjects"
    top = last.start + 1
    some = last.start if last.rest else next((i for i in range(top, len(lines)) if lines[i][2].strip()), len(lines))
    end = index = len(lines)
    head = next_page
    while index > top:
        index -= 1
        text = lines[index][2].strip()
        if not text:
            continue
        above = lines[index - 1][2].strip() if index > top else last.rest
        if len(text) > 300 or (above and not keywords and not BANNER.fullmatch(text) and not RULE.fullmatch(text)):
            break
        if RESULTS_FOR.match(text) or announced_count(text) is not None:
            if above and not RESULTS_FOR.match(above) and not head:
                break
            head = True
        elif (
            BANNER.fullmatch(text)
            or (head and WHEN.match(text))
            or (head and text.lower() in banners and (not above or above.lower() in banners))
        ):
            pass
        elif not is_foot(text) or not (keywords or index > some):
            break
        end = index
    after = lines[end:] if head else []
    strays: list[Line] = []
    if keywords:
        blank = False
        for index in range(top, end):
            text = lines[index][2].strip()
            if not text:
                blank = True
            elif index > some and (blank or "©" in text or not text[0].isalnum()) and ends_list(text):
                strays = [line for line in lines[index:end] if line[2].strip() and not is_foot(line[2])]
                return index, strays, after
    return end, strays, after


def ends_list(text: str) -> bool:
    return is_foot(text) and not LONE.fullmatch(text)


class Draft:
    """The values of a record while they are gathered."""

    def __init__(self, notes: list[Note], labels: Labels) -> None:
        self.values: dict[str, list[Any]] = {}
        self.leftovers: list[Leftover] = []
        self.notes = notes
        self.labels = labels
        self.text = ""
        self.last_line = 0

    def fill(self, lines: list[Line], parts: list[Part], end: int, strays: list[Line]) -> None:
        stops = [part.start for part in parts[1:]]
        stops.append(end)
        for part, stop in zip(parts, stops, strict=True):
            for name, label, texts in groups(self.labels, lines, part, stop):
                if not texts:
                    continue
                if name == "identifiers":
                    self.identify(label, texts)
                elif name:
                    self.values.setdefault(name, []).extend(self.read(name, texts))
                    if not self.values[name]:
                        del self.values[name]
                else:
                    self.leftovers.append(Leftover(label, joined(texts)))
        for first, last, text, _, _ in strays:
            self.leftovers.append(Leftover("below Keywords", Value(text.strip(), first, last)))
        if strays:
            end = lines.index(strays[-1]) + 1
        while end > 1 and not lines[end - 1][2].strip():
            end -= 1
        block = lines[:end]
        self.last_line = block[-1][1]
        self.text = "\n".join([line[3] for line in block])
        if "\ufffd" in self.text or any(map(CHANGED, block)):
            self.note_damage(block, parts)

    def note_damage(self, lines: list[Line], parts: list[Part]) -> None:
        """Notes the characters that nobody could see, once a field, and those that were lost."""
        stops = [part.start for part in parts[1:]]
        stops.append(len(lines))
        for part, stop in zip(parts, stops, strict=True):
            name = NAMES[part.name]
            block = lines[part.start : stop]
            unseen = next((line[0] for line in block if line[4]), 0)
            if unseen:
                message = f"{name} contained control characters, which were removed."
                self.notes.append(Note(part.name, message, unseen, "info"))
            lost = next((line[0] for line in block if "\ufffd" in line[2]), 0)
            if lost:
                message = f"In {name} a character was lost before we got the file; look it up in the original."
                self.notes.append(Note(part.name, message, lost))

    def read(self, name: str, texts: list[Text]) -> list[Any]:
        if name == "subjects":
            return keywords(texts)
        if name == "creators":
            return self.agents(texts)
        if name == "abstract":
            return [paragraphs(texts)]
        if name == "uri":
            return self.addresses(texts)
        value = joined(texts)
        if name == "countries" and ";" in value.text:
            return split(texts, ";")
        return [value]

    def identify(self, label: str, texts: list[Text]) -> None:
        """An identifier stands on the line of its label; what follows below is none."""
        first, last, text, _ = texts[0]
        scheme = self.labels.scheme_of(label)
        if scheme == FORMER:
            self.values.setdefault(FORMER, []).append(Value(text, first, last))
        else:
            self.values.setdefault("identifiers", []).append(Value(text, first, last, scheme=scheme))
        if len(texts) > 1:
            self.leftovers.append(Leftover(f"below {label}", joined(texts[1:])))

    def agents(self, texts: list[Text]) -> list[Agent]:
        agents = []
        for value in headings(texts):
            text = value.text
            if match := ET_AL.search(text[-40:]):
                words = Value(match[1], value.last_line, value.last_line)
                self.leftovers.append(Leftover("Author", words))
                message = f'The record says "{match[1]}": there are more authors than it names.'
                self.notes.append(Note("creators", message, value.last_line))
                text = text[: len(text) - len(match[0])].rstrip(" ,;")
            if text:
                agents.append(Agent(Value(text, value.first_line, value.last_line)))
        return agents

    def addresses(self, texts: list[Text]) -> list[Value]:
        """The addresses; one that goes on in the next line without a space is made whole, and a note says so."""
        pieces: list[list[Text]] = []
        for first, last, text, _ in texts:
            for piece in NEXT_ADDRESS.split(text):
                if not pieces or ADDRESS.match(piece):
                    pieces.append([])
                pieces[-1].append((first, last, piece, False))
        values = []
        for lines in pieces:
            if len(lines) > 1 and ADDRESS.match(lines[0][2]) and not any(" " in text for _, _, text, _ in lines[1:]):
                values.append(Value("".join([text for _, _, text, _ in lines]), lines[0][0], lines[-1][1]))
                message = "The URL was broken over two lines, which were joined; look whether it is whole."
                self.notes.append(Note("uri", message, lines[1][0]))
            else:
                values.append(joined(lines))
        return values


def groups(labels: Labels, lines: list[Line], part: Part, stop: int) -> list[tuple[str, str, list[Text]]]:
    """The texts of a part, and after them those of the unknown labels among its lines."""
    first, last, _, raw, changed = lines[part.start]
    name = part.name
    texts: list[Text] = [(first, last, part.rest + hyphen(raw, changed), False)] if part.rest else []
    found = [(name, part.label, texts)]
    blank = False
    for first, last, text, raw, changed in lines[part.start + 1 : stop]:
        text = text.strip()
        if not text:
            blank = True
            continue
        head, colon, rest = text.partition(":")
        known = bool(colon) and (blank or name in BRIEF) and labels.scheme_of(head) != ""
        if known or (colon and texts and (blank or name in SHORT) and is_label(labels, text, name)):
            rest = rest.strip()
            texts = [(first, last, rest, False)] if rest else []
            name = ""
            found.append(("identifiers" if known else "", head.strip(), texts))
        else:
            texts.append((first, last, text + hyphen(raw, changed) if changed else text, blank))
        blank = False
    return found


def hyphen(raw: str, changed: bool) -> str:
    """A soft hyphen at the end of a line stays until the lines are joined: it holds two halves of a word."""
    return "\xad" if changed and raw.rstrip().endswith("\xad") else ""


def is_label(labels: Labels, text: str, name: str) -> bool:
    """Whether a line after the value of a field begins with a label, though none that we know."""
    head, _, rest = text[:100].partition(":")
    head, rest = head.strip(), rest.strip()
    words = head.count(" ") + 1
    if not head or len(head) > 30 or words > 4 or not head[0].isupper() or rest.startswith("//"):
        return False
    if not all(letter.isalnum() or letter in " -'’()/.#&" for letter in head) or labels.label_of(head):
        return False
    if name == "abstract":
        return 0 < len(rest) <= 40 and words < 3 and not rest.endswith((".", "?", "!"))
    return True
