"""The report as JSON, for programs; every text in Danish and English."""

from __future__ import annotations

from typing import Any

from exchange.findings import Finding, Report


def as_dict(file: str, report: Report) -> dict[str, Any]:
    """Give a file's report as JSON types.

    `errors`, `warnings` and `counts` (by code) are exact; `findings` lists a bounded number of each code.
    """
    return {
        "file": file,
        "verdict": report.verdict,
        "message": report.message,
        "version": report.version,
        "layers": dict(report.layers),
        "errors": report.errors,
        "warnings": report.warnings,
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
        "law": finding.law,
        "value": finding.value,
        "message": {lang: finding.text(lang).message for lang in ("da", "en")},
        "hint": {lang: finding.text(lang).hint for lang in ("da", "en")},
    }
