"""One record on its way through the mapping: what each of its attributes says, field by field.

What is kept as given and what is derived from it stand side by side; what cannot be understood is noted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import urlsplit

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral

from publisher.mapping import agents, classes, dates, identifiers, imprint, languages, places
from publisher.mapping.description import TYPE, Described, Description
from publisher.mapping.terms import clean, fold, link, literal, node, slug
from publisher.mapping.things import Thing, Things
from publisher.namespaces import BF, DCTERMS, EDTF, PROV, RDF, XSD, namespaces, terms
from publisher.record import Agent, AgentKind, Note, Part, Record, Severity, Value

Subject = NamedNode | BlankNode
Object = NamedNode | BlankNode | RdfLiteral

ONLINE_RESOURCE = NamedNode("http://rdaregistry.info/termList/RDACarrierType/1018")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
EXTENSIONS = {
    "pdf": "application/pdf",
    "htm": "text/html",
    "html": "text/html",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain",
}
NIL, FIRST, REST = NamedNode(RDF.nil), NamedNode(RDF.first), NamedNode(RDF.rest)
ITEM, SHELF_MARK = NamedNode(BF.Item), NamedNode(BF.ShelfMark)
BIBLIOGRAPHIC_RESOURCE = NamedNode(DCTERMS.BibliographicResource)
DATATYPES = {
    "gYear": NamedNode(XSD.gYear),
    "gYearMonth": NamedNode(XSD.gYearMonth),
    "date": NamedNode(XSD.date),
    "edtf": NamedNode(EDTF.EDTF),
}
LABELS = {
    "creators": "Author",
    "contributors": "Contributor",
    "publishers": "Publisher",
    "degree_grantors": "Degree from",
    "is_part_of": "Published in",
    "countries": "Country",
    "subjects": "Keywords",
}
ROLES = {"edt": "editors", "trl": "translators"}  # relators for which BIBO has a property of its own
LICENSES = re.compile(r"https?://(?:creativecommons\.org/(?:licenses|publicdomain)|opendatacommons\.org/licenses)/")
_ACCESSED = re.compile(r"(?i)\b(?:accessed|viewed|retrieved)\b(?: on)?:? *")
_DAY_OF_ACCESS = re.compile(
    r"(?P<date>[A-Za-z0-9,. /-]{6,40}?)(?: at| from|[:;.,]){0,4} *(?P<url>[A-Za-z]+://.*)?", re.DOTALL
)
_PAGES = re.compile(r"(?:pp?\.? ?)?(\d{1,6}) ?[-\u2010-\u2015]{1,3} ?(\d{1,6})", re.ASCII)


# the attributes of a Record that Describer has words for; what a reader puts into another is kept as a leftover
MAPPED = frozenset(
    (  # noqa: SIM905
        "source shelf_number record_number types title alternative creators contributors abstract table_of_contents "
        "description edition publication_statement place_of_publication publishers issued extent is_part_of degree "
        "degree_grantors languages identifiers source_statement countries temporal uri subjects rights withdrawn "
        "leftovers notes"
    ).split()
)
_UNMAPPED = [attribute.name for attribute in fields(Record) if attribute.name not in MAPPED]


def values_of(found: object) -> Iterator[Value]:
    """The values in an attribute of a Record, whatever holds them."""
    for item in found if isinstance(found, tuple) else ():
        if isinstance(item, Value):
            yield item
        else:
            for attribute in fields(item):
                inner = getattr(item, attribute.name)
                if isinstance(inner, Value):
                    yield inner
                elif isinstance(inner, str) and inner:
                    yield Value(inner)


GLOBAL_SCHEMES = ("doi", "handle", "urn")  # the same in every catalogue, so that no code is put before them
KEY_SCHEMES = (*GLOBAL_SCHEMES, "report", "report-number")  # what may be the key of a record without a number, in order


class Describer:
    """Makes the descriptions of one record."""

    def __init__(self, things: Things, record: Record) -> None:
        self.record, self.things = record, things
        self.context, self.addresses = things.context, things.addresses
        self.notes = list(record.notes)
        self.others: dict[tuple[str, str], Description] = {}
        self.named: set[tuple[str, str]] = set()
        self.authors: list[Thing] = []
        ranked = sorted(
            (value for value in record.identifiers if value.scheme.casefold() in KEY_SCHEMES),
            key=lambda value: KEY_SCHEMES.index(value.scheme.casefold()),
        )
        numbers = (*record.shelf_number, *record.record_number, *ranked)
        self.number = next((value for value in numbers if clean(value.text).strip()), None)
        self.key = self._key()
        self.blank = hashlib.sha256(self.key.encode()).hexdigest()[:16]  # the stem of its blank nodes' labels
        self.told_apart_by = self.key if things.settings.PERSON_IDENTITY == "record" else ""
        self.established = self._established()
        title = clean(record.title[0].text).strip() if record.title else ""
        self.resource = Description("resource", self.key, title or self.key)
        self.add = self.resource.statements.append
        self.thing = NamedNode(self.addresses.thing("resource", self.key))
        self.document = NamedNode(self.addresses.document("resource", self.key))

    def _key(self) -> str:
        """The shelf number, else the source's own number of the record behind the code of the collection, else an
        identifier of the work (KEY_SCHEMES). A record with none of them is described all the same, so that the
        validation can say everything at once; it is never published under the key that it gets here."""
        if self.number is None:
            return f"no-number-{hashlib.sha256(self.record.source.text.encode()).hexdigest()[:12]}"
        number = clean(self.number.text).strip()
        collection = self.things.settings.COLLECTION
        local = self.number not in self.record.shelf_number and self.number.scheme.casefold() not in GLOBAL_SCHEMES
        return f"{collection}-{number}" if collection and local else number

    def _established(self) -> dict[str, tuple[AgentKind, tuple[str, ...]]]:
        """Kind and IRIs of the names for which the record gives any, wherever it names them; by key."""
        found: dict[str, tuple[AgentKind, tuple[str, ...]]] = {}
        record = self.record
        for group in (record.creators, record.contributors, record.publishers, record.degree_grantors):
            for agent in group:
                if agent.kind or agent.heading.iris:
                    key = slug(agent.heading.text)
                    kind, iris = found.get(key, (agent.kind, ()))
                    found[key] = kind or agent.kind, tuple(dict.fromkeys((*iris, *agent.heading.iris)))
        return found

    def run(self) -> Described:
        record = self.record
        self._numbers()
        self._titles()
        self._creators()
        for attribute in ("abstract", "table_of_contents", "description", "edition"):
            self._values(attribute, getattr(record, attribute))
        self._values("coverage", record.temporal)
        issued = self._imprint()
        self._contributors()
        self._issued(issued)
        self._parts()
        self._degree()
        self._languages()
        self._countries()
        self._urls()
        self._subjects()
        self._rights()
        self._items()
        self._leftovers()
        self._types()
        self._source()
        self.resource.statements += self.things.document("resource", self.key)
        self._say("conforms_to", NamedNode(self.addresses.profile), self.document)
        return Described(record, [self.resource, *self.others.values()], self.notes)

    # what is said

    def _say(self, attribute: str, value: str | Object, subject: Subject | None = None, language: str = "") -> None:
        term = self.context[attribute]
        said = literal(value, term.datatype, language) if isinstance(value, str) else value
        self.add(Triple(self.thing if subject is None else subject, term.property, said))

    def _values(self, attribute: str, values: Iterable[Value], subject: Subject | None = None) -> None:
        for value in values:
            if clean(value.text).strip():
                self._say(attribute, value.text, subject, languages.tag(value.language) if value.language else "")
                for iri in value.iris:  # what names the value elsewhere
                    self._link("see_also", iri)
            else:
                self._note(attribute, "Nothing is left of this but characters that cannot be published.", value)

    def _link(self, attribute: str, iri: str) -> None:
        """Says an IRI that the source gives; one that is no web address stays a text."""
        target = link(iri)
        if target is not None:
            self._say(attribute, target)
        else:
            self._say("leftovers", f"IRI: {iri}")

    def _note(self, attribute: str, message: str, value: Value, severity: Severity = "warning") -> None:
        self.notes.append(Note(attribute, message, value.first_line, severity))

    def _name(self, attribute: str, thing: Thing) -> None:
        """Says that the record names a thing, which is described once however often the record names it."""
        self._say(attribute, thing.iri)
        *along, own = thing.descriptions
        for description in along:
            self.others.setdefault(description.name, description)
        known = self.others.get(own.name)
        if known is None or own.name not in self.named:  # what came along says less than what the record names itself
            self.others[own.name] = own
            self.named.add(own.name)
        elif known.heading != own.heading:  # one name in two spellings
            self._say("leftovers", f"{LABELS.get(attribute, attribute)}: {own.heading}")

    # field by field

    def _numbers(self) -> None:
        """The numbers of the record, then the identifiers of the work, each in the property of its scheme."""
        record = self.record
        for value in (*record.shelf_number, *record.record_number):
            if not clean(value.text).strip():
                self._values("shelf_number" if value in record.shelf_number else "record_number", [value])
            elif value is self.number or value in record.shelf_number:
                self._say("shelf_number", value.text)
            else:
                self._say("identifiers", f"{value.scheme}: {value.text}" if value.scheme else value.text)
        for value in record.identifiers:
            if value is self.number:
                self._say("shelf_number", value.text)
            if not clean(value.text).strip():
                self._values("identifiers", [value])
                continue
            found = identifiers.read(value.text, value.scheme)
            for attribute, text in found.said:
                self._say(attribute, text)
            if found.wrong:
                self._note("identifiers", found.wrong, value)
            # an address of a DOI or handle in another form is no news
            others = [
                iri for iri in value.iris if not found.iri or identifiers.read(iri, value.scheme).iri != found.iri
            ]
            for iri in dict.fromkeys(filter(None, (found.iri, *others))):
                same = node(iri) if iri == found.iri else link(iri)
                if same is not None:
                    self._say("same_as", same)
                elif iri != value.text:
                    self._say("leftovers", f"IRI: {iri}")

    def _titles(self) -> None:
        self._values("title", self.record.title)
        self._values("alternative", self.record.alternative)
        if len(self.record.title) == 1:
            title = self.record.title[0]
            short, colon, rest = title.text.partition(": ")
            if colon and short.strip() and rest.strip():
                language = languages.tag(title.language) if title.language else ""
                self._say("short_title", short.strip(), language=language)
                self._say("other_title", rest.strip(), language=language)

    def _creators(self) -> None:
        for agent in self.record.creators:
            for author in self._agents("creators", agent):
                if all(author.iri != other.iri for other in self.authors):
                    self.authors.append(author)
                    self._name("creators", author)
                self._role(agent, author)
        if self.authors:
            self._list("author_list", [author.iri for author in self.authors])

    def _contributors(self) -> None:
        named: set[NamedNode] = set()
        for agent in self.record.contributors:
            for contributor in self._agents("contributors", agent):
                if contributor.iri not in named:
                    named.add(contributor.iri)
                    self._name("contributors", contributor)
                self._role(agent, contributor)
                if agent.role in ROLES:
                    self._name(ROLES[agent.role], contributor)

    def _agents(self, attribute: str, agent: Agent) -> Iterator[Thing]:
        """The agents that a heading names, one as a rule."""
        heading = agent.heading.text
        headings = agents.split(heading) if not agent.kind else [heading]
        label = "author" if attribute == "creators" else "name"
        if len(headings) > 1:
            parts = " and ".join(f'"{part}"' for part in headings)
            self._note(attribute, f'"{heading}" is read as two {label}s, {parts}.', agent.heading, "info")
            self._say("creators_as_given", heading)
        for one in headings:
            thing = self._agent(one, agent.kind)
            if thing is None:
                self._note(attribute, f'The {label} "{one}" has neither letters nor digits.', agent.heading)
                self._say("leftovers", f"{label.capitalize()}: {one}")
                continue
            if not thing.descriptions[-1].agent_kind:
                self._note(
                    attribute,
                    f'It is not plain whether "{one}" names a person or an organisation; '
                    'write a person as "Family, Given".',
                    agent.heading,
                )
            yield thing

    def _agent(self, heading: str, kind: AgentKind = "", sure: bool = True) -> Thing | None:
        iris: tuple[str, ...] = ()
        if self.established:
            known, iris = self.established.get(slug(heading), (kind, iris))
            kind = known or kind
        return self.things.agent(heading, kind, sure, iris, self.told_apart_by)

    def _role(self, agent: Agent, thing: Thing) -> None:
        """Says the role of an agent by its MARC relator; another role stays as a text."""
        if not agent.role:
            return
        if agent.role in terms("rel"):
            statement = Triple(self.thing, NamedNode(namespaces()["rel"] + agent.role), thing.iri)
            self.add(statement)
        else:
            self._note(
                "contributors", f'"{agent.role}" is no MARC relator code; the role is kept as text.', agent.heading
            )
            self._say("leftovers", f"Role of {agent.heading.text}: {agent.role}")

    def _list(self, attribute: str, members: list[NamedNode]) -> None:
        """An RDF collection (RDF 1.1 Semantics D.3) whose nodes are labelled by the record."""
        nodes = [BlankNode(f"r{self.blank}n{position}") for position in range(len(members))]
        ends: list[Subject] = [*nodes[1:], NIL]
        self._say(attribute, nodes[0])
        for current, member, rest in zip(nodes, members, ends, strict=True):
            self.add(Triple(current, FIRST, member))
            self.add(Triple(current, REST, rest))

    def _imprint(self) -> str:
        """Says the imprint as given and in its parts, which the record gives apart or the statement is taken apart for;
        gives the date as the statement writes it, if it was."""
        record = self.record
        apart = bool(record.place_of_publication or record.publishers)
        self._values("place_of_publication", record.place_of_publication)
        date = ""
        for statement in record.publication_statement:
            self._values("publication_statement", [statement])
            if not apart:
                date = date or self._statement(statement)
        for agent in record.publishers:
            name = imprint.known(" ".join(clean(agent.heading.text).split()))
            publisher = self._publisher(name, agent.heading, agent.kind) if name else None
            if publisher is not None:
                self._name("publishers", publisher)
                self._role(agent, publisher)
            if publisher is None or publisher.descriptions[-1].heading != agent.heading.text:
                self._say("leftovers", f"Publisher: {agent.heading.text}")
        for value in record.extent:
            self._values("extent", [value])
            pages = imprint.pages(clean(value.text))
            if pages and len(record.extent) == 1:
                self._say("number_of_pages", str(pages))
        return date

    def _statement(self, statement: Value) -> str:
        """Says what an imprint says that is given whole, and gives its date as written."""
        parts = imprint.parse(clean(statement.text))
        for place in dict.fromkeys(parts.places):
            self._say("place_of_publication", place)
        if parts.by_the_author:
            for author in self.authors:
                self._name("publishers", author)
        for name in dict.fromkeys(parts.publishers):
            publisher = self._publisher(name, statement)
            if publisher is not None:
                self._name("publishers", publisher)
        if parts.extent and not self.record.extent:
            self._say("extent", parts.extent)
            if parts.number_of_pages:
                self._say("number_of_pages", str(parts.number_of_pages))
        if parts.rest:
            self._note(
                "publication_statement",
                f'"{parts.rest}" in the details was not taken apart; it is kept as given.',
                statement,
                "info",
            )
        return parts.date

    def _publisher(self, name: str, statement: Value, kind: AgentKind = "") -> Thing | None:
        """The agent that an imprint names. "The Council" is the author that is a council, or nobody for sure; who has a
        name like a person's is an author of the record, or not decided."""
        generic = fold(name) if re.fullmatch(r"[Tt]he \w+", name) else ""
        if generic and agents.has_organisation_word(generic):
            meant = [author for author in self.authors if generic in fold(author.descriptions[-1].heading).split()]
            if len(meant) == 1:
                return meant[0]
            attribute = "publishers" if self.record.publishers else "publication_statement"
            self._note(attribute, f'The details do not say which body "{name}" is.', statement, "info")
            return None
        same = next((author for author in self.authors if author.descriptions[-1].heading == name), None)
        if same is not None:
            return same
        if kind:
            return self._agent(name, kind)
        looks_like_a_person = agents.parse(name).kind == "person"
        return self._agent(name, "", False) if looks_like_a_person else self._agent(name, "organisation")

    def _issued(self, imprinted: str) -> None:
        years = {self._date(value.text, value) for value in self.record.issued}
        printed = dates.parse(imprinted) if imprinted else None
        if not self.record.issued and printed is not None and printed.value:
            self._date(imprinted, self.record.publication_statement[0])
        elif printed is not None and printed.year and years and printed.year not in years:
            given = ", ".join(value.text for value in self.record.issued)
            self._note(
                "issued",
                f'The year is given as "{given}", but the details say "{imprinted}"; see which is right.',
                self.record.issued[0],
            )

    def _date(self, text: str, value: Value) -> int | None:
        date = dates.parse(text)
        if date.kind == "unknown":
            self._note("issued", f'The year "{text}" is not understood; it is kept as given.', value)
        elif date.kind == "none":
            self._note("issued", f'The record says that it has no date ("{text}").', value)
            self._say("leftovers", f"Year: {text}")
            return None
        else:
            self._say("issued", RdfLiteral(date.value, datatype=DATATYPES[date.kind]))
        if date.value != text:  # the words themselves stay, whatever was made of them
            self._say("date", text)
        if date.year is not None and date.year > datetime.now(UTC).year + 1:
            self._note("issued", f'The year "{text}" lies in the future.', value)
        return date.year

    def _countries(self) -> None:
        for value in self.record.countries:
            names = places.split(value.text)
            found = [place for place in map(self.things.place, names) if place is not None]
            for name in names:
                if places.find(name) is None:
                    self._unknown_country(name, value)
            for place in found:
                self._name("countries", place)
            if not found:
                self._say("leftovers", f"Country: {value.text}")
            elif [place.descriptions[-1].label for place in found] != [value.text]:
                self._say("coverage", value.text)

    def _unknown_country(self, name: str, value: Value) -> None:
        advice = places.advice(name)
        self._note(
            "countries",
            f'The country "{name}" may be more than one place. {advice}'
            if advice
            else f'The country "{name}" is in no list of ours; it is published under this name, unlinked.',
            value,
        )

    def _parts(self) -> None:
        """What the work is part of, and its place there; where it is part of two things, a citation tells which number
        belongs to which."""
        for part in self.record.is_part_of:
            title = part.title
            language = languages.tag(title.language) if title.language else ""
            whole = self.things.series(title.text, part.kind, part.issn, title.iris, language)
            if whole is None:
                self._note("is_part_of", f'The title "{title.text}" has neither letters nor digits.', title)
                self._say("leftovers", f"Part of: {title.text}")
            else:
                self._name("is_part_of", whole)
            if part.issn and not identifiers.issn_of(part.issn):
                self._note("is_part_of", f'The ISSN "{part.issn}" is wrong; look it up in the work.', title)
                self._say("identifiers", f"issn: {part.issn}")
            for attribute, text in (("number", part.number), ("volume", part.volume), ("pages", part.pages)):
                if clean(text).strip():
                    self._say(attribute, text)
            pages = _PAGES.fullmatch(part.pages.strip()) if len(part.pages) < 40 else None
            if pages and int(pages[1]) <= int(pages[2]):
                self._say("page_start", pages[1])
                self._say("page_end", pages[2])
            if len(self.record.is_part_of) > 1 and (part.number or part.volume or part.pages):
                self._say("citation", _citation(part))

    def _degree(self) -> None:
        for value in self.record.degree:
            self._values("degree", [value])
            known = classes.degree(value.text)
            if known is not None:
                self._say("degree_links", known)
        for agent in self.record.degree_grantors:
            grantor = self._agent(agent.heading.text, agent.kind or "organisation")
            if grantor is None:
                self._note("degree_grantors", f'"{agent.heading.text}" has neither letters nor digits.', agent.heading)
                self._say("leftovers", f"Degree from: {agent.heading.text}")
                continue
            self._name("degree_grantors", grantor)
            self._name("issuers", grantor)
            if agent.role != "dgg":
                self._role(agent, grantor)

    def _languages(self) -> None:
        said = set()
        for value in self.record.languages:
            found = languages.find(value.text)
            if found and found not in said:
                said.add(found)
                self._say("languages", NamedNode(found))
            elif not found and clean(value.text).strip():
                self._note(
                    "languages", f'The language "{value.text}" is in no list of ours; it is kept as text.', value
                )
            if not found.endswith(f"/{value.text}"):  # the words themselves stay
                self._values("languages_as_given", [value])

    def _rights(self) -> None:
        for value in self.record.rights:
            if clean(value.text).strip():
                self._say("rights", value.text, None, languages.tag(value.language) if value.language else "")
            for iri in value.iris:
                self._link("license" if LICENSES.match(iri) else "rights_links", iri)

    def _urls(self) -> None:
        for value in self.record.uri:
            self._values("uri", [value])
            address = link(value.text)
            if address is None:
                continue
            self._say("formats", address)
            extension = urlsplit(value.text).path.rpartition(".")[2].lower()
            if extension in EXTENSIONS:
                self._say("media_type", NamedNode(MEDIA_TYPES + EXTENSIONS[extension]))

    def _subjects(self) -> None:
        given: dict[str, tuple[str, ...]] = {}  # a keyword of two lists has the IRIs of both
        for value in self.record.subjects:
            if value.iris:
                key = slug(value.text)
                given[key] = tuple(dict.fromkeys((*given.get(key, ()), *value.iris)))
        for value in self.record.subjects:
            language = languages.tag(value.language) if value.language else ""
            concept = self.things.concept(value.text, language, given.get(slug(value.text), ()) if given else ())
            if concept is None:
                self._note("subjects", f'The keyword "{value.text}" has neither letters nor digits.', value)
                self._say("leftovers", f"Keywords: {value.text}")
            else:
                self._name("subjects", concept)

    def _items(self) -> None:
        """A copy with its shelf mark for each shelf number."""
        numbers = [value for value in self.record.shelf_number if clean(value.text).strip()]
        for position, value in enumerate(numbers):
            item = NamedNode(self.addresses.thing("resource", self.key, f"item-{position + 1}" if position else "item"))
            mark = BlankNode(f"m{self.blank}n{position}")
            self._say("items", item)
            self.add(Triple(item, TYPE, ITEM))
            self._say("shelf_mark", mark, item)
            self.add(Triple(mark, TYPE, SHELF_MARK))
            self._say("value", value.text, mark)

    def _leftovers(self) -> None:
        """What has no property: kept word for word, with the label it came under."""
        left = [(leftover.label, leftover.value) for leftover in self.record.leftovers]
        for name in _UNMAPPED:
            left += [(name, value) for value in values_of(getattr(self.record, name))]
        for label, value in left:
            self._say("leftovers", f"{label}: {value.text}" if label else value.text)

    def _types(self) -> None:
        """The class by evidence, and the source's own words for the type, with the list that they are from."""
        for iri in (*classes.classes(self.record), BIBLIOGRAPHIC_RESOURCE):
            self.add(Triple(self.thing, TYPE, iri))
        for value in self.record.types:
            if clean(value.text).strip():
                language = languages.tag(value.language) if value.language else ""
                text = f"{value.scheme}: {value.text}" if value.scheme else value.text
                self._say("types", text, language=language)
            for given in value.iris:
                self._link("type_links", given)

    def _source(self) -> None:
        for value in self.record.source_statement:
            self._values("source_statement", [value], self.document)
            if value.text.casefold().startswith(("internet resource", "online resource", "electronic resource")):
                self._say("medium", ONLINE_RESOURCE)
            accessed = _ACCESSED.search(value.text)
            match = _DAY_OF_ACCESS.fullmatch(value.text, accessed.end()) if accessed else None
            date = dates.parse(match["date"]) if match else None
            if date is not None and date.kind == "date":
                # PAV: "if the time is unknown, 00:00:00Z"
                self._say("source_accessed_on", f"{date.value}T00:00:00Z", self.document)
                years = [year for year in (dates.parse(issued.text).year for issued in self.record.issued) if year]
                if date.year is not None and years and date.year < min(years):
                    self._note(
                        "source_statement",
                        f"The source was seen in {date.year}, before the year of the record.",
                        value,
                        "info",
                    )
            elif accessed:
                self._note("source_statement", f'No day of access is understood in "{value.text}".', value)
            address = link(match["url"].strip().rstrip(".,;")) if match and match["url"] else None
            if address is not None:
                self._say("source_accessed_at", address, self.document)
        self.resource.provenance = list(self._provenance())

    def _provenance(self) -> Iterator[Triple]:
        """Where the record was read. It is no part of the digest: the same record on another page is no change."""
        source = self.record.source
        origin = NamedNode(self.addresses.document("resource", self.key, "txt"))
        place = f"lines {source.first_line}-{source.last_line}" if source.first_line else f"record {source.position}"
        lines_read = f"{PurePath(source.file).name}, {place}"
        yield Triple(self.document, self.context["imported_from"].property, origin)
        yield Triple(origin, TYPE, NamedNode(PROV.Entity))
        yield Triple(origin, self.context["label"].property, literal(lines_read))
        for attribute, text in (("search_term", source.search_term), ("captured", source.captured)):
            if text:
                yield Triple(origin, self.context[attribute].property, literal(text))
        if source.announced is not None:
            count = RdfLiteral(str(source.announced), datatype=NamedNode(XSD.integer))
            yield Triple(origin, self.context["announced_count"].property, count)


def _citation(part: Part) -> str:
    """ "Title ; 45", "Title ; 12(3), 201-219": a part and its place there, as catalogues write a series."""
    number = f"{part.volume}({part.number})" if part.volume and part.number else part.volume or part.number
    return f"{part.title.text} ; {', '.join(filter(None, (number, part.pages)))}"
