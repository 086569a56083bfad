"""Purges the content of old messages: id, digest, times and receipt stay, so that each is still answered the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from exchange.inbox.leases import PLAN, TO_PROCESS
from exchange.inbox.results import Purged
from exchange.inbox.tables import MESSAGE, THREAD

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def purge(connection: Connection, before: int, at: int, *, unprocessed: bool) -> Purged:
    """Purge messages received before a time.

    A plan draft that is current and not confirmed, or that waits for another message, and whatever is taken, is spared,
    unless `unprocessed`.
    """
    to_process = select(THREAD.c.current).where(or_(TO_PROCESS, THREAD.c.leased_until > at))
    waiting = (MESSAGE.c.outcome == "accepted") & MESSAGE.c.thread.is_(None) & (MESSAGE.c.kind == PLAN)
    old = (MESSAGE.c.received < before) & MESSAGE.c.purged.is_(None)
    spare = waiting | MESSAGE.c.key.in_(to_process)
    spared = 0
    if not unprocessed:
        spared = connection.execute(select(func.count()).select_from(MESSAGE).where(old, spare)).scalar_one()
        old &= ~spare
    done = connection.execute(update(MESSAGE).where(old).values(content=None, findings=None, purged=at))
    return Purged(done.rowcount, spared)
