"""Replaces standard streams that are closed when the program begins (`>&-`) by one that raises OSError."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class ClosedStream(io.TextIOWrapper):
    """A stream that raises OSError, saying that it is closed, when something is written to it or read from it."""

    def __init__(self, name: str, text_of: Callable[[str], str]) -> None:
        self._closed = _Closed(name, text_of)
        # Nothing is kept that would be written when the program ends.
        super().__init__(self._closed, "utf-8", write_through=True)  # type: ignore[arg-type]  # typeshed wants a name as well, which TextIOWrapper does without

    def refuse(self) -> None:
        """Raise the OSError."""
        self._closed.refuse()


class _Closed(io.RawIOBase):
    def __init__(self, name: str, text_of: Callable[[str], str]) -> None:
        self._name = name
        self._text_of = text_of

    def refuse(self) -> None:
        raise OSError(errno.EBADF, self._text_of(self._name))

    def readable(self) -> bool:
        return self._name == "stdin"

    def writable(self) -> bool:
        return self._name != "stdin"

    def readinto(self, _buffer: Any) -> int:
        self.refuse()
        return 0

    def write(self, data: Any) -> int:
        if len(data):
            self.refuse()
        return 0


@contextmanager
def closed_replaced(text_of: Callable[[str], str]) -> Iterator[None]:
    """Put a ClosedStream where standard input or output is None; `text_of` gives its text, of the name of one of the two."""
    closed = [name for name in ("stdin", "stdout") if getattr(sys, name) is None]
    for name in closed:
        setattr(sys, name, ClosedStream(name, text_of))
    try:
        yield
    finally:
        for name in closed:
            setattr(sys, name, None)


def must_be_open() -> None:
    """Raise OSError if standard output is closed: before the work, where its result goes there."""
    if isinstance(sys.stdout, ClosedStream):
        sys.stdout.refuse()


def occupy_standard_descriptors() -> None:
    """Open nothing where descriptors 0 to 2 are closed: else the first files that are opened would be taken for the streams."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened == number:
                os.set_inheritable(opened, True)
            else:  # a system that counts otherwise
                os.close(opened)
