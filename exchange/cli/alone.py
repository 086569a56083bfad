"""Sees to it that only one command at a time works on a folder that is to be made."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from exchange.cli.paths import shown_path

if sys.platform != "win32":
    import fcntl

_HELD = (errno.EACCES, errno.EAGAIN)
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others from a folder while the block runs, where the system has locks.

    The lock is on an empty file beside the folder, which is gone afterwards; one that a killed command left keeps nobody
    away. Raises click.UsageError if another command is at work, OSError as the system gives it.
    """
    if sys.platform == "win32":
        yield
        return
    path = folder.with_name(f".{folder.name}.exchange-lock")
    descriptor = _open(path, folder)
    try:
        try:
            # One that child processes do not inherit: what is left of a killed command would hold it.
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = _is(path, descriptor)
        except OSError as error:
            if error.errno not in _HELD + _NO_LOCKS:
                raise
            is_ours = error.errno in _NO_LOCKS
        if not is_ours:
            shown = shown_path(folder, show_values=False)
            raise click.UsageError(f"{shown}: another command is at work on it; wait until it ends")
        try:
            yield
        finally:
            # While it is still locked: who opened it meanwhile sees that it has no name any more.
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _open(path: Path, folder: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:  # names the folder that the user named
        raise type(error)(error.errno, error.strerror, str(folder)) from None


def _is(path: Path, descriptor: int) -> bool:
    """True if an open file still has its name: another command may have ended, and removed it, just now."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
