"""The command `changes`: its options and help, and how changes are shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.changes import DatedChange, Rejudged


@click.command(cls=Command)
@click.option("--from", "since", type=options.DAY, metavar="DATE", required=True, help="The first day.")
@click.option("--to", "until", type=options.DAY, metavar="DATE", required=True, help="The second day.")
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form on stdout. Default: text."
)
@options.lang
def changes(since: date, until: date, paths: tuple[Path, ...], form: str, lang: str) -> int:
    """Show what changes between two days in codes, versions, rules and law; of PATHS, which messages are judged otherwise.

    A day is a Danish local date. What changes after the first day, up to the second, is shown. Each message is
    judged as if it came about on either day. Exit code 1 if a message that is accepted on the first day is rejected on the
    second, 3 if a file cannot be read.

    \b
    exchange changes --from 2023-12-31 --to 2024-01-01 folder/
    """
    from exchange.changes import between, rejudge
    from exchange.errors import UnreadableSource
    from exchange.files.walking import walk
    from exchange.findings.texts import text
    from exchange.model import json_documents

    dated = between(since, until)
    if form == "text":
        for change in dated:
            click.echo(_line(change, lang))
        if not dated:
            click.echo(text("changes-none", lang))
    files: list[dict[str, Any]] = []
    code = 0
    for path, fault in walk(paths, lang):
        try:
            if fault is not None:
                raise OSError(fault)
            for message in rejudge(path, since, until):
                code = max(code, int(message.is_worse))
                if form == "json":
                    files.append({"file": str(path), **message._asdict()})
                else:
                    click.echo("\n".join(_lines(path, message, lang)))
        except (OSError, UnreadableSource) as error:
            click.echo(f"exchange: {path}: {getattr(error, 'strerror', None) or error}", err=True)
            code = 3
    if form == "json":
        listed = [{**change._asdict(), "day": str(change.day), "what": change.what._asdict()} for change in dated]
        document = {"from": str(since), "to": str(until), "changes": listed, "messages": files}
        click.echo(json_documents.dump(document), nl=False)
    return code


def _line(change: DatedChange, lang: str) -> str:
    from exchange.findings.texts import text

    what = change.what.da if lang == "da" else change.what.en
    return f"{change.day}  {text(f'changes-{change.kind}', lang)} {change.subject}: {what}"


def _lines(path: Path, message: Rejudged, lang: str) -> Iterator[str]:
    from exchange.findings.texts import text

    number = "" if message.number is None else f"#{message.number}"
    verdicts = dict.fromkeys(text(verdict, lang) for verdict in (message.before, message.after))
    yield f"{path}{number}: {' → '.join(verdicts)}"
    for code, place, *severities in message.findings:
        words = " → ".join(text(severity, lang) if severity else text("page-nothing", lang) for severity in severities)
        yield f"  {code} {place}: {words}"
