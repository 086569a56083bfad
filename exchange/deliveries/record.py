"""Reports, and the outcomes of a delivery's blocks, as JSON that can be read back: the records of a journal."""

from __future__ import annotations

import base64
from dataclasses import fields
from typing import Any

from exchange.deliveries.blocks import Found, Outcome
from exchange.deliveries.register import Facts
from exchange.files.sources import Parts
from exchange.findings.finding import Finding, Report, Text

_NAMES = [field.name for field in fields(Finding) if field.name != "danish"]


def report_to_json(report: Report) -> list[Any]:
    """Return a report as JSON types."""
    findings = [[*(getattr(f, name) for name in _NAMES), list(f.danish)] for f in report.findings]
    head = [report.message, report.version, report.errors, sorted(report.unfinished)]
    return [*head, dict(report.layers), dict(report.counts), findings]


def report_from_json(values: list[Any]) -> Report:
    """Return the report that `report_to_json` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    message, version, errors, unfinished, layers, counts, findings = values
    return Report(
        findings=tuple(
            Finding(**dict(zip(_NAMES, own, strict=True)), danish=Text(*danish)) for *own, danish in findings
        ),
        layers=layers,
        message=message,
        version=version,
        counts=counts,
        errors=errors,
        unfinished=frozenset(unfinished),
    )


def outcome_to_json(outcome: Outcome) -> list[Any]:
    """Return the outcome of a block as JSON types; the extras of its messages have to be of these already."""
    parts = outcome.parts and [outcome.parts.first, base64.b85encode(outcome.parts.digests).decode()]
    return [outcome.proven, outcome.lines, [_found_to_json(found) for found in outcome.found], parts]


def outcome_from_json(values: list[Any]) -> Outcome:
    """Return the outcome that `outcome_to_json` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    proven, lines, found, parts = values
    read = None if parts is None else Parts(parts[0], base64.b85decode(parts[1]))
    return Outcome(proven, [_found_from_json(each) for each in found], lines, read)


def _found_to_json(found: Found) -> list[Any]:
    report = found.report if isinstance(found.report, str) else report_to_json(found.report)
    facts = found.facts
    if facts is not None and facts.event is not None:
        facts = facts._replace(event=base64.b85encode(facts.event))
    facts_values = None if facts is None else [each.decode() if isinstance(each, bytes) else each for each in facts]
    return [found.start, found.end, found.line, report, found.besked_id, facts_values, found.extra]


def _found_from_json(values: list[Any]) -> Found:
    start, end, line, report, besked_id, facts_values, extra = values
    facts = None
    if facts_values is not None:
        facts = Facts(*facts_values)
        if facts_values[1] is not None:
            facts = facts._replace(event=base64.b85decode(facts_values[1]))
    return Found(
        start, end, line, report if isinstance(report, str) else report_from_json(report), besked_id, facts, extra
    )
