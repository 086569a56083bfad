"""The commands under `exchange inbox`: their options and help, and how they show what `exchange.inbox` returns.

Each command imports what it needs: `--help` and `--version` need none of it.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import options
from exchange.cli.refused import Group
from exchange.cli.streams import must_be_open

if TYPE_CHECKING:
    from exchange.api import Exchange
    from exchange.inbox import Kept, Listed, Taken
    from exchange.inbox.box import Inbox


@click.group(cls=Group)
@options.lang_of_help
def inbox() -> None:
    """Keep what is received, answer it the same each time, and give plan drafts out to be processed.

    The inbox is an SQLite file, made when it is first named, or a PostgreSQL database. Nothing is acknowledged before
    it is on the disk. Needs SQLAlchemy: pip install 'exchange-par87[inbox]', or 'exchange-par87[postgres]' for PostgreSQL.

    \b
    exchange inbox receive delivery.xml --inbox inbox.db --receipts out
    exchange inbox receive --watch incoming --inbox postgresql://me@host/db --receipts out
    exchange inbox list --inbox inbox.db
    exchange inbox take --inbox inbox.db -o plans
    exchange inbox done TOKEN --inbox inbox.db
    exchange inbox purge --older-than 90 --inbox inbox.db
    """


_url = click.option(
    "--inbox",
    "url",
    required=True,
    envvar="EXCHANGE_INBOX",
    metavar="URL",
    help="A path or sqlite:///path, or postgresql://user@host/database. Default: $EXCHANGE_INBOX.",
)


@inbox.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, metavar="FILE...")
@_url
@click.option(
    "--receipts", type=options.FOLDER, metavar="DIR", help="Write each receipt into this folder. Default: stdout."
)
@click.option(
    "--watch",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Receive what comes into this folder, until Ctrl-C; it is moved then: to DIR/done, or to DIR/failed if none of it is accepted.",
)
@click.option(
    "--settle",
    type=click.IntRange(0, 86_400),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, receive a file when it has not changed for this long.",
)
@options.receipt_version
@options.log_format
@options.lang
def receive(
    files: tuple[Path, ...],
    url: str,
    receipts: Path | None,
    watch: Path | None,
    settle: int,
    receipt_version: int | None,
    log_format: str | None,
    lang: str,
) -> int:
    """Receive messages and deliveries, and answer each FILE with a receipt; folders are searched for *.xml.

    The same message again, by itself or in a delivery, gets the same receipt, byte for byte. Another content under the same
    id is a conflict: it is kept, refused and reported. What is refused is kept with its findings. Exit code 1 if anything is
    refused or in conflict.

    With --receipts each line on stdout is the path of a receipt, a tab, and the file that it answers. The first refused messages of
    a delivery are named on stderr.

    If the exit code is 3, receive again: what was kept is recognised, and its receipt is written again.

    With --watch, write a file under a name that does not end with .xml (*.part, *.tmp) and rename it when it is complete; then
    --settle 0 is safe. Without a rename a file counts as complete when it has been the same for --settle seconds, and one
    that ends before its root element does is waited for. Only *.xml is taken, and no hidden or empty file; other files that have been in DIR for a minute are named once. A file is moved to
    DIR/processing first, and what a killed program left there is received at the next start. What cannot be read or judged stays in DIR,
    and is tried again. A folder or an inbox that cannot be used is tried again. SIGTERM ends it after the current file, with exit code 0.
    """
    if bool(files) == bool(watch):
        raise click.UsageError(_("expected FILE..., or --watch DIR"))
    if log_format and not watch:
        raise click.UsageError(_("--log-format: expected --watch DIR with it"))
    if receipts is None and (watch or len(files) > 1 or files[0].is_dir()):
        raise click.UsageError(_("expected --receipts DIR: the receipt goes to stdout only for a single file"))
    # The receipt goes there, or its name.
    must_be_open()
    from exchange.cli import receiving

    if watch and receipts:
        receiving.watch(watch, url, receipts, settle, lang, log_format or "text", receipt_version)
    return receiving.receive(files, url, receipts, lang, receipt_version)


@inbox.command(name="list")
@_url
@options.list_format
@click.option(
    "--state",
    type=click.Choice(["current", "taken", "done", "replaced", "withdrawn", "waiting", "refused", "conflict"]),
    help="List only these.",
)
@options.lang_of_help
def list_(url: str, form: str, state: str | None) -> int:
    """List all messages: number, state, kind, fund, id, time of receipt. Nothing of their content is shown."""
    from exchange.cli.results import show_list

    with _open(url) as opened:
        wanted = (each for each in opened.list(at=options.moment(None)) if state is None or each.state == state)
        show_list(wanted, form, _facts, _row)
    return 0


@inbox.command()
@click.argument("named", metavar="ID")
@_url
@click.option("--receipt", "what", flag_value="receipt", help="Print the receipt instead, byte for byte.")
@click.option(
    "--xml", "what", flag_value="xml", help="Print the message as it was received instead; needs --show-values."
)
@options.lang
@options.values
def show(named: str, url: str, what: str | None, lang: str, show_values: bool) -> int:
    """Show the messages with a beskedId, or the one of a number in the list, as a JSON list with confidential values masked."""
    from exchange.api import Exchange
    from exchange.cli.results import say_text, show_list

    if what == "xml" and not show_values:
        raise click.UsageError(_("--xml shows confidential values: expected --show-values with it"))
    exchange = Exchange()
    with _open(url, exchange) as opened:
        found = opened.show(named, at=options.moment(None))
    if not found:
        _say_nothing_found(named, lang)
        return 1
    if what is None:
        show_list(found, "json", partial(_all_facts, exchange, show_values=show_values))
        return 0
    if len(found) > 1:
        numbers = ", ".join(str(kept.listed.number) for kept in found)
        raise click.UsageError(
            _("several messages have this id; choose one by its number: {numbers}").format(numbers=numbers)
        )
    data = found[0].receipt if what == "receipt" else found[0].content
    if data is None:
        say_text("inbox-purged", lang)
        return 1
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0


@inbox.command()
@_url
@click.option(
    "--message",
    "kinds",
    multiple=True,
    type=click.Choice(["minPlanUdkast", "samtale", "kravTilJobsoegning"]),
    default=["minPlanUdkast"],
    show_default=True,
    help="What to take; may be given several times.",
)
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=1, show_default=True, help="The most messages to take."
)
@click.option(
    "--timeout",
    type=click.IntRange(1, 1_000_000),
    default=60,
    show_default=True,
    help="Minutes until they must be confirmed.",
)
@click.option("-o", "--output", type=options.FOLDER, metavar="DIR", help="Write each message's XML into this folder.")
@options.lang_of_help
def take(url: str, kinds: tuple[str, ...], limit: int, timeout: int, output: Path | None) -> int:
    """Take current plan drafts to process: a line of JSON for each, with the token to confirm it by.

    Without -o the line holds the message itself, confidential values and all. Nobody else gets it before its time
    has run out; a version that replaces it can be taken at once. Exit code 0, also if there is nothing to take.
    """
    from exchange.api import Exchange
    from exchange.files.writing import write_whole
    from exchange.model import json_documents
    from exchange.model.file_names import file_name
    from exchange.model.shown_paths import shown_path

    # The tokens go there, and a message whose token nobody saw is lent until its time runs out.
    must_be_open()
    exchange = Exchange()
    if output is not None:
        output.mkdir(mode=0o700, exist_ok=True)
    with _open(url, exchange) as opened:
        for each in opened.take(at=options.moment(None), timeout=timedelta(minutes=timeout), kinds=kinds, limit=limit):
            # A code list may have changed since it was accepted: then it is handed out as it came.
            document, _ = exchange.parse_or_report(each.data)
            line = _keys(each) | {"until": options.iso(each.until)}
            del line["data"]
            if output is None:
                line["document"] = document
            else:
                path = output / (file_name(document) if document else f"{each.number}.xml")
                # Taken again after its time ran out, it is the same file.
                write_whole(path, each.data, overwrite=True)
                line["file"] = shown_path(path)
            click.echo(json_documents.dump_line(line), nl=False)
    return 0


@inbox.command()
@click.argument("named", nargs=-1, required=True, metavar="TOKEN...")
@_url
@click.option("--give-back", is_flag=True, help="Give it back instead: others can take it at once.")
@options.lang
def done(named: tuple[str, ...], url: str, give_back: bool, lang: str) -> int:
    """Confirm that messages are processed, by their TOKENs, or by the beskedIds of current ones.

    Exit code 1 for a token that is no longer valid: its time ran out and another took it, or there is a newer version.
    """
    code = 0
    with _open(url) as opened:
        for each in named:
            if not (opened.give_back(each) if give_back else opened.done(each, at=options.moment(None))):
                _say_nothing_found(each, lang)
                code = 1
    return code


@inbox.command()
@_url
@options.older_than("Age of the messages in days, counted from when they were received.")
@click.option("--unprocessed", is_flag=True, help="Also plan drafts that are still to be processed.")
@options.lang
def purge(url: str, older_than: int, unprocessed: bool, lang: str) -> int:
    """Delete the content of old messages. Id, digest, times and receipt stay, so each is still answered the same.

    Plan drafts that are current and not confirmed are kept, and so is what is taken.
    """
    from exchange.cli.results import say_text

    with _open(url) as opened:
        result = opened.purge(older_than=timedelta(days=older_than), at=options.moment(None), unprocessed=unprocessed)
    say_text("inbox-purge", lang, purged=result.purged, spared=result.spared)
    return 0


def _open(url: str, exchange: Exchange | None = None) -> Inbox:
    from exchange import inbox as library

    return library.open(url, exchange=exchange)


def _row(each: Listed) -> str:
    received = options.iso(each.received)
    row = (each.number, each.state, each.kind or "-", each.akassekode or "-", each.besked_id or "-", received)
    return "  ".join(map(str, row))


def _keys(each: Listed | Taken) -> dict[str, Any]:
    """Return the members by their names in output: what a message's own key is called there is its element's name."""
    return {"beskedId" if name == "besked_id" else name: value for name, value in each._asdict().items()}


def _facts(each: Listed) -> dict[str, Any]:
    facts = _keys(each)
    times = {name: options.iso(facts[name]) for name in ("oprettet", "received", "purged", "leased_until", "done_at")}
    return facts | times


def _all_facts(exchange: Exchange, kept: Kept, *, show_values: bool) -> dict[str, Any]:
    """Return what `show` prints of a message; what it says of persons is masked unless `show_values`."""
    from exchange.model.masking import masked
    from exchange.reports.json import report_as_dict

    facts: dict[str, Any] = _facts(kept.listed)
    facts["receipt_name"] = kept.receipt_name
    facts["report"] = report_as_dict(kept.report) if kept.report else None
    document, report = exchange.parse_or_report(kept.content) if kept.content else (None, None)
    if document and report and not show_values:
        document = masked(exchange.catalog.version_of(report), document)
    facts["document"] = document
    return facts


def _say_nothing_found(named: str, lang: str) -> None:
    from exchange.cli.results import say_text
    from exchange.model.values import visible

    say_text("inbox-nothing", lang, named=visible(named, 40))
