"""Reads what a caller gives as a source: bytes, a regular file, a stream; whole, and never more than a message may have."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO, FileIO
from pathlib import Path
from typing import IO, NamedTuple, cast

from exchange.errors import Refused, UnreadableSource
from exchange.files.encodings import stands_before_root
from exchange.findings import kinds
from exchange.findings.finding import Finding

__tracebackhide__ = True
"""pytest leaves this module's frames out: their arguments are documents."""

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
    """Return a source's first bytes, and the source to be read from its beginning. Raises as `read` does for what is none.

    They reach to the end of the root's start tag, however much stands before it, up to MAX_BYTES; HEAD bytes at least.
    """
    if isinstance(source, bytes):
        return source, source if len(source) <= HEAD else _head(BytesIO(source))
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


def chunks(source: Source | Passes, start: int = 0) -> Iterator[bytes]:
    """Return a source's bytes from byte `start` on, a chunk at a time, however many they are; a stream's from where it is."""
    if isinstance(source, Passes):
        yield from source.chunks(start)
    elif isinstance(source, bytes):
        yield from (source[at : at + CHUNK] for at in range(start, len(source), CHUNK))
    elif isinstance(source, Path):
        with regular_file(source) as (file, _):
            file.seek(start)
            yield from iter(lambda: file.read(CHUNK), b"")
    else:
        yield from iter(lambda: source.read(CHUNK), b"")


def sha256_of(source: Source | Passes) -> str:
    """Return the SHA-256 of a source's bytes, as hexadecimal digits. Raises as `chunks` does."""
    digest = sha256()
    for chunk in chunks(source):
        digest.update(chunk)
    return digest.hexdigest()


def sha256_of_large(source: bytes | Path) -> str:
    """Return the SHA-256 of what `read` refused as too large. Raises UnreadableSource for what is so no more."""
    digest, size = sha256(), 0
    for chunk in chunks(source):
        digest.update(chunk)
        size += len(chunk)
    if size <= MAX_BYTES:
        raise changed(source)
    return digest.hexdigest()


@contextmanager
def unchanged(source: Source) -> Iterator[None]:
    """Raise UnreadableSource at the end if a file's size, times or place are not what they were at the beginning.

    This tells the user of a file that is still being written, and proves nothing: a write through mmap shows in none of
    them. Where a file is read once, all that is said and used is of the bytes that were read, whatever became of the file
    meanwhile. Where it is read twice, `Passes` proves that both times it was the same.
    """
    before = _identity(source)
    yield
    if _identity(source) != before:
        raise changed(source)


def _identity(source: Source) -> tuple[int, ...]:
    if not isinstance(source, Path):
        return ()
    status = source.stat()
    # The time of writing can be set back; that of the last change of any sort cannot.
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def changed(source: Source) -> UnreadableSource:
    """Return the error that a source is no longer what it was."""
    return UnreadableSource("changed while it was read", source if isinstance(source, Path) else None)


PART = 1 << 16
_DIGEST_SIZE = 32


class Parts(NamedTuple):
    """The SHA-256 of some parts of a file of PART bytes each, one behind the other, from part number `first`, counted from 0."""

    first: int
    digests: bytes


def read_parts(path: Path, start: int, end: int) -> tuple[bytes, Parts]:
    """Read bytes `start` to `end` of a file, and digest the parts that they, and the byte behind them, stand in.

    So that another pass may be compared that reads other ranges, perhaps in another process: see `Passes`. These very
    bytes are digested, with those around them. Fewer are given if the file ends before. Raises as `regular_file`.
    """
    first = start // PART
    with regular_file(path) as (file, _):
        file.seek(first * PART)
        data = filled(file, (end // PART + 1 - first) * PART)
    parts = Parts(first, _digests(data, end // PART + 1 - first))
    return data[start - first * PART : end - first * PART], parts


class Passes:
    """A source that is read more than once, and proves to have been the same each time: what is judged is what is used.

    Every pass digests (SHA-256) what it reads, part by part, and the digests of a part must be equal. Passes may read
    different ranges, in any order; the end of a file is compared where a pass reaches it. Bytes cannot change.
    Costs 1 s a GB and pass, and 100 bytes of memory for each 64 KB of a file.
    """

    def __init__(self, source: bytes | Path) -> None:
        self.source = source
        self._seen: dict[int, bytes] = {}

    def compare(self, parts: Parts) -> None:
        """Take what a pass has read for the same as what those before have. Raises UnreadableSource if it is not."""
        for number, at in enumerate(range(0, len(parts.digests), _DIGEST_SIZE), parts.first):
            digest = parts.digests[at : at + _DIGEST_SIZE]
            if self._seen.setdefault(number, digest) != digest:
                raise changed(self.source)

    def read(self, start: int, end: int) -> bytes:
        """Read some bytes. Raises UnreadableSource, and OSError as the system gives it."""
        if isinstance(self.source, bytes):
            return self.source[start:end]
        data, parts = read_parts(self.source, start, end)
        self.compare(parts)
        return data

    def chunks(self, start: int = 0) -> Iterator[bytes]:
        """Return the bytes from `start` to the end, a chunk at a time. Raises as `read`."""
        if isinstance(self.source, bytes):
            yield from chunks(self.source, start)
            return
        number = start // PART
        skipped = start - number * PART
        whole = max(CHUNK // PART, 1) * PART
        with regular_file(self.source) as (file, _):
            file.seek(number * PART)
            while True:
                data = filled(file, whole)
                # At the end there is a part that is not full, be it empty.
                count = whole // PART if len(data) == whole else len(data) // PART + 1
                self.compare(Parts(number, _digests(data, count)))
                number += count
                yield from (data[at : at + CHUNK] for at in range(skipped, len(data), CHUNK))
                if len(data) < whole:
                    return
                skipped = 0


def _digests(data: bytes, count: int) -> bytes:
    view = memoryview(data)
    return b"".join(sha256(view[at : at + PART]).digest() for at in range(0, count * PART, PART))


def filled(file: IO[bytes], size: int) -> bytes:
    """Read so many bytes, fewer only at the end of a file."""
    data = file.read(size)
    while len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data


def too_large() -> Finding:
    """Return the finding for a document of more than MAX_BYTES."""
    return kinds.TOO_LARGE.found(words={"limit": MAX_BYTES})


@contextmanager
def regular_file(path: Path) -> Iterator[tuple[FileIO, int]]:
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
