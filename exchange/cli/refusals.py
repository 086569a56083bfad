"""What is said on stderr of refused messages, and of a delivery that was not written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from exchange.cli.paths import taken
from exchange.errors import InvalidDelivery, InvalidMessage, Refusal
from exchange.findings.finding import Report, lines
from exchange.findings.texts import text
from exchange.model.shown_paths import STDIN, shown_path
from exchange.reports.model import Judged, Place
from exchange.reports.text import judged_lines


def say(said: Iterable[str]) -> None:
    """Print lines on stderr."""
    for line in said:
        click.echo(line, err=True)


def say_refusals(refusals: Iterable[Refusal], count: int, lang: str) -> None:
    """Print the first refused messages, and how many of all `count` are not listed."""
    listed = 0
    for source, number, line, besked_id, report in refusals:
        listed += 1
        file = shown_path(source or STDIN)
        if line is None:
            say(lines(f"{file}#{number}", report, lang))
        else:
            say(judged_lines(Judged(file, report, None, besked_id, place=Place(number, line, 0, 0)), report, lang))
    if count > listed:
        say([text("delivery-more", lang, count=count - listed)])


def code_of(*reports: Report) -> int:
    """Return the exit code for reports on what is not accepted: 3 if a check could not run, else 1."""
    return 3 if any(report.verdict == "undetermined" for report in reports) else 1


def not_written(error: FileExistsError | InvalidMessage | InvalidDelivery, lang: str) -> int:
    """Print why a delivery was not written; return the exit code. Raises click.UsageError."""
    if isinstance(error, FileExistsError):
        raise taken(error) from None
    count, source = 0, None
    reports = [error.report]
    if isinstance(error, InvalidDelivery):
        count, source = error.count, error.source
        say_refusals(error.refusals, count, lang)
        reports += error.refused.values()
    if error.report.findings:
        say(lines(shown_path(source) if source else "leverance", error.report, lang))
    say([text("delivery-not-made", lang, count=count) if count else text("nothing-written", lang)])
    return code_of(*reports)


def written(target: Path, count: int, lang: str) -> int:
    """Print the path of a delivery that was written, and how many messages it has; return the exit code."""
    click.echo(shown_path(target))
    say([text("delivery-made", lang, count=count)])
    return 0
