"""Judges a file that was received and keeps the decision on each message, in a temporary file, for those who answer it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from exchange.deliveries.blocks import Inspection, Inspector, JudgedMessage, Progress, carried, no_progress
from exchange.deliveries.outcomes import Found
from exchange.deliveries.reading import Delivered, Examination, Run
from exchange.deliveries.record import report_from_json, report_to_json
from exchange.deliveries.scan import Scanner
from exchange.errors import Refused, UnreadableSource
from exchange.files.filesystem import held_text
from exchange.files.sources import Passes, chunks, read, regular_file, sha256_of, sha256_of_large
from exchange.findings.finding import Ledger, Report
from exchange.model.catalog import shipped
from exchange.validation.pipeline import refusal
from exchange.xml.digest import judged_sha256
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)

KEPT = 100
"""So many messages of which a check did not run are kept."""


class Decision(NamedTuple):
    """The decision on a message: its place in the file, its key and name as far as they could be read, whether it is accepted.

    `failed` is True for one that could not be judged, since a check did not run. `digest` is that of its canonical form, None if
    it has none; `raw` that of its element's bytes in UTF-8, None if they are too many. `report` is there if there is something to
    say.
    """

    number: int
    start: int
    end: int
    line: int
    besked_id: str | None
    message: str | None
    accepted: bool
    failed: bool
    digest: str | None
    raw: str | None
    report: Report | None


class Verdict:
    """The verdict on a delivery: its header, if that is sound, the report on itself, how many messages are accepted.

    `decisions` gives them, as often as wanted, from a file without a name. `undetermined` are the first of those messages
    of which a check did not run, `failed` counts all of them: every one, if the delivery itself could not be judged.
    """

    def __init__(self, folder: Path | None) -> None:
        self.header: Mapping[str, Any] | None = None
        self.report: Report
        self.sha256 = ""
        self.count = 0
        self.undetermined: list[Decision] = []
        self._accepted = self._failed = 0
        self._file = held_text(folder)  # __exit__ closes it

    def __enter__(self) -> Verdict:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def is_undetermined(self) -> bool:
        """True if something could not be judged, so that no answer can be given."""
        return bool(self.undetermined) or self.report.verdict == "undetermined"

    @property
    def accepted(self) -> int:
        """How many messages are accepted: none of a delivery that is itself refused."""
        return self._accepted if self.report.ok else 0

    @property
    def failed(self) -> int:
        """How many messages could not be judged."""
        return self.count if self.report.verdict == "undetermined" else self._failed

    def add(self, decision: Decision) -> None:
        """Keep the decision on a message."""
        self.count += 1
        self._accepted += decision.accepted
        self._failed += decision.failed
        report = decision.report
        if decision.failed and len(self.undetermined) < KEPT:
            self.undetermined.append(decision)
        plain = decision._replace(report=None if report is None else report_to_json(report))  # type: ignore[arg-type]  # JSON from here on
        self._file.write(json.dumps(plain) + "\n")

    def decisions(self) -> Iterator[Decision]:
        """Yield the decision on each message; of a delivery that is itself refused, none is accepted.

        Of one that could not be judged itself, no message could.
        """
        failed = self.report.verdict == "undetermined"
        self._file.flush()
        self._file.seek(0)
        for line in self._file:
            decision = Decision(*json.loads(line))
            report = decision.report and report_from_json(decision.report)  # type: ignore[arg-type]  # it was JSON
            accepted = decision.accepted and self.report.ok
            yield decision._replace(accepted=accepted, failed=decision.failed or failed, report=report)


def judge(
    source: bytes | Path,
    verdict: Verdict,
    run: Run,
    key: bytes | None = None,
    *,
    progress: Progress = no_progress,
) -> None:
    """Judge a delivery. Raises OSError if it cannot be read, UnreadableSource if it changed meanwhile."""
    # The receipt names the digest of the whole, which a second pass gives: of the bytes that were judged.
    passes = Passes(source)
    examination = Examination(shipped(), source, extra_of=digests, run=run, key=key, passes=passes, progress=progress)
    for message in examination:
        verdict.add(_decision(message))
    verdict.header, verdict.report = examination.header, examination.report
    verdict.sha256 = sha256_of(passes)


def judge_message(file: bytes | Path, verdict: Verdict) -> None:
    """Judge a file, or its bytes, that holds a single message, or what is to be one. Raises OSError if it cannot be read."""

    def digests_and_header(message: JudgedMessage) -> object:
        reading = message.reading
        if reading is not None:
            at_fault = {finding.path for finding in message.report.findings}
            hoved = reading.content["hoved"].items()
            verdict.header = {key: value for key, value in hoved if f"/{reading.name}/hoved/{key}" not in at_fault}
        return digests(message)

    catalog = shipped()
    sound = catalog.deliveries.versions[-1].faultless
    inspect = Inspector(catalog, Inspection(os.urandom(16), carried=carried(catalog), extra_of=digests_and_header))
    try:
        data = read(file)
        verdict.sha256 = sha256_of(data)
    except Refused as refused:  # too large
        verdict.sha256 = sha256_of_large(file)
        found = Found(0, 0, 1, refusal(refused.finding)[0], None, None, None)
    else:
        found = inspect.look(data, 0, len(data), 1)
    report = catalog.whole(found.report)
    decision = _decision(Delivered(1, found.start, found.end, 1, found.besked_id, report, found.extra))
    verdict.add(decision)
    # What no entry of a receipt can name is said of the file.
    verdict.report = sound if decision.digest else report


def _decision(message: Delivered) -> Decision:
    report = message.report
    digest, raw = message.extra or (None, None)
    place = (message.number, message.start, message.end, message.line)
    shown = report if report.findings or not report.ok else None
    return Decision(
        *place, message.besked_id, report.message, report.ok, report.verdict == "undetermined", digest, raw, shown
    )


def digests(message: JudgedMessage) -> tuple[str | None, str]:
    """Return the digest of a message's canonical form, None if it has none, and that of its element's bytes."""
    return judged_sha256(message.data, message.reading), sha256(memoryview(message.data)[_START:]).hexdigest()


def elements(file: Path, decisions: Iterator[Decision]) -> Iterator[tuple[Decision, bytes | None]]:
    """Yield each message's element, the very bytes that were judged; None for one that is too large.

    Where they do not stand in the file as they were judged, in another encoding or with a namespace from above, the
    file is scanned again. Raises UnreadableSource if the file is not what it was.
    """
    with regular_file(file) as (stream, _):
        for decision in decisions:
            stream.seek(decision.start)
            element = stream.read(decision.end - decision.start) if decision.raw else None
            if element is not None and sha256(element).hexdigest() != decision.raw:
                yield from _scanned(file, decision, decisions)
                return
            yield decision, element


def _scanned(file: Path, decision: Decision, decisions: Iterator[Decision]) -> Iterator[tuple[Decision, bytes | None]]:
    for number, message in enumerate(Scanner(chunks(file), Ledger()).messages(), 1):
        if number < decision.number:
            continue
        if decision.raw and (message.data is None or sha256(message.data).hexdigest() != decision.raw):
            break
        yield decision, message.data
        following = next(decisions, None)
        if following is None:
            return
        decision = following
    raise UnreadableSource("changed while it was read", file)
