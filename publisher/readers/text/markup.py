"""Markup: the lines that a reader of a saved HTML page sees, each with the lines of the file that it stands on."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from publisher.readers.text.decoding import (
    CHARSETS,
    ESCAPED,
    ILLEGAL,
    NARROW,
    Damage,
    Line,
    decode,
    encoding_of,
)
from publisher.readers.text.html_page import Page

MARKUP = re.compile(r"^\s{0,99}<(?:!doctype\s{1,9}html|html|head|body)\b", re.I | re.M)
FRAGMENT = re.compile(
    r"\s*<(?:!--|/?(?:a|article|b|br|center|div|dl|font|form|h[1-6]|hr|i|li|main|meta|ol|p|pre|section|small|span|strong"
    r"|table|tbody|td|th|tr|ul)\b)",
    re.I,
)
CHARSET = re.compile(rb"""<meta\b[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,30})""", re.I)
DECLARED = re.compile(rb"""\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{2,30})""", re.I)


def is_html(head: str) -> bool:
    """Whether a page is HTML. A text that only mentions a tag is none: as HTML it would lose its lines."""
    return bool(FRAGMENT.match(head) or MARKUP.search(head[:2048]))


def html_text(data: bytes, damage: Damage) -> str:
    """The markup of a page. A byte order mark comes first, then what the page declares, then UTF-8 and Windows-1252.

    A page that declares a Western encoding and yet is UTF-8 throughout was saved anew by a browser: it is UTF-8.
    """
    encoding, mark = encoding_of(data[:4096])
    data = data[mark:]
    declared = CHARSET.search(data, 0, 8192) or DECLARED.match(data)
    name = declared[1].decode("ascii", "replace") if declared else ""
    if encoding != "utf-8" or (not mark and CHARSETS.fullmatch(name) and not NARROW.fullmatch(name)):
        try:
            return data.decode(encoding if encoding != "utf-8" else name, "replace")
        except LookupError:
            pass
    return "".join(decode([data], damage))


def html_lines(markup: str, field_of: Callable[[str], str], damage: Damage) -> list[Line]:
    """The lines that a reader of the page sees, each with the lines of the file that it was read from.

    `field_of` gives the field that a text is the label of, or "". A label in a cell or in bold gets the line and the
    colon that its place on the page stands for. Scripts, controls and what is hidden are left out; so is a form, a
    navigation or a footer, unless there are records in it (some pages are one form from top to bottom).
    """
    # A zero-width space stands in for a character that the parser would stumble over or drop without a word.
    markup = ILLEGAL.sub("\u200b", markup.replace("\r\n", "\n").replace("\r", "\n").translate(ESCAPED))
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, recover=True, no_network=True)
    try:
        root = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):  # recovery found nothing at all
        root = None
    fatal = [
        entry.line for entry in parser.error_log if entry.type_name in ("ERR_INTERNAL_ERROR", "ERR_RESOURCE_LIMIT")
    ]
    if fatal:
        damage.cut = fatal[0] or 1
    if root is None:
        return []
    page = Page(field_of, damage)
    page.walk(root)
    return page.seen()
