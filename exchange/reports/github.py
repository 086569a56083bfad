"""The report as workflow commands of GitHub Actions, which show each finding at its line."""

from __future__ import annotations

from typing import IO

from exchange.findings.finding import Finding, Severity
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import text
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.reports.model import Judged, Run, Summary, is_unexpected
from exchange.reports.text import judged_lines, sums

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


class GithubWriter:
    """Writes one command for each finding, and nothing for a file without any.

    GitHub shows a bounded number of them beside the files and all of them in the log; the last line is
    plain text with the totals.
    """

    def __init__(self, out: IO[str], run: Run) -> None:
        self._out = out
        self._run = run

    def add(self, judged: Judged) -> None:
        """Write a file's commands."""
        file, report, lang = judged.file, judged.report, self._run.lang
        if report is None:
            self._command("error", fault_text(judged.fault, lang), file=file, title=text("not-checked", lang))
            return
        of = f"{text('message', lang, number=judged.place.number, id=judged.key or '?')}: " if judged.place else ""
        for finding in report.findings:
            self._finding(file, finding, of)
        for code, count in report.counts.items():
            more = count - sum(1 for finding in report.findings if finding.code == code)
            if more:
                self._command("notice", text("more", lang, count=more, code=code), file=file, title=code)
        if report.verdict == "undetermined":
            # Which layers are missing stands in the first line of its text.
            self._command(
                "error", next(judged_lines(judged, report, lang)), file=file, title=text("undetermined", lang)
            )
        if is_unexpected(self._run, judged):
            expected = text(f"expected-{self._run.expect}", lang)
            self._command(
                "error", f"{text(judged.verdict or report.verdict, lang)}, {expected}", file=file, title=expected
            )

    def finish(self, summary: Summary) -> None:
        """Write the severities that were changed, and the totals."""
        lang = self._run.lang
        for code, before, after in self._run.overrides:
            words = {"before": text(before, lang), "after": text(after, lang), "count": summary.overridden[code]}
            self._command("notice", text("overridden", lang, code=code, **words), title=code)
        if summary.interrupted:
            self._command("error", text("interrupted", lang))
        self._out.write(f"{sums(summary, lang)}\n")

    def _finding(self, file: str, finding: Finding, of: str) -> None:
        message, hint = finding.text(self._run.lang)
        message = f"{of}{message}"
        law = f" [{finding.law}]" if finding.law else ""
        data = "\n".join(part for part in (f"{message}{law}", finding.path, hint) if part)
        if finding.code == CHECK_INCOMPLETE.code:
            # A fault of this program is an error, whatever severity the user has set.
            self._command("error", data, file=file, title=text("not-checked", self._run.lang))
            return
        line, col = (str(number) if number else "" for number in (finding.line, finding.column))
        self._command(_COMMANDS[finding.severity], data, file=file, line=line, col=col, title=finding.code)

    def _command(self, name: str, data: str, **properties: str) -> None:
        listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
        self._out.write(f"::{name}{' ' if listed else ''}{listed}::{_data(data)}\n")


def _data(value: str) -> str:
    # The percent sign first: the other replacements contain it.
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
