"""Descriptions -> reports: pySHACL judges by the rules of `shapes/` and those of the library's own."""

from __future__ import annotations

from publisher.validation import renderings
from publisher.validation.finding import SEVERITIES, Finding, Report, by_record, gravest, said
from publisher.validation.rdflib_graph import to_rdflib
from publisher.validation.report import statements
from publisher.validation.shapes import Rule, Shapes, Text, in_language, local_files, own_files
from publisher.validation.validator import Validator

__all__ = [
    "SEVERITIES",
    "Finding",
    "Report",
    "Rule",
    "Shapes",
    "Text",
    "Validator",
    "by_record",
    "gravest",
    "in_language",
    "local_files",
    "own_files",
    "renderings",
    "said",
    "statements",
    "to_rdflib",
]
