"""The command `receiver`: a receiver to practise with."""

from __future__ import annotations

import time
from functools import partial
from gettext import gettext as _
from pathlib import Path

import click

from exchange.cli import options
from exchange.cli.refused import Command

_PAUSE = 0.2


@click.command(cls=Command)
@click.option("--scenario", type=options.FILE, metavar="FILE", help="TOML: how it misbehaves. Default: not at all.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8068, show_default=True, help="The port; 0 takes a free one."
)
@click.option("--in", "incoming", type=options.FOLDER, metavar="DIR", help="Take *.xml files from this folder instead.")
@click.option("--receipts", type=options.FOLDER, metavar="DIR", help="With --in: write the receipts into this folder.")
@options.receipt_version
@options.lang
def receiver(
    scenario: Path | None,
    port: int,
    incoming: Path | None,
    receipts: Path | None,
    receipt_version: int | None,
    lang: str,
) -> int:
    """Receive messages and deliveries for practice, on this machine only, and answer with receipts, until Ctrl-C.

    POST a file to the printed address: 200 with its receipt, 202 without one, 503 if the receiver takes nothing now and it is to
    be sent again. GET /receipts: 200 with a receipt that came later, 204 if there is none. Nothing is kept.

    A scenario has any number of faults, each with its kind and, if not always, how many times:

    \b
    [[fault]]
    kind = "refuse-code"     # also: late, lose, twice, old-version, fail, unavailable
    code = "jobsamtale"
    times = 1
    """
    from exchange.cli.receipts import fresh_head
    from exchange.cli.results import say_text
    from exchange.errors import InvalidScenario
    from exchange.practice import Receiver, read_scenario, serving
    from exchange.runs.interruption import Interrupts

    if (incoming is None) != (receipts is None):
        raise click.UsageError(_("expected --in DIR and --receipts DIR together"))
    try:
        faults = read_scenario(scenario) if scenario else []
    except InvalidScenario as error:
        raise click.UsageError(f"{scenario}: {error}") from None
    practice = Receiver(faults, new_head=partial(fresh_head, receipt_version=receipt_version), lang=lang)
    with Interrupts(terminated=True).taken():
        if incoming is not None and receipts is not None:
            say_text("receiver-folder", lang, folder=incoming)
            while True:
                practice.take_from(incoming, receipts)
                time.sleep(_PAUSE)
        with serving(practice, port) as url:
            say_text("serve-at", lang, address=url)
            while True:
                time.sleep(_PAUSE)
    return 0
