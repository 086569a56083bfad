"""Which messages would be judged otherwise if they came about on another day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from exchange.deliveries import is_delivery
from exchange.deliveries.reading import Examination
from exchange.errors import Refused
from exchange.files.sources import begin, read
from exchange.findings.finding import Report, Severity, Verdict
from exchange.model.catalog import Catalog, shipped
from exchange.receipts import examine
from exchange.receipts.layout import is_receipt
from exchange.validation.pipeline import JudgingOptions, judge_document


class Rejudged(NamedTuple):
    """A message that is judged otherwise on the later day: its number in a delivery, the verdicts, and what became of findings.

    The number is None for a message alone, and for what a delivery says itself before its messages. Each of `findings` is a
    code and a path with the severity on either day, None where it is not found.
    """

    number: int | None
    before: Verdict
    after: Verdict
    findings: tuple[tuple[str, str, Severity | None, Severity | None], ...]

    @property
    def is_worse(self) -> bool:
        """True if the message was accepted, and is rejected on the later day."""
        return self.before == "accepted" and self.after == "rejected"


def rejudge(source: Path, since: date, until: date, *, catalog: Catalog | None = None) -> Iterator[Rejudged]:
    """Judge a message, a receipt of any size, or a delivery and each of its messages, as of two days; yield what is judged otherwise.

    Raises OSError and UnreadableSource as `exchange.parse`.
    """
    catalog = catalog or shipped()
    before_and_after = JudgingOptions(on=since), JudgingOptions(on=until)
    head = begin(source)[1]
    if is_delivery(catalog, head):
        earlier, later = (Examination(catalog, source, options=options) for options in before_and_after)
        for before, after in zip(earlier, later, strict=True):
            yield from _compared(before.number, before.report, after.report)
        yield from _compared(None, earlier.report, later.report)
        return
    if is_receipt(head):
        yield from _compared(None, *(examine(source, on=day, catalog=catalog) for day in (since, until)))
        return
    try:
        data = read(source)
    except Refused:  # too large on any day
        return
    yield from _compared(None, *(judge_document(catalog, data, options)[0] for options in before_and_after))


def _compared(number: int | None, before: Report, after: Report) -> Iterator[Rejudged]:
    was, now = ({(each.code, each.path): each.severity for each in report.findings} for report in (before, after))
    places = dict.fromkeys((*was, *now))
    findings = tuple((*place, was.get(place), now.get(place)) for place in places if was.get(place) != now.get(place))
    if findings or before.verdict != after.verdict:
        yield Rejudged(number, before.verdict, after.verdict, findings)
