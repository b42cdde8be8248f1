"""Accept headers as clients send them, and as nobody should."""

from __future__ import annotations

import time

import pytest

from publisher.formats import formats_of
from publisher.web.negotiation import MOST, choose, parse

OFFERS = [(offer.media_type, *offer.aliases) for offer in formats_of("resource")]
HTML, TURTLE, JSON_LD, RDF_XML = "text/html", "text/turtle", "application/ld+json", "application/rdf+xml"
N_TRIPLES, TRIG, NONE = "application/n-triples", "application/trig", None

CLIENTS = {
    "Chromium": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        "application/signed-exchange;v=b3;q=0.7",
        HTML,
    ),
    "Firefox": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    "Firefox before 132": (
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8",
        HTML,
    ),
    "Safari": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    "Zotero": ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    "Googlebot": (
        "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8",
        HTML,
    ),
    "curl": ("*/*", HTML),
    "wget": ("*/*", HTML),
    "Apache HttpClient sends none": (None, HTML),
    "HttpURLConnection": ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
    "rdflib": (
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
        "application/trix, application/trig",
        TURTLE,
    ),
    "rdflib, turtle": ("text/turtle, application/x-turtle, */*;q=0.1", TURTLE),
    "rdflib, n3": ("text/n3, */*;q=0.1", "text/n3"),
    "rdflib, xml": ("application/rdf+xml, */*;q=0.1", RDF_XML),
    "rdflib, json-ld": ("application/ld+json, application/json;q=0.9, */*;q=0.1", JSON_LD),
    "rdflib, trig": ("application/trig, */*;q=0.1", TRIG),
    "Jena": (
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
        TURTLE,
    ),
    "Comunica": (
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,application/json;q=0.45,text/n3;q=0.35,application/xml;q=0.3,"
        "image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18",
        TRIG,
    ),
    "rapper": (
        "application/rdf+xml, text/rdf;q=0.6, application/n-triples, text/plain;q=0.1, text/turtle, "
        "application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, application/rdf+n3;q=0.3, "
        "application/x-trig, application/rss;q=0.8, application/rss+xml;q=0.8, text/rss;q=0.8, application/xml;q=0.3, "
        "text/xml;q=0.3, application/atom+xml;q=0.3, text/html;q=0.2, application/xhtml+xml;q=0.4, text/html;q=0.6, "
        "application/xhtml+xml;q=0.8, text/x-nquads, */*;q=0.1",
        TURTLE,
    ),
    "Protégé": (
        "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09",
        RDF_XML,
    ),
    "a script": ("application/json", "application/json"),
    "an XML script": ("application/xml", "application/xml"),
    "lod-cloud checks": ("application/rdf+xml;q=0.5, application/ld+json;q=1", JSON_LD),
}

HOSTILE = {
    "empty": ("", HTML),
    "blanks": (" \t ", HTML),
    "an empty list": (",,, ,", HTML),
    "nothing acceptable": ("image/png", NONE),
    "no media range": ("turtle", HTML),
    "half a media range": ("text/, /turtle, /, */turtle", HTML),
    "no media range, then one": ("turtle, text/turtle;q=0.1", TURTLE),
    "no media range, then one that there is not": ("turtle, image/png", NONE),
    "q=0": ("text/html;q=0, text/turtle;q=0.001", TURTLE),
    "all but one": ("*/*, text/html;q=0", TURTLE),
    "only q=0": ("text/turtle;q=0", NONE),
    "nothing at all": ("*/*;q=0", NONE),
    "a type but for one": ("text/*;q=0.5, text/html;q=0, text/turtle;q=0", "text/x-bibliography"),
    "the exact range wins over wildcards": ("*/*;q=1, text/*;q=0.9, text/turtle;q=0.1, application/*;q=0", HTML),
    "its own name before the others": ("application/*", JSON_LD),
    "a wildcard below the exact one": ("text/*;q=0.9, text/turtle;q=0.95", TURTLE),
    "capitals": ("TEXT/TURTLE; Q=1, text/html;q=0.9", TURTLE),
    "blanks everywhere": ("  text/turtle ;  q = 0.9 , text/html ; q=0.8", TURTLE),
    "a charset": ("text/turtle;charset=utf-8", TURTLE),
    "a profile": ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', JSON_LD),
    "commas in quotes": ('application/ld+json;profile="a,text/html;q=1,b";q=0.9, text/turtle;q=0.1', JSON_LD),
    "quotes in quotes": ('text/turtle;x="\\",text/html,\\"";q=0.9', TURTLE),
    "a quote without an end": ('text/turtle;x="abc, text/html', TURTLE),
    "a backslash at the end": ('text/turtle;x="\\', TURTLE),
    "q after an extension": ("text/turtle;level=1;q=0.1, text/html;q=0.2", HTML),
    "q=nan": ("text/turtle;q=nan, text/html;q=0.1", HTML),
    "q=inf": ("text/turtle;q=inf, text/html;q=0.1", HTML),
    "no weight that is one": ("*/*;q=foo", HTML),
    "only weights that are none": ("text/turtle;q=foo, application/ld+json;q=-1;x=y", HTML),
    "a weight that is none, then q=0": ("text/turtle;q=foo, text/html;q=0", NONE),
    "a weight in quotes": ('text/turtle;q="0.5", text/html;q=0.4', TURTLE),
    "q=2 is 1": ("text/turtle;q=2, text/html;q=1", HTML),
    "q=-1": ("text/turtle;q=-1, text/html;q=0.1", HTML),
    "q without a value": ("text/turtle;q=, text/html;q=0.1", HTML),
    "q=x": ("text/turtle;q=x, text/html;q=0.1", HTML),
    "many digits": ("text/turtle;q=0.8000001, text/html;q=0.8", TURTLE),
    "the same range twice": ("text/turtle;q=0.1, text/turtle;q=0.9, text/html;q=0.5", TURTLE),
    "not ASCII": ("tëxt/türtle, text/turtle", TURTLE),
    "NUL": ("text/turtle\0, text/html;q=0.1", HTML),
}


@pytest.mark.parametrize(("accept", "expected"), CLIENTS.values(), ids=CLIENTS)
def test_clients(accept: str | None, expected: str | None) -> None:
    assert _chosen(accept) == expected


@pytest.mark.parametrize(("accept", "expected"), HOSTILE.values(), ids=HOSTILE)
def test_hostile(accept: str, expected: str | None) -> None:
    assert _chosen(accept) == expected


def _chosen(accept: str | None) -> str | None:
    found = choose(accept, OFFERS)
    if found is None:
        return None
    index, media_type = found
    assert media_type in OFFERS[index]
    return media_type


LONG = {
    "ranges": "a/b,",
    "commas": ",",
    "quotes": '"',
    "backslashes": '"\\',
    "semicolons": ";",
    "weights": "text/html;q=1;",
    "blanks": " ",
    "slashes": "/",
}


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_long_header_takes_linear_time(piece: str) -> None:
    """Ten times the header takes some ten times as long, not a hundred times."""
    short, long = _seconds(piece * (100_000 // len(piece))), _seconds(piece * (1_000_000 // len(piece)))
    assert long < 40 * short + 0.05


def _seconds(accept: str) -> float:
    """The least of three, so that a busy machine does not count."""
    found = []
    for _ in range(3):
        begin = time.process_time()
        choose(accept, OFFERS)
        found.append(time.process_time() - begin)
    return min(found)


def test_no_more_ranges_than_clients_send() -> None:
    assert len(parse("a/b," * 10_000)) == MOST
