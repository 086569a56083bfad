"""Watches a folder: one process at a time, until it is interrupted; a folder or an inbox that is away is waited for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from exchange.api import Exchange
from exchange.deliveries.folder_lock import locked_folder
from exchange.errors import DatabaseUnavailable, RunRefused
from exchange.findings.texts import text
from exchange.inbox.opening import open as open_inbox
from exchange.inbox.processing import PROCESSING
from exchange.inbox.results import Notice
from exchange.inbox.watcher import DONE, FAILED, Tell, Watcher
from exchange.model.shown_paths import shown_path

LOOK = 0.5
"""Seconds between two looks at the folder."""

INBOX_RETRY = 1.0
"""Seconds until an inbox that could not be used is tried again."""


def watch(
    folder: Path,
    url: str,
    receipts: Path,
    *,
    now: Callable[[], datetime],
    tell: Tell,
    settle: float = 10,
    exchange: Exchange | None = None,
    lang: str = "da",
    receipt_version: int | None = None,
    pause: Callable[[float], object] = time.sleep,
    held: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> NoReturn:
    """Receive into an inbox what is in a folder and what comes into it, until something is raised: KeyboardInterrupt, for example.

    Only *.xml is taken, and no hidden or empty file. A file is moved to `processing` in the folder before it is read, and to
    `done` or `failed` there when it is kept and its receipt is written. A process that is killed at any moment loses nothing:
    the next one goes on. Another watcher of the same folder is waited for, and so is an inbox that cannot be used just now,
    and a folder that is removed and made again.

    Args:
        folder: The folder to watch.
        url: The inbox, as for `open`.
        receipts: The folder of the receipts; made if it is not there.
        now: Returns the time, with its offset, at which a file is received.
        tell: Called with each `Notice`; the same one on the same file only once.
        settle: A file counts as complete when it has been the same for so many seconds.
        exchange: As for `open`.
        lang: As for `open`; also the language of RunRefused.
        receipt_version: As for `open`.
        pause: Waits for so many seconds; may raise to end the watching.
        held: Makes a context in which one file is received, and which is to be left before anything is raised from outside.

    Raises:
        RunRefused: The receipts would be received in their turn, or mixed with what was received.
        DatabaseFault: The inbox cannot be used, and waiting does not help.
        OSError: The folders cannot be made. BrokenPipeError if `tell` raises it.

    """
    _refuse_watched(folder, receipts, lang)
    waits = _InboxWaits(tell, pause)

    def tell_all(notice: Notice) -> None:
        tell(notice)
        if notice.kind == "received":
            waits.end()

    with open_inbox(url, exchange=exchange, lang=lang, receipt_version=receipt_version, wait=waits) as inbox:
        receipts.mkdir(mode=0o700, exist_ok=True)
        # Made when the lock is held.
        watcher: Watcher | None = None
        while True:
            with _only_watcher(folder, tell, pause, patient=watcher is not None) as has_lock:
                watcher = watcher or Watcher(folder, inbox, receipts, now=now, tell=tell_all, settle=settle, held=held)
                tell(Notice("begins", folder))
                while has_lock():
                    watcher.look()
                    pause(LOOK)


def _refuse_watched(folder: Path, receipts: Path, lang: str) -> None:
    """Raise RunRefused if receipts would be written where files are received, or mixed with what was received."""
    # Whatever lies below `processing` is received.
    inside = any(_is_same(each, folder / PROCESSING) for each in (receipts, *receipts.resolve().parents))
    if inside or any(_is_same(receipts, each) for each in (folder, folder / DONE, folder / FAILED)):
        raise RunRefused(text("watch-receipts", lang, folder=shown_path(receipts)))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:  # not there yet, or not to be looked at
        return os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def _only_watcher(
    folder: Path, tell: Tell, pause: Callable[[float], object], *, patient: bool
) -> Iterator[Callable[[], bool]]:
    """Wait until no other process watches a folder: it would take what this one is receiving for what a killed one left.

    With `patient` a folder that is away is waited for too; without, OSError is raised. Yields a function that returns whether
    the lock is still in the folder: a folder that is made again has another lock, which others may hold.
    """
    last: Notice | None = None
    while True:
        lock = locked_folder(folder / PROCESSING)
        try:
            has_lock = lock.__enter__()
        except RunRefused:
            notice = Notice("occupied", folder)
        except OSError as error:
            if not patient:
                raise
            notice = Notice("fault", folder, error.strerror or str(error))
        else:
            break
        if notice != last:
            last = notice
            tell(notice)
        pause(LOOK)
    try:
        yield has_lock
    finally:
        lock.__exit__(None, None, None)


class _InboxWaits:
    """Waits for an inbox that cannot be used just now, and reports the reason once."""

    def __init__(self, tell: Tell, pause: Callable[[float], object]) -> None:
        self._tell = tell
        self._pause = pause
        self._reason = ""

    def __call__(self, fault: DatabaseUnavailable) -> None:
        if str(fault) != self._reason:
            self._reason = str(fault)
            self._tell(Notice("inbox-unavailable", reason=self._reason))
        self._pause(INBOX_RETRY)

    def end(self) -> None:
        """Report that the inbox can be used, if it could not before."""
        if self._reason:
            self._reason = ""
            self._tell(Notice("inbox-available"))
