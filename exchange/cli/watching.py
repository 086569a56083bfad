"""The command that watches a folder: one process at a time, until a signal; a folder or an inbox that is away is waited for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.cli.inboxes import open_inbox
from exchange.cli.processing import PROCESSING
from exchange.cli.reception import Reception
from exchange.cli.refusals import say
from exchange.cli.watched import DONE, FAILED, Watched
from exchange.deliveries.folder_lock import locked_folder
from exchange.errors import RunRefused
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path
from exchange.runs.interruption import Interrupts

if TYPE_CHECKING:
    from exchange.errors import InboxUnavailable

LOOK = 0.5
"""So many seconds pass before the folder is looked at again,"""

INBOX_RETRY = 1.0
"""and before an inbox that could not be used is tried again."""


def watch(folder: Path, url: str, receipts: Path, settle: float, lang: str) -> int:
    """Receive what is in a folder and what comes into it, until a signal: SIGTERM raises SystemExit, Ctrl-C KeyboardInterrupt.

    Another watcher of the same folder is waited for, and so is an inbox that cannot be used just now, and a folder that is
    removed and made again. Raises InboxFault for an inbox that waiting does not help, click.UsageError as `open_inbox` and
    for receipts that would be received in their turn, OSError if the folders cannot be made.
    """
    _refuse_watched(folder, receipts, lang)
    interrupts = Interrupts(terminated=True)
    shown = shown_path(folder, show_values=False)
    with interrupts.taken():
        patience = _Patience(interrupts, lang)
        with open_inbox(url, lang=lang, wait=patience) as opened:
            reception = Reception(opened, receipts, lang)
            # Made when the lock is held.
            watched: Watched | None = None
            while True:
                with _alone(folder, interrupts, lang, patient=watched is not None) as is_alone:
                    watched = watched or Watched(folder, reception, settle, lang, done=patience.is_over)
                    say([text("watch-begins", lang, folder=shown, settle=settle)])
                    while is_alone():
                        watched.look(interrupts)
                        interrupts.pause(LOOK)


def _refuse_watched(folder: Path, receipts: Path, lang: str) -> None:
    """Raise click.UsageError if receipts would be written where they are received, or mixed with what was."""
    # Whatever lies below `processing` is received.
    inside = any(_is_same(each, folder / PROCESSING) for each in (receipts, *receipts.resolve().parents))
    if inside or any(_is_same(receipts, each) for each in (folder, folder / DONE, folder / FAILED)):
        raise click.UsageError(text("watch-receipts", lang, folder=shown_path(receipts, show_values=False)))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # not there yet, or not to be looked at
        return os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def _alone(folder: Path, interrupts: Interrupts, lang: str, *, patient: bool) -> Iterator[Callable[[], bool]]:
    """Wait until no other watcher of a folder is at work: it would take what this one has in hand for what a killed one left.

    With `patient` a folder that is away is waited for too; without, OSError is raised as the system gives it. What is given
    says whether the lock is still in the folder: one that is made again is another, which others may watch.
    """
    said = ""
    while True:
        lock = locked_folder(folder / PROCESSING)
        reason = ""
        try:
            is_alone = lock.__enter__()
        except RunRefused:
            reason = text("watch-other", lang)
        except OSError as error:
            if not patient:
                raise
            reason = f"{error.strerror or error}; {text('watch-again', lang)}"
        else:
            break
        if reason != said:
            said = reason
            say([f"{shown_path(folder, show_values=False)}: {reason}"])
        interrupts.pause(LOOK)
    try:
        yield is_alone
    finally:
        lock.__exit__(None, None, None)


class _Patience:
    """Waits for an inbox that cannot be used just now, and says once why."""

    def __init__(self, interrupts: Interrupts, lang: str) -> None:
        self._interrupts = interrupts
        self._lang = lang
        self._said = ""

    def __call__(self, fault: InboxUnavailable) -> None:
        if str(fault) != self._said:
            self._said = str(fault)
            say([f"{fault}; {text('watch-inbox-waits', self._lang)}"])
        self._interrupts.pause(INBOX_RETRY)

    def is_over(self) -> None:
        """Say that the inbox could be used, if it could not before."""
        if self._said:
            self._said = ""
            say([text("watch-inbox-goes-on", self._lang)])
