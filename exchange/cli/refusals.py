"""What is said on stderr of refused messages, and of a delivery that was not written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from exchange.cli.results import code_of, say, say_text, taken
from exchange.errors import InvalidDelivery, InvalidMessage, Refusal
from exchange.findings.finding import lines
from exchange.model.shown_paths import STDIN, shown_path
from exchange.reports.model import Judged, Place
from exchange.reports.text import judged_lines


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
        say_text("delivery-more", lang, count=count - listed)


def not_written(error: FileExistsError | InvalidMessage | InvalidDelivery, lang: str) -> int:
    """Print why a delivery was not written; return the exit code. Raises click.UsageError."""
    if isinstance(error, FileExistsError):
        raise taken(error) from None
    count, undetermined, source = 0, 0, None
    if isinstance(error, InvalidDelivery):
        count, undetermined, source = error.count, error.undetermined, error.source
        say_refusals(error.refusals, count, lang)
    if error.report.findings:
        say(lines(shown_path(source) if source else "leverance", error.report, lang))
    say_text("delivery-not-made" if count else "nothing-written", lang, count=count)
    return code_of(error.report, undetermined=undetermined)


def written(target: Path, count: int, lang: str) -> int:
    """Print the path of a delivery that was written, and how many messages it has; return the exit code."""
    click.echo(shown_path(target))
    say_text("delivery-made", lang, count=count)
    return 0
