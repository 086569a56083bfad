"""Goes through a delivery from its head to its end and judges it: every message, and what lies between them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange import kinds
from exchange.catalog import Catalog
from exchange.deliveries.blocks import (
    BLOCK,
    Block,
    Extra,
    Inspection,
    Inspector,
    Opening,
    Outcome,
    blocks,
    opening,
    starts,
)
from exchange.deliveries.register import Register
from exchange.deliveries.scan import CHUNK, Origin, Piece, Scanner
from exchange.findings import Finding, Ledger, Report
from exchange.road import USUAL, Question, travel, turned_away
from exchange.rules import leverance
from exchange.sources import regular_file

Source = bytes | Path | IO[bytes]

Run = Callable[[Catalog, Inspection, Iterator[Block]], Iterator[tuple[Block, Outcome]]]
"""Has blocks judged, somewhere, and gives what came of each in their order."""


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


def in_this_process(catalog: Catalog, how: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
    """Judge blocks one after another."""
    inspector = Inspector(catalog, how)
    for block in work:
        yield block, inspector(block)


class Examination:
    """One way through a delivery: iterate over it for its messages; then `report` says what is to be said of the delivery itself.

    `header` is the dict of the delivery's own elements, as soon as the first message is there; None if they are not sound.
    Memory is that of a few blocks, and what `Register` keeps.
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
    ) -> None:
        self.header: dict[str, Any] | None = None
        self.report: Report = turned_away(kinds.NOT_WELL_FORMED.found(words={"reason": "empty"}))[0]
        self.count = 0
        self._catalog = catalog
        self._source = source
        self._step = step
        self._run = run
        self._register = Register()
        self._between = Ledger()
        carried = tuple(dict.fromkeys(tag for v in catalog.deliveries.versions for tag in v.spec.carries))
        self._how = Inspection(os.urandom(16), carried=carried, question=question, more=more)

    def __iter__(self) -> Iterator[Delivered]:
        origin = Origin()
        begun = self._opening()
        if begun is not None:
            line = 1 + begun.head.count(b"\n")
            for block, outcome in self._run(self._catalog, self._how, self._blocks(begun)):
                if not outcome.proven:
                    origin = Origin(begun.root, block.start, line)
                    break
                yield from self._deliver(outcome, line)
                line += outcome.lines
            else:
                self._finish(None)
                return
        scanner = Scanner(self._chunks(origin), self._between.add, origin)
        pieces = scanner.pieces()
        first = next(pieces, None)
        if begun is None and scanner.head is not None:
            self._read_head(scanner.head)
        if first is not None and self._is_known:
            for _, outcome in self._run(self._catalog, self._how, _gathered(first, pieces)):
                yield from self._deliver(outcome, 0)
        self._finish(scanner.broken)

    @property
    def _is_known(self) -> bool:
        return self.report.message is not None

    def _opening(self) -> Opening | None:
        """Read the head, if the delivery may be cut by its bytes."""
        if not isinstance(self._source, bytes | Path):
            return None
        begun = opening(self._source, self._how.carried)
        if begun is not None:
            self._read_head(begun.head)
            self._how = replace(self._how, closing=begun.closing)
        return begun if self._is_known else None

    def _read_head(self, head: bytes) -> None:
        self.report, document = travel(self._catalog.deliveries, head, self._how.question)
        if document is not None:
            ((_, self.header),) = document.items()
            akassekode, miljoe = self.header["akassekode"], self.header["miljoe"]
            self._how = replace(self._how, akassekode=akassekode, miljoe=miljoe)

    def _blocks(self, begun: Opening) -> Iterator[Block]:
        assert isinstance(self._source, bytes | Path)  # noqa: S101  # else there is no opening
        if isinstance(self._source, bytes):
            size = len(self._source)
        else:
            with regular_file(self._source) as (_, size):
                pass
        return blocks(self._source, begun.first, size, starts(self._how.carried), self._step)

    def _chunks(self, origin: Origin) -> Iterator[bytes]:
        source = self._source
        if isinstance(source, bytes):
            yield from (source[at : at + CHUNK] for at in range(origin.start, len(source), CHUNK))
        elif isinstance(source, Path):
            with regular_file(source) as (file, _):
                file.seek(origin.start)
                yield from iter(lambda: file.read(CHUNK), b"")
        else:
            yield from iter(lambda: source.read(CHUNK), b"")

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
            self.report = turned_away(broken)[0]
            return
        if broken is not None:
            findings += [broken, leverance.BROKEN.found("/leverance", {"last": self.count}, line=broken.line)]
        elif self.header is not None and self.header["antal"] != self.count:
            words = {"said": self.header["antal"], "found": self.count}
            findings.append(leverance.ANTAL.found("/leverance/antal", words))
        if findings:
            self.report = self.report.extended(findings)


def _gathered(first: Piece, pieces: Iterator[Piece]) -> Iterator[Block]:
    """Gather messages into blocks."""
    gathered = [first]
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece.data or b"")
        if size > BLOCK:
            yield Block(pieces=tuple(gathered))
            gathered, size = [], 0
    if gathered:
        yield Block(pieces=tuple(gathered))


def _placed(report: Report, between: list[Finding], line: int) -> Report:
    """Give a report with the lines of the file; a message cut out begins in line 2, below its declaration."""
    findings = tuple(
        finding if finding.line is None else replace(finding, line=finding.line + line - 2)
        for finding in report.findings
    )
    report = replace(report, findings=findings)
    return report.extended([replace(finding, line=line) for finding in between]) if between else report
