"""The command that receives files into an inbox, and lets their receipts out when they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.cli import watching
from exchange.cli.inboxes import open_inbox
from exchange.cli.reception import Reception
from exchange.cli.refusals import say
from exchange.cli.streams import must_be_open
from exchange.errors import UndeterminedMessage
from exchange.files.walking import walk
from exchange.findings.texts import text
from exchange.reports.text import lines

if TYPE_CHECKING:
    from exchange.inbox.receiving import Received
from exchange.model.shown_paths import shown_path


def receive(
    files: tuple[Path, ...], url: str, receipts: Path | None, watched: Path | None, settle: float, lang: str
) -> int:
    """Receive files, or what comes into a folder and is the same for `settle` seconds; give the exit code."""
    if bool(files) == bool(watched):
        raise click.UsageError("expected FILE..., or --watch DIR")
    if receipts is None and (watched or len(files) > 1 or files[0].is_dir()):
        raise click.UsageError("expected --receipts DIR: only of one file the receipt goes to stdout")
    # The receipt goes there, or its name.
    must_be_open()
    if watched and receipts:
        return watching.watch(watched, url, receipts, settle, lang)
    with open_inbox(url, lang=lang) as opened:
        reception = Reception(opened, receipts, lang)
        code = 0
        for path, fault in walk(files, lang):
            if fault is not None:
                say([f"{shown_path(path, show_values=False)}: {fault}"])
                code = 3
                continue
            received = _received(reception, path, lang)
            if received is not None:
                reception.answer(received, path)
            code = max(code, 3 if received is None else 0 if received.ok else 1)
        return code


def _received(reception: Reception, path: Path, lang: str) -> Received | None:
    """Receive a file; None, and said why, if it cannot be read or judged. Raises InboxFault."""
    shown = shown_path(path, show_values=False)
    try:
        return reception.receive(path)
    except UndeterminedMessage as undetermined:
        say([*lines(shown, undetermined.report, lang), f"{shown}: {text('receipt-undetermined', lang)}"])
    except OSError as error:
        say([f"{shown}: {error.strerror or error}"])
    return None
