"""MODS 3.7: https://www.loc.gov/standards/mods/; nothing in it is younger than MODS 3.4, so that both can read it."""

from __future__ import annotations

from typing import Any

from publisher.crosswalks.elements import add, as_bytes, root
from publisher.crosswalks.marcxml import NO_TEXT
from publisher.crosswalks.types import types_of
from publisher.crosswalks.work import Party, Work
from publisher.mapping.terms import node
from publisher.namespaces import EDTF, XSD
from publisher.record import Part
from publisher.view import SOFTWARE, Version

NAMESPACE = "http://www.loc.gov/mods/v3"
SCHEMA = "http://www.loc.gov/standards/mods/v3/mods-3-7.xsd"
XLINK = "http://www.w3.org/1999/xlink"
RELATORS = "http://id.loc.gov/vocabulary/relators"
ENCODINGS = {XSD.gYear: "w3cdtf", XSD.gYearMonth: "w3cdtf", XSD.date: "w3cdtf", EDTF.EDTF: "edtf"}
RESOURCES = {
    "i": "sound recording-nonmusical",
    "g": "moving image",
    "k": "still image",
    "e": "cartographic",
}
KINDS = {"person": "personal", "organisation": "corporate"}
HOSTS = {"series": "series", "": "series"}


def write(version: Version) -> bytes:
    return as_bytes(_Making(version).record())


class _Making:
    """A MODS record in the making."""

    def __init__(self, version: Version) -> None:
        self.version, self.view, self.work = version, version.view, Work(version)
        self.element = root(f"{{{NAMESPACE}}}mods", {None: NAMESPACE, "xlink": XLINK}, f"{NAMESPACE} {SCHEMA}")
        self.element.set("version", "3.7")

    def add(self, tag: str, text: str = "", parent: Any = None, **attributes: str) -> Any:
        return add(self.element if parent is None else parent, f"{{{NAMESPACE}}}{tag}", text, **attributes)

    def record(self) -> Any:
        self._titles()
        for party in (*self.work.creators, *self.work.contributors):
            self._name(party)
        for text in self.view.texts("creators_as_given"):
            self.add("note", text, type="statement of responsibility")
        kind = next((NO_TEXT[name] for name in self.work.classes if name in NO_TEXT), "")
        self.add("typeOfResource", RESOURCES.get(kind, "text"))
        if genre := types_of(self.view)["marcgt"]:
            self.add("genre", genre, authority="marcgt")
        for text in self.work.types:
            self.add("genre", text, authority="local")
        self._origin()
        self._languages()
        self._form()
        self._texts()
        self._subjects()
        for part in self.work.parts:
            self._part(part)
        self._numbers()
        self._copies()
        self._record_info()
        return self.element

    def _titles(self) -> None:
        title, rest = self.work.pieces
        info = self.add("titleInfo")
        self.add("title", title, info)
        if rest:
            self.add("subTitle", rest, info)
        for text in (*self.view.texts("title")[1:], *self.view.texts("alternative")):
            self.add("title", text, self.add("titleInfo", type="alternative"))

    def _name(self, party: Party) -> None:
        said, name = party.said, party.name
        element = self.add("name", type=KINDS.get(said.agent_kind, ""), valueURI=said.iri if said.name else "")
        if name.family_name:
            self.add("namePart", name.family_name, element, type="family")
            self.add("namePart", name.given_name, element, type="given")
        else:
            for text in party.levels if said.agent_kind == "organisation" else [said.text]:
                self.add("namePart", text, element)
        self.add("displayForm", said.heading, element)
        for code in party.roles:
            role = self.add("role", parent=element)
            self.add("roleTerm", code, role, type="code", authority="marcrelator", authorityURI=RELATORS)

    def _origin(self) -> None:
        origin = self.add("originInfo")
        for text in self.view.texts("place_of_publication"):
            self.add("placeTerm", text, self.add("place", parent=origin), type="text")
        for text in self.view.texts("publishers"):
            self.add("publisher", text, origin)
        for said in self.view.thing.get("issued", ()):
            self.add("dateIssued", said.text, origin, encoding=ENCODINGS.get(said.datatype, ""))
        for text in self.view.texts("date"):
            self.add("dateIssued", text, origin)
        for text in self.view.texts("edition"):
            self.add("edition", text, origin)
        if len(origin) == 0:
            self.element.remove(origin)

    def _languages(self) -> None:
        for code in self.work.languages:
            self.add("languageTerm", code, self.add("language"), type="code", authority="iso639-2b")
        for text in self.view.texts("languages_as_given"):
            self.add("languageTerm", text, self.add("language"), type="text")

    def _form(self) -> None:
        form = self.add("physicalDescription")
        if self.work.is_online:
            self.add("form", "online resource", form, authority="rdacarrier")
        for text in self.work.media_types:
            self.add("internetMediaType", text, form)
        for text in self.view.texts("extent"):
            self.add("extent", text, form)
        if len(form) == 0:
            self.element.remove(form)

    def _texts(self) -> None:
        view = self.view
        for said in view.thing.get("abstract", ()):
            self.add("abstract", said.text, **_language(said.language))
        for text in view.texts("table_of_contents"):
            self.add("tableOfContents", text)
        for kind, texts in (
            ("", view.texts("description")),
            ("publication statement", view.texts("publication_statement")),
            ("thesis", view.texts("degree")),
            ("source note", [said.text for said in view.document.get("source_statement", ())]),
            ("citation/reference", view.texts("citation")),
            ("leftover", view.texts("leftovers")),
        ):
            for text in texts:
                self.add("note", text, type=kind)

    def _subjects(self) -> None:
        for said in self.view.thing.get("subjects", ()):
            subject = self.add("subject", authority="local")
            self.add("topic", said.text, subject, valueURI=said.iri, **_language(said.language))
        for said in self.view.thing.get("countries", ()):
            self.add("geographic", said.text, self.add("subject"), valueURI=said.iri)
        for text in self.view.texts("coverage"):
            self.add("temporal" if text[:1].isdigit() else "geographic", text, self.add("subject"))

    def _part(self, part: Part) -> None:
        item = self.add("relatedItem", type=HOSTS.get(part.kind, "host"))
        self.add("title", part.title.text, self.add("titleInfo", parent=item))
        if part.issn:
            self.add("identifier", part.issn, item, type="issn")
        if iri := self.work.host_iris.get(part.title.text):
            self.add("identifier", iri, item, type="uri")
        if part.volume or part.number or part.pages:
            place = self.add("part", parent=item)
            for kind, text in (("volume", part.volume), ("number", part.number)):
                if text:
                    self.add("number", text, self.add("detail", parent=place, type=kind))
            if part.pages:
                self.add("list", part.pages, self.add("extent", parent=place, unit="pages"))

    def _numbers(self) -> None:
        self.add("identifier", self.work.iri, type="uri")
        for text in self.view.texts("same_as"):
            self.add("identifier", text, type="uri")
        for scheme, text in self.work.numbers:
            self.add("identifier", text, type=scheme or "local")

    def _copies(self) -> None:
        for text in self.work.shelf_numbers:
            self.add("shelfLocator", text, self.add("location"))
        for position, text in enumerate(self.view.texts("uri")):
            if node(text.replace(" ", "%20")) is None:  # what is no address would make the record invalid
                self.add("identifier", text, type="uri", invalid="yes")
            else:
                self.add("url", text, self.add("location"), usage="" if position else "primary")
        for text in self.work.rights():
            link = {f"{{{XLINK}}}href": text} if "://" in text and node(text) is not None else {}
            self.add("accessCondition", text, type="use and reproduction", **link)

    def _record_info(self) -> None:
        settings, info = self.version.mapping.settings, self.add("recordInfo")
        self.add("recordContentSource", settings.PUBLISHER_NAME or settings.TITLE, info)
        for tag, name in (("recordCreationDate", "created"), ("recordChangeDate", "modified")):
            self.add(tag, self.view.document[name][0].text, info, encoding="w3cdtf")
        self.add("recordIdentifier", self.version.key, info, source=settings.base)
        self.add("recordOrigin", SOFTWARE, info)


def _language(tag: str) -> dict[str, str]:
    return {"{http://www.w3.org/XML/1998/namespace}lang": tag}
