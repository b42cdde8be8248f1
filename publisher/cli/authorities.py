"""The commands for reviewed tables of links to other lists."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from publisher.authorities import linking
from publisher.authorities.statements import RELATIONS
from publisher.cli.program import REFUSED, main, read_settings, tell


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
    outcome = linking.load(read_settings(), path, who, how, kind or "", attribute, dry_run)
    for sentence in outcome.said:
        tell(sentence)
    click.echo(outcome)
    if not dry_run:
        click.echo(f"Release {outcome.release} is current." if outcome.release else "Nothing changed: no new release.")
    sys.exit(REFUSED if outcome.ambiguous or outcome.wrong else 0)


@authority_files.command(name="list")
def list_authorities() -> None:
    """List the files of which something was accepted."""
    for linkset in linking.accepted(read_settings()):
        click.echo(f"{linkset.name}: {linkset.links} links, {linkset.how}, {linkset.who}, {linkset.when}")


@authority_files.command(name="remove")
@click.argument("name")
def remove_authorities(name: str) -> None:
    """Take back what the file of this name said."""
    click.echo(f"Release {linking.remove(read_settings(), name)} is current.")
