"""Identifiers of a work: what each says in the property of its scheme, checked, and the IRI that it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

from stdnum import isbn, issn

from publisher import resources

_DOI = re.compile(r"(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)?(?:doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_HANDLE = re.compile(r"(?:hdl:\s*|(?:https?://)?hdl\.handle\.net/)?(\d[\w.]*/\S+)", re.IGNORECASE)
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,31}:\S+", re.IGNORECASE)
_STANDARD_NUMBER = re.compile(
    r"(?:urn:)?(?:[ep]?-?issn|isbn)?(?:-1[03])?[:\s]*([\dXx\u2010-\u2015 -]{8,20})", re.IGNORECASE
)
_DASHES = re.compile("[\u2010-\u2015]")
LONGEST = 2000  # characters; a longer text is no identifier of these schemes


@dataclass(frozen=True, slots=True)
class Identifier:
    """`said` are the attributes of the context and their values, `iri` what stands for the work in the scheme's own
    address space ("" where there is none), `wrong` why the identifier is not one of its scheme."""

    said: tuple[tuple[str, str], ...]
    iri: str = ""
    wrong: str = ""


@cache
def _schemes() -> dict[str, tuple[str, str]]:
    """Scheme -> attribute and the beginning of its IRIs."""
    return {row["scheme"]: (row["attribute"], row["iri"]) for row in resources.table("ontology/identifiers.csv")}


def read(text: str, scheme: str) -> Identifier:
    """What an identifier says. The given form is among it always, in dc:identifier if no other property has it; one of
    a scheme that has no property comes as "scheme: value"."""
    attribute, start = _schemes().get(scheme.casefold(), ("", ""))
    if not attribute or len(text) > LONGEST:
        return Identifier((("identifiers", f"{scheme}: {text}" if scheme else text),))
    check = _CHECKS.get(attribute)
    if check is not None:
        said, wrong = check(text)
        if wrong:
            return Identifier((("identifiers", f"{scheme}: {text}"),), "", wrong)
    else:
        said = [(attribute, text)]
    iri = ""
    if start == "urn":
        iri = text if _URN.fullmatch(text) else ""
    elif start:
        written = "%" if "://" in text else ""  # an address has its signs encoded
        iri = start + quote(said[0][1], safe="/:;()._-~!$&'*+,=@" + written)
    if text not in {value for _, value in said} and text != iri:
        said = [*said, ("identifiers", text)]
    return Identifier(tuple(said), iri)


def _doi(text: str) -> tuple[list[tuple[str, str]], str]:
    match = _DOI.fullmatch(text.strip())
    return ([("doi", match[1])], "") if match else ([], f'"{text}" has not the form of a DOI (10.1234/abc).')


def _handle(text: str) -> tuple[list[tuple[str, str]], str]:
    match = _HANDLE.fullmatch(text.strip())
    return ([("handle", match[1])], "") if match else ([], f'"{text}" has not the form of a handle (1234/abc).')


def _isbn(text: str) -> tuple[list[tuple[str, str]], str]:
    match = _STANDARD_NUMBER.fullmatch(text.strip())
    number = isbn.compact(_DASHES.sub("", match[1])) if match else ""
    if not number or not isbn.is_valid(number):
        return [], f'The ISBN "{text}" is wrong: its length or check digit does not fit; look it up in the work.'
    ten = [("isbn10", number)] if len(number) == 10 else []
    return [("isbn13", isbn.compact(isbn.to_isbn13(number))), *ten], ""


def _issn(text: str) -> tuple[list[tuple[str, str]], str]:
    number = issn_of(text)
    if not number:
        return [], f'The ISSN "{text}" is wrong: its length or check digit does not fit; look it up in the work.'
    return [("issn", number)], ""


def issn_of(text: str) -> str:
    """The ISSN in its printed form ("2999-0017"), "" where its check digit is wrong."""
    match = _STANDARD_NUMBER.fullmatch(text.strip()) if len(text) < 40 else None
    number = _DASHES.sub("-", match[1]).strip() if match else ""
    return str(issn.format(number)) if number and issn.is_valid(number) else ""


_CHECKS = {"doi": _doi, "handle": _handle, "isbn13": _isbn, "issn": _issn}
