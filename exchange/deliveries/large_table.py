"""A table of numbers that takes little memory, however many it has: most of it is in a temporary file."""

from __future__ import annotations

import errno
import sqlite3
import weakref
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

KEPT = 1 << 17
"""So many entries are kept in memory; beyond them reading and writing a file takes some 2 microseconds an entry."""

_BYTES = 16
_MASK = (1 << 24) - 1
_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -1000;
CREATE TABLE entry (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID;
"""


class LargeTable:
    """Numbers of 128 bits by numbers of 128 bits, none of which is removed.

    `kept` entries are in memory, the others in a database of SQLite's that has no name and ends with this object. A bit for the
    hash of each of those, 2 MB in all, says of nearly every key that is not there that it need not be looked up.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._recent: dict[int, int] = {}
        self._stored: sqlite3.Connection | None = None
        self._bits = bytearray()

    def get(self, key: int) -> int | None:
        """Return the number of a key, None if it is not there. Raises OSError."""
        found = self._recent.get(key)
        if found is not None or self._stored is None or not self._may_be_stored(key):
            return found
        with _as_os_error():
            row = self._stored.execute("SELECT value FROM entry WHERE key = ?", (key.to_bytes(_BYTES),)).fetchone()
        return None if row is None else int.from_bytes(row[0])

    def __setitem__(self, key: int, value: int) -> None:
        self._recent[key] = value
        if len(self._recent) > self._kept:
            self._store()

    def setdefault(self, key: int, value: int) -> int:
        """Add an entry unless its key is there; return the key's number. Raises OSError."""
        found = self.get(key)
        if found is None:
            self[key] = found = value
        return found

    def has_any(self, keys: Collection[int]) -> bool:
        """True if any of these keys is there. Raises OSError."""
        if not self._recent.keys().isdisjoint(keys):
            return True
        return self._stored is not None and any(self._may_be_stored(key) and self.get(key) is not None for key in keys)

    def update(self, entries: Mapping[int, int]) -> None:
        """Add entries. Raises OSError."""
        self._recent |= entries
        if len(self._recent) > self._kept:
            self._store()

    def _may_be_stored(self, key: int) -> int:
        bit = hash(key) & _MASK
        return self._bits[bit >> 3] & 1 << (bit & 7)

    def _store(self) -> None:
        bits = self._bits = self._bits or bytearray((_MASK + 1) // 8)
        for key in self._recent:
            bit = hash(key) & _MASK
            bits[bit >> 3] |= 1 << (bit & 7)
        # In the order of the keys, so that each page of the table is read and written once.
        rows = ((key.to_bytes(_BYTES), self._recent[key].to_bytes(_BYTES)) for key in sorted(self._recent))
        with _as_os_error():
            if self._stored is None:
                self._stored = sqlite3.connect("", isolation_level=None, check_same_thread=False)
                weakref.finalize(self, self._stored.close)
                self._stored.executescript(_SCHEMA)
            with self._stored:
                self._stored.execute("BEGIN")
                self._stored.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?)", rows)
        self._recent = {}


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise OSError(errno.EIO, f"a temporary file: {error}") from None
