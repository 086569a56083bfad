"""The command that answers a delivery, or a single message, with a receipt."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from exchange.cli.paths import shown_path, taken
from exchange.cli.refusals import Origin, Refusals, say
from exchange.cli.streams import must_be_open
from exchange.cli.verdicts import Verdict, judge, judge_message
from exchange.deliveries import is_delivery
from exchange.deliveries.processes import in_processes
from exchange.errors import InvalidMessage
from exchange.files.sources import begin
from exchange.findings.texts import text
from exchange.model.catalog import shipped
from exchange.model.file_names import file_name
from exchange.receipts import Entry, write_receipt
from exchange.reports.text import lines
from exchange.validation.rules.kvittering import AFVIST, GODTAGET


@dataclass(frozen=True)
class Head:
    """What the user said of a receipt that is to be made."""

    kvittering_id: str | None
    oprettet: datetime | None

    def settled(self) -> Head:
        """Give it with what was not said: a key, and this moment."""
        return Head(self.kvittering_id or str(uuid.uuid4()), self.oprettet or datetime.now(UTC).replace(microsecond=0))


def receipt(file: Path, output: Path | None, head: Head, *, overwrite: bool, jobs: int, lang: str) -> int:
    """Answer a file; give the exit code."""
    must_be_open()
    folder = output.parent if output else Path()
    with Verdict(folder) as verdict:
        if is_delivery(shipped(), begin(file)[1]):
            judge(file, verdict, in_processes(jobs))
        else:
            judge_message(file, verdict)
        if verdict.is_undetermined:
            return unanswered(file, verdict, lang)
        content = head_of(verdict, head.settled())
        target = output or Path(file_name({"kvittering": content}))
        try:
            write(target, verdict, content, overwrite=overwrite, lang=lang)
        except FileExistsError as error:
            raise taken(error) from None
        except InvalidMessage as invalid:
            # More messages than a receipt can count.
            say(lines("kvittering", invalid.report, lang))
            return 3
        click.echo(shown_path(target, show_values=False))
        return told(file, verdict, lang)


def unanswered(file: Path, verdict: Verdict, lang: str) -> int:
    """Say why no answer can be given; give the exit code."""
    shown = shown_path(file, show_values=False)
    undetermined = Refusals()
    for decision in verdict.undetermined:
        undetermined.add(Origin(shown, decision.number, decision.line, decision.besked_id), decision.report)
    undetermined.say(lang)
    if verdict.report.verdict == "undetermined":
        say(lines(shown, verdict.report, lang))
    say([text("receipt-undetermined", lang)])
    return 3


def told(file: Path, verdict: Verdict, lang: str) -> int:
    """Say how many messages are accepted; give the exit code."""
    if verdict.report.findings:
        say(lines(shown_path(file, show_values=False), verdict.report, lang))
    refused = verdict.count - verdict.accepted
    say([text("receipt-counts", lang, accepted=verdict.accepted, refused=refused)])
    return 0 if verdict.report.ok and not refused else 1


def head_of(verdict: Verdict, head: Head) -> dict[str, Any]:
    """Give the head of the receipt for a file: of what the file says of itself, only what is sound."""
    content: dict[str, Any] = {"kvitteringId": head.kvittering_id, "oprettet": head.oprettet}
    at_fault = {finding.path.rpartition("/")[2] for finding in verdict.report.findings}
    for name in ("leveranceId", "akassekode", "miljoe"):
        if verdict.header is not None and name in verdict.header and name not in at_fault:
            content[name] = verdict.header[name]
    return content | {
        "sha256": verdict.sha256,
        "udfald": GODTAGET if verdict.accepted else AFVIST,
        "antal": verdict.count,
        "godtagne": verdict.accepted,
        "afviste": verdict.count - verdict.accepted,
    }


def write(target: Path, verdict: Verdict, content: dict[str, Any], *, overwrite: bool, lang: str) -> None:
    """Write the receipt. A message that has no canonical form is counted, not listed. Raises as `write_receipt` does."""
    findings = verdict.report.findings
    write_receipt(target, content, entries_of(verdict), findings=findings, lang=lang, overwrite=overwrite)


def entries_of(verdict: Verdict) -> Iterator[Entry]:
    """Give what a receipt says of each message."""
    for decision in verdict.decisions():
        if decision.digest is not None:
            findings = decision.report.findings if decision.report else ()
            yield Entry(decision.number, decision.besked_id, decision.digest, decision.accepted, findings)
