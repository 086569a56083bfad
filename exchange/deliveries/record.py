"""Reports, and the outcomes of a delivery's blocks, as JSON that can be read back: the records of a journal."""

from __future__ import annotations

import base64
from array import array
from dataclasses import fields
from typing import Any

from exchange.deliveries.outcomes import Entry, Facts, FaultlessMessages, Found, Outcome
from exchange.files.sources import Parts
from exchange.findings.finding import Finding, Report, Text

_NAMES = [field.name for field in fields(Finding) if field.name not in ("danish", "column")]


def report_to_json(report: Report) -> list[Any]:
    """Return a report as JSON types."""
    findings = [[*(getattr(f, name) for name in _NAMES), list(f.danish), f.column] for f in report.findings]
    head = [report.message, report.version, report.errors, sorted(report.unfinished)]
    return [*head, dict(report.layers), dict(report.counts), findings]


def report_from_json(values: list[Any]) -> Report:
    """Return the report that `report_to_json` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    message, version, errors, unfinished, layers, counts, findings = values
    return Report(
        findings=tuple(
            Finding(**dict(zip(_NAMES, own, strict=True)), danish=Text(*danish), column=column)
            for *own, danish, column in map(_with_column, findings)
        ),
        layers=layers,
        message=message,
        version=version,
        counts=counts,
        errors=errors,
        unfinished=frozenset(unfinished),
    )


def _with_column(finding: list[Any]) -> list[Any]:
    """Return the values of a finding; an inbox may have kept some from before findings had a column."""
    return finding if len(finding) > len(_NAMES) + 1 else [*finding, None]


def outcome_to_json(outcome: Outcome) -> list[Any]:
    """Return the outcome of a block as JSON types; the extras of its messages have to be of these already."""
    parts = outcome.parts and [outcome.parts.first, _text(outcome.parts.digests)]
    return [outcome.proven, outcome.lines, [_entry_to_json(entry) for entry in outcome.entries], parts]


def outcome_from_json(values: list[Any]) -> Outcome:
    """Return the outcome that `outcome_to_json` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    proven, lines, entries, parts = values
    read = None if parts is None else Parts(parts[0], base64.b85decode(parts[1]))
    return Outcome(proven, [_entry_from_json(each) for each in entries], lines, read)


def _entry_to_json(entry: Entry) -> dict[str, Any] | list[Any]:
    if not isinstance(entry, FaultlessMessages):
        return _found_to_json(entry)
    columns = [_text(column) for column in (entry.kind_of, entry.ids, entry.events)]
    values = {"quiet": [list(entry.starts), list(entry.ends), list(entry.lines), entry.kinds, *columns]}
    return values | {"extras": entry.extras} if any(each is not None for each in entry.extras) else values


def _entry_from_json(values: dict[str, Any] | list[Any]) -> Entry:
    if isinstance(values, list):
        return _found_from_json(values)
    *numbers, kinds, kind_of, ids, events = values["quiet"]
    starts, ends, lines = (array("Q", each) for each in numbers)
    of_each, keys, hashes = (bytearray(base64.b85decode(each)) for each in (kind_of, ids, events))
    extras = values.get("extras", [None] * len(starts))
    named = [(tag, name, kind) for tag, name, kind in kinds]
    return FaultlessMessages(starts, ends, lines, named, of_each, keys, hashes, extras)


def _text(data: bytes | bytearray) -> str:
    return base64.b85encode(data).decode()


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
