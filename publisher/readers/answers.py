"""Answers in place of records: what is said of a file that holds none, or in which a server says why it has none."""

from __future__ import annotations

from publisher.record import Fault


def said(name: str, line: int, code: str, words: str) -> Fault:
    """An error of OAI-PMH (2.0, 3.6) or a diagnostic of SRU; that there are no records is no failure."""
    what = ": ".join(filter(None, (code, words))) or "an error"
    message = f"{name}:{line}: the source gave no records but an answer: {what}."
    return Fault(name, message, line, severity="warning" if code == "noRecordsMatch" else "violation")


def empty(name: str, sentence: str, *, is_list: bool = False) -> Fault:
    """A file without any record. A list that a server answers may be empty, as pages of a harvest are; any other file
    like that is a mistake."""
    if is_list:
        sentence = "the list in this answer is empty."
    return Fault(name, f"{name}: {sentence}", severity="info" if is_list else "violation")
