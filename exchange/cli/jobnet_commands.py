"""The command `show`, with its arguments, options and help. The work stands in a module of its own."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli import options


@click.command()
@click.argument("file", type=options.SOURCE)
@options.output
@options.overwrite
@options.lang
@options.values
def show(file: Path, output: Path | None, overwrite: bool, lang: str, show_values: bool) -> int:
    """Show what the person sees of a message on Jobnet (§ 87, stk. 4): XML in (FILE, or - for stdin), an HTML page out.

    The page is in Danish and stands alone. It shows agreements of cv- and rådighedssamtaler, plan drafts and
    requirements; never the personnummer, the assessment, the CV's status or the participants. It is confidential as the message
    is. A message that is not accepted has no page: its findings go to stderr, and the exit code is 1.

    \b
    exchange show samtale.xml -o page.html
    """
    from exchange.cli import showing

    return showing.show(file, output, overwrite, lang, show_values)


COMMANDS = (show,)
