"""Reads what a caller gives as a source: bytes, a regular file, a stream; whole, and never more than a message may have."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from exchange import kinds
from exchange.encodings import stands_before_root
from exchange.errors import Refused, UnreadableSource
from exchange.findings import Finding

MAX_BYTES = 20_000_000
"""The largest message read. A delivery of many messages is another document."""

Source = bytes | Path | IO[bytes]


def read(source: Source) -> bytes:
    """Read a source whole, at most MAX_BYTES.

    Raises Refused (too-large), UnreadableSource for what is no regular file, OSError as the system
    gives it, TypeError for anything that is no source; a str is never taken for a path.
    """
    if isinstance(source, bytes):
        data = source
    elif isinstance(source, Path):
        data = _read_file(source)
    elif hasattr(source, "read"):
        data = _read_all(source)
    else:
        raise TypeError(f"expected bytes, a pathlib.Path or a binary file, got {type(source).__name__}")
    if len(data) > MAX_BYTES:
        raise Refused(too_large())
    return data


HEAD = 1 << 16
CHUNK = 1 << 18


class _Resumed:
    """A stream of which the head was read already."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int) -> bytes:
        data, self._head = self._head[:size], self._head[size:]
        return data or self._rest.read(size)


def begin(source: Source) -> tuple[Source, bytes]:
    """Give a source's first bytes, and the source to be read from its beginning. Raises as `read` does for what is none.

    They reach to the end of the root's start tag, however much stands before it, up to MAX_BYTES; HEAD bytes at least.
    """
    if isinstance(source, bytes):
        return source, _head(BytesIO(source))
    if isinstance(source, Path):
        with regular_file(source) as (file, _):
            return source, _head(file)
    if not hasattr(source, "read"):
        raise TypeError(f"expected bytes, a pathlib.Path or a binary file, got {type(source).__name__}")
    head = _head(source)
    return cast("IO[bytes]", _Resumed(head, source)), head


def _head(file: IO[bytes]) -> bytes:
    head, size = b"", HEAD
    while True:
        while len(head) < size:
            block = file.read(size - len(head))
            if not isinstance(block, bytes):
                raise TypeError("expected a file opened in binary mode")
            if not block:
                return head
            head += block
        if size >= MAX_BYTES or not stands_before_root(head):
            return head
        # Four times as much each time: what was read is looked through again.
        size = min(4 * size, MAX_BYTES)


def chunks(source: Source, start: int = 0) -> Iterator[bytes]:
    """Give a source's bytes from byte `start` on, a chunk at a time, however many they are; a stream's from where it is."""
    if isinstance(source, bytes):
        yield from (source[at : at + CHUNK] for at in range(start, len(source), CHUNK))
    elif isinstance(source, Path):
        with regular_file(source) as (file, _):
            file.seek(start)
            yield from iter(lambda: file.read(CHUNK), b"")
    else:
        yield from iter(lambda: source.read(CHUNK), b"")


def sha256_of(source: Source) -> str:
    """Give the SHA-256 of a source's bytes, as hexadecimal digits. Raises as `chunks` does."""
    digest = sha256()
    for chunk in chunks(source):
        digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def unchanged(source: Source) -> Iterator[None]:
    """Raise UnreadableSource at the end if a file is not what it was at the beginning."""
    before = _identity(source)
    yield
    if _identity(source) != before:
        raise UnreadableSource("changed while it was read", source if isinstance(source, Path) else None)


def _identity(source: Source) -> tuple[int, ...]:
    if not isinstance(source, Path):
        return ()
    status = source.stat()
    # The time of writing can be set back; that of the last change of any sort cannot.
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def too_large() -> Finding:
    """Give the finding for a document of more than MAX_BYTES."""
    return kinds.TOO_LARGE.found(words={"limit": MAX_BYTES})


@contextmanager
def regular_file(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open a regular file; give it, unbuffered, and its size in bytes. Raises UnreadableSource, OSError as the system gives it."""
    # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever. Windows knows neither flag.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableSource("not a regular file", path)
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
            yield file, status.st_size
    finally:
        os.close(descriptor)


def _read_file(path: Path) -> bytes:
    with regular_file(path) as (file, size):
        if size > MAX_BYTES:
            raise Refused(too_large())
        return _read_all(file)


def _read_all(stream: IO[bytes]) -> bytes:
    blocks: list[bytes] = []
    size = 0
    while size <= MAX_BYTES:
        block = stream.read(MAX_BYTES + 1 - size)
        if not isinstance(block, bytes):
            raise TypeError("expected a file opened in binary mode")
        if not block:
            break
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)
