"""Answers a file that was received, a delivery or a single message, with a receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.acceptance.verdicts import Decision, Verdict, judge, judge_message
from exchange.deliveries import is_delivery
from exchange.deliveries.blocks import Progress, no_progress
from exchange.deliveries.processes import in_processes
from exchange.files.sources import begin
from exchange.findings.finding import Report
from exchange.model.catalog import shipped
from exchange.model.file_names import file_name
from exchange.receipts import Entry, write_receipt
from exchange.receipts.heads import counted, has_failed, sound_header, version_of


class ReceiptHead(NamedTuple):
    """The receipt's own elements: its key, when it is made (aware, whole seconds), and its version, by default the newest."""

    kvittering_id: str
    oprettet: datetime
    version: int | None = None


class Answer(NamedTuple):
    """What a file was answered.

    `path` is the receipt's, None where it went to a stream. `accepted`, `refused` and `failed` count messages, `report` is on the
    file itself. `undetermined` are the first of the messages of which a check did not run: a receipt says that they failed; in
    version 1, which cannot say so, there is no receipt then (`has_receipt`).
    """

    has_receipt: bool
    path: Path | None
    accepted: int
    refused: int
    report: Report
    undetermined: tuple[Decision, ...] = ()
    failed: int = 0


def answer(
    source: bytes | Path,
    out: Path | IO[bytes] | None,
    head: ReceiptHead,
    *,
    folder: Path | None = None,
    lang: str = "da",
    overwrite: bool = False,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Answer:
    """Judge a file by the shipped catalog and write its receipt.

    `source` is a delivery or a message, `out` a file or a binary stream; None for a file in `folder` (by default the
    working folder) that is named as `exchange.file_name` names it. `jobs` processes judge a delivery. Raises OSError if the
    source cannot be read, FileExistsError if the receipt's name is taken, unless `overwrite`; InvalidMessage for more messages
    than a receipt can count, LookupError for a version that does not exist.
    """
    with Verdict(out.parent if isinstance(out, Path) else folder) as verdict:
        if is_delivery(shipped(), begin(source)[1]):
            judge(source, verdict, in_processes(jobs), progress=progress)
        else:
            judge_message(source, verdict)
        return write_answer(verdict, head, out, folder=folder, overwrite=overwrite, lang=lang)


def write_answer(
    verdict: Verdict,
    head: ReceiptHead,
    out: Path | IO[bytes] | None,
    *,
    folder: Path | None = None,
    overwrite: bool = False,
    lang: str = "da",
) -> Answer:
    """Write the receipt for a verdict, or none: of what could not be judged version 1 cannot tell. Raises as `write_receipt` does.

    A message that has no canonical form is counted, not listed.
    """
    version = version_of(shipped(), head.oprettet, head.version)
    accepted, failed = verdict.accepted, verdict.failed
    refused = verdict.count - accepted - failed
    undetermined = tuple(verdict.undetermined)
    if verdict.is_undetermined and not has_failed(version):
        return Answer(False, None, accepted, refused, verdict.report, undetermined, failed)
    content = _content(verdict, head) | counted(version, verdict.report.verdict, accepted, refused, failed)
    target = out or (folder or Path()) / file_name({"kvittering": content})
    write_receipt(
        target,
        content,
        _entries(verdict),
        findings=verdict.report.findings,
        lang=lang,
        overwrite=overwrite,
        version=version.version,
    )
    path = target if isinstance(target, Path) else None
    return Answer(True, path, accepted, refused, verdict.report, undetermined, failed)


def _content(verdict: Verdict, head: ReceiptHead) -> dict[str, Any]:
    """Return a receipt's elements before its list: of what the file says of itself, only what is sound."""
    own = {"kvitteringId": head.kvittering_id, "oprettet": head.oprettet, "sha256": verdict.sha256}
    return own | sound_header(verdict.header, verdict.report)


def _entries(verdict: Verdict) -> Iterator[Entry]:
    """Yield what a receipt says of each message."""
    for decision in verdict.decisions():
        if decision.digest is not None:
            findings = decision.report.findings if decision.report else ()
            yield Entry(
                decision.number, decision.besked_id, decision.digest, decision.accepted, findings, decision.failed
            )
