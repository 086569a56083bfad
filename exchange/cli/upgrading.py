"""The command `upgrade`: its options and help."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.cli import options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.files.sources import Source


@click.command(cls=Command)
@click.argument("file", type=options.SOURCE, default="-")
@options.output
@options.overwrite
@options.lang
def upgrade(file: Path, output: Path | None, overwrite: bool, lang: str) -> int:
    """Write a message, a receipt or a delivery in the newest version that was accepted when it was made.

    FILE is XML of an older version; - is stdin. Key, time and content stay the same. A message that is in the newest version
    already is written as it is. A signature is left out, since it was over the bytes of the old version. A delivery and a
    receipt may have any size; a delivery needs -o.

    The result is checked as a receiver would check it. If it is refused, or FILE is, nothing is written, every
    finding goes to stderr, and the exit code is 1, or 3 if a check could not run.

    \b
    exchange upgrade old.xml -o new.xml
    """
    from exchange.cli.results import complain, delivering, kept, source_of
    from exchange.cli.streams import must_be_open
    from exchange.deliveries import is_delivery
    from exchange.errors import InvalidMessage
    from exchange.files.sources import begin
    from exchange.findings.texts import text
    from exchange.model.catalog import shipped
    from exchange.upgrading import write_upgraded

    must_be_open()
    source, head = begin(source_of(file))
    if is_delivery(shipped(), head):
        if output is None:
            raise click.UsageError(_("a delivery is upgraded to a file: name it with -o"))
        return _upgrade_delivery(source, output, overwrite, lang)
    try:
        with kept(source) as document, delivering(output, overwrite=overwrite) as out:
            upgraded = write_upgraded(document, out)
    except InvalidMessage as error:
        return complain(file, error.report, lang)
    if upgraded.signature_removed:
        click.echo(text("upgrade-signature", lang, version=upgraded.old), err=True)
    return 0


def _upgrade_delivery(source: Source, output: Path, overwrite: bool, lang: str) -> int:
    from exchange.cli.refusals import not_written
    from exchange.errors import InvalidDelivery, InvalidMessage
    from exchange.findings.texts import text
    from exchange.upgrading import upgrade_delivery

    try:
        result = upgrade_delivery(source, output, overwrite=overwrite)
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        return not_written(error, lang)
    counts = {"count": result.messages, "upgraded": result.upgraded, "signatures": result.signatures_removed}
    click.echo(text("upgrade-delivery", lang, **counts), err=True)
    return 0
