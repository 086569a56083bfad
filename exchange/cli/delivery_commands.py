"""The commands under `exchange delivery`, with their arguments, options and help. The work stands in modules of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from exchange.cli import options


@click.group()
def delivery() -> None:
    """Pack messages into one file, take one apart, answer one.

    A delivery holds 1 to 1,000,000 messages of one fund. `exchange validate` judges it.

    \b
    exchange delivery pack out.jsonl                     many messages into one file
    exchange delivery unpack DELIVERY.xml --out folder   a file for each message again
    exchange delivery split DELIVERY.xml --count 10000 --out parts
    exchange delivery merge parts/*.xml -o DELIVERY.xml
    """  # noqa: D301  # click reads \b as »leave these lines as they are«


_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _guid(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _GUID.fullmatch(value):
        raise click.BadParameter("expected a guid, e.g. 0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01")
    return value


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or moment.microsecond:
        raise click.BadParameter("expected whole seconds with an offset, e.g. 2026-11-20T14:05:00+01:00")
    return moment


def _made(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a delivery that is made: where it goes, what its head says."""
    for option in (
        options.overwrite,
        click.option(
            "--oprettet", callback=_moment, metavar="TIME", help="When the delivery was made. Default: now, in UTC."
        ),
        click.option(
            "--leverance-id", callback=_guid, metavar="GUID", help="The delivery's key. Default: a fresh one."
        ),
        click.option("--out-folder", type=options.FOLDER, metavar="DIR", help="Write into this folder. Default: here."),
        click.option(
            "-o",
            "--output",
            type=options.FILE,
            help="Write to this file. Default: AKAS0NN_LEVERANCE_TIME_ID.xml.",
        ),
    ):
        function = option(function)
    return function


@delivery.command()
@click.argument("inputs", type=options.SOURCE, nargs=-1, required=True, metavar="INPUT...")
@_made
@click.option("--akasse", metavar="CODE", help="The fund's code, two digits. Default: that of the first message.")
@click.option("--miljoe", type=click.Choice(["test", "produktion"]), help="Default: that of the first message.")
@options.jobs
@options.lang
def pack(inputs: tuple[Path, ...], jobs: int, lang: str, **given: Any) -> int:
    """Pack messages into a delivery, written whole or not at all.

    INPUTs are folders (walked for *.xml and *.json), single .xml and .json files, .jsonl files and - for
    stdin (both JSON, one message a line). They are taken in this order.

    Every message is judged, alone and against the others. If one is refused nothing is written: each of
    them is told on stderr, 100 at most, and the exit code is 1. The path of the delivery goes to stdout.

    \b
    exchange delivery pack outbox/ --out-folder ready/
    exchange delivery pack - -o delivery.xml --akasse 67 --miljoe test < messages.jsonl
    """  # noqa: D301  # as above
    from exchange.cli import packing

    return packing.pack(inputs, packing.Head(**given), jobs, lang)


@delivery.command()
@click.argument("file", type=options.SOURCE)
@click.option(
    "--out", "folder", type=options.FOLDER, metavar="FOLDER", help="A file for each message, in a new folder."
)
@click.option(
    "--json-lines",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="A JSON document for each message, one a line; - for stdout.",
)
@click.option("--all", "everything", is_flag=True, help="Write refused messages too; with --out only.")
@click.option("--overwrite", is_flag=True, help="Replace the file of --json-lines if it is there.")
@options.jobs
@options.lang
def unpack(
    file: Path, folder: Path | None, json_lines: Path | None, everything: bool, overwrite: bool, jobs: int, lang: str
) -> int:
    """Take a delivery apart: the accepted messages, as they stand alone.

    A message's file holds its very bytes below an XML declaration. The folder appears when all is written.
    Refused messages are told on stderr and left out, and the exit code is 1; of a delivery that is itself refused
    nothing is written. With --all every message is: a refused one that has no checked name as NUMBER.xml.

    \b
    exchange delivery unpack DELIVERY.xml --out inbox
    exchange delivery unpack DELIVERY.xml --json-lines - | jq .samtale.form
    """  # noqa: D301  # as above
    from exchange.cli import unpacking

    if folder is not None and json_lines is None:
        return unpacking.to_folder(file, folder, everything=everything, jobs=jobs, lang=lang)
    if json_lines is None or folder is not None:
        raise click.UsageError("expected --out FOLDER or --json-lines FILE")
    if everything:
        raise click.UsageError("--all: a refused message may not be readable as JSON; expected --out FOLDER")
    return unpacking.to_json_lines(file, json_lines, overwrite=overwrite, jobs=jobs, lang=lang)


@delivery.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), required=True, help="At most so many messages in each part.")
@click.option("--out", "folder", type=options.FOLDER, required=True, metavar="FOLDER", help="Where the parts go.")
@options.overwrite
@options.lang
def split(file: Path, count: int, folder: Path, overwrite: bool, lang: str) -> int:
    """Split a delivery into several of at most --count messages, in their order and byte for byte.

    The parts have a leveranceId of their own, made of the whole's and their number: the same file gives the same
    parts. Nothing is written if it cannot be read to its end. The parts' paths go to stdout.
    """
    from exchange.cli import parting

    return parting.split(file, folder, count=count, overwrite=overwrite, lang=lang)


@delivery.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@_made
@options.lang
def merge(files: tuple[Path, ...], lang: str, **given: Any) -> int:
    """Merge deliveries into one, byte for byte. akassekode and miljoe are those of the first.

    Every message is judged again, against those of all files. If one is refused nothing is written.
    """
    from exchange.cli import packing, parting

    return parting.merge(files, packing.Head(**given), lang)
