"""A file of JSON lines that one run at a time writes: each line is bound to that run and to its place in the file."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from exchange.errors import JournalFault, RunRefused
from exchange.files.locks import locked
from exchange.findings.texts import both
from exchange.model.shown_paths import shown_path

T = TypeVar("T")

_KEY = 16
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)


class JournalFile:
    """The file `path`, locked from now on until `close`, its owner's only; made if it is not there.

    Its first record has to hold `key`, in hexadecimal: all lines carry a digest under it, of their number and what they
    say. The first line that is not whole and as it was written is where the file ends; what is written goes there.
    Raises RunRefused if another run holds it, or if it is no file of ours; JournalFault.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.key = os.urandom(_KEY)
        self._number = 0
        self._end = 0
        self._writing = False
        try:
            self._descriptor = _locked(path)
        except OSError as error:
            raise _fault(path, error) from None
        self._reader = open(self._descriptor, "rb", closefd=False)  # noqa: SIM115  # a descriptor; close closes it

    def read(self, decode: Callable[[Any], T]) -> T | None:
        """Return the next record, decoded; None where they end. Raises JournalFault."""
        try:
            line = self._reader.readline()
        except OSError as error:
            raise _fault(self.path, error) from None
        digest, _, data = line.partition(b" ")
        try:
            key = self.key if self._number else bytes.fromhex(json.loads(data)["key"])
            if len(key) != _KEY or not line.endswith(b"\n") or digest != self._digest(key, data):
                return None
            record = decode(json.loads(data))
        except _UNREADABLE:
            return None
        self.key = key
        self._number += 1
        self._end += len(line)
        return record

    def write(self, record: dict[str, Any]) -> None:
        """Write a record behind those that were read or written; what else stood there is gone. Raises JournalFault."""
        data = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        rest = memoryview(self._digest(self.key, data) + b" " + data)
        try:
            if not self._writing:
                os.ftruncate(self._descriptor, self._end)
                os.lseek(self._descriptor, self._end, os.SEEK_SET)
                self._writing = True
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise _fault(self.path, error) from None
        self._number += 1

    def close(self, *, forget: bool) -> None:
        """Let go of the file; also remove it if it is to be forgotten, or holds nothing."""
        forget = forget or os.fstat(self._descriptor).st_size == 0
        if forget:
            # While it is locked: under this name there may be another run's a moment later.
            with suppress(PermissionError):
                self.path.unlink(missing_ok=True)
                forget = False
        self._reader.close()
        os.close(self._descriptor)
        if forget:  # Windows, which removes nothing that is open; then another run has it open
            with suppress(PermissionError):
                self.path.unlink(missing_ok=True)

    def _digest(self, key: bytes, data: bytes) -> bytes:
        number = self._number.to_bytes(8, "big")
        return hashlib.blake2b(number + data, key=key, person=b"journal", digest_size=16).hexdigest().encode()


def _fault(path: Path, error: OSError) -> JournalFault:
    return JournalFault(f"{error.strerror or type(error).__name__}: {shown_path(path)}")


def _locked(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    while True:
        if path.is_symlink() or path.is_dir():
            raise _foreign(path)
        descriptor = os.open(path, flags, 0o600)
        try:
            if _is_ours(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        # Another run came to its end just now, and took the name away.
        os.close(descriptor)


def _is_ours(path: Path, descriptor: int) -> bool:
    """Lock the file, and see to it that it is its owner's only; False if it has lost its name meanwhile."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
        raise _foreign(path)
    if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
        raise _foreign(path)
    if not locked(descriptor):
        shown = shown_path(path)
        raise RunRefused(both("run-writing", file=shown))
    try:
        if not os.path.samestat(os.fstat(descriptor), path.lstat()):
            return False
    except FileNotFoundError:
        return False
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return True


def _foreign(path: Path) -> RunRefused:
    shown = shown_path(path)
    return RunRefused(both("run-not-plain", file=shown))
