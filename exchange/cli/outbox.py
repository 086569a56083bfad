"""The commands under `exchange outbox`: their options and help, and how they show what `exchange.outbox` returns.

Each command imports what it needs: `--help` and `--version` need none of it.
"""

from __future__ import annotations

import sys
import uuid
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.cli import options
from exchange.cli.refused import Group

if TYPE_CHECKING:
    from exchange.outbox import Answered, Listed, Recorded
    from exchange.outbox.box import Outbox


@click.group(cls=Group)
@options.lang_of_help
def outbox() -> None:
    """Keep track of what was sent: send what is new, correct what changed, and keep what was answered.

    The outbox is an SQLite file, made when it is first named, or a PostgreSQL database. What is sent is recorded there
    before it is written. Needs SQLAlchemy: pip install 'exchange-par87[inbox]', or 'exchange-par87[postgres]' for PostgreSQL.

    \b
    exchange outbox pack rows.jsonl --outbox outbox.db --out-folder out --namespace 6f1d2c3b-4a5e-4f60-8b7c-9d0e1f2a3b4c
    exchange outbox receipt receipts/*.xml --outbox outbox.db
    exchange outbox list --outbox outbox.db --state unanswered
    exchange outbox resend --outbox outbox.db --out-folder out --after 24
    exchange outbox purge --outbox outbox.db --older-than 90
    """


_url = click.option(
    "--outbox",
    "url",
    required=True,
    envvar="EXCHANGE_OUTBOX",
    metavar="URL",
    help="A path or sqlite:///path, or postgresql://user@host/database. Default: $EXCHANGE_OUTBOX.",
)
_folder = click.option(
    "--out-folder",
    "folder",
    type=options.FOLDER,
    required=True,
    metavar="DIR",
    help="Write the deliveries into this folder.",
)
_HOURS = click.IntRange(0, 100_000)


@outbox.command()
@click.argument("source", type=options.SOURCE, metavar="FILE")
@_url
@_folder
@click.option(
    "--namespace",
    callback=options.guid,
    required=True,
    metavar="GUID",
    help="The namespace of the beskedIds: a guid of your own, always the same.",
)
@click.option(
    "--withdraw-missing",
    multiple=True,
    type=click.Choice(["samtale", "minPlanUdkast", "kravTilJobsoegning"]),
    help="Withdraw what was sent of this kind and is no longer in FILE; may be given several times.",
)
@options.lang
def pack(source: Path, url: str, folder: Path, namespace: str, withdraw_missing: tuple[str, ...], lang: str) -> int:
    """Send what FILE says now (- for stdin): write a delivery of what is new, changed and withdrawn.

    FILE has keyed lines, {"key": "…", "document": {…}}, and is the whole of what there is to report. beskedId, handling and
    vedroererBeskedId are set here. What is unchanged is not sent again. What changed is a ret of what was accepted last; while
    that is not answered, it waits for a later run. Content that the receiver refused is not sent again until it changes.

    The messages are recorded before the file is written; what an earlier run recorded and did not write is written too.
    The paths of the deliveries go to stdout. Exit code 1 if a document cannot be sent; the others are sent.
    """
    from exchange.cli.refusals import say_refusals
    from exchange.model.shown_paths import STDIN
    from exchange.outbox import read_keyed_lines

    with nullcontext(sys.stdin.buffer) if source == STDIN else source.open("rb") as lines, _open(url) as opened:
        recorded = opened.record(
            read_keyed_lines(lines),
            namespace=uuid.UUID(namespace),
            at=options.moment(None),
            withdraw_missing=withdraw_missing,
        )
        _write(opened, folder, lang)
    say_refusals((refusal._replace(source=source) for refusal in recorded.refusals), recorded.refused, lang)
    _say_recorded(recorded, lang)
    return 3 if recorded.undetermined else 1 if recorded.refused else 0


@outbox.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@_url
@options.lang
def receipt(files: tuple[Path, ...], url: str, lang: str) -> int:
    """Take receipts in: record which messages they accept and refuse, and which failed; folders are searched for *.xml.

    Of several receipts for a message the latest decides; the same one again changes nothing. Exit code 1 if a receipt is not
    sound, if anything is refused or failed, or if a receipt names a message that was not sent from here.
    """
    from exchange.cli.results import say
    from exchange.errors import InvalidMessage
    from exchange.files.walking import walk
    from exchange.findings.finding import lines
    from exchange.model.shown_paths import shown_path
    from exchange.receipts import read_receipt

    code = 0
    with _open(url) as opened:
        for path, fault in walk(files, lang):
            shown = shown_path(path)
            if fault is not None:
                say([f"{shown}: {fault}"])
                code = 3
                continue
            try:
                answered = opened.take_in(read_receipt(path))
            except InvalidMessage as invalid:
                say(lines(shown, invalid.report, lang))
                code = max(code, 1)
                continue
            say([f"{shown}: {_words_of(answered, lang)}"])
            if answered.refused or answered.failed or answered.contradicted or answered.unknown or answered.changed:
                code = max(code, 1)
    return code


@outbox.command(name="list")
@_url
@options.list_format
@click.option(
    "--state",
    type=click.Choice(["unanswered", "overdue", "failed", "current", "replaced", "withdrawn", "refused", "corrected"]),
    help="List only these.",
)
@click.option(
    "--after", "hours", type=_HOURS, metavar="HOURS", help="An unanswered message is overdue after this many hours."
)
@options.values
@options.lang_of_help
def list_(url: str, form: str, state: str | None, hours: int | None, show_values: bool) -> int:
    """List what was sent: number, state, kind, handling, fund, id, when it was sent, the codes of what was found.

    Unanswered messages that were sent --after HOURS ago are overdue; there is no legal deadline. "stated" marks what the user has
    said to be accepted. The keys of the source are shown with --show-values only: they may name a person.
    """
    from exchange.cli.results import show_list

    if state == "overdue" and hours is None:
        raise click.UsageError(_("--state overdue: expected --after HOURS"))
    after = None if hours is None else timedelta(hours=hours)
    with _open(url) as opened:
        wanted = (
            each
            for each in opened.list(at=options.moment(None), after=after)
            if state in (None, each.state) or (state == "overdue" and each.overdue)
        )
        show_list(wanted, form, partial(_facts, show_values=show_values), _row)
    return 0


@outbox.command()
@_url
@_folder
@click.option(
    "--after",
    "hours",
    type=_HOURS,
    default=0,
    show_default=True,
    metavar="HOURS",
    help="Count a message only when it was sent this many hours ago.",
)
@click.option("--refused", is_flag=True, help="Send what is refused instead, when its receiver has removed the reason.")
@options.lang
def resend(url: str, folder: Path, hours: int, refused: bool, lang: str) -> int:
    """Send again exactly what is not answered, or failed: the same messages with the same beskedIds, in a new delivery.

    What failed could not be judged by the receiver; it is sent however long ago that was.
    """
    with _open(url) as opened:
        opened.resend(at=options.moment(None), after=timedelta(hours=hours), refused=refused)
        _write(opened, folder, lang)
    return 0


@outbox.command()
@click.argument("ids", nargs=-1, required=True, callback=options.guids, metavar="ID...")
@_url
@options.lang
def accept(ids: tuple[str, ...], url: str, lang: str) -> int:
    """Record that the receiver has accepted messages, when you know it from another source than a receipt.

    ID is a leveranceId, for all messages of that delivery, or a beskedId. It is your statement: the list says so, a message that is
    answered keeps its answer, and a receipt that comes later decides anew. Corrections are sent from then on.
    Exit code 1 if an ID was never sent from here.
    """
    from exchange.cli.results import say_text

    with _open(url) as opened:
        stated = opened.accept(ids, at=options.moment(None))
    for each in stated.unknown:
        say_text("outbox-unknown", lang, named=each)
    say_text("outbox-stated", lang, accepted=stated.accepted, answered=stated.answered)
    return 1 if stated.unknown else 0


@outbox.command()
@_url
@options.older_than("Age in days, counted from when the last message of a key was accepted.")
@options.lang
def purge(url: str, older_than: int, lang: str) -> int:
    """Delete the content of a key's messages when the last of them was accepted so long ago.

    Ids, digests, answers and keys stay, so nothing is sent twice, and what changes is corrected. What is not answered or is refused
    is kept. A key that is purged is not withdrawn any more when it is missing in the source.
    """
    from exchange.cli.results import say_text

    with _open(url) as opened:
        result = opened.purge(older_than=timedelta(days=older_than), at=options.moment(None))
    say_text("outbox-purge", lang, purged=result.purged, spared=result.spared)
    return 0


def _write(opened: Outbox, folder: Path, lang: str) -> None:
    """Write what is recorded; print the paths."""
    from exchange.cli.refusals import written

    for each in opened.write(folder, at=options.moment(None)):
        written(each.path, each.messages, lang)


def _open(url: str) -> Outbox:
    from exchange import outbox as library

    return library.open(url)


def _say_recorded(recorded: Recorded, lang: str) -> None:
    from exchange.cli.results import say_text

    steps = ("opret", "ret", "annuller", "unchanged", "waiting", "refused")
    say_text("outbox-recorded", lang, **{step: recorded.counts.get(step, 0) for step in steps})


def _words_of(answered: Answered, lang: str) -> str:
    from exchange.findings.texts import text

    counts = answered._asdict()
    del counts["receipt"]
    return text("outbox-answered", lang, **counts)


def _row(each: Listed) -> str:
    state = "overdue" if each.overdue else each.state
    row = (each.number, state, each.kind, each.handling, each.akassekode, each.besked_id, options.iso(each.sent))
    return "  ".join(map(str, (*row, *(["stated"] if each.stated else []), *each.codes)))


def _facts(each: Listed, *, show_values: bool) -> dict[str, Any]:
    """Return the members by their names in output: what a message's own key is called there is its element's name."""
    names = {"besked_id": "beskedId", "about": "vedroererBeskedId"}
    facts = {names.get(name, name): value for name, value in each._asdict().items()}
    if not show_values:
        del facts["source_key"]
    return facts | {name: options.iso(facts[name]) for name in ("sent", "answered")}
