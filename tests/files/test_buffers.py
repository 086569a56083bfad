"""Memory that is used again for each piece of bytes."""

from __future__ import annotations

from io import RawIOBase
from typing import Any

from exchange.files.buffers import Buffer


class Slow(RawIOBase):
    """A file of which the system gives a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        self._data = data
        self._most = most

    def readinto(self, buffer: Any) -> int:
        piece, self._data = self._data[: self._most][: len(buffer)], self._data[self._most :]
        buffer[: len(piece)] = piece
        return len(piece)


def test_a_piece_is_read_whole_though_it_comes_in_parts() -> None:
    file = Slow(b"abcdefghij", 3)
    assert bytes(Buffer().read(file, 6)) == b"abcdef"


def test_at_the_end_of_a_file_there_is_less() -> None:
    buffer = Buffer()
    file = Slow(b"abcde", 3)
    assert bytes(buffer.read(file, 9)) == b"abcde"
    assert bytes(buffer.read(file, 9)) == b""


def test_the_same_memory_serves_a_piece_that_is_not_larger() -> None:
    buffer = Buffer()
    first = buffer.of(4)
    first[:] = b"abcd"
    second = buffer.of(2)
    second[:] = b"xy"
    assert bytes(first) == b"xycd"
    assert len(buffer.of(5)) == 5
