"""The command `exchange forward`, with its arguments, options and help."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from exchange.cli import options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path), metavar="DELIVERY")
@click.option(
    "--route", type=options.FILE, metavar="FILE", help="CSV with the columns personnummer and kommune; UTF-8, , or ;."
)
@click.option(
    "--route-command",
    metavar="COMMAND",
    help="A program to ask: a personnummer a line on stdin, a kommune code or an empty line on stdout.",
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
def forward(file: Path, lang: str, **given: Any) -> int:
    """Pass a delivery on to the persons' jobcentre (§ 87, stk. 5): a delivery for each kommune.

    Only accepted messages are passed on, in their order and byte for byte. DIR holds a folder for each kommune, and
    `rest` for persons whose kommune the route does not name; manifest.json has counts and digests, messages.jsonl a
    line for each message. A ret or annuller goes where its original went, in this delivery or in --earlier ones. The
    same delivery and route give the same files.

    Exit code 1 if a message is rejected or in the rest: all others are passed on all the same. Nothing is written of a
    delivery that is itself refused (1), or if a check did not run or the program fails (3). The program is begun once,
    without a shell, and asked for no person twice; its stderr is not shown, since it may name persons.

    \b
    exchange forward DELIVERY.xml --route persons.csv --out forwarded
    exchange forward DELIVERY.xml --route-command "python lookup.py --db people" --out forwarded
    """
    from exchange.cli import forwarding

    return forwarding.run(forwarding.Wish(file, **given), lang)
