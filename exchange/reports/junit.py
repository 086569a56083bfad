"""The report as JUnit XML, for build servers: one suite with a test case for each file, and for each message with findings."""

from __future__ import annotations

import re
from shutil import copyfileobj
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from exchange.files.filesystem import held_text
from exchange.findings.finding import Report
from exchange.findings.phrases import counted
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import text
from exchange.reports.model import Judged, Run, Summary, is_unexpected
from exchange.reports.text import judged_lines, sums

SUITE = "exchange validate"

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JunitWriter:
    """Writes the cases to a temporary file: their number, which must stand first, is known only at the end.

    A file that is rejected fails; one that could not be checked, or not in full, is an error. Where the run
    expects files to be invalid, those that are accepted fail, and those that are rejected do not.
    """

    def __init__(self, out: IO[str], run: Run) -> None:
        self._out = out
        self._run = run
        self._cases = held_text()  # finish closes it
        self._tests = 0
        self._failures = 0
        self._errors = 0

    def add(self, judged: Judged) -> None:
        """Write the case of a file, or of a message with findings, to the temporary file."""
        if judged.is_quiet:
            return
        self._tests += 1
        kind = judged.report.message if judged.report else None
        inside = self._inside(judged)
        # Nothing is measured, but readers require a time.
        head = f"<testcase classname={_attribute(kind or 'unknown')} name={_attribute(judged.label)}"
        self._cases.write(f'{head} time="0">{inside}</testcase>\n' if inside else f'{head} time="0"/>\n')

    def finish(self, summary: Summary) -> None:
        """Write the whole document."""
        numbers = f'tests="{self._tests}" failures="{self._failures}" errors="{self._errors}"'
        suite = f'<testsuite name={_attribute(SUITE)} {numbers} skipped="0" time="0">'
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={_attribute(SUITE)} {numbers} time="0">\n{suite}\n'
        self._out.write(head + self._properties(summary))
        self._cases.seek(0)
        copyfileobj(self._cases, self._out)
        self._cases.close()
        lang = self._run.lang
        self._out.write(f"<system-out>{_content(sums(summary, lang))}</system-out>\n")
        if summary.interrupted:
            self._out.write(f"<system-err>{_content(text('interrupted', lang))}</system-err>\n")
        self._out.write("</testsuite>\n</testsuites>\n")

    def _properties(self, summary: Summary) -> str:
        run = self._run
        named: dict[str, object] = {
            "on": run.on,
            "expect": run.expect,
            "show-values": "true" if run.show_values else None,
            "interrupted": "true" if summary.interrupted else None,
            **{
                f"severity.{code}": f"{before} → {after} ({summary.overridden[code]})"
                for code, before, after in run.overrides
            },
        }
        listed = "".join(
            f"<property name={_attribute(name)} value={_attribute(str(value))}/>\n"
            for name, value in named.items()
            if value is not None
        )
        return f"<properties>\n{listed}</properties>\n" if listed else ""

    def _inside(self, judged: Judged) -> str:
        """Return the content of a file's case, and count its outcome."""
        lang = self._run.lang
        report = judged.report
        if report is None:
            self._errors += 1
            return _outcome(
                "error", "not-checked", f"{text('not-checked', lang)}: {fault_text(judged.fault, lang)}", ""
            )
        body = "\n".join(judged_lines(judged, report, lang))
        if report.verdict == "undetermined":
            self._errors += 1
            return _outcome("error", "undetermined", body.partition("\n")[0], body)
        if self._run.expect == "invalid":
            if is_unexpected(self._run, judged):
                self._failures += 1
                return _outcome("failure", "expected-invalid", text("expected-invalid", lang), body)
        elif report.verdict == "rejected":
            self._failures += 1
            return _outcome("failure", *_first_error(report, lang), body)
        return f"<system-out>{_content(body)}</system-out>" if report.findings else ""


def _first_error(report: Report, lang: str) -> tuple[str, str]:
    """Return code and message of the first error; there may be none listed if the user wants few findings."""
    for finding in report.findings:
        if finding.severity == "error":
            return finding.code, finding.text(lang).message
    return "rejected", counted("errors", report.errors, lang)


def _outcome(element: str, kind: str, message: str, body: str) -> str:
    head = f"<{element} type={_attribute(kind)} message={_attribute(message)}"
    return f"{head}>{_content(body)}</{element}>" if body else f"{head}/>"


def _attribute(value: str) -> str:
    return quoteattr(_escaped(value))


def _content(value: str) -> str:
    # A carriage return would be read as a newline.
    return escape(_escaped(value), {"\r": "&#13;"})


def _escaped(value: str) -> str:
    """Replace characters that XML cannot hold by their numbers."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", value)
