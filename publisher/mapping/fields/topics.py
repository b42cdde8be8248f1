"""What a work is about: countries and keywords."""

from __future__ import annotations

from publisher.mapping import places
from publisher.mapping.fields.draft import Draft
from publisher.mapping.terms import slug
from publisher.record import Value


def countries(draft: Draft) -> None:
    for value in draft.record.countries:
        draft.read("countries", value)
        names = places.split(value.text)
        found = [place for place in map(draft.things.place, names) if place is not None]
        for name in names:
            if places.find(name) is None:
                _unknown_country(draft, name, value)
        for place in found:
            draft.name("countries", place)
        if not found:
            draft.say("leftovers", f"Country: {value.text}")
        elif [place.descriptions[-1].label for place in found] != [value.text]:
            draft.say("coverage", value.text)


def _unknown_country(draft: Draft, name: str, value: Value) -> None:
    advice = places.advice(name)
    draft.note(
        "countries",
        f'The country "{name}" may be more than one place. {advice}'
        if advice
        else f'The country "{name}" is in no list of ours; it is published under this name, unlinked.',
        value,
    )


def subjects(draft: Draft) -> None:
    given: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}  # a keyword of two lists has the IRIs of both
    for value in draft.record.subjects:
        if value.iris or value.scheme:
            key = slug(value.text)
            iris, lists = given.get(key, ((), ()))
            listed = (value.scheme,) if value.scheme else ()
            given[key] = tuple(dict.fromkeys((*iris, *value.iris))), tuple(sorted({*lists, *listed}))
    for value in draft.record.subjects:
        draft.read("subjects", value)
        language = draft.tag(value)
        concept = draft.things.concept(value.text, language, *(given.get(slug(value.text), ()) if given else ()))
        if concept is None:
            draft.note("subjects", f'The keyword "{value.text}" has neither letters nor digits.', value)
            draft.say("leftovers", f"Keywords: {value.text}")
        else:
            draft.name("subjects", concept)
