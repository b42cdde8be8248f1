"""The commands: each reads its arguments, makes one call into the core, and shows the answer.

Exit status: 0 fine, 1 some records were refused (or a comparison failed), 2 wrong use or settings.
"""

from __future__ import annotations

import getpass
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import click
import orjson
from pyoxigraph import BlankNode
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from publisher import __version__, dumps, pipeline, releases, use
from publisher import settings as settings_table
from publisher.addresses import Addresses
from publisher.authorities import linking
from publisher.authorities.statements import RELATIONS
from publisher.catalog import Catalog
from publisher.errors import PublisherError, StoreBehind
from publisher.formats import write_descriptions, write_graph
from publisher.harvest.client import done, fetch, prove
from publisher.harvest.repository import without_password
from publisher.mapping import Mapping, explanation, lines
from publisher.readers import READERS
from publisher.releases.delivery import Sending
from publisher.settings import Settings
from publisher.validation import Finding, Shapes, renderings, statements

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
FORMAT = click.option(
    "--format", "format_name", type=click.Choice(list(READERS)), help="The format, if the files do not show it."
)
WORKERS = click.option("--workers", type=int, help="Processes that map and validate (setting WORKERS).")
GRAPH_OUTPUTS = ("turtle", "nt", "rdfxml", "jsonld")
REFUSED = 1
SHOWN = 1000  # differences that `verify` lists


def _as_text(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    yield from renderings.text(summary.findings)
    yield from (f"skipped: {name}: in no format that we read" for name in summary.skipped)
    yield from filter(None, [str(summary.coverage)])
    yield f"{summary.read} read, {passed} fit to publish, {summary.warned} with warnings, {summary.refused} refused"


def _as_json(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    counts = {"read": summary.read, "passed": passed, "warned": summary.warned, "refused": summary.refused}
    report: dict[str, Any] = {**counts, "coverage": summary.coverage.counts, "skipped": summary.skipped}
    report["findings"] = [asdict(finding) for finding in summary.findings]
    yield orjson.dumps(report, option=orjson.OPT_INDENT_2).decode()


def _as_turtle(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    report = statements(BlankNode("report"), summary.findings, settings.base)
    yield write_graph(Mapping(settings), lines(report), "turtle").decode()


def _as_sarif(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    rules = Shapes(settings.base, settings.SHAPES_DIR, settings.REPORT_LANGUAGE).described()
    log = renderings.sarif(summary.findings, rules, settings.base, __version__)
    yield orjson.dumps(log, option=orjson.OPT_INDENT_2).decode()


def _as_github(settings: Settings, summary: pipeline.Summary, passed: int) -> Iterator[str]:
    return renderings.github(summary.findings)


REPORTS = {"text": _as_text, "json": _as_json, "turtle": _as_turtle, "sarif": _as_sarif, "github": _as_github}


class _Commands(click.Group):
    """Shows every error of ours as one sentence, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except PublisherError as error:
            click.echo(f"Error: {error}", err=True)
            if pointer := getattr(error, "pointer", ""):  # to the place in a query
                click.echo(pointer, err=True)
            context.exit(REFUSED if isinstance(error, StoreBehind) else 2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="publisher")
@click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file, not ./publisher.toml.")
@click.option("--data-dir", "data_dir", type=click.Path(path_type=Path), help="Folder of the data (setting DATA_DIR).")
@click.pass_context
def main(context: click.Context, config: Path | None, data_dir: Path | None) -> None:
    """Publishes library records as linked data.

    \b
    publisher load data/        read, map, validate and publish the records of a folder
    publisher serve             show them on the web
    """
    context.obj = (config, data_dir)


def _settings(**overrides: Any) -> Settings:
    config, data_dir = click.get_current_context().obj
    return settings_table.load(config, DATA_DIR=data_dir, **overrides)


def _size(paths: Sequence[Path]) -> int:
    """The bytes of the files, those in folders included."""
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    return sum(file.stat().st_size for file in files if file.is_file())


@contextmanager
def _progress(title: str, total: int) -> Iterator[pipeline.Progress]:
    """A progress bar, on a terminal only; what it gives is told how much was done since it was last told."""
    console = Console(stderr=True)
    percentage = TextColumn("{task.percentage:.0f} %")
    columns = (TextColumn("{task.description}"), BarColumn(), percentage, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def _sending() -> Iterator[Sending]:
    """The same for what a remote store is given; shown when the first of it has gone."""
    with ExitStack() as stack:
        advance: pipeline.Progress | None = None

        def sending(done: int, total: int) -> None:
            nonlocal advance
            if advance is None:
                advance = stack.enter_context(_progress("Sending", total))
            advance(done)

        yield sending


def _shown(infos: bool) -> pipeline.Listener:
    """Shows findings as they come, record by record, so that they need not be kept until a long load ends."""

    def show(findings: Sequence[Finding]) -> None:
        for line in renderings.text(finding for finding in findings if infos or finding.severity != "info"):
            click.echo(line, err=True)

    return show


@main.command()
@PATHS
@FORMAT
@WORKERS
@click.option("--dry-run", is_flag=True, help="Say what would happen, and publish nothing.")
@click.option("--infos", is_flag=True, help="Show remarks as well as warnings and violations.")
def load(paths: tuple[Path, ...], format_name: str | None, workers: int | None, dry_run: bool, infos: bool) -> None:
    """Read records from files or folders and publish them, all at once.

    A record with a violation is refused and the others are published; the exit status is then 1.
    """
    settings = _settings(WORKERS=workers)
    with _progress("Checking" if dry_run else "Publishing", _size(paths)) as progress, _sending() as sending:
        if dry_run:
            summary = pipeline.Summary(listener=_shown(infos))
            for _, fit in pipeline.judge(pipeline.check(settings, paths, summary, format_name, progress), summary):
                summary.published += fit
        else:
            summary = pipeline.load(settings, paths, format_name, progress, "", _shown(infos), sending)
    for name in summary.skipped:
        click.echo(f"skipped: {name}: in no format that we read", err=True)
    _conclude(summary, dry_run=dry_run)


def _conclude(summary: pipeline.Summary, *, dry_run: bool = False, whole: bool = True) -> None:
    """Says what became of the records, and ends with the exit status that this deserves."""
    verb = "would be published" if dry_run else "published"
    withdrawn = f"{summary.withdrawn} withdrawn, " if summary.withdrawn else ""
    withdrawn += f"{summary.moved} moved, " if summary.moved else ""
    click.echo(
        f"{summary.published} {verb}, {summary.unchanged} unchanged, {withdrawn}"
        f"{summary.warned} with warnings, {summary.refused} refused"
    )
    if str(summary.coverage):
        click.echo(summary.coverage)
    if not dry_run:
        click.echo(f"Release {summary.release} is current." if summary.release else "Nothing changed: no new release.")
    if summary.behind:
        click.echo(f"Error: {summary.behind}", err=True)
    sys.exit(REFUSED if summary.refused or summary.behind or not whole else 0)


@main.command()
@click.argument("url")
@click.option("--prefix", default="", help="metadataPrefix; else ours, else MARC if it is offered, else oai_dc.")
@click.option("--set", "set_name", default="", help="Only this set.")
@click.option("--since", default="", help="From this day or second on, instead of from the last harvest on.")
@click.option("--until", default="", help="Up to this day or second.")
@click.option("--full", is_flag=True, help="Everything, whatever was harvested before.")
@click.option("--follow-redirects", "elsewhere", is_flag=True, help="Follow redirects to other hosts.")
@click.option("--verify", "verified", is_flag=True, help="Then prove by the repository's receipt that all is here.")
@click.option("--infos", is_flag=True, help="Show remarks as well as warnings and violations.")
def harvest(
    url: str,
    prefix: str,
    set_name: str,
    since: str,
    until: str,
    full: bool,
    elsewhere: bool,
    verified: bool,
    infos: bool,
) -> None:
    """Fetch the records of another library by OAI-PMH and publish them.

    URL is the base URL of its repository. The next harvest goes on where this one ends; records deleted there are
    withdrawn here; what is interrupted is resumed.
    """
    settings = _settings()

    def say(line: str) -> None:
        click.echo(line, err=True)

    found = fetch(
        settings,
        url,
        prefix=prefix,
        set_name=set_name,
        since=since,
        until=until,
        full=full,
        elsewhere=elsewhere,
        pause=settings.HARVEST_PAUSE,
        timeout=settings.HARVEST_TIMEOUT,
        retries=settings.HARVEST_RETRIES,
        say=say,
    )
    with _progress("Publishing", _size(found.pages)) as progress, _sending() as sending:
        reason = f"harvest {without_password(url)}"
        summary = pipeline.load(settings, found.pages, found.format, progress, reason, _shown(infos), sending)
    done(found)
    proof = prove(settings, url, prefix, set_name, say) if verified else None
    if proof is not None:
        click.echo(proof)
    _conclude(summary, whole=proof is None or proof.holds)


@main.command()
@PATHS
@FORMAT
@WORKERS
@click.option("--report-format", type=click.Choice(list(REPORTS)), default="text", show_default=True)
@click.option("--language", help="Language of what the rules say (setting REPORT_LANGUAGE).")
def check(
    paths: tuple[Path, ...], format_name: str | None, workers: int | None, report_format: str, language: str | None
) -> None:
    """Validate records without publishing them, and print the report.

    text is grouped by record; turtle is a SHACL report; sarif and github are for records that are kept in git.
    """
    settings = _settings(WORKERS=workers, REPORT_LANGUAGE=language)
    summary = pipeline.Summary()
    with _progress("Checking", _size(paths)) as progress:
        checked = pipeline.check(settings, paths, summary, format_name, progress)
        passed = sum(fit for _, fit in pipeline.judge(checked, summary))
    for line in REPORTS[report_format](settings, summary, passed):
        click.echo(line)
    sys.exit(REFUSED if summary.refused else 0)


@main.command(name="map")
@PATHS
@FORMAT
@click.option(
    "--to", type=click.Choice(["turtle", "nt", "jsonld", "trig", "nquads"]), default="turtle", show_default=True
)
@click.option("--explain", is_flag=True, help="Show them in Turtle under the field and line that each comes from.")
def map_records(paths: tuple[Path, ...], format_name: str | None, to: str, explain: bool) -> None:
    """Print the triples of records, published or not."""
    if explain and to != "turtle":
        raise click.UsageError("--explain writes Turtle only, since the explanation stands in its comments.")
    settings = _settings()
    mapping = Mapping(settings)
    summary = pipeline.Summary(listener=_shown(False))
    described = (mapping.describe(record, explain=explain) for record in pipeline.records(paths, format_name, summary))
    if explain:
        for line in explanation.explain(mapping.addresses.base, mapping.context, described):
            click.echo(line)
    else:
        write_descriptions(mapping, described, to, sys.stdout.buffer)
    sys.exit(REFUSED if summary.refused else 0)


@main.group(name="authorities")
def authority_files() -> None:
    """Link the headings to those of other libraries, merge them or split them, as reviewed tables say."""


@authority_files.command(name="load")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--who", default=getpass.getuser, help="Who accepts the links; else the name of the account.")
@click.option("--how", default="", help="How they were found and reviewed; published with them.")
@click.option("--kind", type=click.Choice(linking.MATCHED), help="Of what the file speaks, where it does not say so.")
@click.option("--relation", type=click.Choice(list(RELATIONS)), help="How it matches, where the file does not say so.")
@click.option("--dry-run", is_flag=True, help="Say what would be accepted, and accept nothing.")
def load_authorities(path: Path, who: str, how: str, kind: str | None, relation: str | None, dry_run: bool) -> None:
    """Accept what a file says of our headings.

    \b
    FILE is a table (CSV, TSV) with the columns
      heading, iri               what the heading is elsewhere; kind and relation (exact, close) may stand beside
      heading, becomes           two headings that are one: the first leads to the second from then on
      heading, record, becomes   in this one record the heading is another
    or a vocabulary in RDF (SKOS), whose labels are compared with the headings.

    What the file of this name said before is taken back. What is ambiguous is reported and not accepted.
    """
    how = how or ("reviewed table" if path.suffix.lower() in (".csv", ".tsv", ".txt") else "equal labels")
    attribute = RELATIONS[relation] if relation else ""
    outcome = linking.load(_settings(), path, who, how, kind or "", attribute, dry_run)
    for sentence in outcome.said:
        click.echo(sentence, err=True)
    click.echo(outcome)
    if not dry_run:
        click.echo(f"Release {outcome.release} is current." if outcome.release else "Nothing changed: no new release.")
    sys.exit(REFUSED if outcome.ambiguous or outcome.wrong else 0)


@authority_files.command(name="list")
def list_authorities() -> None:
    """List the files of which something was accepted."""
    for linkset in linking.accepted(_settings()):
        click.echo(f"{linkset.name}: {linkset.links} links, {linkset.how}, {linkset.who}, {linkset.when}")


@authority_files.command(name="remove")
@click.argument("name")
def remove_authorities(name: str) -> None:
    """Take back what the file of this name said."""
    click.echo(f"Release {linking.remove(_settings(), name)} is current.")


@main.command(name="move")
@click.argument("old")
@click.argument("new")
def move_key(old: str, new: str) -> None:
    """Let the address of the record OLD lead to the record NEW, which it has become.

    NEW is published already; OLD is withdrawn, so that harvesters hear of it, and its addresses answer 301.
    """
    release = pipeline.move_key(_settings(), old, new)
    click.echo(f"Release {release} is current." if release else f"{old} leads to {new} already: nothing to do.")


@main.command()
@click.argument("keys", nargs=-1, required=True)
def withdraw(keys: tuple[str, ...]) -> None:
    """Take records back by their shelf numbers: their addresses answer 410 from then on.

    Records in quarantine are taken out of it for good.
    """
    release, missing = pipeline.withdraw(_settings(), keys)
    for key in missing:
        click.echo(f"Error: {key}: there is no record with this shelf number, published or in quarantine.", err=True)
    click.echo(f"{len(keys) - len(missing)} withdrawn")
    if release:
        click.echo(f"Release {release} is current.")
    sys.exit(REFUSED if missing else 0)


@main.command()
@click.argument("key")
@click.option("--why", required=True, help="The reason, which is published with the record.")
@click.option("--who", default=getpass.getuser, help="Who decides so; else the name of the account.")
@click.option("--place", default="", help="FILE:LINE of the record, where two in quarantine have the same number.")
def accept(key: str, why: str, who: str, place: str) -> None:
    """Publish a record of the quarantine in spite of its faults.

    KEY is its shelf number. A later load of the same record finds it accepted; one with other faults is refused again.
    """
    if not why.strip() or not who.strip():
        raise click.UsageError("--why and --who must not be empty.")
    release = pipeline.accept(_settings(), key, who, why, place)
    click.echo(f"{key} is published as it is. Release {release} is current.")


@main.command()
@click.option("--host", help="Address to listen on (setting HOST).")
@click.option("--port", type=int, help="Port to listen on (setting PORT).")
@click.option("--workers", type=int, help="Server processes (setting WEB_WORKERS).")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Show the published records on the web."""
    from publisher.web.server import serve as run

    settings = _settings(HOST=host, PORT=port, WEB_WORKERS=workers)
    run(settings, click.echo)


@main.command(name="query")
@click.argument("query")
@click.option(
    "--output", type=click.Choice(["table", "json", "xml", "csv", "tsv", *GRAPH_OUTPUTS]), help="How to print it."
)
@click.option("--file", "target", type=click.Path(path_type=Path, dir_okay=False), help="Write into this file.")
@click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="Of a named query.")
def query_command(query: str, output: str | None, target: Path | None, given: tuple[str, ...]) -> None:
    """Ask the published graphs in SPARQL.

    QUERY is a file with the query, - for standard input, the query itself, or the name of a named query, whose
    parameters are given by -p. Without --output, a table is printed, or Turtle for a graph; a file gets CSV.
    """
    from publisher.query import form
    from publisher.query.published import ask

    settings = _settings()
    text = _query_text(settings, query, given)
    is_graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    chosen = output or ("turtle" if is_graph else "csv" if target else "table")
    if is_graph != (chosen in GRAPH_OUTPUTS):
        raise click.UsageError(f"The result of this query cannot be written as {chosen}.")
    if target and chosen == "table":
        raise click.UsageError("A table is for reading; write csv, tsv, json or xml into a file.")
    with ask(settings, text, "json" if chosen == "table" else chosen) as answer:
        if chosen == "table":
            _table(orjson.loads(answer.body.read()))
        elif target:
            with target.open("wb") as file:
                shutil.copyfileobj(answer.body, file)
        else:
            shutil.copyfileobj(answer.body, sys.stdout.buffer)
        if answer.truncated:
            click.echo(f"The result was cut after {settings.SPARQL_MAX_ROWS} rows (SPARQL_MAX_ROWS).", err=True)
        if answer.matches_cut:
            click.echo(f"A text search found more than {settings.SPARQL_MAX_MATCHES} (SPARQL_MAX_MATCHES).", err=True)


def _query_text(settings: Settings, query: str, given: tuple[str, ...]) -> str:
    """What QUERY and -p mean: the text of the query."""
    from publisher.query.named import named_queries

    if named := named_queries(settings).get(query):
        values = dict(pair.partition("=")[::2] for pair in given)
        known = [parameter.name for parameter in named.parameters]
        if wrong := sorted(set(values) - set(known)):
            raise click.UsageError(f"{query} has no parameter {wrong[0]}; it has {', '.join(known) or 'none'}.")
        return named.bound(values, settings.LANGUAGE)
    if given:
        raise click.UsageError(f"{query} is no named query, so that it has no parameters.")
    if query == "-":
        return sys.stdin.read()
    path = Path(query)
    try:
        return path.read_text("utf-8") if len(query) < 1000 and path.is_file() else query
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{query}: the file cannot be read ({error}).") from None


def _table(result: dict[str, Any]) -> None:
    if "boolean" in result:
        click.echo("yes" if result["boolean"] else "no")
        return
    table = Table()
    for name in result["head"]["vars"]:
        table.add_column(name, overflow="fold")
    for row in result["results"]["bindings"]:
        table.add_row(*(row[name]["value"] if name in row else "" for name in result["head"]["vars"]))
    Console().print(table, markup=False)


@main.command()
def status() -> None:
    """Show what is published here."""
    settings = _settings()
    catalog = Catalog(settings.DATA_DIR)
    with catalog.snapshot() as number:
        if not number:
            click.echo(f"Nothing is published in {settings.DATA_DIR}.")
            return
        release = catalog.releases()[0]
        click.echo(f"Folder:    {settings.DATA_DIR}")
        click.echo(f"Address:   {catalog.base()}")
        click.echo(f"Release:   {number}, published {catalog.latest()} ({release.reason})")
        if catalog.place() != "embedded":
            waiting = catalog.waiting()
            state = f"not yet at this release: {waiting} graphs are left to be sent" if waiting else "at this release"
            click.echo(f"Store:     {catalog.place()}, {state}")
        for kind in ("resource", "agent", "concept", "place"):
            click.echo(f"{(kind.capitalize() + 's:'):<11}{catalog.count(kind)}")


@main.command(name="releases")
def list_releases() -> None:
    """List the releases, the newest first."""
    catalog = Catalog(_settings().DATA_DIR)
    current = catalog.current()
    click.echo("release  published             created  changed  withdrawn  records  reason")
    for row in catalog.releases():
        mark = "*" if row.number == current else " "
        click.echo(
            f"{row.number:>6}{mark}  {row.published}  {row.created:>7}  {row.changed:>7}  {row.withdrawn:>9}"
            f"  {row.resources:>7}  {row.reason}"
        )


@main.command()
@click.argument("release", type=int)
def rollback(release: int) -> None:
    """Publish again what an earlier release held, as a new release."""
    number = pipeline.rollback(_settings(), release)
    click.echo(f"Release {number} is current." if number else f"Release {release} is what is published: nothing to do.")


@main.command()
@click.option("--repair", is_flag=True, help="Mend what differs, and go on sending to a remote store.")
@click.option("--rebuild", is_flag=True, help="Make the graphs and the search index anew from the catalog.")
def verify(repair: bool, rebuild: bool) -> None:
    """Compare the graphs and the search index with the catalog."""
    settings = _settings()
    count = Catalog(settings.DATA_DIR).count()
    if rebuild:
        with _progress("Rebuilding", 2 * count) as progress, _sending() as sending:
            number = releases.rebuild(settings, progress, sending)
        click.echo(f"Release {number} was made from the catalog and is current.")
    if repair:
        with _progress("Comparing", count) as progress, _sending() as sending:
            mended, total = releases.repair(settings, progress, sending)
        for message in mended[:SHOWN]:
            click.echo(f"mended: {message}")
        click.echo(f"{total} differences were mended." if total else "There was nothing to mend.")
    differing = 0
    with _progress("Comparing", count) as progress:
        for difference in releases.differences(settings, progress):
            differing += 1
            if differing <= SHOWN:
                click.echo(difference.message, err=True)
    if differing > SHOWN:
        click.echo(f"… and {differing - SHOWN} more", err=True)
    if waiting := Catalog(settings.DATA_DIR).waiting():
        click.echo(f"{waiting} graphs are left to be sent to the store; --repair sends them.", err=True)
    click.echo(
        f"{differing} differences; --repair mends them."
        if differing
        else "The graphs and the search index are as the catalog says."
    )
    sys.exit(REFUSED if differing or waiting else 0)


@main.command()
def rebase() -> None:
    """Publish everything anew under another BASE_URL: every IRI changes, and harvesters hear of each record."""
    settings = _settings()
    total = 3 * Catalog(settings.DATA_DIR).count()
    with _progress("Publishing", total) as progress, _sending() as sending:
        number = releases.rebase(settings, progress, sending)
    click.echo(f"Release {number} is current, under {settings.base}" if number else "That is its address already.")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Copy everything that is published to a new folder, while everything runs; it can be served as it is."""
    number = releases.backup(_settings(), target)
    click.echo(f"Release {number} is in {target}; use it with --data-dir {target}.")


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(list(dumps.BY_NAME)), help="Only this; repeatable."
)
@click.option("--site", "whole", is_flag=True, help="The whole site as files that any web server can serve.")
def export(folder: Path | None, formats: tuple[str, ...], whole: bool) -> None:
    """Write everything that is published into files, with checksums.

    Without FOLDER these are the dumps that the site offers at /dump/.
    """
    settings = _settings()
    if whole:
        _export_site(settings, folder)
        return
    names = formats or settings.DUMPS or tuple(dumps.BY_NAME)
    if folder is None:
        release = pipeline.announce_dumps(settings, names)
        if release:
            click.echo(f"Release {release} is current; it says that there are dumps.")
    with _progress("Writing", Catalog(settings.DATA_DIR).count()) as progress:
        if folder is None:
            folder = dumps.renew(settings, names, progress)
        else:
            dumps.write(settings, folder, names, progress)
    for row in (folder / dumps.SUMS).read_text("ascii").splitlines():
        name = row.partition("  ")[2]
        click.echo(f"{(folder / name).stat().st_size:>14,}  {folder / name}")


@main.command(name="use")
@click.option("--since", default="", help="From this day on, such as 2026-01-31.")
@click.option("--until", default="9999", show_default=False, help="Up to this day.")
@click.option("--format", "output", type=click.Choice(["csv", "turtle"]), default="csv", show_default=True)
def show_use(since: str, until: str, output: str) -> None:
    """Show how the site was used, day by day: requests by door, operation, format and kind of client."""
    settings = _settings()
    rows = use.report(settings.DATA_DIR, since, until)
    click.echo(use.as_csv(rows) if output == "csv" else use.as_turtle(rows, Addresses(settings.base)), nl=False)


def _export_site(settings: Settings, folder: Path | None) -> None:
    from publisher.web.site_copy import write

    if folder is None:
        raise click.UsageError("Name a folder for the site.")
    with _progress("Writing", Catalog(settings.DATA_DIR).count()) as progress:
        count, left_out = write(settings, folder, progress)
    for path in left_out:
        click.echo(f"left out: {path}: no file can have this name", err=True)
    click.echo(f"{count} files in {folder / 'data'}; {folder / 'nginx.conf'} serves them.")


@main.command(name="settings")
def show_settings() -> None:
    """List the settings: name, value and what it is for."""
    settings = _settings()
    for row in fields(Settings):
        value = getattr(settings, row.name)
        shown = " ".join(value) if isinstance(value, tuple) else value
        changed = "" if value == row.default else f" (default: {row.default})"
        if row.metadata["secret"]:
            shown, changed = "(set)" if value else "", ""
        click.echo(f"{row.name} = {shown}{changed}\n    {row.metadata['help']}")
