"""The commands for those who write programs against the messages: `types` and `publish`."""

from __future__ import annotations

from datetime import date
from gettext import gettext as _
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
    from exchange.cli.results import deliver
    from exchange.publishing import typed_dicts

    deliver(typed_dicts(Exchange().catalog).encode(), out, overwrite=overwrite)


@click.command(cls=Command)
@click.option("--on", type=options.DAY, required=True, metavar="DATE", help="Publish what is in force on this date.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder to make; it appears whole."
)
@click.option("--zip", "zipped", is_flag=True, help="Write FOLDER.zip as well.")
@options.lang
def publish(on: date, out: Path, zipped: bool, lang: str) -> int:
    """Write what programs in other languages need: schemas, code lists, JSON Schemas, Schematron, examples, documentation.

    The README in the folder says what is in it, manifest.json has the SHA-256 of every file. The same date and the same
    version of this program give the same bytes.

    \b
    exchange publish --on 2026-12-01 --out par87 --zip
    """
    from exchange.api import Exchange
    from exchange.cli.results import taken
    from exchange.files.writing import check_folder
    from exchange.findings.texts import text
    from exchange.model.shown_paths import shown_path
    from exchange.publishing import Example, publish
    from exchange.testdata import one_of_each

    exchange = Exchange()
    examples = (Example(name, made.data) for name, made in one_of_each(exchange))
    try:
        check_folder(out)
        archive = out.with_name(f"{out.name}.zip") if zipped else None
        written = publish(exchange.catalog, on, out, examples=examples, archive=archive)
    except FileExistsError as error:
        raise taken(error, _("name a folder that does not, or that is empty")) from None
    path = shown_path(out)
    click.echo(text("publish-done", lang, files=written.files, size=written.size, path=path))
    return 0
