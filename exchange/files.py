"""Files that we write: their names, and that each appears whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from exchange.values import DENMARK

GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


TEMPORARY = ".exchange-"
"""How the names begin of files that are being written: what a killed process leaves has such a name."""


def file_name(document: Mapping[str, Any]) -> str:
    """Give the file name of a parsed message: `AKAS067_SAMTALE_20261120140500_<beskedId>.xml`.

    The time is `oprettet` in Danish local time. The name is this project's own, in the spirit of STAR's.
    Raises ValueError if beskedId or akassekode has not its form: nothing else of a message reaches a path.
    """
    ((name, content),) = document.items()
    hoved = content["hoved"]
    if not GUID.fullmatch(hoved["beskedId"]) or not re.fullmatch("[0-9]{2}", hoved["akassekode"]):
        raise ValueError("beskedId or akassekode has not its form")
    moment = hoved["oprettet"].astimezone(DENMARK)
    return f"AKAS0{hoved['akassekode']}_{name.upper()}_{moment:%Y%m%d%H%M%S}_{hoved['beskedId']}.xml"


def write_whole(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a file that appears under its name whole, with mode 0600, or not at all.

    Raises FileExistsError if the name is taken, unless `overwrite`; OSError as the system gives it.
    """
    with whole_file(path, overwrite=overwrite) as file:
        file.buffer.write(data)


@contextmanager
def whole_file(path: Path, *, overwrite: bool = False) -> Iterator[TextIOWrapper]:
    """Open a text file in UTF-8 that appears under its name, with mode 0600, when all is written, or not at all.

    Raises FileExistsError if the name is taken, unless `overwrite`; OSError as the system gives it.
    """
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(17, "file exists", str(path))
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY, suffix=".part")
    except OSError as error:  # names the file that the user named
        raise type(error)(error.errno, error.strerror, str(path)) from None
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:  # noqa: PTH123  # a descriptor
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            Path(temporary).replace(path)
        else:
            _claim(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


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
