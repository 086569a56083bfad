"""The command that judges: validate."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import click

from exchange.api import Exchange
from exchange.findings import Report
from exchange.personnummer import SHAPE
from exchange.report import json as json_report
from exchange.report import text
from exchange.values import MASK, visible

STDIN = Path("-")


class Judged(NamedTuple):
    """A file and its report, or why it could not be judged."""

    file: str
    report: Report | None
    fault: str | None


def validate(paths: tuple[Path, ...], form: str, fail_on: str, on: date | None, lang: str, show_values: bool) -> int:
    """Check messages in every layer and say all that is found."""
    exchange = Exchange()
    show = _show_json if form == "json" else _show_text
    judged = _judge(exchange, _files(paths), on, show_values=show_values)
    return _exit_code(show(judged, lang), fail_on)


def _files(paths: tuple[Path, ...]) -> Iterator[Path | tuple[Path, str]]:
    """Give each file, or a path with the reason why nothing can be read there."""
    for path in paths:
        if path == STDIN or not path.is_dir():
            yield path
            continue
        faults: list[OSError] = []
        found = False
        for folder, below, names in os.walk(path, onerror=faults.append):
            below.sort()
            for name in sorted(names):
                if name.lower().endswith(".xml"):
                    found = True
                    yield Path(folder, name)
        yield from ((Path(fault.filename), fault.strerror or type(fault).__name__) for fault in faults)
        if not found and not faults:
            yield path, "no *.xml file in this folder, so nothing was checked"


def _judge(
    exchange: Exchange, files: Iterator[Path | tuple[Path, str]], on: date | None, *, show_values: bool
) -> Iterator[Judged]:
    for entry in files:
        path, fault = entry if isinstance(entry, tuple) else (entry, None)
        shown = _shown(path, show_values=show_values)
        if fault is not None:
            yield Judged(shown, None, fault)
            continue
        try:
            source = sys.stdin.buffer if path == STDIN else path
            yield Judged(shown, exchange.validate(source, on=on, show_values=show_values), None)
        except OSError as error:
            yield Judged(shown, None, error.strerror or str(error))


def _shown(path: Path, *, show_values: bool) -> str:
    """Give a file's name for a report: a name may hold a personnummer, or characters that cannot be seen."""
    if path == STDIN:
        return "<stdin>"
    return visible(str(path) if show_values else SHAPE.sub(MASK, str(path)), 4096)


def _count(counts: Counter[str], judged: Judged) -> None:
    if judged.report is None:
        counts["not checked"] += 1
        return
    counts[judged.report.verdict] += 1
    counts["errors"] += judged.report.errors
    counts["warnings"] += judged.report.warnings


def _show_text(files: Iterator[Judged], lang: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for judged in files:
        _count(counts, judged)
        if judged.report is None:
            click.echo(f"{judged.file}: not checked: {judged.fault}", err=True)
            continue
        for line in text.lines(judged.file, judged.report, lang):
            click.echo(line)
    click.echo(text.summary(counts, lang))
    return counts


def _show_json(files: Iterator[Judged], _lang: str) -> Counter[str]:
    """Write one JSON object, file by file as they are judged."""
    counts: Counter[str] = Counter()
    click.echo('{"files": [', nl=False)
    separator = "\n"
    for judged in files:
        _count(counts, judged)
        entry = (
            {"file": judged.file, "verdict": "undetermined", "fault": judged.fault}
            if judged.report is None
            else json_report.as_dict(judged.file, judged.report)
        )
        click.echo(separator + json.dumps(entry, ensure_ascii=False), nl=False)
        separator = ",\n"
    click.echo(f'\n], "summary": {json.dumps(counts)}}}')
    return counts


def _exit_code(counts: Counter[str], fail_on: str) -> int:
    if counts["not checked"] or counts["undetermined"]:
        return 3
    return 1 if counts["rejected"] or (fail_on == "warning" and counts["warnings"]) else 0
