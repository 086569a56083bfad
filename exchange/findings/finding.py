"""Kinds of finding, single findings, and the report that holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Literal, NamedTuple

from exchange.findings.phrases import Style, layer_names, plain, without_subject
from exchange.findings.placeholders import Words
from exchange.findings.texts import text

Severity = Literal["error", "warning", "info"]
Layer = Literal["secure", "well-formed", "route", "schema", "codes", "rules", "signature"]
"""Where a finding belongs. A report has all of LAYERS, and the signature where one is required."""

State = Literal["passed", "failed", "skipped"]
Verdict = Literal["accepted", "rejected", "undetermined"]

LAYERS: tuple[Layer, ...] = ("secure", "well-formed", "route", "schema", "codes", "rules")

LISTED_PER_CODE = 100
"""How many findings of one code a report lists. `Report.counts` is exact beyond it."""


_NO_SENTENCES = dict.fromkeys(("meant_en", "meant_da", "successor_en", "successor_da"), "")
"""The fields of templates that stand for a whole sentence, which most findings do not need."""


class Position(NamedTuple):
    """A place in a file: its line, and the column in characters (Unicode code points), both from 1.

    A byte order mark is no character, and a tab is one. Lines end with a line feed.
    """

    line: int
    column: int | None = None


class Text(NamedTuple):
    """A finding in words: what is wrong, and what to do about it."""

    message: str
    hint: str


class Kind(NamedTuple):
    """A finding code with everything that is the same each time it is found.

    The texts are `str.format` templates; `law` is the place in the paragraph that it enforces, e.g. "stk. 1, nr. 6" (None where
    no law is behind it, or where the element found at fault names its own). `model/law.py` cites it as of a day.

    A kind is found in events from `since` on (None: at all times), and is another one from each of its `changes` on, which
    stand in their order in time.
    """

    code: str
    severity: Severity
    layer: Layer
    law: str | None
    en: Text
    da: Text
    since: date | None = None
    changes: tuple[Change, ...] = ()

    def on(self, day: date | None) -> Kind | None:
        """Return the kind as it is for an event of a day, None where nothing is found; without a day, as it is at first."""
        if day is None:
            return self
        current = None if self.since is not None and day < self.since else self
        for change in self.changes:
            if change.since <= day:
                current = change.kind
        return current

    def text(self, lang: str) -> Text:
        """Return the templates in `lang`: "da", or English for anything else."""
        return self.da if lang == "da" else self.en

    def found(
        self,
        path: str = "",
        words: Mapping[str, object] = MappingProxyType({}),
        *,
        at: Position | None = None,
        law: str | None = None,
        value: str | None = None,
    ) -> Finding:
        """Return a finding of this kind. `words` fill the templates; nothing confidential may be among them."""
        name = path.rpartition("/")[2]
        en = {"name": name or "document", "value": value, **_NO_SENTENCES, **words}
        da = {**en, "name": name or "dokument", **words}
        got = "" if value is None else f" (got '{value}')"
        fik = "" if value is None else f" (fik '{value}')"
        return Finding(
            code=self.code,
            severity=self.severity,
            message=self.en.message.format(**en) + got,
            hint=self.en.hint.format(**en),
            path=path,
            line=at and at.line,
            column=at and at.column,
            layer=self.layer,
            law=law or self.law,
            value=value,
            danish=Text(self.da.message.format(**da) + fik, self.da.hint.format(**da)),
        )


class Change(NamedTuple):
    """What a kind is for events from `since` on, a local date in Denmark, and why. `kind` None: nothing is found any more."""

    since: date
    kind: Kind | None
    reason: Words


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """One fault at one place.

    `message` and `hint` are English, `danish` holds both in Danish. `path` is the place in the document
    (`/samtale/deltagere/deltager[2]/rolle`), `line` and `column` are where its start tag begins in the file (see
    `Position`; None for a dict, or if unknown), `law` is the paragraph in force at the event. `value` is what stood there: masked where it is confidential, unless the caller
    asked for values.
    """

    code: str
    severity: Severity
    message: str
    hint: str
    path: str
    line: int | None
    column: int | None
    layer: Layer
    law: str | None
    value: str | None
    danish: Text

    @property
    def position(self) -> Position | None:
        """Line and column, None if the line is not known."""
        return None if self.line is None else Position(self.line, self.column)

    def placed(self, at: Position | None) -> Finding:
        """Return the same finding at another place in the file."""
        return replace(self, line=at and at.line, column=at and at.column)

    def text(self, lang: str) -> Text:
        """Return message and hint in `lang`: "da", or English for anything else."""
        return self.danish if lang == "da" else Text(self.message, self.hint)

    def __repr__(self) -> str:
        """Return one line without the message, which may hold a value."""
        line = f" line {self.line}" if self.line else ""
        column = f" column {self.column}" if self.column else ""
        return f"<Finding {self.severity} {self.code} at {self.path or '/'}{line}{column}>"

    def __str__(self) -> str:
        return "\n".join(finding_lines("", self, "en"))


@dataclass(frozen=True, repr=False)
class Report:
    """The result of all checks of one document.

    `layers` has for each layer whether it passed, failed or was skipped; a skipped check is never a
    pass. `findings` lists at most LISTED_PER_CODE of a code, `counts` has the exact number of each.
    `message` and `version` are the document's, None while they are unknown. `unfinished` are the layers in
    which something could not be checked, also where they failed for another reason.
    """

    findings: tuple[Finding, ...]
    layers: Mapping[Layer, State]
    message: str | None = None
    version: int | None = None
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    errors: int = 0
    unfinished: frozenset[Layer] = frozenset()

    @property
    def verdict(self) -> Verdict:
        """accepted: every check ran and found no error. rejected: an error. undetermined: a check did not run."""
        if self.errors:
            return "rejected"
        return "accepted" if list(self.layers.values()).count("passed") == len(self.layers) else "undetermined"

    @property
    def ok(self) -> bool:
        """True when the document is accepted; warnings do not count against it."""
        return self.verdict == "accepted"

    def extended(self, findings: Sequence[Finding], unlisted: Mapping[str, int] = MappingProxyType({})) -> Report:
        """Return the report with more findings added to it; `unlisted` counts errors only."""
        ledger = Ledger()
        ledger.findings = list(self.findings)
        ledger.counts = dict(self.counts)
        ledger.errors = self.errors
        ledger.layers = dict(self.layers)
        for finding in findings:
            ledger.add(finding)
            if finding.severity == "error":
                ledger.layers[finding.layer] = "failed"
        for code, times in unlisted.items():
            ledger.count(code, "error", times)
        return replace(ledger.report(self.message, self.version), unfinished=self.unfinished)

    def __reduce__(self) -> tuple[type[Report], tuple[object, ...]]:
        """Make a report picklable: a mapping proxy is not."""
        counts, layers = dict(self.counts), dict(self.layers)
        return Report, (self.findings, layers, self.message, self.version, counts, self.errors, self.unfinished)

    def __repr__(self) -> str:
        """Return one line without the findings, whose messages may hold values."""
        kind = f" {self.message} {self.version}" if self.message else ""
        return f"<Report {self.verdict}{kind}: errors {self.errors}, warnings {self.warnings}, notes {self.infos}>"

    def __str__(self) -> str:
        """Return the text report in English, as `exchange validate` prints it for a file, without the file's name."""
        return "\n".join(lines("", self, "en"))

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return sum(self.counts.values()) - self.errors - self.infos

    @property
    def infos(self) -> int:
        """The number of findings for information only."""
        return sum(self.counts[code] for code in {f.code for f in self.findings if f.severity == "info"})


_ALL_SKIPPED: dict[Layer, State] = dict.fromkeys(LAYERS, "skipped")


class Ledger:
    """Collects findings while the checks run, and makes a Report of them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: dict[str, int] = {}
        self.errors = 0
        self.layers: dict[Layer, State] = _ALL_SKIPPED.copy()
        self._unfinished: set[Layer] = set()

    def add(self, finding: Finding) -> None:
        """Count a finding, and list it while fewer than LISTED_PER_CODE of its code are listed."""
        if self.has_room(finding.code):
            self.findings.append(finding)
        self.count(finding.code, finding.severity)

    def count(self, code: str, severity: Severity, times: int = 1) -> None:
        """Count a finding that will not be listed."""
        self.counts[code] = self.counts.get(code, 0) + times
        if severity == "error":
            self.errors += times

    @property
    def all_listed(self) -> bool:
        """True if every counted finding is also listed."""
        return sum(self.counts.values()) == len(self.findings)

    def has_room(self, code: str) -> bool:
        """True while another finding of this code would be listed."""
        return self.counts.get(code, 0) < LISTED_PER_CODE

    def close(self, layer: Layer, findings: Iterable[Finding] = (), *, complete: bool = True) -> None:
        """Add a layer's findings and set its state.

        Without `complete` something could not be checked: the layer is then never passed.
        """
        if not complete:
            self._unfinished.add(layer)
        if findings == ():
            self.layers[layer] = "passed" if complete else "skipped"
            return
        before = self.errors
        for finding in findings:
            self.add(finding)
        if self.errors > before:
            self.layers[layer] = "failed"
        else:
            self.layers[layer] = "passed" if complete else "skipped"

    def report(self, message: str | None, version: int | None) -> Report:
        """Return the report of what was collected."""
        return Report(
            findings=tuple(self.findings),
            layers=MappingProxyType(self.layers),
            message=message,
            version=version,
            counts=MappingProxyType(self.counts),
            errors=self.errors,
            unfinished=frozenset(self._unfinished),
        )


def lines(file: str, report: Report, lang: str, style: Style = plain) -> Iterator[str]:
    """Yield a report line by line; `file` is the file's name in front of each, empty for none."""
    skipped = [layer for layer, state in report.layers.items() if state == "skipped"]
    unchecked = f"; {text('skipped', lang, layers=layer_names(skipped, lang))}" if skipped else ""
    begin = f"{file}: " if file else ""
    yield f"{begin}{style(report.verdict, text(report.verdict, lang))}{kind_of(report)}{unchecked}"
    for finding in report.findings:
        yield from finding_lines(file, finding, lang, style)
    for code, count in report.counts.items():
        listed = sum(1 for finding in report.findings if finding.code == code)
        if count > listed:
            yield f"{begin}{text('more', lang, count=count - listed, code=code)}"


def finding_lines(file: str, finding: Finding, lang: str, style: Style = plain) -> Iterator[str]:
    """Yield a finding and its hint: `FILE:LINE:COLUMN: severity code at PATH: message`."""
    message, hint = finding.text(lang)
    message = without_subject(message, finding.path)
    place = ":".join(str(part) for part in (file, finding.line, finding.column) if part)
    law = f" [{finding.law}]" if finding.law else ""
    at = f" {text('at', lang)} {finding.path}" if finding.path else ""
    severity = style(finding.severity, text(finding.severity, lang))
    yield f"{f'{place}: ' if place else ''}{severity} {finding.code}{at}: {message}{law}"
    yield f"    {text('hint', lang)}: {hint}"


def kind_of(report: Report) -> str:
    """Return the message and its version in brackets, e.g. " (samtale 1)"; nothing where it is not known."""
    return f" ({report.message} {report.version})" if report.message else ""
