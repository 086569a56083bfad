"""Looks at a watched folder: takes each file that is complete, receives it, and moves it away when the inbox keeps it.

Nothing is read where others can still replace it, and what is moved away has the digest of what was kept. A fault of the
folder or of a file is reported once, and tried again.
"""

from __future__ import annotations

import errno
import math
import os
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exchange.errors import UndeterminedMessage, UnreadableSource
from exchange.files.sources import sha256_of
from exchange.inbox.processing import PROCESSING, ProcessingFolder
from exchange.inbox.results import Notice, Received
from exchange.inbox.unfinished import is_unfinished

if TYPE_CHECKING:
    from exchange.inbox.box import Inbox

Tell = Callable[[Notice], object]

DONE, FAILED = "done", "failed"


RETRY = 5.0
"""Seconds until a file is tried again after a fault."""

UNTOUCHED = 60.0
"""Seconds until what is not received is reported: before that an upload may still be renamed to *.xml."""


class _Identity(NamedTuple):
    """What tells a file from another, and from itself with another content. A rename changes the last member only."""

    inode: int
    size: int
    written: int
    changed: int

    def is_same(self, other: _Identity) -> bool:
        """Return True if the file is the same but for its name and its owners."""
        return self[:3] == other[:3]


class Watcher:
    """Receives the files of a watched folder, and writes their receipts; `clock` returns seconds, for the rest see `watch`.

    Only one at a time may look at a folder. Raises OSError if the folders in it cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        inbox: Inbox,
        receipts: Path,
        *,
        now: Callable[[], datetime],
        tell: Tell,
        settle: float,
        held: Callable[[], AbstractContextManager[object]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._inbox = inbox
        self._receipts = receipts
        self._now = now
        self._tell = tell
        self._settle = settle
        self._held = held
        self._clock = clock
        self._processing = ProcessingFolder(folder)
        for name in (DONE, FAILED):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        # By name: since when a file is the same; until when, or until it changes, one is left alone; what was reported of it.
        self._seen: dict[str, tuple[_Identity, float]] = {}
        self._left: dict[str, tuple[_Identity, float]] = {}
        self._last_notices: dict[str, Notice] = {}
        self._own = {PROCESSING, DONE, FAILED}
        if receipts.resolve().is_relative_to(folder.resolve()):
            self._own.add(receipts.resolve().relative_to(folder.resolve()).parts[0])
        # What is not received: since when it is the same, and the names that were reported.
        self._others: dict[str, tuple[_Identity | None, float]] = {}
        self._named: set[str] = set()
        # By path in `processing`: what was received and could not be moved; when to try again after a fault.
        self._received: dict[Path, Received] = {}
        self._again: dict[Path, float] = {}
        # Until when a write by somebody who has the file open is noticed: by the path that it was moved to, or, of those
        # that were copied to another device, by the path in `processing`.
        self._moved: dict[Path, tuple[_Identity, float]] = {}
        self._copied: dict[Path, tuple[_Identity, float]] = {}

    def look(self) -> None:
        """Receive every file that is complete. Raises DatabaseFault, and BrokenPipeError if the reports cannot be written."""
        try:
            # The folder may have been made again.
            self._processing.make()
            self._check_moved()
            for path in self._processing.files():
                if self._clock() >= self._again.get(path, 0):
                    with self._held():
                        self._receive(path)
            for name, identity in self._complete():
                with self._held():
                    self._take(name, identity)
        except BrokenPipeError:  # nobody reads the reports
            raise
        except OSError as error:
            self._tell_fault("", error)
        else:
            self._last_notices.pop("", None)

    def _complete(self) -> list[tuple[str, _Identity]]:
        """Return the files that have been the same for long enough."""
        now = self._clock()
        there: dict[str, _Identity] = {}
        others: dict[str, _Identity | None] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                identity = _identity(Path(entry.path))
                if identity is not None and identity.size and _is_wanted(entry):
                    there[entry.name] = identity
                elif not entry.name.startswith((".", "~")) and entry.name not in self._own:
                    others[entry.name] = identity
        self._tell_others(others)
        self._seen = {name: (identity, _since(self._seen, name, identity, now)) for name, identity in there.items()}
        self._left = {
            name: (identity, until)
            for name, (identity, until) in self._left.items()
            if there.get(name) == identity and now < until
        }
        waiting = {path.name for path in self._again}
        self._last_notices = {
            name: notice for name, notice in self._last_notices.items() if name in there or name in waiting or not name
        }
        ready = (name for name, (_, since) in self._seen.items() if now - since >= self._settle)
        return [(name, there[name]) for name in sorted(ready) if name not in self._left]

    def _tell_others(self, others: Mapping[str, _Identity | None]) -> None:
        """Report once what lies in the folder and is not received."""
        now = self._clock()
        self._others = {
            name: (identity, _since(self._others, name, identity, now)) for name, identity in others.items()
        }
        self._named &= others.keys()
        lasting = {name for name, (_, since) in self._others.items() if now - since >= UNTOUCHED}
        names = sorted(lasting - self._named)
        if names:
            self._named.update(names)
            self._tell(Notice("ignored", self._folder, names=tuple(names)))

    def _take(self, name: str, identity: _Identity) -> None:
        try:
            path = self._processing.take(name)
        except FileNotFoundError:  # somebody took it away
            return
        except OSError as error:
            self._tell_fault(name, error)
            return
        found = _identity(path)
        if found is None or not found.is_same(identity):
            # Another file got its name just now.
            self._put_back(path)
            return
        self._receive(path)

    def _receive(self, path: Path) -> None:
        """Receive a file in `processing`, and move it away; a fault is reported, and tried again."""
        try:
            if path in self._copied:
                self._remove_copied(path)
                return
            received = self._received.get(path) or self._keep(path)
            if received is not None:
                self._received[path] = received
                self._move(path, received)
        except BrokenPipeError:  # nobody reads the reports
            raise
        except OSError as error:
            self._again[path] = self._clock() + RETRY
            self._tell_fault(path.name, error)

    def _keep(self, path: Path) -> Received | None:
        """Receive a file and write its receipt. Return None if it was put back. Raises OSError for what may pass by itself."""
        before = _identity(path)
        try:
            if is_unfinished(path):
                self._tell_once(path.name, Notice("unfinished"))
                self._put_back(path, before, math.inf)
                return None
        except PermissionError as error:
            # A person who can repair that looks for the file where it came.
            self._tell_fault(path.name, error)
            self._put_back(path, before, RETRY)
            return None
        try:
            received = self._inbox.receive(path, at=self._now())
        except UndeterminedMessage as undetermined:
            self._tell_once(path.name, Notice("undetermined", report=undetermined.report))
            self._put_back(path, before, RETRY)
            return None
        except UnreadableSource as error:
            if error.path != path:
                raise
            self._tell_once(path.name, Notice("changed"))
            self._put_back(path)
            return None
        receipt = received.write_receipt(self._receipts)
        self._tell(Notice("received", self._folder / path.name, received=received, receipt=receipt))
        return received

    def _move(self, path: Path, received: Received) -> None:
        """Move away what was received. Raises OSError as the system raises it; then the file is where it was."""
        # Taken before the digest: whatever is written after it makes another one.
        identity = _identity(path)
        if sha256_of(path) != received.sha256 or identity is None:
            self._receive_again(path)
            return
        target = self._folder / (DONE if received.accepted else FAILED)
        target.mkdir(mode=0o700, exist_ok=True)
        try:
            moved = self._processing.move(path, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            self._forget(path)
            self._moved[moved] = (identity, self._clock() + self._settle)
            return
        if self._processing.copy(path, target, received.sha256):
            # A program that still has it open writes to this file, not to the copy.
            self._copied[path] = (identity, self._clock() + self._settle)
        else:
            self._receive_again(path)

    def _remove_copied(self, path: Path) -> None:
        """Remove a file that was copied to another device, when nobody has written to it for long enough."""
        identity, until = self._copied[path]
        found = _identity(path)
        if found is None or not found.is_same(identity):
            self._receive_again(path)
        elif self._clock() >= until:
            self._processing.remove(path)
            self._forget(path)

    def _receive_again(self, path: Path) -> None:
        """Report that a file is not what was received any more, and put it back to be received again."""
        self._received.pop(path, None)
        self._copied.pop(path, None)
        self._tell_once(path.name, Notice("changed"))
        self._put_back(path)

    def _put_back(self, path: Path, before: _Identity | None = None, seconds: float = 0) -> None:
        """Put a file back. If it is as it was `before`, it is tried again only when it changes, or after so many seconds."""
        back = self._processing.put_back(path)
        self._received.pop(path, None)
        self._again.pop(path, None)
        self._seen.pop(back.name, None)
        identity = _identity(back)
        if before is not None and identity is not None and identity.is_same(before):
            self._left[back.name] = (identity, self._clock() + seconds)

    def _forget(self, path: Path) -> None:
        """Forget a file that is gone from `processing`."""
        for known in (self._received, self._again, self._copied):
            known.pop(path, None)
        self._last_notices.pop(path.name, None)

    def _check_moved(self) -> None:
        """Put back what was written to after it was moved, by somebody who had it open all the time."""
        for path, (identity, until) in list(self._moved.items()):
            found = _identity(path)
            if found is not None and not found.is_same(identity):
                self._tell_once(path.name, Notice("changed"))
                try:
                    self._processing.put_back(path)
                except OSError as error:
                    self._tell_fault(path.name, error)
                    continue
            elif found is not None and self._clock() < until:
                continue
            del self._moved[path]

    def _tell_fault(self, name: str, error: OSError) -> None:
        self._tell_once(name, Notice("fault", reason=error.strerror or str(error)))

    def _tell_once(self, name: str, notice: Notice) -> None:
        """Report something of a file, or of the folder ("") itself, once for as long as it is the same."""
        last = self._last_notices.get(name)
        if last is None or last[:3] != notice[:3]:
            self._last_notices[name] = notice
            self._tell(notice._replace(path=self._folder / name))


def _since(
    known: Mapping[str, tuple[_Identity | None, float]], name: str, identity: _Identity | None, now: float
) -> float:
    """Return since when a file is the same: `now` if it is new or has changed."""
    before, since = known.get(name, (None, now))
    return since if before == identity else now


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return name.lower().endswith(".xml") and not name.startswith((".", "~")) and entry.is_file(follow_symlinks=False)


def _identity(path: Path) -> _Identity | None:
    """Return the identity of a regular file; None if there is none, or it cannot be looked at."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return _Identity(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
