"""Messages: English sentences that remember what they are made of, so that a door can say them in another language."""

from __future__ import annotations

import re
from typing import Self

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Message(str):
    """A pattern with values in the places that it names, `%(count)s`; without values it is a text as it stands. Whole
    numbers are written with separators, and a value may be a message."""

    __slots__ = ("pattern", "values")
    pattern: str
    values: dict[str, object]

    def __new__(cls, pattern: str, **values: object) -> Self:
        written = {name: _written(value) for name, value in values.items()}
        message = super().__new__(cls, pattern % written if values else pattern)
        message.pattern, message.values = pattern, values
        return message

    def __reduce__(self) -> tuple[object, ...]:  # errors go from process to process
        return _made, (self.pattern, self.values)


def on_one_line(text: object) -> str:
    """A text for a terminal: what would end the line or command the terminal is written as a code (\\n, \\x1b)."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), str(text))


def _made(pattern: str, values: dict[str, object]) -> Message:
    return Message(pattern, **values)


def _written(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
