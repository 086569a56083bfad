"""Divides the messages to export into blocks, the same ones each time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from exchange.export.folder import Counts
from exchange.export.key import digest
from exchange.export.rows import MESSAGES
from exchange.export.survey import Selection, Survey
from exchange.findings.texts import text

BYTES = 100_000_000
"""Bytes of messages in a block, if these are large: its rows take a few times that in memory."""


class Fault(NamedTuple):
    """Why something of a file, or of its message with this number, was not exported, or could not be judged."""

    path: Path
    why: str
    number: int | None = None


class Result(NamedTuple):
    """The result for some messages."""

    counts: Counts = Counts()
    faults: tuple[Fault, ...] = ()

    def plus(self, other: Result) -> Result:
        """Return the sum of both."""
        return Result(self.counts.plus(other.counts), self.faults + other.faults)


class FilePart(NamedTuple):
    """What a block exports of a file: all that is in it, or a selection of a delivery's messages.

    `known` is the result if the file was judged before; then only a selection is left to be exported. `size` is in bytes.
    """

    path: Path
    size: int = 0
    known: Result | None = None
    selection: Selection | None = None


class Block(NamedTuple):
    """Messages that are written to one part file of each table. `identity` tells whether they are those of another run."""

    number: int
    identity: str
    parts: tuple[FilePart, ...]

    @property
    def size(self) -> int:
        """Return how many bytes of files it has."""
        return sum(part.size for part in self.parts)


class File(NamedTuple):
    """A file of the input, with what tells whether it is still the same; or a path where there is none, and why."""

    path: Path
    fault: str | None = None
    size: int = 0
    changed: int = 0

    @classmethod
    def at(cls, path: Path, fault: str | None) -> File:
        """Look at a file. What cannot be looked at has no size; the reason is found when it is read."""
        try:
            status = path.stat()
        except OSError:
            return cls(path, fault)
        return cls(path, fault, status.st_size, status.st_mtime_ns)

    @property
    def identity(self) -> str:
        """Return what the identity of a block or a survey is made of."""
        return f"{self.path}\0{self.size}\0{self.changed}"


Found = tuple[Result | None, Selection | None]
"""What is known of a file before it is exported: its result, None if it was not judged, and the messages of a delivery to export."""


def not_judged(path: Path, why: str, messages: int = 1) -> Result:
    """Return the result for messages that could not be judged."""
    return Result(Counts(unchecked=messages), (Fault(path, why),))


def surveyed(path: Path, survey: Survey, lang: str) -> tuple[Result, Selection]:
    """Return what a survey found of a delivery."""
    faults = [Fault(path, text("undetermined", lang), number) for number in survey.unjudged]
    if not survey.accepted:
        faults.append(Fault(path, text("export-delivery", lang)))
    return Result(survey.left_out, tuple(faults)), survey.selection


def blocks(files: Iterable[File], key: bytes, look: Callable[[File], Found]) -> Iterator[Block]:
    """Divide files into blocks of MESSAGES, fewer if they are large; the same files give the same blocks.

    `look` returns what is known of a file; where that is nothing, the file is one message. The identity of a block is made
    of the names, sizes and times of its files, under the key: a name may hold a personnummer.
    """
    builder = _Builder(0, key)
    for file in files:
        known, selection = look(file)
        if not selection:
            size = file.size if known is None else 0
            if not builder.has_room(size):
                yield builder.block()
                builder = _Builder(builder.number + 1, key)
            builder.count(size)
            builder.add(FilePart(file.path, file.size, known), file.identity)
            continue
        first = 0
        for at in range(len(selection)):
            size = selection.size(at)
            if not builder.has_room(size):
                if first < at:
                    part = _part(file, known, selection.part(first, at))
                    builder.add(part, f"{file.identity}\0{first}\0{at}")
                    known, first = Result(), at
                yield builder.block()
                builder = _Builder(builder.number + 1, key)
            builder.count(size)
        part = _part(file, known, selection.part(first, len(selection)))
        builder.add(part, f"{file.identity}\0{first}\0{len(selection)}")
    if builder.parts:
        yield builder.block()


def _part(file: File, known: Result | None, selection: Selection) -> FilePart:
    return FilePart(file.path, selection.places[-2] - selection.places[0], known, selection)


def are_many(files: Iterable[File]) -> bool:
    """Return True if these, each being one message, make more than one block."""
    builder = _Builder(0, b"")
    for file in files:
        if not builder.has_room(file.size):
            return True
        builder.count(file.size)
    return False


class _Builder:
    """Collects the messages of one block."""

    def __init__(self, number: int, key: bytes) -> None:
        self.number = number
        self.parts: list[FilePart] = []
        self._key = key
        self._identities: list[str] = []
        self._messages = 0
        self._size = 0

    def has_room(self, size: int) -> bool:
        """Return True if there is room for a message of so many bytes; for the first there always is."""
        return not self._messages or (self._messages < MESSAGES and self._size + size <= BYTES)

    def count(self, size: int) -> None:
        """Count a message."""
        self._messages += 1
        self._size += size

    def add(self, part: FilePart, identity: str) -> None:
        """Add messages that were counted."""
        self.parts.append(part)
        self._identities.append(identity)

    def block(self) -> Block:
        """Return the block."""
        return Block(self.number, digest(self._key, os.fsencode("\0".join(self._identities))), tuple(self.parts))
