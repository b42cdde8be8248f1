"""What the tests of OAI-PMH share: questions and answers, the schema of answers, the digest as others compute it."""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from conftest import ROOT
from lxml import etree
from pyoxigraph import RdfFormat, parse

sys.path.insert(0, str(ROOT / "tests" / "crosswalks"))
from crosswalk_fixtures import mods_schema

SCHEMAS = ROOT.parent / "shared" / "data" / "schemas"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
XSD = "http://www.w3.org/2001/XMLSchema"
STRICT = ("oai-identifier", "eprints", "toolkit", "friends", "branding", "marcxml")
# here they are whatever stands in the envelope; what they are else is looked at by `assert_metadata`
ANYTHING = {
    "http://www.loc.gov/mods/v3": "mods",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "RDF",
    "http://dspace.org/qualifieddc/": "qualifieddc",
    "https://lib.example/ontology#": "record",
}
ANY = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{namespace}">
<xs:element name="{name}" type="xs:anyType"/></xs:schema>"""

Asks = Callable[..., Any]


def asking(get: Callable[[str], bytes]) -> Asks:
    """A function that asks by the arguments of a request and gives the answer, parsed; `from_` stands for `from`."""

    def ask(verb: str, **arguments: str) -> Any:
        given = {"verb": verb} | {name.rstrip("_"): value for name, value in arguments.items()}
        return etree.fromstring(get(f"/oai?{urlencode(given)}"))

    return ask


def code(answer: Any) -> str | None:
    """The code of the error that an answer is, None if it is none."""
    errors = answer.findall(f"{OAI}error")
    assert len(errors) < 2
    return errors[0].get("code") if errors else None


def texts(answer: Any, name: str) -> list[str]:
    return [element.text for element in answer.iter(f"{OAI}{name}")]


def token_of(answer: Any) -> Any:
    return answer.find(f"*/{OAI}resumptionToken")


def pages(ask: Asks, verb: str = "ListRecords", **arguments: str) -> Iterator[Any]:
    """The pages of a list, by its tokens."""
    answer = ask(verb, **arguments)
    yield answer
    while (token := token_of(answer)) is not None and token.text:
        answer = ask(verb, resumptionToken=token.text)
        yield answer


def headers(answers: Iterator[Any]) -> dict[str, tuple[str, bool]]:
    """identifier -> datestamp and whether it is deleted; no identifier comes twice."""
    found: dict[str, tuple[str, bool]] = {}
    for answer in answers:
        assert code(answer) is None, code(answer)
        for header in answer.iter(f"{OAI}header"):
            identifier = header.findtext(f"{OAI}identifier")
            assert identifier not in found
            found[identifier] = header.findtext(f"{OAI}datestamp"), header.get("status") == "deleted"
    return found


def digest(found: dict[str, tuple[str, bool]]) -> str:
    """The digest of a receipt, as docs/harvesting.md says it."""
    total = 0
    for identifier, (datestamp, deleted) in found.items():
        if not deleted:
            total += int.from_bytes(hashlib.sha256(f"{identifier} {datestamp}".encode()).digest(), "big")
    return f"{total % 2**256:064x}"


@cache
def schema() -> Any:
    """The schema of OAI-PMH, with those of the descriptions and of oai_dc, and anything in the other formats."""
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas are not here")
    files = {f"local:{namespace}": ANY.format(namespace=namespace, name=name) for namespace, name in ANYTHING.items()}
    own = {path.stem: path for path in (Path(__file__).parent / "schemas").iterdir()}
    assert sorted(own) == sorted(STRICT)
    namespaces = [
        ("http://www.openarchives.org/OAI/2.0/", (SCHEMAS / "OAI-PMH.xsd").as_uri()),
        ("http://www.openarchives.org/OAI/2.0/oai_dc/", (SCHEMAS / "oai_dc.xsd").as_uri()),
        *((etree.parse(path).getroot().get("targetNamespace"), path.as_uri()) for path in own.values()),
        *((name.removeprefix("local:"), name) for name in files),
    ]
    imports = "".join(f'<xs:import namespace="{name}" schemaLocation="{place}"/>' for name, place in namespaces)

    class Local(etree.Resolver):
        def resolve(self, url: str, public_id: str, context: Any) -> Any:
            if url in files:
                return self.resolve_string(files[url], context)
            name = SCHEMAS / url.rpartition("/")[2]
            return self.resolve_filename(str(name), context) if url.startswith("http") and name.is_file() else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    driver = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x-driver">{imports}</xs:schema>'
    )
    return etree.XMLSchema(etree.fromstring(driver, parser))


def assert_metadata(prefix: str, metadata: Any) -> None:
    """What the schema of the envelope leaves open. RDF and DSpace's qualified Dublin Core have none that could be had:
    the one has to be read as RDF, the other has nothing but terms of Dublin Core."""
    if prefix == "mods":
        metadata.set("version", "3.4")  # the schema at hand; nothing newer than that is used
        found = mods_schema()
        assert found.validate(etree.ElementTree(metadata)), found.error_log
    elif prefix == "rdf":
        assert len(list(parse(etree.tostring(metadata, with_tail=False), RdfFormat.RDF_XML))) > 10
    elif prefix == "oai_dcterms":
        for element in metadata:
            name = etree.QName(element)
            prefix_of = {"http://purl.org/dc/terms/": "dcterms", "http://purl.org/dc/elements/1.1/": "dc"}
            assert name.localname in terms(prefix_of[name.namespace]), name
            assert not len(element)


@cache
def terms(vocabulary: str) -> set[str]:
    with (ROOT / "ontology" / "vocabularies" / f"{vocabulary}.csv").open(encoding="utf-8") as stream:
        return {row["term"] for row in csv.DictReader(stream)}


def assert_valid(answer: Any) -> None:
    found = schema()
    assert found.validate(answer), f"{found.error_log}\n{etree.tostring(answer)[:2000]!r}"
