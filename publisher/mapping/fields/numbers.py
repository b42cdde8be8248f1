"""The numbers of a record and of its copies, and the identifiers of the work."""

from __future__ import annotations

from pyoxigraph import BlankNode, NamedNode, Triple

from publisher.mapping import identifiers
from publisher.mapping.description import TYPE
from publisher.mapping.fields.draft import Draft
from publisher.mapping.fields.keys import identity
from publisher.mapping.terms import clean, link, node
from publisher.namespaces import BF

MARC = ("marc", "marcxml")
ITEM, SHELF_MARK = NamedNode(BF.Item), NamedNode(BF.ShelfMark)


def numbers(draft: Draft) -> None:
    """The numbers of the record, the first of which is its identifier."""
    record = draft.record
    for value in (*record.shelf_number, *record.record_number):
        attribute = "shelf_number" if value in record.shelf_number else "record_number"
        draft.read(attribute, value)
        if not clean(value.text).strip():
            draft.say_values(attribute, [value])
        elif value is draft.number or value in record.shelf_number:
            draft.say("shelf_number", value.text)
            if value.scheme and record.source.format in MARC:  # 003, whose number it is
                draft.say("identifiers", f"{value.scheme}: {value.text}")
        else:
            draft.say("identifiers", f"{value.scheme}: {value.text}" if value.scheme else value.text)


def former_numbers(draft: Draft) -> None:
    for value in draft.record.former_numbers:
        draft.read("former_numbers", value)
        if clean(value.text).strip():
            draft.say("identifiers", f"former number: {value.text}")


def identifiers_of_the_work(draft: Draft) -> None:
    """Each identifier in the property of its scheme, checked."""
    for value in draft.record.identifiers:
        draft.read("identifiers", value)
        if value is draft.number:
            draft.say("shelf_number", identity(value))
        if not clean(value.text).strip():
            draft.say_values("identifiers", [value])
            continue
        found = identifiers.read(value.text, value.scheme)
        for attribute, text in found.said:
            draft.say(attribute, text)
        if found.wrong:
            draft.note("identifiers", found.wrong, value)
        # an address of a DOI or handle in another form is no news
        others = [iri for iri in value.iris if not found.iri or identifiers.read(iri, value.scheme).iri != found.iri]
        for iri in dict.fromkeys(filter(None, (found.iri, *others))):
            same = node(iri) if iri == found.iri else link(iri)
            if same is not None:
                draft.say("same_as", same)
            elif iri != value.text:
                draft.say("leftovers", f"IRI: {iri}")


def items(draft: Draft) -> None:
    """A copy with its shelf mark for each shelf number."""
    found = [value for value in draft.record.shelf_number if clean(value.text).strip()]
    for position, value in enumerate(found):
        draft.read("shelf_number", value)
        item = NamedNode(draft.addresses.thing("resource", draft.key, f"item-{position + 1}" if position else "item"))
        mark = BlankNode(f"m{draft.blank}n{position}")
        draft.say("items", item)
        draft.add(Triple(item, TYPE, ITEM))
        draft.say("shelf_mark", mark, item)
        draft.add(Triple(mark, TYPE, SHELF_MARK))
        draft.say("value", value.text, mark)
