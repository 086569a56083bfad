"""Lists what is in an outbox, and finds what is to be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select, update

from exchange.databases.stores import Read, rows_in_pages
from exchange.outbox.planning import ACCEPTED, ANNULLER, FAILED, REFUSED
from exchange.outbox.recording import Shipment
from exchange.outbox.results import Listed
from exchange.outbox.tables import BY_USER, HAS_CONTENT, IS_WAITING, MESSAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_PAGE = 500
_FACTS = [name for name in Listed._fields if name in MESSAGE.c and name != "codes"]
_LATER = MESSAGE.alias()
_IS_LATER = (_LATER.c.thread == MESSAGE.c.thread, _LATER.c.number > MESSAGE.c.number)
_HAS_LATER = exists().where(*_IS_LATER)
_ACCEPTED_LATER = (
    select(_LATER.c.handling)
    .where(*_IS_LATER, _LATER.c.outcome == ACCEPTED)
    .order_by(_LATER.c.number.desc())
    .limit(1)
    .scalar_subquery()
)


def listed(read: Read, overdue_before: int | None) -> Iterator[Listed]:
    """Yield every message in the order in which they were recorded; memory does not grow with them."""
    for row in rows_in_pages(read, _page):
        yield _listed(row, overdue_before)


def _page(after: int, connection: Connection) -> Any:
    columns = [MESSAGE.c[name] for name in (*_FACTS, "outcome", "codes", "answered_by")]
    later = (_HAS_LATER.label("corrected"), _ACCEPTED_LATER.label("later"))
    wanted = select(*columns, *later).where(MESSAGE.c.number > after).order_by(MESSAGE.c.number).limit(_PAGE)
    return connection.execute(wanted).all()


def _listed(row: Any, overdue_before: int | None) -> Listed:
    if row.outcome is None:
        state = "unanswered"
    elif row.outcome == FAILED:
        state = "failed"
    elif row.outcome == REFUSED:
        state = "corrected" if row.corrected else "refused"
    elif row.later is None:
        state = "current"
    else:
        state = "withdrawn" if row.later == ANNULLER else "replaced"
    facts = {name: getattr(row, name) for name in _FACTS}
    is_stated = row.outcome is not None and row.answered_by == BY_USER
    if row.outcome is None:
        facts |= {"answered": None, "receipt": None}
    elif is_stated:
        facts["receipt"] = None
    return Listed(
        **facts,
        state=state,
        overdue=state == "unanswered" and overdue_before is not None and row.sent <= overdue_before,
        stated=is_stated,
        codes=tuple((row.codes or "").split()),
    )


def resend(connection: Connection, at: int, sent_before: int, *, refused: bool) -> tuple[str, ...]:
    """Record deliveries of what was sent by then and is not answered; with `refused` of what is refused and not corrected.

    What failed counts as not answered, whenever it was sent: the receiver said that it is to be sent again. Each message keeps
    its beskedId and its bytes. What is recorded and not written yet is left out. Returns the leveranceIds.
    """
    is_past = MESSAGE.c.sent <= sent_before
    if refused:
        is_wanted = and_(MESSAGE.c.outcome == REFUSED, is_past, ~_HAS_LATER)
    else:
        is_wanted = or_(and_(MESSAGE.c.outcome.is_(None), is_past), MESSAGE.c.outcome == FAILED)
    shipment = Shipment(connection, at)
    columns = (MESSAGE.c.number, MESSAGE.c.akassekode, MESSAGE.c.miljoe, MESSAGE.c.besked_id)
    last = 0
    while True:
        wanted = (
            select(*columns)
            .where(MESSAGE.c.number > last, is_wanted, ~IS_WAITING, HAS_CONTENT)
            .order_by(MESSAGE.c.number)
            .limit(_PAGE)
        )
        rows = connection.execute(wanted).all()
        if not rows:
            return shipment.finish()
        last = rows[-1].number
        shipment.add((row.akassekode, row.miljoe, row.besked_id) for row in rows)
        # It is unanswered once more. The time of the answer stays: a receipt of before answers this sending no more.
        again = {"sent": at, "outcome": None, "codes": None}
        connection.execute(update(MESSAGE).where(MESSAGE.c.number.in_([row.number for row in rows])).values(again))
