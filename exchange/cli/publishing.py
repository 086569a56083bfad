"""The commands for those who write programs against the messages: `types`."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli import options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.option("--out", type=options.FILE, help="Write to this file, whole or not at all. Default: stdout.")
@options.overwrite
@options.lang_of_help
def types(out: Path | None, overwrite: bool) -> None:
    """Write Python's types of all messages: TypedDicts, for editors and type checkers.

    `exchange.types` has the same ones; a file of your own can be used without this package.

    \b
    exchange types --out messages.py
    """
    from exchange.api import Exchange
    from exchange.cli.documents import deliver
    from exchange.publishing import typed_dicts

    deliver(typed_dicts(Exchange().catalog).encode(), out, overwrite=overwrite)
