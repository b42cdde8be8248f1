"""OAI-PMH: every request of the protocol has the answer that the protocol says, valid against its schema."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask.testing import FlaskClient
from lxml import etree
from oai_fixtures import OAI, Asks, asking, assert_metadata, assert_valid, code, digest, headers, pages, texts, token_of

from publisher import pipeline
from publisher.harvest.oai_request import PREFIXES
from publisher.items import Identifiers, spec
from publisher.settings import Settings
from publisher.web import create_app

RECORDS = 76
ONE = "oai:lib.example:123404"


@pytest.fixture(scope="module")
def small(published: Settings) -> FlaskClient:
    """The samples in pages of ten."""
    settings = Settings(BASE_URL=published.BASE_URL, DATA_DIR=published.DATA_DIR, OAI_PAGE_SIZE=10)
    return create_app(settings).test_client()


@pytest.fixture
def ask(small: FlaskClient) -> Asks:
    return asking(lambda url: small.get(url).data)


# what is asked, and the code of the error that is told
QUESTIONS = {
    "": "badVerb",
    "verb=Foo": "badVerb",
    "verb=identify": "badVerb",
    "verb=Identify&verb=Identify": "badVerb",
    "verb=Identify": None,
    "verb=Identify&set=x": "badArgument",
    "verb=ListMetadataFormats": None,
    "verb=ListMetadataFormats&identifier=oai:lib.example:123404": None,
    "verb=ListMetadataFormats&identifier=oai:lib.example:no": "idDoesNotExist",
    "verb=ListMetadataFormats&identifier=no+%22uri%22+%C3%BC": "idDoesNotExist",
    "verb=ListMetadataFormats&metadataPrefix=oai_dc": "badArgument",
    "verb=ListSets": None,
    "verb=ListSets&resumptionToken=no": "badResumptionToken",
    "verb=GetRecord&identifier=oai:lib.example:123404": "badArgument",
    "verb=GetRecord&metadataPrefix=oai_dc": "badArgument",
    "verb=GetRecord&identifier=oai:lib.example:123404&metadataPrefix=no": "cannotDisseminateFormat",
    "verb=GetRecord&identifier=no&metadataPrefix=oai_dc": "idDoesNotExist",
    "verb=GetRecord&identifier=oai:lib.example:123404&metadataPrefix=oai_dc": None,
    "verb=GetRecord&identifier=no&identifier=no&metadataPrefix=oai_dc": "badArgument",
    "verb=ListRecords": "badArgument",
    "verb=ListRecords&metadataPrefix=no": "cannotDisseminateFormat",
    "verb=ListRecords&metadataPrefix=a+b": "badArgument",
    "verb=ListRecords&metadataPrefix=": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&set=no:such": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=oai_dc&set=no+such": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-01&until=2001-01-02": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-01&until=2001-01-02T00:00:00Z": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-02&until=2001-01-01": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001-02-30": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-01T00:00:00%2B01:00": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2001": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&until=%D9%A2%D9%A0%D9%A0%D9%A1-01-01": "badArgument",
    "verb=ListRecords&metadataPrefix=oai_dc&from=2999-01-01": "noRecordsMatch",
    "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=1,ListRecords,oai_dc,,0,9,1,9": "badArgument",
    "verb=ListRecords&resumptionToken=no": "badResumptionToken",
    "verb=ListRecords&resumptionToken=1,ListIdentifiers,oai_dc,,0,9,1,9": "badResumptionToken",
    "verb=ListRecords&resumptionToken=1,ListRecords,oai_dc,,0,9,1,9%27--": "badResumptionToken",
    "verb=ListRecords&resumptionToken=2,ListRecords,oai_dc,,0,9,1,9": "badResumptionToken",
    "verb=ListRecords&resumptionToken=1,ListRecords,oai_dc,gone,0,9,1,9": "badResumptionToken",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&set=type:report": None,
    "verb=ListIdentifiers&metadataPrefix=oai_dc%00": "badArgument",
}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(("form", "error"), QUESTIONS.items())
def test_questions(small: FlaskClient, method: str, form: str, error: str | None) -> None:
    if method == "get":
        response = small.get(f"/oai?{form}")
    else:
        response = small.post("/oai", data=form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 200
    assert response.content_type == "text/xml; charset=utf-8"
    answer = etree.fromstring(response.data)
    assert code(answer) == error
    request = answer.find(f"{OAI}request")
    assert request.text == "https://lib.example/oai"
    # 3.2: the arguments are repeated, but for these two errors
    wanted = {name for name, _ in parse_qsl(form, keep_blank_values=True)}
    assert set(request.attrib) == (set() if error in ("badVerb", "badArgument") else wanted)
    assert_valid(answer)


def test_a_crawl_over_all_verbs_and_formats_is_valid(ask: Asks) -> None:
    assert_valid(ask("Identify"))
    sets = list(pages(ask, "ListSets"))
    specs = [text for page in sets for text in texts(page, "setSpec")]
    assert len(sets) > 10
    assert len(specs) == len(set(specs))
    assert {"type", "country", "year", "keyword", "country:united-kingdom", "year:2011", "keyword:probation"} <= {
        *specs
    }
    for answer in sets:
        assert_valid(answer)
    prefixes = texts(ask("ListMetadataFormats"), "metadataPrefix")
    assert prefixes == list(PREFIXES)
    for prefix in prefixes:
        for verb in ("ListIdentifiers", "ListRecords"):
            answers = list(pages(ask, verb, metadataPrefix=prefix))
            assert len(answers) == 8
            assert len(headers(iter(answers))) == RECORDS
            for answer in answers:
                assert_valid(answer)
                for metadata in answer.iter(f"{OAI}metadata"):
                    assert_metadata(prefix, metadata[0])
        answer = ask("GetRecord", identifier=ONE, metadataPrefix=prefix)
        assert_valid(answer)
        metadata = answer.find(f".//{OAI}metadata")
        own = {"oai_dcterms": "http://dspace.org/qualifieddc/", "record": "https://lib.example/ontology#"}
        assert etree.QName(metadata[0]).namespace == own.get(prefix, PREFIXES[prefix][0])


def test_a_list_says_how_long_it_is_and_ends_with_an_empty_token(ask: Asks) -> None:
    tokens = [token_of(answer) for answer in pages(ask, metadataPrefix="oai_dc")]
    assert [token.get("cursor") for token in tokens] == [str(number) for number in range(0, 80, 10)]
    assert {token.get("completeListSize") for token in tokens} == {str(RECORDS)}
    assert [bool(token.text) for token in tokens] == [True] * 7 + [False]
    assert all(token.get("expirationDate") is None for token in tokens)
    short = ask("ListRecords", metadataPrefix="oai_dc", set="country:united-kingdom:no")
    assert code(short) == "noRecordsMatch"
    whole = ask("ListIdentifiers", metadataPrefix="oai_dc", set="keyword:probation")
    assert token_of(whole) is None


def test_a_set_has_what_it_says(ask: Asks) -> None:
    """Its records say that they are in it, and no others do; a wider set has those of the narrower ones."""
    listed = list(pages(ask, "ListIdentifiers", metadataPrefix="oai_dc"))
    everywhere = [header for answer in listed for header in answer.iter(f"{OAI}header")]
    for chosen in ("country:united-kingdom", "type:report", "keyword:probation"):
        wanted = {h.findtext(f"{OAI}identifier") for h in everywhere if chosen in texts(h, "setSpec")}
        assert wanted
        assert headers(pages(ask, metadataPrefix="oai_dc", set=chosen)).keys() == wanted
    wanted = {
        h.findtext(f"{OAI}identifier") for h in everywhere if any(t.startswith("year:") for t in texts(h, "setSpec"))
    }
    assert headers(pages(ask, metadataPrefix="oai_dc", set="year")).keys() == wanted
    assert len(wanted) < RECORDS


def test_a_day_means_the_whole_day(ask: Asks) -> None:
    date = texts(ask("GetRecord", identifier=ONE, metadataPrefix="oai_dc"), "datestamp")[0]
    day = date[:10]
    for arguments in (
        {"from_": day},
        {"until": day},
        {"from_": day, "until": day},
        {"from_": date, "until": date},
        {"from_": date},
    ):
        assert len(headers(pages(ask, metadataPrefix="oai_dc", **arguments))) == RECORDS, arguments
    assert code(ask("ListRecords", metadataPrefix="oai_dc", until=f"{day}T00:00:00Z")) == "noRecordsMatch"


def test_identify(ask: Asks) -> None:
    answer = ask("Identify")
    values = {child.tag.removeprefix(OAI): child.text for child in answer.find(f"{OAI}Identify")}
    values.pop("description")
    earliest = values.pop("earliestDatestamp") or ""
    assert values == {
        "repositoryName": "Library records",
        "baseURL": "https://lib.example/oai",
        "protocolVersion": "2.0",
        "adminEmail": "admin@example.org",
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
        "compression": "gzip",
    }
    assert min(headers(pages(ask, metadataPrefix="oai_dc")).values())[0] == earliest
    kinds = [etree.QName(description[0]).localname for description in answer.iter(f"{OAI}description")]
    assert kinds == ["oai-identifier", "eprints", "toolkit", "branding", "dc"]


def test_other_repositories_and_the_licence_are_told(published: Settings) -> None:
    friends = ("https://one.example/oai", "https://two.example/request?a=1&b=2")
    licence = "https://creativecommons.org/publicdomain/zero/1.0/"
    told = Settings(BASE_URL=published.BASE_URL, DATA_DIR=published.DATA_DIR, OAI_FRIENDS=friends, LICENSE=licence)
    client = create_app(told).test_client()
    answer = asking(lambda url: client.get(url).data)("Identify")
    assert_valid(answer)
    kinds = [etree.QName(description[0]).localname for description in answer.iter(f"{OAI}description")]
    assert kinds == ["oai-identifier", "eprints", "toolkit", "branding", "friends", "dc"]
    assert [element.text for element in answer.iter("{http://www.openarchives.org/OAI/2.0/friends/}baseURL")] == [
        *friends
    ]
    assert [element.text for element in answer.iter("{*}rights")] == [licence]


def test_the_schema_of_our_own_format_is_served(small: FlaskClient) -> None:
    schema = etree.XMLSchema(etree.fromstring(small.get("/record.xsd").data))
    assert schema.validate(etree.fromstring(small.get("/doc/resource/123404.record.xml").data)), schema.error_log


def test_answers_are_compressed_for_who_takes_it(small: FlaskClient) -> None:
    url = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    plain = small.get(url)
    packed = small.get(url, headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    first, second = (etree.fromstring(body) for body in (plain.data, gzip.decompress(packed.data)))
    assert texts(first, "identifier") == texts(second, "identifier")
    assert len(packed.data) < len(plain.data) / 2
    assert "Content-Encoding" not in small.get(url, headers={"Accept-Encoding": "identity"}).headers


def test_answers_are_the_same_with_and_without_flask(small: FlaskClient, published: Settings) -> None:
    """A GET is answered before Flask is asked; a POST, which is not, has the same answer and headers."""
    for form in ("verb=Identify", "verb=ListIdentifiers&metadataPrefix=oai_dc", "verb=Foo", "verb=ListSets"):
        get = small.get(f"/oai?{form}")
        post = small.post("/oai", data=form, content_type="application/x-www-form-urlencoded")
        first, second = (etree.fromstring(response.data) for response in (get, post))
        for answer in (first, second):
            answer.remove(answer.find(f"{OAI}responseDate"))
        assert etree.tostring(first) == etree.tostring(second)
        assert dict(get.headers) == dict(post.headers) | {"Content-Length": get.headers["Content-Length"]}
    assert code(etree.fromstring(small.get("/oai?verb=Identify&x=%FF").data)) == "badArgument"


def test_a_server_that_is_busy_says_when_to_come_again(published: Settings) -> None:
    app = create_app(Settings(BASE_URL=published.BASE_URL, DATA_DIR=published.DATA_DIR, OAI_REQUESTS=1))
    client = app.test_client()
    url = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    with app.extensions["oai"].places:
        busy = client.get(url)
        assert busy.status_code == 503
        assert busy.headers["Retry-After"] == "5"
        assert client.get("/oai?verb=Identify").status_code == 200
    assert client.get(url).status_code == 200


def test_nothing_is_published_yet(settings: Settings) -> None:
    ask = asking(lambda url: create_app(settings).test_client().get(url).data)
    assert code(ask("ListSets")) == "noSetHierarchy"
    assert code(ask("ListRecords", metadataPrefix="oai_dc")) == "noRecordsMatch"
    answer = ask("Identify")
    assert code(answer) is None
    assert_valid(answer)


@pytest.mark.parametrize(
    ("base", "key", "identifier"),
    [
        ("https://lib.example", "123404", "oai:lib.example:123404"),
        ("https://lib.example/catalogue/", "12/34", "oai:lib.example:catalogue/12%2F34"),
        ("https://lib.example", "a b?ü#", "oai:lib.example:a%20b%3F%C3%BC%23"),
        ("http://127.0.0.1:8000", "1", "oai:localhost.invalid:1"),
        ("http://library:8000", "1", "oai:localhost.invalid:1"),
    ],
)
def test_identifiers_are_made_and_read(base: str, key: str, identifier: str) -> None:
    identifiers = Identifiers(Settings(BASE_URL=base))
    assert identifiers.of(key) == identifier
    assert identifiers.key(identifier) == key
    assert identifiers.key("oai:other.example:1") is None


def test_set_specs_have_safe_characters() -> None:
    assert spec("keyword", "prisoners-u-k") == "keyword:prisoners-u-k"
    assert spec("keyword", "böses wort: 100 % ~") == "keyword:b~C3~B6ses~20wort~3A~20100~20~25~20~7E"


def test_awkward_values_are_valid_in_every_format(settings: Settings, tmp_path: Path) -> None:
    """Control characters, surrogates, letters beyond the first plane, markup, very long and very many values."""
    controls = "".join(map(chr, (0, 1, 7, 11, 12, 27, 127, 133, 0x2028, 0xFFFE, 0xFFFF, 0xFEFF, 0x202E)))
    markup = "<script>alert('&')</script> ]]> &amp; &#x0; <!-- --> <?pi?> \" '"
    records: list[dict[str, Any]] = [
        {"title": "𝔊𝔯𝔢𝔶 📚 𠀀", "creators": ["𝔄uthor, 𝔅"], "subjects": ["📚", "𠀀"]},
        {
            "title": f"a{controls}b",
            "creators": [f"Do{controls}e, Jane"],
            "subjects": [f"c{controls}d"],
            "abstract": controls,
        },
        {"title": "lone \ud800 surrogate", "languages": "xx-bogus-language"},
        {"title": markup, "creators": [markup], "subjects": [markup, "a:b", "~x", "50%"], "shelf_number": markup},
        {"title": "x" * 100_000, "abstract": "long & " * 20_000, "creators": ["Long, " + "Name " * 500]},
        {"title": "Many", "subjects": [f"Keyword {n}" for n in range(500)]},
        {"title": "Links", "uri": ["http://[::1", "http://a b/c[d]", "javascript:x", "http://x.example/ü?ä#ö"]},
        {
            "title": "עברית \u202eعربي e\u0301",
            "creators": ["שם, אב"],
            "subjects": ["日本語", "İ", "ǅ"],
            "issued": "٢٠١١",
        },
    ]
    lines = [json.dumps({"issued": "2011", "shelf_number": f"n{n}", **record}) for n, record in enumerate(records)]
    (tmp_path / "awkward.jsonl").write_text("\n".join(lines))
    assert pipeline.load(settings, [tmp_path / "awkward.jsonl"]).published == len(records)
    client = create_app(settings).test_client()
    ask = asking(lambda url: client.get(url).data)
    for answer in pages(ask, "ListSets"):
        assert_valid(answer)
    for prefix in PREFIXES:
        answer = ask("ListRecords", metadataPrefix=prefix)
        assert_valid(answer)
        found = list(answer.iter(f"{OAI}metadata"))
        assert len(found) == len(records)
        for metadata in found:
            assert_metadata(prefix, metadata[0])
    for identifier in texts(ask("ListIdentifiers", metadataPrefix="oai_dc"), "identifier"):
        assert_valid(ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc"))
    client.application.extensions["publisher"].engine.close()


def test_searches_are_sets(settings: Settings, write_page: Callable[..., Path]) -> None:
    """A set for a search has what the search finds; it follows changes, and may be changed itself."""
    one, two = {"title": "Prison food", "number": "1"}, {"title": "Prison walls", "number": "2"}
    fields = {name: getattr(settings, name) for name in ("BASE_URL", "DATA_DIR")}
    with_set = Settings(**fields, OAI_SETS=("food?title=food",))
    pipeline.load(with_set, [write_page(one, two)])

    def found(settings: Settings, chosen: str = "search:food") -> set[str]:
        client = create_app(settings).test_client()
        ask = asking(lambda url: client.get(url).data)
        answer = ask("ListIdentifiers", metadataPrefix="oai_dc", set=chosen)
        if code(answer):
            return set()
        listed = headers(iter([answer]))
        receipt: dict[str, Any] = client.get(f"/receipt?set={chosen}").json or {}
        live = [identifier for identifier, (_, deleted) in listed.items() if not deleted]
        assert (receipt["count"], receipt["digest"]) == (len(live), digest(listed))
        return {identifier.rpartition(":")[2] for identifier in live}

    assert found(with_set) == {"1"}
    pipeline.load(with_set, [write_page({**two, "title": "Prison food and walls"})])
    assert found(with_set) == {"1", "2"}
    pipeline.load(with_set, [write_page({**one, "title": "Prison drink"})])
    assert found(with_set) == {"2"}
    other = Settings(**fields, OAI_SETS=("food?title=drink", "walls?title=walls"))
    pipeline.load(other, [write_page({"title": "Drink", "number": "3"})])
    assert found(other) == {"1", "3"}
    assert found(other, "search:walls") == {"2"}
    assert found(other, "search") == {"1", "2", "3"}
    pipeline.load(settings, [write_page({"title": "More drink", "number": "4"})])
    assert found(settings) == set()
