"""Findings as people and their tools read them: text, annotations of GitHub, SARIF 2.1.0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from publisher.message import on_one_line
from publisher.record import Severity
from publisher.validation.finding import Finding, by_record
from publisher.validation.shapes import Rule

_COMMANDS: dict[Severity, str] = {"violation": "error", "warning": "warning", "info": "notice"}
_LEVELS: dict[Severity, str] = {"violation": "error", "warning": "warning", "info": "note"}


def text(findings: Iterable[Finding]) -> Iterator[str]:
    """The lines of a report to read: each record with its key, and what is said of it in the order of its lines."""
    for first, found in by_record(findings):
        if first.record:
            refused = ", refused" if any(finding.severity == "violation" for finding in found) else ""
            yield on_one_line(f"{first.file}, record {first.record} ({first.key}){refused}")
        for finding in found:
            yield on_one_line(f"{'  ' if first.record else ''}{finding.severity}: {finding}")


def github(findings: Iterable[Finding]) -> Iterator[str]:
    """Workflow commands that GitHub shows beside the lines of a file that is kept in git."""
    for finding in findings:
        properties = {
            "file": finding.file,
            "title": f"{finding.field} ({finding.key})" if finding.key else finding.field,
        }
        if finding.line:
            properties["line"] = str(finding.line)
        given = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items())
        yield f"::{_COMMANDS[finding.severity]} {given}::{_escaped(finding.advice)}"


def sarif(findings: Iterable[Finding], rules: Sequence[Rule], base: str, version: str) -> dict[str, Any]:
    """A log of SARIF 2.1.0 with one run; `version` is that of this program, `base` that of the site."""
    known = {rule.name: rule for rule in rules}
    results = []
    used: dict[str, int] = {}
    for finding in findings:
        index = used.setdefault(finding.rule, len(used))
        # a path is a reference relative to where the command ran; on Windows its slashes lean the other way
        location: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(finding.file).as_posix(), safe="/:~")}}
        if finding.line:
            location["region"] = {"startLine": finding.line}
        results.append(
            {
                "ruleId": finding.rule,
                "ruleIndex": index,
                "level": _LEVELS[finding.severity],
                "message": {"text": f"{finding.field}: {finding.advice}"},
                "locations": [{"physicalLocation": location}],
            }
        )
    descriptors = []
    for name in used:
        descriptor: dict[str, Any] = {"id": name}
        if rule := known.get(name):
            descriptor |= {
                "shortDescription": {"text": rule.description or rule.message},
                "help": {"text": " ".join(filter(None, (rule.why, rule.repair))) or rule.message},
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            }
            if rule.ours:
                descriptor["helpUri"] = f"{base}{name}"
        descriptors.append(descriptor)
    driver = {"name": "publisher", "version": version, "informationUri": f"{base}shapes", "rules": descriptors}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }


def _escaped(text: str, more: str = "") -> str:
    """As GitHub's workflow commands want it: these characters would end the command or a property."""
    for character in f"%\r\n{more}":  # the percent sign first
        text = text.replace(character, f"%{ord(character):02X}")
    return text
