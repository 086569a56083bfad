"""The command that passes a delivery on: a delivery for each kommune, and what is said of the messages that are not in one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from exchange.cli.asking import Command
from exchange.cli.bar import bytes_done
from exchange.cli.refusals import not_written, say, say_refusals
from exchange.cli.streams import must_be_open
from exchange.deliveries.folder_lock import locked_folder
from exchange.errors import ForwardRefused, InvalidDelivery, Refusal
from exchange.files.sources import regular_file
from exchange.findings.texts import text
from exchange.forwarding import Forwarded, RouteFile, forward, read_route
from exchange.model.shown_paths import shown_path
from exchange.reports.text import lines


@dataclass(frozen=True)
class Wish:
    """What is to be passed on, by which route, where to, and how."""

    file: Path
    route: Path | None
    route_command: str | None
    timeout: float
    folder: Path
    earlier: tuple[Path, ...]
    overwrite: bool
    jobs: int


def run(wish: Wish, lang: str) -> int:
    """Pass a delivery on; give the exit code: 1 if a message is refused, or no kommune is known for its person."""
    must_be_open()
    with regular_file(wish.file):
        pass  # what cannot be read leaves no trace
    with locked_folder(wish.folder), _route(wish) as route:
        try:
            with bytes_done([wish.file], lambda: wish.file.stat().st_size) as tell:
                forwarded = forward(
                    wish.file,
                    route,
                    wish.folder,
                    earlier=wish.earlier,
                    overwrite=wish.overwrite,
                    jobs=wish.jobs,
                    done=tell,
                    finish=route.finish if isinstance(route, Command) else None,
                )
        except ForwardRefused as error:
            raise click.UsageError(str(error)) from None
        except (FileExistsError, InvalidDelivery) as error:
            return _nothing(error, wish.file, lang)
        return _said(forwarded, wish.file, route.three_digits, lang)


@contextmanager
def _route(wish: Wish) -> Iterator[RouteFile | Command]:
    """Give the route. Raises click.UsageError for a file or a command that is none."""
    if wish.route is not None and wish.route_command is None:
        try:
            route = read_route(wish.route)
        except ForwardRefused as error:
            shown = shown_path(wish.route, show_values=False)
            raise click.UsageError(f"{shown}: {error}") from None
        yield route
    elif wish.route_command is not None and wish.route is None:
        try:
            words = shlex.split(wish.route_command)
        except ValueError:
            words = []
        if not words:
            raise click.UsageError("--route-command: expected a program with its arguments, and closed quotes")
        with Command(words, wish.timeout) as command:
            yield command
    else:
        raise click.UsageError("expected --route FILE or --route-command COMMAND")


def _nothing(error: FileExistsError | InvalidDelivery, file: Path, lang: str) -> int:
    """Say why nothing was written; give the exit code: 3 if something could not be judged."""
    if isinstance(error, InvalidDelivery):
        error.source = file
        error.refusals = tuple(Refusal(file, number, None, None, report) for number, report in error.refused.items())
    code = not_written(error, lang)
    if isinstance(error, InvalidDelivery) and (error.refused or error.report.verdict == "undetermined"):
        say([text("forward-undetermined", lang)])
        return 3
    return code


def _said(forwarded: Forwarded, file: Path, three_digits: int, lang: str) -> int:
    """Say what came of it; give the exit code."""
    shown = shown_path(file, show_values=False)
    refusals = [Refusal(file, each.number, each.line, each.besked_id, each.report) for each in forwarded.refused]
    say_refusals(refusals, forwarded.rejected, lang)
    if forwarded.report.findings:
        say(lines(shown, forwarded.report, lang))
    if three_digits:
        say([text("forward-three-digits", lang, count=three_digits)])
    for part in (*forwarded.parts, *filter(None, [forwarded.rest])):
        click.echo(shown_path(part.path, show_values=False))
    counts = {"read": forwarded.read, "forwarded": forwarded.forwarded, "kommuner": len(forwarded.parts)}
    say([text("forward-done", lang, **counts, remainder=forwarded.remainder, rejected=forwarded.rejected)])
    return 1 if forwarded.remainder or forwarded.rejected else 0
