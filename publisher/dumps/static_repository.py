"""Dublin Core as an OAI Static Repository: a file that a gateway serves by OAI-PMH, and that we load as any other.

https://www.openarchives.org/OAI/2.0/guidelines-static-repository.htm: days instead of seconds, no sets, no deletions.
"""

from __future__ import annotations

from lxml import etree

from publisher.addresses import dump_path
from publisher.crosswalks import oai_dc
from publisher.crosswalks.elements import add, as_bytes, root
from publisher.items import Identifiers
from publisher.mapping import Mapping
from publisher.view import Version

NAMESPACE = "http://www.openarchives.org/OAI/2.0/static-repository"
OAI = "http://www.openarchives.org/OAI/2.0/"
FILE = "oai_dc.xml"
TAIL = b"</ListRecords>\n</Repository>\n"


def write(version: Version) -> bytes:
    """The record of a resource, its datestamp the day on which its last change became visible."""
    header = etree.Element(f"{{{OAI}}}header", nsmap={"oai": OAI})
    add(header, f"{{{OAI}}}identifier", Identifiers(version.mapping.settings).of(version.key))
    add(header, f"{{{OAI}}}datestamp", version.seen[:10])
    said = as_bytes(header).replace(b' xmlns:oai="%b"' % OAI.encode(), b"", 1)  # the root has said it
    return b"<oai:record>%b<oai:metadata>%b</oai:metadata></oai:record>\n" % (said, oai_dc.write(version).strip())


def head(mapping: Mapping) -> bytes:
    """All that stands before the records."""
    settings = mapping.settings
    element = root(f"{{{NAMESPACE}}}Repository", {None: NAMESPACE, "oai": OAI}, f"{NAMESPACE} {NAMESPACE}.xsd")
    identify = add(element, f"{{{NAMESPACE}}}Identify")
    for name, text in (
        ("repositoryName", settings.TITLE),
        ("baseURL", mapping.addresses.iri(dump_path(f"catalogue.{FILE}"))),
        ("protocolVersion", "2.0"),
        ("adminEmail", settings.ADMIN_EMAIL),
        ("earliestDatestamp", "1970-01-01"),
        ("deletedRecord", "no"),
        ("granularity", "YYYY-MM-DD"),
    ):
        add(identify, f"{{{OAI}}}{name}", text)
    format_row = add(add(element, f"{{{NAMESPACE}}}ListMetadataFormats"), f"{{{OAI}}}metadataFormat")
    add(format_row, f"{{{OAI}}}metadataPrefix", "oai_dc")
    add(format_row, f"{{{OAI}}}schema", oai_dc.SCHEMA)
    add(format_row, f"{{{OAI}}}metadataNamespace", oai_dc.NAMESPACE)
    records = add(element, f"{{{NAMESPACE}}}ListRecords", metadataPrefix="oai_dc")
    records.text = "\n"
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + as_bytes(element).removesuffix(TAIL.replace(b"\n", b""))
