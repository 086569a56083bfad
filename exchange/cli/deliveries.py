"""The group `exchange delivery`, and its commands that write, split and unpack deliveries."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from exchange.cli import options, receipts
from exchange.cli.refused import Group

if TYPE_CHECKING:
    from exchange.deliveries import Unpacked


@click.group(cls=Group)
@options.lang_of_help
def delivery() -> None:
    """Pack messages into one file, unpack it, answer it.

    A delivery holds 1 to 1,000,000 messages of one fund. `exchange validate` judges it.

    \b
    exchange delivery pack out.jsonl                     many messages into one file
    exchange delivery unpack DELIVERY.xml --out folder   a file for each message again
    exchange delivery split DELIVERY.xml --count 10000 --out parts
    exchange delivery merge parts/*.xml -o DELIVERY.xml
    exchange delivery receipt DELIVERY.xml               what is accepted, what is refused
    exchange delivery accept DELIVERY.xml --out in       both parts, the receipt and a summary
    exchange delivery reconcile --sent DELIVERY.xml --receipt receipt.xml
    """


class _Head(NamedTuple):
    """The options of a delivery that is written: where it goes, and its own elements."""

    output: Path | None
    out_folder: Path | None
    overwrite: bool
    leverance_id: str | None
    oprettet: datetime | None

    def header(self, akassekode: str, miljoe: str) -> dict[str, Any]:
        """Return the delivery's header; its key and the moment are made here unless they were given."""
        return {
            "leveranceId": options.fresh_guid(self.leverance_id),
            "oprettet": options.moment(self.oprettet),
            "akassekode": akassekode,
            "miljoe": miljoe,
        }

    def target(self, header: dict[str, Any]) -> Path:
        """Return the path of the delivery. Raises click.UsageError."""
        from exchange.model.file_names import delivery_name

        if self.output is not None and self.out_folder is not None:
            raise click.UsageError(_("expected only one of --output and --out-folder"))
        return self.output or (self.out_folder or Path()) / delivery_name(header)


_head_options = options.together(
    click.option(
        "-o", "--output", type=options.FILE, help="Write to this file. Default: AKAS0NN_LEVERANCE_TIME_ID.xml."
    ),
    click.option("--out-folder", type=options.FOLDER, metavar="DIR", help="Write into this folder. Default: here."),
    click.option(
        "--leverance-id", callback=options.guid, metavar="GUID", help="The delivery's key. Default: a fresh one."
    ),
    click.option(
        "--oprettet", type=options.MOMENT, metavar="TIME", help="When the delivery was made. Default: now, in UTC."
    ),
    options.overwrite,
)
"""The options of a delivery that is written, the fields of `_Head`."""


@delivery.command()
@click.argument("inputs", type=options.SOURCE, nargs=-1, required=True, metavar="INPUT...")
@_head_options
@click.option("--akasse", metavar="CODE", help="The fund's code, two digits. Default: that of the first message.")
@click.option("--miljoe", type=click.Choice(["test", "produktion"]), help="Default: that of the first message.")
@options.message_version
@options.jobs
@options.lang
def pack(
    inputs: tuple[Path, ...],
    akasse: str | None,
    miljoe: str | None,
    message_version: int | None,
    jobs: int,
    lang: str,
    **given: Any,
) -> int:
    """Pack messages into a delivery, written whole or not at all.

    INPUTs are folders (searched for *.xml and *.json), single .xml and .json files, .jsonl files and - for
    stdin (both JSON, one message a line). They are taken in this order.

    Every message is judged, by itself and against the others. If one is refused nothing is written: they
    are listed on stderr, 100 at most, and the exit code is 1. The path of the delivery goes to stdout.

    \b
    exchange delivery pack outbox/ --out-folder ready/
    exchange delivery pack - -o delivery.xml --akasse 67 --miljoe test < messages.jsonl
    """
    from exchange import deliveries
    from exchange.cli.bar import bytes_done
    from exchange.cli.refusals import not_written, written
    from exchange.cli.results import say, say_text, source_of
    from exchange.cli.streams import must_be_open
    from exchange.errors import InvalidDelivery, InvalidMessage, UnreadableSource, WorkerDied
    from exchange.findings.texts import text
    from exchange.model.shown_paths import shown_path

    must_be_open()
    head = _Head(**given)
    try:
        messages = deliveries.Inputs([source_of(path) for path in inputs], lang=lang)
    except ValueError as error:
        raise click.UsageError(f"{error}{_(', or - for JSON lines on stdin')}") from None
    try:
        if akasse is None or miljoe is None:
            akasse, miljoe = _of_first(messages.hoved(), akasse, miljoe)
            say_text("delivery-taken", lang, akassekode=akasse, miljoe=miljoe)
        header = head.header(akasse, miljoe)
        target = head.target(header)
        with bytes_done(inputs, messages.size) as progress:
            request: dict[str, Any] = {"jobs": jobs, "overwrite": head.overwrite, "version": message_version}
            packed = deliveries.pack(target, header, messages, **request, progress=progress)
    except UnreadableSource as error:
        place = f"{shown_path(error.path)}: " if error.path else ""
        say([f"exchange: {place}{error}"])
        return 3
    except WorkerDied:
        say([f"exchange: {text('process-died', lang)}"])
        return 3
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        return not_written(error, lang)
    return written(packed.path, packed.messages, lang)


def _of_first(hoved: Any, akasse: str | None, miljoe: str | None) -> tuple[str, str]:
    """Return fund and environment as the first message has them, where they were not given. Raises click.UsageError."""
    akasse, miljoe = akasse or hoved.get("akassekode"), miljoe or hoved.get("miljoe")
    # Only what can be no more than a code is repeated to the user.
    if not re.fullmatch("[0-9]{2}", str(akasse)) or miljoe not in ("test", "produktion"):
        raise click.UsageError(_("the first message does not have them; expected --akasse CODE and --miljoe"))
    return str(akasse), miljoe


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
    """Unpack a delivery: write its accepted messages, each on its own.

    A message's file holds its bytes unchanged, below an XML declaration. The folder appears when all is written.
    Refused messages are listed on stderr and left out, and the exit code is 1; of a delivery that is itself refused
    nothing is written. With --all every message is: a refused one that has no checked name as NUMBER.xml.
    What goes to stdout is held in a temporary file until the delivery's end is known.

    \b
    exchange delivery unpack DELIVERY.xml --out inbox
    exchange delivery unpack DELIVERY.xml --json-lines - | jq .samtale.form
    """
    from exchange import deliveries
    from exchange.cli.bar import file_done
    from exchange.cli.results import source_of, taken
    from exchange.model.shown_paths import STDIN

    if (json_lines is None) == (folder is None):
        raise click.UsageError(_("expected --out FOLDER or --json-lines FILE"))
    if everything and json_lines is not None:
        raise click.UsageError(_("--all: not every refused message can be read as JSON; expected --out FOLDER"))
    with file_done(file) as progress:
        try:
            if folder is not None:
                unpacked = deliveries.unpack(
                    source_of(file), folder, everything=everything, jobs=jobs, progress=progress
                )
            else:
                out = sys.stdout.buffer if json_lines == STDIN else json_lines
                assert out is not None  # noqa: S101  # one of the two was given
                unpacked = deliveries.unpack_lines(
                    source_of(file), out, overwrite=overwrite, jobs=jobs, progress=progress
                )
        except FileExistsError as error:
            raise taken(error, _("name a folder that does not") if folder else "") from None
    return _show_unpacked(file, unpacked, everything=everything, lang=lang)


def _show_unpacked(file: Path, unpacked: Unpacked, *, everything: bool, lang: str) -> int:
    """Print what was refused; return the exit code."""
    from exchange.cli.refusals import say_refusals
    from exchange.cli.results import code_of, say, say_text
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    report = unpacked.report
    say_refusals(unpacked.refusals, unpacked.refused, lang)
    if report.findings:
        say(lines(shown_path(file), report, lang))
    if not unpacked.written:
        say_text("nothing-written" if report.ok else "delivery-refused", lang)
        return code_of(report, undetermined=unpacked.undetermined)
    if unpacked.refused and not everything:
        say_text("delivery-left-out", lang, count=unpacked.refused)
    return 0 if report.ok and not unpacked.refused else code_of(report, undetermined=unpacked.undetermined)


@delivery.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--count", type=click.IntRange(1), required=True, help="The most messages of a part.")
@click.option("--out", "folder", type=options.FOLDER, required=True, metavar="FOLDER", help="Where the parts go.")
@options.overwrite
@options.lang
def split(file: Path, count: int, folder: Path, overwrite: bool, lang: str) -> int:
    """Split a delivery into several of at most --count messages, in their order and byte for byte.

    The parts have a leveranceId of their own, derived from the delivery's and their number: the same file gives the same
    parts. Nothing is written of a delivery that is itself refused (its head, the number of messages, its end), and
    the exit code is 1. The parts' paths go to stdout.
    """
    from exchange import deliveries
    from exchange.cli.refusals import not_written
    from exchange.cli.streams import must_be_open
    from exchange.errors import InvalidDelivery
    from exchange.model.shown_paths import shown_path

    must_be_open()
    try:
        parts = deliveries.split(file, folder, count=count, overwrite=overwrite)
    except (FileExistsError, InvalidDelivery) as error:
        return not_written(error, lang)
    for part in parts:
        click.echo(shown_path(part.path))
    return 0


@delivery.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@_head_options
@options.lang
def merge(files: tuple[Path, ...], lang: str, **given: Any) -> int:
    """Merge deliveries into one, byte for byte. akassekode and miljoe are those of the first.

    Every message is judged again, against those of all files. If one is refused, or a delivery is itself (its
    head, the number of messages, its end), nothing is written, and the exit code is 1.
    """
    from exchange import deliveries
    from exchange.cli.refusals import not_written, written
    from exchange.cli.streams import must_be_open
    from exchange.errors import InvalidDelivery, InvalidMessage

    must_be_open()
    head = _Head(**given)
    try:
        first = deliveries.read_header(files[0])
        header = head.header(first["akassekode"], first["miljoe"])
        merged = deliveries.merge(head.target(header), header, files, overwrite=head.overwrite)
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        return not_written(error, lang)
    return written(merged.path, merged.messages, lang)


for command in receipts.COMMANDS:
    delivery.add_command(command)
