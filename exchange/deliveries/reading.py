"""Goes through a delivery from its head to its end and judges it: every message, and what lies between them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.blocks import (
    BLOCK,
    Block,
    DeliveryStart,
    ExtraOf,
    Inspection,
    Inspector,
    Progress,
    blocks,
    carried,
    delivery_start,
    no_progress,
    read,
    starts,
)
from exchange.deliveries.elements import in_file
from exchange.deliveries.outcomes import FaultlessMessages, Found, Outcome
from exchange.deliveries.register import Register
from exchange.deliveries.scan import CutMessage, Origin, Scanner
from exchange.errors import Refused
from exchange.files.columns import Columns
from exchange.files.recognition import not_well_formed
from exchange.files.sources import Passes, Source, chunks, unchanged
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Position, Report, State
from exchange.model.catalog import Catalog
from exchange.model.representation import without
from exchange.validation.checks import day_of
from exchange.validation.pipeline import DEFAULT_OPTIONS, JudgingOptions, judge_document, refusal
from exchange.validation.rules import KINDS, leverance
from exchange.xml import parsing
from exchange.xml.positions import Positions
from exchange.xml.writer import DECLARATION

MOST = 1_000_000
"""So many messages a delivery may hold."""

Run = Callable[[Catalog, Inspection, Iterator[Block]], Iterator[tuple[Block, Outcome]]]
"""Judges blocks, in whatever process, and yields each with its outcome, in their order."""


class Delivered(NamedTuple):
    """A message of a delivery: its `number`, from 1; its bytes in the file, `start` to `end`; its first line there.

    The report's paths are the message's own, its lines the file's. `extra` is what `extra_of` gave.
    """

    number: int
    start: int
    end: int
    line: int
    besked_id: str | None
    report: Report
    extra: Any = None

    def __repr__(self) -> str:
        return without(self, "extra")


class FaultlessRange(NamedTuple):
    """Consecutive messages of a delivery without findings: how many come `before` them, and the line in which their block begins."""

    before: int
    line: int
    rows: FaultlessMessages

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def end(self) -> int:
        """The byte of the file behind the last of them."""
        return self.rows.ends[-1]

    def messages(self, catalog: Catalog) -> Iterator[Delivered]:
        """Yield each of them."""
        for number, found in enumerate(self.rows.found(), self.before + 1):
            report, line = catalog.whole(found.report), found.line + self.line
            yield Delivered(number, found.start, found.end, line, found.besked_id, report, found.extra)


def in_this_process(catalog: Catalog, inspection: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
    """Judge blocks one after another."""
    inspector = Inspector(catalog, inspection)
    for block in work:
        yield block, inspector(block)


class Examination:
    """One pass through a delivery: iterate over it for its messages; then `report` is on the delivery itself.

    `header` is the dict of its own elements, as soon as the first message is there; None if they are not sound. `signed` is true
    at the end if it has a signature. Memory is that of a few blocks, and what `Register` keeps. `progress` is called as
    messages are taken.

    Every byte is read once and judged as it was read, in whatever process; what else is done with the messages is done with
    what `extra_of` gives, which is of these bytes. A caller that reads the source too gives `passes`, which compares it.
    """

    def __init__(
        self,
        catalog: Catalog,
        source: Source,
        *,
        options: JudgingOptions = DEFAULT_OPTIONS,
        extra_of: ExtraOf | None = None,
        run: Run = in_this_process,
        step: int = BLOCK,
        key: bytes | None = None,
        passes: Passes | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self.header: dict[str, Any] | None = None
        self.report: Report = _nothing_read()
        self.count = 0
        self.signed = False
        self._catalog = catalog
        self._source = source
        self._step = step
        self._run = run
        self._register = Register()
        self._between = Ledger()
        self._passes = passes
        self._columns = Columns(self._read)
        self._progress = progress
        self._inspection = Inspection(
            key or os.urandom(16),
            carried=carried(catalog),
            options=options,
            extra_of=extra_of,
            digested=passes is not None,
        )

    def __iter__(self) -> Iterator[Delivered]:
        for step in self.steps():
            if isinstance(step, FaultlessRange):
                yield from step.messages(self._catalog)
            else:
                yield step

    def steps(self) -> Iterator[Delivered | FaultlessRange]:
        """Yield the messages as iterating does, but consecutive ones without findings together."""
        done = 0
        with unchanged(self._source):
            for step in self._steps():
                if self.count > MOST:
                    # Who sends more has sent no delivery; to know them all would take ever more memory.
                    self.report = self.report.extended([leverance.BROKEN.found("/leverance", {"last": MOST})])
                    break
                yield step
                self._progress(step.end - done)
                done = step.end

    def _steps(self) -> Iterator[Delivered | FaultlessRange]:
        origin = Origin()
        start = self._opening()
        if start is not None:
            line = 1 + start.head.count(b"\n")
            for block, outcome in self._run(self._catalog, self._inspection, self._blocks(start)):
                if not outcome.proven:
                    if block.start == start.first:
                        # Where a head ends behind which all is broken, the stream says, whatever the way.
                        start = None
                        self.report, self.header = _nothing_read(), None
                        self._inspection = replace(self._inspection, akassekode=None, miljoe=None)
                    else:
                        origin = Origin(start.root, block.start, line, self._columns.at(block.start))
                    break
                if self._passes is not None and outcome.parts is not None:
                    self._passes.compare(outcome.parts)
                yield from self._deliver(outcome, line, self._cut)
                line += outcome.lines
            else:
                self._finish(None)
                return
        scanner = Scanner(chunks(self._passes or self._source, origin.start), self._between, origin)
        messages = scanner.messages()
        first = next(messages, None)
        if start is None and scanner.head is not None:
            self._read_head(scanner.head)
        if first is not None and self._is_known:
            for block, outcome in self._run(self._catalog, self._inspection, _gathered(first, messages)):
                cut = {each.start: each for each in block.messages}
                yield from self._deliver(outcome, 0, lambda found: cut[found.start])  # noqa: B023  # used up in this round
        self.signed = scanner.signed
        self._finish(scanner.broken)

    def _read(self, start: int, end: int) -> bytes:
        assert isinstance(self._source, bytes | Path)  # noqa: S101  # else nothing is cut by its bytes
        return read(self._source, start, end)

    @property
    def _is_known(self) -> bool:
        return self.report.message is not None

    def _opening(self) -> DeliveryStart | None:
        """Read the head, if the delivery may be cut by its bytes."""
        if not isinstance(self._source, bytes | Path):
            return None
        start = delivery_start(self._source, self._inspection.carried, self._passes)
        if start is not None:
            self._read_head(start.head)
            self._inspection = replace(self._inspection, closing=start.closing)
        return start if self._is_known else None

    def _read_head(self, head: bytes) -> None:
        self.report, reading = judge_document(self._catalog.deliveries, head, self._inspection.options)
        if reading is not None:
            ((_, self.header),) = reading.document().items()
            akassekode, miljoe = self.header["akassekode"], self.header["miljoe"]
            self._inspection = replace(self._inspection, akassekode=akassekode, miljoe=miljoe)

    def _blocks(self, start: DeliveryStart) -> Iterator[Block]:
        assert isinstance(self._source, bytes | Path)  # noqa: S101  # else there is no delivery_start
        # The head was read, so it is a regular file.
        size = len(self._source) if isinstance(self._source, bytes) else self._source.stat().st_size
        return blocks(self._source, start.first, size, starts(self._inspection.carried), self._step)

    def _cut(self, found: Found) -> CutMessage:
        """Cut a message with findings out of a delivery again."""
        return CutMessage(*found[:3], self._read(found.start, found.end), self._columns.at(found.start))

    def _deliver(
        self, outcome: Outcome, line: int, cut: Callable[[Found], CutMessage]
    ) -> Iterator[Delivered | FaultlessRange]:
        """Number the messages of a block, place their findings in the file, and hold them against those before."""
        for entry in outcome.entries:
            if not isinstance(entry, FaultlessMessages):
                yield self._enter(entry, line, cut)
            elif self.count + len(entry) <= MOST and self._register.enter_faultless(self.count + 1, entry):
                self.count += len(entry)
                yield FaultlessRange(self.count - len(entry), line, entry)
            else:
                yield from (self._enter(found, line, cut) for found in entry.found())

    def _enter(self, found: Found, line: int, cut: Callable[[Found], CutMessage]) -> Delivered:
        self.count += 1
        report = self._catalog.whole(found.report)
        between = self._register.enter(self.count, found.besked_id, found.facts, accepted=report.ok)
        if between:
            day = self._inspection.options.on or day_of((self.header or {}).get("oprettet"))
            between = self._catalog.law.cited(between, day)
        here = found.line + line
        if between or report.findings:
            report = _placed(report, between, cut(found), here)
        return Delivered(self.count, found.start, found.end, here, found.besked_id, report, found.extra)

    def _finish(self, broken: Finding | None) -> None:
        findings = list(self._between.findings)
        if broken is not None and not self._is_known and self.count == 0 and not findings:
            self.report = refusal(broken)[0]
            return
        if broken is not None:
            findings += [broken, leverance.BROKEN.found("/leverance", {"last": self.count}, at=broken.position)]
        elif self.header is not None and self.header["antal"] != self.count:
            words = {"stated": self.header["antal"], "found": self.count}
            findings.append(leverance.ANTAL.found("/leverance/antal", words))
        listed = Counter(finding.code for finding in self._between.findings)
        if findings:
            self.report = self.report.extended(findings, Counter(self._between.counts) - listed)


def _nothing_read() -> Report:
    return refusal(not_well_formed("empty", data=b""))[0]


def whole_report(
    catalog: Catalog, source: Source, options: JudgingOptions = DEFAULT_OPTIONS, passes: Passes | None = None
) -> Report:
    """Return one report on a delivery and all its messages, with paths like `/leverance/samtale[3]/form`; `passes` as `Examination`."""
    examination = Examination(catalog, source, options=options, passes=passes)
    ledger = Ledger()
    numbers: Counter[str] = Counter()
    layers: dict[Layer, State] = dict.fromkeys(LAYERS, "passed")
    unfinished: set[Layer] = set()

    def take(report: Report, above: str = "") -> None:
        for finding in report.findings:
            below = finding.path.lstrip("/").partition("/")
            ledger.add(replace(finding, path="".join((above, *below[1:]))) if above else finding)
        # Of a code whose severity differs by date, a message's own findings say which it is.
        severities = {finding.code: finding.severity for finding in report.findings}
        for code, count in report.counts.items():
            listed = sum(finding.code == code for finding in report.findings)
            ledger.count(code, severities.get(code) or KINDS[code].severity, count - listed)
        for layer, state in report.layers.items():
            layers[layer] = max(layers[layer], state, key=_WORSE.index)
        unfinished.update(report.unfinished)

    for step in examination.steps():
        if isinstance(step, FaultlessRange):
            for tag, name, count in step.rows.counts():
                numbers[name] += count
                take(catalog.by_tag[tag].faultless)
            continue
        name = step.report.message or "*"
        numbers[name] += 1
        take(step.report, f"/leverance/{name}[{numbers[name]}]")
    take(examination.report)
    ledger.layers = layers
    report = ledger.report(examination.report.message, examination.report.version)
    return replace(report, unfinished=frozenset(unfinished))


_WORSE: list[State] = ["passed", "skipped", "failed"]


def _gathered(first: CutMessage, messages: Iterator[CutMessage]) -> Iterator[Block]:
    """Gather messages into blocks."""
    gathered = [first]
    size = 0
    for message in messages:
        gathered.append(message)
        size += len(message.data or b"")
        if size > BLOCK:
            yield Block(messages=tuple(gathered))
            gathered, size = [], 0
    if gathered:
        yield Block(messages=tuple(gathered))


def _placed(report: Report, between: list[Finding], message: CutMessage, line: int) -> Report:
    """Return a report with the lines and columns of the file, in which the message begins in this line.

    As a document of its own it begins in line 2, below its declaration.
    """
    begin = Position(line, message.column)

    def placed(finding: Finding, at: Position | None) -> Finding:
        return finding.placed(at and in_file(at, 2, begin, message.inserted))

    report = replace(report, findings=tuple(placed(finding, finding.position) for finding in report.findings))
    if not between:
        return report
    try:
        positions = Positions(*parsing.open_document(DECLARATION.encode() + (message.data or b"")))
        return report.extended([placed(finding, positions.at(finding.path)) for finding in between])
    except Refused:
        return report.extended([finding.placed(begin) for finding in between])
