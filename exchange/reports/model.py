"""The data of every report: a run, the result for each file, and the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Literal, NamedTuple, Protocol

from exchange import signatures
from exchange.findings.finding import LAYERS, LISTED_PER_CODE, Layer, Report, Severity, Verdict
from exchange.model.reference import Reference
from exchange.model.representation import without

Level = Literal["error", "warning", "info", "off"]


class Override(NamedTuple):
    """A severity that the user changed for a code."""

    code: str
    before: Severity
    after: Level


@dataclass(frozen=True, slots=True)
class Run:
    """How the files of one report were judged. `lang` is the language of formats that carry only one.

    With `signed_by` every file must be signed by somebody of that trust; certificates are judged `at` a time.
    `started` is when the run began (an aware datetime), `reference` the schemas and code lists that it judges by, if they are
    to stand in the report. In the text report, `quiet` leaves out files without findings, and `statistics` counts the findings by code.
    """

    lang: str
    overrides: tuple[Override, ...] = ()
    on: date | None = None
    show_values: bool = False
    max_findings: int = LISTED_PER_CODE
    expect: Literal["valid", "invalid"] | None = None
    signed_by: signatures.Trust | None = None
    at: datetime | None = None
    quiet: bool = False
    statistics: bool = False
    started: datetime | None = None
    reference: Reference | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in a report of this run."""
        return LAYERS if self.signed_by is None else (*LAYERS, "signature")


class Place(NamedTuple):
    """Where in a delivery a message is: its number, from 1; its first line and its bytes, `start` to `end`, in the file."""

    number: int
    line: int
    start: int
    end: int


class Judged(NamedTuple):
    """A file and its report; or no report, and the `fault` because of which it could not be checked (a tool fault).

    A message of a delivery has an entry of its own, with its `place`; after them comes the delivery's, with how
    many of its `messages` have which verdict.

    `report` lists at most the run's `max_findings` of a code; its counts are exact. `key` is the message's
    beskedId where it has one. `excerpts` has for each finding the element at fault as it stands in the
    file, confidential values masked; None where there is none to show. `overridden` counts the findings
    whose severity was changed, by code. `size` is the file's in bytes. `stands_for` is more than 1 where consecutive messages of a
    delivery without findings come as one; the place is that of the first.
    """

    file: str
    report: Report | None
    fault: str | None = None
    key: str | None = None
    excerpts: tuple[str | None, ...] = ()
    overridden: Mapping[str, int] | None = None
    size: int = 0
    place: Place | None = None
    messages: Mapping[str, int] | None = None
    stands_for: int = 1

    def __repr__(self) -> str:
        return without(self, "excerpts")

    @property
    def label(self) -> str:
        """The file's name; for a message of a delivery with its number."""
        return f"{self.file}#{self.place.number}" if self.place else self.file

    @property
    def verdict(self) -> Verdict | None:
        """The report's verdict; of a delivery the worst of its own and its messages'. None without a report."""
        if self.report is None or not self.messages:
            return self.report.verdict if self.report else None
        verdicts = (self.report.verdict, *(name for name, count in self.messages.items() if count))
        return next(verdict for verdict in _WORST_FIRST if verdict in verdicts)

    @property
    def is_quiet(self) -> bool:
        """True for a message of a delivery that is accepted without any finding."""
        return self.place is not None and self.report is not None and self.report.ok and not self.report.counts


_WORST_FIRST: tuple[Verdict, ...] = ("rejected", "undetermined", "accepted")


@dataclass(slots=True)
class Summary:
    """The totals over all files. `files` counts by verdict, with `not-checked` for tool faults; `codes` counts findings.

    `messages` counts those of deliveries, by verdict; `other_files` those in folders that are no XML files by their names.
    """

    files: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    overridden: Counter[str] = field(default_factory=Counter)
    unexpected: int = 0
    interrupted: bool = False
    other_files: int = 0

    def count_other_file(self) -> None:
        """Count a file in a folder that was passed over."""
        self.other_files += 1

    def add(self, run: Run, judged: Judged) -> None:
        """Count a file, or a message of a delivery."""
        report = judged.report
        if report is None:
            self.files["not-checked"] += 1
            return
        if judged.place:
            self.messages[report.verdict] += judged.stands_for
            if not report.counts:
                return
        else:
            self.unexpected += is_unexpected(run, judged)
            self.files[judged.verdict or "undetermined"] += 1
        self.severities.update({"error": report.errors, "warning": report.warnings, "info": report.infos})
        self.codes.update(report.counts)
        self.overridden.update(judged.overridden or {})


def is_unexpected(run: Run, judged: Judged) -> bool:
    """True if a file has another verdict than the run expects."""
    if run.expect is None or judged.report is None or judged.place:
        return False
    return judged.verdict != {"valid": "accepted", "invalid": "rejected"}[run.expect]


class Writer(Protocol):
    """Writes one report in one format, file by file."""

    def __init__(self, out: IO[str], run: Run) -> None:
        """Begin a report on `out`, a text stream in UTF-8."""

    def add(self, judged: Judged) -> None:
        """Write a file's part."""

    def finish(self, summary: Summary) -> None:
        """Write the rest of the report."""
