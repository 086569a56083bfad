"""Watches a folder and receives what comes into it; a file is moved away when what became of it is on the disk.

Nothing is read where others can still replace it, and what is moved away has the digest of what was kept. What goes wrong with a
folder or with the inbox is said once, and tried again.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from exchange.cli.alone import alone
from exchange.cli.inboxes import open_inbox
from exchange.cli.interrupts import Interrupts
from exchange.cli.paths import shown_path
from exchange.cli.processing import PROCESSING, Processing
from exchange.cli.reception import Reception
from exchange.cli.refusals import say
from exchange.files.sources import sha256_of
from exchange.findings.texts import text

if TYPE_CHECKING:
    from exchange.errors import InboxUnavailable
    from exchange.inbox.receiving import Received

DONE, FAILED = "done", "failed"

LOOK = 0.5
"""So many seconds pass before the folder is looked at again,"""

RETRY = 5.0
"""before what went wrong with a file is tried again,"""

INBOX_RETRY = 1.0
"""and before an inbox that could not be used is tried again."""


def watch(folder: Path, url: str, receipts: Path, settle: float, lang: str) -> int:
    """Receive what is in a folder and what comes into it, until a signal: SIGTERM raises SystemExit, Ctrl-C KeyboardInterrupt.

    Another watcher of the same folder is waited for, and so is an inbox that cannot be used just now. Raises InboxFault for
    an inbox that waiting does not help, click.UsageError as `open_inbox`, OSError if the folders cannot be made.
    """
    interrupts = Interrupts(terminated=True)
    shown = shown_path(folder, show_values=False)
    with interrupts.taken():
        patience = _Patience(interrupts, lang)
        with open_inbox(url, lang=lang, wait=patience) as opened:
            reception = Reception(opened, receipts, lang)
            with _alone(folder, interrupts, lang):
                watched = Watched(folder, reception, settle, lang, done=patience.is_over)
                say([text("watch-begins", lang, folder=shown, settle=settle)])
                while True:
                    watched.look(interrupts)
                    interrupts.pause(LOOK)


@contextmanager
def _alone(folder: Path, interrupts: Interrupts, lang: str) -> Iterator[None]:
    """Wait until no other watcher of a folder is at work: it would take what this one has in hand for what a killed one left."""
    waited = False
    while True:
        lock = alone(folder / PROCESSING)
        try:
            lock.__enter__()
        except click.UsageError:
            if not waited:
                say([f"{shown_path(folder, show_values=False)}: {text('watch-other', lang)}"])
            waited = True
            interrupts.pause(LOOK)
        else:
            break
    try:
        yield
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


class _Identity(NamedTuple):
    """What tells a file from another and from itself with another content. A rename changes its last member only."""

    inode: int
    size: int
    written: int
    changed: int

    def is_same(self, other: _Identity) -> bool:
        """True if the file is the same but for its name and its owners."""
        return self[:3] == other[:3]


class Watched:
    """A folder that is watched; `clock` gives seconds, and `done` is called when a file was received.

    Raises OSError if the folders in it cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        reception: Callable[[Path, Path], Received | None],
        settle: float,
        lang: str,
        *,
        done: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._reception = reception
        self._settle = settle
        self._lang = lang
        self._done = done
        self._clock = clock
        self._processing = Processing(folder)
        for name in (DONE, FAILED):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
        # By their names: files that are the same since a time; that wait until they are others; of what was said what.
        self._seen: dict[str, tuple[_Identity, float]] = {}
        self._left: dict[str, _Identity] = {}
        self._said: dict[str, str] = {}
        # By their places in `processing`: what was received and could not be moved; when what failed is tried again.
        self._received: dict[Path, Received] = {}
        self._again: dict[Path, float] = {}
        # Where they were moved to, until when whoever still writes to them is noticed.
        self._moved: dict[Path, tuple[_Identity, float]] = {}

    def look(self, interrupts: Interrupts) -> None:
        """Receive every file that is complete. Raises InboxFault as `Reception` does, BrokenPipeError if nobody reads what is said."""
        try:
            self._look_after()
            for path in self._processing.left():
                if self._clock() >= self._again.get(path, 0):
                    with interrupts.held():
                        self._receive(path)
            for name, identity in self._complete():
                with interrupts.held():
                    self._take(name, identity)
        except BrokenPipeError:  # nobody hears what is said
            raise
        except OSError as error:
            self._say_fault("", error)
        else:
            self._said.pop("", None)

    def _complete(self) -> list[tuple[str, _Identity]]:
        """Give the files that have been the same for long enough."""
        now = self._clock()
        with os.scandir(self._folder) as entries:
            wanted = {entry.name: _identity(Path(entry.path)) for entry in entries if _is_wanted(entry)}
        there = {name: identity for name, identity in wanted.items() if identity is not None and identity.size}
        self._seen = {name: self._seen.get(name, (identity, now)) for name, identity in there.items()}
        self._seen = {
            name: (there[name], since if there[name] == identity else now)
            for name, (identity, since) in self._seen.items()
        }
        self._left = {name: identity for name, identity in self._left.items() if there.get(name) == identity}
        waiting = {path.name for path in self._again}
        self._said = {name: line for name, line in self._said.items() if name in there or name in waiting or not name}
        ready = (name for name, (_, since) in self._seen.items() if now - since >= self._settle)
        return [(name, there[name]) for name in sorted(ready) if name not in self._left]

    def _take(self, name: str, identity: _Identity) -> None:
        try:
            path = self._processing.take(name)
        except FileNotFoundError:  # somebody took it away
            return
        except OSError as error:
            self._say_fault(name, error)
            return
        found = _identity(path)
        if found is None or not found.is_same(identity):
            # Another one took its name just now.
            self._put_back(path)
            return
        self._receive(path)

    def _receive(self, path: Path) -> None:
        """Receive a file in `processing`, and move it away; what goes wrong is said, and tried again."""
        try:
            received = self._received.get(path) or self._judged(path)
            if received is None:
                return
            if sha256_of(path) != received.sha256:
                self._received.pop(path, None)
                self._say(path.name, text("watch-changed", self._lang))
                self._put_back(path)
                return
            self._received[path] = received
            target = self._folder / (DONE if received.ok else FAILED)
            target.mkdir(mode=0o700, exist_ok=True)
            moved = self._processing.move(path, target)
        except BrokenPipeError:  # nobody hears what is said
            raise
        except OSError as error:
            self._again[path] = self._clock() + RETRY
            self._say_fault(path.name, error)
            return
        self._forget(path)
        self._said.pop(path.name, None)
        identity = _identity(moved)
        if identity is not None:
            self._moved[moved] = (identity, self._clock() + self._settle)

    def _judged(self, path: Path) -> Received | None:
        """Give what became of a file; None if it was put back."""
        from exchange.inbox.unfinished import is_unfinished

        before = _identity(path)
        if is_unfinished(path):
            self._say(path.name, text("watch-unfinished", self._lang))
            received = None
        else:
            received = self._reception(path, self._folder / path.name)
            self._done()
        if received is None:
            unchanged = before is not None and before == _identity(path)
            self._put_back(path, leave=unchanged)
        return received

    def _put_back(self, path: Path, *, leave: bool = False) -> None:
        """Put a file back; if it is to be left, it is tried again only when it has changed."""
        back = self._processing.put_back(path)
        self._forget(path)
        self._seen.pop(back.name, None)
        identity = _identity(back)
        if leave and identity is not None:
            self._left[back.name] = identity

    def _forget(self, path: Path) -> None:
        self._received.pop(path, None)
        self._again.pop(path, None)

    def _look_after(self) -> None:
        """Take back what was written to after it was moved, by somebody who had it open all the time."""
        for path, (identity, until) in list(self._moved.items()):
            found = _identity(path)
            if found is not None and not found.is_same(identity):
                self._say(path.name, text("watch-changed", self._lang))
                try:
                    self._processing.put_back(path)
                except OSError as error:
                    self._say_fault(path.name, error)
                    continue
            elif found is not None and self._clock() < until:
                continue
            del self._moved[path]

    def _say(self, name: str, line: str) -> None:
        """Say what there is to say of a file, once for as long as it is the same."""
        if self._said.get(name) != line:
            self._said[name] = line
            say([f"{shown_path(self._folder / name, show_values=False)}: {line}"])

    def _say_fault(self, name: str, error: OSError) -> None:
        self._say(name, f"{error.strerror or error}; {text('watch-again', self._lang)}")


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    name = entry.name
    return name.lower().endswith(".xml") and not name.startswith((".", "~")) and entry.is_file(follow_symlinks=False)


def _identity(path: Path) -> _Identity | None:
    """Say which file is at a place; None if none is, or no regular one, or it cannot be said."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return _Identity(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
