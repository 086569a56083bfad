"""Goes through a delivery from its head to its end and judges it: every message, and what lies between them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.blocks import (
    BLOCK,
    Block,
    DeliveryStart,
    Extra,
    Inspection,
    Inspector,
    Outcome,
    Progress,
    blocks,
    carried,
    delivery_start,
    no_progress,
    starts,
)
from exchange.deliveries.register import Register
from exchange.deliveries.scan import CutMessage, Origin, Scanner
from exchange.files.recognition import not_well_formed
from exchange.files.sources import Passes, Source, chunks, regular_file, unchanged
from exchange.findings.finding import LAYERS, Finding, Layer, Ledger, Report, State
from exchange.model.catalog import Catalog, shipped
from exchange.model.representation import without
from exchange.validation.pipeline import USUAL, Question, judge_document, refusal
from exchange.validation.rules import KINDS, leverance

MOST = 1_000_000
"""So many messages a delivery may hold."""

Run = Callable[[Catalog, Inspection, Iterator[Block]], Iterator[tuple[Block, Outcome]]]
"""Judges blocks, in whatever process, and yields each with its outcome, in their order."""


class Delivered(NamedTuple):
    """A message of a delivery: its `number`, from 1; its bytes in the file, `start` to `end`; its first line there.

    The report's paths are the message's own, its lines the file's. `extra` is what was asked for besides.
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


def in_this_process(catalog: Catalog, inspection: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
    """Judge blocks one after another."""
    inspector = Inspector(catalog, inspection)
    for block in work:
        yield block, inspector(block)


class Examination:
    """One pass through a delivery: iterate over it for its messages; then `report` is on the delivery itself.

    `header` is the dict of its own elements, as soon as the first message is there; None if they are not sound. Memory is that
    of a few blocks, and what `Register` keeps. `progress` is called as the messages are taken.

    Every byte is read once and judged as it was read, in whatever process; what else is done with the messages is done with
    what `more` gives, which is of these bytes. Whoever reads the source besides, gives `passes`, which compares it.
    """

    def __init__(
        self,
        catalog: Catalog,
        source: Source,
        *,
        question: Question = USUAL,
        more: Extra | None = None,
        run: Run = in_this_process,
        step: int = BLOCK,
        key: bytes | None = None,
        passes: Passes | None = None,
        progress: Progress = no_progress,
    ) -> None:
        self.header: dict[str, Any] | None = None
        self.report: Report = _nothing_read()
        self.count = 0
        self._catalog = catalog
        self._source = source
        self._step = step
        self._run = run
        self._register = Register()
        self._between = Ledger()
        self._passes = passes
        self._progress = progress
        digested = passes is not None
        self._inspection = Inspection(
            key or os.urandom(16), carried=carried(catalog), question=question, more=more, digested=digested
        )

    def __iter__(self) -> Iterator[Delivered]:
        done = 0
        with unchanged(self._source):
            for message in self._messages():
                if self.count > MOST:
                    # Who sends more has sent no delivery; to know them all would take ever more memory.
                    self.report = self.report.extended([leverance.BROKEN.found("/leverance", {"last": MOST})])
                    break
                yield message
                self._progress(message.end - done)
                done = message.end

    def _messages(self) -> Iterator[Delivered]:
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
                        origin = Origin(start.root, block.start, line)
                    break
                if self._passes is not None and outcome.parts is not None:
                    self._passes.compare(outcome.parts)
                yield from self._deliver(outcome, line)
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
            for _, outcome in self._run(self._catalog, self._inspection, _gathered(first, messages)):
                yield from self._deliver(outcome, 0)
        self._finish(scanner.broken)

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
        self.report, document = judge_document(self._catalog.deliveries, head, self._inspection.question)
        if document is not None:
            ((_, self.header),) = document.items()
            akassekode, miljoe = self.header["akassekode"], self.header["miljoe"]
            self._inspection = replace(self._inspection, akassekode=akassekode, miljoe=miljoe)

    def _blocks(self, start: DeliveryStart) -> Iterator[Block]:
        assert isinstance(self._source, bytes | Path)  # noqa: S101  # else there is no delivery_start
        if isinstance(self._source, bytes):
            size = len(self._source)
        else:
            with regular_file(self._source) as (_, size):
                pass
        return blocks(self._source, start.first, size, starts(self._inspection.carried), self._step)

    def _deliver(self, outcome: Outcome, line: int) -> Iterator[Delivered]:
        """Number the messages of a block, place their findings in the file, and hold them against those before."""
        for found in outcome.found:
            self.count += 1
            report = found.report
            if isinstance(report, str):
                report = self._catalog.by_tag[report].faultless
            accepted = report.ok
            between = self._register.enter(self.count, found.besked_id, found.facts, accepted=accepted)
            here = found.line + line
            if between or report.findings:
                report = _placed(report, between, here)
            yield Delivered(self.count, found.start, found.end, here, found.besked_id, report, found.extra)

    def _finish(self, broken: Finding | None) -> None:
        findings = list(self._between.findings)
        if broken is not None and not self._is_known and self.count == 0 and not findings:
            self.report = refusal(broken)[0]
            return
        if broken is not None:
            findings += [broken, leverance.BROKEN.found("/leverance", {"last": self.count}, line=broken.line)]
        elif self.header is not None and self.header["antal"] != self.count:
            words = {"stated": self.header["antal"], "found": self.count}
            findings.append(leverance.ANTAL.found("/leverance/antal", words))
        listed = Counter(finding.code for finding in self._between.findings)
        if findings:
            self.report = self.report.extended(findings, Counter(self._between.counts) - listed)


def _nothing_read() -> Report:
    return refusal(not_well_formed("empty", data=b""))[0]


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
    question = Question(on, show_values) if on or show_values else USUAL
    return Delivery(Examination(catalog or shipped(), source, question=question, more=_document_and_data))


def _document_and_data(
    _catalog: Catalog, data: bytes, document: Mapping[str, Any] | None, _report: Report
) -> tuple[Mapping[str, Any] | None, bytes]:
    return document, data


def whole_report(catalog: Catalog, source: Source, question: Question = USUAL, passes: Passes | None = None) -> Report:
    """Judge a delivery and give one report on it and all its messages; these have paths like `/leverance/samtale[3]/form`.

    `passes` is as for `Examination`.
    """
    examination = Examination(catalog, source, question=question, passes=passes)
    ledger = Ledger()
    numbers: Counter[str] = Counter()
    layers: dict[Layer, State] = dict.fromkeys(LAYERS, "passed")
    unfinished: set[Layer] = set()

    def take(report: Report, above: str = "") -> None:
        for finding in report.findings:
            below = finding.path.lstrip("/").partition("/")
            ledger.add(replace(finding, path="".join((above, *below[1:]))) if above else finding)
        for code, count in report.counts.items():
            listed = sum(finding.code == code for finding in report.findings)
            ledger.count(code, KINDS[code].severity, count - listed)
        for layer, state in report.layers.items():
            layers[layer] = max(layers[layer], state, key=_WORSE.index)
        unfinished.update(report.unfinished)

    for message in examination:
        name = message.report.message or "*"
        numbers[name] += 1
        take(message.report, f"/leverance/{name}[{numbers[name]}]")
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


def _placed(report: Report, between: list[Finding], line: int) -> Report:
    """Return a report with the lines of the file; a message cut out begins in line 2, below its declaration."""
    findings = tuple(
        finding if finding.line is None else replace(finding, line=finding.line + line - 2)
        for finding in report.findings
    )
    report = replace(report, findings=findings)
    return report.extended([replace(finding, line=line) for finding in between]) if between else report
