"""Keeps the messages of a delivery that was judged until it is known where each goes, in files without a name."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from exchange.deliveries.reading import Delivered
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.model.representation import without
from exchange.xml.digest import canonical_sha256
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)


class Told(NamedTuple):
    """What is wanted of a message besides its report, if that is fine."""

    element: bytes
    sha256: str
    personnummer: str | None
    earlier: str | None

    def __repr__(self) -> str:
        return without(self, "element")


def tell(catalog: Catalog, data: bytes, document: Mapping[str, Any] | None, report: Report) -> Told | None:
    """Give it: the element, its canonical digest, whom it is of, what it corrects."""
    if document is None or not report.ok:
        return None
    ((_, content),) = document.items()
    personnummer = content.get("person", {}).get("personnummer")
    return Told(
        data[_START:],
        canonical_sha256(data, catalog.version_of(report)),
        personnummer,
        content["hoved"].get("vedroererBeskedId"),
    )


class Note(NamedTuple):
    """What is kept of a message. `path` is its place in the delivery; `sha256` is None if it is not accepted.

    `codes` are those of the findings if it is not accepted, `size` is how many bytes were kept.
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
    """Takes messages, and gives them in their order, as often as wanted. Only their names are counted in memory."""

    def __init__(self, folder: Path) -> None:
        self._notes = tempfile.TemporaryFile("w+", encoding="utf-8", dir=folder)  # noqa: SIM115  # __exit__ closes both
        self._elements = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self._numbers: Counter[str] = Counter()

    def __enter__(self) -> MessageStorage:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._notes.close()
        self._elements.close()

    def add(self, message: Delivered) -> Note:
        """Keep a message; of one that is not accepted, only what is said of it."""
        report, told = message.report, message.extra
        name = report.message or "*"
        self._numbers[name] += 1
        place = (message.number, f"/leverance/{name}[{self._numbers[name]}]", message.line, message.besked_id)
        if report.ok and told is not None:
            element, sha256, personnummer, earlier = told
            self._elements.write(element)
            note = Note(*place, [], sha256, personnummer, earlier, len(element))
        else:
            note = Note(*place, sorted(report.counts))
        self._notes.write(json.dumps(note) + "\n")
        return note

    def notes(self) -> Iterator[Note]:
        """Give what was kept, without the messages."""
        self._notes.seek(0)
        return (Note(*json.loads(line)) for line in self._notes)

    def messages(self) -> Iterator[tuple[Note, bytes]]:
        """Give what was kept; of one that is not accepted, no bytes."""
        self._elements.seek(0)
        return ((note, self._elements.read(note.size)) for note in self.notes())
