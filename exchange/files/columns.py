"""Finds columns in large files: a finding needs one, and files are read in parts that need not begin with a line."""

from __future__ import annotations

from collections.abc import Callable

_STEP = 1 << 16
_CONTINUATION = bytes(range(0x80, 0xC0))


class Columns:
    """The columns of bytes in a file in UTF-8; `read` returns its bytes from one place to another.

    A column is read back to the beginning of its line, or to the last one that was asked for: in ascending order no byte is
    read twice, however long a line is.
    """

    def __init__(self, read: Callable[[int, int], bytes]) -> None:
        self._read = read
        self._known = (0, 1)

    def at(self, place: int) -> int:
        """Return the column of a byte, from 1."""
        known, column = self._known if self._known[0] <= place else (0, 1)
        characters, end = 0, place
        while end > known:
            start = max(known, end - _STEP)
            data = self._read(start, end)
            line_start = data.rfind(b"\n") + 1
            characters += len(data[line_start:].translate(None, _CONTINUATION))
            if line_start:
                column = 1
                break
            end = start
        self._known = place, column + characters
        return column + characters
