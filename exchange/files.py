"""Files that we write: their names, and that each appears whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from exchange.values import danish_time

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


TEMPORARY = ".exchange-"
"""How the names begin of files that are being written: what a killed process leaves has such a name."""


def file_name(document: Mapping[str, Any]) -> str:
    """Give the file name of a parsed message: `AKAS067_SAMTALE_20261120140500_<beskedId>.xml`.

    A message without a hoved is named after its own key, a kvittering after kvitteringId; one that names no
    fund has a name without that part, `KVITTERING_20261120140500_<kvitteringId>.xml`. The time is `oprettet`
    in Danish local time. The name is this project's own, in the spirit of STAR's. Raises ValueError if the key
    or akassekode has not its form: nothing else of a message reaches a path.
    """
    ((name, content),) = document.items()
    head, key = (content["hoved"], "beskedId") if "hoved" in content else (content, f"{name}Id")
    fund = f"AKAS0{head['akassekode']}_" if "akassekode" in head else ""
    if not GUID.fullmatch(head[key]) or not re.fullmatch("(AKAS0[0-9]{2}_)?", fund):
        raise ValueError(f"{key} or akassekode has not its form")
    moment = danish_time(head["oprettet"])
    return f"{fund}{name.upper()}_{moment.year:04d}{moment:%m%d%H%M%S}_{head[key]}.xml"


def delivery_name(header: Mapping[str, Any]) -> str:
    """Give the file name of a delivery: `AKAS067_LEVERANCE_20261120140500_<leveranceId>.xml`.

    `header` is a delivery's, with an aware `oprettet`. Raises ValueError as `file_name` does.
    """
    return file_name({"leverance": header})


def write_whole(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file that appears under its name whole, with mode 0600, or not at all.

    Raises FileExistsError if the name is taken, unless `overwrite`; OSError as the system gives it.
    """
    with whole_file(path, overwrite=overwrite) as file:
        file.buffer.write(data)


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False, temporary_name: str = TEMPORARY) -> Iterator[TextIOWrapper]:
    """Open a text file in UTF-8 that appears under its name, with mode 0600, when all is written, or not at all.

    Until then its name begins with `temporary_name`, by which one can tell what a killed process left.
    Raises FileExistsError if the name is taken, unless `overwrite`; OSError as the system gives it.
    """
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(17, "file exists", str(path))
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=temporary_name, suffix=".part")
    except OSError as error:  # names the file that the user named
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:  # noqa: PTH123  # a descriptor
            yield file
            file.flush()
            os.fsync(file.fileno())
        rename(Path(temporary), path, overwrite=overwrite)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def whole_folder(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Make a folder that appears under its name, with mode 0700, when all in it is written, or not at all.

    Raises FileExistsError if the name is taken by anything but an empty folder, unless `overwrite`: whether what is there
    may go is the caller's to know; OSError as the system gives it.
    """
    if not overwrite:
        _refuse_taken(path)
    try:
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=TEMPORARY, suffix=".part"))
    except OSError as error:  # names the folder that the user named
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        yield temporary
        if hasattr(os, "sync"):
            # To sync a hundred thousand files one by one takes minutes.
            os.sync()
        if overwrite:
            replace_folder(temporary, path)
        else:
            appear(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def appear(temporary: Path, path: Path) -> None:
    """Give a folder, in which all is written and synced, its name."""
    _refuse_taken(path)
    # Not every system lets an empty folder give way by itself. A name taken since then is not taken over.
    if path.is_dir():
        path.rmdir()
    temporary.rename(path)
    sync_folder(path.parent)


def replace_folder(temporary: Path, path: Path) -> None:
    """Give a folder, in which all is written and synced, its name; what had it is gone then."""
    if not os.path.lexists(path):
        appear(temporary, path)
        return
    before = Path(tempfile.mkdtemp(dir=path.parent, prefix=TEMPORARY), path.name)
    path.rename(before)
    try:
        appear(temporary, path)
    except BaseException:
        before.rename(path)
        raise
    finally:
        shutil.rmtree(before.parent, ignore_errors=True)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, with mode 0600, into a folder that appears whole. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123  # a descriptor
        file.write(data)


def rename(temporary: Path, path: Path, *, overwrite: bool = False) -> None:
    """Give a file that is written and synced its name. Raises FileExistsError if that is taken, unless `overwrite`."""
    if overwrite:
        temporary.replace(path)
    else:
        _claim(temporary, path)
    sync_folder(path.parent)


def _refuse_taken(path: Path) -> None:
    if os.path.lexists(path) and (path.is_symlink() or not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(17, "file exists", str(path))


def _claim(temporary: Path, path: Path) -> None:
    """Give the file its name, and fail if another took it meanwhile: a link never replaces."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links.
        temporary.rename(path)
    else:
        temporary.unlink()


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
