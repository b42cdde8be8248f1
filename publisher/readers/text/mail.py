"""A mail as a program saves it (RFC 5322, MIME): the text that it carries, out of quoted-printable or base64."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

HEADERS = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?mime-version:", re.I)


def is_mail(head: bytes) -> bool:
    return bool(HEADERS.match(head))


def body(data: bytes) -> bytes:
    """The plain text of a mail, else its HTML, in UTF-8; the data as they are where there is neither."""
    message = message_from_bytes(data, _class=EmailMessage, policy=policy.default)
    try:
        part = message.get_body(("plain", "html"))
        content = part.get_content() if part is not None else None
    except (LookupError, ValueError):  # an unknown character set, a broken part
        return data
    return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else data
