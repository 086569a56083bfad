"""The commands of `exchange delivery` about receipts: receipt, accept, reconcile."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from exchange.cli import options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.acceptance import Answer, NotReconciled, ReceiptHead
    from exchange.receipts import Reconciled


_head_options = options.together(
    click.option(
        "--kvittering-id", callback=options.guid, metavar="GUID", help="The receipt's key. Default: a fresh one."
    ),
    click.option(
        "--oprettet", type=options.MOMENT, metavar="TIME", help="When the receipt was made. Default: now, in UTC."
    ),
    options.receipt_version,
)
"""The options of a receipt's own elements, which `fresh_head` takes."""


def fresh_head(
    kvittering_id: str | None = None, oprettet: datetime | None = None, receipt_version: int | None = None
) -> ReceiptHead:
    """Return a receipt's own elements; its key and the moment are made here unless they were given."""
    from exchange.acceptance import ReceiptHead

    return ReceiptHead(options.fresh_guid(kvittering_id), options.moment(oprettet), receipt_version)


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=options.FILE, help="Write to this file. Default: AKAS0NN_KVITTERING_TIME_ID.xml.")
@_head_options
@options.overwrite
@options.jobs
@options.lang
def receipt(
    file: Path,
    output: Path | None,
    overwrite: bool,
    jobs: int,
    lang: str,
    **head_options: Any,
) -> int:
    """Answer a delivery, or a single message, with a receipt: what is accepted, what is refused, what failed, and why.

    It has an entry for each message, with the findings in the language of --lang. A delivery that is itself
    refused (its head, the number of messages, its end) is refused with every message in it. Exit code 1 if any message is refused. What could
    not be judged failed: it is to be sent again unchanged, and the exit code is 3. Version 1 cannot say so: no receipt is written.
    """
    from exchange.acceptance import answer
    from exchange.cli.bar import file_done
    from exchange.cli.results import say, taken
    from exchange.cli.streams import must_be_open
    from exchange.errors import InvalidMessage
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    must_be_open()
    head = fresh_head(**head_options)
    try:
        with file_done(file) as progress:
            answered = answer(file, output, head, lang=lang, overwrite=overwrite, jobs=jobs, progress=progress)
    except FileExistsError as error:
        raise taken(error) from None
    except InvalidMessage as invalid:
        # More messages than a receipt can count.
        say(lines("kvittering", invalid.report, lang))
        return 3
    if answered.path is not None:
        click.echo(shown_path(answered.path))
    return _show_answer(file, answered, lang)


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out", "folder", type=options.FOLDER, required=True, metavar="FOLDER", help="Folder to make; it appears whole."
)
@_head_options
@click.option("--resume", is_flag=True, help="Continue an interrupted run of the same command.")
@click.option("--overwrite", is_flag=True, help="Replace FOLDER if it holds an earlier result.")
@options.jobs
@options.lang
def accept(
    file: Path,
    folder: Path,
    kvittering_id: str | None,
    oprettet: datetime | None,
    receipt_version: int | None,
    resume: bool,
    overwrite: bool,
    jobs: int,
    lang: str,
) -> int:
    """Accept a delivery: write a folder with the accepted part, the refused part, the receipt and a summary.

    accepted.xml, refused.xml and failed.xml (what could not be judged) are deliveries with the messages' bytes unchanged and a
    leveranceId derived from the delivery's, so the same delivery gives the same parts; a part without messages is not written. receipt.xml
    is what `exchange delivery receipt` writes, summary.csv has a row for each message. Exit code 1 if any is refused, 3 if any failed.
    A delivery that is itself refused has no accepted part, and no refused one either if no delivery can have its
    head as it is; receipt and summary are written all the same.

    FOLDER.part becomes FOLDER when all is done. A journal is kept beside it, so that --resume judges no
    message twice. Only one command at a time may work on a FOLDER.
    """
    from exchange import runs
    from exchange.cli.bar import file_done
    from exchange.cli.results import say_text
    from exchange.cli.streams import must_be_open
    from exchange.model.shown_paths import shown_path

    must_be_open()
    head = fresh_head(kvittering_id, oprettet, receipt_version)
    with file_done(file) as progress:
        accepted = runs.accept(
            file,
            folder,
            head,
            request=f"{kvittering_id} {oprettet}",
            lang=lang,
            jobs=jobs,
            resume=resume,
            overwrite=overwrite,
            progress=progress,
        )
    if resume and not accepted.resumed:
        say_text("resume-nothing", lang)
    if accepted.left_out:
        say_text("accept-left-out", lang, count=accepted.left_out)
    code = _show_answer(file, accepted.answer, lang)
    if accepted.answer.has_receipt:
        click.echo(shown_path(folder))
    return code


def _show_answer(file: Path, answered: Answer, lang: str) -> int:
    """Print how many messages are accepted, or why there is no receipt; return the exit code."""
    from exchange.cli.refusals import say_refusals
    from exchange.cli.results import say, say_text
    from exchange.errors import Refusal
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    shown = shown_path(file)
    if not answered.has_receipt or answered.failed:
        undetermined = [
            Refusal(file, each.number, each.line, each.besked_id, each.report)
            for each in answered.undetermined
            if each.report is not None
        ]
        say_refusals(undetermined, len(undetermined), lang)
    if answered.report.findings or answered.report.verdict == "undetermined":
        say(lines(shown, answered.report, lang))
    if not answered.has_receipt:
        say_text("receipt-undetermined", lang)
        return 3
    counts = {"accepted": answered.accepted, "refused": answered.refused, "failed": answered.failed}
    say_text("receipt-failed" if answered.failed else "receipt-counts", lang, **counts)
    if answered.failed or answered.report.verdict == "undetermined":
        return 3
    return 0 if answered.report.ok and not answered.refused else 1


@click.command(cls=Command)
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
    """Compare what was sent with the receipts: what is accepted, refused, failed (to be sent again unchanged), pending (not answered) or unknown (not sent).

    A message is known by its beskedId and the SHA-256 of its canonical form. If there are several receipts, the latest counts;
    one that refuses a whole file cancels no acceptance. As text, only what is not accepted is listed, and where receipts differ.
    Exit code 1 if anything is not accepted.
    """
    from exchange.acceptance import NotReconciled, reconcile_files
    from exchange.cli.results import say
    from exchange.errors import InvalidMessage
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    counts: Counter[str] = Counter()
    writer: _Form = _Csv() if form == "csv" else _Json() if form == "json" else _Text(lang)
    try:
        for result in reconcile_files(sent, receipts, lang=lang, jobs=jobs):
            counts[result.status] += 1
            where = result.where and shown_path(Path(result.where))
            writer.add(result._replace(where=where))
    except NotReconciled as fault:
        say(_why(fault, lang))
        return 3
    except InvalidMessage as invalid:
        # A large receipt, of which entries were printed already.
        say(lines("kvittering", invalid.report, lang))
        return 3
    writer.finish(counts)
    return 0 if counts.total() == counts["accepted"] else 1


def _why(fault: NotReconciled, lang: str) -> list[str]:
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path

    shown = shown_path(fault.path)
    if fault.report is None:
        return [f"exchange: {shown}: {fault.reason}"]
    return list(lines(shown if fault.number is None else f"{shown}#{fault.number}", fault.report, lang))


_STATUSES = ("accepted", "refused", "failed", "pending", "unknown")


class _Form(Protocol):
    """Writes the result to stdout."""

    def add(self, result: Reconciled) -> None:
        """Write the status of a message."""

    def finish(self, counts: Counter[str]) -> None:
        """Write how many messages have each status."""


class _Text(_Form):
    """A line for each message that is not simply accepted, and the sums."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def add(self, result: Reconciled) -> None:
        from exchange.findings.texts import text

        if result.status == "accepted" and not result.note:
            return
        said = [text(f"reconcile-{result.status}", self._lang), *result.codes]
        note = f" – {text(f'reconcile-{result.note}', self._lang)}" if result.note else ""
        click.echo(f"{result.where or '–'}: {result.besked_id or '?'}: {' '.join(said)}{note}")

    def finish(self, counts: Counter[str]) -> None:
        from exchange.findings.texts import text

        click.echo(text("reconciled", self._lang, **{status: counts[status] for status in _STATUSES}))


class _Csv(_Form):
    """A row for each message."""

    def __init__(self) -> None:
        import csv

        self._rows = csv.writer(sys.stdout, lineterminator="\n")
        self._rows.writerow(["status", "beskedId", "sha256", "where", "receipt", "codes", "note"])

    def add(self, result: Reconciled) -> None:
        status, besked_id, sha256, where, receipt, codes, note = result
        self._rows.writerow([status, besked_id or "", sha256, where or "", receipt or "", " ".join(codes), note])

    def finish(self, counts: Counter[str]) -> None:
        pass


class _Json(_Form):
    """An object with every message and the sums, written as they come."""

    def __init__(self) -> None:
        self._before = '{"messages": ['

    def add(self, result: Reconciled) -> None:
        import json

        click.echo(f"{self._before}\n  {json.dumps(result._asdict(), ensure_ascii=False)}", nl=False)
        self._before = ","

    def finish(self, counts: Counter[str]) -> None:
        opened = self._before if self._before != "," else ""
        import json

        sums = json.dumps({status: counts[status] for status in _STATUSES})
        click.echo(f'{opened}\n],\n"summary": {sums}}}')


COMMANDS = (receipt, accept, reconcile)
