"""Profiles: the data models in which a description is to be had (W3C Content Negotiation by Profile)."""

from __future__ import annotations

from dataclasses import dataclass

from publisher.addresses import Addresses

DEFAULT = "report"


@dataclass(frozen=True, slots=True)
class Profile:
    """`token` names it in an address (`_profile=…`), the IRI in a header; `others` are IRIs that mean the same."""

    token: str
    iri: str
    title: str
    others: tuple[str, ...] = ()


def profiles(addresses: Addresses) -> dict[str, Profile]:
    """The profiles by their tokens, our own first."""
    rows = (
        Profile(DEFAULT, addresses.profile, "Dublin Core and BIBO"),
        Profile("schema", "http://schema.org/", "schema.org", ("https://schema.org/", "https://schema.org")),
        Profile("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/", "Dublin Core, fifteen elements"),
        Profile("dcterms", "http://purl.org/dc/terms/", "Dublin Core, terms"),
        Profile("marc21", "http://www.loc.gov/MARC21/slim", "MARC 21"),
        Profile("mods", "http://www.loc.gov/mods/v3", "MODS"),
    )
    return {row.token: row for row in rows}
