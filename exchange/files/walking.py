"""Lists the files of a run: single files and folders, which are searched for names with a certain ending."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath
from typing import NamedTuple

from exchange.findings.texts import text

_STDIN = Path("-")


class Entry(NamedTuple):
    """A file to read, or a place where nothing can be read and why."""

    path: Path
    fault: str | None = None


def walk(
    paths: Iterable[Path],
    lang: str,
    suffixes: tuple[str, ...] = (".xml",),
    empty: str = "no-files",
    exclude: Sequence[str] = (),
    count_other: Callable[[], object] = lambda: None,
) -> Iterator[Entry]:
    """Yield each file of `paths`: itself, or those below a folder with such names, in the order of their names.

    Files and folders that match a pattern of `exclude` are left out of a folder (see `_is_excluded`). The text `empty` says
    why a folder without any file is a fault. `count_other` is called for each other file below a folder, unless it is hidden or
    excluded.
    """
    for path in paths:
        try:
            if path == _STDIN or not path.is_dir():
                yield Entry(path)
                continue
        except OSError as error:  # a name too long, a folder above that may not be entered
            yield Entry(path, error.strerror or type(error).__name__)
            continue
        faults: list[OSError] = []
        found = False
        for folder, below, names in os.walk(path, onerror=faults.append):
            above = Path(folder).relative_to(path)
            below[:] = sorted(name for name in below if not _is_excluded(above / name, exclude))
            for name in sorted(names):
                if _is_excluded(above / name, exclude):
                    continue
                if name.lower().endswith(suffixes):
                    found = True
                    yield Entry(Path(folder, name))
                elif not name.startswith("."):
                    count_other()
        yield from (Entry(Path(fault.filename), fault.strerror or type(fault).__name__) for fault in faults)
        if not found and not faults:
            yield Entry(path, text(empty, lang))


def _is_excluded(path: PurePath, patterns: Sequence[str]) -> bool:
    """True if a path below a folder matches a pattern, or its name one without `/`; `*` stands for any text, also with `/`."""
    return any(
        fnmatchcase(path.as_posix(), pattern) or ("/" not in pattern and fnmatchcase(path.name, pattern))
        for pattern in (given.removesuffix("/") for given in patterns)
    )


def is_folder(path: Path) -> bool:
    """Return True if a path leads to a folder; what cannot be looked at is none."""
    try:
        return path.is_dir()
    except OSError:
        return False
