"""What the validation says: of each record, of the whole set over time, rule by rule, and what is in quarantine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, render_template, request

from publisher import reports
from publisher.addresses import REPORT_RULE, quality_path, report_path
from publisher.errors import NotFound
from publisher.formats import BY_EXTENSION, FORMATS, HTML, content_type, write_graph
from publisher.message import Message
from publisher.reports import Kept, quality
from publisher.validation import SEVERITIES, Finding, Rule, Text
from publisher.web import documents
from publisher.web.failures import NotAcceptable
from publisher.web.languages import N_, gettext, language
from publisher.web.negotiation import choose
from publisher.web.site import here, reading, say_address, site

blueprint = Blueprint("validation", __name__)
CSV = "text/csv"
_FIELD_OF_WHOLE = N_("record")  # of what is noted of a record as a whole
# how a record stands by its gravest finding, as in quality.STANDINGS
_STANDINGS = {
    "refused": N_("records in quarantine"),
    "accepted": N_("records published in spite of a violation"),
    "warning": N_("published records with a warning"),
    "info": N_("published records with no more than a remark"),
}
ORDER: dict[str, int] = {severity: position for position, severity in enumerate(SEVERITIES)}
_LARGEST_ID = 2**63 - 1  # of an SQLite row
# the formats of a report, HTML first
_OF_REPORTS = tuple(row for row in FORMATS if row.name in ("html", "turtle", "json-ld", "rdf-xml", "n-triples"))
_EXTENSIONS = f"any({','.join(row.extension for row in _OF_REPORTS)})"


@blueprint.get(REPORT_RULE, defaults={"extension": ""})
@blueprint.get(f"{REPORT_RULE}.<{_EXTENSIONS}:extension>")
def report(key: str, extension: str) -> Response:
    """The report on a record, published or in quarantine, in the format that the client likes best, or in that of the
    extension. A record whose own key ends so is meant by the address if there is one."""
    catalog = reading().catalog
    whole = f"{key}/validation" + (f".{extension}" if extension else "")
    for other in (whole, whole.removesuffix(f".{extension}")):
        if catalog.find("resource", other) is not None:
            return documents.document("resource", whole)
    say_address(report_path(key, extension))
    kept = reports.of_record(catalog.db, key)
    if not any(row.refused for row in kept):
        try:
            catalog.get("resource", key)
        except NotFound:
            raise NotFound(
                Message("Record “%(key)s” is neither published nor in quarantine here.", key=key[:200])
            ) from None
    name = catalog.names([("resource", key)]).get(("resource", key))
    addresses = site().addresses

    def page() -> str:
        refused = [row for row in kept if row.refused]
        title = name.label if name is not None else refused[0].title
        return render_template(
            "report.html",
            key=key,
            title=title,
            published=name is not None,
            own=next((row for row in kept if not row.refused), None),
            refused=refused,
            formats=[(row.title, row.media_type, here(report_path(key, row.extension))) for row in _OF_REPORTS[1:]],
            **_SAYING,
        )

    def content() -> list[str]:
        return reports.graph(addresses, key, name is not None, kept)

    paths = {row.media_type: report_path(key, row.extension) for row in _OF_REPORTS}
    response = _negotiated(extension, page, content, paths)
    links = [
        f'<{addresses.report(key, row.extension)}>; rel="alternate"; type="{row.media_type}"' for row in _OF_REPORTS
    ]
    links.append(f'<{addresses.report(key)}>; rel="canonical"')
    links.append(f'<{addresses.document("resource", key)}>; rel="describes"')
    response.headers["Link"] = ", ".join(links)
    return response


@blueprint.get("/validation", defaults={"extension": ""})
@blueprint.get("/validation.<any(html,ttl,jsonld,rdf,nt,csv):extension>")
def summary(extension: str) -> Response:
    """The quality of the set: how many records break which rule, in this release and those before it."""
    db, number = reading().catalog.db, reading().number
    first = quality.first_of(db, number, site().settings.VALIDATION_RELEASES)
    measured = reports.measurements(db, first, number)

    def page() -> str:
        found = quality.standings(db, first, number)
        before = {(row.rule, row.severity, row.field): row.records for row in measured if _is(found, 1, row.release)}
        return render_template(
            "validation.html",
            standings=found,
            labels=_STANDINGS,
            faults=[
                (row, _rule_of(row.rule), before.get((row.rule, row.severity, row.field), 0))
                for row in sorted(measured, key=lambda row: (-row.records, ORDER.get(row.severity, 0)))
                if row.release == number and row.rule
            ],
            earlier=found[1] if len(found) > 1 else None,
            quality_path=quality_path,
            unread=reports.count_unread(db),
            field_of=_field,
        )

    def content() -> list[str]:
        return quality.statements(site().addresses, measured, site().settings.TITLE)

    paths = {row.media_type: f"/validation.{row.extension}" for row in _OF_REPORTS} | {CSV: "/validation.csv"}
    return _negotiated(extension, page, content, paths, lambda: quality.table(measured))


@blueprint.get("/validation/quarantine")
def quarantine() -> Response:
    """The records that were refused, with their sources and what is wrong with them."""
    db, size = reading().catalog.db, site().settings.PAGE_SIZE
    after = _after("unread")
    found = reports.unread(db, size + 1, after)
    return _listed(
        "quarantine.html",
        lambda limit, after: reports.quarantine(db, limit, after),
        unread=found[:size],
        unread_after=after,
        unread_following=found[size - 1].id if len(found) > size else 0,
        count=reports.count_unread(db),
    )


@blueprint.get("/validation/records")
def records() -> Response:
    """The records that break one rule."""
    name = request.args.get("rule", "")
    db, number = reading().catalog.db, reading().number
    rows = [row for row in reports.measurements(db, number, number) if row.rule == name and name]
    if not rows:
        raise NotFound(Message("No record breaks a rule of this name."))
    return _listed(
        "broken.html",
        lambda limit, after: reports.breaking(db, name, limit, after),
        rule=_rule_of(name),
        name=name,
        rows=rows,
    )


def _listed(template: str, find: Callable[[int, int], list[Kept]], **more: object) -> Response:
    size = site().settings.PAGE_SIZE
    after = _after("after")
    found = find(size + 1, after)
    catalog = reading().catalog
    body = render_template(
        template,
        kept=found[:size],
        following=found[size - 1].id if len(found) > size else 0,
        after=after,
        names=catalog.names(("resource", row.key) for row in found),
        standing=next(iter(quality.standings(catalog.db, reading().number, reading().number)), None),
        quality_path=quality_path,
        report_path=report_path,
        **_SAYING,
        **more,
    )
    return _answer(body, f"{HTML}; charset=utf-8", "html")


def _after(name: str) -> int:
    """The id after which a page begins, as the parameter of that name has it."""
    return min(max(request.args.get(name, 0, type=int), 0), _LARGEST_ID)


def _is(found: list[quality.Standing], position: int, release: int) -> bool:
    return len(found) > position and found[position].release == release


def _rule_of(name: str) -> Rule | None:
    """The rule of a name, None for a note or a rule that there is no more."""
    return site().rules(language()).get(name)


def _field(name: str) -> str:
    """The name of a field in the language of the page."""
    return gettext(site().shapes.label(name, language()))


def _words(finding: Finding) -> list[Text]:
    """What a finding says and what is to be done, in the language of the page; as it was said where its rule says
    something else by now, and in English if the reader or the mapping has noted it."""
    shapes = site().shapes
    known = site().settings.REPORT_LANGUAGE if finding.shape else "en"
    return [
        (finding.shape and shapes.translated(finding.shape, text, language())) or Text.of(text, known)
        for text in (finding.message, finding.repair)
    ]


def _negotiated(
    extension: str,
    page: Callable[[], str],
    content: Callable[[], list[str]],
    paths: Mapping[str, str],
    table: Callable[[], str] | None = None,
) -> Response:
    """A graph, as a page, in the syntaxes of RDF, or as a table, in the format of the extension or by `Accept`; `paths`
    are those of the formats that there are, by media type."""
    offers = [(row.media_type, *row.aliases) for row in _OF_REPORTS] + ([(CSV,)] if table else [])
    if extension == "csv":
        media_type, index = CSV, len(_OF_REPORTS)
    elif extension:
        media_type = BY_EXTENSION[extension].media_type
        index = next(n for n, row in enumerate(_OF_REPORTS) if row.extension == extension)
    else:
        chosen = choose(request.headers.get("Accept"), offers)
        if chosen is None:
            raise NotAcceptable([(name, here(path)) for name, path in paths.items()])
        index, media_type = chosen
    if table is not None and index == len(_OF_REPORTS):
        response = _answer(table(), f"{CSV}; charset=utf-8; header=present", "csv")
    else:
        row = _OF_REPORTS[index]
        body = page() if index == 0 else write_graph(site().mapping, content(), row.name)
        response = _answer(body, content_type(media_type), row.extension)
    if not extension:
        response.vary.add("Accept")
        response.headers["Content-Location"] = here(paths[offers[index][0]])
    return response


def _answer(body: str | bytes, content_type: str, extension: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={site().settings.CACHE_SECONDS}"
    spoken = f"-{language()}" if extension == "html" else ""
    response.set_etag(f"r{reading().number}-{extension}{spoken}-{site().fingerprint}")
    response.make_conditional(request)
    return response


# what the templates of findings ask
_SAYING = {"rule_of": _rule_of, "field_of": _field, "words_of": _words}
