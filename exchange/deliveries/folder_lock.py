"""Sees to it that only one command at a time works on a folder that is to be made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exchange.errors import RunRefused
from exchange.files.locks import locked
from exchange.findings.texts import both
from exchange.model.shown_paths import shown_path


@contextmanager
def locked_folder(folder: Path) -> Iterator[Callable[[], bool]]:
    """Keep others from a folder while the block runs, where the file system has locks; give what says if the lock is still there.

    The lock is on an empty file beside the folder, which is gone afterwards; one that a killed command left keeps nobody
    away. Raises RunRefused if another command is at work, OSError as the system gives it.
    """
    path = folder.with_name(f".{folder.name}.exchange-lock")
    descriptor = _open(path, folder)
    is_ours = False
    try:
        is_ours = locked(descriptor) and _is(path, descriptor)
        if not is_ours:
            shown = shown_path(folder)
            raise RunRefused(both("run-at-work", file=shown))
        yield lambda: _is(path, descriptor)
    finally:
        # The folder above may have been made again, with another's lock in it.
        if is_ours and _is(path, descriptor):
            # While it is still locked: who opened it meanwhile sees that it has no name any more.
            with suppress(PermissionError):
                path.unlink(missing_ok=True)
        os.close(descriptor)
        if os.name == "nt":  # which removes nothing that is open
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _open(path: Path, folder: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:  # names the folder that the user named
        raise type(error)(error.errno, error.strerror, str(folder)) from None


def _is(path: Path, descriptor: int) -> bool:
    """True if an open file still has its name: another command may have ended, and removed it, just now."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # it cannot be looked at just now
        return True
