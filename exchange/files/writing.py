"""Writes files and folders that appear under their names whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, NamedTuple

from exchange.errors import OutputRefused
from exchange.files.filesystem import is_mount, retried, sync
from exchange.files.filesystem import sync_folder as sync_folder

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_BUFFER = 1 << 16
"""So many bytes are written at a time. With Python's own 8 KB, every other message of 4 KB is a write of its own."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

TEMPORARY = ".exchange-"
"""How the names begin of files that are being written: what a killed process leaves has such a name."""

Overwrite = bool | Callable[[Path], bool]
"""Whether files may be replaced; or what says so of each that is there."""


def write_whole(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file that appears under its name whole, with mode 0600, or not at all. Raises as `whole_files` does."""
    with whole_file(path, overwrite=overwrite) as file:
        file.buffer.write(data)


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False) -> Iterator[TextIOWrapper]:
    """Open a text file in UTF-8 that appears under its name, with mode 0600, when all is written, or not at all.

    Raises as `whole_files` does.
    """
    with whole_files(overwrite=overwrite) as files:
        try:
            yield files.open(path)
            files.flush()
        except OSError as error:
            if error.errno not in _FULL or error.filename is not None:
                raise
            raise type(error)(error.errno, error.strerror, str(path)) from None  # the system names no file


@contextmanager
def whole_files(*, overwrite: Overwrite = False, temporary_name: str = TEMPORARY) -> Iterator[WholeFiles]:
    """Return what opens files that appear under their names, with mode 0600, when all of all is written, or none of them.

    Until then their names begin with `temporary_name`, which shows what a killed process left. Raises
    FileExistsError if a name is taken, unless `overwrite`; OutputRefused, which is one, if it is by anything but a
    regular file; OSError as the system gives it. What was raised first is what the caller gets.
    """
    files = WholeFiles(overwrite, temporary_name)
    try:
        yield files
        files.publish()
    finally:
        files.discard()


class WholeFiles:
    """Files that are being written, and appear together; made by `whole_files`."""

    def __init__(self, overwrite: Overwrite, temporary_name: str) -> None:
        self._overwrite = overwrite
        self._temporary_name = temporary_name
        self._open: list[TextIOWrapper] = []
        self._waiting: list[tuple[Path, Path]] = []

    def open(self, path: Path) -> TextIOWrapper:
        """Open a text file in UTF-8; bytes go to its `buffer`."""
        temporary = self.reserve(path)
        try:
            descriptor = os.open(temporary, _NEW, 0o600)
        except OSError as error:  # names the file that the user named
            self._waiting.pop()
            raise type(error)(error.errno, error.strerror, str(path)) from None
        file = open(descriptor, "w", _BUFFER, encoding="utf-8", errors="backslashreplace", newline="")  # noqa: PTH123, SIM115  # a descriptor; publish or discard closes it
        self._open.append(file)
        return file

    def reserve(self, path: Path) -> Path:
        """Return the name under which the caller writes and syncs a file that is to appear with the others."""
        check_free(path, overwrite=self._overwrite)
        temporary = _temporary(path, self._temporary_name)
        # Known before it is there: Ctrl-C may come at any moment.
        self._waiting.append((temporary, path))
        return temporary

    def flush(self) -> None:
        """Write what is still in memory, so that a full disk is met here."""
        for file in self._open:
            file.flush()

    def publish(self) -> None:
        """Rename all files to their final names."""
        for file in self._open:
            file.flush()
            sync(file.fileno())
            file.close()
        publish(self._waiting, overwrite=self._overwrite)
        self._waiting.clear()

    def discard(self) -> None:
        """Remove what has not got its name; a fault in that would only hide why."""
        for file in self._open:
            with suppress(OSError):
                file.close()
        for temporary, _ in self._waiting:
            with suppress(OSError):
                temporary.unlink()


def check_free(path: Path, *, overwrite: Overwrite = False) -> bool:
    """Return True if a file is there that may be replaced.

    Raises FileExistsError if it may not, OutputRefused if the name is taken by anything but a regular file.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(mode):
        # By a rename, root would replace /dev/null for everybody.
        raise OutputRefused(next((key for key, test in _IRREGULAR.items() if test(mode)), "output-device"), path)
    if not (overwrite(path) if callable(overwrite) else overwrite):
        raise FileExistsError(17, "file exists", str(path))
    return True


_IRREGULAR = {
    "output-folder": stat.S_ISDIR,
    "output-link": stat.S_ISLNK,
    "output-pipe": stat.S_ISFIFO,
    "output-socket": stat.S_ISSOCK,
}


class _Place(NamedTuple):
    """A name that a file is to get: which file, by device and number, and where that is kept which had the name."""

    path: Path
    identity: tuple[int, int]
    before: Path | None


def publish(files: Sequence[tuple[Path, Path]], *, overwrite: Overwrite = False) -> None:
    """Give files, which are written and synced, their names: all of them, or none. Each pair lies on one file system.

    Raises as `whole_files` does.
    """
    for _, path in files:
        check_free(path, overwrite=overwrite)
    places: list[_Place] = []
    try:
        for temporary, path in files:
            replaces = check_free(path, overwrite=overwrite) or overwrite is True
            # A single one needs nothing to go back to: to replace is one step.
            before = _kept(path) if replaces and len(files) > 1 else None
            places.append(_Place(path, _identity(temporary), before))
            rename(temporary, path, overwrite=replaces)
        for folder in {path.parent for _, path in files}:
            sync_folder(folder)
    except BaseException:
        for place in reversed(places):
            with suppress(OSError):
                _take_back(place)
        raise
    for place in places:
        if place.before is not None:
            with suppress(OSError):
                place.before.unlink()


def _kept(path: Path) -> Path | None:
    """Give another name to a file that is to be replaced; None if there is none."""
    before = _temporary(path, TEMPORARY)
    try:
        before.hardlink_to(path)
    except FileNotFoundError:
        return None
    except OSError:  # a file system without links
        retried(path.rename, before)
    return before


def _take_back(place: _Place) -> None:
    if place.before is not None:
        retried(place.before.replace, place.path)
        # Two links to one file both stay.
        place.before.unlink(missing_ok=True)
    elif _identity(place.path) == place.identity:
        place.path.unlink()


def _identity(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_dev, status.st_ino


@contextmanager
def whole_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Make a folder that appears under its name, with mode 0700, when all in it is written, or not at all.

    Raises FileExistsError if the name is taken by anything but an empty folder, unless `overwrite`: whether what is there
    may go is the caller's to know; OutputRefused for a mount point, `.`, a link or a device; OSError as the system gives it.
    """
    check_folder(path)
    if not overwrite:
        _refuse_taken(path)
    temporary = _temporary(path, TEMPORARY)
    try:
        try:
            temporary.mkdir(mode=0o700)
        except OSError as error:  # names the folder that the user named
            raise type(error)(error.errno, error.strerror, str(path)) from None
        yield temporary
        if hasattr(os, "sync"):
            # To sync a hundred thousand files one by one takes minutes.
            os.sync()
        if overwrite:
            replace_folder(temporary, path)
        else:
            appear(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


@contextmanager
def folders_above(path: Path) -> Iterator[None]:
    """Make the folders above a path that are missing; they are gone again if the block fails and they are empty."""
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            for folder in missing:
                folder.rmdir()
        raise


def check_folder(path: Path) -> None:
    """Raise OutputRefused if a folder cannot be put in place whole, by a rename: for a mount point, and for `.`."""
    if is_mount(path):
        raise OutputRefused("output-mount", path)
    if not path.name:
        raise OutputRefused("output-here", path)


def appear(temporary: Path, path: Path) -> None:
    """Rename a folder, in which all is written and synced, to its final name."""
    _refuse_taken(path)
    # Not every system lets an empty folder give way by itself. A name taken since then is not taken over.
    if path.is_dir():
        path.rmdir()
    retried(temporary.rename, path)
    sync_folder(path.parent)


def replace_folder(temporary: Path, path: Path) -> None:
    """Rename a folder, in which all is written and synced, to its final name; what had that name is gone, or keeps it on failure."""
    if not os.path.lexists(path):
        appear(temporary, path)
        return
    aside = _temporary(path, TEMPORARY)
    aside.mkdir(mode=0o700)
    before = aside / path.name
    try:
        retried(path.rename, before)
        try:
            appear(temporary, path)
        except BaseException:
            with suppress(OSError):
                retried(before.rename, path)
            raise
    except BaseException:
        # What could not be put back stays where it is.
        with suppress(OSError):
            aside.rmdir()
        raise
    _remove(aside)


def _remove(folder: Path) -> None:
    import shutil  # slow to import, with its compressions

    shutil.rmtree(folder, ignore_errors=True)


def _temporary(path: Path, beginning: str) -> Path:
    """Return a name beside a path that nothing has."""
    return path.with_name(f"{beginning}{os.urandom(8).hex()}.part")


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, with mode 0600, into a folder that appears whole. Raises FileExistsError."""
    with open_new(path) as file:
        file.write(data)


def open_new(path: Path) -> IO[bytes]:
    """Open a file that is not there yet, with mode 0600, in a folder that appears whole. Raises FileExistsError."""
    return open(os.open(path, _NEW, 0o600), "wb")  # noqa: PTH123  # a descriptor


def rename(temporary: Path, path: Path, *, overwrite: bool = False) -> None:
    """Rename a file to its final name. Raises FileExistsError if that is taken, unless `overwrite`; OutputRefused as `check_free`."""
    if overwrite:
        check_free(path, overwrite=True)
        retried(temporary.replace, path)
    else:
        _claim(temporary, path)


def _refuse_taken(path: Path) -> None:
    """Raise FileExistsError if a folder's name is taken, but by an empty one; OutputRefused if it is by what is never replaced."""
    if path.is_symlink() or not path.is_dir():
        check_free(path)
    elif any(path.iterdir()):
        raise FileExistsError(17, "file exists", str(path))


def _claim(temporary: Path, path: Path) -> None:
    """Rename the file to its final name, and fail if another took it meanwhile: a link never replaces."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links.
        check_free(path)
        retried(temporary.rename, path)
    else:
        temporary.unlink()
