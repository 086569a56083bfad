"""Keeps the judged messages of a delivery until it is known where each goes, in temporary files."""

from __future__ import annotations

import marshal
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from exchange.deliveries.reading import Delivered
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.model.representation import without
from exchange.xml.digest import canonical_sha256
from exchange.xml.reading import Reading
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)


class Content(NamedTuple):
    """What is kept of an accepted message: its element, canonical digest, person, and the beskedId that it corrects."""

    element: bytes
    sha256: str
    personnummer: str | None
    earlier: str | None

    def __repr__(self) -> str:
        return without(self, "element")


def content_of(_catalog: Catalog, data: bytes, reading: Reading | None, report: Report) -> Content | None:
    """Return what is kept of a message; None if it is not accepted."""
    if reading is None or not report.ok:
        return None
    content = reading.content
    personnummer = content.get("person", {}).get("personnummer")
    return Content(
        data[_START:],
        canonical_sha256(data, reading),
        personnummer,
        content["hoved"].get("vedroererBeskedId"),
    )


class Stored(NamedTuple):
    """What is known of a message. `path` is its place in the delivery; `sha256` is None if it is not accepted.

    `codes` are those of the findings if it is not accepted, `size` is how many bytes of its element are kept.
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


class MessageStorage:
    """Stores messages, and yields them in their order, as often as wanted. Memory does not grow with them."""

    def __init__(self, folder: Path) -> None:
        self._index = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # __exit__ closes both
        self._elements = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._numbers: Counter[str] = Counter()

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
        if report.ok and content is not None:
            element, sha256, personnummer, earlier = content
            self._elements.write(element)
            stored = Stored(*place, [], sha256, personnummer, earlier, len(element))
        else:
            stored = Stored(*place, sorted(report.counts))
        marshal.dump(tuple(stored), self._index)
        return stored

    def stored(self) -> Iterator[Stored]:
        """Yield what is known of each message, without its element."""
        end = self._index.seek(0, os.SEEK_END)
        self._index.seek(0)
        while self._index.tell() < end:
            yield Stored(*marshal.load(self._index))  # noqa: S302  # it was written here, in a file without a name

    def messages(self) -> Iterator[tuple[Stored, bytes]]:
        """Yield each message with its element; of one that is not accepted, no bytes."""
        self._elements.seek(0)
        return ((stored, self._elements.read(stored.size)) for stored in self.stored())
