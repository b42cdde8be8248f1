"""Words: what a card leaves open, in the language of a page and by the settings of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from markupsafe import Markup, escape

from publisher.card.rows import Part, labels
from publisher.card.values import external_label
from publisher.settings import Settings
from publisher.web.archive import copy
from publisher.web.languages import N_, day_in, tag_within, translated

_LABELS = (N_("online resource"),)  # of what is elsewhere, for the translators; all others are in tables
# what others call the things that have pages here, and what is said of the data set, for the translators
_TERMS = (
    N_("Agent"),
    N_("Organization"),
    N_("Person"),
    N_("Concept"),
    N_("Location"),
    N_("Series"),
    N_("Collection"),
    N_("Classes"),
    N_("Distinct subjects"),
    N_("Number of documents"),
    N_("Number of entities"),
    N_("Number of properties"),
    N_("Number of triples"),
    N_("Example resource of dataset"),
    N_("Has a SPARQL endpoint at"),
    N_("URI space"),
    N_("Vocabulary"),
    N_("VersionInfo"),
    N_("Homepage"),
)


class Words:
    """The words of one site in one language; each is HTML."""

    def __init__(self, settings: Settings, language: str) -> None:
        self.settings = settings
        self.language = language
        self._word = lru_cache(10_000)(self._make)

    def put(self, parts: Iterable[Part]) -> Markup:
        """The parts of a card with the words in their places."""
        word = self._word
        return Markup("".join([part if isinstance(part, str) else word(*part) for part in parts]))  # noqa: S704

    def _make(self, kind: str, *of: str) -> str:
        return _KINDS[kind](self, *of)

    def _label(self, attribute: str) -> str:
        return str(escape(label(attribute, self.language)))

    def _open(self) -> str:
        return str(escape(translated(N_("Open the document"), self.language)))

    def _day(self, time: str) -> str:
        return str(escape(day_in(time, self.language)))

    def _lang(self, tag: str) -> str:
        """The attribute of a text in a language, by default that of the catalogue, where the page has another."""
        tag = tag_within(tag or self.settings.LANGUAGE, self.language)
        return f' lang="{escape(tag)}"' if tag else ""

    def _lang_of(self, text: str, href: str) -> str:
        tag = named(text, href, self.language)[1]
        return self._lang(tag) if tag else ""

    def _name(self, text: str) -> str:
        return str(escape(translated(text, self.language)))

    def _site(self) -> str:
        return str(escape(self.settings.TITLE))

    def _keywords(self) -> str:
        return str(escape(translated(N_("Keywords of %s"), self.language) % self.settings.TITLE))

    def _copy(self, url: str, accessed: str) -> str:
        link = self._copied(url, accessed)
        return f' <span class="on-screen">({link})</span>' if link else ""

    def _or_copy(self, url: str, accessed: str) -> str:
        link = self._copied(url, accessed)
        return f", {link}" if link else ""

    def _copied(self, url: str, accessed: str) -> str:
        found, text = copy(self.settings, url, accessed), translated(N_("archived copy"), self.language)
        return f'<a href="{escape(found)}">{escape(text)}</a>' if found else ""


_KINDS: dict[str, Callable[..., str]] = {
    "label": Words._label,
    "open": Words._open,
    "day": Words._day,
    "language": Words._lang,
    "language of": Words._lang_of,
    "name": Words._name,
    "site": Words._site,
    "keywords": Words._keywords,
    "copy": Words._copy,
    "or copy": Words._or_copy,
}


def named(text: str, href: str, language: str) -> tuple[str, str]:
    """The name of something elsewhere in a language, and the language that it is in: English where it is not
    translated, none where it is an address."""
    name = translated(text, language)
    return name, "" if name == href else language if name != text else "en"


@cache
def label(attribute: str, language: str) -> str:
    """What readers call an attribute in a language; a property that is none goes by its own name."""
    known = labels().get(attribute) or external_label(attribute)
    return translated(known[:1].upper() + known[1:], language)
