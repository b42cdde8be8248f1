"""Pages: what is shown of each kind of thing, and the search and the query that lead to the same."""

from __future__ import annotations

from publisher import namespaces
from publisher.addresses import search_path
from publisher.card.rows import labels
from publisher.card.values import external_label
from publisher.web.languages import N_, translated
from publisher.web.languages import language as spoken
from publisher.web.site import Site
from publisher.web.words import named

KINDS = {
    "resource": N_("Record"),
    "agent": N_("Author or publisher"),
    "concept": N_("Keyword"),
    "place": N_("Place"),
    "dataset": N_("About the data"),
    "series": N_("Series, journal or book"),
}
_FIELDS = {"agent": "author", "concept": "keyword", "place": "country"}  # of the search form, for their records


def name_of_term(site: Site, iri: str) -> tuple[str, str]:
    """The name of a class or property, and its language: that of the field that it is, else of its vocabulary."""
    attribute = site.mapping.context.names.get(iri, "")
    if known := labels().get(attribute):
        return translated(known, spoken()), spoken()
    return named(external_label(iri), iri, spoken())


def within(name: tuple[str, str], heading: str) -> str:
    """The path of a search in the records that name a thing; empty where none can be asked for."""
    return search_path(**{_FIELDS[name[0]]: f'="{heading}"'}) if name[0] in _FIELDS and '"' not in heading else ""


def query(site: Site, name: tuple[str, str]) -> str:
    """What a page says, in SPARQL: the graph of a record; of any other thing, the records that name it."""
    if name[0] in ("resource", "dataset"):
        return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{site.addresses.document(*name)}> {{ ?s ?p ?o }} }}\n"
    # each record once, in whatever order the engine finds them
    return f"""PREFIX bibo: <{namespaces.namespaces()["bibo"]}>
PREFIX dcterms: <{namespaces.namespaces()["dcterms"]}>
SELECT ?record ?role ?title WHERE {{
  ?record ?role <{site.addresses.thing(*name)}> .
  ?record a dcterms:BibliographicResource ; dcterms:title ?title .
}} LIMIT 1000
"""
