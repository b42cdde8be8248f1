"""The Record of a MARC 21 bibliographic record, out of its fields and by their rules.

Nothing of a record vanishes: what no rule takes is a Leftover, subfield by subfield ("MARC 583 $a"). Only the leader,
the indicators and the links between fields ($6, $8) are structure and have no value of their own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from publisher.readers.marc.fields import Draft, Field
from publisher.readers.marc.numbers import system_number
from publisher.readers.marc.rules import linked, rule_of
from publisher.record import Leftover, Note, Part, Record, Source, Value

NO_BOOK = {
    "q": "of a community",
    "u": "of holdings",
    "v": "of holdings",
    "w": "of a class",
    "x": "of holdings",
    "y": "of holdings",
    "z": "of an authority",
}
SERIES_WORD = re.compile(r"\w+")


class NotBibliographic(Exception):
    """A record that describes no work as MARC 21 does; the message says what it is and what to do."""


def withdrawn(source: Source, header: list[tuple[str, Value]]) -> Record:
    """The Record of one that its source has deleted; `header` as for `record`."""
    draft = Draft("")
    around(draft, header)
    return Record(
        source, (), tuple(draft.values.get("record_number", ())), withdrawn=True, leftovers=tuple(draft.leftovers)
    )


def around(draft: Draft, header: list[tuple[str, Value]]) -> None:
    for label, value in header:
        if label == "OAI-PMH identifier":
            draft.add("record_number", value)
        else:
            draft.leftovers.append(Leftover(label, value))


def check(leader: str, fields: list[Field]) -> None:
    """Raises NotBibliographic for an authority or holdings record, for UNIMARC, and for a record without fields."""
    if kind := NO_BOOK.get(leader[6:7]):
        raise NotBibliographic(f"is a record {kind} (leader/06 {leader[6]}), not of a work; it was left out.")
    if not fields:
        raise NotBibliographic("has no fields; it was left out. Export it again.")
    tags = {field.tag for field in fields}
    if "245" not in tags and "200" in tags:
        raise NotBibliographic("seems to be UNIMARC (200 and no 245); it was left out. Export it as MARC 21.")


def record(
    source: Source, leader: str, fields: list[Field], header: list[tuple[str, Value]], notes: list[Note]
) -> Record:
    """The Record of one MARC record; `header` is what stood around it (OAI-PMH), the identifier first."""
    check(leader, fields)
    draft = Draft(leader)
    if re.fullmatch("[a-z]{2}", draft.kind):
        draft.add("types", Value(draft.kind, fields[0].line, fields[0].line, "", "marc-leader"))
    around(draft, header)
    agency = next((field.data.strip() for field in fields if field.tag == "003"), "")
    numbered = False
    for field in fields:
        if field.tag == "001" and field.data.strip() and not numbered:
            numbered = True
            draft.add("record_number", field.value(field.data.strip(), agency))
        elif field.tag == "003" and field.data.strip() == agency and any(it.tag == "001" for it in fields):
            pass  # the scheme of 001
        elif field.tag == "035":
            for index, (code, text) in enumerate(field.subfields):
                # a number that it had in the catalogue whose number 001 is
                if code == "z" and agency and text.strip().startswith(f"({agency})"):
                    field.taken.add(index)
                    draft.add_text("former_numbers", field, text.strip().removeprefix(f"({agency})").strip())
            system_number(draft, field)
            draft.leave(field)
        elif field.tag == "880":
            linked(draft, field)
        else:
            if rule := rule_of(field.tag):
                rule(draft, field)
            draft.leave(field)
    complete(draft)
    values = {name: tuple(items) for name, items in draft.values.items() if items}
    return Record(source, withdrawn=leader[5:6] == "d", leftovers=tuple(draft.leftovers), notes=tuple(notes), **values)


def complete(draft: Draft) -> None:
    """What only the whole record tells: the main entry first, the year and language of 008, the series once."""
    if draft.main:
        draft.values["creators"] = draft.main + draft.values.get("creators", [])
    line, year, language = draft.fixed_line, draft.fixed[7:11], draft.fixed[35:38]
    if "issued" not in draft.values and re.fullmatch(r"\d{4}", year, re.ASCII) and draft.fixed[6:7] not in "bn|":
        draft.add("issued", Value(span(draft.fixed[6:7], year, draft.fixed[11:15]), line, line))
    if "languages" not in draft.values and re.fullmatch("[a-z]{3}", language) and language != "und":
        draft.add("languages", Value(language, line, line, "", "iso639-2b"))
    for part, field in draft.untraced:
        same = next((index for index, other in enumerate(draft.traced) if is_same_series(part, other)), None)
        if same is not None:
            traced = draft.traced[same]
            if part.issn and not traced.issn:
                draft.traced[same] = replace(traced, issn=part.issn)
                part = replace(part, issn="")
            draft.leftovers.append(Leftover("MARC 490 $a", part.title))
            for code, text in (("v", part.number), ("x", part.issn)):
                if text:
                    draft.leftovers.append(Leftover(f"MARC 490 ${code}", field.value(text)))
        else:
            draft.add("is_part_of", part)
    draft.add("is_part_of", *draft.traced)


def span(kind: str, first: str, last: str) -> str:
    """The date of 008/06-14: between two years where it is questionable, a span where the work came out in it."""
    if kind in "cdikmuq" and re.fullmatch(r"\d{4}", last, re.ASCII) and first < last:
        if kind == "q":
            return f"between {first} and {last}"
        return f"{first}-" if last == "9999" else f"{first}-{last}"
    return first


def is_same_series(stated: Part, traced: Part) -> bool:
    """Whether a traced series (8XX) is the one that 490 states: the same words or number, or one title in the other."""
    one, other = ("".join(SERIES_WORD.findall(part.title.text.casefold())) for part in (stated, traced))
    same_number = "".join(re.findall(r"\d+", stated.number)) == "".join(re.findall(r"\d+", traced.number)) != ""
    return one in other or other in one or same_number
