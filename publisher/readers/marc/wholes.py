"""The rules of MARC 21 for what a work is part of: its series (490, 8XX) and its host (773)."""

from __future__ import annotations

import re

from publisher.readers.marc.fields import BETWEEN, Draft, Field, trim
from publisher.record import Leftover, Part

VOLUME = r"(?:v|vol|volume|bd|jg|roč)\b\.?\s*(?P<volume>\d{1,4})"
NUMBER = r"(?:no|nr|issue|heft|h|č)\b\.?\s*(?P<number>\d{1,4}(?:[/-]\d{1,4})?)"
PAGES = r"(?:pp?|s|pages)\b\.?\s*(?P<pages>\d{1,5}(?:\s?[-–]\s?\d{1,5})?)"
PLACE_IN_HOST = re.compile(rf"(?:{VOLUME})?(?:(?:^|,\s*){NUMBER})?(?:(?:^|,\s*){PAGES})?\.?", re.I)


def series_statement(draft: Draft, field: Field) -> None:
    """490: one series for each $a, with the number and ISSN that follow it."""
    field.take("avx")
    current: dict[str, str] = {}
    for code, text in [*field.subfields, ("a", "")]:
        if code == "a":
            if current.get("a"):
                value = field.value(current["a"])
                part = Part(value, "series", current.get("v", ""), issn=current.get("x", ""))
                draft.untraced.append((part, field))
            current = {}
        if code in ("a", "v", "x"):
            text = trim(text) if code == "a" else text.rstrip(BETWEEN + ".")
            current[code] = f"{current.get(code, '')} {text}".strip()


def series(draft: Draft, field: Field) -> None:
    """800-830: the series in its controlled form."""
    text = trim(field.joined("abcdfgklmnopqrst"))
    if text:
        number, issn = (" ".join(field.take(code)).rstrip(BETWEEN + ".") for code in "vx")
        draft.traced.append(Part(field.value(text, iris=field.iris()), "series", number, issn=issn))


def host(draft: Draft, field: Field) -> None:
    """773: what the work is in; volume, number and pages out of $g where it says nothing else."""
    text = trim(field.joined("t") or field.joined("s"))
    if not text:
        return
    level = next((given[3:4] for code, given in field.subfields if code == "7"), "")
    issn = trim(field.joined("x"))
    isbn = any(code == "z" for code, _ in field.subfields)
    kind = {"s": "journal", "m": "book"}.get(level, "journal" if issn else "book" if isbn else "")
    place = field.take("g")
    match = PLACE_IN_HOST.fullmatch(" ".join(place).strip()) if place else None
    found = {key: value for key, value in match.groupdict().items() if value} if match else {}
    draft.add("is_part_of", Part(field.value(text), kind, issn=issn, **found))  # type: ignore[arg-type]
    for text in place if not found else []:
        draft.leftovers.append(Leftover("MARC 773 $g", field.value(text)))
