"""The report as text: one line a finding in a fixed grammar that editors understand, the hint below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO

from exchange.findings import LAYERS, Finding, Report
from exchange.report.model import Judged, Run, Summary, is_unexpected
from exchange.texts import text

Style = Callable[[str, str], str]
"""Dresses the word for a verdict or a severity (its key, the word) for a terminal."""


def _plain(_key: str, word: str) -> str:
    return word


class TextWriter:
    """Writes `FILE: verdict`, then `FILE:LINE: severity code at PATH: message` for each finding."""

    def __init__(self, out: IO[str], run: Run, style: Style = _plain) -> None:
        self._out = out
        self._run = run
        self._style = style
        self._faults: list[str] = []

    def add(self, judged: Judged) -> None:
        """Write a file's part."""
        if judged.report is None:
            # A fault of the tool's, not of the data: said apart, below all files.
            self._faults.append(f"{judged.file}: {text('not-checked', self._run.lang)}: {judged.fault}")
            return
        for line in lines(judged.file, judged.report, self._run.lang, self._style):
            self._line(line)
        if is_unexpected(self._run, judged):
            self._line(f"{judged.file}: {text(f'expected-{self._run.expect}', self._run.lang)}")

    def finish(self, summary: Summary) -> None:
        """Write what could not be checked, the severities that were changed, and the sums."""
        lang = self._run.lang
        for fault in self._faults:
            self._line(fault)
        for code, before, after in self._run.overrides:
            self._line(
                text(
                    "overridden",
                    lang,
                    code=code,
                    before=text(before, lang),
                    after=text(after, lang),
                    count=summary.overridden[code],
                )
            )
        if summary.unexpected:
            self._line(text("unexpected", lang, count=summary.unexpected))
        if summary.interrupted:
            self._line(text("interrupted", lang))
        self._line(sums(summary, lang))

    def _line(self, line: str) -> None:
        self._out.write(f"{line}\n")


def lines(file: str, report: Report, lang: str, style: Style = _plain) -> Iterator[str]:
    """Give a file's report line by line."""
    kind = f" ({report.message} {report.version})" if report.message else ""
    skipped = [layer for layer in LAYERS if report.layers[layer] == "skipped"]
    unchecked = f"; {text('skipped', lang, layers=', '.join(skipped))}" if skipped else ""
    yield f"{file}: {style(report.verdict, text(report.verdict, lang))}{kind}{unchecked}"
    for finding in report.findings:
        yield from _finding(file, finding, lang, style)
    for code, count in report.counts.items():
        listed = sum(1 for finding in report.findings if finding.code == code)
        if count > listed:
            yield f"{file}: {text('more', lang, count=count - listed, code=code)}"


def _finding(file: str, finding: Finding, lang: str, style: Style) -> Iterator[str]:
    message, hint = finding.text(lang)
    line = f":{finding.line}" if finding.line else ""
    law = f" [{finding.law}]" if finding.law else ""
    at = f" {text('at', lang)} {finding.path}" if finding.path else ""
    severity = style(finding.severity, text(finding.severity, lang))
    yield f"{file}{line}: {severity} {finding.code}{at}: {message}{law}"
    yield f"    {text('hint', lang)}: {hint}"


def sums(summary: Summary, lang: str) -> str:
    """Give one line for all files: how many, by verdict, with how many errors and warnings."""
    verdicts = ("accepted", "rejected", "undetermined", "not-checked")
    said = [f"{summary.files[name]} {text(name, lang)}" for name in verdicts if summary.files[name]]
    kinds = (("error", "errors"), ("warning", "warnings"), ("info", "infos"))
    said += [f"{summary.severities[name]} {text(words, lang)}" for name, words in kinds if summary.severities[name]]
    return f"{summary.files.total()} {text('files', lang)}: {', '.join(said)}"
