"""In which language a page speaks: that of `?lang=`, else the one that the browser likes best of those there are.

Nothing is kept anywhere: a page that was asked for with `?lang=` has it in its links, too. The messages of a language
are one file, `translations/{language}/LC_MESSAGES/messages.po`, read when it is first needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import IO, Any

from babel import Locale, dates, numbers
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from publisher import namespaces
from publisher.message import Message


def _languages() -> dict[str, str]:
    """Tag -> own name of the languages that there are: that of the code first, then those with a file of messages."""
    folder = files("publisher.web").joinpath("translations")
    others = sorted(each.name for each in folder.iterdir() if each.joinpath("LC_MESSAGES", "messages.po").is_file())
    names = {tag: Locale(tag).get_display_name(tag) or tag for tag in ("en", *others)}
    return {tag: name[:1].upper() + name[1:] for tag, name in names.items()}


LANGUAGES = _languages()
_spoken = ContextVar("spoken", default="")


def N_(text: str) -> str:  # noqa: N802 -- the name by which Babel knows it
    """Marks a message that is translated where it is shown."""
    return text


def chosen() -> str:
    """The language that the address asks for, empty if it does not."""
    try:
        asked = request.args.get("lang", "")
    except UnicodeDecodeError:  # which is about to be told
        return ""
    return asked if asked in LANGUAGES else ""


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What is said inside is in this language; also where no request is."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> str:
    """The language of this page."""
    if spoken := _spoken.get():
        return spoken
    if "language" not in g:
        g.language = chosen() or preferred(request.headers.get("Accept-Language", ""))
    return str(g.language)


@lru_cache(1024)
def preferred(accept_language: str) -> str:
    """The language that an Accept-Language header likes best."""
    accepted = parse_accept_header(accept_language, LanguageAccept)
    return accepted.best_match(LANGUAGES, default=next(iter(LANGUAGES)))


@cache
def translations(name: str) -> NullTranslations:
    """The messages of a language; those of the code are their own translation."""
    path = files("publisher.web").joinpath("translations", name, "LC_MESSAGES", "messages.po")
    if not path.is_file():
        return NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=name))
    compiled.seek(0)
    return Translations(compiled)


def gettext(message: str) -> str:
    """A message in the language of this page."""
    return translated(message, language()) if message else ""


@lru_cache(10_000)
def translated(message: str, language: str) -> str:
    """A message in a language."""
    return translations(language).gettext(message)


def _in_markup(message: str, **values: object) -> Markup:
    """A message of a template, with values in it that are escaped."""
    return Markup(gettext(message)) % values if values else _markup(message, language())  # noqa: S704 -- our own text


@lru_cache(10_000)
def _markup(message: str, language: str) -> Markup:
    # an operator though there are no values, since a message writes the percent sign twice
    return Markup(translated(message, language) if message else "") % {}  # noqa: S704 -- our own text


def ngettext(singular: str, plural: str, count: int) -> str:
    """A message for a number of things."""
    return translations(language()).ngettext(singular, plural, count)


def said(message: str) -> str:
    """A message of the program in the language of this page, its values, too."""
    if not isinstance(message, Message):
        return gettext(message)
    if not message.values:
        return gettext(message.pattern)
    return gettext(message.pattern) % {name: _value(value) for name, value in message.values.items()}


def _value(value: object) -> object:
    if isinstance(value, Message):
        return said(value)
    if isinstance(value, date):
        return day(value.isoformat())
    return number(value) if isinstance(value, int | float) else value


def number(value: float) -> str:
    """A number with the separators of the language."""
    return numbers.format_decimal(value, locale=language())


def day(text: str) -> str:
    """An xsd:date or xsd:dateTime as people write it; at midnight sharp only the day is known (PAV)."""
    return day_in(text, language())


@lru_cache(10_000)
def day_in(text: str, language: str) -> str:
    """The same in a given language."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    written = _day(time.date(), language)
    return written if (time.hour, time.minute, time.second) == (0, 0, 0) else f"{written}, {time:%H:%M} UTC"


@lru_cache(10_000)
def _day(day: date, language: str) -> str:
    # the English of the world, not that of one country: 25 November 2026
    return dates.format_date(day, format="long", locale="en_001" if language == "en" else language)


def direction() -> str:
    """In which direction the language of the page is written, as HTML says it: ltr or rtl."""
    return Locale(language()).text_direction


def of_content(tag: str) -> str:
    """The `lang` of a text of the catalogue, empty where it is that of the page around it."""
    return tag_within(tag, language())


def tag_within(tag: str, language: str) -> str:
    """The `lang` of a text inside one in another language, empty where it is the same."""
    return "" if tag.partition("-")[0] == language else tag


def label(locale: str) -> str:
    """The name of a language in the language of the page ("English"); the tag where it has none."""
    try:
        return Locale.parse(locale, sep="-").get_display_name(language()) or locale
    except ValueError:
        return locale


def install(app: Flask) -> None:
    """Teaches the templates to speak."""
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)
    environment.globals["_"] = _in_markup  # the same as Jinja's own, by a shorter way
    # of what is no text of a template: `_()` would take it for markup
    environment.filters.update(number=number, day=day, translated=gettext)
    environment.globals.update(
        language=language, chosen_language=chosen, languages=LANGUAGES, of_content=of_content, direction=direction
    )
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Language", language())
        response.vary.add("Accept-Language")
    return response


SEVERITIES = (N_("violation"), N_("warning"), N_("info"))  # as the rules name them


def extract_code(source: IO[bytes], keywords: Iterable[str], comments: Collection[str], options: Any) -> Iterator[Any]:
    """For Babel: the messages in code, and the patterns of `Message`."""
    wanted = dict.fromkeys([*keywords, "Message"])
    for line, function, said, notes in extract_python(source, wanted, comments, options):
        pattern = said[0] if isinstance(said, tuple) and said else said
        if function != "Message":
            yield line, function, said, notes
        elif pattern:
            yield line, "gettext", pattern, notes


def extract_table(
    source: IO[bytes], keywords: Iterable[str], comments: Iterable[str], options: dict[str, str]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """For Babel: the labels in a table of `ontology/`, and the names of the classes in it."""
    rows = csv.DictReader(source.read().decode().splitlines())
    for line, row in enumerate(rows, 2):
        if "label" in row:
            yield line, "gettext", row["label"], []
        elif row["class"]:
            prefix, _, term = row["class"].partition(":")
            yield line, "gettext", namespaces.terms(prefix)[term] or term, []
