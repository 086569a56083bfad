"""Receives files into an inbox, or what comes into a folder, and shows the results and the receipts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from exchange import inbox
from exchange.cli.refusals import say
from exchange.errors import UndeterminedMessage
from exchange.files.walking import walk
from exchange.findings.texts import text
from exchange.inbox import Notice, Received
from exchange.model.shown_paths import shown_path
from exchange.reports.text import lines
from exchange.runs.interruption import Interrupts


def watch(folder: Path, url: str, receipts: Path, settle: float, lang: str) -> NoReturn:
    """Watch a folder until a signal: SIGTERM raises SystemExit, Ctrl-C KeyboardInterrupt."""
    interrupts = Interrupts(terminated=True)
    with interrupts.taken():
        inbox.watch(
            folder,
            url,
            receipts,
            now=lambda: datetime.now(UTC),
            tell=lambda notice: show_notice(notice, settle, lang),
            settle=settle,
            lang=lang,
            pause=interrupts.pause,
            held=interrupts.held,
        )


def show_notice(notice: Notice, settle: float, lang: str) -> None:
    """Say what a watcher reports."""
    shown = shown_path(notice.path, show_values=False) if notice.path else ""
    again = text("watch-again", lang)
    match notice.kind:
        case "begins":
            say([text("watch-begins", lang, folder=shown, settle=settle)])
        case "occupied":
            say([f"{shown}: {text('watch-other', lang)}"])
        case "unfinished" | "changed":
            say([f"{shown}: {text(f'watch-{notice.kind}', lang)}"])
        case "fault":
            say([f"{shown}: {notice.reason}; {again}"])
        case "undetermined":
            findings = lines(shown, notice.report, lang) if notice.report else ()
            say([*findings, f"{shown}: {text('receipt-undetermined', lang)}; {again}"])
        case "received":
            if notice.path and notice.received:
                _show_received(notice.path, notice.received, notice.receipt, lang)
        case "inbox-unavailable":
            say([f"{notice.reason}; {text('watch-inbox-waits', lang)}"])
        case "inbox-available":
            say([text("watch-inbox-goes-on", lang)])


def receive(files: tuple[Path, ...], url: str, receipts: Path | None, lang: str) -> int:
    """Receive files one after another, and let their receipts out; return the exit code."""
    code = 0
    with inbox.open(url, lang=lang) as opened:
        if receipts is not None:
            receipts.mkdir(mode=0o700, exist_ok=True)
        for path, fault in walk(files, lang):
            shown = shown_path(path, show_values=False)
            if fault is not None:
                say([f"{shown}: {fault}"])
                code = 3
                continue
            try:
                received = opened.receive(path, at=datetime.now(UTC))
            except UndeterminedMessage as undetermined:
                say([*lines(shown, undetermined.report, lang), f"{shown}: {text('receipt-undetermined', lang)}"])
                code = 3
                continue
            except OSError as error:
                say([f"{shown}: {error.strerror or error}"])
                code = 3
                continue
            receipt = received.write_receipt(receipts) if receipts is not None else None
            _show_received(path, received, receipt, lang)
            code = max(code, 0 if received.ok else 1)
    return code


def _show_received(path: Path, received: Received, receipt: Path | None, lang: str) -> None:
    """Print the receipt's path, or the receipt itself if it was not written, and say what is accepted."""
    if receipt is None:
        for part in received.parts():
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
    else:
        click.echo(shown_path(receipt, show_values=False))
    shown = shown_path(path, show_values=False)
    if received.report is not None:
        say(lines(shown, received.report, lang))
    counts = {"accepted": received.accepted, "refused": received.refused, "conflicts": received.conflicts}
    again = f" ({text('inbox-again', lang)})" if received.again else ""
    say([f"{shown}: {text('inbox-received', lang, **counts)}{again}"])
