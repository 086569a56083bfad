"""The command `generate`: its options and help, and how its result is shown."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from exchange.cli import options
from exchange.cli.refused import Command
from exchange.cli.streams import must_be_open

_MADE = ("samtale", "minPlanUdkast", "kravTilJobsoegning")


@click.command(cls=Command)
@click.argument("what", type=click.Choice([*_MADE, "mixed", "delivery"]))
@click.option("--count", type=click.IntRange(1), required=True, help="Number of messages.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives other messages.")
@click.option(
    "--size", type=click.IntRange(0), default=4096, show_default=True, help="Approximate size of a message in bytes."
)
@click.option(
    "--invalid",
    type=click.FloatRange(0, 1),
    default=0.0,
    metavar="SHARE",
    help="The share of messages with one fault each, from 0 to 1. Default: 0.",
)
@click.option("--akasse", "akassekode", metavar="CODE", help="The fund. Default: one chosen by the seed.")
@click.option("--messages", multiple=True, type=click.Choice(_MADE), help="What is mixed. Default: all three.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write files into this new folder; a delivery into this file."
)
@click.option(
    "--json-lines",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write JSON instead, a message a line.",
)
@options.overwrite
@options.lang
def generate(
    what: str,
    messages: tuple[str, ...],
    out: Path | None,
    json_lines: Path | None,
    overwrite: bool,
    lang: str,
    **request: Any,
) -> int:
    """Generate messages for tests: realistic, of a chosen size, the same ones for the same seed.

    All persons are made up, with numbers that nobody alive can have. The findings expected of the invalid messages
    go to a file of their own, a line of JSON for each: expected.jsonl in the folder, or FILE.expected.jsonl.
    Folder and files appear whole or not at all.

    \b
    exchange generate samtale --count 1000 --seed 7 --out inbox/
    exchange generate mixed --count 1000 --invalid 0.1 --json-lines messages.jsonl
    exchange generate delivery --count 100000 --size 2048 --akasse 67 --out delivery.xml
    """
    from exchange import testdata
    from exchange.cli.bar import messages_done
    from exchange.cli.results import taken
    from exchange.findings.texts import text
    from exchange.model.shown_paths import shown_path

    must_be_open()
    if what in _MADE and messages:
        raise click.UsageError(_("--messages chooses what is mixed; it goes with mixed and delivery"))
    target = out or json_lines
    if target is None or (out and json_lines) or (json_lines and what == "delivery"):
        raise click.UsageError(_("expected --out or --json-lines, not both; a delivery goes to --out FILE"))
    wanted = testdata.Request(names=(what,) if what in _MADE else messages or _MADE, **request)
    remedy = ""
    try:
        with messages_done(wanted.count) as progress:
            if json_lines:
                made = testdata.generate_lines(wanted, target, overwrite=overwrite, progress=progress)
            elif what == "delivery":
                made = testdata.generate_delivery(wanted, target, overwrite=overwrite, progress=progress)
            else:
                remedy = _("name a folder that does not, or that is empty")
                made = testdata.generate_folder(wanted, target, progress=progress)
    except FileExistsError as error:
        raise taken(error, remedy) from None
    path = shown_path(target)
    click.echo(text("generate-done", lang, count=made.count, invalid=made.invalid, size=made.size, path=path))
    return 0
