"""The commands that bring records in, look at them, and take them back."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from publisher import pipeline
from publisher.cli.program import REFUSED, main, read_settings, show, show_progress, show_sending, size, tell
from publisher.cli.reports import REPORTS
from publisher.formats import write_descriptions
from publisher.harvest.client import done, fetch, prove
from publisher.harvest.repository import without_password
from publisher.mapping import Mapping, explanation
from publisher.readers import READERS
from publisher.validation import Finding, renderings

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
FORMAT = click.option(
    "--format", "format_name", type=click.Choice(list(READERS)), help="The format, if the files do not show it."
)
WORKERS = click.option("--workers", type=int, help="Processes that map and validate (setting WORKERS).")


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
    settings = read_settings(WORKERS=workers)
    with show_progress("Checking" if dry_run else "Publishing", size(paths)) as progress, show_sending() as sending:
        if dry_run:
            summary = pipeline.Summary(listener=_shown(infos))
            for _, fit in pipeline.judge(pipeline.check(settings, paths, summary, format_name, progress), summary):
                summary.published += fit
        else:
            summary = pipeline.load(settings, paths, format_name, progress, "", _shown(infos), sending)
    for name in summary.skipped:
        tell(f"skipped: {name}: in no format that we read")
    _conclude(summary, dry_run=dry_run)


def _shown(infos: bool) -> pipeline.Listener:
    """Shows findings as they come, record by record, so that they need not be kept until a long load ends."""

    def show(findings: Sequence[Finding]) -> None:
        for line in renderings.text(finding for finding in findings if infos or finding.severity != "info"):
            tell(line)

    return show


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
        tell(f"Error: {summary.behind}")
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
    settings = read_settings()

    def say(line: str) -> None:
        tell(line)

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
    with show_progress("Publishing", size(found.pages)) as progress, show_sending() as sending:
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
    settings = read_settings(WORKERS=workers, REPORT_LANGUAGE=language)
    summary = pipeline.Summary()
    with show_progress("Checking", size(paths)) as progress:
        checked = pipeline.check(settings, paths, summary, format_name, progress)
        passed = sum(fit for _, fit in pipeline.judge(checked, summary))
    show(f"{line}\n".encode() for line in REPORTS[report_format](settings, summary, passed))
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
    settings = read_settings()
    mapping = Mapping(settings)
    summary = pipeline.Summary(listener=_shown(False))
    records = pipeline.records(settings, paths, format_name, summary)
    described = (mapping.describe(record, explain=explain) for record in records)
    if explain:
        show(f"{line}\n".encode() for line in explanation.explain(mapping.addresses.base, mapping.context, described))
    else:
        show(write_descriptions(mapping, described, to))
    sys.exit(REFUSED if summary.refused else 0)


@main.command(name="move")
@click.argument("old")
@click.argument("new")
def move_key(old: str, new: str) -> None:
    """Let the address of the record OLD lead to the record NEW, which it has become.

    NEW is published already; OLD is withdrawn, so that harvesters hear of it, and its addresses answer 301.
    """
    release = pipeline.move_key(read_settings(), old, new)
    click.echo(f"Release {release} is current." if release else f"{old} leads to {new} already: nothing to do.")


@main.command()
@click.argument("keys", nargs=-1, required=True)
def withdraw(keys: tuple[str, ...]) -> None:
    """Take records back by their shelf numbers: their addresses answer 410 from then on.

    Records in quarantine are taken out of it for good.
    """
    release, missing = pipeline.withdraw(read_settings(), keys)
    for key in missing:
        tell(f"Error: {key}: there is no record with this shelf number, published or in quarantine.")
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
    release = pipeline.accept(read_settings(), key, who, why, place)
    click.echo(f"{key} is published as it is. Release {release} is current.")
