"""Finds where a large receipt can be cut into pieces, and cuts it, in the memory of a piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from exchange.errors import Refused, UnreadableSource
from exchange.files.sources import MAX_BYTES, regular_file, too_large
from exchange.model.catalog import Catalog, Version
from exchange.model.representation import without
from exchange.xml.writer import DECLARATION

NAME = "kvittering"
PIECE = 65_536
"""About so many bytes are judged at a time: a size that is judged fast."""

OPEN, CLOSE = b"<beskeder>", b"</beskeder>"
END = f"</{NAME}>".encode()
_BLOCK = 1_048_576
_OVERLAP = 16
_BEGINNING = f"{DECLARATION}<{NAME} xmlns=".encode()
_ENTRY_END = b"</besked>"
_BETWEEN = _ENTRY_END + b"<besked>"


class Layout(NamedTuple):
    """Where a receipt can be cut: what stands before and behind its list, and where its entries begin and end.

    `lines` are the line ends before the tail.
    """

    version: Version
    head: bytes
    tail: bytes
    start: int
    end: int
    lines: int

    def __repr__(self) -> str:
        return without(self, "head", "tail")


def is_receipt(beginning: bytes) -> bool:
    """True if a document begins as the builder begins a receipt."""
    return beginning.startswith(_BEGINNING)


@contextmanager
def opened(source: bytes | Path) -> Iterator[IO[bytes]]:
    """Open a receipt to be read in pieces. Raises UnreadableSource for what is no regular file, OSError as the system."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        with regular_file(source) as (file, _):
            yield file


def survey(catalog: Catalog, file: IO[bytes]) -> Layout | None:
    """Look through a file for where it can be cut. None if it is no receipt, is laid out otherwise, or is but one piece.

    Head and tail may have a megabyte each; nothing of the rest is kept.
    """
    file.seek(0)
    version, head, start, end, size, lines = None, b"", 0, -1, 0, 0
    for at, window in _windows(file):
        if not at:
            version = next((v for v in catalog.of(NAME) if window.startswith(_root(v))), None)
            head, opened, _ = window.partition(OPEN)
            start = len(head) + len(OPEN)
            if version is None or not opened:
                return None
        # The first `<?` is the declaration's.
        if b"<!" in window or window.find(b"<?", 0 if at else 1) >= 0:
            return None
        if end < 0:
            found = window.find(CLOSE, max(0, start - at))
            end = at + found if found >= 0 else -1
            # What two windows share is counted once.
            lines += window.count(b"\n", size - at, found if found >= 0 else len(window))
        size = at + len(window)
    behind = end + len(CLOSE)
    if version is None or end <= start or size <= PIECE or size - behind > _BLOCK:
        return None
    file.seek(behind)
    return Layout(version, head, file.read(size - behind), start, end, lines)


def _root(version: Version) -> bytes:
    return f'{DECLARATION}<{NAME} xmlns="{version.namespace}">'.encode()


def _windows(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield a file in blocks, each with its place, and with the end of the one before: a tag may lie across."""
    at, window = 0, b""
    while block := file.read(_BLOCK):
        kept = window[-_OVERLAP:]
        window = kept + block
        yield at - len(kept), window
        at += len(block)


def cut(file: IO[bytes], layout: Layout) -> Iterator[bytes]:
    """Yield the entries in pieces of about PIECE bytes, cut only between two entries.

    Raises Refused for an entry larger than a message, UnreadableSource if the file is not what it was.
    """
    at = layout.start
    rest = b""
    while at < layout.end:
        # Another may be reading the same file. Where no cut was found in what there is, as much again is read.
        file.seek(at)
        block = file.read(min(layout.end - at, max(PIECE, len(rest))))
        if not block:
            raise UnreadableSource("the file changed while it was read")
        at += len(block)
        rest += block
        end = rest.rfind(_BETWEEN) + len(_ENTRY_END)
        if at < layout.end and end >= len(_ENTRY_END):
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > MAX_BYTES:
            raise Refused(too_large())
    yield rest
