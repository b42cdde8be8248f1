"""What the lines of a field are: one value, paragraphs, pieces between marks, authors or keywords."""

from __future__ import annotations

import re

from publisher.record import Value

ENTITY = re.compile(r"(&(?:#\d{2,6}|#[xX][\da-fA-F]{2,6}|[a-zA-Z]{2,8}\d{0,2}));")
BULLET = re.compile(r"[•·▪◦‣*–-]\s+")
OPEN_END = re.compile(r"(?:[,:;&/(-]|\b(?:and|of|the|for|on|in|to|de|la|du|des|der|und|et))$", re.I)

Text = tuple[int, int, str, bool]  # first line, last line, text, whether a blank line comes before


def joined(texts: list[Text]) -> Value:
    if len(texts) == 1:
        first, last, text, _ = texts[0]
        return Value(text.rstrip("\xad"), first, last)
    text = " ".join([text for _, _, text, _ in texts]).replace("\xad ", "").rstrip("\xad")
    return Value(text, texts[0][0], texts[-1][1])


def paragraphs(texts: list[Text]) -> Value:
    if len(texts) == 1:
        return joined(texts)
    text = "".join([("\n\n" if blank else " ") + text for _, _, text, blank in texts]).strip()
    return Value(text.replace("\xad ", "").rstrip("\xad"), texts[0][0], texts[-1][1])


def split(texts: list[Text], marks: str) -> list[Value]:
    """The pieces between the marks; one may go on over the end of a line."""
    found: list[list[Text]] = []
    goes_on = False
    for first, last, text, _ in texts:
        held = ENTITY.sub(r"\1\0", text) if "&" in text else text  # the ";" of "O&#39;Brien" parts no names
        pieces = [piece.replace("\0", ";") for piece in re.split(f"[{marks}]", held)]
        for index, piece in enumerate(pieces):
            if piece.strip(" \xad"):
                if index or not goes_on:
                    found.append([])
                found[-1].append((first, last, piece.strip(), False))
        goes_on = bool(found) and bool(pieces[-1].strip(" \xad"))
    return [joined(pieces) for pieces in found]


def headings(texts: list[Text]) -> list[Value]:
    """The authors: between ";", and one a line where a line looks like a heading and not like the end of one."""
    if len(texts) == 1 and ";" not in texts[0][2]:
        return [joined(texts)]
    lists: list[list[Text]] = []
    for text in texts:
        above = lists[-1][-1][2] if lists else ""
        if lists and (len(above) > 60 or OPEN_END.search(above[-12:]) or not is_heading(text[2])):
            if above.endswith(";"):
                lists.append([text])
            else:
                lists[-1].append(text)
        else:
            lists.append([text])
    return [value for wrapped in lists for value in split(wrapped, ";")]


def is_heading(text: str) -> bool:
    """Whether a line under an author names another one: short, and more than the last word of a name."""
    return len(text) <= 60 and not text[0].islower() and (" " in text or text.isupper())


def keywords(texts: list[Text]) -> list[Value]:
    first, last, text, _ = texts[0]
    if len(texts) > 1 and (";" in text or "|" in text) and not text.endswith((";", "|")):
        return split(texts, ";|")
    if len(texts) == 1 and "," in text and ";" not in text and "|" not in text:
        return [Value(piece, first, last) for piece in commas(text)]
    values = []
    for first, last, text, _ in texts:
        text = text.strip("\xad").rstrip(" ,") or text
        if not text[0].isalnum() and (bullet := BULLET.match(text)):
            text = text[bullet.end() :]
        if ";" in text or "|" in text:
            values.extend(split([(first, last, text, False)], ";|"))
        elif text:
            values.append(Value(text, first, last))
    return values


def commas(text: str) -> list[str]:
    """The pieces between commas that are not within parentheses."""
    pieces, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth = max(0, depth - 1)
        elif letter == "," and not depth:
            pieces.append(text[start:index])
            start = index + 1
    pieces.append(text[start:])
    return [piece.strip() for piece in pieces if piece.strip()]
