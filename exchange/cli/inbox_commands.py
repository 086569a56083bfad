"""The commands under `exchange inbox`, with their arguments, options and help. The work stands in modules of its own."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.cli import options


@click.group()
def inbox() -> None:
    """Keep what is received, answer it the same each time, and hand plan drafts out to be processed.

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
_json = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the list.")


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
    help="Receive what comes into this folder, until Ctrl-C; it is moved to DIR/done or DIR/failed then.",
)
@click.option(
    "--settle",
    type=click.IntRange(0, 86_400),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="With --watch, take a file when it has been the same for so long.",
)
@options.lang
def receive(
    files: tuple[Path, ...], url: str, receipts: Path | None, watch: Path | None, settle: int, lang: str
) -> int:
    """Receive messages and deliveries, and answer each FILE with a receipt; folders are walked for *.xml.

    The same message again, alone or in a delivery, gets the same receipt, byte for byte. Another content under the same
    id is a conflict: it is kept, refused and reported. What is refused is kept with its findings. Exit code 1 if anything is
    refused or in conflict.

    If the exit code is 3, receive again: what was kept is known, and its receipt is given again.

    With --watch, write a file under a name that does not end with .xml (*.part, *.tmp) and rename it when it is complete; then
    --settle 0 is safe. Without a rename a file counts as complete when it has been the same for --settle seconds, and one
    that ends before its root element does is waited for. Only *.xml is taken, and no hidden or empty file. A file is moved to
    DIR/processing first, and what a killed program left there is received at the next start. What cannot be read or judged stays in DIR,
    and is tried again. A folder or an inbox that cannot be used is tried again. SIGTERM ends it after the file in hand, with exit code 0.
    """
    from exchange.cli import receiving

    return receiving.receive(files, url, receipts, watch, settle, lang)


@inbox.command(name="list")
@_url
@_json
@click.option(
    "--state",
    type=click.Choice(["current", "taken", "done", "replaced", "withdrawn", "waiting", "refused", "conflict"]),
    help="List only these.",
)
def list_(url: str, form: str, state: str | None) -> int:
    """List all messages: number, state, kind, fund, id, when received. Nothing of what they say of anybody."""
    from exchange.cli import inboxes

    return inboxes.list_all(url, form, state)


@inbox.command()
@click.argument("named", metavar="ID")
@_url
@click.option("--receipt", "what", flag_value="receipt", help="Give the receipt instead, byte for byte.")
@click.option("--xml", "what", flag_value="xml", help="Give the message as it came instead; needs --show-values.")
@options.lang
@options.values
def show(named: str, url: str, what: str | None, lang: str, show_values: bool) -> int:
    """Show the messages with a beskedId, or the one of a number in the list, as JSON with confidential values masked."""
    from exchange.cli import inboxes

    return inboxes.show(named, url, what, lang, show_values)


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
@click.option("--limit", type=click.IntRange(1, 10_000), default=1, show_default=True, help="At most so many.")
@click.option(
    "--timeout", type=click.IntRange(1, 1_000_000), default=60, show_default=True, help="Minutes to confirm them in."
)
@click.option("-o", "--output", type=options.FOLDER, metavar="DIR", help="Write each message's XML into this folder.")
def take(url: str, kinds: tuple[str, ...], limit: int, timeout: int, output: Path | None) -> int:
    """Take current plan drafts to process: a line of JSON for each, with the token to confirm it by.

    Without -o the line holds the message itself, confidential values and all. Nobody else is given it before its
    time has run out; a version that replaces it can be taken at once. Exit code 0, also if there is nothing to take.
    """
    from exchange.cli import inboxes

    return inboxes.take(url, kinds, limit, timeout, output)


@inbox.command()
@click.argument("named", nargs=-1, required=True, metavar="TOKEN...")
@_url
@click.option("--give-back", is_flag=True, help="Give it back instead: others can take it at once.")
@options.lang
def done(named: tuple[str, ...], url: str, give_back: bool, lang: str) -> int:
    """Confirm that messages are processed, by their TOKENs, or by the beskedIds of current ones.

    Exit code 1 for a token that says nothing any more: its time ran out and another took it, or there is a newer version.
    """
    from exchange.cli import inboxes

    return inboxes.done(named, url, give_back, lang)


@inbox.command()
@_url
@click.option(
    "--older-than", type=click.IntRange(0, 100_000), required=True, metavar="DAYS", help="Received so long ago."
)
@click.option("--unprocessed", is_flag=True, help="Also plan drafts that are still to be processed.")
@options.lang
def purge(url: str, older_than: int, unprocessed: bool, lang: str) -> int:
    """Forget what old messages say. Id, digest, times and receipt stay, so each is still answered the same.

    Plan drafts that are current and not confirmed are spared, and what is taken.
    """
    from exchange.cli import inboxes

    return inboxes.purge(url, older_than, unprocessed, lang)
