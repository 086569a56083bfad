"""The commands under `exchange delivery`, with their arguments, options and help. The work stands in modules of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from exchange.cli import options
from exchange.cli.refused import Command, Group


@click.group(cls=Group)
def delivery() -> None:
    """Pack messages into one file, take one apart, answer one.

    A delivery holds 1 to 1,000,000 messages of one fund. `exchange validate` judges it.

    \b
    exchange delivery pack out.jsonl                     many messages into one file
    exchange delivery unpack DELIVERY.xml --out folder   a file for each message again
    exchange delivery split DELIVERY.xml --count 10000 --out parts
    exchange delivery merge parts/*.xml -o DELIVERY.xml
    exchange delivery receipt DELIVERY.xml               what is accepted, what is refused
    exchange delivery accept DELIVERY.xml --out taken-in both parts, the receipt and a summary
    exchange delivery reconcile --sent DELIVERY.xml --receipt receipt.xml
    """


_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _guid(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _GUID.fullmatch(value):
        raise click.BadParameter("expected a guid, e.g. 0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01")
    return value


def _made(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a delivery that is made: where it goes, what its head says."""
    for option in (
        options.overwrite,
        click.option(
            "--oprettet", type=options.MOMENT, metavar="TIME", help="When the delivery was made. Default: now, in UTC."
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
    """
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
    What goes to stdout is held in a temporary file until the delivery's end is known.

    \b
    exchange delivery unpack DELIVERY.xml --out inbox
    exchange delivery unpack DELIVERY.xml --json-lines - | jq .samtale.form
    """
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
    parts. Nothing is written of a delivery that is itself refused (its head, the number of messages, its end), and
    the exit code is 1. The parts' paths go to stdout.
    """
    from exchange.cli import parting

    return parting.split(file, folder, count=count, overwrite=overwrite, lang=lang)


@delivery.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@_made
@options.lang
def merge(files: tuple[Path, ...], lang: str, **given: Any) -> int:
    """Merge deliveries into one, byte for byte. akassekode and miljoe are those of the first.

    Every message is judged again, against those of all files. If one is refused, or a delivery is itself (its
    head, the number of messages, its end), nothing is written, and the exit code is 1.
    """
    from exchange.cli import packing, parting

    return parting.merge(files, packing.Head(**given), lang)


def _answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a receipt that is made."""
    for option in (
        click.option(
            "--oprettet", type=options.MOMENT, metavar="TIME", help="When the receipt was made. Default: now, in UTC."
        ),
        click.option(
            "--kvittering-id", callback=_guid, metavar="GUID", help="The receipt's key. Default: a fresh one."
        ),
    ):
        function = option(function)
    return function


@delivery.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=options.FILE, help="Write to this file. Default: AKAS0NN_KVITTERING_TIME_ID.xml.")
@_answers
@options.overwrite
@options.jobs
@options.lang
def receipt(
    file: Path,
    output: Path | None,
    kvittering_id: str | None,
    oprettet: datetime | None,
    overwrite: bool,
    jobs: int,
    lang: str,
) -> int:
    """Answer a delivery, or a single message, with a receipt: what is accepted, what is refused, and why.

    It has an entry for each message, with the findings in the language of --lang. A delivery that is itself
    refused (its head, the number of messages, its end) is refused with every message in it. Exit code 1 if any is.
    """
    from exchange.cli import answering

    head = answering.Head(kvittering_id, oprettet)
    return answering.receipt(file, output, head, overwrite=overwrite, jobs=jobs, lang=lang)


@delivery.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", "folder", type=options.FOLDER, required=True, metavar="FOLDER", help="Folder to make; it appears whole."
)
@_answers
@click.option("--resume", is_flag=True, help="Go on with a run of the same command that was ended.")
@click.option("--overwrite", is_flag=True, help="Replace FOLDER if it holds an earlier result.")
@options.jobs
@options.lang
def accept(
    file: Path,
    folder: Path,
    kvittering_id: str | None,
    oprettet: datetime | None,
    resume: bool,
    overwrite: bool,
    jobs: int,
    lang: str,
) -> int:
    """Take a delivery in: a folder with the accepted part, the refused part, the receipt and a summary.

    accepted.xml and refused.xml are deliveries with the messages' very bytes and a leveranceId made of the
    whole's, so the same delivery gives the same parts; a part without messages is not written. receipt.xml is
    what `exchange delivery receipt` writes, summary.csv has a row for each message. Exit code 1 if any is refused.
    A delivery that is itself refused has no accepted part, and no refused one either if no delivery can have its
    head as it is; receipt and summary are written all the same.

    FOLDER.part becomes FOLDER when all is done. What was judged is noted beside it, and --resume judges no
    message twice. One command at a time works on a FOLDER; a second one is refused.
    """
    from exchange.cli import accepting, answering

    head = answering.Head(kvittering_id, oprettet)
    return accepting.accept(file, folder, head, jobs=jobs, resume=resume, overwrite=overwrite, lang=lang)


@delivery.command()
@click.option(
    "--sent",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="PATH",
    help="A delivery, a message, or a folder of these (*.xml); may be given several times.",
)
@click.option(
    "--receipt",
    "receipts",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="PATH",
    help="A receipt, or a folder of them; may be given several times.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", help="Form of the result."
)
@options.jobs
@options.lang
def reconcile(sent: tuple[Path, ...], receipts: tuple[Path, ...], form: str, jobs: int, lang: str) -> int:
    """Hold what was sent against the receipts: what is accepted, refused, pending (not answered) or unknown (not sent).

    A message is known by its beskedId and the SHA-256 of its canonical form. Of several receipts the latest
    counts. As text, only what is not accepted is listed. Exit code 1 if anything is refused, pending or unknown.
    """
    from exchange.cli import reconciling

    return reconciling.run(sent, receipts, form, jobs=jobs, lang=lang)


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
