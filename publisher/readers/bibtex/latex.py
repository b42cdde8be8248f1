"""LaTeX: the text that a BibTeX value stands for, accents as letters, braces gone, nothing dropped."""

from __future__ import annotations

import logging
import re
from functools import cache
from typing import Any

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

logging.getLogger("pylatexenc").addHandler(logging.NullHandler())  # its complaints become notes, not output

MARKED = re.compile(r"[\\$]|``|''")  # else only braces, dashes and ties are to be taken out
SIMPLE = (("---", "—"), ("--", "–"), ("~", " "), ("{", ""), ("}", ""))
BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
LONGEST = 200_000  # characters; beyond it the parser would take minutes
DEEPEST = 50  # braces in braces; the parser goes down one call a brace

LINK = re.compile(r"\\(?:url|nolinkurl|path)\s*\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}")
HYPERLINK = re.compile(r"\\href\s*\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}")
TILDE = re.compile(r"\\(?:textasciitilde|~)\s*(?:\{\})?|\{\\(?:textasciitilde|~)\s*(?:\{\})?\}|\\sim\b")
ESCAPED = re.compile(r"\\([\\_%&#$~{}^-])")
SPECIAL = re.compile(r"[\\_%&#$~{}^]")
# In a file of references these stand for themselves more often than for a comment, a table or a macro's argument.
BARE = re.compile(r"(?<!\\)[%&#]|(?<=/)~")
MATH = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.){1,300}?)(?<!\\)\$", re.S)
DOLLAR = re.compile(r"(?<!\\)\$")
FORMULA = re.compile(r"[\\^_{]")

FONTS = ("/", "bf", "em", "it", "rm", "sc", "sf", "sl", "small", "tt", "bfseries", "itshape", "scshape", "upshape")
KEPT = ("cite", "citep", "citet", "ref", "eqref", "pageref", "label", "input", "include", "includegraphics")


def _verbatim(node: Any) -> str:
    return f"{node.latex_verbatim()} "


@cache
def _converter() -> LatexNodes2Text:
    context = get_default_latex_context_db()
    context.add_context_category(
        "publisher",
        prepend=True,
        macros=[
            MacroTextSpec("par", "\n\n"),
            MacroTextSpec("newline", "\n"),
            *(MacroTextSpec(name, "") for name in FONTS),
            *(MacroTextSpec(name, simplify_repl=_verbatim) for name in KEPT),
        ],
    )
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_verbatim))
    return LatexNodes2Text(latex_context=context, math_mode="text", strict_latex_spaces=False)


def plain(text: str) -> tuple[str, bool]:
    """The text that a value stands for, its paragraphs apart; and whether it was understood, else it is as given."""
    understood = True
    if MARKED.search(text):
        text, understood = _converted(text)
    else:
        for mark, plain_form in SIMPLE:
            text = text.replace(mark, plain_form)
    paragraphs = (" ".join(paragraph.split()) for paragraph in BLANK_LINE.split(text))
    return "\n\n".join(filter(None, paragraphs)), understood


def _converted(text: str) -> tuple[str, bool]:
    if len(text) > LONGEST or not _is_shallow(text):
        return text, False
    prepared = HYPERLINK.sub(lambda match: _escape(verbatim(match[1])) + " ", LINK.sub(_link, text))
    prepared = BARE.sub(lambda match: "\\textasciitilde{}" if match[0] == "~" else f"\\{match[0]}", prepared)
    prepared = _dollars(prepared)
    try:
        return str(_converter().latex_to_text(prepared)), True
    except Exception:  # whatever its parser stumbles over, the text as given is better than none
        return text, False


def _is_shallow(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"[{}]", text):
        depth += 1 if brace == "{" else -1
        if depth > DEEPEST:
            return False
    return True


def _link(match: re.Match[str]) -> str:
    return _escape(verbatim(match[1]))


def _escape(address: str) -> str:
    names = {"\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}"}
    return SPECIAL.sub(lambda match: names.get(match[0], f"\\{match[0]}"), address)


def _dollars(text: str) -> str:
    """Keeps the dollars of "costs $5 to $7", which enclose no formula."""
    pieces, end = [], 0
    for match in MATH.finditer(text):
        if FORMULA.search(match[1]):
            pieces += [DOLLAR.sub(r"\\$", text[end : match.start()]), match[0]]
            end = match.end()
    return "".join([*pieces, DOLLAR.sub(r"\\$", text[end:])])


def verbatim(text: str) -> str:
    """An address, an identifier or a path: only what LaTeX makes people escape is undone."""
    text = LINK.sub(lambda match: match[1], text.strip())
    text = TILDE.sub("~", text)
    text = re.sub(r"(?<!\\)[{}]", "", text)
    return " ".join(ESCAPED.sub(r"\1", text).split())
