"""The delivery of one kommune while it is written, and afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.writing import Assembly
from exchange.files.buffers import Buffer
from exchange.files.filesystem import sync
from exchange.files.sources import CHUNK
from exchange.files.writing import open_new
from exchange.forwarding.copying import Target
from exchange.model.catalog import Version


class Part(NamedTuple):
    """A delivery that was written: for which kommune (None for the remainder), where, how many messages it holds."""

    kommune: str | None
    path: Path
    leverance_id: str
    messages: int
    sha256: str


class PartFile:
    """The file of a delivery, to which other processes write the messages. It is digested behind them, not at the end.

    `header` is as it will be read. The `buffer` serves all of them.
    """

    def __init__(self, path: Path, version: Version, header: Mapping[str, Any], antal: int, buffer: Buffer) -> None:
        self._path = str(path)
        self._file = open_new(path)
        self._written = path.open("rb", buffering=0)
        self._assembly = Assembly(self._file, version, header, antal)
        self._buffer = buffer
        self._digest = sha256()
        self._digested = 0

    @property
    def descriptor(self) -> int:
        """A descriptor of the file that `finish` does not sync."""
        return self._written.fileno()

    def target(self, size: int) -> Target:
        """Return where the next messages are to be written to, in so many bytes."""
        return Target(self._path, self._assembly.leave_room(size), size)

    def digest(self, target: Target) -> None:
        """Digest what was written to a target; the targets in their order."""
        data = self._buffer.read(self._written, target.end - self._digested)
        self._digest.update(data)
        self._digested += len(data)

    def finish(self) -> str:
        """Write the end; return the SHA-256 of the file."""
        self._assembly.finish()
        while data := self._written.read(CHUNK):
            self._digest.update(data)
        sync(self._file.fileno())
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close the file; if it is not finished, whatever fails in that."""
        self._written.close()
        with suppress(OSError):
            self._file.close()
