"""The command that answers a delivery, or a single message, with a receipt."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from exchange.cli.bar import bytes_done
from exchange.cli.paths import taken
from exchange.cli.refusals import Origin, Refusals, say
from exchange.cli.streams import must_be_open
from exchange.errors import InvalidMessage
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path
from exchange.receiving import Answer, ReceiptHead, answer
from exchange.reports.text import lines


@dataclass(frozen=True)
class Head:
    """What the user said of a receipt that is to be made."""

    kvittering_id: str | None
    oprettet: datetime | None

    def settled(self) -> ReceiptHead:
        """Give it with what was not said: a key, and this moment."""
        moment = self.oprettet or datetime.now(UTC).replace(microsecond=0)
        return ReceiptHead(self.kvittering_id or str(uuid.uuid4()), moment)


def receipt(file: Path, output: Path | None, head: Head, *, overwrite: bool, jobs: int, lang: str) -> int:
    """Answer a file; give the exit code."""
    must_be_open()
    try:
        with bytes_done([file], lambda: file.stat().st_size) as progress:
            answered = answer(
                file, output, head.settled(), lang=lang, overwrite=overwrite, jobs=jobs, progress=progress
            )
    except FileExistsError as error:
        raise taken(error) from None
    except InvalidMessage as invalid:
        # More messages than a receipt can count.
        say(lines("kvittering", invalid.report, lang))
        return 3
    if answered.path is not None:
        click.echo(shown_path(answered.path, show_values=False))
    return show_answer(file, answered, lang)


def show_answer(file: Path, answered: Answer, lang: str) -> int:
    """Say how many messages are accepted, or why there is no receipt; give the exit code."""
    shown = shown_path(file, show_values=False)
    if not answered.has_receipt:
        undetermined = Refusals()
        for decision in answered.undetermined:
            undetermined.add(Origin(shown, decision.number, decision.line, decision.besked_id), decision.report)
        undetermined.say(lang)
        if answered.report.verdict == "undetermined":
            say(lines(shown, answered.report, lang))
        say([text("receipt-undetermined", lang)])
        return 3
    if answered.report.findings:
        say(lines(shown, answered.report, lang))
    say([text("receipt-counts", lang, accepted=answered.accepted, refused=answered.refused)])
    return 0 if answered.report.ok and not answered.refused else 1
