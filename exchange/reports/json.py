"""The report as JSON, for programs; every text in Danish and English. report.schema.json beside this module describes it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import IO, Any

from exchange import __version__
from exchange.findings.finding import Finding, Report
from exchange.reports.model import Judged, Run, Summary

FORMAT = 1
"""The version of the format. It changes when a field changes its meaning or goes; new fields may come."""


class JsonWriter:
    """Writes one object, with the entry of each file on a line of its own."""

    def __init__(self, out: IO[str], run: Run) -> None:
        self._out = out
        self._run = run
        self._separator = "\n"
        self._quiet: dict[tuple[str, str | None, int | None], str] = {}
        head = {
            "format": FORMAT,
            "tool": {"name": "exchange", "version": __version__},
            "started": run.started.isoformat() if run.started else None,
            "on": run.on.isoformat() if run.on else None,
            "show_values": run.show_values,
            "max_findings": run.max_findings,
            "expect": run.expect,
            "schemas": run.reference and dict(run.reference.schemas),
            "lists": run.reference and dict(run.reference.lists),
        }
        self._out.write(json.dumps(head)[:-1] + ', "files": [')

    def add(self, judged: Judged) -> None:
        """Write a file's entry."""
        entry = self._quiet_entry(judged) if judged.is_quiet else _entry(judged)
        self._out.write(self._separator + entry)
        self._separator = ",\n"

    def _quiet_entry(self, judged: Judged) -> str:
        """Return the entry of a message without findings. There may be very many, and only a little of it differs."""
        assert judged.report is not None  # noqa: S101  # else it is not quiet
        kind = (judged.file, judged.report.message, judged.report.version)
        if kind not in self._quiet:
            self._quiet[kind] = _entry(judged).partition('"verdict"')[2]
        file = _name(judged.file)
        place = json.dumps({"key": judged.key, **judged.place._asdict()} if judged.place else {})
        return f'{{"file": {file}, {place[1:-1]}, "verdict"{self._quiet[kind]}'

    def finish(self, summary: Summary) -> None:
        """Write the totals."""
        overrides = [
            {"code": code, "from": before, "to": after, "findings": summary.overridden[code]}
            for code, before, after in self._run.overrides
        ]
        sums = {
            "files": dict(summary.files),
            "other_files": summary.other_files,
            "messages": dict(summary.messages),
            "findings": dict(summary.severities),
            "codes": dict(summary.codes),
            "unexpected": summary.unexpected,
            "interrupted": summary.interrupted,
        }
        self._out.write(f'\n], "overrides": {json.dumps(overrides)}, "summary": {json.dumps(sums)}}}\n')


def _entry(judged: Judged) -> str:
    entry = as_dict(judged)
    return f'{{"file": {_name(entry.pop("file"))}, {json.dumps(entry, ensure_ascii=False)[1:]}'


@lru_cache(maxsize=16)
def _name(file: str) -> str:
    """Return a file's name as JSON; what is not printable is escaped, so that it cannot control a terminal."""
    name = json.dumps(file, ensure_ascii=False)
    return name if name.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in name)


def as_dict(judged: Judged) -> dict[str, Any]:
    """Return a file's entry as JSON types."""
    if judged.report is None:
        return {"file": judged.file, "verdict": "undetermined", "fault": judged.fault}
    place = judged.place._asdict() if judged.place else {}
    entry = {"file": judged.file, "key": judged.key, **place, **report_as_dict(judged.report)}
    if judged.messages is not None:
        entry["messages"] = dict(judged.messages)
        entry["verdict"] = judged.verdict
    return entry


def report_as_dict(report: Report) -> dict[str, Any]:
    """Return a report as JSON types.

    `errors`, `warnings`, `infos` and `counts` (by code) are exact; `findings` lists a bounded number of each code.
    """
    return {
        "verdict": report.verdict,
        "message": report.message,
        "version": report.version,
        "layers": dict(report.layers),
        "errors": report.errors,
        "warnings": report.warnings,
        "infos": report.infos,
        "counts": dict(report.counts),
        "findings": [_finding(finding) for finding in report.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "layer": finding.layer,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "law": finding.law,
        "value": finding.value,
        "message": {lang: finding.text(lang).message for lang in ("da", "en")},
        "hint": {lang: finding.text(lang).hint for lang in ("da", "en")},
    }
