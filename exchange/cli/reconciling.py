"""The command that holds what was sent against the receipts for it."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import click

from exchange.cli.refusals import say
from exchange.deliveries import is_delivery
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination
from exchange.errors import ExchangeError, InvalidMessage, Refused
from exchange.files.sources import begin, read
from exchange.files.walking import walk
from exchange.findings.texts import text
from exchange.model.catalog import shipped
from exchange.model.shown_paths import shown_path
from exchange.receipts import Receipt, Reconciled, Sent, read_receipt, reconcile
from exchange.receiving.verdicts import digests
from exchange.reports.text import lines
from exchange.validation.excerpts import key_of
from exchange.validation.pipeline import USUAL, judge_document

STATUSES = ("accepted", "refused", "pending", "unknown")


class Unreadable(ExchangeError):
    """Something that was named cannot be read; the lines say what and why."""

    def __init__(self, said: Iterable[str]) -> None:
        super().__init__()
        self.said = list(said)


class Form(Protocol):
    """How the result is written to stdout."""

    def add(self, result: Reconciled) -> None:
        """Write what became of a message."""

    def finish(self, counts: Counter[str]) -> None:
        """Write how many there are of each status."""


def run(sent: tuple[Path, ...], receipts: tuple[Path, ...], form: str, *, jobs: int, lang: str) -> int:
    """Hold what was sent against receipts; give the exit code."""
    counts: Counter[str] = Counter()
    forms: dict[str, Callable[[str], Form]] = {"text": _Text, "csv": _Csv, "json": _Json}
    writer = forms[form](lang)
    try:
        for result in reconcile(_sent(sent, jobs, lang), _receipts(receipts, lang)):
            counts[result.status] += 1
            writer.add(result)
    except Unreadable as unreadable:
        say(unreadable.said)
        return 3
    except InvalidMessage as invalid:
        # One of many pieces, met while what it names was already told.
        say(lines("kvittering", invalid.report, lang))
        return 3
    writer.finish(counts)
    return 0 if counts.total() == counts["accepted"] else 1


def _paths(named: tuple[Path, ...], lang: str) -> Iterator[Path]:
    for entry in walk(named, lang):
        if entry.fault is not None:
            raise Unreadable([f"exchange: {shown_path(entry.path, show_values=False)}: {entry.fault}"])
        yield entry.path


def _sent(named: tuple[Path, ...], jobs: int, lang: str) -> Iterator[Sent]:
    """Give every message of deliveries and single files. Raises Unreadable, OSError."""
    for path in _paths(named, lang):
        shown = shown_path(path, show_values=False)
        if is_delivery(shipped(), begin(path)[1]):
            examination = Examination(shipped(), path, more=digests, run=in_processes(jobs))
            for message in examination:
                digest, _ = message.extra or (None, None)
                if digest is None:
                    raise Unreadable(lines(f"{shown}#{message.number}", message.report, lang))
                yield Sent(message.besked_id, digest, f"{shown}#{message.number}")
            if examination.report.layers["well-formed"] != "passed":
                raise Unreadable(lines(shown, examination.report, lang))
            continue
        try:
            data = read(path)
            report, document = judge_document(shipped(), data, USUAL)
        except Refused as refused:  # too large
            raise Unreadable([f"exchange: {shown}: {refused}"]) from None
        digest, _ = digests(shipped(), data, document, report)
        if digest is None:
            raise Unreadable(lines(shown, report, lang))
        yield Sent(key_of(data), digest, shown)


def _receipts(named: tuple[Path, ...], lang: str) -> Iterator[Receipt]:
    for path in _paths(named, lang):
        try:
            yield read_receipt(path)
        except InvalidMessage as invalid:
            raise Unreadable(lines(shown_path(path, show_values=False), invalid.report, lang)) from None


class _Text:
    """A line for each message that is not simply accepted, and the sums."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def add(self, result: Reconciled) -> None:
        if result.status == "accepted" and not result.note:
            return
        said = [text(f"reconcile-{result.status}", self._lang), *result.codes]
        note = f" – {text(f'reconcile-{result.note}', self._lang)}" if result.note else ""
        click.echo(f"{result.where or '–'}: {result.besked_id or '?'}: {' '.join(said)}{note}")

    def finish(self, counts: Counter[str]) -> None:
        click.echo(text("reconciled", self._lang, **{status: counts[status] for status in STATUSES}))


class _Csv:
    """A row for each message."""

    def __init__(self, _lang: str) -> None:
        self._rows = csv.writer(sys.stdout, lineterminator="\n")
        self._rows.writerow(["status", "beskedId", "sha256", "where", "receipt", "codes", "note"])

    def add(self, result: Reconciled) -> None:
        status, besked_id, sha256, where, receipt, codes, note = result
        self._rows.writerow([status, besked_id or "", sha256, where or "", receipt or "", " ".join(codes), note])

    def finish(self, counts: Counter[str]) -> None:
        pass


class _Json:
    """An object with every message and the sums, written as they come."""

    def __init__(self, _lang: str) -> None:
        self._before = '{"messages": ['

    def add(self, result: Reconciled) -> None:
        click.echo(f"{self._before}\n  {json.dumps(result._asdict(), ensure_ascii=False)}", nl=False)
        self._before = ","

    def finish(self, counts: Counter[str]) -> None:
        opened = self._before if self._before != "," else ""
        sums = json.dumps({status: counts[status] for status in STATUSES})
        click.echo(f'{opened}\n],\n"summary": {sums}}}')
