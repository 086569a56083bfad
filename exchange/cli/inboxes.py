"""The commands on what an inbox holds: list, show, take, done, purge."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange import inbox
from exchange.api import Exchange
from exchange.cli.refusals import say
from exchange.cli.streams import must_be_open
from exchange.errors import InboxRefused
from exchange.files.writing import write_whole
from exchange.findings.texts import text
from exchange.model import json_documents
from exchange.model.catalog import Version
from exchange.model.file_names import file_name
from exchange.model.shown_paths import shown_path
from exchange.model.spec import Simple
from exchange.model.values import MASK, visible
from exchange.reports.json import report_as_dict

if TYPE_CHECKING:
    from collections.abc import Callable

    from exchange.errors import InboxUnavailable
    from exchange.inbox.box import Inbox
    from exchange.inbox.listing import Kept, Listed


def open_inbox(
    url: str,
    *,
    exchange: Exchange | None = None,
    lang: str = "da",
    wait: Callable[[InboxUnavailable], None] | None = None,
) -> Inbox:
    """Open an inbox as `exchange.inbox.open` does. Raises click.UsageError for a URL that names none that can be kept."""
    try:
        return inbox.open(url, exchange=exchange, lang=lang, wait=wait)
    except InboxRefused as refused:
        raise click.UsageError(str(refused)) from None


def list_all(url: str, form: str, state: str | None) -> int:
    """List messages."""
    with open_inbox(url) as opened:
        for each in opened.list(at=_now()):
            if state is None or each.state == state:
                click.echo(json_documents.dump_line(_facts(each)) if form == "json" else f"{_line(each)}\n", nl=False)
    return 0


def _line(each: Listed) -> str:
    received = _iso(each.received)
    said = (each.number, each.state, each.kind or "-", each.akassekode or "-", each.besked_id or "-", received)
    return "  ".join(map(str, said))


def _facts(each: Listed) -> dict[str, Any]:
    facts = each._asdict()
    times = {name: _iso(facts[name]) for name in ("oprettet", "received", "purged", "leased_until", "done_at")}
    return facts | times


def show(named: str, url: str, what: str | None, lang: str, show_values: bool) -> int:
    """Show messages."""
    if what == "xml" and not show_values:
        raise click.UsageError("--xml gives confidential values: expected --show-values with it")
    exchange = Exchange()
    with open_inbox(url, exchange=exchange) as opened:
        found = opened.show(named, at=_now())
    if not found:
        say([text("inbox-nothing", lang, named=visible(named, 40))])
        return 1
    if what is not None and len(found) > 1:
        numbers = ", ".join(str(kept.listed.number) for kept in found)
        raise click.UsageError(f"several messages have this id; name one by its number: {numbers}")
    if what is None:
        for kept in found:
            click.echo(json_documents.dump(_told(exchange, kept, show_values=show_values)), nl=False)
        return 0
    data = found[0].receipt if what == "receipt" else found[0].content
    if data is None:
        say([text("inbox-purged", lang)])
        return 1
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return 0


def _told(exchange: Exchange, kept: Kept, *, show_values: bool) -> dict[str, Any]:
    told: dict[str, Any] = _facts(kept.listed)
    told["receipt_name"] = kept.receipt_name
    told["report"] = report_as_dict(kept.report) if kept.report else None
    document, report = exchange.parse_or_report(kept.content) if kept.content else (None, None)
    told["document"] = None
    if document and report:
        name = str(report.message)
        version = next(v for v in exchange.catalog.of(name) if v.version == report.version)
        told["document"] = document if show_values else {name: _masked(version, document[name], f"/{name}")}
    return told


def _masked(version: Version, value: Any, path: str) -> Any:
    """Give a content with every confidential value masked; what no field is known of counts as confidential."""
    if isinstance(value, Mapping):
        return {key: _masked(version, below, f"{path}/{key}") for key, below in value.items()}
    if isinstance(value, list):
        # The dict does not say what its items are called.
        (item,) = (at for at in version.fields if at.rpartition("/")[0] == path)
        return [_masked(version, below, item) for below in value]
    field = version.fields.get(path)
    is_open = field is not None and isinstance(field.type, Simple) and field.type.confidential is None
    return value if is_open else MASK


def take(url: str, kinds: tuple[str, ...], limit: int, timeout: int, output: Path | None) -> int:
    """Take messages to process."""
    # The tokens go there, and a message whose token nobody saw is lent until its time runs out.
    must_be_open()
    exchange = Exchange()
    if output is not None:
        output.mkdir(mode=0o700, exist_ok=True)
    with open_inbox(url, exchange=exchange) as opened:
        for each in opened.take(at=_now(), timeout=timedelta(minutes=timeout), kinds=kinds, limit=limit):
            # A code list may have changed since it was accepted: then it is handed out as it came.
            document, _ = exchange.parse_or_report(each.data)
            line: dict[str, Any] = {
                "token": each.token,
                "number": each.number,
                "kind": each.kind,
                "akassekode": each.akassekode,
                "besked_id": each.besked_id,
                "miljoe": each.miljoe,
                "withdraws": each.withdraws,
                "sha256": each.sha256,
                "until": _iso(each.until),
            }
            if output is None:
                line["document"] = document
            else:
                path = output / (file_name(document) if document else f"{each.number}.xml")
                # Taken again after its time ran out, it is the same file.
                write_whole(path, each.data, overwrite=True)
                line["file"] = shown_path(path, show_values=False)
            click.echo(json_documents.dump_line(line), nl=False)
    return 0


def done(named: tuple[str, ...], url: str, give_back: bool, lang: str) -> int:
    """Confirm what was taken, or give it back; give the exit code."""
    code = 0
    with open_inbox(url) as opened:
        for each in named:
            fine = opened.give_back(each) if give_back else opened.done(each, at=_now())
            if not fine:
                say([text("inbox-nothing", lang, named=visible(each, 40))])
                code = 1
    return code


def purge(url: str, days: int, unprocessed: bool, lang: str) -> int:
    """Forget what old messages say."""
    with open_inbox(url) as opened:
        result = opened.purge(older_than=timedelta(days=days), at=_now(), unprocessed=unprocessed)
    say([text("inbox-purge", lang, purged=result.purged, spared=result.spared)])
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
