"""What is said on stderr of messages that were refused: the first hundred of them, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import click

from exchange.findings.finding import Report
from exchange.findings.texts import text
from exchange.reports.model import Judged, Place
from exchange.reports.text import judged_lines, lines

LISTED = 100


class Origin(NamedTuple):
    """Where a message came from: its file as it is shown, its number, its first line there if it is known, its beskedId."""

    file: str
    number: int
    line: int | None
    besked_id: str | None


class Refusals:
    """Counts refused messages, and keeps the first."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[tuple[Origin, Report]] = []

    def add(self, origin: Origin, report: Report | None) -> None:
        """Count a message that was refused; the first reports are wanted."""
        self.count += 1
        if report is not None and len(self._kept) < LISTED:
            self._kept.append((origin, report))

    def say(self, lang: str) -> None:
        """Say it all."""
        for (file, number, line, besked_id), report in self._kept:
            if line is None:
                say(lines(f"{file}#{number}", report, lang))
            else:
                say(judged_lines(Judged(file, report, None, besked_id, place=Place(number, line, 0, 0)), report, lang))
        if self.count > len(self._kept):
            say([text("delivery-more", lang, count=self.count - len(self._kept))])


def say(said: Iterable[str]) -> None:
    """Print lines on stderr."""
    for line in said:
        click.echo(line, err=True)
