"""Receives one file after another into an inbox, and writes their receipts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from exchange.cli.refusals import say
from exchange.files.sources import regular_file
from exchange.files.writing import whole_file
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path
from exchange.reports.text import lines

if TYPE_CHECKING:
    from exchange.inbox.box import Inbox
    from exchange.inbox.receiving import Received


class Reception:
    """Receives one file after another; their receipts go into a folder, or to stdout."""

    def __init__(self, opened: Inbox, receipts: Path | None, lang: str) -> None:
        if receipts is not None:
            receipts.mkdir(mode=0o700, exist_ok=True)
        self._inbox = opened
        self._receipts = receipts
        self._lang = lang

    def __call__(self, path: Path, named: Path | None = None) -> Received:
        """Receive a file, that a user knows as `named`, answer it, and say what became of it. Raises as `receive` and `answer`."""
        received = self.receive(path)
        self.answer(received, named or path)
        return received

    def receive(self, path: Path) -> Received:
        """Receive a file. Raises UndeterminedMessage, OSError if it cannot be read, InboxFault if it cannot be kept."""
        return self._inbox.receive(path, at=datetime.now(UTC))

    def answer(self, received: Received, named: Path) -> None:
        """Let the receipt out, and say what became of a file. Raises OSError if its receipt cannot be written.

        Then it is kept, and received again it gets the same one.
        """
        shown = shown_path(named, show_values=False)
        if self._receipts is None:
            for part in received.parts():
                sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
        else:
            _write(self._receipts / received.receipt_name, received)
            click.echo(shown_path(self._receipts / received.receipt_name, show_values=False))
        if received.report is not None:
            say(lines(shown, received.report, self._lang))
        counts = {"accepted": received.accepted, "refused": received.refused, "conflicts": received.conflicts}
        said = text("inbox-received", self._lang, **counts)
        again = f" ({text('inbox-again', self._lang)})" if received.again else ""
        say([f"{shown}: {said}{again}"])


def _write(target: Path, received: Received) -> None:
    """Write a receipt, unless it is there: another receiver may write the same one at the same time.

    Raises FileExistsError if anything else has its name, OSError as the system gives it.
    """
    try:
        with whole_file(target) as file:
            for part in received.parts():
                file.buffer.write(part)
    except FileExistsError:
        with regular_file(target) as (there, _):
            if any(_read(there, len(part)) != part for part in received.parts()) or there.read(1):
                raise


def _read(file: IO[bytes], size: int) -> bytes:
    """Read so many bytes, or what there is."""
    found = b""
    while len(found) < size and (block := file.read(size - len(found))):
        found += block
    return found
