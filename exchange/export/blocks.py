"""Cuts what is to be exported into blocks, the same ones each time: single files, and deliveries message by message."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from exchange.export.folder import Counts
from exchange.export.key import digest
from exchange.export.rows import MESSAGES
from exchange.export.survey import Cut, Survey
from exchange.findings.texts import text

BYTES = 100_000_000
"""So many bytes of messages a part, if these are large: what holds a part's rows in memory is a few times that."""


class Fault(NamedTuple):
    """Why something of a file, or of its message with this number, was not exported, or could not be judged."""

    path: Path
    why: str
    number: int | None = None


class Result(NamedTuple):
    """What came of messages, and what is to be told of them."""

    counts: Counts = Counts()
    faults: tuple[Fault, ...] = ()

    def plus(self, other: Result) -> Result:
        """Give both together."""
        return Result(self.counts.plus(other.counts), self.faults + other.faults)


class CutMessage(NamedTuple):
    """What is to be exported of a file: what is in it, or of a delivery a cut. `known` came of it before, None for nothing.

    Where something is known and there is no cut, nothing is left to be done. `size` is in bytes.
    """

    path: Path
    size: int = 0
    known: Result | None = None
    cut: Cut | None = None


class Block(NamedTuple):
    """Messages that end in one part file a table. `identity` tells whether they are those of another run."""

    number: int
    identity: str
    pieces: tuple[CutMessage, ...]

    @property
    def size(self) -> int:
        """Give how many bytes of files it has."""
        return sum(piece.size for piece in self.pieces)


class File(NamedTuple):
    """A file of the input, with what tells that it is still the same; or a place where there is none, and why."""

    path: Path
    fault: str | None = None
    size: int = 0
    changed: int = 0

    @classmethod
    def at(cls, path: Path, fault: str | None) -> File:
        """Look at a file. What cannot be looked at has no size; why not is found out when it is read."""
        try:
            status = path.stat()
        except OSError:
            return cls(path, fault)
        return cls(path, fault, status.st_size, status.st_mtime_ns)

    @property
    def told(self) -> str:
        """Give what an identity is made of."""
        return f"{self.path}\0{self.size}\0{self.changed}"


Found = tuple[Result | None, Cut | None]
"""What is found of a file before it is exported: what came of it, None for nothing yet, and a delivery's messages to export."""


def nothing_judged(path: Path, why: str, messages: int = 1) -> Result:
    """Give what came of messages that could not be judged."""
    return Result(Counts(unchecked=messages), (Fault(path, why),))


def surveyed(path: Path, survey: Survey, lang: str) -> tuple[Result, Cut]:
    """Give what is found of a delivery."""
    faults = [Fault(path, text("undetermined", lang), number) for number in survey.unjudged]
    if not survey.accepted:
        faults.append(Fault(path, text("export-delivery", lang)))
    return Result(survey.left_out, tuple(faults)), survey.cut


def blocks(files: Iterable[File], key: bytes, look: Callable[[File], Found]) -> Iterator[Block]:
    """Cut files into blocks of MESSAGES, fewer if they are large; the same files are cut the same way.

    `look` gives what is found of a file; where it finds nothing, this is one message. What tells a block from
    another one are names, sizes and times of its files, under the key: a name may hold a personnummer.
    """
    part = _Part(0, key)
    for file in files:
        known, cut = look(file)
        if not cut:
            size = file.size if known is None else 0
            if not part.takes(size):
                yield part.block()
                part = _Part(part.number + 1, key)
            part.count(size)
            part.add(CutMessage(file.path, file.size, known), file.told)
            continue
        begun = 0
        for at in range(len(cut)):
            size = cut.size(at)
            if not part.takes(size):
                if begun < at:
                    part.add(_cut(file, known, cut.part(begun, at)), f"{file.told}\0{begun}\0{at}")
                    known, begun = Result(), at
                yield part.block()
                part = _Part(part.number + 1, key)
            part.count(size)
        part.add(_cut(file, known, cut.part(begun, len(cut))), f"{file.told}\0{begun}\0{len(cut)}")
    if part.pieces:
        yield part.block()


def _cut(file: File, known: Result | None, cut: Cut) -> CutMessage:
    return CutMessage(file.path, cut.places[-2] - cut.places[0], known, cut)


def are_many(files: Iterable[File]) -> bool:
    """True if these, each being one message, make more than one block."""
    part = _Part(0, b"")
    for file in files:
        if not part.takes(file.size):
            return True
        part.count(file.size)
    return False


class _Part:
    """A block that is being gathered."""

    def __init__(self, number: int, key: bytes) -> None:
        self.number = number
        self.pieces: list[CutMessage] = []
        self._key = key
        self._told: list[str] = []
        self._messages = 0
        self._size = 0

    def takes(self, size: int) -> bool:
        """True if there is room for a message of so many bytes; for one there always is."""
        return not self._messages or (self._messages < MESSAGES and self._size + size <= BYTES)

    def count(self, size: int) -> None:
        """Count a message."""
        self._messages += 1
        self._size += size

    def add(self, piece: CutMessage, told: str) -> None:
        """Add messages that were counted."""
        self.pieces.append(piece)
        self._told.append(told)

    def block(self) -> Block:
        """Give what was gathered."""
        return Block(self.number, digest(self._key, os.fsencode("\0".join(self._told))), tuple(self.pieces))
