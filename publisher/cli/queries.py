"""The command that asks in SPARQL."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from publisher.cli.program import main, read_settings, show, tell
from publisher.message import on_one_line
from publisher.settings import Settings

GRAPH_OUTPUTS = ("turtle", "nt", "rdfxml", "jsonld")


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

    settings = read_settings()
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
            show(iter(lambda: answer.body.read(65_536), b""))
        if answer.truncated:
            tell(f"The result was cut after {settings.SPARQL_MAX_ROWS} rows (SPARQL_MAX_ROWS).")
        if answer.matches_cut:
            tell(f"A text search found more than {settings.SPARQL_MAX_MATCHES} (SPARQL_MAX_MATCHES).")


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
        table.add_row(*(_cell(row[name]["value"]) if name in row else "" for name in result["head"]["vars"]))
    Console().print(table, markup=False)


def _cell(value: str) -> str:
    return "\n".join(map(on_one_line, value.split("\n")))
