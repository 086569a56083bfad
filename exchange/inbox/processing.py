"""The private folder `processing` of a watched folder: nobody else replaces there what is being read.

A file is renamed into it before it is read. What a killed watcher left there is still to be received.
"""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from exchange.errors import UnreadableSource
from exchange.files.filesystem import sync_folder
from exchange.files.sources import CHUNK, sha256_of
from exchange.files.writing import rename, whole_file

PROCESSING = "processing"


class ProcessingFolder:
    """The folder `processing` in a watched one; each file lies there in a folder of its own, under the name that it came with.

    Raises UnreadableSource if what has that name is no folder of this user's, OSError as the system raises it.
    """

    def __init__(self, watched: Path) -> None:
        self._watched = watched
        self._folder = watched / PROCESSING
        self.make()

    def make(self) -> None:
        """Make the folder, if it is not there, and check that only its owner can use it. Raises as the class."""
        with suppress(FileExistsError):
            self._folder.mkdir(mode=0o700)
        status = self._folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
            raise UnreadableSource("no folder of your own", self._folder)
        if stat.S_IMODE(status.st_mode) != 0o700:
            self._folder.chmod(0o700)

    def take(self, name: str) -> Path:
        """Move a file of the watched folder here; return its path. Raises OSError as the system raises it."""
        own = Path(tempfile.mkdtemp(dir=self._folder, prefix=""))
        try:
            # The folder is new, so nothing is replaced.
            return (self._watched / name).rename(own / name)
        except OSError:
            own.rmdir()
            raise

    def files(self) -> list[Path]:
        """Return the files that lie here. Raises OSError as the system raises it."""
        found = []
        for own in sorted(path for path in self._folder.iterdir() if path.is_dir() and not path.is_symlink()):
            files = sorted(own.iterdir())
            found += files
            if not files:
                with suppress(OSError):
                    own.rmdir()
        return found

    def put_back(self, path: Path) -> Path:
        """Put a file back into the watched folder, under its own name if that is free; return its path."""
        return self.move(path, self._watched)

    def move(self, path: Path, target: Path) -> Path:
        """Move a file into a folder, under the first name like its own that is free there; return its path.

        Raises OSError as the system raises it; then the file is where it was.
        """
        for free in _names(path.name, target):
            if not os.path.lexists(free):
                rename(path, free)
                sync_folder(target)
                break
            # A program was killed between the two steps of a move, so the file has two names.
            if os.path.samestat(free.lstat(), path.lstat()):
                path.unlink()
                break
        self._remove_folder(path)
        return free

    def copy(self, path: Path, target: Path, digest: str) -> bool:
        """Copy a file into a folder of another device, as `move` would; return False if it does not have this SHA-256 any more.

        A file that is there with that name and digest is the copy: a program made it that was killed before it removed the
        original. Raises OSError as the system raises it.
        """
        free = next(free for free in _names(path.name, target) if not os.path.lexists(free) or _has(free, digest))
        if os.path.lexists(free):
            return True
        try:
            with whole_file(free) as copy, path.open("rb") as file:
                copied = sha256()
                while block := file.read(CHUNK):
                    copied.update(block)
                    copy.buffer.write(block)
                if copied.hexdigest() != digest:
                    raise _Changed
        except _Changed:
            return False
        return True

    def remove(self, path: Path) -> None:
        """Remove a file that was copied. Raises OSError as the system raises it."""
        path.unlink()
        self._remove_folder(path)

    def _remove_folder(self, path: Path) -> None:
        if path.parent.parent == self._folder:
            with suppress(OSError):
                path.parent.rmdir()


class _Changed(Exception):
    """The file that is being copied is not what it was."""


def _has(path: Path, digest: str) -> bool:
    """Return True for a regular file with this SHA-256. Raises OSError as the system raises it."""
    return stat.S_ISREG(path.lstat().st_mode) and sha256_of(path) == digest


_SHORT_NAME = 100
"""Bytes of a name that every file system takes."""


def _names(name: str, folder: Path) -> Iterator[Path]:
    """Yield a file's path in a folder, and then others like it, numbered, that the file system takes too."""
    yield folder / name
    stem, suffix = Path(name).stem, Path(name).suffix
    longest = max(len(os.fsencode(name)), _SHORT_NAME)
    for number in itertools.count(2):
        end = f"-{number}{suffix}"
        while stem and len(os.fsencode(stem + end)) > longest:
            stem = stem[:-1]
        yield folder / f"{stem}{end}"
