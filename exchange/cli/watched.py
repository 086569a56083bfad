"""A folder that is watched: takes what is complete, receives it, and moves it away when what became of it is on the disk.

Nothing is read where others can still replace it, and what is moved away has the digest of what was kept. What goes wrong with the
folder or with a file is said once, and tried again.
"""

from __future__ import annotations

import errno
import math
import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exchange.cli.processing import Processing
from exchange.cli.refusals import say
from exchange.errors import UndeterminedMessage, UnreadableSource
from exchange.files.sources import sha256_of
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path
from exchange.reports.text import lines
from exchange.runs.interruption import Interrupts

if TYPE_CHECKING:
    from exchange.inbox.receiving import Received

DONE, FAILED = "done", "failed"

RETRY = 5.0
"""So many seconds pass before what went wrong with a file is tried again."""


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
        reception: Callable[[Path, Path], Received],
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
        # By their names: files that are the same since a time; that wait until they are others, or until a time; of what was
        # said what.
        self._seen: dict[str, tuple[_Identity, float]] = {}
        self._left: dict[str, tuple[_Identity, float]] = {}
        self._said: dict[str, str] = {}
        # By their places in `processing`: what was received and could not be moved; when what failed is tried again.
        self._received: dict[Path, Received] = {}
        self._again: dict[Path, float] = {}
        # Until when whoever still writes to them is noticed: by where they were moved to, or, of those that were copied to
        # another device, by their places in `processing`.
        self._moved: dict[Path, tuple[_Identity, float]] = {}
        self._copied: dict[Path, tuple[_Identity, float]] = {}

    def look(self, interrupts: Interrupts) -> None:
        """Receive every file that is complete. Raises InboxFault as `Reception` does, BrokenPipeError if nobody reads what is said."""
        try:
            # The folder may have been made again.
            self._processing.make()
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
        self._left = {
            name: (identity, until)
            for name, (identity, until) in self._left.items()
            if there.get(name) == identity and now < until
        }
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
            if path in self._copied:
                self._let_go(path)
                return
            received = self._received.get(path) or self._judged(path)
            if received is not None:
                self._received[path] = received
                self._move(path, received)
        except BrokenPipeError:  # nobody hears what is said
            raise
        except OSError as error:
            self._again[path] = self._clock() + RETRY
            self._say_fault(path.name, error)

    def _judged(self, path: Path) -> Received | None:
        """Give what became of a file; None if it was put back. Raises OSError for what may pass by itself."""
        from exchange.inbox.unfinished import is_unfinished

        before = _identity(path)
        try:
            if is_unfinished(path):
                self._say(path.name, text("watch-unfinished", self._lang))
                self._put_back(path, before, math.inf)
                return None
        except PermissionError as error:
            # Whoever can mend that looks for the file where it came.
            self._say_fault(path.name, error)
            self._put_back(path, before, RETRY)
            return None
        named = self._folder / path.name
        try:
            received = self._reception(path, named)
        except UndeterminedMessage as undetermined:
            line = f"{text('receipt-undetermined', self._lang)}; {text('watch-again', self._lang)}"
            shown = shown_path(named, show_values=False)
            self._say(path.name, line, lines(shown, undetermined.report, self._lang))
            self._put_back(path, before, RETRY)
            return None
        except UnreadableSource as error:
            if error.path != path:
                raise
            self._say(path.name, text("watch-changed", self._lang))
            self._put_back(path)
            return None
        self._done()
        return received

    def _move(self, path: Path, received: Received) -> None:
        """Move away what was received. Raises OSError as the system gives it; then it is where it was."""
        # Taken before the digest: whatever is written after it makes another one.
        identity = _identity(path)
        if sha256_of(path) != received.sha256 or identity is None:
            self._take_back(path)
            return
        target = self._folder / (DONE if received.ok else FAILED)
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
            # Whoever still has it open writes to this file, not to the copy.
            self._copied[path] = (identity, self._clock() + self._settle)
        else:
            self._take_back(path)

    def _let_go(self, path: Path) -> None:
        """Remove what was copied to another device, when nobody has written to it for long enough."""
        identity, until = self._copied[path]
        found = _identity(path)
        if found is None or not found.is_same(identity):
            self._take_back(path)
        elif self._clock() >= until:
            self._processing.remove(path)
            self._forget(path)

    def _take_back(self, path: Path) -> None:
        """Say that a file is not what was received any more, and put it back to be received again."""
        self._received.pop(path, None)
        self._copied.pop(path, None)
        self._say(path.name, text("watch-changed", self._lang))
        self._put_back(path)

    def _put_back(self, path: Path, before: _Identity | None = None, seconds: float = 0) -> None:
        """Put a file back. If it is still as it was `before`, it is tried again only when it changes, or after so many seconds."""
        back = self._processing.put_back(path)
        self._received.pop(path, None)
        self._again.pop(path, None)
        self._seen.pop(back.name, None)
        identity = _identity(back)
        if before is not None and identity is not None and identity.is_same(before):
            self._left[back.name] = (identity, self._clock() + seconds)

    def _forget(self, path: Path) -> None:
        """Know nothing more of a file that is gone from `processing`, with all that was to be done."""
        for known in (self._received, self._again, self._copied):
            known.pop(path, None)
        self._said.pop(path.name, None)

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

    def _say(self, name: str, line: str, before: Iterable[str] = ()) -> None:
        """Say what there is to say of a file, after other lines, once for as long as it is the same."""
        if self._said.get(name) != line:
            self._said[name] = line
            say([*before, f"{shown_path(self._folder / name, show_values=False)}: {line}"])

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
