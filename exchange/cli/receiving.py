"""Receives files into an inbox, or what comes into a folder, and shows the results and the receipts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NoReturn

import click

from exchange import inbox
from exchange.cli.logs import Level, log
from exchange.cli.results import say
from exchange.errors import UndeterminedMessage
from exchange.files.walking import walk
from exchange.findings.finding import lines
from exchange.findings.texts import text
from exchange.inbox import Notice, Received
from exchange.model.shown_paths import shown_path
from exchange.runs.interruption import Interrupts

_LEVELS: dict[str, Level] = {
    "begins": "info",
    "inbox-available": "info",
    "undetermined": "error",
    "fault": "error",
    "inbox-unavailable": "error",
}
"""The level of what a watcher reports, where it is no warning."""

_NAMED = 20
"""At most so many refused messages of a file, and files that are not received, are named."""


def watch(
    folder: Path, url: str, receipts: Path, settle: float, lang: str, form: str, receipt_version: int | None
) -> NoReturn:
    """Watch a folder until a signal: SIGTERM raises SystemExit, Ctrl-C KeyboardInterrupt."""
    interrupts = Interrupts(terminated=True)
    with interrupts.taken():
        inbox.watch(
            folder,
            url,
            receipts,
            now=lambda: datetime.now(UTC),
            tell=lambda notice: show_notice(notice, settle, lang, form),
            settle=settle,
            lang=lang,
            receipt_version=receipt_version,
            pause=interrupts.pause,
            held=interrupts.held,
        )


def show_notice(notice: Notice, settle: float, lang: str, form: str = "text") -> None:
    """Write what a watcher reports to the log, in lines of this form, and where a receipt is to stdout."""
    if notice.kind == "received" and notice.path and notice.received and notice.receipt:
        _log_received(notice.path, notice.received, notice.receipt, lang, form)
        return
    file = {"file": shown_path(notice.path)} if notice.path else {}
    log(form, _LEVELS.get(notice.kind, "warning"), _notice_lines(notice, settle, lang), event=notice.kind, **file)


def _notice_lines(notice: Notice, settle: float, lang: str) -> list[str]:
    shown = shown_path(notice.path) if notice.path else ""
    again = text("watch-again", lang)
    match notice.kind:
        case "begins":
            return [text("watch-begins", lang, folder=shown, settle=settle)]
        case "occupied":
            return [f"{shown}: {text('watch-other', lang)}"]
        case "ignored":
            names = [shown_path(Path(name)) for name in notice.names[:_NAMED]]
            more = ["…"] if len(notice.names) > _NAMED else []
            count = len(notice.names)
            return [f"{shown}: {text('watch-ignored', lang, count=count, names=', '.join([*names, *more]))}"]
        case "fault":
            return [f"{shown}: {notice.reason}; {again}"]
        case "undetermined":
            findings = lines(shown, notice.report, lang) if notice.report else ()
            return [*findings, f"{shown}: {text('receipt-undetermined', lang)}; {again}"]
        case "inbox-unavailable":
            return [f"{notice.reason}; {text('watch-inbox-waits', lang)}"]
        case "inbox-available":
            return [text("watch-inbox-goes-on", lang)]
        case _:
            return [f"{shown}: {text(f'watch-{notice.kind}', lang)}"]


def receive(files: tuple[Path, ...], url: str, receipts: Path | None, lang: str, receipt_version: int | None) -> int:
    """Receive files one after another, and let their receipts out; return the exit code."""
    code = 0
    with inbox.open(url, lang=lang, receipt_version=receipt_version) as opened:
        if receipts is not None:
            receipts.mkdir(mode=0o700, exist_ok=True)
        for path, fault in walk(files, lang):
            shown = shown_path(path)
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
            if receipt is None:
                for part in received.parts():
                    sys.stdout.buffer.write(part)
                sys.stdout.buffer.flush()
            else:
                click.echo("\t".join(shown_path(each) for each in (receipt, path)))
            say([*_faults(shown, received, lang), _counted(shown, received, lang)])
            code = max(code, 0 if received.ok else 1)
    return code


def _log_received(path: Path, received: Received, receipt: Path, lang: str, form: str) -> None:
    """Write where the receipt is to stdout, and to the log what is accepted."""
    shown, written = (shown_path(each) for each in (path, receipt))
    click.echo(json.dumps({"receipt": written, "file": shown}) if form == "json" else f"{written}\t{shown}")
    log(form, "warning", _faults(shown, received, lang), event="refused", file=shown)
    facts = {name: getattr(received, name) for name in ("accepted", "refused", "conflicts", "again")}
    level: Level = "info" if received.ok else "warning"
    log(form, level, [_counted(shown, received, lang)], event="received", file=shown, receipt=written, **facts)


def _faults(shown: str, received: Received, lang: str) -> Iterator[str]:
    """Yield the lines on the file itself, or on the refused messages of a delivery."""
    if received.report is not None:
        yield from lines(shown, received.report, lang)
        if not received.report.ok:
            return
    count = received.refused + received.conflicts
    if not count:
        return
    named = list(islice(received.refusals(), _NAMED))
    for entry in named:
        codes = ", ".join(sorted({finding.code for finding in entry.findings if finding.severity == "error"}))
        message = f"{shown}#{entry.number} {entry.besked_id or '–'}"
        yield text("inbox-refused", lang, message=message, codes=codes)
    if count > len(named):
        yield text("delivery-more", lang, count=count - len(named))


def _counted(shown: str, received: Received, lang: str) -> str:
    counts = {"accepted": received.accepted, "refused": received.refused, "conflicts": received.conflicts}
    again = f" ({text('inbox-again', lang)})" if received.again else ""
    return f"{shown}: {text('inbox-received', lang, **counts)}{again}"
