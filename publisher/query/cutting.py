"""Cuts a result after so many rows, and lets it say so wherever its format can."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from typing import IO, NamedTuple

import orjson
from pyoxigraph import Triple


class _Rows(NamedTuple):
    """How the rows of a written result are told apart, and how it ends when it is cut before one of them."""

    mark: bytes  # stands before every row but perhaps the first, and anywhere else
    start: re.Pattern[bytes]  # its group 1 stands before every row and nowhere else; strings are skipped
    closing: str


_ROWS = {
    "json": _Rows(b",{", re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|([,\[]\{)', re.DOTALL), "]}}"),
    "xml": _Rows(b"<result>", re.compile(rb"(<result>)"), "</results><!-- {said} --></sparql>"),
    "csv": _Rows(b"\r\n", re.compile(rb'"[^"]*+"|(\r\n)(?=.)', re.DOTALL), "\r\n"),
    "tsv": _Rows(b"\n", re.compile(rb"(\n)(?=.)", re.DOTALL), "\n"),
}
_COMMENTS = {"turtle": "# {said}\n", "nt": "# {said}\n", "rdfxml": "\n<!-- {said} -->\n"}  # after the last triple


def cut(file: IO[bytes], output: str, most: int, said: str, link: str) -> bool:
    """Cuts a written table after `most` rows; whether there were more.

    Then JSON and XML name `link` in their head, as a place that tells of the result (SPARQL 1.1 Results JSON 3.1.2,
    SPARQL Results XML 2.2), and XML has `said` in a comment, too; CSV and TSV have no room for it.
    """
    if file.seek(0, os.SEEK_END) < most:  # no row has less than a byte
        return False
    file.seek(0)
    content = file.read()
    rows = _ROWS[output]
    if content.count(rows.mark) < most:  # quick, and so with nearly every result
        return False
    starts = (match.start(1) for match in rows.start.finditer(content) if match[1])
    place = next(itertools.islice(starts, most, None), None)
    if place is None:
        return False
    head = _linked(content, output, link) if link else None
    if head is not None:
        before, after = head
        file.seek(0)
        file.write(before)
        file.write(memoryview(content)[after:place])
    else:
        file.seek(place)
    file.write(rows.closing.replace("{said}", said).encode())
    file.truncate()
    return True


def _linked(content: bytes, output: str, link: str) -> tuple[bytes, int] | None:
    """The beginning of a result with a link in its head, and where what follows it stands in `content`."""
    if output == "json":
        place = content.index(b']},"results"') + 1
        return content[:place] + b',"link":' + orjson.dumps([link]), place
    if output == "xml":
        place = content.index(b"</head>")
        return content[:place] + f'<link href="{link}"/>'.encode(), place
    return None


class Triples:
    """The first `most` triples, each once; `repeated`: they are given again for each graph that they stand in, as
    DESCRIBE gives them."""

    def __init__(self, triples: Iterator[Triple], most: int, *, repeated: bool) -> None:
        self.triples, self.most, self.truncated = _each_once(triples) if repeated else triples, most, False

    def __iter__(self) -> Iterator[Triple]:
        yield from itertools.islice(self.triples, self.most)
        self.truncated = next(self.triples, None) is not None

    def comment(self, output: str, said: str) -> bytes:
        """What stands after the last triple of a cut graph; JSON-LD has no comments."""
        return _COMMENTS.get(output, "").format(said=said).encode() if self.truncated else b""


def _each_once(triples: Iterator[Triple]) -> Iterator[Triple]:
    seen: set[Triple] = set()
    for triple in triples:
        if triple not in seen:
            seen.add(triple)
            yield triple
