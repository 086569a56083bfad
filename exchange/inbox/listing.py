"""Lists what is in an inbox, and the state of each message, without what it says of a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, or_, select

from exchange.databases.stores import Read, rows_in_pages
from exchange.deliveries.record import report_from_json
from exchange.inbox.results import Kept, Listed
from exchange.inbox.storing import ACCEPTED
from exchange.inbox.tables import MESSAGE, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_PAGE = 500
_FACTS = [name for name in Listed._fields if name in MESSAGE.c]
_OF_THREAD = [THREAD.c[name] for name in ("current", "withdrawn", "leased", "leased_until", "done", "done_at")]


def listed(read: Read, at: int) -> Iterator[Listed]:
    """Yield every message in the order in which they were received; memory does not grow with them."""
    for row in rows_in_pages(read, _page):
        yield _listed(row, at)


def _page(after: int, connection: Connection) -> Any:
    wanted = _joined().where(MESSAGE.c.number > after).order_by(MESSAGE.c.number).limit(_PAGE)
    return connection.execute(wanted).all()


def _joined(*more: str) -> Any:
    columns = [MESSAGE.c[name] for name in (*_FACTS, "key", "thread", *more)]
    return select(*columns, *_OF_THREAD).outerjoin(THREAD, THREAD.c.key == MESSAGE.c.thread)


def _listed(row: Any, at: int) -> Listed:
    taken = row.leased == row.key and row.leased_until > at
    done = row.done == row.key
    if row.outcome != ACCEPTED:
        state = row.outcome
    elif row.thread is None:
        state = "waiting"
    elif row.current != row.key:
        state = "withdrawn" if row.withdrawn else "replaced"
    else:
        state = "taken" if taken else "done" if done else "current"
    return Listed(
        **{name: getattr(row, name) for name in _FACTS},
        state=state,
        leased_until=row.leased_until if taken else None,
        done_at=row.done_at if done else None,
    )


def shown(connection: Connection, named: str, at: int) -> list[Kept]:
    """Return the messages with a beskedId, or the one with this number."""
    mine: list[ColumnElement[bool]] = [MESSAGE.c.besked_id.in_({named, named.lower(), named.upper()})]
    if named.isascii() and named.isdigit() and len(named) < 19:
        mine.append(MESSAGE.c.number == int(named))
    wanted = _joined("content", "findings", "receipt_name", "receipt").where(or_(*mine)).order_by(MESSAGE.c.number)
    return [
        Kept(
            _listed(row, at),
            row.content,
            report_from_json(json.loads(row.findings)) if row.findings else None,
            row.receipt_name,
            row.receipt,
        )
        for row in connection.execute(wanted)
    ]
