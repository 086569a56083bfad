"""The command that shows what the person sees."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.api import Exchange
from exchange.cli.documents import complain, deliver, source_of
from exchange.findings.texts import text
from exchange.jobnet.fields import TABLE


def show(file: Path, output: Path | None, overwrite: bool, lang: str, show_values: bool) -> int:
    """Show what the person sees of a message: XML in (FILE, or - for stdin), an HTML page out."""
    exchange = Exchange()
    document, report = exchange.parse_or_report(source_of(file), show_values=show_values)
    if report.findings:
        complain(file, report, lang)
    if document is None:
        return 1
    if report.message not in TABLE:
        raise click.UsageError(text("show-none", lang, name=report.message, names=", ".join(TABLE)))
    deliver(exchange.show(document, version=report.version).encode(), output, overwrite=overwrite)
    return 0
