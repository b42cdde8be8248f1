"""The search index: words, phrases, prefixes, whole values, ranges, order, facets; no query syntax gets through."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from publisher import pipeline
from publisher.catalog import Catalog
from publisher.mapping.terms import fold
from publisher.record import Record, Source, Value
from publisher.search import FACETS, MOST, Index, IndexWriter, Question, segments, values
from publisher.search.fields import year
from publisher.search.highlight import distance
from publisher.search.index import ORDERS, Cursor
from publisher.settings import Settings
from publisher.stores.embedded import EmbeddedStore


@pytest.fixture(scope="module")
def index(published: Settings) -> Index:
    catalog = Catalog(published.DATA_DIR)
    return Index(EmbeddedStore(published.DATA_DIR).folder(catalog.current()) / "search")


def keys(index: Index, published: Settings, asked: dict[str, str], sort: str = "") -> list[str]:
    catalog = Catalog(published.DATA_DIR)
    ids = index.search(Question(asked), limit=100, sort=sort).ids
    entries = catalog.by_ids(ids)
    return [entries[thing].key for thing in ids]


@pytest.mark.parametrize(
    "asked",
    [
        {"author": "HMI probation"},
        {"author": "great britain", "title": "thematic"},
        {"title": '"putting the pieces together"'},
        {"title": "inspec* multi-agen*"},
        {"title": "multi-agency"},
        {"summary": "ViSOR"},
        {"details": '"Criminal Justice Joint Inspection"'},
        {"source": "November 19"},
        {"year": "2011", "country": "united kingdom", "keyword": "partnerships"},
        {"year": "2010-2012", "title": "mappa OR pieces".replace(" OR ", " ").replace("mappa ", "")},
        {"url": "mappa-thematic-report.pdf"},
        {"shelf_number": "123404"},
        {"keyword": '="Agency Collaboration (U.K.)"'},
        {"keyword": "agency collaboration (u.k.)"},
        {"q": "MAPPA individual’s"},
    ],
    ids=str,
)
def test_the_seed_is_found_by_every_field(index: Index, published: Settings, asked: dict[str, str]) -> None:
    assert "123404" in keys(index, published, asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"title": "probationary"},
        {"title": '"pieces putting"'},
        {"author": "mappa"},
        {"year": "1999"},
        {"year": "2012-2030"},
        {"keyword": '="Agency Collaboration"'},
        {"shelf_number": "12340"},
        {"title": "* OR *"},
        {"title": "title:pieces"},
        {"title": "?!"},
    ],
    ids=str,
)
def test_the_seed_is_not_found_by_what_it_does_not_say(
    index: Index, published: Settings, asked: dict[str, str]
) -> None:
    assert "123404" not in keys(index, published, asked)


def test_case_and_accents_do_not_count(index: Index) -> None:
    assert (
        index.search(Question({"author": "lindqvist asa"})).count
        == index.search(Question({"author": "LINDQVIST Åsa"})).count
        > 0
    )


def test_nothing_asked_finds_everything(index: Index, published: Settings) -> None:
    assert (
        index.search(Question({})).count
        == index.search(Question({"q": "  "})).count
        == Catalog(published.DATA_DIR).count("resource")
    )


def test_the_facets_count_what_their_values_find(index: Index) -> None:
    facets = index.facets(Question({"q": "probation"}))
    assert set(facets) == set(FACETS)
    for name, rows in facets.items():
        assert rows
        for text, count in rows:
            assert index.search(Question({"q": "probation", name: f'="{text}"'})).count == count
    assert len(index.facets(Question({}), {"keyword": 40})["keyword"]) == 40


def test_results_come_in_order(index: Index, published: Settings) -> None:
    catalog = Catalog(published.DATA_DIR)
    titles = [fold(catalog.get("resource", key).label) for key in keys(index, published, {}, "title")]
    assert titles == sorted(titles)
    oldest, newest = keys(index, published, {}, "year"), keys(index, published, {}, "-year")
    records = {key: Record.from_json(catalog.get("resource", key).data["record"]) for key in newest}
    undated = [key for key in newest if year(records[key]) is None]
    assert undated
    assert set(oldest[-len(undated) :]) == set(newest[-len(undated) :]) == set(undated)  # last whatever the order
    assert keys(index, published, {}, "-added")[0] == newest_key(catalog)


def newest_key(catalog: Catalog) -> str:
    return str(catalog.db.execute("SELECT key FROM thing WHERE kind = 'resource' ORDER BY id DESC").fetchone()[0])


def test_what_is_better_comes_first(index: Index, published: Settings) -> None:
    """A word in the title counts more than one in the summary."""
    catalog = Catalog(published.DATA_DIR)
    labels = [fold(catalog.get("resource", key).label) for key in keys(index, published, {"q": "probation"})]
    assert "probation" in labels[0]
    assert not all("probation" in label for label in labels)


@pytest.mark.parametrize("asked", [{}, {"q": "probation"}, {"country": "united"}], ids=str)
@pytest.mark.parametrize("sort", ["", *ORDERS])
def test_pages_forth_and_back_show_everything_once(index: Index, sort: str, asked: dict[str, str]) -> None:
    question = Question(asked)
    whole = index.search(question, 1000, sort)
    assert (whole.start, whole.before, whole.after) == (0, None, None)
    assert len(set(whole.ids)) == whole.count == len(whole.ids)
    seen: list[int] = []
    after, page = None, whole
    while not seen or after is not None:
        page = index.search(question, 7, sort, after=after)
        assert (page.start, page.count) == (len(seen), whole.count)
        seen += page.ids
        after = page.after
        assert (page.before is None) == (page.start == 0)
        if after is not None:
            assert Cursor.parse(str(after), sort) == after
    assert seen == whole.ids
    back = list(page.ids)
    while page.before is not None:
        page = index.search(question, 7, sort, before=page.before)
        back = page.ids + back
        assert whole.ids[page.start : page.start + len(page.ids)] == page.ids
    assert back == whole.ids


@pytest.mark.parametrize("sort", list(ORDERS))
def test_pages_go_on_after_a_new_release(settings: Settings, write_page: Callable[..., Path], sort: str) -> None:
    """What is added or taken back between two pages makes none of the others come twice or not at all."""

    def opened() -> Index:
        catalog = Catalog(settings.DATA_DIR)
        return Index(EmbeddedStore(settings.DATA_DIR).folder(catalog.current()) / "search")

    pipeline.load(settings, [write_page(*({"title": f"Annual report {n:02}", "number": str(n)} for n in range(30)))])
    everything = opened().search(Question({}), 100, sort).ids
    first = opened().search(Question({}), 10, sort)
    assert first.after is not None
    pipeline.load(settings, [write_page(*({"title": f"Annual {n}", "number": f"9{n}"} for n in range(5)))])
    catalog = Catalog(settings.DATA_DIR)
    gone = [entry.key for entry in catalog.by_ids([first.ids[0], first.ids[-1], everything[15]]).values()]
    pipeline.withdraw(settings, gone)
    rest = opened().search(Question({}), 100, sort, after=first.after).ids
    assert [thing for thing in rest if thing in everything] == [
        thing for thing in everything[10:] if thing != everything[15]
    ]


def test_by_relevance_there_is_an_end(index: Index) -> None:
    question = Question({"q": "probation"})
    assert index.search(question, 20, after=Cursor(MOST, "1")).ids == []
    assert index.search(question, 20, after=Cursor(10**11, "1")).ids == []


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.", ".1", "x.1", "1.x", "-1.2", "1.--2", "9" * 30 + ".1", "1." + "9" * 30, "٣.1", "1.٣", "1.1.1"],
)
def test_what_is_no_cursor(text: str) -> None:
    assert Cursor.parse(text, "-year") is None


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({"q": "probaton"}, "probation"),
        ({"title": "inspetcion"}, "inspection"),
        ({"keyword": "ofender probation"}, "offender"),
        ({"q": "comunity corections"}, "community"),
    ],
    ids=str,
)
def test_words_that_are_misspelt(index: Index, published: Settings, asked: dict[str, str], meant: str) -> None:
    question = Question(asked)
    assert index.search(question).count == 0
    near = index.unknown(question)
    assert near
    hits = index.search(question, near=near)
    assert hits.count
    entry = Catalog(published.DATA_DIR).by_ids(hits.ids[:1])[hits.ids[0]]
    record = Record.from_json(entry.data["record"])
    texts = [(name, text) for name, found in values(record).items() for text in found]
    marks = index.highlighter(question, near)
    assert meant in {marks.nearest(part, texts).casefold() for part in near}
    assert any(is_marked for name, text in texts for _, is_marked in marks.pieces(name, text))


def test_what_is_not_misspelt_stays(index: Index) -> None:
    for asked in ({"q": "probation"}, {"q": '"probaton order"'}, {"q": "prb"}, {"q": "123405"}, {"q": "probato*"}):
        assert index.unknown(Question(asked)) == frozenset()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("ab", "ba", 1),
        ("probation", "probaton", 1),
        ("kitten", "sitting", 3),
        ("ca", "abc", 3),
    ],
)
def test_distance(first: str, second: str, expected: int) -> None:
    assert distance(first, second) == distance(second, first) == expected


def test_what_was_asked_for_is_marked(index: Index) -> None:
    marks = index.highlighter(Question({"q": "Nguyễn proba*", "title": "re-entry"}))

    def marked(name: str, text: str) -> list[str]:
        pieces = marks.pieces(name, text)
        assert "".join(piece for piece, _ in pieces) == text
        return [piece for piece, is_marked in pieces if is_marked]

    assert marked("author", "NGUYEN, Thị Hoa") == ["NGUYEN"]
    assert marked("author", unicodedata.normalize("NFD", "Nguyễn")) == [unicodedata.normalize("NFD", "Nguyễn")]
    assert marked("summary", "Probationers, probation & improbable") == ["Probationers", "probation"]
    assert marked("title", "Re-entry") == ["Re", "entry"]
    assert marked("summary", "Re-entry") == []


def test_a_snippet_holds_what_was_asked_for(index: Index) -> None:
    text = "word " * 300 + "probation and prisons " + "word " * 300
    found = index.highlighter(Question({"q": "prisons probation"})).snippet("summary", text, 200)
    assert [piece for piece, is_marked in found if is_marked] == ["probation", "prisons"]
    assert (found[0][0], found[-1][0]) == ("… ", " …")
    assert len("".join(piece for piece, _ in found)) <= 204
    nothing = index.highlighter(Question({"q": "zzz"})).snippet("summary", text, 200)
    assert nothing[0][0].startswith("word")
    assert index.highlighter(Question({})).snippet("summary", "short") == [("short", False)]


@hypothesis.given(st.text(max_size=60), st.sampled_from(["q", "title", "year", "keyword", "type"]))
@hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_only_text(index: Index, typed: str, name: str) -> None:
    """No text is an error, a word more never finds more, and every text can be marked."""
    question = Question({name: typed})
    hits = index.search(question)
    assert index.search(Question({name: typed, "summary": "probation"})).count <= hits.count
    if not typed.strip():
        assert hits.count == len(index)
    near = index.unknown(question)
    index.search(question, near=near)
    marks = index.highlighter(question, near)
    for text in (typed, "probation " + typed * 20):
        assert "".join(piece for piece, _ in marks.pieces(name, text)) == text
        marks.snippet(name, text, 40)


@hypothesis.given(st.text(min_size=1, max_size=40))
@hypothesis.settings(deadline=None, max_examples=50)
def test_what_is_indexed_is_found_as_it_is(text: str) -> None:
    """A title is found by itself, whatever letters it has, if it has any."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        writer = IndexWriter(None, Path(folder))
        source = Source("x", "json_lines", 1, 0, 0, "")
        writer.put(7, "a", 1, Record(source, title=(Value(text),)))
        writer.close()
        index = Index(Path(folder))
        typed = text.replace("*", " ").replace('"', " ")
        asked = Question({"title": typed})
        # who asks for nothing gets everything
        expected = [7] if not typed.strip() or any(part.words for part in asked.parts) else []
        assert index.search(asked).ids == expected
        assert index.search(Question({}), sort="title").ids == [7]


def test_removals_are_carried_out_while_an_index_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "_REMEMBERED", 2)
    source, older = Source("x", "json_lines", 1, 0, 0, ""), tmp_path / "1"
    writer = IndexWriter(None, older)
    for sequence, thing in enumerate((1, 2, 3, 4, 5, 3, 2, 6), 1):
        writer.put(thing, str(thing), sequence, Record(source, title=(Value(f"Version {sequence}"),)))
    writer.remove(4)
    writer.close()
    assert Index(older).sequences(1, 9) == {(1, 1), (5, 5), (3, 6), (2, 7), (6, 8)}
    writer = IndexWriter(older, tmp_path / "2")
    for thing in (1, 2, 3):
        writer.remove(thing)
    writer.abandon()
    assert len(Index(older)) == 5


def test_hostile_input_is_only_text(index: Index) -> None:
    for text in ('"', '""', "\x00", "(((", "a" * 100_000, "AND OR NOT", "title:*", "[1 TO 2]", '="', "=" * 50):
        for name in ("q", "title", "year", "keyword"):
            index.search(Question({name: text}))


def test_records_of_other_formats_are_found_by_the_same_fields(index: Index, published: Settings) -> None:
    assert keys(index, published, {"shelf_number": "inv000001"}) == ["inv000001"]
    record = Catalog(published.DATA_DIR).get("resource", "300101").data["record"]
    publisher = record["publishers"][0]["heading"]["text"]
    assert not record["publication_statement"]
    assert keys(index, published, {"details": f'"{publisher}"', "shelf_number": "300101"}) == ["300101"]
