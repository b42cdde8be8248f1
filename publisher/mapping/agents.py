"""Persons and organisations out of the headings of a catalogue; what is not plain stays an agent and is reported."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from publisher import resources
from publisher.mapping import places
from publisher.mapping.terms import fold, slug
from publisher.record import AgentKind

# Smith, John, 1950-
_DATES = re.compile(r",?\s*\(?(?:b\.\s*)?(?:ca\.? )?\d{4}\??\s?-?\s?(?:\d{4}\??)?\)?\.?$", re.ASCII)
_OTHERS = re.compile(r"[\s,;]*(\[?\bet\.? ?al\b\.?\]?|(?:\band |^)(?:\d{1,4} )?others\b\.?)$", re.I)
_TITLES = frozenset(
    (  # noqa: SIM905 -- one line instead of thirty
        "jr sr ii iii iv dr mr mrs ms prof sir dame lord lady rev hon phd md jd esq qc kc mp "
        "ed eds editor editors comp comps compiler compilers author authors translator chair investigator director"
    ).split()
)
_GENERATIONS = frozenset(("jr", "sr", "ii", "iii", "iv"))  # the titles that tell two of one name apart
_PARTICLES = frozenset(
    (  # noqa: SIM905
        "af al ap bin d da das de degli del della den der des di do dos du el ibn la las le los st te ten ter van vom "
        "von y zu zum zur 't ’t 's ’s"
    ).split()
)
_SEVERAL = frozenset({"and", "et", "al", "with", "others", "und"})  # words of a heading that names more than one
_FAMILY_WORD = re.compile(r"(?:al-|el-|[ldLD]['’])?[^\W\d_][^\W\d_'’\-]*(?:['’\-][^\W\d_]+){0,3}|[Ss]te?\.")
_GIVEN_WORD = re.compile(r"[^\W\d_][^\W\d_'’.\-]*[^\s\d_,;:/()]{0,40}")
_FULLER_FORM = re.compile(r"\s*\([^()]*\)")  # Smith, J. A. (John Albert)
_JOINED = re.compile(r",? (?:and|&) ")
_OUTSIDE = r"(?![^()]*\))"  # not within parentheses: "Conference on Probation (2nd : 2010 : Paris)"
_COLON = re.compile(r":\s+" + _OUTSIDE)
# "Congress. House", not "U.S. Congress" nor "St. John"
_SUBDIVISION = re.compile(r"(?<=[a-z\d)]{3})\.\s+(?=[A-Z])" + _OUTSIDE)
_ABBREVIATED_PLACE = re.compile(r"(?:U\. ?S\. ?|US |U\. ?K\. ?|UK )(?=[A-Z])")
_LONGEST = 250  # characters of a heading that is looked at; a longer one is no name


@dataclass(frozen=True, slots=True)
class AgentName:
    """What a heading says: `name` as it is spoken, its parts, and the headings of the bodies above it, widest first."""

    heading: str
    kind: AgentKind
    name: str
    family_name: str = ""
    given_name: str = ""
    parents: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return slug(self.heading)


@cache
def _organisation_words() -> frozenset[str]:
    return frozenset(row["word"] for row in resources.table("ontology/organisation-words.csv"))


def without_others(heading: str) -> tuple[str, str]:
    """A heading without the words at its end that stand for names it does not give ("et al."), and those words."""
    match = _OTHERS.search(heading[-40:])
    return (heading[: len(heading) - len(match[0])].rstrip(" ,;"), match[1]) if match else (heading, "")


def split(heading: str) -> list[str]:
    """The headings of "Smith, John A. and Jones, Mary", where both are persons in full form; else the one given."""
    if len(heading) <= _LONGEST:
        parts = [" ".join(part.split()) for part in _JOINED.split(heading)]
        if len(parts) == 2 and all("," in part and parse(part).kind == "person" for part in parts):
            return parts
    return [heading]


@lru_cache(50_000)
def parse(heading: str, kind: AgentKind = "") -> AgentName:
    """The agent that a heading names. `kind` is the source's own word for it, where it has one."""
    heading = " ".join(heading.split())
    if len(heading) > _LONGEST:
        return AgentName(heading, kind, heading)
    if kind == "person":
        spoken = _DATES.sub("", heading).rstrip(",; ")  # "Madonna, 1958-"
        return _person(heading) or AgentName(heading, "person", spoken or heading)
    parts = _hierarchy(heading)
    if kind == "organisation" or len(parts) > 1 or places.find(heading) or has_organisation_word(heading):
        return _organisation(heading, parts)
    person = _person(heading)
    if person is not None:
        # "Police, Hong Kong" and "Justice, Virginia" have the same form
        doubtful = fold(person.family_name) in _organisation_words() and places.find(person.given_name)
        return AgentName(heading, "", heading) if doubtful else person
    if _is_acronym(heading) or _is_of_a_place(heading):
        return _organisation(heading, parts)
    return AgentName(heading, "", heading)


def has_organisation_word(heading: str) -> bool:
    """Whether a word stands in the heading that names of bodies have and names of persons hardly ever."""
    words = fold(heading).split()
    if "," in heading:  # "House, Jane" and "Church, A. B." are persons: the family name alone proves nothing
        family, _, rest = heading.partition(",")
        if len(family.split()) == 1 and len(rest.split()) <= 3 and _person(heading) is not None:
            words = fold(rest).split()
    known = _organisation_words()
    return any(word in known for word in words)


def _is_acronym(heading: str) -> bool:
    """Whether capitals stand for a body: "UNODC", "RAND Europe", "KPMG Forensic", but not "SMITH JOHN"."""
    words = heading.split()
    marked = [word for word in words if re.fullmatch(r"[A-Z&]{3,}[0-9]*", word)]
    if not marked or "," in heading:
        return False
    return (
        len(words) == 1
        or any(not set(word) & set("AEIOUY") for word in marked)
        or any(places.find(word) for word in words)
        or (len(words) > 3 and len(marked) < len(words))
    )


def _is_of_a_place(heading: str) -> bool:
    """Whether a body is told by its country: "Blue Campaign (U.S.)", "U.S. Customs"."""
    if "," in heading:
        return False
    qualifier = heading[:-1].rpartition("(")[2] if heading.endswith(")") else ""
    return places.find(qualifier) is not None or _ABBREVIATED_PLACE.match(heading) is not None


def _hierarchy(heading: str) -> list[str]:
    """The parts of "Great Britain: HMI Probation" or "United States. Congress. House", if they begin with a place."""
    for pattern in (_COLON, _SUBDIVISION):
        first, *rest = (part.strip() for part in pattern.split(heading.rstrip(".")))
        if rest and all(rest) and places.find(first) is not None:
            return [first, *(piece for part in rest for piece in _SUBDIVISION.split(part))]
    parts = [part.strip() for part in _COLON.split(heading)]
    if len(parts) == 2 and all(parts) and has_organisation_word(parts[0]) and "," not in parts[0]:
        return parts
    return [heading]


def _organisation(heading: str, parts: list[str]) -> AgentName:
    parents = []
    position = 0
    for part in parts[:-1]:
        position = heading.index(part, position) + len(part)
        parents.append(heading[:position])
    return AgentName(heading, "organisation", parts[-1], parents=tuple(parents))


def _person(heading: str) -> AgentName | None:
    """ "Family, Given" with its dates, titles and roles, or None where a part has not the form of a name."""
    bare = _DATES.sub("", heading).rstrip(",; ")
    family, *others = (part.strip() for part in bare.split(","))
    given = [part for part in others if not all(map(_is_title, part.split()))]
    if len(given) != 1:
        return None
    family_words, given_words = family.split(), given[0].split()
    while len(given_words) > 1 and _is_title(given_words[-1]):
        given_words.pop()
    while len(family_words) > 1 and _is_title(family_words[-1]):  # "Smith Jr., John"
        family_words.pop()
    spoken = _FULLER_FORM.sub("", " ".join(given_words)) or " ".join(given_words).strip("()")
    left = [word for word in bare.replace(",", " ").split() if word not in (*family_words, *given_words)]
    generation = next((word for word in left if _bare_title(word) in _GENERATIONS), "")
    names = [word for word in _unmarked(family_words) if word not in _PARTICLES]
    given_forms = _unmarked(spoken.split())
    if not names or len(family_words) > 5 or not 1 <= len(given_forms) <= 5:
        return None
    if any(word.casefold().strip(".") in _SEVERAL for word in (*names, *given_forms)):
        return None
    if not all(word in _PARTICLES or _FAMILY_WORD.fullmatch(word) for word in _unmarked(family_words)):
        return None
    if names[0][0].islower() and not re.match("(?:al|el)-|[ld]['’]", names[0]):
        return None
    if not all(map(_GIVEN_WORD.fullmatch, given_forms)) or given_forms[0][0].islower():
        return None
    family = " ".join(family_words)
    return AgentName(heading, "person", f"{spoken} {family} {generation}".rstrip(), family, spoken)


def _is_title(word: str) -> bool:
    return _bare_title(word) in _TITLES


def _bare_title(word: str) -> str:
    return word.strip("()").replace(".", "").casefold()


def _unmarked(words: list[str]) -> list[str]:
    """The words without their combining marks, which are no letters to a pattern ("é" in two characters, "पु")."""
    if all(word.isascii() for word in words):
        return words
    return ["".join(c for c in unicodedata.normalize("NFC", w) if unicodedata.category(c)[0] != "M") for w in words]
