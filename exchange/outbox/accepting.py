"""Records that the user knows by another way than a receipt that messages were accepted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from exchange.outbox.planning import ACCEPTED, FAILED
from exchange.outbox.results import Stated
from exchange.outbox.tables import BY_USER, ENTRY, MESSAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def accept(connection: Connection, ids: Iterable[str], at: int) -> Stated:
    """Record as accepted what is not answered, or failed, of messages, or of the messages of deliveries, by their ids."""
    accepted = answered = 0
    unknown = []
    for each in dict.fromkeys(each.lower() for each in ids):
        named = or_(
            MESSAGE.c.besked_id == each,
            MESSAGE.c.besked_id.in_(select(ENTRY.c.besked_id).where(ENTRY.c.leverance_id == each)),
        )
        count = connection.execute(select(func.count()).select_from(MESSAGE).where(named)).scalar_one()
        is_open = or_(MESSAGE.c.outcome.is_(None), MESSAGE.c.outcome == FAILED)
        values = {"outcome": ACCEPTED, "answered": at, "answered_by": BY_USER, "codes": None}
        done = connection.execute(update(MESSAGE).where(named, is_open).values(values)).rowcount
        accepted += done
        answered += count - done
        if not count:
            unknown.append(each)
    return Stated(accepted, answered, tuple(unknown))
