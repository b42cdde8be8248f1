"""What OAI-PMH lets a repository say of itself and of its sets, in the containers of the implementation guidelines.

https://www.openarchives.org/OAI/2.0/guidelines-repository.htm; each has its schema at its namespace.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from publisher import __version__
from publisher.crosswalks import oai_dc
from publisher.crosswalks.elements import add, root
from publisher.items import Identifiers, Set
from publisher.mapping import Mapping

OAI = "http://www.openarchives.org/OAI/2.0/"
IDENTIFIER = f"{OAI}oai-identifier"
FRIENDS = f"{OAI}friends/"
BRANDING = f"{OAI}branding/"
EPRINTS = "http://www.openarchives.org/OAI/1.1/eprints"
TOOLKIT = "http://oai.dlib.vt.edu/OAI/metadata/toolkit"


def describe_repository(mapping: Mapping, identifiers: Identifiers, sample: str) -> Iterator[Any]:
    """The descriptions of Identify, each an element; `sample` is an identifier of ours."""
    settings, addresses = mapping.settings, mapping.addresses
    if sample:
        element = root(f"{{{IDENTIFIER}}}oai-identifier", {None: IDENTIFIER}, f"{IDENTIFIER} {IDENTIFIER}.xsd")
        for name, text in (
            ("scheme", "oai"),
            ("repositoryIdentifier", identifiers.namespace),
            ("delimiter", ":"),
            ("sampleIdentifier", sample),
        ):
            add(element, f"{{{IDENTIFIER}}}{name}", text)
        yield element
    owner = settings.PUBLISHER_NAME or settings.TITLE
    licence = f"The metadata are published under {settings.LICENSE}." if settings.LICENSE else "No licence is stated."
    policies = (
        ("content", f"{settings.TITLE}, published by {owner}.", addresses.iri("/")),
        ("metadataPolicy", licence, settings.LICENSE),
        ("dataPolicy", "Only metadata are served here; the works are where the records say.", ""),
    )
    element = root(f"{{{EPRINTS}}}eprints", {None: EPRINTS}, f"{EPRINTS} {EPRINTS}.xsd")
    for name, text, url in policies:
        policy = add(element, f"{{{EPRINTS}}}{name}")
        if url:
            add(policy, f"{{{EPRINTS}}}URL", url)
        add(policy, f"{{{EPRINTS}}}text", text)
    yield element
    element = root(f"{{{TOOLKIT}}}toolkit", {None: TOOLKIT}, f"{TOOLKIT} {TOOLKIT}.xsd")
    add(element, f"{{{TOOLKIT}}}title", "publisher")
    author = add(element, f"{{{TOOLKIT}}}author")
    add(author, f"{{{TOOLKIT}}}name", owner)
    add(author, f"{{{TOOLKIT}}}email", settings.ADMIN_EMAIL)
    add(element, f"{{{TOOLKIT}}}version", __version__)
    add(element, f"{{{TOOLKIT}}}URL", addresses.iri("/"))
    yield element
    element = root(f"{{{BRANDING}}}branding", {None: BRANDING}, f"{BRANDING} {OAI}branding.xsd")
    icon = add(element, f"{{{BRANDING}}}collectionIcon")
    for name, text in (
        ("url", addresses.iri("/static/icon.svg")),
        ("link", addresses.iri("/")),
        ("title", settings.TITLE),
    ):
        add(icon, f"{{{BRANDING}}}{name}", text)
    yield element
    if settings.OAI_FRIENDS:
        element = root(f"{{{FRIENDS}}}friends", {None: FRIENDS}, f"{FRIENDS} {OAI}friends.xsd")
        for friend in settings.OAI_FRIENDS:
            add(element, f"{{{FRIENDS}}}baseURL", friend)
        yield element
    yield _dublin_core(title=settings.TITLE, publisher=owner, rights=settings.LICENSE, relation=addresses.receipt())


def describe_set(chosen: Set) -> Any:
    return _dublin_core(title=chosen.name, description=f"{chosen.items} items, withdrawn ones included.")


def _dublin_core(**values: str) -> Any:
    namespace = oai_dc.NAMESPACE
    element = root(f"{{{namespace}}}dc", {"oai_dc": namespace, "dc": oai_dc.DC}, f"{namespace} {oai_dc.SCHEMA}")
    for name, text in values.items():
        if text:
            add(element, f"{{{oai_dc.DC}}}{name}", text)
    return element
