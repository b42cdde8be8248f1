"""The rules of MARC 21: what each field of a bibliographic record becomes, one function a family and one row a tag.

The tags are those of https://www.loc.gov/marc/bibliographic/. What a rule does not take of a field ends in a Leftover.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_lowercase

from publisher.readers.marc.fields import BETWEEN, Draft, Field, iri_of, relator_of, trim, unbracketed
from publisher.readers.marc.numbers import government_number, isbn, number, standard_number
from publisher.readers.marc.wholes import host, series, series_statement
from publisher.record import Agent, AgentKind, Leftover

AUTHORS = ("aut", "cre", "dis")  # relator codes of an author; any other role is a contributor's
THESAURI = {"0": "lcsh", "1": "lcshac", "2": "mesh", "3": "nal", "5": "cash", "6": "rvm"}  # second indicator of 6XX
KINDS: dict[str, AgentKind] = {"00": "person", "10": "organisation", "11": "organisation"}
UNCONTROLLED: dict[str, AgentKind] = {"1": "person", "2": "organisation"}  # first indicator of 720
NAMES = {"00": "aqbcd", "10": "abcdgn", "11": "acdegnq"}  # subfields of a heading, by the end of its tag
MARKS = {"00": {"c": ",", "d": ","}, "10": {"b": "."}, "11": {"e": "."}}  # set before one where the record has none
SUBJECTS = {"600": "abcdfghjklmnopqrst", "611": "abcdefghklnpqst", "647": "acdg", "651": "ag", "655": "abc"}
SUBJECTS |= dict.fromkeys(("610", "630"), "abcdfghklmnoprst")
RDA_TERMS = {"rdacontent": "contentTypes", "rdacarrier": "carriers"}  # lists at id.loc.gov/vocabulary
MARK_IN_MEDIUM = re.compile(r"[:;=/.,]$")
RUN_TOGETHER = re.compile(r"(?:[a-z]{3}){2,}")


def control(draft: Draft, field: Field) -> None:
    if field.tag == "008" and not draft.fixed:
        draft.fixed, draft.fixed_line = field.data, field.line
        if draft.kind[:1] in ("a", "t"):
            # Nature of contents (m: theses, t: technical reports) and conference: one list for books and serials
            for code in dict.fromkeys(field.data[24:28]):
                if code.isalnum():
                    draft.add("types", field.value(code, "marc-008-contents"))
            if field.data[29:30] == "1":
                draft.add("types", field.value("1", "marc-008-conference"))


def title(draft: Draft, field: Field) -> None:
    """245, 242, 246: subfields in order, " : " before $b and ". " before $n and $p where the record sets no mark."""
    text = last = ""
    for index, (code, part) in enumerate(field.subfields):
        part = part.strip()
        if code == "h" and text and (mark := MARK_IN_MEDIUM.search(part)):
            text += mark[0] if mark[0] in ".," else f" {mark[0]}"
        if not code or code not in "abfgknps" or not part:
            continue
        field.taken.add(index)
        if not text or text[-1] in "/:;,=." or code not in "bnp":
            text = f"{text} {part}".strip()
        else:
            text += {"b": " : ", "n": ". "}.get(code, ", " if last == "n" else ". ") + part
        last = code
    draft.add_text("title" if field.tag == "245" else "alternative", field, trim(text))
    if field.tag == "245":
        draft.add_text("description", field, trim(field.joined("c")))


def linked(draft: Draft, field: Field) -> None:
    """880: the same in another script. A title is one more title; the rest is kept with the field that it repeats."""
    link = next((text for code, text in field.subfields if code == "6"), "")
    if link.startswith("245"):
        title(draft, field)
    draft.leave(field, f" ({link[:6]})" if link else "")


def name(draft: Draft, field: Field) -> None:
    """1XX, 7XX: 1XX is the first creator; 7XX one more, unless it names another role; with $t it is another work."""
    if field.tag[0] == "7" and any(code == "t" for code, _ in field.subfields):
        return
    end = field.tag[1:]
    text = ""
    for code, part in field.pairs(NAMES.get(end, "a")):
        mark = MARKS.get(end, {}).get(code, "") if text and text[-1] not in ".,;:" and part[0] != "(" else ""
        text = f"{text}{mark} {part}".strip()
    text = trim(text)
    if not text:
        return
    kind = KINDS.get(end) or UNCONTROLLED.get(field.ind1, "")
    role, stated = role_of(field)
    agent = Agent(field.value(text, iris=field.iris()), kind, role)
    if field.tag[0] == "1":
        draft.main.append(agent)
    elif role in AUTHORS or not stated:
        draft.add("creators", agent)
    else:
        draft.add("degree_grantors" if role == "dgg" else "contributors", agent)


def role_of(field: Field) -> tuple[str, bool]:
    """The relator code of a name, an author's first, and whether the field says anything of a role."""
    term = "j" if field.tag.endswith("11") else "e"
    found: list[tuple[str, int]] = []
    stated = False
    for index, (code, text) in enumerate(field.subfields):
        if code not in ("4", term):
            continue
        stated = True
        role = relator_of(text)
        if role:
            found.append((role, index))
    if not found:
        return "", stated
    chosen = next((role for role, _ in found if role in AUTHORS), found[0][0])
    field.taken.update(index for role, index in found if role == chosen)
    return chosen, True


def imprint(draft: Draft, field: Field) -> None:
    """260, and 264 of a publication; the other functions of 264 are leftovers."""
    if field.tag == "264" and field.ind2 not in "1 #":
        return
    for text in map(trim, (part for part in field.take("a"))):
        draft.add_text("place_of_publication", field, unbracketed(text))
    for text in map(trim, field.take("b")):
        if text := unbracketed(text):
            draft.add("publishers", Agent(field.value(text)))
    for text in map(trim, field.take("c")):
        draft.add_text("issued", field, unbracketed(text))
    draft.add_text("publication_statement", field, field.joined("abcefg"))


def extent(draft: Draft, field: Field) -> None:
    draft.add_text("extent", field, field.joined("abcefg3"))


def edition(draft: Draft, field: Field) -> None:
    draft.add_text("edition", field, trim(field.joined("ab")))


def uniform_title(draft: Draft, field: Field) -> None:
    draft.add_text("alternative", field, trim(field.joined("adfgklmnoprst")), iris=field.iris())


def content_type(draft: Draft, field: Field) -> None:
    """336, 338: the term, with the IRI of its code in the list that $2 names."""
    scheme = field.scheme()
    terms, codes = field.take("a"), field.take("b")
    plain = RDA_TERMS.get(scheme, "") if len(codes) == 1 and re.fullmatch("[a-z]{1,3}", codes[0]) else ""
    iris = (f"http://id.loc.gov/vocabulary/{plain}/{codes[0]}",) if plain else ()
    for text in terms or codes:
        draft.add_text("types", field, text, scheme, iris + field.iris())
    if terms and not plain:
        for code in codes:
            draft.leftovers.append(Leftover(f"MARC {field.tag} $b", field.value(code)))


def subject(draft: Draft, field: Field) -> None:
    """600-662, 69X, 655: the heading, with its subdivisions after "--"."""
    if field.tag == "653":
        for text in map(trim, field.take("a")):
            draft.add_text("subjects", field, text)
        return
    thesaurus = THESAURI.get(field.ind2, "") if field.tag < "690" else ""
    scheme = field.scheme() or thesaurus
    divisions = "vxyz"
    parts = [trim(field.joined(SUBJECTS.get(field.tag, "abcdg")))]
    if field.tag == "662":
        parts = list(map(trim, field.take("abcdfgh")))
    parts += map(trim, field.take(divisions))
    text = "--".join(filter(None, parts))
    iris = field.iris()
    draft.add_text("types" if field.tag == "655" else "subjects", field, text, scheme, iris)
    if field.tag == "648":
        draft.add_text("temporal", field, text, scheme, iris)


def note(draft: Draft, field: Field) -> None:
    draft.add_text("description", field, field.joined("3" + ascii_lowercase))


def dissertation(draft: Draft, field: Field) -> None:
    """502: the whole note, the degree ($b) and who grants it ($c) where the record sets them apart."""
    draft.add("degree", *(field.value(text.strip().rstrip(BETWEEN)) for text in field.take("b")))
    grantors = [text for text in map(trim, field.take("c")) if text]
    draft.add("degree_grantors", *(Agent(field.value(text), "organisation", "dgg") for text in grantors))
    text = field.joined(ascii_lowercase)
    draft.add_text("description", field, text)
    draft.add_text("types", field, text, "marc-502")


def contents(draft: Draft, field: Field) -> None:
    draft.add_text("table_of_contents", field, field.joined("agrt"))


def abstract(draft: Draft, field: Field) -> None:
    """520: summaries; a review or an advice on the content is a note."""
    name = "description" if field.ind1 in "14" and field.ind1 else "abstract"
    draft.add_text(name, field, field.joined("3ab"))


def rights(draft: Draft, field: Field) -> None:
    links = tuple(iri for iri in map(iri_of, field.take("u")) if iri)
    text = field.joined("3abcdefghijklmnopqrs")
    draft.add_text("rights", field, text or " ".join(links), "", links)


def languages(draft: Draft, field: Field) -> None:
    scheme = (field.scheme() if field.ind2 == "7" else "") or "iso639-2b"
    for text in field.take("a"):
        joined = text.strip()
        codes = re.findall("...", joined) if scheme == "iso639-2b" and RUN_TOGETHER.fullmatch(joined) else [joined]
        if len(codes) > 1:
            draft.leftovers.append(Leftover("MARC 041 $a", field.value(joined)))
        for code in codes:
            draft.add_text("languages", field, code, scheme)


def address(draft: Draft, field: Field) -> None:
    """856: the work itself, not what is related to it (second indicator 2)."""
    if field.ind2 in " #01":
        for text in field.take("u"):
            draft.add_text("uri", field, text.strip())


RULES: dict[str, Callable[[Draft, Field], None]] = {
    "008": control,
    "010": number("lccn"),
    "020": isbn,
    "022": number("issn"),
    "024": standard_number,
    "027": number("report"),
    "028": number("report"),
    "030": number("coden"),
    "037": number("stock"),
    "041": languages,
    "086": government_number,
    "088": number("report"),
    "130": uniform_title,
    "240": uniform_title,
    "242": title,
    "245": title,
    "246": title,
    "250": edition,
    "260": imprint,
    "264": imprint,
    "300": extent,
    "336": content_type,
    "338": content_type,
    "490": series_statement,
    "502": dissertation,
    "505": contents,
    "506": rights,
    "520": abstract,
    "540": rights,
    "542": rights,
    "773": host,
    "856": address,
}
RULES |= dict.fromkeys(("100", "110", "111", "700", "710", "711", "720"), name)
RULES |= dict.fromkeys(("800", "810", "811", "830"), series)
RULES |= dict.fromkeys(("600", "610", "611", "630", "647", "648", "650", "651", "653", "654", "655", "662"), subject)
# Notes on the work; those on one library's copy (541, 561, 583 ...) and local ones (59X) are leftovers.
RULES |= dict.fromkeys(
    (  # noqa: SIM905 -- two lines instead of thirty
        "500 501 504 507 508 511 513 514 515 516 518 521 522 524 525 530 533 534 536 538 545 546 547 550 552 555 556 "
        "565 567 580 581 585 586 588"
    ).split(),
    note,
)


def rule_of(tag: str) -> Callable[[Draft, Field], None] | None:
    return RULES.get(tag) or (subject if tag[:2] == "69" else None)
