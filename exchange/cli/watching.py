"""Watches a folder and receives what comes into it; a file is moved away when what became of it is on the disk."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from exchange.cli.interrupts import Interrupts
from exchange.errors import PackageMissing
from exchange.files import sync_folder

if TYPE_CHECKING:
    from exchange.cli.receiving import Reception

DONE, FAILED = "done", "failed"

SETTLED = 0.5
"""So many seconds a file has to be the same before it is taken to be whole."""

_Identity = tuple[int, int, int]


def watch(folder: Path, reception: Reception) -> int:
    """Receive what is in a folder and what comes into it, until Ctrl-C. Raises as `Reception`, PackageMissing without watchfiles."""
    try:
        from watchfiles import watch as changes
    except ImportError:
        raise PackageMissing(
            "to watch a folder needs watchfiles, which is not installed: pip install 'exchange[inbox]'"
        ) from None
    watched = _Watched(folder, reception)
    interrupts = Interrupts()
    with interrupts.taken():
        watched.look(interrupts)
        # A pause without changes is what tells that a file is whole.
        for _ in changes(
            folder, recursive=False, debounce=200, rust_timeout=int(SETTLED * 1000), yield_on_timeout=True
        ):
            watched.look(interrupts)
    return 0


class _Watched:
    def __init__(self, folder: Path, reception: Reception) -> None:
        self._folder = folder
        self._reception = reception
        self._seen: dict[str, tuple[_Identity, float]] = {}
        self._left: dict[str, _Identity] = {}
        for name in (DONE, FAILED):
            (folder / name).mkdir(mode=0o700, exist_ok=True)

    def look(self, interrupts: Interrupts) -> None:
        """Receive every file that is whole."""
        now = time.monotonic()
        there = {entry.name: _identity(entry) for entry in os.scandir(self._folder) if _is_wanted(entry)}
        self._seen = {name: seen for name, seen in self._seen.items() if there.get(name) == seen[0]}
        self._left = {name: identity for name, identity in self._left.items() if there.get(name) == identity}
        for name, identity in sorted(there.items()):
            if identity is None or name in self._left:
                continue
            _, since = self._seen.setdefault(name, (identity, now))
            if now - since >= SETTLED:
                with interrupts.held():
                    self._receive(name, identity)

    def _receive(self, name: str, identity: _Identity) -> None:
        path = self._folder / name
        received = self._reception(path)
        if received is None:
            # It stays, and is tried again when it is another.
            self._left[name] = identity
            return
        target = self._folder / (DONE if received.ok else FAILED)
        path.rename(_free(target / name))
        sync_folder(target)


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and not entry.name.endswith(".tmp") and entry.is_file(follow_symlinks=False)


def _identity(entry: os.DirEntry[str]) -> _Identity | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _free(target: Path) -> Path:
    """Give the name, or the first like it that is free: what was moved before stays."""
    number, free = 1, target
    while os.path.lexists(free):
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free
