"""The key of a record, which its address ends with: its shelf number, or another number that stays its own."""

from __future__ import annotations

import hashlib
import re

from publisher.mapping import identifiers
from publisher.mapping.terms import clean, link, slug
from publisher.record import Record, Value

NO_NUMBER = "no-number-"  # how the key of a record begins that has no number of its own
# what may be the key of a record without a number, in this order; two records with one key are reported, never merged
KEY_SCHEMES = ("doi", "handle", "urn", "report", "report-number", "pmid", "isbn")
OF_ONE_SOURCE = ("report", "report-number")  # the others are the same everywhere, so that no code is put before them
# lists of references number their records seldom; a catalogue that gives no number has forgotten it
WITHOUT_NUMBERS = ("ris", "bibtex")


def number_of(record: Record) -> Value | None:
    """The shelf number, else the source's own number of the record, else an identifier of the work (KEY_SCHEMES), or of
    a reference the web address of the work."""
    ranked = sorted(
        (value for value in record.identifiers if value.scheme.casefold() in KEY_SCHEMES),
        key=lambda value: KEY_SCHEMES.index(value.scheme.casefold()),
    )
    numbers = [*record.shelf_number, *record.record_number, *ranked]
    if record.source.format in WITHOUT_NUMBERS:
        numbers += [value for value in record.uri if link(value.text) is not None]
    return next((value for value in numbers if clean(value.text).strip()), None)


def identity(number: Value) -> str:
    """A number as it is the same however it is written: a DOI, handle or ISBN without its address, name or hyphens."""
    text = clean(number.text).strip()
    if number.scheme.casefold() in ("doi", "handle", "isbn"):
        found = identifiers.read(text, number.scheme)
        return text if found.wrong or not found.said else found.said[0][1]
    return text


def former_keys(record: Record, collection: str) -> tuple[str, ...]:
    """The keys that the record had by its former numbers, which are of the kind that its present number is of."""
    start = f"{collection}-" if collection and not record.shelf_number else ""
    return tuple(f"{start}{clean(value.text).strip()}" for value in record.former_numbers if clean(value.text).strip())


def key_of(record: Record, number: Value | None, collection: str) -> str:
    """The key that a number makes, behind the code of the collection if it is the source's own; of a web address its
    words. A record without a number is described all the same, so that the validation can say everything at once; it is
    never published under the key that it gets here."""
    if number is None or not re.search(r"\w", number.text):  # "..", too, would be no address
        return f"{NO_NUMBER}{hashlib.sha256(record.source.text.encode()).hexdigest()[:12]}"
    text = identity(number)
    if number in record.uri and number not in (*record.shelf_number, *record.record_number, *record.identifiers):
        return slug(text.partition("://")[2])
    local = number not in record.shelf_number and (number in record.record_number or number.scheme in OF_ONE_SOURCE)
    return f"{collection}-{text}" if collection and local else text
