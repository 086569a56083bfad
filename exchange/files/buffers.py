"""Memory for bytes that come piece by piece. To take a new megabyte for each piece costs more than to fill it."""

from __future__ import annotations

from io import RawIOBase


class Buffer:
    """Memory for one piece at a time: the next one overwrites it. It is as large as the largest piece so far."""

    def __init__(self) -> None:
        self._memory = memoryview(bytearray())

    def of(self, size: int) -> memoryview:
        """Return room for so many bytes, which are not set."""
        if size > len(self._memory):
            self._memory = memoryview(bytearray(size))
        return self._memory[:size]

    def read(self, file: RawIOBase, size: int) -> memoryview:
        """Return so many bytes of a file from its position on, fewer only at its end. Raises OSError as the system gives it."""
        room = self.of(size)
        filled = 0
        while filled < size and (count := file.readinto(room[filled:])):
            filled += count
        return room[:filled]
