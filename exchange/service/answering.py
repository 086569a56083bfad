"""Makes the service's answers to what is posted, the same as the commands make for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO, StringIO

from exchange.acceptance import ReceiptHead, answer
from exchange.acceptance.reports import judge_delivery
from exchange.api import Exchange
from exchange.deliveries import is_delivery
from exchange.files.sources import begin
from exchange.jobnet.fields import TABLE
from exchange.model.catalog import shipped
from exchange.model.reference import reference_of
from exchange.reports.json import JsonWriter
from exchange.reports.model import Judged, Run, Summary
from exchange.service.interface import Answers, Unanswerable
from exchange.validation.excerpts import key_of
from exchange.validation.pipeline import compile_catalog
from exchange.xml.codec import codec

NAME = "<body>"
"""The name in a report of a file that was posted."""


def answers(new_head: Callable[[], ReceiptHead]) -> Answers:
    """Return the answers of the shipped catalog; `new_head` makes the head of each receipt: a fresh key, and the current time."""
    made = _ShippedAnswers(new_head)
    return Answers(made.report, made.receipt, made.page)


def compiled_answers(new_head: Callable[[], ReceiptHead]) -> Answers:
    """Return the same answers with all that they need compiled and imported, so that the first is as fast as any other."""
    made = answers(new_head)
    catalog = shipped()
    compile_catalog(catalog)
    for version in (*catalog.versions, *catalog.deliveries.versions):
        # Not accepted, so that what explains refusals is at hand as well.
        made.receipt(f'<{version.name} xmlns="{version.namespace}"/>'.encode(), "da")
    for version in catalog.versions:
        if version.name in TABLE and version.has_example:
            made.page(codec(version).encode(version.example()[version.name]).data)
    return made


class _ShippedAnswers:
    def __init__(self, new_head: Callable[[], ReceiptHead]) -> None:
        self._new_head = new_head
        self._exchange = Exchange()
        self._exchange.catalog = shipped()
        self._reference = reference_of(shipped())

    def report(self, data: bytes, on: date | None) -> str:
        """Return the report on a message or a delivery, as JSON."""
        run = Run("en", on=on, started=self._new_head().oprettet, reference=self._reference)
        summary, out = Summary(), StringIO()
        writer = JsonWriter(out, run)
        for judged in self._judged(data, run):
            summary.add(run, judged)
            writer.add(judged)
        writer.finish(summary)
        return out.getvalue()

    def receipt(self, data: bytes, lang: str) -> bytes:
        """Return the receipt. Raises Unanswerable if something could not be judged."""
        out = BytesIO()
        if not answer(data, out, self._new_head(), lang=lang).has_receipt:
            raise Unanswerable(self.report(data, None))
        return out.getvalue()

    def page(self, data: bytes) -> str:
        """Return the page. Raises Unanswerable for what is not accepted, or is none of the three messages."""
        document, report = (None, None) if self._is_delivery(data) else self._exchange.parse_or_report(data)
        if document is None or report is None or report.message not in TABLE:
            raise Unanswerable(self.report(data, None))
        return self._exchange.show(document, version=report.version)

    def _judged(self, data: bytes, run: Run) -> Iterator[Judged]:
        if self._is_delivery(data):
            yield from judge_delivery(self._exchange.catalog, NAME, data, run)
            return
        report = self._exchange.validate(data, on=run.on)
        # Without findings, the command looks for no key either.
        yield Judged(NAME, report, key=key_of(data), size=len(data))

    def _is_delivery(self, data: bytes) -> bool:
        return is_delivery(self._exchange.catalog, begin(data)[1])
