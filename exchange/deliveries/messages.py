"""Reads a delivery for a program: an iterator over its messages, each with its report, its dict and its XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from exchange.deliveries.blocks import JudgedMessage
from exchange.deliveries.reading import Examination
from exchange.files.sources import Source
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, shipped
from exchange.model.representation import without
from exchange.validation.pipeline import JudgingOptions
from exchange.xml.reading import document_of


class Message(NamedTuple):
    """A message of a delivery: its `number`, from 1; its bytes in the file, `start` to `end`; its first line there.

    `document` is its dict, None unless it is accepted. `data` is its XML as a document of its own, the paths of the
    `report` are its own, the lines the file's.
    """

    number: int
    start: int
    end: int
    line: int
    besked_id: str | None
    report: Report
    document: dict[str, Any] | None
    data: bytes

    def __repr__(self) -> str:
        return without(self, "document", "data")


class Delivery:
    """A delivery being read: an iterator over its messages."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination
        self._messages = self._read()

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        return next(self._messages)

    def _read(self) -> Iterator[Message]:
        for message in self._examination:
            document, data = message.extra or (None, b"")
            yield Message(*message[:-1], document if message.report.ok else None, data)

    @property
    def header(self) -> dict[str, Any] | None:
        """The dict of its own elements, from the first message on; None if they are not sound."""
        return self._examination.header

    @property
    def report(self) -> Report:
        """What is wrong with the delivery itself, complete when all messages were seen."""
        return self._examination.report

    @property
    def signed(self) -> bool:
        """True if the delivery itself has a signature, known when all messages were seen."""
        return self._examination.signed

    @property
    def count(self) -> int:
        """How many messages were seen."""
        return self._examination.count


def read_delivery(
    source: Source, *, catalog: Catalog | None = None, on: date | None = None, show_values: bool = False
) -> Delivery:
    """Read a delivery of any size, message by message, with the memory of a few; see `Delivery` and `Message`.

    `source` is bytes, a pathlib.Path or a binary file. Every message is judged alone and against those before
    it, the delivery's head too; nothing is raised for content, however broken. Codes are judged on the date of each event, or
    `on`. OSError and UnreadableSource as `exchange.parse`.
    """
    options = JudgingOptions(on, show_values)
    return Delivery(Examination(catalog or shipped(), source, options=options, extra_of=_document_and_data))


def _document_and_data(message: JudgedMessage) -> tuple[Mapping[str, Any] | None, bytes]:
    return document_of(message.reading), message.data
