"""Keeps what is known of the judged messages of a delivery until it is known where each goes, in temporary files."""

from __future__ import annotations

import marshal
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BufferedReader, BytesIO, RawIOBase
from itertools import starmap
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, cast

from exchange.deliveries.reading import Delivered
from exchange.files.sources import Source, changed, regular_file
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.model.representation import without
from exchange.xml.digest import canonical_sha256
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)
_TOGETHER = 256
"""So many entries of the index are written at a time."""
_WINDOW = 1 << 20
"""So much of the source is read again at a time."""


class Content(NamedTuple):
    """What is kept of an accepted message: its element, canonical digest, person, and the beskedId that it corrects.

    There is no `element` if it stands in the source as it is in the canonical form: then it can be read there again, and its digest
    proves that it is what was judged.
    """

    element: bytes | None
    sha256: str
    personnummer: str | None
    earlier: str | None

    def __repr__(self) -> str:
        return without(self, "element")


def content_of(
    _catalog: Catalog, data: bytes, reading: Reading | None, report: Report, *, in_place: bool
) -> Content | None:
    """Return what is kept of a message; None if it is not accepted. `in_place`: its element stands in the source as it is in `data`."""
    if reading is None or not report.ok:
        return None
    content, digest = reading.content, canonical_sha256(data, reading)
    element = None if in_place and reading.canonical else data[_START:]
    personnummer = content.get("person", {}).get("personnummer")
    return Content(element, digest, personnummer, content["hoved"].get("vedroererBeskedId"))


class Stored(NamedTuple):
    """What is known of a message. `path` is its place in the delivery; `sha256` is None if it is not accepted.

    `codes` are those of the findings if it is not accepted, `size` is how many bytes its element has. It is at byte `start` of the
    source; or, where that is None, it is kept.
    """

    number: int
    path: str
    line: int
    besked_id: str | None
    codes: list[str]
    sha256: str | None = None
    personnummer: str | None = None
    earlier: str | None = None
    size: int = 0
    start: int | None = None


class MessageStorage:
    """Stores messages, and yields them in their order, as often as wanted. Memory does not grow with them.

    Elements that can be read in the source again are not stored.
    """

    def __init__(self, folder: Path, source: Source) -> None:
        self._source = source
        self._index = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # __exit__ closes both
        self._elements = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._numbers: Counter[str] = Counter()
        self._gathered: list[Stored] = []

    def __enter__(self) -> MessageStorage:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._index.close()
        self._elements.close()

    def add(self, message: Delivered) -> Stored:
        """Store a message; of one that is not accepted only the codes of its findings."""
        report, content = message.report, message.extra
        name = report.message or "*"
        self._numbers[name] += 1
        place = (message.number, f"/leverance/{name}[{self._numbers[name]}]", message.line, message.besked_id)
        if content is None or not report.ok:
            stored = Stored(*place, sorted(report.counts))
        else:
            element, digest, personnummer, earlier = content
            start = message.start if element is None else None
            size = message.end - message.start if element is None else self._elements.write(element)
            stored = Stored(*place, [], digest, personnummer, earlier, size, start)
        self._gathered.append(stored)
        if len(self._gathered) == _TOGETHER:
            self._dump()
        return stored

    def _dump(self) -> None:
        marshal.dump([tuple(each) for each in self._gathered], self._index)
        self._gathered.clear()

    def stored(self) -> Iterator[Stored]:
        """Yield what is known of each message, without its element."""
        end = self._index.seek(0, os.SEEK_END)
        if self._gathered:
            self._dump()
            end = self._index.tell()
        self._index.seek(0)
        while self._index.tell() < end:
            yield from starmap(Stored, marshal.load(self._index))  # noqa: S302  # it was written here, in a file without a name

    def messages(self) -> Iterator[tuple[Stored, bytes]]:
        """Yield each message with its element; of one that is not accepted, no bytes.

        Raises UnreadableSource if the source no longer has what was judged, OSError as the system gives it.
        """
        self._elements.seek(0)
        with _opened(self._source) as source:
            for stored in self.stored():
                if stored.start is None:
                    yield stored, self._elements.read(stored.size)
                    continue
                source.seek(stored.start)
                element = source.read(stored.size)
                if sha256(element).hexdigest() != stored.sha256:
                    raise changed(self._source)
                yield stored, element


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    """Open a source that can be read again; of another one there is nothing to read."""
    if isinstance(source, Path):
        with regular_file(source) as (file, _):
            yield BufferedReader(cast("RawIOBase", file), _WINDOW)
    else:
        yield BytesIO(source if isinstance(source, bytes) else b"")
