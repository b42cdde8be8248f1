"""The rows of a page: labels and values in the order of the catalogue's readers, as HTML with places for words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from markupsafe import escape

from publisher import resources
from publisher.addresses import DATASET, document_path
from publisher.card.values import Value, Values
from publisher.search import FIELDS

Reach = Callable[[str], str]  # a path of the site -> a reference from the page that is made
# HTML as it stands; or a word, which the language of a page or the settings give: what kind it is, and of what
Part = str | Sequence[str]
Rows = list[tuple[str, list[Value]]]  # attribute -> values

_OF_THE_RECORD = ("created", "modified", "imported_on", "generated_by")  # though a data set is its own record
_NAMED = {document_path(*DATASET): "site", "/keywords": "keywords"}  # what goes by a name that the settings give
_MOST_TEXTS = 3  # ways to a document that stand at the head of a record


class Arranged:
    """The values of a description on its page: `rows` are the fields that the catalogue's readers know, `more` what is
    derived from them, `record` what is said of the record rather than of the thing, and `texts` the addresses of the
    work itself, which readers want most and would have to look for below a long summary."""

    def __init__(self, kind: str, title: str, thing: Values, record: Values) -> None:
        self.texts: list[str] = []
        self.more: Rows = []
        thing, record = dict(thing), dict(record)
        if kind == "resource":
            if "source_statement" in record:
                thing["source_statement"] = thing.get("source_statement", []) + record.pop("source_statement")
            urls = [text for text, *_ in thing.get("uri", ())]
            linked = {href for _, href, _, _ in thing.get("formats", ())}  # what the mapping found fit for a link
            self.texts = [text for text in urls if text in linked]
            if linked <= set(urls):
                thing.pop("formats", None)
            self.rows: Rows = [(name, thing.pop(name)) for name in _known_fields() if name in thing]
            self.more = _in_order(thing)
        else:
            for name in ("name", "preferred_label", "title"):  # the heading of the page
                if [text for text, *_ in thing.get(name, ())] == [title]:
                    del thing[name]
            for name in _OF_THE_RECORD if kind == DATASET[0] else ():
                record[name] = thing.pop(name, [])
            if kind != "agent":
                record["type"] = thing.pop("type", [])
            self.rows = _in_order(thing)
        self.record = _in_order(record)


def _in_order(values: Values) -> Rows:
    """The attributes that have a value, in the order of the catalogue's fields."""
    places = _places()
    names = sorted((name for name in values if values[name]), key=lambda name: places.get(name, len(places)))
    return [(name, values[name]) for name in names]


class Writer:
    """Writes rows as parts, for a page from which `reach` leads. Beside the addresses of a work stands where an archive
    would have them as they were when the source was `accessed`: many of them are dead."""

    def __init__(self, kind: str, reach: Reach, texts: Sequence[str], accessed: str) -> None:
        self.kind = kind
        self.reach = reach
        self.texts = texts
        self.accessed = accessed

    def table(self, rows: Rows, *, of_catalogue: bool) -> list[Part]:
        """A list of descriptions; whether its values are in the language of the catalogue, if they do not say. Line
        breaks of a value are kept on the page, so nothing stands around it."""
        parts: list[Part] = ['<dl class="fields">\n']
        for attribute, values in rows:
            parts += ["  <div>\n  <dt>", ("label", attribute), "</dt>\n"]
            for value in values:
                parts += ["  ", *self._value(attribute, value, of_catalogue=of_catalogue), "\n"]
            parts.append("  </div>\n")
        return joined([*parts, "</dl>\n"])

    def _value(self, attribute: str, value: Value, *, of_catalogue: bool) -> Iterable[Part]:
        text, href, language, time = value
        if time:
            return f'<dd><time datetime="{escape(time)}">', ("day", time), "</time></dd>"
        if attribute == "uri" and self.kind == "resource":
            if text not in self.texts:
                return (f"<dd>{escape(text)}</dd>",)
            return f'<dd><a href="{escape(text)}">{escape(text)}</a>', ("copy", text, self.accessed), "</dd>"
        if href and href[0] != "/":
            return "<dd", ("language of", text, href), f'><a href="{escape(href)}">', ("name", text), "</a></dd>"
        beginning = ("<dd", ("language", language), ">") if language or of_catalogue else ("<dd>",)
        if href:
            shown = (_NAMED[href],) if href in _NAMED else str(escape(text))
            return *beginning, f'<a href="{escape(self.reach(href))}">', shown, "</a></dd>"
        return *beginning, _paragraphs(text), "</dd>"

    def ways(self) -> list[Part]:
        """The ways to the document, at the head of its record."""
        parts: list[Part] = []
        for url in self.texts[:_MOST_TEXTS]:
            parts += [f'<span><a href="{escape(url)}">', ("open",), "</a>"]
            parts += [f" ({escape(url.split('/')[2])}", ("or copy", url, self.accessed), ")</span>"]
        return joined(parts)


def joined(parts: Iterable[Part]) -> list[Part]:
    """The same, what stands as it is in as few pieces as may be."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return found


def _paragraphs(text: str) -> str:
    parts = [str(escape(part)) for part in text.split(" -- ")]
    if len(parts) == 1:
        return parts[0]
    return "".join(f"<p>{part} --</p>" for part in parts[:-1]) + f"<p>{parts[-1]}</p>"


@cache
def labels() -> dict[str, str]:
    """Attribute -> label, in the order of the catalogue's fields."""
    return {row["attribute"]: row["label"] for row in resources.table("ontology/fields.csv")}


@cache
def _places() -> dict[str, int]:
    return {attribute: place for place, attribute in enumerate(labels())}


@cache
def _known_fields() -> list[str]:
    """The attributes of the catalogue's own fields, in its order."""
    attributes = {label: attribute for attribute, label in reversed(labels().items())}
    return [attributes[label] for label in FIELDS.values()]
