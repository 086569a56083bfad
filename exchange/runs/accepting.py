"""Accepts a delivery: the accepted, the refused and the failed part, the receipt and a summary, in one folder that appears whole."""

from __future__ import annotations

import csv
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from exchange.acceptance.answering import Answer, ReceiptHead, write_answer
from exchange.acceptance.verdicts import Decision, Verdict, elements, judge
from exchange.deliveries.blocks import Progress, no_progress
from exchange.deliveries.folder_lock import locked_folder
from exchange.deliveries.processes import in_processes
from exchange.deliveries.writing import Assembly, assembling, judged_header
from exchange.errors import InvalidMessage, RunRefused
from exchange.files.sources import regular_file
from exchange.files.writing import check_folder, replace_folder, whole_file
from exchange.findings.texts import both
from exchange.model.catalog import shipped
from exchange.model.shown_paths import shown_path
from exchange.runs.journal import Journal
from exchange.validation.rules.kvittering import AFVIST, FEJLET, GODTAGET, udfald

RECEIPT, SUMMARY = "receipt.xml", "summary.csv"
PARTS = {GODTAGET: "accepted.xml", AFVIST: "refused.xml", FEJLET: "failed.xml"}
"""For the messages of each outcome their file; its leveranceId is made of the outcome's name."""

_OURS = {RECEIPT, SUMMARY, *PARTS.values()}


class Accepted(NamedTuple):
    """The result of accepting a delivery.

    `folder` holds the receipt, the summary and the parts; it is not there if `answer` has no receipt. `left_out` counts
    messages that are too large to be in a part. `resumed` says whether an earlier run was gone on with.
    """

    folder: Path
    answer: Answer
    left_out: int
    resumed: bool


def accept(
    file: Path,
    folder: Path,
    head: ReceiptHead,
    *,
    request: str = "",
    lang: str = "da",
    jobs: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = no_progress,
) -> Accepted:
    """Judge a delivery by the shipped catalog and write everything that answers it to a folder.

    Beside the folder lies a journal until the run is over; with `resume` an interrupted run is gone on with, with the
    receipt's key and moment that it had. `request` is what a resumed run must have been asked for too. Raises RunRefused if another run
    is at work on the folder, if it exists (unless `overwrite`) or holds anything else, or if the earlier run was asked for something
    else; OSError, UnreadableSource if the file cannot be read or changed meanwhile; OutputRefused for a mount point or `.`.
    """
    with regular_file(file):
        pass  # what cannot be read leaves no trace
    check_folder(folder)
    with locked_folder(folder):
        request_values = {
            "accept": str(file),
            "folder": str(folder),
            "head": request,
            "lang": lang,
            "receipt": head.version,
        }
        journal = Journal(
            folder, request_values, resume=resume, own=[head.kvittering_id, f"{head.oprettet}", head.version]
        )
        part = folder.with_name(f"{folder.name}.part")
        with journal:
            _must_be_ours(folder, overwrite=overwrite or journal.resumes)
            _must_be_ours(part, overwrite=True)
            try:
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(mode=0o700)
                answer, left_out = _accept(file, part, journal, jobs, lang, progress)
                if answer.has_receipt:
                    replace_folder(part, folder)
                    answer = answer._replace(path=folder / RECEIPT)
            finally:
                shutil.rmtree(part, ignore_errors=True)
            journal.finish()
        return Accepted(folder, answer, left_out, journal.resumes)


def _must_be_ours(folder: Path, *, overwrite: bool) -> None:
    """Raise RunRefused for a folder that is there, unless it is to be overwritten and holds only what `accept` made."""
    if not os.path.lexists(folder):
        return
    shown = shown_path(folder)
    if not overwrite:
        raise RunRefused(both("run-exists", file=shown), "overwrite")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() and not folder.is_symlink() else {""}
    if any(name not in _OURS and not name.startswith(".exchange-") for name in names):
        raise RunRefused(both("accept-foreign", file=shown))


def _accept(file: Path, part: Path, journal: Journal, jobs: int, lang: str, progress: Progress) -> tuple[Answer, int]:
    """Write everything to a folder, unless something could not be judged; also give how many messages were left out."""
    kvittering_id, oprettet, version = journal.own
    with Verdict(part) as verdict:
        run = journal.recording(file, in_processes(jobs))
        try:
            judge(file, verdict, run, journal.key, progress=progress)
        except BaseException:
            if not (verdict.count or journal.resumes):
                journal.discard()
            raise
        head = ReceiptHead(kvittering_id, datetime.fromisoformat(oprettet), version)
        answer = write_answer(verdict, head, part / RECEIPT, lang=lang)
        if not answer.has_receipt:
            return answer, 0
        left_out = _write_parts(file, part, verdict)
        _write_summary(part / SUMMARY, verdict.decisions())
        return answer, left_out


def _write_parts(file: Path, part: Path, verdict: Verdict) -> int:
    """Write the messages of each outcome as a delivery; give how many are too large for one.

    A part without messages is not written, and none if no delivery can have the header as it is.
    """
    header = {key: value for key, value in (verdict.header or {}).items() if key != "antal"}
    try:
        judged_header(shipped(), header)
    except InvalidMessage:
        return verdict.count
    left_out = 0
    with ExitStack() as stack:
        open_parts: dict[str, Assembly] = {}
        for decision, element in elements(file, verdict.decisions()):
            if element is None:
                left_out += 1
                continue
            outcome = udfald(decision.accepted, decision.failed)
            if outcome not in open_parts:
                own = {**header, "leveranceId": str(uuid.uuid5(uuid.UUID(header["leveranceId"]), outcome))}
                open_parts[outcome] = stack.enter_context(assembling(shipped(), part / PARTS[outcome], own))
            open_parts[outcome].add(element)
    return left_out


def _write_summary(target: Path, decisions: Iterator[Decision]) -> None:
    """Write a row for each message."""
    with whole_file(target) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["nummer", "beskedId", "besked", "udfald", "koder", "linje"])
        for decision in decisions:
            codes = " ".join(decision.report.counts) if decision.report else ""
            named = (decision.number, decision.besked_id or "", decision.message or "")
            rows.writerow([*named, udfald(decision.accepted, decision.failed), codes, decision.line])
