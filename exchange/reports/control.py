"""Changes that a user asks for in a report: severities of codes, and how many findings of a code are listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast, get_args

from exchange.findings.finding import Finding, Layer, Report, State
from exchange.reports.model import Level, Override
from exchange.validation.rules import KINDS

LEVELS: tuple[Level, ...] = get_args(Level)


def overrides(levels: Mapping[str, str]) -> tuple[Override, ...]:
    """Return the overrides of `code → level`. Raises LookupError for an unknown code, ValueError for an unknown level."""
    for code, level in levels.items():
        if code not in KINDS:
            raise LookupError(code)
        if level not in LEVELS:
            raise ValueError(level)
    return tuple(
        Override(code, KINDS[code].severity, cast("Level", level))
        for code, level in sorted(levels.items())
        if level != KINDS[code].severity or KINDS[code].changes
    )


def _without_errors(report: Report, layer: Layer) -> State:
    return "skipped" if layer in report.unfinished else "passed"


def apply(report: Report, changed: tuple[Override, ...], most: int) -> tuple[Report, Mapping[str, int]]:
    """Return the report with the changed severities and at most `most` findings of a code listed.

    The second value counts by code the findings whose severity was changed. A layer that failed for
    those alone is passed; checks that never ran because it failed stay skipped.
    """
    levels = {override.code: override.after for override in changed if override.code in report.counts}
    findings: list[Finding] = []
    severities = {finding.code: finding.severity for finding in report.findings}
    listed: Counter[str] = Counter()
    for finding in report.findings:
        level = levels.get(finding.code, finding.severity)
        listed[finding.code] += 1
        if level != "off" and listed[finding.code] <= most:
            findings.append(finding if level == finding.severity else replace(finding, severity=level))
    if not levels:
        return (report if len(findings) == len(report.findings) else replace(report, findings=tuple(findings))), {}
    counts = {code: count for code, count in report.counts.items() if levels.get(code) != "off"}
    errors: Counter[Layer] = Counter()
    for code, count in counts.items():
        if (levels.get(code) or severities.get(code) or KINDS[code].severity) == "error":
            errors[KINDS[code].layer] += count
    layers: dict[Layer, State] = {
        layer: "failed" if errors[layer] else state if state != "failed" else _without_errors(report, layer)
        for layer, state in report.layers.items()
    }
    changed_report = replace(
        report,
        findings=tuple(findings),
        layers=MappingProxyType(layers),
        counts=MappingProxyType(counts),
        errors=errors.total(),
    )
    return changed_report, {code: report.counts[code] for code in levels}
