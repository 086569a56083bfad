"""Where systems and their file systems differ: what can be synced, what blocks a rename, what is a mount point."""

from __future__ import annotations

import errno
import io
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO


def is_mount(path: Path) -> bool:
    """True for a mount point, also for one that shows another folder of the same file system, as containers have them."""
    if os.path.ismount(path):
        return True
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes()
    except OSError:
        return False
    # The fifth field; blanks and backslashes in it are written in octal (proc(5)).
    real = re.sub(rb"[ \t\n\\]", lambda found: b"\\%03o" % found[0][0], os.fsencode(os.path.realpath(path)))
    return any(line.split(b" ", 5)[4:5] == [real] for line in mounts.splitlines())


def held(folder: Path | None = None) -> IO[bytes]:
    """Open a file without a name for what is not to be published yet: in a folder, or where the system has such files.

    Where it has none (a container that may write nowhere), it is held in memory.
    """
    import tempfile  # with shutil and random it takes long to import, and most commands hold nothing back

    if folder is not None:
        return tempfile.TemporaryFile(dir=folder)
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        return io.BytesIO()
    return tempfile.TemporaryFile()


def held_text(folder: Path | None = None) -> TextIOWrapper:
    """Open a text file as `held` does."""
    return TextIOWrapper(held(folder), encoding="utf-8", errors="backslashreplace", newline="")


_PATIENCE = 20
"""So often a rename is tried again that another program blocks, a tenth of a second apart."""


def retried(action: Callable[[Path], object], target: Path) -> None:
    """Rename; on Windows again and again for two seconds where a virus scanner or an indexer has the file open."""
    for left in range(_PATIENCE, -1, -1):
        try:
            action(target)
        except PermissionError as error:
            # Access denied, sharing violation. Only Windows has such numbers.
            if getattr(error, "winerror", None) not in (5, 32) or not left:
                raise
            time.sleep(0.1)
        else:
            return


_NEVER_SYNCED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM, errno.EBADF}
"""What a system says of what it cannot sync at all: CIFS and FUSE, or a folder that this user may write to but not read."""


_PAUSE = 0.02
"""Seconds between two syncs."""


def sync(descriptor: int) -> None:
    """See to it that an open file is on the disk, where the system can. Raises OSError if it fails at it."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NEVER_SYNCED:
            raise


@contextmanager
def synced_meanwhile(descriptors: Sequence[int]) -> Iterator[None]:
    """Sync files again and again while the block writes to them, where the system can: the sync at the end has little left to do.

    To ask Linux to begin with it, without waiting, brings next to nothing. Faults are left to the sync at the end: the descriptors
    are not those that are synced then, since Linux reports a fault once to each.
    """
    if not hasattr(os, "fdatasync"):
        yield
        return
    ended = threading.Event()

    def sync_all() -> None:
        while not ended.wait(_PAUSE):
            for descriptor in descriptors:
                if ended.is_set():
                    return
                with suppress(OSError):
                    os.fdatasync(descriptor)

    thread = threading.Thread(target=sync_all, daemon=True)
    try:
        thread.start()
        yield
    finally:
        ended.set()
        if thread.ident is not None:
            thread.join()


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk, where the system can. Raises OSError if it fails at it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        if error.errno not in _NEVER_SYNCED:
            raise
        return
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)
