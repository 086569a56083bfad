"""Judges a delivery for a report: every message, then the delivery itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from exchange.deliveries.blocks import JudgedMessage
from exchange.deliveries.reading import Examination, FaultlessRange, in_this_process
from exchange.deliveries.reading import Run as BlockRun
from exchange.files.sources import Passes, Source
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.reports.control import apply
from exchange.reports.model import Judged, Place, Run
from exchange.signatures import Verified, required, verify_stream
from exchange.validation.excerpts import excerpts
from exchange.validation.pipeline import JudgingOptions


def judge_delivery(
    catalog: Catalog,
    file: str,
    source: Source,
    run: Run,
    *,
    through: BlockRun = in_this_process,
    with_excerpts: bool = False,
    combine_faultless: bool = False,
    key: bytes | None = None,
) -> Iterator[Judged]:
    """Yield what is found in each message of a delivery, in their order, and at last in the delivery itself.

    `combine_faultless`: consecutive ones without findings come as one. `through` has its blocks judged; `key` is a secret of the
    run, under which persons and instants are hashed. Where a
    signature is demanded, the source is read twice and must be bytes or Path. Raises OSError as reading it does.
    """
    signed: Verified | None = None
    passes: Passes | None = None
    if run.signed_by is not None and run.at is not None:
        assert isinstance(source, bytes | Path)  # noqa: S101  # what is read twice
        # What is verified and what is judged are two passes over the same bytes.
        passes = Passes(source)
        signed = verify_stream(passes.chunks(), run.signed_by, run.at, None)
    examination = Examination(
        catalog,
        source,
        options=JudgingOptions(run.on, run.show_values),
        extra_of=partial(_excerpts, show_values=run.show_values) if with_excerpts else None,
        run=through,
        key=key,
        passes=passes,
    )
    verdicts: Counter[str] = Counter()
    at = 0
    for message in examination.steps() if combine_faultless else examination:
        if isinstance(message, FaultlessRange):
            size, at = message.end - at, message.end
            verdicts["accepted"] += len(message)
            yield _together(catalog, file, message, size)
            continue
        report, besked_id = message.report, message.besked_id
        place = Place(message.number, message.line, message.start, message.end)
        size, at = message.end - at, message.end
        if not report.counts:
            verdicts[report.verdict] += 1
            yield Judged(file, report, None, besked_id, size=size, place=place)
            continue
        report, overridden = apply(report, run.overrides, run.max_findings)
        verdicts[report.verdict] += 1
        shown = _aligned(message.extra, report)
        yield Judged(file, report, None, besked_id, shown, dict(overridden), size, place)
    own = required(examination.report, signed) if signed else examination.report
    report, overridden = apply(own, run.overrides, run.max_findings)
    leverance_id = examination.header["leveranceId"] if examination.header else None
    rest = (_size(source) or at) - at
    yield Judged(file, report, None, leverance_id, (), dict(overridden), rest, None, dict(verdicts))


def _together(catalog: Catalog, file: str, faultless: FaultlessRange, size: int) -> Judged:
    first = next(faultless.messages(catalog))
    place = Place(first.number, first.line, first.start, first.end)
    return Judged(file, first.report, size=size, place=place, stands_for=len(faultless))


def _size(source: Source) -> int | None:
    if isinstance(source, bytes):
        return len(source)
    return source.stat().st_size if isinstance(source, Path) else None


def _excerpts(message: JudgedMessage, *, show_values: bool) -> list[list[Any]] | None:
    findings = message.report.findings
    if not findings:
        return None
    shown = excerpts(message.catalog, message.data, findings, show_values=show_values)
    return [[finding.code, finding.path, each] for finding, each in zip(findings, shown, strict=True)]


def _aligned(extra: list[list[Any]] | None, report: Report) -> tuple[str | None, ...]:
    """Return an excerpt for each finding that is listed; what is wrong between messages has none."""
    known = {(code, path): shown for code, path, shown in extra or ()}
    return tuple(known.get((finding.code, finding.path)) for finding in report.findings)
