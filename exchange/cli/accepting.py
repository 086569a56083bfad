"""The command that takes a delivery in: the accepted part, the refused part, the receipt and a summary, in one folder."""

from __future__ import annotations

import csv
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click

from exchange.cli.alone import alone
from exchange.cli.answering import Head, head_of, told, unanswered, write
from exchange.cli.journal import Journal
from exchange.cli.paths import shown_path
from exchange.cli.refusals import say
from exchange.cli.streams import must_be_open
from exchange.cli.verdicts import Decision, Verdict, elements, judge
from exchange.deliveries.processes import in_processes
from exchange.deliveries.writing import Assembly, assembling, judged_header
from exchange.errors import InvalidMessage
from exchange.files.sources import regular_file
from exchange.files.writing import check_folder, replace_folder, whole_file
from exchange.findings.texts import text
from exchange.model.catalog import shipped
from exchange.validation.rules.kvittering import AFVIST, GODTAGET

RECEIPT, SUMMARY = "receipt.xml", "summary.csv"
PARTS = {True: ("accepted.xml", GODTAGET), False: ("refused.xml", AFVIST)}
"""For the accepted and the refused messages: their file, and the name that their leveranceId is made of."""

_OURS = {RECEIPT, SUMMARY, *(name for name, _ in PARTS.values())}


def accept(file: Path, folder: Path, head: Head, *, jobs: int, resume: bool, overwrite: bool, lang: str) -> int:
    """Take a delivery in; give the exit code."""
    must_be_open()
    with regular_file(file):
        pass  # what cannot be read leaves no trace
    with alone(folder):
        return _accept_alone(file, folder, head, jobs=jobs, resume=resume, overwrite=overwrite, lang=lang)


def _accept_alone(file: Path, folder: Path, head: Head, *, jobs: int, resume: bool, overwrite: bool, lang: str) -> int:
    asked = {"accept": str(file), "folder": str(folder), "head": repr(head), "lang": lang}
    settled = head.settled()
    journal = Journal(folder, asked, resume=resume, made=[settled.kvittering_id, f"{settled.oprettet}"])
    if resume and not journal.resumes:
        say([text("resume-nothing", lang)])
    part = folder.with_name(f"{folder.name}.part")
    with journal:
        check_folder(folder)
        _must_be_ours(folder, overwrite=overwrite or journal.resumes)
        _must_be_ours(part, overwrite=True)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        try:
            code = _accept(file, part, journal, jobs, lang)
            if code != 3:
                replace_folder(part, folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        journal.finish()
    if code != 3:
        click.echo(shown_path(folder, show_values=False))
    return code


def _must_be_ours(folder: Path, *, overwrite: bool) -> None:
    """Raise click.UsageError for a folder that is there, unless it is to be overwritten and holds only what this command made."""
    if not os.path.lexists(folder):
        return
    shown = shown_path(folder, show_values=False)
    if not overwrite:
        raise click.UsageError(f"{shown} exists; --overwrite replaces it")
    names = {path.name for path in folder.iterdir()} if folder.is_dir() and not folder.is_symlink() else {""}
    if any(name not in _OURS and not name.startswith(".exchange-") for name in names):
        raise click.UsageError(f"{shown} holds something else than a delivery that was taken in; name another folder")


def _accept(file: Path, part: Path, journal: Journal, jobs: int, lang: str) -> int:
    """Write everything to a folder; give the exit code: 3 if there is nothing that may appear."""
    kvittering_id, oprettet = journal.made
    with Verdict(part) as verdict:
        run = journal.around(file, in_processes(jobs))
        try:
            judge(file, verdict, run, journal.key)
        except BaseException:
            if not (verdict.count or journal.resumes):
                journal.discard()
            raise
        if verdict.is_undetermined:
            return unanswered(file, verdict, lang)
        left_out = _write_parts(file, part, verdict)
        content = head_of(verdict, Head(kvittering_id, datetime.fromisoformat(oprettet)))
        write(part / RECEIPT, verdict, content, overwrite=False, lang=lang)
        _write_summary(part / SUMMARY, verdict.decisions())
        if left_out:
            say([text("accept-left-out", lang, count=left_out)])
        return told(file, verdict, lang)


def _write_parts(file: Path, part: Path, verdict: Verdict) -> int:
    """Write the accepted and the refused messages, each as a delivery; give how many are too large for one.

    A part without messages is not written, and none if no delivery can have the header as it is.
    """
    header = {key: value for key, value in (verdict.header or {}).items() if key != "antal"}
    try:
        judged_header(shipped(), header)
    except InvalidMessage:
        return verdict.count
    left_out = 0
    with ExitStack() as stack:
        open_parts: dict[bool, Assembly] = {}
        for decision, element in elements(file, verdict.decisions()):
            if element is None:
                left_out += 1
                continue
            if decision.accepted not in open_parts:
                name, udfald = PARTS[decision.accepted]
                own = {**header, "leveranceId": str(uuid.uuid5(uuid.UUID(header["leveranceId"]), udfald))}
                assembly = stack.enter_context(assembling(shipped(), part / name, own))
                open_parts[decision.accepted] = assembly
            open_parts[decision.accepted].add(element)
    return left_out


def _write_summary(target: Path, decisions: Iterator[Decision]) -> None:
    """Write a row for each message."""
    with whole_file(target) as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["nummer", "beskedId", "besked", "udfald", "koder", "linje"])
        for decision in decisions:
            udfald = GODTAGET if decision.accepted else AFVIST
            codes = " ".join(decision.report.counts) if decision.report else ""
            rows.writerow(
                [decision.number, decision.besked_id or "", decision.message or "", udfald, codes, decision.line]
            )
