"""The key of a record, which its address ends with: its shelf number, or another number that stays its own."""

from __future__ import annotations

import hashlib
import re

from publisher.mapping.terms import clean
from publisher.record import Record, Value

NO_NUMBER = "no-number-"  # how the key of a record begins that has no number of its own
GLOBAL_SCHEMES = ("doi", "handle", "urn")  # the same in every catalogue, so that no code is put before them
KEY_SCHEMES = (*GLOBAL_SCHEMES, "report", "report-number")  # what may be the key of a record without a number, in order


def number_of(record: Record) -> Value | None:
    """The shelf number, else the source's own number of the record, else an identifier of the work (KEY_SCHEMES)."""
    ranked = sorted(
        (value for value in record.identifiers if value.scheme.casefold() in KEY_SCHEMES),
        key=lambda value: KEY_SCHEMES.index(value.scheme.casefold()),
    )
    numbers = (*record.shelf_number, *record.record_number, *ranked)
    return next((value for value in numbers if clean(value.text).strip()), None)


def key_of(record: Record, number: Value | None, collection: str) -> str:
    """The key that a number makes, behind the code of the collection if it is the source's own. A record without one is
    described all the same, so that the validation can say everything at once; it is never published under the key that
    it gets here."""
    if number is None or not re.search(r"\w", number.text):  # "..", too, would be no address
        return f"{NO_NUMBER}{hashlib.sha256(record.source.text.encode()).hexdigest()[:12]}"
    text = clean(number.text).strip()
    local = number not in record.shelf_number and number.scheme.casefold() not in GLOBAL_SCHEMES
    return f"{collection}-{text}" if collection and local else text
