"""The command `show`: its options and help, and how its result is shown."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli import options
from exchange.cli.refused import Command


@click.command(cls=Command)
@click.argument("file", type=options.SOURCE)
@options.output
@options.overwrite
@options.lang
@options.values
def show(file: Path, output: Path | None, overwrite: bool, lang: str, show_values: bool) -> int:
    """Show what the person sees of a message on Jobnet: XML in (FILE, or - for stdin), an HTML page out.

    The page is one file, in Danish. It shows agreements of cv- and rådighedssamtaler, plan drafts and
    requirements; never the personnummer, the assessment, the CV's status or the participants. It is confidential as the message
    is. A message that is not accepted has no page: its findings go to stderr, and the exit code is 1.

    \b
    exchange show samtale.xml -o page.html
    """
    from exchange.api import Exchange
    from exchange.cli.results import code_of, complain, deliver, source_of
    from exchange.findings.texts import text
    from exchange.jobnet.fields import TABLE

    exchange = Exchange()
    document, report = exchange.parse_or_report(source_of(file), show_values=show_values)
    if report.findings:
        complain(file, report, lang)
    if document is None:
        return code_of(report)
    if report.message not in TABLE:
        raise click.UsageError(text("show-none", lang, name=report.message, names=", ".join(TABLE)))
    deliver(exchange.show(document, version=report.version).encode(), output, overwrite=overwrite)
    return 0
