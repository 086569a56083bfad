"""Divides the messages to pack into chunks for several processes: JSON lines by ranges of bytes, files by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.deliveries.blocks import BLOCK
from exchange.errors import Refused, UnreadableSource
from exchange.files.sources import MAX_BYTES, read, regular_file, too_large
from exchange.findings.finding import Finding
from exchange.model import json_documents
from exchange.model.representation import without

_FILES = 64
_WINDOW = 1 << 16

Message = Mapping[str, Any] | bytes | Finding
"""A message as a dict or as XML; or why there is none."""


class Lines(NamedTuple):
    """Whole JSON lines of an input: its bytes `start` to `end`, or, of a stream, these bytes themselves.

    `too_large` marks one line that has more bytes than a message may have, and is not read.
    """

    source: Path | bytes
    start: int
    end: int
    too_large: bool = False

    def __repr__(self) -> str:
        return without(self, "source")


class Files(NamedTuple):
    """Files of one message each, *.json or XML, of `size` bytes together."""

    paths: tuple[Path, ...]
    size: int


Chunk = Lines | Files


def size_of(chunk: Chunk) -> int:
    """Return how many bytes a chunk has."""
    return chunk.size if isinstance(chunk, Files) else chunk.end - chunk.start


def lines_of(source: Path | IO[bytes]) -> Iterator[Lines]:
    """Cut JSON lines into chunks of about a block: a regular file by its bytes, a stream as it is read. Raises UnreadableSource, OSError."""
    if not isinstance(source, Path):
        yield from _cut_stream(source)
        return
    with _naming(source), regular_file(source) as (file, size):
        at = 0
        while at < size:
            end = _line_end(file, at, size)
            yield Lines(source, at, end, end - at > BLOCK + MAX_BYTES)
            at = end


def _line_end(file: IO[bytes], start: int, size: int) -> int:
    """Return the end of the last line within a block; of the first if that is longer."""
    if start + BLOCK >= size:
        return size
    for before in (min(_WINDOW, BLOCK), BLOCK):
        at = start + BLOCK - before
        file.seek(at)
        found = file.read(before).rfind(b"\n")
        if found >= 0:
            return at + found + 1
    at = start + BLOCK
    while window := file.read(BLOCK):
        found = window.find(b"\n")
        if found >= 0:
            return at + found + 1
        at += len(window)
    return size


def _cut_stream(stream: IO[bytes]) -> Iterator[Lines]:
    at, rest, skipped = 0, b"", 0
    while block := stream.read(BLOCK):
        if skipped:
            first = block.find(b"\n") + 1
            if not first:
                skipped += len(block)
                continue
            yield Lines(b"", at, at + skipped + first, too_large=True)
            at, block, skipped = at + skipped + first, block[first:], 0
        end = block.rfind(b"\n") + 1
        if end:
            whole, rest = rest + block[:end], block[end:]
            yield Lines(whole, at, at + len(whole))
            at += len(whole)
        else:
            rest += block
            if len(rest) > BLOCK + MAX_BYTES:
                skipped, rest = len(rest), b""
    if rest or skipped:
        yield Lines(rest, at, at + len(rest) + skipped, bool(skipped))


def gathered(paths: Iterable[Path]) -> Iterator[Files]:
    """Gather files of one message each into chunks of about a block. Raises UnreadableSource for one that cannot be looked at."""
    batch: list[Path] = []
    size = 0
    for path in paths:
        with _naming(path):
            size += path.stat().st_size
        batch.append(path)
        if size > BLOCK or len(batch) == _FILES:
            yield Files(tuple(batch), size)
            batch, size = [], 0
    if batch:
        yield Files(tuple(batch), size)


def first_message(chunk: Chunk) -> Message | None:
    """Return the first message of a chunk; None if it has only blank lines. Raises UnreadableSource."""
    if isinstance(chunk, Files):
        return read_message(chunk.paths[0])
    return next((message for _, message in loaded(b"" if chunk.too_large else data_of(chunk))), None)


def loaded(data: bytes) -> Iterator[tuple[int, Message]]:
    """Yield the messages of JSON lines, each with its line, counted from 0; blank lines are passed over."""
    for place, line in enumerate(data.split(b"\n")):
        if line.strip(b" \t\r"):
            yield place, _load(line)


def _load(data: bytes) -> Message:
    if len(data) > MAX_BYTES:
        return too_large()
    try:
        return json_documents.load(data)
    except Refused as refused:
        return refused.finding


def data_of(chunk: Lines) -> bytes:
    """Read the bytes of a chunk. Raises UnreadableSource if there are fewer than there were."""
    if isinstance(chunk.source, bytes):
        return chunk.source
    with _naming(chunk.source), regular_file(chunk.source) as (file, _):
        file.seek(chunk.start)
        data = file.read(chunk.end - chunk.start)
    if len(data) != chunk.end - chunk.start:
        raise UnreadableSource("changed while it was read", chunk.source)
    return data


def read_message(path: Path) -> Message:
    """Read a file of one message. Raises UnreadableSource."""
    try:
        with _naming(path):
            data = read(path)
    except Refused as refused:
        return refused.finding
    return _load(data) if path.suffix.lower() == ".json" else data


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Raise an UnreadableSource that names the input for an OSError in the block."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return
    raise UnreadableSource(reason, path)
