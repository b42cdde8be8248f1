"""The program: its group of commands, and what these share."""

from __future__ import annotations

import codecs
import io
import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from publisher import __version__, pipeline
from publisher import settings as settings_table
from publisher.errors import PublisherError, StoreBehind
from publisher.intake import files
from publisher.message import on_one_line
from publisher.releases.delivery import Sending
from publisher.settings import Settings

REFUSED = 1
_COMMAND = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")  # without the tab and the end of a line


def tell(line: object) -> None:
    """Says a line on standard error; it may hold names and words of others, whatever is in them."""
    click.echo(on_one_line(line), err=True)


def show(pieces: Iterable[bytes]) -> None:
    """Writes to standard output. A terminal gets what would command it as the code that RDF and JSON have for it
    (\\u001B), a file or a pipe every byte as it is."""
    if not sys.stdout.isatty():
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        return
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
    for piece in pieces:
        sys.stdout.write(_COMMAND.sub(lambda match: f"\\u{ord(match[0]):04X}", decoder.decode(piece)))


class _Commands(click.Group):
    """Shows every error of ours as one sentence, without a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except PublisherError as error:
            tell(f"Error: {error}")
            if pointer := getattr(error, "pointer", ""):  # to the place in a query
                click.echo(pointer, err=True)
            context.exit(REFUSED if isinstance(error, StoreBehind) else 2)
        except (OSError, sqlite3.Error) as error:  # a full disk, a folder of another user
            if isinstance(error, BrokenPipeError):
                raise
            tell(f"Error: {error}. What was published before is as it was.")
            context.exit(2)


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
    for number in (0, 1, 2):  # what is written to a closed one must not get into a file that we open
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):  # a terminal that has not all letters shows their numbers
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    context.obj = (config, data_dir)


def read_settings(**overrides: Any) -> Settings:
    config, data_dir = click.get_current_context().obj
    return settings_table.load(config, DATA_DIR=data_dir, **overrides)


def size(paths: Sequence[Path]) -> int:
    """The bytes of the files, those in folders included."""
    found = (file for path in paths for file in (files(path) if path.is_dir() else [path]))
    return sum(file.stat().st_size for file in found if file.is_file())


@contextmanager
def show_progress(title: str, total: int) -> Iterator[pipeline.Progress]:
    """A progress bar, on a terminal only; what it gives is told how much was done since it was last told."""
    console = Console(stderr=True)
    percentage = TextColumn("{task.percentage:.0f} %")
    columns = (TextColumn("{task.description}"), BarColumn(), percentage, TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def show_sending() -> Iterator[Sending]:
    """The same for what a remote store is given; shown when the first of it has gone."""
    with ExitStack() as stack:
        advance: pipeline.Progress | None = None

        def sending(done: int, total: int) -> None:
            nonlocal advance
            if advance is None:
                advance = stack.enter_context(show_progress("Sending", total))
            advance(done)

        yield sending
