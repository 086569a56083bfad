"""Makes many messages ready for a delivery in several processes: JSON lines by ranges of bytes, files by their names."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.deliveries.blocks import BLOCK, Found
from exchange.deliveries.pool import Pool
from exchange.deliveries.writing import Preparation, is_accepted
from exchange.errors import ExchangeError, Refused
from exchange.files.sources import MAX_BYTES, read, regular_file, too_large
from exchange.findings.finding import Finding
from exchange.model import json_documents
from exchange.model.catalog import Catalog
from exchange.model.representation import without

_FILES = 64
_WINDOW = 1 << 16

Message = Mapping[str, Any] | bytes | Finding
"""A message as a dict or as XML; or why there is none."""


class Lines(NamedTuple):
    """Whole JSON lines of an input: its bytes `start` to `end`, or these bytes themselves.

    `too_large` marks one line that has more bytes than a message may have, and is not read.
    """

    source: Path | bytes
    start: int
    end: int
    too_large: bool = False

    def __repr__(self) -> str:
        return without(self, "source")


class Files(NamedTuple):
    """Files of one message each, *.json or XML, with so many bytes together."""

    paths: tuple[Path, ...]
    size: int


Chunk = Lines | Files


class Packed(NamedTuple):
    """What came of a chunk. `elements`, a line end before each, are there only if every message is accepted by itself.

    `places` are the messages' lines in the chunk, from 0, or the places of their files.
    """

    elements: bytes
    found: list[Found]
    places: list[int]
    lines: int

    def __repr__(self) -> str:
        return without(self, "elements")


class Unreadable(ExchangeError):
    """An input that cannot be read, and why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason


def lines_of(source: Path | IO[bytes]) -> Iterator[Lines]:
    """Cut JSON lines into chunks of about a block: a regular file by its bytes, a stream into pieces. Raises Unreadable, OSError."""
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
    """Give the end of the last line within a block; of the first if that is longer."""
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
            piece, rest = rest + block[:end], block[end:]
            yield Lines(piece, at, at + len(piece))
            at += len(piece)
        else:
            rest += block
            if len(rest) > BLOCK + MAX_BYTES:
                skipped, rest = len(rest), b""
    if rest or skipped:
        yield Lines(rest, at, at + len(rest) + skipped, bool(skipped))


def gathered(paths: Iterable[Path]) -> Iterator[Files]:
    """Gather files of one message each into chunks of about a block. Raises Unreadable for one that cannot be looked at."""
    few: list[Path] = []
    size = 0
    for path in paths:
        with _naming(path):
            size += path.stat().st_size
        few.append(path)
        if size > BLOCK or len(few) == _FILES:
            yield Files(tuple(few), size)
            few, size = [], 0
    if few:
        yield Files(tuple(few), size)


def first_message(chunk: Chunk) -> Message | None:
    """Give the first message of a chunk; None if it has only blank lines. Raises Unreadable."""
    if isinstance(chunk, Files):
        return _read(chunk.paths[0])
    return next((message for _, message in _loaded(b"" if chunk.too_large else _data(chunk))), None)


def _loaded(data: bytes) -> Iterator[tuple[int, Message]]:
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


def _data(chunk: Lines) -> bytes:
    if isinstance(chunk.source, bytes):
        return chunk.source
    with _naming(chunk.source), regular_file(chunk.source) as (file, _):
        file.seek(chunk.start)
        data = file.read(chunk.end - chunk.start)
    if len(data) != chunk.end - chunk.start:
        raise Unreadable(chunk.source, "changed while it was read")
    return data


def _read(path: Path) -> Message:
    try:
        with _naming(path):
            data = read(path)
    except Refused as refused:
        return refused.finding
    return _load(data) if path.suffix.lower() == ".json" else data


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Make an OSError of the block one that names the input."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        return
    raise Unreadable(path, reason)


class Packer:
    """Makes the messages of a chunk ready, in whichever process."""

    def __init__(self, catalog: Catalog, header: Mapping[str, Any], key: bytes) -> None:
        self._prepare = Preparation(catalog, header, key)

    def __call__(self, chunk: Chunk) -> Packed:
        """Write and judge a chunk's messages. Raises Unreadable."""
        if isinstance(chunk, Files):
            return self._packed(((place, _read(path)) for place, path in enumerate(chunk.paths)), 0)
        if chunk.too_large:
            return self._packed([(0, too_large())], 1)
        data = _data(chunk)
        return self._packed(_loaded(data), data.count(b"\n"))

    def _packed(self, messages: Iterable[tuple[int, Message]], lines: int) -> Packed:
        places: list[int] = []
        elements: list[bytes] = [b""]
        founds: list[Found] = []

        def placed() -> Iterator[Message]:
            for place, message in messages:
                places.append(place)
                yield message

        fine = True
        for element, found in self._prepare(placed()):
            founds.append(found)
            fine = fine and is_accepted(found)
            if fine:
                elements.append(element)
        return Packed(b"\n".join(elements) if fine else b"", founds, places, lines)


def pack(
    catalog: Catalog, header: Mapping[str, Any], chunks: Iterable[Chunk], jobs: int
) -> Iterator[tuple[Chunk, Packed]]:
    """Make the messages of chunks ready in `jobs` processes, or here if there is but one chunk; in their order.

    A bounded number of chunks is under way. Raises Unreadable, WorkerDied if a process died.
    """
    make = partial(Packer, catalog, header, os.urandom(16))
    work = iter(chunks)
    first = list(itertools.islice(work, 2))
    work = itertools.chain(first, work)
    if jobs == 1 or len(first) < 2:
        packer = make()
        yield from ((chunk, packer(chunk)) for chunk in work)
        return
    with Pool(make, jobs) as pool:
        yield from pool.run(work)
