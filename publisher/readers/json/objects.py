"""JSON objects: the objects of a file one at a time, whether one stands on a line or all in an array.

A file never enters memory as a whole, and one broken object does not take the next with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from publisher.record import Fault

TOKEN = re.compile(r'"(?:[^"\\\n]++|\\.)*+(?P<end>["\n]|\\?\Z)|[{}\[\]]')
LONGEST = 1 << 24  # characters of one object: none that is whole has that many

# First and last line of an object in the file, and its text.
Block = tuple[int, int, str]


class Broken(ValueError):
    """An object that is no JSON, or says a thing twice; str() is the sentence to show."""


def blocks(texts: Iterable[str], start: re.Pattern[str] | None = None) -> Iterator[Block]:
    """The text of every object of a file, in order; an object that is not closed comes as far as it goes.

    `start` finds the "[" before the first object, where the objects stand in an array of a larger object. In a file
    that begins with "{" every line is an object, unless the first is only the beginning of one.
    """
    texts = iter(texts)
    head = ""
    for text in texts:
        head += text
        if start is None and _is_by_line(head) is not None:
            break
        if start is not None and ((found := start.search(head)) or len(head) > LONGEST):
            if found:
                skipped = head[: found.end()]
                yield from _nested(_again(head[found.end() :], texts), skipped.count("\n") + 1, depth=0)
            return
    if start is not None:
        return
    if _is_by_line(head):
        yield from _lines(_again(head, texts))
    else:
        yield from _nested(_again(head, texts), 1, depth=0)


def _again(head: str, texts: Iterable[str]) -> Iterator[str]:
    yield head
    yield from texts


def _is_by_line(head: str) -> bool | None:
    """Whether a file has an object a line; None while it has not said enough."""
    text = head.lstrip("\ufeff \t\n")
    if not text:
        return None
    if not text.startswith("{"):
        return False
    first, newline, rest = text.partition("\n")
    if len(first) > LONGEST:
        return True
    if not newline:
        return None
    if first.rstrip().endswith("}") or rest.lstrip().startswith("{"):
        return True
    return False if rest.strip() else None


def _lines(texts: Iterable[str]) -> Iterator[Block]:
    number, begun = 1, ""
    for text in texts:
        *whole, begun = (begun + text).split("\n")
        for line in whole:
            if line.strip():
                yield number, number, line
            number += 1
        if len(begun) > LONGEST:
            yield number, number, begun
            begun = ""
    if begun.strip():
        yield number, number, begun


def _nested(texts: Iterable[str], line: int, depth: int) -> Iterator[Block]:
    """The outermost objects of a text. `depth` counts the braces that are open; brackets outside of an object are
    the array around them, and its end ends the list."""
    buffer, at, begin = "", 0, -1
    counted = 0  # `line` is the number of the line there
    ended = stray = False
    for text in _again("", texts):
        buffer += text
        while not ended and (token := TOKEN.search(buffer, at)):
            mark = token[0][0]
            if mark == '"':
                if token["end"] in ("", "\\"):
                    break  # the string goes on in the next chunk
                if not depth and not stray:
                    at_line = line + buffer.count("\n", counted, token.start())
                    yield at_line, at_line, token[0]
                stray = stray or not depth
            elif mark == "{":
                if depth == 0:
                    begin, stray = token.start(), False
                depth += 1
            elif mark == "}" and depth:
                depth -= 1
                if depth == 0:
                    line += buffer.count("\n", counted, begin)
                    block = buffer[begin : token.end()]
                    yield line, line + block.count("\n"), block
                    counted, begin = begin, -1
            elif mark == "]" and not depth:
                ended = True
            at = token.end()
        else:
            at = len(buffer)
        keep = begin if begin >= 0 else at
        line += buffer.count("\n", counted, keep)
        buffer, at, counted = buffer[keep:], at - keep, 0
        begin = 0 if begin >= 0 else -1
        if begin == 0 and len(buffer) > LONGEST:
            yield from _apart(buffer, line)
            line += buffer.count("\n")
            buffer, at, begin, depth = "", 0, -1, 0
    if begin == 0:
        yield from _apart(buffer, line)


def _apart(text: str, line: int) -> Iterator[Block]:
    """The objects of a text in which the first one is not closed: a line that begins like the next one begins it."""
    pieces = re.split(r"\n(?=[ \t]{0,8}\{)", text)
    indents = [len(piece) - len(piece.lstrip()) for piece in pieces[1:]]
    least = min(indents, default=0)
    joined = [pieces[0]]
    for piece, indent in zip(pieces[1:], indents, strict=True):
        if indent == least:
            joined.append(piece)
        else:
            joined[-1] += "\n" + piece
    for piece in joined:
        block = re.sub(r"[\s,\]]+\Z", "", piece.strip())
        yield line, line + piece.rstrip().count("\n"), block
        line += piece.count("\n") + 1


def parse(text: str) -> dict[str, Any]:
    """The object. Raises Broken."""
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = f"character {error.pos + 1}" if "\n" not in text else f"its line {error.lineno}"
        raise Broken(f"this is no JSON ({error.msg}, at {where})") from None
    except RecursionError:
        raise Broken("this is nested too deeply to be a record") from None
    except ValueError as error:
        raise Broken(str(error)) from None
    if not isinstance(data, dict):
        raise Broken('this is no JSON object; a record begins with "{"')
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Broken(f'"{twice}" stands twice in one object; write its values as one list')
    return data


def _no_number(word: str) -> Any:
    raise Broken(f"{word} is no JSON")


def fault(name: str, block: Block, sentence: str, field: str = "") -> Fault:
    """What a reader says of an object that it cannot read."""
    first = block[0]
    return Fault(
        name, f"{name}:{first}: {sentence}. The record was left out; mend it and load the file again.", first, field
    )
