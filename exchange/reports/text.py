"""The report as text: one line a finding in a fixed grammar that editors understand, the hint below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from exchange.findings.finding import Report, kind_of, lines
from exchange.findings.phrases import Style, counted, plain
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import text
from exchange.reports.model import Judged, Run, Summary, is_unexpected


class TextWriter:
    """Writes `FILE: verdict`, then `FILE:LINE:COLUMN: severity code at PATH: message` for each finding."""

    def __init__(self, out: IO[str], run: Run, style: Style = plain) -> None:
        self._out = out
        self._run = run
        self._style = style
        self._faults: list[str] = []

    def add(self, judged: Judged) -> None:
        """Write a file's part."""
        if judged.report is None:
            # A fault of the tool, not of the data: listed below all files.
            lang = self._run.lang
            self._faults.append(f"{judged.file}: {text('not-checked', lang)}: {fault_text(judged.fault, lang)}")
            return
        unexpected = is_unexpected(self._run, judged)
        if judged.is_quiet or (self._run.quiet and not unexpected and _has_nothing_wrong(judged)):
            return
        for line in judged_lines(judged, judged.report, self._run.lang, self._style):
            self._line(line)
        if unexpected:
            self._line(f"{judged.file}: {text(f'expected-{self._run.expect}', self._run.lang)}")

    def finish(self, summary: Summary) -> None:
        """Write what could not be checked, the severities that were changed, and the totals."""
        lang = self._run.lang
        for fault in self._faults:
            self._line(fault)
        if self._run.statistics:
            self._count_codes(summary)
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

    def _count_codes(self, summary: Summary) -> None:
        """Write how many findings of each code there are, the most frequent code first."""
        width = len(str(max(summary.codes.values(), default=0)))
        for code, count in sorted(summary.codes.items(), key=lambda item: (-item[1], item[0])):
            self._line(f"{count:{width}}  {code}")

    def _line(self, line: str) -> None:
        self._out.write(f"{line}\n")


def _has_nothing_wrong(judged: Judged) -> bool:
    """True for what is accepted without any finding; of a delivery the messages have entries of their own."""
    return judged.verdict == "accepted" and judged.report is not None and not judged.report.counts


def judged_lines(judged: Judged, report: Report, lang: str, style: Style = plain) -> Iterator[str]:
    """Yield the report on a file, or on a message of a delivery, line by line."""
    remaining = lines(judged.file, report, lang, style)
    first = next(remaining)
    if judged.place:
        of = text("message", lang, number=judged.place.number, id=judged.key or "?")
        first = first.replace(f"{judged.file}: ", f"{judged.file}:{judged.place.line}: {of}: ", 1)
    elif judged.messages is not None:
        word = judged.verdict or report.verdict
        counts = ", ".join(f"{count} {text(name, lang)}" for name, count in judged.messages.items() if count)
        count = sum(judged.messages.values())
        of = text("of-messages", lang, count=count, verdicts=counts) if count else text("of-none", lang)
        first = f"{judged.file}: {style(word, text(word, lang))}{kind_of(report)}; {of}"
    yield first
    yield from remaining


def sums(summary: Summary, lang: str) -> str:
    """Return one line on all files: how many of each verdict, of errors and warnings, and of files that were passed over."""
    verdicts = ("accepted", "rejected", "undetermined", "not-checked")
    parts = [f"{summary.files[name]} {text(name, lang)}" for name in verdicts if summary.files[name]]
    kinds = (("error", "errors"), ("warning", "warnings"), ("info", "infos"))
    parts += [counted(words, summary.severities[name], lang) for name, words in kinds if summary.severities[name]]
    line = f"{counted('files', summary.files.total(), lang)}: {', '.join(parts)}"
    if summary.messages:
        of = [f"{summary.messages[name]} {text(name, lang)}" for name in verdicts if summary.messages[name]]
        line += f"; {counted('messages', summary.messages.total(), lang)}: {', '.join(of)}"
    return f"{line}; {counted('other-files', summary.other_files, lang)}" if summary.other_files else line
