"""The commands of who runs the site: serve, releases, comparison, copies, settings."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

import click

from publisher import dumps, pipeline, releases, use
from publisher.addresses import Addresses
from publisher.catalog import Catalog
from publisher.cli.program import REFUSED, main, read_settings, show_progress, show_sending, tell
from publisher.message import on_one_line
from publisher.settings import Settings

SHOWN = 1000  # differences that `verify` lists


@main.command()
@click.option("--host", help="Address to listen on (setting HOST).")
@click.option("--port", type=int, help="Port to listen on (setting PORT).")
@click.option("--workers", type=int, help="Server processes (setting WEB_WORKERS).")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Show the published records on the web."""
    from publisher.web.server import serve as run

    settings = read_settings(HOST=host, PORT=port, WEB_WORKERS=workers)
    run(settings, click.echo)


@main.command()
def status() -> None:
    """Show what is published here."""
    settings = read_settings()
    catalog = Catalog(settings.DATA_DIR)
    with catalog.snapshot() as number:
        if not number:
            click.echo(f"Nothing is published in {settings.DATA_DIR}.")
            return
        release = catalog.releases()[0]
        click.echo(f"Folder:    {settings.DATA_DIR}")
        click.echo(f"Address:   {catalog.base()}")
        click.echo(f"Release:   {number}, published {catalog.latest()} ({on_one_line(release.reason)})")
        if catalog.place() != "embedded":
            waiting = catalog.waiting()
            state = f"not yet at this release: {waiting} graphs are left to be sent" if waiting else "at this release"
            click.echo(f"Store:     {catalog.place()}, {state}")
        for kind in ("resource", "agent", "concept", "place"):
            click.echo(f"{(kind.capitalize() + 's:'):<11}{catalog.count(kind)}")


@main.command(name="releases")
def list_releases() -> None:
    """List the releases, the newest first."""
    catalog = Catalog(read_settings().DATA_DIR)
    current = catalog.current()
    click.echo("release  published             created  changed  withdrawn  records  reason")
    for row in catalog.releases():
        mark = "*" if row.number == current else " "
        click.echo(
            f"{row.number:>6}{mark}  {row.published}  {row.created:>7}  {row.changed:>7}  {row.withdrawn:>9}"
            f"  {row.resources:>7}  {on_one_line(row.reason)}"
        )


@main.command()
@click.argument("release", type=int)
def rollback(release: int) -> None:
    """Publish again what an earlier release held, as a new release."""
    number = pipeline.rollback(read_settings(), release)
    click.echo(f"Release {number} is current." if number else f"Release {release} is what is published: nothing to do.")


@main.command()
@click.option("--repair", is_flag=True, help="Mend what differs, and go on sending to a remote store.")
@click.option("--rebuild", is_flag=True, help="Make the graphs and the search index anew from the catalog.")
def verify(repair: bool, rebuild: bool) -> None:
    """Compare the graphs and the search index with the catalog."""
    settings = read_settings()
    count = Catalog(settings.DATA_DIR).count()
    if rebuild:
        with show_progress("Rebuilding", 2 * count) as progress, show_sending() as sending:
            number = releases.rebuild(settings, progress, sending)
        click.echo(f"Release {number} was made from the catalog and is current.")
    if repair:
        with show_progress("Comparing", count) as progress, show_sending() as sending:
            mended, total = releases.repair(settings, progress, sending)
        for message in mended[:SHOWN]:
            click.echo(f"mended: {message}")
        click.echo(f"{total} differences were mended." if total else "There was nothing to mend.")
    differing = 0
    with show_progress("Comparing", count) as progress:
        for difference in releases.differences(settings, progress):
            differing += 1
            if differing <= SHOWN:
                tell(difference.message)
    if differing > SHOWN:
        tell(f"… and {differing - SHOWN} more")
    if waiting := Catalog(settings.DATA_DIR).waiting():
        tell(f"{waiting} graphs are left to be sent to the store; --repair sends them.")
    click.echo(
        f"{differing} differences; --repair mends them."
        if differing
        else "The graphs and the search index are as the catalog says."
    )
    sys.exit(REFUSED if differing or waiting else 0)


@main.command()
def rebase() -> None:
    """Publish everything anew under another BASE_URL: every IRI changes, and harvesters hear of each record."""
    settings = read_settings()
    total = 3 * Catalog(settings.DATA_DIR).count()
    with show_progress("Publishing", total) as progress, show_sending() as sending:
        number = releases.rebase(settings, progress, sending)
    click.echo(f"Release {number} is current, under {settings.base}" if number else "That is its address already.")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Copy everything that is published to a new folder, while everything runs; it can be served as it is."""
    number = releases.backup(read_settings(), target)
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
    settings = read_settings()
    if whole:
        _export_site(settings, folder)
        return
    names = formats or settings.DUMPS or tuple(dumps.BY_NAME)
    if folder is None:
        release = pipeline.announce_dumps(settings, names)
        if release:
            click.echo(f"Release {release} is current; it says that there are dumps.")
    with show_progress("Writing", Catalog(settings.DATA_DIR).count()) as progress:
        if folder is None:
            folder = dumps.renew(settings, names, progress)
        else:
            dumps.write(settings, folder, names, progress)
    for row in (folder / dumps.SUMS).read_text("ascii").splitlines():
        name = row.partition("  ")[2]
        click.echo(f"{(folder / name).stat().st_size:>14,}  {folder / name}")


def _export_site(settings: Settings, folder: Path | None) -> None:
    from publisher.web.site_copy import write

    if folder is None:
        raise click.UsageError("Name a folder for the site.")
    with show_progress("Writing", Catalog(settings.DATA_DIR).count()) as progress:
        count, left_out = write(settings, folder, progress)
    for path in left_out:
        tell(f"left out: {path}: no file can have this name")
    click.echo(f"{count} files in {folder / 'data'}; {folder / 'nginx.conf'} serves them.")


@main.command(name="use")
@click.option("--since", default="", help="From this day on, such as 2026-01-31.")
@click.option("--until", default="9999", show_default=False, help="Up to this day.")
@click.option("--format", "output", type=click.Choice(["csv", "turtle"]), default="csv", show_default=True)
def show_use(since: str, until: str, output: str) -> None:
    """Show how the site was used, day by day: requests by door, operation, format and kind of client."""
    settings = read_settings()
    rows = use.report(settings.DATA_DIR, since, until)
    click.echo(use.as_csv(rows) if output == "csv" else use.as_turtle(rows, Addresses(settings.base)), nl=False)


@main.command(name="settings")
def show_settings() -> None:
    """List the settings: name, value and what it is for."""
    settings = read_settings()
    for row in fields(Settings):
        value = getattr(settings, row.name)
        shown = " ".join(value) if isinstance(value, tuple) else value
        changed = "" if value == row.default else f" (default: {row.default})"
        if row.metadata["secret"]:
            shown, changed = "(set)" if value else "", ""
        click.echo(f"{row.name} = {shown}{changed}\n    {row.metadata['help']}")
