"""The command `forward`: its options and help, and how its result is shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import options
from exchange.cli.refused import Command
from exchange.cli.streams import must_be_open

if TYPE_CHECKING:
    from exchange.forwarding import Forwarded, RouteCommand, RouteFile


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path), metavar="DELIVERY")
@click.option(
    "--route", type=options.FILE, metavar="FILE", help="CSV with the columns personnummer and kommune; UTF-8, , or ;."
)
@click.option(
    "--route-command",
    metavar="COMMAND",
    help="A program that gets a personnummer a line on stdin and answers with a kommune code or an empty line on stdout.",
)
@click.option(
    "--timeout",
    type=options.SECONDS,
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long the program may take for an answer.",
)
@click.option(
    "--out", "folder", type=options.FOLDER, required=True, metavar="DIR", help="Folder to make; it appears whole."
)
@click.option(
    "--earlier",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="PATH",
    help="An earlier run's DIR, or the manifest in it; may be given several times, the last counts.",
)
@click.option("--overwrite", is_flag=True, help="Replace DIR if it holds an earlier run's result.")
@options.jobs
@options.lang
def forward(
    file: Path,
    folder: Path,
    route: Path | None,
    route_command: str | None,
    timeout: float,
    lang: str,
    **given: Any,
) -> int:
    """Forward a delivery to the persons' kommune (jobcenter), a delivery for each kommune.

    Only accepted messages are forwarded, in their order and byte for byte. DIR holds a folder for each kommune, and
    `rest` for persons whose kommune the route does not name; manifest.json has counts and digests, messages.jsonl a
    line for each message. A ret or annuller goes where its original went, in this delivery or in --earlier ones. The
    same delivery and route give the same files.

    Exit code 1 if a message is rejected or in the rest: all others are forwarded all the same. Nothing is written of a
    delivery that is itself refused (1), or if a check did not run or the program fails (3). The program is started once,
    without a shell, and asked only once for each person; its stderr is not shown, since it may name persons.

    \b
    exchange forward DELIVERY.xml --route persons.csv --out forwarded
    exchange forward DELIVERY.xml --route-command "python lookup.py --db people" --out forwarded
    """
    from exchange.cli.bar import file_done
    from exchange.cli.refusals import not_written
    from exchange.cli.results import say_text
    from exchange.errors import ExchangeError, InvalidDelivery
    from exchange.forwarding import RouteCommand, RouteCommandFault
    from exchange.forwarding import forward as forward_delivery

    must_be_open()
    try:
        with (
            _route(route, route_command, timeout) as chosen,
            file_done(file) as progress,
        ):
            finish = chosen.finish if isinstance(chosen, RouteCommand) else None
            forwarded = forward_delivery(file, chosen, folder, done=progress, finish=finish, **given)
    except RouteCommandFault as fault:
        raise ExchangeError(f"--route-command: {fault}") from None
    except (FileExistsError, InvalidDelivery) as error:
        code = not_written(error, lang)
        if code == 3:
            say_text("forward-undetermined", lang)
        return code
    return _show(forwarded, file, chosen.three_digits, lang)


@contextmanager
def _route(file: Path | None, command: str | None, timeout: float) -> Iterator[RouteFile | RouteCommand]:
    """Yield the route. Raises click.UsageError for a file or a command that is none."""
    from exchange.errors import ForwardRefused
    from exchange.forwarding import RouteCommand, read_route
    from exchange.model.shown_paths import shown_path

    if (file is None) == (command is None):
        raise click.UsageError(_("expected --route FILE or --route-command COMMAND"))
    if file is not None:
        try:
            route = read_route(file)
        except ForwardRefused as error:
            raise click.UsageError(f"{shown_path(file)}: {error}") from None
        yield route
        return
    try:
        words = shlex.split(command or "")
    except ValueError:
        words = []
    if not words:
        raise click.UsageError(_("--route-command: expected a program with its arguments, and closed quotes"))
    with RouteCommand(words, timeout) as asked:
        yield asked


def _show(forwarded: Forwarded, file: Path, three_digits: int, lang: str) -> int:
    """Say what was forwarded and what was not; return the exit code."""
    from exchange.cli.refusals import say_refusals
    from exchange.cli.results import say, say_text
    from exchange.errors import Refusal
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    shown = shown_path(file)
    refusals = [Refusal(file, each.number, each.line, each.besked_id, each.report) for each in forwarded.refused]
    say_refusals(refusals, forwarded.rejected, lang)
    if forwarded.report.findings:
        say(lines(shown, forwarded.report, lang))
    if three_digits:
        say_text("forward-three-digits", lang, count=three_digits)
    for part in (*forwarded.parts, *filter(None, [forwarded.rest])):
        click.echo(shown_path(part.path))
    counts = {"read": forwarded.read, "forwarded": forwarded.forwarded, "kommuner": len(forwarded.parts)}
    say_text("forward-done", lang, **counts, remainder=forwarded.remainder, rejected=forwarded.rejected)
    return 1 if forwarded.remainder or forwarded.rejected else 0
