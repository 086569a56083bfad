"""The private folder in which a watched folder's files are received: nobody else replaces there what is being read.

A file is renamed into it before it is read. What a watcher that was killed left there is still to be received.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from exchange.errors import UnreadableSource
from exchange.files.filesystem import sync_folder
from exchange.files.writing import rename, whole_file

PROCESSING = "processing"


class Processing:
    """The folder `processing` in a watched one; each file in it lies in a folder of its own, under the name that it came with.

    Raises UnreadableSource if what has that name is no folder of this user's, OSError as the system gives it.
    """

    def __init__(self, watched: Path) -> None:
        self._watched = watched
        self._folder = watched / PROCESSING
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)
        status = self._folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
            raise UnreadableSource("no folder of your own", self._folder)
        if stat.S_IMODE(status.st_mode) != 0o700:
            self._folder.chmod(0o700)

    def take(self, name: str) -> Path:
        """Take a file of the watched folder; give where it is. Raises OSError as the system gives it."""
        own = Path(tempfile.mkdtemp(dir=self._folder, prefix=""))
        try:
            # The folder is new, so nothing gives way.
            return (self._watched / name).rename(own / name)
        except OSError:
            own.rmdir()
            raise

    def left(self) -> list[Path]:
        """Give the files that lie in it. Raises OSError as the system gives it."""
        found = []
        for own in sorted(path for path in self._folder.iterdir() if path.is_dir() and not path.is_symlink()):
            files = sorted(own.iterdir())
            found += files
            if not files:
                with suppress(OSError):
                    own.rmdir()
        return found

    def put_back(self, path: Path) -> Path:
        """Put a file back into the watched folder; give where it is: under its own name if that is free."""
        return self.move(path, self._watched)

    def move(self, path: Path, target: Path) -> Path:
        """Move a file into a folder, under the first name like its own that is free there; give where it is.

        Raises OSError as the system gives it; then it is where it was.
        """
        number, free = 1, target / path.name
        while os.path.lexists(free):
            # A program that was killed just before the file lost the one of its two names that it has here.
            if os.path.samestat(free.lstat(), path.lstat()):
                path.unlink()
                break
            number += 1
            free = target / f"{path.stem}-{number}{path.suffix}"
        else:
            _move(path, free)
        if path.parent.parent == self._folder:
            with suppress(OSError):
                path.parent.rmdir()
        return free


def _move(path: Path, target: Path) -> None:
    """Move a file to a name that is free, on another device too: there it is whole before it is gone here."""
    try:
        rename(path, target)
        sync_folder(target.parent)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    with whole_file(target) as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy.buffer)
    try:
        path.unlink()
    except OSError:
        target.unlink()
        raise
