"""The report of `publisher check` in its forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
from pyoxigraph import BlankNode

from publisher import __version__, pipeline
from publisher.formats import write_graph
from publisher.mapping import Mapping, lines
from publisher.message import on_one_line
from publisher.settings import Settings
from publisher.validation import Shapes, renderings, statements


def _as_text(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    yield from renderings.text(summary.findings)
    yield from (f"skipped: {on_one_line(name)}: in no format that we read" for name in summary.skipped)
    yield from filter(None, [str(summary.coverage)])
    yield f"{summary.read} read, {passed} fit to publish, {summary.warned} with warnings, {summary.refused} refused"


def _as_json(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    counts = {"read": summary.read, "passed": passed, "warned": summary.warned, "refused": summary.refused}
    report: dict[str, Any] = {**counts, "coverage": summary.coverage.counts, "skipped": summary.skipped}
    report["findings"] = [asdict(finding) for finding in summary.findings]
    yield orjson.dumps(report, option=orjson.OPT_INDENT_2).decode()


def _as_turtle(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    report = statements(BlankNode("report"), summary.findings, settings.base)
    yield write_graph(Mapping(settings), lines(report), "turtle").decode()


def _as_sarif(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    rules = Shapes(settings.base, settings.SHAPES_DIR, settings.REPORT_LANGUAGE).described()
    log = renderings.sarif(summary.findings, rules, settings.base, __version__)
    yield orjson.dumps(log, option=orjson.OPT_INDENT_2).decode()


def _as_github(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    return renderings.github(summary.findings)


REPORTS = {"text": _as_text, "json": _as_json, "turtle": _as_turtle, "sarif": _as_sarif, "github": _as_github}
