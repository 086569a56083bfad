"""The command `export`: its options and help, and how its result is shown."""

from __future__ import annotations

import os
import stat
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from exchange.cli import options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Folder to make; it appears whole."
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Key of the pseudonyms: a file of 32 bytes or more, kept apart from the export.",
)
@click.option("--plain", is_flag=True, help="Export the personnumre themselves.")
@click.option("--texts", is_flag=True, help="Export what people wrote as well.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier export, and what an interrupted run left.")
@click.option("--resume", is_flag=True, help="Continue an interrupted run of the same command.")
@options.jobs
@options.lang
def export(paths: tuple[Path, ...], out: Path, key: Path | None, lang: str, **given: Any) -> int:
    """Export accepted messages to Parquet files, a folder for each table.

    PATHS are files and folders (searched for *.xml), of messages and of deliveries. Personnumre become pseudonyms under
    --key, or stand there themselves with --plain; names and other free text are left out unless --texts.

    FOLDER.part becomes FOLDER when all is done. Needs pyarrow: pip install 'exchange-par87[parquet]'.

    \b
    head -c 32 /dev/urandom > export.key && chmod 600 export.key
    exchange export archive/ --out tables --key export.key
    duckdb -c "select form, count(*) from 'tables/samtale/*.parquet' group by form"
    """
    from exchange import export as library
    from exchange.cli.bar import bytes_done, say_above
    from exchange.cli.results import taken
    from exchange.findings.texts import text
    from exchange.model.shown_paths import shown_path

    def report(fault: library.Fault) -> None:
        place = shown_path(fault.path)
        say_above(f"{place}: {fault.why}" if fault.number is None else f"{place}#{fault.number}: {fault.why}")

    secret = library.read_key(key) if key else None
    # On Windows the mode does not say who may read a file.
    if key and os.name == "posix" and key.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warning = text("export-key-open", lang, file=shown_path(key))
        click.echo(f"{text('warning', lang)}: {warning}", err=True)
    try:
        with bytes_done(paths, lambda: library.size(paths, lang)) as progress:
            total = library.export(paths, out, key=secret, lang=lang, report=report, progress=progress, **given)
    except FileExistsError as error:
        resumable = _("--resume continues it, --overwrite starts again")
        is_finished = error.filename == os.path.abspath(out)  # noqa: PTH100  # resolve() would follow a link
        raise taken(error, "" if is_finished else resumable) from None
    why = f" ({text('export-why', lang)})" if total.refused else ""
    done = text("export-done", lang, folder=shown_path(out), **total._asdict())
    click.echo(done + why, err=True)
    return 3 if total.unchecked else 1 if total.refused else 0
